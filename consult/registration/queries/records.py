"""Reads of what belongs to registrations: files, passports, follow-up forms, the list of participants."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.errors import NotFound
from consult.events.models import Event, ParticipantCategory
from consult.extensions import db
from consult.paging import Page, each, page
from consult.questions.models import QuestionSet
from consult.registration.models import (
    Asked,
    BadgeRun,
    BadgeRunStatus,
    FollowUp,
    FollowUpAnswer,
    FollowUpStatus,
    Passport,
    Registration,
    RegistrationDocument,
    RegistrationStatus,
    Visibility,
)
from consult.registration.queries.registrations import registration_at
from consult.words import Modality


def document_for(registration: Registration, question: str) -> RegistrationDocument | None:
    """The file that answers the question of this reference."""
    return db.session.scalar(
        select(RegistrationDocument)
        .where(RegistrationDocument.registration_id == registration.id, RegistrationDocument.question == question)
        .options(joinedload(RegistrationDocument.file))
    )


def documents_of(registration: Registration) -> Sequence[RegistrationDocument]:
    return db.session.scalars(
        select(RegistrationDocument)
        .where(RegistrationDocument.registration_id == registration.id)
        .options(joinedload(RegistrationDocument.file))
    ).all()


def document_at(slug: str, ref: str, document: str) -> RegistrationDocument:
    """A file of a registration, looked for inside it and its event only."""
    found = db.session.scalar(
        select(RegistrationDocument)
        .join(RegistrationDocument.registration)
        .join(Registration.event)
        .where(Event.slug == slug, Registration.ref == ref, RegistrationDocument.ref == document)
        .options(
            contains_eager(RegistrationDocument.registration).contains_eager(Registration.event),
            joinedload(RegistrationDocument.file),
        )
    )
    if found is None:
        raise NotFound(_("There is no such document."))
    return found


def passport_of(registration: Registration) -> Passport | None:
    return db.session.scalar(select(Passport).where(Passport.registration_id == registration.id))


def passport_at(slug: str, ref: str) -> Passport:
    """The passport data of a registration, looked for inside its event only."""
    found = db.session.scalar(
        select(Passport)
        .join(Passport.registration)
        .join(Registration.event)
        .where(Event.slug == slug, Registration.ref == ref)
        .options(
            contains_eager(Passport.registration).options(
                contains_eager(Registration.event), selectinload(Registration.days)
            )
        )
    )
    if found is None:
        raise NotFound(_("Nothing is kept about this person. It was erased, or never given."))
    return found


def letters_wanted(event: Event, *, after: int | None = None) -> Page[Registration]:
    """Confirmed participants who need a visa letter, or have given what it takes."""
    given = select(Passport.registration_id)
    statement = select(Registration).where(
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        or_(Registration.wants_visa_letter, Registration.id.in_(given)),
    )
    return page(statement, Registration, after=after)


def passports_of(registrations: Sequence[Registration]) -> dict[int, Passport]:
    """By the registration's number."""
    theirs = select(Passport).where(Passport.registration_id.in_([each.id for each in registrations]))
    return {passport.registration_id: passport for passport in db.session.scalars(theirs)}


def all_passports() -> Sequence[Passport]:
    """What is kept of everybody, locked until it is written anew."""
    every = select(Passport).options(joinedload(Passport.registration)).order_by(Passport.id)
    return db.session.scalars(every.with_for_update(of=Passport)).all()


def erase_follow_up_answers(registration: Registration) -> None:
    db.session.execute(delete(FollowUpAnswer).where(FollowUpAnswer.registration_id == registration.id))


def events_with_passports() -> Sequence[Event]:
    holding = select(Registration.event_id).join(Passport, Passport.registration_id == Registration.id)
    return db.session.scalars(select(Event).where(Event.id.in_(holding)).order_by(Event.id)).all()


def erase_passports(event: Event) -> int:
    """Of how many people."""
    theirs = select(Registration.id).where(Registration.event_id == event.id)
    erased = delete(Passport).where(Passport.registration_id.in_(theirs)).returning(Passport.id)
    return len(db.session.scalars(erased).all())


