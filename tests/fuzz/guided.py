"""A target led by coverage, until its time is over: `python -m tests.fuzz.guided MODULE TARGET SECONDS`, in its folder.

libFuzzer keeps each input that reaches what none before it has reached, in `corpus`, and makes others of it by the
target's own mutations (https://github.com/google/atheris). An input that is found wanting is left in `found-…`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from random import Random

import atheris

from tests.fuzz.bounds import CORPUS, FOUND, REFERENCE, SEEDS, bound_memory, checked
from tests.fuzz.mutation import MAX_BYTES
from tests.fuzz.targets import MAX_SECONDS, Target

_WATCHED = ["policies", "gate", "proof", "scanners", "evidence"]
_OF_BYTES = 16
"""One of so many inputs is made by libFuzzer's own mutations, which know nothing of what a target reads."""


def _fuzz(target: Target, seconds: int) -> None:
    def custom(data: bytes, max_size: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311 - what libFuzzer has drawn
        if random.randrange(_OF_BYTES) == 0:
            return bytes(atheris.Mutate(data, max_size))
        return target.mutate(data, random)[:max_size]

    for folder in (CORPUS, SEEDS):
        Path(folder).mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds):
        Path(SEEDS, str(number)).write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": MAX_BYTES,
        "len_control": 0,
        # Where what hangs is no Python, no Python can end it.
        "timeout": MAX_SECONDS * 15,
        # On a busy machine many are slow, and nothing is wrong with them.
        "report_slow_units": MAX_SECONDS * 15,
        "rss_limit_mb": 0,
        "artifact_prefix": FOUND,
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *arguments, CORPUS, SEEDS], lambda data: checked(target, data), custom_mutator=custom)
    bound_memory()
    atheris.Fuzz()


if __name__ == "__main__":
    module, name, count = sys.argv[1:]
    with atheris.instrument_imports(include=_WATCHED):
        imported = importlib.import_module(module)
    templates = [file.read_bytes() for file in sorted(Path("..", REFERENCE).glob("*.json"))]
    _fuzz(imported.targets(templates)[name], int(count))
