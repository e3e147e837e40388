"""The fewest context keys that still show findings, looked for by synthesising again with fewer."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations
from typing import TypeVar

from gate.judged import Judged
from gate.matrix import judge_contexts
from policies.model import Outcome, Verdict
from stack.contexts import Context
from stack.synth import Customise

Seen = tuple[Context, Sequence[Verdict]]
"""A context, and the verdicts on it that are to be seen together."""

_Name = TypeVar("_Name")
_Search = tuple[Sequence[Context], Sequence[Verdict]]
"""Contexts to choose from, and the verdicts that the one looked for shows."""

_ENVIRONMENT = "(environment)"
_NEAR = 2
"""By so many keys a choice may differ from those that are needed."""


def minimise(findings: Sequence[Seen], customise: Customise | None = None) -> list[Context]:
    """Return for each finding its context, reduced to what all of its verdicts need; the answer has no key to spare.

    First no key and each one alone are tried. Then each key is left out, which tells those that are needed: where they
    suffice, there is no smaller answer. Where they do not, because one key or another will do, or because a key is
    refused without another, choices near to them are tried, the smallest first, and so on from what shows it.

    All findings are reduced together, so that each context is synthesised once in a round and the CDK is started a few
    times only. A context that must be refused is left as it is: without one of its keys it may be valid.
    """
    smallest = [context for context, _ in findings]
    choices = {i: _near(context, (), 1) for i, context in enumerate(smallest) if not context.refused}
    while choices:
        found = _search({i: (tried, findings[i][1]) for i, tried in choices.items()}, customise)
        for i, context in found.items():
            smallest[i] = context
        left = [i for i, tried in choices.items() if i not in found or not _settled(found[i], tried)]
        needed = _needed({i: (smallest[i], findings[i][1]) for i in left}, customise)
        choices = {i: _near(smallest[i], parts, _NEAR) + _growing(smallest[i], parts) for i, parts in needed.items()}
        for i, tried in choices.items():
            smallest[i] = tried[-1]  # which has one key less, and is known to show it
    return smallest


def _needed(seen: Mapping[int, Seen], customise: Customise | None) -> dict[int, list[str]]:
    """Return for each finding what its context cannot do without, unless that is all of it."""
    searches = {
        (i, part): ([_without(context, part)], verdicts)
        for i, (context, verdicts) in seen.items()
        for part in _parts(context)
    }
    spare = _search(searches, customise)
    return {i: [part for part in _parts(seen[i][0]) if (i, part) not in spare] for i, _ in spare}


def _near(context: Context, needed: Sequence[str], most: int) -> list[Context]:
    """Return the context with the needed parts only, and with some more or fewer of them."""
    parts = _parts(context)
    changes = chain.from_iterable(combinations(parts, count) for count in range(most + 1))
    return [_only(context, set(needed) ^ set(changed)) for changed in changes]


def _growing(context: Context, needed: Sequence[str]) -> list[Context]:
    """Return the context with the needed parts and the first of the others, one more each time."""
    others = [part for part in _parts(context) if part not in needed]
    return [_only(context, {*needed, *others[:count]}) for count in range(len(others))]


def _settled(context: Context, tried: Sequence[Context]) -> bool:
    """Tell whether a context has no key to spare, as each of those with one key less was tried before it."""
    identities = set(map(_identity, tried))
    return all(_identity(_without(context, part)) in identities for part in _parts(context))


def _search(searches: Mapping[_Name, _Search], customise: Customise | None) -> dict[_Name, Context]:
    """Return for each search the first of its smallest contexts that shows its verdicts, if one does."""
    wanted = {name: set(map(_identity, contexts)) for name, (contexts, _) in searches.items()}
    found: dict[_Name, Context] = {}
    every = sorted(chain.from_iterable(contexts for contexts, _ in searches.values()), key=lambda one: len(_parts(one)))

    def still_wanted() -> Iterator[Context]:
        for identity, context in {_identity(one): one for one in every}.items():
            if any(identity in identities for identities in wanted.values()):
                yield context

    for judged in judge_contexts(still_wanted(), customise):
        identity = _identity(judged.context)
        for name in [name for name, identities in wanted.items() if identity in identities]:
            if _shows(judged, searches[name][1]):
                found[name] = judged.context
                del wanted[name]
    return found


def _shows(judged: Judged, verdicts: Sequence[Verdict]) -> bool:
    return set(map(_telling, verdicts)) <= set(map(_telling, judged.verdicts))


def _telling(verdict: Verdict) -> tuple[object, ...]:
    """Return what makes a finding the same in another context: of one that is waived, the violation."""
    outcome = Outcome.NON_COMPLIANT if verdict.outcome is Outcome.WAIVED else verdict.outcome
    return verdict.spec, verdict.scenario, outcome, verdict.resource, verdict.path, verdict.message


def _parts(context: Context) -> list[str]:
    """Return what a context consists of: its keys and, as one part, its environment."""
    return [*context.values, *([_ENVIRONMENT] if context.account else [])]


def _without(context: Context, part: str) -> Context:
    return _only(context, {*_parts(context)} - {part})


def _only(context: Context, kept: Container[str]) -> Context:
    values = {key: value for key, value in context.values.items() if key in kept}
    if _ENVIRONMENT in kept:
        return replace(context, values=values)
    return replace(context, values=values, account=None, region=None)


def _identity(context: Context) -> str:
    return json.dumps([context.values, context.account, context.region, sorted(context.refused)], sort_keys=True)
