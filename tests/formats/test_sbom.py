"""The bill of materials of our own lock, as CycloneDX's own library judges it, and what that library misses."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

from evidence.bundle.canonical import canonical
from evidence.sbom import sbom
from tests.evidence.records import PROVENANCE

LOCK = Path(__file__).parents[2] / "requirements/runtime.txt"
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """Return the bill of our own lock, as it stands in a bundle."""
    read: dict[str, Any] = json.loads(canonical(sbom(LOCK, PROVENANCE)))
    return read


def accepted(bill: dict[str, Any]) -> bool:
    """Tell whether the library finds nothing wrong."""
    return VALIDATOR.validate_str(json.dumps(bill)) is None


def refs(bill: dict[str, Any]) -> Counter[str]:
    """Return the bom-refs, and how often each is given."""
    return Counter(one["bom-ref"] for one in [bill["metadata"]["component"], *bill["components"]])


def consistent(bill: dict[str, Any]) -> bool:
    """Tell whether it is of 1.6, and gives each bom-ref that it names once, with its dependencies."""
    given = refs(bill)
    graph = Counter(one["ref"] for one in bill["dependencies"])
    named = {ref for one in bill["dependencies"] for ref in one["dependsOn"]}
    return bill["specVersion"] == "1.6" and given == graph and set(given.values()) == {1} and named <= given.keys()


def test_accepted(bill: dict[str, Any]) -> None:
    """The library accepts it by the strict schema of CycloneDX 1.6, and reads all components and dependencies."""
    assert VALIDATOR.validate_str(json.dumps(bill)) is None
    read = Bom.from_json(bill)  # type: ignore[attr-defined]  # py-serializable adds it
    assert len(read.components) == len(bill["components"])
    assert read.validate()


def test_consistent(bill: dict[str, Any]) -> None:
    """Its graph names each component once and nothing else, and all of it is required by this project."""
    assert consistent(bill)
    graph = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    reached: set[str] = set()
    pending = [bill["metadata"]["component"]["bom-ref"]]
    while pending:
        if (ref := pending.pop()) not in reached:
            reached.add(ref)
            pending += graph[ref]
    assert reached == refs(bill).keys()


def name_nothing(bill: dict[str, Any]) -> None:
    """Let something depend on what is not there."""
    bill["dependencies"][-1]["dependsOn"].append("pkg:pypi/nothing@1")


def depend_as_nothing(bill: dict[str, Any]) -> None:
    """Let what is not there depend on nothing."""
    bill["dependencies"].append({"ref": "pkg:pypi/nothing@1", "dependsOn": []})


def say_twice(bill: dict[str, Any]) -> None:
    """Give a bom-ref a second time."""
    bill["components"].append(bill["components"][0] | {"version": "0"})


def leave_out(bill: dict[str, Any]) -> None:
    """Leave out what a component depends on."""
    del bill["dependencies"][0]


def be_of_no_version(bill: dict[str, Any]) -> None:
    """Claim a version of CycloneDX that there is not."""
    bill["specVersion"] = "9.9"


@pytest.mark.parametrize("spoil", [name_nothing, depend_as_nothing, say_twice, leave_out, be_of_no_version])
def test_what_the_library_misses(bill: dict[str, Any], spoil: Callable[[dict[str, Any]], None]) -> None:
    """It accepts bills of no version, and such whose references lead nowhere; our own check does not."""
    spoilt = copy.deepcopy(bill)
    spoil(spoilt)
    assert accepted(spoilt)
    assert not consistent(spoilt)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("serialNumber", "urn:uuid:1"),
        ("metadata", {"timestamp": "yesterday"}),
        ("components", [{"type": "library"}]),
        ("components", [{"type": "library", "name": "six", "scope": "needed"}]),
        ("components", [{"type": "library", "name": "six", "hashes": [{"alg": "SHA-256", "content": "1"}]}]),
        ("host", "here"),
    ],
)
def test_what_the_library_finds(bill: dict[str, Any], where: str, value: object) -> None:
    """It looks: what the schema forbids it refuses."""
    assert not accepted(bill | {where: value})


def test_every_requirement_once(bill: dict[str, Any]) -> None:
    """Each requirement of the lock is there once, with all of its hashes and its purl, and nothing else from there."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for line in LOCK.read_text(encoding="ascii").replace("\\\n", " ").splitlines():
        if line and line[0].isalnum():
            head, *hashes = line.split("--hash=sha256:")
            requirement = Requirement(head)
            wanted[requirement.name, str(requirement.specifier).removeprefix("==")] = {one.strip() for one in hashes}
    libraries = [one for one in bill["components"] if one["type"] == "library"]
    assert len(libraries) == len(wanted)
    assert {(one["name"], one["version"]): {each["content"] for each in one["hashes"]} for one in libraries} == wanted
    purls = [PackageURL.from_string(one["purl"]) for one in libraries]
    assert [(one.type, one.name, one.version) for one in purls] == [
        ("pypi", one["name"], one["version"]) for one in libraries
    ]
    assert [one.to_string() for one in purls] == [one["purl"] for one in libraries]


def test_no_address(bill: dict[str, Any]) -> None:
    """It names no address: a purl says which release it is, whatever registry it is fetched from."""
    assert "://" not in json.dumps(bill)
