"""Forms about attendance."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import NumberRange

from consult.accounts.forms import zones
from consult.agenda.models import Session
from consult.agenda.queries import sessions_of
from consult.attendance.models import AttendanceImport, ImportSettings
from consult.attendance.platforms import FIELDS, DateOrder
from consult.attendance.service.reports import ReportEntry
from consult.events.models import Event
from consult.web.forms import FileRequired, Form, needed, optional, options, up_to


class ImportForm(Form):
    report = FileField(
        _l("Attendance report"),
        description=_l("As Zoom, Teams or Webex export it, or any CSV or XLSX with a column of names or addresses."),
        validators=[FileRequired()],
    )
    zone = SelectField(
        _l("Time zone of the report"), description=_l("Platforms write times without saying of which zone they are.")
    )
    minimum = IntegerField(
        _l("Minutes that count as attended"),
        description=_l("All devices and stays of a person together. With 0, whoever was there at all."),
        validators=[NumberRange(0, 1440, _l("Enter 0 to 1440 minutes."))],
    )
    day = SelectField(_l("Day"), description=_l("Only for a report that tells no times."), validators=[optional()])
    date_order = SelectField(
        _l("Dates are written"), choices=options(DateOrder.choices()), coerce=DateOrder, default=DateOrder.AUTO
    )

    def __init__(self, event: Event, day_label: Any, known: ImportSettings | None) -> None:
        super().__init__(data={
            "zone": known.zone if known else event.timezone, "minimum": known.minimum if known else 10,
        })  # fmt: skip
        self._days = {day.ref: day for day in event.days}
        self.day.choices = options(
            [("", _("The report tells")), *((day.ref, day_label(day.date)) for day in event.days)]
        )
        self.zone.choices = options([(zone, zone.replace("_", " ")) for zone in zones()])

    @property
    def entry(self) -> ReportEntry:
        return ReportEntry(
            day=self._days.get(self.day.data), zone=self.zone.data, date_order=self.date_order.data,
            minimum=self.minimum.data or 0,
        )  # fmt: skip


class MappingForm(Form):
    """Which column of a table is what; the columns are those of the file."""

    name = SelectField(_l("Name"), validators=[optional()])
    email = SelectField(_l("E-mail address"), validators=[optional()])
    joined = SelectField(_l("Time of joining"), validators=[optional()])
    left = SelectField(_l("Time of leaving"), validators=[optional()])
    duration = SelectField(_l("Duration"), validators=[optional()])

    def __init__(self, report: AttendanceImport, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in FIELDS:
            self[name].choices = options([("", _("not in the file")), *((title, title) for title in report.titles)])

    @property
    def mapping(self) -> dict[str, str]:
        return {name: self[name].data for name in FIELDS if self[name].data}


class PassForm(Form):
    name = StringField(
        _l("Who keeps the door"), description=_l("A name, or “Main entrance”. It stands in the record."),
        validators=[needed(_l("Say who it is for.")), up_to(100)],
    )  # fmt: skip


class CodeForm(Form):
    session = SelectField(_l("For"), validators=[optional()])
    minutes = IntegerField(
        _l("Minutes it works"),
        default=60,
        validators=[needed(_l("Enter 1 to 1440 minutes.")), NumberRange(1, 1440, _l("Enter 1 to 1440 minutes."))],
    )

    def __init__(self, event: Event, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sessions = {session.ref: session for session in sessions_of(event)}
        self.session.choices = options(
            [("", _("The day as a whole")), *((ref, each.title) for ref, each in self._sessions.items())]
        )

    @property
    def chosen(self) -> Session | None:
        return self._sessions.get(self.session.data)


class EnterCodeForm(Form):
    code = StringField(
        _l("Code"), description=_l("Six letters and numbers, as they are shown in the meeting."),
        validators=[needed(_l("Enter the code.")), up_to(20)], render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class SettleForm(Form):
    registration = SelectField(
        _l("Registration"), validators=[needed(_l("Choose a registration."))], validate_choice=False
    )
