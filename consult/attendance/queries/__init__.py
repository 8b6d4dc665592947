"""Reads about attendance: the door, reports, summaries."""

from consult.attendance.queries.door import (
    PersonAtDoor,
    Wall,
    arrivals,
    attendance_on,
    code_at,
    code_with,
    codes_of,
    day_of,
    expected,
    has_attended,
    pass_at,
    pass_with,
    passes_of,
    people_at_door,
    person_at_door,
    present,
    sessions_on,
    wall,
)
from consult.attendance.queries.reports import (
    confirmed_people,
    import_at,
    import_with,
    imported_people,
    imports_of,
    likely,
    match_counts,
    minimum_of,
    next_import,
    people_of,
    seen_at,
    seen_counts,
    seen_online,
    settings_of,
    stays_of,
    stays_of_registered,
)
from consult.attendance.queries.summaries import (
    latest_summary,
    requested_summaries,
    requested_summary,
)

__all__ = [
    "PersonAtDoor", "Wall", "arrivals", "attendance_on", "code_at", "code_with", "codes_of", "confirmed_people",
    "day_of", "expected", "has_attended", "import_at", "import_with", "imported_people", "imports_of",
    "latest_summary", "likely", "match_counts", "minimum_of", "next_import", "pass_at", "pass_with",
    "passes_of", "people_at_door", "people_of", "person_at_door", "present", "requested_summaries",
    "requested_summary", "seen_at", "seen_counts", "seen_online", "sessions_on", "settings_of", "stays_of",
    "stays_of_registered", "wall",
]  # fmt: skip
