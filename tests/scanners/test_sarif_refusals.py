"""What is no SARIF log of ours, and the whole message of each refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.reading import InputError
from scanners import messages, sarif
from scanners.sarif import read_sarif
from scanners.sarif_model import MAX_NAMES
from tests.scanners.logs import A, B, Json, at, log, read, result, run

EXPECTED = "expected a SARIF 2.1.0 log, as scanners write it"
ELSEWHERE = "parts of a run that stand outside of it are not read; have the scanner write it in one piece"


def refusal(document: object) -> str:
    """Return why a document is refused."""
    with pytest.raises(InputError) as refused:
        read(document)
    return str(refused.value).removeprefix("log.sarif: ")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", f"empty: the scanner has printed nothing; {EXPECTED}"),
        (b"\xef\xbb\xbf \n", f"empty: the scanner has printed nothing; {EXPECTED}"),
        (
            "{}".encode("utf-16"),
            "encoded as UTF-16; SARIF is UTF-8, so have the scanner write that",
        ),
        (
            "{}".encode("utf-16-be"),
            f"not valid JSON in UTF-8: expected value at line 1 column 1; {EXPECTED}",
        ),
        (b"Error: no", f"not valid JSON in UTF-8: expected value at line 1 column 1; {EXPECTED}"),
        (b'{"a": "\xff"}', f"not valid JSON in UTF-8: invalid unicode code point at line 1 column 9; {EXPECTED}"),
        (b'{"a": "\\ud800"}', f"not valid JSON in UTF-8: unexpected end of hex escape at line 1 column 14; {EXPECTED}"),
        (b'{"a": NaN}', f"not valid JSON in UTF-8: expected value at line 1 column 7; {EXPECTED}"),
        (b"[" * 5000, f"not valid JSON in UTF-8: recursion limit exceeded at line 1 column 202; {EXPECTED}"),
        (b"[" * 1_000_001, "more than 1,000,000 values, the limit"),
        (b'["' + b"," * 1_000_001 + b'"]', f"no JSON object; {EXPECTED}"),
        (
            b'["\\"' + b"," * 1_000_001,
            f"not valid JSON in UTF-8: EOF while parsing a string at line 1 column 1000005; {EXPECTED}",
        ),
        (b"[]", f"no JSON object; {EXPECTED}"),
        (b'{"a": 1, "b": 2, "\\u0061": 3}', f"the key 'a' stands twice in one object; {EXPECTED}"),
        (b'{"runs": [{"results": [], "results": []}]}', f"the key 'results' stands twice in one object; {EXPECTED}"),
        (b"{}", f"$.version: found no string; expected '2.1.0': {EXPECTED.removeprefix('expected ')}"),
        (b'{"version": "2.0.0"}', f"$.version: found '2.0.0'; expected '2.1.0': {EXPECTED.removeprefix('expected ')}"),
        (b'{"version": 2.1}', f"$.version: found no string; expected '2.1.0': {EXPECTED.removeprefix('expected ')}"),
        (b'{"version": "2.1.0"}', "$.runs: missing"),
        (b'{"version": "2.1.0", "runs": {}}', "$.runs: expected a list"),
        (b'{"version": "2.1.0", "runs": []}', "$.runs: empty: no scanner has run; see what it printed"),
    ],
    ids=lambda given: given[:30],
)
def test_file(data: bytes, problem: str) -> None:
    """A file that is no log says what it is instead."""
    path = Path("log.sarif")
    path.write_bytes(data)
    with pytest.raises(InputError) as refused:
        read_sarif(path)
    assert str(refused.value) == f"log.sarif: {problem}"


def test_runs() -> None:
    """A log of very many runs is none of a scanner."""
    assert refusal(log(*[run()] * 1001)) == "$.runs: List should have at most 1000 items after validation, not 1001"


def test_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is measured before it is read."""
    monkeypatch.setattr(sarif, "MAX_BYTES", 10)
    assert refusal(log(run())) == "larger than 10 bytes, the limit for such a file"


