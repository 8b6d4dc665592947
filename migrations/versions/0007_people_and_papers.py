"""What letters certify; roles in teams wait for an answer.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from consult.sealing import sealed_key, unsealed_key

STATUSES = ("pending", "confirmed", "waitlisted", "offered", "declined", "withdrawn", "cancelled")
ROLES = ("manager", "accreditation_officer", "rapporteur", "door_staff", "visa_officer")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    _letters()
    _teams()
    _official()
    with op.batch_alter_table("door_pass") as batch:
        batch.add_column(sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True))
    _asked()
    _seal(sealed_key, 40, 80)


def downgrade():
    _seal(unsealed_key, 80, 40)
    _down_asked()
    with op.batch_alter_table("door_pass") as batch:
        batch.drop_column("listed_at")
    with op.batch_alter_table("registration") as batch:
        batch.drop_column("official_confirmed_at")
    _down_teams()
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



def _teams():
    """A role waits for an answer. Who may read passports was named by one person: a second one confirms them now."""
    op.create_table(
        "team_invitation",
        *_row(),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", _word("teamrole", *ROLES), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        _key("team_invitation", "event_id", "event"),
        _key("team_invitation", "named_by_id", "user", ondelete="SET NULL"),
        _key("team_invitation", "confirmed_by_id", "user", ondelete="SET NULL"),
        *_unique("team_invitation", ["ref"], ["event_id", "email", "role"]),
    )
    op.create_index(op.f("ix_team_invitation_email"), "team_invitation", ["email"])
    with op.batch_alter_table("team_member") as batch:
        batch.add_column(sa.Column("confirmed_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_team_member_confirmed_by_id"), "user", ["confirmed_by_id"], ["id"], ondelete="SET NULL"
        )
    op.execute(
        "INSERT INTO team_invitation (ref, event_id, email, role, named_by_id, named_at) "
        "SELECT team_member.ref, event_id, email, team_member.role, granted_by_id, since FROM team_member "
        'JOIN "user" ON "user".id = team_member.user_id WHERE team_member.role = \'visa_officer\''
    )
    op.execute("DELETE FROM team_member WHERE role = 'visa_officer'")


def _down_teams():
    """Who was a visa officer, or is named, was or is one by a single name in the older release."""
    op.execute(
        "INSERT INTO team_member (ref, event_id, user_id, role, granted_by_id, since) "
        'SELECT team_invitation.ref, event_id, "user".id, team_invitation.role, named_by_id, named_at '
        'FROM team_invitation JOIN "user" ON "user".email = team_invitation.email '
        "WHERE team_invitation.role = 'visa_officer' AND confirmed_by_id IS NULL AND NOT EXISTS (SELECT 1 FROM "
        'team_member AS other WHERE other.event_id = team_invitation.event_id AND other.user_id = "user".id '
        "AND other.role = team_invitation.role)"
    )
    with op.batch_alter_table("team_member") as batch:
        batch.drop_constraint(batch.f("fk_team_member_confirmed_by_id"), type_="foreignkey")
        batch.drop_column("confirmed_by_id")
    op.drop_table("team_invitation")


def _official():
    """Who has a place keeps it. Who waits and says they come for a State is to be confirmed first."""
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("official_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    is_official = "stakeholder IN ('member-state', 'un-entity', 'intergovernmental')"
    is_confirmed = (
        "EXISTS (SELECT 1 FROM organisation WHERE organisation.id = organisation_id AND "
        "organisation.category = stakeholder AND category_confirmed_at IS NOT NULL)"
    )
    op.execute(
        f"UPDATE registration SET official_confirmed_at = registered_at WHERE {is_official} AND "
        f"(status NOT IN ('pending', 'waitlisted') OR {is_confirmed})"
    )
    op.execute(
        f"UPDATE registration SET status = 'pending' WHERE {is_official} AND status = 'waitlisted' "
        "AND official_confirmed_at IS NULL"
    )


KEYS = {"registration": ("access_key", "badge_code"), "invitation": ("key",), "circulation_recipient": ("key",)}


def _seal(change, was, is_now):
    """The keys of personal links stand sealed; the links stay valid."""
    for table, columns in KEYS.items():
        if is_now > was:
            _resize(table, columns, was, is_now)
        rows = sa.table(table, sa.column("id"), *(sa.column(name) for name in columns))
        last = 0
        while batch := op.get_bind().execute(sa.select(rows).where(rows.c.id > last).order_by(rows.c.id).limit(1000)).all():
            for row in batch:
                values = {name: change(getattr(row, name)) for name in columns}
                op.get_bind().execute(sa.update(rows).where(rows.c.id == row.id).values(**values))
            last = batch[-1].id
        if is_now < was:
            _resize(table, columns, was, is_now)


def _resize(table, columns, was, is_now):
    with op.batch_alter_table(table) as batch:
        for name in columns:
            batch.alter_column(name, existing_type=sa.String(was), type_=sa.String(is_now), existing_nullable=False)


def _asked():
    with op.batch_alter_table("registration") as batch:
        batch.drop_constraint(batch.f("ck_registration_registrationstatus"), type_="check")
        batch.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("new_email", sa.String(254), nullable=False, server_default=""))
        batch.add_column(sa.Column("new_email_hash", sa.String(64), nullable=True))
        batch.create_check_constraint(batch.f("ck_registration_registrationstatus"), _choice("asked", *STATUSES))
        batch.create_foreign_key(
            batch.f("fk_registration_replaces_id"), "registration", ["replaces_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_unique_constraint(batch.f("uq_registration_new_email_hash"), ["new_email_hash"])
        batch.create_index(batch.f("ix_registration_replaces_id"), ["replaces_id"])
    with op.batch_alter_table("registration") as batch:
        batch.alter_column("new_email", existing_type=sa.String(254), server_default=None)


def _down_asked():
    """Who was asked and has not answered is not registered in the older release."""
    op.execute("UPDATE registration SET status = 'withdrawn' WHERE status = 'asked'")
    with op.batch_alter_table("registration") as batch:
        batch.drop_index(batch.f("ix_registration_replaces_id"))
        batch.drop_constraint(batch.f("uq_registration_new_email_hash"), type_="unique")
        batch.drop_constraint(batch.f("fk_registration_replaces_id"), type_="foreignkey")
        batch.drop_constraint(batch.f("ck_registration_registrationstatus"), type_="check")
        batch.drop_column("new_email_hash")
        batch.drop_column("new_email")
        batch.drop_column("replaces_id")
        batch.create_check_constraint(batch.f("ck_registration_registrationstatus"), _choice(*STATUSES))


def _choice(*values):
    return "status IN ({})".format(", ".join(f"'{value}'" for value in values))


def _row():
    return sa.Column("id", sa.Integer(), nullable=False), sa.Column("ref", sa.String(8), nullable=False)


def _word(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table, column, other, *, ondelete="RESTRICT"):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _unique(table, *columns):
    yield sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    for names in columns:
        yield sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}"))
