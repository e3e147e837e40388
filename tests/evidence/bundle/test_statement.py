"""Statements: what a record comes to in in-toto's words, no standing being taken for a better one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from evidence.bundle.canonical import canonical
from evidence.bundle.statement import Statement, alerts_stated, problems_stated, read_statement, statement
from evidence.model import Trouble
from evidence.record import Standing
from policies.reading import InputError
from tests.evidence.records import PROVENANCE, alert, record, scanned

SUBJECTS = (("manifest.json", "a" * 64), (f"templates/{'b' * 64}.json", "b" * 64))
IDS = {standing: f"storage#table-keys/it-is-{standing}" for standing in Standing}
RESULTS = {Standing.COMPLIANT: "PASSED", Standing.WAIVED: "WARNED"}
NOTHING: dict[str, object] = {"passedTests": [], "warnedTests": [], "failedTests": [], "worthwatchStandings": {}}
CONFIGURATION = [
    {"name": "commit", "digest": {"gitCommit": PROVENANCE.commit}, "annotations": {"modified": False}},
    {"name": "rules", "digest": {"sha256": "2" * 64}},
    {"name": "specs", "digest": {"sha256": "1" * 64}},
    {"name": "stack", "digest": {"sha256": "3" * 64}},
    {"name": "suite", "digest": {"sha256": "4" * 64}},
]


def said(*standings: Standing, **other: Any) -> dict[str, Any]:
    """Return the predicate on a record."""
    predicate = json.loads(statement(record(*standings, **other), SUBJECTS))["predicate"]
    assert isinstance(predicate, dict)
    return predicate


def test_a_statement() -> None:
    """Every standing keeps its word; only what is compliant has passed, and what was not shown to hold has failed."""
    assert json.loads(statement(record(), iter(SUBJECTS))) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "manifest.json", "digest": {"sha256": "a" * 64}},
            {"name": f"templates/{'b' * 64}.json", "digest": {"sha256": "b" * 64}},
        ],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "FAILED",
            "configuration": CONFIGURATION,
            "passedTests": ["storage#table-keys/it-is-compliant"],
            "warnedTests": ["storage#table-keys/it-is-waived"],
            "failedTests": [
                "storage#table-keys/it-is-error",
                "storage#table-keys/it-is-non-compliant",
                "storage#table-keys/it-is-not-run",
                "storage#table-keys/it-is-undetermined",
            ],
            "worthwatchStandings": {
                "storage#table-keys/it-is-compliant": "compliant",
                "storage#table-keys/it-is-waived": "waived",
                "storage#table-keys/it-is-not-applicable": "not-applicable",
                "storage#table-keys/it-is-not-run": "not-run",
                "storage#table-keys/it-is-undetermined": "undetermined",
                "storage#table-keys/it-is-non-compliant": "non-compliant",
                "storage#table-keys/it-is-error": "error",
            },
        },
    }


@pytest.mark.parametrize("standing", Standing)
def test_the_result(standing: Standing) -> None:
    """It has passed if every scenario is compliant: nothing else, alone or beside one that is, passes."""
    assert said(standing)["result"] == RESULTS.get(standing, "FAILED")
    assert said(Standing.COMPLIANT, standing)["result"] == RESULTS.get(standing, "FAILED")


def test_what_is_waived_makes_up_for_nothing() -> None:
    """Beside anything that failed or applied nowhere it has failed, and so has a run with a problem."""
    others = set(Standing) - RESULTS.keys()
    assert {said(Standing.COMPLIANT, Standing.WAIVED, other)["result"] for other in others} == {"FAILED"}
    troubled = said(Standing.WAIVED, problems=(Trouble("prod", "not synthesised"),))
    assert (troubled["result"], troubled["warnedTests"]) == ("FAILED", [IDS[Standing.WAIVED]])


def test_nothing_judged_has_failed() -> None:
    """A record without scenarios, and one of a run that had a problem, passed nothing."""
    assert said(scenarios=())["result"] == "FAILED"
    troubled = said(Standing.COMPLIANT, problems=(Trouble("prod", "not synthesised"),))
    assert (troubled["result"], troubled["passedTests"]) == ("FAILED", [IDS[Standing.COMPLIANT]])


def test_why_it_failed() -> None:
    """Where nothing but problems fails a run, they are tests that failed: printable, bounded, each once."""
    problems = [Trouble("prod", "not\nsynthesised"), Trouble("prod", "not\nsynthesised"), Trouble("a", "b" * 1_000)]
    judged = record(Standing.COMPLIANT, problems=tuple(problems))
    names = (r"problem: prod: not\nsynthesised", f"problem: a: {'b' * 488}")
    stated = json.loads(statement(judged, SUBJECTS))["predicate"]
    assert (stated["result"], stated["passedTests"]) == ("FAILED", [IDS[Standing.COMPLIANT]])
    assert stated["failedTests"] == sorted(names)
    assert problems_stated(problems) == names
    assert read_statement(statement(judged, SUBJECTS), "a").problems == tuple(sorted(names))


def test_of_many_problems_the_first_are_stated() -> None:
    """How many others there are is, too."""
    problems = [Trouble(str(number), "m") for number in range(103)]
    assert problems_stated(problems) == (*(f"problem: {number}: m" for number in range(100)), "problem: 3 others")


def test_a_checkout_that_is_not_a_commit() -> None:
    """Without a commit none is named; one that files differ from is said to be modified."""
    made = replace(PROVENANCE, commit=None, modified=False)
    assert said(provenance=made)["configuration"] == CONFIGURATION[1:]
    commit = said(provenance=replace(PROVENANCE, modified=True))["configuration"][0]
    assert commit == {**CONFIGURATION[0], "annotations": {"modified": True}}


@pytest.mark.parametrize("standings", [(), *((standing,) for standing in Standing)], ids=str)
def test_it_is_read_back(standings: tuple[Standing, ...]) -> None:
    """What was stated is read: subjects, result, configuration and standings."""
    payload = statement(record(*standings), SUBJECTS)
    assert read_statement(payload, "a") == Statement(
        SUBJECTS,
        RESULTS.get(standings[0], "FAILED") if standings else "FAILED",
        list(CONFIGURATION),
        {IDS[standing]: standing for standing in standings or Standing},
        {},
        (),
    )


def test_what_other_scanners_found() -> None:
    """What stands of it failed, and so has the run; what is waived everywhere warned; none of it ever passes."""
    alerts = (
        alert(),
        alert(scanner="cdk-nag", rule="L1", contexts=(0, 1), waived=(1,), waivers=("a",)),
        alert(rule="CKV_AWS_117", waived=(0, 1), waivers=("a",)),
    )
    stated = said(Standing.COMPLIANT, scanned=scanned(*alerts))
    assert {key: value for key, value in stated.items() if key != "configuration"} == {
        "result": "FAILED",
        "passedTests": [IDS[Standing.COMPLIANT]],
        "warnedTests": ["checkov CKV_AWS_117 on WorthWatchStorage/Storage/DynamoTable/Resource"],
        "failedTests": [
            "cdk-nag L1 on WorthWatchStorage/Storage/DynamoTable/Resource",
            "checkov CKV_AWS_119 on WorthWatchStorage/Storage/DynamoTable/Resource",
        ],
        "worthwatchStandings": {IDS[Standing.COMPLIANT]: "compliant"},
    }
    read = read_statement(statement(record(Standing.COMPLIANT, scanned=scanned(*alerts)), SUBJECTS), "a")
    assert (read.standings, read.alerts) == (
        {IDS[Standing.COMPLIANT]: Standing.COMPLIANT},
        alerts_stated(scanned(*alerts)),
    )
    assert said(Standing.COMPLIANT, scanned=scanned(alerts[2]))["result"] == "WARNED"
    assert said(Standing.COMPLIANT, scanned=scanned())["result"] == "PASSED"
    assert said(scenarios=(), scanned=scanned(alerts[2]))["result"] == "FAILED"


@pytest.mark.parametrize("text", ["\ud800", "\n", "é#/x", "a" * 100_000], ids=["half", "line", "letter", "long"])
def test_hostile_alerts(text: str) -> None:
    """Whatever another scanner writes can be stated, as names that no two have in common."""
    alerts = scanned(*(alert(rule=text, resource=text, fingerprint=each * 32) for each in "ab"))
    payload = statement(record(Standing.COMPLIANT, scanned=alerts), SUBJECTS)
    assert read_statement(payload, "a").alerts == alerts_stated(alerts)
    assert len(alerts_stated(alerts)) == 2
    assert len(payload) < 4_000


def test_fields_of_others_are_ignored() -> None:
    """In-toto's parsing rules: consumers MUST ignore unrecognized fields, and algorithms of digests."""
    stated: dict[str, Any] = json.loads(statement(record(), SUBJECTS))
    before = read_statement(canonical(stated), "a")
    stated["more"] = stated["predicate"]["url"] = stated["subject"][0]["uri"] = "urn:more"
    stated["subject"][0]["digest"]["sha512"] = "0"
    assert read_statement(canonical(stated), "a") == before


