"""Forms about campaigns."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField

from consult.web.forms import EditForm, FileRequired, Form, needed, up_to


class CampaignForm(EditForm):
    subject = StringField(_l("Subject of the mail"), validators=[needed(_l("Enter a subject.")), up_to(200)])
    message = TextAreaField(
        _l("Message"),
        description=_l("Plain text. A greeting by name comes before it, the personal link after it."),
        validators=[needed(_l("Write the message.")), up_to(10_000)],
        render_kw={"rows": 8},
    )

    def __init__(self, **values: str) -> None:
        super().__init__(data=values)
        self.filled_with(values)


class ListForm(Form):
    people = FileField(
        _l("List of people"),
        description=_l("A CSV file with the columns name, e-mail and organisation."),
        validators=[FileRequired()],
    )
