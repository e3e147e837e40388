"""Assessment results: every scenario is observed once, and only what is compliant is satisfied."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from evidence.model import Trouble
from evidence.oscal.assessment_results import MOST_SHOWN
from evidence.oscal.text import markup
from evidence.record import Standing
from policies.model import Outcome
from tests.evidence.oscal.documents import HOSTILE, Json, hostile, parts, props, result, results
from tests.evidence.records import DIGEST, PROVENANCE, WAIVER, finding, judged, record


def status(standing: Standing) -> Json | None:
    """Return how the finding on the only scenario of a record has it, None without a finding."""
    findings = result(record(standing)).get("findings")
    if findings is None:
        return None
    found: Json = findings[0]["target"]["status"]
    return found


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing.COMPLIANT, {"state": "satisfied", "reason": "pass", "remarks": "compliant"}),
        (Standing.WAIVED, {"state": "not-satisfied", "reason": "other", "remarks": "waived"}),
        (Standing.NOT_APPLICABLE, None),
        (Standing.NOT_RUN, None),
        (Standing.UNDETERMINED, {"state": "not-satisfied", "reason": "other", "remarks": "undetermined"}),
        (Standing.NON_COMPLIANT, {"state": "not-satisfied", "reason": "fail", "remarks": "non-compliant"}),
        (Standing.ERROR, {"state": "not-satisfied", "reason": "other", "remarks": "error"}),
    ],
)
def test_states(standing: Standing, said: Json | None) -> None:
    """Only what is compliant is satisfied; what applies nowhere or was not run is found neither so nor otherwise."""
    assert status(standing) == said


def test_what_is_waived_is_a_risk() -> None:
    """Its deviation is approved by the waivers that are named, each once; nothing else is a risk."""
    found = [finding(Standing.WAIVED, resource=name) for name in ("Table", "Other")]
    said = result(record(Standing.COMPLIANT, Standing.WAIVED, findings=found))
    (risk,), (observation,) = said["risks"], [one for one in said["observations"] if "waived" in one["title"]]
    assert {key: value for key, value in risk.items() if key not in {"uuid", "props", "origins"}} == {
        "title": "It is waived",
        "description": "The scenario is waived. Verdicts: 1 compliant, 1 waived.",
        "statement": f"Violated where these waivers cover it:\n\n- {markup(WAIVER)}",
        "status": "deviation-approved",
        "related-observations": [{"observation-uuid": observation["uuid"]}],
    }
    assert observation["remarks"].count(f"({markup(WAIVER)})") == 2
    related = {props(one)["standing"]: one.get("related-risks") for one in said["findings"]}
    assert related == {"compliant": None, "waived": [{"risk-uuid": risk["uuid"]}]}
    others = [one for one in Standing if one is not Standing.WAIVED]
    assert "risks" not in result(record(*others))


def test_contexts_without_verdict() -> None:
    """A scenario that is compliant where it was judged, but was not judged everywhere, is not satisfied."""
    lacking = record(scenarios=(judged(Standing.COMPLIANT, lacking=1),))
    said = result(lacking)
    assert "findings" not in said
    assert props(said["observations"][0])["standing"] == "not-run"
    assert said["observations"][0]["description"].endswith(
        "The scenario is not-run. Verdicts: 2 compliant. Contexts without a verdict: 1."
    )


def test_every_scenario_is_observed_once() -> None:
    """Each scenario has one observation and at most one finding, with our own word for how it stands."""
    whole = record()
    said = result(whole)
    expected = [(one.scenario.id, one.standing.value) for one in whole.scenarios]
    assert [(props(one)["scenario"], props(one)["standing"]) for one in said["observations"]] == expected
    neither = {"not-applicable", "not-run"}
    found = [(props(one)["scenario"], props(one)["standing"]) for one in said["findings"]]
    assert found == [each for each in expected if each[1] not in neither]


def test_findings_rest_on_observations() -> None:
    """Each finding names the observation on its scenario, and an objective that the document defines."""
    said = results(record())
    result_of = said["assessment-results"]["results"][0]
    observed = {one["uuid"]: props(one)["scenario"] for one in result_of["observations"]}
    objectives = {
        part["id"]: props(part)["scenario"]
        for control in said["assessment-results"]["local-definitions"]["objectives-and-methods"]
        for part in control["parts"]
    }
    for one in result_of["findings"]:
        scenario = props(one)["scenario"]
        assert [observed[each["observation-uuid"]] for each in one["related-observations"]] == [scenario]
        assert objectives[one["target"]["target-id"]] == scenario


def test_observation() -> None:
    """An observation says what was judged, how often, of what, by what, with what evidence, and what was found."""
    said = result(record(Standing.NON_COMPLIANT))["observations"][0]
    assert props(said) == {
        "assessment-rule-id": "storage#table-keys/it-is-non-compliant",
        "scenario": "storage#table-keys/it-is-non-compliant",
        "standing": "non-compliant",
        "nist-sp-800-53-rev-5": "sc-28.1",
        "aws-foundational-security-best-practices": "DynamoDB.2",
        "cis-aws-foundations": "v1.4.0/1.16",
        "verdicts-not-applicable": "0",
        "verdicts-compliant": "1",
        "verdicts-waived": "0",
        "verdicts-undetermined": "0",
        "verdicts-non-compliant": "1",
        "verdicts-error": "0",
        "verdicts-lacking": "0",
    }
    tool = said["origins"][0]["actors"][0]["actor-uuid"]
    component = said["subjects"][0]["subject-uuid"]
    assert {key: value for key, value in said.items() if key not in {"uuid", "props"}} == {
        "title": "It is non-compliant",
        "description": (
            "- **WHEN** the table is \\<It is non-compliant\\>\n- **THEN** it SHALL hold\n\n"
            "The scenario is non-compliant. Verdicts: 1 compliant, 1 non-compliant."
        ),
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [{"actors": [{"type": "tool", "actor-uuid": tool}]}],
        "subjects": [
            {"subject-uuid": component, "type": "component", "title": "WorthWatch DynamoDB storage"},
        ],
        "relevant-evidence": [
            {"href": "../trace.json", "description": "Every scenario, context and finding of the run."},
            {
                "href": f"../templates/{DIGEST.removeprefix('sha256:')}.json",
                "description": "A template in which something was found.",
            },
        ],
        "collected": "2026-11-22T12:00:00Z",
        "remarks": (
            r"- **non-compliant** prod, Table, \$.Resources.Table.Properties.SSESpecification.SSEEnabled: "
            "the table is encrypted with a key that AWS owns"
        ),
    }


def test_what_was_judged() -> None:
    """The component and the tool carry the digests of what was judged, and by what."""
    local = result(record())["local-definitions"]
    assert props(local["components"][0]) == {
        "stack-digest": PROVENANCE.basis["stack"],
        "templates": "1",
        "contexts": "2",
    }
    tool = local["assessment-assets"]["components"][0]
    assert props(tool) == {
        "version": "0.1.0",
        "rules-digest": PROVENANCE.basis["rules"],
        "specs-digest": PROVENANCE.basis["specs"],
    }
    platform = local["assessment-assets"]["assessment-platforms"][0]
    assert platform["uses-components"] == [{"component-uuid": tool["uuid"]}]
    assert props(platform) == {"python-version": "3.11.7", "node-version": "24.18.0"}


def test_reviewed_controls() -> None:
    """The requirements are reviewed, and the controls that the scenarios serve; without those, only the former."""
    ours = ["spec.storage.table-keys"]
    selections = result(record())["reviewed-controls"]["control-selections"]
    ids = [[one["control-id"] for one in each["include-controls"]] for each in selections]
    assert ids == [ours, ["sc-28", "sc-28.1"]]


def test_metadata() -> None:
    """The version is the commit's, and says where it is not what was judged; without one it is the package's."""
    modified = record(provenance=replace(PROVENANCE, modified=True))
    none = record(provenance=replace(PROVENANCE, commit=None))
    said = [results(each)["assessment-results"]["metadata"] for each in (record(), modified, none)]
    assert [each["version"] for each in said] == [PROVENANCE.commit, f"{PROVENANCE.commit}-modified", "0.1.0"]
    assert {each["last-modified"] for each in said} == {"2026-11-22T12:00:00Z"}
    assert {each["oscal-version"] for each in said} == {"1.2.1"}


def test_assessment_plan() -> None:
    """What stands for the assessment plan is the specs, which lie in the bundle, whatever path they were read from."""
    whole = record()
    elsewhere = replace(whole, specs=(replace(whole.specs[0], path="/home/someone/specs/storage/spec.md"),))
    said = results(elsewhere)["assessment-results"]
    resource = said["back-matter"]["resources"][0]
    assert said["import-ap"]["href"] == f"#{resource['uuid']}"
    assert resource["rlinks"] == [{"href": "../specs/storage/spec.md", "media-type": "text/markdown"}]


def test_problems_are_told() -> None:
    """What is wrong with the run stands in the remarks of the result, and is counted."""
    said = result(record(problems=(Trouble("prod", "no *template*"),)))
    assert said["remarks"].endswith("Problems of the run:\n\n- prod: no \\*template\\*")
    assert {name: value for name, value in props(said).items() if name in {"problems", "exit-code"}} == {
        "problems": "1",
        "exit-code": "2",
    }


def test_counts() -> None:
    """The result counts the scenarios by how they stand."""
    said = {name: value for name, value in props(result(record())).items() if name.startswith("scenarios-")}
    assert said == {f"scenarios-{standing}": "1" for standing in Standing}


def test_many_findings_are_cut() -> None:
    """However much was found, so much is told, and the rest counted."""
    many = tuple(
        finding(Standing.NON_COMPLIANT, message=f"message {number}", template=f"sha256:{number:064x}")
        for number in range(MOST_SHOWN + 2)
    )
    said = result(record(Standing.NON_COMPLIANT, findings=many))["observations"][0]
    lines = said["remarks"].splitlines()
    assert (len(lines), lines[-1]) == (MOST_SHOWN + 1, "- 2 more, which are in trace.json")
    assert len(said["relevant-evidence"]) == MOST_SHOWN + 1
    troubled = result(record(problems=tuple(Trouble(str(number), "x") for number in range(MOST_SHOWN + 3))))
    assert troubled["remarks"].splitlines()[-1] == "- 3 more, which are in trace.json"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    """Whatever text a record holds, each property is a line, each title one of plain text, and all of it is short."""
    said = results(hostile(text))
    for part in parts(said):
        if "value" in part:
            assert part["value"] == part["value"].strip() != ""
            assert part["value"].isprintable()
        if "title" in part:
            assert part["title"].isprintable()
            assert part["title"].strip()
            assert "<" not in part["title"].replace("\\<", "")
    assert all(len(each) < 3_000 for part in parts(said) for each in part.values() if isinstance(each, str))


def test_same_record_same_document() -> None:
    """A record always gives the same document; the order in which verdicts came does not show."""
    whole = record()
    turned = tuple(replace(one, outcomes=Counter(dict(reversed(one.outcomes.items())))) for one in whole.scenarios)
    assert results(whole) == results(record())
    assert results(replace(whole, scenarios=turned)) == results(whole)


def test_other_results_other_document() -> None:
    """Another outcome, or another run, gives other identifiers to the document and to its observations."""
    whole = record()
    worse = replace(whole, scenarios=(judged(Standing.COMPLIANT, outcomes=Counter({Outcome.ERROR: 2})),))
    later = replace(whole, provenance=replace(PROVENANCE, commit="f" * 40))
    said = [results(each)["assessment-results"] for each in (whole, worse, later)]
    assert len({each["uuid"] for each in said}) == 3
    observations = [each["results"][0]["observations"][0]["uuid"] for each in said]
    assert len(set(observations)) == 3
    components = {each["results"][0]["local-definitions"]["components"][0]["uuid"] for each in said}
    assert len(components) == 1
