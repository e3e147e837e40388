"""CTRF: which status a standing becomes, that the counts are right, and that nothing passes but a pass."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest

from evidence.bundle.canonical import canonical
from evidence.ctrf import EXTENSION, render
from evidence.model import Trouble
from evidence.record import Record, Standing
from policies.model import Outcome
from tests.evidence.records import PROVENANCE, alert, finding, judged, record, scanned

PROBLEM = Trouble("matrix", "the table <b>\x00 ]]>")
TIME = 1_795_348_800_000
COUNTS = ("passed", "failed", "skipped", "pending", "other")


def cases(told: Record) -> list[dict[str, Any]]:
    """Return the tests of a record's report."""
    tests: list[dict[str, Any]] = render(told)["results"]["tests"]
    return tests


def test_a_pass() -> None:
    """All of it: of what, when and by what it was judged, and what it came to."""
    outcomes = dict.fromkeys(map(str, Outcome), 0) | {"compliant": 2}
    report = render(record(Standing.COMPLIANT))
    assert uuid.UUID(report.pop("reportId")).version == 5
    assert report == {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "timestamp": "2026-11-22T12:00:00Z",
        "results": {
            "tool": {"name": "storage-compliance", "version": "0.1.0"},
            "summary": {
                "tests": 1,
                "passed": 1,
                "failed": 0,
                "skipped": 0,
                "pending": 0,
                "other": 0,
                "suites": 1,
                "start": TIME,
                "stop": TIME,
                "duration": 0,
            },
            "tests": [
                {
                    "name": "It is compliant",
                    "status": "passed",
                    "rawStatus": "compliant",
                    "duration": 0,
                    "start": TIME,
                    "stop": TIME,
                    "suite": ["storage", "Table Keys"],
                    "testId": "storage#table-keys/it-is-compliant",
                    "filePath": "specs/storage/spec.md",
                    "line": 9,
                    "extra": {EXTENSION: {"outcomes": outcomes, "lacking": 0}},
                }
            ],
            "environment": {"commit": PROVENANCE.commit},
            "extra": {
                EXTENSION: {
                    "modified": False,
                    "basis": dict(PROVENANCE.basis),
                    "matrix": "smoke",
                    "standings": dict.fromkeys(map(str, Standing), 0) | {"compliant": 1},
                    "outcomes": outcomes,
                    "scanners": [],
                    "problems": 0,
                    "exitCode": 0,
                }
            },
        },
    }


def test_each_standing() -> None:
    """Only what is compliant passed, and what is waived is other than all else; our own word stands beside it."""
    told = {Standing.COMPLIANT: "passed", Standing.WAIVED: "other", Standing.NOT_APPLICABLE: "skipped"}
    assert [(one["name"], one["status"], one["rawStatus"]) for one in cases(record())] == [
        *((f"It is {standing}", told.get(standing, "failed"), standing) for standing in Standing),
        ("vacuous scenarios", "failed", "vacuous"),
    ]
    assert [one["name"] for one in cases(record()) if "message" not in one] == ["It is compliant"]


def test_a_failure() -> None:
    """Its message is a line, its trace all that is known."""
    (failed,) = cases(record(Standing.NON_COMPLIANT))
    assert failed["message"] == "non-compliant: the table is encrypted with a key that AWS owns"
    assert failed["trace"] == (
        "non-compliant: of 2 verdicts, 1 compliant, 1 non-compliant\n"
        "scenario: storage#table-keys/it-is-non-compliant\n"
        "\n"
        "non-compliant: the table is encrypted with a key that AWS owns\n"
        "  resource: Table\n"
        "  path: $.Resources.Table.Properties.SSESpecification.SSEEnabled\n"
        "  found: false\n"
        "  expected: encryption on\n"
        "  mend: set encryption\n"
        "  context: prod"
    )


def test_problems_of_the_run() -> None:
    """A failed test each, whatever the scenarios are, and their number."""
    report = render(record(Standing.COMPLIANT, problems=(PROBLEM, PROBLEM)))
    said = r"error: the table <b>\x00 ]]>"
    common = {"status": "failed", "rawStatus": "error", "duration": 0, "start": TIME, "stop": TIME, "suite": ["run"]}
    assert report["results"]["tests"][1:] == [
        {"name": f"problem {number}: matrix", "message": said, "trace": said} | common for number in (1, 2)
    ]
    assert report["results"]["extra"][EXTENSION]["problems"] == 2


