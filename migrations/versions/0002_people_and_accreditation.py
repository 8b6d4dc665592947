"""People, organisations and accreditation, in full

Focal points become memberships, the window of accreditation moves from the event to its process, and reasons become
a list. Going down, what the earlier schema cannot say is lost: members who are not focal points, what was merged,
revoked or circulated (revoked and rejected become rejected, the rest submitted), passkeys and devices.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-21

"""
import json
import secrets
import unicodedata
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD = ("draft", "submitted", "information_requested", "approved", "rejected", "withdrawn")
NEW = ("draft", "submitted", "in_review", "information_requested", "circulated", "approved", "rejected", "withdrawn",
       "revoked")
RECOGNITIONS = ["ecosoc-general", "ecosoc-special", "ecosoc-roster", "previous-process"]
NEEDS = ["description", "governing_body", "membership", "funding", "constitution"]
OFFICIAL = ("member-state", "un-entity", "intergovernmental")
REASONS = {
    "not_relevant": "The organisation's work does not bear on the subject of the event",
    "incomplete": "What was asked for was not provided",
    "not_established": "The organisation could not be shown to exist as described",
    "no_place": "The event has no room for more organisations of this kind",
    "other": "Another reason, explained in the message",
}
OTHER_REASONS = (
    ("request", "A document is missing or cannot be read"),
    ("request", "An answer is unclear"),
    ("request", "Please name your sources of funding"),
    ("revocation", "What the application said turned out not to be so"),
    ("revocation", "The rules of the meeting were broken"),
)
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def ref():
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def words(*names):
    """As the application finds words today; written out, since a migration must not change with the code."""
    found = set()
    for name in names:
        plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
        found |= {word[:40] for word in "".join(c if c.isalnum() else " " for c in plain)[:300].split()}
    return found


def run(statement, **values):
    return op.get_bind().execute(sa.text(statement), values)


def choice(name, *values):
    """The check that a fixed choice has in the database."""
    return "{} IN ({})".format(name, ", ".join(f"'{value}'" for value in values))


def word(column, name, *values):
    return sa.Column(column, sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=32))


def upgrade():
    create_tables()
    move_people()
    describe_organisations()
    describe_questions()
    move_windows()
    widen_applications()


