"""Where a person is signed in, and the second factor they sign in with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from consult.accounts import mails
from consult.accounts.facts import AccountRecovered
from consult.accounts.models import Device, User, hashed
from consult.audit.service import record
from consult.database import insert_new, new_secret
from consult.extensions import db
from consult.facts import announce


@dataclass(frozen=True)
class SessionLimits:
    """How long somebody stays signed in: without doing anything, and at most."""

    idle: timedelta
    longest: timedelta


# whose roles open other people's data sign in each working day; for the others a slow line makes signing in dear
STAFF = SessionLimits(idle=timedelta(hours=8), longest=timedelta(hours=24))
OTHERS = SessionLimits(idle=timedelta(days=14), longest=timedelta(days=60))


def remember_device(person: User, *, browser: str, limits: SessionLimits, at: datetime) -> str:
    """Note that the person is signed in at this browser; returns the key its cookie is to hold."""
    key = new_secret()
    row = {
        "user_id": person.id, "key_hash": hashed(key), "browser": browser, "signed_in_at": at, "seen_at": at,
        "ends_at": at + limits.longest, "idle_minutes": limits.idle // timedelta(minutes=1),
    }  # fmt: skip
    insert_new(Device, [row], unless=["key_hash"])
    record("account.signed_in", about=f"user:{person.ref}", by=person, detail=browser)
    return key


def is_over(device: Device, *, at: datetime) -> bool:
    """Whether the session has lasted too long, or nothing was done in it for too long."""
    return at >= min(device.ends_at, device.seen_at + timedelta(minutes=device.idle_minutes))


def note_seen(device: Device, *, limits: SessionLimits, at: datetime) -> None:
    """The person does something here. Who was given a role meanwhile has its limits from now on."""
    device.seen_at = at
    device.ends_at = min(device.ends_at, device.signed_in_at + limits.longest)
    device.idle_minutes = limits.idle // timedelta(minutes=1)
    db.session.flush()


def renew_key(key: str) -> str:
    """The session goes on under a new key, which is returned: the password was typed again."""
    new = new_secret()
    db.session.execute(update(Device).where(Device.key_hash == hashed(key)).values(key_hash=hashed(new)))
    return new


def forget_device(key: str) -> None:
    """Nobody is signed in with this cookie any more."""
    db.session.execute(delete(Device).where(Device.key_hash == hashed(key)))


def sign_out_device(device: Device, *, by: User) -> None:
    """End what is signed in at another browser."""
    db.session.delete(device)
    record("account.device_signed_out", about=f"user:{by.ref}", by=by)


def sign_out_others(person: User, *, key: str, by: User | None) -> None:
    """End everything but this browser; with an empty key everything."""
    db.session.execute(delete(Device).where(Device.user_id == person.id, Device.key_hash != hashed(key)))
    record("account.signed_out_everywhere", about=f"user:{person.ref}", by=by)


def reset_second_factor(person: User, *, by: User | None) -> None:
    """Take away a second factor that was lost, after checks; the person is signed out and told, and reads passports
    no longer.

    Args:
        by: None for `flask reset-second-factor`, for an installation whose only administrator lost theirs.
    """
    person.tf_primary_method = person.tf_totp_secret = person.mf_recovery_codes = None
    person.webauthn.clear()
    sign_out_others(person, key="", by=by)
    mails.tell_second_factor(person, change="reset")
    record("account.second_factor_reset", about=f"user:{person.ref}", by=by)
    announce(AccountRecovered(person, by))
    db.session.flush()
