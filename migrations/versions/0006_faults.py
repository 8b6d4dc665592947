"""What is remembered of faults: of the mail server, of messages it hung up at, of work that was tried in vain.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OLD_RUNS, RUNS = ("requested", "ready"), ("requested", "ready", "failed")
CLAIMED = ("badge_run", "attendance_import")


def run(statement, **values):
    op.get_bind().execute(sa.text(statement), values)


def choice(name, values):
    return "{} IN ({})".format(name, ", ".join(f"'{value}'" for value in values))


def allow(statuses):
    """Say anew what the status of a run may be."""
    with op.batch_alter_table("badge_run") as batch:
        batch.drop_constraint(batch.f("ck_badge_run_badgerunstatus"), type_="check")
        batch.create_check_constraint(batch.f("ck_badge_run_badgerunstatus"), choice("status", statuses))


def add(table, name, kind, value):
    """A column that must not be empty, with what the rows that are there get."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(sa.Column(name, kind, nullable=True))
    run(f"UPDATE {table} SET {name} = :value", value=value)
    with op.batch_alter_table(table) as batch:
        batch.alter_column(name, existing_type=kind, nullable=False)


def upgrade():
    op.create_table(
        "mail_server",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=8), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_server")),
        sa.UniqueConstraint("ref", name=op.f("uq_mail_server_ref")),
    )
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    add("message", "is_apart", sa.Boolean(), False)
    for table in CLAIMED:
        add(table, "attempts", sa.Integer(), 0)
    allow(RUNS)


def downgrade():
    # an older release knows no run that failed
    run("DELETE FROM badge_run WHERE status = 'failed'")
    allow(OLD_RUNS)
    for table in CLAIMED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("attempts")
    with op.batch_alter_table("message") as batch:
        batch.drop_column("is_apart")
        batch.drop_column("failing_since")
    op.drop_table("mail_server")
