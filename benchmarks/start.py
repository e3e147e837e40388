"""What a whole process takes beside an empty one: `python -m benchmarks.start [PROGRAM ...]`, in a checkout.

Each command is started in turns with `python -c pass`, so that what else the machine does weighs on all of them alike;
a measure is the median of the time that passes. Other programs, such as `cfn-lint` and `checkov -f` of environments of
their own, are given the same template as their last argument.
"""

from __future__ import annotations

import json
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.policies.templates import template

_TURNS = 15
_COMMAND = (sys.executable, "-c", "from gate.cli import main; main()")


def main(programs: Sequence[str]) -> int:
    """Print what each command takes, and how many times as long as an empty process that is."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "template.json"))
        Path(file).write_text(json.dumps(template()), encoding="utf-8")
        commands = {
            "python -c pass": (sys.executable, "-c", "pass"),
            "--help": (*_COMMAND, "--help"),
            "check": (*_COMMAND, "check", file),
            **{program: (*shlex.split(program), file) for program in programs},
        }
        turns = [{name: _seconds(command) for name, command in commands.items()} for _ in range(_TURNS)]
    medians = {name: statistics.median(turn[name] for turn in turns) for name in commands}
    for name, median in medians.items():
        ratio = median / medians["python -c pass"]
        sys.stdout.write(f"{name:30} {median * 1e3:8.1f} ms {ratio:6.1f} x\n")
    return 0


def _seconds(command: Sequence[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # noqa: S603 - ours
    return time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
