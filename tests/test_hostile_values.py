"""No value that a stranger puts into an address, a form, a header or a body makes a page fail: it is refused."""

import json

import pytest

from consult.extensions import db
from consult.web import bodies
from tests.test_endpoints import MAY, _address
from tests.test_lost_updates import Fields
from tests.world import World, a_world

NAMES = (
    "after", "all", "at", "beside", "category", "chosen", "day", "application", "kind", "match", "next", "of",
    "officer", "public", "q", "region", "seen", "session", "status", "text", "then", "waits", "with",
    "action", "step", "preview", "file", "timezone", "language", "until", "recipients", "email", "role", "ref",
)  # fmt: skip
VALUES = {
    "nothing": "",
    "negative": "-1",
    "more than 31 bits": str(2**31),
    "more than 63 bits": str(2**63),
    "very many digits": "9" * 5000,
    "other digits": "٢٣",
    "an exponent": "1e9",
    "a NUL": "a\x00b",
    "controls": "a\r\nb\x0b\u2028\u202e",
    "a day that is none": "2027-13-45",
    "the first day": "0001-01-01T00:00",
    "the last day": "9999-12-31T23:59",
    "long": "x" * 20_000,
    "SQL": "' OR 1=1 --",
    "a wildcard": "%_%",
    "a path": "../../../../etc/passwd",
    "an address": "//evil.example/%0d%0aX: y",
    "brackets": "http://[",
    "JSON": '{"a": [1]}',
    "a template": "{{ 7 * 7 }}%(name)s{0}",
}
WHO = ("manager", "secretariat", "administrator", "focal", "participant", "visa", "door", "officer")


@pytest.fixture
def world(session, app) -> World:
    world = a_world(app)
    db.session.commit()
    return world


def ask(world, as_, client, app, call, *, verbs=("GET", "POST")):
    """Do `call` at every endpoint, as somebody who may open it; what it changes is undone."""
    browsers = {kind: as_(person) for kind, person in world.people.items() if person}
    connection, failed = db.engines[None], []
    for endpoint, allowed in MAY.items():
        path, methods = _address(app, endpoint, world)
        kind = next((each for each in WHO if each in allowed), None)
        browser = browsers[kind] if kind and "anonymous" not in allowed else client
        for method in set(methods) & set(verbs):
            db.session.commit()
            undo = connection.begin_nested()
            try:
                status = call(browser, method, path).status_code
            except Exception as error:
                status = f"{type(error).__name__}: {str(error)[:120]}"
            db.session.rollback()
            undo.rollback()
            if not isinstance(status, int) or status >= 500:
                failed.append(f"{method} {path}: {status}")
    assert failed == []


@pytest.mark.parametrize("turn", range(0, len(VALUES), 4))
def test_no_value_of_an_address_makes_a_page_fail(turn, world, as_, client, app):
    """Each name gets another of the values at each turn."""

    def call(browser, method, path):
        return browser.get(path, query_string=_values(NAMES, turn))

    ask(world, as_, client, app, call, verbs=["GET"])


@pytest.mark.parametrize("turn", range(0, len(VALUES), 7))
def test_no_value_of_a_form_makes_a_page_fail(turn, world, as_, client, app):
    def call(browser, _method, path):
        page = browser.get(path)
        names = list(NAMES)
        if page.status_code == 200 and page.mimetype == "text/html":
            names += {field for each in Fields(page.text).forms for field in each if field != "seen"}
        return browser.post(path, data=_values(names, turn))

    ask(world, as_, client, app, call, verbs=["POST"])


def _values(names, turn):
    """Another value for each name; all of `VALUES` come up over the turns."""
    values = list(VALUES.values())
    return {name: values[(number * 5 + turn) % len(values)] for number, name in enumerate(names)}


SCANS = [
    {"at": "9999-12-31T23:59:59-12:00", "code": "a\x00"},
    {"at": "0001-01-01T00:00:00+14:00", "ref": {"a": 1}, "session": []},
    {"at": "\ud800", "ref": "\ud800", "session": "a\x00"},
]
BODIES = {
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"1",
    "null": b"null",
    "no JSON": b"{",
    "nested": b"[" * 100_000,
    "bytes": b"\xff\xfe\x00",
    "scans that are none": json.dumps({"scans": [None, 1, []]}).encode(),
    "scans of no time": json.dumps({"scans": SCANS}).encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_no_body_makes_a_page_fail(name, world, as_, client, app):
    def call(browser, method, path):
        return browser.post(path, data=BODIES[name], content_type="application/json")

    ask(world, as_, client, app, call, verbs=["POST"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Referer": "http://[", "Accept-Language": "x" * 5000, "If-Modified-Since": "soon", "Range": "bytes=9-1"},
        {"Referer": "\xff", "Accept-Language": ";q=,,*;q=x,_-_", "If-None-Match": '"', "Cookie": "session=x; a=\xff"},
        {"Content-Type": "multipart/form-data", "Accept": "///", "X-Forwarded-For": "x", "Forwarded": "for=\""},
    ],
)  # fmt: skip
def test_no_header_makes_a_page_fail(headers, world, as_, client, app):
    ask(world, as_, client, app, lambda browser, method, path: browser.open(path, method=method, headers=headers))


@pytest.mark.parametrize("piece", ["%00", "%0a", "%ff", "x" * 5000, "..%2f..", "%F0%9F%92%A9"])
def test_no_part_of_an_address_makes_a_page_fail(piece, world, as_, app):
    browser = as_(world.people["administrator"])
    for rule in app.url_map.iter_rules():
        if rule.arguments and rule.endpoint != "static":
            path = "".join(piece if is_name else text for is_name, text in rule._trace).removeprefix("|")
            answer = browser.get(path.replace("//", "/"))
            assert answer.status_code < 500, path


def test_a_body_is_small_unless_the_view_says_otherwise(world, as_, client, app):
    sizes = {endpoint: bodies.limit_of(app, endpoint) for endpoint in MAY}
    large = {endpoint for endpoint, size in sizes.items() if size > bodies.SMALL}
    assert large == {
        "accreditation.edit", "accreditation.reply", "campaigns.add_list", "imports.index", "invitations.accept",
        "organisations.add_document", "organisations.change_logo", "organisations_workspace.listed",
        "person.correct", "registration.correct", "registration.myself", "registration.new", "registration.sheet",
        "registration.substitute",
    }  # fmt: skip
    whole = {"name": "x" * (bodies.SMALL + 1)}
    answer = as_(world.people["participant"]).post("/account", data=whole)
    assert (answer.status_code, "at most 2 MB" in answer.text) == (413, True)
    path, _methods = _address(app, "imports.index", world)
    assert client.post(path, data=b"x" * 3 * bodies.MEGABYTE).status_code == 413, (
        "who is not signed in sends nothing large"
    )


def test_what_an_address_says_does_not_change_where_a_page_leads(world, as_):
    """`url_for` takes some names for itself; `?_scheme=javascript` is not one of them."""
    browser = as_(world.people["manager"])
    other = {
        "_scheme": "javascript",
        "_external": "1",
        "_anchor": "x",
        "slug": "other",
        "ref": "other",
    }
    for path in ("accreditation", "registrations", "attendance/summary", f"accreditation/{world.refs['review']}"):
        page = browser.get(f"/workspace/events/{world.event.slug}/{path}", query_string=other)
        assert page.status_code == 200, path
        assert "javascript:" not in page.text
        assert "/events/other" not in page.text