FORM = "a: no in-toto statement; expected an object with _type, subject, predicateType and predicate"
RESULT = (
    "a: no test result; expected a predicate with result (PASSED, WARNED or FAILED), configuration, passedTests, "
    "warnedTests, failedTests and worthwatchStandings"
)
SUBJECT = "a: a subject without name or SHA-256; expected {name, digest: {sha256: <64 hex>}}"
LISTS = "a: its lists of tests are not what its standings come to; it contradicts itself"
STANDING = (
    "a: a standing that is none; expected one of compliant, waived, not-applicable, not-run, undetermined, "
    "non-compliant, error"
)
PASSED = (
    "a: PASSED, although not every scenario is compliant, another scanner has found something, or a problem is told; "
    "it contradicts itself"
)
WARNED = (
    "a: WARNED, although nothing is waived, something is neither compliant nor waived, or a problem is told; "
    "it contradicts itself"
)
FAILED = "a: FAILED, although all that it tells is compliant or waived, and no problem is told; it contradicts itself"
PROBLEM = "problem: prod: not synthesised"
ALERT = "checkov CKV_AWS_119 on Stack/Table"
COMPLIANT: dict[str, object] = {**NOTHING, "passedTests": ["x"], "worthwatchStandings": {"x": "compliant"}}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"_type": None}, FORM),
        ({"subject": {}}, FORM),
        ({"predicate": []}, FORM),
        (
            {"_type": "https://in-toto.io/Statement/v0.1"},
            "a: of the type 'https://in-toto.io/Statement/v0.1'; expected ",
        ),
        (
            {"predicateType": "https://slsa.dev/provenance/v1"},
            "a: of the type 'https://slsa.dev/provenance/v1'; expected ",
        ),
        ({"subject": [1]}, SUBJECT),
        ({"subject": [{"digest": {"sha256": "a" * 64}}]}, SUBJECT),
        ({"subject": [{"name": "x", "digest": {"sha1": "a" * 40}}]}, SUBJECT),
        ({"subject": [{"name": "x", "digest": {"sha256": "A" * 64}}]}, SUBJECT),
        ({"subject": [{"name": "x", "digest": {"sha256": "a" * 64 + "\n"}}]}, SUBJECT),
        ({"predicate": {}}, RESULT),
    ],
)
def test_another_statement(fields: dict[str, object], told: str) -> None:
    """Another type or form is told."""
    with pytest.raises(InputError) as error:
        read_statement(canonical(json.loads(statement(record(), SUBJECTS)) | fields), "a")
    assert str(error.value).startswith(told)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"result": "WARNED"}, WARNED),
        ({"result": "passed"}, RESULT),
        ({"result": None}, RESULT),
        ({"configuration": {}}, RESULT),
        ({"passedTests": "x"}, RESULT),
        ({"worthwatchStandings": []}, RESULT),
        ({"worthwatchStandings": {"x": "passed"}}, STANDING),
        ({"worthwatchStandings": {"x": ["compliant"]}}, STANDING),
        ({"result": "PASSED"}, PASSED),
        ({"passedTests": []}, LISTS),
        ({"passedTests": [1]}, LISTS),
        ({"passedTests": [IDS[Standing.COMPLIANT], IDS[Standing.NOT_APPLICABLE]]}, LISTS),
        ({"failedTests": []}, LISTS),
        ({"warnedTests": [IDS[Standing.NOT_APPLICABLE]]}, LISTS),
        ({"warnedTests": []}, LISTS),
        ({"passedTests": [IDS[Standing.COMPLIANT], IDS[Standing.WAIVED]], "warnedTests": []}, LISTS),
        ({**NOTHING, "result": "PASSED"}, PASSED),
        ({**NOTHING, "result": "WARNED"}, WARNED),
        ({**NOTHING, "result": "PASSED", "warnedTests": ["x"], "worthwatchStandings": {"x": "waived"}}, PASSED),
        ({**COMPLIANT, "result": "WARNED"}, WARNED),
        ({**COMPLIANT, "result": "PASSED", "warnedTests": [ALERT]}, PASSED),
        ({**COMPLIANT, "result": "PASSED", "failedTests": [ALERT]}, PASSED),
        ({**COMPLIANT, "result": "WARNED", "failedTests": [ALERT]}, WARNED),
        ({**NOTHING, "result": "WARNED", "warnedTests": [ALERT]}, WARNED),
        ({**COMPLIANT, "result": "PASSED", "failedTests": [PROBLEM]}, PASSED),
        ({**COMPLIANT, "result": "WARNED", "failedTests": [PROBLEM]}, WARNED),
        ({**COMPLIANT, "result": "FAILED"}, FAILED),
        ({**COMPLIANT, "result": "FAILED", "warnedTests": [ALERT]}, FAILED),
        ({**COMPLIANT, "result": "FAILED", "warnedTests": [PROBLEM]}, LISTS),
        ({**COMPLIANT, "passedTests": [ALERT, "x"]}, LISTS),
        ({**COMPLIANT, "warnedTests": [ALERT], "failedTests": [ALERT]}, LISTS),
        ({**COMPLIANT, "failedTests": [ALERT, ALERT]}, LISTS),
        ({**COMPLIANT, "failedTests": ["storage#table-keys/other"]}, LISTS),
        (
            {
                **NOTHING,
                "result": "WARNED",
                "warnedTests": ["x"],
                "worthwatchStandings": {"x": "waived", "y": "not-applicable"},
            },
            WARNED,
        ),
    ],
)
def test_another_predicate(fields: dict[str, object], told: str) -> None:
    """A predicate that cannot be read, or says one thing in two ways, is refused."""
    stated: dict[str, Any] = json.loads(statement(record(), SUBJECTS))
    stated["predicate"] |= fields
    with pytest.raises(InputError) as error:
        read_statement(canonical(stated), "a")
    assert str(error.value) == told
