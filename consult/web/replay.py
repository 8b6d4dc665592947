"""A request that failed only because the database restarted is asked again, where that is safe.

The error handler (`consult.web.errors`) says so, in the request's environment, when the fault was the database's and
nothing had been committed: the transaction is gone as if it had never been, so the same request, with the same body
and the same cookies, may be made once more. When a commit was begun and not answered, nobody knows whether it counts:
then the person is told, and nothing is asked again. Reading is always safe.

What was written into the file store meanwhile has names of its own and is not pointed to.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from flask import Flask, Request
from werkzeug.wsgi import ClosingIterator

from consult.database import Fault, wait_for_database

ENVIRONMENT_KEY = "consult.attempt"
TRIES = 3
PATIENCE = 8.0  # seconds in which a database may restart
HOPELESS = 10.0  # seconds for which nobody waits, after somebody has waited in vain
IN_MEMORY = 1024 * 1024
log = structlog.get_logger()


class Attempt:
    """One try at a request; the error handler says what was wrong."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.fault: Fault | None = None
        self.endpoint: str | None = None
        self.started: tuple[Any, ...] = ()

    def start(self, *status_and_headers: Any) -> Any:
        """What the application would have the server begin its answer with."""
        self.started = status_and_headers


def ask_again(request: Request, fault: Fault) -> None:
    """Called by the error handler: nothing was saved, and the same request may do well in a moment."""
    if attempt := request.environ.get(ENVIRONMENT_KEY):
        attempt.fault, attempt.endpoint = fault, request.endpoint


class _Body:
    """Keeps what is read of a request's body, so that it can be read once more."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length
        self.kept: IO[bytes] = BytesIO()

    def _note(self, part: bytes) -> bytes:
        if isinstance(self.kept, BytesIO) and self.kept.tell() + len(part) > IN_MEMORY:
            memory, self.kept = self.kept, TemporaryFile()  # noqa: SIM115  closed with the request
            self.kept.write(memory.getvalue())
        self.kept.write(part)
        self._left -= len(part)
        return part

    def read(self, size: int = -1) -> bytes:
        return self._note(self._stream.read(self._left if size < 0 else min(size, self._left)))

    def readline(self, size: int = -1) -> bytes:
        return self._note(self._stream.readline(self._left if size < 0 else min(size, self._left)))

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def rewind(self) -> None:
        """From the beginning again, with what nobody has read yet."""
        while self._left > 0 and self.read(64 * 1024):
            pass
        self.kept.seek(0)

    def close(self) -> None:
        self.kept.close()


class Replay:
    """The WSGI application, asked again where that is safe."""

    def __init__(self, app: Flask) -> None:
        self._app, self._inner = app, app.wsgi_app
        self._hopeless_until = 0.0

    def __call__(self, environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environment.get("PATH_INFO") == "/health":  # whoever watches wants to know how it is now
            return self._inner(environment, start_response)
        body = _Body(environment["wsgi.input"], _length(environment))
        environment = {**environment, "wsgi.input": body}
        for number in range(1, TRIES + 1):
            attempt = Attempt(number)
            answer = self._inner({**environment, ENVIRONMENT_KEY: attempt}, attempt.start)
            if attempt.fault is None or number == TRIES or not self._is_worth_it(attempt.fault):
                start_response(*attempt.started)
                return ClosingIterator(answer, body.close)
            getattr(answer, "close", lambda: None)()
            # not the path: it may hold the key of a personal link
            log.warning("a request is made again", endpoint=attempt.endpoint, fault=attempt.fault.value)
            body.rewind()
            environment["wsgi.input"] = body.kept
        raise AssertionError("the last try is always answered")

    def _is_worth_it(self, fault: Fault) -> bool:
        if fault is Fault.BUSY:
            return True
        if fault is Fault.FULL or time.monotonic() < self._hopeless_until:
            return False
        with self._app.app_context():
            is_back = wait_for_database(PATIENCE)
        if not is_back:
            self._hopeless_until = time.monotonic() + HOPELESS
        return is_back


def _length(environment: dict[str, Any]) -> int:
    text = environment.get("CONTENT_LENGTH") or ""
    if text.isdecimal():
        return int(text)
    return 1 << 62 if environment.get("wsgi.input_terminated") else 0
