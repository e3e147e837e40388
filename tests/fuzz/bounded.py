"""A bounded run of targets, for the tests: `python -m tests.fuzz.bounded MODULE EXAMPLES TARGET...`, in its folder.

Hypothesis draws what chance decides, in one way always. Each input has so much time and memory; the first that is
found wanting ends the run, and is left in the folder.
"""

from __future__ import annotations

import importlib
import resource
import sys
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.bounds import bound_memory, checked
from tests.fuzz.targets import Target

_MOST_SECONDS = 600
"""The processor time that a whole run may take: many times what it takes."""


def explore(target: Target, examples: int) -> None:
    """Check the seeds of a target, and so many inputs that are made of them. Raises what the first of them raises."""

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(target.seeds), st.randoms(use_true_random=False))
    def mutated(seed: bytes, random: Random) -> None:
        checked(target, target.mutate(seed, random))

    for seed in target.seeds:
        checked(target, seed)
    mutated()


if __name__ == "__main__":
    module, count, *names = sys.argv[1:]
    found: dict[str, Target] = importlib.import_module(module).targets()
    bound_memory()
    # Where what hangs is no Python, no Python can end it.
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    for name in names:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        explore(found[name], int(count))
