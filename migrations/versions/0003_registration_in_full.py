"""Registration in full: approval, offers, sessions, needs, passports, follow-up forms, badges in numbers.

Revision ID: 0003
Revises: 0002
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATUSES = ("pending", "confirmed", "waitlisted", "offered", "declined", "withdrawn", "cancelled")
OLD_STATUSES = ("confirmed", "waitlisted", "withdrawn", "cancelled")
ROLES = ("manager", "accreditation_officer", "rapporteur", "door_staff", "visa_officer")
SELECTIONS = ("first_come", "approval")
COLOURS = ("teal", "blue", "green", "brown", "red", "purple", "grey")
VISIBILITIES = ("public", "participants", "no")
HELD = "status IN ('pending', 'confirmed', 'waitlisted', 'offered') AND email <> ''"
OLD_HELD = "status IN ('confirmed', 'waitlisted')"
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def ref():
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def run(statement, **values):
    return op.get_bind().execute(sa.text(statement), values)


def choice(name, *values):
    """The check that a fixed choice has in the database."""
    return "{} IN ({})".format(name, ", ".join(f"'{value}'" for value in values))


def word(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=32)


def add(table, columns):
    """Columns that must not be empty, with what the rows that are there get: {name: (type, value in SQL)}."""
    with op.batch_alter_table(table) as batch:
        for name, (kind, _value) in columns.items():
            batch.add_column(sa.Column(name, kind, nullable=True))
    run(f"UPDATE {quoted(table)} SET " + ", ".join(f"{name} = {value}" for name, (_kind, value) in columns.items()))
    with op.batch_alter_table(table) as batch:
        for name, (kind, _value) in columns.items():
            batch.alter_column(name, existing_type=kind, nullable=False)


def quoted(table):
    return f'"{table}"'


def held(batch, condition):
    where = sa.text(condition)
    batch.create_index(
        "uq_registration_event_id_email_held", ["event_id", "email"], unique=True, sqlite_where=where,
        postgresql_where=where,
    )


def upgrade():
    create_tables()
    add("event", {"offer_hours": (sa.Integer(), "48")})
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("passports_until", sa.Date(), nullable=True))
        batch.create_check_constraint(batch.f("ck_event_offer_hours"), "offer_hours >= 0")
    widen_categories()
    widen_registrations()
    with op.batch_alter_table("session") as batch:
        batch.add_column(sa.Column("capacity_in_person", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("capacity_online", sa.Integer(), nullable=True))
        batch.create_check_constraint(batch.f("ck_session_capacity"), "capacity_in_person >= 0 AND capacity_online >= 0")
    with op.batch_alter_table("team_member") as batch:
        batch.drop_constraint(batch.f("ck_team_member_teamrole"), type_="check")
        batch.create_check_constraint(batch.f("ck_team_member_teamrole"), choice("role", *ROLES))


def widen_categories():
    no = "'f'" if op.get_bind().dialect.name == "postgresql" else "0"
    add("participant_category", {
        "selection": (word("selection", *SELECTIONS), "'first_come'"),
        "allows_individuals": (sa.Boolean(), no),
        "is_for_speakers": (sa.Boolean(), no),
        "colour": (word("colour", *COLOURS), "'teal'"),
    })
    with op.batch_alter_table("participant_category") as batch:
        batch.add_column(sa.Column("quota", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("question_set_id", sa.Integer(), nullable=True))
    for (number,) in run("SELECT id FROM participant_category ORDER BY id").all():
        name = ref()
        run("INSERT INTO question_set (ref) VALUES (:ref)", ref=name)
        run("UPDATE participant_category SET question_set_id = (SELECT id FROM question_set WHERE ref = :ref) "
            "WHERE id = :number", ref=name, number=number)
    with op.batch_alter_table("participant_category") as batch:
        batch.alter_column("question_set_id", existing_type=sa.Integer(), nullable=False)
        batch.create_unique_constraint(batch.f("uq_participant_category_question_set_id"), ["question_set_id"])
        batch.create_foreign_key(
            batch.f("fk_participant_category_question_set_id"), "question_set", ["question_set_id"], ["id"],
            ondelete="RESTRICT",
        )
        batch.create_check_constraint(batch.f("ck_participant_category_quota"), "quota > 0")
        batch.create_check_constraint(batch.f("ck_participant_category_selection"), choice("selection", *SELECTIONS))
        batch.create_check_constraint(batch.f("ck_participant_category_colour"), choice("colour", *COLOURS))


def widen_registrations():
    no = "'f'" if op.get_bind().dialect.name == "postgresql" else "0"
    add("registration", {
        "languages": (sa.JSON(), "'[]'"),
        "access_needs": (sa.Text(), "''"),
        "dietary_needs": (sa.Text(), "''"),
        "wants_visa_letter": (sa.Boolean(), no),
        "answers": (sa.JSON(), "'{}'"),
        "visibility": (word("visibility", *VISIBILITIES), "'no'"),
        "is_walk_in": (sa.Boolean(), no),
        "days_declined": (sa.JSON(), "'[]'"),
        "message": (sa.Text(), "''"),
    })
    where = sa.text("status = 'offered'")
    with op.batch_alter_table("registration") as batch:
        batch.add_column(sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True))
        batch.drop_index(batch.f("ix_registration_organisation_id"))
        batch.drop_index("uq_registration_event_id_email_held")
        held(batch, HELD)
        batch.create_index("ix_registration_offers", ["offered_until"], sqlite_where=where, postgresql_where=where)
        batch.create_index("ix_registration_quota", ["organisation_id", "category_id", "status"])
        batch.drop_constraint(batch.f("ck_registration_registrationstatus"), type_="check")
        batch.create_check_constraint(batch.f("ck_registration_registrationstatus"), choice("status", *STATUSES))
        batch.create_check_constraint(batch.f("ck_registration_visibility"), choice("visibility", *VISIBILITIES))
        batch.create_check_constraint(
            batch.f("ck_registration_offer"), "(status = 'offered') = (offered_until IS NOT NULL)"
        )


def create_tables():
    op.create_table('do_not_register',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('email_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_do_not_register_event_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_do_not_register')),
    sa.UniqueConstraint('event_id', 'email_hash', name=op.f('uq_do_not_register_event_id_email_hash')),
    sa.UniqueConstraint('ref', name=op.f('uq_do_not_register_ref'))
    )
    op.create_table('follow_up',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('introduction', sa.Text(), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Enum('draft', 'sending', 'sent', name='followupstatus', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sent_to_id', sa.Integer(), nullable=False),
    sa.Column('question_set_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_follow_up_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['question_set_id'], ['question_set.id'], name=op.f('fk_follow_up_question_set_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up')),
    sa.UniqueConstraint('question_set_id', name=op.f('uq_follow_up_question_set_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_follow_up_ref'))
    )
    with op.batch_alter_table('follow_up', schema=None) as batch_op:
        batch_op.create_index('ix_follow_up_event_id', ['event_id', 'status'], unique=False)

    op.create_table('badge_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('layout', sa.Enum('sheets', 'single', name='badgelayout', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('status', sa.Enum('requested', 'ready', name='badgerunstatus', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['category_id'], ['participant_category.id'], name=op.f('fk_badge_run_category_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_badge_run_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_badge_run_file_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_badge_run')),
    sa.UniqueConstraint('ref', name=op.f('uq_badge_run_ref'))
    )
    with op.batch_alter_table('badge_run', schema=None) as batch_op:
        batch_op.create_index('ix_badge_run_event_id', ['event_id', 'id'], unique=False)
        batch_op.create_index('ix_badge_run_status', ['status', 'id'], unique=False)

    op.create_table('follow_up_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('follow_up_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['follow_up_id'], ['follow_up.id'], name=op.f('fk_follow_up_answer_follow_up_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_follow_up_answer_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up_answer')),
    sa.UniqueConstraint('follow_up_id', 'registration_id', name=op.f('uq_follow_up_answer_follow_up_id_registration_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_follow_up_answer_ref'))
    )
    with op.batch_alter_table('follow_up_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_up_answer_registration_id'), ['registration_id'], unique=False)

    op.create_table('passport',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_passport_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passport')),
    sa.UniqueConstraint('ref', name=op.f('uq_passport_ref')),
    sa.UniqueConstraint('registration_id', name=op.f('uq_passport_registration_id'))
    )
    op.create_table('registration_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=8), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_registration_document_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_registration_document_registration_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration_document')),
    sa.UniqueConstraint('ref', name=op.f('uq_registration_document_ref')),
    sa.UniqueConstraint('registration_id', 'question', name=op.f('uq_registration_document_registration_id_question'))
    )
    op.create_table('session_place',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('asked', 'confirmed', 'waitlisted', 'declined', name='placestatus', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_session_place_registration_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_session_place_session_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_place')),
    sa.UniqueConstraint('ref', name=op.f('uq_session_place_ref')),
    sa.UniqueConstraint('registration_id', 'session_id', name=op.f('uq_session_place_registration_id_session_id'))
    )
    with op.batch_alter_table('session_place', schema=None) as batch_op:
        batch_op.create_index('ix_session_place_session_id', ['session_id', 'status', 'id'], unique=False)



def downgrade():
    run("DELETE FROM team_member WHERE role = 'visa_officer'")
    with op.batch_alter_table("team_member") as batch:
        batch.drop_constraint(batch.f("ck_team_member_teamrole"), type_="check")
        batch.create_check_constraint(batch.f("ck_team_member_teamrole"), choice("role", *ROLES[:-1]))
    with op.batch_alter_table("session") as batch:
        batch.drop_constraint(batch.f("ck_session_capacity"), type_="check")
        batch.drop_column("capacity_online")
        batch.drop_column("capacity_in_person")
    narrow_registrations()
    asked = [number for (number,) in run(
        "SELECT question_set_id FROM participant_category UNION ALL SELECT question_set_id FROM follow_up"
    )]
    with op.batch_alter_table("participant_category") as batch:
        for name in ("quota", "selection", "colour"):
            batch.drop_constraint(batch.f(f"ck_participant_category_{name}"), type_="check")
        batch.drop_constraint(batch.f("fk_participant_category_question_set_id"), type_="foreignkey")
        batch.drop_constraint(batch.f("uq_participant_category_question_set_id"), type_="unique")
        for name in ("question_set_id", "colour", "is_for_speakers", "allows_individuals", "selection", "quota"):
            batch.drop_column(name)
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(batch.f("ck_event_offer_hours"), type_="check")
        batch.drop_column("passports_until")
        batch.drop_column("offer_hours")
    for table in ("session_place", "registration_document", "passport", "follow_up_answer", "badge_run", "follow_up",
                  "do_not_register"):
        op.drop_table(table)
    for number in asked:
        run("DELETE FROM question WHERE question_set_id = :number", number=number)
        run("DELETE FROM question_set WHERE id = :number", number=number)


def narrow_registrations():
    """Who waits for approval or has an offer waits again; who was turned down has withdrawn."""
    with op.batch_alter_table("registration") as batch:
        for name in ("registrationstatus", "visibility", "offer"):
            batch.drop_constraint(batch.f(f"ck_registration_{name}"), type_="check")
        for name in ("ix_registration_quota", "ix_registration_offers", "uq_registration_event_id_email_held"):
            batch.drop_index(name)
    run("UPDATE registration SET status = 'waitlisted' WHERE status IN ('pending', 'offered')")
    run("UPDATE registration SET status = 'withdrawn' WHERE status = 'declined'")
    run("UPDATE registration SET email = lower(ref) || '@walk-in.invalid' WHERE email = ''")
    with op.batch_alter_table("registration") as batch:
        for name in ("offered_until", "message", "days_declined", "is_walk_in", "visibility", "answers",
                     "wants_visa_letter", "dietary_needs", "access_needs", "languages"):
            batch.drop_column(name)
        held(batch, OLD_HELD)
        batch.create_index(batch.f("ix_registration_organisation_id"), ["organisation_id"])
        batch.create_check_constraint(batch.f("ck_registration_registrationstatus"), choice("status", *OLD_STATUSES))
