"""Small checkouts for the tests of the trace: two scenarios, their rules, their tests, and results of both."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence.basis import basis, digest_of_tests, suite
from evidence.model import Trace
from evidence.results import read_results
from evidence.review import review
from evidence.trace import SPECS, read_checkout, trace
from policies.model import Outcome

_NUMBERS = itertools.count()

KEPT, HELD = "storage#table-shape/shape-kept", "storage#table-shape/shape-held"

HEAD = """# Storage

## Purpose
What storage has to be, for the tests of the trace alone.

## Requirements

### Requirement: Table Shape
A table SHALL have a shape.
"""

SCENARIO = """
#### Scenario: {name}
- **WHEN** asked
- **THEN** it SHALL answer
"""

SPEC = HEAD + SCENARIO.format(name="Shape kept") + SCENARIO.format(name="Shape held")

RULES = '''"""Rules."""
from policies.model import rule


@rule()
def shape_kept(*_):
    """Keep."""
    yield from ()


@rule()
def shape_held(*_):
    """Hold."""
    yield from ()
'''

TESTS = f"""import pytest


@pytest.mark.scenario("{KEPT}")
def test_kept():
    pass


@pytest.mark.scenario("{HELD}")
def test_held():
    pass
"""

CONTEXTS: Mapping[str, Mapping[str, object]] = {
    "plain": {},
    "prod": {
        "worthwatch:stage": "prod",
        "worthwatch:removalPolicy": "retain-on-update-or-delete",
        "worthwatch:billingMode": "PROVISIONED",
        "worthwatch:readCapacity": 1,
        "worthwatch:writeCapacity": "40000",
        "worthwatch:recoveryPeriodInDays": 1,
        "worthwatch:deployVpc": "true",
    },
    "staging": {
        "worthwatch:stage": "staging",
        "worthwatch:removalPolicy": "destroy",
        "worthwatch:pointInTimeRecovery": False,
    },
    "bounds": {
        "worthwatch:billingMode": "PROVISIONED",
        "worthwatch:readCapacity": "40000",
        "worthwatch:writeCapacity": 1,
        "worthwatch:recoveryPeriodInDays": "35",
    },
}
"""Four contexts in which every setting with a list of values, or bounds, has each of them."""

TEMPLATE = f"sha256:{'a' * 64}"


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout in the current folder, whose rules are in a package of their own."""

    root: Path
    package: str

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project, and the folders above it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def trace(self, *results: Path, proof: Path | None = None) -> Trace:
        """Trace the project."""
        return trace(read_checkout(self.package), read_results(results, proof))

    def review(self, *names: str) -> list[str]:
        """Record reviews."""
        return review(read_checkout(self.package), names)


