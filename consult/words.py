"""Enumerations whose members carry the words and the tone in which people read them."""

from enum import StrEnum
from typing import Any, Self

from flask_babel import lazy_gettext


class Word(StrEnum):
    """A fixed choice: `value` is stored, `label` is read, `tone` picks the icon beside it.

    Tones: good, wait, bad, plain.
    """

    label: Any
    tone: str

    def __new__(cls, value: str, label: Any = None, tone: str = "plain") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.tone = tone
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        """For a select field."""
        return [(member.value, member.label) for member in cls]


_l = lazy_gettext


class Modality(Word):
    """How a person takes part. An event may offer both."""

    IN_PERSON = "in_person", _l("In person")
    ONLINE = "online", _l("Online")
