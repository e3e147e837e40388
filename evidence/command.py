"""The `trace` command: a checkout and results in, what they come to out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import policies
from evidence import document, markdown, text
from evidence.console import Console
from evidence.model import Trace
from evidence.output import destination, emit, tell
from evidence.results import read_results
from evidence.review import review
from evidence.reviewed import FILE
from evidence.trace import read_checkout, trace
from policies.reading import InputError


def show(results: Sequence[str], proof: str | None, form: str, output: str | None) -> int:
    """Trace the current folder by results and a proof, and tell it; return the exit code.

    With `output`, it is written there and the text printed. Raises `policies.specs.SpecError`, and
    `policies.reading.InputError` where nothing can be traced or written.
    """
    if "" in results:
        raise InputError("--results", "the name is empty; name a file, or a folder of files")
    file = None if output is None else destination(output)
    read = read_results(list(map(Path, results)), None if proof is None else Path(proof))
    traced = trace(read_checkout(policies.__name__), read)
    tell(partial(_told, traced), form, file)
    return traced.exit_code


def record(names: Sequence[str]) -> None:
    """Record that scenarios were reviewed, and say which.

    Raises as `evidence.review.review` and `evidence.trace.read_checkout` do.
    """
    recorded = review(read_checkout(policies.__name__), names)
    emit("\n".join([f"reviewed {id_}" for id_ in recorded] + [f"recorded in {FILE.as_posix()}: commit it"]))


def _told(traced: Trace, form: str, console: Console) -> str:
    match form:
        case "json":
            return document.render(traced)
        case "markdown":
            return markdown.render(traced)
        case "html":
            from evidence.page import render  # noqa: PLC0415 - only the page needs its template engine

            return render(json.loads(document.render(traced)))
    text.render(traced, console)
    return console.printed
