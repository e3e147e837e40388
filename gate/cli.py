"""The command: `storage-compliance gate`, `check`, `explain` and `trace`.

Exit codes: 0 every scenario holds, 1 a violation was found, 2 something could not be judged.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="storage-compliance",
    help="""Judge CloudFormation templates against the WorthWatch storage spec.

    Exit codes: 0 every scenario holds; 1 a violation was found; 2 something could not be judged: an input that cannot
    be read, a scenario that the template alone cannot decide, or a run that judged nothing.

    Examples: `storage-compliance gate`, `storage-compliance check cdk.out`,
    `storage-compliance explain partition-key-defined`.""",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(StrEnum):
    """How a run is told."""

    TEXT = "text"
    JSON = "json"


class Matrix(StrEnum):
    """Which contexts the reference stack is synthesised under."""

    SMOKE = "smoke"
    PAIRWISE = "pairwise"
    FULL = "full"


FormatOption = Annotated[
    Format, typer.Option("--format", help="text for a reader, json for a program (one document on stdout).")
]


def _answer_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"storage-compliance {version('worthwatch-storage-compliance')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_answer_version)
    ] = False,
) -> None:
    """Answer --version; the rest is for the commands."""


@app.command()
def gate(
    matrix: Annotated[
        Matrix,
        typer.Option(
            help="smoke: a dozen contexts; pairwise: every pair of values of every two axes; full: 2,000 and more."
        ),
    ] = Matrix.PAIRWISE,
    form: FormatOption = Format.TEXT,
    output: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the chosen format to this file, and print the text: --format json --output gate.json "
            "serves a program and a reader at once.",
        ),
    ] = None,
) -> None:
    """Synthesise the reference stack under a matrix of contexts and judge every template against every scenario.

    A scenario that applies nowhere, and a context that does not synthesise, fail the gate. The first findings are shown
    in full, with the fewest context keys that still show them.
    """
    from gate import matrix_run  # noqa: PLC0415 - only this command starts the CDK
    from gate.output import destination  # noqa: PLC0415 - --help and --version need no rules
    from policies.reading import InputError, printable  # noqa: PLC0415 - as above

    try:
        file = None if output is None else destination(output)
        raise typer.Exit(matrix_run.main(matrix.value, as_json=form is Format.JSON, output=file))
    except InputError as error:
        typer.echo(f"error: {printable(str(error))}", err=True)
        raise typer.Exit(2) from None


@app.command()
def check(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Templates (JSON or YAML), or folders such as cdk.out.")
    ],
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|KEY=VALUE",
            help="What a deployment gives to a parameter, or a file of that, in JSON or YAML, as the AWS CLI or "
            "CodePipeline reads it. May be repeated. Example: --parameters Stage=prod --parameters team.json",
        ),
    ] = None,
    externals: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="What lives outside the templates, in YAML or JSON: pseudoParameters, exports, ssmParameters, "
            "managedPolicies, roles. What is not told stays unknown. Example: --externals account.yaml, "
            "which holds `exports: {TableName: orders}`",
        ),
    ] = None,
    form: FormatOption = Format.TEXT,
) -> None:
    """Judge templates that anyone made: files in JSON or YAML, folders of them, and cdk.out folders.

    No CDK and no Node.js is started. What made a table is known from a cdk.out folder only; for a template alone that
    scenario is undetermined. Settings are those that the template's Metadata states under worthwatch:settings. A
    verdict holds for every value that a parameter allows, unless --parameters gives one.
    """
    from gate.check import check as run_check  # noqa: PLC0415 - --help and --version need no rules
    from gate.output import tell  # noqa: PLC0415 - as above
    from gate.parameters import read_parameters  # noqa: PLC0415 - as above
    from policies.externals import NOTHING  # noqa: PLC0415 - as above
    from policies.reading import InputError, printable  # noqa: PLC0415 - as above

    if "" in paths:
        raise typer.BadParameter("a path is empty; name a file or a folder, or . for this one")
    try:
        given = read_parameters(parameters or ())
        told = NOTHING
        if externals is not None:
            from policies.externals_reading import read_externals  # noqa: PLC0415 - pydantic, which takes its time

            told = read_externals(Path(externals))
    except InputError as error:
        typer.echo(f"error: {printable(str(error))}", err=True)
        raise typer.Exit(2) from None
    run = run_check(map(Path, paths), given, told)
    tell(run, as_json=form is Format.JSON)
    raise typer.Exit(run.exit_code)


@app.command()
def explain(
    scenario: Annotated[str, typer.Argument(help="A scenario's id or slug, such as partition-key-defined.")],
) -> None:
    """Show a scenario's sentences and the page of its rule: what holds, why, a bad and a good example."""
    from gate.explain import find, page  # noqa: PLC0415 - as above
    from gate.output import emit  # noqa: PLC0415 - as above
    from policies.catalogue import UnknownScenarioError  # noqa: PLC0415 - as above

    try:
        emit(page(find(scenario)))
    except UnknownScenarioError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None


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


