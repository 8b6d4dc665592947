"""The first account of an installation."""

import click
from flask.cli import with_appcontext

from consult.accounts import service
from consult.accounts.models import Role
from consult.database import begin_writing
from consult.errors import DomainError
from consult.extensions import db


@click.command("create-administrator")
@click.argument("email")
@click.argument("name")
@click.password_option()
@with_appcontext
def create_administrator(email: str, name: str, password: str) -> None:
    """Make an account that may do everything; it needs no confirmation by mail."""
    if len(password) < 10:
        raise click.ClickException("The password needs at least 10 characters.")
    begin_writing()
    try:
        service.create(email=email, name=name, role=Role.ADMINISTRATOR, password=password)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{email} can sign in now.")
