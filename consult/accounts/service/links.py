"""Links by mail: whoever opens one has the mailbox. Mail scanners open them too, so a page with a button comes first.

An address with an account and one without are treated alike: a row, a mail, the same answer and the same work. What
is so is written in the mail only, which nobody reads but the owner of the mailbox.
"""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts import mails, queries
from consult.accounts.models import LinkPurpose, MailedLink, User, hashed
from consult.accounts.service import devices, people
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import locked, new_secret
from consult.errors import NotFound
from consult.extensions import db

LINKS_AN_HOUR = 5  # for one address and purpose: a stranger cannot fill a mailbox
KEPT = timedelta(days=7)


def send(purpose: LinkPurpose, email: str, *, next_path: str = "", language: str, at: datetime) -> None:
    """Mail a link to an address, or what is so there: that it has an account already, or has none.

    Args:
        next_path: where the person was going, on this site.
        language: of the page on which it was asked for; who has an account is written to in their own.
    """
    email = canonical(email)
    db.session.execute(delete(MailedLink).where(MailedLink.email == email, MailedLink.made_at < at - KEPT))
    if queries.links_since(email, purpose, at - timedelta(hours=1)) >= LINKS_AN_HOUR:
        return
    key = new_secret()
    db.session.add(MailedLink(purpose=purpose, email=email, key_hash=hashed(key), made_at=at, next_path=next_path))
    db.session.flush()
    mails.send_link(purpose, email, person=_account(email), key=key, language=language)


def _account(email: str) -> User | None:
    """The account that is open at this address; one that was never confirmed is none."""
    person = queries.person_with(email)
    return person if person is not None and person.active and person.confirmed_at is not None else None


def sign_in(key: str, *, at: datetime) -> User:
    """Whose link this is; it is used up.

    Raises:
        NotFound: there is none, it is too old, or it was used before.
    """
    link = _use(key, LinkPurpose.SIGN_IN, at=at)
    person = _person(link)
    record("account.link_used", about=f"user:{person.ref}", by=person)
    return person


def finish_sign_up(key: str, *, name: str, password: str, at: datetime) -> User:
    """Open the account; the link is used up.

    Raises:
        NotFound: there is no such link, it is too old, or it was used before.
        InvalidEntry: the address has got an account meanwhile.
    """
    link = _use(key, LinkPurpose.SIGN_UP, at=at)
    return people.open_account(link.email, name=name, password=password, at=at)


def choose_password(key: str, password: str, *, at: datetime) -> User:
    """Set the password of whoever has the mailbox; the link is used up, and all that was signed in ends.

    Raises:
        NotFound: there is no such link, it is too old, or it was used before.
    """
    link = _use(key, LinkPurpose.NEW_PASSWORD, at=at)
    person = people.set_password(_person(link), password)
    others = MailedLink.email == link.email, MailedLink.used_at.is_(None)
    db.session.execute(delete(MailedLink).where(*others))  # links that were asked for before end with the old password
    devices.sign_out_others(person, key="", by=person)
    mails.tell_password_changed(person)
    return person


def _use(key: str, purpose: LinkPurpose, *, at: datetime) -> MailedLink:
    locked(queries.mailed_link(key, purpose, at=at))
    link = queries.mailed_link(key, purpose, at=at)  # again, now that nobody else can use it up
    link.used_at = at
    db.session.flush()
    return link


def _person(link: MailedLink) -> User:
    person = _account(link.email)
    if person is None:
        raise NotFound(_("This link has been used, or it is too old. Ask for a new one."))
    return person
