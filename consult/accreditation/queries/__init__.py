"""Reads about accreditation."""

from consult.accreditation.queries.applications import (
    accreditations_ahead,
    accredited_among,
    application_at,
    application_of,
    application_with,
    applications_by,
    checks_of,
    document_at,
    earlier_applications,
    is_accredited,
    last_answers,
    notes_of,
    profile_document_at,
    recognition_at,
)
from consult.accreditation.queries.circulations import (
    circulation_at,
    circulations_due,
    circulations_of,
    item_with,
    objections_to,
    recipient_with,
)
from consult.accreditation.queries.processes import (
    accredited_by,
    deadlines,
    events_to_serve,
    home_of,
    is_two_person,
    process_at,
    process_of,
    process_with,
    questions_of,
    reason_at,
    reasons,
    window_of,
)
from consult.accreditation.queries.queue import (
    Filter,
    all_sent,
    chosen_at,
    counts,
    neighbours,
    officers_of,
    open_by_officer,
    overdue,
    overdue_processes,
    queue,
    unassigned,
)

__all__ = [
    "Filter", "accreditations_ahead", "accredited_among", "accredited_by", "all_sent", "application_at",
    "application_of", "application_with", "applications_by",
    "checks_of", "chosen_at", "circulation_at", "circulations_due", "circulations_of",
    "counts", "deadlines", "document_at", "earlier_applications", "events_to_serve", "home_of", "is_accredited",
    "is_two_person", "item_with", "last_answers", "neighbours", "notes_of", "objections_to", "officers_of",
    "open_by_officer",
    "overdue", "overdue_processes", "process_at", "process_of", "process_with", "profile_document_at",
    "questions_of", "queue", "reason_at", "reasons", "recipient_with", "recognition_at", "unassigned",
    "window_of",
]  # fmt: skip
