"""The component definition: every scenario with its rule, and the controls that it serves by their set."""

from __future__ import annotations

from dataclasses import replace

from evidence.oscal import component_definition
from evidence.oscal.component_definition import FSBP, NIST
from evidence.oscal.controls import read_controls
from evidence.record import JudgedScenario, Standing
from policies.catalogue import load, shipped_specs
from policies.specs import read_specs
from tests.evidence.oscal.documents import Json, component, definition, props, results
from tests.evidence.records import OUTCOMES, judged, record

CIS = "urn:worthwatch:storage-compliance:cis-aws-foundations"


def implementations(said: Json) -> dict[str, Json]:
    """Return the sets of controls of a component by their source."""
    return {each["source"]: each for each in said["control-implementations"]}


def test_rule_sets() -> None:
    """Each scenario is a rule set: what is required, which rule judges it, and what that rule's page begins with."""
    rules = [one for one in component(record(Standing.COMPLIANT, Standing.ERROR))["props"] if "remarks" in one]
    assert {one["ns"] for one in rules} == {"https://oscal-compass.github.io/compliance-trestle/schemas/oscal/cd"}
    assert [(one["remarks"], one["name"], one["value"]) for one in rules] == [
        ("rule_set_00", "Rule_Id", "storage#table-keys/it-is-compliant"),
        ("rule_set_00", "Rule_Description", "WHEN the table is <It is compliant>; THEN it SHALL hold"),
        ("rule_set_00", "Check_Id", "policies.table_keys.it_is_compliant"),
        ("rule_set_00", "Check_Description", "A page."),
        ("rule_set_01", "Rule_Id", "storage#table-keys/it-is-error"),
        ("rule_set_01", "Rule_Description", "WHEN the table is <It is error>; THEN it SHALL hold"),
        ("rule_set_01", "Check_Id", "policies.table_keys.it_is_error"),
        ("rule_set_01", "Check_Description", "A page."),
    ]


def test_specs_are_a_set_of_controls() -> None:
    """A requirement is a control, and its scenarios are its statements, with why they serve what they serve."""
    said = definition(record(Standing.COMPLIANT, Standing.ERROR))["component-definition"]
    ours = said["components"][0]["control-implementations"][0]
    assert ours["source"] == f"#{said['back-matter']['resources'][0]['uuid']}"
    (requirement,) = ours["implemented-requirements"]
    assert (requirement["control-id"], requirement["description"]) == (
        "spec.storage.table-keys",
        "The table SHALL have keys.",
    )
    assert [(one["statement-id"], one["description"], one["remarks"]) for one in requirement["statements"]] == [
        (
            "spec.storage.table-keys.it-is-compliant",
            "- **WHEN** the table is \\<It is compliant\\>\n- **THEN** it SHALL hold",
            "It encrypts.",
        ),
        (
            "spec.storage.table-keys.it-is-error",
            "- **WHEN** the table is \\<It is error\\>\n- **THEN** it SHALL hold",
            "It is a name.",
        ),
    ]


def test_published_controls() -> None:
    """Each set of controls names those that a scenario serves, and which rules judge that; the pages are resources."""
    said = definition(record(Standing.COMPLIANT, Standing.ERROR))["component-definition"]
    _, *published = said["components"][0]["control-implementations"]
    assert {each["source"]: [one["control-id"] for one in each["implemented-requirements"]] for each in published} == {
        NIST: ["sc-28", "sc-28.1"],
        FSBP: ["DynamoDB.2"],
        f"{CIS}:v1.2.0": ["cis-1.22"],
        f"{CIS}:v1.4.0": ["cis-1.16"],
    }
    one = published[0]["implemented-requirements"][0]
    assert props(one) == {
        "Rule_Id": "storage#table-keys/it-is-compliant",
        "scenario": "storage#table-keys/it-is-compliant",
    }
    assert one["description"] == "Served by: It is compliant."
    assert one["remarks"] == (
        "It is compliant:\n\n- **WHEN** the table is \\<It is compliant\\>\n- **THEN** it SHALL hold\n\nIt encrypts."
    )
    assert said["back-matter"]["resources"][1]["rlinks"] == [{"href": "https://docs.aws.amazon.com/page.html"}]


def test_several_scenarios_serve_one_control() -> None:
    """A control that several scenarios serve stands once, with the rules of all of them."""
    said = component(record(Standing.COMPLIANT, Standing.NOT_RUN, Standing.ERROR))
    one = implementations(said)[NIST]["implemented-requirements"][0]
    rules = [each["value"] for each in one["props"] if each["name"] == "Rule_Id"]
    assert rules == ["storage#table-keys/it-is-compliant", "storage#table-keys/it-is-error"]


def test_claims_nothing_of_results() -> None:
    """What came of a run does not show but in the identifiers: the definition says what is required."""
    good = record(scenarios=(judged(Standing.COMPLIANT),))
    bad = replace(good, scenarios=(judged(Standing.COMPLIANT, outcomes=OUTCOMES[Standing.ERROR]),))
    assert definition(good) == definition(bad)


def test_same_component_in_both_documents() -> None:
    """The component and the specs have one identifier in both documents, so that results join definitions."""
    whole = record()
    said, defined = results(whole)["assessment-results"], definition(whole)["component-definition"]
    (subject,) = said["results"][0]["local-definitions"]["components"]
    assert subject["uuid"] == defined["components"][0]["uuid"]
    assert said["back-matter"]["resources"][0] == defined["back-matter"]["resources"][0]
    rules = {each["value"] for each in defined["components"][0]["props"] if each["name"] == "Rule_Id"}
    assert {props(each)["assessment-rule-id"] for each in said["results"][0]["observations"]} == rules


def test_shipped_rules() -> None:
    """For the specs and rules that are shipped, each Check_Id is the name of the rule that is there."""
    requirements = {
        one.id: each for spec in read_specs(shipped_specs()) for each in spec.requirements for one in each.scenarios
    }
    scenarios = tuple(
        JudgedScenario(entry.scenario, requirements[entry.scenario.id], entry.page, OUTCOMES[Standing.COMPLIANT])
        for entry in load()
    )
    controls = read_controls([one.scenario.id for one in scenarios])
    said = component_definition.render(record(scenarios=scenarios), controls)
    checks = [
        one["value"] for one in said["component-definition"]["components"][0]["props"] if one["name"] == "Check_Id"
    ]
    assert checks == [f"{entry.rule.check.__module__}.{entry.rule.check.__name__}" for entry in load()]
