"""Two people decide on every way; who recommended a rejection is remembered.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def run(statement, **values):
    op.get_bind().execute(sa.text(statement), values)


def upgrade():
    with op.batch_alter_table("stored_file") as batch:
        batch.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(batch.f("ix_stored_file_expires_at"), ["expires_at"])
    with op.batch_alter_table("application") as batch:
        batch.add_column(sa.Column("is_two_person", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("recommended_reason_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("rejection_recommended_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_application_recommended_reason_id_reason"), "reason", ["recommended_reason_id"], ["id"],
            ondelete="RESTRICT",
        )
        batch.create_foreign_key(
            batch.f("fk_application_rejection_recommended_by_id_user"), "user", ["rejection_recommended_by_id"], ["id"],
            ondelete="RESTRICT",
        )
    # what was sent keeps the rule its process has now
    run(
        "UPDATE application SET is_two_person = COALESCE((SELECT accreditation_process.is_two_person "
        "FROM accreditation_process WHERE accreditation_process.event_id = application.event_id "
        "AND application.submitted_at IS NOT NULL), :no)",
        no=False,
    )
    run(
        "UPDATE application SET recommended_reason_id = reason_id, reason_id = NULL "
        "WHERE recommended IS NOT NULL AND decided_at IS NULL"
    )
    run(
        "UPDATE application SET rejection_recommended_by_id = recommended_by_id "
        "WHERE recommended = 'rejected' AND decided_at IS NOT NULL"
    )
    # a decision that was made is no longer a recommendation
    run(
        "UPDATE application SET recommended = NULL, recommended_by_id = NULL, recommended_message = '' "
        "WHERE decided_at IS NOT NULL"
    )
    with op.batch_alter_table("application") as batch:
        batch.alter_column("is_two_person", existing_type=sa.Boolean(), nullable=False)


def downgrade():
    with op.batch_alter_table("stored_file") as batch:
        batch.drop_index(batch.f("ix_stored_file_expires_at"))
        batch.drop_column("expires_at")
    run(
        "UPDATE application SET reason_id = recommended_reason_id "
        "WHERE recommended IS NOT NULL AND recommended <> 'revoked' AND decided_at IS NULL"
    )
    run(
        "UPDATE application SET recommended = NULL, recommended_by_id = NULL, recommended_message = '' "
        "WHERE recommended = 'revoked'"
    )
    with op.batch_alter_table("application") as batch:
        batch.drop_constraint(batch.f("fk_application_recommended_reason_id_reason"), type_="foreignkey")
        batch.drop_constraint(batch.f("fk_application_rejection_recommended_by_id_user"), type_="foreignkey")
        for name in ("rejection_recommended_by_id", "recommended_reason_id", "is_two_person"):
            batch.drop_column(name)
