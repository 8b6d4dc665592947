"""PDFs and pictures, set by typst in fonts that this package brings along: they look the same on every machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from consult import bounded
from consult.errors import InvalidEntry

# Latin, Cyrillic, Arabic and Chinese: the scripts of the six official languages of the United Nations
FONTS = Path(__file__).parent / "static" / "vendor" / "fonts"


def pdf(template: bytes, inputs: Mapping[str, str], *, limits: bounded.Limits = bounded.DRAWING) -> bytes:
    """The PDF of a template; `inputs` come in as text, so nothing in them is markup.

    Args:
        limits: of the process that draws it; those of the worker for what has very many pages.

    Raises:
        InvalidEntry: it takes more than that.
    """
    return _compiled(template, inputs, {}, limits)


def drawing(template: bytes, inputs: Mapping[str, str], *, kind: str) -> bytes:
    """A template of one page as a picture, “svg” or “png”."""
    return _compiled(template, inputs, {"format": kind, "ppi": 200.0 if kind == "png" else None}, bounded.DRAWING)


def _compiled(template: bytes, inputs: Mapping[str, str], options: Mapping[str, Any], limits: bounded.Limits) -> bytes:
    """Texts in it come from strangers, so it is done by a process that is stopped when it takes too long."""
    fonts = {"font_paths": [str(FONTS)], "ignore_system_fonts": True}
    try:
        return bounded.typeset(template, {"sys_inputs": dict(inputs), **fonts, **options}, limits=limits)
    except bounded.TooMuch as error:
        raise InvalidEntry(_("This document is too long to be made.")) from error
