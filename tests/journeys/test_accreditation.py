"""People, organisations and accreditation, through real pages: as in production, and on the embedded default without
JavaScript."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.live.deployment import ADMINISTRATOR, PASSWORD, link_in

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("journeys")]

NOW = datetime.now(UTC)
EVENT = "/events/forum-2030"
DESK = f"/workspace{EVENT}/accreditation"
PDF = {"name": "statutes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nour statutes"}
LIST = "Name;Country;Year;Reference\nWomen Who Return;Kenya;2004;E/2004/32\n"
OFFICER = "second@example.org"
SPECIAL = "fatou@migrante.example"


def test_people_organisations_and_accreditation(deployment, person):
    deployment.run("flask", "--app", "wsgi", "create-administrator", OFFICER, "Ines Tamang", "--password", PASSWORD)
    desk, officer, public = person(), person(), person(width=360)
    desk.sign_in(ADMINISTRATOR, PASSWORD)  # is held until a second factor is set up
    officer.sign_in(OFFICER, PASSWORD)
    announce(desk)
    recognised(desk, person(width=360), public, deployment.mailbox)
    casa = person()
    special(casa, deployment.mailbox)
    question_and_answer(desk, casa, deployment.mailbox)
    circulation(desk, public, deployment.mailbox)
    rejection(desk, casa, deployment.mailbox)
    reconsideration(desk, officer, casa, deployment.mailbox)
    duplicate(desk, person(), casa, deployment.mailbox)
    lost_focal_point(desk, person(), deployment.mailbox)
    devices(casa, person(width=360))


def local(moment):
    return moment.strftime("%Y-%m-%dT%H:%M")


def path_of(link):
    return "/" + link.split("/", 3)[3]


def sign_up(visitor, name, email, mailbox):
    visitor.goto("/sign-up")
    visitor.fill(email=email)
    visitor.press("Send me a link")
    visitor.goto(path_of(link_in(mailbox.wait(email, "Create your account"), "/sign-up/")))
    visitor.fill(name=name, password=PASSWORD)
    visitor.press("Create my account")


def announce(desk):
    """An event whose process accredits recognised organisations at once."""
    desk.goto("/workspace/series/new")
    desk.fill(title="Forums")
    desk.press("Create")
    desk.fill(title="Forum 2030", series="forums", kind="hearing", modality="online", timezone="UTC")
    day = NOW + timedelta(days=9)
    desk.fill(days__0__date=day.strftime("%Y-%m-%d"), days__0__starts="09:30", days__0__ends="17:30")
    desk.press("Save")
    desk.press("New category")
    desk.fill(title="Civil society")
    desk.choose("Only accredited organisations may register under it")
    desk.press("Save")
    desk.goto(f"{DESK}/settings")
    desk.fill(opens_at=local(NOW - timedelta(days=1)), closes_at=local(NOW + timedelta(days=2)))
    desk.choose("At once, when a verified recognition stands in their profile")
    desk.press("Save")
    desk.goto("/workspace/events/forum-2030")
    desk.press("Publish")


def recognised(desk, focal, public, mailbox):
    """A list of recognitions is imported; the organisation on it is accredited as soon as it applies, once the
    secretariat has said that the profile of this name is the one in the list."""
    desk.goto("/workspace/organisations/recognitions")
    desk.open("Import a list")
    desk.fill(kind="ecosoc-special")
    desk.page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()})
    desk.press("Import")
    desk.press("Import 1 line")
    desk.sees("1 lines read, 1 of them new; 0 profiles are verified by them now.", "Women Who Return", "none yet")
    sign_up(focal, "Wanjiru Otieno", "wanjiru@women.example", mailbox)
    focal.goto(EVENT)
    focal.press("Apply for accreditation")
    focal.press("Describe my organisation")
    focal.fill(name="Women who return", category="civil-society", country="KE")
    focal.press("Save")
    desk.goto("/workspace/organisations/recognitions")
    desk.sees("Perhaps", "Women who return")
    desk.press("Yes, it is")
    desk.sees("Verified: Women who return.")
    focal.press("Continue")
    focal.sees("Recognised organisation", "nothing more is asked")
    focal.press("Save and continue")
    focal.sees("ECOSOC special consultative status (Verified)")
    focal.press("Send the application")
    focal.sees("Your organisation is accredited", "Approved")
    mail = mailbox.wait("wanjiru@women.example", "Accredited: Forum 2030")
    (letter,) = mail.iter_attachments()
    assert letter.get_content().startswith(b"%PDF")
    link = focal.page.get_by_role("link", name="Letter (PDF)").get_attribute("href")
    assert focal.page.request.get(link).body().startswith(b"%PDF")
    public.goto("/letters/no-such-letter")
    public.sees("Not valid")


def special(casa, mailbox):
    """An organisation without a recognition describes itself, answers the questions, and sends its application."""
    sign_up(casa, "Fatou Diallo", SPECIAL, mailbox)
    casa.goto("/my/organisations/new")
    casa.fill(
        name="Casa do Migrante", category="faith-based", country="BR", description="We shelter people on the move.",
        governing_body="Five people.", membership="200.", funding="Members.", website="https://casa.example",
    )  # fmt: skip
    casa.press("Save")
    casa.open("Add a document")
    casa.page.set_input_files("#document-document", PDF)
    casa.fill(document__kind="constitution", document__year="2019")
    casa.press("Add a document")
    casa.sees("Constitution or by-laws · 2019")
    casa.goto(f"{EVENT}/accreditation")
    casa.press("Continue")
    casa.sees("Special accreditation", "Checklist")
    for number, box in enumerate(casa.page.locator("main textarea").all()):
        box.fill(f"Answer {number}")
    if casa.script:
        casa.page.get_by_text("Saved at").wait_for()
    casa.press("Save and continue")
    casa.press("Send the application")
    mailbox.wait(SPECIAL, "received")


def question_and_answer(desk, casa, mailbox):
    """The officer asks, in a note to colleagues wonders, and the applicant answers in place."""
    desk.goto(f"{DESK}?status=submitted")
    desk.press("Casa do Migrante")
    desk.sees("We shelter people on the move.", "statutes.pdf", "Answer 1")
    desk.press("I take it")
    desk.fill(note__text="Their website looks new.")
    desk.press("Keep the note")
    desk.open("Ask for information")
    desk.fill(request__reason="An answer is unclear", request__message="How many people do you shelter?")
    desk.press("Send the question")
    casa.goto(path_of(link_in(mailbox.wait(SPECIAL, "A question"), "/accreditation/")))
    casa.sees("How many people do you shelter?", "An answer is unclear")
    casa.fill(reply__message="About forty every night.")
    casa.press("Send the answer")
    casa.sees("In review", "An officer is reviewing it.")
    assert "Their website looks new." not in casa.page.content()


def rejection(desk, casa, mailbox):
    """Not without a reason and a sentence; the applicant reads both."""
    desk.goto(f"{DESK}?status=in_review")
    desk.press("Casa do Migrante")
    desk.open("Reject")
    desk.press("Reject")
    desk.sees("Choose a reason.", "Explain the decision in a sentence or two.")
    reason = "The organisation could not be shown to exist as described"
    desk.fill(reject__reason=reason, reject__message="We found no trace of it.")
    desk.press("Reject")
    casa.goto(path_of(link_in(mailbox.wait(SPECIAL, "Decision on application"), "/accreditation/")))
    casa.sees(reason, "We found no trace of it.")


def reconsideration(desk, officer, casa, mailbox):
    """Asked for once, and seen by another officer than who rejected."""
    casa.open("Ask for reconsideration")
    casa.fill(reconsider__message="Our register entry is under our former name.")
    casa.press("Ask once")
    casa.sees("Another officer looks at the application again.")
    desk.goto(f"{DESK}?status=in_review")
    desk.press("Casa do Migrante")
    desk.sees("You rejected this application. Another officer looks at it again.")
    assert desk.page.get_by_role("button", name="Approve", exact=True).count() == 0
    officer.goto(f"{DESK}?status=in_review")
    officer.press("Casa do Migrante")
    officer.sees("Our register entry is under our former name.", "They are not known to us.")
    officer.press("Approve")
    casa.goto(path_of(link_in(mailbox.wait(SPECIAL, "Accredited"), "/accreditation/")))
    casa.sees("Your organisation is accredited to this event.")


def circulation(desk, public, mailbox):
    """The list goes to a mission, which objects; the application is back with its officer."""
    desk.goto(f"{DESK}?status=in_review")
    desk.choose("Choose Casa do Migrante")
    desk.fill(action="circulate")
    desk.press("Continue…")
    desk.sees("We shelter people on the move.")
    desk.fill(recipients="Permanent Mission <mission@example.org>\nnobody")
    desk.press("Send to the recipients")
    desk.sees("“nobody” is not an address.")
    desk.fill(recipients="Permanent Mission <mission@example.org>")
    desk.press("Send to the recipients")
    desk.sees("Permanent Mission")
    public.goto(path_of(link_in(mailbox.wait("mission@example.org", "special accreditation"), "/circulation/")))
    public.sees("Casa do Migrante", "Brazil", "You may object until")
    public.page.get_by_role("link", name="Object Casa do Migrante").click()
    public.check()
    public.fill(reason="They are not known to us.")
    public.press("Send the objection")
    public.sees("You objected")
    desk.page.reload()
    desk.check()
    desk.sees("They are not known to us.")


def duplicate(desk, visitor, casa, mailbox):
    """The same organisation is described again; both become one, with the people of both."""
    sign_up(visitor, "João da Silva", "joao@casa.example", mailbox)
    visitor.goto("/my/organisations/new")
    visitor.fill(
        name="Casa dos Migrantes Ltda", category="faith-based", country="BR", website="http://www.casa.example/"
    )
    visitor.press("Save")
    visitor.sees("Is it one of these?", "Casa do Migrante")
    visitor.choose("None of these is my organisation")
    visitor.press("Save")
    desk.goto("/workspace/organisations/duplicates")
    desk.sees("Casa dos Migrantes Ltda", "same website")
    desk.press("Compare and merge")
    desk.sees("João da Silva", "Fatou Diallo")
    desk.open("Merge…")
    desk.press("Merge")
    desk.sees("“Casa dos Migrantes Ltda” is now part of “Casa do Migrante”.")
    visitor.goto("/my")
    visitor.press("Casa do Migrante")
    visitor.sees("Casa dos Migrantes Ltda", "statutes.pdf", "Fatou Diallo")
    mailbox.wait("joao@casa.example", "are one now")


def lost_focal_point(desk, heir, mailbox):
    """Nobody reaches the focal point any more: after a check, the secretariat invites another."""
    desk.goto("/workspace/organisations?text=women+ret")
    desk.press("Women who return")
    desk.press("Replace a lost focal point")
    desk.fill(email="heir@example.org")
    desk.press("Replace")
    desk.sees("It is kept in the record.")
    desk.fill(email="heir@example.org", checks="Called the number on its website; the director answered.")
    desk.choose("Wanjiru Otieno, wanjiru@women.example")
    desk.press("Replace")
    mailbox.wait("wanjiru@women.example", "You no longer belong")
    mailbox.wait("heir@example.org", "You are invited to join Women who return")
    sign_up(heir, "Achieng Njoroge", "heir@example.org", mailbox)
    heir.sees("Women who return")
    heir.press("Accept")
    heir.sees("You belong to Women who return now.", "Edit the profile", "Achieng Njoroge")


def devices(casa, second):
    """Where one is signed in is listed; the second browser is signed out from the first."""
    second.sign_in(SPECIAL, PASSWORD)
    casa.goto("/account")
    casa.sees("Where you are signed in", "This browser")
    casa.press("Sign out everywhere but here")
    casa.sees("You are signed out everywhere but here.")
    second.goto("/my")
    assert second.page.locator("h1").inner_text() == "Sign in"
    casa.goto("/my")
    casa.sees("My consultations")
