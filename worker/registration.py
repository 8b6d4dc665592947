"""Tasks of registration."""

from consult.database import begin_writing, now
from consult.extensions import celery, db
from consult.registration import documents, queries
from consult.registration.models import BadgeRun
from consult.registration.service import badges, follow_ups, passports, places

BATCH = 500


@celery.task(name="worker.registration.expire_offers")  # type: ignore[untyped-decorator]
def expire_offers() -> None:
    """Offer to the next what nobody took in time."""
    begin_writing()
    places.expire_offers(at=now())
    db.session.commit()


@celery.task(name="worker.registration.send_follow_ups")  # type: ignore[untyped-decorator]
def send_follow_ups() -> None:
    """Write to everybody who is to get a form. One commit a batch: a killed worker repeats none."""
    while _next_batch():
        pass


def _next_batch() -> bool:
    begin_writing()
    more = [follow_ups.send_next(follow_up, limit=BATCH) for follow_up in queries.follow_ups_to_send()]
    db.session.commit()
    return any(more)


@celery.task(name="worker.registration.make_badges")  # type: ignore[untyped-decorator]
def make_badges() -> None:
    """Draw what was asked for, one PDF after the other."""
    while _next_run():
        pass


def _next_run() -> bool:
    begin_writing()
    run = badges.claim(at=now())
    db.session.commit()
    if run is None:
        return False
    people = queries.people_with_badges(run.event, run.category)
    content = documents.badges(people, run.layout, lambda number: _note(run, number)) if people else None
    begin_writing()
    if content is None:
        badges.give_up(run)
    else:
        badges.finish(run, content)
    db.session.commit()
    return True


def _note(run: BadgeRun, number: int) -> None:
    begin_writing()
    badges.note_progress(run, number)
    db.session.commit()


@celery.task(name="worker.registration.erase")  # type: ignore[untyped-decorator]
def erase() -> None:
    """Erase passport data whose date has come, and badges made more than a week ago."""
    begin_writing()
    passports.erase_due(today=now().date())
    badges.erase_old(at=now())
    db.session.commit()
