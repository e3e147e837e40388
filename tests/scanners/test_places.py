"""From lines, columns and names that scanners tell to resources."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.nodes import child
from scanners.places import Place, Span, place

TEMPLATE = b"""{
 "Parameters": {"Unused": {"Type": "String"}},
 "Resources": {
  "Table": {
   "Type": "AWS::DynamoDB::Table",
   "Metadata": {"aws:cdk:path": "Stack/Table/Resource"},
   "Properties": {
    "KeySchema": [
     {"AttributeName": "id"},
     {"AttributeName": "\\u00e9", "KeyType": "RANGE"}
    ]
   }
  },
  "Stack/Table/Resource": {"Type": "X"}, "Other": {"Type": "Y",
   "Metadata": {"aws:cdk:path": "Stack/Other"}}
 }
}"""

TABLE = Place("Table", "$.Resources.Table")
OTHER = Place("Other", "$.Resources.Other")
BEYOND_TABLE = Place("Table", "$")
SCHEMA = "$.Resources.Table.Properties.KeySchema"


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        (1, None, Place(None, "$")),
        (2, 17, Place(None, "$.Parameters.Unused")),
        (2, None, Place(None, "$.Parameters")),
        (3, None, Place(None, "$.Resources")),
        (4, None, TABLE),
        (4, 1, TABLE),
        (4, 3, TABLE),
        (4, 12, TABLE),
        (5, None, Place("Table", "$.Resources.Table.Type")),
        (5, 12, Place("Table", "$.Resources.Table.Type")),
        (6, 20, Place("Table", "$.Resources.Table.Metadata['aws:cdk:path']")),
        (8, None, Place("Table", SCHEMA)),
        (9, None, Place("Table", f"{SCHEMA}[0]")),
        (9, 7, Place("Table", f"{SCHEMA}[0].AttributeName")),
        (10, 50, Place("Table", f"{SCHEMA}[1].KeyType")),
        (10, 999, Place("Table", SCHEMA)),
        (11, None, Place("Table", SCHEMA)),
        (13, None, TABLE),
        (14, None, Place("Stack/Table/Resource", "$.Resources['Stack/Table/Resource']")),
        (14, 45, OTHER),
        (15, None, Place("Other", "$.Resources.Other.Metadata")),
        (17, None, Place(None, "$")),
        (17, 80, Place(None, "$")),
        (18, None, None),
        (10**9, None, None),
    ],
)
def test_line(line: int, column: int | None, told: Place | None) -> None:
    """A place is in the innermost value there; a line without column, or with the first, is what begins on it."""
    assert place(TEMPLATE, Span(line, column), None) == told
    assert place(TEMPLATE.replace(b"\n", b"\r\n"), Span(line, column), None) == told
    assert place(b"\xef\xbb\xbf" + TEMPLATE, Span(line, column), None) == told


@pytest.mark.parametrize(
    ("line", "logical", "told"),
    [
        (None, "Table", TABLE),
        (None, "Stack/Other", OTHER),
        (None, "Stack/Table/Resource", Place("Stack/Table/Resource", "$.Resources['Stack/Table/Resource']")),
        (None, "Unknown", None),
        (None, None, None),
        (8, "Table", Place("Table", SCHEMA)),
        (8, "Other", Place("Other", "$")),
        (14, "Stack/Other", Place("Other", "$")),
        (8, "Unknown", Place("Table", SCHEMA)),
        (2, "Other", Place("Other", "$")),
        (1, "Other", Place("Other", "$")),
        (99, "Other", Place("Other", "$")),
        (99, "Unknown", None),
    ],
)
def test_logical(line: int | None, logical: str | None, told: Place | None) -> None:
    """A resource is told by logical id, else by path; a line tells the place within it, or contradicts it."""
    assert place(TEMPLATE, None if line is None else Span(line), logical) == told


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (Span(5, None, 5), Place("Table", "$.Resources.Table.Type")),
        (Span(5, 4, 5, 34), Place("Table", "$.Resources.Table.Type")),
        (Span(5, None, 13), TABLE),
        (Span(4, None, 13), TABLE),
        (Span(4, None, 14, 3), TABLE),
        (Span(4, None, 14, 4), BEYOND_TABLE),
        (Span(4, None, 14), BEYOND_TABLE),
        (Span(4, None, 16), BEYOND_TABLE),
        (Span(4, None, 10**9), BEYOND_TABLE),
        (Span(9, None, 17), BEYOND_TABLE),
        (Span(13, None, 14), BEYOND_TABLE),
        (Span(3, None, 16), Place(None, "$.Resources")),
        (Span(3, None, 17), Place(None, "$")),
        (Span(9, None, 10), Place("Table", SCHEMA)),
        (Span(10, 46, 11, 6), Place("Table", SCHEMA)),
        (Span(2, 17, 2, 43), Place(None, "$.Parameters.Unused")),
        (Span(2, 17, 17), Place(None, "$")),
        (Span(2, None, 2), Place(None, "$.Parameters")),
        (Span(2, None, 4), Place(None, "$")),
        (Span(9, 7, 8, 1), Place("Table", f"{SCHEMA}[0].AttributeName")),
    ],
)
def test_span(span: Span, told: Place) -> None:
    """What reaches over several values is what holds them all: beyond the entry in which it begins, all there is."""
    assert place(TEMPLATE, span, None) == told


@pytest.mark.parametrize(
    ("span", "logical", "told"),
    [
        (Span(4, None, 13), "Table", TABLE),
        (Span(4, None, 16), "Table", BEYOND_TABLE),
        (Span(4, None, 16), "Other", Place("Other", "$")),
        (Span(3, None, 16), "Other", Place("Other", "$")),
    ],
)
def test_span_and_logical(span: Span, logical: str, told: Place) -> None:
    """The resource is the one that is named, whatever a span reaches over."""
    assert place(TEMPLATE, span, logical) == told


def test_each_value_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many places of a template are asked for: scanners find thousands in one."""
    told = place(TEMPLATE, Span(9, 7), None)
    monkeypatch.delattr(json.JSONDecoder, "raw_decode")
    assert place(TEMPLATE, Span(9, 7), None) == told == Place("Table", f"{SCHEMA}[0].AttributeName")


