"""Guesses of passwords and codes: the one who guesses waits, the right person does not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.accounts.models import FailedAttempts
from consult.accounts.service import throttle
from consult.accounts.service.throttle import Source
from consult.audit.models import AuditEntry
from consult.database import now
from consult.extensions import db
from tests.accounts.test_security import PASSWORD, a_person, code, set_up_app
from tests.factories import NOON

STRANGER = Source(account="ana@example.org", network="198.51.100.0/24")
KNOWN = Source(account="ana@example.org", network="198.51.100.0/24", device="the laptop")
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def guess(source, times, *, at=NOON):
    for _ in range(times):
        throttle.count([key for kind, key in source.keys.items() if kind != "network"], at=at)
        throttle.note_failure(source, at=at)


def sign_in(client, email, password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def test_a_few_slips_cost_nothing_and_then_each_wait_is_longer(session):
    waits = []
    for _ in range(14):
        guess(STRANGER, 1)
        waits.append(int(throttle.waiting_time(STRANGER, at=NOON).total_seconds()))
    assert waits == [0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_waiting_is_all_it_takes(session):
    guess(STRANGER, 7)
    assert throttle.waiting_time(STRANGER, at=NOON + timedelta(seconds=39)) == timedelta(seconds=1)
    assert throttle.waiting_time(STRANGER, at=NOON + timedelta(seconds=40)) == timedelta(0)
    guess(Source(account="other@example.org", network="other"), 1, at=NOON + timedelta(hours=2))
    assert len(db.session.scalars(select(FailedAttempts)).all()) == 2, "what is an hour old is forgotten"


def test_the_account_is_counted_from_whatever_network_and_the_network_for_whatever_account(session):
    for number in range(8):
        guess(Source(account="ana@example.org", network=f"198.51.{number}.0/24"), 1)
    assert throttle.waiting_time(Source(account="ana@example.org", network="new"), at=NOON) > timedelta(0)
    for number in range(101):
        guess(Source(account=f"{number}@example.org", network="2001:db8::/64"), 1)
    assert throttle.waiting_time(Source(account="new@example.org", network="2001:db8::/64"), at=NOON) > timedelta(0)


def test_a_known_device_is_not_kept_out_by_strangers_and_has_a_count_of_its_own(session):
    guess(STRANGER, 200)
    assert throttle.waiting_time(KNOWN, at=NOON) == timedelta(0)
    guess(KNOWN, 6)
    assert throttle.waiting_time(KNOWN, at=NOON) == timedelta(seconds=20)


def test_the_right_password_begins_anew_for_the_account_not_for_the_network(session):
    guess(STRANGER, 101)
    throttle.forget(STRANGER)
    other = Source(account="other@example.org", network=STRANGER.network)
    assert throttle.waiting_time(Source(account=STRANGER.account, network="new"), at=NOON) == timedelta(0)
    assert throttle.waiting_time(other, at=NOON) > timedelta(0)


def test_sixty_wrong_passwords_and_then_the_right_one_from_elsewhere(client, app):
    person = a_person()
    answers = [sign_in(client, person.email, f"wrong {number}") for number in range(60)]
    assert "too many wrong tries" in answers[-1].text
    assert "too many wrong tries" in sign_in(client, person.email, environ_base=ELSEWHERE).text, "counts the account"
    assert app.test_client().get("/my").status_code == 302
    refused = select(AuditEntry).where(AuditEntry.action == "account.sign_in_refused")
    assert len(db.session.scalars(refused).all()) == 5, "what is not tried is not recorded"


def test_what_is_said_while_waiting_is_the_same_for_every_address(client):
    known, unknown = a_person().email, "nobody@example.org"
    pages = []
    for email in (known, unknown):
        for _ in range(7):
            answer = sign_in(client, email, "wrong password")
        pages.append(answer.text.replace(email, "ADDRESS"))
    assert pages[0] == pages[1]


def test_the_right_person_signs_in_at_their_own_device_while_strangers_guess(client, app):
    person = a_person()
    sign_in(client, person.email)
    client.post("/sign-out")
    stranger = app.test_client()
    for number in range(30):
        sign_in(stranger, person.email, f"wrong {number}")
    assert "too many" in sign_in(stranger, person.email).text
    assert sign_in(client, person.email).location == "/my"


def test_one_persons_slips_do_not_keep_the_office_out(app, session):
    slow, quick = a_person().email, a_person().email
    for number in range(30):
        sign_in(app.test_client(), slow, f"wrong {number}")
    assert sign_in(app.test_client(), quick).location == "/my"


def test_a_cookie_that_somebody_made_up_makes_no_known_device(client):
    person = a_person()
    client.set_cookie("known", "eyJuYW1lIjoieCIsImFjY291bnRzIjpbXX0.x.y")
    for number in range(7):
        sign_in(client, person.email, f"wrong {number}")
    assert "too many" in sign_in(client, person.email).text


@pytest.mark.parametrize("page", ["/sign-in/code", "/sign-in/recovery-code"])
def test_codes_cannot_be_guessed(app, as_, page):
    person = a_person()
    key = set_up_app(as_(person))
    email = person.email
    client = app.test_client()
    sign_in(client, email)
    for number in range(6):
        client.post(page, data={"code": f"{number:06}"})
    assert "too many wrong tries" in client.post(page, data={"code": code(key, step=1)}).text
    assert client.get("/my").status_code == 302
    for attempts in db.session.scalars(select(FailedAttempts)):
        attempts.last_at = now() - timedelta(minutes=16)
    db.session.commit()
    if page == "/sign-in/code":
        assert client.post(page, data={"code": code(key, step=1)}).status_code == 302
        assert client.get("/my").status_code == 200


def test_an_open_device_is_no_place_to_guess_the_password_at(as_):
    browser = as_(a_person())
    for number in range(7):
        answer = browser.post("/account/verify", data={"password": f"wrong {number}"})
    assert "too many wrong tries" in answer.text


def test_the_present_password_is_not_guessed_where_it_is_changed(as_):
    browser = as_(a_person())
    new = {"new_password": "Blue-owl-19-violet", "new_password_confirm": "Blue-owl-19-violet"}
    other = {**new, "new_password_confirm": "something else"}
    for number in range(4):
        browser.post("/account/password", data={"password": f"wrong {number}", **new})
    for _ in range(3):
        answer = browser.post("/account/password", data={"password": PASSWORD, **other})
        assert "too many wrong tries" not in answer.text, "only the new one was not right: that is no guess"
    browser.post("/account/password", data={"password": "wrong again", **new})
    assert "too many wrong tries" in browser.post("/account/password", data={"password": PASSWORD, **new}).text


def test_a_guess_counts_before_it_is_judged(session):
    waits = [throttle.begin_guess(STRANGER, at=NOON) for _ in range(7)]
    assert [wait > timedelta(0) for wait in waits] == [False] * 5 + [True] * 2
    assert throttle.begin_guess(STRANGER, at=NOON + timedelta(seconds=10)) == timedelta(0)
    assert throttle.begin_guess(STRANGER, at=NOON + timedelta(hours=2)) == timedelta(0)
    assert throttle.waiting_time(STRANGER, at=NOON + timedelta(hours=2)) == timedelta(0), "forgotten after an hour"
