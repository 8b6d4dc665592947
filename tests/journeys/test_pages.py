"""Every page of the demo, as each kind of person sees it: axe finds nothing, nothing is wider than a small phone."""

from pathlib import Path

import pytest

from consult.demo.coming import SLUG
from consult.demo.load import PASSWORD, address
from tests.journeys.conftest import Person
from tests.live.deployment import embedded

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
        f"{PAST}/outcomes",
        "/sign-in",
        "/sign-up",
        "/reset-password",
        "/confirm",
        "/time-zone",
        "/no-such-page",
        "/demo/mail",
    ],
    "focal": [
        "/my",
        "/account",
        "/account/password",
        "/my/organisations/new",
        f"{EVENT}/accreditation",
        f"{EVENT}/registrations",
        f"{EVENT}/registrations/new",
    ],
    "applicant": ["/my", f"{EVENT}/accreditation"],
    "door": [f"{DESK}/door?text=a", DESK],
    "administrator": [
        "/workspace",
        "/workspace/people",
        "/workspace/messages",
        "/workspace/organisations",
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
        f"{DESK_PAST}/attendance/summary",
        f"{DESK_PAST}/report",
        f"{DESK}/messages",
        f"{DESK}/team",
        f"{DESK}/record",
        f"{DESK}/cancel",
    ],
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("demo")
    with embedded(folder) as deployment:
        deployment.environment["CONSULT_DEMO"] = "1"
        deployment.run("flask", "--app", "wsgi", "db", "upgrade")
        deployment.run("flask", "--app", "wsgi", "demo", "load")
        deployment.start("web")
        deployment.wait_for_web()
        yield deployment


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
@pytest.mark.parametrize("who", PAGES)
def test_pages_are_in_order(browser, demo, who, width, scheme):
    visitor = Person(browser, demo, script=True, width=width)
    visitor.page.emulate_media(color_scheme=scheme)
    if who:
        visitor.sign_in(address(who), PASSWORD)
    for path in PAGES[who]:
        visitor.goto(path)
    visitor.page.context.close()
    assert [error for error in visitor.errors if "404" not in error] == []
