"""The reference stack as a component definition of OSCAL 1.2: which controls its scenarios serve, and by which rules.

It says what is required and judged, not what came of it. The properties of the rules are those by which tools of OSCAL
Compass join results to them: https://oscal-compass.github.io/compliance-trestle/
The model: https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/component-definition/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evidence.identifiers import identifier
from evidence.oscal.controls import Controls
from evidence.oscal.parts import (
    COMPASS_NAMESPACE,
    COMPONENT,
    COMPONENT_DESCRIPTION,
    COMPONENT_TITLE,
    NAMESPACE,
    Json,
    by_requirement,
    controls_props,
    digests,
    document,
    metadata,
    prop,
    sources,
    specs,
)
from evidence.oscal.text import markup, steps, token
from evidence.record import JudgedScenario, Record

NIST = "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final"
FSBP = "https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html"
CIS = f"{NAMESPACE}:cis-aws-foundations"

_RULES = f"{COMPASS_NAMESPACE}/cd"

_Served = dict[tuple[str, str], list[JudgedScenario]]
"""The scenarios that serve a control, by the set of controls that it is of and its id."""


def render(record: Record, controls: Mapping[str, Controls]) -> Json:
    """Return the document; `controls` holds those of each scenario of the record, by its id.

    It is for the folder `reports` of a bundle: what it refers to lies beside that folder.
    """
    required = specs(record)
    return document(
        "component-definition",
        {
            "metadata": metadata(record, f"Storage compliance: {COMPONENT_TITLE}"),
            "components": [
                {
                    "uuid": COMPONENT,
                    "type": "software",
                    "title": COMPONENT_TITLE,
                    "description": COMPONENT_DESCRIPTION,
                    "props": [*digests(record, "stack", "rules"), *_rule_sets(record)],
                    "control-implementations": [
                        _of_specs(record, f"#{required['uuid']}", controls),
                        *_implementations(record, controls),
                    ],
                }
            ],
            "back-matter": {
                "resources": [required, *sources(controls[one.scenario.id] for one in record.scenarios)],
            },
        },
    )


def _rule_sets(record: Record) -> Iterator[Json]:
    for number, one in enumerate(record.scenarios):
        properties = {
            "Rule_Id": one.scenario.id,
            "Rule_Description": "; ".join(f"{step.keyword} {step.text}" for step in one.scenario.steps),
            "Check_Id": _rule(one),
            "Check_Description": one.page.partition("\n")[0],
        }
        for name, value in properties.items():
            yield prop(name, value, _RULES, remarks=f"rule_set_{number:02}")


def _rule(one: JudgedScenario) -> str:
    """Return the rule's dotted name, which the scenario's id gives (`policies.catalogue`)."""
    return f"policies.{one.scenario.requirement_slug}.{one.scenario.slug}".replace("-", "_")


def _of_specs(record: Record, source: str, controls: Mapping[str, Controls]) -> Json:
    """Return the specs as a set of controls: a requirement is a control, and its scenarios are its statements."""
    return {
        "uuid": identifier("control-implementation", source),
        "source": source,
        "description": "The requirements of the specs, and the scenarios that make each of them up.",
        "implemented-requirements": [
            {
                "uuid": identifier("implemented-requirement", source, id_),
                "control-id": token(id_),
                "description": markup(judged[0].requirement.text),
                "props": _rule_ids(judged),
                "statements": [_statement(one, controls[one.scenario.id]) for one in judged],
            }
            for id_, judged in by_requirement(record).items()
        ],
    }


def _statement(one: JudgedScenario, controls: Controls) -> Json:
    return {
        "statement-id": token(one.scenario.id),
        "uuid": identifier("statement", one.scenario.id),
        "description": steps(one.scenario.steps),
        "props": [*_rule_ids([one]), prop("scenario", one.scenario.id), *controls_props(controls)],
        "remarks": markup(controls.why),
    }


def _rule_ids(judged: Sequence[JudgedScenario]) -> list[Json]:
    return [prop("Rule_Id", one.scenario.id, _RULES) for one in judged]


def _implementations(record: Record, controls: Mapping[str, Controls]) -> Iterator[Json]:
    """Return the published sets of controls, with those of their controls that scenarios serve."""
    served = _served(record, controls)
    for source in dict.fromkeys(source for source, _ in served):
        yield {
            "uuid": identifier("control-implementation", source),
            "source": source,
            "description": "The controls that scenarios of the specs serve; none of them does all that a control asks.",
            "implemented-requirements": [
                {
                    "uuid": identifier("implemented-requirement", source, id_),
                    "control-id": id_,
                    "description": f"Served by: {'; '.join(markup(one.scenario.name) for one in judged)}.",
                    "props": [*_rule_ids(judged), *(prop("scenario", one.scenario.id) for one in judged)],
                    "remarks": "\n\n".join(_quoted(one, controls[one.scenario.id]) for one in judged),
                }
                for (other, id_), judged in served.items()
                if other == source
            ],
        }


def _served(record: Record, controls: Mapping[str, Controls]) -> _Served:
    served: _Served = {}
    for one in record.scenarios:
        theirs = controls[one.scenario.id]
        ids = [
            *((NIST, id_) for id_ in theirs.nist),
            *((FSBP, id_) for id_ in theirs.fsbp),
            *(
                (f"{CIS}:{version}", f"cis-{number}")
                for version, _, number in (id_.partition("/") for id_ in theirs.cis)
            ),
        ]
        for id_ in ids:
            served.setdefault(id_, []).append(one)
    return served


def _quoted(one: JudgedScenario, controls: Controls) -> str:
    return f"{markup(one.scenario.name)}:\n\n{steps(one.scenario.steps)}\n\n{markup(controls.why)}"
