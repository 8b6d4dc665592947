"""Which way an organisation goes: the short one of the recognised, or special accreditation."""

from consult.accreditation.models import AccreditationProcess, Track
from consult.organisations.models import Organisation, RecognitionStatus


def track_of(process: AccreditationProcess, organisation: Organisation) -> Track:
    """With a recognition that counts, claimed or verified, the short one."""
    counting = (
        held
        for held in organisation.recognitions
        if process.counts(held.kind) and held.status is not RecognitionStatus.REFUSED
    )
    return Track.RECOGNISED if any(counting) else Track.SPECIAL


def is_verified(process: AccreditationProcess, organisation: Organisation) -> bool:
    """Whether a recognition that counts is verified."""
    return any(held.is_verified and process.counts(held.kind) for held in organisation.recognitions)
