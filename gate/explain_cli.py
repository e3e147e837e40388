"""The command `storage-compliance explain`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given


def _takes(parser: ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help="a scenario's id or slug, such as partition-key-defined")


def _run(given: Given) -> int:
    """Show a scenario's sentences and the page of its rule: what holds, why, a bad and a good example.

    Example: `storage-compliance explain partition-key-defined`.
    """
    from evidence.output import emit  # noqa: PLC0415 - --help and --version need no rules
    from gate.explain import find, page  # noqa: PLC0415 - as above

    emit(page(find(given.scenario)))
    return 0


EXPLAIN = Command(_takes, _run)
