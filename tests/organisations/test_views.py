"""The profile of an organisation, through the client."""

import pytest
from sqlalchemy import select

from consult.extensions import db
from consult.organisations.models import Organisation
from consult.organisations.queries import name_key, organisations_named
from consult.reference import countries
from consult.reference.countries import Region
from tests.factories import FocalPointFactory, OrganisationFactory, UserFactory

FORM = {"name": "Casa do Migrante", "category": "faith-based", "country": "BR", "website": "https://casa.example"}


def test_whoever_describes_an_organisation_is_its_focal_point(as_, session):
    client = as_(UserFactory())
    assert client.post("/my/organisations/new", data=FORM | {"recognitions": ["ecosoc-roster"]}).location == "/my"
    organisation = db.session.scalars(select(Organisation)).one()
    page = client.get(f"/my/organisations/{organisation.ref}").text
    assert "Latin America and the Caribbean" in page
    assert page.count("checked") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter the name"),
        ({"country": "XX"}, "Not a valid choice"),
        ({"category": ""}, "Choose a category."),
        ({"website": "javascript:alert(1)"}, "Begin the address with https://"),
        ({"name": "x" * 301}, "Use at most 300 characters."),
    ],
)
def test_a_mistake_is_said_beside_its_field(as_, session, changes, said):
    response = as_(UserFactory()).post("/my/organisations/new", data=FORM | changes)
    assert response.status_code == 422
    assert said in response.text


def test_a_profile_can_be_emptied_of_recognitions(as_, session):
    user = UserFactory()
    client = as_(user)
    client.post("/my/organisations/new", data=FORM | {"recognitions": ["ecosoc-roster", "ecosoc-general"]})
    ref = db.session.scalars(select(Organisation.ref)).one()
    client.post(f"/my/organisations/{ref}", data=FORM)
    assert "checked" not in client.get(f"/my/organisations/{ref}").text


def test_another_organisations_profile_is_closed(as_, session):
    point, other = FocalPointFactory(), OrganisationFactory()
    assert as_(point.user).get(f"/my/organisations/{other.ref}").status_code == 403


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
