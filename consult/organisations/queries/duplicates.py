"""Which profiles look like one organisation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from rapidfuzz import fuzz, process
from sqlalchemy import select, union_all
from sqlalchemy.orm import joinedload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.extensions import db
from consult.organisations.models import LikelyDuplicate, ListedRecognition, Membership, Organisation, OrganisationName
from consult.organisations.queries.names import PUBLIC_MAIL, match_key, name_key
from consult.paging import Page, page

ALIKE = 86  # of 100: “Casa do Migrante” and “Casa dos Migrantes” are, “Casa do Refugiado” is not
SHOWN = 10


@dataclass(frozen=True)
class Likeness:
    """An organisation that may be the same, and why: “name”, “website”, “mail”."""

    organisation: Organisation
    reasons: list[str]


def likely_duplicates(
    names: Iterable[str], *, web_domain: str = "", mail_domains: Iterable[str] = (), but: int | None = None
) -> Sequence[Likeness]:
    """Organisations whose name, website or people's mail domain is like this one's; the likest first.

    Four statements, whatever the number of organisations; names are compared in memory.
    """
    reasons: dict[int, list[str]] = {}
    for number in _with_names_like([match_key(name_key(name)) for name in names if name]):
        reasons.setdefault(number, []).append("name")
    if web_domain:
        same = select(Organisation.id).where(Organisation.web_domain == web_domain)
        for number in db.session.scalars(same.limit(SHOWN)):
            reasons.setdefault(number, []).append("website")
    if own := set(mail_domains) - PUBLIC_MAIL - {""}:
        people = select(Membership.organisation_id).join(Membership.user)
        for number in db.session.scalars(people.where(User.email_domain.in_(own)).distinct().limit(SHOWN)):
            reasons.setdefault(number, []).append("mail")
    reasons.pop(but or 0, None)
    if not reasons:
        return []
    found = db.session.scalars(
        select(Organisation).where(Organisation.id.in_(reasons), Organisation.merged_into_id.is_(None))
    ).all()
    order = {number: place for place, number in enumerate(reasons)}
    ranked = sorted(found, key=lambda each: (-len(reasons[each.id]), order[each.id]))
    return [Likeness(each, reasons[each.id]) for each in ranked[:SHOWN]]


def _with_names_like(keys: Sequence[str]) -> Sequence[int]:
    """The numbers of organisations one of whose names is like one of these, the likest first."""
    if not keys:
        return []
    full = select(Organisation.id, Organisation.name_key).where(Organisation.merged_into_id.is_(None))
    others = select(OrganisationName.organisation_id, OrganisationName.name_key)
    rows = db.session.execute(union_all(full, others)).all()
    known = [match_key(key) for _number, key in rows]
    scores: dict[int, float] = {}
    for key in keys:
        for _match, score, place in process.extract(key, known, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=SHOWN):
            scores[rows[place][0]] = max(score, scores.get(rows[place][0], 0))
    return sorted(scores, key=lambda number: -scores[number])


def profiles_like(lines: Sequence[ListedRecognition]) -> dict[int, Organisation]:
    """For lines of a list, by their number, the profile whose name is likest; those with none are left out."""
    if not lines:
        return {}
    full = select(Organisation.id, Organisation.name_key).where(Organisation.merged_into_id.is_(None))
    rows = db.session.execute(full).all()
    known = [match_key(key) for _number, key in rows]
    found: dict[int, int] = {}
    for line in lines:
        best = process.extractOne(match_key(line.name_key), known, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best:
            found[line.id] = rows[best[2]][0]
    profiles = {
        each.id: each for each in db.session.scalars(select(Organisation).where(Organisation.id.in_(found.values())))
    }
    return {line: profiles[number] for line, number in found.items()}


def open_duplicates(*, after: int | None = None) -> Page[LikelyDuplicate]:
    """Pairs the secretariat has not settled yet."""
    statement = (
        select(LikelyDuplicate)
        .where(LikelyDuplicate.is_dismissed.is_(False))
        .options(joinedload(LikelyDuplicate.first), joinedload(LikelyDuplicate.second))
    )
    return page(statement, LikelyDuplicate, after=after)


def pair_at(ref: str) -> LikelyDuplicate:
    pair = db.session.scalar(
        select(LikelyDuplicate)
        .where(LikelyDuplicate.ref == ref)
        .options(joinedload(LikelyDuplicate.first), joinedload(LikelyDuplicate.second))
    )
    if pair is None:
        raise NotFound(_("There is no such pair. The two may have been merged already."))
    return pair
