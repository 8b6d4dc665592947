"""The form all forms extend, and the fields they share."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    DateField,
    DateTimeField,
    DateTimeLocalField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Email, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from consult.addresses import canonical, mail_address
from consult.errors import AlreadySo, ChangedMeanwhile, DomainError
from consult.extensions import db
from consult.texts import many_lines, one_line
from consult.web.bodies import is_sane

T = TypeVar("T")


def _clean(clean: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean(value) if isinstance(value, str) else value


class CleanText:
    """What the `Meta` of every form has: texts come in without control characters, and a field of one line as one
    line. Passwords stay as they were typed."""

    def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
        kind = unbound_field.field_class
        if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
            clean = _clean(many_lines if issubclass(kind, TextAreaField) else one_line)
            given = options.get("filters") or unbound_field.kwargs.get("filters") or ()
            kwargs = {**unbound_field.kwargs, "filters": [clean, *given]}
            unbound_field = UnboundField(kind, *unbound_field.args, **kwargs)
            options.pop("filters", None)
        elif issubclass(kind, DateField | DateTimeField):
            kwargs = {**unbound_field.kwargs}
            kwargs["validators"] = [*(kwargs.get("validators") or ()), _SaneDay()]
            unbound_field = UnboundField(kind, *unbound_field.args, **kwargs)
        return unbound_field.bind(form=form, **options)


class _SaneDay:
    """A day that calendars and time zones can work with."""

    def __call__(self, _form: Any, field: Field) -> None:
        if isinstance(field.data, date) and not is_sane(field.data):
            raise ValidationError(_("Enter a year between 1900 and 2200."))


class RowForm(PlainForm):  # type: ignore[misc]  # WTForms is untyped
    """A row of a form's list."""

    class Meta(CleanText, PlainForm.Meta):  # type: ignore[misc]
        pass


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Takes input, checks its shape, and shows what a verb refused."""

    class Meta(CleanText, FlaskForm.Meta):  # type: ignore[misc]
        pass

    def attempt(self, verb: Callable[[], T]) -> T | None:
        """Do `verb`; if a rule refuses, undo it, show the refusal as an error of this form, and return None."""
        try:
            with db.session.begin_nested():
                return verb()
        except AlreadySo:
            raise  # no mistake of theirs: they are shown what is so
        except DomainError as error:
            self.refuse(error)
            return None

    def refuse(self, error: DomainError) -> None:
        """Show what a rule said, beside its field if it is about one."""
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]

    @property
    def status(self) -> int:
        """200 for a form still to be filled, 422 for one sent with errors."""
        return 422 if self.errors else 200


class EditForm(Form):
    """A form that changes what is there. What somebody else saved meanwhile is not overwritten unseen.

    The page carries a fingerprint of what it was filled with; if that has changed by the time it is sent, the
    person is told, keeps what they typed, and may send it again on top.
    """

    seen = HiddenField()

    def filled_with(self, values: Mapping[str, Any]) -> None:
        """Called with what the form shows, when it is made."""
        self._now = sha256(repr(sorted(values.items())).encode()).hexdigest()
        if not self.seen.data:
            self.seen.data = self._now

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        return self.is_of_now() and is_valid

    def is_of_now(self) -> bool:
        """Whether nobody saved since the page was filled; if somebody did, the form says so. For what is kept
        without being validated."""
        if not self.seen.data or self.seen.data == self._now:
            return True
        self.refuse(ChangedMeanwhile())
        self.seen.data = self._now
        return False


class ActionForm(Form):
    """A form with nothing in it but its button: the token that shows the click was meant."""


class LocalTimeField(DateTimeLocalField):  # type: ignore[misc]
    """A date and time in the event's zone, as the browser's own control gives it; seconds are not asked."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)


class TickField(SelectMultipleField):  # type: ignore[misc]
    """Choose any number, by ticking."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _can_be_written_to(_form: Any, field: Any) -> None:
    """Refuse what no mail server could take, where it is typed."""
    try:
        mail_address(field.data)
    except ValueError as error:
        raise ValidationError(_("Enter an address like name@example.org.")) from error


class AddressField(EmailField):  # type: ignore[misc]
    """An e-mail address that must be given; in its canonical form, however it was typed."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        checks = [
            needed(_l("Enter an e-mail address.")),
            up_to(254),
            Email(_l("Enter an address like name@example.org.")),
            _can_be_written_to,
        ]
        filters = [*kwargs.pop("filters", ()), _clean(canonical)]
        super().__init__(label or _l("E-mail address"), validators=checks, filters=filters, **kwargs)


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """The choices of a select field, from (value, label) pairs."""
    return [SelectChoice(value, label) for value, label in pairs]


def needed(message: Any) -> DataRequired:
    """The field must be filled in; `message` says what to do."""
    return DataRequired(message)


def up_to(length: int) -> Length:
    """A text of at most `length` characters."""
    return Length(max=length, message=_l("Use at most %(max)d characters."))


def optional() -> Optional:
    return Optional()


def paragraphs(text: str | None) -> list[str]:
    """The lines of a text area that hold something."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class FileRequired:
    """A file must have been chosen, and it must not be empty."""

    field_flags = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("Choose a file."))
