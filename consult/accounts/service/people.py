"""Who has an account, and what they may be."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts import mails, passwords, queries
from consult.accounts.facts import AccountDeleted
from consult.accounts.models import AddressChange, Device, MailedLink, Role, User
from consult.addresses import canonical
from consult.audit.service import forget_person, record
from consult.database import locked, new_secret, now
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.extensions import db
from consult.facts import announce
from consult.outbox import service as outbox


def change_role(person: User, role: Role, *, by: User) -> User:
    """Make a person secretariat or administrator, or take that from them. One administrator is enough for it, so
    the whole secretariat is told, who was of it until now included."""
    locked(person)
    if person.role is role:
        return person
    told = {each.id: each for each in (*queries.secretariat(), person)}
    was, person.role = person.role, role
    db.session.flush()
    record("account.role_changed", about=f"user:{person.ref}", by=by, detail=f"{was} → {role}")
    mails.tell_role_changed([*told.values()], person, was=was, by=by)
    return person


def change_preferences(person: User, *, name: str, language: str, timezone: str) -> User:
    """What the person is called, and the language and zone they read."""
    person.name, person.language, person.timezone = name, language, timezone
    record("account.changed", about=f"user:{person.ref}", by=person)
    return person


def create(*, email: str, name: str, role: Role, password: str, by: User | None = None) -> User:
    """Make a confirmed account; used by `flask create-administrator`, where no mail can confirm the first one.

    Raises:
        InvalidEntry: the address has an account.
    """
    email = canonical(email)
    if queries.person_with(email):
        raise InvalidEntry(_("This address has an account already."), field="email")
    person = User(email=email, name=name, role=role)
    _confirm(person, password, at=now())
    record("account.created", about=f"user:{person.ref}", by=by, detail=role)
    return person


def open_account(email: str, *, name: str, password: str, at: datetime) -> User:
    """Give whoever has proved a mailbox an account with the password they choose.

    An account that was begun for this address and never confirmed is begun afresh: no password, second factor or
    device that somebody else may have set stays.

    Raises:
        InvalidEntry: the address has an account.
    """
    person = queries.person_with(email)
    if person is not None and person.confirmed_at is not None:
        raise InvalidEntry(_("This address has an account already. Sign in, or choose a new password."))
    if person is None:
        person = User(email=email, name=name)
    else:
        person.name, person.fs_uniquifier = name, new_secret()
        person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = None
        person.webauthn.clear()
        db.session.execute(delete(Device).where(Device.user_id == person.id))
    _confirm(person, password, at=at)
    record("account.created", about=f"user:{person.ref}", by=person)
    return person


def _confirm(person: User, password: str, *, at: datetime) -> None:
    from flask_security import hash_password

    person.password, person.confirmed_at, person.active = hash_password(passwords.normal(password)), at, True
    db.session.add(person)
    db.session.flush()


def set_password(person: User, password: str) -> User:
    """The password that whoever has proved the mailbox chooses. What was signed in elsewhere ends."""
    from flask_security import hash_password

    locked(person)
    person.password = hash_password(passwords.normal(password))
    record("account.password_reset", about=f"user:{person.ref}", by=person)
    return person


def delete_account(person: User, *, by: User) -> User:
    """Delete an account. What an organisation or the secretariat did with it stays, without the name.

    Raises:
        TransitionNotAllowed: it is the last administrator's, or the last focal point's of an organisation.
    """
    if person.is_administrator and len([locked(each) for each in queries.administrators()]) < 2:
        message = _("You are the only administrator. Make somebody else administrator first.")
        raise TransitionNotAllowed(message)
    locked(person)
    announce(AccountDeleted(person))
    outbox.forget(f"user:{person.ref}")
    outbox.forget_mailbox(person.email)
    forget_person(person.ref, name=person.name)
    for model in (Device, AddressChange):
        db.session.execute(delete(model).where(model.user_id == person.id))
    db.session.execute(delete(MailedLink).where(MailedLink.email == person.email))
    person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = person.totp_counter = None
    person.webauthn.clear()
    person.name, person.email, person.password = "–", f"deleted-{person.ref.lower()}", None
    person.language, person.timezone = "", ""
    person.role, person.active, person.confirmed_at = Role.PERSON, False, None
    person.fs_uniquifier, person.fs_webauthn_user_handle = new_secret(), None
    db.session.flush()
    record("account.deleted", about=f"user:{person.ref}", by=None)
    return person