trace_app = typer.Typer(invoke_without_command=True)
app.add_typer(trace_app, name="trace")


@trace_app.callback()
def trace(
    context: typer.Context,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="What `gate --format json` or `pytest --scenario-results` wrote; a folder: the *.json in it.",
        ),
    ] = None,
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
    against it. Exit codes: 0 all are covered; 1 something is uncovered, orphaned, outdated, duplicate, failing,
    vacuous or never run; 2 something could not be judged.

    Examples: `storage-compliance trace --results gate.json --results tests.json`,
    `storage-compliance trace --results results --format html --output trace.html`.
    """
    if context.invoked_subcommand is None:
        with _refusals():
            from evidence.command import show  # noqa: PLC0415 - as above

            raise typer.Exit(show(results or (), form.value, output))


@trace_app.command()
def review(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="Ids or slugs, such as partition-key-defined.")
    ],
) -> None:
    """Record in specs/reviewed.toml that the texts of scenarios were reviewed against their rules and tests."""
    with _refusals():
        from evidence.command import record  # noqa: PLC0415 - as above

        record(scenarios)


@trace_app.command()
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

    A scenario that leaves the spec loses nothing, as long as it leaves no rule or test behind. What only one of the
    traces has results of is not compared; to have results no more is a loss. Compare traces of the same matrix.
    Exit codes: 0 nothing was lost; 1 something was; 2 a file is no trace.

    Example: `storage-compliance trace diff main.json branch.json --format markdown`.
    """
    with _refusals():
        from evidence.diff.command import main as compare  # noqa: PLC0415 - as above

        raise typer.Exit(compare(old, new, form.value, output))


@contextmanager
def _refusals() -> Iterator[None]:
    """End the command with exit code 2 and a message where its input is refused."""
    from policies.catalogue import UnknownScenarioError  # noqa: PLC0415 - as above
    from policies.reading import InputError, printable  # noqa: PLC0415 - as above
    from policies.specs import SpecError  # noqa: PLC0415 - as above

    try:
        yield
    except InputError as error:
        typer.echo(f"error: {printable(str(error))}", err=True)
    except UnknownScenarioError as error:
        typer.echo(f"error: {error}", err=True)
    except SpecError as error:
        typer.echo(f"error: the specs cannot be read:\n{error}", err=True)
    else:
        return
    raise typer.Exit(2)


def main() -> None:
    """Run the command; what keeps it from judging anything, and Ctrl-C, end it without a traceback."""
    from policies.catalogue import CatalogueError  # noqa: PLC0415 - it imports no rules yet
    from policies.specs import SpecError  # noqa: PLC0415 - as above

    try:
        app()
    except (SpecError, CatalogueError) as error:
        sys.stderr.write(f"error: the specs and their rules do not fit together:\n{error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
