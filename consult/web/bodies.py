"""What a request may carry: how large its body is, read whole before anything is locked, and what its values may be.

A body is small unless the view says otherwise with `@takes`. It is read before the transaction begins, so that whoever
sends slowly holds no lock. Values that no database or calendar knows are taken out, so that no page fails on them.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, abort, request, session
from werkzeug.datastructures import ImmutableMultiDict

from consult import spreadsheets

MEGABYTE = 1024 * 1024
SMALL = 2 * MEGABYTE  # forms without files
PICTURE, DOCUMENT, DOCUMENTS, REPORT = 3 * MEGABYTE, 11 * MEGABYTE, 32 * MEGABYTE, 42 * MEGABYTE
FIELDS_SIZE, PARTS = 2 * MEGABYTE, 5000  # what is held in memory of a form, and of how many parts it is
NUMBER = 2**31 - 1  # the largest number of a row
YEARS = range(1900, 2201)
V = TypeVar("V", bound=Callable[..., Any])
_UNFIT = dict.fromkeys((0, *range(55296, 57344)))


def takes(size: int, *, sheet: str = "") -> Callable[[V], V]:
    """How many bytes the body of a request to this view may have. Stands above `@require` or `@public`.

    Args:
        sheet: the field of a spreadsheet, which is read before the transaction begins.
    """

    def decorate(view: V) -> V:
        view.body_limit, view.sheet = size, sheet  # type: ignore[attr-defined]
        return view

    return decorate


def whole_number(text: str) -> int:
    """For `request.args.get(…, type=whole_number)`: a number a row may have, or there is none."""
    number = int(text)
    if not 0 <= number <= NUMBER:
        raise ValueError(text)
    return number


def is_sane(day: date) -> bool:
    """Whether calendars and time zones can work with this day."""
    return day.year in YEARS


class CleanRequest(Request):
    """Values of the address and of forms without NUL and halves of characters, which databases cannot keep."""

    @property
    def args(self) -> ImmutableMultiDict[str, str]:
        if "_clean_args" not in self.__dict__:
            self.__dict__["_clean_args"] = _clean(super().args)
        values: ImmutableMultiDict[str, str] = self.__dict__["_clean_args"]
        return values

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """What is nested deeper than Python goes is no JSON."""
        try:
            return _clean_json(super().get_json(force=force, silent=silent, cache=cache))
        except RecursionError:
            if silent:
                return None
            abort(400)

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        self.__dict__["form"] = _clean(self.__dict__["form"])


def _clean(values: Any) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        [
            (name.translate(_UNFIT), value.translate(_UNFIT))
            for name, value in values.items(multi=True)
            if name != "next" or _is_address(value)
        ]
    )


def _clean_json(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_UNFIT)
    if isinstance(value, list):
        return [_clean_json(each) for each in value]
    if isinstance(value, dict):
        return {_clean_json(name): _clean_json(each) for name, each in value.items()}
    return value


def _is_address(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def takes_json(view: V) -> V:
    """The view takes an object in JSON; all others take forms only, which libraries would read from JSON too."""
    view.takes_json = True  # type: ignore[attr-defined]
    return view


def _check_json(view: Any) -> None:
    if not getattr(view, "takes_json", False):
        abort(415)
    if not isinstance(request.get_json(silent=True), dict):
        abort(400)


def _read_sheet(field: str) -> None:
    file = request.files.get(field) if field else None
    content = file.stream.read(spreadsheets.LARGEST + 1) if file else b""
    if file:
        file.stream.seek(0)
    spreadsheets.read_ahead(content)


def limit_of(app: Flask, endpoint: str) -> int:
    """How many bytes the body of a request to this endpoint may have."""
    return int(getattr(app.view_functions.get(endpoint), "body_limit", SMALL))


def register(app: Flask) -> None:
    """Before anything else that looks at a request: CSRF reads the body."""
    app.request_class = CleanRequest
    app.config["MAX_FORM_MEMORY_SIZE"], app.config["MAX_FORM_PARTS"] = FIELDS_SIZE, PARTS
    app.config["MAX_CONTENT_LENGTH"] = SMALL

    @app.before_request
    def read_body() -> None:
        if any("\x00" in str(value) or not str(value).isprintable() for value in (request.view_args or {}).values()):
            abort(404)
        endpoint = request.endpoint or ""
        view = app.view_functions.get(endpoint)
        is_open = getattr(view, "access", "public") == "public"
        if is_open or "_user_id" in session:  # who is not signed in sends nothing large to where they may not go
            request.max_content_length = limit_of(app, endpoint)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and endpoint:
            if request.is_json:
                _check_json(view)
            elif request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
                _ = request.form
            else:
                request.get_data(cache=True)
            if "_user_id" in session:
                _read_sheet(getattr(view, "sheet", ""))
