"""Forms about people.

One person is asked the same everywhere: by a focal point for a delegation, by invitation, for oneself, to be
corrected, or in another's place. What is asked depends on the event and the category, so the classes are made for
them by `person_class`.
"""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from consult.organisations.models import Organisation
from consult.questions.forms import Answering, fields_of, values_of
from consult.questions.models import Question, QuestionKind
from consult.reference import countries
from consult.reference.languages import SpokenLanguage
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.models import Registration, Visibility
from consult.registration.queries import Offer
from consult.registration.service.details import Person
from consult.registration.service.registering import DelegationRefused, Entry
from consult.web.forms import (
    AddressField,
    EditForm,
    FileRequired,
    Form,
    TickField,
    needed,
    optional,
    options,
    up_to,
)
from consult.web.times import long_date
from consult.words import Modality

DELEGATION = 50  # people on one page


class PersonForm(Answering):
    """What is asked of every person. Each field says why."""

    given_name = StringField(
        _l("Given name"), description=_l("As it is to stand on the badge."),
        validators=[needed(_l("Enter the given name.")), up_to(100)], render_kw={"dir": "auto"},
    )  # fmt: skip
    family_name = StringField(
        _l("Family name"), description=_l("Leave empty if there is one name only."),
        validators=[optional(), up_to(100)], render_kw={"dir": "auto"},
    )  # fmt: skip
    email = AddressField(description=_l("The person's own: the confirmation, the badge and every change go there."))
    function = StringField(
        _l("Function"), description=_l("So that the secretariat knows in which role the person speaks."),
        validators=[optional(), up_to(200)],
    )  # fmt: skip
    gender = SelectField(
        _l("Gender"),
        description=_l("So that the summary can say who was heard. Only numbers are published."),
        choices=options(Gender.choices()),
        coerce=Gender,
        default=Gender.NOT_STATED,
    )
    languages = TickField(
        _l("Languages the person speaks"),
        description=_l("So that interpretation is planned for those who come."),
        choices=options(SpokenLanguage.choices()),
        validators=[optional()],
    )
    access_needs = TextAreaField(
        _l("What the person needs to take part"),
        description=_l("A ramp, captions, a companion… Only those who organise the meeting read this."),
        validators=[optional(), up_to(1000)],
        render_kw={"rows": 2, "dir": "auto"},
    )

    @property
    def person(self) -> Person:
        return Person(**self.values())

    def values(self) -> dict[str, Any]:
        """What was entered, as `Person` and `Entry` take it."""
        return {
            "given_name": self.given_name.data,
            "family_name": self.family_name.data or "",
            "email": self.email.data or "",
            "function": self.function.data or "",
            "gender": self.gender.data,
            "languages": self.languages.data or [],
            "access_needs": self.access_needs.data or "",
            "dietary_needs": self._value("dietary_needs") or "",
            "wants_visa_letter": bool(self._value("wants_visa_letter")),
            "visibility": self._value("visibility"),
            "answers": {q.ref: a for q, a in self._answered()},
            "uploads": [(question, file.filename, file.stream) for question, file in self.uploads.items()],
        }

    def _answered(self) -> list[tuple[Question, Any]]:
        """Answers to files are not typed: what was kept stays, what is sent comes with the uploads."""
        given = self.answers
        return [(each, given[each.ref]) for each in self.questions if each.kind is not QuestionKind.FILE]

    def _value(self, name: str) -> Any:
        return self[name].data if name in self else None


class _InPerson:
    """Asked where somebody may come in person."""

    dietary_needs = StringField(
        _l("What the person does not eat"), description=_l("For the catering: it gets numbers, no names."),
        validators=[optional(), up_to(300)],
    )  # fmt: skip
    wants_visa_letter = BooleanField(
        _l("A letter is needed to apply for a visa"),
        description=_l("So that it is prepared in time. What stands in the passport is asked only for the letter."),
    )


class _Place:
    """Where and when the person takes part."""

    modality = RadioField(_l("How the person takes part"), coerce=Modality, validators=[needed(_l("Choose how."))])
    days = TickField(
        _l("Days"), description=_l("So that places go to who comes. Tick none for all days of the category."),
        validators=[optional()],
    )  # fmt: skip
    sessions = TickField(
        _l("Sessions with limited places"),
        description=_l("Tick those the person wants to come to. The other sessions are open to all."),
        validators=[optional()],
    )


class _Shown:
    """The person's own choice."""

    visibility = RadioField(
        _l("Where the person's name may stand"),
        description=_l("It is for the person alone to say, and can be changed at any time."),
        choices=options(Visibility.choices()), coerce=Visibility, default=Visibility.NO,
    )  # fmt: skip


def person_class(
    offer: Offer, *, base: type[PersonForm] = PersonForm, with_place: bool = False, with_choice: bool = False
) -> type[PersonForm]:
    """The form of one person in this category.

    Args:
        with_place: asks for modality, days and sessions too.
        with_choice: asks on which list the name may stand; only of the person.
    """
    parts: list[type] = [_Place] if with_place else []
    parts += [_InPerson] if Modality.IN_PERSON in offer.modalities else []
    parts += [_Shown] if with_choice else []
    fields = {name: field for part in parts for name, field in vars(part).items() if not name.startswith("_")}
    made: type[PersonForm] = type(
        "PersonForm", (base,), {**fields, **fields_of(offer.questions), "questions": offer.questions, "offer": offer}
    )
    return made


class CorrectionForm(EditForm, PersonForm):
    """A registered person, to be corrected. Made by `correction_form`."""


