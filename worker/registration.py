"""Tasks of registration."""

from consult.database import begin_writing, database_now
from consult.errors import TransitionNotAllowed
from consult.extensions import celery, db
from consult.registration import documents, queries
from consult.registration.models import BadgeRun
from consult.registration.service import badges, follow_ups, passports, people, places
from worker import sweeps
from worker.leases import LEASE, Stopped, kept
from worker.shutdown import is_stopping

BATCH = 500


@celery.task(name="worker.registration.expire_offers")  # type: ignore[untyped-decorator]
def expire_offers() -> None:
    """Offer to the next what nobody took in time, and give up registrations that nobody agreed to."""
    at = database_now()
    due = sweeps.keys(lambda: queries.events_with_ended_offers(at))
    sweeps.each("offers", due, lambda number: places.expire_offers_of(number, at=at))
    late = sweeps.keys(lambda: people.unanswered_refs(at=at))
    sweeps.each("unanswered", late, lambda ref: people.give_up_unanswered(ref, at=at))


@celery.task(name="worker.registration.send_follow_ups")  # type: ignore[untyped-decorator]
def send_follow_ups() -> None:
    """Write to everybody who is to get a form. One commit a batch: a killed worker repeats none."""
    due = sweeps.keys(lambda: [follow_up.ref for follow_up in queries.follow_ups_to_send()])
    while due:
        due = [ref for ref in sweeps.each("follow-ups", due, _send_next) if ref]


def _send_next(ref: str) -> str | None:
    """Its reference again, if there are more people to write to."""
    follow_up = queries.follow_up_to_send(ref)
    return ref if follow_up and follow_ups.send_next(follow_up, limit=BATCH) else None


@celery.task(name="worker.registration.make_badges")  # type: ignore[untyped-decorator]
def make_badges() -> None:
    """Draw what was asked for, one PDF after the other."""
    while _next_run():
        pass


def _next_run() -> bool:
    begin_writing()
    run = badges.claim(at=database_now(), lease=LEASE)
    db.session.commit()
    if run is None:
        return False
    ref = run.ref
    try:
        with kept(lambda: badges.renew(ref, at=database_now(), lease=LEASE), lambda: badges.release(ref)):
            people = queries.people_with_badges(run.event, run.category)
            db.session.commit()  # what was read: no transaction waits for the drawing
            content = documents.badges(people, run.layout, lambda number: _note(run, number)) if people else None
    except Stopped:
        begin_writing()
        badges.release(ref)
        db.session.commit()
        return False
    begin_writing()
    try:
        if content is None:
            badges.give_up(run)
        else:
            badges.finish(run, content)
    except TransitionNotAllowed:
        db.session.rollback()  # another worker was faster, while this one was to stop
        return False
    db.session.commit()
    return not is_stopping()


def _note(run: BadgeRun, number: int) -> None:
    if is_stopping():
        raise Stopped
    begin_writing()
    badges.note_progress(run, number)
    db.session.commit()


@celery.task(name="worker.registration.erase")  # type: ignore[untyped-decorator]
def erase() -> None:
    """Erase passport data whose date has come, and badges made more than a week ago."""
    at = database_now()
    sweeps.each("passports", [at], lambda at: passports.erase_due(today=at.date()))
    sweeps.each("badges", [at], lambda at: badges.erase_old(at=at))
