"""What the page's script reads: the contexts and their outcomes, as compact as JSON can say it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidence.page.words import OUTCOMES

LETTERS = {"error": "e", "non-compliant": "x", "undetermined": "u", "compliant": "c", "not-applicable": "n"}
"""The letter of an outcome; a dot stands for none."""

_TEMPLATE_SHOWN = 19
"""So much of a template's digest is shown: `sha256:` and twelve digits."""


def compact(document: Mapping[str, Any], anchors: Sequence[str]) -> dict[str, object]:
    """Return the part of a trace document that the heat map, the lists of contexts and the filter need.

    `anchors` are the scenarios' ids within the page. A context's outcomes become a string with a letter for each
    scenario, and its values a list with the index of each axis's value, -1 where it sets none.
    """
    contexts: Sequence[Mapping[str, Any]] = document["contexts"]
    axes = _axes(document["axes"], contexts)
    places = [{_identity(value): index for index, value in enumerate(values)} for values in axes.values()]
    index = {scenario["id"]: place for place, scenario in enumerate(document["scenarios"])}
    names = {context["name"]: place for place, context in enumerate(contexts)}
    return {
        "outcomes": [
            {"letter": LETTERS[outcome], "word": outcome, "symbol": word.symbol} for outcome, word in OUTCOMES.items()
        ],
        "scenarios": [
            {"anchor": anchor, "name": scenario["name"], "state": scenario["state"], "text": text}
            for anchor, scenario, text in zip(anchors, document["scenarios"], _texts(document), strict=True)
        ],
        "axes": [
            {"key": key, "label": label, "values": _told(values)}
            for (key, values), label in zip(axes.items(), _labels(axes), strict=True)
        ],
        "contexts": {
            "names": [context["name"] for context in contexts],
            "values": [
                [
                    place.get(_identity(value), -1) if value is not None else -1
                    for place, value in zip(places, _values(context, axes), strict=True)
                ]
                for context in contexts
            ],
            "refused": [", ".join(context["refused"]) for context in contexts],
            "templates": [(context["template"] or "")[:_TEMPLATE_SHOWN] for context in contexts],
            "outcomes": ["".join(LETTERS.get(outcome, ".") for outcome in context["outcomes"]) for context in contexts],
        },
        "findings": [
            {
                "scenario": index.get(finding["scenario"], -1),
                "letter": LETTERS[finding["outcome"]],
                "context": names.get(finding["context"], -1),
                "message": finding["message"],
                "command": finding["command"],
            }
            for finding in document["findings"]
        ],
    }


_ENVIRONMENT = ("account", "region")
"""What a context says besides its keys, and what contexts can be grouped by all the same."""


def _axes(axes: Iterable[Mapping[str, Any]], contexts: Sequence[Mapping[str, Any]]) -> dict[str, list[object]]:
    """Return the axes and their values, the environment behind them where contexts differ in it."""
    found: dict[str, list[object]] = {axis["key"]: list(axis["values"]) for axis in axes}
    for key in _ENVIRONMENT:
        values = dict.fromkeys(context[key] for context in contexts)
        if len(values) > 1:
            found[key] = [value for value in values if value is not None]
    return found


def _values(context: Mapping[str, Any], axes: Iterable[str]) -> list[object]:
    return [context[key] if key in _ENVIRONMENT else context["values"].get(key) for key in axes]


def _identity(value: object) -> str:
    """Return what tells values apart as JSON does: 1, true and "1" are three."""
    return json.dumps(value, sort_keys=True)


def _told(values: Iterable[object]) -> list[str]:
    """Return the values as a person reads them: text as it is, unless it would read as something else."""
    return [value if isinstance(value, str) and not _reads_otherwise(value) else json.dumps(value) for value in values]


def _reads_otherwise(text: str) -> bool:
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


def _texts(document: Mapping[str, Any]) -> list[str]:
    """Return for each scenario the text that the filter looks in, in lower case."""
    above = {
        scenario: f"{spec['title']} {requirement['name']} {requirement['text']}"
        for spec in document["specs"]
        for requirement in spec["requirements"]
        for scenario in requirement["scenarios"]
    }
    return [
        " ".join(
            [
                scenario["id"],
                scenario["name"],
                *(f"{step['keyword']} {step['text']}" for step in scenario["steps"]),
                above.get(scenario["id"], ""),
                scenario["rule"]["name"] if scenario["rule"] else "",
                *(test["id"] for test in scenario["tests"]),
                *(problem["message"] for problem in scenario["problems"]),
            ]
        ).lower()
        for scenario in document["scenarios"]
    ]