def test_other_scanners() -> None:
    """What stands failed, what is waived is other; each scanner is told with how much of both it has found."""
    waived = alert(rule="CKV_AWS_116", waived=(0, 1), waivers=("a waiver",))
    report = render(record(Standing.COMPLIANT, scanned=scanned(waived, alert())))
    on = "on WorthWatchStorage/Storage/DynamoTable/Resource"
    told = [(one["suite"], one["name"], one["status"], one["rawStatus"]) for one in report["results"]["tests"][1:]]
    assert told == [
        (["scanner checkov"], f"CKV_AWS_119 {on}", "failed", "non-compliant"),
        (["scanner checkov"], f"CKV_AWS_116 {on}", "other", "waived"),
    ]
    assert "\n  waiver: a waiver\n" in report["results"]["tests"][2]["trace"]
    assert report["results"]["extra"][EXTENSION]["scanners"] == [
        {"name": "checkov", "version": "3.3.30", "standing": 1, "waived": 1},
        {"name": "house-rules", "version": None, "standing": 0, "waived": 0},
    ]
    summary = report["results"]["summary"]
    assert {count: summary[count] for count in COUNTS} == {
        "passed": 1,
        "failed": 1,
        "skipped": 0,
        "pending": 0,
        "other": 1,
    }


def test_what_is_in_no_commit() -> None:
    """Outside a repository there is no commit to tell; what is in none is told."""
    told = record(Standing.COMPLIANT, provenance=replace(PROVENANCE, commit=None, modified=True))
    results = render(told)["results"]
    assert results["environment"] == {}
    assert results["extra"][EXTENSION]["modified"] is True


@pytest.mark.parametrize("problems", [(), (PROBLEM,)], ids=["judged", "problem"])
def test_the_counts_and_what_is_green(problems: tuple[Trouble, ...]) -> None:
    """Whatever stands together: the counts are those of the tests; where none failed the exit code is 0."""
    for number in range(len(Standing) + 1):
        for standings in combinations(Standing, number):
            told = record(Standing.COMPLIANT, problems=problems)
            told = replace(told, scenarios=tuple(map(judged, standings)))
            results = render(told)["results"]
            tests, summary = results["tests"], results["summary"]
            statuses = Counter(test["status"] for test in tests)
            assert {count: summary[count] for count in COUNTS} == {count: statuses[count] for count in COUNTS}
            assert summary["tests"] == len(tests) == statuses.total()
            assert summary["suites"] == len({tuple(test["suite"]) for test in tests})
            named = [(tuple(test["suite"]), test["name"]) for test in tests]
            assert len(named) == len(set(named))
            assert [test["name"] for test in tests if "testId" in test] == [f"It is {one}" for one in standings]
            passed = [test["name"] for test in tests if test["status"] == "passed"]
            assert passed == ["It is compliant"] * (Standing.COMPLIANT in standings)
            assert (summary["failed"] == 0) == (told.exit_code == results["extra"][EXTENSION]["exitCode"] == 0)


def test_hostile_text() -> None:
    """Every text is one that JSON can hold, and that nothing acts on."""
    everything = "".join(map(chr, (*range(0x110), 0x202E, 0xD800, 0xDFFF, 0xFFFE, 0x1F600)))
    one = judged(Standing.ERROR)
    named = replace(
        one,
        scenario=replace(one.scenario, name=everything, spec=everything),
        requirement=replace(one.requirement, name=everything),
    )
    whole = finding(Standing.ERROR, message=everything, found=everything, scenario=named.scenario.id)
    told = record(scenarios=(named,), findings=(whole,), problems=(Trouble(everything, everything),))
    text = json.dumps(json.loads(canonical(render(told))), ensure_ascii=False).replace(r"\n", "")
    assert text.isprintable()
    assert r"\\u202e\\ud800\\udfff\\ufffe" in text


def test_the_same_record_gives_the_same_report() -> None:
    """In whatever order the verdicts were counted; another record has another id."""
    counted = [(Outcome.COMPLIANT, 1), (Outcome.ERROR, 2), (Outcome.NOT_APPLICABLE, 3)]
    told = {
        canonical(render(record(scenarios=(judged(Standing.ERROR, outcomes=Counter(dict(order))),), findings=())))
        for order in (counted, counted[::-1])
    }
    assert len(told) == 1
    later = replace(PROVENANCE, time=datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC))
    ids = [
        render(one)["reportId"] for one in (record(), record(), record(provenance=later), record(problems=(PROBLEM,)))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
