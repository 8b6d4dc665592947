"""Reads about people who sign in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from consult.accounts.models import AddressChange, Device, FailedAttempts, LinkPurpose, MailedLink, Role, User, hashed
from consult.addresses import canonical
from consult.errors import NotFound
from consult.extensions import db
from consult.paging import Page, page

LINK_LASTS = {
    LinkPurpose.SIGN_UP: timedelta(days=3),
    LinkPurpose.SIGN_IN: timedelta(minutes=10),
    LinkPurpose.NEW_PASSWORD: timedelta(hours=4),
}
CHANGE_LASTS = timedelta(days=3)


def person_at(ref: str) -> User:
    user = db.session.scalar(select(User).where(User.ref == ref))
    if user is None:
        raise NotFound(_("There is no such person."))
    return user


def person_with(email: str) -> User | None:
    """The account of an address, if it has one."""
    return db.session.scalar(select(User).where(User.email == canonical(email)))


def administrators() -> Sequence[User]:
    """Those who can sign in, in the order in which they are locked."""
    everybody = select(User).where(User.role == Role.ADMINISTRATOR, User.active)
    return db.session.scalars(everybody.order_by(User.__table__.c.id)).all()


def secretariat() -> Sequence[User]:
    """Everybody of the secretariat who can sign in."""
    everybody = select(User).where(
        User.role.in_([Role.SECRETARIAT, Role.ADMINISTRATOR]), User.active, User.confirmed_at.is_not(None)
    )
    return db.session.scalars(everybody.order_by(User.__table__.c.id)).all()


def people(*, text: str = "", after: int | None = None) -> Page[User]:
    statement = select(User)
    if text:
        wanted = f"%{text.lower()}%"
        statement = statement.where(or_(func.lower(User.name).like(wanted), User.email.like(wanted)))
    return page(statement, User, after=after)


def devices_of(person: User) -> Sequence[Device]:
    """Where the person is signed in, the latest first."""
    return db.session.scalars(
        select(Device).where(Device.user_id == person.id).order_by(Device.seen_at.desc(), Device.id.desc())
    ).all()


def device_at(ref: str) -> Device:
    device = db.session.scalar(select(Device).where(Device.ref == ref))
    if device is None:
        raise NotFound(_("There is no such device. It may have been signed out already."))
    return device


def device_with(key: str, person: User) -> Device | None:
    """The device whose cookie holds this key, if this person is signed in there."""
    return db.session.scalar(select(Device).where(Device.key_hash == hashed(key), Device.user_id == person.id))


def links_since(email: str, purpose: LinkPurpose, since: datetime) -> int:
    """How many links for this purpose were made for an address since then."""
    made = select(func.count(MailedLink.id)).where(
        MailedLink.email == email, MailedLink.purpose == purpose, MailedLink.made_at > since
    )
    return db.session.scalar(made) or 0


def mailed_link(key: str, purpose: LinkPurpose, *, at: datetime) -> MailedLink:
    """The link of this key that still works.

    Raises:
        NotFound: there is none for this purpose, it was used, or it is too old.
    """
    link = db.session.scalar(
        select(MailedLink).where(MailedLink.key_hash == hashed(key), MailedLink.purpose == purpose)
    )
    if link is None or link.used_at or link.made_at + LINK_LASTS[purpose] < at:
        raise NotFound(_("This link has been used, or it is too old. Ask for a new one."))
    return link


def failed_attempts(keys: Sequence[str]) -> Sequence[FailedAttempts]:
    """What is known of these fingerprints."""
    return db.session.scalars(select(FailedAttempts).where(FailedAttempts.key.in_(keys))).all()


def change_of(person: User) -> AddressChange | None:
    """The change of address that waits for confirmation, if there is one."""
    return db.session.scalar(select(AddressChange).where(AddressChange.user_id == person.id))


def change_with(key: str, *, at: datetime) -> AddressChange:
    """The change of address that one of the two keys belongs to, while it can be confirmed."""
    which = or_(AddressChange.old_key_hash == hashed(key), AddressChange.new_key_hash == hashed(key))
    change = db.session.scalar(select(AddressChange).where(which).options(joinedload(AddressChange.user)))
    if change is None or change.asked_at + CHANGE_LASTS < at:
        raise NotFound(_("This link is no longer valid. Ask for the change again on the page of your account."))
    return change
