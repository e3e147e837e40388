"""The axes that contexts differ in, and their values as a person reads them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

UNSET = -1
"""The place of the value of an axis that a context does not set."""


class Axis(NamedTuple):
    """A key that contexts differ in, its name in short, its values, and the place of each context's value in these."""

    key: str
    label: str
    values: Sequence[object]
    places: Sequence[int]


_ENVIRONMENT = ("account", "region")
"""What a context says besides its keys, and what contexts can be grouped by all the same."""


def read_axes(axes: Iterable[Mapping[str, Any]], contexts: Sequence[Mapping[str, Any]]) -> list[Axis]:
    """Return the axes of a trace document, the environment behind them where contexts differ in it."""
    found: dict[str, list[object]] = {axis["key"]: list(axis["values"]) for axis in axes}
    environments = dict.fromkeys(tuple(context[key] for key in _ENVIRONMENT) for context in contexts)
    for place, key in enumerate(_ENVIRONMENT):
        values = dict.fromkeys(environment[place] for environment in environments)
        if len(values) > 1:
            found[key] = [value for value in values if value is not None]
    known = {key: {_identity(value): place for place, value in enumerate(values)} for key, values in found.items()}
    places = {key: array("i") for key in found}
    for context in contexts:
        held = {**context["values"], **{key: context[key] for key in _ENVIRONMENT}}
        for key, numbers in places.items():
            numbers.append(known[key].get(_identity(held[key]), UNSET) if key in held else UNSET)
    return [
        Axis(key, label, values, places[key])
        for (key, values), label in zip(found.items(), _labels(found), strict=True)
    ]


def _identity(value: object) -> str:
    """Return what tells values apart as JSON does: 1, true and "1" are three."""
    return json.dumps(value, sort_keys=True)


def told(values: Iterable[object]) -> list[str]:
    """Return the values as a person reads them: text as it is, unless it would read as something else."""
    return [value if isinstance(value, str) and not _reads_otherwise(value) else json.dumps(value) for value in values]


def plain(value: object) -> str:
    """Return a value as one would say it, whichever way it was spelled: true is "true" too."""
    return value if isinstance(value, str) and value.strip() else json.dumps(value)


def in_words(values: Mapping[str, object]) -> str:
    """Return context values as one would say them: `stage prod, deployVpc true`."""
    return ", ".join(f"{label} {plain(value)}" for label, value in zip(_labels(values), values.values(), strict=True))


def _reads_otherwise(text: str) -> bool:
    if text == "unset":
        return True
    try:
        json.loads(text)
    except ValueError:
        return text.strip() != text or not text
    return True


def _labels(keys: Iterable[str]) -> list[str]:
    """Return the keys without their prefixes, as far as they stay distinct."""
    every = list(keys)
    short = [key.partition(":")[2] or key for key in every]
    return [name if short.count(name) == 1 else key for key, name in zip(every, short, strict=True)]
