"""Forms about applications."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, TextAreaField

from consult.accreditation.models import RejectionReason
from consult.organisations.models import Organisation
from consult.web.forms import FileRequired, Form, needed, optional, options, up_to


class StartForm(Form):
    organisation = SelectField(_l("Organisation"), validators=[needed(_l("Choose an organisation."))])

    def __init__(self, organisations: Sequence[Organisation]) -> None:
        super().__init__()
        self._organisations = {organisation.ref: organisation for organisation in organisations}
        self.organisation.choices = options([(organisation.ref, organisation.name) for organisation in organisations])

    @property
    def chosen(self) -> Organisation:
        return self._organisations[self.organisation.data]


class DocumentForm(Form):
    document = FileField(
        _l("Add a document"),
        description=_l("PDF, DOCX or ODT, up to 10 MB. Only the secretariat sees it."),
        validators=[FileRequired()],
    )


class RequestForm(Form):
    message = TextAreaField(
        _l("What is missing or unclear?"),
        description=_l("The applicant reads this by mail and on the application's page."),
        validators=[needed(_l("Say what you need from the applicant.")), up_to(5000)],
        render_kw={"rows": 4},
    )


class ApproveForm(Form):
    message = TextAreaField(_l("Message to the applicant"), validators=[optional(), up_to(5000)], render_kw={"rows": 3})


class RejectForm(Form):
    reason = SelectField(_l("Reason"), choices=options(RejectionReason.choices()), coerce=RejectionReason)
    message = TextAreaField(
        _l("Explanation"),
        description=_l("The applicant reads the reason and this."),
        validators=[needed(_l("Explain the decision in a sentence or two. The applicant reads it.")), up_to(5000)],
        render_kw={"rows": 4},
    )
