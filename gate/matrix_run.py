"""The `gate` command: a matrix judged, with progress on a terminal and findings reduced to what shows them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gate.matrix import judge_matrix
from gate.minimise import minimise
from gate.output import tell
from gate.text import first_findings
from policies.model import Verdict
from stack.contexts import Context, Matrix, matrix
from stack.node import NodeUnusableError


def main(name: Matrix, *, as_json: bool) -> int:
    """Judge a matrix, print the result and return the exit code."""
    contexts = list(matrix(name))
    try:
        with _progress() as progress:
            task = progress.add_task("contexts", total=len(contexts))
            run = judge_matrix(contexts, on_progress=lambda: progress.advance(task))
    except NodeUnusableError as error:
        typer.echo(f"error: {error}", err=True)
        return 2
    by_name = {context.name: context for context in contexts}
    findings = [] if as_json else [alike[0] for alike in first_findings(run.verdicts)]
    tell(run, as_json=as_json, commands=_reproductions(by_name, findings))
    return run.exit_code


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _reproductions(contexts: Mapping[str, Context], verdicts: Sequence[Verdict]) -> Mapping[int, str]:
    """Return the commands that show the findings, each with the fewest context keys that do."""
    findings = [(contexts[verdict.context], verdict) for verdict in verdicts if verdict.context is not None]
    if not findings:
        return {}
    with _progress() as progress:
        progress.add_task("looking for the smallest contexts that show the findings", total=None)
        smallest = minimise(findings)
    return {id(verdict): context.command for (_, verdict), context in zip(findings, smallest, strict=True)}
