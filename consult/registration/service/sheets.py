"""A delegation as a spreadsheet: the columns, and what a row must say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from consult.accounts.models import User
from consult.addresses import canonical
from consult.errors import DomainError, InvalidEntry
from consult.organisations.models import Organisation
from consult.questions.models import Question, QuestionKind
from consult.reference.languages import SpokenLanguage
from consult.reference.stakeholders import Gender
from consult.registration.queries import Offer
from consult.registration.service.registering import PEOPLE, DelegationRefused, Entry, register_all
from consult.spreadsheets import BadRow, Line, read_table
from consult.words import Modality, Word

COLUMNS = {
    "given_name": _l("Given name"),
    "family_name": _l("Family name"),
    "email": _l("E-mail address"),
    "function": _l("Function"),
    "gender": _l("Gender"),
    "modality": _l("Takes part"),
    "days": _l("Days"),
    "languages": _l("Languages"),
    "access_needs": _l("What the person needs to take part"),
    "dietary_needs": _l("What the person does not eat"),
    "wants_visa_letter": _l("Visa letter"),
}
LENGTHS = {"given_name": 100, "family_name": 100, "function": 200, "access_needs": 1000, "dietary_needs": 300}


class SheetRefused(DomainError):
    """Nobody was registered; `rows` says which lines to correct, and how."""

    def __init__(self, rows: Sequence[BadRow]) -> None:
        super().__init__(_("Nobody has been registered. Correct these lines, and send the file again."))
        self.rows = rows


def guide(offer: Offer) -> list[tuple[str, str]]:
    """The columns of a spreadsheet, and what each takes."""
    return list(zip(titles(offer), example(offer), strict=True))


def titles(offer: Offer) -> list[str]:
    """The first line of the template; a file cannot stand in a cell, so questions for files are left out."""
    return [*(str(title) for title in COLUMNS.values()), *(question.text for question in _in_cells(offer))]


def example(offer: Offer) -> list[str]:
    """What each column takes, in words."""
    days = ", ".join(day.date.isoformat() for day in offer.category.days)
    said = {
        "given_name": _("needed"), "email": _("needed, the person's own"), "gender": _choices(Gender),
        "modality": ", ".join(str(modality.label) for modality in offer.modalities),
        "days": _("empty for all, or some of: %(days)s", days=days), "languages": _choices(SpokenLanguage),
        "wants_visa_letter": _("yes or no"),
    }  # fmt: skip
    return [*(said.get(name, "") for name in COLUMNS), *(_said_of(question) for question in _in_cells(offer))]


def import_delegation(offer: Offer, organisation: Organisation, content: bytes, *, by: User, at: Any) -> int:
    """Register everybody in the file, or nobody; returns how many.

    Raises:
        InvalidEntry: it is no spreadsheet, has no people, or too many.
        SheetRefused: some of its lines are wrong.
        WindowClosed: registration is not open.
    """
    required = [_names(COLUMNS["given_name"]), _names(COLUMNS["email"])]
    lines = list(read_table(content, required=required, most=PEOPLE))
    if not lines:
        raise InvalidEntry(_("There is nobody in this file."), field="file")
    entries, bad = [], []
    columns = {name: _names(title) for name, title in COLUMNS.items()}
    for line in lines:
        try:
            entries.append(_entry(offer, organisation, line, columns))
        except InvalidEntry as error:
            bad.append(BadRow(line.number, str(error)))
    if bad:
        raise SheetRefused(bad)
    try:
        return len(register_all(offer.event, entries, files_later=True, by=by, at=at))
    except DelegationRefused as refused:
        rows = [BadRow(lines[place].number, _about(offer, error)) for place, error in refused.problems]
        raise SheetRefused(rows) from refused


def _about(offer: Offer, error: DomainError) -> str:
    """What was wrong, with the question it is about."""
    asked = next((question for question in offer.questions if question.field == error.field), None)
    return f"{asked.text} {error}" if asked else str(error)


def _entry(offer: Offer, organisation: Organisation, line: Line, columns: Mapping[str, Sequence[str]]) -> Entry:
    cells = {name: line.get(*titles) for name, titles in columns.items()}
    cells |= {name: line.text(*columns[name]) for name in ("access_needs", "dietary_needs")}
    for name, most in LENGTHS.items():
        if len(cells[name]) > most:
            raise InvalidEntry(_("“%(column)s” has more than %(most)s characters.", column=COLUMNS[name], most=most))
    if not cells["given_name"]:
        raise InvalidEntry(_("The given name is missing."))
    try:
        email = canonical(validate_email(cells["email"], check_deliverability=False).normalized)
    except EmailNotValidError as error:
        message = _("“%(email)s” is not an e-mail address.", email=cells["email"][:100])
        raise InvalidEntry(message) from error
    days = {day.date.isoformat(): day for day in offer.category.days}
    return Entry(
        given_name=cells["given_name"],
        family_name=cells["family_name"],
        email=email,
        function=cells["function"],
        gender=_word(Gender, cells["gender"]) or Gender.NOT_STATED,
        languages=[language for part in _parts(cells["languages"]) if (language := _word(SpokenLanguage, part))],
        access_needs=cells["access_needs"],
        dietary_needs=cells["dietary_needs"],
        wants_visa_letter=_yes(cells["wants_visa_letter"]) == "yes",
        answers={question.ref: _answer(question, line.text(question.text.lower())) for question in _in_cells(offer)},
        organisation=organisation,
        stakeholder=organisation.category,
        country=organisation.country,
        category=offer.category,
        modality=_modality(offer, cells["modality"]),
        days=[_one(days, part[:10], _("Day")) for part in _parts(cells["days"])],
    )


def _modality(offer: Offer, text: str) -> Modality:
    if not text and len(offer.modalities) == 1:
        return offer.modalities[0]
    modality: Modality | None = _word(Modality, text)
    if modality is None:
        choices = ", ".join(str(each.label) for each in offer.modalities)
        raise InvalidEntry(_("“Takes part” must be one of: %(choices)s.", choices=choices))
    return modality


def _answer(question: Question, text: str) -> Any:
    if question.kind is QuestionKind.MANY:
        return _parts(text)
    return _yes(text) if question.kind is QuestionKind.YES_NO else text


def _word(kind: type[Any], text: str) -> Any:
    """The member that is meant: by its value, or its label in the reader's language or in English."""
    if not text:
        return None
    wanted = text.strip().casefold()
    for member in kind:
        with force_locale("en"):
            english = str(member.label).casefold()
        if wanted in {member.value.casefold(), str(member.label).casefold(), english}:
            return member
    raise InvalidEntry(_("“%(text)s” is not one of: %(choices)s.", text=text[:100], choices=_choices(kind)))


