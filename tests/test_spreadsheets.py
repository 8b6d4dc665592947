import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult import spreadsheets
from consult.errors import InvalidEntry
from consult.spreadsheets import Sheet, csv_lines, read, read_table, safe, xlsx

TEXT = "Name;E-mail\nÉlodie Łukasik;e@example.org\n\n  ;  \nبلال;b@example.org\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_csv_is_read_as_the_world_writes_it(app, encoding, delimiter, newline):
    content = TEXT.replace(";", delimiter).replace("\n", newline).encode(encoding)
    with app.app_context():
        lines = list(read(content, required=[["name"], ["e-mail"]]))
    assert [(line.number, line.get("name"), line.get("e-mail")) for line in lines] == [
        (2, "Élodie Łukasik", "e@example.org"),
        (5, "بلال", "b@example.org"),
    ]


def test_latin_1_is_read(app):
    with app.app_context():
        (line,) = read("name,email\nJosé Núñez Ibáñez,j@example.org\n".encode("latin-1"), required=[["name"]])
    assert line.get("name") == "José Núñez Ibáñez"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"PK\x03\x04\x00\x00", "not a CSV"),
        (b"a,b\n1,2\n", "no column"),
        (b"\xff\xfe\x00", "broken"),
    ],
)
def test_what_is_no_list_is_refused_with_words(app, content, said):
    with app.app_context(), pytest.raises(InvalidEntry, match=said):
        list(read(content, required=[["name"]]))


@given(st.text())
def test_no_cell_starts_a_formula(text):
    assert not str(safe(text)).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_csv_we_write_cannot_be_run_by_a_spreadsheet():
    text = "".join(csv_lines(["Name"], [["=HYPERLINK(1)"], ["Ana"]]))
    assert text == "\ufeffName\r\n'=HYPERLINK(1)\r\nAna\r\n"


def test_a_workbook_keeps_a_formula_as_text():
    book = openpyxl.load_workbook(io.BytesIO(xlsx([Sheet("A", ["x", "n"], [["=1+1", 3]])])))
    cell = book["A"]["A2"]
    assert (cell.value, cell.data_type, book["A"]["B2"].value) == ("=1+1", "s", 3)
    book.close()


def workbook(part="", content=b""):
    """A list of one person, one part of the file replaced."""
    whole, other = io.BytesIO(xlsx([Sheet("A", ["Name"], [["Ana"]])])), io.BytesIO()
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in parts.namelist():
            changed.writestr(name, content if name == part else parts.read(name))
    return other.getvalue()


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("content", [b"", b"<not closed", b"<other/>", b"\x00\xff"])
def test_a_workbook_with_a_broken_part_is_refused_with_words(app, part, content):
    with app.app_context():
        assert [line.get("name") for line in read_table(workbook(), required=[["name"]])] == ["Ana"]
        with pytest.raises(InvalidEntry):
            list(read_table(workbook(part, content), required=[["name"]]))


def test_a_small_workbook_that_unpacks_to_a_large_one_is_refused_before_it_is_unpacked(app, monkeypatch):
    monkeypatch.setattr(spreadsheets, "UNPACKED", 1_000_000)
    bomb = workbook("xl/styles.xml", b" " * 2_000_000)
    assert len(bomb) < 50_000
    with app.app_context(), pytest.raises(InvalidEntry, match="too much"):
        list(read_table(bomb, required=[["name"]]))
