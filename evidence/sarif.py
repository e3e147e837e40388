"""A record as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as GitHub code scanning takes it.

GitHub shows every result as an alert, whatever its `kind` says, and SARIF allows no level beside a `kind` other than
"fail". So results are findings alone, each a failure of level "error": what is undetermined, and what could not be
judged, passes no check either, and says its own word at the head of its message and as its `standing`. No severity is
told apart from another, and no `security-severity` made up: what a spec says SHALL be, is to be.

What GitHub demands and how much it takes is on its page "SARIF support for code scanning"
(https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from evidence.model import TracedFinding
from evidence.positions import Region, Source, read
from evidence.provenance import written
from evidence.record import JudgedScenario, Record, Standing
from evidence.words import details
from policies.model import Outcome
from policies.nodes import child
from policies.reading import printable

MAX_RESULTS = 5_000
"""The most results: GitHub shows no more of a run."""

MAX_LENGTH = 9_000_000
"""The most characters of all results, as JSON in ASCII: GitHub takes 10 MB, compressed."""

MAX_NOTIFICATIONS = 100
"""The most notifications of what kept the run from judging."""

Templates = Callable[[str], bytes | None]
"""Returns the bytes of the template of a digest, `sha256:<hex>`, None where they are not at hand."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_APP = "cdk.json"
"""Where a finding is placed that is about no template: what names the app of which the templates are synthesised."""

TEMPLATE_FILE = "cdk.out/WorthWatchStorage.template.json"
"""Where `cdk synth` writes a template: of whichever context, it is this file, so that an alert stays the same one."""

_START = Region(1, 1, 1, 2, exact=True)
_TOLD = {Outcome.NON_COMPLIANT, Outcome.UNDETERMINED, Outcome.ERROR}
_CUT = 1_000  # of a rule's descriptions GitHub takes 1,024 characters
_MESSAGE_CUT = 5_000
_NAME_CUT = 255  # GitHub's limit
_LISTED = 20
_SOURCES_KEPT = 16
_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{64}")  # a template's, or an asset's


def render(record: Record, templates: Templates) -> dict[str, Any]:
    """Return the SARIF log of a record: one run, whose results are the findings.

    `templates` need return only those that findings were first seen in; a finding on another is placed at its start.
    """
    provenance = record.provenance
    results = _bounded(_results(record, templates))
    left_out = sum(finding.outcome in _TOLD for finding in record.findings) - len(results)
    run = {
        "tool": {
            "driver": {
                "name": "storage-compliance",
                "semanticVersion": provenance.version,
                "rules": [_rule(judged) for judged in record.scenarios],
            }
        },
        "automationDetails": {"id": f"storage-compliance/{provenance.matrix}/{provenance.commit or ''}"},
        "invocations": [_invocation(record, left_out)],
        "originalUriBaseIds": {
            _ROOT: {"description": _message("The root of the repository, below which cdk.out is written.")}
        },
        "columnKind": "utf16CodeUnits",
        "results": results,
        "properties": {
            "commit": provenance.commit,
            "modified": provenance.modified,
            "time": written(provenance.time),
            "basis": dict(provenance.basis),
            "standings": {judged.scenario.id: str(judged.standing) for judged in record.scenarios},
        },
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(judged: JudgedScenario) -> dict[str, Any]:
    scenario, requirement = judged.scenario, judged.requirement
    steps = "; ".join(f"{step.keyword} {step.text}" for step in scenario.steps)
    return {
        "id": scenario.id,
        "name": "".join(word.capitalize() for word in scenario.slug.split("-"))[:_NAME_CUT],
        "shortDescription": {"text": _cut(f"{requirement.name}: {scenario.name}")},
        "fullDescription": {"text": _cut(f"{' '.join(requirement.text.split())} {steps}")},
        "help": {"text": f"{steps}\n\n{judged.page}", "markdown": f"{scenario.text}\n\n{judged.page}"},
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": list(dict.fromkeys(["compliance", scenario.spec, scenario.requirement_slug])),
            # A rule finds against what it has shown: what it cannot know, it calls undetermined.
            "precision": "very-high",
            "problem.severity": "error",
        },
    }


def _results(record: Record, templates: Templates) -> Iterator[dict[str, Any]]:
    """Return the results of the findings, the first of each scenario before the second of any: what is cut cuts none.

    The fingerprint is made of what is found where, by the template's own names: neither lines nor contexts nor digests
    change it. GitHub reads none but `primaryLocationLineHash`, which ends in the count of those that are otherwise
    the same, and takes two results with one for one alert.
    """
    rules = {judged.scenario.id: i for i, judged in enumerate(record.scenarios)}
    seen: Counter[str] = Counter()

    @lru_cache(_SOURCES_KEPT)
    def source(digest: str) -> Source | None:
        data = templates(digest)
        return None if data is None else read(data)

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
            "message": _message(_said(finding)),
            "locations": [_location(finding, None if finding.template is None else source(finding.template))],
            "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}"},
            "properties": _properties(record, finding),
        }


def _by_turns(findings: Iterable[TracedFinding]) -> list[TracedFinding]:
    turns: Counter[str] = Counter()
    taken = []
    for finding in findings:
        turns[finding.scenario] += 1
        taken.append((turns[finding.scenario], finding))
    return [finding for _, finding in sorted(taken, key=lambda one: one[0])]


