"""What contexts show: alerts, kept once for all contexts that show the same under the same conditions."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from evidence.conditions import Conditions
from evidence.sequences import Made
from gate.scans import Alert, Reported
from policies.model import Settings
from policies.waiver_model import Waiver
from policies.waiving import Flag, waive


class _Sight(NamedTuple):
    """What is the same for many contexts: alerts, by their numbers, and what waivers ask of settings."""

    settings: Settings
    alerts: tuple[int, ...]


class Sightings:
    """The alerts that contexts show, in the order in which they come, and the waivers that cover them.

    It grows by a name and a number with each context, whatever that shows.
    """

    def __init__(self, waivers: Sequence[Waiver], today: date) -> None:
        self._covers = waive((), waivers, ran=(), contexts=(), today=today).covers
        self._conditions = Conditions(waivers)
        self._alerts: list[Alert] = []
        self._numbers: dict[tuple[str, ...], int] = {}
        self._sights: list[_Sight] = []
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._contexts: list[str] = []
        self._seen = array("I")

    def knows(self, alert: Alert) -> bool:
        """Tell whether some context shows it."""
        return alert.known_by in self._numbers

    def add(self, context: str, settings: Settings, alerts: Iterable[Alert]) -> None:
        """Take down what a context shows; of alerts that are known by the same, the first is."""
        sight = _Sight(self._conditions.of(settings), tuple(dict.fromkeys(map(self._number, alerts))))
        known = self._known.setdefault((id(sight.settings), sight.alerts), len(self._sights))
        if known == len(self._sights):
            self._sights.append(sight)
        self._contexts.append(context)
        self._seen.append(known)

    def waiver(self, alert: Alert, settings: Settings) -> Waiver | None:
        """Return the waiver that covers an alert in a context of these settings."""
        return self._covers(_flag(alert, "", settings))

    @property
    def settings(self) -> Sequence[Settings]:
        """The settings of all contexts, as far as waivers ask for them."""
        return self._conditions.distinct

    def flags(self) -> Iterator[Flag]:
        """Return each alert in each context, made as it is read."""
        for context, seen in zip(self._contexts, self._seen, strict=True):
            settings, alerts = self._sights[seen]
            for number in alerts:
                yield _flag(self._alerts[number], context, settings)

    def reported(self) -> tuple[Reported, ...]:
        """Return the alerts, each with its contexts, and the waivers that cover it there."""
        covered = [self._covered(sight) for sight in self._sights]
        places = {context: place for place, context in enumerate(self._contexts)}
        shown, waived = ([array("I") for _ in self._alerts] for _ in range(2))
        for place, seen in enumerate(self._seen):
            for number in self._sights[seen].alerts:
                shown[number].append(place)
                if number in covered[seen]:
                    waived[number].append(place)

        def reported(number: int) -> Reported:
            def waiver(context: str) -> Waiver:
                return covered[self._seen[places[context]]][number]

            contexts = self._named(shown[number])
            return Reported(self._alerts[number], contexts, _Waivers(self._named(waived[number]), waiver))

        return tuple(map(reported, range(len(self._alerts))))

    def _number(self, alert: Alert) -> int:
        number = self._numbers.setdefault(alert.known_by, len(self._alerts))
        if number == len(self._alerts):
            self._alerts.append(alert)
        return number

    def _covered(self, sight: _Sight) -> dict[int, Waiver]:
        found = ((number, self.waiver(self._alerts[number], sight.settings)) for number in sight.alerts)
        return {number: waiver for number, waiver in found if waiver is not None}

    def _named(self, places: Sequence[int]) -> Sequence[str]:
        return Made(len(places), lambda number: self._contexts[places[number]])


class _Waivers(Mapping[str, Waiver]):
    """The waivers that cover an alert, by the names of contexts; each is looked up when it is asked for."""

    def __init__(self, contexts: Sequence[str], waiver: Callable[[str], Waiver]) -> None:
        self._contexts = contexts
        self._waiver = waiver

    def __getitem__(self, context: str) -> Waiver:
        return self._waiver(context)

    def __iter__(self) -> Iterator[str]:
        return iter(self._contexts)

    def __len__(self) -> int:
        return len(self._contexts)


def _flag(alert: Alert, context: str, settings: Settings) -> Flag:
    return Flag(alert.scanner, alert.rule, alert.resource, alert.fingerprint, context, settings)
