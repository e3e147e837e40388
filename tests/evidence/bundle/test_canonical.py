"""Canonical JSON: the one form of a value, and the refusal of every other."""

from __future__ import annotations

import itertools
import json
import re
import struct
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.bundle.canonical import (
    MAX_BYTES,
    MAX_NODES,
    MAX_TEXT,
    canonical,
    canonical_parts,
    read_canonical,
    read_lines,
)
from evidence.sequences import Made
from policies.reading import InputError

FORM = "; expected that of RFC 8785: each key once and in order, no spaces, the shortest escapes and numbers"

NUMBERS = {
    "0000000000000000": b"0",
    "0000000000000001": b"5e-324",
    "8000000000000001": b"-5e-324",
    "7fefffffffffffff": b"1.7976931348623157e+308",
    "ffefffffffffffff": b"-1.7976931348623157e+308",
    "4340000000000000": b"9007199254740992",
    "c340000000000000": b"-9007199254740992",
    "4430000000000000": b"295147905179352830000",
    "44b52d02c7e14af5": b"9.999999999999997e+22",
    "44b52d02c7e14af6": b"1e+23",
    "44b52d02c7e14af7": b"1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": b"999999999999999700000",
    "444b1ae4d6e2ef4f": b"999999999999999900000",
    "444b1ae4d6e2ef50": b"1e+21",
    "3eb0c6f7a0b5ed8c": b"9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": b"0.000001",
    "41b3de4355555553": b"333333333.3333332",
    "41b3de4355555554": b"333333333.33333325",
    "41b3de4355555555": b"333333333.3333333",
    "41b3de4355555556": b"333333333.3333334",
    "41b3de4355555557": b"333333333.33333343",
    "becbf647612f3696": b"-0.0000033333333333333333",
    "43143ff3c1cb0959": b"1424953923781206.2",
}
"""RFC 8785, appendix B: doubles, as the bits of IEEE 754, and their forms."""

REFUSED = {
    "nothing": (b"", "d: not valid JSON at character 1: Expecting value"),
    "byte order mark": (
        b"\xef\xbb\xbf{}",
        "d: not valid JSON at character 1: Unexpected UTF-8 BOM (decode using utf-8-sig)",
    ),
    "utf-16": ("{}".encode("utf-16"), "d: byte 1, 0xff, is not UTF-8"),
    "latin-1": (b'{"a":"\xe9"}', "d: byte 7, 0xe9, is not UTF-8"),
    "encoded surrogate": (b'"\xed\xa0\x80"', "d: byte 2, 0xed, is not UTF-8"),
    "overlong": (b'"\xc0\xaf"', "d: byte 2, 0xc0, is not UTF-8"),
    "syntax": (b'{"a" 1}', "d: not valid JSON at character 6: Expecting ':' delimiter"),
    "control character": (b'"\n"', "d: not valid JSON at character 2: Invalid control character at"),
    "trailing byte": (b"{}x", "d: not valid JSON at character 3: Extra data"),
    "second value": (b"{}{}", "d: not valid JSON at character 3: Extra data"),
    "nul": (b"{}\0", "d: not valid JSON at character 3: Extra data"),
    "cut off": (b'{"a":', "d: not valid JSON at character 6: Expecting value"),
    "unclosed text": (b'["a', "d: not valid JSON at character 2: Unterminated string starting at"),
    "nan": (b"[NaN]", "d: JSON that has no canonical form: nan is not representable in JCS"),
    "infinity": (b"[-Infinity]", "d: JSON that has no canonical form: -inf is not representable in JCS"),
    "overflow": (b"1e999", "d: JSON that has no canonical form: inf is not representable in JCS"),
    "long number": (b"9" * 5000, "d: JSON that has no canonical form: inf is not representable in JCS"),
    "surrogate": (
        b'"\\ud800"',
        "d: JSON that has no canonical form: input contains non-UTF-8 codepoints",
    ),
    "surrogate in a key": (
        b'{"\\ud800":1}',
        "d: JSON that has no canonical form: input contains non-UTF-8 codepoints",
    ),
    "trailing line feed": (b"{}\n", f"d: not in canonical form from byte 3 on{FORM}"),
    "space": (b'{"a": 1}', f"d: not in canonical form from byte 6 on{FORM}"),
    "space before": (b" {}", f"d: not in canonical form from byte 1 on{FORM}"),
    "keys out of order": (b'{"b":1,"a":2}', f"d: not in canonical form from byte 3 on{FORM}"),
    "key twice": (b'{"a":1,"a":1}', f"d: not in canonical form from byte 7 on{FORM}"),
    "key twice, once escaped": (b'{"a":1,"\\u0061":1}', f"d: not in canonical form from byte 7 on{FORM}"),
    "keys in order of code points": (
        '{"\ufb33":1,"\U0001f600":2}'.encode(),
        f"d: not in canonical form from byte 3 on{FORM}",
    ),
    "needless escape": (b'"\\u0061"', f"d: not in canonical form from byte 2 on{FORM}"),
    "escaped solidus": (b'"\\/"', f"d: not in canonical form from byte 2 on{FORM}"),
    "capital escape": (b'"\\u001F"', f"d: not in canonical form from byte 7 on{FORM}"),
    "escaped pair": (b'"\\ud83d\\ude00"', f"d: not in canonical form from byte 2 on{FORM}"),
    "fraction of nothing": (b"1.0", f"d: not in canonical form from byte 2 on{FORM}"),
    "exponent": (b"1e2", f"d: not in canonical form from byte 2 on{FORM}"),
    "negative zero": (b"-0", f"d: not in canonical form from byte 1 on{FORM}"),
    "negative zero with a fraction": (b"-0.0", f"d: not in canonical form from byte 1 on{FORM}"),
    "an integer that no double is": (b"9007199254740993", f"d: not in canonical form from byte 16 on{FORM}"),
    "too many digits": (b"0.10000000000000001", f"d: not in canonical form from byte 4 on{FORM}"),
    "deep": (b"[" * 100_000, "d: nested deeper than 128 levels, the limit"),
    "deep and whole": (b'{"a":' * 129 + b"1" + b"}" * 129, "d: nested deeper than 128 levels, the limit"),
    "deep after much": (b'{"\\"":[],"b":' + b"[" * 128, "d: nested deeper than 128 levels, the limit"),
}

