"""Every target led by coverage for a while, each in a process of its own, and what came of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.fuzz.bounds import FOUND, LAST

ROOT = Path(__file__).parents[2]

_AT_ONCE = 2
_PATIENCE = 1800
"""So many seconds longer than it may a target takes at most, to begin and to check its last input."""

_PROGRESS = re.compile(r"^#(\d+)\s+\S+\s+(?:cov: (\d+) )?", re.MULTILINE)
_CAUSE = re.compile(r"^ === Uncaught Python exception: ===\n(.*)|^(==\d+== ERROR: .*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a target: how many inputs were checked, the branches that they reached, and what was found.

    `found` is the input that was found wanting and `why` says what is wrong with it, where there is one.
    """

    target: str
    runs: int
    coverage: int
    why: str | None = None
    found: Path | None = None


def run(module: str, targets: Sequence[str], seconds: int, folder: Path) -> Iterator[Outcome]:
    """Drive targets of a module, so many seconds each and two at once; yield what came of each, in their order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(partial(_driven, module, seconds, folder), targets)


def _driven(module: str, seconds: int, folder: Path, target: str) -> Outcome:
    here = folder / target
    here.mkdir(parents=True, exist_ok=True)
    for earlier in (*here.glob(f"{FOUND}*"), here / LAST):
        earlier.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.guided", module, target, str(seconds)]
    log = here / "log"
    with log.open("wb") as output:
        try:
            ended = subprocess.run(  # noqa: S603 - our own program
                command,
                cwd=here,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds + _PATIENCE,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            ended = None
    return _outcome(target, ended, log.read_text(encoding="utf-8", errors="replace"), here)


def _outcome(target: str, ended: int | None, said: str, here: Path) -> Outcome:
    progress = _PROGRESS.findall(said)
    runs, coverage = (int(number or 0) for number in (progress or [(0, 0)])[-1])
    found = next(here.glob(f"{FOUND}*"), here / LAST)
    if ended == 0 and runs and not found.name.startswith(FOUND):
        return Outcome(target, runs, coverage)
    cause = _CAUSE.search(said)
    why = next(filter(None, cause.groups()), "") if cause else f"it ended with {ended}; see {here / 'log'}"
    return Outcome(target, runs, coverage, why, found if found.exists() else None)
