"""The address of an account: it moves when both mailboxes agree, or after checks when one is lost."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts import mails, queries
from consult.accounts.facts import AccountMoved, AccountRecovered
from consult.accounts.models import AddressChange, MailedLink, User, hashed
from consult.accounts.service import devices
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import locked, new_secret
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.facts import announce


def ask_for_address(person: User, email: str, *, at: datetime) -> AddressChange:
    """Begin to move an account to another address: both mailboxes are asked to confirm.

    That the new address has an account already is told to that mailbox only.

    Raises:
        InvalidEntry: it is the address the account has.
    """
    email = canonical(email)
    if email == person.email:
        raise InvalidEntry(_("This is the address your account has now."), field="email")
    locked(person)
    db.session.execute(delete(AddressChange).where(AddressChange.user_id == person.id))
    old, new = new_secret(), new_secret()
    change = AddressChange(
        user=person, email=email, old_key_hash=hashed(old), new_key_hash=hashed(new), asked_at=at,
        old_confirmed_at=None, new_confirmed_at=None,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    mails.ask_old_address(person, key=old, new=email)
    if taken := queries.person_with(email):
        mails.tell_address_taken(taken)
    else:
        mails.ask_new_address(person, key=new, new=email)
    record("account.address_change_asked", about=f"user:{person.ref}", by=person)
    return change


def confirm_address(key: str, *, at: datetime) -> AddressChange:
    """One of the two mailboxes says yes; when both have, the account has the new address.

    Raises:
        NotFound: there is no such change, or it is older than three days.
        InvalidEntry: the new address was given to another account meanwhile.
    """
    change = locked(queries.change_with(key, at=at))
    if hashed(key) == change.old_key_hash:
        change.old_confirmed_at = at
    else:
        change.new_confirmed_at = at
    if change.old_confirmed_at and change.new_confirmed_at:
        person = change.user
        if queries.person_with(change.email):
            raise InvalidEntry(_("This address cannot be used."))
        old = _set_address(person, change.email, is_proven=True)
        mails.tell_address_changed(person, to=old)
        record("account.address_changed", about=f"user:{person.ref}", by=person)
    db.session.flush()
    return change


def give_up_address(person: User, *, by: User) -> None:
    """Forget a change of address that waits for confirmation."""
    db.session.execute(delete(AddressChange).where(AddressChange.user_id == person.id))
    record("account.address_change_given_up", about=f"user:{person.ref}", by=by)


def move_address(person: User, email: str, *, checks: str, by: User) -> User:
    """Give an account another address where its mailbox is lost, after checks that are written down. Both addresses
    are told, the person is signed out everywhere, and reads passports no longer.

    Raises:
        InvalidEntry: it is not said what was checked, or the address has an account.
    """
    email = canonical(email)
    if not checks.strip():
        raise InvalidEntry(_("Say how you made sure who this is. It is kept in the record."), field="checks")
    if queries.person_with(email):
        raise InvalidEntry(_("This address has an account already."), field="email")
    locked(person)
    old = _set_address(person, email, is_proven=False)
    person.fs_uniquifier = new_secret()  # what was mailed to the lost mailbox sets no password any more
    for address in (old, email):
        mails.tell_address_changed(person, to=address)
    devices.sign_out_others(person, key="", by=by)
    record("account.address_moved", about=f"user:{person.ref}", by=by, detail=checks)
    announce(AccountRecovered(person, by))
    return person


def _set_address(person: User, email: str, *, is_proven: bool) -> str:
    """Give the account another address; links that were mailed to the old one, which is returned, end with it."""
    old, person.email = person.email, email
    db.session.execute(delete(AddressChange).where(AddressChange.user_id == person.id))
    db.session.execute(delete(MailedLink).where(MailedLink.email == old))
    db.session.flush()
    announce(AccountMoved(person, old, is_proven))
    return old
