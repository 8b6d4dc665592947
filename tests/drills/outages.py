"""Redis, PostgreSQL and the disk fail under people who go on working."""

import signal
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from consult.extensions import db
from consult.registration.models import BadgeLayout
from consult.registration.service import badges
from tests.drills import Drill, Seen
from tests.drills.browser import Answer, Browser
from tests.drills.ground import Ground
from tests.drills.mail import others, people
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, UserFactory, an_event
from tests.live.deployment import wait_for

PASSWORD = "a long sentence"
NEW = "/my/organisations/new"
SLOWEST = 4.0  # seconds that a person may wait while something is away, on a busy machine


def organisation(name: str) -> dict[str, str]:
    return {"name": name, "category": "faith-based", "country": "BR", "website": "", "is_new": "y"}


def redis_emptied(ground: Ground) -> Seen:
    with ground.site() as site:
        site.sink.on_content = lambda _connection, _address: time.sleep(0.02)
        site.post(people(150))
        for name in ("mail", "worker"):
            site.instance.start(name)
        wait_for(lambda: len(site.sink.taken) > 40, what="some mails")
        site.redis_client().flushall()
        site.wake()
        site.wait_until_sent(150)
        with site.app.app_context():
            event = an_event()
            RegistrationFactory(category=event.categories[0])
            badges.request(event, category=None, layout=BadgeLayout.SINGLE, by=SecretariatFactory(), at=NOON)
            db.session.commit()
            db.session.remove()
        is_made = "SELECT count(*) FROM badge_run WHERE status = 'ready'"
        wait_for(lambda: site.number(is_made), what="badges asked for afterwards", seconds=30)
        number, most = others(site)
    return Seen((number, most) == (150, 1), f"{number} of 150 once; badges asked for afterwards are made")


def _people_go_on(ground: Ground, how: int) -> Seen:
    with ground.town() as site:
        with site.app.app_context():
            users = [UserFactory() for _ in range(6)]
            key = RegistrationFactory(category=an_event().categories[0]).access_key
            browsers = [Browser(site, user) for user in users]
            db.session.info.clear()
            db.session.commit()
            db.session.remove()
        stranger = Browser(site)
        server = ground.redis_server(site.broker)
        if how == signal.SIGSTOP:
            server.send(how)
        else:
            server.end(how)
        try:
            answers = _use(browsers, stranger, key)
            health = stranger.get("/health")
        finally:
            if how == signal.SIGSTOP:
                server.send(signal.SIGCONT)
            else:
                server.start()
        total = site.number("SELECT count(*) FROM message")
        site.wait_until_sent(total, seconds=90)
        lost = total - len(site.sink.taken)
        ground.keep(server)
    errors = [answer.status for answer in answers if answer.status not in {200, 302}]
    slowest = max(answer.seconds for answer in answers)
    holds = not errors and health.status == 200 and slowest < SLOWEST and health.seconds < SLOWEST and not lost
    return Seen(
        holds,
        f"{len(answers)} requests, errors {errors}, slowest {slowest:.1f} s; /health {health.status}; lost {lost}",
    )


def _use(browsers: list[Browser], stranger: Browser, key: str) -> list[Answer]:
    """Everybody at once: sign-in, personal links, writes."""
    acts = [
        lambda: stranger.post("/sign-in", {"email": "nobody@example.org", "password": PASSWORD}),
        lambda: stranger.get(f"/registrations/{key}"),
        lambda: stranger.post("/reset-password", {"email": "nobody@example.org"}),
        lambda: stranger.get("/"),
    ]
    for number, browser in enumerate(browsers):
        acts.append(lambda number=number, browser=browser: browser.post(NEW, organisation(f"Casa {number}")))
        acts.append(lambda browser=browser: browser.get("/my"))
    with ThreadPoolExecutor(8) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def _database_restarts(ground: Ground, how: signal.Signals) -> Seen:
    """Eight people write while the server restarts twice; what they were told is compared with what is there."""
    answers: dict[str, Answer] = {}
    reads: list[Answer] = []
    with ground.town() as site:
        site.sink.on_content = lambda _connection, _address: time.sleep(0.02)
        with site.app.app_context():
            browsers = [Browser(site, UserFactory()) for _ in range(8)]
            db.session.info.clear()
            db.session.commit()
            db.session.remove()
            site.post(people(300))
        site.wake()
        is_over = threading.Event()

        def write(browser: Browser, writer: int) -> None:
            number = 0
            while not is_over.is_set():
                name = f"{how.name} {writer} {number}"
                answers[name] = browser.post(NEW, organisation(name))
                reads.append(browser.get("/my"))
                number += 1

        with ThreadPoolExecutor(8) as pool:
            writers = [pool.submit(write, browser, number) for number, browser in enumerate(browsers)]
            for _ in range(2):
                seen = len(answers)
                wait_for(lambda seen=seen: len(answers) > seen + 25, what="some writes", seconds=60)
                server = ground.postgresql()
                server.end(how)
                server.start()
                ground.wait_for_postgresql()
            seen = len(answers)
            wait_for(lambda seen=seen: len(answers) > seen + 25, what="writes afterwards", seconds=60)
            is_over.set()
            for writer in writers:
                writer.result()
        site.wait_until_sent(300, seconds=120)
        rows = Counter(
            name for (name,) in site.rows("SELECT name FROM organisation WHERE name LIKE %s", f"{how.name} %")
        )
        number, _most = others(site)
        twice = sum(many > 1 for many in site.sink.received().values())
        ground.keep(server)
    return _compared(answers, reads, rows, lost=300 - number, twice=twice)


