"""A throwaway PostgreSQL and Redis on free ports in a temporary folder, for the length of one test run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def postgres_folder() -> Path | None:
    """Where Debian keeps the server's programs; the newest version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _as_unprivileged() -> tuple[list[str], int | None]:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`."""
    if os.geteuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"], user.pw_uid
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def _until(is_up: Callable[[], bool], *, what: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if is_up():
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what} did not start")


def start_postgresql(stack: ExitStack) -> str:
    """Start it; the address of its `postgres` database."""
    folder, port = postgres_folder(), free_port()
    assert folder
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="consult-pg-", ignore_cleanup_errors=True)))
    runs_as, uid = _as_unprivileged()
    if uid is not None:
        os.chown(home, uid, -1)
    cluster = home / "data"
    subprocess.run(
        [
            *runs_as,
            str(folder / "initdb"),
            "-D",
            str(cluster),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ],
        check=True,
        capture_output=True,
    )
    options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        [
            *runs_as,
            str(folder / "postgres"),
            "-D",
            str(cluster),
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-k",
            str(home),
            *settings,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(_stop, server, 2)  # SIGINT: fast shutdown
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    import psycopg

    def is_up() -> bool:
        try:
            psycopg.connect(url.replace("+psycopg", ""), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    _until(is_up, what="PostgreSQL")
    return url


def start_redis(stack: ExitStack) -> str:
    port = free_port()
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="consult-redis-", ignore_cleanup_errors=True))
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", home, "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(_stop, server, 15)

    def is_up() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _until(is_up, what="Redis")
    return f"redis://127.0.0.1:{port}/0"


def _stop(server: "subprocess.Popen[bytes]", signal: int) -> None:
    server.send_signal(signal)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
