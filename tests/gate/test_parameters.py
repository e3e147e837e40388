"""`--parameters`: every form that is read, and the whole message for what is not."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gate.parameters import read_parameters
from policies.reading import InputError

SECRET = "correct-horse"  # noqa: S105 -- no one's
"""A value that no message may repeat."""

TEXT = "the value is none; expected a string, a number, true or false, or a list of these"
TOO_LONG = "the value is longer than 4,096 bytes, CloudFormation's quota"
NAME = "expected the name of a parameter, which is letters and digits"
PREVIOUS = "UsePreviousValue is about a stack that is not known here; state its ParameterValue"
RESOLVED = "ResolvedValue is not given to a deployment; state it in --externals, under ssmParameters"
EXPECTS_JSON = "; a document that begins with { is read as JSON"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that files go by their bare names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("argument", "name", "value"),
    [
        ("Stage=prod", "Stage", "prod"),
        ("Stage=", "Stage", ""),
        ("Stage= ", "Stage", " "),
        ("Stage=a=b", "Stage", "a=b"),
        ("Stage=true", "Stage", "true"),
        ("Zones=a,b", "Zones", "a,b"),
        ("2=line\nline", "2", "line\nline"),
        ("Stage=" + "é" * 2048, "Stage", "é" * 2048),
    ],
)
def test_pairs(argument: str, name: str, value: str) -> None:
    """What stands before the first sign of equality is the name, and all behind it the value."""
    assert read_parameters([argument]) == {name: value}


FILES = {
    "cli.json": b'[{"ParameterKey": "Stage", "ParameterValue": "prod"}, {"ParameterKey": "N", "ParameterValue": 5}]',
    "lines.json": b'\n[\n {"ParameterKey": "Stage", "ParameterValue": "prod"},\n'
    b' {"ParameterKey": "N", "ParameterValue": "5", "UsePreviousValue": false}\n]\n',
    "mark.json": b'\xef\xbb\xbf[{"ParameterKey": "Stage", "ParameterValue": "prod"},'
    b'{"ParameterKey": "N", "ParameterValue": "5"}]',
    "cli.yaml": b"- ParameterKey: Stage\n  ParameterValue: prod\n- {ParameterKey: N, ParameterValue: 5}\n",
    "headed.yaml": b"# - [ ours\n---\n# of the team\n\n  - ParameterKey: Stage\n    ParameterValue: prod\n"
    b"  - ParameterKey: N\n    ParameterValue: '5'\n",
    "overrides.json": b'["Stage=prod", "N=5"]',
    "plain.json": b'{"Stage": "prod", "N": 5}',
    "plain.yaml": b"---\nStage: prod\nN: 5\n",
    "pipeline.json": b'{"Parameters": {"Stage": "prod", "N": 5}, "Tags": {"a": "b"}, "StackPolicy": {"Statement": []}}',
    "section.yaml": b"Parameters:\n- {ParameterKey: Stage, ParameterValue: prod}\n"
    b"- {ParameterKey: N, ParameterValue: 5}",
    "own-with=sign.json": b'{"Stage": "prod", "N": "5"}',
}


@pytest.mark.parametrize("name", FILES)
def test_files(name: str) -> None:
    """The same parameters, in each form that AWS tools read, in JSON and in YAML."""
    Path(name).write_bytes(FILES[name])
    assert read_parameters([name]) == {"Stage": "prod", "N": "5"}


@pytest.mark.parametrize("content", ["{}", "[]", '{"Parameters": {}}'])
def test_files_that_give_nothing(content: str) -> None:
    """No parameters are no problem: a stage may need none."""
    Path("none.json").write_text(content, encoding="utf-8")
    assert read_parameters(["none.json"]) == {}
    assert read_parameters([]) == {}


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ("text", "text"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (-1, "-1"),
        (0.5, "0.5"),
        ("TRUE", "TRUE"),
        ([], ""),
        (["a"], "a"),
        (["a", 1, False, "b c"], "a,1,false,b c"),
    ],
)
def test_values(stated: object, value: str) -> None:
    """Scalars become the strings that CloudFormation makes of them, a list its items with commas between."""
    Path("own.json").write_text(json.dumps({"Own": stated}), encoding="utf-8")
    assert read_parameters(["own.json"]) == {"Own": value}


def test_a_parameter_named_parameters() -> None:
    """A parameter may itself be called Parameters; its value is no object."""
    Path("own.json").write_text('{"Parameters": "all", "Stage": "prod"}', encoding="utf-8")
    assert read_parameters(["own.json"]) == {"Parameters": "all", "Stage": "prod"}


def test_several_arguments() -> None:
    """Files and pairs add up; the same value twice is no contradiction."""
    Path("own.json").write_text('{"Stage": "prod", "Days": 7}', encoding="utf-8")
    given = read_parameters(["own.json", "Days=7", "Zone=b"])
    assert given == {"Stage": "prod", "Days": "7", "Zone": "b"}


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("Stage=prod", f"Stage={SECRET}"), "--parameters"),
        (("Stage=prod", "own.json"), "own.json"),
        (("own.json", "Stage=prod"), "--parameters"),
    ],
)
def test_two_values(arguments: tuple[str, ...], where: str) -> None:
    """Two values of one parameter are refused: which is meant is not for us to say."""
    Path("own.json").write_text(json.dumps({"Stage": SECRET}), encoding="utf-8")
    place = "Stage" if where == "--parameters" else "$.Stage"
    problem = f"{place}: the parameter Stage has another value before; state it once"
    assert refusal(*arguments) == (where, problem)


def test_two_values_in_one_file() -> None:
    """The AWS CLI's list can name a parameter twice."""
    entries = [{"ParameterKey": "Stage", "ParameterValue": value} for value in ("prod", SECRET)]
    Path("own.json").write_text(json.dumps(entries), encoding="utf-8")
    assert refusal("own.json") == (
        "own.json",
        "$[1]: the parameter Stage has another value before; state it once",
    )


