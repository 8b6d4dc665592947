"""What starts the product for tests that need it whole."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import IN_CI, POSTGRESQL, new_database
from tests.live.deployment import ADMINISTRATOR, PASSWORD, Deployment, embedded, production

REDIS = os.environ.get("TEST_REDIS_URL")


def need(what: object, name: str) -> None:
    if not what:
        (pytest.fail if IN_CI else pytest.skip)(f"no {name}: `make test` starts or installs it")


def production_in(folder: Path, name: str, redis: int, **environment: str):
    need(POSTGRESQL, "PostgreSQL")
    need(REDIS, "Redis")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    return production(folder, new_database(f"{name}_{worker}"), f"{REDIS.rsplit('/', 1)[0]}/{redis}", **environment)


@pytest.fixture(params=["production", "embedded"])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """Web, worker and beat, with one administrator and nothing else."""
    running = production_in(tmp_path, "journey", 1) if request.param == "production" else embedded(tmp_path)
    with running as deployment:
        deployment.kind = request.param
        deployment.run("flask", "--app", "wsgi", "db", "upgrade")
        deployment.run(
            "flask", "--app", "wsgi", "create-administrator", ADMINISTRATOR, "Ada Okonkwo", "--password", PASSWORD
        )
        for name in ("web", "worker", "beat"):
            deployment.start(name)
        deployment.wait_for_web()
        yield deployment
        if request.node.stash.get(FAILED, False):
            print(deployment.logs())


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    outcome = yield
    if outcome.get_result().failed:
        item.stash[FAILED] = True
