"""The web server: requests are read whole, by one thread that waits for nobody, before a thread of ours sees them.

So any number of clients that send or read slowly hold no thread; each connection has a time and a size. Waitress does
that in pure Python, without a proxy and without root; several processes share one socket. See `docs/operations.md`.
"""

import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import time
from threading import Thread
from types import FrameType
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from waitress import create_server
from waitress.channel import HTTPChannel

from consult.extensions import db
from consult.web import bodies

THREADS = 8  # of each process
CONNECTIONS = 1000  # of each process
IDLE = 30  # seconds in which nothing comes or goes
ARRIVES = 120  # seconds in which a request must have arrived whole, however steadily it drips
HEADERS = 32 * 1024
GRACE = 8  # seconds that children have to end by themselves


class _TimedChannel(HTTPChannel):  # type: ignore[misc]  # waitress is untyped
    """A connection whose request must arrive in time."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.monotonic()
        elif time.monotonic() - self.began > ARRIVES:
            self.will_close = True
            return False
        return bool(super().received(data))


def end_with(parent: int) -> None:
    """End when the parent is gone, however it ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: the kernel tells us
    Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    """The same where the kernel does not, or where what runs does not end when it is asked."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(os.getpid(), signal.SIGKILL)


def serve_on(app: Flask, listener: socket.socket) -> None:
    """Answer requests that come to this socket, until the process is stopped."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is no event
    server: Any = create_server(
        app, sockets=[listener], threads=THREADS, connection_limit=CONNECTIONS, channel_timeout=IDLE,
        cleanup_interval=5, max_request_header_size=HEADERS, max_request_body_size=bodies.REPORT + bodies.MEGABYTE,
        clear_untrusted_proxy_headers=False,  # which of them count is said by TRUSTED_PROXIES
        ident=None, expose_tracebacks=False,
    )  # fmt: skip
    server.channel_class = _TimedChannel
    with contextlib.suppress(SystemExit, KeyboardInterrupt):
        server.run()


def listen(host: str, port: int) -> socket.socket:
    """A socket that several processes may answer."""
    listener = socket.create_server((host, port), backlog=1024, reuse_port=False)
    listener.setblocking(False)
    return listener


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--workers", default=3, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@with_appcontext
def web(host: str, port: int, workers: int) -> None:
    """Serve the pages, in production; a process that dies is followed by another."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    db.session.remove()
    db.engine.dispose()
    with listen(host, port) as listener:
        children = {_fork(app, listener) for _number in range(workers)}
        signal.signal(signal.SIGTERM, _stop)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                gone, _status = os.wait()
                children.discard(gone)
                time.sleep(0.5)  # or one that cannot start would be started all the time
                children.add(_fork(app, listener))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fork(app: Flask, listener: socket.socket) -> int:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.setsid()
        end_with(parent)
        signal.signal(signal.SIGTERM, _stop)
        serve_on(app, listener)
        os._exit(0)
    return child
