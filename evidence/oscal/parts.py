"""What both OSCAL documents are put together from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from evidence.identifiers import identifier
from evidence.oscal.controls import Controls
from evidence.oscal.text import line, markup
from evidence.record import JudgedScenario, Record

OSCAL_VERSION = "1.2.1"
"""The newest that compliance-trestle 5.2 reads."""

NAMESPACE = "urn:worthwatch:storage-compliance"
"""Of the properties that are ours."""

COMPASS_NAMESPACE = "https://oscal-compass.github.io/compliance-trestle/schemas/oscal"
"""Of the properties by which tools of OSCAL Compass join results to rules."""

COMPONENT_TITLE = "WorthWatch DynamoDB storage"
COMPONENT = identifier("component", COMPONENT_TITLE)
COMPONENT_DESCRIPTION = "The reference stack: a DynamoDB table, the Lambda function that uses it, and its role."

Json = dict[str, Any]


def document(kind: str, content: Mapping[str, object]) -> Json:
    """Return a document whose uuid is another wherever its content is."""
    return {kind: {"uuid": identifier(kind, json.dumps(content)), **content}}


def metadata(record: Record, title: str) -> Json:
    """Return who says what this is, and when: the version is the commit's, the time the run's."""
    provenance = record.provenance
    version = line(provenance.commit or provenance.version)
    return {
        "title": title,
        "last-modified": time(record),
        "version": f"{version}-modified" if provenance.modified else version,
        "oscal-version": OSCAL_VERSION,
    }


def time(record: Record) -> str:
    """Return the time of a run, in UTC and whole seconds."""
    return f"{record.provenance.time:%Y-%m-%dT%H:%M:%SZ}"


def prop(name: str, value: str, ns: str = NAMESPACE, *, remarks: str | None = None) -> Json:
    """Return a property; `remarks` groups those of a rule set."""
    return {"name": name, "ns": ns, "value": line(value)} | ({} if remarks is None else {"remarks": remarks})


def controls_props(controls: Controls) -> list[Json]:
    """Return the controls that a scenario serves, as properties."""
    return [
        *(prop("nist-sp-800-53-rev-5", id_) for id_ in controls.nist),
        *(prop("aws-foundational-security-best-practices", id_) for id_ in controls.fsbp),
        *(prop("cis-aws-foundations", id_) for id_ in controls.cis),
    ]


def by_requirement(record: Record) -> dict[str, list[JudgedScenario]]:
    """Return the scenarios by the id of their requirement, in the order of the specs."""
    found: dict[str, list[JudgedScenario]] = {}
    for one in record.scenarios:
        found.setdefault(f"{one.scenario.spec}#{one.requirement.slug}", []).append(one)
    return found


def specs(record: Record) -> Json:
    """Return the resource that is the specs: what both documents refer to."""
    return {
        "uuid": identifier("specs", record.provenance.basis.get("specs", "")),
        "title": "Specs of the storage compliance suite",
        "description": "What is required: each scenario of a spec is judged by one rule.",
        "props": digests(record, "specs"),
        "rlinks": [
            {"href": f"../specs/{spec.capability}/spec.md", "media-type": "text/markdown"} for spec in record.specs
        ],
    }


def sources(controls: Iterable[Controls]) -> list[Json]:
    """Return the pages that bear the mappings to controls out, as resources."""
    pages = dict.fromkeys(source for each in controls for source in each.sources)
    return [
        {"uuid": identifier("source", page.href), "title": markup(page.title), "rlinks": [{"href": page.href}]}
        for page in pages
    ]


def digests(record: Record, *names: str) -> list[Json]:
    """Return the digests of what a run judged by, as properties."""
    basis = record.provenance.basis
    return [prop(f"{name}-digest", basis[name]) for name in names if name in basis]
