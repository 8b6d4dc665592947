"""Mail servers that refuse, hang up, dawdle or are away, and workers that die while they send."""

import threading
import time
from collections import Counter

from consult.extensions import db
from consult.registration.models import BadgeLayout
from consult.registration.service import badges
from tests.drills import Drill, Seen
from tests.drills.ground import Ground, Site
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, an_event
from tests.live.deployment import wait_for
from tests.sink import Connection, HangUp


def people(number: int) -> list[str]:
    return [f"p{each}@example.org" for each in range(number)]


def spread(number: int, culprits: list[str]) -> list[str]:
    """Culprits among others."""
    addresses = people(number)
    for place, culprit in enumerate(culprits, 1):
        addresses.insert(place * 7, culprit)
    return addresses


def others(site: Site) -> tuple[int, int]:
    """How many of the plain addresses were written to, and the most mails one of them has."""
    received = Counter({to: many for to, many in site.sink.received().items() if to.startswith("p")})
    return len(received), max(received.values(), default=0)


def killed_worker(ground: Ground) -> Seen:
    number, kills = 600, [90, 250, 430]
    with ground.site(OUTBOX_LEASE_SECONDS="4") as site:
        site.post(people(number))
        site.instance.start("mail")
        for taken in kills:
            wait_for(lambda taken=taken: len(site.sink.taken) >= taken, what=f"{taken} mails", seconds=60)
            site.instance.kill("mail")
            site.instance.start("mail")
        site.wait_until_sent(number, seconds=120)
        received = site.sink.received()
        twice = [to for to, many in received.items() if many > 1]
        same = all(len({mail["Message-ID"] for mail in site.sink.all() if mail["To"] == to}) == 1 for to in twice)
        lost = number - len(received)
    holds = not lost and len(twice) <= len(kills) and max(received.values()) <= 2 and same
    return Seen(holds, f"lost {lost}, twice {len(twice)} in {len(kills)} kills, with the same Message-ID")


def refused(ground: Ground) -> Seen:
    culprits = [f"{kind}{each}@example.org" for kind in ("no", "later") for each in range(3)]

    def answer(_connection: Connection, address: str) -> str | None:
        if address.startswith("no"):
            return "550 no such mailbox"
        return "451 not now" if address.startswith("later") else None

    with ground.post_office() as site:
        site.sink.on_recipient = answer
        site.post(spread(60, culprits))
        site.wake()
        site.wait_until_sent(60)
        wait_for(lambda: site.statuses()["claimed"] == 0, what="all results")
        number, most = others(site)
        statuses = site.statuses()
    holds = (number, most, statuses["dead"], statuses["queued"]) == (60, 1, 3, 3)
    return Seen(holds, f"{number} of 60 others once; {statuses['dead']} given up, {statuses['queued']} put off")


def hang_up(ground: Ground) -> Seen:
    def answer(_connection: Connection, address: str) -> str | None:
        if address.startswith("culprit"):
            raise HangUp
        return None

    with ground.post_office() as site:
        site.sink.on_recipient = answer
        site.post(spread(60, ["culprit1@example.org", "culprit2@example.org"]))
        site.wake()
        site.wait_until_sent(60, seconds=30)
        alone = "SELECT count(*) FROM message WHERE status = 'queued' AND is_apart AND attempts > 0"
        wait_for(lambda: site.number(alone) == 2, what="both culprits to be tried alone", seconds=30)
        number, most = others(site)
        charged = site.number(alone)
    return Seen((number, most, charged) == (60, 1, 2), f"{number} of 60 others once; {charged} of 2 set apart")


def beyond_ascii(ground: Ground) -> Seen:
    with ground.post_office() as site:
        site.sink.extensions = ["8BITMIME"]
        site.post(spread(60, ["josé@example.org", "ana@bücher.example"]))
        site.wake()
        site.wait_until_sent(61, seconds=30)
        wait_for(lambda: site.statuses()["claimed"] == 0, what="all results")
        number, most = others(site)
        error = site.rows("SELECT error FROM message WHERE status = 'dead'")
        idna = site.sink.received()["ana@xn--bcher-kva.example"]
    holds = (number, most, idna, len(error)) == (60, 1, 1, 1)
    return Seen(holds, f"{number} of 60 others once; the domain in IDNA; one given up: {error}")


def sender_refused(ground: Ground) -> Seen:
    with ground.post_office() as site:
        site.sink.on_mail = lambda _connection, _address: "552 5.2.2 quota exceeded"
        site.post(people(60))
        site.wake()
        wait_for(lambda: site.rows("SELECT 1 FROM mail_server WHERE failures > 0"), what="the pause")
        wait_for(lambda: site.statuses()["claimed"] == 0, what="the release")
        before = site.statuses()
        charged = site.number("SELECT count(*) FROM message WHERE attempts > 0")
        site.sink.on_mail = lambda _connection, _address: None
        site.wait_until_sent(60)
    return Seen(before["queued"] == 60 and not charged, f"{before['dead']} dead, {charged} charged; then all sent")


