"""`make test`: install what Debian offers and is missing, start the servers, run everything, say what was not run."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests import services

PACKAGES = {
    "postgresql": services.postgres_folder,
    "redis-server": lambda: shutil.which("redis-server"),
    "chromium": services.chromium,
}


def missing() -> list[str]:
    return [package for package, found in PACKAGES.items() if not found()]


def install(packages: list[str]) -> None:
    """On Debian as root; elsewhere nothing, and what needs them is named at the end."""
    if not packages or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return
    print(f"Installing {', '.join(packages)}…", flush=True)
    # the cluster that the postgresql package makes by itself is not needed, and would be left running
    Path("/etc/postgresql-common").mkdir(exist_ok=True)
    settings = Path("/etc/postgresql-common/createcluster.conf")
    if not settings.exists():
        settings.write_text("create_main_cluster = false\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-2000:], file=sys.stderr)


def main() -> int:
    install(missing())
    absent = missing()
    environment = dict(os.environ)
    not_run = []
    with ExitStack() as stack:
        if "postgresql" in absent:
            not_run.append("all tests on PostgreSQL: the package postgresql is not installed")
        else:
            print("Starting PostgreSQL…", flush=True)
            environment["TEST_POSTGRESQL_URL"] = services.start_postgresql(stack)
        if "redis-server" in absent:
            not_run.append("the worker on Redis: the package redis-server is not installed")
        else:
            print("Starting Redis…", flush=True)
            environment["TEST_REDIS_URL"] = services.start_redis(stack)
        if "chromium" in absent:
            not_run.append("the journeys in a browser: the package chromium is not installed")
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *sys.argv[1:]],
            env=environment,
            check=False,
        )
    if not_run:
        print("\nNot run:\n" + "\n".join(f"  {line}" for line in not_run), file=sys.stderr)
        if os.environ.get("CI") == "true":
            return 1
    return tests.returncode


if __name__ == "__main__":
    raise SystemExit(main())
