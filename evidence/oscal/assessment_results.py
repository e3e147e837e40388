"""A record as assessment results of OSCAL 1.2.

An observation stands for every scenario. A finding, whose objective OSCAL knows as satisfied or not and nothing
between, stands only for what was judged where it applies: what is not applicable or was not run is neither. What is
waived is not satisfied, and a risk whose deviation is approved. What other scanners have found is observed, and a risk,
but nothing is satisfied or not on account of it: see `evidence.oscal.alerts`.
The model: https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/assessment-results/
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from evidence.identifiers import identifier
from evidence.model import TracedFinding
from evidence.oscal.alerts import counts, observations, risks, shown, summary
from evidence.oscal.assets import assets, component, origin
from evidence.oscal.controls import Controls
from evidence.oscal.parts import (
    COMPASS_NAMESPACE,
    COMPONENT,
    COMPONENT_TITLE,
    Json,
    by_requirement,
    controls_props,
    document,
    metadata,
    prop,
    specs,
    time,
)
from evidence.oscal.text import markup, steps, token
from evidence.record import JudgedScenario, Record, Standing
from policies.model import Outcome

_Word = TypeVar("_Word", bound=StrEnum)

MOST_SHOWN = 20
"""How many findings, templates or problems are told of; all of them are in the trace."""

_STATES = {
    Standing.COMPLIANT: ("satisfied", "pass"),
    Standing.WAIVED: ("not-satisfied", "other"),
    Standing.UNDETERMINED: ("not-satisfied", "other"),
    Standing.NON_COMPLIANT: ("not-satisfied", "fail"),
    Standing.ERROR: ("not-satisfied", "other"),
}
"""What OSCAL calls each standing that it has words for, and the reason."""


def render(record: Record, controls: Mapping[str, Controls]) -> Json:
    """Return the document; `controls` holds those of each scenario of the record, by its id.

    It is for the folder `reports` of a bundle: what it refers to lies beside that folder.
    """
    plan = specs(record)
    return document(
        "assessment-results",
        {
            "metadata": metadata(record, f"Storage compliance: assessment of {COMPONENT_TITLE}"),
            "import-ap": {
                "href": f"#{plan['uuid']}",
                "remarks": "There is no assessment plan in OSCAL: the specs say what is assessed, and how.",
            },
            "local-definitions": {
                "objectives-and-methods": [
                    _objectives(id_, judged, controls) for id_, judged in by_requirement(record).items()
                ]
            },
            "results": [_result(record, controls)],
            "back-matter": {"resources": [plan]},
        },
    )


def _objectives(requirement: str, judged: Sequence[JudgedScenario], controls: Mapping[str, Controls]) -> Json:
    """Return a requirement as a control, with an objective for each of its scenarios."""
    return {
        "control-id": token(requirement),
        "description": markup(judged[0].requirement.text),
        "parts": [
            {
                "id": token(one.scenario.id),
                "name": "assessment-objective",
                "title": markup(one.scenario.name),
                "props": [prop("scenario", one.scenario.id), *controls_props(controls[one.scenario.id])],
                "prose": steps(one.scenario.steps),
            }
            for one in judged
        ],
    }


def _result(record: Record, controls: Mapping[str, Controls]) -> Json:
    run, provenance, alerts = _run(record), record.provenance, shown(record)
    standings = Counter(one.standing for one in record.scenarios)
    result: Json = {
        "uuid": identifier(run, "result"),
        "title": f"Matrix {markup(provenance.matrix)}",
        "description": (
            f"Contexts: {len(record.contexts)}. Distinct templates: {len(record.templates)}. "
            f"Scenarios: {_counted(standings, Standing)}. Each has an observation; those that apply nowhere or were "
            f"not run have no finding, for they are neither satisfied nor the contrary. {summary(record)}"
        ),
        "start": time(record),
        "end": time(record),
        "props": [
            *(prop(f"scenarios-{standing}", str(standings[standing])) for standing in Standing),
            *counts(record),
            prop("problems", str(len(record.problems))),
            prop("exit-code", str(record.exit_code)),
        ],
        "local-definitions": {"components": [component(record)], "assessment-assets": assets(record)},
        "reviewed-controls": {"control-selections": _selections(record, controls)},
        "observations": [
            *(_observation(run, one, record, controls) for one in record.scenarios),
            *observations(run, record, alerts),
        ],
        "risks": [
            *(_risk(run, one, record) for one in record.scenarios if one.standing is Standing.WAIVED),
            *risks(run, alerts),
        ],
        "findings": [_finding(run, one, controls) for one in record.scenarios if one.standing in _STATES],
        "remarks": _remarks(record),
    }
    return {key: value for key, value in result.items() if value != []}


def _run(record: Record) -> str:
    """Return the identifier of the run, which those of all that it brought forth begin with.

    What came of it is part of it: another result is another run, even of the same commit.
    """
    provenance = record.provenance
    outcomes = [(one.scenario.id, sorted(one.outcomes.items()), one.lacking) for one in record.scenarios]
    problems = [dataclasses.astuple(problem) for problem in record.problems]
    asked = [dataclasses.astuple(scanner) for scanner in record.scanned.scanners]
    came = hashlib.sha256(json.dumps((outcomes, record.templates, problems, asked)).encode())
    for one in record.scanned.alerts:  # one by one: each may show in thousands of contexts
        found = (one.scanner, one.rule, one.resource, one.fingerprint, one.contexts, one.waived)
        came.update(json.dumps(found).encode())
    return identifier(
        "run",
        provenance.commit or "",
        str(provenance.modified),
        time(record),
        provenance.version,
        provenance.matrix,
        *(f"{name}={digest}" for name, digest in sorted(provenance.basis.items())),
        came.hexdigest(),
    )


def _selections(record: Record, controls: Mapping[str, Controls]) -> list[Json]:
    served = dict.fromkeys(id_ for one in record.scenarios for id_ in controls[one.scenario.id].nist)
    selections = {
        "The requirements of the specs, each a control of which every scenario is an objective.": map(
            token, by_requirement(record)
        ),
        "The controls of NIST SP 800-53 Rev. 5 that scenarios serve; none is assessed by them as a whole.": served,
    }
    return [
        {"description": description, "include-controls": [{"control-id": id_} for id_ in ids]}
        for description, ids in ((said, list(each)) for said, each in selections.items())
        if ids
    ]


def _props(one: JudgedScenario, controls: Mapping[str, Controls]) -> list[Json]:
    """Return what an observation or finding is about, and our own word for how the scenario stands."""
    return [
        prop("assessment-rule-id", one.scenario.id, COMPASS_NAMESPACE),
        prop("scenario", one.scenario.id),
        prop("standing", one.standing),
        *controls_props(controls[one.scenario.id]),
    ]


def _observation(run: str, one: JudgedScenario, record: Record, controls: Mapping[str, Controls]) -> Json:
    told = _findings_of(one, record)
    return {
        "uuid": identifier(run, "observation", one.scenario.id),
        "title": markup(one.scenario.name),
        "description": f"{steps(one.scenario.steps)}\n\n{_judged(one)}",
        "props": [
            *_props(one, controls),
            *(prop(f"verdicts-{outcome}", str(one.outcomes[outcome])) for outcome in Outcome),
            prop("verdicts-lacking", str(one.lacking)),
        ],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [origin()],
        "subjects": [{"subject-uuid": COMPONENT, "type": "component", "title": COMPONENT_TITLE}],
        "relevant-evidence": [
            {"href": "../trace.json", "description": "Every scenario, context and finding of the run."},
            *_templates(told),
        ],
        "collected": time(record),
    } | ({"remarks": _told(told)} if told else {})


def _findings_of(one: JudgedScenario, record: Record) -> list[TracedFinding]:
    return [finding for finding in record.findings if finding.scenario == one.scenario.id]


def _risk(run: str, one: JudgedScenario, record: Record) -> Json:
    """Return what a waiver takes on, with each waiver that does."""
    waivers = list(dict.fromkeys(finding.waiver for finding in _findings_of(one, record) if finding.waiver))
    lines = [f"- {markup(waiver)}" for waiver in waivers[:MOST_SHOWN]]
    return {
        "uuid": identifier(run, "risk", one.scenario.id),
        "title": markup(one.scenario.name),
        "description": _judged(one),
        "statement": "\n".join(["Violated where these waivers cover it:", "", *lines, *_more(len(waivers))]),
        "props": [prop("standing", one.standing)],
        "status": "deviation-approved",
        "origins": [origin()],
        "related-observations": [{"observation-uuid": identifier(run, "observation", one.scenario.id)}],
    }


def _judged(one: JudgedScenario) -> str:
    if not one.outcomes.total():
        return f"The scenario is {one.standing}: there is no verdict on it."
    lacking = f" Contexts without a verdict: {one.lacking}." if one.lacking else ""
    return f"The scenario is {one.standing}. Verdicts: {_counted(one.outcomes, Outcome)}.{lacking}"


def _templates(told: Sequence[TracedFinding]) -> list[Json]:
    """Return the templates in which something was found, as evidence."""
    digests_found = dict.fromkeys(finding.template for finding in told if finding.template is not None)
    return [
        {
            "href": f"../templates/{digest.removeprefix('sha256:')}.json",
            "description": "A template in which something was found.",
        }
        for digest in list(digests_found)[:MOST_SHOWN]
    ]


def _told(told: Sequence[TracedFinding]) -> str:
    """Return what was found, as a list in Markdown, the worst first."""
    lines = [
        f"- **{finding.outcome}** {_where(finding)}{markup(finding.message)}{_waiver(finding)}"
        for finding in told[:MOST_SHOWN]
    ]
    return "\n".join([*lines, *_more(len(told))])


def _where(finding: TracedFinding) -> str:
    places = [markup(place) for place in (finding.context, finding.resource, finding.path) if place]
    return f"{', '.join(places)}: " if places else ""


def _waiver(finding: TracedFinding) -> str:
    return f" ({markup(finding.waiver)})" if finding.waiver else ""


def _more(count: int) -> list[str]:
    return [f"- {count - MOST_SHOWN} more, which are in trace.json"] if count > MOST_SHOWN else []


def _finding(run: str, one: JudgedScenario, controls: Mapping[str, Controls]) -> Json:
    state, reason = _STATES[one.standing]
    risks = [{"risk-uuid": identifier(run, "risk", one.scenario.id)}] if one.standing is Standing.WAIVED else []
    return {
        "uuid": identifier(run, "finding", one.scenario.id),
        "title": markup(one.scenario.name),
        "description": _judged(one),
        "props": _props(one, controls),
        "origins": [origin()],
        "target": {
            "type": "objective-id",
            "target-id": token(one.scenario.id),
            "title": markup(one.scenario.name),
            "status": {"state": state, "reason": reason, "remarks": one.standing.value},
        },
        "related-observations": [{"observation-uuid": identifier(run, "observation", one.scenario.id)}],
    } | ({"related-risks": risks} if risks else {})


def _remarks(record: Record) -> str:
    told = [f"- {markup(trouble.where)}: {markup(trouble.message)}" for trouble in record.problems[:MOST_SHOWN]]
    times = "Start and end are the time of the commit, or SOURCE_DATE_EPOCH: no clock was read."
    if not told:
        return times
    return "\n".join([times, "", "Problems of the run:", "", *told, *_more(len(record.problems))])


def _counted(counts: Mapping[_Word, int], words: Iterable[_Word]) -> str:
    """Return counts in the order of the words: "2 compliant, 1 error"."""
    return ", ".join(f"{counts[word]} {word}" for word in words if counts.get(word))
