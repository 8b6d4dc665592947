"""What is done with accounts. Passwords, confirmation, reset and second factors are Flask-Security's."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts import mails, queries
from consult.accounts.models import AddressChange, Device, Role, SignInLink, User, hashed
from consult.audit.service import record
from consult.database import insert_new, locked, new_secret, now
from consult.errors import InvalidEntry
from consult.extensions import db

LINKS_AN_HOUR = 5


def change_role(person: User, role: Role, *, by: User) -> User:
    """Make a person secretariat or administrator, or take that from them."""
    locked(person)
    was, person.role = person.role, role
    if was is not role:
        record("account.role_changed", about=f"user:{person.ref}", by=by, detail=f"{was} → {role}")
    return person


def change_preferences(person: User, *, name: str, language: str, timezone: str) -> User:
    """What the person is called, and the language and zone they read."""
    person.name, person.language, person.timezone = name, language, timezone
    record("account.changed", about=f"user:{person.ref}", by=person)
    return person


def invited_person(email: str) -> User:
    """The account of an address that is to be given a part in something.

    Raises:
        InvalidEntry: nobody has signed up with it.
    """
    person = queries.person_with(email)
    if person is None:
        message = _("Nobody has signed up with this address yet. Ask the person to do so first.")
        raise InvalidEntry(message, field="email")
    return person


def create(*, email: str, name: str, role: Role, password: str, by: User | None = None) -> User:
    """Make a confirmed account; used by `flask create-administrator`, where no mail can confirm the first one.

    Raises:
        InvalidEntry: the address has an account.
    """
    from flask_security import hash_password

    if queries.person_with(email):
        raise InvalidEntry(_("This address has an account already."), field="email")
    person = User(
        email=email.strip().lower(), name=name, role=role, password=hash_password(password), confirmed_at=now()
    )
    db.session.add(person)
    db.session.flush()
    record("account.created", about=f"user:{person.ref}", by=by, detail=role)
    return person


def send_link(email: str, *, at: datetime) -> None:
    """Mail a link that signs in once, if the address has an account; whoever asks learns nothing either way."""
    person = queries.person_with(email)
    if person is None or not person.active or person.confirmed_at is None:
        return
    if queries.links_since(person, at - timedelta(hours=1)) >= LINKS_AN_HOUR:
        return  # a mailbox cannot be filled by a stranger
    key = new_secret()
    db.session.add(SignInLink(user=person, key_hash=hashed(key), made_at=at))
    mails.send_sign_in_link(person, key=key)


def use_link(key: str, *, at: datetime) -> User:
    """Whose link this is; it is used up.

    Raises:
        NotFound: there is none, it is too old, or it was used before.
    """
    locked(queries.sign_in_link(key, at=at))
    link = queries.sign_in_link(key, at=at)  # again, now that nobody else can use it up
    link.used_at = at
    record("account.link_used", about=f"user:{link.user.ref}", by=link.user)
    return link.user


def ask_for_address(person: User, email: str, *, at: datetime) -> AddressChange:
    """Begin to move an account to another address: both mailboxes are asked to confirm.

    That the new address has an account already is told to that mailbox only.

    Raises:
        InvalidEntry: it is the address the account has.
    """
    email = email.strip().lower()
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
        old = _set_address(person, change.email)
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
    are told, and the person is signed out everywhere.

    Raises:
        InvalidEntry: it is not said what was checked, or the address has an account.
    """
    email = email.strip().lower()
    if not checks.strip():
        raise InvalidEntry(_("Say how you made sure who this is. It is kept in the record."), field="checks")
    if queries.person_with(email):
        raise InvalidEntry(_("This address has an account already."), field="email")
    locked(person)
    old = _set_address(person, email)
    person.fs_uniquifier = new_secret()  # what was mailed to the lost mailbox sets no password any more
    for address in (old, email):
        mails.tell_address_changed(person, to=address)
    sign_out_others(person, key="", by=by)
    record("account.address_moved", about=f"user:{person.ref}", by=by, detail=checks)
    return person


def _set_address(person: User, email: str) -> str:
    """Give the account another address; links that were mailed to the old one, which is returned, end with it."""
    old, person.email = person.email, email
    db.session.execute(delete(AddressChange).where(AddressChange.user_id == person.id))
    db.session.execute(delete(SignInLink).where(SignInLink.user_id == person.id))
    db.session.flush()
    return old


def remember_device(person: User, *, browser: str, at: datetime) -> str:
    """Note that the person is signed in at this browser; returns the key its cookie is to hold."""
    key = new_secret()
    row = {"user_id": person.id, "key_hash": hashed(key), "browser": browser, "signed_in_at": at, "seen_at": at}
    insert_new(Device, [row], unless=["key_hash"])
    return key


def forget_device(key: str) -> None:
    """Nobody is signed in with this cookie any more."""
    db.session.execute(delete(Device).where(Device.key_hash == hashed(key)))


def sign_out_device(device: Device, *, by: User) -> None:
    """End what is signed in at another browser."""
    db.session.delete(device)
    record("account.device_signed_out", about=f"user:{by.ref}", by=by)


def sign_out_others(person: User, *, key: str, by: User | None) -> None:
    """End everything but this browser; with an empty key everything."""
    db.session.execute(delete(Device).where(Device.user_id == person.id, Device.key_hash != hashed(key)))
    record("account.signed_out_everywhere", about=f"user:{person.ref}", by=by)


def reset_second_factor(person: User, *, by: User | None) -> None:
    """Take away a second factor that was lost, after checks; the person is signed out and told.

    Args:
        by: None for `flask reset-second-factor`, for an installation whose only administrator lost theirs.
    """
    person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = None
    person.webauthn.clear()
    sign_out_others(person, key="", by=by)
    mails.tell_second_factor(person, change="reset")
    record("account.second_factor_reset", about=f"user:{person.ref}", by=by)
    db.session.flush()
