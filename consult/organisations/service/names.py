"""The words by which a search finds an organisation."""

from sqlalchemy import delete, insert

from consult.extensions import db
from consult.organisations import queries
from consult.organisations.models import Organisation, organisation_word


def index(organisation: Organisation) -> None:
    """Write the words of all its names anew; the names must be loaded."""
    forget(organisation)
    names = [organisation.name, organisation.short_name, *(each.name for each in organisation.names)]
    rows = [{"organisation_id": organisation.id, "word": word} for word in sorted(queries.words(names))]
    if rows:
        db.session.execute(insert(organisation_word), rows)


def forget(organisation: Organisation) -> None:
    """No search finds it any more."""
    db.session.execute(delete(organisation_word).where(organisation_word.c.organisation_id == organisation.id))