def _compared(answers: dict[str, Answer], reads: list[Answer], rows: Counter[str], *, lost: int, twice: int) -> Seen:
    done = {name for name, answer in answers.items() if answer.status == 302}
    told_not = {name for name, answer in answers.items() if "was not saved" in answer.text}
    unsure = {name for name, answer in answers.items() if "cannot say whether" in answer.text}
    every = [*answers.values(), *reads]
    bare = [answer.status for answer in every if answer.is_bare or answer.status in {500, 0}]
    wrong = len(done - set(rows)) + len(told_not & set(rows)) + len(set(rows) - done - unsure)
    failed = sum(answer.status >= 500 for answer in every)
    others_failed = [answer.status for answer in every if answer.status not in {200, 302, 503}]
    holds = not bare and not others_failed and not wrong and not lost and twice <= 2 and set(rows.values()) == {1}
    text = f"{len(every)} requests, {failed} got a page that says so ({len(unsure)} unsure), bare {bare}; "
    return Seen(holds, text + f"told otherwise than it is: {wrong}; mails lost {lost}, twice {twice}")


def disk_full(ground: Ground) -> Seen:
    folder = ground.folder / "small-disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return Seen(False, "a small file system cannot be mounted: run it as root")
    try:
        with ground.site(FILES_URL=f"file://{folder}/files") as site:
            site.instance.start("web")
            site.instance.wait_for_web(180)
            with site.app.app_context():
                browser = Browser(site, UserFactory())
                db.session.commit()
                db.session.remove()
            path = browser.post(NEW, organisation("Casa")).location + "/documents"
            large = _upload(browser, path, 3_000_000)
            rows = site.number("SELECT count(*) FROM stored_file")
            small = _upload(browser, path, 30_000)
            after = site.number("SELECT count(*) FROM stored_file")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
    # the form is shown again, with what was typed and why
    is_said = large.status == 422 and "cannot keep files now, so nothing was saved" in large.text
    return Seen(
        is_said and rows == 0 and small.status == 302 and after == 1,
        f"{large.status} that says so: {is_said}, {rows} rows; then a small file: {small.status}",
    )


def _upload(browser: Browser, path: str, size: int) -> Answer:
    content = b"%PDF-1.7\n" + b"x" * size
    data = {"document-kind": "constitution", "document-year": "", "document-expires_on": ""}
    return browser.upload(path, data, field="document-document", name="statutes.pdf", content=content)


DRILLS = [
    Drill("Redis emptied", "nothing lost", redis_emptied),
    Drill("Redis down", "people go on", lambda ground: _people_go_on(ground, signal.SIGKILL)),
    Drill("Redis hung", "people go on", lambda ground: _people_go_on(ground, signal.SIGSTOP)),
    Drill(
        "PostgreSQL restarted fast under load", "no bare error; told what is so",
        lambda ground: _database_restarts(ground, signal.SIGINT),
    ),
    Drill(
        "PostgreSQL restarted immediately under load", "no bare error; told what is so",
        lambda ground: _database_restarts(ground, signal.SIGQUIT),
    ),
    Drill("disk full", "said, nothing half saved", disk_full),
]  # fmt: skip
