"""A run as one JSON document, as `verdicts.schema.json` describes it."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files

from gate.run import Finding, Run
from policies.model import Outcome, Verdict

SCHEMA_ID = "urn:worthwatch:storage-compliance:verdicts:1"


def schema() -> dict[str, object]:
    """Return the JSON Schema of the document."""
    text = files("gate").joinpath("verdicts.schema.json").read_text(encoding="utf-8")
    document: dict[str, object] = json.loads(text)
    return document


def render(run: Run) -> str:
    """Return the document, with a line for each verdict."""
    verdicts = ",\n".join(json.dumps(_verdict(verdict), ensure_ascii=True) for verdict in run.verdicts)
    rest = {
        "basis": dict(run.basis),
        "findings": [_finding(finding) for alike in run.findings() for finding in alike],
        "problems": [{"where": problem.where, "message": problem.message} for problem in run.problems],
        "contexts": run.contexts,
        "summary": _summary(run),
    }
    head = f'"schema": {json.dumps(SCHEMA_ID)},\n"verdicts": [\n{verdicts}\n]'
    tail = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in rest.items())
    return f"{{{head},\n{tail}}}"


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "spec": verdict.spec,
        "scenario": verdict.scenario,
        "outcome": verdict.outcome,
        "template": verdict.template,
        "context": verdict.context,
        "resource": verdict.resource,
        "path": verdict.path,
        "found": verdict.found,
        "expected": verdict.expected,
        "message": verdict.message,
        "remedy": verdict.remedy,
        "assuming": list(verdict.assuming),
    }


def _finding(finding: Finding) -> dict[str, object]:
    excerpt = finding.excerpt
    return {
        "verdict": finding.index,
        "context": finding.minimal,
        "command": finding.command,
        "excerpt": None if excerpt is None else excerpt.value,
        "at": None if excerpt is None else excerpt.at,
    }


def _summary(run: Run) -> dict[str, object]:
    return {
        "exit_code": run.exit_code,
        "templates": len(run.templates),
        "contexts": len(run.contexts),
        "outcomes": _counts(run.outcomes()),
        "scenarios": {f"{spec}#{scenario}": _counts(counts) for (spec, scenario), counts in run.counts().items()},
    }


def _counts(counts: Counter[Outcome]) -> dict[str, int]:
    return {str(outcome): counts[outcome] for outcome in Outcome}
