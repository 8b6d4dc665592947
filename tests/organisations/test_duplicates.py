"""Likely duplicates, merging, and imported lists."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from consult.audit.models import AuditEntry
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.organisations.models import (
    LikelyDuplicate,
    ListedRecognition,
    Membership,
    Organisation,
    OrganisationDocument,
    OrganisationRole,
    RecognitionHeld,
    RecognitionStatus,
)
from consult.organisations.queries import likely_duplicates, match_key, name_key, organisation_at
from consult.organisations.service import duplicates, names, profiles, recognitions
from consult.reference.stakeholders import Recognition, StakeholderCategory
from tests.factories import (
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    RegistrationFactory,
    SecretariatFactory,
    UserFactory,
    a_call,
    an_application,
    an_event,
)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Casa do Migrante", "CASA DO MIGRANTE Ltd.", True),
        ("Association des Réfugiés", "Des Refugies Association asbl", True),
        ("Solidarité Migrants ONG", "Solidarite Migrants", True),
        ("Casa do Migrante", "Casa do Refugiado", False),
        ("Hope", "Help", False),
    ],
)
def test_names_are_alike_without_accents_legal_forms_and_order(session, one, other, alike):
    known = OrganisationFactory(name=one)
    found = [(each.organisation, each.reasons) for each in likely_duplicates([other])]
    assert found == ([(known, ["name"])] if alike else [])


@given(st.text(max_size=60))
def test_a_key_of_a_key_is_the_same(text):
    assert match_key(name_key(text)) == match_key(match_key(name_key(text)))


def test_a_website_and_a_mail_domain_count_but_not_that_of_everybody(session):
    site = OrganisationFactory(name="One", web_domain="casa.example")
    mail = FocalPointFactory(organisation__name="Two", user__email="a@two.example").organisation
    FocalPointFactory(organisation__name="Three", user__email="a@gmail.com")
    found = likely_duplicates(["Another"], web_domain="casa.example", mail_domains=["two.example", "gmail.com"])
    assert {each.organisation: each.reasons for each in found} == {site: ["website"], mail: ["mail"]}


def test_the_search_takes_the_same_statements_whatever_the_number(session, statements):
    def number():
        with statements() as seen:
            likely_duplicates(["Casa"], web_domain="casa.example", mail_domains=["casa.example"])
        return len(seen)

    OrganisationFactory(name="Casa")
    one = number()
    OrganisationFactory.create_batch(30, name="Casa")
    assert number() == one


def test_a_pair_that_was_dismissed_stays_so(session):
    boss, person = SecretariatFactory(), UserFactory()
    OrganisationFactory(name="Casa do Migrante")
    entry = profiles.Entry(name="Casa dos Migrantes", category="faith-based", country="BR")
    made = profiles.create(entry, by=person)
    pair = db.session.scalars(select(LikelyDuplicate)).one()
    db.session.refresh(pair, ["first", "second"])
    duplicates.dismiss(pair, by=boss)
    duplicates.note(made, mail_domains=[])
    assert db.session.scalars(select(LikelyDuplicate.is_dismissed)).all() == [True]


def everything_of(organisation):
    """How many rows of every table point to an organisation: read from the schema, not from the code."""
    found = {}
    for table in db.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name == "organisation":
                wanted = select(func.count()).select_from(table).where(key.parent == organisation.id)
                found[str(key.parent)] = found.get(str(key.parent), 0) + db.session.scalar(wanted)
    return {name: number for name, number in found.items() if number}


def a_pair():
    """Two profiles; the second has one of everything that can belong to an organisation."""
    kept = FocalPointFactory(organisation__name="Casa do Migrante").organisation
    point = FocalPointFactory(organisation__name="Casa dos Migrantes")
    gone, event = point.organisation, an_event()
    gone.website, gone.description, gone.country = "https://casa.example", "We shelter.", "UY"
    an_application(event, organisation=gone)
    RegistrationFactory(category=event.categories[0], organisation=gone)
    call = a_call(event)
    from consult.inputs import service as inputs

    inputs.begin(call, organisation=gone, by=point.user, at=NOON)
    gone.recognitions.append(RecognitionHeld(kind=Recognition.ECOSOC_ROSTER, year=1999))
    names.index(gone)
    names.index(kept)
    db.session.commit()
    return kept, gone, point


def test_a_merge_loses_nothing_and_leaves_nothing_behind(session):
    kept, gone, _point = a_pair()
    before, had = everything_of(gone), everything_of(kept)
    duplicates.merge(organisation_at(kept.ref), organisation_at(gone.ref), by=SecretariatFactory())
    db.session.expire_all()
    assert everything_of(gone) == {}, "a table that points to an organisation forgets to follow a merge"
    after = everything_of(kept)
    for table, number in before.items():
        if table not in {"organisation_word.organisation_id", "organisation_name.organisation_id"}:
            assert after[table] == number + had.get(table, 0), table
    assert after["organisation.merged_into_id"] == 1
    found = organisation_at(gone.ref)
    assert found.id == kept.id, "the old address leads to the one that was kept"
    assert (found.website, found.description, found.countries_of_work) == (
        "https://casa.example",
        "We shelter.",
        ["UY"],
    )
    assert [each.name for each in found.names] == ["Casa dos Migrantes"]
    actions = db.session.scalars(select(AuditEntry.about).where(AuditEntry.action == "organisation.merged")).all()
    assert set(actions) == {f"organisation:{kept.ref}", f"organisation:{gone.ref}"}


def test_whoever_belongs_to_both_keeps_the_stronger_role(session):
    kept, gone = OrganisationFactory(), OrganisationFactory()
    person = UserFactory()
    FocalPointFactory(organisation=kept, user=person, role=OrganisationRole.MEMBER)
    FocalPointFactory(organisation=gone, user=person)
    duplicates.merge(organisation_at(kept.ref), organisation_at(gone.ref), by=SecretariatFactory())
    assert db.session.scalars(select(Membership.role)).all() == [OrganisationRole.FOCAL_POINT]


def test_a_verified_recognition_wins_over_a_claim(session):
    kept, gone = OrganisationFactory(), OrganisationFactory()
    kept.recognitions.append(RecognitionHeld(kind=Recognition.ECOSOC_ROSTER, year=1999))
    gone.recognitions.append(
        RecognitionHeld(kind=Recognition.ECOSOC_ROSTER, year=2001, status=RecognitionStatus.VERIFIED)
    )
    db.session.commit()
    duplicates.merge(organisation_at(kept.ref), organisation_at(gone.ref), by=SecretariatFactory())
    held = db.session.scalars(select(RecognitionHeld)).one()
    assert (held.organisation_id, held.year, held.is_verified) == (kept.id, 2001, True)


def test_what_was_merged_cannot_be_merged_again(session):
    one, two, three = OrganisationFactory.create_batch(3)
    boss = SecretariatFactory()
    one, two, three = (organisation_at(each.ref) for each in (one, two, three))
    duplicates.merge(one, two, by=boss)
    with pytest.raises(InvalidEntry, match="merged meanwhile"):
        duplicates.merge(three, two, by=boss)
    duplicates.merge(three, one, by=boss)
    assert organisation_at(two.ref).id == three.id


def test_merging_is_shown_side_by_side_first(as_, session):
    kept, gone, point = a_pair()
    address, kept_ref, gone_ref = point.user.email, kept.ref, gone.ref
    desk = as_(SecretariatFactory())
    choose = f"/workspace/organisations/{kept_ref}/merge"
    path = f"{choose}/{gone_ref}"
    for page in (desk.get(choose).text, desk.get(f"{choose}?text=casa+dos").text):
        assert page.count(f'href="{path}"') == 1
    assert "No organisation fits." in desk.get(f"{choose}?text=nothing").text
    page = desk.get(path).text
    assert "Casa dos Migrantes" in page
    assert address in page
    assert "not what you were shown before" in desk.post(path).text
    desk.post(path, data={"preview": page.split('name="preview" value="')[1].split('"')[0]})
    assert "Casa dos Migrantes" in desk.get(f"/my/organisations/{gone_ref}").text
    assert desk.get("/workspace/organisations").text.count("/my/organisations/") == 1
    assert desk.get(path).status_code == 404


def xlsx(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


ROWS = [
    ["Name", "Country", "Year", "Reference"],
    ["Casa do Migrante", "Brazil", 1999, "E/1999/1"],
    ["CASA do migrante", "BR", 1999, "E/1999/1"],
    ["Migrants House International", "", 2003, ""],
    ["=cmd|' /C calc'!A0", "Nowhere", "soon", ""],
]
CSV = "\n".join(";".join(str(cell) for cell in row) for row in ROWS).encode()


RECOGNITIONS = "/workspace/organisations/recognitions"


def preview(desk, content, kind="ecosoc-roster"):
    """The page that shows what a list would do, and what confirms it."""
    page = desk.post(RECOGNITIONS, data={"kind": kind, "file": (io.BytesIO(content), "list")}).text
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("file", "kind", "preview")}
    return page, hidden


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        (CSV, ["Line 3: It stands in line 2 already.", "Line 5: “Nowhere” is not a country we know."]),
        (xlsx(ROWS), ["Line 3: It stands in line 2 already.", "Line 5: The name is missing."]),
    ],
    ids=["csv", "xlsx: a formula is no name"],
)
def test_a_list_is_imported_and_matched(as_, session, content, reasons):
    organisation = OrganisationFactory(name="Casa do Migrante", country="BR")
    near = OrganisationFactory(name="Migrant House International")
    OrganisationFactory(name="Casa do Migrante", country="BR").merged_into_id = organisation.id
    desk, number, ref, other = as_(SecretariatFactory()), organisation.id, organisation.ref, near.ref
    page, hidden = preview(desk, content)
    for reason in (*reasons, "Import 2 lines", "2 lines cannot be taken"):
        assert reason in page
    assert f'{ref}">Casa do Migrante</a>' in page, "who would be verified is named"
    assert near.name not in page
    assert db.session.scalars(select(ListedRecognition)).all() == [], "a preview imports nothing"
    assert db.session.scalars(select(RecognitionHeld)).all() == []
    page = desk.post(f"{RECOGNITIONS}/import", data=hidden, follow_redirects=True).text
    assert "2 lines read, 2 of them new; 1 profiles are verified by them now. Lines left out: 2." in page
    held = db.session.scalars(select(RecognitionHeld)).one()
    assert (held.organisation_id, held.is_verified, held.year) == (number, True, 1999)
    assert "Migrant House International" in page
    line = db.session.scalars(select(ListedRecognition).where(ListedRecognition.year == 2003)).one()
    desk.post(f"/workspace/organisations/{other}/recognitions/from-list/{line.ref}")
    assert len(db.session.scalars(select(RecognitionHeld)).all()) == 2
    assert desk.post(f"{RECOGNITIONS}/import", data=hidden).status_code == 409, "it was imported already"
    page = desk.post(f"{RECOGNITIONS}/import", data=preview(desk, content)[1], follow_redirects=True).text
    assert "2 lines read, 0 of them new; 0 profiles" in page


def test_what_a_list_does_is_shown_again_when_it_would_do_something_else(as_, session):
    desk = as_(SecretariatFactory())
    _page, hidden = preview(desk, CSV)
    OrganisationFactory(name="Casa do Migrante", country="BR")
    db.session.commit()
    answer = desk.post(f"{RECOGNITIONS}/import", data=hidden)
    assert (answer.status_code, "not what you were shown before" in answer.text) == (422, True)
    other_kind = desk.post(f"{RECOGNITIONS}/import", data={**hidden, "kind": "ecosoc-general"})
    assert other_kind.status_code == 422
    assert db.session.scalars(select(ListedRecognition)).all() == []


def test_no_line_of_a_list_is_dropped_in_silence(as_, session):
    rows = ["name,country,year,reference"]
    rows += [f"Organisation {number},KE,1999,E/{number}" for number in range(290)]
    rows += [f",KE,{year}," for year in range(1990, 2000)]
    rows += ["A,Kenya,soon,", "B,Kenya,1900,", "C,Kenya,2999,", f"{'D' * 301},KE,,", f"E,KE,,{'x' * 101}", "F,KE,٢٠٠٠,"]
    page, _hidden = preview(as_(SecretariatFactory()), "\n".join(rows).encode())
    assert "Import 290 lines" in page
    assert page.count("<li>Line ") == 16
    assert page.count("The name is missing.") == 10
    for text in ("“soon” is not a year", "“1900” is not a year", "“2999” is not", "name is longer", "reference is"):
        assert text in page


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\x00\x01", b"a,b\n1,2"])
def test_a_file_that_is_no_list_is_refused(as_, session, content):
    form = {"kind": "ecosoc-roster", "file": (io.BytesIO(content), "list.csv")}
    answer = as_(SecretariatFactory()).post("/workspace/organisations/recognitions", data=form)
    assert answer.status_code == 422


def test_a_name_that_stands_in_a_list_proves_nothing(as_, session):
    """Anybody can call a profile so: the secretariat settles the line, and what it verified is not another name's."""
    boss, person = SecretariatFactory(), UserFactory()
    lines = [recognitions.Listed(name="Casa do Migrante", country="BR", year=1999)]
    recognitions.import_list(Recognition.ECOSOC_SPECIAL, lines, by=boss)
    entry = profiles.Entry(name="CASA DO MIGRANTE", category="faith-based", country="BR")
    organisation = profiles.create(entry, by=person)
    assert organisation.recognitions == []
    recognitions.claim(organisation, Recognition.ECOSOC_SPECIAL, year=1999, reference="", by=person)
    assert [claim.status for claim in organisation.recognitions] == [RecognitionStatus.CLAIMED]
    ref = organisation.ref
    db.session.commit()
    assert "CASA DO MIGRANTE" in as_(boss).get("/workspace/organisations/recognitions").text, "the profile is offered"
    line, organisation = db.session.scalars(select(ListedRecognition)).one(), organisation_at(ref)
    recognitions.settle(line, organisation, by=boss)
    assert [held.status for held in organisation.recognitions] == [RecognitionStatus.VERIFIED]
    profiles.edit(organisation, replace(entry, name="Somebody else"), by=person)
    assert [held.status for held in organisation.recognitions] == [RecognitionStatus.CLAIMED]


