"""The command `storage-compliance trace`, with `trace review` and `trace diff`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given, Group
from gate.options import REPEATED, add_format, add_output, add_proof


def _takes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--results",
        metavar="FILE",
        help="what `gate --format json` or `pytest --scenario-results` wrote; a folder: the *.json in it. May be "
        "repeated",
        **REPEATED,
    )
    add_proof(parser)
    add_format(parser, "markdown", "html")
    add_output(parser)


def _run(given: Given) -> int:
    """Trace each scenario of ./specs to its rule, its tests and its results, at the root of a checkout.

    Without --results the links and the reviews alone are judged; no CDK is started in either case. A scenario is
    covered if a rule and a test enforce it, its text is the one last reviewed, and nothing of its results speaks
    against it; with --proof, if its rule also killed each mutant that it had to notice, at least one, and no other.
    Exit codes: 0 all are covered or waived; 1 something is uncovered, orphaned, outdated, duplicate, failing, vacuous
    or never run, or what another scanner found is not waived; 2 something could not be judged.

    Examples: `storage-compliance trace --results gate.json --results tests.json`,
    `storage-compliance trace --results results --proof proof.json --format html --output trace.html`.
    """
    from evidence.command import show  # noqa: PLC0415 - --help and --version need none of it

    return show(given.results, given.proof, given.format, given.output)


def _review_takes(parser: ArgumentParser) -> None:
    parser.add_argument("scenarios", metavar="SCENARIO", nargs="+", help="ids or slugs, such as partition-key-defined")


def _review(given: Given) -> int:
    """Record in specs/reviewed.toml that the texts of scenarios were reviewed against their rules and tests."""
    from evidence.command import record  # noqa: PLC0415 - as above

    record(given.scenarios)
    return 0


def _diff_takes(parser: ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD.json", help="a trace, as `trace --format json` wrote it")
    parser.add_argument("new", metavar="NEW.json", help="a later one")
    add_format(parser, "markdown")
    add_output(parser)


def _diff(given: Given) -> int:
    """Compare two traces: what changed, and what coverage was lost.

    A scenario that leaves the spec loses nothing, as long as it leaves no rule or test behind. A finding of another
    scanner that is not waived, and was waived or not there, is a loss; so is a scanner that is not asked any more.
    What only one of the traces has results of is not compared; to have results no more is a loss. Compare traces of
    the same matrix.
    Exit codes: 0 nothing was lost; 1 something was; 2 a file is no trace.

    Example: `storage-compliance trace diff main.json branch.json --format markdown`.
    """
    from evidence.diff.command import main as compare  # noqa: PLC0415 - as above

    return compare(given.old, given.new, given.format, given.output)


TRACE = Group(
    {"review": Command(_review_takes, _review), "diff": Command(_diff_takes, _diff)},
    own=Command(_takes, _run),
)
