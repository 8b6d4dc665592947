"""What follows for accreditation from what earlier domains announce."""

from sqlalchemy import select

from consult.accreditation.models import Application, ApplicationStatus
from consult.accreditation.service import applications, processes, reviews
from consult.database import now
from consult.events.facts import EventCreated
from consult.extensions import db
from consult.facts import on
from consult.organisations.facts import OrganisationRenamed, OrganisationsMerged

# the further an application went, the more it weighs
_S = ApplicationStatus
_WEIGHT = [_S.WITHDRAWN, _S.DRAFT, _S.REVOKED, _S.REJECTED, _S.SUBMITTED, _S.INFORMATION_REQUESTED, _S.IN_REVIEW,
           _S.CIRCULATED, _S.APPROVED]  # fmt: skip


@on(EventCreated)
def prepare_process(fact: EventCreated) -> None:
    processes.prepare(fact.event)


@on(OrganisationRenamed)
def end_letters(fact: OrganisationRenamed) -> None:
    """A letter about a decision certifies a name and a country; officers issue a new one after a look."""
    applications = select(Application).where(Application.organisation_id == fact.organisation.id)
    for application in db.session.scalars(applications):
        reviews.end_letter(application, at=now())


@on(OrganisationRenamed)
def review_again(fact: OrganisationRenamed) -> None:
    """What was accredited is the organisation of the former name and country; under another, nobody comes to what is
    ahead before an officer has looked. What is over stays as it was decided."""
    applications.review_again(fact.organisation, former_name=fact.former_name, at=now())


@on(OrganisationsMerged)
def follow_merge(fact: OrganisationsMerged) -> None:
    """Applications follow. Where both had applied to one process, the one that went further stands; the other is
    kept beside it, where officers find it."""
    kept, gone = fact.kept.id, fact.gone.id
    both = db.session.scalars(
        select(Application).where(Application.organisation_id.in_([kept, gone]), Application.duplicate_of_id.is_(None))
    ).all()
    by_event: dict[int, list[Application]] = {}
    for application in both:
        by_event.setdefault(application.event_id, []).append(application)
    for of_one_event in by_event.values():
        first, *others = sorted(of_one_event, key=lambda each: (-_WEIGHT.index(each.status), each.id))
        for other in others:
            other.duplicate_of_id, other.waiting_since = first.id, None
    db.session.flush()  # before two of one organisation would stand side by side
    for application in db.session.scalars(select(Application).where(Application.organisation_id == gone)):
        reviews.end_letter(application, at=now())
        application.organisation = fact.kept
    db.session.flush()
