"""The site answers under its own name only."""

import pytest
from flask import request

from consult import create_app
from consult.web.hosts import own_hosts
from tests.conftest import config_for


@pytest.mark.parametrize(
    ("base_url", "hosts"),
    [
        ("https://consult.example.org", {"consult.example.org", "consult.example.org:443"}),
        ("https://consult.example.org:443", {"consult.example.org", "consult.example.org:443"}),
        ("http://Consult.example.org:8080", {"consult.example.org:8080"}),
        ("http://127.0.0.1:8000", {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"}),
        ("http://localhost", {f"{name}{port}" for name in ("127.0.0.1", "localhost", "[::1]") for port in ("", ":80")}),
    ],
)
def test_the_names_of_a_site(base_url, hosts):
    assert own_hosts(base_url) == hosts


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page", "/static/icon.svg"])
def test_a_request_for_another_host_is_refused(client, path):
    for host in ("evil.example", "localhost.evil.example", "localhost:81", "localhost@evil.example", ""):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 421, host
        assert host == "" or host not in answer.text


def test_the_host_of_a_proxy_is_never_believed(client):
    for header in ("X-Forwarded-Host", "X-Original-Host", "X-Host", "Forwarded"):
        answer = client.get("/my", headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"})
        assert answer.status_code == 302
        assert "evil" not in answer.location


def test_who_watches_the_service_may_use_any_name(client):
    assert client.get("/health", headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(("proxies", "seen"), [(0, "10.0.0.9"), (1, "203.0.113.5")])
def test_only_the_trusted_proxies_say_where_a_request_comes_from(tmp_path, proxies, seen):
    config = config_for(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, TRUSTED_PROXIES=proxies)
    app = create_app(config)
    addresses = []
    app.before_request_funcs[None].insert(0, lambda: addresses.append(request.remote_addr))
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.5", "X-Forwarded-Host": "evil.example"}
    app.test_client().get("/no-such-page", headers=forwarded, environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert addresses == [seen]


def test_cookies_of_a_secure_site_belong_to_its_host_alone(tmp_path):
    config = config_for(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, BASE_URL="https://consult.example.org")
    mapping = create_app(config).config
    assert mapping["SESSION_COOKIE_NAME"] == "__Host-session"
    assert mapping["KNOWN_DEVICE_COOKIE"] == "__Host-known"
    assert mapping["SESSION_COOKIE_SECURE"] is True
    assert mapping["SESSION_COOKIE_DOMAIN"] is None
