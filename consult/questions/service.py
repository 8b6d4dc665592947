"""What makes an answer acceptable, and how a set of questions changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from consult.errors import InvalidEntry
from consult.extensions import db
from consult.questions.models import Question, QuestionSet

# Chinese, Japanese and Thai are written without spaces: there each character counts as a word
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+"
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question as it is edited; `ref` is empty for a new one."""

    ref: str = ""
    text: str
    help: str = ""
    word_limit: int | None = None
    is_required: bool = True


def count_words(text: str) -> int:
    return len(_WORD.findall(text))


def problem(question: Question, answer: str) -> str | None:
    """What is wrong with an answer, as a sentence that says what to do; None if nothing is."""
    if not answer.strip():
        return _("Answer this question.") if question.is_required else None
    words = count_words(answer)
    if question.word_limit and words > question.word_limit:
        return _("Use at most %(limit)s words. This answer has %(words)s.", limit=question.word_limit, words=words)
    return None


def check(questions: Sequence[Question], answers: Mapping[str, str]) -> None:
    """
    Raises:
        InvalidEntry: an answer is missing or too long; `field` is the question's.
    """
    for question in questions:
        if message := problem(question, answers.get(question.ref, "")):
            raise InvalidEntry(message, field=question.field)


def replace(question_set: QuestionSet, entries: Sequence[Entry]) -> QuestionSet:
    """Make the set what `entries` say, in their order; a question that keeps its reference keeps its answers.

    The set's questions must be loaded.
    """
    known = {question.ref: question for question in question_set.questions}
    kept: list[Question] = []
    for position, entry in enumerate(entries, 1):
        question = known.get(entry.ref) or Question(question_set=question_set)
        question.position, question.text, question.help = position, entry.text, entry.help
        question.word_limit, question.is_required = entry.word_limit, entry.is_required
        kept.append(question)
    question_set.questions[:] = kept
    db.session.add(question_set)
    db.session.flush()
    return question_set
