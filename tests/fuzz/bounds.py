"""The time and the memory that one input may take, and what lies in the folder in which targets are driven."""

from __future__ import annotations

import resource
import signal
from pathlib import Path
from types import FrameType

from tests.fuzz.targets import Target

MAX_BYTES = 1_073_741_824
"""1 GiB beside what the process has before the first input."""

CORPUS, SEEDS, REFERENCE, FOUND = "corpus", "seeds", "reference", "found-"
"""What lies in the folder of a target: inputs that reached what is new, those it began with, and those that are
wanting; beside the folders, templates of the reference stack."""

LAST = Path("last-input")
"""The input that is being checked: what is left of a process that has died."""


class EndlessError(BaseException):
    """An input took too long. No `except Exception` of what is checked may take it for a failure of its own."""


def bound_memory() -> None:
    """Let this process have no more memory than it has and one input may take."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MAX_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def checked(target: Target, data: bytes) -> None:
    """Check an input within its time. Raises what the check raises, and `EndlessError`."""
    LAST.write_bytes(data)

    def end(_: int, __: FrameType | None) -> None:
        raise EndlessError(f"an input took more than {target.seconds} seconds of processor time")

    earlier = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, target.seconds)
    try:
        target.check(data)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)
