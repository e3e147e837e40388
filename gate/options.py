"""What several commands take."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

REPEATED: dict[str, Any] = {"action": "append", "default": []}
"""Of an option that may be given several times: all that it was given."""


def file_name(name: str) -> str:
    """Return the name of a file, or refuse an empty one, which would be that of the current folder."""
    if not name:
        raise ArgumentTypeError("the name is empty; name a file")
    return name


def add_matrix(parser: ArgumentParser) -> None:
    """Take a matrix, by its name."""
    parser.add_argument(
        "--matrix",
        choices=("smoke", "pairwise", "full"),
        default="pairwise",
        help="smoke: a dozen contexts; pairwise: every pair of values of every two axes; full: 2,000 and more "
        "(default: %(default)s)",
    )


def add_format(parser: ArgumentParser, *others: str) -> None:
    """Take how the result is told: as text, as `others` have it, or as JSON."""
    for_whom = {"markdown": "markdown for a pull request", "html": "html for a page"}
    told = ", ".join(("text for a reader", *(for_whom[one] for one in others), "json for a program"))
    parser.add_argument(
        "--format",
        choices=("text", *others, "json"),
        default="text",
        help=f"{told}, which is one document on stdout (default: %(default)s)",
    )


def add_output(parser: ArgumentParser) -> None:
    """Take a file, for what is told in the chosen format."""
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="write the chosen format to this file, and print the text: --format json --output gate.json serves a "
        "program and a reader at once",
    )


def add_proof(parser: ArgumentParser) -> None:
    """Take the proof that every scenario can fail, for what tells of it."""
    parser.add_argument(
        "--proof",
        metavar="FILE",
        type=file_name,
        help="what `prove --format json` wrote, without --scenario, of the same sources; without it, the proof is "
        "not-run",
    )
