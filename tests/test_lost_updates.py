"""Two tabs, two people: what somebody else saved is not overwritten unseen, on any page that edits what is there."""

from html.parser import HTMLParser

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from consult.accreditation.models import Application, ApplicationStatus
from consult.extensions import db
from consult.questions.models import Question
from consult.registration.models import FollowUp
from tests.test_endpoints import MAY, _address
from tests.world import World, a_world

# each page that edits something, and who may
EDITS = {
    "accounts.settings": "participant",
    "accreditation.edit": "focal",
    "accreditation_workspace.settings": "manager",
    "agenda_workspace.edit": "manager",
    "campaigns.edit": "manager",
    "events_workspace.edit": "manager",
    "events_workspace.edit_category": "manager",
    "follow_ups.edit": "manager",
    "inputs.edit": "focal",
    "inputs_workspace.edit": "manager",
    "organisations.edit": "focal",
    "person.correct": "anonymous",
    "person.follow_up": "anonymous",
    "registration.correct": "participant",
    "registration.follow_up": "participant",
    "reports_workspace.edit": "manager",
    "review.show": "officer",  # the checklist
}
VERBS = {"edit", "correct", "settings", "edit_category", "follow_up"}


class Fields(HTMLParser):
    """What a browser would send of the form that carries a fingerprint."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.actions: list[str] = []
        self._text, self._select, self._written = "", "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
            self.actions.append(values.get("action", ""))
        elif tag == "input" and self.forms and values.get("name"):
            if values.get("type") in {"checkbox", "radio"} and "checked" not in values:
                return
            if values.get("type") not in {"file", "submit"}:
                self.forms[-1].setdefault(values["name"], []).append(values.get("value", ""))
        elif tag == "textarea":
            self._text, self._written = values.get("name", ""), ""
        elif tag == "select":
            self._select = values.get("name", "")
        elif tag == "option" and self._select and "selected" in values:
            self.forms[-1].setdefault(self._select, []).append(values.get("value", ""))

    def handle_data(self, data):
        if self._text:
            self._written += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._text:
            self.forms[-1].setdefault(self._text, []).append(self._written.removeprefix("\r\n").removeprefix("\n"))
            self._text = ""
        elif tag == "select":
            self._select = ""

    def one(self):
        return next((form, action) for form, action in zip(self.forms, self.actions, strict=True) if "seen" in form)


@pytest.fixture
def world(session, app) -> World:
    """An application that waits for officers, and a follow-up form that asks something."""
    world = a_world(app)
    application = db.session.scalars(select(Application).where(Application.ref == world.refs["review"])).one()
    application.status, application.decided_at = ApplicationStatus.IN_REVIEW, None
    form = db.session.scalars(select(FollowUp).options(selectinload(FollowUp.question_set))).one()
    db.session.add(Question(question_set_id=form.question_set_id, position=1, text="How was it?", help="", choices=[]))
    db.session.commit()
    return world


def test_every_page_that_edits_is_tried():
    assert {endpoint for endpoint in MAY if endpoint.rpartition(".")[2] in VERBS} == set(EDITS) - {"review.show"}


@pytest.mark.parametrize("endpoint", EDITS)
def test_what_somebody_else_saved_is_not_overwritten_unseen(endpoint, world, as_, client, app):
    path, _methods = _address(app, endpoint, world)
    person = world.people[EDITS[endpoint]]
    if endpoint == "accreditation.edit":
        application = db.session.scalars(select(Application).where(Application.ref == world.refs["review"])).one()
        application.status = ApplicationStatus.INFORMATION_REQUESTED
        db.session.commit()
    browser = as_(person) if person else client
    form, action = Fields(browser.get(path).text).one()
    assert form["seen"][0]
    data = {**form, "seen": "2020-01-01T00:00:00+00:00" if endpoint == "accreditation.edit" else "another"}
    text = next((name for name in form if name.endswith(("name", "title", "subject", "text")) or name[:2] == "q_"), "")
    if text:
        data[text] = "Typed in the second window"
    answer = browser.post(action or path, data=data)
    assert answer.status_code == 422, answer.text
    assert "Somebody else has saved this since you opened it" in answer.text
    assert not text or "Typed in the second window" in answer.text
    again, action = Fields(answer.text).one()
    assert again["seen"] != [data["seen"]], "sent again, it replaces what the other saved"


def test_a_draft_that_is_only_saved_is_not_overwritten_unseen_either(world, as_, app):
    path, _methods = _address(app, "inputs.edit", world)
    browser = as_(world.people["focal"])
    first, _action = Fields(browser.get(path).text).one()
    question = next(name for name in first if name.startswith("q_"))
    browser.post(path, data={**first, question: "From the first window.", "later": "1"})
    answer = browser.post(path, data={**first, question: "From the second.", "later": "1"})
    assert answer.status_code == 422
    assert "From the second." in answer.text
    assert "From the first window." in browser.get(path).text
