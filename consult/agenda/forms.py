"""Forms about agendas."""

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import NumberRange

from consult.agenda.models import Session, SessionKind, SpeakerRole
from consult.agenda.service import Entry, SpeakerEntry
from consult.events.models import Event
from consult.web.forms import EditForm, Form, RowForm, needed, optional, options, paragraphs, up_to


class SpeakerRow(RowForm):
    """A speaker; without name and function it is taken out."""

    name = StringField(_l("Name"), validators=[optional(), up_to(200)])
    function = StringField(_l("Function"), validators=[optional(), up_to(300)])
    role = SelectField(
        _l("Role"), choices=options(SpeakerRole.choices()), coerce=SpeakerRole, default=SpeakerRole.PANELLIST
    )


class SessionForm(EditForm):
    number = StringField(_l("Number"), description=_l("As printed: 1, II, 3a."), validators=[optional(), up_to(10)])
    title = StringField(_l("Title"), validators=[needed(_l("Enter a title.")), up_to(300)])
    kind = SelectField(_l("Type of session"), choices=options(SessionKind.choices()), coerce=SessionKind)
    day = SelectField(_l("Day"), validators=[needed(_l("Choose a day."))])
    starts = TimeField(_l("From"), validators=[needed(_l("Enter when it begins."))])
    ends = TimeField(_l("Until"), validators=[needed(_l("Enter when it ends."))])
    room = StringField(_l("Room"), validators=[optional(), up_to(100)])
    capacity_in_person = IntegerField(
        _l("Places in the room"),
        description=_l("Leave empty if everybody may come; otherwise people choose the session when they register."),
        validators=[optional(), NumberRange(0, 1_000_000)],
    )
    capacity_online = IntegerField(_l("Places online"), validators=[optional(), NumberRange(0, 1_000_000)])
    description = TextAreaField(_l("Description"), validators=[optional(), up_to(5000)], render_kw={"rows": 3})
    guiding_questions = TextAreaField(
        _l("Guiding questions"), description=_l("One on each line."), validators=[optional()], render_kw={"rows": 4}
    )
    parts = TextAreaField(
        _l("Parts"), description=_l("One on each line."), validators=[optional()], render_kw={"rows": 4}
    )
    speakers = FieldList(FormField(SpeakerRow), _l("Speakers"), max_entries=40)

    def __init__(self, event: Event, day_label: Any, session: Session | None = None) -> None:
        values = _as_typed(session) if session else {"starts": time(9, 30), "ends": time(10, 30)}
        super().__init__(data=values)
        self.filled_with(values)
        self._days = {day.ref: day for day in event.days}
        self.day.choices = options([(day.ref, day_label(day.date)) for day in event.days])
        if not self.is_submitted():
            for _row in range(3):
                self.speakers.append_entry()

    @property
    def entry(self) -> Entry:
        return Entry(
            number=self.number.data or "",
            title=self.title.data,
            kind=self.kind.data,
            day=self._days[self.day.data],
            starts=self.starts.data,
            ends=self.ends.data,
            room=self.room.data or "",
            capacity_in_person=self.capacity_in_person.data,
            capacity_online=self.capacity_online.data,
            description=self.description.data or "",
            guiding_questions=paragraphs(self.guiding_questions.data),
            parts=paragraphs(self.parts.data),
            speakers=[
                SpeakerEntry(
                    name=(row.form.name.data or "").strip(),
                    function=(row.form.function.data or "").strip(),
                    role=row.form.role.data,
                )
                for row in self.speakers
                if (row.form.name.data or "").strip() or (row.form.function.data or "").strip()
            ],
        )


def _as_typed(session: Session) -> dict[str, Any]:
    plain = (
        "number", "title", "kind", "starts", "ends", "room", "description", "capacity_in_person", "capacity_online",
    )  # fmt: skip
    return {
        **{name: getattr(session, name) for name in plain},
        "day": session.day.ref,
        "guiding_questions": "\n".join(session.guiding_questions),
        "parts": "\n".join(session.parts),
        "speakers": [{"name": s.name, "function": s.function, "role": s.role} for s in session.speakers],
    }


class PublishForm(Form):
    note = TextAreaField(
        _l("What changed"),
        description=_l("Readers see it beside the revision."),
        validators=[optional(), up_to(1000)],
        render_kw={"rows": 2},
    )
