"""The house, checked: what no linter of imports can see."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import inspect

import consult
from consult.extensions import db
from consult.facts import table as facts

LAYERS = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
ORDER = [layer for layer in reversed(LAYERS) if ":" not in layer]
CODE = sorted(p for root in ("consult", "worker") for p in Path(root).rglob("*.py"))
TEMPLATES = sorted(Path("templates").rglob("*.html"))
# `security` is the edge where Flask-Security meets the outbox
COMMITS_IN = {"views", "cli", "worker", "demo", "security", "access"}


def domain(module: str) -> int:
    return ORDER.index(module.split(".")[1])


def test_relationships_and_foreign_keys_point_to_earlier_domains():
    owner = {mapper.local_table: domain(mapper.class_.__module__) for mapper in db.Model.registry.mappers}
    for mapper in db.Model.registry.mappers:
        here = domain(mapper.class_.__module__)
        for relationship in inspect(mapper).relationships:
            there = domain(relationship.mapper.class_.__module__)
            assert there <= here, relationship
            assert relationship.lazy == "raise_on_sql" or relationship.key == "webauthn", relationship
            assert there == here or not relationship.back_populates, relationship
        for key in mapper.local_table.foreign_keys:
            assert owner[key.column.table] <= here, key
            assert key.ondelete, f"{key}: say what happens when the other row goes"


def test_every_foreign_key_has_an_index_its_deletes_and_joins_can_use():
    missing = []
    for table in db.metadata.tables.values():
        if table.name == "audit_entry":
            continue
        led = {index.columns.values()[0].name for index in table.indexes}
        led |= {
            next(iter(c.columns)).name
            for c in table.constraints
            if type(c).__name__ in {"UniqueConstraint", "PrimaryKeyConstraint"}
        }
        led |= {column.name for column in table.columns if column.unique or column.index}
        missing += [str(key.parent) for key in table.foreign_keys if key.parent.name not in led]
    assert sorted(missing) == sorted(ALLOWED_WITHOUT_INDEX)


# small tables, or columns by which nobody looks and whose target is never deleted
ALLOWED_WITHOUT_INDEX = [
    "accreditation_process.question_set_id",
    "application.decided_by_id",
    "application_document.file_id",
    "attendance_import.file_id",
    "badge_run.category_id",
    "badge_run.file_id",
    "call.question_set_id",
    "door_pass.made_by_id",
    "registration_document.file_id",
    "registration.registered_by_id",
    "participant_category_day.day_id",
    "team_invitation.confirmed_by_id",
    "team_invitation.named_by_id",
    "team_member.confirmed_by_id",
    "team_member.granted_by_id",
    "application.reason_id",
    "application.recommended_by_id",
    "application.recommended_reason_id",
    "application.rejection_recommended_by_id",
    "application.rejected_by_id",
    "circulation.started_by_id",
    "criterion_check.by_id",
    "membership.granted_by_id",
    "membership_invitation.invited_by_id",
    "organisation.logo_id",
    "organisation_document.file_id",
    "recognition_held.settled_by_id",
    "review_note.author_id",
]


@pytest.mark.parametrize("path", CODE, ids=str)
def test_files_are_short_and_only_edges_commit(path):
    text = path.read_text()
    assert text.count("\n") <= 400
    commits = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute) and n.attr == "commit"]
    assert not commits or COMMITS_IN & {*path.parts, path.stem}, "verbs flush; the edge commits"


@pytest.mark.parametrize(
    "path",
    sorted(
        {*Path("consult").rglob("service.py"), *Path("consult").glob("*/service/*.py")}
        - {Path("consult/audit/service.py")}
    ),
    ids=str,
)
def test_every_verb_that_a_person_does_leaves_an_audit_entry(path):
    """A public function that takes `by` records, itself, through a helper, or by passing it on to another verb."""
    functions = {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}

    def records(node: ast.FunctionDef, seen: frozenset[str] = frozenset()) -> bool:
        called = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
        names = {call.func.id for call in called if isinstance(call.func, ast.Name)}
        inner = [functions[name] for name in names - seen if name in functions]
        passed_on = any(
            k.arg == "by" and getattr(call.func, "id", "") not in functions for call in called for k in call.keywords
        )
        return passed_on or bool({"record", "took"} & names) or any(records(each, seen | names) for each in inner)

    verbs = [
        node
        for name, node in functions.items()
        if not name.startswith("_") and "by" in {argument.arg for argument in node.args.kwonlyargs}
    ]
    assert [node.name for node in verbs if not records(node)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_templates_hold_no_script_no_style_and_no_untranslated_words(path):
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=\"|\sstyle=\"", text)
    assert "|safe" not in text
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    words = re.findall(r">([^<>]*[A-Za-z]{3}[^<>]*)<", bare)
    assert [word.strip() for word in words if word.strip() not in {"CSV", "DOCX", "PDF", "PNG", "SVG", "XLSX"}] == []


def test_the_facts_and_who_reacts():
    assert facts() == {
        "AccountDeleted": ["consult.organisations.reactions.leave_all", "consult.events.reactions.leave_teams"],
        "AccountMoved": ["consult.registration.reactions.follow_account"],
        "AccountRecovered": ["consult.events.reactions.end_reading_passports"],
        "CategoryConfirmed": ["consult.registration.reactions.confirm_delegates"],
        "EventCreated": ["consult.accreditation.reactions.prepare_process"],
        "OrganisationRenamed": [
            "consult.accreditation.reactions.end_letters",
            "consult.accreditation.reactions.review_again",
        ],
        "OrganisationsMerged": [
            f"consult.{domain}.reactions.follow_merge"
            for domain in ("accreditation", "registration", "inputs", "campaigns")
        ],
        "EventCancelled": ["consult.registration.reactions.cancel_registrations"],
        "TeamMemberRemoved": ["consult.attendance.reactions.close_doors"],
        "EventMoved": ["consult.registration.reactions.end_letters"],
        "CategoryChanged": ["consult.registration.reactions.keep_places"],
        "DelegateSubstituted": ["consult.attendance.reactions.refuse_whoever_was_there"],
        "PersonErased": [
            "consult.registration.reactions.discard_files",
            "consult.attendance.reactions.forget_name",
            "consult.campaigns.reactions.forget_invited",
        ],
        "SessionChanged": ["consult.registration.reactions.keep_session_places"],
    }


def test_every_blueprint_is_registered(app):
    names = {module.bp.name for module in consult.PAGES}
    assert names | {"security"} == set(app.blueprints)
