"""Reports of meeting platforms: send, map, look, count, settle."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.attendance import policy, queries
from consult.attendance.forms import ImportForm, MappingForm, SettleForm
from consult.attendance.models import AttendanceImport, ImportStatus, Match, SeenOnline, SeenStatus
from consult.attendance.service import reports, settling
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.registration.queries import registration_at
from consult.web import bodies
from consult.web.bodies import takes, whole_number
from consult.web.filters import chosen
from consult.web.forms import options
from consult.web.times import long_date

bp = Blueprint("imports", __name__, url_prefix="/workspace/events/<slug>/attendance")


@bp.route("/imports", methods=["GET", "POST"])
@takes(bodies.REPORT)
@require(policy.can_import, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    """Send a report; see what became of those sent, and who is to be settled."""
    form = ImportForm(event, long_date, queries.settings_of(event))
    if form.validate_on_submit():
        file = form.report.data
        made = form.attempt(
            lambda: reports.send(event, form.entry, file.stream, name=file.filename, by=signed_in(), at=now())
        )
        if made:
            db.session.commit()
            return redirect(url_for(".report", slug=event.slug, ref=made.ref))
    status = chosen(SeenStatus, request.args.get("status")) or SeenStatus.UNMATCHED
    page = queries.seen_online(event, status=status, after=request.args.get("after", type=whole_number))
    return render_template(
        "attendance/imports.html", event=event, form=form, imports=queries.imports_of(event), status=status, page=page,
        counts=queries.seen_counts(event), statuses=list(SeenStatus),
    ), form.status  # fmt: skip


@bp.get("/reports/<ref>")
@require(policy.can_open_import, on=queries.import_at)
def report(found: AttendanceImport) -> ResponseReturnValue:
    """What was read, before anything is counted."""
    match = chosen(Match, request.args.get("match"))
    return render_template(
        "attendance/report.html", event=found.event, report=found, counts=queries.match_counts(found), match=match,
        page=queries.people_of(found, match=match, after=request.args.get("after", type=whole_number)),
        form=MappingForm(found, formdata=None) if found.status is ImportStatus.UNMAPPED else None,
    )  # fmt: skip


@bp.get("/reports/<ref>/progress")
@require(policy.can_open_import, on=queries.import_at)
def progress(found: AttendanceImport) -> Response:
    """For the script that moves the bar."""
    return jsonify(percent=found.percent, text=f"{found.lines} / {found.rows}", done=not found.is_busy)


@bp.post("/reports/<ref>/columns")
@require(policy.can_open_import, on=queries.import_at)
def columns(found: AttendanceImport) -> ResponseReturnValue:
    """Which column is what."""
    form = MappingForm(found)
    if form.validate_on_submit() and form.attempt(lambda: reports.map_columns(found, form.mapping, by=signed_in())):
        db.session.commit()
        return redirect(url_for(".report", slug=found.event.slug, ref=found.ref))
    page = queries.people_of(found, match=None)
    return render_template(
        "attendance/report.html", event=found.event, report=found, counts=queries.match_counts(found), match=None,
        page=page, form=form,
    ), form.status  # fmt: skip


@bp.post("/reports/<ref>/count")
@require(policy.can_open_import, on=queries.import_at)
def count(found: AttendanceImport) -> ResponseReturnValue:
    reports.apply(found, by=signed_in())
    db.session.commit()
    return redirect(url_for(".report", slug=found.event.slug, ref=found.ref))


@bp.post("/reports/<ref>/discard")
@require(policy.can_open_import, on=queries.import_at)
def discard(found: AttendanceImport) -> ResponseReturnValue:
    reports.discard(found, by=signed_in())
    db.session.commit()
    flash(_("The report is left out. Nothing of it is kept."))
    return redirect(url_for(".index", slug=found.event.slug))


@bp.route("/imports/<ref>", methods=["GET", "POST"])
@require(policy.can_settle, on=queries.seen_at)
def settle(seen: SeenOnline) -> ResponseReturnValue:
    """Say who somebody in a report was: the likeliest are proposed, any reference can be typed."""
    form, event = SettleForm(), seen.event
    likely = queries.likely(seen)
    form.registration.choices = options([(each.ref, each.name) for each in likely])
    if form.validate_on_submit():
        done = form.attempt(
            lambda: settling.settle(
                seen, registration_at(event.slug, form.registration.data.strip().upper()), by=signed_in()
            )
        )
        if done:
            db.session.commit()
            flash(_("%(name)s is settled.", name=seen.name or seen.email))
            return redirect(url_for(".index", slug=event.slug))
    return render_template("attendance/settle.html", event=event, seen=seen, form=form, likely=likely), form.status


@bp.post("/imports/<ref>/dismiss")
@require(policy.can_settle, on=queries.seen_at)
def dismiss(seen: SeenOnline) -> ResponseReturnValue:
    settling.dismiss(seen, by=signed_in())
    db.session.commit()
    flash(_("%(name)s is left out.", name=seen.name or seen.email))
    return redirect(url_for(".index", slug=seen.event.slug))


@bp.post("/imports/<ref>/reopen")
@require(policy.can_settle, on=queries.seen_at)
def reopen(seen: SeenOnline) -> ResponseReturnValue:
    settling.reopen(seen, by=signed_in())
    db.session.commit()
    flash(_("%(name)s is to be settled again.", name=seen.name or seen.email))
    return redirect(url_for(".index", slug=seen.event.slug))
