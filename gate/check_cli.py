"""The command `storage-compliance check`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given, Misuse
from gate.options import REPEATED, add_format


def _takes(parser: ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help="templates (JSON or YAML), or folders such as cdk.out")
    parser.add_argument(
        "--parameters",
        metavar="FILE|KEY=VALUE",
        help="what a deployment gives to a parameter, or a file of that, in JSON or YAML, as the AWS CLI or "
        "CodePipeline reads it. May be repeated. Example: --parameters Stage=prod --parameters team.json",
        **REPEATED,
    )
    parser.add_argument(
        "--externals",
        metavar="FILE",
        help="what lives outside the templates, in YAML or JSON: pseudoParameters, exports, ssmParameters, "
        "managedPolicies, roles. What is not told stays unknown. Example: --externals account.yaml, "
        "which holds `exports: {TableName: orders}`",
    )
    add_format(parser)


def _run(given: Given) -> int:
    """Judge templates that anyone made: files in JSON or YAML, folders of them, and cdk.out folders.

    No CDK and no Node.js is started. What made a table is known from a cdk.out folder only; for a template alone that
    scenario is undetermined. Settings are those that the template's Metadata states under worthwatch:settings. A
    verdict holds for every value that a parameter allows, unless --parameters gives one.

    Example: `storage-compliance check cdk.out --parameters Stage=prod`.
    """
    from pathlib import Path  # noqa: PLC0415 - --help and --version need no rules

    from gate.check import check  # noqa: PLC0415 - as above
    from gate.output import tell  # noqa: PLC0415 - as above
    from gate.parameters import read_parameters  # noqa: PLC0415 - as above
    from policies.externals import NOTHING  # noqa: PLC0415 - as above

    if "" in given.paths:
        raise Misuse("a path is empty; name a file or a folder, or . for this one")
    parameters = read_parameters(given.parameters)
    told = NOTHING
    if given.externals is not None:
        from policies.externals_reading import read_externals  # noqa: PLC0415 - pydantic, which takes its time

        told = read_externals(Path(given.externals))
    run = check(map(Path, given.paths), parameters, told)
    tell(run, given.format)
    return run.exit_code


CHECK = Command(_takes, _run)
