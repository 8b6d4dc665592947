"""How a status changes: only by a move that the table beside the enum allows."""

from collections.abc import Mapping
from typing import ClassVar, Protocol, TypeVar

from flask_babel import gettext as _

from consult.errors import AlreadySo, TransitionNotAllowed
from consult.words import Word

S = TypeVar("S", bound=Word)
Moves = Mapping[S, frozenset[S]]


class HasStatus(Protocol[S]):
    MOVES: ClassVar[Moves]  # type: ignore[type-arg]  # a ClassVar cannot name S
    status: S


def move(thing: HasStatus[S], to: S) -> S:
    """Give `thing` the status `to`; returns the status it had.

    Raises:
        AlreadySo: it has this status.
        TransitionNotAllowed: the table has no such move.
    """
    was = thing.status
    if was is to and to not in thing.MOVES[was]:
        raise AlreadySo(_("This is “%(status)s” already.", status=was.label))
    if to not in thing.MOVES[was]:
        raise TransitionNotAllowed(
            _("This is “%(was)s” now, and cannot become “%(to)s”. Look at it again.", was=was.label, to=to.label)
        )
    thing.status = to
    return was
