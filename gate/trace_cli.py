"""The command `storage-compliance trace`, with `trace review` and `trace diff`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gate.options import Proof
from gate.refusals import refusals


class Told(StrEnum):
    """How a comparison of traces is told."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class Shown(StrEnum):
    """How a trace is told."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


app = typer.Typer(invoke_without_command=True)


@app.callback()
def trace(
    context: typer.Context,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="What `gate --format json` or `pytest --scenario-results` wrote; a folder: the *.json in it.",
        ),
    ] = None,
    proof: Proof = None,
    form: Annotated[
        Shown,
        typer.Option(
            "--format", help="text for a reader, markdown for a pull request, json for a program, html for a page."
        ),
    ] = Shown.TEXT,
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the chosen format to this file, and print the text.")
    ] = None,
) -> None:
    """Trace each scenario of ./specs to its rule, its tests and its results, at the root of a checkout.

    Without --results the links and the reviews alone are judged; no CDK is started in either case. A scenario is
    covered if a rule and a test enforce it, its text is the one last reviewed, and nothing of its results speaks
    against it; with --proof, if its rule also killed each mutant that it had to notice, at least one, and no other.
    Exit codes: 0 all are covered or waived; 1 something is uncovered, orphaned, outdated, duplicate, failing, vacuous
    or never run, or what another scanner found is not waived; 2 something could not be judged.

    Examples: `storage-compliance trace --results gate.json --results tests.json`,
    `storage-compliance trace --results results --proof proof.json --format html --output trace.html`.
    """
    if context.invoked_subcommand is None:
        with refusals():
            from evidence.command import show  # noqa: PLC0415 - --help and --version need none of it

            raise typer.Exit(show(results or (), proof, form.value, output))


@app.command()
def review(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="Ids or slugs, such as partition-key-defined.")
    ],
) -> None:
    """Record in specs/reviewed.toml that the texts of scenarios were reviewed against their rules and tests."""
    with refusals():
        from evidence.command import record  # noqa: PLC0415 - as above

        record(scenarios)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD.json", help="A trace, as `trace --format json` wrote it.")],
    new: Annotated[str, typer.Argument(metavar="NEW.json", help="A later one.")],
    form: Annotated[
        Told, typer.Option("--format", help="text for a reader, markdown for a pull request, json for a program.")
    ] = Told.TEXT,
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the chosen format to this file, and print the text.")
    ] = None,
) -> None:
    """Compare two traces: what changed, and what coverage was lost.

    A scenario that leaves the spec loses nothing, as long as it leaves no rule or test behind. A finding of another
    scanner that is not waived, and was waived or not there, is a loss; so is a scanner that is not asked any more.
    What only one of the traces has results of is not compared; to have results no more is a loss. Compare traces of
    the same matrix.
    Exit codes: 0 nothing was lost; 1 something was; 2 a file is no trace.

    Example: `storage-compliance trace diff main.json branch.json --format markdown`.
    """
    with refusals():
        from evidence.diff.command import main as compare  # noqa: PLC0415 - as above

        raise typer.Exit(compare(old, new, form.value, output))
