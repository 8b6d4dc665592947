"""A mail server on loopback that can be told to misbehave, as servers do."""

import socketserver
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage


class HangUp(Exception):
    """Close the connection without a word."""


@dataclass(frozen=True)
class Taken:
    to: str
    content: bytes
    connection: int

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


def _well(*_: object) -> None:
    """Nothing to say against it."""


@dataclass
class Connection:
    """What a rule may look at: which one it is, and how many messages it has taken."""

    number: int
    taken: int = 0


Rule = Callable[[Connection, str], str | None]


class Sink:
    """Rules answer a command: None for yes, a text as the reply, or they raise HangUp.

    Args of a rule: the connection, and the address the command names.
    """

    def __init__(self) -> None:
        self.begin_again()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.sink = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def begin_again(self) -> None:
        """Forget what was taken, and every rule."""
        self.taken: list[Taken] = []
        self.connections = 0
        self.extensions = ["8BITMIME", "SMTPUTF8"]
        self.on_connect: Rule = _well
        self.on_starttls: Rule = lambda _connection, _text: "502 not here"
        self.on_mail: Rule = _well
        self.on_recipient: Rule = _well
        self.on_data: Rule = _well
        self.on_content: Rule = _well

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def raw(self) -> list[bytes]:
        return [each.content for each in list(self.taken)]

    def all(self) -> list[EmailMessage]:
        return [each.mail for each in list(self.taken)]

    def received(self) -> Counter[str]:
        """How often each address was written to."""
        return Counter(each.to for each in list(self.taken))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    sink: Sink

    def handle_error(self, *_: object) -> None:
        """A client that went away is what some tests want."""


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink: Sink = self.server.sink
        sink.connections += 1
        self.state, self.to = Connection(sink.connections), ""
        try:
            if not self._answer(sink.on_connect(self.state, ""), "220 sink ready"):
                return
            while line := self.rfile.readline():
                if not self._command(sink, line.decode().strip()):
                    return
        except HangUp:
            return

    def _answer(self, reply: str | None, well: str) -> bool:
        """Whether the reply was a yes."""
        self.wfile.write(f"{reply or well}\r\n".encode())
        return reply is None

    def _command(self, sink: Sink, line: str) -> bool:
        """Whether the connection stays open."""
        word, _space, rest = line.partition(" ")
        address = rest.partition("<")[2].partition(">")[0]
        reply: str | None = None
        match word.upper():
            case "EHLO":
                lines = [f"250-{text}\r\n" for text in ("sink", *sink.extensions)]
                self.wfile.write("".join([*lines, "250 HELP\r\n"]).encode())
            case "STARTTLS":
                reply = sink.on_starttls(self.state, "")
                self._answer(reply, "220 go ahead")
            case "MAIL":
                reply = sink.on_mail(self.state, address)
                self._answer(reply, "250 OK")
            case "RCPT":
                self.to = address
                reply = sink.on_recipient(self.state, address)
                self._answer(reply, "250 OK")
            case "DATA":
                reply = sink.on_data(self.state, self.to)
                if self._answer(reply, "354 go ahead"):
                    reply = self._content(sink)
            case "QUIT":
                self._answer(None, "221 bye")
                return False
            case "RSET" | "NOOP":
                self._answer(None, "250 OK")
            case _:
                self._answer("502 not known", "")
        return not (reply or "").startswith("421")

    def _content(self, sink: Sink) -> str | None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise HangUp
            lines.append(line[1:] if line.startswith(b"..") else line)
        reply = sink.on_content(self.state, self.to)
        if reply is None:
            self.state.taken += 1
            sink.taken.append(Taken(self.to, b"".join(lines), self.state.number))
        self._answer(reply, "250 taken")
        return reply
