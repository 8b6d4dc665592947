"""Lists that go round on a no-objection basis."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from consult.accreditation import documents, queries
from consult.accreditation.models import ApplicationStatus, CirculationRecipient, Track
from consult.accreditation.service import circulations
from consult.accreditation.service.circulations import Recipient
from consult.database import now
from consult.errors import InvalidEntry, TransitionNotAllowed, WindowClosed
from consult.extensions import db
from consult.outbox.models import Message
from tests.factories import NOON, OrganisationFactory, SecretariatFactory, an_application, an_event

S = ApplicationStatus
UNTIL = NOON + timedelta(days=7)
MISSION, OTHER = Recipient(name="Mission", email="mission@example.org"), Recipient(name="Other", email="o@example.org")


def start(event, applications, by=None, recipients=(MISSION, OTHER), until=UNTIL):
    return circulations.start(
        event,
        applications,
        recipients=list(recipients),
        until=until,
        message="",
        by=by or SecretariatFactory(),
        at=NOON,
    )


def items_of(circulation):
    return queries.circulation_at(circulation.event.slug, circulation.ref).items


def test_each_recipient_gets_a_personal_link(session):
    event = an_event()
    circulation = start(event, [an_application(event)], recipients=[MISSION, MISSION, OTHER])
    sent = db.session.scalars(select(Message).where(Message.template == "accreditation/circulation")).all()
    assert [message.to for message in sent] == ["mission@example.org", "o@example.org"]
    keys = {recipient.key for recipient in circulation.recipients}
    assert {message.context["path"].rsplit("/", 1)[1] for message in sent} == keys


def test_what_nobody_objects_to_is_approved_by_the_worker_with_a_summary(session):
    event, boss = an_event(), SecretariatFactory()
    quiet, loud, gone = (an_application(event) for _ in range(3))
    circulation = start(event, [quiet, loud, gone], by=boss)
    assert {each.status for each in (quiet, loud, gone)} == {S.CIRCULATED}
    item = next(each for each in items_of(circulation) if each.application_id == loud.id)
    circulations.object_to(item, circulation.recipients[0], reason="A front for the army.", at=NOON)
    assert (loud.status, loud.waiting_since) == (S.IN_REVIEW, NOON)
    gone.status = S.WITHDRAWN
    assert circulations.close_due(at=UNTIL - timedelta(seconds=1)) == 0
    assert circulations.close_due(at=UNTIL) == 1
    assert circulations.close_due(at=UNTIL) == 0
    circulations.close(circulation, at=UNTIL)
    assert [each.status for each in (quiet, loud, gone)] == [S.APPROVED, S.IN_REVIEW, S.WITHDRAWN]
    summary = db.session.scalars(select(Message).where(Message.template == "accreditation/circulation_closed")).one()
    assert summary.to == boss.email
    assert (summary.context["approved"], summary.context["objected"]) == ([quiet.number], [loud.number])
    assert "A front for the army." not in str(summary.context)


def test_an_objection_needs_a_reason_comes_once_and_in_time(session):
    event = an_event()
    circulation = start(event, [an_application(event)])
    (item,), recipient = items_of(circulation), circulation.recipients[0]
    with pytest.raises(InvalidEntry):
        circulations.object_to(item, recipient, reason=" ", at=NOON)
    with pytest.raises(WindowClosed):
        circulations.object_to(item, recipient, reason="No.", at=UNTIL)
    circulations.object_to(item, recipient, reason="No.", at=NOON)
    with pytest.raises(TransitionNotAllowed, match="already"):
        circulations.object_to(item, recipient, reason="No again.", at=NOON)
    circulations.object_to(item, circulation.recipients[1], reason="Nor we.", at=NOON)
    assert len(item.objections) == 2


@pytest.mark.parametrize(
    ("status", "track"), [(S.APPROVED, Track.SPECIAL), (S.CIRCULATED, Track.SPECIAL), (S.SUBMITTED, Track.RECOGNISED)]
)
def test_only_what_waits_for_special_accreditation_is_circulated(session, status, track):
    event = an_event()
    with pytest.raises(InvalidEntry, match="cannot be circulated"):
        start(event, [an_application(event, status=status, track=track)])


def test_a_circulation_has_recipients_and_a_date_to_come(session):
    event = an_event()
    with pytest.raises(InvalidEntry):
        start(event, [an_application(event)], recipients=[])
    with pytest.raises(InvalidEntry):
        start(event, [an_application(event)], until=NOON)


def test_the_list_tells_names_countries_and_purposes_only(session):
    event = an_event()
    organisation = OrganisationFactory(name="=Casa", country="BR", description='#image("x") *shelter* 收容 ملجأ')
    circulation = start(event, [an_application(event, organisation=organisation)])
    found = queries.circulation_at(event.slug, circulation.ref)
    rows = list(load_workbook(io.BytesIO(documents.list_xlsx(found))).active.values)
    assert rows[0] == ("Number", "Organisation", "Country", "Purpose")
    assert rows[1][1:3] == ("=Casa", "Brazil"), "a text, which no spreadsheet runs"
    assert documents.list_pdf(found).startswith(b"%PDF")


def test_a_recipient_reads_the_list_and_objects(as_, client, session):
    event = an_event()
    application, desk = an_application(event), as_(SecretariatFactory())
    name, ref = application.organisation.name, application.ref
    queue = f"/workspace/events/{event.slug}/accreditation"
    slug = event.slug
    new = desk.post(f"{queue}/many", data={"action": "circulate", "application": [ref]}).location
    page = desk.get(new).text
    assert name in page
    assert "is not an address" in desk.post(new, data={"until": "2099-01-01T12:00", "recipients": "nobody"}).text
    data = {"until": "2099-01-01T12:00", "recipients": "Mission <m@example.org>\no@example.org"}
    assert "not what you were shown before" in desk.post(new, data=data).text
    data["preview"] = page.split('name="preview" value="')[1].split('"')[0]
    shown = desk.post(new, data=data).location
    keys = db.session.scalars(select(CirculationRecipient.key).order_by(CirculationRecipient.id)).all()
    page = client.get(f"/circulation/{keys[0]}").text
    assert name in page
    assert client.get(f"/circulation/{keys[0]}").headers["Cache-Control"] == "no-store"
    assert client.get(f"/circulation/{keys[0]}/list.pdf").data.startswith(b"%PDF")
    assert client.get(f"/circulation/{keys[0]}/list.xlsx").data.startswith(b"PK")
    path = f"/circulation/{keys[0]}/{ref}/object"
    assert "Give a reason" in client.post(path, data={"reason": ""}).text
    client.post(path, data={"reason": "They are a front."})
    assert "You objected" in client.get(f"/circulation/{keys[0]}").text
    assert "They are a front." not in client.get(f"/circulation/{keys[1]}").text
    assert "They are a front." in desk.get(shown).text
    assert client.get("/circulation/no-such-key").status_code == 404
    assert client.get(f"/circulation/{keys[0]}/NOSUCH22/object").status_code == 404
    assert desk.get(f"/workspace/events/{slug}/accreditation/circulations").text.count('scope="row"') == 1


def test_a_mailed_list_is_read_until_two_weeks_after_its_date(session, client):
    event = an_event()
    application = an_application(event)
    circulation = start(event, [application])
    key, item = circulation.recipients[0].key, application.ref
    circulation.until = now() - timedelta(days=13)
    db.session.commit()
    paths = [f"/circulation/{key}{suffix}" for suffix in ("", "/list.pdf", "/list.xlsx")]
    assert [client.get(path).status_code for path in paths] == [200, 200, 200]
    circulation.until = now() - timedelta(days=14, minutes=1)
    db.session.commit()
    paths.append(f"/circulation/{key}/{item}/object")
    assert [client.get(path).status_code for path in paths] == [404, 404, 404, 404]