class PlacedForm(PersonForm):
    """A person with the place that is asked for; a form or a row of one. Made by `person_class(with_place=True)`."""

    offer: Offer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        modalities, category = self.offer.modalities, self.offer.category
        self.modality.choices = options([(modality, modality.label) for modality in modalities])
        if self.modality.data not in modalities and len(modalities) == 1:
            self.modality.data = modalities[0]
        self.days.choices = options([(day.ref, long_date(day.date)) for day in category.days])
        self.sessions.choices = options([(session.ref, session.title) for session in self.offer.sessions])

    def place(self) -> dict[str, Any]:
        days = {day.ref: day for day in self.offer.category.days}
        sessions = {session.ref: session for session in self.offer.sessions}
        return {
            "category": self.offer.category,
            "modality": self.modality.data,
            "days": [days[ref] for ref in self.days.data or []],
            "sessions": [sessions[ref] for ref in self.sessions.data or []],
        }


class _Row(PlacedForm):
    """One person of a delegation."""

    class Meta(PlacedForm.Meta):
        csrf = False


class DelegationForm(Form):
    """People of one organisation in one category. Made by `delegation_form`."""

    organisation = SelectField(_l("Organisation"), validators=[needed(_l("Choose an organisation."))])
    people: FieldList
    organisations: Sequence[Organisation] = ()

    def __init__(self) -> None:
        super().__init__()
        self._known = {organisation.ref: organisation for organisation in self.organisations}
        self.organisation.choices = options([(each.ref, each.name) for each in self.organisations])

    @property
    def entries(self) -> list[Entry]:
        organisation = self._known[self.organisation.data]
        about: dict[str, Any] = {
            "organisation": organisation,
            "stakeholder": organisation.category,
            "country": organisation.country,
        }
        return [Entry(**row.form.values(), **row.form.place(), **about) for row in self.people]

    def add_row(self) -> None:
        """Room for one more person; what was typed stays."""
        if len(self.people) < DELEGATION:
            self.people.append_entry()

    def mark(self, refused: DelegationRefused) -> None:
        """Show what was wrong beside the person it is about."""
        for place, error in refused.problems:
            form = self.people[place].form
            name = error.field if error.field in form else "given_name"
            form[name].errors = [*form[name].errors, str(error)]
        self.people.errors = [row.form.errors for row in self.people]


def delegation_form(offer: Offer, organisations: Sequence[Organisation]) -> DelegationForm:
    row = person_class(offer, base=_Row, with_place=True)
    people = FieldList(FormField(row), _l("People"), min_entries=1, max_entries=DELEGATION)
    made = type("DelegationForm", (DelegationForm,), {"people": people, "organisations": organisations})
    return made()  # type: ignore[no-any-return]


class SheetForm(Form):
    """A delegation as a spreadsheet."""

    organisation = SelectField(_l("Organisation"), validators=[needed(_l("Choose an organisation."))])
    file = FileField(_l("Spreadsheet"), description=_l("XLSX or CSV, one person a line."), validators=[FileRequired()])

    def __init__(self, organisations: Sequence[Organisation]) -> None:
        super().__init__()
        self._known = {organisation.ref: organisation for organisation in organisations}
        self.organisation.choices = options([(each.ref, each.name) for each in organisations])

    @property
    def chosen(self) -> Organisation:
        return self._known[self.organisation.data]


class GuestForm(PlacedForm):
    """Somebody registers for themselves. Made by `guest_form`."""

    organisation_name = StringField(
        _l("Organisation"), description=_l("As it is to stand on the badge."), validators=[optional(), up_to(300)]
    )
    stakeholder = SelectField(
        _l("Stakeholder category"), description=_l("So that the summary can say who was heard."),
        validators=[needed(_l("Choose a category."))],
    )  # fmt: skip
    country = SelectField(
        _l("Country"), description=_l("On the badge, and for the figures by region."),
        validators=[needed(_l("Choose a country."))],
    )  # fmt: skip

    def __init__(self, *, known: Organisation | None = None, **given: Any) -> None:
        if known:
            given |= {"organisation_name": known.name, "stakeholder": known.category.value, "country": known.country}
        super().__init__(data=given)
        self._known = known
        self.stakeholder.choices = options([("", _("Choose…")), *StakeholderCategory.choices()])
        self.country.choices = options([("", _("Choose…")), *countries.choices()])

    @property
    def entry(self) -> Entry:
        return Entry(
            **self.values(),
            **self.place(),
            organisation=self._known,
            organisation_name=self.organisation_name.data or "",
            stakeholder=StakeholderCategory(self.stakeholder.data),
            country=self.country.data,
        )


def guest_form(offer: Offer, *, known: Organisation | None = None, **given: Any) -> GuestForm:
    made: Any = person_class(offer, base=GuestForm, with_place=True, with_choice=True)
    form: GuestForm = made(known=known, **given)
    return form


def correction_form(offer: Offer, registration: Registration, *, is_own: bool) -> PersonForm:
    """What is known of a registered person, to be corrected. The choice of lists is asked of the person only."""
    plain = (
        "given_name", "family_name", "email", "function", "gender", "languages", "access_needs", "dietary_needs",
        "wants_visa_letter", "visibility",
    )  # fmt: skip
    values = {name: getattr(registration, name) for name in plain}
    made: Any = person_class(offer, base=CorrectionForm, with_choice=is_own)
    made.kept = registration.answers
    form: CorrectionForm = made(data={**values, **values_of(offer.questions, registration.answers)})
    asked = {question.ref: registration.answers.get(question.ref) or "" for question in offer.questions}
    form.filled_with({**values, "answers": sorted(asked.items())})
    return form


def substitution_form(offer: Offer) -> PersonForm:
    """Who comes in a registered person's place."""
    return person_class(offer)()
