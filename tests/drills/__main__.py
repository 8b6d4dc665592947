"""`make drills`: run each drill, print a table, and end with 1 if one does not hold. Words choose drills by name."""

import pkgutil
import signal
import sys
import time
import traceback
from contextlib import ExitStack
from importlib import import_module

from tests import drills
from tests.drills import Drill, Seen
from tests.drills.ground import Ground
from tests.run import install, missing


def all_drills() -> list[Drill]:
    names = sorted(module.name for module in pkgutil.iter_modules(drills.__path__) if module.name != "__main__")
    return [drill for name in names for drill in getattr(import_module(f"tests.drills.{name}"), "DRILLS", [])]


def chosen(words: list[str]) -> list[Drill]:
    return [drill for drill in all_drills() if not words or any(word in drill.name for word in words)]


def run(drill: Drill, ground: Ground) -> Seen:
    try:
        return drill.run(ground)
    except Exception as error:
        traceback.print_exc()
        return Seen(False, f"{type(error).__name__}: {str(error)[:160]}")


def main(words: list[str]) -> int:
    install(missing())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    failed = 0
    with ExitStack() as stack:
        ground = Ground(stack)
        for drill in chosen(words):
            began = time.monotonic()
            seen = run(drill, ground)
            failed += not seen.holds
            took = f"{time.monotonic() - began:.0f} s"
            verdict = "holds" if seen.holds else "fails"
            print(f"{verdict:<6} {drill.name} -> {drill.expected} -> {seen.text} ({took})", flush=True)
    print(f"\n{failed} of the drills failed." if failed else "\nAll drills hold.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
