"""Registrations, what belongs to them, and follow-up forms."""

from consult.registration.models.badges import BadgeLayout, BadgeRun, BadgeRunStatus
from consult.registration.models.follow_ups import Asked, FollowUp, FollowUpAnswer, FollowUpStatus
from consult.registration.models.registrations import (
    HELD_STATES,
    HOLDING,
    OPEN_STATES,
    DoNotRegister,
    Passport,
    PassportData,
    PlaceStatus,
    Registration,
    RegistrationDocument,
    RegistrationStatus,
    SessionPlace,
    Visibility,
    registration_day,
)

__all__ = [
    "HELD_STATES",
    "HOLDING",
    "OPEN_STATES",
    "Asked",
    "BadgeLayout",
    "BadgeRun",
    "BadgeRunStatus",
    "DoNotRegister",
    "FollowUp",
    "FollowUpAnswer",
    "FollowUpStatus",
    "Passport",
    "PassportData",
    "PlaceStatus",
    "Registration",
    "RegistrationDocument",
    "RegistrationStatus",
    "SessionPlace",
    "Visibility",
    "registration_day",
]  # fmt: skip
