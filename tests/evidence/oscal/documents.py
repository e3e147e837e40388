"""OSCAL documents of small records, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from evidence.model import Trouble
from evidence.oscal import assessment_results, component_definition
from evidence.oscal.controls import Controls, Source
from evidence.record import Record, Standing
from tests.evidence.records import PROVENANCE, finding, judged, record

PAGE = Source("A page", "https://docs.aws.amazon.com/page.html")
CONTROLS = Controls(("sc-28", "sc-28.1"), ("DynamoDB.2",), ("v1.2.0/1.22", "v1.4.0/1.16"), (PAGE,), "It encrypts.")
NONE = Controls(why="It is a name.")

HOSTILE = ["", " \n", "<b>\x00\x1b\r\n# x", "\ud800\u2028", "x" * 100_000, "[a](javascript:b)"]
"""Texts that are no line, no markup or no characters."""

Json = dict[str, Any]


def hostile(text: str) -> Record:
    """Return a record in which a text stands wherever one comes from outside."""
    one = judged(Standing.NON_COMPLIANT, page=text)
    scenario = replace(
        one.scenario, name=f"A {text[:100]}", steps=tuple(replace(s, text=text) for s in one.scenario.steps)
    )
    scenarios = (replace(one, scenario=scenario, requirement=replace(one.requirement, text=text)),)
    found = finding(Standing.NON_COMPLIANT, scenario=scenario.id, message=text, context=text, resource=text, path=text)
    return record(
        scenarios=scenarios,
        findings=(found,),
        problems=(Trouble(text, text),),
        provenance=replace(PROVENANCE, commit=None, matrix=text, version=text, python=text, node=text),
    )


def controls(record: Record) -> Mapping[str, Controls]:
    """Return controls that every second scenario of a record serves, the first among them."""
    return {one.scenario.id: (CONTROLS, NONE)[place % 2] for place, one in enumerate(record.scenarios)}


def results(record: Record) -> Json:
    """Return the assessment results of a record."""
    document: Json = assessment_results.render(record, controls(record))
    return document


def result(record: Record) -> Json:
    """Return the one result in them."""
    found: Json = results(record)["assessment-results"]["results"][0]
    return found


def definition(record: Record) -> Json:
    """Return the component definition of a record."""
    document: Json = component_definition.render(record, controls(record))
    return document


def component(record: Record) -> Json:
    """Return the one component in it."""
    found: Json = definition(record)["component-definition"]["components"][0]
    return found


def props(part: Json) -> dict[str, str]:
    """Return the properties of a part by name."""
    return {one["name"]: one["value"] for one in part["props"]}


def nodes(value: object) -> Iterator[object]:
    """Return a value and all that is in it."""
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def parts(value: object) -> Iterator[Json]:
    """Return the objects within a value."""
    return (node for node in nodes(value) if isinstance(node, dict))
