"""A record in the Common Test Report Format, CTRF 0.0.0 (https://ctrf.io).

A test's status is passed, failed, skipped, pending or other. Those that read reports, CTRF's own for Slack and GitHub
among them, take one without a failed test for a pass, however many are `other`. So what is undetermined, in error or
not run is failed, and `rawStatus` says our own word for it. What is waived was judged, neither passed nor failed: it is
`other`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from evidence.alerts import Found, by_scanner
from evidence.identifiers import identifier
from evidence.provenance import written
from evidence.record import Record, Standing
from evidence.testcases import MAX_LENGTH, Case, cases_of
from policies.model import Outcome
from policies.reading import printable

SPEC_VERSION = "0.0.0"

EXTENSION = "worthwatch.storage-compliance"
"""The key of what is our own in an `extra`."""

_PASSED, _FAILED, _SKIPPED, _OTHER = "passed", "failed", "skipped", "other"
_STATUSES: Mapping[str, str] = {
    Standing.COMPLIANT: _PASSED,
    Standing.WAIVED: _OTHER,
    Standing.NOT_APPLICABLE: _SKIPPED,
}
"""The status of a case by what it came to; by anything else it failed."""


def render(record: Record) -> dict[str, Any]:
    """Return the report of a record: a test for each scenario, each alert of another scanner, and what the run lacks.

    The other scanners that were asked are told apart, with how much of what they have found stands, and is waived.

    Its id is made of all else that it says.
    """
    provenance = record.provenance
    time = int(provenance.time.timestamp()) * 1_000
    cases = list(cases_of(record))
    statuses = Counter(map(_status, cases))
    results = {
        "tool": {"name": "storage-compliance", "version": provenance.version},
        "summary": {
            "tests": len(cases),
            **{status: statuses[status] for status in (_PASSED, _FAILED, _SKIPPED, "pending", _OTHER)},
            "suites": len({case.group for case in cases}),
            "start": time,
            "stop": time,
            "duration": 0,
        },
        "tests": [_test(case, time) for case in cases],
        "environment": {} if provenance.commit is None else {"commit": provenance.commit},
        "extra": _extra(
            {
                "modified": provenance.modified,
                "basis": dict(provenance.basis),
                "matrix": provenance.matrix,
                "standings": _counts(Standing, Counter(one.standing for one in record.scenarios)),
                "outcomes": _counts(Outcome, record.outcomes),
                "scanners": [_scanner(found) for found in by_scanner(record.scanned)],
                "problems": len(record.problems),
                "exitCode": record.exit_code,
            }
        ),
    }
    report = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "timestamp": written(provenance.time),
        "results": results,
    }
    return report | {"reportId": identifier("ctrf", json.dumps(report, sort_keys=True))}


def _test(case: Case, time: int) -> dict[str, Any]:
    status = _status(case)
    test: dict[str, Any] = {
        "name": case.name,
        "status": status,
        "rawStatus": str(case.word),
        "duration": 0,
        "start": time,
        "stop": time,
        "suite": list(case.suite),
    }
    if status != _PASSED:
        test |= {"message": case.message, "trace": case.text}
    if case.judged is not None:
        scenario = case.judged.scenario
        test |= {
            "testId": f"{case.group}/{scenario.slug}",
            "filePath": f"specs/{case.suite[0]}/spec.md",
            "line": scenario.line,
            "extra": _extra({"outcomes": _counts(Outcome, case.judged.outcomes), "lacking": case.judged.lacking}),
        }
    return test


def _scanner(found: Found) -> dict[str, object]:
    scanner, standing = found.scanner, found.standing
    version = None if scanner.version is None else printable(scanner.version[:MAX_LENGTH])
    told = {"name": scanner.name, "version": version}
    return {**told, "standing": standing, "waived": len(found.alerts) - standing}


def _extra(said: Mapping[str, object]) -> dict[str, object]:
    return {EXTENSION: said}


def _counts(words: type[Outcome] | type[Standing], counted: Mapping[Any, int]) -> dict[str, int]:
    return {str(word): counted.get(word, 0) for word in words}


def _status(case: Case) -> str:
    return _STATUSES.get(case.word, _FAILED)
