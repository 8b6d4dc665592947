"""Forms about organisations."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
    ValidationError,
)
from wtforms.validators import NumberRange

from consult.accounts.forms import AddressForm, CheckedAddressForm
from consult.organisations.models import DocumentKind, Membership, Organisation, OrganisationRole
from consult.organisations.service.profiles import Entry, OtherName
from consult.reference import countries
from consult.reference.stakeholders import Recognition, Scope, StakeholderCategory
from consult.web.forms import EditForm, FileRequired, Form, TickField, needed, optional, options, paragraphs, up_to

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
_SAME = (
    "name", "short_name", "category", "country", "countries_of_work", "scope", "founding_year", "registration_number",
    "website", "description", "governing_body", "membership", "funding",
)  # fmt: skip


def _text(label: Any, help: Any, *, rows: int = 4) -> TextAreaField:
    return TextAreaField(
        label, description=help, validators=[optional(), up_to(5000)], render_kw={"rows": rows, "dir": "auto"}
    )


class OrganisationForm(EditForm):
    name = StringField(
        _l("Name of the organisation"),
        description=_l("In full, as in its constitution."),
        validators=[needed(_l("Enter the name of the organisation.")), up_to(300)],
    )
    short_name = StringField(_l("Short name or acronym"), validators=[optional(), up_to(60)])
    other_names = TextAreaField(
        _l("Names in other languages, and former names"),
        description=_l("One a line. You may begin with the language, as in “fr: Maison du migrant”."),
        validators=[optional(), up_to(2000)],
        render_kw={"rows": 3, "dir": "auto"},
    )
    category = SelectField(_l("Category"), validators=[needed(_l("Choose a category."))])
    country = SelectField(
        _l("Country of seat"),
        description=_l("The region follows from it."),
        validators=[needed(_l("Choose a country."))],
    )
    scope = SelectField(_l("How far its work reaches"), validators=[optional()])
    countries_of_work = SelectMultipleField(
        _l("Countries of work"),
        description=_l("Hold the control key (or ⌘) to choose several."),
        validators=[optional()],
        render_kw={"size": 6},
    )
    founding_year = IntegerField(
        _l("Founded in"), validators=[optional(), NumberRange(1000, 2100, _l("Enter a year, such as 1998."))]
    )
    registration_number = StringField(
        _l("Registration number"),
        description=_l("Under which it is registered in its country, if it is."),
        validators=[optional(), up_to(100)],
    )
    website = URLField(_l("Website"), validators=[optional(), up_to(300)])
    description = _text(_l("What it does"), _l("Its purpose, in a few sentences."))
    governing_body = _text(_l("Governing body"), _l("Its members and their nationality."))
    membership = _text(_l("Membership"), _l("How many members, and where; names of member organisations."))
    funding = _text(_l("Sources of funding"), _l("The main ones, contributions of governments included."), rows=3)
    is_new = BooleanField(_l("None of these is my organisation"))

    def __init__(self, organisation: Organisation | None = None) -> None:
        values: dict[str, Any] = {name: getattr(organisation, name) for name in _SAME} if organisation else {}
        if organisation:
            lines = [f"{each.language}: {each.name}" if each.language else each.name for each in organisation.names]
            values["other_names"] = "\n".join(lines)
        super().__init__(data=values)
        self.filled_with(values)
        self.category.choices = options([("", _("Choose…")), *StakeholderCategory.choices()])
        self.country.choices = options([("", _("Choose…")), *countries.choices()])
        self.scope.choices = options([("", _("Not said")), *Scope.choices()])
        self.countries_of_work.choices = options(countries.choices())

    def validate_website(self, field: Field) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Begin the address with https://"))

    @property
    def names_given(self) -> list[OtherName]:
        found = []
        for line in paragraphs(self.other_names.data):
            language, mark, name = line.partition(":")
            known = mark and language.strip().lower() in LANGUAGES and name.strip()
            found.append(
                OtherName(name=name.strip()[:300], language=language.strip().lower())
                if known
                else OtherName(name=line[:300])
            )
        return found

    @property
    def entry(self) -> Entry:
        texts = {
            name: getattr(self, name).data or ""
            for name in (
                "short_name", "registration_number", "website", "description", "governing_body", "membership",
                "funding",
            )
        }  # fmt: skip
        return Entry(
            name=self.name.data,
            other_names=self.names_given,
            category=StakeholderCategory(self.category.data),
            country=self.country.data,
            countries_of_work=sorted(self.countries_of_work.data or []),
            scope=Scope(self.scope.data) if self.scope.data else None,
            founding_year=self.founding_year.data,
            **texts,
        )


class LogoForm(Form):
    logo = FileField(
        _l("Logo"),
        description=_l("PNG, JPEG or WebP, up to 2 MB. It is made smaller."),
        validators=[FileRequired()],
    )


class DocumentForm(Form):
    document = FileField(
        _l("Document"),
        description=_l("PDF, DOCX or ODT, up to 10 MB. Only your organisation and the secretariat see it."),
        validators=[FileRequired()],
    )  # fmt: skip
    kind = SelectField(_l("Kind"), choices=options(DocumentKind.choices()), coerce=DocumentKind)
    year = IntegerField(
        _l("Year it is about"), validators=[optional(), NumberRange(1900, 2100, _l("Enter a year, such as 2025."))]
    )
    expires_on = DateField(_l("Valid until"), validators=[optional()])


class InviteForm(AddressForm):
    role = SelectField(
        _l("Role"),
        description=_l("Focal points apply, register others and write; members read."),
        choices=options(OrganisationRole.choices()),
        coerce=OrganisationRole,
        default=OrganisationRole.MEMBER,
    )


class MemberRoleForm(Form):
    role = SelectField(_l("Role"), choices=options(OrganisationRole.choices()), coerce=OrganisationRole)


class JoinForm(Form):
    message = TextAreaField(
        _l("Who are you in this organisation?"),
        description=_l("Its focal points and the secretariat read this with your name and address."),
        validators=[needed(_l("Say who you are, in a sentence.")), up_to(1000)],
        render_kw={"rows": 3},
    )


class ReplaceForm(CheckedAddressForm):
    """Whom the secretariat makes focal point of an organisation that has lost its own."""

    leaving = TickField(_l("Who no longer belongs to the organisation"), validators=[optional()])

    def __init__(self, members: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._members: Mapping[str, Membership] = {member.ref: member for member in members}
        self.leaving.choices = options([(member.ref, f"{member.user.name}, {member.user.email}") for member in members])

    @property
    def members_leaving(self) -> list[Membership]:
        return [self._members[ref] for ref in self.leaving.data or []]


class ClaimForm(Form):
    kind = SelectField(_l("Recognition"), choices=options(Recognition.choices()), coerce=Recognition)
    year = IntegerField(
        _l("Since which year"), validators=[optional(), NumberRange(1945, 2100, _l("Enter a year, such as 2004."))]
    )
    reference = StringField(
        _l("Reference"), description=_l("Number of the decision or document, if you know it."),
        validators=[optional(), up_to(100)],
    )  # fmt: skip


class RefuseRecognitionForm(Form):
    message = TextAreaField(
        _l("Why it could not be verified"),
        description=_l("The organisation reads this."),
        validators=[needed(_l("Say why in a sentence. The organisation reads it.")), up_to(1000)],
        render_kw={"rows": 2},
    )


class ListForm(Form):
    kind = SelectField(_l("Recognition"), choices=options(Recognition.choices()), coerce=Recognition)
    file = FileField(
        _l("List"),
        description=_l("CSV or XLSX with the columns name, country, year, reference; only the name is needed."),
        validators=[FileRequired()],
    )
