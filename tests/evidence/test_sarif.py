"""A record as SARIF: what it tells of findings, what it never tells, and what stays the same from run to run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from evidence import sarif
from evidence.bundle.canonical import canonical
from evidence.model import TracedFinding, Trouble
from evidence.record import Record, Standing
from evidence.sarif import render
from policies.model import Outcome
from tests.evidence.records import DIGEST, TEMPLATE, WAIVER, context, finding, judged, record

BAD = (Standing.WAIVED, Standing.UNDETERMINED, Standing.NON_COMPLIANT, Standing.ERROR)
SSE = "$.Resources.Table.Properties.SSESpecification"


def run_of(told: Record, templates: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """Return the one run of a record."""
    log = render(told, ({DIGEST: TEMPLATE} if templates is None else templates).get)
    assert {**log, "runs": len(log["runs"])} == {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": 1,
    }
    run: dict[str, Any] = log["runs"][0]
    return run


def result_of(one: TracedFinding, templates: Mapping[str, bytes] | None = None) -> dict[str, Any]:
    """Return the one result of a record of one finding, a non-compliant one."""
    (result,) = run_of(record(Standing.NON_COMPLIANT, findings=(one,)), templates)["results"]
    told: dict[str, Any] = result
    return told


def region_of(one: TracedFinding, template: bytes = TEMPLATE) -> list[int]:
    """Return the region of the one result of a finding: line and column of its start and of its end."""
    (location,) = result_of(one, {DIGEST: template})["locations"]
    region = location["physicalLocation"]["region"]
    return [region[name] for name in ("startLine", "startColumn", "endLine", "endColumn")]


def fingerprints(told: Record, templates: Mapping[str, bytes] | None = None) -> list[str]:
    """Return the fingerprints of a record's results, in order."""
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(told, templates)["results"]]


