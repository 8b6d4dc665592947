"""Forms about events."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    URLField,
    ValidationError,
)
from wtforms.validators import Email, NumberRange

from consult.accounts.forms import zones
from consult.events import queries
from consult.events.models import Colour, Event, EventKind, EventModality, ParticipantCategory, Selection, TeamRole
from consult.events.service.events import CategoryEntry, Day, Entry
from consult.questions.forms import QuestionRows, QuestionRowWithFile, rows_of
from consult.reference.stakeholders import StakeholderCategory
from consult.web.forms import (
    AddressField,
    EditForm,
    Form,
    LocalTimeField,
    RowForm,
    TickField,
    needed,
    optional,
    options,
    up_to,
)

WINDOWS = [f"{name}_{end}_at" for name in ("registration", "inputs") for end in ("opens", "closes")]


class SeriesForm(Form):
    title = StringField(_l("Title of the series"), validators=[needed(_l("Enter a title.")), up_to(200)])


class DayRow(RowForm):
    date = DateField(_l("Date"), validators=[optional()])
    starts = TimeField(_l("From"), validators=[optional()])
    ends = TimeField(_l("Until"), validators=[optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.date.data and not (self.starts.data and self.ends.data):
            self.ends.errors = [*self.ends.errors, _("Give the day its beginning and its end.")]
            return False
        return is_valid


class EventForm(EditForm):
    title = StringField(_l("Title"), validators=[needed(_l("Enter a title.")), up_to(300)])
    series = SelectField(_l("Series"), validators=[needed(_l("Choose a series."))])
    kind = SelectField(_l("Kind of meeting"), choices=options(EventKind.choices()), coerce=EventKind)
    summary = TextAreaField(
        _l("Summary"),
        description=_l("What it is about and for whom. You can use Markdown: **bold**, lists, links."),
        validators=[optional(), up_to(10_000)],
        render_kw={"rows": 8},
    )
    modality = SelectField(_l("How it is held"), choices=options(EventModality.choices()), coerce=EventModality)
    venue_name = StringField(_l("Venue"), validators=[optional(), up_to(200)])
    venue_room = StringField(_l("Room"), validators=[optional(), up_to(100)])
    venue_address = StringField(_l("Address"), validators=[optional(), up_to(300)])
    online_platform = StringField(_l("Online platform"), validators=[optional(), up_to(100)])
    join_link = URLField(
        _l("Link to join online"),
        description=_l("Only people with a confirmed online place see it."),
        validators=[optional(), up_to(500)],
    )
    contact = EmailField(_l("Contact mailbox"), validators=[optional(), Email(_l("Enter an e-mail address."))])
    timezone = SelectField(_l("Time zone of the event"))
    days = FieldList(FormField(DayRow), _l("Days"), max_entries=30)
    registration_opens_at = LocalTimeField(_l("Registration opens"), validators=[optional()])
    registration_closes_at = LocalTimeField(_l("Registration closes"), validators=[optional()])
    inputs_opens_at = LocalTimeField(_l("Written input opens"), validators=[optional()])
    inputs_closes_at = LocalTimeField(_l("Written input closes"), validators=[optional()])
    offer_hours = IntegerField(
        _l("Hours to accept an offered place"),
        description=_l("A freed place is offered to the first who waits. With 0 it is given at once."),
        validators=[NumberRange(0, 1000, _l("Enter a number from 0 to 1000."))],
    )
    passports_until = DateField(
        _l("Passport data is erased on"),
        description=_l("What was entered for visa letters. Left empty, it is 30 days after the last day."),
        validators=[optional()],
    )

    def __init__(self, event: Event | None = None) -> None:
        values = _as_typed(event) if event else {"timezone": "Europe/Zurich", "offer_hours": 48}
        super().__init__(data=values)
        self.filled_with(values)
        self._series = {series.slug: series for series in queries.all_series()}
        self.series.choices = options([(slug, series.title) for slug, series in self._series.items()])
        self.timezone.choices = options([(zone, zone.replace("_", " ")) for zone in zones()])
        while len(self.days) < 2 or self.days[-1].form.date.data:
            self.days.append_entry()

    def validate_join_link(self, field: Field) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Begin the link with https://"))

    @property
    def entry(self) -> Entry:
        zone = ZoneInfo(self.timezone.data)
        plain = (
            "title",
            "summary",
            "venue_name",
            "venue_room",
            "venue_address",
            "online_platform",
            "join_link",
            "contact",
        )
        texts: dict[str, Any] = {name: self[name].data or "" for name in plain}
        windows: dict[str, Any] = {name: _instant(self[name].data, zone) for name in WINDOWS}
        return Entry(
            **texts,
            **windows,
            series=self._series[self.series.data],
            kind=self.kind.data,
            modality=self.modality.data,
            timezone=self.timezone.data,
            offer_hours=self.offer_hours.data or 0,
            passports_until=self.passports_until.data,
            days=[
                Day(date=row.form.date.data, starts=row.form.starts.data, ends=row.form.ends.data)
                for row in self.days
                if row.form.date.data
            ],
        )


def _instant(local: datetime | None, zone: ZoneInfo) -> datetime | None:
    return local.replace(tzinfo=zone) if local else None


def _as_typed(event: Event) -> dict[str, Any]:
    """The event as the form shows it: instants in its own zone."""
    values = {name: getattr(event, name) for name in Entry.__dataclass_fields__ if name not in {"series", "days"}}
    for name in WINDOWS:
        values[name] = values[name].astimezone(event.zone).replace(tzinfo=None) if values[name] else None
    days = [{"date": day.date, "starts": day.starts, "ends": day.ends} for day in event.days]
    return {**values, "series": event.series.slug, "days": days}


class CategoryForm(EditForm):
    title = StringField(
        _l("Title"), description=_l("As participants know it, for example “Civil society”."),
        validators=[needed(_l("Enter a title.")), up_to(120)],
    )  # fmt: skip
    stakeholders = TickField(
        _l("Stakeholder categories it is for"),
        description=_l("Tick none if it is for all."),
        choices=options(StakeholderCategory.choices()),
        coerce=StakeholderCategory,
        validators=[optional()],
    )
    requires_accreditation = BooleanField(_l("Only accredited organisations may register under it"))
    allows_individuals = BooleanField(_l("People without an organisation may register themselves"))
    is_for_speakers = BooleanField(_l("It is for speakers: the summary counts them apart"))
    selection = SelectField(
        _l("How places are given"), choices=options(Selection.choices()), coerce=Selection, default=Selection.FIRST_COME
    )
    days = TickField(
        _l("Days on which they take part"), description=_l("Tick none for all days."), validators=[optional()]
    )
    capacity_in_person = IntegerField(
        _l("Places in person"),
        description=_l("Leave empty for no limit; 0 if not offered."),
        validators=[optional(), NumberRange(min=0, max=1_000_000)],
    )
    capacity_online = IntegerField(
        _l("Places online"),
        description=_l("Leave empty for no limit; 0 if not offered."),
        validators=[optional(), NumberRange(min=0, max=1_000_000)],
    )
    quota = IntegerField(
        _l("People one organisation may register"),
        description=_l("Leave empty for no limit."),
        validators=[optional(), NumberRange(min=1, max=100_000)],
    )
    colour = SelectField(
        _l("Colour of the badge"), choices=options(Colour.choices()), coerce=Colour, default=Colour.TEAL
    )
    questions = QuestionRows(_l("Questions to each person"), QuestionRowWithFile)

    def __init__(self, event: Event, day_label: Any, category: ParticipantCategory | None = None) -> None:
        chosen = {
            "days": [day.ref for day in category.days],
            "stakeholders": [StakeholderCategory(value) for value in category.stakeholders],
            "questions": rows_of(category.question_set.questions),
        } if category else {}  # fmt: skip
        fields = (
            "title", "requires_accreditation", "capacity_in_person", "capacity_online", "quota", "selection",
            "allows_individuals", "is_for_speakers", "colour",
        )  # fmt: skip
        values = {**{name: getattr(category, name) for name in fields if category}, **chosen}
        super().__init__(data=values)
        self.filled_with(values)
        self._days = {day.ref: day for day in event.days}
        self.days.choices = options([(day.ref, day_label(day.date)) for day in event.days])
        if not self.is_submitted():
            for _row in range(2):
                self.questions.append_entry()

    @property
    def entry(self) -> CategoryEntry:
        return CategoryEntry(
            title=self.title.data,
            stakeholders=self.stakeholders.data or [],
            requires_accreditation=self.requires_accreditation.data,
            capacity_in_person=self.capacity_in_person.data,
            capacity_online=self.capacity_online.data,
            quota=self.quota.data,
            selection=self.selection.data,
            allows_individuals=self.allows_individuals.data,
            is_for_speakers=self.is_for_speakers.data,
            colour=self.colour.data,
            questions=self.questions.entries_filled,
            days=[self._days[ref] for ref in self.days.data or []],
        )


class CancelForm(Form):
    reason = TextAreaField(
        _l("Why is the event cancelled?"),
        description=_l("Everybody who has a place reads this."),
        validators=[needed(_l("Say why, in a sentence that those registered will read.")), up_to(2000)],
        render_kw={"rows": 3},
    )


class MemberForm(Form):
    email = AddressField(description=_l("The person is asked by mail, and signs up if they have no account yet."))
    role = SelectField(_l("Role"), choices=options(TeamRole.choices()), coerce=TeamRole)