def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, reviewed: bool = True, **parts: str) -> Project:
    """Write a project of a `spec`, `rules` and `tests`, make it the current folder and its rules importable."""
    project = Project(tmp_path, f"shapes_{next(_NUMBERS)}")
    project.write("specs/storage/spec.md", parts.get("spec", SPEC))
    project.write(f"{project.package}/__init__.py", "")
    project.write(f"{project.package}/table_shape.py", parts.get("rules", RULES))
    project.write("tests/test_shape.py", parts.get("tests", TESTS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    if reviewed:
        project.review("shape-kept", "shape-held")
    return project


def present() -> dict[str, str]:
    """Return the basis of the results of a test run of the current folder."""
    return basis(SPECS) | {"tests": digest_of_tests(Path("tests"))}


WAIVER = (
    "policies/waivers.toml: worthwatch storage#table-shape/shape-held at Storage/Table, by Jane Doe until 2026-12-31"
)


def verdict(
    scenario: str, outcome: str = "compliant", context: str | None = "plain", **more: object
) -> dict[str, object]:
    """Return a verdict as results have it."""
    spec, _, name = scenario.partition("#")
    return {
        "spec": spec,
        "scenario": name,
        "outcome": outcome,
        "template": TEMPLATE,
        "context": context,
        "resource": "Table",
        "path": None,
        "found": None,
        "expected": None,
        "message": "",
        "remedy": None,
        "assuming": [],
        "waiver": WAIVER if outcome == "waived" else None,
    } | more


def gate_results(verdicts: Sequence[object] | None = None, **more: object) -> dict[str, Any]:
    """Return the results of a gate; without verdicts given, of one that found both scenarios compliant.

    In each of our contexts in which one of them has no verdict and elsewhere has, it is not applicable.
    """
    given = [verdict(KEPT), verdict(HELD)] if verdicts is None else list(verdicts)
    contexts: dict[str, object] = {
        name: {"values": values, "account": None, "region": None, "refused": [], "template": TEMPLATE}
        for name, values in CONTEXTS.items()
    }
    judged = {(one["spec"], one["scenario"], one["context"]) for one in given if isinstance(one, dict)}
    others = [
        one
        for one in (verdict(id_, "not-applicable", name) for name in CONTEXTS for id_ in (KEPT, HELD))
        if (one["spec"], one["scenario"]) in {scenario[:2] for scenario in judged}
        and (one["spec"], one["scenario"], one["context"]) not in judged
    ]
    document: dict[str, Any] = {
        "schema": "urn:worthwatch:storage-compliance:verdicts:1",
        "basis": basis(SPECS),
        "verdicts": [*given, *others],
        "problems": [],
        "findings": [],
        "contexts": contexts,
        "scanners": [],
        "alerts": [],
        "waivers": None,
        "agreement": None,
    } | more
    return {**document, "summary": summary(document)} | more


def summary(document: Mapping[str, Any]) -> dict[str, object]:
    """Return the summary that a gate gives of its results, whatever else is wrong with them."""
    verdicts = [one for one in document["verdicts"] if isinstance(one, dict)]
    outcomes = [one["outcome"] for one in verdicts]
    by_scenario: dict[str, list[str]] = {}
    for one in verdicts:
        by_scenario.setdefault(f"{one['spec']}#{one['scenario']}", []).append(one["outcome"])
    contexts = [one for one in document["contexts"].values() if isinstance(one, dict)]
    broken = document["problems"] or "error" in outcomes
    open_ = "undetermined" in outcomes or "compliant" not in outcomes
    return {
        "exit_code": 2 if broken else 1 if "non-compliant" in outcomes else 2 if open_ else 0,
        "templates": len({one["template"] for one in (*verdicts, *contexts)} - {None}),
        "contexts": len(document["contexts"]),
        "cached": 0,
        "outcomes": _counts(outcomes),
        "scenarios": {id_: _counts(each) for id_, each in by_scenario.items()},
    }


def _counts(outcomes: Sequence[str]) -> dict[str, int]:
    return {str(outcome): outcomes.count(outcome) for outcome in Outcome}


def ran(name: str, line: int, *scenarios: str, **cases: int) -> dict[str, object]:
    """Return what came of a test of tests/test_shape.py."""
    return {
        "id": f"tests/test_shape.py::{name}",
        "path": "tests/test_shape.py",
        "line": line,
        "scenarios": list(scenarios),
        "cases": {"passed": 0, "failed": 0, "skipped": 0, "error": 0} | cases,
    }


def run_results(tests: Sequence[Mapping[str, object]] | None = None, **more: object) -> dict[str, object]:
    """Return the results of a test run; without tests given, of one in which both passed."""
    both = [ran("test_held", 10, HELD, passed=1), ran("test_kept", 5, KEPT, passed=1)]
    return {
        "schema": "urn:worthwatch:storage-compliance:tests:1",
        "basis": present(),
        "complete": True,
        "tests": both if tests is None else tests,
    } | more


def killing(scenario: str, *forms: tuple[str, int, int]) -> dict[str, object]:
    """Return what a proof tells of a scenario, by forms: so many mutants made, so many killed."""
    return {
        "id": scenario,
        "made": sum(made for _, made, _ in forms),
        "killed": sum(killed for _, _, killed in forms),
        "forms": [{"form": form, "made": made, "killed": killed} for form, made, killed in forms],
    }


def fault(fault: str, *scenarios: str, form: str = "missing") -> dict[str, object]:
    """Return a mutant that a proof found something wrong with."""
    told = {"operator": "shapes/lost", "base": "defaults", "path": "$.Resources", "difference": "--- a\n+++ b"}
    outcomes = {"expected": "non-compliant", "found": "compliant"}
    return {"fault": fault, "form": form, "scenarios": list(scenarios), **told, **outcomes}


COUNTEREXAMPLE = {"values": {"a": 1}, "expected": "a template", "found": "none", "command": "npx cdk"}


def proof_results(*scenarios: Mapping[str, object], failures: Sequence[object] = (), **more: object) -> dict[str, Any]:
    """Return a proof of what is in the current folder; without scenarios given, both have killed all of their mutants.

    Its state follows from the rest.
    """
    both = [killing(HELD, ("added", 1, 1), ("missing", 2, 2)), killing(KEPT, ("missing", 1, 1))]
    document: dict[str, Any] = {
        "schema": "urn:worthwatch:storage-compliance:proof:1",
        "scenario": None,
        "basis": basis(SPECS) | {"suite": suite()},
        "bases": [{"name": "defaults", "template": TEMPLATE}],
        "contexts": ["defaults"],
        "mutants": 9,
        "refused": 1,
        "scenarios": list(scenarios or both),
        "operators": [{"name": "generated/absent", "mutants": 5}, {"name": "shapes/lost", "mutants": 4}],
        "equivalents": [{"places": ["$.A"], "kinds": ["absent"], "reason": "nobody reads it", "mutants": 2}],
        "failures": list(failures),
        "explored": {"valid": 3, "invalid": 4, "counterexamples": []},
        "problems": [],
        "witnesses": None,
    } | more
    explored: Mapping[str, Any] = document["explored"] or {}
    wrong = document["failures"] or document["problems"] or explored.get("counterexamples")
    return {"state": "not-proved" if wrong else "proved"} | document


def write_json(file: Path, document: object) -> Path:
    """Write a JSON document."""
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
