"""The secretariat's pages about organisations: all of them, what is to be verified, duplicates, lost focal points."""

from collections.abc import Sequence
from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import fresh, require, signed_in
from consult.accounts.policy import is_secretariat
from consult.database import now
from consult.errors import InvalidEntry, NotFound
from consult.extensions import db
from consult.files import service as files
from consult.files.models import StoredFile
from consult.organisations import policy, queries
from consult.organisations.forms import ListForm, RefuseRecognitionForm, ReplaceForm
from consult.organisations.models import LikelyDuplicate, ListedRecognition, Membership, Organisation, RecognitionHeld
from consult.organisations.service import duplicates, people, profiles, recognitions
from consult.reference.countries import Region
from consult.reference.stakeholders import Recognition, StakeholderCategory
from consult.web import bodies, previews
from consult.web.bodies import takes, whole_number
from consult.web.filters import chosen

bp = Blueprint("organisations_workspace", __name__, url_prefix="/workspace/organisations")


@bp.get("")
@require(is_secretariat)
def index() -> ResponseReturnValue:
    text = request.args.get("text", "").strip()
    category, region = (
        chosen(StakeholderCategory, request.args.get("category")),
        chosen(Region, request.args.get("region")),
    )
    page = queries.organisations(
        text=text, category=category, region=region, after=request.args.get("after", type=whole_number)
    )
    return render_template(
        "organisations/index.html", page=page, text=text, category=category, region=region,
        categories=StakeholderCategory, regions=Region,
    )  # fmt: skip


@bp.post("/<ref>/confirm-category")
@require(policy.can_settle, on=queries.organisation_at)
def confirm_category(organisation: Organisation) -> ResponseReturnValue:
    profiles.confirm_category(organisation, by=signed_in())
    db.session.commit()
    flash(_("Confirmed: %(category)s.", category=organisation.category.label))
    return redirect(url_for("organisations.show", ref=organisation.ref))


@bp.post("/<ref>/recognitions/<recognition>/verify")
@require(policy.can_settle, on=queries.recognition_at)
def verify(held: RecognitionHeld) -> ResponseReturnValue:
    recognitions.verify(held, by=signed_in())
    db.session.commit()
    flash(_("Verified: %(recognition)s.", recognition=held.kind.label))
    return redirect(url_for("organisations.show", ref=held.organisation.ref, _anchor="recognitions"))


@bp.route("/<ref>/recognitions/<recognition>/refuse", methods=["GET", "POST"])
@require(policy.can_settle, on=queries.recognition_at)
def refuse(held: RecognitionHeld) -> ResponseReturnValue:
    form = RefuseRecognitionForm()
    if form.validate_on_submit() and form.attempt(
        lambda: recognitions.refuse(held, message=form.message.data, by=signed_in())
    ):
        db.session.commit()
        flash(_("The organisation has been told that this could not be verified."))
        return redirect(url_for("organisations.show", ref=held.organisation.ref, _anchor="recognitions"))
    return render_template("organisations/refuse.html", form=form, held=held), form.status


@bp.route("/<ref>/focal-point", methods=["GET", "POST"])
@require(policy.can_settle, on=queries.organisation_at)
@fresh
def replace(organisation: Organisation) -> ResponseReturnValue:
    """For an organisation whose focal point is lost."""
    form = ReplaceForm(queries.members_of(organisation))
    if form.validate_on_submit() and form.attempt(
        lambda: people.replace_focal_points(
            organisation, email=form.email.data, checks=form.checks.data, leaving=form.members_leaving, by=signed_in()
        )
    ):
        db.session.commit()
        flash(_("Done. Everybody concerned hears by mail."))
        return redirect(url_for("organisations.show", ref=organisation.ref, _anchor="people"))
    return render_template("organisations/replace.html", form=form, organisation=organisation), form.status


@bp.get("/duplicates")
@require(is_secretariat)
def likely() -> ResponseReturnValue:
    page = queries.open_duplicates(after=request.args.get("after", type=whole_number))
    return render_template("organisations/duplicates.html", page=page)


@bp.post("/duplicates/<ref>/dismiss")
@require(policy.can_settle, on=queries.pair_at)
def dismiss(pair: LikelyDuplicate) -> ResponseReturnValue:
    duplicates.dismiss(pair, by=signed_in())
    db.session.commit()
    flash(_("Noted: these are two organisations."))
    return redirect(url_for(".likely"))


@bp.get("/<ref>/merge")
@require(policy.can_settle, on=queries.organisation_at)
def choose_merge(organisation: Organisation) -> ResponseReturnValue:
    """Find the other profile of the same organisation: what looks like it, or what a search finds."""
    text = request.args.get("text", "").strip()
    if text:
        found = [each for each in queries.organisations(text=text).rows if each.id != organisation.id]
    else:
        names = [organisation.name, *(each.name for each in organisation.names)]
        alike = queries.likely_duplicates(names, web_domain=organisation.web_domain, but=organisation.id)
        found = [each.organisation for each in alike]
    return render_template("organisations/choose_merge.html", organisation=organisation, found=found, text=text)


def _two(ref: str, other: str) -> tuple[Organisation, Organisation]:
    kept, gone = queries.organisation_at(ref), queries.organisation_at(other)
    if kept.id == gone.id:
        raise NotFound(_("These two are one organisation already."))
    return kept, gone


