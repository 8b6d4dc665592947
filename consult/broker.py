"""Kombu's filesystem broker, made safe for a reader and a writer at the same moment.

Kombu writes a message in place, so a worker that looks just then takes an empty file and ends with a JSON error; the
file of an exchange has the same moment when it is made. Here a message appears whole, by a rename, and the
exchange's file is read and written under one lock. Seen with kombu 5.7.0; tests/test_broker.py shows it.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # kombu's own do not agree
        folder = Path(self.data_folder_out)
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        partial = folder / f"partial-{name.replace('.', '-')}"
        partial.write_text(dumps(payload))  # type: ignore[no-untyped-call]
        os.replace(partial, folder / name)

    def get_table(self, exchange: str) -> Any:
        with self._held():
            return super().get_table(exchange)  # type: ignore[no-untyped-call]

    def _queue_bind(self, *binding: Any) -> None:
        with self._held():
            super()._queue_bind(*binding)  # type: ignore[no-untyped-call]

    @contextmanager
    def _held(self) -> Iterator[None]:
        """One process at a time."""
        with (Path(self.control_folder) / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    Channel = Channel
