"""The command `storage-compliance waive`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given
from gate.options import REPEATED


def _takes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="results",
        metavar="GATE.json",
        required=True,
        help="what a gate found: `gate --format json --output FILE`",
    )
    parser.add_argument(
        "--scanner", required=True, help="who found it, as the gate says; worthwatch: a scenario of ours"
    )
    parser.add_argument(
        "--rule", required=True, help="the rule's id, or the scenario's; '*': every rule of that scanner"
    )
    parser.add_argument(
        "--resource",
        required=True,
        help="a construct path; template: what is about none; '*': every one, but not with every rule",
    )
    parser.add_argument("--reason", required=True, help="why it may stand, in a sentence or two")
    parser.add_argument("--owner", required=True, help="who answers for it: the name or address of a person or a team")
    parser.add_argument("--link", metavar="URL", required=True, help="where it was decided, https://…")
    parser.add_argument(
        "--when",
        metavar="SETTING=VALUE",
        help="where alone it may stand. May be repeated, for several settings and for several values of one. "
        "Example: --when stage=dev --when stage=staging",
        **REPEATED,
    )
    parser.add_argument(
        "--expires",
        metavar="YYYY-MM-DD",
        help="the last day, in UTC; at most a year from now. By default half a year",
    )
    parser.add_argument(
        "--file",
        metavar="FILE",
        default="policies/waivers.toml",
        help="the waivers to add it to (default: %(default)s)",
    )


def _run(given: Given) -> int:
    """Write a waiver of what a gate found: the findings that match, and no other, known by their fingerprints.

    Nothing is hidden by it: the gate goes on to count and show what is waived, with the days that are left. Read the
    change, and have it reviewed, before you commit it. Exit codes: 0 written; 2 nothing matches, or it is no waiver.

    Example: `storage-compliance waive --from gate.json --scanner checkov --rule CKV_AWS_119 --resource
    WorthWatchStorage/Storage/DynamoTable/Resource --owner "Platform team" --link https://example.org/decisions/12
    --reason "The spec demands the AWS managed key; a customer managed one would violate it."`.
    """
    from gate.waive_run import Wanted, main  # noqa: PLC0415 - --help and --version need none of it

    wanted = Wanted(
        given.scanner,
        given.rule,
        given.resource,
        tuple(given.when),
        given.reason,
        given.owner,
        given.link,
        given.expires,
    )
    main(given.results, given.file, wanted)
    return 0


WAIVE = Command(_takes, _run)
