"""Questions of every kind: what an answer must be, and when a question is asked."""

import pytest

from consult.errors import InvalidEntry
from consult.extensions import db
from consult.questions import service
from consult.questions.models import Question, QuestionKind, QuestionSet
from consult.questions.service import Entry

K = QuestionKind
pytestmark = pytest.mark.usefixtures("session")


def asked(**changes):
    return Question(**{"ref": "Q2222222", "position": 1, "text": "Why?", "choices": [], "is_required": True, **changes})


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (asked(kind=K.TEXT), "", "Answer this question."),
        (asked(kind=K.TEXT), "  ", "Answer this question."),
        (asked(kind=K.TEXT, is_required=False), "", None),
        (asked(kind=K.LONG_TEXT, word_limit=2), "one two three", "Use at most 2 words. This answer has 3."),
        (asked(kind=K.LONG_TEXT, word_limit=2), "収容", None),
        (asked(kind=K.CHOICE, choices=["a", "b"]), "c", "Choose from the list."),
        (asked(kind=K.CHOICE, choices=["a", "b"]), "a", None),
        (asked(kind=K.CHOICE, choices=["a", "b"]), "", "Choose an answer."),
        (asked(kind=K.MANY, choices=["a", "b"]), ["a", "b"], None),
        (asked(kind=K.MANY, choices=["a", "b"]), ["a", "x"], "Choose from the list."),
        (asked(kind=K.MANY, choices=["a", "b"]), [], "Choose an answer."),
        (asked(kind=K.YES_NO), "maybe", "Choose from the list."),
        (asked(kind=K.YES_NO), "no", None),
        (asked(kind=K.DATE), "", "Answer this question."),
        (asked(kind=K.FILE), "", "Choose a file."),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(question, answer, said):
    assert service.problem(question, answer) == said


def a_set(*entries):
    made = service.replace(QuestionSet(questions=[]), entries)
    db.session.commit()
    return made


def chain():
    """Money? yes → Whose? state → Which state?"""
    return a_set(
        Entry(text="Money?", kind=K.YES_NO),
        Entry(text="Whose?", kind=K.MANY, choices=["state", "church"], shown_if=1, shown_value="yes"),
        Entry(text="Which state?", shown_if=2, shown_value="state"),
    ).questions


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ([], ["Money?"]),
        (["no", ["state"], "Kenya"], ["Money?"]),
        (["yes"], ["Money?", "Whose?"]),
        (["yes", ["church"]], ["Money?", "Whose?"]),
        (["yes", ["church", "state"]], ["Money?", "Whose?", "Which state?"]),
    ],
)
def test_a_question_is_asked_only_if_the_one_it_depends_on_is_asked_and_answered_so(answers, shown):
    questions = chain()
    given = dict(zip((question.ref for question in questions), answers, strict=False))
    assert [question.text for question in service.shown(questions, given)] == shown


def test_what_is_not_asked_need_not_be_answered():
    questions = chain()
    service.check(questions, {questions[0].ref: "no"})
    with pytest.raises(InvalidEntry) as refused:
        service.check(questions, {questions[0].ref: "yes"})
    assert refused.value.field == questions[1].field


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([Entry(text="A", kind=K.CHOICE, choices=["one"])], "at least two choices"),
        ([Entry(text="A", shown_if=1, shown_value="x")], "a question before it"),
        ([Entry(text="A", shown_if=2, shown_value="x"), Entry(text="B")], "a question before it"),
    ],
)
def test_a_set_that_makes_no_sense_is_refused(entries, said):
    with pytest.raises(InvalidEntry, match=said):
        a_set(*entries)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (asked(kind=K.YES_NO), "yes", "Yes"),
        (asked(kind=K.DATE), "2026-11-05", "5 November 2026"),
        (asked(kind=K.MANY), ["a", "b"], "a, b"),
        (asked(kind=K.TEXT), None, ""),
    ],
)
def test_an_answer_is_shown_as_people_read_it(app, question, answer, said):
    with app.test_request_context():
        assert question.said({"Q2222222": answer}).replace("November 5, 2026", "5 November 2026") == said
