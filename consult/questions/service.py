"""What makes an answer acceptable, and how a set of questions changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from consult.errors import InvalidEntry
from consult.extensions import db
from consult.questions.models import Question, QuestionKind, QuestionSet

# Chinese, Japanese and Thai are written without spaces: there each character counts as a word
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+"
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question as it is edited; `ref` is empty for a new one.

    Args:
        shown_if: the position (from 1) of an earlier question of the same set; this one is asked only if that one
            is answered with `shown_value`, “yes” and “no” for a question of that kind.
    """

    ref: str = ""
    text: str
    help: str = ""
    kind: QuestionKind = QuestionKind.LONG_TEXT
    choices: Sequence[str] = ()
    word_limit: int | None = None
    is_required: bool = True
    shown_if: int | None = None
    shown_value: str = ""


def count_words(text: str) -> int:
    return len(_WORD.findall(text))


def shown(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[Question]:
    """Those that are asked, given the answers so far."""
    asked: dict[int, Question] = {}
    for question in questions:
        if question.shown_if is None:
            asked[question.position] = question
            continue
        decides = asked.get(question.shown_if)
        answer = answers.get(decides.ref) if decides else None
        if answer is not None and question.shown_value in (answer if isinstance(answer, list) else [answer]):
            asked[question.position] = question
    return list(asked.values())


def problem(question: Question, answer: Any) -> str | None:
    """What is wrong with an answer, as a sentence that says what to do; None if nothing is."""
    if not (answer.strip() if isinstance(answer, str) else answer):
        return _missing(question) if question.is_required else None
    given = answer if isinstance(answer, list) else [answer]
    allowed = {QuestionKind.CHOICE: question.choices, QuestionKind.MANY: question.choices}.get(question.kind)
    if question.kind is QuestionKind.YES_NO:
        allowed = ["yes", "no"]
    if allowed is not None and not set(given) <= set(allowed):
        return _("Choose from the list.")
    words = count_words(answer) if isinstance(answer, str) else 0
    if question.word_limit and words > question.word_limit:
        return _("Use at most %(limit)s words. This answer has %(words)s.", limit=question.word_limit, words=words)
    return None


def _missing(question: Question) -> str:
    if question.kind is QuestionKind.FILE:
        return _("Choose a file.")
    if question.kind in {QuestionKind.CHOICE, QuestionKind.MANY, QuestionKind.YES_NO}:
        return _("Choose an answer.")
    return _("Answer this question.")


def problems(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[tuple[Question, str]]:
    """Everything that is wrong with the answers to the questions that are asked."""
    found = ((question, problem(question, answers.get(question.ref, ""))) for question in shown(questions, answers))
    return [(question, message) for question, message in found if message]


def check(questions: Sequence[Question], answers: Mapping[str, Any]) -> None:
    """
    Raises:
        InvalidEntry: an answer is missing, too long, or none of the choices; `field` is the question's.
    """
    for question, message in problems(questions, answers):
        raise InvalidEntry(message, field=question.field)


def replace(question_set: QuestionSet, entries: Sequence[Entry]) -> QuestionSet:
    """Make the set what `entries` say, in their order; a question that keeps its reference keeps its answers.

    The set's questions must be loaded.

    Raises:
        InvalidEntry: a question offers no choices, or depends on one that does not come before it.
    """
    for position, entry in enumerate(entries, 1):
        if entry.kind in {QuestionKind.CHOICE, QuestionKind.MANY} and len(set(entry.choices)) < 2:
            raise InvalidEntry(_("Question %(number)s: give at least two choices.", number=position), field="questions")
        if entry.shown_if is not None and not 1 <= entry.shown_if < position:
            message = _("Question %(number)s can depend only on a question before it.", number=position)
            raise InvalidEntry(message, field="questions")
    known = {question.ref: question for question in question_set.questions}
    kept: list[Question] = []
    for position, entry in enumerate(entries, 1):
        question = known.get(entry.ref) or Question(question_set=question_set)
        question.position, question.text, question.help = position, entry.text, entry.help
        question.word_limit, question.is_required = entry.word_limit, entry.is_required
        question.kind, question.choices = entry.kind, list(entry.choices)
        question.shown_if, question.shown_value = entry.shown_if, entry.shown_value
        kept.append(question)
    question_set.questions[:] = kept
    db.session.add(question_set)
    db.session.flush()
    return question_set
