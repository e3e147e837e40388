"""What verdicts come to, taken in one by one and not kept: by scenario, by context, and the findings among them."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evidence.contexts import Contexts
from evidence.model import Axis, TracedContext, TracedFinding
from evidence.sequences import Made
from policies.model import ACCEPTED, Outcome, Verdict
from stack.settings import KEYS, PREFIX, ContextRefused, Settings, allowed

_OUTCOMES = tuple(Outcome)
_NONE = 0
"""What stands for no verdict where an outcome is kept as its rank from 1."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was looked up for a finding: the fewest context keys that show it, the shell line, the place's JSON."""

    minimal: Mapping[str, object] | None = None
    command: str | None = None
    excerpt: object = None
    at: str | None = None


@dataclass(slots=True)
class _Alike:
    """Verdicts that say the same: the one that is shown, what was looked up for it, and their contexts' numbers."""

    verdict: Verdict
    shown: Shown | None
    contexts: array[int] = field(default_factory=lambda: array("I"))


class Tally:
    """What the verdicts of a matrix come to.

    It grows with what is found, by a few hundred bytes with each context, and not with the verdicts. A verdict's
    context, if it has one, must have been added before.
    """

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[Outcome]] = {}
        self._contexts = Contexts()
        self._worst: dict[str, bytearray] = {}
        self._alike: dict[tuple[object, ...], _Alike] = {}

    def add_context(self, context: TracedContext) -> None:
        """Take in a context; the outcomes that it may have already do not count."""
        self._contexts.add(context)

    def add(self, verdict: Verdict, shown: Shown | None = None) -> bool:
        """Take in a verdict, with what was looked up for it; return whether it is the first of a finding."""
        id_, outcome = f"{verdict.spec}#{verdict.scenario}", verdict.outcome
        self.outcomes.setdefault(id_, Counter())[outcome] += 1
        number = None if verdict.context is None else self._contexts.numbers[verdict.context]
        if number is not None:
            worst = self._worst.setdefault(id_, bytearray())
            worst.extend(_NONE for _ in range(number + 1 - len(worst)))
            worst[number] = max(worst[number], outcome.rank + 1)
        if outcome in ACCEPTED:
            return False
        found = json.dumps(verdict.found, sort_keys=True)
        kind = (id_, outcome, verdict.resource, verdict.path, verdict.message, found, verdict.assuming, verdict.waiver)
        first = kind not in self._alike
        alike = self._alike.setdefault(kind, _Alike(verdict, shown))
        if alike.shown is None and shown is not None:
            alike.verdict, alike.shown = verdict, shown
        if number is not None and number not in alike.contexts[-1:]:
            alike.contexts.append(number)
        return first

    def contexts(self, scenarios: Sequence[str]) -> Sequence[TracedContext]:
        """Return the contexts, each with the worst outcome of each scenario in it."""
        columns = [self._worst.get(id_, b"") for id_ in scenarios]
        return Made(
            len(self._contexts),
            lambda number: replace(
                self._contexts[number], outcomes=tuple(_outcome(column, number) for column in columns)
            ),
        )

    def lacking(self, id_: str) -> list[str]:
        """Return the contexts without a verdict on a scenario; of a refused one no template can be judged."""
        worst = self._worst.get(id_, b"")
        return [
            context.name
            for number, context in enumerate(self._contexts)
            if not context.refused and _outcome(worst, number) is None
        ]

    def silent(self) -> list[str]:
        """Return the contexts that have no verdict at all."""
        return [
            name
            for name, number in self._contexts.numbers.items()
            if not any(_outcome(worst, number) for worst in self._worst.values())
        ]

    def findings(self) -> Sequence[TracedFinding]:
        """Return the findings, the worst first; what several verdicts say of one scenario in all the same words is one.

        The words are the message, what was found, under which assumptions, and by which waiver it is covered.
        """
        alike = sorted(self._alike.values(), key=lambda one: -one.verdict.outcome.rank)
        return Made(len(alike), lambda number: _finding(alike[number]))

    def axes(self) -> tuple[Axis, ...]:
        """Return the keys that the contexts set, ours first, the others by name, and their values as they come."""
        held: dict[str, dict[str, object]] = {}
        for context in self._contexts:
            for key, value in context.values.items():
                held.setdefault(key, {}).setdefault(json.dumps(value, sort_keys=True), value)
        ours = [key for key in KEYS if key in held]
        return tuple(Axis(key, tuple(held[key].values())) for key in dict.fromkeys((*ours, *sorted(held))))

    def untried(self) -> Iterator[tuple[str, str]]:
        """Return the context keys of which an allowed value is had by no context that is to be accepted, and say which.

        Of a choice and of true or false every value is to be had, of a range both bounds; a name has no such list.
        """
        had = set(_settings(self._contexts))
        for key in KEYS:
            name = key.removeprefix(PREFIX)
            for value in allowed(name).values:
                if (name, value) not in had:
                    told = f"no accepted context of the results has the value {json.dumps(value)}"
                    yield key, f"{told}: add it to the axes in stack/axes.py, or run a larger matrix"


def _settings(contexts: Iterable[TracedContext]) -> Iterator[tuple[str, object]]:
    for context in contexts:
        if not context.refused:
            try:
                yield from Settings.from_context(context.values).plain().items()
            except ContextRefused:  # the gate's verdict on this context says so
                continue


def _outcome(worst: bytes | bytearray, number: int) -> Outcome | None:
    rank = worst[number] if number < len(worst) else _NONE
    return None if rank == _NONE else _OUTCOMES[rank - 1]


def _finding(alike: _Alike) -> TracedFinding:
    verdict, shown = alike.verdict, alike.shown or Shown()
    return TracedFinding(
        scenario=f"{verdict.spec}#{verdict.scenario}",
        outcome=verdict.outcome,
        template=verdict.template,
        context=verdict.context,
        contexts=tuple(sorted(set(alike.contexts))),
        resource=verdict.resource,
        path=verdict.path,
        found=verdict.found,
        expected=verdict.expected,
        message=verdict.message,
        remedy=verdict.remedy,
        assuming=verdict.assuming,
        minimal=shown.minimal,
        command=shown.command,
        excerpt=shown.excerpt,
        at=shown.at,
        waiver=verdict.waiver,
    )