def create_tables():
    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.Enum('decision', 'visa_support', name='letterkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('about', sa.String(length=40), nullable=False),
    sa.Column('scope', sa.String(length=40), nullable=False),
    sa.Column('initials', sa.String(length=20), nullable=False),
    sa.Column('event_title', sa.String(length=300), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('code', name=op.f('uq_letter_code')),
    sa.UniqueConstraint('ref', name=op.f('uq_letter_ref'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_letter_about'), ['about'], unique=False)

    op.create_table('reason',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('kind', sa.Enum('request', 'rejection', 'revocation', name='reasonkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reason')),
    sa.UniqueConstraint('kind', 'text', name=op.f('uq_reason_kind_text')),
    sa.UniqueConstraint('ref', name=op.f('uq_reason_ref'))
    )
    op.create_table('address_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('old_key_hash', sa.String(length=64), nullable=False),
    sa.Column('new_key_hash', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('old_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('new_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_address_change_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_change')),
    sa.UniqueConstraint('ref', name=op.f('uq_address_change_ref')),
    sa.UniqueConstraint('user_id', name=op.f('uq_address_change_user_id'))
    )
    with op.batch_alter_table('address_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_address_change_new_key_hash'), ['new_key_hash'], unique=False)
        batch_op.create_index('ix_address_change_old_key_hash', ['old_key_hash'], unique=False)

    op.create_table('device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=60), nullable=False),
    sa.Column('signed_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_device_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_device_key_hash')),
    sa.UniqueConstraint('ref', name=op.f('uq_device_ref'))
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_user_id'), ['user_id'], unique=False)

    op.create_table('passkey',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(length=1024), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.Integer(), nullable=False),
    sa.Column('transports', sa.JSON(), nullable=True),
    sa.Column('backup_state', sa.Boolean(), nullable=False),
    sa.Column('device_type', sa.String(length=64), nullable=False),
    sa.Column('extensions', sa.String(length=255), nullable=True),
    sa.Column('usage', sa.String(length=64), nullable=False),
    sa.Column('lastuse_datetime', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_passkey_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_passkey_ref')),
    sa.UniqueConstraint('user_id', 'name', name=op.f('uq_passkey_user_id_name'))
    )
    op.create_table('sign_in_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_sign_in_link_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_link')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_sign_in_link_key_hash')),
    sa.UniqueConstraint('ref', name=op.f('uq_sign_in_link_ref'))
    )
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_link_user_id'), ['user_id'], unique=False)

    op.create_table('circulation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_by_id', sa.Integer(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_circulation_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['started_by_id'], ['user.id'], name=op.f('fk_circulation_started_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circulation')),
    sa.UniqueConstraint('ref', name=op.f('uq_circulation_ref'))
    )
    with op.batch_alter_table('circulation', schema=None) as batch_op:
        batch_op.create_index('ix_circulation_due', ['closed_at', 'until'], unique=False)
        batch_op.create_index(batch_op.f('ix_circulation_event_id'), ['event_id'], unique=False)

    op.create_table('join_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('status', sa.Enum('open', 'accepted', 'declined', 'cancelled', name='invitationstatus', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_join_request_organisation_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_join_request_user_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_join_request')),
    sa.UniqueConstraint('organisation_id', 'user_id', name=op.f('uq_join_request_organisation_id_user_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_join_request_ref'))
    )
    with op.batch_alter_table('join_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_join_request_user_id'), ['user_id'], unique=False)

    op.create_table('likely_duplicate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_dismissed', sa.Boolean(), nullable=False),
    sa.CheckConstraint('first_id < second_id', name=op.f('ck_likely_duplicate_order')),
    sa.ForeignKeyConstraint(['first_id'], ['organisation.id'], name=op.f('fk_likely_duplicate_first_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['second_id'], ['organisation.id'], name=op.f('fk_likely_duplicate_second_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_likely_duplicate')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_likely_duplicate_first_id_second_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_likely_duplicate_ref'))
    )
    with op.batch_alter_table('likely_duplicate', schema=None) as batch_op:
        batch_op.create_index('ix_likely_duplicate_open', ['is_dismissed', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_likely_duplicate_second_id'), ['second_id'], unique=False)

    op.create_table('listed_recognition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('kind', sa.Enum('ecosoc-general', 'ecosoc-special', 'ecosoc-roster', 'previous-process', name='recognition', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('name_key', sa.String(length=300), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('year BETWEEN 1945 AND 2999', name=op.f('ck_listed_recognition_year')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_listed_recognition_organisation_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listed_recognition')),
    sa.UniqueConstraint('kind', 'name_key', 'country', name=op.f('uq_listed_recognition_kind_name_key_country')),
    sa.UniqueConstraint('ref', name=op.f('uq_listed_recognition_ref'))
    )
    with op.batch_alter_table('listed_recognition', schema=None) as batch_op:
        batch_op.create_index('ix_listed_recognition_name_key', ['name_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_listed_recognition_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('focal_point', 'member', name='organisationrole', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['granted_by_id'], ['user.id'], name=op.f('fk_membership_granted_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_organisation_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_membership_user_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('organisation_id', 'user_id', name=op.f('uq_membership_organisation_id_user_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_membership_ref'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)

    op.create_table('membership_invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('role', sa.Enum('focal_point', 'member', name='organisationrole', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('status', sa.Enum('open', 'accepted', 'declined', 'cancelled', name='invitationstatus', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('invited_by_id', sa.Integer(), nullable=False),
    sa.Column('invited_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user.id'], name=op.f('fk_membership_invitation_invited_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_invitation_organisation_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership_invitation')),
    sa.UniqueConstraint('organisation_id', 'email', name=op.f('uq_membership_invitation_organisation_id_email')),
    sa.UniqueConstraint('ref', name=op.f('uq_membership_invitation_ref'))
    )
    with op.batch_alter_table('membership_invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_invitation_email'), ['email'], unique=False)

    op.create_table('organisation_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('constitution', 'registration', 'annual_report', 'financial_statement', 'other', name='documentkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('year BETWEEN 1900 AND 2999', name=op.f('ck_organisation_document_year')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_organisation_document_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_document_organisation_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_document')),
    sa.UniqueConstraint('ref', name=op.f('uq_organisation_document_ref'))
    )
    with op.batch_alter_table('organisation_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_document_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('organisation_name',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('name_key', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_name_organisation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_name')),
    sa.UniqueConstraint('ref', name=op.f('uq_organisation_name_ref'))
    )
    with op.batch_alter_table('organisation_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_name_name_key'), ['name_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisation_name_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('organisation_word',
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('word', sa.String(length=40).with_variant(sa.VARCHAR(length=40, collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_word_organisation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organisation_id', 'word', name=op.f('pk_organisation_word'))
    )
    with op.batch_alter_table('organisation_word', schema=None) as batch_op:
        batch_op.create_index('ix_organisation_word_word', ['word', 'organisation_id'], unique=False)

    op.create_table('circulated_application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('circulation_id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_circulated_application_application_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['circulation_id'], ['circulation.id'], name=op.f('fk_circulated_application_circulation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circulated_application')),
    sa.UniqueConstraint('circulation_id', 'application_id', name=op.f('uq_circulated_application_circulation_id_application_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_circulated_application_ref'))
    )
    with op.batch_alter_table('circulated_application', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_circulated_application_application_id'), ['application_id'], unique=False)

    op.create_table('circulation_recipient',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('circulation_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['circulation_id'], ['circulation.id'], name=op.f('fk_circulation_recipient_circulation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_circulation_recipient')),
    sa.UniqueConstraint('circulation_id', 'email', name=op.f('uq_circulation_recipient_circulation_id_email')),
    sa.UniqueConstraint('key', name=op.f('uq_circulation_recipient_key')),
    sa.UniqueConstraint('ref', name=op.f('uq_circulation_recipient_ref'))
    )
    op.create_table('criterion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('process_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['process_id'], ['accreditation_process.id'], name=op.f('fk_criterion_process_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_criterion')),
    sa.UniqueConstraint('ref', name=op.f('uq_criterion_ref'))
    )
    with op.batch_alter_table('criterion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_criterion_process_id'), ['process_id'], unique=False)

    op.create_table('review_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_review_note_application_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_review_note_author_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_note')),
    sa.UniqueConstraint('ref', name=op.f('uq_review_note_ref'))
    )
    with op.batch_alter_table('review_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_note_application_id'), ['application_id'], unique=False)

    op.create_table('served_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('process_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_served_event_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['process_id'], ['accreditation_process.id'], name=op.f('fk_served_event_process_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_served_event')),
    sa.UniqueConstraint('event_id', name=op.f('uq_served_event_event_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_served_event_ref'))
    )
    with op.batch_alter_table('served_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_served_event_process_id'), ['process_id'], unique=False)

    op.create_table('criterion_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('criterion_id', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.Enum('met', 'not_met', 'unsure', name='verdict', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_criterion_check_application_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_criterion_check_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['criterion_id'], ['criterion.id'], name=op.f('fk_criterion_check_criterion_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_criterion_check')),
    sa.UniqueConstraint('application_id', 'criterion_id', name=op.f('uq_criterion_check_application_id_criterion_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_criterion_check_ref'))
    )
    with op.batch_alter_table('criterion_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_criterion_check_criterion_id'), ['criterion_id'], unique=False)

    op.create_table('objection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=8), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['circulated_application.id'], name=op.f('fk_objection_item_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recipient_id'], ['circulation_recipient.id'], name=op.f('fk_objection_recipient_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection')),
    sa.UniqueConstraint('item_id', 'recipient_id', name=op.f('uq_objection_item_id_recipient_id')),
    sa.UniqueConstraint('ref', name=op.f('uq_objection_ref'))
    )
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_objection_recipient_id'), ['recipient_id'], unique=False)


