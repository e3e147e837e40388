"""A trace as one JSON document, as `trace.schema.json` describes it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files

from evidence.model import Axis, State, Trace, TracedContext, TracedFinding, TracedScenario
from evidence.proof import mutants_as_json, proof_as_json
from evidence.scanned import scanned_as_json
from evidence.sequences import Made
from policies.model import Outcome
from policies.specs import Spec

SCHEMA_ID = "urn:worthwatch:storage-compliance:trace:1"

OF_MATRIX = ("axes", "contexts", "findings")
"""The keys of what a gate's results say of contexts; in order they are the document's first."""


def schema() -> dict[str, object]:
    """Return the JSON Schema of the document."""
    text = files("evidence").joinpath("trace.schema.json").read_text(encoding="utf-8")
    read: dict[str, object] = json.loads(text)
    return read


def document(trace: Trace) -> dict[str, object]:
    """Return the document, in plain JSON values; its contexts and findings are sequences, made as they are read."""
    return {
        "schema": SCHEMA_ID,
        "specs": [spec_as_json(spec) for spec in trace.specs],
        "scenarios": [_scenario(scenario) for scenario in trace.scenarios],
        "orphans": [asdict(orphan) for orphan in trace.orphans],
        **matrix_as_json(trace.contexts, trace.axes, trace.findings),
        "scanned": scanned_as_json(trace.scanned),
        "proof": proof_as_json(trace.proof, trace.ids),
        "problems": [{"where": trouble.where, "message": trouble.message} for trouble in trace.problems],
        "judged": asdict(trace.judged),
        "summary": {
            "scenarios": len(trace.scenarios),
            "states": {str(state): trace.states[state] for state in State},
            "orphans": len(trace.orphans),
            "contexts": len(trace.contexts),
            "templates": trace.templates,
            "outcomes": _counts(trace.outcomes),
            "alerts": {"total": len(trace.scanned.alerts), "standing": len(trace.scanned.standing)},
            "exit_code": trace.exit_code,
        },
    }


def matrix_as_json(
    contexts: Sequence[TracedContext], axes: Sequence[Axis], findings: Sequence[TracedFinding]
) -> dict[str, object]:
    """Return what the results of a gate say of contexts, as the document has it."""
    return {
        "contexts": Made(len(contexts), lambda number: _context(contexts[number])),
        "axes": [{"key": axis.key, "values": list(axis.values)} for axis in axes],
        "findings": Made(len(findings), lambda number: _finding(findings[number])),
    }


def _context(context: TracedContext) -> dict[str, object]:
    return {
        "name": context.name,
        "values": dict(context.values),
        "account": context.account,
        "region": context.region,
        "refused": list(context.refused),
        "template": context.template,
        "outcomes": list(context.outcomes),
    }


def _finding(finding: TracedFinding) -> dict[str, object]:
    return asdict(finding) | {"contexts": list(finding.contexts), "assuming": list(finding.assuming)}


def render(trace: Trace) -> str:
    """Return the document as text, with a line for each item of its lists."""
    parts = (f"{json.dumps(key)}: {_lines(value)}" for key, value in document(trace).items())
    return "{" + ",\n".join(parts) + "}"


def _lines(value: object) -> str:
    if not isinstance(value, list | Made):
        return json.dumps(value, allow_nan=False)
    items = ",\n".join(json.dumps(item, allow_nan=False) for item in value)
    return f"[\n{items}\n]" if items else "[]"


def spec_as_json(spec: Spec) -> dict[str, object]:
    """Return a spec as the document has it."""
    return {
        "capability": spec.capability,
        "title": spec.title,
        "purpose": spec.purpose,
        "path": spec.path,
        "requirements": [
            {
                "id": f"{spec.capability}#{requirement.slug}",
                "name": requirement.name,
                "text": requirement.text,
                "line": requirement.line,
                "scenarios": [scenario.id for scenario in requirement.scenarios],
            }
            for requirement in spec.requirements
        ],
    }


def _scenario(traced: TracedScenario) -> dict[str, object]:
    scenario = traced.scenario
    return {
        "id": scenario.id,
        "name": scenario.name,
        "line": scenario.line,
        "steps": [asdict(step) for step in scenario.steps],
        "state": traced.state,
        "problems": [asdict(problem) for problem in traced.problems],
        "fingerprint": asdict(traced.fingerprint),
        "reviewed": None if traced.reviewed is None else asdict(traced.reviewed),
        "rule": None if traced.rule is None else asdict(traced.rule),
        "tests": [asdict(test) for test in traced.tests],
        "outcomes": None if traced.outcomes is None else _counts(traced.outcomes),
        "mutants": mutants_as_json(traced.mutants),
    }


def _counts(counts: Counter[Outcome]) -> dict[str, int]:
    return {str(outcome): counts[outcome] for outcome in Outcome}
