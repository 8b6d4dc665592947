import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from consult import bounded, spreadsheets
from consult.accounts import access
from consult.errors import InvalidEntry
from consult.spreadsheets import Sheet, csv_lines, read, read_table, safe, xlsx
from tests.factories import SecretariatFactory

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
    whole, other = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(whole) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "Name")
        sheet.write_string(1, 0, "Ana")
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


def shared_strings(number):
    """A workbook of one row and as many shared strings as one wants: small when packed."""
    parts = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return workbook("xl/sharedStrings.xml", parts + b"<si><t>a</t></si>" * number + b"</sst>")


def test_a_workbook_with_millions_of_shared_strings_is_refused_at_once(app):
    bomb = shared_strings(2_400_000)
    assert len(bomb) < 150_000
    with app.app_context(), pytest.raises(InvalidEntry, match="too much"):
        list(read_table(bomb, required=[["name"]]))


def test_a_workbook_that_takes_too_long_is_stopped(app, monkeypatch):
    """Not told by its sizes: the process that reads it may work for two seconds."""
    monkeypatch.setattr(bounded, "RATIO", 10_000)
    with app.app_context(), pytest.raises(InvalidEntry, match="too much"):
        list(read_table(shared_strings(3_000_000), required=[["name"]]))


def test_a_workbook_that_says_it_is_endless_is_read_as_what_it_is(app):
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
        b'<row r="2"><c r="A2" t="inlineStr"><is><t>Ana</t></is></c></row></sheetData></worksheet>'
    )
    with app.app_context():
        lines = list(read_table(workbook("xl/worksheets/sheet1.xml", sheet), required=[["name"]]))
    assert [line.get("name") for line in lines] == ["Ana"]


def test_an_archive_of_very_many_parts_is_refused(app):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as parts:
        for number in range(3000):
            parts.writestr(f"x{number}", b"")
    with app.app_context(), pytest.raises(InvalidEntry, match="too much"):
        list(read_table(stream.getvalue(), required=[["name"]]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name\n" + b"a\n" * 11, "more than 10 rows"),
        (b"name" + b",x" * 300 + b"\n", "more than 256 columns"),
        (b'name\n"' + b"a" * 200_000 + b'"\n', "cannot be read as CSV"),
        (b"name\n" + b" " * (11 * 1024 * 1024), "at most 10 MB"),
    ],
)
def test_a_list_is_bounded(app, content, message):
    with app.app_context(), pytest.raises(InvalidEntry, match=message):
        list(read(content, required=[["name"]], most=10))


def test_cells_have_no_control_characters(app):
    with app.app_context():
        (line,) = read('name,note\n"A\x0bna\x01 \u202eB","one\n\x07two"\n'.encode(), required=[["name"]])
    assert (line.get("name"), line.text("note"), line.get("note")) == ("A na B", "one\ntwo", "one two")


def test_a_cell_that_a_spreadsheet_would_take_apart_starts_no_formula():
    text = "".join(csv_lines(["Name"], [["a;=1+1"], ["a\n =1+1"], ['a\t"@x'], ["1 - 2; fine"]]))
    assert text.split("\r\n", 1)[1] == '"a;\'=1+1"\r\n"a\n \'=1+1"\r\n"a\t""\'@x"\r\n"1 - 2; fine"\r\n'


def test_a_workbook_is_read_before_anything_is_locked(as_, session):
    """When the transaction of the request begins, no process has to be waited for any more."""
    order = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounded, "sheet_rows", _noting(order, "read", bounded.sheet_rows))
        patch.setattr(access, "begin_writing", _noting(order, "begin", access.begin_writing))
        data = {"kind": "ecosoc-roster", "file": (io.BytesIO(workbook()), "list.xlsx")}
        page = as_(SecretariatFactory()).post("/workspace/organisations/recognitions", data=data)
    assert "Import 1 line" in page.text
    assert order == ["read", "begin"]


def _noting(order, name, call):
    def noted(*args, **kwargs):
        order.append(name)
        return call(*args, **kwargs)

    return noted
