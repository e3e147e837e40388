"""Two traces compared: what a change did to the coverage of the spec, and what of it was lost."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evidence.diff.contexts import (
    AxisValue,
    Changes,
    Transition,
    changed_axes,
    changed_contexts,
    changes,
    lost_pairs,
    spelled,
    transitions,
)
from evidence.diff.reading import UNJUDGED, Context, Orphan, Problem, Scenario, Trace
from evidence.model import State
from policies.model import Outcome

NOTHING_LOST, LOST = 0, 1

_STATIC = frozenset({State.DUPLICATE, State.UNCOVERED, State.OUTDATED})
"""The kinds of problems that are found without results; of the others, which results show them."""

_BY_GATE: Mapping[State, Callable[[Scenario], bool]] = {
    State.FAILING: lambda scenario: scenario.had(Outcome.NON_COMPLIANT),
    State.UNDETERMINED: lambda scenario: scenario.had(Outcome.UNDETERMINED, Outcome.ERROR),
    State.NEVER_RUN: lambda scenario: not scenario.had(*Outcome),
    State.VACUOUS: lambda _: True,
}
_BY_TESTS: Mapping[State, Callable[[Scenario], bool]] = {
    State.FAILING: lambda scenario: any(test.fails for test in scenario.tests),
    State.NEVER_RUN: lambda scenario: any(not test.ran for test in scenario.tests),
}
_JUDGEMENTS = frozenset(Outcome) - {Outcome.ERROR}

_SAME: tuple[Callable[[Scenario], Hashable], ...] = (
    lambda scenario: scenario.id,
    lambda scenario: scenario.fingerprint.scenario,
    lambda scenario: tuple((step.keyword, step.text) for step in scenario.steps),
)


class Loss(NamedTuple):
    """Coverage that the old trace had and the new one has not: where, and what became of it."""

    where: str
    message: str


class Standing(NamedTuple):
    """A scenario's id and state in one of the traces."""

    id: str
    state: State


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """What became of a scenario, which is in at least one of the traces.

    `newly` and `no_longer` are kinds of problems; `edited` says of which, "requirement" or "scenario", the text is
    another; `rules` names the old rule and the new one where they differ; `failing` are tests that did not fail before.
    """

    before: Standing | None
    after: Standing | None
    newly: tuple[State, ...] = ()
    no_longer: tuple[State, ...] = ()
    edited: tuple[str, ...] = ()
    rules: tuple[str | None, str | None] | None = None
    tests_lost: tuple[str, ...] = ()
    tests_gained: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    transitions: tuple[Transition, ...] = ()

    @property
    def kind(self) -> str:
        """One of added, removed, renamed, changed and unchanged; a state that one trace did not judge is no change."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.before.id != self.after.id:
            return "renamed"
        return "unchanged" if self == ScenarioChange(self.before, self.after) else "changed"


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two traces: scenarios in the new one's order, the removed ones last; and all else.

    `losses` is why the comparison fails; `not_compared` says what one of the traces, or both, did not judge.
    """

    scenarios: tuple[ScenarioChange, ...]
    contexts: Changes[Context]
    axes: Changes[AxisValue]
    orphans: Changes[Orphan]
    problems: Changes[Problem]
    losses: tuple[Loss, ...]
    not_compared: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed in what was compared."""
        sides = (self.contexts, self.axes, self.orphans, self.problems)
        return not (self.scenarios or self.losses or any(side.lost or side.gained for side in sides))

    @property
    def exit_code(self) -> int:
        """0: nothing was lost. 1: coverage was lost."""
        return LOST if self.losses else NOTHING_LOST


def compare(old: Trace, new: Trace) -> Diff:
    """Compare two traces by what both were judged by; to be judged by less is a loss."""
    alike = old.judged == new.judged
    contexts: Changes[Context] = Changes()
    axes: Changes[AxisValue] = Changes()
    problems: Changes[Problem] = Changes()
    if old.judged.gate and new.judged.gate:
        contexts, axes = changed_contexts(old, new), changed_axes(old, new)
    if alike:
        problems = changes(old.problems, new.problems, lambda problem: problem)
    orphans = changes(
        (orphan for orphan in old.orphans if alike or orphan.kind != "result"),
        (orphan for orphan in new.orphans if alike or orphan.kind != "result"),
        lambda orphan: (orphan.kind, orphan.name),
    )
    scenarios = list(_compared(old, new))
    losses = (
        *_lost_results(old, new),
        *(loss for was, now, change in scenarios for loss in _lost_by(was, now, change)),
        *(Loss(spelled(value), "is in no judged context any more") for value in axes.lost),
        *_lost_contexts(contexts, new),
        *(Loss(orphan.name, f"a {orphan.kind} that has become an orphan") for orphan in orphans.gained),
        *(Loss(problem.where, "a problem that was not there") for problem in problems.gained),
    )
    changed = tuple(change for _, _, change in scenarios if change.kind != "unchanged")
    return Diff(changed, contexts, axes, orphans, problems, losses, tuple(_not_compared(old, new)))


def _compared(old: Trace, new: Trace) -> Iterator[tuple[Scenario | None, Scenario | None, ScenarioChange]]:
    """Return every scenario of both traces with what became of it, in the new one's order, the removed ones last."""
    matched = _matched(old.scenarios, new.scenarios)
    outcomes = transitions(old, new, matched)
    for number, now in enumerate(new.scenarios):
        if number not in matched:
            yield None, now, ScenarioChange(None, Standing(now.id, now.state))
            continue
        was = old.scenarios[matched[number]]
        yield was, now, _change(old, new, was, now, outcomes[number])
    kept = set(matched.values())
    for number, was in enumerate(old.scenarios):
        if number not in kept:
            yield was, None, ScenarioChange(Standing(was.id, was.state), None)


