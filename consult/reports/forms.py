"""Forms about reports."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, TextAreaField

from consult.reports.models import Report
from consult.web.forms import EditForm, optional, up_to


class ReportForm(EditForm):
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

    hides_small = BooleanField(_l("Hide numbers from 1 to 4 in the tables: they could point to a person"))

    def __init__(self, report: Report | None) -> None:
        values: dict[str, Any] = {"hides_small": True}
        if report:
            values = {name: getattr(report, name) for name in ("introduction", "next_steps", "hides_small")}
        super().__init__(data=values)
        self.filled_with(values)
