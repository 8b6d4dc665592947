"""Forms about accreditation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import NumberRange

from consult.accounts.models import User
from consult.accreditation.models import (
    AccreditationProcess,
    Criterion,
    ProfilePart,
    Reason,
    ReasonKind,
    TrackRule,
    Verdict,
)
from consult.accreditation.service.circulations import Recipient
from consult.accreditation.service.processes import ProcessEntry
from consult.addresses import canonical
from consult.events.models import Event
from consult.organisations.models import Organisation
from consult.questions.forms import QuestionRows, QuestionRowWithFile, rows_of
from consult.reference.stakeholders import Recognition
from consult.web.forms import (
    EditForm,
    FileRequired,
    Form,
    LocalTimeField,
    TickField,
    needed,
    optional,
    options,
    paragraphs,
    up_to,
)


class StartForm(Form):
    organisation = SelectField(_l("Organisation"), validators=[needed(_l("Choose an organisation."))])

    def __init__(self, organisations: Sequence[Organisation]) -> None:
        super().__init__()
        self._organisations = {organisation.ref: organisation for organisation in organisations}
        self.organisation.choices = options([(organisation.ref, organisation.name) for organisation in organisations])

    @property
    def chosen(self) -> Organisation:
        return self._organisations[self.organisation.data]


class DocumentForm(Form):
    document = FileField(
        _l("Add a document"),
        description=_l("PDF, DOCX or ODT, up to 10 MB. Only the secretariat sees it."),
        validators=[FileRequired()],
    )


class ReplyForm(Form):
    """The answer to a request, in place."""

    message = TextAreaField(
        _l("Your answer"),
        description=_l("The secretariat reads it with your application."),
        validators=[needed(_l("Write an answer.")), up_to(5000)],
        render_kw={"rows": 4, "dir": "auto"},
    )
    document = FileField(_l("A document, if one was asked for"), description=_l("PDF, DOCX or ODT, up to 10 MB."))


class ReconsiderForm(Form):
    message = TextAreaField(
        _l("What did the decision overlook?"),
        description=_l("You can ask once. Another officer looks at your application again."),
        validators=[needed(_l("Say what the decision overlooked.")), up_to(5000)],
        render_kw={"rows": 4, "dir": "auto"},
    )


class _ReasonForm(Form):
    """A reason of the list, and words."""

    reason = SelectField(_l("Reason"), validators=[needed(_l("Choose a reason."))])

    def __init__(self, reasons: Sequence[Reason], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._reasons: Mapping[str, Reason] = {reason.ref: reason for reason in reasons}
        self.reason.choices = options([("", _("Choose…")), *((reason.ref, reason.text) for reason in reasons)])

    @property
    def chosen(self) -> Reason:
        return self._reasons[self.reason.data]


def _words(label: Any, refusal: Any) -> TextAreaField:
    return TextAreaField(
        label,
        description=_l("The applicant reads the reason and this."),
        validators=[needed(refusal), up_to(5000)],
        render_kw={"rows": 4, "dir": "auto"},
    )


class RequestForm(_ReasonForm):
    message = _words(_l("What is missing or unclear?"), _l("Say what you need from the applicant."))


class RejectForm(_ReasonForm):
    message = _words(_l("Explanation"), _l("Explain the decision in a sentence or two. The applicant reads it."))


class ApproveForm(Form):
    message = TextAreaField(
        _l("Message to the applicant"), validators=[optional(), up_to(5000)], render_kw={"rows": 3, "dir": "auto"}
    )


class NoteForm(Form):
    text = TextAreaField(
        _l("Internal note"),
        description=_l("Officers read it. The applicant never sees it."),
        validators=[needed(_l("Write the note first.")), up_to(5000)],
        render_kw={"rows": 3, "dir": "auto"},
    )


class AssignForm(Form):
    officer = SelectField(_l("Officer"), validators=[optional()])

    def __init__(self, officers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._officers = {officer.ref: officer for officer in officers}
        self.officer.choices = options([("", _("Nobody")), *((officer.ref, officer.name) for officer in officers)])

    @property
    def chosen(self) -> User | None:
        return self._officers.get(self.officer.data)


def criteria_form(criteria: Sequence[Criterion], checks: Mapping[int, Any], **kwargs: Any) -> EditForm:
    """One line a criterion: met, not met, not sure."""
    fields = {
        f"c_{criterion.ref}": RadioField(
            criterion.text, choices=options(Verdict.choices()), validators=[optional()], validate_choice=False
        )
        for criterion in criteria
    }
    known = {f"c_{each.ref}": checks[each.id].verdict.value for each in criteria if each.id in checks}
    form: EditForm = type("CriteriaForm", (EditForm,), fields)(data=known, **kwargs)
    form.filled_with(known)
    return form


def verdicts_in(form: Form, criteria: Sequence[Criterion]) -> dict[int, Verdict]:
    """What was chosen, by the criterion's number."""
    values = {verdict.value for verdict in Verdict}
    said = {each.id: form[f"c_{each.ref}"].data for each in criteria}
    return {number: Verdict(value) for number, value in said.items() if value in values}


