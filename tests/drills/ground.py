"""What drills stand on: PostgreSQL and Redis whose clocks, lives and memories can be taken, and the product on them."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from flask import Flask
from flask_migrate import upgrade

from consult import create_app
from consult.extensions import celery, db, limiter
from consult.outbox import service as outbox
from consult.outbox.service import Post
from tests import services
from tests.conftest import config_for
from tests.live.deployment import ROOT, Deployment, wait_for
from tests.sink import Sink

TEMPLATE = "drill_template"


class Clock:
    """Moves the clock of whatever is started with its environment."""

    def __init__(self, folder: Path, library: Path, name: str) -> None:
        self._file = folder / f"{name}.clock"
        self.move(0)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self._file)}

    def move(self, seconds: int) -> None:
        """To so many seconds ahead of the machine's."""
        if not self._file.exists():
            self._file.write_bytes(b"\0" * 8)
            self._file.chmod(0o644)
        with self._file.open("r+b") as file:  # in place: it is mapped into memory
            file.write(int(seconds).to_bytes(8, sys.byteorder, signed=True))


class Server:
    """A server by its process number, which can be stopped in many ways and started as it was."""

    def __init__(self, pid: int, command: list[str] | None = None, **environment: str) -> None:
        process = Path(f"/proc/{pid}")
        self.pid, self._owner = pid, process.stat().st_uid
        self._command = command or process.joinpath("cmdline").read_bytes().decode().rstrip("\0").split("\0")
        self._environment = {**os.environ, **environment}
        self._again: subprocess.Popen[bytes] | None = None

    def send(self, how: int) -> None:
        os.kill(self.pid, how)

    def end(self, how: int) -> None:
        self.send(how)
        wait_for(lambda: not _lives(self.pid), what="a server to end", seconds=20)

    def start(self) -> None:
        self._again = subprocess.Popen(
            self._command, env=self._environment, user=self._owner, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.pid = self._again.pid

    def stop(self) -> None:
        """What this object has started."""
        if self._again and self._again.poll() is None:
            self._again.kill()
            self._again.wait()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Instance(Deployment):
    """The product with the commands of compose.yaml and the Dockerfile."""

    def command(self, name: str) -> list[str]:
        if name == "web":
            text = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
            assert text
            here = {"0.0.0.0": "127.0.0.1", "8000": str(self.port)}
            words = [here.get(word, word) for word in json.loads(text.group(1))]
        else:
            text = re.search(
                rf"^  {name}:\n(?:    .*\n)*?    command: (.*)$", (ROOT / "compose.yaml").read_text(), re.M
            )
            assert text, name
            words = text.group(1).replace("/var/lib/consult", str(self.folder)).split()
        return [sys.executable, "-m", *words]

    def start(self, name: str, *, called: str = "", **environment: str) -> None:
        """`called` for a second one of a kind."""
        called = called or name
        with (self.folder / f"{called}.log").open("ab") as log:
            self.processes[called] = subprocess.Popen(
                self.command(name), cwd=ROOT, env={**self.environment, **environment}, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def ask_to_stop(self, name: str, *, seconds: float) -> bool:
        """As Docker does: SIGTERM to the first process, some seconds later SIGKILL to all; whether it ended itself."""
        process = self.processes[name]
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill(name)
            return False
        self.kill(name)
        return True


class Site:
    """One instance with a database of its own, looked at from outside."""

    def __init__(self, instance: Instance, database: str, broker: str, sink: Sink) -> None:
        self.instance, self.sink, self.broker = instance, sink, broker
        self._database = database
        self._config = config_for(
            database, instance.folder, BROKER_URL=broker, MAIL_URL=sink.url, BASE_URL=instance.url,
            FILES_URL=instance.environment.get("FILES_URL") or f"file://{instance.folder / 'files'}",
        )  # fmt: skip
        self.app: Flask
        self.use()

    def use(self) -> None:
        """What is woken from here is this site's worker."""
        self.app = create_app(self._config)
        limiter.enabled = False
        forget_broker()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self._database.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._database.replace("+psycopg", ""), autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def number(self, statement: str, *values: Any) -> int:
        return int(self.rows(statement, *values)[0][0])

    def statuses(self) -> Counter[str]:
        """How many messages there are of each status."""
        return Counter(dict(self.rows("SELECT status, count(*) FROM message GROUP BY status")))

    def post(self, addresses: list[str]) -> None:
        """Queue a message to each; nobody is woken."""
        context = {"name": "Ana", "event": "E", "event_path": "/e", "path": "/r", "reason": ""}
        with self.app.app_context():
            outbox.post_all(
                [Post(template="registration/withdrawn", to=to, about="x", context=context) for to in addresses]
            )
            db.session.info.clear()
            db.session.commit()
            db.session.remove()

    def redis_client(self) -> redis.Redis:
        return redis.Redis.from_url(self.broker)

    def wake(self, task: str = "worker.outbox.deliver") -> None:
        celery._left_alone_until = 0.0
        celery.send_task(task, retry=False, ignore_result=True)

    def wait_until_sent(self, number: int, *, seconds: float = 60) -> None:
        """A worker is woken every second, as beat does every thirty."""
        woken = 0.0

        def is_done() -> bool:
            nonlocal woken
            if time.monotonic() - woken > 1:
                woken = time.monotonic()
                self.wake()
            return self.statuses()["sent"] >= number

        wait_for(is_done, what=f"{number} messages to be sent", seconds=seconds)


def forget_broker() -> None:
    """Connections to the broker of the drill before."""
    celery.close()
    celery.amqp._producer_pool = None
    celery._left_alone_until = 0.0


class Ground:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="consult-drills-")))
        self.folder.chmod(0o755)
        library = self.folder / "clock.so"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O2", "-o", library, Path(__file__).parent / "clock.c", "-ldl"], check=True
        )
        self.database_clock = Clock(self.folder, library, "database")
        self.worker_clock = Clock(self.folder, library, "worker")
        kept = dict(os.environ)
        os.environ.update(self.database_clock.environment)
        try:
            self.postgresql_url = services.start_postgresql(stack)
        finally:
            os.environ.clear()
            os.environ.update(kept)
        self._made = 0
        self._sites: dict[str, Site] = {}
        self._prepare_template()

    def _prepare_template(self) -> None:
        self._admin(f"CREATE DATABASE {TEMPLATE}")
        app = create_app(config_for(self._url(TEMPLATE), self.folder))
        with app.app_context():
            upgrade(str(ROOT / "migrations"))
            db.session.remove()
            db.engine.dispose()

    def _url(self, database: str) -> str:
        return self.postgresql_url.rsplit("/", 1)[0] + f"/{database}"

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.postgresql_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def postgresql(self) -> Server:
        """The server as it runs now."""
        with psycopg.connect(self.postgresql_url.replace("+psycopg", "")) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row
        pid = int((Path(row[0]) / "postmaster.pid").read_text().split()[0])
        return Server(pid, **self.database_clock.environment)

    def keep(self, server: Server) -> None:
        """It was started anew, and runs until all drills are done."""
        self._stack.callback(server.stop)

    def wait_for_postgresql(self) -> None:
        def is_up() -> bool:
            try:
                self._admin("SELECT 1")
            except psycopg.OperationalError:
                return False
            return True

        wait_for(is_up, what="PostgreSQL", seconds=30)

    @contextmanager
    def site(self, **environment: str) -> Iterator[Site]:
        """An instance of which nothing runs yet, on fresh PostgreSQL and Redis."""
        self._made += 1
        name = f"drill_{self._made}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        # a throwaway server is told not to keep what it has committed; a crash would show that, not a fault of ours
        self._admin(f"ALTER DATABASE {name} SET synchronous_commit = on")
        folder, sink = self.folder / name, Sink()
        folder.mkdir()
        with ExitStack() as stack:
            broker = services.start_redis(stack)
            urls = {"DATABASE_URL": self._url(name), "BROKER_URL": broker, "MAIL_URL": sink.url}
            instance = Instance(folder, None, **{**urls, **environment})  # type: ignore[arg-type]
            site = Site(instance, self._url(name), broker, sink)
            try:
                yield site
            except BaseException:
                print(instance.logs()[-6000:], file=sys.stderr)
                raise
            finally:
                instance.stop()
                sink.stop()
                with site.app.app_context():
                    db.session.remove()
                    db.engine.dispose()
                forget_broker()

    @contextmanager
    def post_office(self) -> Iterator[Site]:
        """A site that several drills of mail share: empty again each time, and all rules forgotten."""
        yield self._shared("office", ["mail"])

    @contextmanager
    def town(self) -> Iterator[Site]:
        """A site with web and workers that several drills share; no mail is left of the drill before."""
        yield self._shared("town", ["web", "mail", "worker"])

    def _shared(self, name: str, processes: list[str]) -> Site:
        if name not in self._sites:
            self._sites[name] = self._stack.enter_context(self.site())
            for process in processes:
                self._sites[name].instance.start(process)
            if "web" in processes:
                self._sites[name].instance.wait_for_web(180)
        site = self._sites[name]
        site.use()
        site.execute("DELETE FROM message")
        site.execute("DELETE FROM mail_server")
        site.sink.begin_again()
        return site

    def redis_server(self, url: str) -> Server:
        client = redis.Redis.from_url(url)
        try:
            command = ["redis-server", "--port", str(urlsplit(url).port), "--bind", "127.0.0.1", "--save", ""]
            return Server(int(client.info()["process_id"]), command)
        finally:
            client.close()
