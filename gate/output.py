"""A run told, as text or as JSON, on stdout or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from evidence import output as leaving
from evidence.console import Console
from gate import document, text
from gate.run import Run


def tell(run: Run, form: str, output: Path | None = None) -> None:
    """Print a run as `text` or as `json`; with `output`, write it so to that file and print the text.

    Raises `policies.reading.InputError` where the file cannot be written, once the text is printed.
    """
    leaving.tell(partial(_told, run), form, output)


def _told(run: Run, form: str, console: Console) -> str | Iterator[str]:
    if form == "json":
        return document.render(run)
    text.render(run, console)
    return console.printed
