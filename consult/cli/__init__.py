"""Commands, thin like views."""

from flask import Flask

from consult.cli import accounts, attendance, demo, house, passports, serve


def register(app: Flask) -> None:
    for commands in (
        accounts.create_administrator,
        accounts.reset_second_factor,
        attendance.group,
        demo.group,
        passports.group,
        house.endpoints,
        house.facts,
        passports.group,
        serve.serve,
    ):
        app.cli.add_command(commands)
