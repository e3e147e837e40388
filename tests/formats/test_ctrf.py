"""CTRF: what its own schema says of our report, and what the schema does not see.

The schema is the one of CTRF 0.0, MIT, byte for byte as the npm package `ctrf` 0.3.0 carries it, with its licence
beside it; its digest stands below.
"""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from evidence.bundle.canonical import canonical
from evidence.ctrf import EXTENSION, render
from evidence.model import Trouble
from evidence.record import JudgedScenario, Record, Standing
from policies.catalogue import load, shipped_specs
from policies.specs import read_specs
from tests.evidence.records import OUTCOMES, alert, finding, record, scanned

Json = dict[str, Any]

FILE = Path(__file__).with_name("ctrf") / "ctrf-schema-0.0.json"
SCHEMA = jsonschema_rs.validator_for(json.loads(FILE.read_bytes()), validate_formats=True)
HOSTILE = "]]></error><a b='c'>&amp;\x00\x1b\u202e\ud800\ufffe\r\n\t" + "m" * 1_000_000
RECORDS = {
    "every standing": record(),
    **{standing.value: record(standing) for standing in Standing},
    "nothing": record(scenarios=(), findings=()),
    "problem": record(problems=(Trouble("matrix", "no template was made"),) * 200),
    "other scanners": record(
        Standing.COMPLIANT,
        scanned=scanned(
            alert(),
            alert(rule="a", waived=(0, 1), waivers=("a waiver",)),
            *(alert(rule=HOSTILE, resource=HOSTILE, message=HOSTILE, fingerprint=f"{i:032x}") for i in range(600)),
        ),
    ),
    "hostile": record(
        Standing.ERROR,
        findings=(finding(Standing.ERROR, message=HOSTILE, found=HOSTILE, remedy=HOSTILE),) * 30,
        problems=(Trouble(HOSTILE, HOSTILE), Trouble("", "")),
    ),
}


def shipped() -> Record:
    """Return a record of the specs that are shipped, of whose scenarios each stands as another does not."""
    specs = read_specs(shipped_specs())
    requirements = {one.id: each for spec in specs for each in spec.requirements for one in each.scenarios}
    scenarios = tuple(
        JudgedScenario(entry.scenario, requirements[entry.scenario.id], entry.page, OUTCOMES[standing])
        for entry, standing in zip(load(), list(Standing) * len(load()), strict=False)
    )
    return record(specs=specs, scenarios=scenarios, findings=())


def report(told: Record) -> Json:
    """Return the report of a record as it stands in a bundle."""
    read: Json = json.loads(canonical(render(told)))
    return read


