"""Answers that are files: always attachments, never opened by the browser as a page of ours."""

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response, stream_with_context

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attachment(content: bytes | Iterable[str], *, name: str, media_type: str) -> Response:
    """A file under `name`; text is streamed, piece by piece."""
    body = content if isinstance(content, bytes) else stream_with_context(iter(content))
    response = Response(body, mimetype=media_type)
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return response
