"""The proof for a program: one JSON document, which a trace or evidence can carry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from proof.model import Explored, Findings, Form
from proof.run import Proof

SCHEMA = "urn:worthwatch:storage-compliance:proof:1"


def render(proof: Proof, basis: Mapping[str, str], witnesses: Mapping[str, object] | None = None) -> str:
    """Return the document of a proof; `basis` are the digests of what it was made by, as `evidence.basis` has them.

    `witnesses` is what other scanners have noticed of the mutants, in JSON, where they were asked.
    """
    return json.dumps(as_json(proof, basis) | {"witnesses": witnesses}, indent=2, ensure_ascii=False)


def as_json(proof: Proof, basis: Mapping[str, str]) -> dict[str, object]:
    """Return a proof as JSON, without witnesses; proof/proof.schema.json describes it."""
    found = proof.findings
    return {
        "schema": SCHEMA,
        "state": "proved" if proof.holds else "not-proved",
        "scenario": proof.scenario,
        "basis": dict(basis),
        "bases": [{"name": base.name, "template": base.digest} for base in proof.bases],
        "contexts": list(proof.contexts),
        "mutants": found.mutants,
        "refused": found.refused,
        "scenarios": [_scenario(found, scenario) for scenario in sorted({scenario for scenario, _ in found.made})],
        "operators": [{"name": name, "mutants": count} for name, count in sorted(found.operators.items())],
        "equivalents": [
            {
                "places": list(equivalent.places),
                "kinds": list(equivalent.kinds),
                "reason": equivalent.reason,
                "mutants": found.excused[i],
            }
            for i, equivalent in enumerate(proof.equivalents)
        ],
        "failures": [{**asdict(failure), "scenarios": list(failure.scenarios)} for failure in found.failures],
        "explored": None if proof.explored is None else _explored(proof.explored),
        "problems": list(proof.problems),
    }


def _explored(explored: Explored) -> dict[str, object]:
    return {
        "valid": explored.valid,
        "invalid": explored.invalid,
        "counterexamples": [{**asdict(one), "values": dict(one.values)} for one in explored.counterexamples],
    }


def _scenario(found: Findings, scenario: str) -> dict[str, object]:
    forms = {form: (found.made[scenario, form], found.killed[scenario, form]) for form in Form}
    return {
        "id": scenario,
        "made": sum(made for made, _ in forms.values()),
        "killed": sum(killed for _, killed in forms.values()),
        "forms": [{"form": form, "made": made, "killed": killed} for form, (made, killed) in forms.items() if made],
    }
