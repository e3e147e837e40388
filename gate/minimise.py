"""The fewest context keys that still show findings, looked for by synthesising again with fewer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from gate.matrix import Judged, judge_contexts
from policies.model import Verdict
from stack.contexts import Context
from stack.synth import Customise

Seen = tuple[Context, Sequence[Verdict]]
"""A context, and the verdicts on it that are to be seen together."""

_ENVIRONMENT = "(environment)"
_SMALL = 2
"""Every choice of up to so many keys is tried."""


def minimise(findings: Sequence[Seen], customise: Customise | None = None) -> list[Context]:
    """Return for each finding its context, reduced to what all of its verdicts need.

    Every choice of up to two keys is tried, the smallest first, so that the answer is a smallest one. Where none of
    these shows the finding, keys are dropped while it is still shown, and the answer has none to spare. All findings
    are reduced together, so that each context is synthesised once and the CDK started a few times only. A context that
    must be refused is left as it is: without one of its keys it may be valid.
    """
    choices = {i: _choices(context) for i, (context, _) in enumerate(findings) if not context.refused}
    smallest = _shown(findings, choices, customise)
    for i, (context, verdicts) in enumerate(findings):
        if i not in smallest:
            smallest[i] = context if context.refused else _without_spare(context, verdicts, customise)
    return [smallest[i] for i in range(len(findings))]


def _choices(context: Context) -> list[Context]:
    parts = _parts(context)
    sizes = range(min(_SMALL, len(parts)) + 1)
    return [_only(context, kept) for size in sizes for kept in combinations(parts, size)]


def _without_spare(context: Context, verdicts: Sequence[Verdict], customise: Customise | None) -> Context:
    """Drop one key after another for as long as the finding is shown without it."""
    while True:
        parts = _parts(context)
        fewer = [_only(context, tuple(part for part in parts if part != dropped)) for dropped in parts]
        shown = _shown([(context, verdicts)], {0: fewer}, customise)
        if not shown:
            return context
        context = shown[0]


def _shown(
    findings: Sequence[Seen], choices: dict[int, list[Context]], customise: Customise | None
) -> dict[int, Context]:
    """Return for each finding the first of its choices that shows it, if one does."""
    wanted = {i: {_identity(one) for one in contexts} for i, contexts in choices.items()}
    every = sorted((one for contexts in choices.values() for one in contexts), key=lambda one: len(_parts(one)))
    distinct = {_identity(one): one for one in every}
    found: dict[int, Context] = {}
    for identity, judged in zip(distinct, judge_contexts(distinct.values(), customise), strict=False):
        for i in wanted.keys() - found.keys():
            if identity in wanted[i] and _shows(judged, findings[i][1]):
                found[i] = judged.context
        if len(found) == len(wanted):
            break
    return found


def _shows(judged: Judged, verdicts: Sequence[Verdict]) -> bool:
    return set(map(_telling, verdicts)) <= set(map(_telling, judged.verdicts))


def _telling(verdict: Verdict) -> tuple[object, ...]:
    """Return what makes a finding the same in another context."""
    return verdict.spec, verdict.scenario, verdict.outcome, verdict.resource, verdict.path, verdict.message


def _parts(context: Context) -> list[str]:
    """Return what a context consists of: its keys and, as one part, its environment."""
    return [*context.values, *([_ENVIRONMENT] if context.account else [])]


def _only(context: Context, kept: tuple[str, ...]) -> Context:
    values = {key: value for key, value in context.values.items() if key in kept}
    if _ENVIRONMENT in kept:
        return replace(context, values=values)
    return replace(context, values=values, account=None, region=None)


def _identity(context: Context) -> str:
    return json.dumps([context.values, context.account, context.region, sorted(context.refused)], sort_keys=True)
