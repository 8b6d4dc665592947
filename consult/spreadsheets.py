"""Reading CSV as the world writes it, and writing CSV and XLSX that no spreadsheet can be tricked by."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import openpyxl
import xlsxwriter
from charset_normalizer import from_bytes
from flask_babel import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from consult.errors import InvalidEntry

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ROWS = 100_000
UNPACKED = 256 * 1024 * 1024  # bytes of a workbook's parts; its texts are held in memory
# what openpyxl lets through when the XML or the names in a workbook are wrong
_BROKEN = (SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError, NotImplementedError)
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Line:
    """One row of a file: where it stands in the file (first line is 1), and its cells by column title."""

    number: int
    cells: dict[str, str]

    def get(self, *titles: str) -> str:
        """The cell under the first of these titles that the file has, or an empty text."""
        for title in titles:
            if title in self.cells:
                return self.cells[title]
        return ""


@dataclass(frozen=True)
class BadRow:
    """A line of a file that cannot be taken as it is, and what to correct in it."""

    line: int
    reason: str


def decode(content: bytes) -> str:
    """The text of a file in UTF-8 (with or without mark), UTF-16 or Latin-1.

    Raises:
        InvalidEntry: it is no text at all.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                raise InvalidEntry(_("This file is broken: its text cannot be read.")) from error
    if b"\x00" in content:
        for encoding in ("utf-16-le", "utf-16-be"):  # UTF-16 without a mark
            text = content.decode(encoding, errors="replace")
            if ("\n" in text or "\r" in text) and "\x00" not in text and "�" not in text:
                return text
        raise InvalidEntry(_("This is not a CSV file. Save the spreadsheet as CSV and send that."))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=["cp1252", "iso8859_1"]).best()
        return str(best) if best else content.decode("latin-1")


def read(content: bytes, *, required: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Read a CSV file with a line of titles; titles are compared in lower case, empty rows are passed over.

    Args:
        required: groups of titles; of each group one must be there.

    Raises:
        InvalidEntry: it is no CSV, has no rows, or lacks a column.
    """
    text = decode(content).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InvalidEntry(_("This file is empty."))
    first = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    # NUL cannot stand in a PostgreSQL text
    rows = csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter)
    titles: list[str] | None = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if titles is None:
                titles = [cell.strip().lower() for cell in row]
                _check_titles(titles, required)
                continue
            cells = dict(zip(titles, (cell.strip() for cell in row), strict=False))
            yield Line(rows.line_num, cells)
    except csv.Error as error:
        raise InvalidEntry(_("Line %(line)s of this file cannot be read as CSV.", line=rows.line_num)) from error


def read_table(content: bytes, *, required: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Read CSV, or the first sheet of an XLSX; otherwise as `read`.

    Raises:
        InvalidEntry: a title is missing, or the file is neither.
    """
    if not content.startswith(b"PK"):
        yield from read(content, required=required)
        return
    rows = workbook_rows(io.BytesIO(content))
    titles = [str(cell or "").strip().lower() for cell in next(rows, ())]
    _check_titles(titles, required)
    for number, row in enumerate(rows, 2):
        if number > ROWS:
            raise InvalidEntry(_("This file has more than %(number)s rows.", number=ROWS), field="file")
        cells = {title: _plain(cell) for title, cell in zip(titles, row, strict=False)}
        if any(cells.values()):
            yield Line(number, cells)


def workbook_rows(stream: BinaryIO) -> Iterator[tuple[Any, ...]]:
    """The rows of the first sheet of an XLSX, one by one, as its cells are: texts, numbers, dates, None.

    Raises:
        InvalidEntry: it is no XLSX, a part of it is broken, or it unpacks to more than `UNPACKED`.
    """
    try:
        with zipfile.ZipFile(stream) as parts:  # which reads no more of a part than is said here
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > UNPACKED:
            raise InvalidEntry(_("This file holds too much. Send it as CSV."), field="file")
        stream.seek(0)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        yield from book.worksheets[0].iter_rows(values_only=True)
    except (*_BROKEN, InvalidFileException, zipfile.BadZipFile, zlib.error) as error:
        raise InvalidEntry(_("This file cannot be read: send CSV or XLSX."), field="file") from error


def _plain(cell: object) -> str:
    """A cell as text; a whole number without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def _check_titles(titles: Sequence[str], required: Sequence[Sequence[str]]) -> None:
    for group in required:
        if not set(group) & set(titles):
            raise InvalidEntry(
                _("The file has no column “%(title)s”. Its first line should name the columns.", title=group[0])
            )


def safe(value: Any) -> Any:
    """The cell as a spreadsheet may see it: a text that would start a formula gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(_RISKY):
        return "'" + value
    return "" if value is None else value


def csv_lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file piece by piece, with the mark that makes Excel read UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([str(title) for title in titles])
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook."""

    name: str
    titles: Sequence[str]
    rows: Iterable[Sequence[Any]]


def xlsx(sheets: Iterable[Sheet]) -> bytes:
    """A workbook. Every text is written as text: nothing in it is a formula or a link."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.titles) - 1, 20)
            for column, title in enumerate(sheet.titles):
                page.write_string(0, column, str(title), bold)
            for number, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, (int, float)):
                        page.write_number(number, column, value)
                    else:
                        page.write_string(number, column, "" if value is None else str(value))
    return buffer.getvalue()