def move_people():
    run(
        "INSERT INTO membership (id, ref, organisation_id, user_id, role, since) "
        "SELECT id, ref, organisation_id, user_id, 'focal_point', since FROM focal_point"
    )
    follow_sequence("membership")
    op.drop_table("focal_point")
    with op.batch_alter_table("team_member") as batch:
        batch.add_column(sa.Column("granted_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_team_member_granted_by_id"), "user", ["granted_by_id"], ["id"], ondelete="RESTRICT"
        )
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("email_domain", sa.String(254), nullable=True))
        batch.add_column(sa.Column("tf_primary_method", sa.String(64), nullable=True))
        batch.add_column(sa.Column("tf_totp_secret", sa.String(255), nullable=True))
        batch.add_column(sa.Column("totp_counter", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("mf_recovery_codes", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("fs_webauthn_user_handle", sa.String(64), nullable=True))
        batch.create_index(batch.f("ix_user_email_domain"), ["email_domain"])
        batch.create_unique_constraint(batch.f("uq_user_fs_webauthn_user_handle"), ["fs_webauthn_user_handle"])
    for number, email in run('SELECT id, email FROM "user"').all():
        run('UPDATE "user" SET email_domain = :domain WHERE id = :id', id=number, domain=email.rsplit("@", 1)[-1])
    with op.batch_alter_table("user") as batch:
        batch.alter_column("email_domain", existing_type=sa.String(254), nullable=False)


def describe_organisations():
    texts = {"registration_number": sa.String(100), "web_domain": sa.String(253), "governing_body": sa.Text(),
             "membership": sa.Text(), "funding": sa.Text()}
    with op.batch_alter_table("organisation") as batch:
        batch.add_column(sa.Column("countries_of_work", sa.JSON(), nullable=True))
        batch.add_column(word("scope", "scope", "local", "national", "regional", "global"))
        batch.add_column(sa.Column("founding_year", sa.Integer(), nullable=True))
        for name, kind in texts.items():
            batch.add_column(sa.Column(name, kind, nullable=True))
        batch.add_column(sa.Column("logo_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("category_confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.create_index(batch.f("ix_organisation_merged_into_id"), ["merged_into_id"])
        batch.create_index(batch.f("ix_organisation_web_domain"), ["web_domain"])
        batch.create_foreign_key(
            batch.f("fk_organisation_logo_id"), "stored_file", ["logo_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_foreign_key(
            batch.f("fk_organisation_merged_into_id"), "organisation", ["merged_into_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_check_constraint(
            batch.f("ck_organisation_scope"), choice("scope", "local", "national", "regional", "global")
        )
        batch.create_check_constraint(batch.f("ck_organisation_founding_year"), "founding_year BETWEEN 1000 AND 2999")
        batch.create_check_constraint(batch.f("ck_organisation_merged_into"), "merged_into_id <> id")
    run("UPDATE organisation SET " + ", ".join(f"{name} = ''" for name in texts) + ", countries_of_work = '[]'")
    # until now nobody was asked: who came as a State or a United Nations entity may go on doing so
    run(f"UPDATE organisation SET category_confirmed_at = created_at WHERE {choice('category', *OFFICIAL)}")
    for number, name, short_name, website in run("SELECT id, name, short_name, website FROM organisation").all():
        host = (urlsplit(website).hostname or "").lower().removeprefix("www.")[:253] if website else ""
        if host:
            run("UPDATE organisation SET web_domain = :host WHERE id = :id", host=host, id=number)
        for each in sorted(words(name, short_name)):
            run("INSERT INTO organisation_word (organisation_id, word) VALUES (:id, :word)", id=number, word=each)
    with op.batch_alter_table("organisation") as batch:
        batch.alter_column("countries_of_work", existing_type=sa.JSON(), nullable=False)
        for name, kind in texts.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
    with op.batch_alter_table("recognition_held") as batch:
        batch.add_column(sa.Column("year", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("reference", sa.String(100), nullable=True))
        batch.add_column(word("status", "recognitionstatus", "claimed", "verified", "refused"))
        batch.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("settled_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_recognition_held_settled_by_id"), "user", ["settled_by_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_check_constraint(batch.f("ck_recognition_held_year"), "year BETWEEN 1945 AND 2999")
        batch.create_check_constraint(
            batch.f("ck_recognition_held_recognitionstatus"), choice("status", "claimed", "verified", "refused")
        )
    run("UPDATE recognition_held SET reference = '', status = 'claimed'")
    with op.batch_alter_table("recognition_held") as batch:
        batch.alter_column("reference", existing_type=sa.String(100), nullable=False)
        batch.alter_column("status", existing_type=sa.String(32), nullable=False)


def describe_questions():
    kinds = ("text", "long_text", "choice", "many", "yes_no", "date", "file")
    with op.batch_alter_table("question") as batch:
        batch.add_column(word("kind", "questionkind", *kinds))
        batch.add_column(sa.Column("choices", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("shown_if", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("shown_value", sa.String(200), nullable=True))
        batch.create_check_constraint(batch.f("ck_question_questionkind"), choice("kind", *kinds))
        batch.create_check_constraint(batch.f("ck_question_shown_if"), "shown_if < position")
    run("UPDATE question SET kind = 'long_text', choices = '[]', shown_value = ''")
    with op.batch_alter_table("question") as batch:
        batch.alter_column("kind", existing_type=sa.String(32), nullable=False)
        batch.alter_column("choices", existing_type=sa.JSON(), nullable=False)
        batch.alter_column("shown_value", existing_type=sa.String(200), nullable=False)


def move_windows():
    rules = ("at_once", "after_verification")
    with op.batch_alter_table("accreditation_process") as batch:
        batch.add_column(sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(word("rule", "trackrule", *rules))
        batch.add_column(sa.Column("recognitions", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("needs", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("is_two_person", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("promised_days", sa.Integer(), nullable=True))
        batch.create_check_constraint(batch.f("ck_accreditation_process_trackrule"), choice("rule", *rules))
        batch.create_check_constraint(batch.f("ck_accreditation_process_window"), "opens_at < closes_at")
        batch.create_check_constraint(batch.f("ck_accreditation_process_promised_days"), "promised_days > 0")
    for end in ("opens", "closes"):
        run(
            f"UPDATE accreditation_process SET {end}_at = "
            f"(SELECT accreditation_{end}_at FROM event WHERE event.id = accreditation_process.event_id)"
        )
    # what such a process asks itself stays as it is; the profile is asked nothing on top
    run(
        "UPDATE accreditation_process SET rule = 'after_verification', is_two_person = :no, promised_days = 20, "
        "needs = '[]', recognitions = :all",
        no=False, all=json.dumps(RECOGNITIONS),
    )
    with op.batch_alter_table("accreditation_process") as batch:
        for name, kind in (("rule", sa.String(32)), ("recognitions", sa.JSON()), ("needs", sa.JSON()),
                           ("is_two_person", sa.Boolean()), ("promised_days", sa.Integer())):
            batch.alter_column(name, existing_type=kind, nullable=False)
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(batch.f("ck_event_accreditation_window"), type_="check")
        batch.drop_column("accreditation_opens_at")
        batch.drop_column("accreditation_closes_at")


def widen_applications():
    for kind, text in [*(("rejection", text) for text in REASONS.values()), *OTHER_REASONS]:
        run("INSERT INTO reason (ref, kind, text, is_active) VALUES (:ref, :kind, :text, :yes)",
            ref=ref(), kind=kind, text=text, yes=True)
    only = {"sqlite_where": sa.text("duplicate_of_id IS NULL"), "postgresql_where": sa.text("duplicate_of_id IS NULL")}
    with op.batch_alter_table("application") as batch:
        batch.drop_constraint(batch.f("ck_application_applicationstatus"), type_="check")
        batch.create_check_constraint(batch.f("ck_application_applicationstatus"), choice("status", *NEW))
        batch.add_column(word("track", "track", "recognised", "special"))
        batch.add_column(sa.Column("profile", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("officer_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("decision_seconds", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("reason_id", sa.Integer(), nullable=True))
        batch.add_column(word("recommended", "recommended", *NEW))
        batch.add_column(sa.Column("recommended_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("recommended_message", sa.Text(), nullable=True))
        batch.add_column(sa.Column("reconsideration_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("rejected_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("duplicate_of_id", sa.Integer(), nullable=True))
        batch.create_check_constraint(batch.f("ck_application_track"), choice("track", "recognised", "special"))
        batch.create_check_constraint(batch.f("ck_application_recommended"), choice("recommended", *NEW))
        batch.drop_constraint(batch.f("uq_application_event_id_organisation_id"), type_="unique")
        batch.create_index("ix_application_decided", ["event_id", "decision_seconds"])
        batch.create_index(batch.f("ix_application_duplicate_of_id"), ["duplicate_of_id"])
        batch.create_index("ix_application_officer", ["officer_id", "event_id", "id"])
        batch.create_index("ix_application_waiting", ["event_id", "waiting_since", "officer_id"])
        batch.drop_index("ix_application_queue")
        batch.create_index("ix_application_queue", ["event_id", "status", "id"], **only)
        batch.create_index("uq_application_one", ["event_id", "organisation_id"], unique=True, **only)
        for column, target in (("rejected_by_id", "user"), ("recommended_by_id", "user"), ("officer_id", "user"),
                               ("duplicate_of_id", "application"), ("reason_id", "reason")):
            batch.create_foreign_key(batch.f(f"fk_application_{column}"), target, [column], ["id"], ondelete="RESTRICT")
    run("UPDATE application SET track = 'special', profile = '{}', recommended_message = ''")
    run("UPDATE application SET waiting_since = submitted_at WHERE status = 'submitted'")
    for name, text in REASONS.items():
        run("UPDATE application SET reason_id = (SELECT id FROM reason WHERE kind = 'rejection' AND text = :text) "
            "WHERE reason = :name", text=text, name=name)
    times = sa.table("application", sa.column("id", sa.Integer), sa.column("decision_seconds", sa.Integer),
                     *(sa.column(name, sa.DateTime(timezone=True)) for name in ("submitted_at", "decided_at")))
    decided = sa.select(times.c.id, times.c.submitted_at, times.c.decided_at).where(times.c.decided_at.is_not(None))
    for number, sent, ended in op.get_bind().execute(decided).all():
        seconds = max(0, int((ended - (sent or ended)).total_seconds()))
        op.execute(times.update().where(times.c.id == number).values(decision_seconds=seconds))
    with op.batch_alter_table("application") as batch:
        batch.drop_constraint(batch.f("ck_application_rejectionreason"), type_="check")
        batch.drop_column("reason")
        for name, kind in (("track", sa.String(32)), ("profile", sa.JSON()), ("recommended_message", sa.Text())):
            batch.alter_column(name, existing_type=kind, nullable=False)
    with op.batch_alter_table("application_document") as batch:
        batch.add_column(sa.Column("question", sa.String(), nullable=True))
    run("UPDATE application_document SET question = ''")
    with op.batch_alter_table("application_document") as batch:
        batch.alter_column("question", existing_type=sa.String(), nullable=False)
    with op.batch_alter_table("application_step") as batch:
        batch.drop_constraint(batch.f("ck_application_step_applicationstatus"), type_="check")
        batch.create_check_constraint(batch.f("ck_application_step_applicationstatus"), choice("status", *NEW))
        batch.add_column(sa.Column("is_applicants", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("reason", sa.Text(), nullable=True))
    run("UPDATE application_step SET is_applicants = (status IN ('submitted', 'withdrawn')), reason = ''")
    with op.batch_alter_table("application_step") as batch:
        batch.alter_column("is_applicants", existing_type=sa.Boolean(), nullable=False)
        batch.alter_column("reason", existing_type=sa.Text(), nullable=False)


def follow_sequence(table):
    """Rows were given their numbers: PostgreSQL's counter has to know."""
    if op.get_bind().dialect.name == "postgresql":
        run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce((SELECT max(id) FROM {table}), 0) + 1, false)")


def downgrade():
    narrow_applications()
    move_windows_back()
    with op.batch_alter_table("question") as batch:
        batch.drop_constraint(batch.f("ck_question_shown_if"), type_="check")
        batch.drop_constraint(batch.f("ck_question_questionkind"), type_="check")
        for name in ("shown_value", "shown_if", "choices", "kind"):
            batch.drop_column(name)
    with op.batch_alter_table("recognition_held") as batch:
        batch.drop_constraint(batch.f("ck_recognition_held_recognitionstatus"), type_="check")
        batch.drop_constraint(batch.f("ck_recognition_held_year"), type_="check")
        batch.drop_constraint(batch.f("fk_recognition_held_settled_by_id"), type_="foreignkey")
        for name in ("settled_by_id", "settled_at", "status", "reference", "year"):
            batch.drop_column(name)
    with op.batch_alter_table("organisation") as batch:
        for name in ("merged_into", "founding_year", "scope"):
            batch.drop_constraint(batch.f(f"ck_organisation_{name}"), type_="check")
        for name in ("merged_into_id", "logo_id"):
            batch.drop_constraint(batch.f(f"fk_organisation_{name}"), type_="foreignkey")
        for name in ("web_domain", "merged_into_id"):
            batch.drop_index(batch.f(f"ix_organisation_{name}"))
        for name in ("merged_into_id", "category_confirmed_at", "logo_id", "funding", "membership", "governing_body",
                     "web_domain", "registration_number", "founding_year", "scope", "countries_of_work"):
            batch.drop_column(name)
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint(batch.f("uq_user_fs_webauthn_user_handle"), type_="unique")
        batch.drop_index(batch.f("ix_user_email_domain"))
        for name in ("fs_webauthn_user_handle", "mf_recovery_codes", "totp_counter", "tf_totp_secret",
                     "tf_primary_method", "email_domain"):
            batch.drop_column(name)
    with op.batch_alter_table("team_member") as batch:
        batch.drop_constraint(batch.f("fk_team_member_granted_by_id"), type_="foreignkey")
        batch.drop_column("granted_by_id")
    op.create_table(
        "focal_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(8), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_focal_point_organisation_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_focal_point_user_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_focal_point"),
        sa.UniqueConstraint("organisation_id", "user_id", name="uq_focal_point_organisation_id_user_id"),
        sa.UniqueConstraint("ref", name="uq_focal_point_ref"),
    )
    op.create_index("ix_focal_point_user_id", "focal_point", ["user_id"])
    run(
        "INSERT INTO focal_point (id, ref, organisation_id, user_id, since) "
        "SELECT id, ref, organisation_id, user_id, since FROM membership WHERE role = 'focal_point'"
    )
    follow_sequence("focal_point")
    drop_tables()


def narrow_applications():
    rejections = ", ".join(f"'{name}'" for name in REASONS)
    with op.batch_alter_table("application_step") as batch:
        batch.drop_constraint(batch.f("ck_application_step_applicationstatus"), type_="check")
        batch.drop_column("reason")
        batch.drop_column("is_applicants")
    with op.batch_alter_table("application_document") as batch:
        batch.drop_column("question")
    with op.batch_alter_table("application") as batch:
        for name in ("applicationstatus", "track", "recommended"):
            batch.drop_constraint(batch.f(f"ck_application_{name}"), type_="check")
        batch.add_column(sa.Column("reason", sa.String(32), nullable=True))
    # an organisation had one application to an event: what a merge set aside goes, with its steps and documents
    aside = "(SELECT id FROM application WHERE duplicate_of_id IS NOT NULL)"
    for table in ("circulated_application", "application_step", "application_document", "review_note", "criterion_check"):
        run(f"DELETE FROM {table} WHERE application_id IN {aside}")
    run("DELETE FROM application WHERE duplicate_of_id IS NOT NULL")
    for table in ("application", "application_step"):
        run(f"UPDATE {table} SET status = 'rejected' WHERE status = 'revoked'")
        run(f"UPDATE {table} SET status = 'submitted' WHERE status IN ('in_review', 'circulated')")
    run("UPDATE application SET reason = 'other' WHERE reason_id IS NOT NULL AND decided_at IS NOT NULL")
    for name, text in REASONS.items():
        run("UPDATE application SET reason = :name WHERE reason IS NOT NULL AND reason_id = "
            "(SELECT id FROM reason WHERE kind = 'rejection' AND text = :text)", name=name, text=text)
    with op.batch_alter_table("application") as batch:
        for name in ("reason_id", "officer_id", "duplicate_of_id", "recommended_by_id", "rejected_by_id"):
            batch.drop_constraint(batch.f(f"fk_application_{name}"), type_="foreignkey")
        for name in ("uq_application_one", "ix_application_waiting", "ix_application_officer",
                     "ix_application_duplicate_of_id", "ix_application_decided", "ix_application_queue"):
            batch.drop_index(name)
        batch.create_index("ix_application_queue", ["event_id", "status", "id"])
        batch.create_unique_constraint(
            batch.f("uq_application_event_id_organisation_id"), ["event_id", "organisation_id"]
        )
        batch.create_check_constraint(batch.f("ck_application_applicationstatus"), choice("status", *OLD))
        batch.create_check_constraint(batch.f("ck_application_rejectionreason"), f"reason IN ({rejections})")
        for name in ("duplicate_of_id", "rejected_by_id", "reconsideration_asked_at", "recommended_message",
                     "recommended_by_id", "recommended", "reason_id", "decision_seconds", "officer_id",
                     "waiting_since", "profile", "track"):
            batch.drop_column(name)
    with op.batch_alter_table("application_step") as batch:
        batch.create_check_constraint(batch.f("ck_application_step_applicationstatus"), choice("status", *OLD))


def move_windows_back():
    with op.batch_alter_table("event") as batch:
        batch.add_column(sa.Column("accreditation_opens_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("accreditation_closes_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_check_constraint(
            batch.f("ck_event_accreditation_window"), "accreditation_opens_at < accreditation_closes_at"
        )
    for end in ("opens", "closes"):
        run(
            f"UPDATE event SET accreditation_{end}_at = "
            f"(SELECT {end}_at FROM accreditation_process WHERE accreditation_process.event_id = event.id)"
        )
    with op.batch_alter_table("accreditation_process") as batch:
        for name in ("trackrule", "window", "promised_days"):
            batch.drop_constraint(batch.f(f"ck_accreditation_process_{name}"), type_="check")
        for name in ("promised_days", "is_two_person", "needs", "recognitions", "rule", "closes_at", "opens_at"):
            batch.drop_column(name)


def drop_tables():
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_objection_recipient_id'))

    op.drop_table('objection')
    with op.batch_alter_table('criterion_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_criterion_check_criterion_id'))

    op.drop_table('criterion_check')
    with op.batch_alter_table('served_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_served_event_process_id'))

    op.drop_table('served_event')
    with op.batch_alter_table('review_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_note_application_id'))

    op.drop_table('review_note')
    with op.batch_alter_table('criterion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_criterion_process_id'))

    op.drop_table('criterion')
    op.drop_table('circulation_recipient')
    with op.batch_alter_table('circulated_application', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_circulated_application_application_id'))

    op.drop_table('circulated_application')
    with op.batch_alter_table('organisation_word', schema=None) as batch_op:
        batch_op.drop_index('ix_organisation_word_word')

    op.drop_table('organisation_word')
    with op.batch_alter_table('organisation_name', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_name_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_organisation_name_name_key'))

    op.drop_table('organisation_name')
    with op.batch_alter_table('organisation_document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_document_organisation_id'))

    op.drop_table('organisation_document')
    with op.batch_alter_table('membership_invitation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_invitation_email'))

    op.drop_table('membership_invitation')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_user_id'))

    op.drop_table('membership')
    with op.batch_alter_table('listed_recognition', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_listed_recognition_organisation_id'))
        batch_op.drop_index('ix_listed_recognition_name_key')

    op.drop_table('listed_recognition')
    with op.batch_alter_table('likely_duplicate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_likely_duplicate_second_id'))
        batch_op.drop_index('ix_likely_duplicate_open')

    op.drop_table('likely_duplicate')
    with op.batch_alter_table('join_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_join_request_user_id'))

    op.drop_table('join_request')
    with op.batch_alter_table('circulation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_circulation_event_id'))
        batch_op.drop_index('ix_circulation_due')

    op.drop_table('circulation')
    with op.batch_alter_table('sign_in_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_link_user_id'))

    op.drop_table('sign_in_link')
    op.drop_table('passkey')
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_device_user_id'))

    op.drop_table('device')
    with op.batch_alter_table('address_change', schema=None) as batch_op:
        batch_op.drop_index('ix_address_change_old_key_hash')
        batch_op.drop_index(batch_op.f('ix_address_change_new_key_hash'))

    op.drop_table('address_change')
    op.drop_table('reason')
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_letter_about'))

    op.drop_table('letter')
