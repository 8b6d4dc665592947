"""Text as it comes from outside, made fit to be kept: no control characters, and one line where one line is meant."""

import re

# controls, surrogates, line and paragraph separators, the mark of byte order
_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff"
# characters that turn the direction of what follows: “gpj.exe” would read as “exe.jpg”
_TURNS = r"\u202a-\u202e\u2066-\u2069"
_UNFIT = re.compile(f"[{_CONTROLS}{_TURNS}]")
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")
_SPACES = re.compile(r"[ \u00a0]{2,}")
# characters that show nothing: joiners, marks of direction, fillers, blanks, tags
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]*"
)


def one_line(text: str) -> str:
    """A name, a title, an address: every break becomes a space, controls go, and spaces around it too. What shows
    nothing at all is nothing."""
    line = _SPACES.sub(" ", _UNFIT.sub("", _BREAKS.sub(" ", text))).strip()
    return "" if _UNSEEN.fullmatch(line) else line


def many_lines(text: str) -> str:
    """What may have paragraphs: line feeds and tabs stay, other controls go."""
    lines = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return _UNFIT.sub("", lines).strip()