def _yes(text: str) -> str:
    plain = text.strip().casefold()
    if plain in {"", "no", "n", "0", "false", _("No").casefold()}:
        return "no" if plain else ""
    if plain in {"yes", "y", "1", "true", "x", _("Yes").casefold()}:
        return "yes"
    raise InvalidEntry(_("“%(text)s” is neither yes nor no.", text=text[:100]))


def _one(known: dict[str, Any], text: str, column: str) -> Any:
    if text not in known:
        choices = ", ".join(known)
        message = _("%(column)s: “%(text)s” is not one of: %(choices)s.", column=column, text=text, choices=choices)
        raise InvalidEntry(message)
    return known[text]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def _choices(kind: type[Word]) -> str:
    return ", ".join(str(member.label) for member in kind)


def _said_of(question: Question) -> str:
    choices = [_("yes"), _("no")] if question.kind is QuestionKind.YES_NO else question.choices
    return " · ".join(filter(None, (_("needed") if question.is_required else "", ", ".join(choices), question.help)))


def _in_cells(offer: Offer) -> list[Question]:
    return [question for question in offer.questions if question.kind is not QuestionKind.FILE]


def _names(title: Any) -> list[str]:
    """A column's title as the reader and as an English reader has it, in lower case."""
    label: Callable[[], str] = lambda: str(title).lower()  # noqa: E731
    with force_locale("en"):
        english = label()
    return [label(), english]
