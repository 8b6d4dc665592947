"""Loading the demo, step by step; what is there already is left as it is."""

from collections.abc import Callable

from flask_security import hash_password
from sqlalchemy import delete, select

from consult.accounts.models import Role, User
from consult.accounts.queries import person_with
from consult.database import begin_writing, now
from consult.demo import coming, past
from consult.demo.meetings import MEETINGS
from consult.demo.people import organisations
from consult.events.queries import is_slug_free
from consult.extensions import db
from consult.organisations.models import Membership, Organisation
from consult.outbox.models import Message
from consult.reference.stakeholders import StakeholderCategory

PASSWORD = "consult-demo"  # noqa: S105  printed for everybody; the demo only
STAFF = {
    "administrator": ("Ada Okonkwo", Role.ADMINISTRATOR),
    "secretariat": ("Sofía Haddad", Role.SECRETARIAT),
    "manager": ("Mateo Lindqvist", Role.PERSON),
    "officer": ("Ines Tamang", Role.PERSON),
    "door": ("Daniel Kim", Role.PERSON),
    "focal": ("Fatou Diallo", Role.PERSON),
    "participant": ("Paola Reyes", Role.PERSON),
    "applicant": ("Amal Ortiz", Role.PERSON),
}


def address(name: str) -> str:
    return f"{name}@demo.example"


def load(say: Callable[[str], None]) -> bool:
    """Build what is missing, each meeting in a transaction of its own. False if everything was there."""
    begin_writing()
    staff = _staff()
    made = organisations()
    _focal_point(staff["focal"], made)
    db.session.commit()
    say(f"{len(made)} organisations, {len(staff)} people who sign in")
    changed = False
    for meeting in MEETINGS:
        if is_slug_free(meeting.slug):
            begin_writing()
            past.build(meeting, made, by=staff["secretariat"])
            db.session.commit()
            changed = True
            say(meeting.title)
    if is_slug_free(coming.SLUG):
        begin_writing()
        coming.build(made, staff)
        db.session.execute(delete(Message))  # building is no reason to write to anybody
        db.session.commit()
        changed = True
        say("one meeting to come, with every window open")
    return changed


def _staff() -> dict[str, User]:
    known = {name: person_with(address(name)) for name in STAFF}
    if all(known.values()):
        return {name: user for name, user in known.items() if user}
    password = hash_password(PASSWORD)
    for name, (title, role) in STAFF.items():
        known[name] = known[name] or User(
            email=address(name), name=title, role=role, password=password, confirmed_at=now(), timezone="Europe/Zurich"
        )
    people = {name: user for name, user in known.items() if user}
    db.session.add_all(people.values())
    db.session.flush()
    return people


def _focal_point(user: User, made: list[Organisation]) -> None:
    """The demo's focal point acts for an institute, which can register at once without accreditation."""
    if db.session.scalar(select(Membership.id).where(Membership.user_id == user.id)) is None:
        academia = next(each for each in made if each.category is StakeholderCategory.ACADEMIA)
        db.session.add(Membership(organisation=academia, user=user, since=now()))
    db.session.flush()
