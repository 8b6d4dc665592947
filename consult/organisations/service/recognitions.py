"""Recognitions: claimed by the organisation, verified by the secretariat, or imported as a list and matched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import insert_new, locked, now
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.extensions import db
from consult.files import service as files
from consult.files.models import StoredFile
from consult.organisations import mails, queries
from consult.organisations.models import (
    ListedRecognition,
    Organisation,
    RecognitionHeld,
    RecognitionStatus,
)
from consult.reference import countries
from consult.reference.stakeholders import Recognition
from consult.spreadsheets import BadRow, Line, read_table

BATCH = 500
LINES = 20_000
KEPT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of a list of recognised organisations; `country` is a code or empty."""

    name: str
    country: str = ""
    year: int | None = None
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class RecognitionList:
    """A list as it was read: the lines that can be taken, and those that cannot, each with the reason."""

    lines: Sequence[Listed]
    refused: Sequence[BadRow]


@dataclass(frozen=True)
class Imported:
    """What became of a list: lines read, those that were new, and the profiles that are verified by it now, each with
    reference, name and country."""

    lines: int
    new: int
    profiles: tuple[tuple[str, str, str], ...]

    @property
    def matched(self) -> int:
        return len(self.profiles)


def claim(
    organisation: Organisation, kind: Recognition, *, year: int | None, reference: str, by: User
) -> RecognitionHeld:
    """Say that the organisation holds a recognition; the secretariat verifies it.

    Raises:
        InvalidEntry: it is there already.
    """
    locked(organisation)
    held = next((each for each in organisation.recognitions if each.kind is kind), None)
    if held and held.status is not RecognitionStatus.REFUSED:
        raise InvalidEntry(_("This recognition stands in the profile already."), field="kind")
    if held is None:
        held = RecognitionHeld(kind=kind)
        organisation.recognitions.append(held)
    held.year, held.reference, held.status = year, reference, RecognitionStatus.CLAIMED
    held.settled_at = held.settled_by = None
    db.session.flush()
    record("organisation.recognition_claimed", about=f"organisation:{organisation.ref}", by=by, detail=kind)
    return held


def drop(held: RecognitionHeld, *, by: User) -> None:
    """Take a claim back.

    Raises:
        TransitionNotAllowed: it is verified; only the secretariat changes that.
    """
    if held.is_verified and not by.is_secretariat:
        raise TransitionNotAllowed(_("The secretariat has verified this recognition. Write to it if it is wrong."))
    record("organisation.recognition_dropped", about=f"organisation:{held.organisation.ref}", by=by, detail=held.kind)
    db.session.delete(held)
    db.session.flush()


def verify(held: RecognitionHeld, *, by: User) -> RecognitionHeld:
    """The secretariat has seen that it is so."""
    return _settle(held, RecognitionStatus.VERIFIED, by=by)


def refuse(held: RecognitionHeld, *, message: str, by: User) -> RecognitionHeld:
    """The secretariat could not find that it is so, and says why.

    Raises:
        InvalidEntry: the words are missing.
    """
    if not message.strip():
        raise InvalidEntry(_("Say why in a sentence. The organisation reads it."), field="message")
    return _settle(held, RecognitionStatus.REFUSED, by=by, message=message)


def _settle(held: RecognitionHeld, status: RecognitionStatus, *, by: User, message: str = "") -> RecognitionHeld:
    locked(held)
    held.status, held.settled_at, held.settled_by = status, now(), by
    record(f"organisation.recognition_{status}", about=f"organisation:{held.organisation.ref}", by=by, detail=held.kind)
    mails.tell_recognition(held, message=message)
    db.session.flush()
    return held


def read_list(content: bytes, *, at: datetime) -> RecognitionList:
    """Read a list of recognised organisations. Nothing of it is dropped in silence: what cannot be taken as it stands
    is named by its line.

    Raises:
        InvalidEntry: it is no list, or holds too much.
    """
    lines, refused = [], []
    seen: dict[tuple[str, str], int] = {}
    for line in read_table(content, required=[["name", "organisation"]], most=LINES):
        entry = Listed(
            name=line.get("name", "organisation"),
            country=countries.code_of(line.get("country")),
            year=int(line.get("year")) if _is_year(line.get("year"), at) else None,
            reference=line.get("reference"),
        )
        key = (queries.name_key(entry.name), entry.country)
        if reason := _problem(line, entry, at) or (
            _("It stands in line %(line)s already.", line=seen[key]) if key in seen else ""
        ):
            refused.append(BadRow(line.number, reason))
            continue
        seen[key] = line.number
        lines.append(entry)
    if not lines and not refused:
        raise InvalidEntry(_("There is nobody in this file."), field="file")
    return RecognitionList(lines=lines, refused=refused)


def _is_year(text: str, at: datetime) -> bool:
    return text.isascii() and text.isdecimal() and len(text) == 4 and 1945 <= int(text) <= at.year


def _problem(line: Line, entry: Listed, at: datetime) -> str:
    """Why a line cannot be taken; empty if it can."""
    if not entry.name or not queries.name_key(entry.name):
        return _("The name is missing.")
    if len(entry.name) > 300:
        return _("The name is longer than 300 characters.")
    country, year = line.get("country"), line.get("year")
    if country and not entry.country:
        return _(
            "“%(country)s” is not a country we know. Write its code, or its name in English.", country=country[:80]
        )
    if year and entry.year is None:
        return _("“%(year)s” is not a year between 1945 and %(last)s.", year=year[:20], last=at.year)
    if len(entry.reference) > 100:
        return _("The reference is longer than 100 characters.")
    return ""


