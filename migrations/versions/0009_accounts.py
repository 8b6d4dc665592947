"""Mailed links of every purpose, wrong guesses, the end of sessions, and a record that cannot be changed.

Links to sign in that were mailed before work no longer: they are good for half an hour. Those who are signed in stay
so for as long as others do.

Revision ID: 0009
Revises: 0008
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from consult.database import allow_changes, forbid_changes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PURPOSES = "purpose IN ('sign_up', 'sign_in', 'new_password')"


def upgrade():
    op.drop_table("sign_in_link")
    op.create_table(
        "mailed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.CheckConstraint(PURPOSES, name=op.f("ck_mailed_link_linkpurpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_mailed_link_key_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_mailed_link_ref")),
    )
    op.create_index("ix_mailed_link_email", "mailed_link", ["email", "purpose", "made_at"])
    op.create_table(
        "failed_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_failed_attempts_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_failed_attempts_ref")),
    )
    op.create_index("ix_failed_attempts_last_at", "failed_attempts", ["last_at"])
    with op.batch_alter_table("device") as batch:
        batch.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("idle_minutes", sa.Integer(), nullable=True))
    device = sa.table(
        "device", sa.column("id", sa.Integer), sa.column("signed_in_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)), sa.column("idle_minutes", sa.Integer),
    )  # fmt: skip
    connection = op.get_bind()
    rows = connection.execute(sa.select(device.c.id, device.c.signed_in_at)).all()
    if rows:
        statement = sa.update(device).where(device.c.id == sa.bindparam("number"))
        statement = statement.values(ends_at=sa.bindparam("ends"), idle_minutes=14 * 24 * 60)
        connection.execute(statement, [{"number": n, "ends": at + timedelta(days=60)} for n, at in rows])
    with op.batch_alter_table("device") as batch:
        batch.alter_column("ends_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("idle_minutes", existing_type=sa.Integer(), nullable=False)
    forbid_changes(connection, "audit_entry", except_to=["actor_name", "detail"])


def downgrade():
    allow_changes(op.get_bind(), "audit_entry")
    with op.batch_alter_table("device") as batch:
        batch.drop_column("idle_minutes")
        batch.drop_column("ends_at")
    op.drop_table("failed_attempts")
    op.drop_table("mailed_link")
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sign_in_link_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_sign_in_link_key_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_sign_in_link_ref")),
    )
    op.create_index(op.f("ix_sign_in_link_user_id"), "sign_in_link", ["user_id"])
