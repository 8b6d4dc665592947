"""Pictures of the figures, as PNG and SVG."""

import json
from pathlib import Path

from flask_babel import get_locale
from flask_babel import gettext as _

from consult import typesetting
from consult.attendance.figures import Row

_BARS = (Path(__file__).parent / "bars.typ").read_bytes()
MOST = 40  # bars in one picture


def picture(title: str, event_title: str, rows: list[tuple[str, Row]], *, kind: str) -> bytes:
    """Bars, in person and online beside one another.

    Args:
        kind: “svg” or “png”.
    """
    bars = [
        {"label": label, "in_person": row.in_person, "online": row.online, "all": row.all} for label, row in rows[:MOST]
    ]
    ways = [way for way in ("in_person", "online") if any(getattr(row, way) for _label, row in rows)]
    inputs = {
        "ways": json.dumps(ways or ["in_person"]),
        "title": title,
        "event": event_title,
        "bars": json.dumps(bars),
        "most": str(max((max(row.in_person or 0, row.online or 0) for _label, row in rows), default=0) or 1),
        "in_person": _("In person"),
        "online": _("Online"),
        "small": _("fewer than 5"),
        "more": _("and %(number)s more", number=len(rows) - MOST) if len(rows) > MOST else "",
        "lang": str(get_locale() or "en").split("_", maxsplit=1)[0],
    }
    return typesetting.drawing(_BARS, inputs, kind=kind)
