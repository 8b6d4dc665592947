"""Where the bytes are: the folder or bucket that FILES_URL names."""

from typing import Any

import fsspec
from flask import current_app


def write(key: str, content: bytes) -> None:
    storage, path = _place(key)
    with storage.open(path, "wb") as target:
        target.write(content)


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


def _place(key: str) -> tuple[Any, str]:
    storage, root = fsspec.core.url_to_fs(current_app.config["FILES_URL"], auto_mkdir=True)
    return storage, f"{root}/{key[:2]}/{key}"
