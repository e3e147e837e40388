"""The contexts of two traces, compared by what they are: values, account, region and refusals, whatever their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

from evidence.diff.reading import Context, Trace
from policies.model import Outcome

Item = TypeVar("Item")

_WORD = re.compile(r'"(?!(?:true|false|null)")([A-Za-z][\w./:-]*)"', re.ASCII)


class Transition(NamedTuple):
    """From one outcome of a scenario to another, None being not judged: in how many contexts, and the first of them."""

    before: Outcome | None
    after: Outcome | None
    contexts: int
    first: str


class AxisValue(NamedTuple):
    """A context key, or `account` or `region`, and a value of it as JSON; None where a context does not set it."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Changes(Generic[Item]):
    """What only the old trace has, and what only the new one has."""

    lost: tuple[Item, ...] = ()
    gained: tuple[Item, ...] = ()


def changes(old: Iterable[Item], new: Iterable[Item], key: Callable[[Item], Hashable]) -> Changes[Item]:
    """Return what is only in one of the two, each counted as often as it is there, by what the key makes of it."""
    before, after = list(old), list(new)
    return Changes(tuple(_only(before, after, key)), tuple(_only(after, before, key)))


def changed_contexts(old: Trace, new: Trace) -> Changes[Context]:
    """Return the contexts that only one of the traces has."""
    return changes(_by_key(old).values(), _by_key(new).values(), lambda context: context.key)


def changed_axes(old: Trace, new: Trace) -> Changes[AxisValue]:
    """Return the values that only one trace has in a judged context; one to be refused shows nothing of them."""
    keys = dict.fromkeys(key for context in (*old.contexts, *new.contexts) for key in context.settings)
    return changes(_axis_values(old.contexts, keys), _axis_values(new.contexts, keys), lambda value: value)


def lost_pairs(
    old: Sequence[Context], new: Sequence[Context], gone: Iterable[Context], told: Iterable[AxisValue]
) -> list[tuple[AxisValue, AxisValue]]:
    """Return the values that contexts which are gone had together and no judged one of the new trace has, as they come.

    That a context does not set a key which others set is a value of it, too. Pairs with the values of `told` are left
    out.
    """
    judged = [context for context in (*old, *new) if context.shows_values]
    keys = sorted({key for context in judged for key in context.settings})
    numbers: dict[AxisValue, int] = {}

    def pairs(contexts: Iterable[Context]) -> Iterator[tuple[int, int]]:
        for context in contexts:
            if context.shows_values:
                values = (AxisValue(key, context.spelling.get(key)) for key in keys)
                yield from combinations([numbers.setdefault(value, len(numbers)) for value in values], 2)

    lost = dict.fromkeys(pairs(gone))
    kept = set(pairs(new)) if lost else set()
    left_out = set(told)
    values = list(numbers)
    found = ((values[one], values[other]) for one, other in lost if (one, other) not in kept)
    return [pair for pair in found if left_out.isdisjoint(pair)]


def spelled(value: AxisValue) -> str:
    """Return a value as `key=value`: a word as it is, all else as JSON, so that true is not "true"."""
    if value.value is None:
        return f"{value.key} unset"
    word = _WORD.fullmatch(value.value)
    return f"{value.key}={word[1] if word else value.value}"


def transitions(old: Trace, new: Trace, matched: Mapping[int, int]) -> Mapping[int, tuple[Transition, ...]]:
    """Return how the outcomes changed in the contexts of both traces, by the scenario's place in the new one.

    `matched` leads from that place to the one in the old trace.
    """
    counts: dict[int, Counter[tuple[Outcome | None, Outcome | None]]] = {place: Counter() for place in matched}
    first: dict[tuple[int, Outcome | None, Outcome | None], str] = {}
    before = _by_key(old)
    for key, context in _by_key(new).items():
        if key not in before:
            continue
        for place, earlier in matched.items():
            was, now = before[key].outcomes[earlier], context.outcomes[place]
            if was is not now:
                counts[place][was, now] += 1
                first.setdefault((place, was, now), context.name)
    return {
        place: tuple(Transition(was, now, count, first[place, was, now]) for (was, now), count in of_one.items())
        for place, of_one in counts.items()
    }


def _by_key(trace: Trace) -> dict[str, Context]:
    """Return the contexts by what they are; of those that are the same, the first, with the worst outcomes of all."""
    contexts: dict[str, Context] = {}
    for context in trace.contexts:
        twin = contexts.setdefault(context.key, context)
        if twin is not context:
            outcomes = [_worst(*both) for both in zip(twin.outcomes, context.outcomes, strict=True)]
            contexts[context.key] = twin.model_copy(update={"outcomes": outcomes})
    return contexts


def _worst(*outcomes: Outcome | None) -> Outcome | None:
    return max((outcome for outcome in outcomes if outcome is not None), key=lambda one: one.rank, default=None)


def _axis_values(contexts: Sequence[Context], keys: Iterable[str]) -> list[AxisValue]:
    judged = [context.spelling for context in contexts if context.shows_values]
    set_by = Counter(key for spelling in judged for key in spelling)
    values = dict.fromkeys(AxisValue(key, value) for spelling in judged for key, value in spelling.items())
    return [*values, *(AxisValue(key, None) for key in keys if set_by[key] < len(judged))]


def _only(items: Iterable[Item], others: Iterable[Item], key: Callable[[Item], Hashable]) -> Iterator[Item]:
    left = Counter(map(key, others))
    for item in items:
        if left[key(item)] > 0:
            left[key(item)] -= 1
        else:
            yield item
