"""The command `storage-compliance prove`."""

from __future__ import annotations

from argparse import ArgumentParser

from gate.command_line import Command, Given
from gate.options import REPEATED, add_format, add_output


def _takes(parser: ArgumentParser) -> None:
    add_format(parser)
    add_output(parser)
    parser.add_argument(
        "--scenario",
        metavar="ID",
        help="only the mutants that this scenario must notice, and those of what its rule reads, and no other "
        "contexts: a scenario's id or slug, such as encryption-enabled",
    )
    parser.add_argument(
        "--templates",
        metavar="FOLDER",
        help="write the mutants into this folder as well, in parts, each with a canary, for other scanners to judge, "
        "and what cdk-nag's stock packs and the CDK's validator find in them",
    )
    parser.add_argument(
        "--import",
        dest="imports",
        metavar="FILE|FOLDER",
        help="compare with what other scanners have found in the mutants, as SARIF 2.1.0; of a folder, the *.sarif in "
        "it and in its parts. Repeat for more",
        **REPEATED,
    )
    parser.add_argument(
        "--peers",
        metavar="FILE",
        help="with --import: write who notices what, as Markdown, if all is explained",
    )


def _run(given: Given) -> int:
    """Prove that every scenario can fail: break the reference stack in thousands of ways, and see who notices.

    The stack is synthesised under a few contexts; each scenario about a table holds in one of them at least, and is
    violated in none. Of each template mutants are made: by a catalogue of operators, each with the scenarios that must
    notice, and with what; and by changing each place that a rule reads, as its type allows. A mutant is killed where
    every scenario that must notice does. It survives where one does not: then a violation of that form would pass the
    gate. A scenario that notices without a cause gives a false alarm. Both are shown with the change, as a diff.

    What comes of contexts is broken likewise, and the matrix of them. Then contexts are tried that nobody listed: every
    valid one has to be accepted, every invalid one refused for its wrong keys. The simplest counterexample is told with
    the command that reproduces it.

    The table tells for each scenario and form how many mutants it had to notice, and killed. What nobody need notice is
    listed in proof/equivalents.toml, with the reasons; an entry that is not needed fails the proof, too.
    How many mutants each scenario kills is recorded in proof/kills.toml: fewer or more fail it as well.

    With --import other scanners are witnesses: how many of the violations of each scenario does each of them notice?
    What only they notice is to be answered in proof/answers.toml, and where a rule of theirs disagrees with a scenario
    about the same thing, policies/agreement.toml has to explain it. `tox run -e peers` does all of it.

    Exit codes: 0 every mutant is killed; 1 one survives, a scenario gives a false alarm or kills other numbers than are
    recorded, a rule crashes, a context is not received as it must be, the catalogue holds what does nothing, or a
    scanner says what nothing explains; 2 it could not be judged.

    Examples: `storage-compliance prove`, `storage-compliance prove --scenario no-other-table`,
    `storage-compliance prove --format json --output build/proof.json`, which `trace --proof` and `evidence export
    --proof` take.
    """
    from pathlib import Path  # noqa: PLC0415 - --help and --version need none of these

    from evidence.output import destination  # noqa: PLC0415 - as above
    from gate.prove_run import Peers, main  # noqa: PLC0415 - as above

    written = None if given.output is None else destination(given.output)
    page = None if given.peers is None else destination(given.peers, "--peers")
    peers = Peers(given.templates, tuple(map(Path, given.imports)), page)
    return main(given.format, written, given.scenario, peers)


PROVE = Command(_takes, _run)
