"""Everything on one machine: web, workers and beat under one parent, which stops all when one dies.

The parent has imported the application once; its children are forks of it, so a start takes seconds. Mail has a
worker of its own, so that badges need not wait for a slow mail server. A parent that is killed cannot stop its
children: they notice it themselves.
"""

import multiprocessing
import os
import signal
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from consult.cli.web import GRACE, end_with, listen, serve_on
from consult.database import begin_writing
from consult.demo.load import PASSWORD, STAFF, address, load
from consult.events.queries import all_series
from consult.extensions import db
from consult.registration.service import passports

PATIENCE = 20  # seconds until the web server must answer
FORK = multiprocessing.get_context("fork")


class _Stop(Exception):
    pass


@click.command()
@with_appcontext
def serve() -> None:
    """Migrate, load the demo if this is one, start everything, and stop it together."""
    data, port = Path(current_app.config["DATA_DIR"]), os.environ.get("PORT") or "8000"
    data.mkdir(parents=True, exist_ok=True)
    _migrate()
    if current_app.config["DEMO"] and not all_series():
        click.echo("Loading the demo (once):")
        load(lambda text: click.echo(f"  {text}"))
    db.session.remove()
    db.engine.dispose()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    children: dict[str, BaseProcess] = {}
    try:
        children["web"] = _start("web", lambda: _web(app, port))
        _wait_until_ready(children, port)
        for name, queue in (("worker", "consult"), ("mail", "mail")):
            children[name] = _start(name, lambda queue=queue: _worker(queue))  # type: ignore[misc]
        children["beat"] = _start("beat", lambda: _celery("beat", "--schedule", str(data / "beat"), "--pidfile", ""))
        _greet()
        _watch(children)
    except _Stop:
        click.echo("Stopping.")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop_all(children)
    if any(child.exitcode not in {0, -signal.SIGTERM} for child in children.values()):
        raise SystemExit(1)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


def _migrate() -> None:
    directory = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == directory.get_current_head():
        click.echo("The database is up to date.")
        return
    click.echo("Migrating the database…")
    upgrade(directory=directory.dir)
    begin_writing()
    passports.reseal()  # with the key that is in force, and bound to its row, as an earlier release did not
    db.session.commit()


def _start(name: str, what: Callable[[], None]) -> BaseProcess:
    click.echo(f"Starting {name}…")
    child = FORK.Process(target=_child, args=(what, os.getpid()), name=name)
    child.start()
    return child


def _child(what: Callable[[], None], parent: int) -> None:
    """In a process group of its own, so that Ctrl-C reaches the parent only."""
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with(parent)
    what()


def _web(app: Flask, port: str) -> None:
    with listen("127.0.0.1", int(port)) as listener:
        serve_on(app, listener)


def _worker(queue: str) -> None:
    _celery("worker", "--pool", "solo", "--without-gossip", "--queues", queue, "--hostname", f"{queue}@localhost")


def _celery(*command: str) -> None:
    """Celery's own command line, which finds the worker by its name."""
    from celery.bin.celery import main

    warnings.filterwarnings("ignore", "You're running the worker with superuser")  # the demo, on a machine of one's own
    sys.argv = ["celery", "--quiet", "-A", "worker:celery", *command, "--loglevel", "error"]
    main()


def _wait_until_ready(children: Mapping[str, BaseProcess], port: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _check(children)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()  # nosec B310
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    click.echo("The web server does not answer.", err=True)
    raise _Stop


def _greet() -> None:
    click.echo(f"\nConsult is ready at {current_app.config['BASE_URL']}\n")
    if current_app.config["DEMO"]:
        click.echo(f"Sign in with the password “{PASSWORD}” as:")
        for name, (title, _role) in STAFF.items():
            click.echo(f"  {address(name):<28} {title}")
        click.echo(f"\nMails the demo sends: {current_app.config['BASE_URL']}/demo/mail")
    click.echo("Stop with Ctrl-C.")
    sys.stdout.flush()


def _watch(children: Mapping[str, BaseProcess]) -> None:
    while True:
        _check(children)
        time.sleep(0.3)


def _check(children: Mapping[str, BaseProcess]) -> None:
    for name, child in children.items():
        if child.exitcode is not None:
            click.echo(f"The {name} process ended by itself (code {child.exitcode}).", err=True)
            raise _Stop


def _stop_all(children: Mapping[str, BaseProcess]) -> None:
    """Ask each once; after some seconds end what is left, with what it started."""
    for child in children.values():
        if child.exitcode is None:
            child.terminate()
    until = time.monotonic() + GRACE
    for child in children.values():
        child.join(max(0.1, until - time.monotonic()))
        if child.exitcode is None and child.pid:
            os.killpg(child.pid, signal.SIGKILL)
            child.join()
