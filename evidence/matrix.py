"""What the results of a gate say of contexts: the axes, the outcomes in each, the findings, and what was not tried."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from evidence.model import Axis, TracedContext, TracedFinding
from evidence.results_model import GateResults, VerdictResult
from policies.model import Outcome
from stack.settings import KEYS, PREFIX, ContextRefused, Settings, allowed

_ACCEPTED = {Outcome.COMPLIANT, Outcome.NOT_APPLICABLE}


def contexts(gate: GateResults, scenarios: Sequence[str]) -> tuple[TracedContext, ...]:
    """Return the contexts, each with the worst outcome of each scenario in it."""
    worst: dict[tuple[str, str], Outcome] = {}
    for verdict in gate.verdicts:
        if verdict.context is not None:
            outcome = Outcome(verdict.outcome)
            before = worst.setdefault((verdict.context, verdict.id), outcome)
            worst[verdict.context, verdict.id] = max(before, outcome, key=lambda one: one.rank)
    return tuple(
        TracedContext(
            name,
            context.values,
            context.account,
            context.region,
            tuple(context.refused),
            context.template,
            tuple(worst.get((name, scenario)) for scenario in scenarios),
        )
        for name, context in gate.contexts.items()
    )


def axes(gate: GateResults) -> tuple[Axis, ...]:
    """Return the keys that the contexts set, ours first, and their values, both as they come."""
    held: dict[str, dict[str, object]] = {}
    for context in gate.contexts.values():
        for key, value in context.values.items():
            held.setdefault(key, {}).setdefault(json.dumps(value, sort_keys=True), value)
    ours = [key for key in KEYS if key in held]
    return tuple(Axis(key, tuple(held[key].values())) for key in dict.fromkeys((*ours, *held)))


def untried(gate: GateResults) -> Iterator[tuple[str, str]]:
    """Return the context keys of which an allowed value was had by no context that is to be accepted, and say which.

    Of a choice and of true or false every value is to be had, of a range both bounds; a name has no such list.
    """
    had: set[tuple[str, object]] = set()
    for context in gate.contexts.values():
        if not context.refused:
            try:
                had.update(Settings.from_context(context.values).plain().items())
            except ContextRefused:  # the gate's verdict on this context says so
                continue
    for key in KEYS:
        name = key.removeprefix(PREFIX)
        for value in allowed(name).values:
            if (name, value) not in had:
                told = f"no accepted context of the results has the value {json.dumps(value)}"
                yield key, f"{told}: add it to the axes in stack/axes.py, or run a larger matrix"


def findings(gate: GateResults) -> tuple[TracedFinding, ...]:
    """Return the findings, the worst first; what several verdicts say of one scenario in the same words is one."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    for number, verdict in enumerate(gate.verdicts):
        if verdict.outcome not in _ACCEPTED:
            kind = (verdict.id, verdict.outcome, verdict.resource, verdict.path, verdict.message)
            kinds.setdefault(kind, []).append(number)
    looked_up = {finding.verdict: finding for finding in gate.findings}
    places = {name: place for place, name in enumerate(gate.contexts)}
    found = []
    for numbers in kinds.values():
        first = next((number for number in numbers if number in looked_up), numbers[0])
        verdict, more = gate.verdicts[first], looked_up.get(first)
        found.append(
            TracedFinding(
                scenario=verdict.id,
                outcome=Outcome(verdict.outcome),
                template=verdict.template,
                context=verdict.context,
                contexts=_places((gate.verdicts[number] for number in numbers), places),
                resource=verdict.resource,
                path=verdict.path,
                found=verdict.found,
                expected=verdict.expected,
                message=verdict.message,
                remedy=verdict.remedy,
                assuming=tuple(verdict.assuming),
                minimal=None if more is None else more.context,
                command=None if more is None else more.command,
                excerpt=None if more is None else more.excerpt,
                at=None if more is None else more.at,
            )
        )
    return tuple(sorted(found, key=lambda finding: -finding.outcome.rank))


def _places(verdicts: Iterator[VerdictResult], places: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sorted({places[verdict.context] for verdict in verdicts if verdict.context is not None}))
