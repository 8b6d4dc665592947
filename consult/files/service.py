"""Keep a file and give it back."""

import io
import re
import zipfile
from pathlib import PurePath
from typing import BinaryIO

from flask_babel import gettext as _
from PIL import Image

from consult.database import now
from consult.errors import InvalidEntry, NotFound
from consult.extensions import db
from consult.files import storage
from consult.files.models import StoredFile

LIMIT = 10 * 1024 * 1024
PICTURE_LIMIT, PIXELS = 2 * 1024 * 1024, 25_000_000
DOCUMENTS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}


def store_document(stream: BinaryIO, *, name: str, field: str | None = None) -> StoredFile:
    """Keep a PDF, DOCX or ODT of at most 10 MB, whatever its name says it is.

    Raises:
        InvalidEntry: it is larger, empty, or its content is something else.
    """
    content = stream.read(LIMIT + 1)
    if not content:
        raise InvalidEntry(_("The file “%(name)s” is empty.", name=name), field=field)
    if len(content) > LIMIT:
        raise InvalidEntry(_("The file “%(name)s” is too large: send at most 10 MB.", name=name), field=field)
    kind = document_kind(content)
    if kind is None:
        raise InvalidEntry(_("The file “%(name)s” is not a document: send PDF, DOCX or ODT.", name=name), field=field)
    file = StoredFile(name=_tidy(name, kind), media_type=DOCUMENTS[kind], size=len(content), stored_at=now())
    db.session.add(file)
    db.session.flush()
    storage.write(file.key, content)
    return file


def store_picture(stream: BinaryIO, *, name: str, field: str | None = None) -> StoredFile:
    """Keep a PNG, JPEG or WebP of at most 2 MB as a small PNG, drawn anew: what else the file carried is gone.

    Raises:
        InvalidEntry: it is larger, or no such picture.
    """
    content = stream.read(PICTURE_LIMIT + 1)
    if len(content) > PICTURE_LIMIT:
        raise InvalidEntry(_("The picture “%(name)s” is too large: send at most 2 MB.", name=name), field=field)
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as picture:
            if picture.width * picture.height > PIXELS:
                raise InvalidEntry(_("The picture “%(name)s” has too many pixels.", name=name), field=field)
            picture.thumbnail((320, 320))
            drawn = io.BytesIO()
            picture.convert("RGBA").save(drawn, "PNG")
    except (OSError, ValueError, SyntaxError) as error:
        message = _("The file “%(name)s” is not a picture: send PNG, JPEG or WebP.", name=name)
        raise InvalidEntry(message, field=field) from error
    made = drawn.getvalue()
    file = StoredFile(name=_tidy(name, "png"), media_type="image/png", size=len(made), stored_at=now())
    db.session.add(file)
    db.session.flush()
    storage.write(file.key, made)
    return file


def keep(content: bytes, *, name: str, media_type: str) -> StoredFile:
    """Keep what was made here, or what a later domain has checked itself."""
    file = StoredFile(name=name[:200], media_type=media_type, size=len(content), stored_at=now())
    db.session.add(file)
    db.session.flush()
    storage.write(file.key, content)
    return file


def discard(file: StoredFile) -> None:
    """Forget a file and its bytes."""
    storage.remove(file.key)
    db.session.delete(file)


def document_kind(content: bytes) -> str | None:
    """“pdf”, “docx”, “odt”, or None: by what the bytes are."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if {"[Content_Types].xml", "word/document.xml"} <= names and "word/vbaProject.bin" not in names:
                return "docx"
            if "mimetype" in names and archive.read("mimetype").strip() == DOCUMENTS["odt"].encode():
                return "odt"
    except (zipfile.BadZipFile, RuntimeError, OSError):
        return None
    return None


def read(file: StoredFile) -> bytes:
    """The bytes of a stored file.

    Raises:
        NotFound: the storage has lost it.
    """
    try:
        return storage.read(file.key)
    except FileNotFoundError as error:
        raise NotFound(_("This file is no longer in the store.")) from error


def opened(file: StoredFile) -> BinaryIO:
    """A stored file as a stream, to be closed.

    Raises:
        NotFound: the storage has lost it.
    """
    try:
        stream: BinaryIO = storage.opened(file.key)
    except FileNotFoundError as error:
        raise NotFound(_("This file is no longer in the store.")) from error
    return stream


def _tidy(name: str, kind: str) -> str:
    """The name it came with, without path and control characters, ending as its content does."""
    stem = re.sub(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]", "", PurePath(name.replace("\\", "/")).name)
    stem = re.sub(rf"\.{kind}$", "", stem, flags=re.IGNORECASE).strip(". ")[:150] or "document"
    return f"{stem}.{kind}"
