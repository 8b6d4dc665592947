"""Keep a file and give it back.

Bytes are written before the transaction commits and go again if it does not; they are removed only once it has.
"""

import contextlib
import hashlib
import io
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePath
from typing import Any, BinaryIO

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from consult import bounded
from consult.database import after_commit, after_rollback, now
from consult.errors import InvalidEntry, NotFound
from consult.extensions import db
from consult.files import scanning, storage
from consult.files.models import StoredFile
from consult.texts import one_line

LIMIT = 10 * 1024 * 1024
UNPACKED = 256 * 1024 * 1024  # bytes of a document's parts; none of them is unpacked here
PICTURE_LIMIT, SIDE = 2 * 1024 * 1024, 320
ORPHANED = timedelta(days=1)  # longer than any transaction
BATCH = 500
_MAKING = threading.Lock()
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
    scanning.need_clean(content, name=name, field=field)
    kind = document_kind(content)
    if kind is None:
        raise InvalidEntry(_("The file “%(name)s” is not a document: send PDF, DOCX or ODT.", name=name), field=field)
    return keep(content, name=_tidy(name, kind), media_type=DOCUMENTS[kind])


def store_picture(stream: BinaryIO, *, name: str, field: str | None = None) -> StoredFile:
    """Keep a PNG, JPEG or WebP of at most 2 MB as a small PNG, drawn anew: what else the file carried is gone.

    Raises:
        InvalidEntry: it is larger, or no such picture.
    """
    content = stream.read(PICTURE_LIMIT + 1)
    if len(content) > PICTURE_LIMIT:
        raise InvalidEntry(_("The picture “%(name)s” is too large: send at most 2 MB.", name=name), field=field)
    scanning.need_clean(content, name=name, field=field)
    try:
        drawn = bounded.small_picture(content, side=SIDE)
    except bounded.TooMuch as error:
        message = _("The picture “%(name)s” has too many pixels. Make it smaller.", name=name)
        raise InvalidEntry(message, field=field) from error
    except bounded.Broken as error:
        message = _("The file “%(name)s” is not a picture: send PNG, JPEG or WebP.", name=name)
        raise InvalidEntry(message, field=field) from error
    return keep(drawn, name=_tidy(name, "png"), media_type="image/png")


def keep(content: bytes, *, name: str, media_type: str, expires_at: datetime | None = None) -> StoredFile:
    """Keep what was made here, or what a later domain has checked itself.

    Args:
        expires_at: when it is forgotten by itself; None: never.

    Raises:
        StorageFailed: there is no room for it.
    """
    file = StoredFile(
        name=one_line(name)[:200], media_type=media_type, size=len(content), stored_at=now(), expires_at=expires_at
    )
    db.session.add(file)
    db.session.flush()
    after_rollback(storage.removal(file.key))
    storage.write(file.key, content)
    return file


def made_once(purpose: str, content: Any, make: Callable[[], bytes], *, scope: str = "") -> bytes:
    """A file that takes long to make, made once for each content and language and then kept, at most for a day.

    Args:
        scope: kind and reference of the whole it belongs to, for `forget_made`; of what names people.
        purpose: which file it is, as “participants.docx”.
        content: what it is made from, as plain values: when that changes, the file is made anew.
        make: makes it; in one process one at a time, so that many readers do not make many.
    """
    facts = repr((purpose, str(get_locale()), content))
    key = _made_for(scope) + hashlib.sha256(facts.encode()).hexdigest()[:24]
    with contextlib.suppress(FileNotFoundError):
        return storage.read(key)
    with _MAKING:
        with contextlib.suppress(FileNotFoundError):  # another reader was quicker
            return storage.read(key)
        made = make()
        with contextlib.suppress(storage.StorageFailed):  # it is read all the same
            storage.write(key, made)
    return made


def forget_made(scope: str) -> None:
    """Remove what was made once for this scope: somebody whom it names is to be known no longer."""
    for key in storage.kept_with(_made_for(scope)):
        after_commit(storage.removal(key))


def _made_for(scope: str) -> str:
    return "made" + hashlib.sha256(scope.encode()).hexdigest()[:12]


def discard(file: StoredFile) -> None:
    """Forget a file; its bytes go when that is committed. Nothing may point to it any more."""
    after_commit(storage.removal(file.key))
    db.session.delete(file)
    db.session.flush()


def sweep(*, at: datetime) -> int:
    """Remove bytes that no row knows, older than a day, and forget files whose time is over; returns how many.

    Bytes without a row are left when a process dies between writing them and the end of its transaction.
    """
    expired = db.session.scalars(select(StoredFile).where(StoredFile.expires_at < at).limit(BATCH)).all()
    for file in expired:
        discard(file)
    removed = len(expired)
    keys = storage.kept_before(at - ORPHANED)
    while batch := list(islice(keys, BATCH)):
        known = set(db.session.scalars(select(StoredFile.key).where(StoredFile.key.in_(batch))))
        for key in batch:
            if key not in known:
                storage.remove(key)
                removed += 1
    return removed


def document_kind(content: bytes) -> str | None:
    """“pdf”, “docx”, “odt”, or None: by what the bytes are."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with bounded.archive(io.BytesIO(content), unpacked=UNPACKED) as archive:
            names = set(archive.namelist())
            if {"[Content_Types].xml", "word/document.xml"} <= names and "word/vbaProject.bin" not in names:
                return "docx"
            odt = DOCUMENTS["odt"].encode()
            if "mimetype" in names and bounded.part(archive, "mimetype", most=len(odt) + 8).strip() == odt:
                return "odt"
    except (bounded.Broken, bounded.TooMuch):
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
    stem = one_line(PurePath(name.replace("\\", "/")).name).replace("/", "")
    stem = re.sub(rf"\.{kind}$", "", stem, flags=re.IGNORECASE).strip(". ")[:150] or "document"
    return f"{stem}.{kind}"