NO_PAIR = "is no pair such as Stage=prod, in which a name of letters and digits stands first; nor is it a file"


@pytest.mark.parametrize(
    ("argument", "where", "problem"),
    [
        ("", "--parameters", "empty; expected a pair such as Stage=prod, or a file"),
        ("missing.json", "missing.json", "no such file; check the path"),
        (".", ".", "a folder; expected a file"),
        (f"db-key={SECRET}", "--parameters", f"'db-key'=… {NO_PAIR}: no such file; check the path"),
        (f"={SECRET}", "--parameters", f"''=… {NO_PAIR}: no such file; check the path"),
        (f"Stack:Key={SECRET}", "--parameters", f"'Stack:Key'=… {NO_PAIR}: no such file; check the path"),
        (f"Clé={SECRET}", "--parameters", f"'Clé'=… {NO_PAIR}: no such file; check the path"),
        (f"a b={SECRET}\0", "--parameters", f"'a b'=… {NO_PAIR}: cannot be read: embedded null byte"),
        (f"a b={SECRET * 400}", "--parameters", f"'a b'=… {NO_PAIR}: cannot be read: File name too long"),
        (f"Key={SECRET * 400}", "--parameters", f"Key: {TOO_LONG}"),
        ("Key=" + "é" * 2049, "--parameters", f"Key: {TOO_LONG}"),
        (
            f"Key={SECRET}\udcff",
            "--parameters",
            "Key: half of a surrogate pair is no character; expected both halves, or another character",
        ),
    ],
)
def test_arguments_that_are_refused(argument: str, where: str, problem: str) -> None:
    """What is neither a pair nor a file that can be read; what may be a secret is not repeated."""
    assert refusal(argument) == (where, problem)


WANTED = 'expected parameters in JSON or YAML, such as {"Stage": "prod"}'

