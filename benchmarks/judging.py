"""What judging a template costs beside the same by hand: `python -m benchmarks.judging`, at the root of a checkout.

Both judge the distinct templates of the pairwise matrix, in turns, in one process; a measure is the processor time of
the quickest of several turns, for a template. Before, both have to come to the same on each of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.floor import judge
from gate.matrix import EXTERNALS
from policies.catalogue import load
from policies.judge import judge_template
from policies.template import Template
from stack.cache import Cache, default_folder
from stack.contexts import matrix

_TURNS = 7


class _Sample(NamedTuple):
    source: bytes
    settings: Mapping[str, object] | None
    constructs: Mapping[str, tuple[str, ...]]


def main() -> int:
    """Print what both cost, and their ratio."""
    with Cache(default_folder()) as cache:
        found = {
            one.template: _Sample(one.template, one.settings, one.constructs or {})
            for one in cache.synthesise(matrix("pairwise"))
            if one.template is not None
        }
    samples = list(found.values())
    wrong = [scenario for sample in samples for scenario in _differing(sample)]
    if wrong:
        sys.stderr.write(f"error: by hand, other outcomes: {sorted(set(wrong))}\n")
        return 2
    by = {"parsing": _parse, "by hand": _judge_by_hand, "by the rules": _judge_by_rules}
    costs = {name: min(_cost(work, samples) for _ in range(_TURNS)) for name, work in by.items()}
    sys.stdout.write(f"{len(samples)} templates\n")
    for name, cost in costs.items():
        sys.stdout.write(f"{name:14} {cost * 1e3:8.3f} ms a template, {cost / costs['by hand']:6.1f} x\n")
    return 0


def _cost(work: Callable[[_Sample], object], samples: Sequence[_Sample]) -> float:
    begin = time.process_time()
    for sample in samples:
        work(sample)
    return (time.process_time() - begin) / len(samples)


def _parse(sample: _Sample) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(sample.source)
    return parsed


def _judge_by_hand(sample: _Sample) -> dict[str, str]:
    return judge(_parse(sample), sample.constructs)


def _judge_by_rules(sample: _Sample) -> dict[str, str]:
    template = Template("template", _parse(sample), sample.constructs, sample.settings, EXTERNALS)
    return {one.scenario.partition("/")[2]: str(one.outcome) for one in judge_template(load(), template)}


def _differing(sample: _Sample) -> list[str]:
    by_hand, by_rules = _judge_by_hand(sample), _judge_by_rules(sample)
    return [name for name in {**by_hand, **by_rules} if by_hand.get(name) != by_rules.get(name)]


if __name__ == "__main__":
    sys.exit(main())
