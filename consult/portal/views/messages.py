"""What the outbox holds: for an event's managers, for the secretariat, and the demo's mailbox."""

from email import policy as mail_policy
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from consult.accounts.access import public, require, signed_in
from consult.accounts.policy import is_secretariat
from consult.errors import NotFound
from consult.events.models import Event
from consult.events.policy import can_manage
from consult.events.queries import event_at
from consult.extensions import db
from consult.outbox import queries, service
from consult.outbox.models import Message, MessageStatus
from consult.portal import policy
from consult.web.bodies import whole_number
from consult.web.errors import back
from consult.web.filters import chosen

bp = Blueprint("portal_messages", __name__)
SHOWN = 50


@bp.get("/workspace/events/<slug>/messages")
@require(can_manage, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    return _list(event)


@bp.get("/workspace/messages")
@require(is_secretariat)
def everything() -> ResponseReturnValue:
    return _list(None)


def _list(event: Event | None) -> ResponseReturnValue:
    status, scope = chosen(MessageStatus, request.args.get("status")), event.scope if event else ""
    page = queries.messages(status=status, scope=scope, after=request.args.get("after", type=whole_number))
    return render_template(
        "portal/messages.html",
        event=event,
        page=page,
        status=status,
        counts=queries.counts(scope),
        statuses=list(MessageStatus),
        server=queries.mail_server(),
    )


@bp.post("/workspace/messages/<ref>/try-again")
@require(policy.can_try_again, on=queries.message_at)
def try_again(message: Message) -> ResponseReturnValue:
    service.try_again(message, by=signed_in())
    db.session.commit()
    flash(_("The message will be tried again."))
    return redirect(back() if back() != "/" else url_for(".everything"))


@bp.post("/workspace/messages/try-again")
@require(is_secretariat)
def try_all_again() -> ResponseReturnValue:
    return _try_all(None)


@bp.post("/workspace/events/<slug>/messages/try-again")
@require(policy.can_try_all_again, on=event_at)
def try_all_of_event_again(event: Event) -> ResponseReturnValue:
    return _try_all(event)


def _try_all(event: Event | None) -> ResponseReturnValue:
    number = service.try_all_again(scope=event.scope if event else "", by=signed_in())
    db.session.commit()
    flash(
        ngettext("%(num)d message will be tried again.", "%(num)d messages will be tried again.", number)
        if number
        else _("There is no message that could not be sent.")
    )
    return redirect(url_for(".index", slug=event.slug) if event else url_for(".everything"))


@bp.get("/demo/mail")
@public
def demo_mail() -> ResponseReturnValue:
    """The demo's mails, the latest first, so that a newcomer can follow a link without a mail server."""
    folder = _demo_folder()
    files = sorted(folder.glob("*.eml"), reverse=True)[:SHOWN] if folder.is_dir() else []
    mails = [(file.name, BytesParser(policy=mail_policy.default).parsebytes(file.read_bytes())) for file in files]
    return render_template("portal/demo_mail.html", mails=mails)


def _demo_folder() -> Path:
    url = urlsplit(current_app.config["MAIL_URL"])
    if not current_app.config["DEMO"] or url.scheme != "file":
        raise NotFound(_("This page is there in the demo only."))
    return Path(unquote(url.path))
