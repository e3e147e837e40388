"""What judging a template costs beside the same by hand: `python -m benchmarks.judging`, at the root of a checkout.

All judge the distinct templates of the full matrix, in turns, in one process: a measure is the processor time of the
quickest of several turns, for a template. By the rules, each template is judged for itself; as the gate judges a
matrix, a turn begins with nothing remembered, and remembers. Before, all have to come to the same on each template.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from benchmarks.floor import judge
from gate.matrix import EXTERNALS
from policies.catalogue import load
from policies.judge import judge_template
from policies.memory import Memory
from policies.template import Template
from stack.cache import Cache, default_folder
from stack.contexts import matrix

_TURNS = 3


class _Sample(NamedTuple):
    source: bytes
    settings: Mapping[str, object] | None
    constructs: Mapping[str, tuple[str, ...]]


def main() -> int:
    """Print what each costs, and its ratio to what is done by hand."""
    with Cache(default_folder()) as cache:
        found = {
            one.template: _Sample(one.template, one.settings, one.constructs or {})
            for one in cache.synthesise(matrix("full"))
            if one.template is not None
        }
    samples = list(found.values())
    memory = Memory(EXTERNALS)
    wrong = [scenario for sample in samples for scenario in _differing(sample, memory)]
    if wrong:
        sys.stderr.write(f"error: by hand, other outcomes: {sorted(set(wrong))}\n")
        return 2
    by: dict[str, Callable[[], Callable[[_Sample], object]]] = {
        "parsing": lambda: _parse,
        "by hand": lambda: _judge_by_hand,
        "by the rules": lambda: _judge_by_rules,
        "as the gate": lambda: partial(_judge_by_rules, memory=Memory(EXTERNALS)),
    }
    turns = [{name: _cost(begun(), samples) for name, begun in by.items()} for _ in range(_TURNS)]
    costs = {name: min(turn[name] for turn in turns) for name in by}
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


def _judge_by_rules(sample: _Sample, memory: Memory | None = None) -> dict[str, str]:
    template = Template("template", _parse(sample), sample.constructs, sample.settings, EXTERNALS)
    verdicts = judge_template(load(), template, memory=memory)
    return {one.scenario.partition("/")[2]: str(one.outcome) for one in verdicts}


def _differing(sample: _Sample, memory: Memory) -> list[str]:
    by_hand, by_rules, by_gate = _judge_by_hand(sample), _judge_by_rules(sample), _judge_by_rules(sample, memory)
    names = {**by_hand, **by_rules}
    return [name for name in names if not by_hand.get(name) == by_rules.get(name) == by_gate.get(name)]


if __name__ == "__main__":
    sys.exit(main())
