"""The command: `storage-compliance gate`, `check`, `synth`, `prove`, `explain`, `waive`, `trace` and others.

Exit codes: 0 every scenario holds or is waived, 1 a violation was found, 2 something could not be judged.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from gate.evidence_cli import app as evidence_app
from gate.matrices import Matrix
from gate.prove_cli import prove
from gate.refusals import refusals
from gate.synth_cli import synth
from gate.trace_cli import app as trace_app
from gate.waive_cli import waive
from gate.waivers_cli import waivers

app = typer.Typer(
    name="storage-compliance",
    help="""Judge CloudFormation templates against the WorthWatch storage spec.

    Exit codes: 0 every scenario holds, or is waived; 1 a violation was found; 2 something could not be judged: an input
    that cannot be read, a scenario that the template alone cannot decide, or a run that judged nothing.

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


FormatOption = Annotated[
    Format, typer.Option("--format", help="text for a reader, json for a program (one document on stdout).")
]


def _answer_version(wanted: bool) -> None:
    if wanted:
        from evidence.output import emit  # noqa: PLC0415 - --help needs none of it

        emit(f"storage-compliance {version('worthwatch-storage-compliance')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_answer_version)
    ] = False,
) -> None:
    """Answer --version; the rest is for the commands."""


def _report(what: str) -> Any:
    return typer.Option(metavar="FILE", help=f"Write this, too: {what}", rich_help_panel="Reports")


_OF_A_BUNDLE = "it refers to the members of a bundle."
_EVERY_VALUE = "it asks, too, whether every value of every setting was tried: that of a smoke run is not covered."


def _refuse_one_file_twice(files: Sequence[Path]) -> None:
    twice = [file for file, count in Counter(file.resolve() for file in files).items() if count > 1]
    if twice:
        raise typer.BadParameter(f"{twice[0].name} is to be two things at once; name a file for each")


@app.command()
def gate(  # noqa: PLR0913 - a report for each kind of reader
    *,
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
    imports: Annotated[
        list[str] | None,
        typer.Option(
            "--import",
            metavar="FILE.sarif",
            help="What another scanner has found in the templates of this matrix, as SARIF 2.1.0; a folder stands for "
            "the *.sarif in it. May be repeated. It is held to the templates that `storage-compliance synth` writes: a "
            "scanner that has not read each of them cannot be relied on.",
        ),
    ] = None,
    waiver_file: Annotated[
        str | None,
        typer.Option(
            "--waivers",
            metavar="FILE",
            help="The findings that may stand for a while, as `storage-compliance waivers` lists them; without it, "
            "those that come with the package, policies/waivers.toml.",
        ),
    ] = None,
    traced: Annotated[
        bool,
        typer.Option(
            "--trace",
            help="Trace each scenario of ./specs, too, at the root of a checkout; what is wrong with that counts.",
        ),
    ] = False,
    sarif: Annotated[str | None, _report("SARIF 2.1.0, for GitHub code scanning: findings alone.")] = None,
    junit: Annotated[str | None, _report("JUnit XML, for GitLab and Jenkins: a test case for each scenario.")] = None,
    ctrf: Annotated[str | None, _report("Common Test Report Format (JSON).")] = None,
    oscal: Annotated[str | None, _report(f"OSCAL assessment results (JSON), for GRC tools; {_OF_A_BUNDLE}")] = None,
    oscal_component: Annotated[
        str | None, _report(f"OSCAL component definition: scenarios by controls; {_OF_A_BUNDLE}")
    ] = (None),
    in_toto: Annotated[str | None, _report("in-toto Statement, not signed: what passed, of which templates.")] = None,
    markdown: Annotated[
        str | None, _report(f"the trace in Markdown, at the root of a checkout; {_EVERY_VALUE}")
    ] = None,
    html: Annotated[str | None, _report(f"the trace as a page, at the root of a checkout; {_EVERY_VALUE}")] = None,
) -> None:
    """Synthesise the reference stack under a matrix of contexts and judge every template against every scenario.

    A scenario that applies nowhere, and a context that does not synthesise, fail the gate. The first findings are shown
    in full, with the fewest context keys that still show them. So does what another scanner has found, unless a waiver
    covers it, and a waiver that has expired, covers nothing, or matches what it was not written for.

    Reports are of a commit, and bear its time or SOURCE_DATE_EPOCH's. Only a scenario that is compliant wherever it
    applies passes in them; every other keeps its word.
    Example: `storage-compliance gate --sarif out/findings.sarif --junit out/junit.xml`.
    """
    from evidence.output import destination, named  # noqa: PLC0415 - --help and --version need no rules
    from gate import matrix_run  # noqa: PLC0415 - as above
    from policies.waivers import SHIPPED  # noqa: PLC0415 - as above

    reports = {
        "sarif": sarif,
        "junit": junit,
        "ctrf": ctrf,
        "oscal": oscal,
        "oscal-component": oscal_component,
        "in-toto": in_toto,
        "markdown": markdown,
        "html": html,
    }
    with refusals():
        given = {name: destination(file, f"--{name}") for name, file in reports.items() if file is not None}
        written = None if output is None else destination(output)
        _refuse_one_file_twice([*given.values(), *([written] if written else [])])
        inputs = matrix_run.Inputs(
            SHIPPED if waiver_file is None else named(waiver_file, "--waivers"),
            [named(file, "--import") for file in imports or ()],
            traced=traced,
        )
        raise typer.Exit(matrix_run.main(matrix.value, inputs, form.value, written, given))


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

    if "" in paths:
        raise typer.BadParameter("a path is empty; name a file or a folder, or . for this one")
    with refusals():
        given = read_parameters(parameters or ())
        told = NOTHING
        if externals is not None:
            from policies.externals_reading import read_externals  # noqa: PLC0415 - pydantic, which takes its time

            told = read_externals(Path(externals))
        run = run_check(map(Path, paths), given, told)
        tell(run, form.value)
    raise typer.Exit(run.exit_code)


@app.command()
def explain(
    scenario: Annotated[str, typer.Argument(help="A scenario's id or slug, such as partition-key-defined.")],
) -> None:
    """Show a scenario's sentences and the page of its rule: what holds, why, a bad and a good example."""
    from evidence.output import emit  # noqa: PLC0415 - as above
    from gate.explain import find, page  # noqa: PLC0415 - as above

    with refusals():
        emit(page(find(scenario)))


app.command()(synth)
app.command()(waive)
app.command()(waivers)
app.command()(prove)
app.add_typer(trace_app, name="trace")
app.add_typer(evidence_app, name="evidence")


def main() -> None:
    """Run the command. What asks it to end (Ctrl-C, SIGTERM, SIGHUP) ends it in order: exit code 128 and the signal's.

    A stdout that is closed ends it before anything is done, with exit code 2.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        sys.stderr.write("error: the output cannot be written: stdout is closed\n")
        sys.exit(2)
    for number in _signals():
        # One that is ignored, as by nohup, stays so.
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _end)
    app()


def _signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__]


def _end(number: int, _: FrameType | None) -> None:
    """End the command; what it has under way is put away, in which no other signal disturbs it."""
    for each in _signals():
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)
