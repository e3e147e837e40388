"""Two traces compared: what a change did to the coverage of the spec, and what of it was lost."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence

from evidence.diff.alerts import changed_alerts, changed_scanners
from evidence.diff.contexts import AxisValue, Changes, Transition, changed_axes, changed_contexts, changes, transitions
from evidence.diff.losses import (
    lost_by_alerts,
    lost_contexts,
    lost_of_scenario,
    lost_results,
    lost_scanners,
    lost_values,
)
from evidence.diff.model import Diff, FewerPassed, Loss, ScenarioChange, Standing
from evidence.diff.reading import RESULTS, Context, Scenario, Trace
from evidence.model import Scanner

_SAME: tuple[Callable[[Scenario], Hashable], ...] = (
    lambda scenario: scenario.id,
    lambda scenario: scenario.fingerprint.scenario,
    lambda scenario: tuple((step.keyword, step.text) for step in scenario.steps),
)


def compare(old: Trace, new: Trace) -> Diff:
    """Compare two traces; to be judged by less is a loss, and so is what fails where only the new one was judged."""
    contexts: Changes[Context] = Changes()
    axes: Changes[AxisValue] = Changes()
    scanners: Changes[Scanner] = Changes()
    if old.judged.gate and new.judged.gate:
        contexts, axes, scanners = changed_contexts(old, new), changed_axes(old, new), changed_scanners(old, new)
    alerts = changed_alerts(old, new)
    problems = changes(old.problems, new.problems, lambda problem: problem)
    orphans = changes(old.orphans, new.orphans, lambda orphan: (orphan.kind, orphan.name))
    scenarios = list(_compared(old, new))
    losses = (
        *lost_results(old, new),
        *(loss for was, now, change in scenarios for loss in lost_of_scenario(old, new, was, now, change)),
        *lost_values(axes.lost),
        *lost_contexts(old, new, contexts, axes),
        *lost_scanners(scanners),
        *lost_by_alerts(alerts),
        *(Loss(orphan.name, f"a {orphan.kind} that has become an orphan") for orphan in orphans.gained),
        *(Loss(problem.where, "a problem that was not there") for problem in problems.gained),
    )
    changed = tuple(change for _, _, change in scenarios if change.kind != "unchanged")
    not_compared = tuple(_not_compared(old, new))
    return Diff(changed, contexts, axes, orphans, problems, scanners, alerts, losses, not_compared)


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
    before, after = ({problem.kind for problem in scenario.problems} for scenario in (was, now))
    unseen = {kind for kind, results in old.problems_of(was) if results is not None and not new.judged_by(results)}
    tests = changes(was.tests, now.tests, lambda test: test.id)
    failed = {test.id for test in was.tests if test.fails}
    names = tuple(None if scenario.rule is None else scenario.rule.name for scenario in (was, now))
    return ScenarioChange(
        before=Standing(was.id, was.state),
        after=Standing(now.id, now.state),
        newly=tuple(sorted(after - before, key=lambda kind: kind.gravity)),
        no_longer=tuple(sorted(before - after - unseen, key=lambda kind: kind.gravity)),
        edited=tuple(
            text
            for text in ("requirement", "scenario")
            if getattr(was.fingerprint, text) != getattr(now.fingerprint, text)
        ),
        rules=None if names[0] == names[1] else (names[0], names[1]),
        # results of tests lead to tests that links alone do not show
        tests_lost=tuple(test.id for test in tests.lost) if new.judged.tests or not old.judged.tests else (),
        tests_gained=tuple(test.id for test in tests.gained) if old.judged.tests or not new.judged.tests else (),
        failing=tuple(test.id for test in now.tests if test.fails and test.id not in failed),
        fewer_passed=tuple(_fewer_passed(was, now)),
        transitions=outcomes,
    )


def _fewer_passed(was: Scenario, now: Scenario) -> Iterator[FewerPassed]:
    before = {test.id: test.cases.passed for test in was.tests if test.cases is not None}
    for test in now.tests:
        if test.cases is not None and test.cases.passed < before.get(test.id, 0):
            yield FewerPassed(test.id, before[test.id], test.cases.passed)


def _not_compared(old: Trace, new: Trace) -> Iterator[str]:
    for results in RESULTS:
        if not old.judged_by(results):
            only = "only the new trace" if new.judged_by(results) else "neither trace"
            yield f"results of {results}: {only} was judged by them"
