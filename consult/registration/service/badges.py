"""Badges in numbers: asked for on a page, made by the worker, erased after a week."""

from datetime import datetime, timedelta

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import after_commit, locked
from consult.errors import InvalidEntry
from consult.events.models import Event, ParticipantCategory
from consult.extensions import celery, db
from consult.files import service as files
from consult.registration import queries
from consult.registration.models import BadgeLayout, BadgeRun, BadgeRunStatus
from consult.transitions import move

KEPT = timedelta(days=7)
TRIES = 5  # workers that began it and did not end


def request(
    event: Event, *, category: ParticipantCategory | None, layout: BadgeLayout, by: User, at: datetime
) -> BadgeRun:
    """Have the badges of everybody confirmed in person made, in the order of their names.

    Raises:
        InvalidEntry: there is nobody.
    """
    locked(event)
    total = queries.number_of_badges(event, category)
    if not total:
        raise InvalidEntry(_("Nobody has a confirmed place in person here."))
    run = BadgeRun(
        event=event, category=category, layout=layout, requested_at=at, total=total, done=0,
        status=BadgeRunStatus.REQUESTED,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    record("badges.requested", about=f"badges:{run.ref}", by=by, scope=event.scope, detail=str(total))
    after_commit(wake)
    return run


def wake() -> None:
    """Tell a worker there are badges to make; without a broker, the next sweep finds them."""
    celery.send_task("worker.registration.make_badges", retry=False, ignore_result=True)


def claim(*, at: datetime, lease: timedelta) -> BadgeRun | None:
    """The next run to be made; no other worker takes it until the lease ends. What fails again and again is given up.

    Args:
        at: by the database's clock.
    """
    while run := queries.next_badge_run(at):
        run.claimed_until, run.attempts, run.done = at + lease, run.attempts + 1, 0
        db.session.flush()
        if run.attempts <= TRIES:
            return run
        _fail(run)
    return None


def renew(ref: str, *, at: datetime, lease: timedelta) -> None:
    """The worker is still at it."""
    run = queries.claimed_badge_run(ref)
    if run and run.claimed_until:
        run.claimed_until = at + lease
        db.session.flush()


def release(ref: str) -> None:
    """The worker is to stop: another may begin it anew, at once."""
    run = queries.claimed_badge_run(ref)
    if run and run.claimed_until:
        run.claimed_until, run.done, run.attempts = None, 0, max(0, run.attempts - 1)
        db.session.flush()


def _fail(run: BadgeRun) -> None:
    move(run, BadgeRunStatus.FAILED)
    run.claimed_until = None
    record("badges.failed", about=f"badges:{run.ref}", by=None, scope=run.event.scope, detail=str(run.attempts))


def note_progress(run: BadgeRun, number: int) -> None:
    """How many badges are prepared; committed by whoever draws them, so that the page can show it."""
    run.done = number
    db.session.flush()


def finish(run: BadgeRun, content: bytes) -> BadgeRun:
    """Keep the file.

    Raises:
        TransitionNotAllowed: another worker was faster.
    """
    locked(run)
    move(run, BadgeRunStatus.READY)
    run.done, run.claimed_until = run.total, None
    run.file = files.keep(content, name=f"{run.event.slug}-badges.pdf", media_type="application/pdf")
    db.session.flush()
    record("badges.made", about=f"badges:{run.ref}", by=None, scope=run.event.scope, detail=str(run.total))
    return run


def give_up(run: BadgeRun) -> None:
    """Everybody has withdrawn since it was asked for."""
    record("badges.given_up", about=f"badges:{run.ref}", by=None, scope=run.event.scope)
    db.session.delete(run)
    db.session.flush()


def erase_old(*, at: datetime) -> int:
    """Erase the files of runs older than a week; returns of how many."""
    old = queries.badge_runs_before(at - KEPT)
    for run in old:
        _discard(run)
    return len(old)


def discard_finished(event: Event) -> None:
    """Erase the event's finished badges: somebody on them is to be known no longer. The team has new ones made."""
    for run in queries.finished_badge_runs(event):
        record("badges.discarded", about=f"badges:{run.ref}", by=None, scope=event.scope)
        _discard(run)


def _discard(run: BadgeRun) -> None:
    db.session.delete(run)
    db.session.flush()
    if run.file:
        files.discard(run.file)
