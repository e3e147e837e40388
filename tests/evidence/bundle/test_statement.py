"""Statements: what a record comes to in in-toto's words, no standing being taken for a better one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evidence.bundle.canonical import canonical
from evidence.bundle.statement import Statement, read_statement, statement
from evidence.model import Trouble
from evidence.record import Standing
from policies.reading import InputError
from tests.evidence.records import PROVENANCE, record

SUBJECTS = (("manifest.json", "a" * 64), (f"templates/{'b' * 64}.json", "b" * 64))
IDS = {standing: f"storage#table-keys/it-is-{standing}" for standing in Standing}
CONFIGURATION = [
    {"name": "commit", "digest": {"gitCommit": PROVENANCE.commit}, "annotations": {"modified": False}},
    {"name": "rules", "digest": {"sha256": "2" * 64}},
    {"name": "specs", "digest": {"sha256": "1" * 64}},
    {"name": "stack", "digest": {"sha256": "3" * 64}},
    {"name": "suite", "digest": {"sha256": "4" * 64}},
]


def said(*standings: Standing, **other: Any) -> dict[str, Any]:
    """Return the predicate on a record."""
    predicate = statement(record(*standings, **other), SUBJECTS)["predicate"]
    assert isinstance(predicate, dict)
    return predicate


def test_a_statement() -> None:
    """Every standing keeps its word; only what is compliant has passed, and what was not shown to hold has failed."""
    assert statement(record(), iter(SUBJECTS)) == {
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
            "warnedTests": [],
            "failedTests": [
                "storage#table-keys/it-is-error",
                "storage#table-keys/it-is-non-compliant",
                "storage#table-keys/it-is-not-run",
                "storage#table-keys/it-is-undetermined",
            ],
            "worthwatchStandings": {
                "storage#table-keys/it-is-compliant": "compliant",
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
    expected = "PASSED" if standing is Standing.COMPLIANT else "FAILED"
    assert said(standing)["result"] == expected
    assert said(Standing.COMPLIANT, standing)["result"] == expected


def test_nothing_judged_has_failed() -> None:
    """A record without scenarios, and one of a run that had a problem, passed nothing."""
    assert said(scenarios=())["result"] == "FAILED"
    troubled = said(Standing.COMPLIANT, problems=(Trouble("prod", "not synthesised"),))
    assert (troubled["result"], troubled["passedTests"]) == ("FAILED", [IDS[Standing.COMPLIANT]])


def test_a_checkout_that_is_not_a_commit() -> None:
    """Without a commit none is named; one that files differ from is said to be modified."""
    made = replace(PROVENANCE, commit=None, modified=False)
    assert said(provenance=made)["configuration"] == CONFIGURATION[1:]
    commit = said(provenance=replace(PROVENANCE, modified=True))["configuration"][0]
    assert commit == {**CONFIGURATION[0], "annotations": {"modified": True}}


@pytest.mark.parametrize("standings", [(), *((standing,) for standing in Standing)], ids=str)
def test_it_is_read_back(standings: tuple[Standing, ...]) -> None:
    """What was stated is read: subjects, result, configuration and standings."""
    payload = canonical(statement(record(*standings), SUBJECTS))
    assert read_statement(payload, "a") == Statement(
        SUBJECTS,
        "PASSED" if standings == (Standing.COMPLIANT,) else "FAILED",
        list(CONFIGURATION),
        {IDS[standing]: standing for standing in standings or Standing},
    )


def test_fields_of_others_are_ignored() -> None:
    """In-toto's parsing rules: consumers MUST ignore unrecognized fields, and algorithms of digests."""
    stated: dict[str, Any] = statement(record(), SUBJECTS)
    before = read_statement(canonical(stated), "a")
    stated["more"] = stated["predicate"]["url"] = stated["subject"][0]["uri"] = "urn:more"
    stated["subject"][0]["digest"]["sha512"] = "0"
    assert read_statement(canonical(stated), "a") == before


FORM = "a: no in-toto statement; expected an object with _type, subject, predicateType and predicate"
RESULT = (
    "a: no test result; expected a predicate with result (PASSED or FAILED), configuration, passedTests, warnedTests, "
    "failedTests and worthwatchStandings"
)
SUBJECT = "a: a subject without name or SHA-256; expected {name, digest: {sha256: <64 hex>}}"
LISTS = "a: its lists of tests are not what its standings come to; it contradicts itself"
STANDING = (
    "a: a standing that is none; expected one of compliant, not-applicable, not-run, undetermined, non-compliant, error"
)


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
        read_statement(canonical(statement(record(), SUBJECTS) | fields), "a")
    assert str(error.value).startswith(told)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"result": "WARNED"}, RESULT),
        ({"result": "passed"}, RESULT),
        ({"result": None}, RESULT),
        ({"configuration": {}}, RESULT),
        ({"passedTests": "x"}, RESULT),
        ({"worthwatchStandings": []}, RESULT),
        ({"worthwatchStandings": {"x": "passed"}}, STANDING),
        ({"worthwatchStandings": {"x": ["compliant"]}}, STANDING),
        ({"result": "PASSED"}, "a: PASSED, although not every scenario is compliant; it contradicts itself"),
        ({"passedTests": []}, LISTS),
        ({"passedTests": [1]}, LISTS),
        ({"passedTests": [IDS[Standing.COMPLIANT], IDS[Standing.NOT_APPLICABLE]]}, LISTS),
        ({"failedTests": []}, LISTS),
        ({"warnedTests": [IDS[Standing.NOT_APPLICABLE]]}, LISTS),
        (
            {"result": "PASSED", "passedTests": [], "failedTests": [], "worthwatchStandings": {}},
            "a: PASSED, although not every scenario is compliant; it contradicts itself",
        ),
    ],
)
def test_another_predicate(fields: dict[str, object], told: str) -> None:
    """A predicate that cannot be read, or says one thing in two ways, is refused."""
    stated: dict[str, Any] = statement(record(), SUBJECTS)
    stated["predicate"] |= fields
    with pytest.raises(InputError) as error:
        read_statement(canonical(stated), "a")
    assert str(error.value) == told