def away_for_hours(ground: Ground) -> Seen:
    with ground.site() as site:
        site.sink.on_connect = lambda _connection, _text: "421 away"
        site.post(people(20))
        try:
            site.instance.start("mail", **ground.worker_clock.environment)
            wait_for(lambda: site.sink.connections, what="the first try")
            tries = []
            for hour in range(1, 13):
                for clock in (ground.database_clock, ground.worker_clock):
                    clock.move(hour * 3600)
                tries.append(site.sink.connections)
                site.wake()
                wait_for(lambda tries=tries: site.sink.connections > tries[-1], what="another try", seconds=30)
            wait_for(lambda: site.statuses()["queued"] == 20, what="the release")
            dead = site.statuses()["dead"]
            site.sink.on_connect = lambda _connection, _text: None
            for clock in (ground.database_clock, ground.worker_clock):
                clock.move(13 * 3600)
            site.wake()
            site.wait_until_sent(20)
        finally:
            ground.database_clock.move(0)
            ground.worker_clock.move(0)
        number, most = others(site)
    return Seen((dead, number, most) == (0, 20, 1), f"{dead} dead after 12 hours; then {number} of 20 once")


def slow(ground: Ground) -> Seen:
    def dawdle(_connection: Connection, _address: str) -> str | None:
        time.sleep(2)
        return None

    with ground.site() as site:
        site.sink.on_content = dawdle
        site.post(people(100))
        for name in ("mail", "worker"):
            site.instance.start(name)
        wait_for(lambda: len(site.sink.taken) > 2, what="slow mail")
        with site.app.app_context():
            event = an_event()
            RegistrationFactory(category=event.categories[0])
            badges.request(event, category=None, layout=BadgeLayout.SINGLE, by=SecretariatFactory(), at=NOON)
            db.session.commit()
            db.session.remove()
        began = time.monotonic()
        wait_for(
            lambda: site.number("SELECT count(*) FROM badge_run WHERE status = 'ready'"), what="a badge", seconds=60
        )
        took, left = time.monotonic() - began, 100 - len(site.sink.taken)
    return Seen(took < 20 and left > 0, f"a badge after {took:.0f} s, with {left} slow mails to go")


def twenty_a_connection(ground: Ground) -> Seen:
    with ground.post_office() as site:
        site.sink.on_mail = lambda connection, _address: "421 enough" if connection.taken >= 20 else None
        site.post(people(400))
        site.wake()
        began = time.monotonic()
        site.wait_until_sent(400, seconds=60)
        took = time.monotonic() - began
        number, most = others(site)
    return Seen((number, most) == (400, 1), f"{number} of 400 once, in {took:.0f} s")


def broken_tls(ground: Ground) -> Seen:
    with ground.site() as site:
        environment = {"MAIL_URL": f"{site.sink.url}?tls=starttls"}
        site.sink.extensions = ["STARTTLS"]
        site.post(people(10))
        site.instance.start("mail", **environment)
        wait_for(lambda: site.rows("SELECT 1 FROM mail_server WHERE failures > 0"), what="the pause")
        wait_for(lambda: site.statuses()["queued"] == 10, what="the release")
        clear = len(site.sink.taken)
    return Seen(clear == 0, f"{clear} in clear; 10 of 10 wait")


def clock_ahead(ground: Ground) -> Seen:
    def dawdle(_connection: Connection, _address: str) -> str | None:
        time.sleep(0.02)
        return None

    with ground.site() as site:
        site.sink.on_content = dawdle
        site.post(people(300))
        ground.worker_clock.move(600)
        try:
            site.instance.start("mail")
            site.instance.start("mail", called="mail-ahead", **ground.worker_clock.environment)
            stop = threading.Event()
            waker = threading.Thread(target=lambda: [site.wake() for _ in iter(lambda: stop.wait(1), True)])
            waker.start()
            site.wait_until_sent(300, seconds=60)
            stop.set()
            waker.join()
        finally:
            ground.worker_clock.move(0)
        number, most = others(site)
    return Seen((number, most) == (300, 1), f"{number} of 300, the most to one address: {most}")


DRILLS = [
    Drill("SIGKILL of the worker, three times in 600 mails", "each once; twice at most one a kill", killed_worker),
    Drill("recipients refused 4xx and 5xx", "the others go", refused),
    Drill("server hangs up at one recipient", "the others go at once; it is tried alone", hang_up),
    Drill("addresses beyond ASCII", "the others go; the reason is kept", beyond_ascii),
    Drill("5xx at MAIL FROM", "back-off, nobody charged", sender_refused),
    Drill("mail server away for 12 hours", "nothing given up", away_for_hours),
    Drill("slow mail", "badges do not wait", slow),
    Drill("20 mails a connection, then 421", "another connection at once", twenty_a_connection),
    Drill("STARTTLS broken", "never in clear", broken_tls),
    Drill("one worker's clock 10 minutes ahead", "each once", clock_ahead),
]
