"""A verdict in plain JSON values, as the documents of a gate and the bundle of evidence hold it."""

from __future__ import annotations

from policies.model import Verdict


def as_json(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as `gate/verdicts.schema.json` describes it."""
    return {
        "spec": verdict.spec,
        "scenario": verdict.scenario,
        "outcome": verdict.outcome.value,
        "template": verdict.template,
        "context": verdict.context,
        "resource": verdict.resource,
        "path": verdict.path,
        "found": verdict.found,
        "expected": verdict.expected,
        "message": verdict.message,
        "remedy": verdict.remedy,
        "assuming": list(verdict.assuming),
        "waiver": verdict.waiver,
    }