def test_documents_follow_a_merge(as_, session):
    kept, point = OrganisationFactory(), FocalPointFactory()
    gone = point.organisation
    numbers = kept.id, gone.id
    data = {"document-document": (io.BytesIO(b"%PDF-1"), "a.pdf"), "document-kind": "other"}
    as_(point.user).post(f"/my/organisations/{gone.ref}/documents", data=data)
    duplicates.merge(organisation_at(kept.ref), organisation_at(gone.ref), by=SecretariatFactory())
    assert db.session.scalars(select(OrganisationDocument.organisation_id)).all() == [numbers[0]]
    assert db.session.get(Organisation, numbers[1]).merged_into_id == numbers[0]


@pytest.mark.parametrize(
    ("country", "category", "is_open"),
    [("FR", "member-state", False), ("KE", "member-state", True), ("FR", "un-entity", True)],
)
def test_a_merge_confirms_no_other_state_or_body_than_was_confirmed(session, country, category, is_open):
    kept = OrganisationFactory(name="Ministry of Health", category=StakeholderCategory.MEMBER_STATE, country="FR")
    gone = OrganisationFactory(category=StakeholderCategory(category), country=country, category_confirmed_at=NOON)
    kept, gone = organisation_at(kept.ref), organisation_at(gone.ref)
    duplicates.merge(kept, gone, by=SecretariatFactory())
    assert kept.is_category_open is is_open
