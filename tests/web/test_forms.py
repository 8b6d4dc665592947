"""What comes in through forms: one line where one line is meant, and no control characters anywhere."""

import pytest
from flask import Flask
from wtforms import EmailField, FieldList, FormField, HiddenField, PasswordField, StringField, TextAreaField, URLField

from consult.texts import one_line
from consult.web.forms import Form, RowForm

DIRTY = "  A\x00na\r\n\u2028 \x0b\x1b\u202eSow\x85 \ufeff"


class _Row(RowForm):
    name = StringField()


class _Dirty(Form):
    line = StringField(filters=[str.upper])
    hidden = HiddenField()
    url = URLField()
    email = EmailField()
    text = TextAreaField()
    password = PasswordField()
    rows = FieldList(FormField(_Row), min_entries=1)


@pytest.fixture
def form(app: Flask):
    names = ("line", "hidden", "url", "email", "text", "password", "rows-0-name")
    with app.test_request_context(method="POST", data=dict.fromkeys(names, DIRTY)):
        yield _Dirty()


@pytest.mark.parametrize(
    "text", ["\u200b", "\u2060\u200f \u061c", "\u115f\u3164\uffa0", "\u2800", "\u180e\U000e0041", "\u00ad\ufe0f"]
)
def test_a_name_that_shows_nothing_is_no_name(text):
    assert one_line(text) == ""


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🔧", "각"])
def test_what_joins_letters_stays_in_a_name(text):
    assert one_line(text) == text


def test_a_field_of_one_line_is_one_line(form):
    assert form.line.data == "ANA SOW", "and what the field does itself is done after"
    assert [form.hidden.data, form.url.data, form.email.data, form.rows[0].form.name.data] == ["Ana Sow"] * 4


def test_a_text_keeps_its_lines_and_nothing_else(form):
    assert form.text.data == "Ana\n\n \nSow"


def test_a_password_stays_as_it_was_typed(form):
    assert form.password.data == DIRTY.replace("\x00", ""), "no body holds a NUL, which no database keeps"
