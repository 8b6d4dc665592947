"""The page at which anybody checks a letter."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consult.accounts.access import public
from consult.extensions import limiter
from consult.letters import queries

bp = Blueprint("letters", __name__)


@bp.get("/letters/<code>")
@limiter.limit("30 per minute; 300 per hour")
@public
def check(code: str) -> ResponseReturnValue:
    """Valid or not, the initials and the event: nothing else. An unknown code is just not valid."""
    return render_template("letters/check.html", letter=queries.letter_with(code))
