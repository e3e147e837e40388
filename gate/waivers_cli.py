"""The command `storage-compliance waivers`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given
from gate.options import add_format


def _takes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file", metavar="FILE", help="the waivers to list; without it, those that come with this package"
    )
    add_format(parser)


def _run(given: Given) -> int:
    """List the waivers: findings that may stand for a while, by the day on which that ends.

    Days are in UTC, and a waiver holds through the whole of its last one. Whether waivers are used, and match nothing
    else, is for `storage-compliance gate`. Exit codes: 0 all hold today; 1 one has expired, or does not hold yet; 2 the
    file cannot be read.

    Example: `storage-compliance waivers --file policies/waivers.toml`.
    """
    from gate.waivers_listing import main  # noqa: PLC0415 - --help and --version need none of it

    return main(given.file, given.format)


WAIVERS = Command(_takes, _run)
