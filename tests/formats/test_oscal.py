"""OSCAL: what compliance-trestle and NIST's own schema say of both documents, and what neither of them sees.

The schemas below `oscal/` are NIST's of OSCAL 1.2.1, in the public domain, byte for byte as the distribution `oscal`
1.0.0 carries them; their digests stand below.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from trestle.core.validator_factory import validator_factory
from trestle.oscal import OSCAL_VERSION as NEWEST_OF_TRESTLE
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.component import ComponentDefinition

from evidence.oscal import assessment_results, component_definition
from evidence.oscal.controls import read_controls
from evidence.oscal.parts import OSCAL_VERSION
from evidence.record import JudgedScenario, Record, Standing
from policies.catalogue import load, shipped_specs
from policies.specs import read_specs
from tests.evidence.oscal.documents import HOSTILE, Json, definition, hostile, nodes, parts, results
from tests.evidence.records import OUTCOMES, alert, record, scanned

SCHEMAS = {
    "assessment-results": (
        "oscal_assessment-results_schema.json",
        "4f9e277a177adbcca9527612ce450a33dc6096773fa229d413d801d196c61985",
    ),
    "component-definition": (
        "oscal_component_schema.json",
        "ce95b3b3ea8de87c020ad4a91075241f6f863a77afe212ee828009830d6042d1",
    ),
}
MODELS: dict[str, Any] = {"assessment-results": AssessmentResults, "component-definition": ComponentDefinition}


def shipped(standing: Standing) -> Record:
    """Return a record of the specs that are shipped, in which all scenarios stand alike."""
    specs = read_specs(shipped_specs())
    requirements = {one.id: each for spec in specs for each in spec.requirements for one in each.scenarios}
    scenarios = tuple(
        JudgedScenario(entry.scenario, requirements[entry.scenario.id], entry.page, OUTCOMES[standing])
        for entry in load()
    )
    return record(specs=specs, scenarios=scenarios, findings=())


def shipped_documents(standing: Standing) -> list[Json]:
    """Return both documents of that record, with the controls that are shipped."""
    whole = shipped(standing)
    controls = read_controls([one.scenario.id for one in whole.scenarios])
    return [assessment_results.render(whole, controls), component_definition.render(whole, controls)]


RECORDS = {
    "every standing": record(),
    "nothing compliant": record(Standing.NON_COMPLIANT, Standing.ERROR),
    "no finding": record(Standing.NOT_APPLICABLE, Standing.NOT_RUN),
    "other scanners": record(
        scanned=scanned(
            alert(),
            alert(rule="a", waived=(0,), waivers=("a waiver",), help_uri=None),
            alert(rule="b", waived=(0, 1), waivers=("a waiver", "another")),
            *(
                alert(rule=text, resource=text, message=text, help_uri=text, waived=(0,), waivers=(text,))
                for text in HOSTILE
            ),
        )
    ),
    **{f"hostile {number}": hostile(text) for number, text in enumerate(HOSTILE)},
}
DOCUMENTS = {
    **{f"{name}: results": results(each) for name, each in RECORDS.items()},
    **{f"{name}: definition": definition(each) for name, each in RECORDS.items()},
    **{f"shipped {number}": each for number, each in enumerate(shipped_documents(Standing.COMPLIANT))},
}
documents = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


@cache
def schema(kind: str) -> jsonschema_rs.Validator:
    """Return the validator of NIST's schema, which is the one that the digest is of."""
    name, digest = SCHEMAS[kind]
    data = (Path(__file__).parent / "oscal" / name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest
    return jsonschema_rs.validator_for(json.loads(data), validate_formats=True)


def test_newest_version() -> None:
    """The documents are of the newest OSCAL that compliance-trestle reads, of which the schemas are, too."""
    assert OSCAL_VERSION == NEWEST_OF_TRESTLE == "1.2.1"


@documents
def test_nist_schema(document: Json) -> None:
    """NIST's schema has nothing against a document."""
    (kind,) = document
    assert [(error.message, error.instance_path) for error in schema(kind).iter_errors(document)] == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_nist_schema_judges(kind: str) -> None:
    """The schema that is asked is one that refuses: an empty list, and a property of two lines."""
    whole = record()
    document = {"assessment-results": results, "component-definition": definition}[kind](whole)
    first = next(part for part in parts(document) if "props" in part)
    first["props"][0]["value"] = "two\nlines"
    assert not schema(kind).is_valid(document)
    first["props"] = []
    assert not schema(kind).is_valid(document)


@documents
def test_trestle(document: Json, tmp_path: Path) -> None:
    """compliance-trestle reads a document, writes the same again, and its validators pass it."""
    (kind,) = document
    file = tmp_path / f"{kind}.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    model = MODELS[kind].oscal_read(file)
    assert json.loads(model.oscal_serialize_json().replace("+00:00", "Z")) == document
    for validator in validator_factory.get_all():
        assert validator.model_is_valid(model, True, tmp_path)


def references(document: Json) -> set[str]:
    """Return the uuids that a document refers to, by whatever key."""
    keyed = (part[key] for part in parts(document) for key in part if re.fullmatch("[a-z]+-uuid", key))
    hrefs = (part[key] for part in parts(document) for key in ("href", "source") if key in part)
    return {*keyed, *(href.removeprefix("#") for href in hrefs if href.startswith("#"))}


@documents
def test_identifiers(document: Json) -> None:
    """Every identifier is given once, and every one that is referred to is given."""
    given = Counter(part["uuid"] for part in parts(document) if "uuid" in part)
    assert max(given.values()) == 1
    assert references(document) <= given.keys()
    assert references(document)


@documents
def test_no_empty_parts(document: Json) -> None:
    """No list, object or text is empty, and properties are of one line."""
    assert [node for node in nodes(document) if node in ([], {}, "", None)] == []
    assert [part for part in parts(document) if "\n" in str(part.get("value", ""))] == []


@documents
def test_evidence_lies_in_the_bundle(document: Json) -> None:
    """What a document refers to by a path lies beside the folder of reports, in a bundle's members."""
    hrefs = {part["href"] for part in parts(document) if "href" in part}
    paths = {href for href in hrefs if not href.startswith(("#", "https://"))}
    members = re.compile(r"\.\./(?:trace\.json|templates/[0-9a-f]{64}\.json|specs/[\w./-]+/spec\.md)")
    assert [path for path in paths if not members.fullmatch(path)] == []


@pytest.mark.parametrize("standing", Standing)
def test_satisfied_is_compliant(standing: Standing) -> None:
    """For the specs that are shipped, all is satisfied if all is compliant, and else nothing."""
    said, _ = shipped_documents(standing)
    result = said["assessment-results"]["results"][0]
    ids = sorted(entry.scenario.id for entry in load())

    def named(part: Json) -> str:
        return next(str(each["value"]) for each in part["props"] if each["name"] == "scenario")

    satisfied = [one for one in result.get("findings", []) if one["target"]["status"]["state"] == "satisfied"]
    assert sorted(map(named, result["observations"])) == ids
    assert sorted(map(named, satisfied)) == (ids if standing is Standing.COMPLIANT else [])


NIST_CONTROLS = {"ac": 25, "ca": 9, "cm": 14, "cp": 13, "sc": 51, "si": 23}
"""How many controls the families of NIST SP 800-53 Rev. 5 have that are mapped to."""


def test_controls_of_nist() -> None:
    """Each control that is mapped to is of a family of NIST's, and of a number that the family has."""
    read = read_controls([entry.scenario.id for entry in load()])
    for id_ in chain.from_iterable(each.nist for each in read.values()):
        family, number = re.split("[-.]", id_)[:2]
        assert int(number) <= NIST_CONTROLS[family], id_
