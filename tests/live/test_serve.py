"""`make run`: web, worker and beat under one parent."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.deployment import ROOT, wait_for
from tests.services import free_port

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


class Served:
    def __init__(self, folder: Path) -> None:
        self.port, self.log, self.folder = free_port(), folder / "serve.log", folder
        kept = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "BASE_URL"}}
        environment = {**kept, "CONSULT_DEMO": "1", "CONSULT_DATA_DIR": str(folder), "PORT": str(self.port)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "flask", "--app", "wsgi", "serve"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(
            lambda: "Stop with Ctrl-C." in self.log.read_text() or self.process.poll() is not None, what="the start"
        )
        assert "Consult is ready at" in self.log.read_text(), self.log.read_text()

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def children(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    if served.process.poll() is None:
        served.process.send_signal(signal.SIGINT)
        served.process.wait(20)


def test_the_demo_is_loaded_once_and_its_mails_can_be_read(served):
    assert "Second annual meeting" in served.page("/")
    assert "administrator@demo.example" in served.log.read_text()
    assert "Mails of this demo" in served.page("/demo/mail")
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 0
    again = Served(served.folder)
    assert "The database is up to date." in again.log.read_text()
    assert "Loading the demo" not in again.log.read_text()
    again.process.send_signal(signal.SIGINT)
    again.process.wait(20)


def test_ctrl_c_stops_all(served):
    children = served.children()
    assert len(children) == 4
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_when_one_dies_all_stop_and_it_is_said_which(served):
    children = served.children()
    os.killpg(children[1], signal.SIGKILL)
    assert served.process.wait(20) == 1
    assert re.search(r"The \w+ process ended by itself \(code -9\)\.", served.log.read_text())
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_no_child_outlives_a_parent_that_is_killed(served):
    children = served.children()
    served.process.kill()
    served.process.wait(20)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), what="the children to end")
    again = Served(served.folder)  # and the next start is not in their way
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(20) == 0


def test_a_missing_setting_stops_the_start_with_one_sentence(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    for command in (["flask", "--app", "wsgi", "serve"], ["celery", "-A", "worker:celery", "worker"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment | {"CONSULT_DATA_DIR": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        said = [line for line in (done.stderr + done.stdout).splitlines() if "SECRET_KEY" in line]
        assert said == ["Consult cannot start. SECRET_KEY is not set: give it at least 32 random characters."]
        assert "Traceback" not in done.stderr
