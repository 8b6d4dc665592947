"""Files of strangers: bounded, whole or not at all, and gone only when that is decided."""

import errno
import io
import os
import stat
import time
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from consult.database import now
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.files import service, storage
from consult.files.models import StoredFile
from tests.factories import FocalPointFactory

pytestmark = pytest.mark.usefixtures("session")
ODT = b"application/vnd.oasis.opendocument.text"


def an_archive(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def a_png(width, height, **more):
    stream = io.BytesIO()
    Image.new("1", (width, height)).save(stream, "PNG", **more)
    return stream.getvalue()


def a_chunk(kind, content):
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def kept_keys(app):
    folder = Path(app.config["FILES_URL"].removeprefix("file://"))
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_document_is_known_by_its_first_bytes_only():
    assert service.document_kind(an_archive(mimetype=ODT)) == "odt"
    bomb = an_archive(mimetype=ODT + b" " * 300_000_000)
    assert len(bomb) < 400_000
    assert service.document_kind(bomb) is None
    assert service.document_kind(an_archive(mimetype=ODT + b"x" * 1_000_000)) is None


def test_an_archive_that_holds_too_much_is_no_document():
    parts = {"[Content_Types].xml": b"x", "word/document.xml": b"x"}
    assert service.document_kind(an_archive(**parts)) == "docx"
    assert service.document_kind(an_archive(**parts, big=b"x" * 20_000_000)) is None, "a ratio that no text has"
    assert service.document_kind(an_archive(**parts, **{f"p{number}": b"" for number in range(3000)})) is None


PICTURES = {
    "20,000 pixels each way": a_png(20_000, 20_000),
    "a text that unpacks to 100 MB": a_png(2, 2)[:33]
    + a_chunk(b"zTXt", b"a\x00\x00" + zlib.compress(b" " * 100_000_000, 9))
    + a_png(2, 2)[33:],
    "a profile that unpacks to 100 MB": a_png(2, 2)[:33]
    + a_chunk(b"iCCP", b"a\x00\x00" + zlib.compress(b" " * 100_000_000, 9))
    + a_png(2, 2)[33:],
    "no picture": b"\x89PNG\r\n\x1a\n nothing",
    "a cut one": a_png(300, 300)[:60],
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_would_take_too_much_is_refused_or_drawn_small(app, name):
    before = kept_keys(app)
    began = time.process_time()
    try:
        file = service.store_picture(io.BytesIO(PICTURES[name]), name="logo.png")
    except InvalidEntry:
        assert kept_keys(app) == before
    else:
        assert file.size < 10_000, "what it carried is gone"
    assert time.process_time() - began < 1, "the work is not done by the web server"


def test_a_picture_is_drawn_anew():
    file = service.store_picture(io.BytesIO(a_png(1000, 500)), name="logo.webp.png")
    with Image.open(io.BytesIO(service.read(file))) as picture:
        assert (picture.format, picture.size) == ("PNG", (320, 160))
    stream = io.BytesIO()
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:])
    assert service.store_picture(io.BytesIO(stream.getvalue()), name="moves.webp").name == "moves.webp.png"


def test_files_are_readable_by_this_account_only(app):
    file = service.keep(b"secret", name="a.txt", media_type="text/plain")
    path = Path(app.config["FILES_URL"].removeprefix("file://")) / file.key[:2] / file.key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_name_is_one_line_without_tricks():
    file = service.store_document(io.BytesIO(b"%PDF-1"), name="../a\r\nb\u202efdp.exe\x0b.pdf")
    assert file.name == "a bfdp.exe.pdf"


def test_bytes_go_when_the_deletion_is_committed_and_not_before():
    file = service.keep(b"x", name="a", media_type="text/plain")
    db.session.commit()
    key = file.key
    service.discard(file)
    assert storage.read(key) == b"x"
    db.session.rollback()
    assert storage.read(key) == b"x"
    service.discard(db.session.scalars(select(StoredFile).where(StoredFile.key == key)).one())
    db.session.commit()
    with pytest.raises(FileNotFoundError):
        storage.read(key)


def test_bytes_of_what_was_rolled_back_are_removed():
    with db.session.begin_nested():
        stays = service.keep(b"x", name="a", media_type="text/plain").key
    attempt = db.session.begin_nested()
    goes = service.keep(b"y", name="b", media_type="text/plain").key
    with db.session.begin_nested():
        too = service.keep(b"z", name="c", media_type="text/plain").key
    attempt.rollback()
    db.session.commit()
    assert storage.read(stays) == b"x"
    for key in (goes, too):
        with pytest.raises(FileNotFoundError):
            storage.read(key)


def test_a_deletion_in_a_savepoint_that_is_undone_removes_nothing():
    file = service.keep(b"x", name="a", media_type="text/plain")
    db.session.commit()
    key = file.key
    attempt = db.session.begin_nested()
    service.discard(file)
    attempt.rollback()
    db.session.commit()
    assert storage.read(key) == b"x"


def test_a_full_disk_leaves_nothing_and_says_so(as_, app, monkeypatch):
    point, before = FocalPointFactory(), kept_keys(app)
    db.session.commit()
    desk, path = as_(point.user), f"/my/organisations/{point.organisation.ref}/documents"

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    data = {"document-document": (io.BytesIO(b"%PDF-1"), "a.pdf"), "document-kind": "other"}
    answer = desk.post(path, data=data)
    assert answer.status_code in {422, 503}
    assert "nothing was saved" in answer.text
    assert db.session.scalars(select(StoredFile)).all() == []
    assert kept_keys(app) == before


def test_what_a_killed_process_left_is_swept_after_a_day(app):
    known = service.keep(b"x", name="a", media_type="text/plain")
    for_a_day = service.keep(b"y", name="b", media_type="text/plain", expires_at=now() + timedelta(hours=1))
    storage.write("orphan", b"z")
    half = Path(app.config["FILES_URL"].removeprefix("file://")) / "or" / f"or2{storage.PARTIAL}"
    half.write_bytes(b"half")
    service.sweep(at=now())
    assert {"orphan", half.name, known.key, for_a_day.key} <= kept_keys(app), "it may be of a transaction that runs"
    gone = for_a_day.key
    service.sweep(at=now() + timedelta(days=2))
    db.session.commit()
    assert storage.read(known.key) == b"x"
    assert not {"orphan", half.name, gone} & kept_keys(app)
