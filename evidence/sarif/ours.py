"""The run of our own rules: every scenario is a rule, and every finding a result."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from evidence.model import TracedFinding
from evidence.positions import Region, Source
from evidence.provenance import written
from evidence.record import JudgedScenario, Record, Standing
from evidence.sarif.parts import (
    LISTED,
    NAME_CUT,
    START,
    TEMPLATE_FILE,
    Json,
    Room,
    Sources,
    cut,
    message,
    notification,
    of_run,
    placed,
    resource,
    suppressed,
)
from evidence.words import details
from policies.model import Outcome
from policies.nodes import child

MAX_NOTIFICATIONS = 100
"""The most notifications of what kept the run from judging."""

_APP = "cdk.json"
"""Where a finding is placed that is about no template: what names the app of which the templates are synthesised."""

_TOLD = {Outcome.WAIVED, Outcome.NON_COMPLIANT, Outcome.UNDETERMINED, Outcome.ERROR}
_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{64}")  # a template's, or an asset's


def run(record: Record, room: Room, source: Sources, notices: Iterable[Json]) -> Json:
    """Return the run of a record: a rule for each scenario, a result for each finding, as many as there is room for.

    `notices` are notifications of what the log as a whole leaves out.
    """
    provenance = record.provenance
    results = room.take(_results(record, source))
    left_out = sum(finding.outcome in _TOLD for finding in record.findings) - len(results)
    return {
        "tool": {
            "driver": {
                "name": "storage-compliance",
                "semanticVersion": provenance.version,
                "rules": [_rule(judged) for judged in record.scenarios],
            }
        },
        "invocations": [_invocation(record, left_out, notices)],
        "results": results,
        "properties": {
            "commit": provenance.commit,
            "modified": provenance.modified,
            "time": written(provenance.time),
            "basis": dict(provenance.basis),
            "standings": {judged.scenario.id: str(judged.standing) for judged in record.scenarios},
        },
        **of_run(record),
    }


def _rule(judged: JudgedScenario) -> Json:
    scenario, requirement = judged.scenario, judged.requirement
    steps = "; ".join(f"{step.keyword} {step.text}" for step in scenario.steps)
    return {
        "id": scenario.id,
        "name": "".join(word.capitalize() for word in scenario.slug.split("-"))[:NAME_CUT],
        "shortDescription": {"text": cut(f"{requirement.name}: {scenario.name}")},
        "fullDescription": {"text": cut(f"{' '.join(requirement.text.split())} {steps}")},
        "help": {"text": f"{steps}\n\n{judged.page}", "markdown": f"{scenario.text}\n\n{judged.page}"},
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": list(dict.fromkeys(["compliance", scenario.spec, scenario.requirement_slug])),
            # A rule finds against what it has shown: what it cannot know, it calls undetermined.
            "precision": "very-high",
            "problem.severity": "error",
        },
    }


def _results(record: Record, source: Sources) -> Iterator[Json]:
    """Return the results of the findings, the first of each scenario before the second of any: what is cut cuts none.

    The fingerprint is made of what is found where, by the template's own names: neither lines nor contexts nor digests
    change it. GitHub reads none but `primaryLocationLineHash`, which ends in the count of those that are otherwise
    the same, and takes two results with one for one alert.
    """
    rules = {judged.scenario.id: i for i, judged in enumerate(record.scenarios)}
    seen: Counter[str] = Counter()

    for finding in _by_turns(record.findings):
        if finding.outcome not in _TOLD:
            continue
        fingerprint = _fingerprint(finding)
        seen[fingerprint] += 1
        yield {
            "ruleId": finding.scenario,
            "ruleIndex": rules[finding.scenario],
            "kind": "fail",
            "level": "error",
            "message": message(_said(finding)),
            "locations": [_location(finding, None if finding.template is None else source(finding.template))],
            "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}"},
            "suppressions": suppressed([finding.waiver or ""] if finding.outcome is Outcome.WAIVED else []),
            "properties": _properties(record, finding),
        }


def _by_turns(findings: Iterable[TracedFinding]) -> list[TracedFinding]:
    turns: Counter[str] = Counter()
    taken = []
    for finding in findings:
        turns[finding.scenario] += 1
        taken.append((turns[finding.scenario], finding))
    return [finding for _, finding in sorted(taken, key=lambda one: one[0])]


def _fingerprint(finding: TracedFinding) -> str:
    place = (finding.scenario, finding.resource, finding.path, finding.message, finding.found)
    return hashlib.sha256(_DIGEST.sub("", json.dumps(place, sort_keys=True)).encode()).hexdigest()


def _said(finding: TracedFinding) -> str:
    """Return the message of a finding, its standing ahead, and below it what else is known, a line each."""
    known = (f"{name}: {value}" for name, value in details(finding) if name != "found")  # to which the location points
    return "\n".join((f"{finding.outcome}: {finding.message}", *known))


def _location(finding: TracedFinding, source: Source | None) -> Json:
    """Return where a finding is: in its template, or else in what all templates come of."""
    if finding.template is None:
        where = {} if finding.context is None else {"name": cut(finding.context), "kind": "context"}
        return placed(_APP, START, where)
    region = _region(finding, source)
    location = placed(TEMPLATE_FILE, region, _construct(finding, source))
    if finding.path is not None and not region.exact:
        location["message"] = message(f"nothing stands at {finding.path}; this is what would hold it")
    return location


def _region(finding: TracedFinding, source: Source | None) -> Region:
    """Return where in its template a finding is: at its path, its resource, or at the template's start."""
    paths = [finding.path, None if finding.resource is None else child("$.Resources", finding.resource)]
    if source is not None:
        for path in paths:
            region = None if path is None else source.locate(path)
            if region is not None:
                return region
    return START


