"""Everything that unpacks, parses or draws what a stranger sends is bounded here: in bytes, ratio, entries and seconds.

Archives are looked at before anything of them is unpacked. What costs more than reading a header (workbooks,
pictures, typesetting) is done by a child process that the system stops: it may use so much memory, so many seconds
of processor time, and so many on the clock, and no more. The child is `bounded_child.py`, which knows nothing of us.
"""

import io
import json
import selectors
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import error as StructError
from struct import unpack_from
from typing import Any, BinaryIO

ENTRIES = 2000  # parts of an archive
DIRECTORY = 256 * 1024  # bytes of an archive's list of parts
RATIO = 100  # how much larger than the archive its parts may be, …
SMALL = 4 * 1024 * 1024  # … once they are larger than this
ROWS, COLUMNS, CELL = 100_000, 256, 32_767  # of a sheet; a cell of a workbook has no more characters than that
PIXELS = 25_000_000
_CHILD = str(Path(__file__).with_name("bounded_child.py"))
_PIECE = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a child process may use, and how many bytes it may answer."""

    memory: int = 768 * 1024 * 1024
    cpu: int = 2
    clock: float = 10.0
    answer: int = 64 * 1024 * 1024


REQUEST = Limits()  # while somebody waits for the page
DRAWING = Limits(cpu=20, clock=60.0, memory=2048 * 1024 * 1024)  # typesetting, of what was checked before
WORKER = Limits(cpu=300, clock=600.0, memory=2048 * 1024 * 1024, answer=1024 * 1024 * 1024)


class TooMuch(Exception):
    """It needs more than it may: of memory, time, entries, or size."""


class Broken(Exception):
    """It is not what it should be."""


def archive(stream: BinaryIO, *, unpacked: int) -> zipfile.ZipFile:
    """Open a ZIP after looking at its list of parts; close it. Parts are read with `part`.

    Raises:
        TooMuch: it has too many parts, or they would be larger than `unpacked` bytes, or than the archive explains.
        Broken: it is no such archive.
    """
    size = stream.seek(0, io.SEEK_END)
    _check_directory(stream, size)
    stream.seek(0)
    try:
        opened = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Broken from error
    parts = opened.infolist()
    whole = sum(part.file_size for part in parts)
    names = {part.filename for part in parts}
    if len(parts) > ENTRIES or whole > unpacked or (whole > SMALL and whole > RATIO * size):
        raise TooMuch
    if len(names) < len(parts) or any(part.flag_bits & 1 for part in parts):
        raise Broken  # two parts of one name, or a part under a password
    return opened


def _check_directory(stream: BinaryIO, size: int) -> None:
    """Before the list is read: how long it says it is. Large archives (ZIP64) are not expected here."""
    tail_size = min(size, 22 + 65_535)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise Broken
    try:
        entries, directory = unpack_from("<HI", tail, place + 10)
    except StructError as error:
        raise Broken from error
    if entries > ENTRIES or directory > DIRECTORY or tail[max(place - 20, 0) : place].startswith(b"PK\x06\x07"):
        raise TooMuch


def part(opened: zipfile.ZipFile, name: str, *, most: int) -> bytes:
    """The first `most` bytes of a part; no more is unpacked.

    Raises:
        Broken: there is no such part, or it cannot be read.
    """
    try:
        with opened.open(name) as source:
            return source.read(most)
    except (KeyError, zipfile.BadZipFile, RuntimeError, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise Broken from error
    except Exception as error:  # zlib, bz2 and lzma have errors of their own
        raise Broken from error


def sheet_rows(stream: BinaryIO, *, limits: Limits = REQUEST) -> Iterator[list[str]]:
    """The rows of the first sheet of a workbook as texts, as the child process reads them.

    Raises:
        TooMuch: it needs more than the limits, or has more than `ROWS` rows.
        Broken: it is no workbook.
    """
    order = {"do": "sheet", "rows": ROWS, "columns": COLUMNS, "cell": CELL}
    rest = b""
    for piece in _pieces(order, stream, limits):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield json.loads(line)


def small_picture(content: bytes, *, side: int, limits: Limits = REQUEST) -> bytes:
    """A PNG, JPEG or WebP drawn anew as a PNG of at most `side` pixels each way.

    Raises:
        TooMuch: it has more than `PIXELS` pixels, or needs more than the limits.
        Broken: it is no such picture.
    """
    order = {"do": "picture", "side": side, "pixels": PIXELS}
    return b"".join(_pieces(order, io.BytesIO(content), limits))


def typeset(template: bytes, options: dict[str, Any], *, limits: Limits = DRAWING) -> bytes:
    """What typst makes of a template.

    Raises:
        TooMuch: it needs more than the limits.
        Broken: typst refuses the template.
    """
    order = {"do": "typeset", "options": options}
    return b"".join(_pieces(order, io.BytesIO(template), limits))


def _pieces(order: dict[str, Any], stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """What the child answers, piece by piece. It ends with the generator, whatever happens."""
    order |= {"memory": limits.memory, "cpu": limits.cpu}
    with tempfile.TemporaryFile() as source:
        line = json.dumps(order).encode()
        source.write(len(line).to_bytes(4, "big") + line)
        stream.seek(0)
        while piece := stream.read(_PIECE):
            source.write(piece)
        source.seek(0)
        child = subprocess.Popen(  # noqa: S603  our own interpreter and script
            [sys.executable, "-I", _CHILD], stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        )
        try:
            yield from _answers(child, limits)
        finally:
            child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()


def _answers(child: "subprocess.Popen[bytes]", limits: Limits) -> Iterator[bytes]:
    assert child.stdout
    waited, size = 0.0, 0
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while True:
            began = time.monotonic()
            is_ready = ready.select(limits.clock - waited)
            waited += time.monotonic() - began  # what we do with the pieces ourselves does not count
            piece = child.stdout.read1(_PIECE) if is_ready else None  # type: ignore[attr-defined]
            if piece is None:
                raise TooMuch
            if not piece:
                break
            size += len(piece)
            if size > limits.answer:
                raise TooMuch
            yield piece
    code = child.wait(timeout=5)
    if code == BROKEN:
        raise Broken
    if code != 0:  # out of memory, or stopped by the system
        raise TooMuch


BROKEN = 65  # how the child ends when it cannot read what it got
