"""Forms about reports."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from consult.web.forms import Form, optional, up_to


class ReportForm(Form):
    introduction = TextAreaField(
        _l("Introduction"),
        description=_l("It follows the sentence with the numbers. You can use Markdown."),
        validators=[optional(), up_to(20_000)],
        render_kw={"rows": 6},
    )
    next_steps = TextAreaField(
        _l("Next steps"),
        description=_l("What happens now, who does it, and by when."),
        validators=[optional(), up_to(20_000)],
        render_kw={"rows": 8},
    )
