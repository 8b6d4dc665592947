"""One consultation's whole journey, from announcement to summary report, through real pages.

Once as in production (PostgreSQL, Redis, an SMTP server, a browser with JavaScript, axe on every page), and
once on the embedded default (SQLite, the filesystem broker, mails as files), with JavaScript switched off.
"""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from docx import Document
from icalendar import Calendar

from tests.live.deployment import ADMINISTRATOR, PASSWORD, link_in, wait_for

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("journeys")]

NOW = datetime.now(UTC)
EVENT = "/events/annual-meeting-2030"
DESK = f"/workspace{EVENT}"
PDF = b"%PDF-1.7\nour statutes"
LIST = """name;e-mail;organisation
Min-ji Kim;minji@example.org;Institute
Nobody;no-address;
Omar Haddad;omar@example.org;
"""
HELD = NOW + timedelta(days=2)
REPORT = "Name (Original Name)\tUser Email\tJoin Time\tLeave Time\n" + "".join(
    f"{who}\t{HELD:%Y-%m-%d} 10:00:00\t{HELD:%Y-%m-%d} 11:00:00\n"
    for who in ("Min-ji Kim\tminji@example.org", "Interpreter 2\t")
)


def local(moment):
    return moment.strftime("%Y-%m-%dT%H:%M")


def test_from_announcement_to_summary(deployment, person):
    desk, public, focal = person(), person(), person(width=360)
    desk.sign_in(ADMINISTRATOR, PASSWORD)
    announce(desk, public)
    agenda(desk, public)
    accreditation(desk, focal, deployment.mailbox)
    call(desk)
    invitations(desk, person, deployment.mailbox)
    registration(focal, deployment.mailbox)
    written_input(focal, deployment.mailbox)
    attendance(desk)
    summary(desk, public)


def announce(desk, public):
    """1. A series and an event are described and published; the calendar and the event page follow."""
    desk.goto("/workspace")
    desk.press("New series")
    desk.fill(title="Annual meetings")
    desk.press("Create")
    desk.fill(
        title="Annual meeting 2030", series="annual-meetings", kind="annual_meeting", modality="hybrid",
        summary="To review **progress**.", venue_name="Palais des Nations", online_platform="Zoom",
        join_link="https://meet.example/secret", contact="contact@example.org", timezone="Africa/Nairobi",
    )  # fmt: skip
    day = NOW + timedelta(days=2)
    desk.fill(days__0__date=day.strftime("%Y-%m-%d"), days__0__starts="09:30", days__0__ends="17:30")
    desk.press("Save")
    desk.press("New category")
    desk.fill(title="Civil society", capacity_in_person="1")
    desk.choose("Only accredited organisations may register under it", "Civil society organisation")
    desk.press("Save")
    desk.press("New category")
    desk.fill(title="Academia")
    desk.choose("Academia")
    desk.press("Save")
    desk.press("Description")
    for name in ("registration", "inputs"):
        desk.fill(
            **{f"{name}_opens_at": local(NOW - timedelta(days=1)), f"{name}_closes_at": local(NOW - timedelta(days=3))}
        )
    desk.press("Save")
    desk.sees("This must be later than the opening.")
    for name in ("registration", "inputs"):
        desk.fill(**{f"{name}_closes_at": local(NOW + timedelta(days=2))})
    desk.press("Save")
    desk.goto(f"{DESK}/accreditation/settings")
    desk.fill(opens_at=local(NOW - timedelta(days=1)), closes_at=local(NOW + timedelta(days=2)))
    desk.page.get_by_label("Constitution or by-laws (document)", exact=True).uncheck()
    desk.press("Save")
    public.goto("/")
    public.sees("No meeting is announced at the moment.")
    desk.press("Overview")
    desk.press("Publish")
    public.goto("/")
    public.press("Annual meeting 2030")
    public.sees(
        "What is open", "Nairobi time", "Palais des Nations", "Academia", "The agenda has not been published yet."
    )
    public.goto("/time-zone")
    public.fill(timezone="Asia/Kathmandu")
    public.press("Save")
    public.goto(EVENT)
    public.sees("your time")


def agenda(desk, public):
    """2. Sessions are described and published as a revision that calendar programs read."""
    desk.goto(f"{DESK}/agenda")
    desk.press("New session")
    desk.fill(
        title="Priorities of the work plan",
        number="1",
        starts="10:00",
        ends="12:30",
        speakers__0__function="Coordinator",
    )
    desk.fill(guiding_questions="Where should joint work begin?")
    desk.press("Save")
    desk.press("New session")
    desk.fill(title="A mistake", starts="13:00", ends="14:00")
    desk.press("Save")
    desk.open("Remove…")
    desk.press("Remove")
    desk.sees("The session has been removed.")
    desk.press("Publish the next revision")
    desk.sees("Revision 1 is public now.")
    public.goto(f"{EVENT}/agenda")
    public.sees("Priorities of the work plan", "Where should joint work begin?", "Coordinator", "Revision 1")
    answer = public.page.request.get(f"{EVENT}/agenda.ics")
    (entry,) = Calendar.from_ical(answer.body()).walk("VEVENT")
    assert entry.decoded("dtstart").hour == 10


