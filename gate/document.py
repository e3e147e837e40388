"""A run as one JSON document, as `verdicts.schema.json` describes it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from evidence.verdicts import as_json
from gate.run import Finding, Run
from policies.model import Outcome

if TYPE_CHECKING:
    from evidence.model import TracedContext

SCHEMA_ID = "urn:worthwatch:storage-compliance:verdicts:1"


def schema() -> dict[str, object]:
    """Return the JSON Schema of the document."""
    text = files("gate").joinpath("verdicts.schema.json").read_text(encoding="utf-8")
    document: dict[str, object] = json.loads(text)
    return document


def render(run: Run) -> Iterator[str]:
    """Yield the document in parts, with a line for each verdict."""
    from evidence.basis import basis  # noqa: PLC0415 - as below
    from gate.others_document import others_as_json  # noqa: PLC0415 - models that take their time: text needs none

    rest = {
        "basis": dict(run.basis or basis()),
        "findings": [_finding(finding) for alike in run.findings() for finding in alike],
        "problems": [{"where": where, "message": message} for where, message in _problems(run)],
        "contexts": {name: _context(context) for name, context in run.contexts.items()},
        **others_as_json(run.others, run.contexts),
        "summary": _summary(run),
    }
    yield f'{{"schema": {json.dumps(SCHEMA_ID)},\n"verdicts": [\n'
    for number, verdict in enumerate(run.verdicts):
        yield (",\n" if number else "") + json.dumps(as_json(verdict), ensure_ascii=True)
    yield "\n]"
    for key, value in rest.items():
        yield f",\n{json.dumps(key)}: {json.dumps(value, sort_keys=True)}"
    yield "}"


def _problems(run: Run) -> Iterator[tuple[str, str]]:
    """Return what kept the run from judging; of a scanner that ran, its own entry tells it."""
    yield from ((problem.where, problem.message) for problem in run.problems)
    if run.others:
        ran = {scan.name for scan in run.others.scans}
        yield from (problem for problem in run.others.problems if problem[0] not in ran)


def _context(context: TracedContext) -> dict[str, object]:
    return {
        "values": dict(context.values),
        "account": context.account,
        "region": context.region,
        "refused": list(context.refused),
        "template": context.template,
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
        "exit_code": run.exit_code_of_results,
        "templates": len(run.templates),
        "contexts": len(run.contexts),
        "cached": run.cached,
        "outcomes": _counts(run.outcomes()),
        "scenarios": {f"{spec}#{scenario}": _counts(counts) for (spec, scenario), counts in run.counts().items()},
    }


def _counts(counts: Counter[Outcome]) -> dict[str, int]:
    return {str(outcome): counts[outcome] for outcome in Outcome}