def follow_up_at(slug: str, ref: str) -> FollowUp:
    """A follow-up form with its questions, looked for inside its event only."""
    found = db.session.scalar(
        select(FollowUp)
        .join(FollowUp.event)
        .where(Event.slug == slug, FollowUp.ref == ref)
        .options(contains_eager(FollowUp.event), joinedload(FollowUp.question_set).selectinload(QuestionSet.questions))
    )
    if found is None:
        raise NotFound(_("There is no such form."))
    return found


def sent_follow_up_at(slug: str, ref: str) -> FollowUp:
    """A form as participants find it: to them a draft is not there."""
    found = follow_up_at(slug, ref)
    if found.status is FollowUpStatus.DRAFT:
        raise NotFound(_("There is no such form."))
    return found


def form_of_at(slug: str, ref: str, form: str) -> Asked:
    """A form of the event, for one of its registrations."""
    return Asked(sent_follow_up_at(slug, form), registration_at(slug, ref))


def follow_ups_of(event: Event) -> Sequence[tuple[FollowUp, int]]:
    """The event's forms, the latest first, with how many have answered each."""
    answers = select(func.count()).where(FollowUpAnswer.follow_up_id == FollowUp.id).scalar_subquery()
    statement = select(FollowUp, answers).where(FollowUp.event_id == event.id).order_by(FollowUp.id.desc())
    return [(follow_up, number) for follow_up, number in db.session.execute(statement)]


def follow_ups_for(registration: Registration) -> Sequence[tuple[FollowUp, bool]]:
    """The forms a confirmed participant has, and whether they answered each."""
    if registration.status is not RegistrationStatus.CONFIRMED:
        return []
    answered = (
        select(FollowUpAnswer.id)
        .where(FollowUpAnswer.follow_up_id == FollowUp.id, FollowUpAnswer.registration_id == registration.id)
        .exists()
    )
    statement = select(FollowUp, answered).where(
        FollowUp.event_id == registration.event_id, FollowUp.status != FollowUpStatus.DRAFT
    )
    return [(follow_up, bool(done)) for follow_up, done in db.session.execute(statement.order_by(FollowUp.id))]


def follow_ups_to_send() -> Sequence[FollowUp]:
    """Forms with people still to be written to; one that another worker holds is passed over."""
    return db.session.scalars(
        select(FollowUp)
        .where(FollowUp.status == FollowUpStatus.SENDING)
        .order_by(FollowUp.id)
        .options(joinedload(FollowUp.event))
        .with_for_update(skip_locked=True, of=FollowUp)
    ).all()


def follow_up_to_send(ref: str) -> FollowUp | None:
    """One of them, locked; None if another worker holds it, or it is sent."""
    return db.session.scalar(
        select(FollowUp)
        .where(FollowUp.ref == ref, FollowUp.status == FollowUpStatus.SENDING)
        .options(joinedload(FollowUp.event))
        .with_for_update(skip_locked=True, of=FollowUp)
    )


def confirmed_after(event_id: int, number: int, *, limit: int) -> Sequence[Registration]:
    """The next confirmed participants, in the order in which they registered."""
    return db.session.scalars(
        select(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.id > number,
        )
        .order_by(Registration.id)
        .limit(limit)
    ).all()


def answer_of(follow_up: FollowUp, registration: Registration) -> FollowUpAnswer | None:
    return db.session.scalar(
        select(FollowUpAnswer).where(
            FollowUpAnswer.follow_up_id == follow_up.id, FollowUpAnswer.registration_id == registration.id
        )
    )


def _answers(follow_up: FollowUp) -> Select[Any]:
    return (
        select(FollowUpAnswer)
        .where(FollowUpAnswer.follow_up_id == follow_up.id)
        .options(joinedload(FollowUpAnswer.registration))
    )


def answers_to(follow_up: FollowUp, *, after: int | None = None) -> Page[FollowUpAnswer]:
    return page(_answers(follow_up), FollowUpAnswer, after=after)


def all_answers_to(follow_up: FollowUp) -> Iterator[FollowUpAnswer]:
    return each(_answers(follow_up), FollowUpAnswer)


def participants(event: Event, *, to: Visibility, limit: int = 50_000) -> Sequence[Registration]:
    """Confirmed people by category, organisation and name, as far as each wants to be listed.

    Args:
        to: PUBLIC for what everybody may see, PARTICIPANTS for what participants may.
    """
    people: Sequence[Registration] = db.session.scalars(
        _listed(select(Registration), event, to).options(contains_eager(Registration.category)).limit(limit)
    ).all()
    return people


