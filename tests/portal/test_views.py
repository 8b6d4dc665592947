"""Pages that show many domains, through the client."""

import gzip
from datetime import date, timedelta

import pytest

from consult.database import new_secret, now
from consult.events.models import TeamRole
from consult.extensions import db
from consult.outbox import service as outbox
from consult.outbox.models import Message, MessageStatus
from tests.factories import NOON, SecretariatFactory, SessionFactory, TeamMemberFactory, UserFactory, a_call, an_event


def moved(event, days):
    event.first_day = event.last_day = date.today() + timedelta(days=days)  # noqa: DTZ011
    event.days[0].date = event.first_day
    db.session.commit()


def test_the_calendar_shows_what_comes_first_and_what_was(client, session):
    for title, days in (("Later", 30), ("Sooner", 3), ("Over", -3)):
        moved(an_event(title=title), days)
    page = client.get("/").text
    assert page.index("Sooner") < page.index("Later") < page.index("Earlier meetings") < page.index("Over")


def test_the_calendar_is_filtered_by_the_address(client, session):
    one, two = an_event(title="Briefing on data"), an_event(title="Hearing")
    series = two.series.slug
    assert "Hearing" not in client.get("/?text=DATA").text
    page = client.get(f"/?series={series}").text
    assert ("Hearing" in page, one.title in page) == (True, False)
    assert "No meeting is announced that fits." in client.get("/?text=%25nothing").text


def test_the_event_page_shows_what_is_open_and_the_next_step(client, session):
    event = an_event(requires_accreditation=True)
    a_call(event)
    page = client.get(f"/events/{event.slug}").text
    for words in ("Apply for accreditation", "Send written input", "Comments", "Zurich time", "17–18 Mar 2027"):
        assert words in page


def test_a_window_that_is_not_open_yet_says_when(client, session):
    event = an_event(registration_opens_at=NOON + timedelta(days=9999))
    page = client.get(f"/events/{event.slug}").text
    assert "not yet open" in page
    assert ">Register<" not in page


def test_nothing_can_be_done_for_a_cancelled_event(client, session):
    page = client.get(f"/events/{an_event(status='cancelled').slug}").text
    assert "This event is cancelled." in page
    assert ">Register<" not in page


@pytest.mark.parametrize("rows", [1, 8])
def test_the_event_page_costs_the_same_for_any_number_of_sessions_and_calls(client, statements, rows):
    from consult.agenda import service as agenda

    event = an_event()
    for _ in range(rows):
        SessionFactory(event=event)
        a_call(event)
    agenda.publish(event, note="", by=SecretariatFactory())
    db.session.commit()
    with statements() as seen:
        client.get(f"/events/{event.slug}")
    assert len(seen) == 8


def test_the_first_visit_is_light(client, session):
    event = an_event()
    page = client.get(f"/events/{event.slug}", headers={"Accept-Encoding": "gzip"})
    files = [line.split('"')[0] for line in gzip.decompress(page.data).decode().split('"/static/')[1:]]
    answers = [client.get(f"/static/{file}", headers={"Accept-Encoding": "gzip"}) for file in files]
    assert len(answers) + 1 <= 6
    assert all(answer.status_code == 200 for answer in answers)
    assert sum(len(answer.data) for answer in (page, *answers)) <= 90 * 1024
    assert all("max-age=31536000" in answer.headers["Cache-Control"] for answer in answers)


@pytest.mark.parametrize(
    ("role", "sees", "not_"),
    [
        (TeamRole.DOOR_STAFF, "Door", "Accreditation"),
        (TeamRole.ACCREDITATION_OFFICER, "Accreditation", "Registrations"),
        (TeamRole.RAPPORTEUR, "Summary report", "Invitations"),
    ],
)
def test_each_member_of_the_team_sees_what_they_may_do(as_, session, role, sees, not_):
    member = TeamMemberFactory(event=an_event(), role=role)
    menu = as_(member.user).get(f"/workspace/events/{member.event.slug}").text.split("</aside>")[0]
    assert f">{sees}" in menu
    assert f">{not_}" not in menu


def test_a_team_opens_its_own_event_only(as_, session):
    member, other = TeamMemberFactory(event=an_event(), role=TeamRole.MANAGER), an_event(title="Other event")
    client = as_(member.user)
    assert client.get(f"/workspace/events/{other.slug}").status_code == 403
    assert "Other event" not in client.get("/workspace").text


def a_dead_message(scope: str) -> Message:
    message = Message(
        status=MessageStatus.DEAD, to="a@example.org", template="x", context={}, about="", scope=scope,
        dedupe_key=new_secret(), posted_at=NOON, due_at=NOON, error="550 no such mailbox",
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()
    return message


def test_a_dead_message_is_tried_again(as_, session):
    event = an_event()
    message = a_dead_message(event.scope)
    client = as_(SecretariatFactory())
    assert "550 no such mailbox" in client.get(f"/workspace/events/{event.slug}/messages?status=dead").text
    client.post(f"/workspace/messages/{message.ref}/try-again")
    assert db.session.get(Message, message.id).status is MessageStatus.QUEUED


def test_all_dead_messages_of_an_event_are_tried_again_with_one_click(as_, session):
    event, other = an_event(), an_event()
    for _ in range(3):
        a_dead_message(event.scope)
    a_dead_message(other.scope)
    client = as_(SecretariatFactory())
    page = client.get(f"/workspace/events/{event.slug}/messages").text
    assert "Try all 3 messages that could not be sent again" in page
    answer = client.post(f"/workspace/events/{event.slug}/messages/try-again", follow_redirects=True)
    assert "3 messages will be tried again." in answer.text
    assert "that could not be sent again" not in answer.text
    assert "1 message will be tried again." in client.post("/workspace/messages/try-again", follow_redirects=True).text


def test_a_mail_server_that_takes_nothing_is_shown_with_what_it_said(as_, session):
    outbox.pause("535 who are you?", at=now() - timedelta(hours=3))
    db.session.commit()
    page = as_(SecretariatFactory()).get("/workspace/messages").text
    assert "The mail server stopped taking messages 3 hours ago." in page
    assert "535 who are you?" in page


def test_a_bad_address_and_a_wrong_method_are_pages_that_help(client, session):
    for path, method, status in (("/nowhere", "GET", 404), ("/events/none", "GET", 404), ("/", "POST", 405)):
        response = client.open(path, method=method)
        assert response.status_code == status
        assert "To the calendar of meetings" in response.text


def test_headers_keep_the_browser_on_the_safe_side(as_, session):
    response = as_(UserFactory()).get("/my")
    assert response.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_whoever_is_on_a_team_finds_the_workspace_from_every_page(as_, session):
    member = TeamMemberFactory(event=an_event(), role=TeamRole.DOOR_STAFF)
    link = 'href="/workspace">Workspace</a>'
    assert link in as_(member.user).get("/").text
    assert link not in as_(UserFactory()).get("/").text
