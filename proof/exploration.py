"""Contexts that nobody listed: every valid one has to be accepted by every scenario, every invalid one refused by key.

What is found to the contrary is told by the simplest context that shows it, and the command that does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import Phase, find, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from policies.catalogue import Entry
from policies.model import Outcome
from proof.bases import outcomes_of
from proof.matrix import Judge
from proof.model import Counterexample, Explored
from proof.settings import Invalid, invalid, valid
from stack.contexts import Context
from stack.synth import Synthesis

VALID_EXAMPLES, INVALID_EXAMPLES = 100, 12
"""So many contexts are tried: valid ones, and invalid ones of each fault."""
MOST_TRIED = VALID_EXAMPLES + INVALID_EXAMPLES * len(invalid())
"""As many as are tried, if there is no counterexample."""

_ACCEPTED = frozenset({Outcome.COMPLIANT, Outcome.NOT_APPLICABLE})
_Example = TypeVar("_Example")


def explore(
    entries: Sequence[Entry],
    judge: Judge,
    synthesise: Callable[[Context], Synthesis],
    on_progress: Callable[[], None] = lambda: None,
    examples: tuple[int, int] = (VALID_EXAMPLES, INVALID_EXAMPLES),
) -> Explored:
    """Try so many valid contexts, and invalid ones of each fault, the same in every run."""
    seen: dict[str, str | None] = {}

    def wrong(context: Context) -> str | None:
        key = json.dumps([context.values, sorted(context.refused)])
        if key not in seen:
            seen[key] = _wrong(entries, judge, synthesise(context))
            on_progress()
        return seen[key]

    with _home():
        found = [
            *_counterexamples(valid(), _valid, wrong, examples[0]),
            *(one for fault in invalid() for one in _counterexamples(fault, _invalid, wrong, examples[1])),
        ]
    refusals = sum(bool(json.loads(key)[1]) for key in seen)
    return Explored(len(seen) - refusals, refusals, tuple(found))


@contextmanager
def _home() -> Iterator[None]:
    """Keep what hypothesis writes out of the current folder."""
    with TemporaryDirectory(prefix="storage-compliance-") as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _valid(values: Mapping[str, object]) -> Context:
    return Context("explored", values)


def _invalid(example: Invalid) -> Context:
    return Context("explored", example.values, refused=example.keys)


def _counterexamples(
    strategy: SearchStrategy[_Example],
    context_of: Callable[[_Example], Context],
    wrong: Callable[[Context], str | None],
    examples: int,
) -> list[Counterexample]:
    bounded = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
    )
    try:
        simplest = find(strategy, lambda example: wrong(context_of(example)) is not None, settings=bounded)
    except NoSuchExample:
        return []
    context = context_of(simplest)
    expected = (
        f"a refusal of {', '.join(sorted(context.refused))}, and of nothing else"
        if context.refused
        else "a template that every scenario accepts, or does not apply to"
    )
    return [Counterexample(context.values, expected, wrong(context) or "", context.command)]


def _wrong(entries: Sequence[Entry], judge: Judge, synthesis: Synthesis) -> str | None:
    """Return in words how a context was received otherwise than it must be, or None."""
    judged = judge(entries, synthesis)
    outcomes = outcomes_of(judged.verdicts)
    told = [f"{scenario} is {outcome}" for scenario, outcome in outcomes.items() if outcome not in _ACCEPTED]
    named = {problem.key for problem in synthesis.refused or ()}
    if named != synthesis.context.refused:
        told.append(f"a refusal of {', '.join(sorted(named)) or 'nothing'}")
    if not synthesis.context.refused:
        told += [f"no verdict on {entry.scenario.id}" for entry in entries if entry.scenario.id not in outcomes]
        told += [judged.failure] if judged.failure else []
    return "; ".join(told) or None
