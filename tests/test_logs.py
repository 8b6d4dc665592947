import json

import structlog

from consult import logs


def test_a_log_line_names_the_error_and_the_place_but_not_what_it_said(capsys):
    logs.configure()
    try:
        raise ValueError("Key (email)=(ana@example.org) already exists.")
    except ValueError:
        structlog.get_logger().exception("request failed", endpoint="portal.mine")
    line = capsys.readouterr().out
    kept = json.loads(line)
    assert (kept["error"], kept["event"], kept["endpoint"]) == ("ValueError", "request failed", "portal.mine")
    assert "test_logs.py" in kept["where"][-1]
    assert "ana@example.org" not in line
