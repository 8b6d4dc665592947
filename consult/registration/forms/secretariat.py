"""Forms of the secretariat, of the door, and for visa letters."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email

from consult.addresses import canonical
from consult.events.models import Event, ParticipantCategory
from consult.questions.forms import QuestionRows, rows_of
from consult.reference import countries
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import BadgeLayout, FollowUp, PassportData, Registration
from consult.registration.service.follow_ups import FollowUpEntry
from consult.registration.service.passports import CONSULATE_LENGTH
from consult.registration.service.registering import Entry
from consult.web.forms import (
    EditForm,
    Form,
    LocalTimeField,
    TickField,
    needed,
    optional,
    options,
    up_to,
)
from consult.web.times import long_date
from consult.words import Modality


class WalkInForm(Form):
    """Somebody who stands at the door: as little as a badge needs."""

    given_name = StringField(_l("Given name"), validators=[needed(_l("Enter the given name.")), up_to(100)])
    family_name = StringField(_l("Family name"), validators=[optional(), up_to(100)])
    organisation_name = StringField(_l("Organisation"), validators=[optional(), up_to(300)])
    email = EmailField(
        _l("E-mail address"),
        validators=[optional(), up_to(254), Email(_l("Enter an address like name@example.org."))],
    )
    category = SelectField(_l("Registered as"), validators=[needed(_l("Choose a category."))])
    stakeholder = SelectField(_l("Stakeholder category"), default=StakeholderCategory.OTHER.value)
    country = SelectField(_l("Country"), validators=[needed(_l("Choose a country."))])

    def __init__(self, event: Event) -> None:
        super().__init__()
        self._categories = {each.ref: each for each in event.categories if each.offers(Modality.IN_PERSON)}
        self.category.choices = options([(ref, each.title) for ref, each in self._categories.items()])
        self.stakeholder.choices = options(StakeholderCategory.choices())
        self.country.choices = options([("", _("Choose…")), *countries.choices()])

    @property
    def entry(self) -> Entry:
        return Entry(
            given_name=self.given_name.data,
            family_name=self.family_name.data or "",
            email=canonical(self.email.data or ""),
            organisation_name=self.organisation_name.data or "",
            stakeholder=StakeholderCategory(self.stakeholder.data),
            country=self.country.data,
            category=self._categories[self.category.data],
            modality=Modality.IN_PERSON,
        )


class ApproveForm(Form):
    """All that was asked for is ticked."""

    days = TickField(_l("Days"), validators=[optional()])
    sessions = TickField(_l("Sessions"), validators=[optional()])
    message = TextAreaField(
        _l("Message"), description=_l("The person reads it. What you leave unticked is said by itself."),
        validators=[optional(), up_to(2000)], render_kw={"rows": 2, "dir": "auto"},
    )  # fmt: skip

    def __init__(self, registration: Registration, **kwargs: Any) -> None:
        days, sessions = registration.days, [place.session for place in registration.sessions]
        every = {"days": [day.ref for day in days], "sessions": [session.ref for session in sessions]}
        super().__init__(data=every, **kwargs)
        self._days, self._sessions = {day.ref: day for day in days}, {session.ref: session for session in sessions}
        self.days.choices = options([(day.ref, long_date(day.date)) for day in days])
        self.sessions.choices = options([(session.ref, session.title) for session in sessions])

    @property
    def chosen(self) -> dict[str, Any]:
        return {
            "days": [self._days[ref] for ref in self.days.data or []],
            "sessions": [self._sessions[ref] for ref in self.sessions.data or []],
            "message": self.message.data or "",
        }


class MessageForm(Form):
    """Words with a decision that somebody does not hope for."""

    message = TextAreaField(
        _l("Message"), description=_l("The person reads it."),
        validators=[needed(_l("Explain the decision in a sentence. The person reads it.")), up_to(2000)],
        render_kw={"rows": 3, "dir": "auto"},
    )  # fmt: skip


class PlaceForm(Form):
    reason = StringField(
        _l("Why this person comes first"), description=_l("It is kept in the record."),
        validators=[needed(_l("Say why. It is kept in the record.")), up_to(300)],
    )  # fmt: skip
    is_extra = BooleanField(_l("If all places are given: there is one place more"))


class VisaForm(Form):
    """What a visa letter needs, and nothing else."""

    name = StringField(
        _l("Name, as in the passport"),
        description=_l("It must be the name of the registration. If it is not, correct the registration first."),
        validators=[needed(_l("Enter the name.")), up_to(200)],
    )
    nationality = SelectField(_l("Nationality"), validators=[needed(_l("Choose a country."))])
    number = StringField(_l("Passport number"), validators=[needed(_l("Enter the number.")), up_to(20)])
    born_on = DateField(_l("Date of birth"), validators=[needed(_l("Enter the date of birth."))])
    consulate = StringField(
        _l("Embassy or consulate the letter is for"),
        description=_l("Its name and place only."),
        validators=[needed(_l("Enter the embassy or consulate.")), up_to(CONSULATE_LENGTH)],
    )

    def __init__(self, registration: Registration) -> None:
        super().__init__(data={"name": registration.name, "nationality": registration.country})
        self.nationality.choices = options([("", _("Choose…")), *countries.choices()])

    @property
    def passport(self) -> PassportData:
        return PassportData(
            name=self.name.data, nationality=self.nationality.data, number=self.number.data,
            born_on=self.born_on.data, consulate=self.consulate.data,
        )  # fmt: skip


class BadgesForm(Form):
    category = SelectField(_l("Whose badges"))
    layout = SelectField(_l("On what"), choices=options(BadgeLayout.choices()), coerce=BadgeLayout)

    def __init__(self, event: Event) -> None:
        super().__init__()
        self._categories = {category.ref: category for category in event.categories}
        self.category.choices = options(
            [("", _("Everybody who comes in person")), *((ref, each.title) for ref, each in self._categories.items())]
        )

    @property
    def chosen(self) -> ParticipantCategory | None:
        return self._categories.get(self.category.data)


class FollowUpForm(EditForm):
    title = StringField(_l("Title"), validators=[needed(_l("Enter a title.")), up_to(200)])
    introduction = TextAreaField(
        _l("Introduction"), description=_l("Plain text. It stands in the mail and above the form."),
        validators=[optional(), up_to(5000)], render_kw={"rows": 4, "dir": "auto"},
    )  # fmt: skip
    closes_at = LocalTimeField(_l("Open until"), validators=[needed(_l("Enter a date and a time."))])
    questions = QuestionRows(_l("Questions"))

    def __init__(self, event: Event, follow_up: FollowUp | None = None) -> None:
        values: dict[str, Any] = {}
        if follow_up:
            local = follow_up.closes_at.astimezone(event.zone).replace(tzinfo=None)
            values = {"title": follow_up.title, "introduction": follow_up.introduction, "closes_at": local}
            values["questions"] = rows_of(follow_up.question_set.questions)
        super().__init__(data=values)
        self.filled_with(values)
        self._zone: ZoneInfo = event.zone
        if not self.is_submitted():
            for _row in range(2):
                self.questions.append_entry()

    @property
    def entry(self) -> FollowUpEntry:
        closes: datetime = self.closes_at.data
        return FollowUpEntry(
            title=self.title.data,
            introduction=self.introduction.data or "",
            closes_at=closes.replace(tzinfo=self._zone),
            questions=self.questions.entries_filled,
        )
