"""Forms about attendance."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField

from consult.events.models import Event, EventDay
from consult.web.forms import FileRequired, Form, needed, options


class ImportForm(Form):
    day = SelectField(_l("Day"), validators=[needed(_l("Choose the day of the report."))])
    report = FileField(
        _l("Attendance report"),
        description=_l("A CSV file with a column for e-mail or name, as meeting platforms export it."),
        validators=[FileRequired()],
    )

    def __init__(self, event: Event, day_label: Any) -> None:
        super().__init__()
        self._days = {day.ref: day for day in event.days}
        self.day.choices = options([(day.ref, day_label(day.date)) for day in event.days])

    @property
    def chosen_day(self) -> EventDay:
        return self._days[self.day.data]


class SettleForm(Form):
    registration = SelectField(
        _l("Registration"), validators=[needed(_l("Choose a registration."))], validate_choice=False
    )
