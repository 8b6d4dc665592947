"""Markdown of people: no harm, and no work without end."""

import time

import pytest

from consult.web import markdown

HARD = {
    "brackets": "[" * 29_000,
    "stars": "*a **b " * 4_000,
    "quotes": "> " * 14_000 + "x",
    "lists": "".join("  " * depth + "- x\n" for depth in range(160)),
    "ticks": "`" * 29_000,
    "tables": "|" * 10_000 + "\n" + "|-" * 9_000,
    "links": "[a](" * 7_000,
}


@pytest.mark.parametrize("name", HARD)
def test_no_text_takes_long(name):
    began = time.process_time()
    markdown.render(HARD[name])
    assert time.process_time() - began < 2


def test_what_is_too_long_is_shown_as_it_was_typed():
    shown = markdown.render("**a** <script>" + "x" * markdown.LONGEST)
    assert shown.startswith("<p>**a** &lt;script&gt;x")
