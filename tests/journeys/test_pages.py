"""Every page of the demo, as each kind of person sees it: axe finds nothing, nothing is wider than a small phone."""

import pytest

from consult.demo.coming import SLUG
from consult.demo.load import PASSWORD, address
from tests.journeys.conftest import Person

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

EVENT, PAST = f"/events/{SLUG}", "/events/annual-2020"
DESK, DESK_PAST = f"/workspace{EVENT}", f"/workspace{PAST}"
PAGES = {
    None: [
        "/",
        "/?text=nothing+fits",
        EVENT,
        f"{EVENT}/agenda",
        f"{EVENT}/inputs",
        f"{EVENT}/outcomes",
        f"{EVENT}/participants",
        f"{EVENT}/objection-received",
        f"{PAST}/outcomes",
        "/sign-in",
        "/sign-in/link",
        "/check-your-mail",
        "/letters/no-such-letter",
        "/sign-up",
        "/reset-password",
        "/time-zone",
        "/no-such-page",
        "/demo/mail",
    ],
    "focal": [
        "/my",
        "/account",
        "/account/password",
        "/account/address",
        "/account/second-factor",
        "/account/second-factor/app",
        "/account/second-factor/passkeys",
        "/account/second-factor/recovery-codes",
        "/my/organisations/new",
        f"{EVENT}/accreditation",
        f"{EVENT}/registrations",
        f"{EVENT}/registrations/new",
        f"{EVENT}/registrations/new/spreadsheet",
    ],
    "applicant": ["/my", f"{EVENT}/accreditation"],
    "officer": [f"{DESK}/accreditation"],
    "door": [f"{DESK}/door?text=a", f"{DESK}/badges", DESK],
    "administrator": [
        "/workspace",
        "/workspace/people",
        "/workspace/messages",
        "/workspace/organisations",
        "/workspace/organisations/duplicates",
        "/workspace/organisations/recognitions",
        "/workspace/accreditation/reasons",
        f"{DESK}/accreditation/settings",
        f"{DESK}/accreditation/circulations",
        "/workspace/events/new",
        "/workspace/series/new",
        DESK,
        f"{DESK}/settings",
        f"{DESK}/categories",
        f"{DESK}/categories/new",
        f"{DESK}/agenda",
        f"{DESK}/agenda/sessions/new",
        f"{DESK}/accreditation",
        f"{DESK}/invitations",
        f"{DESK}/invitations/new",
        f"{DESK}/registrations",
        f"{DESK}/inputs",
        f"{DESK}/inputs/new",
        f"{DESK}/door",
        f"{DESK}/attendance/imports",
        f"{DESK}/badges",
        f"{DESK}/forms",
        f"{DESK}/forms/new",
        f"{DESK_PAST}/attendance/series",
        f"{DESK_PAST}/attendance/summary?public=1",
        f"{DESK_PAST}/attendance/summary",
        f"{DESK_PAST}/report",
        f"{DESK}/messages",
        f"{DESK}/team",
        f"{DESK}/record",
        f"{DESK}/cancel",
    ],
}


# pages whose address is only known from another: where the link stands, and which of those that fit
LINKED = {
    "applicant": [
        ("/my", "a[href*='/my/organisations/']:not([href$='new'])", 0),
        ("/my", "a[href*='/accreditation/']", 0),  # still in the queue
        ("/my", "a[href*='/accreditation/']", 6),  # rejected
        ("/my", "a[href*='/accreditation/']", 7),  # asked for information
        ("/my", "a[href*='/accreditation/']", 12),  # approved
    ],
    "administrator": [
        ("/workspace/people", "tbody a", 0),
        ("/workspace/organisations", "tbody a", 3),
        (f"{DESK}/accreditation?status=approved", "tbody a", 0),
        (f"{DESK}/accreditation?status=submitted", "tbody a", 0),
        (f"{DESK}/accreditation?status=in_review", "tbody a", 0),
        (f"{DESK}/registrations?status=waitlisted", "tbody th a[href*='/registrations/']", 0),
        (f"{DESK}/categories", "main a[href*='/categories/']:not([href$='new'])", 0),
    ],
    "officer": [(f"{DESK}/accreditation", "tbody a", 8)],
}


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
@pytest.mark.parametrize("who", PAGES)
def test_pages_are_in_order(browser, demo, who, width, scheme):
    visitor = Person(browser, demo, script=True, width=width)
    visitor.page.emulate_media(color_scheme=scheme)
    if who:
        visitor.sign_in(address(who), PASSWORD)
    for path in PAGES[who]:
        visitor.goto(path)
    for path, selector, number in LINKED.get(who, []):
        visitor.page.goto(path)
        visitor.goto(str(visitor.page.locator(selector).nth(number).get_attribute("href")))
    visitor.page.context.close()
    assert [error for error in visitor.errors if "404" not in error] == []
