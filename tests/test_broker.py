"""The embedded broker: what is sent while somebody reads arrives whole, and once."""

import multiprocessing
from queue import Empty

import kombu
import pytest

from consult.extensions import celery

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
