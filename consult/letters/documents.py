"""A letter as a PDF, with the address at which it can be checked."""

import io
from pathlib import Path

import segno
from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import gettext as _

from consult import typesetting
from consult.addresses import address, site_name
from consult.letters.models import Letter

_TEMPLATE = (Path(__file__).parent / "letter.typ").read_bytes()


def pdf(letter: Letter, *, to: str, title: str, body: str) -> bytes:
    """One page, A4; `body` has a blank line between paragraphs. In the reader's language."""
    where = address(f"/letters/{letter.code}")
    qr = io.BytesIO()
    segno.make(where, error="m").save(qr, kind="svg", border=1)
    inputs = {
        "sender": site_name(),
        "number": letter.number,
        "date": format_date(letter.issued_at.date(), "d MMMM y", locale=get_locale() or "en"),
        "to": to,
        "title": title,
        "body": body,
        "signature": _("The secretariat"),
        "check": _("Whether this letter is valid can be checked at this address:"),
        "address": where,
        "qr": qr.getvalue().decode(),
        "lang": str(get_locale() or "en").split("_", maxsplit=1)[0],
    }
    return typesetting.pdf(_TEMPLATE, inputs)
