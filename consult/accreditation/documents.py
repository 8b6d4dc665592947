"""Files about accreditation: the decision letter, and the list that is circulated."""

from pathlib import Path

from flask_babel import gettext as _

from consult import typesetting
from consult.accreditation import queries
from consult.accreditation.models import Application, ApplicationStatus, Circulation
from consult.letters import documents as letters
from consult.letters.models import LetterKind
from consult.letters.queries import valid_letter
from consult.outbox.attachments import Attachment, attaches
from consult.reference import countries
from consult.spreadsheets import Sheet, xlsx
from consult.texts import one_line

_LIST = (Path(__file__).parent / "circulation.typ").read_bytes()
S = ApplicationStatus


def decision_letter(application: Application) -> bytes | None:
    """The letter about the decision that holds now; None while there is none."""
    letter = valid_letter(f"application:{application.ref}", LetterKind.DECISION)
    if letter is None or application.status not in {S.APPROVED, S.REJECTED, S.REVOKED}:
        return None
    organisation, meeting = application.organisation, letter.event_title  # as it was called then
    said = {
        S.APPROVED: _("We are pleased to confirm that your organisation is accredited to “%(event)s”.", event=meeting),
        S.REJECTED: _("We regret that your organisation could not be accredited to “%(event)s”.", event=meeting),
        S.REVOKED: _("The accreditation of your organisation to “%(event)s” has been revoked.", event=meeting),
    }[application.status]
    last = next((step for step in reversed(application.steps) if step.status is application.status), None)
    paragraphs = [said]
    if last and last.reason:
        paragraphs.append(_("Reason: %(reason)s", reason=last.reason))
    if last and last.message:
        paragraphs.append(last.message)
    paragraphs.append(_("Your application has the number %(number)s.", number=application.number))
    return letters.pdf(
        letter,
        to=f"{one_line(organisation.name)}\n{countries.name(organisation.country)}",
        title=_("Accreditation: %(status)s", status=application.status.label),
        body="\n\n".join(paragraphs),
    )


@attaches("accreditation/letter")
def attached_letter(ref: str) -> Attachment | None:
    application = queries.application_with(ref)
    content = decision_letter(application) if application else None
    return Attachment(f"letter-{ref}.pdf", "application/pdf", content) if content else None


def _rows(circulation: Circulation) -> list[list[str]]:
    return [
        [
            item.application.number,
            item.application.organisation.name,
            countries.name(item.application.organisation.country),
            str(item.application.profile.get("description") or item.application.organisation.description),
        ]
        for item in circulation.items
    ]


def _titles() -> list[str]:
    return [_("Number"), _("Organisation"), _("Country"), _("Purpose")]


def list_pdf(circulation: Circulation) -> bytes:
    """The list as a PDF, A4."""
    import json

    inputs = {
        "title": _("Applications for special accreditation"),
        "event": circulation.event.title,
        "titles": json.dumps(_titles()),
        "rows": json.dumps(_rows(circulation)),
    }
    return typesetting.pdf(_LIST, inputs)


def list_xlsx(circulation: Circulation) -> bytes:
    return xlsx([Sheet(_("Applications"), _titles(), _rows(circulation))])
