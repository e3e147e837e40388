"""The command `storage-compliance synth`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given
from gate.options import add_matrix, file_name


def _takes(parser: ArgumentParser) -> None:
    add_matrix(parser)
    parser.add_argument(
        "--output",
        metavar="DIR",
        required=True,
        help="the folder to write: made where there is none; else empty, or one that this command wrote, which is "
        "emptied first, of every scanner's SARIF, too",
    )
    parser.add_argument(
        "--waivers",
        metavar="FILE",
        type=file_name,
        help="the findings that the stack acknowledges, as `storage-compliance gate` takes them; without it, those "
        "that come with the package, policies/waivers.toml",
    )


def _run(given: Given) -> int:
    """Synthesise the reference stack under a matrix of contexts, for other scanners to judge its templates.

    DIR then holds each distinct template once, as templates/<SHA-256>.template.json, beside a canary that is named by
    them, in which every scanner must find something; and two SARIF files. cdk-nag.sarif is what cdk-nag's stock packs
    find in each template: AwsSolutions, NIST 800-53 R5, HIPAA Security, PCI DSS 3.2.1, Serverless; cdk.sarif is what
    the CDK's own template validator finds. What the stack acknowledges is there, as suppressed, with the reason: each
    waiver that holds today, of a rule of either, is an acknowledgement. One that acknowledges nothing in any context
    for whose settings it is, is warned of, but in a smoke run. Let the other scanners read DIR/templates and write
    their SARIF into DIR.

    Exit codes: 0 all is written; 2 it could not be: a context did not synthesise, or a pack did not run or failed.
    Findings change neither, for the gate judges them. Only a run that ends with 0 leaves the two SARIF files.

    Example: `storage-compliance synth --matrix pairwise --output build/scan`.
    """
    from pathlib import Path  # noqa: PLC0415 - --help and --version need none of these

    from gate.synth_run import main  # noqa: PLC0415 - as above
    from policies.waivers import SHIPPED  # noqa: PLC0415 - as above

    return main(given.matrix, given.output, SHIPPED if given.waivers is None else Path(given.waivers))


SYNTH = Command(_takes, _run)
