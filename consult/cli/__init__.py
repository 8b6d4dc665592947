"""Commands, thin like views."""

from flask import Flask

from consult.cli import accounts, attendance, demo, house, passports, serve, web


def register(app: Flask) -> None:
    for commands in (
        accounts.create_administrator,
        accounts.reset_second_factor,
        attendance.group,
        demo.group,
        passports.group,
        house.endpoints,
        house.facts,
        serve.serve,
        web.web,
    ):
        app.cli.add_command(commands)
