"""Figures for scripts."""

import json

import click
from flask.cli import AppGroup

from consult.attendance.exports import tables
from consult.attendance.figures import figures
from consult.errors import NotFound
from consult.events.queries import event_at

group = AppGroup("attendance", help="Who came.")


@group.command("summary")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def summary(slug: str, as_json: bool) -> None:
    """Count who attended the event SLUG, now, from its rows."""
    try:
        event = event_at(slug)
    except NotFound as error:
        raise click.ClickException(str(error)) from error
    counted = figures(event)
    if as_json:
        click.echo(json.dumps({"event": slug, "no_shows": counted.no_shows, **counted.kept()}, indent=2))
        return
    click.echo(f"{event.title}: {counted.attended.all} of {counted.registered} registered people came")
    for title, _first, rows in tables(counted):
        click.echo(f"\n{title}")
        for label, row in rows:
            click.echo(f"  {label:<50} {row.in_person:>7} in person {row.online:>7} online {row.all:>7} in all")
