"""What of a change is a loss: coverage that the old trace had and the new one has not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evidence.diff.alerts import AlertChange
from evidence.diff.contexts import AxisValue, Changes, Transition, lost_pairs, spelled
from evidence.diff.model import Loss, ScenarioChange
from evidence.diff.reading import GATE, RESULTS, TESTS, Context, Scenario, Trace
from evidence.model import SHOWN_BY, Scanner, State
from policies.model import Outcome

_JUDGEMENTS = frozenset(Outcome) - {Outcome.ERROR}
_WORSE_THAN_WAIVED = tuple(outcome for outcome in Outcome if outcome.rank > Outcome.WAIVED.rank)


def lost_results(old: Trace, new: Trace) -> Iterator[Loss]:
    """Return the kinds of results that the old trace was judged by and the new one is not."""
    for results in RESULTS:
        if old.judged_by(results) and not new.judged_by(results):
            message = "the old trace was judged by them, the new one is not; give them to trace"
            yield Loss(f"results of {results}", message)


def lost_of_scenario(
    old: Trace, new: Trace, was: Scenario | None, now: Scenario | None, change: ScenarioChange
) -> Iterator[Loss]:
    """Return what was lost of one scenario; one that left the spec takes its coverage with it."""
    if now is None:
        return
    if was is None:
        if now.state is not State.COVERED:
            yield Loss(now.id, f"was added and is {now.state}")
        return
    fresh = new.problems_of(now) - old.problems_of(was)
    if was.had(*_WORSE_THAN_WAIVED):
        # A waiver on what was no better is no loss; where a context was, it is told of the context.
        fresh.discard((State.WAIVED, GATE))
    yield from _lost_states(old, was, now, change, fresh)
    if was.rule and not now.rule:
        yield Loss(now.id, "its rule is gone")
    yield from _lost_tests(was, now, change, {kind for kind, shown_by in fresh if shown_by == TESTS})
    if now.outcomes is not None:
        yield from _lost_outcomes(was, now, change, {kind for kind, shown_by in fresh if shown_by == GATE})


def _lost_states(
    old: Trace, was: Scenario, now: Scenario, change: ScenarioChange, fresh: set[tuple[State, str | None]]
) -> Iterator[Loss]:
    """Return the kinds of problems that are new, or newly shown by the gate, the tests or the proof."""
    told: set[State] = set()
    judged = {kind for kind, shown_by in fresh if shown_by is None or old.judged_by(shown_by)}
    if newly := [kind for kind in change.newly if kind in judged]:
        yield Loss(now.id, f"was {was.state} and is {', '.join(newly)}")
        told.update(newly)
    for results in RESULTS:
        if shown := {kind for kind, shown_by in fresh if shown_by == results} - told:
            kinds = ", ".join(kind for kind in State if kind in shown)
            if old.judged_by(results):
                yield Loss(now.id, f"is {kinds} by {results}, which it was not before")
            else:
                yield Loss(now.id, f"was not judged by {results} before and is {kinds}")


def _lost_tests(was: Scenario, now: Scenario, change: ScenarioChange, fresh: set[State]) -> Iterator[Loss]:
    gone = len(change.tests_lost)
    if gone > len(change.tests_gained):
        of_them = f"{gone} of its {len(was.tests)} tests {_are(gone)}" if now.tests else "all of its tests are"
        yield Loss(now.id, f"{of_them} gone:", change.tests_lost)
    if change.failing and State.FAILING not in fresh:
        yield Loss(now.id, "tests that did not fail before fail now:", change.failing)
    ran = {test.id for test in was.tests if test.ran}
    idle = tuple(test.id for test in now.tests if test.id in ran and test.cases is not None and not test.ran)
    if idle and State.NEVER_RUN not in fresh:
        yield Loss(now.id, "tests that were run before are only skipped now:", idle)


def _lost_outcomes(was: Scenario, now: Scenario, change: ScenarioChange, fresh: set[State]) -> Iterator[Loss]:
    """Return what contexts of both traces do not show any more, or show to fail, unless the new state says it all."""
    if was.had(*_JUDGEMENTS) and not now.had(*_JUDGEMENTS):
        if State.NEVER_RUN not in fresh:
            yield Loss(now.id, "the gate has no result of it any more")
        return
    for each in change.transitions:
        if message := _lost_between(each, fresh):
            contexts = "1 context" if each.contexts == 1 else f"{each.contexts:,} contexts"
            was_so = "not judged" if each.before is None else str(each.before)
            yield Loss(now.id, f"{message} in {contexts}, where it was {was_so}, such as", (each.first,))


def _lost_between(each: Transition, fresh: set[State]) -> str | None:
    if each.after is None:
        return None if each.before is Outcome.ERROR else "is not judged any more"
    if each.after is Outcome.NOT_APPLICABLE:
        return "does not apply any more" if each.before is Outcome.COMPLIANT and State.VACUOUS not in fresh else None
    is_worse = each.before is None or each.after.rank > each.before.rank
    if each.after in SHOWN_BY and is_worse and SHOWN_BY[each.after] not in fresh:
        return f"is {each.after}"
    return None


def lost_contexts(old: Trace, new: Trace, contexts: Changes[Context], axes: Changes[AxisValue]) -> Iterator[Loss]:
    """Return what no context shows any more, now that some are gone: a refusal, the defaults, or two values together.

    A matrix that covers pairs is another one whenever an axis changes; what it covers is not less for that. But the
    context that sets nothing is what most people deploy, and stands for itself.
    """
    judged = [context for context in contexts.lost if context.is_judged]
    if refusals := sum(bool(context.refused) for context in judged):
        yield Loss("contexts", f"{refusals:,} of those that had to be refused {_are(refusals)} gone")
    if unset := [context.name for context in judged if not context.settings and not context.refused]:
        yield Loss("contexts", "the one that sets nothing, which most people deploy, is gone:", tuple(unset))
    if pairs := lost_pairs(old.contexts, new.contexts, judged, axes.lost):
        one, other = pairs[0]
        together = "none has these two values together any more:"
        if len(pairs) > 1:
            together = f"none has {len(pairs):,} pairs of values together any more, such as"
        yield Loss("contexts", together, (f"{spelled(one)} with {spelled(other)}",))


def lost_values(values: Iterable[AxisValue]) -> Iterator[Loss]:
    """Return the values of axes that nothing was judged with any more."""
    for value in values:
        yield Loss(spelled(value), "is in no judged context any more")


def lost_scanners(scanners: Changes[Scanner]) -> Iterator[Loss]:
    """Return the other scanners that are not asked any more, in whatever version."""
    asked = {scanner.name for scanner in scanners.gained}
    for scanner in scanners.lost:
        if scanner.name not in asked:
            yield Loss(
                scanner.name, "another scanner that was asked before and is not any more; gate --import takes it"
            )


def lost_by_alerts(alerts: Iterable[AlertChange]) -> Iterator[Loss]:
    """Return what other scanners have found and no waiver covers, where it was not so before."""
    for change in alerts:
        match change.before, change.after:
            case None, Outcome.NON_COMPLIANT:
                yield Loss(change.alert.name, "is new, and not waived")
            case Outcome.WAIVED, Outcome.NON_COMPLIANT:
                yield Loss(change.alert.name, "was waived, and is not waived in every context any more")
            case Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT if change.first is not None:
                contexts = "1 context" if change.contexts == 1 else f"{change.contexts:,} contexts"
                message = f"is not waived in {contexts} more, such as"
                yield Loss(change.alert.name, message, (change.first,))


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
