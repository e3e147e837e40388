"""Where a JSONPath leads to in a template's text: every value of any document, however it is written."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.paths import way
from evidence.positions import Region, Source, read
from policies.nodes import child

TEXTS = st.sampled_from(["", "'", '"', "\\", "\\'", "a.b", "0", "Fn::If"]) | st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def render(value: object, chance: random.Random) -> str:
    """Return a value as JSON, with any spaces between its tokens, and any of its characters escaped."""

    def space() -> str:
        return "".join(chance.choices([" ", "\n", "\r\n", "\t", "\r"], k=chance.randint(0, 2)))

    def string(text: str) -> str:
        return f'"{"".join(json.dumps(char, ensure_ascii=chance.random() < 0.5)[1:-1] for char in text)}"'

    match value:
        case dict():
            members = [f"{space()}{string(key)}{space()}:{render(one, chance)}" for key, one in value.items()]
            said = f"{{{','.join(members) or space()}}}"
        case list():
            said = f"[{','.join(render(one, chance) for one in value) or space()}]"
        case str():
            said = string(value)
        case _:
            said = json.dumps(value)
    return f"{space()}{said}{space()}"


def places(value: object, path: str = "$") -> Iterator[tuple[str, object]]:
    """Return the JSONPath of every value within a value, and what stands there."""
    yield path, value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from places(member, child(path, key))
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, f"{path}[{i}]")


def cut(text: str, region: Region) -> str:
    """Return what stands in a region of a text."""
    lines = [line.encode("utf-16-le") for line in text.split("\n")][region.start_line - 1 : region.end_line]
    lines[-1] = lines[-1][: 2 * (region.end_column - 1)]
    lines[0] = lines[0][2 * (region.start_column - 1) :]
    return "\n".join(line.decode("utf-16-le") for line in lines)


def source(text: str) -> Source:
    """Return the source of a template that can be read."""
    told = read(text.encode())
    assert told is not None
    return told


@given(document=st.dictionaries(TEXTS, VALUES, max_size=4), chance=st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_every_value_of_a_document_is_found_where_it_stands(document: dict[str, object], chance: random.Random) -> None:
    """What stands in the region of a path is the JSON of the value at that path, without the space around it."""
    text = render(document, chance)
    told = source(text)
    for path, value in places(document):
        region = told.locate(path)
        assert region is not None
        found = cut(text, region)
        assert (region.exact, found, json.dumps(json.loads(found))) == (True, found.strip(), json.dumps(value))


@given(document=st.dictionaries(TEXTS, VALUES, max_size=4))
@settings(max_examples=50)
def test_what_is_not_there_is_found_in_what_would_hold_it(document: dict[str, object]) -> None:
    """The region of a member that nothing has is that of the place where it is looked for, and says so."""
    text = json.dumps(document)
    told = source(text)
    for path, value in places(document):
        for missing in (child(path, "not here"), f"{child(path, 'not here')}[0].deeper", f"{path}[99]"):
            region = told.locate(missing)
            assert region is not None
            assert (region.exact, json.dumps(json.loads(cut(text, region)))) == (False, json.dumps(value))


@pytest.mark.parametrize(
    ("text", "path", "region"),
    [
        ('{"a":1}', "$", Region(1, 1, 1, 8, exact=True)),
        ('{"a":1}', "$.a", Region(1, 6, 1, 7, exact=True)),
        ('{\r\n  "a": [\r\n    true\r\n  ]\r\n}', "$.a[0]", Region(3, 5, 3, 9, exact=True)),
        ('{\r\n  "a": [\r\n    true\r\n  ]\r\n}', "$.a", Region(2, 8, 4, 4, exact=True)),
        ('{"\\u0061": 1}', "$.a", Region(1, 12, 1, 13, exact=True)),
        ('{"😀": "😀", "b": 1}', "$['😀']", Region(1, 8, 1, 12, exact=True)),
        ('{"😀": "😀", "b": 1}', "$.b", Region(1, 19, 1, 20, exact=True)),
        ('{"é": {"\\n": 2}}', "$.é['\\n']", Region(1, 14, 1, 15, exact=True)),
        ("\ufeff{}", "$", Region(1, 1, 1, 3, exact=True)),
        ("\n\t {}", "$", Region(2, 3, 2, 5, exact=True)),
        ('{"\u2028":\r1}', "$['\u2028']", Region(1, 7, 1, 8, exact=True)),
        ('{"a": {"0": 1}}', "$.a[0]", Region(1, 7, 1, 15, exact=False)),
        ('{"a": ["b"]}', "$.a['0']", Region(1, 7, 1, 12, exact=False)),
        ('{"a": "text"}', "$.a[0]", Region(1, 7, 1, 13, exact=False)),
        ('{"a": "}\\"{", "b": []}', "$.b", Region(1, 20, 1, 22, exact=True)),
    ],
)
def test_lines_and_columns_are_those_of_sarif(text: str, path: str, region: Region) -> None:
    """They count from 1, in UTF-16 code units without the byte order mark; only a line feed ends a line."""
    assert source(text).locate(path) == region


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  ",
        b"[]",
        b"true",
        b"Resources: {}",
        b"--- {}",
        b"{Resources: {}}",
        b'{"a": 1',
        b'{"a": 1} 2',
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": "\x00"}',
        b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"a":' * 100_000,
        b'{"a": "' + b"x" * 1_100_000 + b'"}',
    ],
)
def test_what_the_reader_of_templates_refuses_has_no_places(data: bytes) -> None:
    """What is no JSON, has a key twice or is beyond the limits is no source; nor is YAML."""
    assert read(data) is None


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("$", ()),
        ("$.Resources.Table_1", ("Resources", "Table_1")),
        ("$['a'][0].b", ("a", 0, "b")),
        ("$['']", ("",)),
        ("$['\\'\"\\\\\\u0041']", ("'\"\\A",)),
        ("", None),
        ("Resources", None),
        ("(Nested)$.Resources", None),
        ("$.", None),
        ("$..a", None),
        ("$.*", None),
        ("$[-1]", None),
        ("$[0:1]", None),
        ("$[?@.a]", None),
        ("$['a]", None),
        ("$['\\x']", None),
        ("$['\\", None),
        ("$[" + "9" * 5_000 + "]", None),
        ("$.a ", None),
    ],
)
def test_a_way_is_made_of_names_and_indexes(path: str, told: tuple[str | int, ...] | None) -> None:
    """A path leads by names and indexes from the root, or it is none of ours, and leads nowhere."""
    assert way(path) == told
    region = source("{}").locate(path)
    assert (region is None) == (told is None)


def test_the_last_value_of_a_large_template_is_found() -> None:
    """The last value of a template of nearly a megabyte, nested to the limit, is found."""
    text = '{"a":' * 90 + json.dumps([{"key": i} for i in range(30_000)]) + "}" * 90
    region = source(text).locate("$" + ".a" * 90 + "[29999].key")
    assert region is not None
    assert (cut(text, region), region.exact) == ("29999", True)
