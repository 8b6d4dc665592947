"""Run by `bounded.py` in a process of its own, with limits: it imports nothing of Consult.

It gets an order (four bytes of length, JSON) and then the content on its input, and writes what it made to its output.
"""

import contextlib
import json
import os
import resource
import sys
from typing import Any

BROKEN = 65


def main() -> None:
    """Do what the order says; end with `BROKEN` if the content is not what it should be."""
    source = sys.stdin.buffer
    order = json.loads(source.read(int.from_bytes(source.read(4), "big")))
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work = {"sheet": read_sheet, "picture": draw_picture, "typeset": typeset}[order["do"]]
    try:
        work(order, source.read())
        sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(1)
    except BrokenPipeError:
        os._exit(0)
    except Exception:
        os._exit(BROKEN)


def read_sheet(order: dict[str, Any], content: bytes) -> None:
    """One line of JSON a row: a list of texts."""
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    with contextlib.suppress(AttributeError):
        sheet.reset_dimensions()  # what the file says of its own size is not believed
    out = sys.stdout.buffer
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=order["columns"]), 1):
        if number > order["rows"] + 1:
            os._exit(1)
        cells = [text(cell)[: order["cell"]] for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        out.write(json.dumps(cells).encode() + b"\n")


def text(cell: Any) -> str:
    """A cell as text; a whole number without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell)


def draw_picture(order: dict[str, Any], content: bytes) -> None:
    """The picture, smaller, as a PNG; more pixels than allowed end the process before any is drawn."""
    import io
    import warnings

    from PIL import Image

    Image.MAX_IMAGE_PIXELS = order["pixels"]
    warnings.simplefilter("error")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as picture:
            if picture.width * picture.height > order["pixels"]:
                os._exit(1)
            picture.thumbnail((order["side"], order["side"]))
            picture.convert("RGBA").save(sys.stdout.buffer, "PNG")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        os._exit(1)


def typeset(order: dict[str, Any], content: bytes) -> None:
    """What typst makes of the template."""
    from typing import cast

    import typst

    compiled = cast(Any, typst.compile)
    sys.stdout.buffer.write(compiled(content, **order["options"]))


if __name__ == "__main__":
    main()