def accreditation(desk, focal, mailbox):
    """3. A focal point signs up, describes the organisation, applies, answers a question, and is accredited."""
    focal.goto("/sign-up")
    focal.fill(email="fatou@casa.example")
    focal.press("Send me a link")
    focal.sees("Check your mail")
    focal.goto(link_in(mailbox.wait("fatou@casa.example", "Create your account"), "/sign-up/"))
    focal.fill(name="Fatou Diallo", password="another sentence")
    focal.press("Create my account")
    focal.sees("Your account is ready.")
    focal.goto(EVENT)
    focal.press("Apply for accreditation")
    focal.press("Describe my organisation")
    focal.fill(
        name="Casa do Migrante", category="civil-society", country="BR", description="We shelter people on the move.",
        governing_body="Five people.", membership="About 200.",
    )  # fmt: skip
    focal.press("Save")
    focal.press("Continue")
    boxes = focal.page.locator("main textarea")
    focal.press("Save and continue")
    focal.sees("Answer this question.")
    for number in range(boxes.count()):
        boxes.nth(number).fill(f"Answer {number}")
    focal.press("Save and come back later")
    focal.press("Go on with the application")
    focal.page.set_input_files("#document", {"name": "statutes.exe", "mimeType": "application/pdf", "buffer": b"MZ"})
    focal.press("Add the document")
    focal.sees("The file “statutes.exe” is not a document")
    focal.page.set_input_files("#document", {"name": "statutes.pdf", "mimeType": "application/pdf", "buffer": PDF})
    focal.press("Add the document")
    focal.sees("statutes.pdf")
    focal.press("Save and continue")
    focal.sees("Answer 0", "statutes.pdf", "Still missing before it can be sent:")
    focal.press("Send the application")
    focal.sees("This is still missing: Sources of funding.")
    focal.press("Sources of funding")
    focal.press("Edit the profile")
    focal.fill(funding="Members, and a grant of the city.")
    focal.press("Save")
    focal.goto("/my")
    focal.press("Annual meeting 2030")
    focal.press("Go on with the application")
    focal.press("Save and continue")
    focal.press("Send the application")
    mailbox.wait("fatou@casa.example", "received")
    desk.goto(f"{DESK}/accreditation")
    desk.press("Casa do Migrante")
    desk.sees("Answer 2", "a grant of the city", "Latin America and the Caribbean")
    desk.open("Ask for information")
    desk.fill(request__reason="An answer is unclear", request__message="Which year were you founded?")
    desk.press("Send the question")
    focal.goto(path_of(link_in(mailbox.wait("fatou@casa.example", "A question"), "/accreditation/")))
    focal.sees("Which year were you founded?")
    focal.fill(reply__message="Founded in 1994.")
    focal.press("Send the answer")
    desk.goto(f"{DESK}/accreditation?status=in_review")
    desk.press("Casa do Migrante")
    desk.sees("Founded in 1994.")
    desk.press("Approve")
    focal.goto(path_of(link_in(mailbox.wait("fatou@casa.example", "Accredited"), "/accreditation/")))
    focal.sees("Your organisation is accredited to this event.")


def path_of(link):
    return re.sub(r"^https?://[^/]+", "", link)


def call(desk):
    desk.goto(f"{DESK}/inputs")
    desk.press("New call")
    desk.fill(
        title="Comments on the work plan", questions__0__text="What do you recommend?", questions__0__word_limit="8"
    )
    desk.press("Save")


def invitations(desk, person, mailbox):
    """4. Focal points and a list are invited; the bar moves; one accepts with the personal link, one declines."""
    desk.goto(f"{DESK}/invitations")
    desk.press("New invitation")
    desk.fill(message="We would be glad to see you.")
    desk.press("Save and choose people")
    desk.press("Add the focal points of accredited organisations")
    desk.page.set_input_files("#people", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode("utf-16")})
    desk.press("Add the list")
    desk.sees("Line 3: “no-address” is not an e-mail address.", "3 people will be invited.", "Min-ji Kim")
    desk.press("Send the invitations")
    subject = "Invitation: Annual meeting 2030"
    guest, other = person(width=360), person()
    guest.goto(path_of(link_in(mailbox.wait("minji@example.org", subject), "/invitations/")))
    guest.press("Accept and register")
    guest.press("Academia")
    assert guest.page.locator("#given_name").input_value() == "Min-ji"
    assert guest.page.locator("#email").input_value() == "minji@example.org"
    guest.fill(stakeholder="academia", country="KR")
    guest.open("Languages, needs, gender")
    guest.fill(gender="woman")
    guest.choose("Online")
    guest.press("Register")
    guest.sees("The place is confirmed.", "https://meet.example/secret")
    other.goto(path_of(link_in(mailbox.wait("omar@example.org", subject), "/invitations/")))
    other.press("Decline")
    other.sees("Declined")
    mailbox.wait("fatou@casa.example", subject)

    def is_delivered():
        desk.page.reload()
        return "3 / 3" in desk.page.locator("#sent").inner_text()

    wait_for(is_delivered, what="the progress bar")
    desk.check()
    desk.sees("1 accepted, 1 declined, 0 could not be sent.")
    assert len(mailbox.to("minji@example.org")) >= 1


