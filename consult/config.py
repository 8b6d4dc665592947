"""Every setting: its environment variable, its default, and the sentence said when it is wrong."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from kombu.entity import Exchange, Queue

# slow mail must not keep badges and reports waiting: it has a queue, and in production a worker, of its own
QUEUES = ("consult", "mail")


class ConfigError(Exception):
    """A setting is missing or malformed. The message names it and says what it should be."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What `create_app` needs to know. Tests make one; everything else reads the environment."""

    SECRET_KEY: str
    SQLALCHEMY_DATABASE_URI: str
    BROKER_URL: str = "memory://"
    MAIL_URL: str
    MAIL_FROM: str = "Consult <consult@localhost>"
    BASE_URL: str = "http://127.0.0.1:8000"
    DATA_DIR: Path
    FILES_URL: str
    DEMO: bool = False
    TRUSTED_PROXIES: int = 0
    OUTBOX_LEASE_SECONDS: int = 300
    SITE_NAME: str = "Consult"
    PASSPORT_KEY: str = ""
    CLAMD_URL: str = ""
    RATELIMIT_ENABLED: bool = True
    WTF_CSRF_ENABLED: bool = True
    TESTING: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; see the table in README.md.

        Raises:
            ConfigError: one of them is missing or malformed.
        """
        data = Path(environment.get("CONSULT_DATA_DIR") or "instance").absolute()
        demo = _flag(environment, "CONSULT_DEMO")
        base = environment.get("BASE_URL") or f"http://127.0.0.1:{_number(environment, 'PORT', 8000)}"
        _need_scheme("BASE_URL", base, {"http", "https"})
        database = environment.get("DATABASE_URL") or f"sqlite:///{data / 'consult.db'}"
        _need_scheme("DATABASE_URL", database, {"sqlite", "postgresql+psycopg"})
        broker = environment.get("BROKER_URL") or "filesystem://"
        _need_scheme("BROKER_URL", broker, {"filesystem", "redis", "rediss", "amqp", "amqps"})
        mail = environment.get("MAIL_URL") or f"file://{data / 'outbox'}"
        _need_scheme("MAIL_URL", mail, {"file", "smtp", "smtps"})
        scanner = environment.get("CLAMD_URL", "")
        if scanner:
            _need_scheme("CLAMD_URL", scanner, {"tcp", "unix"})
        for name, url in (
            ("DATABASE_URL", database),
            ("BROKER_URL", broker),
            ("MAIL_URL", mail),
            ("CLAMD_URL", scanner),
        ):
            _need_tls(name, url)
        return cls(
            SECRET_KEY=_secret_key(environment, data, demo=demo),
            SQLALCHEMY_DATABASE_URI=database,
            BROKER_URL=broker,
            MAIL_URL=mail,
            MAIL_FROM=environment.get("MAIL_FROM") or f"Consult <consult@{urlsplit(base).hostname}>",
            BASE_URL=base.rstrip("/"),
            DATA_DIR=data,
            FILES_URL=environment.get("FILES_URL") or f"file://{data / 'files'}",
            DEMO=demo,
            TRUSTED_PROXIES=_number(environment, "TRUSTED_PROXIES", 0),
            OUTBOX_LEASE_SECONDS=_number(environment, "OUTBOX_LEASE_SECONDS", 300),
            SITE_NAME=environment.get("SITE_NAME") or "Consult",
            PASSPORT_KEY=_passport_keys(environment, demo=demo),
            CLAMD_URL=scanner,
        )

    def mapping(self) -> dict[str, Any]:
        """What goes into `app.config`, with what the extensions want to be told."""
        values = asdict(self)
        values.update(values.pop("extra"))
        shared = self.BROKER_URL.startswith(("redis://", "rediss://"))
        secure = self.BASE_URL.startswith("https://")
        # earlier releases sealed with a key made from SECRET_KEY where none was given: it opens, and seals nothing new
        values["PASSPORT_KEY"] = ",".join(filter(None, (self.PASSPORT_KEY, _derived(self.SECRET_KEY, "passports"))))
        return {
            "RATELIMIT_STORAGE_URI": self.BROKER_URL if shared else "memory://",
            "RATELIMIT_HEADERS_ENABLED": False,
            # a store of counts that is away costs nobody a page: each process counts by itself until it is back
            "RATELIMIT_STORAGE_OPTIONS": _soon() if shared else {},
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": shared,
            "RATELIMIT_SWALLOW_ERRORS": True,
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": True, "pool_timeout": 10},
            "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": timedelta(days=60),
            # a request under way with the old cookie must not put it in place of a new one
            "SESSION_REFRESH_EACH_REQUEST": False,
            "SESSION_COOKIE_SECURE": secure,
            "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
            "WTF_CSRF_TIME_LIMIT": None,
            "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "text/calendar", "image/svg+xml"],
            "COMPRESS_ALGORITHM": ["gzip"],
            "BABEL_DEFAULT_TIMEZONE": "UTC",
            **values,
        }

    def celery(self) -> dict[str, Any]:
        """What the Celery application is told, as sender (web) and as worker."""
        common: dict[str, Any] = {
            "broker_url": self.BROKER_URL,
            "broker_connection_retry_on_startup": True,
            "task_ignore_result": True,
            "task_default_queue": "consult",
            # without an exchange a queue needs no binding that a broker could forget
            "task_queues": [
                Queue(name, Exchange(""), routing_key=name)  # type: ignore[no-untyped-call]
                for name in QUEUES
            ],
            "task_routes": {"worker.outbox.*": {"queue": "mail"}},
            "broker_connection_max_retries": None,
        }
        if self.BROKER_URL.startswith("filesystem://"):
            folder = self.DATA_DIR / "broker"
            for name in ("queue", "control"):
                (folder / name).mkdir(parents=True, exist_ok=True)
            queue, control = str(folder / "queue"), str(folder / "control")
            common["broker_transport_options"] = {
                "data_folder_in": queue, "data_folder_out": queue, "control_folder": control, "polling_interval": 0.5,
            }  # fmt: skip
        elif self.BROKER_URL.startswith(("redis://", "rediss://")):
            # longer than the longest task, or Redis hands a running task to a second worker
            common["broker_transport_options"] = {"visibility_timeout": 3600}
        return common


def _soon() -> dict[str, Any]:
    """Redis answers within a second or is left alone; its client would try again for many."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}


