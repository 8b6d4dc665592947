"""The door on devices, codes shown in the room, reports of platforms with their times.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SOURCES = ("door", "report", "code")
STATUSES = ("requested", "unmapped", "read", "applying", "done", "refused", "discarded")
PLATFORMS = ("zoom_meeting", "zoom_webinar", "teams", "webex", "table")
ORDERS = ("auto", "day_first", "month_first")


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


def upgrade():
    create_tables()
    add("attendance", {"source": (word("source", *SOURCES), "'door'")})
    run("UPDATE attendance SET source = 'report' WHERE modality = 'online'")
    with op.batch_alter_table("attendance") as batch:
        batch.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch.drop_index(batch.f("ix_attendance_day_id_modality"))
        batch.create_index("ix_attendance_day_id_modality", ["day_id", "modality", "at"])
        batch.create_check_constraint(batch.f("ck_attendance_source"), choice("source", *SOURCES))
    add("attendance_import", {
        "status": (word("importstatus", *STATUSES), "'done'"),
        "zone": (sa.String(40), "(SELECT timezone FROM event WHERE event.id = attendance_import.event_id)"),
        "date_order": (word("dateorder", *ORDERS), "'auto'"),
        "minimum": (sa.Integer(), "0"),
        "mapping": (sa.JSON(), "'{}'"),
        "titles": (sa.JSON(), "'[]'"),
        "problem": (sa.Text(), "''"),
        "rows": (sa.Integer(), "lines"),
        "outside": (sa.Integer(), "0"),
    })
    with op.batch_alter_table("attendance_import") as batch:
        batch.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("platform", word("platform", *PLATFORMS), nullable=True))
        batch.add_column(sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
        batch.alter_column("day_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint(batch.f("uq_attendance_import_day_id_sha256"), type_="unique")
        batch.drop_index(batch.f("ix_attendance_import_event_id"))
        batch.create_index("ix_attendance_import_event_id", ["event_id", "sha256"])
        batch.create_index(batch.f("ix_attendance_import_day_id"), ["day_id"])
        batch.create_index("ix_attendance_import_status", ["status", "id"])
        batch.create_foreign_key(
            batch.f("fk_attendance_import_file_id"), "stored_file", ["file_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_check_constraint(batch.f("ck_attendance_import_importstatus"), choice("status", *STATUSES))
        batch.create_check_constraint(batch.f("ck_attendance_import_platform"), choice("platform", *PLATFORMS))
        batch.create_check_constraint(batch.f("ck_attendance_import_dateorder"), choice("date_order", *ORDERS))
    # whoever was seen before had no times; so that settling them by hand still counts
    run("INSERT INTO online_presence (import_id, day_id, person_key, line, name, email) "
        "SELECT import_id, day_id, person_key, line, name, email FROM seen_online")


def create_tables():
    op.create_table('import_settings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('zone', sa.String(length=40), nullable=False),
    sa.Column('minimum', sa.Integer(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_import_settings_event_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_settings')),
    sa.UniqueConstraint('event_id', name=op.f('uq_import_settings_event_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_import_settings_ref'))
    )
    op.create_table('door_pass',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['day_id'], ['event_day.id'], name=op.f('fk_door_pass_day_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_door_pass_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_door_pass_made_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_door_pass')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_door_pass_key_hash')),
    sa.UniqueConstraint('ref', name=op.f('uq_door_pass_ref'))
    )
    with op.batch_alter_table('door_pass', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_door_pass_day_id'), ['day_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_door_pass_event_id'), ['event_id'], unique=False)

    op.create_table('imported_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=True),
    sa.Column('match', sa.Enum('address', 'name', 'likeness', 'several', 'unknown', name='match', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('person_key', sa.String(length=300), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['day_id'], ['event_day.id'], name=op.f('fk_imported_person_day_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['import_id'], ['attendance_import.id'], name=op.f('fk_imported_person_import_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_imported_person_registration_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_person')),
    sa.UniqueConstraint('import_id', 'day_id', 'person_key', name=op.f('uq_imported_person_import_id_day_id_person_key')),
    sa.UniqueConstraint('ref', name=op.f('uq_imported_person_ref'))
    )
    with op.batch_alter_table('imported_person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_imported_person_day_id'), ['day_id'], unique=False)
        batch_op.create_index('ix_imported_person_match', ['import_id', 'match', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_imported_person_registration_id'), ['registration_id'], unique=False)

    op.create_table('online_presence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('person_key', sa.String(length=300), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['day_id'], ['event_day.id'], name=op.f('fk_online_presence_day_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['import_id'], ['attendance_import.id'], name=op.f('fk_online_presence_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_online_presence'))
    )
    with op.batch_alter_table('online_presence', schema=None) as batch_op:
        batch_op.create_index('ix_online_presence_day_id', ['day_id', 'person_key'], unique=False)
        batch_op.create_index('ix_online_presence_import_id', ['import_id', 'day_id', 'person_key'], unique=False)

    op.create_table('room_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['day_id'], ['event_day.id'], name=op.f('fk_room_code_day_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_room_code_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_room_code_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room_code')),
    sa.UniqueConstraint('ref', name=op.f('uq_room_code_ref'))
    )
    with op.batch_alter_table('room_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_code_day_id'), ['day_id'], unique=False)
        batch_op.create_index('ix_room_code_event_id', ['event_id', 'code'], unique=False)
        batch_op.create_index(batch_op.f('ix_room_code_session_id'), ['session_id'], unique=False)

    op.create_table('session_attendance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('modality', sa.Enum('in_person', 'online', name='modality', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_session_attendance_registration_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_session_attendance_session_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_attendance')),
    sa.UniqueConstraint('ref', name=op.f('uq_session_attendance_ref')),
    sa.UniqueConstraint('session_id', 'registration_id', 'modality', name=op.f('uq_session_attendance_session_id_registration_id_modality'))
    )
    with op.batch_alter_table('session_attendance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_attendance_registration_id'), ['registration_id'], unique=False)



def downgrade():
    # one report a day and content, as it was; what was not counted goes, and so does what repeats
    run("DELETE FROM attendance_import WHERE status <> 'done' AND id NOT IN (SELECT import_id FROM seen_online)")
    run("UPDATE attendance_import SET day_id = (SELECT min(day_id) FROM seen_online "
        "WHERE seen_online.import_id = attendance_import.id) WHERE day_id IS NULL")
    run("DELETE FROM attendance_import WHERE day_id IS NULL")
    run("UPDATE attendance_import SET sha256 = substr(sha256, 1, 40) || ref WHERE EXISTS (SELECT 1 FROM "
        "attendance_import AS other WHERE other.day_id = attendance_import.day_id AND other.id < attendance_import.id "
        "AND other.sha256 = attendance_import.sha256)")
    with op.batch_alter_table("attendance_import") as batch:
        for name in ("importstatus", "platform", "dateorder"):
            batch.drop_constraint(batch.f(f"ck_attendance_import_{name}"), type_="check")
        batch.drop_constraint(batch.f("fk_attendance_import_file_id"), type_="foreignkey")
        for name in ("ix_attendance_import_status", "ix_attendance_import_day_id", "ix_attendance_import_event_id"):
            batch.drop_index(name)
        batch.create_index(batch.f("ix_attendance_import_event_id"), ["event_id"])
        batch.create_unique_constraint(batch.f("uq_attendance_import_day_id_sha256"), ["day_id", "sha256"])
        batch.alter_column("day_id", existing_type=sa.Integer(), nullable=False)
        for name in ("claimed_until", "outside", "rows", "problem", "titles", "mapping", "minimum", "date_order", "zone",
                     "platform", "status", "file_id"):
            batch.drop_column(name)
    with op.batch_alter_table("attendance") as batch:
        batch.drop_constraint(batch.f("ck_attendance_source"), type_="check")
        batch.drop_index("ix_attendance_day_id_modality")
        batch.create_index(batch.f("ix_attendance_day_id_modality"), ["day_id", "modality"])
        batch.drop_column("minutes")
        batch.drop_column("source")
    for table in ("session_attendance", "room_code", "online_presence", "imported_person", "door_pass", "import_settings"):
        op.drop_table(table)
