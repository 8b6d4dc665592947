"""Have what strangers send looked at by ClamAV (clamd's INSTREAM), where CLAMD_URL names one."""

import socket
import struct
from contextlib import closing
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app
from flask_babel import gettext as _

from consult.errors import InvalidEntry

PATIENCE = 20  # seconds; a scan of 10 MB takes one or two
CHUNK = 64 * 1024
log = structlog.get_logger()


def need_clean(content: bytes, *, name: str, field: str | None = None) -> None:
    """
    Raises:
        InvalidEntry: the file holds something harmful, or cannot be looked at now: then it is not taken.
    """
    url = current_app.config["CLAMD_URL"]
    if not url:
        return
    try:
        answer = _scan(url, content)
    except OSError as error:
        log.warning("files cannot be scanned", error=type(error).__name__)
        answer = ""
    if answer.endswith(" FOUND"):
        log.warning("a file was refused by the scanner", signature=answer.removesuffix(" FOUND")[-80:])
        message = _("The file “%(name)s” was refused: the virus scanner found something harmful in it.", name=name)
        raise InvalidEntry(message, field=field)
    if not answer.endswith(": OK"):
        message = _("The file “%(name)s” cannot be checked for viruses now. Send it again in some minutes.", name=name)
        raise InvalidEntry(message, field=field)


def _scan(url: str, content: bytes) -> str:
    """What clamd says of these bytes, as “stream: OK”."""
    with closing(_connect(url)) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := connection.recv(4096)):
            answer += more
    return answer.rstrip(b"\0").decode(errors="replace").strip()


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(unquote(parts.path))
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((parts.hostname or "localhost", parts.port or 3310), timeout=PATIENCE)
