"""Where the bytes are: the folder or bucket that FILES_URL names.

In a folder a file is written under another name, brought to the disk and then renamed, so that there is never half a
file under its key; nobody but the account that runs Consult reads it.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
from flask import Flask, current_app
from flask_babel import gettext as _
from fsspec.implementations.local import LocalFileSystem

from consult.errors import DomainError

PARTIAL = ".partial"


class StorageFailed(DomainError):
    """The bytes could not be kept: the disk is full, or the storage is away."""

    status = 503


def write(key: str, content: bytes) -> None:
    """Keep bytes under a key, all of them or none.

    Raises:
        StorageFailed: there is no room, or the storage does not answer.
    """
    storage, path = _place(key)
    try:
        if isinstance(storage, LocalFileSystem):
            _write_file(Path(path), content)
        else:
            with storage.open(path, "wb") as target:
                target.write(content)
    except OSError as error:
        message = _("The server cannot keep files now, so nothing was saved. Try again later, or tell the secretariat.")
        raise StorageFailed(message) from error


def _write_file(path: Path, content: bytes) -> None:
    for folder in reversed([path.parent, path.parent.parent]):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        partial.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    folder_descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder_descriptor)  # or the name may be gone after a power cut
    finally:
        os.close(folder_descriptor)


def read(key: str) -> bytes:
    """
    Raises:
        FileNotFoundError: nothing is kept under this key.
    """
    storage, path = _place(key)
    with storage.open(path, "rb") as source:
        return bytes(source.read())


def opened(key: str) -> Any:
    """The bytes as a stream, for what is too large to be held; close it."""
    storage, path = _place(key)
    return storage.open(path, "rb")


def remove(key: str) -> None:
    """What is gone already stays gone."""
    storage, path = _place(key)
    if storage.exists(path):
        storage.rm(path)


def removal(key: str) -> Callable[[], None]:
    """`remove`, to be called when a transaction has ended, where the application's context may be gone."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def remove_later() -> None:
        with app.app_context():
            remove(key)

    return remove_later


def kept_before(at: datetime) -> Iterator[str]:
    """The names under which something has been kept since before this instant, half-written files too."""
    storage, root = fsspec.core.url_to_fs(current_app.config["FILES_URL"])
    if not storage.exists(root):
        return
    for path in storage.find(root):
        modified = storage.modified(path)
        if (modified if modified.tzinfo else modified.replace(tzinfo=UTC)) < at:
            yield path.rsplit("/", 1)[-1]


def kept_with(prefix: str) -> list[str]:
    """The names that begin so, which must be more than two characters."""
    storage, path = _place(prefix)
    return [each.rsplit("/", 1)[-1] for each in storage.glob(f"{path}*")]


def _place(key: str) -> tuple[Any, str]:
    storage, root = fsspec.core.url_to_fs(current_app.config["FILES_URL"], auto_mkdir=True)
    return storage, f"{root}/{key[:2]}/{key}"
