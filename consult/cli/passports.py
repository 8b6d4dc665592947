"""Keys of passport data."""

import click
from cryptography.fernet import Fernet
from flask.cli import AppGroup

from consult.database import begin_writing
from consult.extensions import db
from consult.registration.service import passports

group = AppGroup("passports", help="The keys that passport data is sealed with.")


@group.command("new-key")
def new_key() -> None:
    """Print a new key, to be put first in PASSPORT_KEY."""
    click.echo(Fernet.generate_key().decode())


@group.command("reseal")
def reseal() -> None:
    """Seal all passport data with the first key of PASSPORT_KEY; then the others can be taken out."""
    begin_writing()
    sealed, lost = passports.reseal()
    db.session.commit()
    click.echo(f"Sealed anew: {sealed}. Cannot be opened with any of the keys: {lost}.")
    if lost:
        raise SystemExit(1)
