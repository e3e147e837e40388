"""What reads is given what nobody vouches for: a bounded number of inputs, each in bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.bounds import LAST
from tests.fuzz.catalogue import targets
from tests.fuzz.judging import judgements

ROOT = Path(__file__).parents[2]
JUDGEMENTS = {"template": 40, "doubted": 40, "garbled": 200}
READERS = [name for name in targets() if name not in judgements()]


def bounded(module: str, examples: int, names: list[str], folder: Path) -> tuple[int, list[str], str]:
    """Drive targets in a process of its own: return its exit code, the targets that were begun, and its last words."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.fuzz.bounded", module, str(examples), *names],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    return ended.returncode, ended.stdout.split(), ended.stderr


@pytest.mark.parametrize("name", judgements())
def test_judgement(name: str, tmp_path: Path) -> None:
    """Templates are judged, whatever they hold, and by the laws that verdicts keep."""
    assert bounded("tests.fuzz.catalogue", JUDGEMENTS[name], [name], tmp_path) == (0, [name], "")


def test_readers(tmp_path: Path) -> None:
    """Whatever they are given is read or refused with the documented error."""
    assert bounded("tests.fuzz.catalogue", 100, READERS, tmp_path) == (0, READERS, "")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("exception", 1, "ValueError: not enough values to unpack"),
        ("endless", 1, "EndlessError: an input took more than 0.5 seconds of processor time"),
        ("hog", 1, "MemoryError"),
        ("dead", -9, ""),
        ("credulous", 1, "BrokenLawError: "),
    ],
)
def test_planted(name: str, code: int, said: str, tmp_path: Path) -> None:
    """A defect that is planted is found, and the input that shows it is left behind."""
    ended, begun, told = bounded("tests.fuzz.planted", 200, ["nothing", name], tmp_path)
    assert (ended, begun) == (code, ["nothing", name])
    assert said in told
    assert (tmp_path / LAST).read_bytes() != b"a b c"
