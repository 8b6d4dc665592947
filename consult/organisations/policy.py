"""Who may do what with organisations."""

from sqlalchemy import exists, select

from consult.accounts.models import User
from consult.extensions import db
from consult.organisations.models import FocalPoint, Organisation


def is_focal_point(user: User, organisation_id: int | None) -> bool:
    """Whether the person acts for this organisation."""
    mine = exists().where(FocalPoint.user_id == user.id, FocalPoint.organisation_id == organisation_id)
    return bool(db.session.scalar(select(mine)))


def can_edit(user: User, organisation: Organisation) -> bool:
    """Its focal points, and the secretariat."""
    return user.is_secretariat or is_focal_point(user, organisation.id)