WITHOUT_FORM = {
    "nan": (float("nan"), "nan is not representable in JCS"),
    "infinity": ([float("inf")], "inf is not representable in JCS"),
    "large integer": ({"a": 2**53}, "9007199254740992 exceeds safe integer domain for JSON floats"),
    "surrogate": ("\ud800", "input contains non-UTF-8 codepoints"),
    "surrogate in a key": ({"\ud800": 1}, "input contains non-UTF-8 codepoints"),
    "key that is no text": ({1: 2}, "object keys must be strings"),
    "bytes": (b"a", "unsupported type: <class 'bytes'>"),
}

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def refusal(data: bytes) -> str:
    """Return why a document is refused."""
    with pytest.raises(InputError) as caught:
        read_canonical(data, "d")
    return str(caught.value)


def test_the_example_of_the_rfc() -> None:
    """RFC 8785, section 3.2.2: the input and its form."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    form = (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )

    assert canonical(value) == form
    assert read_canonical(form, "d") == value


def test_keys_are_in_the_order_of_utf16() -> None:
    """RFC 8785, section 3.2.3: the order of its example."""
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    form = canonical(dict.fromkeys(sorted(order), 1))

    assert list(json.loads(form)) == order
    assert read_canonical(form, "d") == dict.fromkeys(order, 1)


@pytest.mark.parametrize("bits", NUMBERS)
def test_numbers(bits: str) -> None:
    """RFC 8785, appendix B; and the form is read back as the same double."""
    (double,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical(double) == NUMBERS[bits]
    assert read_canonical(NUMBERS[bits], "d") == double


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    """Reading is the inverse of writing."""
    assert read_canonical(canonical(value), "d") == value


@given(VALUES, st.data())
def test_no_two_forms_are_read_as_one_value(value: object, data: st.DataObject) -> None:
    """A form with another byte is refused, or the form of another value."""
    form = bytearray(canonical(value))
    position = data.draw(st.integers(0, len(form) - 1))
    form[position] ^= data.draw(st.integers(1, 255))
    try:
        other = read_canonical(bytes(form), "d")
    except InputError:
        return

    assert canonical(other) == form != canonical(value)


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """Each is refused with what is wrong and where."""
    data, message = REFUSED[case]

    assert refusal(data) == message


def test_what_looks_deep_or_many_in_text_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, values and levels are what JSON says they are; the last one within the limit is read."""
    monkeypatch.setattr("evidence.bundle.canonical.MAX_NODES", 129)
    deepest: object = ""
    for _ in range(128):
        deepest = [deepest]
    values = ['[{"\\' * 1_000, ",:[[]]" * 1_000, deepest, {str(key): key for key in range(64)}, [True] * 128]

    assert [read_canonical(canonical(value), "d") for value in values] == values
    for data in (b'{"a":1,' + b'"b":2,' * 64, b"[1" + b",1" * 128, b'""' * 130, b"[]" * 130):
        assert refusal(data) == "d: more than 129 keys and values, the limit"