class CirculateForm(Form):
    until = LocalTimeField(
        _l("Objections until"),
        description=_l("In the event's zone."),
        validators=[needed(_l("Choose a date and time."))],
    )
    recipients = TextAreaField(
        _l("Recipients"),
        description=_l("One a line, as “Name <name@example.org>” or only the address. Each gets a personal link."),
        validators=[needed(_l("Name at least one recipient.")), up_to(20_000)],
        render_kw={"rows": 5},
    )
    message = TextAreaField(_l("Message"), validators=[optional(), up_to(5000)], render_kw={"rows": 3, "dir": "auto"})

    def __init__(self, event: Event, at: datetime, **kwargs: Any) -> None:
        later = (at + timedelta(days=7)).astimezone(event.zone).replace(tzinfo=None, second=0, microsecond=0)
        super().__init__(data={"until": later}, **kwargs)
        self._zone = event.zone

    def validate_recipients(self, field: Field) -> None:
        for line in paragraphs(field.data):
            try:
                validate_email(_recipient(line).email, check_deliverability=False)
            except EmailNotValidError as error:
                raise ValidationError(_("“%(line)s” is not an address.", line=line[:80])) from error

    @property
    def until_instant(self) -> datetime:
        return self.until.data.replace(tzinfo=self._zone)  # type: ignore[no-any-return]

    @property
    def recipients_named(self) -> list[Recipient]:
        return [_recipient(line) for line in paragraphs(self.recipients.data)]


def _recipient(line: str) -> Recipient:
    name, mark, rest = line.rpartition("<")
    email = canonical(rest.rstrip("> ") if mark else line)
    return Recipient(name=name.strip(' "')[:200] or email, email=email[:254])


class ObjectForm(Form):
    reason = TextAreaField(
        _l("Why do you object?"),
        description=_l("Only the secretariat reads it."),
        validators=[needed(_l("Give a reason. Only the secretariat reads it.")), up_to(5000)],
        render_kw={"rows": 4, "dir": "auto"},
    )


class ReasonForm(Form):
    kind = SelectField(_l("For"), choices=options(ReasonKind.choices()), coerce=ReasonKind)
    text = StringField(_l("Reason"), validators=[needed(_l("Enter the reason.")), up_to(300)])


class ProcessForm(EditForm):
    opens_at = LocalTimeField(_l("Accreditation opens"), validators=[optional()])
    closes_at = LocalTimeField(_l("Accreditation closes"), validators=[optional()])
    serves = TickField(
        _l("Other events it accredits to"),
        description=_l("An organisation that is accredited here may register there too."),
        validators=[optional()],
    )
    recognitions = TickField(
        _l("Recognitions that open the shorter way"),
        choices=options(Recognition.choices()), coerce=Recognition, validators=[optional()],
    )  # fmt: skip
    rule = RadioField(
        _l("Recognised organisations are accredited"),
        choices=options(TrackRule.choices()),
        coerce=TrackRule,
        validators=[needed(_l("Choose one of the two."))],
    )
    needs = TickField(
        _l("What the profile of all others must say"),
        choices=options(ProfilePart.choices()), coerce=ProfilePart, validators=[optional()],
    )  # fmt: skip
    questions = QuestionRows(_l("Questions"), QuestionRowWithFile)
    criteria = TextAreaField(
        _l("Officers' checklist"),
        description=_l("One criterion a line."),
        validators=[optional(), up_to(5000)],
        render_kw={"rows": 5},
    )
    is_two_person = BooleanField(
        _l("Two officers for each decision: one recommends, another decides"),
        description=_l(
            "Nothing is accredited at once then, and a revocation needs two as well. "
            "Applications sent while this is ticked keep the rule."
        ),
    )
    promised_days = IntegerField(
        _l("Days until a decision"),
        description=_l("What you promise applicants. Officers are reminded of what waits longer."),
        validators=[needed(_l("Enter a number of days.")), NumberRange(1, 365)],
    )

    def __init__(self, process: AccreditationProcess, events: Sequence[Event]) -> None:
        values = _as_typed(process)
        super().__init__(data=values)
        self.filled_with(values)
        self._zone = process.event.zone
        self._events = {event.ref: event for event in events}
        self.serves.choices = options([(event.ref, event.title) for event in events])
        if not self.is_submitted():
            for _row in range(2):
                self.questions.append_entry({"is_required": True})

    @property
    def entry(self) -> ProcessEntry:
        return ProcessEntry(
            opens_at=self.opens_at.data.replace(tzinfo=self._zone) if self.opens_at.data else None,
            closes_at=self.closes_at.data.replace(tzinfo=self._zone) if self.closes_at.data else None,
            rule=self.rule.data,
            recognitions=self.recognitions.data or [],
            needs=self.needs.data or [],
            is_two_person=self.is_two_person.data,
            promised_days=self.promised_days.data,
            criteria=[line[:300] for line in paragraphs(self.criteria.data)],
            questions=self.questions.entries_filled,
            serves=[self._events[ref] for ref in self.serves.data or []],
        )


def _as_typed(process: AccreditationProcess) -> dict[str, Any]:
    zone = process.event.zone

    def local(instant: datetime | None) -> datetime | None:
        return instant.astimezone(zone).replace(tzinfo=None) if instant else None

    return {
        "opens_at": local(process.opens_at),
        "closes_at": local(process.closes_at),
        "serves": [served.event.ref for served in process.served],
        "recognitions": [Recognition(value) for value in process.recognitions],
        "rule": process.rule,
        "needs": [ProfilePart(value) for value in process.needs],
        "questions": rows_of(process.question_set.questions),
        "criteria": "\n".join(criterion.text for criterion in process.criteria),
        "is_two_person": process.is_two_person,
        "promised_days": process.promised_days,
    }