REFUSED = {
    "empty": (b" \n", "", f"empty; {WANTED}"),
    "byte order mark only": (b"\xef\xbb\xbf", "", f"empty; {WANTED}"),
    "comment": (b"# Stage: prod\n", "", f"empty; {WANTED}"),
    "text": (b"correct-horse\n", "", f"no object at the top; {WANTED}"),
    "number": (b"42", "", f"no object at the top; {WANTED}"),
    "html": (b"<html><body>correct-horse</body></html>", "", f"no object at the top; {WANTED}"),
    "not-json": (b'{"Stage": }', ":1:11", f"not valid JSON: Expecting value{EXPECTS_JSON}"),
    "not-json-list": (
        b'[\n {"ParameterKey": "Stage" "ParameterValue": "correct-horse"}\n]',
        ":2:27",
        f"not valid JSON: Expecting ',' delimiter{EXPECTS_JSON}",
    ),
    "not-yaml-list": (
        b"- ParameterKey: Stage\n  ParameterValue: [correct-horse\n",
        ":3:1",
        "not valid YAML: did not find expected ',' or ']'",
    ),
    "more-than-a-list": (b'[], "Stage": 1', "", "a list and more than it; expected the list alone"),
    "more-than-a-yaml-list": (b"- a\nStage: 1", "", "a list and more than it; expected the list alone"),
    "closed-too-early": (b'[]} {"a": 1', ":1:5", f"not valid JSON: Extra data{EXPECTS_JSON}"),
    "duplicate": (
        b'{"Stage": "a", "Stage": "correct-horse"}',
        ":1:16",
        "the key 'Stage' stands twice in one object; keep one of them",
    ),
    "template": (
        b'{"Parameters": {"Stage": {"Type": "String"}}, "Resources": {}}',
        "",
        "$.Resources: expected Parameters, Tags, StackPolicy and no other key",
    ),
    "values": (
        b'{"A": null, "B": {"Ref": "correct-horse"}, "C": [["correct-horse"]], "D": [null], "Good": 1}',
        "",
        f"$.A: {TEXT}; $.B: {TEXT}; $.C: {TEXT}; $.D: {TEXT}",
    ),
    "names": (
        b'{"a-b": "correct-horse", "": 1, "Stack:Key": "correct-horse"}',
        "",
        f"$['a-b']: {NAME}; $['']: {NAME}; $['Stack:Key']: {NAME}",
    ),
    "entries": (
        b"Parameters: [Sta-ge=correct-horse, {}, {ParameterKey: 5, ParameterValue: 1}, {ParameterKey: A}, "
        b"{ParameterKey: A, ParameterValue: correct-horse, Value: 1}]",
        "",
        "$.Parameters[0]: expected an object with ParameterKey and ParameterValue, or a pair such as Stage=prod; "
        f"$.Parameters[1]: {NAME}; $.Parameters[2]: {NAME}; "
        "$.Parameters[3]: the parameter A has no ParameterValue; state it; "
        "$.Parameters[4]: expected ParameterKey and ParameterValue, and no 'Value'",
    ),
    "previous": (
        b'[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "UsePreviousValue": "true"},'
        b' {"ParameterKey": "C", "ParameterValue": "correct-horse", "UsePreviousValue": true}]',
        "",
        f"$[0]: {PREVIOUS}; $[1]: {PREVIOUS}; $[2]: {PREVIOUS}",
    ),
    "resolved": (
        b'[{"ParameterKey": "A", "ParameterValue": "/team/key", "ResolvedValue": "correct-horse"}]',
        "",
        f"$[0]: {RESOLVED}",
    ),
    "many": (
        b"[" + b", ".join([b"0"] * 25) + b"]",
        "",
        "; ".join(
            [
                *(
                    f"$[{i}]: expected an object with ParameterKey and ParameterValue, or a pair such as Stage=prod"
                    for i in range(20)
                ),
                "and more",
            ]
        ),
    ),
    "aliases": (
        b"A: &a correct-horse" + b"e" * 100_000 + b"\nB: [" + b"*a, " * 190_000 + b"]\n",
        "",
        f"$.A: {TOO_LONG}; $.B: {TOO_LONG}",
    ),
}
"""What a file may not hold, with the place behind its name and the whole message."""


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_refused(name: str) -> None:
    """All that is wrong in a file is told, with its place, and no value is."""
    content, place, problem = REFUSED[name]
    Path("own.txt").write_bytes(content)
    assert refusal("own.txt") == (f"own.txt{place}", problem)
    assert SECRET not in problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Parameters", "ParameterKey", "ParameterValue", "UsePreviousValue", "Tags", "A"])
            | st.text(max_size=2),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(JSON) | st.dictionaries(st.text(max_size=2), JSON))
@example([{"ParameterKey": "A", "ParameterValue": "\ud800"}])
def test_whatever_stands_in_a_file(document: object) -> None:
    """Names and values come of it, all of them strings, or one problem."""
    Path("any.json").write_text(json.dumps(document), encoding="utf-8")
    with suppress(InputError):
        assert all(name.isalnum() and isinstance(value, str) for name, value in read_parameters(["any.json"]).items())


def refusal(*arguments: str) -> tuple[str, str]:
    """Return where and why arguments are refused."""
    with pytest.raises(InputError) as refused:
        read_parameters(arguments)
    assert SECRET not in str(refused.value)
    return refused.value.where, refused.value.problem