def test_no_file() -> None:
    """A scanner that was missing has left no file."""
    with pytest.raises(InputError) as refused:
        read_sarif(Path("missing.sarif"))
    assert str(refused.value) == "missing.sarif: no such file; check the path"


PHYSICAL = "locations[0].physicalLocation"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"message": None}, "message: expected an object"),
        ({"message": {"text": 1}}, "message.text: expected a string"),
        ({"message": {"text": "{0}", "arguments": [1]}}, "message.arguments[0]: expected a string"),
        ({"ruleId": 1}, "ruleId: expected a string"),
        ({"ruleId": "x" * 1001}, "ruleId: String should have at most 1000 characters"),
        ({"ruleIndex": "0"}, "ruleIndex: expected a whole number"),
        ({"ruleIndex": True}, "ruleIndex: expected a whole number"),
        ({"ruleIndex": -2}, "ruleIndex: expected -1 or more"),
        ({"level": "fatal"}, "level: Input should be 'none', 'note', 'warning' or 'error'"),
        (
            {"kind": "failed"},
            "kind: Input should be 'notApplicable', 'pass', 'fail', 'review', 'open' or 'informational'",
        ),
        (
            {"baselineState": "gone"},
            "baselineState: Input should be 'new', 'unchanged', 'updated' or 'absent'",
        ),
        ({"locations": {}}, "locations: expected a list"),
        ({"locations": [1]}, "locations[0]: expected an object"),
        (
            {"locations": [{"physicalLocation": {"region": {"startLine": 0}}}]},
            f"{PHYSICAL}.region.startLine: expected 1 or more",
        ),
        (
            {"locations": [{"physicalLocation": {"region": {"startLine": 1.5}}}]},
            f"{PHYSICAL}.region.startLine: expected a whole number",
        ),
        (
            {"locations": [{"physicalLocation": {"region": {"startLine": 2**31}}}]},
            f"{PHYSICAL}.region.startLine: Input should be less than or equal to 2147483647",
        ),
    ],
    ids=lambda given: str(given)[:60],
)
def test_types(changed: Json, problem: str) -> None:
    """What is read has the types and bounds of the standard."""
    assert refusal(log(run(result(**changed)))) == f"$.runs[0].results[0].{problem}"


def test_many_problems() -> None:
    """The first of many problems are told."""
    wrong: Json = {key: {} for key in ("ruleId", "ruleIndex", "kind", "level", "message", "locations")}
    assert refusal(log(run(wrong))) == (
        "$.runs[0].results[0].ruleId: expected a string; $.runs[0].results[0].ruleIndex: expected a whole number; "
        "$.runs[0].results[0].kind: Input should be 'notApplicable', 'pass', 'fail', 'review', 'open' or "
        "'informational'; $.runs[0].results[0].level: Input should be 'none', 'note', 'warning' or 'error'; "
        "$.runs[0].results[0].locations: expected a list"
    )


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"tool": None}, ".tool: expected an object"),
        ({"tool": {}}, ".tool.driver: missing"),
        ({"tool": {"driver": {}}}, ".tool.driver.name: missing"),
        (
            {"tool": {"driver": {"name": "…"}}},
            ".tool.driver.name: '…' has no letter or digit; expected a scanner's name",
        ),
        (
            {"tool": {"driver": {"name": "WorthWatch"}}},
            ".tool.driver.name: 'WorthWatch' is the name of our own rules; expected a scanner's name",
        ),
        (
            {"tool": {"driver": {"name": "Worth Watch"}}},
            ".tool.driver.name: 'Worth Watch' is the name of our own rules; expected a scanner's name",
        ),
        ({"results": {}}, ".results: expected a list"),
        ({"invocations": [{}]}, ".invocations[0].executionSuccessful: missing"),
        (
            {"invocations": [{"executionSuccessful": "true"}]},
            ".invocations[0].executionSuccessful: expected true or false",
        ),
        ({"externalPropertyFileReferences": {"results": [{}]}}, f".externalPropertyFileReferences: {ELSEWHERE}"),
        (
            {"artifacts": [{"hashes": {str(number): "" for number in range(MAX_NAMES + 1)}}]},
            ".artifacts[0].hashes: more than 10,000 members, the limit",
        ),
        (
            {"artifacts": [{"location": {"uri": f"{A}.template.json"}, "hashes": {"sha-256": B}}]},
            f".artifacts[0]: {A} by its name, but {B} by its hash: it is not the template it was",
        ),
        (
            {
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "ruleConfigurationOverrides": [{"descriptor": {"index": 7}, "configuration": {}}],
                    }
                ]
            },
            ".invocations[0].ruleConfigurationOverrides: the index 7 leads nowhere; the tool describes 0",
        ),
        (
            {
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [{"descriptor": {"index": 7}, "message": {"text": "m"}}],
                    }
                ]
            },
            ".invocations[0].toolExecutionNotifications[0]: the index 7 leads nowhere; the tool describes 0",
        ),
    ],
    ids=lambda given: str(given)[:60],
)
def test_run(changed: Json, problem: str) -> None:
    """A run that cannot be relied on to be whole is refused."""
    assert refusal(log(run(**changed))) == f"$.runs[0]{problem}"


