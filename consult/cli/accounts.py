"""Accounts, where no page can help: the first one, and a lost second factor."""

import click
from flask.cli import with_appcontext

from consult.accounts import passwords
from consult.accounts.models import Role
from consult.accounts.queries import person_with
from consult.accounts.service import devices, people
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
    if problem := passwords.problem(password, known=[email, name]):
        raise click.ClickException(problem)
    begin_writing()
    try:
        people.create(email=email, name=name, role=Role.ADMINISTRATOR, password=password)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{email} can sign in now.")


@click.command("reset-second-factor")
@click.argument("email")
@with_appcontext
def reset_second_factor(email: str) -> None:
    """Take away a lost second factor, where no other administrator can; the person is told by mail."""
    begin_writing()
    person = person_with(email)
    if person is None:
        raise click.ClickException("Nobody has this address.")
    devices.reset_second_factor(person, by=None)
    db.session.commit()
    click.echo(f"{email} has no second factor now, and is signed out everywhere.")
