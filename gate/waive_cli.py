"""The command `storage-compliance waive`."""

from __future__ import annotations

from typing import Annotated

import typer

from gate.refusals import refusals


def waive(  # noqa: PLR0913 - all that a waiver is made of
    *,
    results: Annotated[
        str, typer.Option("--from", metavar="GATE.json", help="What a gate found: `gate --format json --output FILE`.")
    ],
    scanner: Annotated[str, typer.Option(help="Who found it, as the gate says; worthwatch: a scenario of ours.")],
    rule: Annotated[str, typer.Option(help="The rule's id, or the scenario's; '*': every rule of that scanner.")],
    resource: Annotated[
        str,
        typer.Option(help="A construct path; template: what is about none; '*': every one, but not with every rule."),
    ],
    reason: Annotated[str, typer.Option(help="Why it may stand, in a sentence or two.")],
    owner: Annotated[str, typer.Option(help="Who answers for it: the name or address of a person or a team.")],
    link: Annotated[str, typer.Option(metavar="URL", help="Where it was decided, https://…")],
    when: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SETTING=VALUE",
            help="Where alone it may stand. May be repeated, for several settings and for several values of one. "
            "Example: --when stage=dev --when stage=staging",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="The last day, in UTC; at most a year from now. By default half a year."
        ),
    ] = None,
    file: Annotated[str, typer.Option(metavar="FILE", help="The waivers to add it to.")] = "policies/waivers.toml",
) -> None:
    """Write a waiver of what a gate found: the findings that match, and no other, known by their fingerprints.

    Nothing is hidden by it: the gate goes on to count and show what is waived, with the days that are left. Read the
    change, and have it reviewed, before you commit it. Exit codes: 0 written; 2 nothing matches, or it is no waiver.

    Example: `storage-compliance waive --from gate.json --scanner checkov --rule CKV_AWS_119 --resource
    WorthWatchStorage/Storage/DynamoTable/Resource --owner "Platform team" --link https://example.org/decisions/12
    --reason "The spec demands the AWS managed key; a customer managed one would violate it."`.
    """
    with refusals():
        from gate.waive_run import Wanted, main  # noqa: PLC0415 - --help and --version need none of it

        main(results, file, Wanted(scanner, rule, resource, tuple(when or ()), reason, owner, link, expires))
