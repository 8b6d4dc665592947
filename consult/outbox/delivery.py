"""From a message to bytes on a wire: writing it out, and the two ways it can leave."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app, render_template
from flask_babel import force_locale

from consult.database import now
from consult.outbox import attachments
from consult.outbox.models import Message

TIMEOUT = 30


class NotDelivered(Exception):
    """The mail server did not take a message. `final`: it never will."""

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


class Transport(Protocol):
    def send(self, sender: str, to: str, content: bytes, *, key: str) -> None:
        """
        Raises:
            NotDelivered: this message was not taken.
            OSError: the connection is lost.
        """


def text_of(template: str, context: dict[str, Any], language: str) -> tuple[str, str]:
    """Subject and text as they are read. The template's first line is the subject."""
    config = current_app.config
    with force_locale(language):
        text = render_template(
            f"emails/{template}.txt", base_url=config["BASE_URL"], site_name=config["SITE_NAME"], **context
        )
    subject, body = text.strip().split("\n", 1)
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"


def compose(message: Message) -> bytes:
    """The message as it goes over the wire."""
    subject, body = text_of(message.template, message.context, message.language)
    part = MIMEText(body, "plain", "utf-8")
    mail: MIMEText | MIMEMultipart = part
    with force_locale(message.language):
        files = [made for name in message.attachments if (made := attachments.make(name))]
    if files:
        mail = MIMEMultipart()
        mail.attach(part)
        for file in files:
            attached = MIMEApplication(file.content, file.media_type.split("/", 1)[1])
            attached.replace_header("Content-Type", file.media_type)
            attached.add_header("Content-Disposition", "attachment", filename=file.name)
            mail.attach(attached)
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    mail["Subject"] = Header(subject, "utf-8").encode()
    mail["From"] = formataddr((name, address))
    mail["To"] = message.to
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{message.ref}@{address.rsplit('@', 1)[-1]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n"))  # smtplib sends bytes as they are


class _Smtp:
    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection

    def send(self, sender: str, to: str, content: bytes, *, key: str) -> None:
        try:
            self._connection.sendmail(sender, [to], content)
        except smtplib.SMTPServerDisconnected as error:
            raise ConnectionError(str(error)) from error
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = error.recipients[to]
            raise NotDelivered(f"{code} {reason.decode(errors='replace')}", final=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            said = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode(errors="replace")
            raise NotDelivered(f"{error.smtp_code} {said}", final=error.smtp_code >= 500) from error
        except smtplib.SMTPException as error:
            raise NotDelivered(str(error), final=False) from error


class _Folder:
    """The embedded default: each mail is a file, which the demo shows as a page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sender: str, to: str, content: bytes, *, key: str) -> None:
        partial = self._folder / f".{key}"
        partial.write_bytes(content)
        partial.rename(self._folder / f"{now():%Y%m%dT%H%M%S%f}-{key}.eml")


@contextmanager
def connection() -> Iterator[Transport]:
    """One way out, kept open for a batch.

    Raises:
        OSError: the mail server cannot be reached, or refuses us.
    """
    url = urlsplit(current_app.config["MAIL_URL"])
    if url.scheme == "file":
        folder = Path(unquote(url.path))
        folder.mkdir(parents=True, exist_ok=True)
        yield _Folder(folder)
        return
    try:
        server = _connect(url.scheme, url.hostname or "localhost", url.port)
        if url.scheme == "smtp" and parse_qs(url.query).get("tls") == ["starttls"]:
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except smtplib.SMTPException as error:
        raise ConnectionError(str(error)) from error
    try:
        yield _Smtp(server)
    finally:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT)


def sender_address() -> str:
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def lease_seconds() -> int:
    """How long a worker may keep a batch to itself."""
    return int(current_app.config["OUTBOX_LEASE_SECONDS"])
