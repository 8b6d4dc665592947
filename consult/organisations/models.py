"""Organisations, the people who belong to them, their documents, and the recognitions they hold."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.database import Model, to
from consult.files.models import StoredFile
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import OFFICIAL, Recognition, Scope, StakeholderCategory
from consult.words import Word


class OrganisationRole(Word):
    """What a person is in an organisation."""

    FOCAL_POINT = "focal_point", _l("Focal point")
    MEMBER = "member", _l("Member")


class DocumentKind(Word):
    CONSTITUTION = "constitution", _l("Constitution or by-laws")
    REGISTRATION = "registration", _l("Certificate of registration")
    ANNUAL_REPORT = "annual_report", _l("Annual report")
    FINANCIAL_STATEMENT = "financial_statement", _l("Financial statement")
    OTHER = "other", _l("Other document")


class RecognitionStatus(Word):
    CLAIMED = "claimed", _l("Claimed, not verified yet"), "wait"
    VERIFIED = "verified", _l("Verified"), "good"
    REFUSED = "refused", _l("Could not be verified"), "bad"


class InvitationStatus(Word):
    OPEN = "open", _l("Waits for an answer"), "wait"
    ACCEPTED = "accepted", _l("Accepted"), "good"
    DECLINED = "declined", _l("Declined"), "bad"
    CANCELLED = "cancelled", _l("Taken back"), "plain"


class Organisation(Model):
    """One profile, used for every event.

    An organisation that was merged into another keeps its row, so that its old address leads to the other; it is
    in no list.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        Index("ix_organisation_name_key", "name_key"),
        CheckConstraint("founding_year BETWEEN 1000 AND 2999", name="founding_year"),
        CheckConstraint("merged_into_id <> id", name="merged_into"),
    )

    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300))
    short_name: Mapped[str] = mapped_column(String(60), default="")
    category: Mapped[StakeholderCategory]
    country: Mapped[str] = mapped_column(String(2))
    countries_of_work: Mapped[list[str]] = mapped_column(default=list)
    scope: Mapped[Scope | None]
    founding_year: Mapped[int | None]
    registration_number: Mapped[str] = mapped_column(String(100), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    web_domain: Mapped[str] = mapped_column(String(253), default="", index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    governing_body: Mapped[str] = mapped_column(Text, default="")
    membership: Mapped[str] = mapped_column(Text, default="")
    funding: Mapped[str] = mapped_column(Text, default="")
    logo_id: Mapped[int | None] = mapped_column(to("stored_file.id"))
    created_at: Mapped[datetime]
    category_confirmed_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(to("organisation.id"), index=True)

    logo: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")
    merged_into: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id", lazy="raise_on_sql")
    names: Mapped[list["OrganisationName"]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", lazy="raise_on_sql", order_by="OrganisationName.id"
    )
    documents: Mapped[list["OrganisationDocument"]] = relationship(
        back_populates="organisation", lazy="raise_on_sql", order_by="OrganisationDocument.id"
    )
    recognitions: Mapped[list["RecognitionHeld"]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", lazy="raise_on_sql", order_by="RecognitionHeld.id"
    )

    @property
    def region(self) -> Region | None:
        """Follows from the country of seat."""
        return region_of(self.country)

    @property
    def is_category_open(self) -> bool:
        """It says it is a State or an intergovernmental body, and the secretariat has not confirmed it yet."""
        return self.category in OFFICIAL and self.category_confirmed_at is None


# the words of all names, for a search by the beginnings of words
organisation_word = Table(
    "organisation_word",
    Model.metadata,
    Column("organisation_id", ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
    # compared byte by byte on both databases, so that the beginning of a word is a range of its index
    Column("word", String(40).with_variant(VARCHAR(40, collation="C"), "postgresql"), primary_key=True),
    Index("ix_organisation_word_word", "word", "organisation_id"),
)


class OrganisationName(Model):
    """A name besides the full one: in another language, or one it had before. `key` is compared for likeness."""

    __tablename__ = "organisation_name"

    organisation_id: Mapped[int] = mapped_column(to("organisation.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(8), default="")
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)

    organisation: Mapped[Organisation] = relationship(back_populates="names", lazy="raise_on_sql")


class OrganisationDocument(Model):
    """What is asked for at every accreditation, kept once."""

    __tablename__ = "organisation_document"
    __table_args__ = (CheckConstraint("year BETWEEN 1900 AND 2999", name="year"),)

    organisation_id: Mapped[int] = mapped_column(to("organisation.id"), index=True)
    file_id: Mapped[int] = mapped_column(to("stored_file.id"))
    kind: Mapped[DocumentKind]
    year: Mapped[int | None]
    expires_on: Mapped[date | None]
    added_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(back_populates="documents", lazy="raise_on_sql")
    file: Mapped[StoredFile] = relationship(lazy="raise_on_sql")


class Membership(Model):
    """A person's part in an organisation. Focal points apply, register others and send written input; members read."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    organisation_id: Mapped[int] = mapped_column(to("organisation.id"))
    user_id: Mapped[int] = mapped_column(to("user.id"), index=True)
    role: Mapped[OrganisationRole] = mapped_column(default=OrganisationRole.FOCAL_POINT)
    since: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(to("user.id"))

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="raise_on_sql")
    granted_by: Mapped[User | None] = relationship(foreign_keys=[granted_by_id], lazy="raise_on_sql")


class MembershipInvitation(Model):
    """An address that is invited to join; whoever has confirmed that address may accept."""

    __tablename__ = "membership_invitation"
    __table_args__ = (UniqueConstraint("organisation_id", "email"),)

    organisation_id: Mapped[int] = mapped_column(to("organisation.id"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[OrganisationRole]
    status: Mapped[InvitationStatus] = mapped_column(default=InvitationStatus.OPEN)
    invited_by_id: Mapped[int] = mapped_column(to("user.id"))
    invited_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    invited_by: Mapped[User] = relationship(lazy="raise_on_sql")


class JoinRequest(Model):
    """Somebody who says they belong to an organisation that has a profile already."""

    __tablename__ = "join_request"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    organisation_id: Mapped[int] = mapped_column(to("organisation.id"))
    user_id: Mapped[int] = mapped_column(to("user.id"), index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[InvitationStatus] = mapped_column(default=InvitationStatus.OPEN)
    asked_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")


class RecognitionHeld(Model):
    """A status the organisation holds: as it says, or as the secretariat or an imported list confirms."""

    __tablename__ = "recognition_held"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind"),
        CheckConstraint("year BETWEEN 1945 AND 2999", name="year"),
    )

    organisation_id: Mapped[int] = mapped_column(to("organisation.id", ondelete="CASCADE"))
    kind: Mapped[Recognition]
    year: Mapped[int | None]
    reference: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[RecognitionStatus] = mapped_column(default=RecognitionStatus.CLAIMED)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(to("user.id"))

    organisation: Mapped[Organisation] = relationship(back_populates="recognitions", lazy="raise_on_sql")
    settled_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    @property
    def is_verified(self) -> bool:
        return self.status is RecognitionStatus.VERIFIED


class ListedRecognition(Model):
    """A line of an imported list of recognised organisations; matched to a profile, or waiting for one."""

    __tablename__ = "listed_recognition"
    __table_args__ = (
        UniqueConstraint("kind", "name_key", "country"),
        Index("ix_listed_recognition_name_key", "name_key"),
        CheckConstraint("year BETWEEN 1945 AND 2999", name="year"),
    )

    kind: Mapped[Recognition]
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300))
    country: Mapped[str] = mapped_column(String(2), default="")
    year: Mapped[int | None]
    reference: Mapped[str] = mapped_column(String(100), default="")
    imported_at: Mapped[datetime]
    organisation_id: Mapped[int | None] = mapped_column(to("organisation.id"), index=True)

    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")


class LikelyDuplicate(Model):
    """Two profiles that look like one organisation. The one with the lower number stands first."""

    __tablename__ = "likely_duplicate"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
        Index("ix_likely_duplicate_open", "is_dismissed", "id"),
    )

    first_id: Mapped[int] = mapped_column(to("organisation.id"))
    second_id: Mapped[int] = mapped_column(to("organisation.id"), index=True)
    reasons: Mapped[list[str]]
    found_at: Mapped[datetime]
    is_dismissed: Mapped[bool] = mapped_column(default=False)

    first: Mapped[Organisation] = relationship(foreign_keys=[first_id], lazy="raise_on_sql")
    second: Mapped[Organisation] = relationship(foreign_keys=[second_id], lazy="raise_on_sql")
