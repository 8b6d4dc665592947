"""PDFs and pictures, set by typst in fonts that this package brings along: they look the same on every machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from consult import bounded

# Latin, Cyrillic, Arabic and Chinese: the scripts of the six official languages of the United Nations
FONTS = Path(__file__).parent / "static" / "vendor" / "fonts"


def pdf(template: bytes, inputs: Mapping[str, str]) -> bytes:
    """The PDF of a template; `inputs` come in as text, so nothing in them is markup."""
    return _compiled(template, inputs, {})


def drawing(template: bytes, inputs: Mapping[str, str], *, kind: str) -> bytes:
    """A template of one page as a picture, “svg” or “png”."""
    return _compiled(template, inputs, {"format": kind, "ppi": 200.0 if kind == "png" else None})


def _compiled(template: bytes, inputs: Mapping[str, str], options: Mapping[str, Any]) -> bytes:
    """Texts in it come from strangers, so it is done by a process that is stopped when it takes too long."""
    fonts = {"font_paths": [str(FONTS)], "ignore_system_fonts": True}
    return bounded.typeset(template, {"sys_inputs": dict(inputs), **fonts, **options})