def named(data: bytes) -> str:
    """Return the digest of a template."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_a_result_tells_all_of_its_finding() -> None:
    """A violation is a failure at its place in the template, with what was found and in which contexts."""
    one = finding(
        Standing.NON_COMPLIANT,
        contexts=(0, 1),
        assuming=("IsProd is true",),
        minimal={"worthwatch:stage": "prod"},
        command="storage-compliance check",
    )
    fingerprint = result_of(one)["partialFingerprints"]["primaryLocationLineHash"]
    assert result_of(one) == {
        "ruleId": "storage#table-keys/it-is-non-compliant",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "error",
        "message": {
            "text": "non-compliant: the table is encrypted with a key that AWS owns\n"
            "resource: Table\n"
            "path: $.Resources.Table.Properties.SSESpecification.SSEEnabled\n"
            "expected: encryption on\n"
            "mend: set encryption\n"
            "assuming: IsProd is true\n"
            "context: prod and 1 other\n"
            "see it: storage-compliance check"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "cdk.out/WorthWatchStorage.template.json",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 8, "startColumn": 20, "endLine": 8, "endColumn": 25},
                },
                "logicalLocations": [
                    {"name": "Table", "fullyQualifiedName": "Storage/Storage/Table/Resource", "kind": "resource"}
                ],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        "suppressions": [],
        "properties": {
            "standing": "non-compliant",
            "template": DIGEST,
            "contexts": ["dev", "prod"],
            "contextCount": 2,
            "assuming": ["IsProd is true"],
            "found": "false",
            "expected": "encryption on",
            "minimalContext": '{"worthwatch:stage": "prod"}',
        },
    }


def test_a_rule_is_a_scenario() -> None:
    """Every scenario is a rule, in the order of the specs, whatever came of it; it says what GitHub shows of one."""
    rules = run_of(record())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [f"storage#table-keys/it-is-{standing}" for standing in Standing]
    assert rules[2] == {
        "id": "storage#table-keys/it-is-not-applicable",
        "name": "ItIsNotApplicable",
        "shortDescription": {"text": "Table Keys: It is not-applicable"},
        "fullDescription": {
            "text": "The table SHALL have keys. WHEN the table is <It is not-applicable>; THEN it SHALL hold"
        },
        "help": {
            "text": "WHEN the table is <It is not-applicable>; THEN it SHALL hold\n\nA page.",
            "markdown": "- **WHEN** the table is <It is not-applicable>\n- **THEN** it SHALL hold\n\nA page.",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["compliance", "storage", "table-keys"],
            "precision": "very-high",
            "problem.severity": "error",
        },
    }


def test_a_run_tells_of_what_and_by_what() -> None:
    """A clean run is successful and has no result; its category is its matrix, its id the commit."""
    told = record(Standing.COMPLIANT)
    run = run_of(told)
    del run["tool"]["driver"]["rules"]
    assert run == {
        "tool": {"driver": {"name": "storage-compliance", "semanticVersion": "0.1.0"}},
        "automationDetails": {"id": f"storage-compliance/smoke/{told.provenance.commit}"},
        "invocations": [{"executionSuccessful": True, "exitCode": 0, "toolExecutionNotifications": []}],
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The root of the repository, below which cdk.out is written."}}
        },
        "columnKind": "utf16CodeUnits",
        "results": [],
        "properties": {
            "commit": told.provenance.commit,
            "modified": False,
            "time": "2026-11-22T12:00:00Z",
            "basis": dict(told.provenance.basis),
            "standings": {"storage#table-keys/it-is-compliant": "compliant"},
        },
    }
    outside = replace(told, provenance=replace(told.provenance, commit=None))
    assert run_of(outside)["automationDetails"] == {"id": "storage-compliance/smoke/"}


@pytest.mark.parametrize(
    ("standing", "results", "notifications", "successful", "exit_code"),
    [
        (Standing.COMPLIANT, [], [], True, 0),
        (Standing.WAIVED, ["waived"], [], True, 0),
        (
            Standing.NOT_APPLICABLE,
            [],
            ["not-applicable: storage#table-keys/it-is-not-applicable applied in no context"],
            False,
            2,
        ),
        (Standing.NOT_RUN, [], ["not-run: storage#table-keys/it-is-not-run has no verdict"], False, 2),
        (Standing.UNDETERMINED, ["undetermined"], [], False, 2),
        (Standing.NON_COMPLIANT, ["non-compliant"], [], True, 1),
        (Standing.ERROR, ["error"], [], False, 2),
    ],
)
def test_no_standing_but_compliant_is_told_as_a_clean_run(
    standing: Standing, results: list[str], notifications: list[str], successful: bool, exit_code: int
) -> None:
    """What is no pass is a result or a notification in its own word, and never a pass; a pass is neither."""
    run = run_of(record(standing))
    (invocation,) = run["invocations"]
    assert [one["properties"]["standing"] for one in run["results"]] == results
    assert [one["message"]["text"].partition(":")[0] for one in run["results"]] == results
    assert {one["level"] for one in run["results"]} <= {"error"}
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == notifications
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (successful, exit_code)


def test_what_is_waived_is_a_result_that_is_suppressed() -> None:
    """It keeps its level and is told with its waiver; of a run all results say whether they are suppressed."""
    results = run_of(record())["results"]
    suppressed = [{"kind": "external", "status": "accepted", "justification": WAIVER}]
    assert [(one["properties"]["standing"], one["level"], one["suppressions"]) for one in results] == [
        ("error", "error", []),
        ("non-compliant", "error", []),
        ("undetermined", "error", []),
        ("waived", "error", suppressed),
    ]
    assert f"\nwaiver: {WAIVER}\n" in results[-1]["message"]["text"]
    unwaived = finding(Standing.WAIVED, outcome=Outcome.NON_COMPLIANT, waiver=None)
    assert fingerprints(record(Standing.WAIVED, findings=(unwaived,))) == fingerprints(record(Standing.WAIVED))


@pytest.mark.parametrize("outcome", [Outcome.COMPLIANT, Outcome.NOT_APPLICABLE])
def test_a_pass_is_never_a_result(outcome: Outcome) -> None:
    """A finding that is none is left out without a word."""
    run = run_of(record(Standing.COMPLIANT, findings=(finding(Standing.COMPLIANT, outcome=outcome),)))
    assert (run["results"], run["invocations"][0]["toolExecutionNotifications"]) == ([], [])


def test_what_kept_the_run_from_judging_is_notified() -> None:
    """A problem, contexts without a verdict, and a record of nothing make a run unsuccessful, and say why."""
    lacking = judged(Standing.NON_COMPLIANT, lacking=1_200)
    trouble = Trouble("prod", "the CDK\nfailed: {0}")
    told = record(Standing.NON_COMPLIANT, scenarios=(judged(Standing.COMPLIANT), lacking), problems=(trouble,))
    name = "storage#table-keys/it-is-non-compliant"
    assert run_of(told)["invocations"] == [
        {
            "executionSuccessful": False,
            "exitCode": 2,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": "prod: the CDK\nfailed: {{0}}"}},
                {
                    "level": "error",
                    "message": {"text": f"not-run: {name} has no verdict in 1,200 of the contexts"},
                    "associatedRule": {"id": name, "index": 1},
                },
            ],
        }
    ]
    nothing = record(Standing.COMPLIANT, scenarios=())
    assert run_of(nothing)["invocations"] == [
        {
            "executionSuccessful": False,
            "exitCode": 2,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": "not-run: there is no scenario, so nothing was judged"}}
            ],
        }
    ]


@pytest.mark.parametrize(
    ("path", "region", "message"),
    [
        (SSE, [7, 25, 9, 6], None),
        (f"{SSE}.KMSMasterKeyId", [7, 25, 9, 6], f"nothing stands at {SSE}.KMSMasterKeyId; this is what would hold it"),
        ("$.Transform", [1, 1, 16, 2], "nothing stands at $.Transform; this is what would hold it"),
        ("(Nested)$.Resources.Table", [3, 12, 14, 4], None),
        (None, [3, 12, 14, 4], None),
    ],
)
def test_a_finding_points_at_what_it_is_about(path: str | None, region: list[int], message: str | None) -> None:
    """It is at its path, at what would hold what is not there, or else at its resource."""
    one = finding(Standing.NON_COMPLIANT, path=path)
    (location,) = result_of(one)["locations"]
    assert region_of(one) == region
    assert location.get("message") == (None if message is None else {"text": message})


@pytest.mark.parametrize("templates", [{}, {DIGEST: b"Resources: {}"}, {DIGEST: b'{"Resources": {"Table": '}])
def test_a_finding_on_a_template_that_cannot_be_read_is_at_its_start(templates: Mapping[str, bytes]) -> None:
    """It has a region all the same, and its resource's logical id."""
    (location,) = result_of(finding(Standing.NON_COMPLIANT), templates)["locations"]
    assert location == {
        "physicalLocation": {
            "artifactLocation": {
                "uri": "cdk.out/WorthWatchStorage.template.json",
                "uriBaseId": "%SRCROOT%",
            },
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
        },
        "logicalLocations": [{"name": "Table", "fullyQualifiedName": "Table", "kind": "resource"}],
    }


