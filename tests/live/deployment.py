"""The product as it is deployed: web, worker and beat as processes of their own, with a mailbox one can read."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.controller import Controller

from tests.conftest import PASSPORT_KEY, SECRET
from tests.services import free_port

ROOT = Path(__file__).parent.parent.parent
Found = TypeVar("Found")
ADMINISTRATOR, PASSWORD = "admin@example.org", "a long sentence"


def wait_for(look: Callable[[], Found], *, what: str, seconds: float = 90) -> Found:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Mailbox(ABC):
    """All mails that have left, from an SMTP sink or a folder."""

    @abstractmethod
    def all(self) -> list[EmailMessage]: ...

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.all() if mail["To"] == address]

    def wait(self, address: str, subject: str) -> EmailMessage:
        """The latest mail to this address with these words in its subject."""

        def look() -> EmailMessage | None:
            return next((mail for mail in reversed(self.to(address)) if subject in mail["Subject"]), None)

        return wait_for(look, what=f"a mail “{subject}” to {address}")


def link_in(mail: EmailMessage, path: str) -> str:
    """The address in the mail that holds `path`."""
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"http\S*{path}\S*", text).group()


class SmtpMailbox(Mailbox):
    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.before: Callable[[int], None] = lambda _number: None
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()

    async def handle_DATA(self, _server, _session, envelope):
        self.before(len(self.raw))
        self.raw.append(envelope.content)
        return "250 taken"

    def all(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in list(self.raw)]


class FolderMailbox(Mailbox):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[EmailMessage]:
        return [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(self.folder.glob("*.eml"))]


class Deployment:
    def __init__(self, folder: Path, mailbox: Mailbox, **environment: str) -> None:
        self.port, self.mailbox, self.folder = free_port(), mailbox, folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CONSULT_")},
            "SECRET_KEY": SECRET,
            "PASSPORT_KEY": PASSPORT_KEY,
            "CONSULT_DATA_DIR": str(folder),
            "BASE_URL": self.url,
            "PORT": str(self.port),
            **environment,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.phones: dict[str, Any] = {}  # by address, what shows the codes of an account

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", "worker:celery"]
        commands = {
            "web": [
                sys.executable,
                "-m",
                "flask",
                "--app",
                "wsgi",
                "web",
                "--port",
                str(self.port),
                "--workers",
                "1",
            ],
            "worker": [*celery, "worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "warning"],
            "beat": [
                *celery,
                "beat",
                "--schedule",
                str(self.folder / "beat"),
                "--pidfile",
                "",
                "--loglevel",
                "warning",
            ],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                commands[name], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str, how: int = signal.SIGKILL) -> None:
        """The whole of it: a worker's children too."""
        process = self.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, how)
        process.wait(20)

    def wait_for_web(self, seconds: float = 90) -> None:
        def is_up() -> bool:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2).close()
            except (urllib.error.URLError, OSError):
                return False
            return True

        wait_for(is_up, what="the web server", seconds=seconds)

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)


@contextmanager
def embedded(folder: Path) -> Iterator[Deployment]:
    """SQLite, the filesystem broker, mails as files: what `make run` starts."""
    deployment = Deployment(folder, FolderMailbox(folder / "outbox"))
    try:
        yield deployment
    finally:
        deployment.stop()


@contextmanager
def production(folder: Path, database: str, broker: str, **environment: str) -> Iterator[Deployment]:
    """PostgreSQL, Redis, SMTP."""
    mailbox = SmtpMailbox()
    urls = {
        "DATABASE_URL": database,
        "BROKER_URL": broker,
        "MAIL_URL": f"smtp://127.0.0.1:{mailbox.controller.port}",
    }
    deployment = Deployment(folder, mailbox, **urls, **environment)
    try:
        yield deployment
    finally:
        deployment.stop()
        mailbox.controller.stop()