@bp.route("/<ref>/merge/<other>", methods=["GET", "POST"])
@require(policy.can_settle, on=_two)
def merge(two: tuple[Organisation, Organisation]) -> ResponseReturnValue:
    """Both side by side; sent, the second becomes part of the first."""
    kept, gone = two
    members = {each.id: queries.members_of(each) for each in two}
    shown = [_shown(each, members[each.id]) for each in two]
    if request.method == "POST":
        previews.need_unchanged("merge", shown)
        duplicates.merge(kept, gone, by=signed_in())
        db.session.commit()
        flash(_("“%(gone)s” is now part of “%(kept)s”.", gone=gone.name, kept=kept.name))
        return redirect(url_for("organisations.show", ref=kept.ref))
    seal = previews.seal("merge", shown)
    return render_template("organisations/merge.html", kept=kept, gone=gone, members=members, seal=seal)


def _shown(organisation: Organisation, members: Sequence[Membership]) -> list[object]:
    """What the page of a merge shows of one of the two."""
    texts = ("ref", "name", "short_name", "category", "country", "website", "founding_year", "registration_number",
             "description")  # fmt: skip
    return [
        *(getattr(organisation, name) for name in texts),
        len(organisation.documents),
        [(recognition.kind, recognition.status) for recognition in organisation.recognitions],
        [(member.user.ref, member.role) for member in members],
    ]


@bp.route("/recognitions", methods=["GET", "POST"])
@takes(bodies.DOCUMENT, sheet="file")
@require(is_secretariat)
def listed() -> ResponseReturnValue:
    """Lists of recognised organisations: bring one in, and settle the lines that fit no profile by name."""
    form = ListForm()
    if form.validate_on_submit():
        content = form.file.data.stream.read()
        if listed_lines := form.attempt(lambda: recognitions.read_list(content, at=now())):
            file = recognitions.keep_list(content, at=now())
            db.session.commit()
            return _preview_list(file, form.kind.data, listed_lines)
    text = request.args.get("text", "").strip()
    page = queries.listed(
        kind=chosen(Recognition, request.args.get("kind")), unmatched="all" not in request.args, text=text,
        after=request.args.get("after", type=whole_number),
    )  # fmt: skip
    alike = queries.profiles_like([line for line in page.rows if line.organisation_id is None])
    return render_template(
        "organisations/listed.html", form=form, page=page, alike=alike, text=text, kinds=Recognition,
        kind=request.args.get("kind"),
    ), form.status  # fmt: skip


def _preview_list(
    file: StoredFile, kind: Recognition, listed_lines: recognitions.RecognitionList, *, is_stale: bool = False
) -> ResponseReturnValue:
    """What the list would do, before anything is done."""
    outcome = _outcome(kind, listed_lines)
    shown = [file.ref, kind, len(listed_lines.lines), len(listed_lines.refused), asdict(outcome)]
    return render_template(
        "organisations/list_preview.html", file=file, kind=kind, listed=listed_lines, outcome=outcome,
        seal=previews.seal("recognitions", shown), stale=previews.changed() if is_stale else "",
    ), 422 if is_stale else 200  # fmt: skip


def _outcome(kind: Recognition, listed_lines: recognitions.RecognitionList) -> recognitions.Imported:
    """How many lines would be new and how many profiles verified: it is done, and undone."""
    attempt = db.session.begin_nested()
    try:
        return recognitions.import_list(kind, listed_lines.lines, by=signed_in())
    finally:
        attempt.rollback()


@bp.post("/recognitions/import")
@require(is_secretariat)
def import_listed() -> ResponseReturnValue:
    """The list that was shown is imported: the lines that can be taken, without those that were named."""
    file = recognitions.kept_list(request.form.get("file", "")[:8], at=now())
    kind = chosen(Recognition, request.form.get("kind"))
    if kind is None:
        raise InvalidEntry(_("Choose which recognition the list is about."))
    listed_lines = recognitions.read_list(files.read(file), at=now())
    outcome = _outcome(kind, listed_lines)
    shown = [file.ref, kind, len(listed_lines.lines), len(listed_lines.refused), asdict(outcome)]
    if not previews.is_unchanged("recognitions", shown):
        return _preview_list(file, kind, listed_lines, is_stale=True)
    imported = recognitions.import_list(kind, listed_lines.lines, by=signed_in())
    files.discard(file)
    db.session.commit()
    flash(
        _(
            "%(lines)s lines read, %(new)s of them new; %(matched)s profiles are verified by them now. "
            "Lines left out: %(refused)s.",
            lines=imported.lines, new=imported.new, matched=imported.matched, refused=len(listed_lines.refused),
        )
    )  # fmt: skip
    return redirect(url_for(".listed"))


def _line_and_profile(ref: str, line: str) -> tuple[ListedRecognition, Organisation]:
    return queries.listed_at(line), queries.organisation_at(ref)


@bp.post("/<ref>/recognitions/from-list/<line>")
@require(policy.can_settle, on=_line_and_profile)
def settle(two: tuple[ListedRecognition, Organisation]) -> ResponseReturnValue:
    """The line means this profile."""
    line, organisation = two
    recognitions.settle(line, organisation, by=signed_in())
    db.session.commit()
    flash(_("Verified: %(name)s.", name=organisation.name))
    return redirect(url_for(".listed"))
