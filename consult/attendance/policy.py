"""Who may do what with attendance."""

from consult.accounts.models import User
from consult.attendance.models import AttendanceImport, DoorPass, RoomCode, SeenOnline
from consult.events.models import Event, TeamRole
from consult.events.policy import is_on_team
from consult.registration.models import Registration


def can_open_door(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.DOOR_STAFF)


def can_check_in(user: User, registration: Registration) -> bool:
    return can_open_door(user, registration.event)


def can_end_pass(user: User, found: DoorPass) -> bool:
    return can_open_door(user, found.event)


def can_show_code(user: User, event: Event) -> bool:
    """Whoever runs the meeting shows it to those online."""
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.DOOR_STAFF)


def can_end_code(user: User, found: RoomCode) -> bool:
    return can_show_code(user, found.event)


def can_import(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def can_open_import(user: User, report: AttendanceImport) -> bool:
    return can_import(user, report.event)


def can_settle(user: User, seen: SeenOnline) -> bool:
    return can_import(user, seen.event)


def can_see_summary(user: User, event: Event) -> bool:
    """Those who run the event and those who write its report."""
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.RAPPORTEUR)
