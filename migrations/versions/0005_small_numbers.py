"""A report says whether its tables hide small numbers.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("report") as batch:
        batch.add_column(sa.Column("hides_small", sa.Boolean(), nullable=True))
    # what was published showed its numbers
    op.get_bind().execute(sa.text("UPDATE report SET hides_small = :no"), {"no": False})
    with op.batch_alter_table("report") as batch:
        batch.alter_column("hides_small", existing_type=sa.Boolean(), nullable=False)


def downgrade():
    with op.batch_alter_table("report") as batch:
        batch.drop_column("hides_small")
