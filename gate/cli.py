"""The command: `storage-compliance gate`, `check`, `synth`, `prove`, `explain`, `waive`, `trace` and others.

Exit codes: 0 every scenario holds or is waived, 1 a violation was found, 2 something could not be judged.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from gate.check_cli import CHECK
from gate.command_line import Command, Given, Group, Misuse, run
from gate.evidence_cli import EVIDENCE
from gate.explain_cli import EXPLAIN
from gate.gate_cli import GATE
from gate.prove_cli import PROVE
from gate.synth_cli import SYNTH
from gate.trace_cli import TRACE
from gate.waive_cli import WAIVE
from gate.waivers_cli import WAIVERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


def _takes(parser: ArgumentParser) -> None:
    parser.add_argument("--version", action="store_true", help="print the version")


def _none(given: Given) -> int:
    """Judge CloudFormation templates against the WorthWatch storage spec.

    Exit codes: 0 every scenario holds, or is waived; 1 a violation was found; 2 something could not be judged: an input
    that cannot be read, a scenario that the template alone cannot decide, or a run that judged nothing.

    Examples: `storage-compliance gate`, `storage-compliance check cdk.out`,
    `storage-compliance explain partition-key-defined`.
    """
    from importlib.metadata import version  # noqa: PLC0415 - --help needs none of these

    from evidence.output import emit  # noqa: PLC0415 - as above

    if not given.version:
        raise Misuse
    emit(f"storage-compliance {version('worthwatch-storage-compliance')}")
    return 0


_COMMANDS = Group(
    {
        "gate": GATE,
        "check": CHECK,
        "explain": EXPLAIN,
        "synth": SYNTH,
        "waive": WAIVE,
        "waivers": WAIVERS,
        "prove": PROVE,
        "trace": TRACE,
        "evidence": EVIDENCE,
    },
    own=Command(_takes, _none),
)


def app(arguments: Sequence[str]) -> int:
    """Do what the arguments say, and return the exit code; input that is refused is told, without a traceback."""
    try:
        return run(_COMMANDS, "storage-compliance", arguments)
    except Exception as error:
        from gate.refusals import refusal  # noqa: PLC0415 - only where something is wrong

        problem = refusal(error)
        if problem is None:
            raise
    sys.stderr.write(f"error: {problem}\n")
    return 2


def main() -> None:
    """Run the command. What asks it to end (Ctrl-C, SIGTERM, SIGHUP) ends it in order: exit code 128 and the signal's.

    A stdout that is closed ends it before anything is done, with exit code 2.
    """
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as long as the process
    if sys.stdout is None:
        sys.stderr.write("error: the output cannot be written: stdout is closed\n")
        sys.exit(2)
    for number in _signals():
        # One that is ignored, as by nohup, stays so.
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _end)
    sys.exit(app(sys.argv[1:]))


def _signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__]


def _end(number: int, _: FrameType | None) -> None:
    """End the command; what it has under way is put away, in which no other signal disturbs it."""
    for each in _signals():
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)
