"""Large JSON documents: what is read, and what is said of what is not."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from policies.json_documents import parse_object, validate
from policies.reading import InputError

EXPECTED = "a report"


class Part(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    size: Annotated[int, Field(ge=1)] = 1
    kind: Literal["a", "b"] = "a"


class Document(BaseModel):
    """A document of parts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    parts: list[Part]
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] = f"sha256:{'0' * 64}"
    final: bool = True
    notes: dict[str, str] = {}


def read(data: bytes, most: int = 100) -> dict[str, object]:
    """Return what a document holds."""
    return parse_object(data, "r.json", EXPECTED, max_values=most)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, -2.5, true, null, "x"]} ', {"a": [1, -2.5, True, None, "x"]}),
        ('{"ä": "\\u00e4"}'.encode(), {"ä": "ä"}),
        (b'{"a": {"b": 1}, "c": {"b": 2}}', {"a": {"b": 1}, "c": {"b": 2}}),
    ],
)
def test_read(data: bytes, value: dict[str, object]) -> None:
    """An object is read as it stands; a key may stand once in each."""
    assert read(data) == value


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"[]", f"no JSON object; expected {EXPECTED}"),
        (b'"a"', f"no JSON object; expected {EXPECTED}"),
        (
            b'{"a": 1, "b": 2, "a": 3}',
            f"the key 'a' stands twice in one object; expected {EXPECTED}",
        ),
        (
            b'{"a": {"c": 1, "b": 2, "b": 3}}',
            f"the key 'b' stands twice in one object; expected {EXPECTED}",
        ),
        (
            b"",
            f"not valid JSON in UTF-8: EOF while parsing a value at line 1 column 0; expected {EXPECTED}",
        ),
        (
            b'{"a": NaN}',
            f"not valid JSON in UTF-8: expected value at line 1 column 7; expected {EXPECTED}",
        ),
        (
            b'{"a": "\xff"}',
            f"not valid JSON in UTF-8: invalid unicode code point at line 1 column 9; expected {EXPECTED}",
        ),
        (
            '{"a": 1}'.encode("utf-16"),
            f"not valid JSON in UTF-8: expected value at line 1 column 1; expected {EXPECTED}",
        ),
        (
            b'{"a": "\\\n' + b"," * 200 + b'"}',
            f"not valid JSON in UTF-8: invalid escape at line 2 column 0; expected {EXPECTED}",
        ),
        (
            b'{"a":' * 300 + b"1" + b"}" * 300,
            "more than 100 values, the limit",
        ),
    ],
)
def test_refused(data: bytes, problem: str) -> None:
    """What is no such document is refused, with what was expected."""
    with pytest.raises(InputError) as raised:
        read(data)
    assert (raised.value.where, raised.value.problem) == ("r.json", problem)


def test_depth_is_bounded() -> None:
    """What nests deeper than the parser goes is refused, and brings nothing down."""
    with pytest.raises(InputError) as raised:
        read(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 10_000)
    assert raised.value.problem == (
        f"not valid JSON in UTF-8: recursion limit exceeded at line 1 column 1006; expected {EXPECTED}"
    )


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": [1, 2, 3]}',
        b'{"a": [], "b": {}}',
        b'{"a": "1,2,3,4,5,[{", "b": "\\",[{\\\\", "c": ",,", "d": 4}',
        b'{"a": {}, "b": "[{,", "c\\"[": 1}',
    ],
)
def test_values_are_counted(data: bytes) -> None:
    """The limit is what commas and brackets make of a document, what stands in strings left out."""
    read(data, 4)
    with pytest.raises(InputError) as raised:
        read(data, 3)
    assert raised.value.problem == "more than 3 values, the limit"


def test_many_values() -> None:
    """The limit is told with commas."""
    with pytest.raises(InputError) as raised:
        read(b'{"a": [' + b"," * 2000 + b"]}", 1500)
    assert raised.value.problem == "more than 1,500 values, the limit"


def test_a_model() -> None:
    """A document is what the model makes of it."""
    assert validate(Document, {"parts": [{"name": "x"}]}, "r.json") == Document(parts=[Part(name="x")])


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "$.parts: missing"),
        ({"parts": [], "more": 1}, "$.more: unknown key"),
        ({"parts": [], "odd key": 1}, "$['odd key']: unknown key"),
        ({"parts": [{"name": "x"}, 1]}, "$.parts[1]: expected an object"),
        ({"parts": [], "notes": []}, "$.notes: expected an object"),
        ({"parts": {}}, "$.parts: expected a list"),
        ({"parts": [{"name": 1}]}, "$.parts[0].name: expected a string"),
        ({"parts": [{"name": "x", "size": "1"}]}, "$.parts[0].size: expected a whole number"),
        ({"parts": [{"name": "x", "size": 0}]}, "$.parts[0].size: expected 1 or more"),
        ({"parts": [{"name": "x", "kind": "c"}]}, "$.parts[0].kind: Input should be 'a' or 'b'"),
        ({"parts": [], "final": "yes"}, "$.final: expected true or false"),
        ({"parts": [], "digest": "md5"}, "$.digest: expected sha256: and 64 hexadecimal digits"),
        ({"final": 1, "more": 2}, "$.parts: missing; $.final: expected true or false; $.more: unknown key"),
        ({"parts": [1] * 5}, "; ".join(f"$.parts[{i}]: expected an object" for i in range(5))),
        ({"parts": [1] * 6}, "; ".join(f"$.parts[{i}]: expected an object" for i in range(5)) + "; and more"),
    ],
)
def test_no_model(document: object, problem: str) -> None:
    """The first five places where a document differs are told, each with what is expected there."""
    with pytest.raises(InputError) as raised:
        validate(Document, document, "r.json")
    assert (raised.value.where, raised.value.problem) == ("r.json", problem)
