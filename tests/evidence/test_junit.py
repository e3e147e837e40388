"""JUnit's XML: which element a standing becomes, that the counts are right, and that nothing passes but a pass."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from evidence.junit import render
from evidence.model import Trouble
from evidence.record import Record, Standing
from policies.model import Outcome
from tests.evidence.records import WAIVER, alert, finding, judged, record, scanned

PROBLEM = Trouble("matrix", "the table <b>\x00 ]]>")


def parse(told: Record) -> ET.Element:
    """Return the root element of a record's XML, as it would be read from a file."""
    return ET.fromstring(render(told).encode())  # noqa: S314 - what is parsed is ours


def results(told: Record) -> list[tuple[str | None, list[tuple[str, str | None]]]]:
    """Return the name of each case, and its elements with their types."""
    return [
        (one.get("name"), [(element.tag, element.get("type")) for element in one])
        for one in parse(told).iter("testcase")
    ]


def test_a_pass() -> None:
    """All of it: a suite for the requirement, a case for the scenario, and no time but the record's."""
    assert render(record(Standing.COMPLIANT)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="storage-compliance" tests="1" failures="0" errors="0" time="0">\n'
        '  <testsuite name="storage#table-keys" tests="1" failures="0" errors="0" skipped="0" time="0"'
        ' timestamp="2026-11-22T12:00:00Z">\n'
        '    <testcase classname="storage#table-keys" name="It is compliant" time="0" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_failure() -> None:
    """Its message is a line; its text says all, for GitLab shows no attributes beside it."""
    (failure,) = parse(record(Standing.NON_COMPLIANT)).iter("failure")
    assert failure.attrib == {
        "type": "non-compliant",
        "message": "non-compliant: the table is encrypted with a key that AWS owns",
    }
    assert failure.text == (
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


def test_each_standing() -> None:
    """Only what is compliant holds nothing, and only what is waived or not applicable is skipped."""
    told = {
        Standing.COMPLIANT: [],
        Standing.WAIVED: [("skipped", "waived")],
        Standing.NOT_APPLICABLE: [("skipped", "not-applicable")],
        Standing.NOT_RUN: [("error", "not-run")],
        Standing.UNDETERMINED: [("error", "undetermined")],
        Standing.NON_COMPLIANT: [("failure", "non-compliant")],
        Standing.ERROR: [("error", "error")],
    }
    vacuous: list[tuple[str | None, list[tuple[str, str | None]]]] = [("vacuous scenarios", [("error", "vacuous")])]
    assert results(record()) == [(f"It is {standing}", told[standing]) for standing in Standing] + vacuous
    waived, skipped = parse(record()).iter("skipped")
    assert skipped.get("message") == "not-applicable: of 2 verdicts, 2 not-applicable"
    assert waived.get("message") == "waived: the table is encrypted with a key that AWS owns"
    assert f"\n  waiver: {WAIVER}\n" in (waived.text or "")


def test_other_scanners() -> None:
    """A suite for each that has found something: what stands failed, what is waived is skipped, with its waiver."""
    waived = alert(rule="CKV_AWS_116", waived=(0, 1), waivers=("a waiver",))
    told = record(Standing.COMPLIANT, scanned=scanned(waived, alert()))
    on = "on WorthWatchStorage/Storage/DynamoTable/Resource"
    assert results(told) == [
        ("It is compliant", []),
        (f"CKV_AWS_119 {on}", [("failure", "non-compliant")]),
        (f"CKV_AWS_116 {on}", [("skipped", "waived")]),
    ]
    root = parse(told)
    assert [suite.get("name") for suite in root] == ["storage#table-keys", "scanner checkov"]
    assert [root[1].get(count) for count in ("tests", "failures", "errors", "skipped")] == ["2", "1", "0", "1"]
    (skipped,) = root.iter("skipped")
    assert "\n  waiver: a waiver\n" in (skipped.text or "")


def test_problems_of_the_run() -> None:
    """A suite of its own, of errors, whatever the scenarios are."""
    told = parse(record(Standing.COMPLIANT, problems=(PROBLEM, PROBLEM)))
    suite = told[-1]
    assert (suite.get("name"), suite.get("tests"), suite.get("errors"), told.get("errors")) == ("run", "2", "2", "2")
    assert [(case.get("classname"), case.get("name")) for case in suite] == [
        ("run", "problem 1: matrix"),
        ("run", "problem 2: matrix"),
    ]
    assert {error.text for error in told.iter("error")} == {r"error: the table <b>\x00 ]]>"}


def test_a_suite_for_each_requirement() -> None:
    """In the order of the specs, with each scenario in its own."""
    one, other = judged(Standing.COMPLIANT), judged(Standing.ERROR)
    elsewhere = replace(other, scenario=replace(other.scenario, spec="a/b.c", requirement_slug="other"))
    told = parse(record(scenarios=(one, elsewhere), findings=()))
    assert [(suite.get("name"), [case.get("name") for case in suite]) for suite in told] == [
        ("storage#table-keys", ["It is compliant"]),
        ("a/b.c#other", ["It is error"]),
    ]


@pytest.mark.parametrize("problems", [(), (PROBLEM,)], ids=["judged", "problem"])
def test_the_counts_and_what_is_green(problems: tuple[Trouble, ...]) -> None:
    """Whatever stands together: the counts are those of the elements; without error or failure the exit code is 0."""
    for number in range(len(Standing) + 1):
        for standings in combinations(Standing, number):
            told = record(Standing.COMPLIANT, problems=problems)
            told = replace(told, scenarios=tuple(map(judged, standings)))
            root = parse(told)
            for counted in (root, *root):
                held = Counter(element.tag for element in counted.iter())
                assert counted.get("tests") == str(held["testcase"])
                assert (counted.get("failures"), counted.get("errors")) == (str(held["failure"]), str(held["error"]))
                assert counted is root or counted.get("skipped") == str(held["skipped"])
            named = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
            assert len(named) == len(set(named))
            assert [name for group, name in named if group != "run"] == [f"It is {one}" for one in standings]
            bare = [case.get("name") for case in root.iter("testcase") if not len(case)]
            assert bare == ["It is compliant"] * (Standing.COMPLIANT in standings)
            green = root.get("failures") == root.get("errors") == "0"
            assert green == (told.exit_code == 0)


def test_hostile_text() -> None:
    """It is XML 1.0 whatever the texts hold, and what is read of it is what is told: no element comes of a text."""
    everything = "".join(map(chr, (*range(0x110), 0x202E, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F600))) + "]]><error/>"
    one = judged(Standing.ERROR)
    named = replace(one, scenario=replace(one.scenario, name=everything))
    whole = finding(Standing.ERROR, message=everything, found=everything, scenario=named.scenario.id)
    told = record(scenarios=(named,), findings=(whole,), problems=(Trouble(everything, everything),))
    text = render(told)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert [element.tag for element in parse(told).iter()] == [
        "testsuites",
        *("testsuite", "testcase", "error"),
        *("testsuite", "testcase", "error"),
    ]
    error = next(parse(told).iter("error")).text
    assert error is not None
    assert r"\x00\x01" in error
    assert r"\u202e\ud800\udfff\ufffe\uffff" in error
    assert "😀]]><error/>" in error


def test_the_same_record_gives_the_same_bytes() -> None:
    """In whatever order the verdicts were counted."""
    counted = [(Outcome.COMPLIANT, 1), (Outcome.ERROR, 2), (Outcome.NOT_APPLICABLE, 3)]
    told = {
        render(record(scenarios=(judged(Standing.ERROR, outcomes=Counter(dict(order))),), findings=()))
        for order in (counted, counted[::-1])
    }
    assert len(told) == 1
    assert render(record()) == render(record())
