"""Whether this worker is being stopped. Work that takes long looks now and then, gives back what it holds, and ends.

The flag is one byte of memory that the worker shares with the processes of its pool, which are forks of it: only the
parent hears the signal.
"""

import mmap

from celery.signals import worker_shutting_down

_FLAG = mmap.mmap(-1, 1)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def note(**_: object) -> None:
    """The worker was told to stop; what runs has some seconds left."""
    _FLAG[0] = 1


def is_stopping() -> bool:
    return _FLAG[0] == 1
