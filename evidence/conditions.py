"""What waivers ask of the settings of contexts: thousands of contexts are a few to them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from policies.model import Settings
from policies.waiver_model import Waiver


class Conditions:
    """The settings of a run's contexts, as far as the conditions of waivers can tell them apart.

    `policies.waiver_model.is_met` says the same of what `of` returns as of all settings; contexts of which it says the
    same share one object, and `distinct` are all of these.
    """

    def __init__(self, waivers: Sequence[Waiver]) -> None:
        self._asked: dict[str, set[tuple[type, object]]] = {}
        self._held: dict[str, Settings] = {}
        for waiver in waivers:
            for name, values in waiver.when.items():
                self._asked.setdefault(name, set()).update((type(value), value) for value in values)

    @property
    def distinct(self) -> Sequence[Settings]:
        """What was returned so far, each once."""
        return list(self._held.values())

    def of(self, settings: Settings) -> Settings:
        """Return, of a context's settings, those that some waiver names with the value that they have."""
        told = {name: settings[name] for name, values in self._asked.items() if _is_one(settings.get(name), values)}
        return self._held.setdefault(json.dumps(told, sort_keys=True), told)


def _is_one(value: object, values: set[tuple[type, object]]) -> bool:
    # What a waiver can ask for is a text, a truth value or a number; anything else need not even be hashable.
    return isinstance(value, str | int) and (type(value), value) in values
