"""Circulating a list: the desk's pages, and those of whoever has a personal link."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public, require, signed_in
from consult.accreditation import documents, policy, queries
from consult.accreditation.forms import CirculateForm, ObjectForm
from consult.accreditation.models import Circulation
from consult.accreditation.service import circulations
from consult.accreditation.service.two_people import needs_two
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.web import previews
from consult.web.downloads import XLSX, attachment
from consult.web.limits import limited

bp = Blueprint("circulations", __name__)
DESK = "/workspace/events/<slug>/accreditation/circulations"


@bp.get(DESK)
@require(policy.can_see_queue, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    found = queries.circulations_of(event)
    return render_template("accreditation/circulations.html", event=event, circulations=found, at=now())


@bp.route(f"{DESK}/new", methods=["GET", "POST"])
@require(policy.can_see_queue, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    """The list as recipients will see it, and to whom it goes."""
    applications = queries.chosen_at(event, request.args.getlist("application"))
    shown = [
        (each.ref, each.status, each.organisation.name, each.organisation.country,
         each.profile.get("description") or each.organisation.description)
        for each in applications
    ]  # fmt: skip
    form = CirculateForm(event, now())
    if form.validate_on_submit():
        if not previews.is_unchanged("circulation", shown):
            form.form_errors.append(previews.changed())
        elif circulation := form.attempt(
            lambda: circulations.start(
                event, applications, recipients=form.recipients_named, until=form.until_instant,
                message=form.message.data or "", by=signed_in(), at=now(),
            )
        ):  # fmt: skip
            db.session.commit()
            flash(_("The list is on its way to %(number)s recipients.", number=len(circulation.recipients)))
            return redirect(url_for(".show", slug=event.slug, circulation=circulation.ref))
    page = {"event": event, "form": form, "applications": queries.chosen_at(event, [ref for ref, *_rest in shown])}
    return render_template(
        "accreditation/circulate.html", **page, seal=previews.seal("circulation", shown),
        is_first=any(needs_two(each) for each in applications),
    ), form.status  # fmt: skip


@bp.get(f"{DESK}/<circulation>")
@require(policy.can_see_circulation, on=queries.circulation_at)
def show(circulation: Circulation) -> ResponseReturnValue:
    """Who got it, and who objected to whom, and why."""
    return render_template("accreditation/circulation.html", circulation=circulation, event=circulation.event, at=now())


@bp.get("/circulation/<key>")
@limited("key")
@public
def received(key: str) -> ResponseReturnValue:
    """A recipient's list: names, countries and purposes."""
    recipient = queries.recipient_with(key, at=now())
    page = {"recipient": recipient, "circulation": recipient.circulation, "at": now()}
    return render_template("accreditation/received.html", **page)


@bp.get("/circulation/<key>/list.pdf")
@limited("costly")
@public
def list_pdf(key: str) -> Response:
    circulation = queries.recipient_with(key, at=now()).circulation
    return attachment(documents.list_pdf(circulation), name="applications.pdf", media_type="application/pdf")


@bp.get("/circulation/<key>/list.xlsx")
@limited("costly")
@public
def list_xlsx(key: str) -> Response:
    circulation = queries.recipient_with(key, at=now()).circulation
    return attachment(documents.list_xlsx(circulation), name="applications.xlsx", media_type=XLSX)


@bp.route("/circulation/<key>/<application>/object", methods=["GET", "POST"])
@limited("key")
@public
def object_to(key: str, application: str) -> ResponseReturnValue:
    recipient, item = queries.item_with(key, application, at=now())
    form = ObjectForm()
    if form.validate_on_submit() and form.attempt(
        lambda: circulations.object_to(item, recipient, reason=form.reason.data, at=now())
    ):
        db.session.commit()
        flash(_("Your objection has been sent to the secretariat."))
        return redirect(url_for(".received", key=key))
    return render_template("accreditation/object.html", form=form, item=item, recipient=recipient), form.status
