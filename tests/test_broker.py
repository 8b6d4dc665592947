"""The embedded broker: what is sent while somebody reads arrives whole, and once."""

import multiprocessing
import socket
import time
from contextlib import contextmanager
from queue import Empty

import kombu
import pytest

from consult import create_app
from consult.extensions import celery, db, limiter
from tests.conftest import config_for
from tests.services import free_port

SENDERS, EACH = 3, 30
LONG = "x" * 1_000_000  # takes long enough to write that a reader would see the half of it
QUEUE = kombu.Queue("consult", kombu.Exchange("consult"), routing_key="consult")
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def options(tmp_path):
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    queue, control = str(tmp_path / "queue"), str(tmp_path / "control")
    return {"data_folder_in": queue, "data_folder_out": queue, "control_folder": control}


def connect(options):
    assert celery  # importing it names our transport
    return kombu.Connection("filesystem://localhost", transport_options=options)


def send(sender, options):
    with connect(options) as connection:
        producer = connection.Producer()
        for number in range(EACH):
            producer.publish([sender, number, LONG], exchange=QUEUE.exchange, routing_key="consult", declare=[QUEUE])


def test_a_reader_never_sees_half_a_message(options):
    senders = [SPAWN.Process(target=send, args=(number, options)) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    got = []
    with connect(options) as connection:
        simple = connection.SimpleQueue(QUEUE)
        while True:
            are_done = all(sender.exitcode is not None for sender in senders)
            try:
                message = simple.get_nowait()
            except Empty:
                if are_done:
                    break
                continue
            got.append(message.payload[:2])
            message.ack()
        simple.close()
    assert [sender.exitcode for sender in senders] == [0] * SENDERS
    assert sorted(got) == [[sender, number] for sender in range(SENDERS) for number in range(EACH)]


@contextmanager
def a_hung_server():
    """Takes connections, and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]


@contextmanager
def no_server():
    yield free_port()


@pytest.fixture(params=[a_hung_server, no_server])
def deaf(request, tmp_path):
    """An application whose Redis is hung, or is not there."""
    kept = dict(celery.conf)
    with request.param() as port:
        url = f"redis://127.0.0.1:{port}/0"
        app = create_app(config_for(f"sqlite:///{tmp_path}/x.db", tmp_path, BROKER_URL=url, RATELIMIT_ENABLED=True))
        with app.app_context():
            db.create_all()
        limiter.enabled = True
        try:
            yield app
        finally:
            limiter.enabled = False
            with app.app_context():
                db.engine.dispose()
            forget_connections()
            celery.conf.update({name: kept[name] for name in ("broker_url", "broker_transport_options")})


def forget_connections():
    """The application of the next test has another broker."""
    celery.close()
    celery._left_alone_until = 0.0


def seconds(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


def test_a_broker_that_is_away_costs_one_request_a_second_and_the_next_nothing(deaf):
    def wake():
        celery.send_task("worker.outbox.deliver", retry=False, ignore_result=True)

    forget_connections()
    assert seconds(wake) < 3
    assert seconds(lambda: [wake() for _ in range(50)]) < 0.5


def test_without_the_store_of_counts_people_sign_in_and_open_their_links_and_are_still_counted(deaf):
    client = deaf.test_client()
    sign_in = {"email": "ana@example.org", "password": "not the one"}
    assert client.post("/sign-in", data=sign_in, buffered=True).status_code in {200, 422}
    answers = []
    took = seconds(lambda: answers.extend(client.get("/registrations/no-such-key").status_code for _ in range(10)))
    assert 500 not in answers
    assert took < 20
