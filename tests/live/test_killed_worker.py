"""A worker that is killed in the middle of 500 invitations leaves each invitee with exactly one mail."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from consult import create_app
from consult.campaigns import service
from consult.campaigns.models import Campaign
from consult.extensions import db
from consult.outbox.models import Message, MessageStatus
from tests.conftest import config_for
from tests.factories import NOON, CampaignFactory, InvitationFactory, SecretariatFactory, an_event
from tests.live.conftest import production_in
from tests.live.deployment import wait_for

PEOPLE, KILLED_AT = 500, 237


@pytest.mark.live
@pytest.mark.xdist_group("live")
def test_each_invitee_has_exactly_one_mail(tmp_path: Path):
    with production_in(tmp_path, "killed", 2, OUTBOX_LEASE_SECONDS="3") as deployment:
        deployment.run("flask", "--app", "wsgi", "db", "upgrade")
        app = create_app(config_for(deployment.environment["DATABASE_URL"], tmp_path))
        with app.app_context():
            campaign = CampaignFactory(event=an_event())
            people = InvitationFactory.create_batch(PEOPLE, campaign=campaign)
            service.launch(campaign, by=SecretariatFactory(), at=NOON)
            db.session.info.clear()  # beat wakes the worker here
            db.session.commit()
            expected = {invitation.email for invitation in people}

        def kill(taken: int) -> None:
            """At the server's side, before the mail is taken: the reply never leaves, the worker never hears it."""
            if taken == KILLED_AT:
                deployment.mailbox.before = lambda _taken: None
                deployment.kill("worker")
                raise ConnectionAbortedError

        deployment.mailbox.before = kill
        deployment.start("worker")
        deployment.start("beat")
        wait_for(lambda: "worker" not in deployment.processes, what="the worker to be killed", seconds=60)
        assert len(deployment.mailbox.raw) == KILLED_AT
        deployment.start("worker")
        wait_for(lambda: len(deployment.mailbox.raw) >= PEOPLE, what="all mails", seconds=120)

        with app.app_context():

            def is_done() -> bool:
                db.session.rollback()
                return not db.session.scalars(select(Message.id).where(Message.status != MessageStatus.SENT)).all()

            wait_for(is_done, what="every message to be recorded")
            assert db.session.scalars(select(Campaign.status)).one() == "sent"
            db.session.remove()
            db.engine.dispose()
        received = Counter(mail["To"] for mail in deployment.mailbox.all())
        assert set(received) == expected
        assert set(received.values()) == {1}
