import pytest

from consult.config import Config, ConfigError
from tests.conftest import PASSPORT_KEY


def settings(**changes):
    return {"SECRET_KEY": "k" * 40, "PASSPORT_KEY": PASSPORT_KEY, **changes}


def test_the_embedded_default_needs_only_keys(tmp_path):
    config = Config.from_environment(settings(CONSULT_DATA_DIR=str(tmp_path)))
    assert f"sqlite:///{tmp_path}/consult.db" == config.SQLALCHEMY_DATABASE_URI
    assert ("filesystem://", f"file://{tmp_path}/outbox") == (config.BROKER_URL, config.MAIL_URL)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must"),
        ({"PASSPORT_KEY": ""}, "PASSPORT_KEY is not set"),
        ({"PASSPORT_KEY": "short"}, "PASSPORT_KEY must"),
        ({"PASSPORT_KEY": f"{PASSPORT_KEY},short"}, "PASSPORT_KEY must"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin"),
        ({"BROKER_URL": "redis"}, "BROKER_URL must begin"),
        ({"MAIL_URL": "mail.example.org"}, "MAIL_URL must begin"),
        ({"CLAMD_URL": "clamd:3310"}, "CLAMD_URL must begin"),
        ({"PORT": "http"}, "PORT must be a whole number"),
        ({"CONSULT_DEMO": "yes"}, "CONSULT_DEMO must be 0 or 1"),
        ({"BASE_URL": "example.org"}, "BASE_URL must begin"),
        ({"DATABASE_URL": "postgresql+psycopg://u:p@db.example.org/c"}, "DATABASE_URL leads to another machine"),
        ({"DATABASE_URL": "postgresql+psycopg://u:p@10.0.0.5/c?sslmode=prefer"}, "DATABASE_URL leads to another"),
        ({"BROKER_URL": "redis://10.0.0.5:6379/0"}, "BROKER_URL leads to another machine"),
        ({"MAIL_URL": "smtp://mail.example.org:25"}, "MAIL_URL leads to another machine"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(environment, named):
    with pytest.raises(ConfigError, match=named) as refused:
        Config.from_environment(settings(**environment))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "environment",
    [
        {"DATABASE_URL": "postgresql+psycopg://u:p@db.example.org/c?sslmode=verify-full"},
        {"DATABASE_URL": "postgresql+psycopg://u:p@postgresql/c", "BROKER_URL": "redis://:p@redis:6379/0"},
        {"BROKER_URL": "rediss://:p@redis.example.org/0", "MAIL_URL": "smtps://u:p@mail.example.org"},
        {"MAIL_URL": "smtp://u:p@mail.example.org:587?tls=starttls", "BROKER_URL": "redis://127.0.0.1/0"},
    ],
)
def test_what_is_encrypted_or_near_is_accepted(environment):
    assert Config.from_environment(settings(**environment))


def test_the_demo_keeps_the_key_it_made(tmp_path):
    environment = {"CONSULT_DEMO": "1", "CONSULT_DATA_DIR": str(tmp_path)}
    first, second = (Config.from_environment(environment) for _ in range(2))
    assert first.SECRET_KEY == second.SECRET_KEY
    assert (tmp_path / "demo-secret-key").stat().st_mode & 0o077 == 0
