"""What is known of a person who takes part: their details, their answers, and the files among these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from consult.extensions import db
from consult.files import service as files
from consult.files.models import StoredFile
from consult.organisations.queries import name_key
from consult.questions import service as questions
from consult.questions.models import Question
from consult.reference.stakeholders import Gender
from consult.registration import queries
from consult.registration.models import Registration, RegistrationDocument, Visibility

Uploads = Sequence[tuple[Question, StoredFile]]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who comes, and what they need.

    Args:
        answers: to the category's questions, by their references.
        uploads: (question, name, content) of files that answer questions.
        visibility: None leaves the choice as it is; it is the person's alone.
    """

    given_name: str
    family_name: str = ""
    email: str
    function: str = ""
    gender: Gender = Gender.NOT_STATED
    languages: Sequence[str] = ()
    access_needs: str = ""
    dietary_needs: str = ""
    wants_visa_letter: bool = False
    visibility: Visibility | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    uploads: Sequence[tuple[Question, str, BinaryIO]] = ()


def describe(registration: Registration, person: Person) -> None:
    """Write what is known of the person into the registration."""
    registration.given_name, registration.family_name = person.given_name, person.family_name
    registration.name_key = name_key(f"{person.given_name} {person.family_name}")
    registration.email, registration.function, registration.gender = person.email, person.function, person.gender
    registration.languages = list(person.languages)
    registration.access_needs, registration.dietary_needs = person.access_needs, person.dietary_needs
    registration.wants_visa_letter = person.wants_visa_letter
    if person.visibility is not None:
        registration.visibility = person.visibility


def check_answers(asked: Sequence[Question], person: Person) -> None:
    """
    Raises:
        InvalidEntry: an answer is missing or wrong; `field` is the question's.
    """
    sent = {question.ref: name for question, name, _content in person.uploads}
    questions.check(asked, {**person.answers, **sent})


def keep_answers(registration: Registration, person: Person) -> None:
    """Keep the answers, and the files among them; a file that is sent takes the place of an earlier one.

    Raises:
        InvalidEntry: a file is no document.
    """
    registration.answers = {**registration.answers, **person.answers}
    attach(registration, store_uploads(person))
    db.session.flush()


def store_uploads(person: Person) -> Uploads:
    """Keep the files; raises InvalidEntry where one is no document."""
    return [
        (question, files.store_document(content, name=name, field=question.field))
        for question, name, content in person.uploads
    ]


def attach(registration: Registration, uploads: Uploads) -> None:
    """Make stored files the answers to their questions."""
    for question, file in uploads:
        document = queries.document_for(registration, question.ref)
        if document is None:
            db.session.add(RegistrationDocument(registration=registration, question=question.ref, file=file))
        else:
            former, document.file = document.file, file
            db.session.flush()
            files.discard(former)
        registration.answers = {**registration.answers, question.ref: file.name}
