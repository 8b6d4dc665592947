"""A form made from questions, and the rows in which questions are edited."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange

from consult.questions import service
from consult.questions.models import Question
from consult.web.forms import Form, optional


class _Answer:
    """Checks one answer by the rule the verb applies."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self.field_flags = {"required": True} if question.is_required else {"optional": True}

    def __call__(self, _form: Form, field: TextAreaField) -> None:
        if message := service.problem(self._question, field.data or ""):
            raise ValidationError(message)


class AnswersForm(Form):
    """One text area a question. Made by `answers_form`."""

    questions: Sequence[Question] = ()

    @property
    def answers(self) -> dict[str, str]:
        return {question.ref: (self[question.field].data or "") for question in self.questions}


def answers_form(questions: Sequence[Question], answers: Mapping[str, str]) -> AnswersForm:
    """A form for these questions, filled with `answers` (by the questions' references)."""
    fields = {
        question.field: TextAreaField(
            question.text,
            description=question.help,
            validators=[_Answer(question)],
            render_kw={"rows": 6, **({"data-words": question.word_limit} if question.word_limit else {})},
        )
        for question in questions
    }
    made: type[AnswersForm] = type("AnswersForm", (AnswersForm,), {**fields, "questions": questions})
    return made(data={question.field: answers.get(question.ref, "") for question in questions})


class QuestionRow(PlainForm):  # type: ignore[misc]  # WTForms is untyped
    """A question in a list of them; without a text it is taken out."""

    ref = HiddenField()
    text = StringField(_l("Question"))
    help = StringField(_l("Help beside it"))
    word_limit = IntegerField(_l("Word limit"), validators=[optional(), NumberRange(1, 20_000)])
    is_required = BooleanField(_l("An answer is required"), default=True)


class QuestionRows(FieldList):  # type: ignore[misc]
    """The rows of a set, with room for new ones."""

    def __init__(self, label: object, **kwargs: object) -> None:
        super().__init__(FormField(QuestionRow), label, max_entries=40, **kwargs)

    @property
    def entries_filled(self) -> list[service.Entry]:
        return [
            service.Entry(
                ref=row.ref.data or "",
                text=row.text.data.strip(),
                help=(row.help.data or "").strip(),
                word_limit=row.word_limit.data,
                is_required=row.is_required.data,
            )
            for row in self
            if (row.text.data or "").strip()
        ]
