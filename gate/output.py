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
    """Write to stdout; a reader that has gone away ends the command as the signal of it would, and says nothing."""
    try:
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(128 + signal.SIGPIPE) from None
