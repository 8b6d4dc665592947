"""Never oversold: many processes, and many in each, want the same places at the same time."""

import subprocess
import sys

import pytest
from sqlalchemy import select

from consult import create_app
from consult.extensions import db, limiter
from consult.registration.models import Registration, RegistrationStatus
from tests.conftest import config_for, database_url
from tests.factories import an_event

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]
CONTENDERS, PLACES, PROCESSES = 2_000, 300, 4


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_two_thousand_want_three_hundred_places(kind, tmp_path):
    url = database_url(kind, tmp_path, "capacity")
    app = create_app(config_for(url, tmp_path))
    limiter.enabled = False
    with app.app_context():
        db.create_all()
        slug = an_event(capacity=PLACES).slug
        db.session.remove()
    each = CONTENDERS // PROCESSES
    command = [sys.executable, "-m", "tests.live.contend", url, str(tmp_path), slug]
    started = [subprocess.Popen([*command, str(n * each), str(each)]) for n in range(PROCESSES)]
    assert [process.wait(240) for process in started] == [0] * PROCESSES
    with app.app_context():
        rows = db.session.execute(
            select(Registration.status, Registration.registered_at).order_by(Registration.id)
        ).all()
        statuses = [status for status, _at in rows]
        db.session.remove()
        db.engine.dispose()
    assert len(rows) == CONTENDERS
    assert statuses[:PLACES] == [RegistrationStatus.CONFIRMED] * PLACES, "who came first has a place"
    assert set(statuses[PLACES:]) == {RegistrationStatus.WAITLISTED}, "and the others wait in the order of arrival"
