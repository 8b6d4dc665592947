"""Officers hear of what waits longer than the process promises."""

from datetime import datetime

from consult.accounts.models import User
from consult.accreditation import mails, queries
from consult.extensions import db


def remind(*, at: datetime, ref: str | None = None) -> None:
    """One mail a week to each officer who has late applications; for those without officer, to all officers.

    Args:
        ref: of one process only.
    """
    for process in queries.overdue_processes():
        if ref not in {None, process.ref}:
            continue
        late = queries.overdue(process, at=at)
        ownerless = late.pop(None, 0)
        numbers: dict[int, int] = {number: many for number, many in late.items() if number}
        if ownerless:
            for officer in queries.officers_of(process.event):
                numbers[officer.id] = numbers.get(officer.id, 0) + ownerless
        for number, many in numbers.items():
            if person := db.session.get(User, number):
                mails.remind_officer(process, person, number=many, at=at)
