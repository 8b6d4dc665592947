"""Every limit is a class, counted by network."""

from types import SimpleNamespace

import pytest
from flask import Flask

from consult.attendance.views import online
from consult.web import limits
from consult.web.limits import CLASSES, class_of, network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("198.51.100.200", "198.51.100.0/24"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_counted_as_one(address, counted):
    with Flask("x").test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert network() == counted


def test_the_key_of_a_personal_link_is_not_what_guesses_are_counted_under(app):
    with app.test_request_context("/registrations/PERSONAL-KEY/here"):
        counted = online._registration()
    with app.test_request_context("/registrations/OTHER-KEY/here"):
        assert online._registration() != counted
    assert "PERSONAL-KEY" not in counted


# which endpoints strangers can try values at, fill mailboxes with, or keep busy; every other one is free
LIMITED = {
    "accounts.choose_password": "key",
    "accounts.confirm_address": "key",
    "accounts.finish_sign_up": "key",
    "accounts.forgot_password": "mail",
    "accounts.link": "mail",
    "accounts.sign_up": "mail",
    "accounts.use_link": "key",
    "agenda.calendar": "costly",
    "agenda.session_calendar": "costly",
    "circulations.list_pdf": "costly",
    "circulations.list_xlsx": "costly",
    "circulations.object_to": "key",
    "circulations.received": "key",
    "invitations.accept": "key",
    "invitations.decline": "key",
    "invitations.show": "key",
    "letters.check": "guess",
    "online.here": "guess",
    "organisations.invite": "mail",
    "organisations.join": "mail",
    "registration.badge": "costly",
    "registration.correct": "mail",
    "registration.new": "mail",
    "registration.sheet": "mail",
    "registration.substitute": "mail",
    "registration.visa_letter": "costly",
    "registration.withdraw": "mail",
    "registration_list.as_docx": "costly",
    "registration_list.as_pdf": "costly",
    "registration_list.as_xlsx": "costly",
    "reports.download": "costly",
}


def test_the_class_of_each_endpoint(app):
    of_blueprint = {"person": "key", "registration_address": "key", "security": "guess"}
    classes = {
        endpoint: class_of(app, endpoint)
        for endpoint in app.view_functions
        if endpoint.partition(".")[0] not in of_blueprint
    }
    assert {endpoint: name for endpoint, name in classes.items() if name != "free"} == LIMITED
    for blueprint, name in of_blueprint.items():
        assert {class_of(app, each) for each in app.view_functions if each.startswith(f"{blueprint}.")} == {name}
    assert set(LIMITED.values()) | set(of_blueprint.values()) == set(CLASSES)


@pytest.mark.parametrize(("is_signed_in", "counted"), [(True, "account:7K3M9QXP"), (False, "198.51.100.0/24")])
def test_what_mails_others_is_counted_for_each_account(monkeypatch, is_signed_in, counted):
    """A whole office behind one address registers on the last day; one account does not write on and on."""
    monkeypatch.setattr(limits, "current_user", SimpleNamespace(is_authenticated=is_signed_in, ref="7K3M9QXP"))
    with Flask("x").test_request_context(environ_base={"REMOTE_ADDR": "198.51.100.7"}):
        assert limits.account() == counted
