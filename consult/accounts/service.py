"""What is done with accounts. Passwords, confirmation and reset are Flask-Security's."""

from flask_babel import gettext as _

from consult.accounts import queries
from consult.accounts.models import Role, User
from consult.audit.service import record
from consult.database import locked
from consult.errors import InvalidEntry
from consult.extensions import db


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

    from consult.database import now

    if queries.person_with(email):
        raise InvalidEntry(_("This address has an account already."), field="email")
    person = User(
        email=email.strip().lower(), name=name, role=role, password=hash_password(password), confirmed_at=now()
    )
    db.session.add(person)
    db.session.flush()
    record("account.created", about=f"user:{person.ref}", by=by, detail=role)
    return person
