"""What reaches stdout: a run as text or as JSON, all of it at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping

from gate import document, text
from gate.run import Run


def tell(run: Run, *, as_json: bool, commands: Mapping[int, str] | None = None) -> None:
    """Print a run; `commands` holds, by the id() of a verdict, the shell line that shows it, for the text."""
    if as_json:
        emit(document.render(run))
        return
    console = text.console()
    with console.capture() as captured:
        text.render(run, console, commands)
    emit(captured.get().rstrip("\n"))


def emit(said: str) -> None:
    """Write to stdout.

    One that cannot be written ends the command with exit code 2; a reader that has gone away ends it as the signal of
    that would, without a word.
    """
    try:
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
        raise SystemExit(128 + signal.SIGPIPE) from None
    except OSError as error:
        _discard_the_rest()
        sys.stderr.write(f"error: the output cannot be written: {error.strerror}\n")
        raise SystemExit(2) from None


def _discard_the_rest() -> None:
    # What stdout still holds would be written once more, and fail once more, when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
