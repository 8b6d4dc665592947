"""Forms about organisations."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField, TextAreaField, URLField, ValidationError

from consult.organisations.models import Organisation
from consult.organisations.service import Entry
from consult.reference import countries
from consult.reference.stakeholders import Recognition, StakeholderCategory
from consult.web.forms import EditForm, TickField, needed, optional, options, up_to


class OrganisationForm(EditForm):
    name = StringField(
        _l("Name of the organisation"),
        description=_l("In full, as in its constitution."),
        validators=[needed(_l("Enter the name of the organisation.")), up_to(300)],
    )
    short_name = StringField(_l("Short name or acronym"), validators=[optional(), up_to(60)])
    category = SelectField(_l("Category"), validators=[needed(_l("Choose a category."))])
    country = SelectField(
        _l("Country of seat"),
        description=_l("The region follows from it."),
        validators=[needed(_l("Choose a country."))],
    )
    website = URLField(_l("Website"), validators=[optional(), up_to(300)])
    description = TextAreaField(
        _l("What it does"),
        description=_l("In a few sentences."),
        validators=[optional(), up_to(5000)],
        render_kw={"rows": 4},
    )
    recognitions = TickField(
        _l("Recognitions it holds"), choices=options(Recognition.choices()), coerce=Recognition, validators=[optional()]
    )

    def __init__(self, organisation: Organisation | None = None) -> None:
        held = [recognition.kind for recognition in organisation.recognitions] if organisation else []
        fields = ("name", "short_name", "category", "country", "website", "description")
        values = {name: getattr(organisation, name) for name in fields if organisation} | {"recognitions": held}
        super().__init__(data=values)
        self.filled_with(values)
        self.category.choices = options([("", _("Choose…")), *StakeholderCategory.choices()])
        self.country.choices = options([("", _("Choose…")), *countries.choices()])

    def validate_website(self, field: Field) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Begin the address with https://"))

    @property
    def entry(self) -> Entry:
        return Entry(
            name=self.name.data,
            short_name=self.short_name.data or "",
            category=StakeholderCategory(self.category.data),
            country=self.country.data,
            website=self.website.data or "",
            description=self.description.data or "",
            recognitions=self.recognitions.data or [],
        )
