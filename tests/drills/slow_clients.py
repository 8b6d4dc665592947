"""Clients that send or read slowly, or not at all: everybody else is answered as before."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conftest import PASSPORT_KEY
from tests.drills import Drill, Seen
from tests.services import free_port

ROOT = Path(__file__).parent.parent.parent
CLIENTS = 100
SOON = 2.0  # seconds
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\na"
)
HEADERS = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
READER = b"GET /static/vendor/fonts/DroidSansFallbackFull.ttf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextmanager
def _server() -> Iterator[int]:
    """The web server as compose runs it, one process, on a database of its own; its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="consult-drill-") as folder:
        settings = {
            "CONSULT_DATA_DIR": folder, "SECRET_KEY": "a secret for drills that nobody needs to guess",
            "PASSPORT_KEY": PASSPORT_KEY, "BASE_URL": f"http://127.0.0.1:{port}", "PATH": os.environ["PATH"],
        }  # fmt: skip
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=settings, check=True, capture_output=True)
        server = subprocess.Popen([*flask, "web", "--port", str(port), "--workers", "1"], cwd=ROOT, env=settings)
        try:
            _wait_for(lambda: _seconds(port) < SOON, "the web server")
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)


def _wait_for(look: Callable[[], bool], what: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.1)


def _seconds(port: int) -> float:
    """How long somebody else waits for a page."""
    began = time.monotonic()
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10).read()
    except (urllib.error.URLError, OSError):
        return float("inf")
    return time.monotonic() - began


def _to(port: int, request: bytes) -> bytes:
    """The request, for the site's own name."""
    return request.replace(b"Host: 127.0.0.1", b"Host: 127.0.0.1:%d" % port)


def _slow(first: bytes, drip: bytes) -> Seen:
    """Open many connections, send a little on each, byte by byte, and see how long others wait."""
    with _server() as port, ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(CLIENTS)]
        for client in clients:
            client.sendall(_to(port, first))
        if not drip:  # the answers are made first, all of them; then they wait for their readers
            _wait_for(lambda: _seconds(port) < SOON, "the answers to be made")
        slowest = 0.0
        for _turn in range(5):
            for client in clients if drip else []:
                client.sendall(drip)
            slowest = max(slowest, _seconds(port))
        return Seen(slowest < SOON, f"{CLIENTS} of them; others waited at most {slowest:.2f} s")


def _silent() -> Seen:
    """A connection on which nothing comes is closed by the server."""
    with _server() as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(_to(port, BODY))
        client.settimeout(90)
        began = time.monotonic()
        while client.recv(1024):  # a refusal may come first
            pass
        return Seen(True, f"closed after {time.monotonic() - began:.0f} s")


def _too_large() -> Seen:
    """What is announced as too large is refused before it is read."""
    with _server() as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(_to(port, BODY).replace(b"5000", b"99000000000"))
        client.settimeout(20)
        answer = client.recv(1024).decode(errors="replace")
        status = answer.split("\r\n", 1)[0]
        return Seen(" 413 " in status, status)


DRILLS = [
    Drill("bodies sent byte by byte", "others are answered within 2 s", lambda _ground: _slow(BODY, b"b")),
    Drill("headers sent byte by byte", "others are answered within 2 s", lambda _ground: _slow(HEADERS, b"b")),
    Drill("answers that nobody reads", "others are answered within 2 s", lambda _ground: _slow(READER, b"")),
    Drill("a request that never ends", "the connection is closed", lambda _ground: _silent()),
    Drill("a body of 99 GB", "refused with 413", lambda _ground: _too_large()),
]