def _construct(finding: TracedFinding, source: Source | None) -> dict[str, str]:
    """Return a resource by its logical id, and by its construct's path where the template's metadata has it."""
    if finding.resource is None:
        return {}
    match source and source.document:
        case {"Resources": {finding.resource: {"Metadata": {"aws:cdk:path": str(path)}}}}:
            pass
        case _:
            path = finding.resource
    return resource(finding.resource, path)


def _properties(record: Record, finding: TracedFinding) -> Json:
    return {
        "standing": str(finding.outcome),
        "template": finding.template,
        "contexts": [cut(record.contexts[place].name) for place in finding.contexts[:LISTED]],
        "contextCount": len(finding.contexts),
        "assuming": [cut(assumption) for assumption in finding.assuming[:LISTED]],
        "found": None if finding.found is None else cut(json.dumps(finding.found, ensure_ascii=False)),
        "expected": None if finding.expected is None else cut(finding.expected),
        "minimalContext": None if finding.minimal is None else cut(json.dumps(finding.minimal, ensure_ascii=False)),
    }


def _invocation(record: Record, left_out: int, notices: Iterable[Json]) -> Json:
    """Return how the run went: what kept it from judging, and what is left out, are notifications of it."""
    troubles = list(_troubles(record))
    notifications = [*troubles[:MAX_NOTIFICATIONS], *notices]
    if left_out:
        text = f"Findings left out: {left_out:,}. GitHub takes no more; the bundle's verdicts hold all."
        notifications.append(notification("warning", text))
    if len(troubles) > MAX_NOTIFICATIONS:
        text = f"Problems of the run left out: {len(troubles) - MAX_NOTIFICATIONS:,}."
        notifications.append(notification("error", text))
    standings = {judged.standing for judged in record.scenarios}
    return {
        "executionSuccessful": not troubles
        and standings <= {Standing.COMPLIANT, Standing.WAIVED, Standing.NON_COMPLIANT},
        "exitCode": record.exit_code,
        "toolExecutionNotifications": notifications,
    }


def _troubles(record: Record) -> Iterator[Json]:
    """Return what kept the run from judging, and the scenarios of which no result tells that they were not judged."""
    if not record.scenarios:
        yield notification("error", "not-run: there is no scenario, so nothing was judged")
    for problem in record.problems:
        yield notification("error", f"{problem.where}: {problem.message}")
    for i, judged in enumerate(record.scenarios):
        scenario = judged.scenario.id
        if judged.standing is Standing.NOT_APPLICABLE:
            said = f"{Standing.NOT_APPLICABLE}: {scenario} applied in no context"
        elif judged.lacking:
            said = f"{Standing.NOT_RUN}: {scenario} has no verdict in {judged.lacking:,} of the contexts"
        elif judged.standing is Standing.NOT_RUN:
            said = f"{Standing.NOT_RUN}: {scenario} has no verdict"
        else:
            continue
        yield notification("error", said) | {"associatedRule": {"id": scenario, "index": i}}
