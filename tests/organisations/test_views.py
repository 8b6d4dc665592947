"""The profile of an organisation, through the client."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from consult.accounts.service import people as accounts
from consult.audit.models import AuditEntry
from consult.errors import TransitionNotAllowed
from consult.extensions import db
from consult.files.models import StoredFile
from consult.organisations.models import (
    JoinRequest,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationDocument,
    OrganisationRole,
    RecognitionHeld,
    RecognitionStatus,
)
from consult.organisations.queries import invitations_of, name_key, organisations_named
from consult.organisations.service import people
from consult.outbox.models import Message
from consult.reference import countries
from consult.reference.countries import Region
from consult.reference.stakeholders import StakeholderCategory
from tests.factories import FocalPointFactory, OrganisationFactory, SecretariatFactory, UserFactory

FORM = {"name": "Casa do Migrante", "category": "faith-based", "country": "BR", "website": "https://casa.example"}
PDF = b"%PDF-1.7\nstatutes"


def only(model):
    return db.session.scalars(select(model)).one()


def mails(template):
    return db.session.scalars(
        select(Message.to).where(Message.template == f"organisations/{template}").order_by(Message.id)
    ).all()


def test_whoever_describes_an_organisation_is_its_focal_point(as_, session):
    client = as_(UserFactory(name="Fatou Diallo"))
    more = {
        "scope": "national", "founding_year": "1998", "countries_of_work": ["BR", "AR"], "funding": "Members.",
        "other_names": "fr: Maison du migrant\nCasa Velha",
    }  # fmt: skip
    answer = client.post("/my/organisations/new", data=FORM | more)
    organisation = only(Organisation)
    assert answer.location == f"/my/organisations/{organisation.ref}"
    page = client.get(answer.location).text
    for words in ("Latin America and the Caribbean", "Fatou Diallo", "1998", "Argentina, Brazil", "Casa Velha"):
        assert words in page
    assert '<span dir="auto" lang="fr">Maison du migrant</span>' in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter the name"),
        ({"country": "XX"}, "Not a valid choice"),
        ({"category": ""}, "Choose a category."),
        ({"website": "javascript:alert(1)"}, "Begin the address with https://"),
        ({"name": "x" * 301}, "Use at most 300 characters."),
        ({"founding_year": "12"}, "Enter a year"),
        ({"founding_year": "long ago"}, "Not a valid integer"),
    ],
)
def test_a_mistake_is_said_beside_its_field(as_, session, changes, said):
    response = as_(UserFactory()).post("/my/organisations/new", data=FORM | changes)
    assert response.status_code == 422
    assert said in response.text


def test_a_likely_duplicate_is_pointed_out_before_a_second_profile_is_made(as_, session):
    known = OrganisationFactory(name="Casa dos Migrantes e.V.")
    OrganisationFactory(name="Casa do Refugiado")
    client = as_(UserFactory())
    answer = client.post("/my/organisations/new", data=FORM)
    assert answer.status_code == 422
    assert "Casa dos Migrantes e.V." in answer.text
    assert "Casa do Refugiado" not in answer.text
    assert client.post("/my/organisations/new", data=FORM | {"is_new": "y"}).status_code == 302
    desk = as_(SecretariatFactory())
    page = desk.get("/workspace/organisations/duplicates").text
    assert page.count("Compare and merge") == 1
    assert f"/my/organisations/{known.ref}" in page


def test_somebody_asks_to_join_what_is_theirs(as_, session):
    point, newcomer = FocalPointFactory(), UserFactory(name="Ana Sow")
    ref, address = point.organisation.ref, point.user.email
    client, focal = as_(newcomer), as_(point.user)
    asked = client.post(f"/my/organisations/{ref}/join", data={"message": "I am the new director."})
    assert asked.location == "/my"
    assert mails("request") == [address]
    assert client.get(f"/my/organisations/{ref}").status_code == 403
    again = client.post(f"/my/organisations/{ref}/join", data={"message": "Please."})
    assert "You have asked already" in again.text
    request = only(JoinRequest)
    assert "I am the new director." in focal.get(f"/my/organisations/{ref}").text
    assert (
        client.post(f"/my/organisations/{ref}/requests/{request.ref}/accept", data={"role": "member"}).status_code
        == 403
    )
    focal.post(f"/my/organisations/{ref}/requests/{request.ref}/accept", data={"role": "member"})
    page = client.get(f"/my/organisations/{ref}").text
    assert "Ana Sow" in page
    assert "Edit the profile" not in page
    late = focal.post(f"/my/organisations/{ref}/requests/{request.ref}/refuse", follow_redirects=True)
    assert "answered meanwhile" in late.text


def test_a_refused_request_can_be_made_again(as_, session):
    point, newcomer = FocalPointFactory(), UserFactory()
    ref = point.organisation.ref
    client, focal = as_(newcomer), as_(point.user)
    client.post(f"/my/organisations/{ref}/join", data={"message": "Me."})
    focal.post(f"/my/organisations/{ref}/requests/{only(JoinRequest).ref}/refuse")
    assert mails("request_refused") == [newcomer.email]
    assert client.post(f"/my/organisations/{ref}/join", data={"message": "Me again."}).status_code == 302


def test_a_colleague_is_invited_by_mail_and_accepts(as_, session):
    point = FocalPointFactory()
    ref, name, since = point.organisation.ref, point.organisation.name, point.since
    focal = as_(point.user)
    invite = {"invite-email": "New@Example.org", "invite-role": "focal_point"}
    focal.post(f"/my/organisations/{ref}/people", data=invite)
    assert mails("invitation") == ["new@example.org"]
    invitation = only(MembershipInvitation)
    stranger, unconfirmed = UserFactory(), UserFactory(email="new@example.org", confirmed_at=None)
    for person in (stranger, unconfirmed):
        assert as_(person).post(f"/my/organisations/invitations/{invitation.ref}/accept").status_code == 403
    unconfirmed.confirmed_at = since
    db.session.commit()
    new = as_(unconfirmed)
    assert name in new.get("/my").text
    new.post(f"/my/organisations/invitations/{invitation.ref}/accept")
    assert "Edit the profile" in new.get(f"/my/organisations/{ref}").text
    twice = focal.post(f"/my/organisations/{ref}/people", data=invite)
    assert "belongs to the organisation already" in twice.text


def test_an_invitation_is_taken_back_or_declined(as_, session):
    point, invited = FocalPointFactory(), UserFactory()
    ref = point.organisation.ref
    focal, client = as_(point.user), as_(invited)
    data = {"invite-email": invited.email, "invite-role": "member"}
    focal.post(f"/my/organisations/{ref}/people", data=data)
    invitation = only(MembershipInvitation).ref
    focal.post(f"/my/organisations/invitations/{invitation}/take-back")
    late = client.post(f"/my/organisations/invitations/{invitation}/accept", follow_redirects=True)
    assert "answered meanwhile" in late.text
    focal.post(f"/my/organisations/{ref}/people", data=data)
    assert len(mails("invitation")) == 2, "invited again, written to again"
    client.post(f"/my/organisations/invitations/{invitation}/decline")
    assert len(db.session.scalars(select(Membership)).all()) == 1


def test_the_last_focal_point_hands_over_before_leaving(as_, session):
    point = FocalPointFactory()
    member = FocalPointFactory(organisation=point.organisation, role=OrganisationRole.MEMBER)
    ref, focal, heir = point.organisation.ref, as_(point.user), member.user
    leave = f"/my/organisations/{ref}/leave"
    page = f"/my/organisations/{ref}"
    refused = focal.post(leave, headers={"Referer": f"http://localhost{page}"}, follow_redirects=True)
    assert "Hand over to somebody else first" in refused.text
    focal.post(f"{page}/people/{member.ref}/role", data={"role": "focal_point"})
    assert mails("role") == [heir.email]
    assert focal.post(leave).location == "/my"
    assert focal.get(page).status_code == 403
    assert only(Membership).user_id == heir.id


@pytest.mark.parametrize("way", ["removed", "replaced", "made member", "account deleted"])
def test_invitations_of_a_focal_point_end_with_the_role(session, way):
    point, desk = FocalPointFactory(), SecretariatFactory()
    organisation = point.organisation
    successor = FocalPointFactory(organisation=organisation).user
    role = OrganisationRole.FOCAL_POINT
    invitation = people.invite(organisation, email="back@example.org", role=role, by=point.user)
    kept = people.invite(organisation, email="kept@example.org", role=role, by=successor)
    if way == "removed":
        people.remove(point, by=desk)
    elif way == "made member":
        people.change_role(point, OrganisationRole.MEMBER, by=desk)
    elif way == "account deleted":
        accounts.delete_account(point.user, by=point.user)
    else:
        people.replace_focal_points(organisation, email=successor.email, checks="We called.", leaving=[point], by=desk)
    assert invitations_of(organisation) == [kept]
    with pytest.raises(TransitionNotAllowed):
        people.accept(invitation, by=UserFactory(email="back@example.org"))
    assert "organisation.invitation_taken_back" in db.session.scalars(select(AuditEntry.action)).all()


def test_the_secretariat_replaces_a_lost_focal_point(as_, session):
    lost, heir, desk = FocalPointFactory(), UserFactory(), SecretariatFactory(name="Grace Boss")
    path, data = f"/workspace/organisations/{lost.organisation.ref}/focal-point", {"email": heir.email}
    client, former, ref = as_(desk), lost.user, lost.organisation.ref
    before, after = as_(former), as_(heir)
    assert "It is kept in the record." in client.post(path, data=data).text
    client.post(path, data=data | {"checks": "Called the number on the website.", "leaving": [lost.ref]})
    assert only(Membership).user_id == heir.id
    assert mails("removed") == [former.email]
    assert "Grace Boss" in after.get(f"/my/organisations/{ref}").text
    assert before.get(f"/my/organisations/{ref}").status_code == 403
    client.post(path, data={"email": "nobody@example.org", "checks": "A signed letter."})
    assert mails("invitation") == ["nobody@example.org"]


def test_documents_are_kept_with_the_profile(as_, session):
    point, other = FocalPointFactory(), FocalPointFactory()
    ref, focal = point.organisation.ref, as_(point.user)
    stranger, desk, theirs = as_(other.user), as_(SecretariatFactory()), other.organisation.ref
    data = {"document-document": (io.BytesIO(PDF), "statutes.pdf"), "document-kind": "constitution",
            "document-year": "2019", "document-expires_on": "2020-01-31"}  # fmt: skip
    assert focal.post(f"/my/organisations/{ref}/documents", data=data).status_code == 302
    page = focal.get(f"/my/organisations/{ref}").text
    assert "Constitution or by-laws · 2019" in page
    assert "expired" in page
    document = only(OrganisationDocument).ref
    path = f"/my/organisations/{ref}/documents/{document}"
    assert focal.get(path).data == PDF
    assert desk.get(path).data == PDF
    assert stranger.get(path).status_code == 403
    assert stranger.get(f"/my/organisations/{theirs}/documents/{document}").status_code == 404
    assert stranger.post(f"{path}/remove").status_code == 403
    bad = focal.post(
        f"/my/organisations/{ref}/documents", data=data | {"document-document": (io.BytesIO(b"MZ"), "a.pdf")}
    )
    assert "is not a document" in bad.text
    focal.post(f"{path}/remove")
    assert focal.get(path).status_code == 404


def picture(size=(900, 300), kind="JPEG"):
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, kind, exif=b"Exif\x00\x00secret place")
    drawn.seek(0)
    return drawn


def test_a_logo_is_drawn_anew_and_small(as_, session):
    point = FocalPointFactory()
    path, focal = f"/my/organisations/{point.organisation.ref}/logo", as_(point.user)
    focal.post(path, data={"logo-logo": (picture(), "a.jpg")})
    shown = focal.get(path)
    with Image.open(io.BytesIO(shown.data)) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (320, 107))
    assert b"secret place" not in shown.data
    assert shown.headers["Content-Disposition"].startswith("attachment")
    for bad in (b"<svg onload=alert(1)>", b"", PDF, b"\x89PNG\r\n\x1a\nbroken"):
        refused = focal.post(path, data={"logo-logo": (io.BytesIO(bad), "logo.png")})
        assert refused.status_code == 422
    focal.post(path, data={"remove": "1"})
    assert focal.get(path).status_code == 404
    assert db.session.scalars(select(StoredFile)).all() == [], "nothing points to the picture any more"


def test_a_recognition_is_claimed_verified_or_refused(as_, session):
    point = FocalPointFactory()
    ref, focal, desk = point.organisation.ref, as_(point.user), as_(SecretariatFactory(name="Grace Boss"))
    address = point.user.email
    claim = {"claim-kind": "ecosoc-special", "claim-year": "2004", "claim-reference": "E/2004/32"}
    focal.post(f"/my/organisations/{ref}/recognitions", data=claim)
    assert "stands in the profile already" in focal.post(f"/my/organisations/{ref}/recognitions", data=claim).text
    held = only(RecognitionHeld).ref
    base = f"/workspace/organisations/{ref}/recognitions/{held}"
    assert focal.post(f"{base}/verify").status_code == 403
    assert "Say why in a sentence" in desk.post(f"{base}/refuse", data={}).text
    desk.post(f"{base}/refuse", data={"message": "The list has no such entry."})
    assert only(RecognitionHeld).status is RecognitionStatus.REFUSED
    assert mails("recognition_refused") == [address]
    focal.post(f"/my/organisations/{ref}/recognitions", data=claim | {"claim-year": "2005"})
    desk.post(f"{base}/verify")
    page = focal.get(f"/my/organisations/{ref}").text
    assert "2005 · E/2004/32" in page
    assert "Grace Boss" in page
    kept = focal.post(f"/my/organisations/{ref}/recognitions/{held}/drop")
    assert kept.status_code in {302, 409}
    assert only(RecognitionHeld).is_verified
    desk.post(f"/my/organisations/{ref}/recognitions/{held}/drop")
    assert db.session.scalars(select(RecognitionHeld)).all() == []


def test_the_secretariat_confirms_who_says_it_is_a_state(as_, session):
    point = FocalPointFactory(organisation__category=StakeholderCategory.MEMBER_STATE)
    ref = point.organisation.ref
    desk, focal = as_(SecretariatFactory()), as_(point.user)
    assert "to be confirmed by the secretariat" in focal.get(f"/my/organisations/{ref}").text
    assert focal.post(f"/workspace/organisations/{ref}/confirm-category").status_code == 403
    desk.post(f"/workspace/organisations/{ref}/confirm-category")
    assert "to be confirmed" not in focal.get(f"/my/organisations/{ref}").text
    base = {"name": "X", "country": "KE", "category": "un-entity"}
    focal.post(f"/my/organisations/{ref}/edit", data=base)
    assert "to be confirmed" in focal.get(f"/my/organisations/{ref}").text, "another claim is another question"


def test_a_search_finds_the_beginnings_of_words_of_every_name(as_, session):
    client = as_(UserFactory())
    client.post("/my/organisations/new", data=FORM | {"short_name": "CdM", "other_names": "ar: بيت المهاجر"})
    desk = as_(SecretariatFactory())
    for text in ("casa mig", "CDM", "migrante", "بيت"):
        assert "Casa do Migrante" in desk.get("/workspace/organisations", query_string={"text": text}).text, text
    for text in ("igrante", "casa x", "%", "'"):
        found = "Casa do Migrante" in desk.get("/workspace/organisations", query_string={"text": text}).text
        assert found is (text in {"%", "'"}), text
    assert (
        "Casa do Migrante"
        in desk.get("/workspace/organisations?category=faith-based&region=latin-america-caribbean").text
    )
    assert "Casa do Migrante" not in desk.get("/workspace/organisations?region=africa").text


def test_another_organisations_profile_is_closed(as_, session):
    point, other = FocalPointFactory(), OrganisationFactory()
    client = as_(point.user)
    for path in ("", "/edit", "/logo"):
        assert client.get(f"/my/organisations/{other.ref}{path}").status_code == 403


def test_names_are_compared_without_accents_capitals_and_punctuation():
    assert name_key("  ÉCOLE  d’été – (Genève) ") == name_key("Ecole d'ete Geneve")
    assert name_key("Ассоциация") != ""


def test_a_name_that_two_organisations_have_tells_neither(session):
    one = OrganisationFactory(name="Casa")
    OrganisationFactory.create_batch(2, name="Twin")
    assert organisations_named(["CASA", "Twin", "None", ""]) == {"CASA": one.id}


def test_every_country_has_a_region_and_a_name(app):
    with app.app_context():
        assert len(countries.codes()) == 241
        assert all(countries.region_of(code) in Region for code in countries.codes())
        assert all(countries.name(code) != code for code in countries.codes())
    assert countries.region_of("KE") is Region.AFRICA
    assert countries.region_of("AM") is Region.EUROPE_NORTH_AMERICA
    assert [countries.code_of(text) for text in ("Brésil", "kenya", "ke", "Atlantis", "")] == ["BR", "KE", "KE", "", ""]
