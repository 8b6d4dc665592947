"""Circulations, for the desk and for their recipients."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from consult.accreditation.models import (
    Application,
    CirculatedApplication,
    Circulation,
    CirculationRecipient,
    Objection,
)
from consult.errors import NotFound
from consult.events.models import Event
from consult.extensions import db
from consult.organisations.models import Organisation

READABLE_AFTER = timedelta(days=14)  # a mailed list names applicants; so long after its date it may be read


def _whole() -> Select[Circulation]:
    items = selectinload(Circulation.items)
    return select(Circulation).options(
        joinedload(Circulation.event),
        joinedload(Circulation.started_by),
        selectinload(Circulation.recipients),
        items.joinedload(CirculatedApplication.application).options(
            joinedload(Application.organisation).selectinload(Organisation.recognitions),
            joinedload(Application.event),
            selectinload(Application.steps),
        ),
        items.selectinload(CirculatedApplication.objections).joinedload(Objection.recipient),
    )


def circulations_of(event: Event) -> Sequence[Circulation]:
    """Newest first."""
    return db.session.scalars(
        select(Circulation)
        .where(Circulation.event_id == event.id)
        .options(
            joinedload(Circulation.event),
            joinedload(Circulation.started_by),
            selectinload(Circulation.recipients),
            selectinload(Circulation.items).selectinload(CirculatedApplication.objections),
        )
        .order_by(Circulation.id.desc())
        .limit(100)
    ).all()


def circulation_at(slug: str, circulation: str) -> Circulation:
    """A circulation, looked for inside its event only."""
    found = db.session.scalar(
        _whole().join(Circulation.event).where(Event.slug == slug, Circulation.ref == circulation)
    )
    if found is None:
        raise NotFound(_("There is no such circulation."))
    return found


def recipient_with(key: str, *, at: datetime) -> CirculationRecipient:
    """Whose personal link this is, with the whole circulation.

    Raises:
        NotFound: there is none; or the date passed so long ago that nobody reads the list any more.
    """
    recipient = db.session.scalar(select(CirculationRecipient).where(CirculationRecipient.key == key))
    if recipient is None:
        raise NotFound(_("This link is not valid. Open it from the mail, or write to the secretariat."))
    circulation = db.session.scalars(_whole().where(Circulation.id == recipient.circulation_id)).one()
    if circulation.until + READABLE_AFTER <= at:
        raise NotFound(_("This list was closed some time ago, and the link works no longer. Write to the secretariat."))
    set_committed_value(recipient, "circulation", circulation)
    return recipient


def item_with(key: str, application: str, *, at: datetime) -> tuple[CirculationRecipient, CirculatedApplication]:
    """One applicant of a recipient's list, looked for inside it only."""
    recipient = recipient_with(key, at=at)
    for item in recipient.circulation.items:
        if item.application.ref == application:
            return recipient, item
    raise NotFound(_("This organisation is not on your list."))


def objections_to(application: Application) -> Sequence[Objection]:
    """What recipients objected to this applicant, and why."""
    return db.session.scalars(
        select(Objection)
        .join(Objection.item)
        .where(CirculatedApplication.application_id == application.id)
        .options(joinedload(Objection.recipient))
        .order_by(Objection.id)
    ).all()


def circulations_due(*, at: datetime) -> Sequence[Circulation]:
    """Those whose date has passed and that were not closed yet."""
    return db.session.scalars(
        _whole().where(Circulation.closed_at.is_(None), Circulation.until <= at).order_by(Circulation.id)
    ).all()
