"""Logs: one JSON object a line, without personal data.

The text of an exception is left out, since databases put the refused row into it; its kind and where it was
raised are kept.
"""

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def _kind_and_place(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event.pop("exc_info", None):
        kind, _error, trace = sys.exc_info()
        event["error"] = kind.__name__ if kind else ""
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-8:]]
    return event


def configure() -> None:
    """Called once by `create_app`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _kind_and_place,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
