"""What templates may ask of the reference lists."""

from flask import Flask

from consult.reference import countries


def register(app: Flask) -> None:
    app.jinja_env.filters["country"] = countries.name
