"""From a message to bytes on a wire: writing it out, and the two ways it can leave."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from threading import Timer
from typing import Any, NoReturn, Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from flask import current_app, render_template
from flask_babel import force_locale

from consult.addresses import mail_address
from consult.database import now
from consult.outbox import attachments
from consult.outbox.models import Message

TIMEOUT = 30  # seconds for each reply of the mail server
LONGEST = 90  # seconds for all of one message
# replies that are about the server, the sender or our account, at whatever command they come
_OF_SERVER = {530, 534, 535, 538}
_OF_SENDER = re.compile(r"^[45]\.(1\.[78]|3\.[12]|7\.(8|9|11))\b")


class NotDelivered(Exception):
    """The mail server did not take a message. `final`: it never will."""

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


class ServerAtFault(Exception):
    """The mail server cannot be reached, or takes nothing from us: no message is to blame."""


class ConnectionLost(Exception):
    """The mail server hung up. `at_message`: when it had been told the recipient, who may be the reason."""

    def __init__(self, message: str, *, at_message: bool) -> None:
        super().__init__(message)
        self.at_message = at_message


class Transport(Protocol):
    def send(self, sender: str, to: str, content: bytes, *, key: str) -> None:
        """
        Raises:
            NotDelivered: this message was not taken.
            ConnectionLost: the server hung up; another connection may do.
            ServerAtFault: no message would be taken now.
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
    mail["From"] = formataddr((name, mail_address(address)))
    # what is not ASCII goes as it is: only a server that takes such addresses gets to see it
    mail["To"] = mail_address(message.to).encode().decode("ascii", "surrogateescape")
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{message.ref}@{mail_address(address).rsplit('@', 1)[-1]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n"))  # smtplib sends bytes as they are


class _Smtp:
    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection

    def send(self, sender: str, to: str, content: bytes, *, key: str) -> None:
        """Command by command, since what a refusal means depends on the command it answers."""
        options: list[str] = []
        if not to.isascii():
            if not self._connection.has_extn("smtputf8"):
                message = "The mail server takes no addresses with letters like these before the @."
                raise NotDelivered(message, final=True)
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        is_special = bool(options)
        watch = Timer(LONGEST, self._hang_up)
        watch.daemon = True
        watch.start()
        try:
            self._command(lambda: self._connection.mail(sender, options), at_message=is_special)
            self._command(lambda: self._connection.rcpt(to), at_message=True)
            self._command(lambda: self._connection.data(content), at_message=True)
        except (NotDelivered, ConnectionLost, ServerAtFault):
            raise
        except Exception as error:
            self._connection.close()  # nobody knows what it has heard; the next message asks for another
            raise NotDelivered(type(error).__name__, final=False) from error
        finally:
            watch.cancel()
            self._connection.command_encoding = "ascii"  # smtplib leaves it as SMTPUTF8 has it

    def _command(self, command: Callable[[], tuple[int, bytes]], *, at_message: bool) -> None:
        try:
            code, reply = command()
        except smtplib.SMTPDataError as error:
            code, reply = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise ConnectionLost(str(error), at_message=at_message) from error
        if not 200 <= code < 300:
            self._refuse(code, reply.decode(errors="replace"), at_message=at_message)

    def _refuse(self, code: int, reply: str, *, at_message: bool) -> NoReturn:
        text = f"{code} {reply}"
        if code in {421, -1} or not at_message:  # of this connection it takes no more, perhaps of another
            self._connection.close()
            raise ConnectionLost(text, at_message=at_message)
        if code in _OF_SERVER or _OF_SENDER.match(reply):
            raise ServerAtFault(text)
        try:
            self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self._connection.close()  # the next message finds it closed, and asks for another
        raise NotDelivered(text, final=code >= 500)

    def _hang_up(self) -> None:
        """A server that answers a little now and then would hold up all others for ever."""
        if self._connection.sock:
            self._connection.sock.shutdown(socket.SHUT_RDWR)


class _Folder:
    """The embedded default: each mail is a file, which the demo shows as a page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sender: str, to: str, content: bytes, *, key: str) -> None:
        partial = self._folder / f".{key}"
        try:
            partial.write_bytes(content)
            partial.rename(self._folder / f"{now():%Y%m%dT%H%M%S%f}-{key}.eml")
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise ServerAtFault(f"The folder of mails cannot be written: {error.strerror}.") from error


@contextmanager
def connection() -> Iterator[Transport]:
    """One way out, kept open for a batch.

    Raises:
        ServerAtFault: the mail server cannot be reached, or refuses us.
    """
    url = urlsplit(current_app.config["MAIL_URL"])
    if url.scheme == "file":
        yield _folder(Path(unquote(url.path)))
        return
    server = _signed_in(url)
    try:
        yield _Smtp(server)
    finally:
        _part_from(server)


def _folder(path: Path) -> _Folder:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServerAtFault(f"The folder of mails cannot be made: {error.strerror}.") from error
    return _Folder(path)


def _signed_in(url: SplitResult) -> smtplib.SMTP:
    """A connection that is ready to take messages; never in clear where TLS was asked for."""
    server = None
    try:
        server = _connect(url.scheme, url.hostname or "localhost", url.port)
        if url.scheme == "smtp" and parse_qs(url.query).get("tls") == ["starttls"]:
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, OSError, ValueError) as error:  # ValueError: a host name that cannot be one
        if server:
            server.close()
        raise ServerAtFault(_reason(error)) from error
    return server


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {reply}"
    return str(error) or type(error).__name__


def _part_from(server: smtplib.SMTP) -> None:
    try:
        if server.sock:
            server.sock.settimeout(5)
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT)


def sender_address() -> str:
    """
    Raises:
        ServerAtFault: MAIL_FROM is no address.
    """
    try:
        return mail_address(parseaddr(current_app.config["MAIL_FROM"])[1])
    except ValueError as error:
        raise ServerAtFault(f"MAIL_FROM: {error}.") from error


def recipient_address(message: Message) -> str:
    """
    Raises:
        NotDelivered: no mail server could take it.
    """
    try:
        return mail_address(message.to)
    except ValueError as error:
        raise NotDelivered(f"This mail cannot be sent: {error}.", final=True) from error


def lease_seconds() -> int:
    """How long a worker may keep a batch to itself."""
    return int(current_app.config["OUTBOX_LEASE_SECONDS"])
