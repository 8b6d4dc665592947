"""Forms about calls and submissions."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField

from consult.events.models import Event
from consult.inputs.models import Call
from consult.inputs.service import CallEntry
from consult.organisations.models import Organisation
from consult.questions.forms import QuestionRows, rows_of
from consult.web.forms import EditForm, Form, LocalTimeField, needed, optional, options, up_to


class CallForm(EditForm):
    title = StringField(_l("Title"), validators=[needed(_l("Enter a title.")), up_to(300)])
    introduction = TextAreaField(
        _l("Introduction"),
        description=_l("What the answers are for, and what will become of them. You can use Markdown."),
        validators=[optional(), up_to(10_000)],
        render_kw={"rows": 5},
    )
    closes_at = LocalTimeField(
        _l("Deadline"),
        description=_l("In the event's zone. Leave empty for the deadline of the event."),
        validators=[optional()],
    )
    questions = QuestionRows(_l("Questions"))

    def __init__(self, event: Event, call: Call | None = None) -> None:
        values = _as_typed(event, call) if call else {}
        super().__init__(data=values)
        self.filled_with(values)
        self._zone = event.zone
        if not self.is_submitted():
            for _row in range(3 if call is None else 2):
                self.questions.append_entry({"is_required": True})

    @property
    def entry(self) -> CallEntry:
        return CallEntry(
            title=self.title.data,
            introduction=self.introduction.data or "",
            closes_at=self.closes_at.data.replace(tzinfo=self._zone) if self.closes_at.data else None,
            questions=self.questions.entries_filled,
        )


def _as_typed(event: Event, call: Call) -> dict[str, Any]:
    return {
        "title": call.title,
        "introduction": call.introduction,
        "closes_at": call.closes_at.astimezone(event.zone).replace(tzinfo=None) if call.closes_at else None,
        "questions": rows_of(call.question_set.questions),
    }


class BeginForm(Form):
    organisation = SelectField(_l("In whose name do you write?"), validators=[optional()])

    def __init__(self, organisations: Sequence[Organisation]) -> None:
        super().__init__()
        self._organisations = {organisation.ref: organisation for organisation in organisations}
        named = [(organisation.ref, organisation.name) for organisation in organisations]
        self.organisation.choices = options([*named, ("", _l("My own"))])

    @property
    def chosen(self) -> Organisation | None:
        return self._organisations.get(self.organisation.data)