def extras(node: object) -> Iterator[Json]:
    """Return every `extra` of a report."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "extra":
                yield value
            else:
                yield from extras(value)
    elif isinstance(node, list):
        for item in node:
            yield from extras(item)


def consistent(told: Json) -> bool:
    """Tell whether it keeps to what CTRF's text demands beyond the schema.

    An id of RFC 4122; counts that are those of the tests; no end before a start; keys of an `extra` that name their
    owner; no two tests of one id. And to what its readers need: only what is compliant passes, only what is waived or
    not applicable neither passed nor failed, and what did not pass has a message.
    """
    results = told["results"]
    tests, summary = results["tests"], results["summary"]
    counts = Counter(test["status"] for test in tests)
    ids = Counter(test["testId"] for test in tests if "testId" in test)
    words = {"compliant": "passed", "waived": "other", "not-applicable": "skipped"}
    return (
        uuid.UUID(told["reportId"]).version == 5
        and told["specVersion"] == "0.0.0"
        and summary["tests"] == len(tests)
        and all(summary[one] == counts[one] for one in ("passed", "failed", "skipped", "pending", "other"))
        and all(one["start"] <= one["stop"] and one["duration"] >= 0 for one in [summary, *tests])
        and all(list(extra) == [EXTENSION] for extra in extras(told))
        and set(ids.values()) <= {1}
        and all(test["status"] == words.get(test["rawStatus"], "failed") for test in tests)
        and all(test["message"].startswith(test["rawStatus"]) for test in tests if test["status"] != "passed")
    )


def test_the_schema_is_ctrf_s() -> None:
    """Not a byte of it is ours."""
    digest = "742dee4cffda469902a9c30c4a87b0b7000d59d2ee502dcccb12ec471cea96a2"
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", RECORDS)
def test_accepted(name: str) -> None:
    """The schema finds nothing wrong, and no more does what it does not see."""
    told = report(RECORDS[name])
    assert [error.message for error in SCHEMA.iter_errors(told)] == []
    assert consistent(told)


def _without_summary(told: Json) -> None:
    del told["results"]["summary"]


def _unknown_status(told: Json) -> None:
    told["results"]["tests"][0]["status"] = "compliant"


def _own_member(told: Json) -> None:
    told["results"]["tests"][0]["standing"] = "compliant"


def _no_time(told: Json) -> None:
    told["timestamp"] = "today"


@pytest.mark.parametrize("change", [_without_summary, _unknown_status, _own_member, _no_time])
def test_refused(change: Callable[[Json], None]) -> None:
    """The schema does find what is wrong."""
    told = report(record())
    change(told)
    assert not SCHEMA.is_valid(told)


def _count(told: Json) -> None:
    told["results"]["summary"]["failed"] = 0


def _pass(told: Json) -> None:
    test = next(test for test in told["results"]["tests"] if test["rawStatus"] == "undetermined")
    test["status"] = "passed"
    told["results"]["summary"]["failed"] -= 1
    told["results"]["summary"]["passed"] += 1


def _skip(told: Json) -> None:
    test = next(test for test in told["results"]["tests"] if test["rawStatus"] == "not-run")
    test["status"] = "skipped"
    told["results"]["summary"]["failed"] -= 1
    told["results"]["summary"]["skipped"] += 1


def _pass_what_is_waived(told: Json) -> None:
    test = next(test for test in told["results"]["tests"] if test["rawStatus"] == "waived")
    test["status"] = "passed"
    told["results"]["summary"]["other"] -= 1
    told["results"]["summary"]["passed"] += 1


def _leave_out(told: Json) -> None:
    told["results"]["tests"].pop()


def _twice(told: Json) -> None:
    told["results"]["tests"].append(copy.deepcopy(told["results"]["tests"][0]))
    told["results"]["summary"]["tests"] += 1
    told["results"]["summary"]["passed"] += 1


def _end_before_start(told: Json) -> None:
    told["results"]["summary"]["stop"] = 0


def _key_without_owner(told: Json) -> None:
    told["results"]["extra"] = {"matrix": "smoke"}


def _random_id(told: Json) -> None:
    told["reportId"] = "10dcc62f-57ad-4f77-a7a8-4ba0a7a9b93b"


@pytest.mark.parametrize(
    "change",
    [
        *(_count, _pass, _skip, _pass_what_is_waived, _leave_out, _twice),
        *(_end_before_start, _key_without_owner, _random_id),
    ],
)
def test_what_the_schema_misses(change: Callable[[Json], None]) -> None:
    """It takes counts of something else, a pass that is none, and a test left out or told twice."""
    told = report(record())
    change(told)
    assert SCHEMA.is_valid(told)
    assert not consistent(told)


def test_the_specs_that_are_shipped() -> None:
    """Each scenario is a test once, below its spec and requirement, passed exactly where it is compliant."""
    given = shipped()
    told = report(given)
    assert SCHEMA.is_valid(told)
    assert consistent(told)
    tests = told["results"]["tests"]
    assert [(one["testId"], one["suite"], one["name"], one["rawStatus"]) for one in tests[:-1]] == [
        (one.scenario.id, [one.scenario.spec, one.requirement.name], one.scenario.name, one.standing)
        for one in given.scenarios
    ]
    assert (tests[-1]["name"], tests[-1]["status"]) == ("vacuous scenarios", "failed")
    assert [one["filePath"] for one in tests[:-1]] == [f"specs/{one.scenario.spec}/spec.md" for one in given.scenarios]
