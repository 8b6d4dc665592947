"""What is sealed can be opened where it belongs only, and gets a new key without being lost."""

import json

import pytest
from cryptography.fernet import Fernet

from consult.extensions import db
from consult.registration.models import Passport
from consult.sealing import seal, seal_anew, unseal
from tests.factories import NOON, RegistrationFactory, an_event

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def keys(app, monkeypatch):
    """The keys in force."""
    with app.app_context():
        yield lambda *names: monkeypatch.setitem(app.config, "PASSPORT_KEY", ",".join(names))


def test_what_is_sealed_belongs_to_one_row(keys):
    keys(NEW)
    sealed = seal({"number": "X1"}, of="registration:A")
    assert "number" not in sealed
    assert unseal(sealed, of="registration:A") == {"number": "X1"}
    assert unseal(sealed, of="registration:B") is None, "copied onto another row"


def test_a_key_is_changed_without_losing_anything(keys):
    keys(OLD)
    sealed = seal({"number": "X1"}, of="registration:A")
    keys(NEW, OLD)
    assert unseal(sealed, of="registration:A") == {"number": "X1"}
    again = seal_anew(sealed, of="registration:A")
    keys(NEW)
    assert unseal(again, of="registration:A") == {"number": "X1"}
    assert unseal(sealed, of="registration:A") is None
    assert seal_anew(sealed, of="registration:A") is None


def test_what_an_earlier_release_sealed_opens_once_it_was_sealed_anew(keys):
    keys(OLD)
    earlier = Fernet(OLD).encrypt(json.dumps({"number": "X1"}).encode()).decode()
    assert unseal(earlier, of="registration:A") is None
    assert unseal(seal_anew(earlier, of="registration:A"), of="registration:A") == {"number": "X1"}
    assert seal_anew(seal({"number": "X1"}, of="registration:A"), of="registration:B") is None


def test_the_command_seals_all_anew_and_says_what_cannot_be_opened(session, app, monkeypatch):
    monkeypatch.setitem(app.config, "PASSPORT_KEY", OLD)
    event = an_event()
    refs = []
    for number in range(3):
        registration = RegistrationFactory(category=event.categories[0])
        refs.append(registration.ref)
        of = f"registration:{registration.ref}"
        sealed = seal({"number": str(number)}, of=of) if number else "from a key that is gone"
        db.session.add(Passport(registration=registration, sealed=sealed, given_at=NOON))
    db.session.commit()
    monkeypatch.setitem(app.config, "PASSPORT_KEY", f"{NEW},{OLD}")
    answer = app.test_cli_runner().invoke(args=["passports", "reseal"])
    assert answer.output == "Sealed anew: 2. Cannot be opened with any of the keys: 1.\n"
    assert answer.exit_code == 1
    db.session.expire_all()
    monkeypatch.setitem(app.config, "PASSPORT_KEY", NEW)
    kept = db.session.query(Passport).order_by(Passport.id).all()
    assert [unseal(each.sealed, of=f"registration:{ref}") for each, ref in zip(kept, refs, strict=True)] == [
        None, {"number": "1"}, {"number": "2"},
    ]  # fmt: skip


def test_a_new_key_can_be_made(app):
    key = app.test_cli_runner().invoke(args=["passports", "new-key"]).output.strip()
    assert Fernet(key)