def _secret_key(environment: Mapping[str, str], data: Path, *, demo: bool) -> str:
    if key := environment.get("SECRET_KEY"):
        if len(key) < 32:
            raise ConfigError("SECRET_KEY must have at least 32 characters.")
        return key
    if not demo:
        raise ConfigError("SECRET_KEY is not set: give it at least 32 random characters.")
    kept = data / "demo-secret-key"
    if not kept.exists():
        data.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


def _passport_keys(environment: Mapping[str, str], *, demo: bool) -> str:
    keys = [key.strip() for key in environment.get("PASSPORT_KEY", "").split(",") if key.strip()]
    if not keys and not demo:
        raise ConfigError("PASSPORT_KEY is not set: give it 32 random bytes in URL-safe base64.")
    for key in keys:
        try:
            Fernet(key)
        except ValueError as error:
            raise ConfigError("PASSPORT_KEY must be 32 bytes in URL-safe base64, or several with commas.") from error
    return ",".join(keys)


def _derived(secret: str, purpose: str) -> str:
    """A key of its own for one purpose, made from the secret key."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return urlsafe_b64encode(made).decode()


def _need_scheme(name: str, url: str, schemes: set[str]) -> None:
    if urlsplit(url).scheme not in schemes or "://" not in url:
        known = ", ".join(sorted(f"{scheme}://" for scheme in schemes))
        raise ConfigError(f"{name} must begin with one of: {known}.")


def _need_tls(name: str, url: str) -> None:
    """What leaves this machine is encrypted. A name without a dot is a neighbour on a private network of containers."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    remedies = {
        "DATABASE_URL": "sslmode=verify-full", "BROKER_URL": "rediss:// or amqps://",
        "MAIL_URL": "smtps://, or tls=starttls", "CLAMD_URL": "a clamd on this machine",
    }  # fmt: skip
    modes = [*parse_qs(parts.query).get("sslmode", []), *parse_qs(parts.query).get("tls", [])]
    is_encrypted = parts.scheme in {"rediss", "amqps", "smtps"} or bool(
        {"require", "verify-ca", "verify-full", "starttls"} & set(modes)
    )
    is_near = ("." not in host and ":" not in host) or host.startswith("127.") or host == "::1"
    if not is_near and not is_encrypted:
        raise ConfigError(f"{name} leads to another machine without encryption: use {remedies[name]}.")


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal():
        raise ConfigError(f"{name} must be a whole number, not “{text}”.")
    return int(text)


def _flag(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "0"
    if text not in {"0", "1"}:
        raise ConfigError(f"{name} must be 0 or 1, not “{text}”.")
    return text == "1"
