"""The page at which anybody checks a letter."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consult.accounts.access import public
from consult.letters import queries
from consult.web.limits import limited

bp = Blueprint("letters", __name__)


@bp.get("/letters/<code>")
@limited("guess")
@public
def check(code: str) -> ResponseReturnValue:
    """Valid or not, and what it certifies as initials, event and dates: nothing else. An unknown code is not valid."""
    return render_template("letters/check.html", letter=queries.letter_with(code))
