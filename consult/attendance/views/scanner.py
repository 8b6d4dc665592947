"""The door on a phone or a tablet, for whoever has the link of the day: no account, and no network needed."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public
from consult.attendance import queries
from consult.attendance.service import door
from consult.attendance.service.door import Scan, Verdict
from consult.database import begin_writing, now
from consult.errors import InvalidEntry
from consult.events.queries import event_at
from consult.extensions import csrf, db, limiter
from consult.registration.forms.secretariat import WalkInForm
from consult.texts import one_line
from consult.web.bodies import is_sane, takes_json
from consult.web.times import date_range

bp = Blueprint("scanner", __name__, url_prefix="/door")
limiter.exempt(bp)  # a busy door is no attack, and nobody guesses a key
BATCH = 200  # scans in one request


@bp.get("/worker.js")
@public
def worker() -> Response:
    """The service worker must come from the folder it serves."""
    return current_app.send_static_file("js/door-worker.js")


@bp.get("/<key>")
@public
def show(key: str) -> ResponseReturnValue:
    """The whole page; with a script it scans and goes on offline, without one it finds people by name."""
    try:
        found = queries.pass_with(key, at=now())
    except queries.DoorNotOpen as refused:
        return render_template("attendance/not_open.html", door=refused.door, event=refused.door), 403
    text, held = request.args.get("text", "").strip(), request.args.get("session", "")
    people = queries.people_at_door(found, text=text, session=held) if text else []
    if text:
        _note_reading(found)
    return render_template(
        "attendance/scanner.html", found=found, event=found, key=key, text=text, held=held,
        people=[(person, door.refusal(person, session=held)) for person in people],
        sessions=queries.sessions_on(found.day_id), wall=queries.wall(found),
    )  # fmt: skip


@bp.get("/<key>/people.json")
@public
def people(key: str) -> Response:
    """What a device keeps: of those expected no more than the door needs, and the badge's code as a fingerprint only.
    Of all others only that fingerprint and the reason for a no: no name."""
    found = queries.pass_with(key, at=now())
    held = request.args.get("session", "")
    rows = [
        {"h": fingerprint, "x": reason}
        if reason
        else {
            "h": fingerprint,
            "r": person.ref,
            "n": one_line(person.name),
            "o": one_line(person.organisation_name),
            "c": person.category,
            "t": _iso(person.session_since if held else person.since),
        }
        for person in queries.people_at_door(found, session=held)
        for fingerprint, reason in [(_fingerprint(person.badge_code), door.refusal(person, session=held))]
    ]
    _note_reading(found)
    return jsonify(people=rows, until=found.until.isoformat())


def _fingerprint(code: str) -> str:
    return sha256(code.encode()).hexdigest()[:24]


def _note_reading(found: queries.OpenDoor) -> None:
    """In a transaction of its own: whoever reads does not keep others from writing."""
    if door.is_reading_unrecorded(found, at=now()):
        db.session.rollback()
        begin_writing()
        door.record_reading(found, at=now())
        db.session.commit()


@bp.post("/<key>/scans")
@takes_json
@public
def scans(key: str) -> ResponseReturnValue:
    """Scans as a device sends them, one or many, also hours later."""
    found = queries.pass_with(key, at=now())
    sent = (request.get_json(silent=True) or {}).get("scans")
    if not isinstance(sent, list) or len(sent) > BATCH:
        raise InvalidEntry(_("This is not a list of scans."))
    verdicts = [door.scan(found, _scan(each), at=now()) for each in sent]
    db.session.commit()
    return jsonify(verdicts=[_said(verdict) for verdict in verdicts])


csrf.exempt(scans)  # the key is the authority; there is no cookie whose power could be borrowed


def _scan(each: Any) -> Scan:
    """What the device says, as far as it can be believed."""
    given = each if isinstance(each, dict) else {}
    text = {name: str(given.get(name, ""))[:60] for name in ("code", "ref", "session")}
    return Scan(**text, at=_instant(str(given.get("at", ""))) or now(), is_undo=given.get("undo") is True)


def _instant(text: str) -> datetime | None:
    """None if it is no time, says no zone, or lies where no zone can be reckoned: one bad scan must not undo those
    it was sent with."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo and is_sane(at) else None


def _said(verdict: Verdict) -> dict[str, Any]:
    return {
        "good": verdict.is_good, "reason": verdict.reason, "name": verdict.name, "organisation": verdict.organisation,
        "category": verdict.category, "ref": verdict.ref, "days": date_range(verdict.days) if verdict.days else "",
        "first": _iso(verdict.first_at), "new": verdict.is_new,
    }  # fmt: skip


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


@bp.post("/<key>/people/<ref>")
@public
def check_in(key: str, ref: str) -> ResponseReturnValue:
    """Without a script: check in, or take that back, and come back to the search."""
    found = queries.pass_with(key, at=now())
    held = request.form.get("session", "")
    verdict = door.scan(found, Scan(ref=ref, at=now(), session=held, is_undo="undo" in request.form), at=now())
    db.session.commit()
    if not verdict.is_good:
        flash(f"{verdict.name}: {verdict.reason}" if verdict.name else verdict.reason, "error")
    elif "undo" in request.form:
        flash(_("The check-in of %(name)s has been taken back.", name=verdict.name))
    elif verdict.first_at and not verdict.is_new:
        time = verdict.first_at.astimezone(found.zone).strftime("%H:%M")
        flash(_("%(name)s was checked in already, at %(time)s.", name=verdict.name, time=time), "error")
    else:
        flash(_("%(name)s is checked in.", name=verdict.name))
    return redirect(url_for(".show", key=key, text=request.form.get("text", ""), session=held or None))


@bp.route("/<key>/walk-in", methods=["GET", "POST"])
@public
def walk_in(key: str) -> ResponseReturnValue:
    """Somebody who is not registered: registered, and let in."""
    found = queries.pass_with(key, at=now())
    event = event_at(found.slug)
    form = WalkInForm(event)
    if form.validate_on_submit():
        verdict = form.attempt(lambda: door.register_at_door(found, event, form.entry, at=now()))
        if verdict:
            db.session.commit()
            flash(_("%(name)s is registered and checked in.", name=verdict.name))
            return redirect(url_for(".show", key=key, text=verdict.name))
    return render_template("attendance/walk_in.html", event=event, key=key, form=form), form.status


@bp.get("/<key>/wall")
@public
def wall(key: str) -> ResponseReturnValue:
    """Arrivals, large, for a screen on the wall: numbers, no names."""
    found = queries.pass_with(key, at=now())
    shown = queries.wall(found)
    page = "attendance/wall_figures.html" if request.args.get("part") else "attendance/wall.html"
    return render_template(page, found=found, event=found, key=key, wall=shown)
