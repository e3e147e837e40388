"""JUnit: what the schema of Jenkins' xUnit plugin and junitparser say of our XML, and what neither of them sees.

The schema is junit-10.xsd of that plugin (MIT, the licence stands in it), byte for byte as the sources of pytest 9.2.0
carry it below testing/example_scripts; its digest stands below.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from evidence.junit import render
from evidence.model import Trouble
from evidence.record import JudgedScenario, Record, Standing
from policies.catalogue import load, shipped_specs
from policies.specs import read_specs
from tests.evidence.records import OUTCOMES, alert, finding, judged, record, scanned

XSD = Path(__file__).with_name("junit") / "junit-10.xsd"
SCHEMA = xmlschema.XMLSchema10(XSD)
HOSTILE = "]]></error><a b='c'>&amp;<!--\x00\x1b\u202e\ud800\ufffe\r\n\t" + "m" * 1_000_000
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
        problems=(Trouble(HOSTILE, HOSTILE),),
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


def read(text: str) -> list[TestSuite]:
    """Return the suites as junitparser reads them."""
    return list(JUnitXml.fromstring(text.encode()))


def outcome(case: TestCase) -> str:
    """Return what a case came to, as junitparser reads it."""
    kinds = {Failure: "failure", Error: "error", Skipped: "skipped"}
    (kind,) = [kinds[type(result)] for result in case.result] or ["passed"]
    return kind


def counted(text: str) -> bool:
    """Tell whether the counts are those of the cases as junitparser reads them."""
    whole, every = JUnitXml.fromstring(text.encode()), Counter[str]()
    for suite in read(text):
        held = Counter(map(outcome, suite))
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        if told != (held.total(), held["failure"], held["error"], held["skipped"]):
            return False
        every += held
    return (whole.tests, whole.failures, whole.errors) == (every.total(), every["failure"], every["error"])


def test_the_schema_is_the_plugin_s() -> None:
    """Not a byte of it is ours."""
    digest = "a1a816f58d1bf95ebabf371994df0b9246dee66ea9572fbec4f9296f1b2c0ff6"
    assert hashlib.sha256(XSD.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", RECORDS)
def test_accepted(name: str) -> None:
    """The schema finds nothing wrong, and the counts are right."""
    text = render(RECORDS[name])
    assert [str(error) for error in SCHEMA.iter_errors(text)] == []
    assert counted(text)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (' tests="7"', ""),
        ("<testcase ", '<testcase file="spec.md" '),
        ("failure", "unknown"),
        (' time="0" timestamp', ' time="a while" timestamp'),
        (' name="It is compliant"', ""),
    ],
    ids=["no count", "attribute", "element", "time", "no name"],
)
def test_refused(part: str, other: str) -> None:
    """The schema does find what is wrong."""
    text = render(record())
    assert part in text
    assert not SCHEMA.is_valid(text.replace(part, other))


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ('failures="1"', 'failures="0"'),
        ('errors="4"', 'errors="3"'),
        ('skipped="2"', 'skipped="0"'),
        ("error ", "skipped "),
    ],
    ids=["failures", "errors", "skipped", "error to skipped"],
)
def test_what_the_schema_misses(part: str, other: str) -> None:
    """It takes any count, and an error that is said to be skipped; counting does not."""
    text = render(record())
    assert counted(text)
    changed = text.replace(part, other).replace("</error>", "</skipped>" if part == "error " else "</error>")
    assert SCHEMA.is_valid(changed)
    assert not counted(changed)


def test_the_specs_that_are_shipped() -> None:
    """Each scenario is read once, in its requirement's suite, and as passed exactly where it is compliant."""
    told = shipped()
    kinds = {
        Standing.COMPLIANT: "passed",
        Standing.WAIVED: "skipped",
        Standing.NOT_APPLICABLE: "skipped",
        Standing.NON_COMPLIANT: "failure",
    }
    text = render(told)
    assert SCHEMA.is_valid(text)
    suites = read(text)
    assert [suite.name for suite in suites[:-1]] == list(
        dict.fromkeys(one.scenario.id.rpartition("/")[0] for one in told.scenarios)
    )
    assert [(suite.name, case.classname, case.name, outcome(case)) for suite in suites[:-1] for case in suite] == [
        (group, group, one.scenario.name, kinds.get(one.standing, "error"))
        for one in told.scenarios
        for group in [one.scenario.id.rpartition("/")[0]]
    ]
    assert [(suites[-1].name, case.name, outcome(case)) for case in suites[-1]] == [
        ("run", "vacuous scenarios", "error")
    ]
    assert max(Counter((case.classname, case.name) for suite in suites for case in suite).values()) == 1


def test_a_pass_is_read_as_one() -> None:
    """Where all is compliant, junitparser finds nothing but passes."""
    (suite,) = read(render(record(scenarios=(judged(Standing.COMPLIANT),), findings=())))
    assert [case.is_passed for case in suite] == [True]
    assert (suite.failures, suite.errors, suite.skipped) == (0, 0, 0)