def test_inline_external_properties() -> None:
    """Results could stand outside of the runs."""
    document = log(run()) | {"inlineExternalProperties": [{"results": [result()]}]}
    assert refusal(document) == f"$.inlineExternalProperties: {ELSEWHERE}"


RULES = [{"id": "R", "guid": "AB"}, {"id": "S"}]


def region(**told: int) -> list[Json]:
    """Return a place in a template, whatever its region says."""
    return [{"physicalLocation": {"artifactLocation": {"uri": f"{A}.template.json"}, "region": told}}]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"ruleId": ""}, ": of no rule; expected ruleId, or ruleIndex of a rule of the tool"),
        ({"ruleId": None}, ": of no rule; expected ruleId, or ruleIndex of a rule of the tool"),
        ({"ruleIndex": 2}, ".rule: the index 2 leads nowhere; the tool describes 2"),
        ({"ruleIndex": 1}, ".rule: 'R' by its id, but 'S' by its index or guid"),
        ({"ruleIndex": 1, "ruleId": "Sub"}, ".rule: 'Sub' by its id, but 'S' by its index or guid"),
        ({"rule": {"id": "S"}}, ".rule: 'S', but 'R' beside it; expected the same"),
        ({"rule": {"index": 0}, "ruleIndex": 1}, ".rule: '0', but '1' beside it; expected the same"),
        ({"rule": {"guid": "CD"}}, ".rule: the tool describes nothing with the guid 'CD'"),
        ({"rule": {"guid": "ab"}, "ruleId": "S"}, ".rule: 'S' by its id, but 'R' by its index or guid"),
        ({"rule": {"toolComponent": {"index": 0}}}, ".rule: the tool has no extension 0; it has 0"),
        (
            {"rule": {"toolComponent": {"guid": "\x1b" * 70}}},
            f".rule: the tool has no component with the guid '{chr(92)}x1b" + "\\x1b" * 56 + "...'",
        ),
        ({"kind": "pass", "level": "error"}, ": of kind pass, but of level error; only what fails has a level"),
        ({"kind": "open", "level": "note"}, ": of kind open, but of level note; only what fails has a level"),
        ({"message": {}}, ".message: neither text nor id; expected one of them"),
        ({"message": {"markdown": "**m**"}}, ".message: neither text nor id; expected one of them"),
        ({"message": {"id": "m"}}, ".message.id: the tool has no message 'm'"),
        ({"message": {"text": "x" * 1_000_001}}, ".message: 1,000,001 characters; the limit is 1,000,000"),
        (
            {"provenance": {"invocationIndex": 0}},
            ".provenance.invocationIndex: the index 0 leads nowhere; the run has 0 invocations",
        ),
        (
            {"locations": at("lib/other.template.json")},
            ": 'lib/other.template.json' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": at("lib/other.template.json"), "kind": "pass"},
            ": 'lib/other.template.json' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": at("canary.template.json")},
            ": 'canary.template.json' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": at(f"{A.upper()}.template.json")},
            f": '{'A' * 57}...' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": at(f"{A}.template.json#x")},
            f": '{'a' * 57}...' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": [{"physicalLocation": {"artifactLocation": {}}}]},
            ": '' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": at("x" * 10_001 + f"/{A}.template.json")},
            f": '{'x' * 57}...' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": [{"physicalLocation": {"artifactLocation": {"index": 1}}}]},
            ": 'rules.rego' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": [{"physicalLocation": {"artifactLocation": {"index": 3}}}]},
            ".index: the index 3 leads nowhere; the run has 3 artifacts",
        ),
        (
            {"locations": at(f"{B}.template.json", index=0)},
            f": '{'b' * 57}...' is not the artifact that its index 0 leads to",
        ),
        ({"locations": at("other.json", index=0)}, ": 'other.json' is not the artifact that its index 0 leads to"),
        (
            {"locations": at(f"{A}.template.json", index=2)},
            f": '{'a' * 57}...' is not the artifact that its index 2 leads to",
        ),
        (
            {"locations": at("rules.rego", index=1)},
            ": 'rules.rego' is of other templates; expected <its SHA-256>.template.json of this run",
        ),
        (
            {"locations": [{"logicalLocations": [{"index": 4}]}]},
            ".logicalLocations: the index 4 leads nowhere; the run has 0 logical locations",
        ),
        (
            {"locations": [{"logicalLocations": [{"fullyQualifiedName": "Table"}, {"index": 4}]}]},
            ".logicalLocations: the index 4 leads nowhere; the run has 0 logical locations",
        ),
        (
            {"locations": region(startLine=3, endLine=2)},
            ".region: ends at line 2, before it begins, at line 3, column 1",
        ),
        (
            {"locations": region(startLine=3, startColumn=4, endColumn=3)},
            ".region: ends at line 3, column 3, before it begins, at line 3, column 4",
        ),
    ],
    ids=lambda given: str(given)[:60],
)
def test_contradictions(changed: Json, problem: str) -> None:
    """A result that refers to what is not there, or says one thing and another, is not interpreted."""
    artifacts: list[Json] = [{"location": {"uri": f"{A}.template.json"}}, {"location": {"uri": "rules.rego"}}, {}]
    document = log(run(result()), run(result(**changed), driver={"rules": RULES}, artifacts=artifacts))
    assert refusal(document) == f"$.runs[1].results[0]{problem}"


