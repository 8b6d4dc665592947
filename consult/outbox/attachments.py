"""Files that go with a message are made when it leaves, by the domain that knows them.

A later domain says `@attaches("registration/badge")` on a function that takes a reference; a message
names `registration/badge:7K3M9QXP` among its attachments.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


Maker = Callable[[str], Attachment | None]
_makers: dict[str, Maker] = {}


def attaches(kind: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        _makers[kind] = maker
        return maker

    return register


def make(name: str) -> Attachment | None:
    """The attachment of this name; None if the thing it showed is gone."""
    kind, ref = name.rsplit(":", 1)
    return _makers[kind](ref)
