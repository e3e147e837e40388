"""The `trace diff` command: two trace documents in, what changed and what was lost out."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from evidence.console import Console
from evidence.diff import document, markdown, text
from evidence.diff.comparison import compare
from evidence.diff.model import Diff
from evidence.diff.reading import Trace, read_trace
from evidence.output import destination, tell
from policies.reading import InputError


def main(old: str, new: str, form: str, output: str | None) -> int:
    """Compare two traces and tell it as text, markdown or json; with `output`, write it there and print the text.

    Returns the exit code: 0 nothing was lost, 1 coverage was lost. Raises `InputError` for files that are no traces,
    and for an output that cannot be written.
    """
    file = None if output is None else destination(output)
    diff = compare(*_read(old, new))
    tell(partial(_told, diff), form, file)
    return diff.exit_code


def _read(old: str, new: str) -> tuple[Trace, Trace]:
    """Return both traces, or raise what is wrong with either of them."""
    traces: list[Trace] = []
    errors: list[InputError] = []
    for name in (old, new):
        try:
            traces.append(read_trace(Path(name)))
        except InputError as error:
            errors.append(error)
    if errors:
        raise InputError(errors[0].where, "; ".join([errors[0].problem, *map(str, errors[1:])]))
    return traces[0], traces[1]


def _told(diff: Diff, form: str, console: Console) -> str:
    match form:
        case "json":
            return document.render(diff)
        case "markdown":
            return markdown.render(diff)
    text.render(diff, console)
    return console.printed