LIMIT = "with this one the messages come to more than 1,000 characters, the limit"


@pytest.mark.parametrize(
    "make",
    [
        lambda: [result(message={"text": "{0}" * 30, "arguments": ["x" * 100]})],
        lambda: [result(message={"id": "long"}), result(message={"id": "long"}, ruleId="S")],
        lambda: [result(message={"text": "{0}" * 200, "arguments": [""]})] * 2,
    ],
    ids=["filled", "shared", "emptied"],
)
def test_long_messages(make: Callable[[], list[Json]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A short log that stands for very long messages is given up before they are made."""
    monkeypatch.setattr(messages, "MAX_CHARACTERS", 1_000)
    driver = {"globalMessageStrings": {"long": {"text": "x" * 400}}}
    results = make()
    document = log(run(*results, driver=driver))
    assert refusal(document) == f"$.runs[0].results[{len(results) - 1}].message: {LIMIT}"


def test_names_are_printable() -> None:
    """A terminal does nothing that a log, or a file's name, tells it."""
    path = Path("a\x1b.sarif")
    path.write_text(json.dumps(log(run(result(locations=at("\x1b[2J"))))), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_sarif(path)
    assert str(refused.value) == (
        "a\\x1b.sarif: $.runs[0].results[0]: '\\x1b[2J' is of other templates; "
        "expected <its SHA-256>.template.json of this run"
    )
