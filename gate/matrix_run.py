"""The `gate` command: a matrix judged, with progress on a terminal and findings reduced to what shows them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gate.matrix import judge_matrix
from gate.minimise import minimise
from gate.output import tell
from gate.run import Finding
from gate.text import FINDINGS_SHOWN
from stack.contexts import Context, Matrix, matrix
from stack.node import NodeUnusableError


def main(name: Matrix, form: str, output: Path | None = None) -> int:
    """Judge a matrix, tell the result as `text` or as `json` and return the exit code.

    Raises `policies.reading.InputError` where `output` cannot be written.
    """
    contexts = list(matrix(name))
    try:
        with _progress() as progress:
            task = progress.add_task("contexts", total=len(contexts))
            run = judge_matrix(contexts, on_progress=lambda: progress.advance(task))
    except NodeUnusableError as error:
        typer.echo(f"error: {error}", err=True)
        return 2
    _reduce({context.name: context for context in contexts}, run.findings()[:FINDINGS_SHOWN])
    tell(run, form, output)
    return run.exit_code


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _reduce(contexts: Mapping[str, Context], findings: Iterable[Sequence[Finding]]) -> None:
    """Let findings, those that say the same together, know the fewest context keys that show them."""
    seen = [(contexts[alike[0].verdict.context], alike) for alike in findings if alike[0].verdict.context is not None]
    if not seen:
        return
    with _progress() as progress:
        progress.add_task("looking for the smallest contexts that show the findings", total=None)
        smallest = minimise([(context, [finding.verdict for finding in alike]) for context, alike in seen])
    for (_, alike), context in zip(seen, smallest, strict=True):
        place = {"account": context.account, "region": context.region} if context.account else {}
        for finding in alike:
            finding.minimal = {**context.values, **place}
            finding.command = context.command