def _bounded(results: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many of the results as GitHub takes, from the first."""
    kept, length = [], 0
    for result in islice(results, MAX_RESULTS):
        length += len(json.dumps(result))
        if length > MAX_LENGTH:
            break
        kept.append(result)
    return kept


def _fingerprint(finding: TracedFinding) -> str:
    place = (finding.scenario, finding.resource, finding.path, finding.message, finding.found)
    return hashlib.sha256(_DIGEST.sub("", json.dumps(place, sort_keys=True)).encode()).hexdigest()


def _said(finding: TracedFinding) -> str:
    """Return the message of a finding, its standing ahead, and below it what else is known, a line each."""
    known = (f"{name}: {value}" for name, value in details(finding) if name != "found")  # to which the location points
    return "\n".join((f"{finding.outcome}: {finding.message}", *known))


def _location(finding: TracedFinding, source: Source | None) -> dict[str, Any]:
    """Return where a finding is: in its template, or else in what all templates come of."""
    if finding.template is None:
        where = {} if finding.context is None else {"name": _cut(finding.context), "kind": "context"}
        return _placed(_APP, _START, where)
    region = _region(finding, source)
    location = _placed(TEMPLATE_FILE, region, _construct(finding, source))
    if finding.path is not None and not region.exact:
        location["message"] = _message(f"nothing stands at {finding.path}; this is what would hold it")
    return location


def _placed(uri: str, region: Region, where: dict[str, str]) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": _ROOT},
            "region": {
                "startLine": region.start_line,
                "startColumn": region.start_column,
                "endLine": region.end_line,
                "endColumn": region.end_column,
            },
        },
        **({"logicalLocations": [where]} if where else {}),
    }


def _region(finding: TracedFinding, source: Source | None) -> Region:
    """Return where in its template a finding is: at its path, its resource, or at the template's start."""
    paths = [finding.path, None if finding.resource is None else child("$.Resources", finding.resource)]
    if source is not None:
        for path in paths:
            region = None if path is None else source.locate(path)
            if region is not None:
                return region
    return _START


def _construct(finding: TracedFinding, source: Source | None) -> dict[str, str]:
    """Return a resource by its logical id, and by its construct's path where the template's metadata has it."""
    if finding.resource is None:
        return {}
    match source and source.document:
        case {"Resources": {finding.resource: {"Metadata": {"aws:cdk:path": str(path)}}}}:
            pass
        case _:
            path = finding.resource
    return {"name": _cut(finding.resource), "fullyQualifiedName": _cut(path), "kind": "resource"}


def _properties(record: Record, finding: TracedFinding) -> dict[str, Any]:
    return {
        "standing": str(finding.outcome),
        "template": finding.template,
        "contexts": [_cut(record.contexts[place].name) for place in finding.contexts[:_LISTED]],
        "contextCount": len(finding.contexts),
        "assuming": [_cut(assumption) for assumption in finding.assuming[:_LISTED]],
        "found": None if finding.found is None else _cut(json.dumps(finding.found, ensure_ascii=False)),
        "expected": None if finding.expected is None else _cut(finding.expected),
        "minimalContext": None if finding.minimal is None else _cut(json.dumps(finding.minimal, ensure_ascii=False)),
    }


def _invocation(record: Record, left_out: int) -> dict[str, Any]:
    """Return how the run went: what kept it from judging, and what is left out, are notifications of it."""
    troubles = list(_troubles(record))
    notifications = troubles[:MAX_NOTIFICATIONS]
    if left_out:
        text = f"Findings left out: {left_out:,}. GitHub takes no more; the bundle's verdicts hold all."
        notifications.append({"level": "warning", "message": _message(text)})
    if len(troubles) > MAX_NOTIFICATIONS:
        text = f"Problems of the run left out: {len(troubles) - MAX_NOTIFICATIONS:,}."
        notifications.append({"level": "error", "message": _message(text)})
    standings = {judged.standing for judged in record.scenarios}
    return {
        "executionSuccessful": not troubles and standings <= {Standing.COMPLIANT, Standing.NON_COMPLIANT},
        "exitCode": record.exit_code,
        "toolExecutionNotifications": notifications,
    }


def _troubles(record: Record) -> Iterator[dict[str, Any]]:
    """Return what kept the run from judging, and the scenarios of which no result tells that they were not judged."""
    if not record.scenarios:
        yield {"level": "error", "message": _message("not-run: there is no scenario, so nothing was judged")}
    for problem in record.problems:
        yield {"level": "error", "message": _message(f"{problem.where}: {problem.message}")}
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
        yield {"level": "error", "message": _message(said), "associatedRule": {"id": scenario, "index": i}}


def _message(text: str) -> dict[str, str]:
    """Return a plain text message (SARIF 2.1.0, section 3.11) in which nothing is a placeholder or a link."""
    shown = "\n".join(_cut(line, _MESSAGE_CUT) for line in text[: _MESSAGE_CUT + 1].splitlines())
    return {"text": shown.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _cut(text: str, length: int = _CUT) -> str:
    """Return untrusted text without control characters, and not longer than a reader takes in."""
    shown = printable(text[: length + 1])
    return shown if len(shown) <= length else f"{shown[:length]}…"
