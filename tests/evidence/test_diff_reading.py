"""Trace documents as they are read for comparison: whole, or refused with the file and the place."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evidence.diff.comparison import compare
from evidence.diff.reading import MAX_BYTES, MAX_VALUES, read_trace
from evidence.document import SCHEMA_ID, render
from evidence.model import (
    Axis,
    Cases,
    Fingerprint,
    Judged,
    LinkedRule,
    LinkedTest,
    Orphan,
    Problem,
    State,
    Trace,
    TracedContext,
    TracedScenario,
    Trouble,
)
from policies.model import Outcome
from policies.reading import InputError
from policies.specs import Requirement, Scenario, Step
from tests.evidence.records import alert as traced_alert
from tests.evidence.records import scanned as traced_scanned
from tests.evidence.trace_documents import (
    ALL_KILLED,
    DEV,
    NONE,
    NOT_RUN,
    PROD,
    Json,
    alert,
    linked,
    scanned,
    scenario,
    static,
    summary,
    trace,
)

EXPECTED = "a trace document, as `storage-compliance trace --format json` writes it"


def refused(path: Path, content: str | bytes) -> str:
    """Return the message that a file is refused with, without its folder."""
    file = path / "old.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        read_trace(file)
    return str(caught.value).replace(f"{path.as_posix()}/", "")


def test_what_trace_writes_is_read(tmp_path: Path) -> None:
    """A trace with something of everything, written and read, has no change."""
    one = Scenario("storage", "keys", "Key", (Step("WHEN", "a"), Step("THEN", "b")), "text", 3)
    digests = Fingerprint("sha256:r", "sha256:s")
    traced = TracedScenario(
        scenario=one,
        requirement=Requirement("Keys", "It SHALL", (one,), 1),
        fingerprint=digests,
        reviewed=digests,
        rule=LinkedRule("policies.keys.key", "policies/keys.py", 1, "def key(): ...", "page"),
        tests=(LinkedTest("tests/t.py::test_a", "tests/t.py", 1, Cases(passed=1)),),
        outcomes=Counter({Outcome.NON_COMPLIANT: 1}),
        mutants=None,
        problems=(Problem(State.FAILING, "1 verdict"),),
    )
    found = traced_scanned(
        traced_alert(contexts=(0,)), traced_alert(rule="B", contexts=(0,), waived=(0,), waivers=("w",))
    )
    file = tmp_path / "trace.json"
    file.write_text(
        render(
            Trace(
                specs=(),
                scenarios=(traced,),
                orphans=(Orphan("rule", "name", "message"),),
                contexts=(TracedContext("c", {"a": [1]}, None, "eu", ("a",), None, (Outcome.NON_COMPLIANT,)),),
                axes=(Axis("a", (1,)),),
                findings=(),
                problems=(Trouble("where", "message"),),
                judged=Judged(gate=True, tests=True),
                scanned=found,
                proof=None,
            )
        ),
        encoding="utf-8",
    )
    read = read_trace(file)
    assert [each.name for each in read.contexts] == ["c"]
    assert [each.state for each in read.scenarios] == [State.FAILING]
    assert read.scanned.scanned() == found
    assert compare(read, read).is_empty


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", f"old.json: not valid JSON in UTF-8: EOF while parsing a value at line 1 column 0; expected {EXPECTED}"),
        (
            '{"schema": ]',
            f"old.json: not valid JSON in UTF-8: expected value at line 1 column 12; expected {EXPECTED}",
        ),
        (
            b'{"a": "\xff"}',
            f"old.json: not valid JSON in UTF-8: invalid unicode code point at line 1 column 9; expected {EXPECTED}",
        ),
        ("[]", f"old.json: no JSON object; expected {EXPECTED}"),
        ("{}", f"old.json: $.schema: found no string; expected {SCHEMA_ID}: {EXPECTED} in this version"),
        (
            json.dumps(trace(schema="urn:worthwatch:storage-compliance:trace:2")),
            "old.json: $.schema: found 'urn:worthwatch:storage-compliance:trace:2'; "
            f"expected {SCHEMA_ID}: {EXPECTED} in this version",
        ),
        (
            json.dumps(trace(schema="urn:worthwatch:storage-compliance:verdicts:1\n")),
            "old.json: $.schema: found 'urn:worthwatch:storage-compliance:verdicts:1\\n'; "
            f"expected {SCHEMA_ID}: {EXPECTED} in this version",
        ),
    ],
)
def test_what_is_no_trace_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    """With the file, and what was expected."""
    assert refused(tmp_path, content) == message


def test_what_is_too_large_or_too_deep_is_refused(tmp_path: Path) -> None:
    """Before it costs time or memory."""
    assert (
        refused(tmp_path, " " * (MAX_BYTES + 1)) == "old.json: larger than 16,777,216 bytes, the limit for such a file"
    )
    assert refused(tmp_path, f"[{'1,' * (MAX_VALUES + 1)}1]") == "old.json: more than 1,000,000 values, the limit"
    assert refused(tmp_path, "[" * 100_000) == (
        f"old.json: not valid JSON in UTF-8: recursion limit exceeded at line 1 column 202; expected {EXPECTED}"
    )


UNJUDGED = static(scenario("a#b/c"))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (trace() | {"scenarios": None}, "$.scenarios: expected a list"),
        (trace() | {"scenarios": [1, 2, 3]}, "$.scenarios[0]: expected an object"),
        (
            trace(scenarios=[scenario("a#b/c", state="fine")]),
            "$.scenarios[0].state: Input should be 'duplicate', 'uncovered', 'outdated', 'error', 'failing', "
            "'undetermined', 'never-run', 'vacuous', 'waived' or 'covered'",
        ),
        (
            trace() | {"contexts": [DEV | {"outcomes": ["fine", "fine"]}]},
            "$.contexts[0].outcomes[0]: Input should be 'not-applicable', 'compliant', 'waived', 'undetermined', "
            "'non-compliant' or 'error'",
        ),
        (
            trace(scenarios=[scenario("a#b/c", tests=[linked("t", passed=-1)])]),
            "$.scenarios[0].tests[0].cases.passed: expected 0 or more",
        ),
        (
            trace(judged={"gate": "yes", "tests": 1}),
            "$.judged.gate: expected true or false; $.judged.tests: expected true or false",
        ),
        (
            trace(scenarios=[scenario("a#b/c", "failing", state="covered")], contexts=[]),
            "$.scenarios[0].state: covered; expected failing, as its problems are",
        ),
        (
            trace(scenarios=[scenario("a#b/c", state="failing")], contexts=[]),
            "$.scenarios[0].state: failing; expected covered, as its problems are",
        ),
        (
            trace() | {"contexts": [DEV, PROD | {"outcomes": [None]}]},
            "$.contexts[1].outcomes: 1 of them; expected 2, one for each scenario",
        ),
        (
            trace(scenarios=[scenario("a#b/c"), scenario("a#b/d"), scenario("a#b/c")], contexts=[]),
            "$.scenarios[2].id: 'a#b/c' again, as in $.scenarios[0]; expected each once",
        ),
        (
            trace(contexts=[DEV, PROD | {"name": "dev"}]),
            "$.contexts[1].name: 'dev' again, as in $.contexts[0]; expected each once",
        ),
        (
            trace(scenarios=[scenario("a#b/c", tests=[linked("t", passed=1)] * 2)], contexts=[]),
            "$.scenarios[0].tests[1].id: 't' again, as in $.scenarios[0].tests[0]; expected each once",
        ),
        (
            trace() | {"scenarios": [scenario("a#b/c"), scenario("a#b/d", outcomes=NONE | {"compliant": 1})]},
            "$.scenarios[1].outcomes.compliant: 1; expected 2 or more, as $.contexts show",
        ),
        (
            trace() | {"contexts": [DEV | {"outcomes": ["compliant", "error"]}]},
            "$.scenarios[1].outcomes.error: 0; expected 1 or more, as $.contexts show",
        ),
        (UNJUDGED | {"contexts": [DEV]}, "$.contexts: there are some; expected none, as $.judged.gate is false"),
        (
            UNJUDGED | {"judged": {"gate": True, "tests": False}},
            "$.scenarios[0].outcomes: expected counts if $.judged.gate is true, or else null",
        ),
        (
            UNJUDGED | {"scenarios": [scenario("a#b/c", outcomes=None, mutants=None)]},
            "$.scenarios[0].tests: expected cases of null, as $.judged.tests is false",
        ),
        (
            trace(proof=NOT_RUN),
            "$.scenarios[0].mutants: expected counts if $.proof.state is not not-run, or else null",
        ),
        (
            trace(scenarios=[scenario("a#b/c", mutants=None)], contexts=[]),
            "$.scenarios[0].mutants: expected counts if $.proof.state is not not-run, or else null",
        ),
        (
            trace(scenarios=[scenario("a#b/c", mutants=ALL_KILLED | {"killed": 2})], contexts=[]),
            "$.scenarios[0].state: covered, and none of its problems is failing; expected that, as its mutants show it",
        ),
        (trace(proof={"state": "killed"}), "$.proof.state: Input should be 'not-run', 'proved' or 'not-proved'"),
    ],
)
def test_what_is_wrong_in_a_trace_is_told(tmp_path: Path, document: Json, message: str) -> None:
    """With its place."""
    assert refused(tmp_path, json.dumps(document)) == f"old.json: {message}"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, ": expected an object"),
        ({"scanners": []}, ".alerts: missing"),
        (scanned(alert("R", level="high")), ".alerts[0].level: Input should be 'none', 'note', 'warning' or 'error'"),
        (scanned(alert("R", [-1])), ".alerts[0].contexts[0]: expected 0 or more"),
        (scanned(alert("R", [True])), ".alerts[0].contexts[0]: expected a whole number"),
        (scanned(alert("R", severity="high")), ".alerts[0].severity: unknown key"),
        (
            scanned(alert("R", [0, 2])),
            ".alerts[0].contexts: the place 2; there are 2 contexts, counted from 0",
        ),
        (scanned(alert("R", [])), ".alerts[0].contexts: expected one place or more, each once, in order"),
        (scanned(alert("R", [1, 0])), ".alerts[0].contexts: expected one place or more, each once, in order"),
        (scanned(alert("R", [0, 0])), ".alerts[0].contexts: expected one place or more, each once, in order"),
        (scanned(alert("R", [0], [1])), ".alerts[0].waived: expected some of its contexts, each once, in order"),
        (scanned(alert("R", [0, 1], [0, 0])), ".alerts[0].waived: expected some of its contexts, each once, in order"),
        (
            scanned(alert("R", [0], [0], waivers=[])),
            ".alerts[0].waivers: expected some if it is waived in a context, or else none",
        ),
        (
            scanned(alert("R", waivers=["by Jane"])),
            ".alerts[0].waivers: expected some if it is waived in a context, or else none",
        ),
        (scanned(alert("R"), tfsec=None), ".alerts[0].scanner: 'checkov' is none of $.scanned.scanners"),
        (
            {"scanners": scanned()["scanners"] * 2, "alerts": []},
            ".scanners[1].name: 'checkov' again, as in $.scanned.scanners[0]; expected each once",
        ),
        (
            scanned(alert("R"), alert("S"), alert("R", message="m")),
            ".alerts[2].fingerprint: '0123456789abcdef0123456789abcdef of checkov R on Storage/...' again, "
            "as in $.scanned.alerts[0]; expected each once",
        ),
    ],
)
def test_what_is_wrong_with_other_scanners_is_told(tmp_path: Path, found: Json, message: str) -> None:
    """An alert that is said to be waived without being so would be the worst of it."""
    assert refused(tmp_path, json.dumps(trace(scanned=found))) == f"old.json: $.scanned{message}"


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (None, ": expected a list"),
        ([1], "[0]: expected an object"),
        ([{"key": "a"}], "[0].values: missing"),
        ([{"key": "a", "values": None}], "[0].values: expected a list"),
        ([{"key": None, "values": []}], "[0].key: expected a string"),
        ([{"key": "a", "values": [1]}] * 2, "[1].key: 'a' again, as in $.axes[0]; expected each once"),
    ],
)
def test_what_is_wrong_with_axes_is_told(tmp_path: Path, axes: object, message: str) -> None:
    """An axis is a key with its values."""
    assert refused(tmp_path, json.dumps(trace(axes=axes))) == f"old.json: $.axes{message}"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"alerts": {"total": -1, "standing": 0}}, ".alerts.total: expected 0 or more"),
        ({"alerts": {"total": 0}}, ".alerts.standing: missing"),
        ({"alerts": {"total": 1, "standing": 0}}, ".alerts.total: 1; expected 0, as $.scanned.alerts are"),
        ({"alerts": {"total": 0, "standing": 1}}, ".alerts.standing: 1; expected 0, as $.scanned.alerts are"),
        ({"scenarios": 3}, ".scenarios: 3; expected 2, as $.scenarios are"),
        ({"states": {}}, ".states.covered: 0; expected 2, as $.scenarios are"),
        ({"states": {"covered": 2, "fine": 0}}, ".states.fine['[key]']: Input should be 'duplicate', "),
        ({"orphans": 1}, ".orphans: 1; expected 0, as $.orphans are"),
        ({"contexts": 0}, ".contexts: 0; expected 2, as $.contexts are"),
        ({"templates": True}, ".templates: expected a whole number"),
        ({"outcomes": NONE}, ".outcomes.compliant: 0; expected 4, as $.scenarios are"),
        ({"exit_code": 3}, ".exit_code: Input should be 0, 1 or 2"),
    ],
)
def test_what_is_wrong_with_the_summary_is_told(tmp_path: Path, changed: Json, message: str) -> None:
    """A sum is one of what the document holds."""
    told = refused(tmp_path, json.dumps(trace(summary=summary(trace()) | changed)))
    assert told.startswith(f"old.json: $.summary{message}")


@pytest.mark.parametrize("name", ["axes", "summary"])
def test_a_trace_without_a_part_is_refused(tmp_path: Path, name: str) -> None:
    """What every trace has is there."""
    document = trace()
    del document[name]
    assert refused(tmp_path, json.dumps(document)) == f"old.json: $.{name}: missing"


def test_scanners_without_a_gate_are_refused(tmp_path: Path) -> None:
    """There were no templates for them."""
    place = "$.scanned.scanners: there are some; expected none, as $.judged.gate is false"
    assert refused(tmp_path, json.dumps(UNJUDGED | {"scanned": scanned()})) == f"old.json: {place}"


@pytest.mark.parametrize(
    ("contradictory", "state", "kind", "shown"),
    [
        (scenario("a#b/c", outcomes=NONE | {"non-compliant": 1}), "covered", "failing", "outcomes"),
        (scenario("a#b/c", outcomes=NONE | {"compliant": 1, "waived": 1}), "covered", "waived", "outcomes"),
        (scenario("a#b/c", outcomes=NONE | {"compliant": 1, "undetermined": 1}), "covered", "undetermined", "outcomes"),
        (scenario("a#b/c", "outdated", outcomes=NONE | {"error": 1}), "outdated", "error", "outcomes"),
        (scenario("a#b/c", "undetermined", outcomes=NONE | {"error": 1}), "undetermined", "error", "outcomes"),
        (scenario("a#b/c", outcomes=NONE | {"not-applicable": 1}), "covered", "vacuous", "outcomes"),
        (scenario("a#b/c", outcomes=NONE), "covered", "never-run", "outcomes"),
        (scenario("a#b/c", tests=[linked("t", passed=1, failed=1)]), "covered", "failing", "tests"),
        (scenario("a#b/c", tests=[linked("t", passed=1, error=1)]), "covered", "failing", "tests"),
        (scenario("a#b/c", "failing", tests=[linked("t")]), "failing", "never-run", "tests"),
    ],
)
def test_a_state_that_results_contradict_is_refused(
    tmp_path: Path, contradictory: Json, state: str, kind: str, shown: str
) -> None:
    """Covered is what every result shows to be."""
    message = f"{state}, and none of its problems is {kind}; expected that, as its {shown} show it"
    document = json.dumps(trace(scenarios=[contradictory], contexts=[]))
    assert refused(tmp_path, document) == f"old.json: $.scenarios[0].state: {message}"


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_that_is_infinite_is_refused(tmp_path: Path, number: str) -> None:
    """It is JSON, and fits no float."""
    document = json.dumps(trace(contexts=[DEV | {"values": {"a": ["number"]}}])).replace('"number"', number)
    place = "$.contexts[0].values: a number that is not finite; expected a finite one"
    assert refused(tmp_path, document) == f"old.json: {place}"


def test_of_many_things_that_are_wrong_the_first_is_told(tmp_path: Path) -> None:
    """A list is not searched to its end."""
    wrong: list[Any] = [1] * 100_000
    message = "$.scenarios[0]: expected an object"
    assert refused(tmp_path, json.dumps(trace() | {"scenarios": wrong})) == f"old.json: {message}"
