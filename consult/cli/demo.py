"""The demo."""

import time

import click
from flask.cli import AppGroup

from consult.demo.load import load

group = AppGroup("demo", help="Four meetings that were held, and one to come.")


@group.command("load")
def load_demo() -> None:
    """Load the demo; what is there already is left as it is."""
    began = time.monotonic()
    changed = load(lambda text: click.echo(f"  {time.monotonic() - began:5.1f} s  {text}"))
    click.echo("The demo is loaded." if changed else "The demo was loaded before; nothing has changed.")
