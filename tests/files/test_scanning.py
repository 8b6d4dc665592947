"""Files are looked at by a scanner, where there is one, before anything of them is kept."""

import io
import socketserver
import struct
import threading

import pytest
from sqlalchemy import select

from consult.errors import InvalidEntry
from consult.extensions import db
from consult.files import service as files
from consult.files.models import StoredFile

HARMFUL = b"%PDF-1.7 X5O!P%@AP"


class Clamd(socketserver.StreamRequestHandler):
    """Speaks clamd's INSTREAM: finds what holds the harmful text."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        self.server.sizes.append(len(content))
        self.wfile.write(b"stream: Eicar-Signature FOUND\0" if b"X5O!P" in content else b"stream: OK\0")


@pytest.fixture
def clamd(app, session, monkeypatch):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
    server.sizes = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setitem(app.config, "CLAMD_URL", f"tcp://127.0.0.1:{server.server_address[1]}")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_clean_file_is_kept_and_was_looked_at_whole(clamd):
    content = b"%PDF-1.7" + b"x" * 200_000
    assert files.store_document(io.BytesIO(content), name="a.pdf").size == len(content)
    assert clamd.sizes == [len(content)]


@pytest.mark.parametrize("store", [files.store_document, files.store_picture])
def test_a_harmful_file_is_refused_and_nothing_of_it_is_kept(clamd, store):
    with pytest.raises(InvalidEntry, match="virus scanner found something harmful"):
        store(io.BytesIO(HARMFUL), name="a.pdf")
    assert db.session.scalars(select(StoredFile)).all() == []


def test_while_the_scanner_is_away_no_file_is_taken(app, session, monkeypatch):
    monkeypatch.setitem(app.config, "CLAMD_URL", "unix:///nowhere/clamd.sock")
    with pytest.raises(InvalidEntry, match="cannot be checked for viruses now"):
        files.store_document(io.BytesIO(b"%PDF-1.7"), name="a.pdf")


def test_without_a_scanner_files_are_taken(app, session):
    assert app.config["CLAMD_URL"] == ""
    assert files.store_document(io.BytesIO(b"%PDF-1.7"), name="a.pdf")
