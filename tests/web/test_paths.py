"""What may be kept of the path of a request."""

import io

import pytest
import structlog

from consult.database import Fault
from consult.web import replay
from consult.web.paths import path_without_keys


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/check-in/BADGE-CODE", "/check-in/…"),
        ("/workspace/events/annual/door/BADGE-CODE/check-in", "/workspace/events/annual/door/…/check-in"),
        ("/registrations/PERSONAL-KEY/badge.pdf", "/registrations/…/badge.pdf"),
        ("/events/annual/registrations/7K3M9QXP/badge.pdf", "/events/annual/registrations/7K3M9QXP/badge.pdf"),
        ("/nowhere/PERSONAL-KEY", ""),
    ],
)
def test_keys_and_codes_are_cut_out_of_a_path(app, path, kept):
    method = "POST" if path.endswith("/check-in") else "GET"
    with app.test_request_context(path, method=method):
        assert path_without_keys() == kept


def test_a_request_that_is_made_again_is_logged_without_its_path(app):
    def busy_once(environment, start):
        attempt = environment[replay.ENVIRONMENT_KEY]
        if attempt.number == 1:
            with app.request_context(environment) as context:
                replay.ask_again(context.request, Fault.BUSY)
        start("200 OK", [])
        return [b""]

    path = "/registrations/PERSONAL-KEY/badge.pdf"
    with app.test_request_context(path) as context, structlog.testing.capture_logs() as logged:
        environment = {**context.request.environ, "wsgi.input": io.BytesIO()}
        again = replay.Replay(app)
        again._inner = busy_once
        again(environment, lambda *_answer: None)
    assert [(entry["event"], entry["endpoint"]) for entry in logged] == [("a request is made again", "person.badge")]
    assert "PERSONAL-KEY" not in str(logged)
