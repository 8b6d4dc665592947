"""The door: find a person by badge or by name, and let them in."""

from datetime import date

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.addresses import address
from consult.attendance import policy, queries
from consult.attendance.forms import CodeForm, PassForm
from consult.attendance.models import DoorPass, RoomCode
from consult.attendance.service import codes
from consult.attendance.service import door as service
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event, EventDay
from consult.events.queries import event_at
from consult.extensions import db
from consult.registration.models import Registration
from consult.registration.queries import confirmed_named, registration_by_badge, registration_of_badge
from consult.web.forms import ActionForm

bp = Blueprint("door", __name__)


def _day(event: Event) -> EventDay:
    """The day in the address, else today's or the nearest."""
    given = request.values.get("day", "")
    try:
        day = queries.day_of(event, date.fromisoformat(given) if given else None)
    except ValueError:
        day = None
    if day is None:
        raise NotFound(_("The event has no such day."))
    return day


@bp.get("/workspace/events/<slug>/door")
@require(policy.can_open_door, on=event_at)
def show(event: Event) -> ResponseReturnValue:
    """Arrivals of the day, and a search by name."""
    return _page(event, PassForm(formdata=None, name=signed_in().name), CodeForm(event, formdata=None))


def _page(event: Event, form: PassForm, code: CodeForm, link: str = "") -> str:
    day, text = _day(event), request.args.get("text", "").strip()
    found = confirmed_named(event, text) if text else []
    qr = segno.make(link, error="m").svg_data_uri(scale=5, light="#fff") if link else ""
    return render_template(
        "attendance/door.html", event=event, day=day, text=text, found=found, present=queries.present(found, day),
        arrived=queries.arrivals(day), expected=queries.expected(event, day), form=form, code_form=code, link=link,
        qr=qr, passes=queries.passes_of(event, at=now()), codes=queries.codes_of(event, at=now()),
    )  # fmt: skip


@bp.post("/workspace/events/<slug>/door/links")
@require(policy.can_open_door, on=event_at)
def new_pass(event: Event) -> ResponseReturnValue:
    """A link for whoever keeps the door; it is shown once."""
    form = PassForm()
    if form.validate_on_submit():
        made = form.attempt(
            lambda: service.open_door(event, _day(event), name=form.name.data, by=signed_in(), at=now())
        )
        if made:
            db.session.commit()
            link = address(url_for("scanner.show", key=made[1]))
            return _page(event, PassForm(formdata=None), CodeForm(event, formdata=None), link)
    return _page(event, form, CodeForm(event, formdata=None)), form.status


@bp.post("/workspace/events/<slug>/door/links/<ref>/end")
@require(policy.can_end_pass, on=queries.pass_at)
def end_pass(found: DoorPass) -> ResponseReturnValue:
    service.close_door(found, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The link of %(name)s works no longer.", name=found.name))
    return redirect(url_for(".show", slug=found.event.slug))


@bp.post("/workspace/events/<slug>/door/codes")
@require(policy.can_show_code, on=event_at)
def new_code(event: Event) -> ResponseReturnValue:
    """A code for those who take part online."""
    form = CodeForm(event)
    if form.validate_on_submit() and form.attempt(
        lambda: codes.show_code(
            event, _day(event), session=form.chosen, minutes=form.minutes.data, by=signed_in(), at=now()
        )
    ):
        db.session.commit()
        flash(_("Show the new code to those who take part online."))
        return redirect(url_for(".show", slug=event.slug, day=_day(event).date.isoformat()) + "#codes")
    return _page(event, PassForm(formdata=None), form), form.status


@bp.post("/workspace/events/<slug>/door/codes/<ref>/end")
@require(policy.can_end_code, on=queries.code_at)
def end_code(found: RoomCode) -> ResponseReturnValue:
    codes.end_code(found, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The code works no longer."))
    return redirect(url_for(".show", slug=found.event.slug) + "#codes")


@bp.get("/check-in/<code>")
@require(policy.can_check_in, on=registration_of_badge)
def scanned(registration: Registration) -> ResponseReturnValue:
    """Where a badge's QR code leads: to the door of its event. A device that keeps a door reads the code itself."""
    return redirect(url_for(".person", slug=registration.event.slug, code=registration.badge_code))


@bp.get("/workspace/events/<slug>/door/<code>")
@require(policy.can_check_in, on=registration_by_badge)
def person(registration: Registration) -> ResponseReturnValue:
    """One person at the door, large: who they are, and yes or no for this day."""
    day = _day(registration.event)
    attendance = queries.present([registration], day).get(registration.id)
    reason = service.why_not(registration.status, registration.modality, is_on_day=day in registration.days)
    page = {"registration": registration, "event": registration.event, "day": day, "attendance": attendance}
    return render_template("attendance/person.html", **page, reason=reason)


@bp.post("/workspace/events/<slug>/door/<code>/check-in")
@require(policy.can_check_in, on=registration_by_badge)
def check_in(registration: Registration) -> ResponseReturnValue:
    day, form = _day(registration.event), ActionForm()
    done = form.attempt(lambda: service.check_in(registration, day, by=signed_in(), at=now()))
    if done:
        db.session.commit()
        flash(_("%(name)s is checked in.", name=registration.name))
    else:
        flash(form.form_errors[0], "error")
    return _back(registration, day)


@bp.post("/workspace/events/<slug>/door/<code>/undo")
@require(policy.can_check_in, on=registration_by_badge)
def undo(registration: Registration) -> ResponseReturnValue:
    day = _day(registration.event)
    service.undo_check_in(registration, day, by=signed_in())
    db.session.commit()
    flash(_("The check-in of %(name)s has been taken back.", name=registration.name))
    return _back(registration, day)


def _back(registration: Registration, day: EventDay) -> ResponseReturnValue:
    slug, code = registration.event.slug, registration.badge_code
    return redirect(url_for(".person", slug=slug, code=code, day=day.date.isoformat()))
