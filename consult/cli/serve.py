"""Everything on one machine: web, worker and beat under one parent, which stops all when one dies."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from consult.demo.load import PASSWORD, STAFF, address, load
from consult.events.queries import all_series
from consult.extensions import db

PYTHON = sys.executable
PATIENCE = 20


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
    children = _start(data, port)
    try:
        _wait_until_ready(children, port)
        _greet()
        _watch(children)
    except _Stop:
        click.echo("Stopping.")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop_all(children)
    if any(child.returncode not in {0, -signal.SIGTERM} for child in children.values()):
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


def _start(data: Path, port: str) -> dict[str, subprocess.Popen[bytes]]:
    celery = [PYTHON, "-W", "ignore:You.re running the worker", "-m", "celery", "--quiet", "-A", "worker:celery"]
    commands = {
        "web": [
            PYTHON, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8", "--preload",
            "--log-level", "warning", "wsgi:app",
        ],
        "worker": [*celery, "worker", "--pool", "solo", "--loglevel", "error", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--schedule", str(data / "beat"), "--pidfile", "", "--loglevel", "error"],
    }  # fmt: skip
    children = {}
    for name, command in commands.items():
        click.echo(f"Starting {name}…")
        children[name] = subprocess.Popen(command, start_new_session=True)  # noqa: S603  our own commands
    return children


def _wait_until_ready(children: dict[str, subprocess.Popen[bytes]], port: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _check(children)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
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
    click.echo("Stop with Ctrl-C.", nl=True)
    sys.stdout.flush()


def _watch(children: dict[str, subprocess.Popen[bytes]]) -> None:
    while True:
        _check(children)
        time.sleep(0.3)


def _check(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            click.echo(f"The {name} process ended by itself (code {child.returncode}).", err=True)
            raise _Stop


def _stop_all(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask each once; after some seconds end what is left. Each has a process group of its own."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + 8
    for child in children.values():
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
