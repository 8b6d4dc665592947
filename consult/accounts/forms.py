"""Forms about accounts."""

from typing import Any
from zoneinfo import available_timezones

from flask import current_app
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, TextAreaField, ValidationError

from consult.accounts import passwords
from consult.accounts.models import Role, User
from consult.web.forms import AddressField, EditForm, Form, needed, options, up_to


def zones() -> list[str]:
    """The zones people choose from: those named after a place."""
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))]


def languages() -> list[tuple[str, str]]:
    """Those the site speaks, each in its own words."""
    return [
        (str(locale), str(locale.display_name))
        for locale in current_app.extensions["babel"].instance.list_translations()
    ]


class SettingsForm(EditForm):
    name = StringField(_l("Your name"), validators=[needed(_l("Enter your name.")), up_to(200)])
    language = SelectField(_l("Language"))
    timezone = SelectField(
        _l("Your time zone"), description=_l("Times of a meeting are shown in its own zone, with yours beside them.")
    )

    def __init__(self, person: User) -> None:
        values = {"name": person.name, "language": person.language, "timezone": person.timezone}
        super().__init__(data=values)
        self.filled_with(values)
        self.language.choices = options([("", _l("As my browser says")), *languages()])
        self.timezone.choices = options([("", _l("Not said")), *((zone, zone.replace("_", " ")) for zone in zones())])


class ZoneForm(Form):
    timezone = SelectField(_l("Your time zone"))

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.timezone.choices = options([("", _l("Not said")), *((zone, zone.replace("_", " ")) for zone in zones())])


class RoleForm(Form):
    role = SelectField(_l("Role"), choices=options(Role.choices()), coerce=Role)


class AddressForm(Form):
    """An address: to be sent a link, or to move the account to."""

    email = AddressField()


class CheckedAddressForm(AddressForm):
    """An address that is to be trusted after checks: of an account whose mailbox is lost, of a new focal point."""

    checks = TextAreaField(
        _l("How did you make sure who this is?"),
        description=_l("A call to a number you found yourself, a signed letter… This is kept in the record."),
        validators=[needed(_l("Say how you made sure who this is. It is kept in the record.")), up_to(450)],
        render_kw={"rows": 3},
    )


class NewPasswordField(PasswordField):  # type: ignore[misc]
    """A password to be chosen; the form's `known` says what a stranger would try first."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(
            label or _l("Password"),
            description=_l("At least 10 characters. Several words are easier to remember than a riddle."),
            validators=[needed(_l("Enter a password."))],
            **kwargs,
        )

    def pre_validate(self, form: Any) -> None:
        if problem := passwords.problem(self.data or "", known=form.known):
            raise ValidationError(problem)


class NewPasswordForm(Form):
    """Choose a password, having proved the mailbox."""

    password = NewPasswordField(_l("New password"))

    def __init__(self, *, email: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = [email, current_app.config["SITE_NAME"]]


class FinishSignUpForm(NewPasswordForm):
    """What is asked of whoever has proved a mailbox and wants an account."""

    name = StringField(
        _l("Your name"),
        description=_l("As you write it. Others see it on what you do here."),
        validators=[needed(_l("Enter your name.")), up_to(200)],
    )
    password = NewPasswordField()

    def __init__(self, *, email: str, **kwargs: Any) -> None:
        super().__init__(email=email, **kwargs)
        self.known = [*self.known, self.name.data or ""]
