"""Forms about registrations."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField

from consult.events.models import Event
from consult.organisations.models import Organisation
from consult.reference import countries
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.documents import Passport
from consult.registration.models import Registration
from consult.registration.service import Entry
from consult.web.forms import AddressField, Form, TickField, needed, optional, options, up_to
from consult.words import Modality


class PersonForm(Form):
    """What is asked of every person who is registered."""

    given_name = StringField(_l("Given name"), validators=[needed(_l("Enter the given name.")), up_to(100)])
    family_name = StringField(_l("Family name"), validators=[optional(), up_to(100)])
    email = AddressField(description=_l("The person's own: the confirmation and the badge go there."))
    function = StringField(_l("Function"), validators=[optional(), up_to(200)])
    gender = SelectField(
        _l("Gender"),
        description=_l("So that the summary can say who was heard. Only numbers are published."),
        choices=options(Gender.choices()),
        coerce=Gender,
        default=Gender.NOT_STATED,
    )
    category = RadioField(_l("Registered as"), validators=[needed(_l("Choose a category."))])
    modality = RadioField(_l("How the person takes part"), coerce=Modality, validators=[needed(_l("Choose how."))])
    days = TickField(_l("Days"), description=_l("Tick none for all days of the category."), validators=[optional()])

    def offer(self, event: Event, day_label: Any, *, to: Sequence[StakeholderCategory] = ()) -> None:
        """The choices the event gives; of its categories those that are for one of these stakeholders, if known."""
        fitting = [each for each in event.categories if not to or any(each.is_for(stakeholder) for stakeholder in to)]
        self._categories = {category.ref: category for category in fitting}
        self._days = {day.ref: day for day in event.days}
        self.category.choices = options([(category.ref, category.title) for category in fitting])
        self.modality.choices = options([(modality, modality.label) for modality in event.modalities])
        self.days.choices = options([(day.ref, day_label(day.date)) for day in event.days])
        if not self.is_submitted():
            if len(fitting) == 1:
                self.category.data = fitting[0].ref
            if len(event.modalities) == 1:
                self.modality.data = event.modalities[0]

    def entry_of(self, **about_organisation: Any) -> Entry:
        return Entry(
            given_name=self.given_name.data,
            family_name=self.family_name.data or "",
            email=self.email.data,
            function=self.function.data or "",
            gender=self.gender.data,
            category=self._categories[self.category.data],
            modality=self.modality.data,
            days=[self._days[ref] for ref in self.days.data or []],
            **about_organisation,
        )


class RegistrationForm(PersonForm):
    """A focal point registers a colleague: category and country are the organisation's."""

    organisation = SelectField(_l("Organisation"), validators=[needed(_l("Choose an organisation."))])

    def __init__(self, event: Event, organisations: Sequence[Organisation], day_label: Any) -> None:
        super().__init__()
        self._organisations = {organisation.ref: organisation for organisation in organisations}
        self.organisation.choices = options([(organisation.ref, organisation.name) for organisation in organisations])
        self.offer(event, day_label, to=[organisation.category for organisation in organisations])

    @property
    def entry(self) -> Entry:
        organisation = self._organisations[self.organisation.data]
        return self.entry_of(organisation=organisation, stakeholder=organisation.category, country=organisation.country)


class GuestForm(PersonForm):
    """Somebody who was invited by name registers for themselves."""

    organisation_name = StringField(_l("Organisation"), validators=[optional(), up_to(300)])
    stakeholder = SelectField(_l("Stakeholder category"), validators=[needed(_l("Choose a category."))])
    country = SelectField(_l("Country"), validators=[needed(_l("Choose a country."))])

    def __init__(self, event: Event, day_label: Any, *, known: Organisation | None = None, **given: str) -> None:
        if known:
            given |= {"organisation_name": known.name, "stakeholder": known.category.value, "country": known.country}
        super().__init__(data=given)
        self._known = known
        self.stakeholder.choices = options([("", _("Choose…")), *StakeholderCategory.choices()])
        self.country.choices = options([("", _("Choose…")), *countries.choices()])
        self.offer(event, day_label)

    @property
    def entry(self) -> Entry:
        return self.entry_of(
            organisation=self._known,
            organisation_name=self.organisation_name.data or "",
            stakeholder=StakeholderCategory(self.stakeholder.data),
            country=self.country.data,
        )


class VisaForm(Form):
    """For the letter only: nothing of it is kept."""

    name = StringField(_l("Name, as in the passport"), validators=[needed(_l("Enter the name.")), up_to(200)])
    nationality = SelectField(_l("Nationality"), validators=[needed(_l("Choose a country."))])
    number = StringField(_l("Passport number"), validators=[needed(_l("Enter the number.")), up_to(30)])
    born_on = DateField(_l("Date of birth"), validators=[needed(_l("Enter the date of birth."))])
    consulate = StringField(
        _l("Embassy or consulate the letter is for"),
        validators=[needed(_l("Enter the embassy or consulate.")), up_to(200)],
    )

    def __init__(self, registration: Registration) -> None:
        super().__init__(data={"name": registration.name, "nationality": registration.country})
        self.nationality.choices = options([("", _("Choose…")), *countries.choices()])

    @property
    def passport(self) -> Passport:
        return Passport(
            name=self.name.data, nationality=self.nationality.data, number=self.number.data,
            born_on=self.born_on.data, consulate=self.consulate.data,
        )  # fmt: skip
