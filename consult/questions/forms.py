"""A form made from questions, and the rows in which questions are edited."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange

from consult.questions import service
from consult.questions.models import Question, QuestionKind
from consult.web.forms import EditForm, Form, RowForm, TickField, optional, options, paragraphs


class _Mark:
    """Tells the page whether an answer is required; the rule itself is `service.problem`."""

    def __init__(self, question: Question) -> None:
        self.field_flags = {"required": True} if question.is_required else {"optional": True}

    def __call__(self, _form: Form, _field: Field) -> None:
        return


class Answering(Form):
    """What a form, or a row of one, has that asks questions: a field for each, made by `fields_of`."""

    questions: Sequence[Question] = ()
    kept: Mapping[str, Any] = {}

    @property
    def answers(self) -> dict[str, Any]:
        """What was typed, by the questions' references; a file's answer is what was kept of it before."""
        return {question.ref: self._answer(question) for question in self.questions}

    @property
    def uploads(self) -> dict[Question, FileStorage]:
        """Files that were sent now."""
        files = {q: self[q.field].data for q in self.questions if q.kind is QuestionKind.FILE}
        return {q: file for q, file in files.items() if isinstance(file, FileStorage) and file.filename}

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        sent = {question.ref: file.filename for question, file in self.uploads.items()}
        for question, message in service.problems(self.questions, {**self.answers, **sent}):
            self[question.field].errors = self[question.field].errors or [message]
            is_valid = False
        return is_valid

    def _answer(self, question: Question) -> Any:
        if question.kind is QuestionKind.FILE:
            return self.kept.get(question.ref, "")
        value = self[question.field].data
        return (
            value.isoformat()
            if isinstance(value, date)
            else value or ([] if question.kind is QuestionKind.MANY else "")
        )


class AnswersForm(Answering):
    """Nothing but questions. Made by `answers_form`."""


class EditAnswersForm(EditForm, Answering):
    """Answers that are changed. Made by `edit_answers_form`."""


def fields_of(questions: Sequence[Question]) -> dict[str, Field]:
    """The fields of a class of `Answering`."""
    return {question.field: _field(question) for question in questions}


def values_of(questions: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers (by the questions' references) as the fields take them."""
    return {question.field: _value(question, answers.get(question.ref)) for question in questions}


def answers_form(questions: Sequence[Question], answers: Mapping[str, Any]) -> AnswersForm:
    """A form for these questions, filled with `answers` (by the questions' references)."""
    made: type[AnswersForm] = type(
        "AnswersForm", (AnswersForm,), {**fields_of(questions), "questions": questions, "kept": answers}
    )
    return made(data=values_of(questions, answers))


def edit_answers_form(questions: Sequence[Question], answers: Mapping[str, Any]) -> EditAnswersForm:
    """The same, for answers that two people, or one in two windows, may change at once."""
    fields = {**fields_of(questions), "questions": questions, "kept": answers}
    form: EditAnswersForm = type("EditAnswersForm", (EditAnswersForm,), fields)(data=values_of(questions, answers))
    form.filled_with({question.ref: answers.get(question.ref) or "" for question in questions})
    return form


def _value(question: Question, answer: Any) -> Any:
    if question.kind is QuestionKind.DATE:
        return date.fromisoformat(answer) if answer else None
    return None if question.kind is QuestionKind.FILE else answer


def _field(question: Question) -> Field:  # noqa: PLR0911  one line a kind
    common: dict[str, Any] = {"description": question.help, "validators": [_Mark(question)]}
    choices = [(choice, choice) for choice in question.choices]
    if question.kind is QuestionKind.TEXT:
        return StringField(question.text, render_kw={"dir": "auto", "maxlength": 500}, **common)
    if question.kind is QuestionKind.CHOICE:
        return RadioField(question.text, choices=options(choices), validate_choice=False, **common)
    if question.kind is QuestionKind.MANY:
        return TickField(question.text, choices=options(choices), validate_choice=False, **common)
    if question.kind is QuestionKind.YES_NO:
        choices = [("yes", _l("Yes")), ("no", _l("No"))]
        return RadioField(question.text, choices=options(choices), validate_choice=False, **common)
    if question.kind is QuestionKind.DATE:
        common["validators"].append(optional())
        return DateField(question.text, **common)
    if question.kind is QuestionKind.FILE:
        return FileField(question.text, **common)
    limit = {"data-words": question.word_limit} if question.word_limit else {}
    return TextAreaField(question.text, render_kw={"rows": 6, "dir": "auto", **limit}, **common)


class QuestionRow(RowForm):
    """A question in a list of them; without a text it is taken out."""

    ref = HiddenField()
    text = StringField(_l("Question"))
    kind = SelectField(_l("Kind of answer"), coerce=QuestionKind, default=QuestionKind.LONG_TEXT)
    help = StringField(_l("Help beside it"))
    choices = TextAreaField(_l("Choices, one a line"), render_kw={"rows": 3})
    word_limit = IntegerField(_l("Word limit"), validators=[optional(), NumberRange(1, 20_000)])
    is_required = BooleanField(_l("An answer is required"), default=True)
    shown_if = IntegerField(_l("Asked only if question number"), validators=[optional(), NumberRange(1, 40)])
    shown_value = StringField(_l("…is answered with"))

    kinds = tuple(kind for kind in QuestionKind if kind is not QuestionKind.FILE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options([(kind.value, kind.label) for kind in self.kinds])


class QuestionRowWithFile(QuestionRow):
    """For what keeps files: an accreditation process."""

    kinds = tuple(QuestionKind)


class QuestionRows(FieldList):  # type: ignore[misc]
    """The rows of a set, with room for new ones."""

    def __init__(self, label: object, row: type[QuestionRow] = QuestionRow, **kwargs: object) -> None:
        super().__init__(FormField(row), label, max_entries=40, **kwargs)

    @property
    def entries_filled(self) -> list[service.Entry]:
        """Without the empty rows; what depends on a question still points to it when others are taken out."""
        filled = [(number, row) for number, row in enumerate(self, 1) if (row.text.data or "").strip()]
        places = {number: place for place, (number, _row) in enumerate(filled, 1)}
        return [
            service.Entry(
                ref=row.ref.data or "",
                text=row.text.data.strip(),
                help=(row.help.data or "").strip(),
                kind=row.kind.data or QuestionKind.LONG_TEXT,
                choices=paragraphs(row.choices.data),
                word_limit=row.word_limit.data,
                is_required=row.is_required.data,
                shown_if=places.get(row.shown_if.data, row.shown_if.data),
                shown_value=_value_typed(row.shown_value.data),
            )
            for _number, row in filled
        ]


def _value_typed(text: str | None) -> str:
    """“Yes” as people type it is “yes” as it is kept."""
    plain = (text or "").strip()
    return plain.lower() if plain.lower() in {"yes", "no"} else plain


def rows_of(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """A set's questions as the rows show them."""
    fields = ("ref", "text", "kind", "help", "word_limit", "is_required", "shown_if", "shown_value")
    return [
        {**{name: getattr(question, name) for name in fields}, "choices": "\n".join(question.choices)}
        for question in questions
    ]
