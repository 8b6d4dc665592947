"""A real browser: Debian's Chromium, driven by Playwright, with axe looking at the pages."""

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests import services
from tests.live.conftest import deployment, need, pytest_runtest_makereport
from tests.live.deployment import Deployment, embedded

__all__ = ["deployment", "pytest_runtest_makereport"]
AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = services.chromium()
    need(path, "Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Phone:
    """An authenticator app: no code twice, since each is good once."""

    def __init__(self, key: str) -> None:
        plain = key.replace(" ", "").replace("-", "")
        self._secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
        self._last = 0

    def code(self) -> str:
        self._last = max(self._last + 1, int(time.time()) // 30)
        return TOTP(self._secret, 6, SHA1(), 30, enforce_key_length=False).generate(self._last * 30).decode()


class Person:
    """Somebody at a browser of their own. With `script=False` their browser runs no JavaScript."""

    def __init__(self, browser: Browser, deployment: Deployment, *, script: bool, width: int = 1280) -> None:
        context = browser.new_context(
            base_url=deployment.url,
            java_script_enabled=script,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",  # axe would measure colours half way through a button's fading
        )
        context.set_default_timeout(15_000)
        self.page: Page = context.new_page()
        self.script = script
        self.phones: dict[str, Phone] = deployment.phones
        self.errors: list[str] = []
        self.password = ""
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        """What the browser complains of; that a form was refused (422) is no complaint."""
        if message.type == "error" and "status of 422" not in message.text:
            self.errors.append(message.text)

    def goto(self, path: str) -> None:
        self.page.goto(path)
        self.check()

    def check(self) -> None:
        """axe finds nothing here, nothing is wider than the window, and the page is in order."""
        assert self.page.locator("h1").count() == 1
        if self.page.locator("h1").inner_text() == "Please enter your password again":  # on a slow machine
            self.page.locator("#password").fill(self.password)
            self.page.locator("main").get_by_role("button", name="Go on").click()
            self.page.wait_for_load_state()
        if not self.script:
            return
        found = self._axe()
        violations = [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]]
        assert violations == [], self.page.url
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the window"

    def _axe(self) -> dict[str, Any]:
        """What axe finds. A page that shows progress loads itself anew, also while axe looks: then it looks again."""
        for _ in range(5):
            try:
                self.page.wait_for_load_state()
                self.page.evaluate(AXE)
                return self.page.evaluate("axe.run({resultTypes: ['violations']})")
            except Error as error:
                if "navigation" not in str(error):
                    raise
        raise AssertionError(f"{self.page.url} does not stand still")

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            field = self.page.locator(f"#{name.replace('__', '-')}")
            if (
                field.evaluate("field => field.tagName") == "SELECT"
                if self.script
                else SELECTS & {name, name.rsplit("__", 1)[-1]}
            ):
                field.select_option(value)
            else:
                field.fill(value)

    def choose(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def press(self, name: str) -> None:
        """Press the button of this name that can be seen, or follow the link, and look at the page that comes."""
        button = self.page.get_by_role("button", name=name, exact=True)
        target = button if button.count() else self.page.get_by_role("link", name=name, exact=True)
        target.first.click()
        self.page.wait_for_load_state()
        self.check()

    def sees(self, *words: str) -> None:
        text = self.page.locator("body").inner_text()
        for each in words:
            assert each in text, f"“{each}” is not on {self.page.url}:\n{text[:1500]}"

    def shows_now(self, words: str) -> bool:
        """Whether the page has the words when it is loaded again; one with progress may just be doing so itself."""
        try:
            self.page.goto(self.page.url)
            return words in self.page.locator("main").inner_text()
        except Error as error:
            if any(
                sign in error.message for sign in ("ERR_ABORTED", "interrupted by another", "context was destroyed")
            ):
                return False
            raise

    def open(self, words: str) -> None:
        """Unfold what asks once more before it is done."""
        self.page.locator("summary", has_text=words).last.click()
        self.check()

    def sign_in(self, email: str, password: str) -> None:
        """With the second factor, if the account has one; if its role must have one and it has none, it is set up."""
        self.goto("/sign-in")
        self.password = password
        self.fill(email=email, password=password)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_load_state()
        heading = self.page.locator("h1").inner_text()
        if heading == "Second factor":
            self.sees("Your role needs a second factor")
            self.set_up_app(email)
            self.goto("/my")
        elif heading == "Enter the code":
            self.check()
            self.fill(code=self.phones[email].code())
            self.press("Go on")
        self.sees("My consultations")

    def set_up_app(self, email: str) -> None:
        """Scan the key into the phone, and type the code it shows."""
        self.goto("/account/second-factor")
        self.press("Set up the app")
        self.press("Show me the key")
        phone = self.phones[email] = Phone(self.page.locator("code.key").get_attribute("data-key"))
        self.fill(code=phone.code())
        self.press("Switch it on")
        self.sees("Change or remove")


SELECTS = {
    "colour",
    "date_order",
    "selection",
    "layout",
    "zone",
    "series",
    "kind",
    "modality",
    "timezone",
    "category",
    "country",
    "organisation",
    "day",
    "gender",
    "role",
    "stakeholder",
    "action",
    "claim__kind",
    "document__kind",
    "invite__role",
    "reject__reason",
    "request__reason",
}


@pytest.fixture
def person(browser: Browser, deployment: Deployment):
    """Makes people. On the embedded default their browsers run no JavaScript: every page must work without."""
    people: list[Person] = []

    def make(**options: int) -> Person:
        people.append(Person(browser, deployment, script=deployment.kind == "production", **options))
        return people[-1]

    yield make
    for each in people:
        assert each.errors == [], "a script failed, or the content security policy stopped something"
        each.page.context.close()


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
