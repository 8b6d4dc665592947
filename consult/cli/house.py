"""Tables for people who read the code."""

import click
from flask import current_app
from flask.cli import with_appcontext

from consult import facts as house
from consult.accounts import access
from consult.web import limits


@click.command()
@with_appcontext
def endpoints() -> None:
    """Print each endpoint, its class of limits, and who may open it."""
    for endpoint, who in access.table(current_app).items():
        click.echo(f"{endpoint:<48} {limits.class_of(current_app, endpoint):<7} {who}")


@click.command()
def facts() -> None:
    """Print each fact and who reacts to it."""
    for fact, reactions in house.table().items():
        click.echo(f"{fact:<24} {', '.join(reactions)}")
