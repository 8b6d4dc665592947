"""Letters say which dates they certify and whether a newer one took their place.

Revision ID: 0007
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    _letters()


def downgrade():
    with op.batch_alter_table("letter") as batch:
        batch.drop_column("is_replaced")
        batch.drop_column("last_day")
        batch.drop_column("first_day")


def _letters():
    with op.batch_alter_table("letter") as batch:
        batch.add_column(sa.Column("first_day", sa.Date(), nullable=True))
        batch.add_column(sa.Column("last_day", sa.Date(), nullable=True))
        batch.add_column(sa.Column("is_replaced", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("letter") as batch:
        batch.alter_column("is_replaced", existing_type=sa.Boolean(), server_default=None)
