"""Two profiles of one organisation: noted, dismissed, or merged."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, update

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import insert_new, locked, now
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.facts import announce
from consult.organisations import mails, queries
from consult.organisations.facts import OrganisationsMerged
from consult.organisations.models import (
    JoinRequest,
    LikelyDuplicate,
    MembershipInvitation,
    Organisation,
    OrganisationDocument,
    OrganisationName,
    OrganisationRole,
)
from consult.organisations.service import names, recognitions

# what a profile says of itself, taken from the other where the kept one says nothing
_TEXTS = (
    "short_name", "registration_number", "website", "web_domain", "description", "governing_body", "membership",
    "funding", "scope", "founding_year", "logo_id",
)  # fmt: skip


def note(organisation: Organisation, *, mail_domains: Iterable[str]) -> None:
    """Note for the secretariat which profiles look like this one; a pair that was dismissed stays so."""
    found = queries.likely_duplicates(
        [organisation.name, *(each.name for each in organisation.names)],
        web_domain=organisation.web_domain,
        mail_domains=mail_domains,
        but=organisation.id,
    )
    rows = [
        {"first_id": min(organisation.id, likeness.organisation.id),
         "second_id": max(organisation.id, likeness.organisation.id),
         "reasons": likeness.reasons, "found_at": now(), "is_dismissed": False}
        for likeness in found if likeness.organisation.id != organisation.id
    ]  # fmt: skip
    insert_new(LikelyDuplicate, rows, unless=["first_id", "second_id"])


def dismiss(pair: LikelyDuplicate, *, by: User) -> LikelyDuplicate:
    """These are two organisations; they are not shown as a pair again."""
    pair.is_dismissed = True
    record("organisation.pair_dismissed", about=f"organisation:{pair.first.ref}", by=by, detail=pair.second.ref)
    return pair


def merge(kept: Organisation, gone: Organisation, *, by: User) -> Organisation:
    """Make one profile of two. Nothing is lost: people, names, documents, recognitions follow here, and what later
    domains tie to an organisation follows there.

    Both are locked, the lower number first, so that two merges cannot cross.

    Raises:
        InvalidEntry: it is the same, or one of them was merged meanwhile.
    """
    if kept.id == gone.id:
        raise InvalidEntry(_("Choose two different organisations."))
    for each in sorted((kept, gone), key=lambda organisation: organisation.id):
        locked(each)
    if kept.merged_into_id or gone.merged_into_id:
        raise InvalidEntry(_("One of the two was merged meanwhile. Look at them again."))
    _fill_gaps(kept, gone)
    _keep_names(kept, gone)
    _move_people(kept, gone)
    db.session.execute(
        update(OrganisationDocument)
        .where(OrganisationDocument.organisation_id == gone.id)
        .values(organisation_id=kept.id)
    )
    recognitions.follow(kept, gone)
    pairs = or_(LikelyDuplicate.first_id == gone.id, LikelyDuplicate.second_id == gone.id)
    db.session.execute(delete(LikelyDuplicate).where(pairs))
    db.session.execute(
        update(Organisation).where(Organisation.merged_into_id == gone.id).values(merged_into_id=kept.id)
    )
    gone.merged_into_id = kept.id
    db.session.flush()
    names.index(kept)
    announce(OrganisationsMerged(kept, gone))
    record("organisation.merged", about=f"organisation:{kept.ref}", by=by, detail=f"{gone.ref}: {gone.name}")
    record("organisation.merged", about=f"organisation:{gone.ref}", by=by, detail=f"→ {kept.ref}: {kept.name}")
    mails.tell_merged(kept, gone.name)
    db.session.refresh(kept, ["documents", "recognitions", "names"])
    return kept


def _fill_gaps(kept: Organisation, gone: Organisation) -> None:
    for field in _TEXTS:
        if not getattr(kept, field):
            setattr(kept, field, getattr(gone, field))
    if (kept.category, kept.country) == (gone.category, gone.country):  # that it is this State, and no other
        kept.category_confirmed_at = kept.category_confirmed_at or gone.category_confirmed_at
    work = [*kept.countries_of_work, *gone.countries_of_work]
    if gone.country != kept.country:
        work.append(gone.country)
    kept.countries_of_work = sorted(set(work))


def _keep_names(kept: Organisation, gone: Organisation) -> None:
    """The other's name is found from now on under the kept profile."""
    known = {kept.name_key, *(each.name_key for each in kept.names)}
    for name, language in [(gone.name, ""), *((each.name, each.language) for each in gone.names)]:
        if (key := queries.name_key(name)) not in known:
            kept.names.append(OrganisationName(name=name, language=language, name_key=key))
            known.add(key)
    gone.names.clear()
    db.session.flush()
    names.forget(gone)


def _move_people(kept: Organisation, gone: Organisation) -> None:
    """Whoever belongs to both keeps the stronger role."""
    mine = {member.user_id: member for member in queries.members_of(kept)}
    for member in queries.members_of(gone):
        if own := mine.get(member.user_id):
            if member.role is OrganisationRole.FOCAL_POINT:
                own.role = member.role
            db.session.delete(member)
        else:
            member.organisation_id = kept.id
    for model, column in ((MembershipInvitation, MembershipInvitation.email), (JoinRequest, JoinRequest.user_id)):
        there = select(column).where(model.organisation_id == kept.id)
        db.session.execute(delete(model).where(model.organisation_id == gone.id, column.in_(there.scalar_subquery())))
        db.session.execute(update(model).where(model.organisation_id == gone.id).values(organisation_id=kept.id))
    db.session.flush()
