"""Processes, applications, circulations."""

from consult.accreditation.models.applications import (
    Application,
    ApplicationDocument,
    ApplicationStatus,
    ApplicationStep,
    CriterionCheck,
    ReviewNote,
    Track,
    Verdict,
)
from consult.accreditation.models.circulations import (
    CirculatedApplication,
    Circulation,
    CirculationRecipient,
    Objection,
)
from consult.accreditation.models.processes import (
    AccreditationProcess,
    Criterion,
    ProfilePart,
    Reason,
    ReasonKind,
    ServedEvent,
    TrackRule,
)

__all__ = [
    "AccreditationProcess", "Application", "ApplicationDocument", "ApplicationStatus", "ApplicationStep",
    "CirculatedApplication", "Circulation", "CirculationRecipient", "Criterion", "CriterionCheck", "Objection",
    "ProfilePart", "Reason", "ReasonKind", "ReviewNote", "ServedEvent", "Track", "TrackRule", "Verdict",
]  # fmt: skip
