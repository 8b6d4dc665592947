"""Faults on a running instance: what is expected of it, and what is seen. `make drills` runs them all.

A module of this package that has `DRILLS` is found by itself. A drill gets the ground, does its harm, and says what it
saw; it waits for conditions, each with a bound, and leaves nothing running.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.drills.ground import Ground


@dataclass(frozen=True)
class Seen:
    """What was seen, in a few words, and whether that is what was expected."""

    holds: bool
    text: str


@dataclass(frozen=True)
class Drill:
    name: str
    expected: str
    run: "Callable[[Ground], Seen]"
