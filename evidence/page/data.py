"""What the page's script reads: the contexts and their outcomes, as compact as JSON can say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evidence.page.alerts import Alerts
from evidence.page.axes import read_axes, told
from evidence.page.words import OUTCOMES
from evidence.sequences import Made

LETTERS = {
    "error": "e",
    "non-compliant": "x",
    "undetermined": "u",
    "waived": "w",
    "compliant": "c",
    "not-applicable": "n",
}
"""The letter of an outcome; a dot stands for none."""

_TEMPLATE_SHOWN = 19
"""So much of a template's digest is shown: `sha256:` and twelve digits."""


def compact(document: Mapping[str, Any], anchors: Sequence[str], alerts: Alerts) -> dict[str, object]:
    """Return the part of a trace document that the heat map, the lists of contexts and the filter need.

    `anchors` are the scenarios' ids within the page, `alerts` what it tells of other scanners. A context's outcomes
    become a string with a letter for each scenario, and its values a list with the index of each axis's value, -1 where
    it sets none. Most alerts show in the same contexts as others do: each of these lists is one of `places`.
    """
    contexts: Sequence[Mapping[str, Any]] = document["contexts"]
    findings: Sequence[Mapping[str, Any]] = document["findings"]
    axes = read_axes(document["axes"], contexts)
    lists = dict.fromkeys(tuple(alert[key]) for alert in alerts.shown for key in ("contexts", "waived"))
    numbers = {places: number for number, places in enumerate(lists)}
    index: dict[str, int] = {}
    for place, scenario in enumerate(document["scenarios"]):
        index.setdefault(scenario["id"], place)
    return {
        "outcomes": [
            {"letter": LETTERS[outcome], "word": outcome, "symbol": word.symbol} for outcome, word in OUTCOMES.items()
        ],
        "scenarios": [
            {"anchor": anchor, "name": scenario["name"], "state": scenario["state"], "text": text}
            for anchor, scenario, text in zip(anchors, document["scenarios"], _texts(document), strict=True)
        ],
        "axes": [{"key": axis.key, "label": axis.label, "values": told(axis.values)} for axis in axes],
        "contexts": {
            "names": _each(contexts, lambda context: context["name"]),
            "values": Made(len(contexts), lambda place: [axis.places[place] for axis in axes]),
            "refused": _each(contexts, lambda context: ", ".join(context["refused"])),
            "templates": _each(contexts, lambda context: (context["template"] or "")[:_TEMPLATE_SHOWN]),
            "outcomes": _each(
                contexts, lambda context: "".join(LETTERS.get(outcome, ".") for outcome in context["outcomes"])
            ),
        },
        "findings": _each(
            findings,
            lambda finding: {
                "scenario": index.get(finding["scenario"], -1),
                "letter": LETTERS[finding["outcome"]],
                "contexts": finding["contexts"],
                "message": finding["message"],
                "command": finding["command"],
            },
        ),
        "alerts": [
            {
                "name": f"{alert['scanner']} {alert['rule']} on {alert['resource']}",
                "letter": LETTERS[alert["outcome"]],
                "contexts": numbers[tuple(alert["contexts"])],
                "waived": numbers[tuple(alert["waived"])],
                "text": _text(alert),
            }
            for alert in alerts.shown
        ],
        "places": [list(places) for places in lists],
    }


def _text(alert: Mapping[str, Any]) -> str:
    """Return the text of an alert that the filter looks in, in lower case."""
    said = [alert[key] for key in ("scanner", "rule", "resource", "fingerprint", "level", "message")]
    return " ".join([*said, *alert["waivers"]]).lower()


def _each(items: Sequence[Mapping[str, Any]], make: Callable[[Mapping[str, Any]], object]) -> Made[object]:
    return Made(len(items), lambda place: make(items[place]))


def _texts(document: Mapping[str, Any]) -> list[str]:
    """Return for each scenario the text that the filter looks in, in lower case."""
    above = {
        scenario: f"{spec['title']} {requirement['name']} {requirement['text']}"
        for spec in document["specs"]
        for requirement in spec["requirements"]
        for scenario in requirement["scenarios"]
    }
    found: dict[str, list[str]] = {}
    for finding in document["findings"]:
        said = (finding["message"], finding["path"], finding["resource"], finding["command"], finding["waiver"])
        found.setdefault(finding["scenario"], []).extend(filter(None, said))
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
                *found.get(scenario["id"], []),
            ]
        ).lower()
        for scenario in document["scenarios"]
    ]