@pytest.mark.parametrize("data", [b"", b"Resources: {}", b"[]", b"{", b"\xff", b'{"a": 1, "a": 2}', b"{" * 101])
def test_unreadable(data: bytes) -> None:
    """What is no template in JSON has no places."""
    assert place(data, Span(1, 1), "Table") is None


@pytest.mark.parametrize("resources", [None, [], "text", {"Table": None}, {"Table": {"Metadata": []}}])
def test_malformed_resources(resources: object) -> None:
    """A template may hold anything in the place of resources."""
    told = TABLE if isinstance(resources, dict) else None
    assert place(json.dumps({"Resources": resources}).encode(), None, "Table") == told


TEXTS = st.sampled_from(["", "'", '"', "\\", "a.b", "Fn::If", "\n"]) | st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def spelt(value: object, path: str, told: dict[str, str], at: list[int]) -> str:
    """Return a value as JSON with each scalar on a line of its own; `told` is filled with the paths of those lines."""
    match value:
        case dict() if value:
            members = []
            for key, one in value.items():
                at[0] += 1
                inside = child(path, key)
                told[str(at[0])] = inside
                members.append(f"\n{json.dumps(key)}: {spelt(one, inside, told, at)}")
            return f"{{{','.join(members)}}}"
        case list() if value:
            items = []
            for index, one in enumerate(value):
                at[0] += 1
                told[str(at[0])] = f"{path}[{index}]"
                items.append(f"\n{spelt(one, f'{path}[{index}]', told, at)}")
            return f"[{','.join(items)}]"
    return json.dumps(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_every_value(document: dict[str, object]) -> None:
    """Whatever begins on a line is what that line is the place of."""
    told: dict[str, str] = {}
    data = spelt(document, "$", told, [1]).encode()
    found = {line: place(data, Span(int(line)), None) for line in told}
    # a list or object in a list begins on the line of its own first bracket, as told
    assert {line: one.path for line, one in found.items() if one} == told