@pytest.fixture
def of_a_64th(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the limits a 64th of what they are, so that what is as large as they allow is read in no time."""
    for name, limit in {"MAX_BYTES": MAX_BYTES, "MAX_NODES": MAX_NODES, "MAX_TEXT": MAX_TEXT}.items():
        monkeypatch.setattr(f"evidence.bundle.canonical.{name}", limit // 64)


LARGEST: dict[str, object] = {
    "manifest": [{"path": f"templates/{number:064}.json", "sha256": "0" * 64, "size": 9_999} for number in range(937)],
    "statement": [{"name": f"templates/{number:064}.json", "digest": {"sha256": "0" * 64}} for number in range(937)],
    "attestation": {"payload": "a" * (15_000_000 // 64)},
    "trace": [
        {
            "name": f"context-{number}",
            "values": dict.fromkeys(map(str, range(14)), "value"),
            "account": None,
            "region": None,
            "refused": [],
            "outcomes": ["compliant"] * 21,
        }
        for number in range(156)
    ],
}
"""A 64th of the largest that a bundle holds: 60,000 members, or the 21 scenarios in 10,000 contexts."""


@pytest.mark.usefixtures("of_a_64th")
@pytest.mark.parametrize("case", LARGEST)
def test_the_largest_documents_are_read(case: str) -> None:
    """No limit keeps a bundle from holding what it may hold."""
    assert read_canonical(canonical(LARGEST[case]), "d") == LARGEST[case]


def listed(item: str, count: int) -> str:
    """Return a list of the same item, again and again."""
    return f"[{','.join([item] * count)}]"


MANY = {
    "lists in lists": listed("[" * 100 + "]" * 100, 99),
    "objects": listed("{}", 9_999),
    "objects in objects": listed('{"a":' * 60 + "{}" + "}" * 60, 82),
    "texts": listed('"ä\U0001f600"', 9_999),
    "keys": canonical({f"{key:06}": {} for key in range(4_999)}).decode(),
    "wide keys": canonical({f"\U0001f600{key:06}": 1.5 for key in range(4_999)}).decode(),
}
"""A 64th of the most keys and values, in the forms that take the most memory."""

LONG = {
    "plain": '"%s"' % ("a" * 220_000),
    "wide": listed('"\U0001f600%s"' % ("a" * 16_370), 13),
    "escapes": listed('"%s"' % (r"\nab" * 4_000), 13),
    "wide escapes": listed('"%s"' % ('\\"\U0001f600' * 2_700), 13),
}
"""A 64th of the most bytes of texts, beside those of keys and values."""


def peak(text: str) -> int:
    """Return the most bytes that the reading of a document of a 64th takes, times 64."""
    data = text.encode()
    tracemalloc.start()
    read_canonical(data, "d")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return 64 * most


@pytest.mark.usefixtures("of_a_64th")
@pytest.mark.parametrize("many", MANY)
def test_keys_and_values_take_little_memory(many: str) -> None:
    """As many as are allowed take less than 110 MB."""
    assert peak(MANY[many]) < 110_000_000


@pytest.mark.usefixtures("of_a_64th")
@pytest.mark.parametrize("long", LONG)
def test_texts_take_little_memory(long: str) -> None:
    """With as many keys and values as are allowed, the texts that are, too, take less than 190 MB."""
    assert peak(f"[{MANY['objects in objects']},{LONG[long]}]") < 190_000_000


@pytest.mark.usefixtures("of_a_64th")
def test_what_is_too_large() -> None:
    """A limit is what is still allowed, in bytes; that of a text holds for what takes more memory than bytes."""
    refused = "d: a text of more than 16,384 bytes, the limit for one that is not plain ASCII"

    assert read_canonical(b'"' + b"a" * 262_142 + b'"', "d") == "a" * 262_142
    assert refusal(b'"' + b"a" * 262_143 + b'"') == "d: larger than 262,144 bytes, the limit"
    for part in ("\\n", "ä"):
        longest = f'"{part}{"a" * 16_380}"'
        assert read_canonical(longest.encode(), "d") == json.loads(longest)
        assert refusal(f'"{part}{"a" * 16_381}"'.encode()) == refused
        assert refusal(f'{{"{part}{"a" * 16_381}":1}}'.encode()) == refused


@pytest.mark.parametrize("case", WITHOUT_FORM)
def test_values_without_a_form(case: str) -> None:
    """What JSON, or a reader of it, would change is not written."""
    value, message = WITHOUT_FORM[case]

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        canonical(value)


@pytest.mark.parametrize("several", [[], [1], [{"b": 1, "a": [None]}, "x"]])
def test_parts_are_those_of_the_form(several: list[object]) -> None:
    """What is iterated, and what is made as it is read, has the form of a list; keys are in order."""
    rest = {"schema": "a", "é".encode().hex(): {"b": [], "a": {}}}
    form = canonical({"items": several, "made": several, **rest})

    parts = canonical_parts({"made": Made(len(several), several.__getitem__), "items": iter(several), **rest})

    assert b"".join(parts) == form
    assert b"".join(canonical_parts({})) == b"{}"


def test_parts_are_not_kept() -> None:
    """Of 16 MB of items one is held at a time."""
    tracemalloc.start()
    size = sum(map(len, canonical_parts({"items": Made(16, lambda number: str(number % 10) * 10**6)})))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size == len('{"items":[]}') + 16 * len('"",') - 1 + 16 * 10**6
    assert peak < 8 * 10**6


def test_endless_values_have_no_form() -> None:
    """What is nested in itself ends with a reason, not with the stack."""
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ValueError, match=r"^nested too deep$"):
        canonical(endless)


@given(st.lists(st.integers(0, 99) | st.lists(st.text(max_size=9), max_size=2), max_size=5), st.data())
def test_lines_come_through_any_chunks(values: list[object], data: st.DataObject) -> None:
    """How the bytes were cut does not matter."""
    text = b"".join(canonical(value) + b"\n" for value in values)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    chunks = [text[start:end] for start, end in itertools.pairwise([0, *cuts, len(text)])]

    assert list(read_lines(chunks, "d")) == list(enumerate(values, 1))


def test_lines_are_read_as_they_arrive() -> None:
    """A line is given before the bytes after it are asked for."""
    asked: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            asked.append(number)
            yield b"[%d]\n" % number

    first = next(read_lines(chunks(), "d"))

    assert (first, asked) == ((1, [0]), [0])


LINES = {
    "empty line": ([b"1\n", b"\n"], "d:2: not valid JSON at character 1: Expecting value"),
    "not canonical": ([b"1\n2\n3 \n"], f"d:3: not in canonical form from byte 2 on{FORM}"),
    "carriage return": ([b"1\r\n"], f"d:1: not in canonical form from byte 2 on{FORM}"),
    "not ended": ([b"1\n", b"2"], "d:2: the last line is not ended; it may have been cut off"),
    "too long": ([b"1\n", b'"' + b"a" * 9 + b'"\n'], "d:2: a line of more than 10 bytes, the limit"),
    "too long and never ended": (itertools.repeat(b"a"), "d:1: a line of more than 10 bytes, the limit"),
}


@pytest.mark.parametrize("case", LINES)
def test_refused_lines(case: str) -> None:
    """Each is refused with the line's number."""
    chunks, message = LINES[case]

    with pytest.raises(InputError) as caught:
        list(read_lines(chunks, "d", max_line=10))

    assert str(caught.value) == message


def test_the_longest_line() -> None:
    """A limit is what is still allowed."""
    assert list(read_lines([b'"aaaaaaaa"', b"\n"], "d", max_line=10)) == [(1, "a" * 8)]