def _matched(old: Sequence[Scenario], new: Sequence[Scenario]) -> dict[int, int]:
    """Return which scenario of the old trace each of the new one is, by their places.

    The id says so; else the text, of a scenario that moved to another requirement; else the steps, of a renamed one.
    """
    matched: dict[int, int] = {}
    for same in _SAME:
        kept = set(matched.values())
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for place, scenario in enumerate(old):
            if place not in kept:
                waiting[same(scenario)].append(place)
        for place, scenario in enumerate(new):
            if place not in matched and (places := waiting.get(same(scenario))):
                matched[place] = places.popleft()
    return matched


def _change(old: Trace, new: Trace, was: Scenario, now: Scenario, outcomes: tuple[Transition, ...]) -> ScenarioChange:
    before, after = _kinds(was, old, new), _kinds(now, old, new)
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    if old.judged.tests == new.judged.tests:
        tests = changes(was.tests, now.tests, lambda test: test.id)
        lost, gained = (tuple(test.id for test in side) for side in (tests.lost, tests.gained))
        failed = {test.id for test in was.tests if test.fails}
        failing = tuple(test.id for test in now.tests if test.fails and test.id not in failed)
    names = tuple(None if scenario.rule is None else scenario.rule.name for scenario in (was, now))
    return ScenarioChange(
        before=Standing(was.id, was.state),
        after=Standing(now.id, now.state),
        newly=tuple(sorted(after - before, key=lambda kind: kind.gravity)),
        no_longer=tuple(sorted(before - after, key=lambda kind: kind.gravity)),
        edited=tuple(
            text
            for text in ("requirement", "scenario")
            if getattr(was.fingerprint, text) != getattr(now.fingerprint, text)
        ),
        rules=None if names[0] == names[1] else (names[0], names[1]),
        tests_lost=lost,
        tests_gained=gained,
        failing=failing,
        transitions=outcomes,
    )


def _kinds(scenario: Scenario, old: Trace, new: Trace) -> set[State]:
    """Return the kinds of a scenario's problems, without those that only results show which one trace was not given."""
    kinds = {problem.kind for problem in scenario.problems}
    if old.judged == new.judged:
        return kinds
    shown = set(_STATIC)
    if old.judged.gate and new.judged.gate:
        shown |= {kind for kind, shows in _BY_GATE.items() if shows(scenario)}
    if old.judged.tests and new.judged.tests:
        shown |= {kind for kind, shows in _BY_TESTS.items() if shows(scenario)}
    return kinds & shown


def _lost_results(old: Trace, new: Trace) -> Iterator[Loss]:
    for results, before, after in _results(old, new):
        if before and not after:
            yield Loss(results, "the old trace was judged by them, the new one is not; give them to trace")


def _not_compared(old: Trace, new: Trace) -> Iterator[str]:
    for results, before, after in _results(old, new):
        if not before:
            missing = "only the new trace was judged by them" if after else "neither trace was judged by them"
            yield f"{results}: {missing}"


def _results(old: Trace, new: Trace) -> Iterator[tuple[str, bool, bool]]:
    yield "results of the gate", old.judged.gate, new.judged.gate
    yield "results of the tests", old.judged.tests, new.judged.tests


def _lost_contexts(contexts: Changes[Context], new: Trace) -> Iterator[Loss]:
    """Return what no context shows any more, now that some are gone: a refusal, or two values together.

    A matrix that covers pairs is another one whenever an axis changes; what it covers is not less for that.
    """
    judged = [context for context in contexts.lost if context.is_judged]
    if refusals := sum(bool(context.refused) for context in judged):
        yield Loss("contexts", f"{refusals:,} of those that had to be refused are gone")
    if pairs := lost_pairs(judged, new.contexts):
        (one, other), *_ = pairs
        more = f", and {len(pairs) - 1:,} more pairs of values" if len(pairs) > 1 else ""
        yield Loss("contexts", f"none has {spelled(one)} together with {spelled(other)} any more{more}")


def _lost_by(was: Scenario | None, now: Scenario | None, change: ScenarioChange) -> Iterator[Loss]:
    """Return what was lost of one scenario; one that left the spec takes its coverage with it."""
    if now is None:
        return
    if was is None:
        if now.state is not State.COVERED:
            yield Loss(now.id, f"was added and is {now.state}")
        return
    if was.state is State.COVERED and change.newly:
        yield Loss(now.id, f"was covered and is {', '.join(change.newly)}")
    if was.rule and not now.rule:
        yield Loss(now.id, "its rule is gone")
    if was.tests and change.tests_lost and not now.tests:
        yield Loss(now.id, f"none of its tests is left, of {len(was.tests)}")
    if was.had(*_JUDGEMENTS) and now.outcomes is not None and not now.had(*_JUDGEMENTS):
        yield Loss(now.id, "the gate has no result of it any more")
    elif unjudged := sum(
        each.contexts for each in change.transitions if each.after in UNJUDGED and each.before not in UNJUDGED
    ):
        yield Loss(now.id, f"is not judged any more in {unjudged:,} of the contexts that are still there")
