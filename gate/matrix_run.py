"""The `gate` command: a matrix judged, with progress on a terminal and findings reduced to what shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import typer

from gate.matrix import judge_matrix
from gate.minimise import minimise
from gate.output import tell
from gate.progress import progress
from gate.reports import Reports
from gate.run import Finding
from gate.text import FINDINGS_SHOWN
from stack.contexts import Context, Matrix, matrix
from stack.node import NodeUnusableError


def main(name: Matrix, form: str, output: Path | None, files: Mapping[str, Path]) -> int:
    """Judge a matrix, tell the result as `text` or as `json` and return the exit code.

    `files` are what other formats are written to, by their names. Raises `policies.reading.InputError` where a file
    cannot be written.
    """
    reports = Reports(files, name) if files else None
    contexts = list(matrix(name))
    try:
        with progress("contexts", len(contexts)) as advance:
            run = judge_matrix(contexts, on_progress=advance)
    except NodeUnusableError as error:
        typer.echo(f"error: {error}", err=True)
        return 2
    _reduce({context.name: context for context in contexts}, run.findings()[:FINDINGS_SHOWN])
    tell(run, form, output)
    if reports is not None:
        reports.write(run)
    return run.exit_code


def _reduce(contexts: Mapping[str, Context], findings: Iterable[Sequence[Finding]]) -> None:
    """Let findings, those that say the same together, know the fewest context keys that show them."""
    seen = [(contexts[alike[0].verdict.context], alike) for alike in findings if alike[0].verdict.context is not None]
    if not seen:
        return
    with progress("looking for the smallest contexts that show the findings"):
        smallest = minimise([(context, [finding.verdict for finding in alike]) for context, alike in seen])
    for (_, alike), context in zip(seen, smallest, strict=True):
        place = {"account": context.account, "region": context.region} if context.account else {}
        for finding in alike:
            finding.minimal = {**context.values, **place}
            finding.command = context.command