def keep_list(content: bytes, *, at: datetime) -> StoredFile:
    """Keep a list between the page that shows what it does and the confirmation; it is forgotten after a day."""
    return files.keep(content, name="recognitions", media_type="application/octet-stream", expires_at=at + KEPT)


def kept_list(ref: str, *, at: datetime) -> StoredFile:
    """
    Raises:
        TransitionNotAllowed: it was forgotten, imported already, or never there.
    """
    file = db.session.scalar(select(StoredFile).where(StoredFile.ref == ref, StoredFile.name == "recognitions"))
    if file is None or file.expires_at is None or file.expires_at < at:
        raise TransitionNotAllowed(_("This list is no longer kept. Send it again."))
    return file


def import_list(kind: Recognition, lines: Iterable[Listed], *, by: User) -> Imported:
    """Keep a list of recognised organisations, and verify the profiles that have a line's name and country.

    A line that was imported before is brought up to date. Lines that fit no profile wait: whoever calls a profile so
    later proves nothing by it, and the secretariat settles them. One statement for each 500 lines reads the profiles.

    Returns:
        how many lines were read, were new, and verified a profile.
    """
    at, entries = now(), {(queries.name_key(line.name), line.country): line for line in lines if line.name.strip()}
    known = {
        (row.name_key, row.country): row
        for row in db.session.scalars(select(ListedRecognition).where(ListedRecognition.kind == kind))
    }
    fresh = [
        {"kind": kind, "name": line.name, "name_key": key[0], "country": key[1], "year": line.year,
         "reference": line.reference, "imported_at": at}
        for key, line in entries.items() if key not in known
    ]  # fmt: skip
    for key, row in known.items():
        if line := entries.get(key):
            row.name, row.year, row.reference, row.imported_at = line.name, line.year, line.reference, at
    db.session.flush()
    for start in range(0, len(fresh), BATCH):
        insert_new(ListedRecognition, fresh[start : start + BATCH], unless=["kind", "name_key", "country"])
    profiles = _match_all(kind, by=by)
    record("recognitions.imported", about=f"recognition:{kind}", by=by, detail=f"{len(entries)} lines")
    return Imported(len(entries), len(fresh), profiles)


def _match_all(kind: Recognition, *, by: User) -> tuple[tuple[str, str, str], ...]:
    """Tie every line that waits to the one profile of its name and country, if there is one."""
    waiting = db.session.scalars(
        select(ListedRecognition).where(ListedRecognition.kind == kind, ListedRecognition.organisation_id.is_(None))
    ).all()
    verified = []
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        numbers = queries.organisations_named([line.name for line in batch])
        profiles = {
            organisation.id: organisation
            for organisation in db.session.scalars(
                select(Organisation)
                .where(Organisation.id.in_(numbers.values()))
                .options(selectinload(Organisation.recognitions))
            )
        }
        for line in batch:
            profile = profiles.get(numbers.get(line.name, 0))
            if profile is not None and line.country in {"", profile.country}:
                _tie(line, profile, by=by)
                verified.append((profile.ref, profile.name, profile.country))
    db.session.flush()
    return tuple(verified)


def ask_again(organisation: Organisation, *, by: User) -> None:
    """What was verified was verified of a name and a country; of others it is a claim."""
    for held in organisation.recognitions:
        if held.is_verified:
            held.status, held.settled_at, held.settled_by = RecognitionStatus.CLAIMED, None, None
            record(
                "organisation.recognition_claimed", about=f"organisation:{organisation.ref}", by=by, detail=held.kind
            )


def settle(line: ListedRecognition, organisation: Organisation, *, by: User) -> ListedRecognition:
    """The secretariat says which profile a line of a list means.

    Raises:
        TransitionNotAllowed: it was settled meanwhile.
    """
    locked(line)
    if line.organisation_id is not None:
        raise TransitionNotAllowed(_("This line was settled meanwhile."))
    _tie(line, organisation, by=by)
    record("organisation.recognition_matched", about=f"organisation:{organisation.ref}", by=by, detail=line.kind)
    db.session.flush()
    return line


def _tie(line: ListedRecognition, organisation: Organisation, *, by: User | None) -> None:
    line.organisation_id = organisation.id
    held = next((each for each in organisation.recognitions if each.kind is line.kind), None)
    if held is None:
        held = RecognitionHeld(kind=line.kind)
        organisation.recognitions.append(held)
    held.year, held.reference = line.year or held.year, line.reference or held.reference
    held.status, held.settled_at, held.settled_by = RecognitionStatus.VERIFIED, now(), by
    db.session.flush()


def follow(kept: Organisation, gone: Organisation) -> None:
    """Recognitions of two profiles become those of one; a verified one wins over a claim."""
    mine = {held.kind: held for held in kept.recognitions}
    for held in list(gone.recognitions):
        own = mine.get(held.kind)
        if own is not None and (own.is_verified or not held.is_verified):
            continue
        if own is None:
            own = RecognitionHeld(kind=held.kind)
            kept.recognitions.append(own)
        own.year, own.reference, own.status = held.year, held.reference, held.status
        own.settled_at, own.settled_by_id = held.settled_at, held.settled_by_id
    gone.recognitions.clear()
    db.session.execute(
        update(ListedRecognition).where(ListedRecognition.organisation_id == gone.id).values(organisation_id=kept.id)
    )
    db.session.flush()