@pytest.mark.parametrize(
    "metadata", ["{}", "[]", "null", '{"aws:cdk:path": 1}', '{"aws:cdk:path": ["Storage"]}', '{"aws:cdk:Path": "A/B"}']
)
def test_a_resource_without_a_construct_path_is_named_by_its_logical_id(metadata: str) -> None:
    """Metadata is the template's own, and may be anything."""
    template = f'{{"Resources": {{"Table": {{"Metadata": {metadata}}}}}}}'.encode()
    (location,) = result_of(finding(Standing.NON_COMPLIANT), {DIGEST: template})["locations"]
    assert location["logicalLocations"] == [{"name": "Table", "fullyQualifiedName": "Table", "kind": "resource"}]


@pytest.mark.parametrize(
    ("named_context", "logical"), [("prod", {"logicalLocations": [{"name": "prod", "kind": "context"}]}), (None, {})]
)
def test_a_finding_without_a_template_is_at_the_app(named_context: str | None, logical: dict[str, Any]) -> None:
    """A context of which no template came, and the matrix as a whole, are placed at what names the app."""
    one = finding(Standing.NON_COMPLIANT, template=None, context=named_context, contexts=(), resource=None, path=None)
    assert result_of(one)["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "cdk.json", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
            },
            **logical,
        }
    ]


