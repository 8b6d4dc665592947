"""Which passwords are too easy to guess: those of lists that are passed around, and simple changes of them."""

import unicodedata
from collections.abc import Sequence

from flask_babel import gettext as _

SHORTEST, LONGEST = 10, 200
READ = 72  # characters that are looked at: what follows only makes it harder to guess
EASY = 1_000_000  # guesses, in the order in which those who guess make them


def normal(password: str) -> str:
    """The one form of a password that keyboards write in several: an accent of its own, or as part of the letter."""
    return unicodedata.normalize("NFKD", password)


def problem(password: str, *, known: Sequence[str] = ()) -> str | None:
    """What is wrong with a password that somebody wants to choose, in a sentence; None if it is good.

    Args:
        known: what a stranger would try first: the person's name and address, the name of the site.
    """
    if len(password) < SHORTEST:
        return _("The password needs at least %(number)s characters.", number=SHORTEST)
    if len(password) > LONGEST:
        return _("The password can have at most %(number)s characters.", number=LONGEST)
    if _guesses(password, known) < EASY:
        return _("This password is easy to guess. Use several words that do not belong together.")
    return None


def _guesses(password: str, known: Sequence[str]) -> float:
    """How many guesses it takes, without what a stranger knows anyway: “Ana Sow 2026” is worth as much as “2026”."""
    from zxcvbn import zxcvbn  # which reads its lists of common passwords when it is imported

    rest = password[:READ].casefold()
    words = {word for text in known for word in (text, *text.replace("@", " ").split()) if len(word) > 2}
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word.casefold(), "")
    return min(float(zxcvbn(each)["guesses"]) if each else 0.0 for each in (password[:READ], rest))
