"""Attendance, the door, imports, and the summaries compiled from them."""

from consult.attendance.models.presence import Attendance, DoorPass, RoomCode, SessionAttendance, Source
from consult.attendance.models.reports import (
    AttendanceImport,
    ImportedPerson,
    ImportSettings,
    ImportStatus,
    Match,
    SeenOnline,
    SeenStatus,
    online_presence,
)
from consult.attendance.models.summaries import AttendanceSummary, SummaryStatus

__all__ = [
    "Attendance", "AttendanceImport", "AttendanceSummary", "DoorPass", "ImportSettings", "ImportStatus",
    "ImportedPerson", "Match", "RoomCode", "SeenOnline", "SeenStatus", "SessionAttendance", "Source", "SummaryStatus",
    "online_presence",
]  # fmt: skip
