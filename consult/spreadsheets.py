"""Reading CSV as the world writes it, and writing CSV and XLSX that no spreadsheet can be tricked by.

What is read comes from strangers: a list has at most so many bytes, rows, columns and characters in a cell, and a
workbook is read by a process of its own, with limits (`consult.bounded`).
"""

import contextlib
import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, BinaryIO

import xlsxwriter
from charset_normalizer import from_bytes
from flask_babel import gettext as _

from consult import bounded
from consult.bounded import COLUMNS, ROWS
from consult.errors import InvalidEntry
from consult.texts import many_lines, one_line

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LARGEST = 10 * 1024 * 1024  # bytes of a list that is read while somebody waits
UNPACKED = 64 * 1024 * 1024  # bytes of a workbook's parts
SAMPLE = 64 * 1024  # bytes by which an encoding is guessed
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
# after what some spreadsheet takes for the end of a cell or a row
_RISKY_INSIDE = re.compile(r"""([;\t\r\n][\s"']*)(?=[=+\-@])""")
# rows of this request's workbook, read before its transaction began
_ahead: ContextVar[Mapping[str, list[list[str]]]] = ContextVar("_ahead", default=MappingProxyType({}))
_TO_QUOTE = re.compile(r'[,;\t"\r\n]|^\s|\s$')


@dataclass(frozen=True)
class Line:
    """One row of a file: where it stands in the file (first line is 1), and its cells by column title."""

    number: int
    cells: dict[str, str]

    def get(self, *titles: str) -> str:
        """The cell under the first of these titles that the file has, as one line, or an empty text."""
        return one_line(self.text(*titles))

    def text(self, *titles: str) -> str:
        """The same where a text may have several lines."""
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
        best = from_bytes(content[:SAMPLE], cp_isolation=["cp1252", "iso8859_1"]).best()
        return content.decode(best.encoding if best else "latin-1", errors="replace")


def read(content: bytes, *, required: Sequence[Sequence[str]], most: int = ROWS) -> Iterator[Line]:
    """Read a CSV file with a line of titles; titles are compared in lower case, empty rows are passed over. Cells are
    text without control characters; those that may have several lines keep them.

    Args:
        required: groups of titles; of each group one must be there.
        most: how many rows there may be.

    Raises:
        InvalidEntry: it is no CSV, has no rows or too many, is too large, or lacks a column.
    """
    _check_size(content)
    text = decode(content).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InvalidEntry(_("This file is empty."))
    first = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter)
    yield from _lines(_numbered(rows), required=required, most=most)


def _numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in rows:
            if len(row) > COLUMNS:
                message = _("Line %(line)s has more than %(most)s columns.", line=rows.line_num, most=COLUMNS)
                raise InvalidEntry(message, field="file")
            yield rows.line_num, row
    except csv.Error as error:
        raise InvalidEntry(_("Line %(line)s of this file cannot be read as CSV.", line=rows.line_num)) from error


def read_table(content: bytes, *, required: Sequence[Sequence[str]], most: int = ROWS) -> Iterator[Line]:
    """Read CSV, or the first sheet of an XLSX; otherwise as `read`.

    Raises:
        InvalidEntry: a title is missing, or the file is neither.
    """
    if not content.startswith(b"PK"):
        yield from read(content, required=required, most=most)
        return
    _check_size(content)
    yield from _lines(enumerate(workbook_rows(io.BytesIO(content)), 1), required=required, most=most)


def _lines(
    rows: Iterable[tuple[int, Sequence[str]]], *, required: Sequence[Sequence[str]], most: int
) -> Iterator[Line]:
    titles: list[str] | None = None
    number = 0
    for place, row in rows:
        cells = [many_lines(cell) for cell in row]
        if not any(cells):
            continue
        if titles is None:
            titles = [one_line(cell).lower() for cell in cells]
            _check_titles(titles, required)
            continue
        number += 1
        if number > most:
            raise InvalidEntry(_("This file has more than %(number)s rows.", number=most), field="file")
        yield Line(place, dict(zip(titles, cells, strict=False)))
    if titles is None:
        raise InvalidEntry(_("This file is empty."), field="file")


def _check_size(content: bytes) -> None:
    if len(content) > LARGEST:
        raise InvalidEntry(_("Send a file of at most %(number)s MB.", number=LARGEST // 1024**2), field="file")


def read_ahead(content: bytes) -> None:
    """Read a workbook before the transaction of a request begins, so that nothing is locked meanwhile: `workbook_rows`
    has its rows then. What is wrong with it is said there."""
    _ahead.set({})
    if content.startswith(b"PK") and len(content) <= LARGEST:
        stream = io.BytesIO(content)
        with contextlib.suppress(InvalidEntry):
            _ahead.set({_digest(stream): list(workbook_rows(stream))})


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while piece := stream.read(1024**2):
        digest.update(piece)
    stream.seek(0)
    return digest.hexdigest()


def workbook_rows(stream: BinaryIO, *, limits: bounded.Limits = bounded.REQUEST) -> Iterator[list[str]]:
    """The rows of the first sheet of an XLSX, one by one, as texts.

    Raises:
        InvalidEntry: it is no XLSX, a part of it is broken, it unpacks to more than `UNPACKED`, or it takes too long.
    """
    if limits is bounded.REQUEST and (ahead := _ahead.get().get(_digest(stream))) is not None:
        yield from ahead
        return
    unpacked = UNPACKED if limits is bounded.REQUEST else 4 * UNPACKED
    try:
        bounded.archive(stream, unpacked=unpacked).close()
        yield from bounded.sheet_rows(stream, limits=limits)
    except bounded.TooMuch as error:
        raise InvalidEntry(_("This file holds too much. Send it as CSV."), field="file") from error
    except bounded.Broken as error:
        raise InvalidEntry(_("This file cannot be read: send CSV or XLSX."), field="file") from error


def _check_titles(titles: Sequence[str], required: Sequence[Sequence[str]]) -> None:
    for group in required:
        if not set(group) & set(titles):
            raise InvalidEntry(
                _("The file has no column “%(title)s”. Its first line should name the columns.", title=group[0])
            )


def safe(value: Any) -> Any:
    """The cell as a spreadsheet may see it: a text that would start a formula gets an apostrophe in front, and so does
    what would start one where a spreadsheet splits cells at semicolons, tabs or lines."""
    if not isinstance(value, str):
        return "" if value is None else value
    inside = _RISKY_INSIDE.sub(r"\1'", value)
    return "'" + inside if inside.startswith(_RISKY) else inside


def csv_lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A CSV file piece by piece, with the mark that makes Excel read UTF-8."""
    yield "\ufeff" + _csv_line([str(title) for title in titles])
    for row in rows:
        yield _csv_line([str(safe(cell)) for cell in row])


def _csv_line(cells: Sequence[str]) -> str:
    """Quoted is what any spreadsheet could take apart, whatever it takes for a separator."""
    quoted = ('"' + cell.replace('"', '""') + '"' if _TO_QUOTE.search(cell) else cell for cell in cells)
    return ",".join(quoted) + "\r\n"


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