def registration(focal, mailbox):
    """5. One place: the first gets it, the second waits, is offered it when the first withdraws, and takes it."""
    for given in ("Rosa", "João"):
        focal.goto(f"{EVENT}/registrations")
        focal.press("Register people")
        email = f"{given[0].lower()}@casa.example"
        focal.fill(people__0__given_name=given, people__0__family_name="da Silva", people__0__email=email)
        focal.choose("In person")
        focal.press("Register")
        focal.sees("Waits for the person's answer")
        mail = mailbox.wait(email, "Do you agree to be registered?")
        focal.goto(path_of(link_in(mail, "/registrations/")))
        focal.press("Yes, register me")
    focal.sees("number 1 on the waiting list")
    mail = mailbox.wait("r@casa.example", "Your place is confirmed")
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names[0] == "annual-meeting-2030.ics"
    assert names[1].startswith("badge-")
    mailbox.wait("j@casa.example", "You are on the waiting list")
    focal.goto("/my")
    focal.press("Rosa da Silva")
    focal.open("Withdraw the registration…")
    focal.press("Withdraw the registration")
    mailbox.wait("j@casa.example", "A place is free for you until")
    focal.goto("/my")
    focal.press("João da Silva")
    focal.press("Take the place")
    mailbox.wait("j@casa.example", "Your place is confirmed")
    badge = focal.page.request.get(focal.page.get_by_role("link", name="Badge (PDF)").get_attribute("href"))
    assert badge.body().startswith(b"%PDF")


def written_input(focal, mailbox):
    """6. A draft, too long an answer, a receipt, an amendment."""
    focal.goto(f"{EVENT}/inputs")
    focal.press("Send written input")
    focal.press("Begin")
    focal.page.locator("main textarea").fill("one two three four five six seven eight nine")
    focal.press("Save and come back later")
    focal.sees("it has not been sent")
    focal.press("Go on writing")
    focal.press("Send")
    focal.sees("Use at most 8 words. This answer has 9.")
    focal.page.locator("main textarea").fill("Begin with work permits.")
    focal.press("Send")
    focal.sees("Reference number")
    mailbox.wait("fatou@casa.example", "Received: W-")
    focal.press("Amend")
    focal.page.locator("main textarea").fill("Begin with work permits, everywhere.")
    focal.press("Send the amended version")
    focal.sees("version 2", "Earlier versions")


def attendance(desk):
    """7. One is let in at the door, once; a platform's report is imported, settled, and imported again."""
    desk.goto(f"{DESK}/door")
    desk.fill(text="joao")
    desk.press("Find")
    desk.press("João da Silva")
    desk.press("Check in")
    desk.sees("Checked in at")
    desk.goto(f"{DESK}/attendance/imports")
    report = {"name": "zoom.csv", "mimeType": "text/csv", "buffer": REPORT.encode("utf-16")}
    desk.page.set_input_files("#report", report)
    desk.press("Send")
    until_it_stands(desk, "Count these")
    desk.sees("2 people,", "By address")
    desk.press("Count these")
    until_it_stands(desk, "Counted as attended")
    desk.goto(f"{DESK}/attendance/imports")
    desk.page.set_input_files("#report", report)
    desk.press("Send")
    desk.sees("This very file was sent before. Nothing has changed.", "Interpreter 2")
    desk.press("Leave out")
    desk.sees("Nobody is to be settled.")


def until_it_stands(person, words):
    """The worker is done: the page, looked at again and again, says so."""
    wait_for(lambda: person.shows_now(words), what=words)
    person.check()


def summary(desk, public):
    """8. The worker compiles the figures; the report is written, published and downloaded."""
    desk.goto(f"{DESK}/attendance/summary")
    desk.press("Compile the summary")

    def is_compiled():
        desk.page.goto(f"{DESK}/attendance/summary")
        return "people attended, each counted once" in desk.page.locator("main").inner_text()

    wait_for(is_compiled, what="the summary")
    desk.check()
    desk.sees("Brazil", "South Korea", "Civil society organisation")
    lines = desk.page.request.get(f"{DESK}/attendance/summary.csv").text().splitlines()
    assert lines[3] == "All days,Attended,1,1,2"
    desk.press("Summary report")
    desk.fill(next_steps="- Meet again in spring.")
    desk.press("Save")
    desk.press("Publish the report")
    public.goto(f"{EVENT}/outcomes")
    public.sees(
        "2 participants took part", "1 in person and 1 online", "2 countries in 2 regions", "Meet again in spring."
    )
    public.sees("Comments on the work plan")
    file = public.page.request.get(f"{EVENT}/outcomes/report.docx").body()
    text = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(file)).paragraphs)
    assert "2 participants took part" in text
