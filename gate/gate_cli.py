"""The command `storage-compliance gate`."""

from __future__ import annotations

import os
from argparse import ArgumentParser, BooleanOptionalAction
from collections import Counter
from typing import TYPE_CHECKING

from gate.command_line import Command, Given, Misuse
from gate.options import REPEATED, add_format, add_matrix, add_output, file_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_OF_A_BUNDLE = "it refers to the members of a bundle"
_EVERY_VALUE = "it asks, too, whether every value of every setting was tried: that of a smoke run is not covered"

_REPORTS = {
    "sarif": "SARIF 2.1.0, for GitHub code scanning: findings alone",
    "junit": "JUnit XML, for GitLab and Jenkins: a test case for each scenario",
    "ctrf": "Common Test Report Format (JSON)",
    "oscal": f"OSCAL assessment results (JSON), for GRC tools; {_OF_A_BUNDLE}",
    "oscal-component": f"OSCAL component definition: scenarios by controls; {_OF_A_BUNDLE}",
    "in-toto": "in-toto Statement, not signed: what passed, of which templates",
    "markdown": f"the trace in Markdown, at the root of a checkout; {_EVERY_VALUE}",
    "html": f"the trace as a page, at the root of a checkout; {_EVERY_VALUE}",
}


def _takes(parser: ArgumentParser) -> None:
    add_matrix(parser)
    add_format(parser)
    add_output(parser)
    parser.add_argument(
        "--import",
        dest="imports",
        metavar="FILE.sarif",
        type=file_name,
        help="what another scanner has found in the templates of this matrix, as SARIF 2.1.0; a folder stands for the "
        "*.sarif in it. May be repeated. It is held to the templates that `storage-compliance synth` writes: a scanner "
        "that has not read each of them cannot be relied on",
        **REPEATED,
    )
    parser.add_argument(
        "--waivers",
        metavar="FILE",
        type=file_name,
        help="the findings that may stand for a while, as `storage-compliance waivers` lists them; without it, those "
        "that come with the package, policies/waivers.toml",
    )
    parser.add_argument(
        "--trace",
        action="store_true",
        help="trace each scenario of ./specs, too, at the root of a checkout; what is wrong with that counts",
    )
    parser.add_argument(
        "--cache",
        action=BooleanOptionalAction,
        help="take templates that were synthesised before from $XDG_CACHE_HOME, or ~/.cache, where the context, the "
        "stack's sources, all versions and the CDK's variables are the same, and say how many; not where the variable "
        "CI is set, unless asked to",
    )
    reports = parser.add_argument_group("reports")
    for name, what in _REPORTS.items():
        reports.add_argument(f"--{name}", dest=name, metavar="FILE", help=f"write this, too: {what}")


def _run(given: Given) -> int:
    """Synthesise the reference stack under a matrix of contexts and judge every template against every scenario.

    A scenario that applies nowhere, and a context that does not synthesise, fail the gate. The first findings are shown
    in full, with the fewest context keys that still show them. So does what another scanner has found, unless a waiver
    covers it, and a waiver that has expired, covers nothing, or matches what it was not written for.

    Reports are of a commit, and bear its time or SOURCE_DATE_EPOCH's. Only a scenario that is compliant wherever it
    applies passes in them; every other keeps its word.

    Example: `storage-compliance gate --sarif out/findings.sarif --junit out/junit.xml`.
    """
    from pathlib import Path  # noqa: PLC0415 - --help and --version need no rules

    from evidence.output import destination  # noqa: PLC0415 - as above
    from gate import matrix_run  # noqa: PLC0415 - as above
    from policies.waivers import SHIPPED  # noqa: PLC0415 - as above

    named = {name: file for name in _REPORTS if (file := getattr(given, name)) is not None}
    reports = {name: destination(file, f"--{name}") for name, file in named.items()}
    written = None if given.output is None else destination(given.output)
    _refuse_one_file_twice([*reports.values(), *([written] if written else [])])
    waivers = SHIPPED if given.waivers is None else Path(given.waivers)
    cached = not os.environ.get("CI") if given.cache is None else given.cache
    inputs = matrix_run.Inputs(waivers, [Path(name) for name in given.imports], traced=given.trace, cached=cached)
    return matrix_run.main(given.matrix, inputs, given.format, written, reports)


def _refuse_one_file_twice(files: Sequence[Path]) -> None:
    twice = [file for file, count in Counter(file.resolve() for file in files).items() if count > 1]
    if twice:
        raise Misuse(f"{twice[0].name} is to be two things at once; name a file for each")


GATE = Command(_takes, _run)