def test_rules_are_referred_to_by_id_and_index() -> None:
    """Each result's index is its rule's place, and no two rules have one id."""
    run = run_of(record())
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [ids[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]
    assert len(run["results"]) == len(BAD)
    assert len(set(ids)) == len(ids) == len(Standing)


def test_fingerprints_stay_when_something_else_changes() -> None:
    """Neither lines, nor spaces, nor another resource, another context, other names or a digest change them."""
    before = fingerprints(record())
    document = json.loads(TEMPLATE)
    document["Resources"] = {"Another": {"Type": "AWS::SQS::Queue"}, **document["Resources"]}
    for template in (b"\n\n\n" + TEMPLATE, json.dumps(json.loads(TEMPLATE)).encode(), json.dumps(document).encode()):
        changed = [finding(standing, template=named(template)) for standing in reversed(BAD)]
        assert fingerprints(record(findings=tuple(changed)), {named(template): template}) == before
    elsewhere = [finding(standing, context="new", contexts=(0, 1, 2)) for standing in reversed(BAD)]
    contexts = tuple(context(name) for name in ("new", "other", "third"))
    assert fingerprints(record(findings=tuple(elsewhere), contexts=contexts)) == before
    more = finding(Standing.ERROR, message="another", resource="Another")
    assert set(fingerprints(record(findings=(more, *record().findings)))) > set(before)
    told = finding(Standing.ERROR, message=f"sha256:{'a' * 64}: not valid JSON")
    other = replace(told, message=f"sha256:{'b' * 64}: not valid JSON")
    assert fingerprints(record(findings=(told,))) == fingerprints(record(findings=(other,)))


def test_fingerprints_tell_results_apart() -> None:
    """What differs in scenario, resource, path, message or what was found differs in its fingerprint, or by a count."""
    one = finding(Standing.ERROR)
    digests = [replace(one, message=f"sha256:{digit * 64}: refused") for digit in "abc"]
    found = (
        *record().findings,
        replace(one, resource="Other"),
        replace(one, path="$.Resources"),
        replace(one, path=None),
        replace(one, message="another"),
        replace(one, found=["dynamodb:DeleteTable"]),
        *digests,
    )
    told = fingerprints(record(findings=found))
    assert len(set(told)) == len(told) == len(found)
    assert [fingerprint.rpartition(":")[2] for fingerprint in told] == ["1"] * 10 + ["2", "3"]


def test_untrusted_text_is_text() -> None:
    """Nothing in a message is a placeholder, a link or a control character; half a character is an escape."""
    hostile = "see {0} [here](http://attacker.example)\x1b[31m\ud800\u202e"
    one = finding(
        Standing.NON_COMPLIANT,
        message=hostile,
        found={"\ud800": 2**60},
        assuming=(hostile,),
        expected=hostile,
        resource="Ta\x00ble",
        path=None,
        remedy=None,
    )
    result = result_of(one)
    text = "see {{0}} [here] (http://attacker.example)\\x1b[31m\\ud800\\u202e"
    assert result["message"]["text"] == (
        f"non-compliant: {text}\nresource: Ta\\x00ble\nexpected: {text}\nassuming: {text}\ncontext: prod"
    )
    assert result["properties"]["found"] == '{"\\ud800": 1152921504606846976}'
    assert json.loads(canonical(result)) == result


def test_long_text_is_cut() -> None:
    """However long what is found or said is, a result and a rule are as short as GitHub takes them."""
    long = "x" * 100_000
    result = result_of(
        finding(Standing.NON_COMPLIANT, message=long, found=[long], expected=long, assuming=(long,) * 99)
    )
    assert len(json.dumps(result)) < 30_000
    scenario = judged(Standing.COMPLIANT).scenario
    one = judged(Standing.COMPLIANT, scenario=replace(scenario, name=f"A{long}"), page=long)
    (rule,) = run_of(record(Standing.COMPLIANT, scenarios=(one,)))["tool"]["driver"]["rules"]
    assert (len(rule["name"]), len(rule["shortDescription"]["text"])) == (255, 1_001)


def test_many_contexts_are_counted() -> None:
    """Of those that show a finding the first are named."""
    contexts = tuple(context(f"c{i}") for i in range(1_000))
    one = finding(Standing.NON_COMPLIANT, contexts=tuple(range(1_000)))
    (result,) = run_of(record(Standing.NON_COMPLIANT, findings=(one,), contexts=contexts))["results"]
    told = result["properties"]
    assert (told["contexts"], told["contextCount"]) == ([f"c{i}" for i in range(20)], 1_000)


@pytest.mark.parametrize(("limit", "value"), [("MAX_RESULTS", 2), ("MAX_LENGTH", 2_600)])
def test_what_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """Beyond what GitHub takes, the worst are kept, and a notification counts the rest."""
    monkeypatch.setattr(sarif, limit, value)
    run = run_of(record(*BAD))
    assert [one["properties"]["standing"] for one in run["results"]] == ["error", "non-compliant"]
    text = "Findings left out: 2. GitHub takes no more; the bundle's verdicts hold all."
    assert run["invocations"][0]["toolExecutionNotifications"] == [{"level": "warning", "message": {"text": text}}]


def test_problems_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many problems the first are told."""
    monkeypatch.setattr("evidence.sarif.ours.MAX_NOTIFICATIONS", 1)
    told = record(Standing.COMPLIANT, problems=tuple(Trouble(f"c{i}", "failed") for i in range(3)))
    assert run_of(told)["invocations"][0]["toolExecutionNotifications"] == [
        {"level": "error", "message": {"text": "c0: failed"}},
        {"level": "error", "message": {"text": "Problems of the run left out: 2."}},
    ]


def test_the_same_record_gives_the_same_bytes() -> None:
    """A report is a function of the record and its templates."""
    assert canonical(render(record(), {DIGEST: TEMPLATE}.get)) == canonical(render(record(), {DIGEST: TEMPLATE}.get))


def test_what_is_cut_cuts_no_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many findings one scenario has, the first of every other is told."""
    monkeypatch.setattr("evidence.sarif.MAX_RESULTS", 4)
    many = tuple(finding(Standing.ERROR, resource=f"Table{number}") for number in range(10))
    others = tuple(finding(standing) for standing in (Standing.NON_COMPLIANT, Standing.UNDETERMINED))
    log = render(record(findings=(*many, *others)), dict[str, bytes]().get)
    told = [result["ruleId"].rpartition("-is-")[2] for result in log["runs"][0]["results"]]
    assert told == ["error", "non-compliant", "undetermined", "error"]
