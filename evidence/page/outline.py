"""What stands where in the page: the specs with their scenarios and findings, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from evidence.page.axes import in_words
from evidence.page.where import failing
from evidence.page.words import STATES

_FOLDED_FROM = 6
"""So many scenarios that were never run are one line, not as many."""

Json = dict[str, Any]


class Attention(NamedTuple):
    """The scenarios that are not covered: what was found wrong first, and apart those that were merely never run."""

    found: list[Json]
    others: list[Json]
    never_run: list[Json]


class Outline(NamedTuple):
    """The parts of the page.

    Each scenario has its `place` in the document, its `anchor` in the page, its `findings` as pairs of a place and a
    finding, each with its smallest context in words, and in `fails` the contexts in which it fails, in words.
    `loose` are the findings of no scenario.
    """

    specs: list[Json]
    attention: Attention
    loose: list[tuple[int, Json]]


def outline(document: Mapping[str, Any], anchors: Iterable[str]) -> Outline:
    """Return the parts of a trace document's page; `anchors` are the scenarios' ids within it.

    Scenarios that claim one id stand together, where it first occurs; their findings stand with the first of them.
    """
    findings = _findings(document)
    scenarios = [
        {**scenario, "place": place, "anchor": anchor, "fails": fails, "findings": findings.pop(scenario["id"], [])}
        for place, (scenario, anchor, fails) in enumerate(
            zip(document["scenarios"], anchors, failing(document), strict=True)
        )
    ]
    loose = [one for several in findings.values() for one in several]
    return Outline(_specs(document, scenarios), _attention(scenarios), loose)


def _findings(document: Mapping[str, Any]) -> dict[str, list[tuple[int, Json]]]:
    found: dict[str, list[tuple[int, Json]]] = {}
    for place, finding in enumerate(document["findings"]):
        minimal = finding["minimal"]
        told = None if minimal is None else in_words(minimal) or "every context, even one that sets nothing"
        found.setdefault(finding["scenario"], []).append((place, {**finding, "seen_with": told}))
    return found


def _specs(document: Mapping[str, Any], scenarios: Iterable[Json]) -> list[Json]:
    found: dict[str, list[Json]] = {}
    for scenario in scenarios:
        found.setdefault(scenario["id"], []).append(scenario)
    return [
        {
            **spec,
            "requirements": [
                {**requirement, "scenarios": [one for name in requirement["scenarios"] for one in found.pop(name, [])]}
                for requirement in spec["requirements"]
            ],
        }
        for spec in document["specs"]
    ]


def _attention(scenarios: Iterable[Json]) -> Attention:
    gravity = list(STATES).index
    wrong = [scenario for scenario in scenarios if scenario["state"] != "covered"]
    wrong.sort(key=lambda scenario: gravity(scenario["state"]))
    found = [scenario for scenario in wrong if scenario["findings"] or scenario["state"] == "failing"]
    others = [scenario for scenario in wrong if scenario not in found]
    never_run = [scenario for scenario in others if scenario["state"] == "never-run"]
    if len(never_run) < _FOLDED_FROM:
        return Attention(found, others, [])
    return Attention(found, [scenario for scenario in others if scenario["state"] != "never-run"], never_run)