def names_listed(event: Event, *, to: Visibility, limit: int = 50_000) -> Sequence[tuple[Any, ...]]:
    """What the list of participants says of each, in its order: cheap to read, and another when the list is."""
    columns = (
        ParticipantCategory.title, Registration.organisation_name, Registration.given_name, Registration.family_name,
        Registration.function, Registration.country,
    )  # fmt: skip
    rows = db.session.execute(_listed(select(*columns).select_from(Registration), event, to).limit(limit))
    return [tuple(row) for row in rows]


def _listed(statement: Any, event: Event, to: Visibility) -> Any:
    shown = [Visibility.PUBLIC] if to is Visibility.PUBLIC else [Visibility.PUBLIC, Visibility.PARTICIPANTS]
    return (
        statement.join(Registration.category)
        .where(
            Registration.event_id == event.id,
            Registration.status == RegistrationStatus.CONFIRMED,
            Registration.visibility.in_(shown),
        )
        .order_by(
            ParticipantCategory.id, func.lower(Registration.organisation_name), Registration.name_key, Registration.id
        )
    )


def _badged(event: Event, category: ParticipantCategory | None) -> list[ColumnElement[bool]]:
    conditions = [
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.modality == Modality.IN_PERSON,
    ]
    return conditions + ([Registration.category_id == category.id] if category else [])


def number_of_badges(event: Event, category: ParticipantCategory | None) -> int:
    return db.session.scalars(select(func.count()).where(*_badged(event, category))).one()


def people_with_badges(event: Event, category: ParticipantCategory | None) -> list[Registration]:
    """Everybody confirmed in person (of one category), by family name: how badges lie on the table."""
    statement = (
        select(Registration)
        .where(*_badged(event, category))
        .options(joinedload(Registration.category), joinedload(Registration.event))
        .order_by(func.lower(Registration.family_name), Registration.name_key, Registration.id)
    )
    return list(db.session.scalars(statement))


def badge_runs_of(event: Event) -> Sequence[BadgeRun]:
    """The latest first."""
    statement = select(BadgeRun).where(BadgeRun.event_id == event.id).options(joinedload(BadgeRun.category))
    return db.session.scalars(statement.order_by(BadgeRun.id.desc())).all()


def badge_run_at(slug: str, ref: str) -> BadgeRun:
    found = db.session.scalar(
        select(BadgeRun)
        .join(BadgeRun.event)
        .where(Event.slug == slug, BadgeRun.ref == ref)
        .options(contains_eager(BadgeRun.event), joinedload(BadgeRun.file), joinedload(BadgeRun.category))
    )
    if found is None:
        raise NotFound(_("There are no such badges. Files older than a week are erased."))
    return found


def next_badge_run(at: datetime) -> BadgeRun | None:
    """The oldest that is to be made and that no other worker makes."""
    is_free = or_(BadgeRun.claimed_until.is_(None), BadgeRun.claimed_until < at)
    return db.session.scalar(
        select(BadgeRun)
        .where(BadgeRun.status == BadgeRunStatus.REQUESTED, is_free)
        .order_by(BadgeRun.id)
        .limit(1)
        .options(joinedload(BadgeRun.event), joinedload(BadgeRun.category))
        .with_for_update(skip_locked=True, of=BadgeRun)
    )


def claimed_badge_run(ref: str) -> BadgeRun | None:
    """A run that is still to be made, as it is now, locked."""
    statement = select(BadgeRun).where(BadgeRun.ref == ref, BadgeRun.status == BadgeRunStatus.REQUESTED)
    return db.session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def finished_badge_runs(event: Event) -> Sequence[BadgeRun]:
    """Those with a file, locked: of two who take it away one waits for the other, and finds it gone."""
    finished = select(BadgeRun).where(BadgeRun.event_id == event.id, BadgeRun.status == BadgeRunStatus.READY)
    return db.session.scalars(
        finished.options(selectinload(BadgeRun.file)).order_by(BadgeRun.id).with_for_update()
    ).all()


def badge_runs_before(at: datetime) -> Sequence[BadgeRun]:
    return db.session.scalars(
        select(BadgeRun).where(BadgeRun.requested_at < at).options(joinedload(BadgeRun.file))
    ).all()
