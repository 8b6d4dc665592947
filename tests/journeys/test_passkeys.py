"""A passkey as second factor, with the browser's own virtual authenticator."""

import pytest

from consult.demo.load import PASSWORD, address
from tests.journeys.conftest import Person

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


def test_a_passkey_is_added_asked_for_and_removed(browser, demo):
    demo.url = demo.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    visitor = Person(browser, demo, script=True)
    wire = visitor.page.context.new_cdp_session(visitor.page)
    wire.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": made})
    visitor.sign_in(address("focal"), PASSWORD)
    visitor.goto("/account/second-factor/passkeys")
    visitor.press("Add a passkey")
    visitor.sees("Please correct this")
    visitor.fill(name="my laptop")
    visitor.page.get_by_role("button", name="Add a passkey").click()
    visitor.page.wait_for_url("**/account/second-factor")
    visitor.sees("my laptop")
    visitor.press("Sign out")
    visitor.goto("/sign-in")
    visitor.fill(email=address("focal"), password=PASSWORD)
    visitor.page.locator("main").get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_load_state()
    visitor.check()
    visitor.page.get_by_role("button", name="Use my passkey").click()
    visitor.page.wait_for_url("**/my")
    visitor.goto("/account/second-factor/passkeys")
    visitor.press("Remove my laptop")
    visitor.goto("/account/second-factor")
    assert "my laptop" not in visitor.page.content()
    visitor.page.context.close()
    assert visitor.errors == []
