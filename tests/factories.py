"""What tests are made of."""

from datetime import UTC, date, datetime, time

import factory
from factory.alchemy import SQLAlchemyModelFactory

from consult.accounts.models import Role, User
from consult.accreditation.models import Application, ApplicationStatus
from consult.accreditation.models.applications import WAITING
from consult.accreditation.queries import process_of
from consult.accreditation.service import processes
from consult.agenda.models import Session, SessionKind
from consult.campaigns.models import Campaign, Invitation
from consult.events.models import (
    Event,
    EventDay,
    EventKind,
    EventModality,
    EventStatus,
    ParticipantCategory,
    Series,
    TeamMember,
)
from consult.extensions import db
from consult.inputs import service as inputs
from consult.inputs.models import Call
from consult.organisations.models import Membership, Organisation
from consult.organisations.queries import name_key
from consult.questions.models import QuestionSet
from consult.questions.service import Entry as Question
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.models import Registration, RegistrationStatus
from consult.words import Modality

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO, FAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)


class Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731
        sqlalchemy_session_persistence = "flush"


class UserFactory(Factory):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    confirmed_at = NOON
    role = Role.PERSON
    tf_primary_method = "authenticator"  # whose role needs one has it; tests of the second factor say None
    tf_totp_secret = "not read in tests"


class SecretariatFactory(UserFactory):
    role = Role.SECRETARIAT


class OrganisationFactory(Factory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    name_key = factory.LazyAttribute(lambda o: name_key(o.name))
    category = StakeholderCategory.CIVIL_SOCIETY
    country = "KE"
    created_at = NOON
    recognitions = factory.LazyFunction(list)
    names = factory.LazyFunction(list)
    documents = factory.LazyFunction(list)


class FocalPointFactory(Factory):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)
    since = NOON


class SeriesFactory(Factory):
    class Meta:
        model = Series

    title = factory.Sequence(lambda n: f"Series {n}")
    slug = factory.Sequence(lambda n: f"series-{n}")


class EventFactory(Factory):
    """A published hybrid event of two days with every window open, and no category."""

    class Meta:
        model = Event

    slug = factory.Sequence(lambda n: f"meeting-{n}")
    series = factory.SubFactory(SeriesFactory)
    title = "Annual meeting"
    kind = EventKind.ANNUAL_MEETING
    modality = EventModality.HYBRID
    status = EventStatus.PUBLISHED
    timezone = "Europe/Zurich"
    contact = "contact@example.org"
    join_link = "https://meet.example/secret"
    registration_opens_at = LONG_AGO
    registration_closes_at = FAR
    offer_hours = 0  # tests of offers say otherwise
    inputs_opens_at = LONG_AGO
    inputs_closes_at = FAR
    created_at = NOON
    categories = factory.LazyFunction(list)
    first_day = date(2027, 3, 17)
    last_day = date(2027, 3, 18)
    days = factory.LazyFunction(
        lambda: [EventDay(date=date(2027, 3, n), starts=time(9, 30), ends=time(17, 30)) for n in (17, 18)]
    )


class CategoryFactory(Factory):
    class Meta:
        model = ParticipantCategory

    event = factory.SubFactory(EventFactory)
    title = factory.Sequence(lambda n: f"Category {n}")
    stakeholders = factory.LazyFunction(list)
    capacity_in_person = 10
    capacity_online = None
    question_set = factory.LazyFunction(lambda: QuestionSet(questions=[]))
    days = factory.LazyAttribute(lambda o: list(o.event.days))


class TeamMemberFactory(Factory):
    class Meta:
        model = TeamMember

    event = factory.SubFactory(EventFactory)
    user = factory.SubFactory(UserFactory)
    since = NOON


class SessionFactory(Factory):
    class Meta:
        model = Session

    event = factory.SubFactory(EventFactory)
    day = factory.LazyAttribute(lambda o: o.event.days[0])
    title = factory.Sequence(lambda n: f"Session {n}")
    kind = SessionKind.PLENARY
    starts = time(10)
    ends = time(11)
    speakers = factory.LazyFunction(list)


class RegistrationFactory(Factory):
    class Meta:
        model = Registration

    event = factory.SelfAttribute("category.event")
    category = factory.SubFactory(CategoryFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    organisation_name = factory.LazyAttribute(lambda o: o.organisation.name if o.organisation else "")
    given_name = "Ana"
    family_name = factory.Sequence(lambda n: f"Person{n}")
    name_key = factory.LazyAttribute(lambda o: name_key(f"{o.given_name} {o.family_name}"))
    email = factory.Sequence(lambda n: f"participant{n}@example.org")
    stakeholder = StakeholderCategory.CIVIL_SOCIETY
    official_confirmed_at = NOON  # asked only of who says they come for a State
    country = "KE"
    gender = Gender.WOMAN
    modality = Modality.IN_PERSON
    status = RegistrationStatus.CONFIRMED
    registered_at = NOON
    days = factory.LazyAttribute(lambda o: list(o.category.days))
    sessions = factory.LazyFunction(list)


class CampaignFactory(Factory):
    class Meta:
        model = Campaign

    event = factory.SubFactory(EventFactory)
    subject = "You are invited"
    message = "Please come."
    created_at = NOON


class InvitationFactory(Factory):
    class Meta:
        model = Invitation

    campaign = factory.SubFactory(CampaignFactory)
    event = factory.SelfAttribute("campaign.event")
    name = factory.Sequence(lambda n: f"Guest {n}")
    email = factory.Sequence(lambda n: f"guest{n}@example.org")


def an_event(**changes: object) -> Event:
    """An event with its days loaded, and one category for everybody (10 places in person)."""
    capacity = changes.pop("capacity", 10)
    category = {k: changes.pop(k) for k in ("requires_accreditation", "stakeholders") if k in changes}
    event = EventFactory(**changes)
    CategoryFactory(event=event, capacity_in_person=capacity, **category)
    process = processes.prepare(event)
    process.opens_at, process.closes_at, process.needs = LONG_AGO, FAR, []
    db.session.commit()
    return event


def an_event_today() -> Event:
    """An event that is held now, the whole day, with one category."""
    today = datetime.now(UTC).date()
    day = EventDay(date=today, starts=time.min, ends=time.max.replace(microsecond=0))
    event = EventFactory(days=[day], first_day=today, last_day=today, timezone="UTC", offer_hours=0)
    CategoryFactory(event=event, capacity_in_person=10)
    db.session.commit()
    return event


def an_application(
    event: Event, *, status: ApplicationStatus = ApplicationStatus.SUBMITTED, **changes: object
) -> Application:
    """An application with answers, as it stands in the queue."""
    answers = {question.ref: "We help." for question in process_of(event).question_set.questions}
    organisation = changes.pop("organisation", None) or OrganisationFactory()
    application = Application(
        event=event, organisation=organisation, answers=answers, saved_at=NOON, status=status, documents=[], steps=[],
        **{
            "submitted_at": None if status == ApplicationStatus.DRAFT else NOON,
            "waiting_since": NOON if status in WAITING else None,
            **changes,
        },
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    return application


def a_call(event: Event, *texts: str, word_limit: int | None = 5) -> Call:
    """A call for input with these questions, each with the word limit."""
    questions = [Question(text=text, word_limit=word_limit) for text in texts or ("What do you recommend?",)]
    return inputs.create_call(event, inputs.CallEntry(title="Comments", questions=questions), by=SecretariatFactory())
