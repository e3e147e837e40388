"""Canonical JSON, RFC 8785 (https://www.rfc-editor.org/rfc/rfc8785): each value has one form, byte for byte.

What is digested and signed is in that form, and is read back in no other.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any, NoReturn

import rfc8785

from evidence.sequences import Made
from policies.reading import MAX_TEMPLATE_BYTES, InputError

MAX_DEPTH = 128
"""The most levels of objects and lists: the 100 of a template, and those around a value of one."""

MAX_BYTES = 2**24
"""The most bytes of a document: an attestation on the 60,000 templates that a bundle may hold has 15 MB."""

MAX_NODES = 640_000
"""The most keys and values of a document: a manifest has 7 for each of 60,000 members, a trace of 21 scenarios some 60
for each of 10,000 contexts. However they are nested, they take 100 MB at the most."""

MAX_TEXT = MAX_TEMPLATE_BYTES
"""The most bytes of a text with escapes or characters beyond ASCII, which takes up to 26 times its bytes. What is
longer is what an attestation carries, in base64."""

MAX_LINE = 2 * MAX_TEMPLATE_BYTES
"""The most bytes of a line: it may repeat a value of a template."""

_LARGEST_INTEGER = 2**53 - 1  # beyond which a double does not tell neighbours apart
_TOKEN = re.compile(
    rb""""[^"\\]*+(?:\\.[^"\\]*+)*+"?|(?P<opening>[\[{])|(?P<closing>[\]}])|[^\s"\[\]{}:,]++""", re.DOTALL
)
_FORM = "expected that of RFC 8785: each key once and in order, no spaces, the shortest escapes and numbers"


def canonical(value: Any) -> bytes:
    """Return the one form of a value.

    Raises ValueError, which says why, for what has none: half of a surrogate pair, NaN and infinity, an integer beyond
    2**53 - 1 either way, which not every reader would read as the same, and what is nested too deep or is not JSON.
    """
    try:
        return rfc8785.dumps(value)
    except UnicodeEncodeError:  # of a key, for which rfc8785 has no words of its own
        raise ValueError("input contains non-UTF-8 codepoints") from None
    except RecursionError:
        raise ValueError("nested too deep") from None


def canonical_parts(value: Mapping[str, object]) -> Iterator[bytes]:
    """Return the form of an object part by part: of an iterator, or of a sequence made as it is read, item by item.

    Its keys must be ASCII. Raises as `canonical` does.
    """
    yield b"{"
    yield from canonical_members(value)
    yield b"}"


def canonical_members(value: Mapping[str, object]) -> Iterator[bytes]:
    """Return what stands between the braces of an object's form, part by part; see `canonical_parts`."""
    for number, key in enumerate(sorted(value)):
        yield (b"," if number else b"") + canonical(key) + b":"
        member = value[key]
        yield from _items(member) if isinstance(member, Made | Iterator) else (canonical(member),)


def _items(items: Iterable[object]) -> Iterator[bytes]:
    yield b"["
    for number, item in enumerate(items):
        yield (b"," if number else b"") + canonical(item)
    yield b"]"


def read_canonical(data: bytes, where: str) -> object:
    """Return the value whose one form this is; the integers that a double does not hold are floats.

    Raises `policies.reading.InputError`, `where` naming the document, for all that `canonical` would not have written,
    be it the same value, and for what exceeds `MAX_BYTES`, `MAX_DEPTH`, `MAX_NODES` or `MAX_TEXT`.
    """
    check_bounds(data, where)
    try:
        value: object = json.loads(data.decode(), parse_int=_integer)
        form = canonical(value)
    except UnicodeDecodeError as error:
        raise InputError(where, f"byte {error.start + 1}, 0x{data[error.start]:02x}, is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(where, f"not valid JSON at character {error.pos + 1}: {error.msg}") from None
    except ValueError as error:
        raise InputError(where, f"JSON that has no canonical form: {error}") from None
    if form != data:
        same = sum(takewhile(bool, map(operator.eq, form, data)))
        raise InputError(where, f"not in canonical form from byte {same + 1} on; {_FORM}")
    return value


def read_lines(chunks: Iterable[bytes], where: str, *, max_line: int = MAX_LINE) -> Iterator[tuple[int, object]]:
    """Return the values of canonical JSON Lines, each with the number of its line, from 1, as they arrive.

    Each line, the last one, too, is ended by a line feed and has at most `max_line` bytes before it. Raises as
    `read_canonical` does, the line's number being added to `where`.
    """
    number, rest = 0, b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            if len(line) > max_line:
                _refuse_length(f"{where}:{number}", max_line)
            yield number, read_canonical(line, f"{where}:{number}")
        if len(rest) > max_line:
            _refuse_length(f"{where}:{number + 1}", max_line)
    if rest:
        raise InputError(f"{where}:{number + 1}", "the last line is not ended; it may have been cut off")


def _refuse_length(where: str, max_line: int) -> NoReturn:
    raise InputError(where, f"a line of more than {max_line:,} bytes, the limit")


def _integer(literal: str) -> int | float:
    number = float(literal)
    return int(number) if abs(number) <= _LARGEST_INTEGER else number


def check_bounds(data: bytes, where: str) -> None:
    """Refuse what would take much memory, or more levels than Python has, before it is parsed.

    Raises `policies.reading.InputError`, `where` naming the document.
    """
    if len(data) > MAX_BYTES:
        raise InputError(where, f"larger than {MAX_BYTES:,} bytes, the limit")
    depth = nodes = 0
    for token in _TOKEN.finditer(data):
        if token.lastgroup == "closing":
            depth -= 1
            continue
        nodes += 1
        if token.end() - token.start() > MAX_TEXT and (b"\\" in token[0] or not token[0].isascii()):
            problem = f"a text of more than {MAX_TEXT:,} bytes, the limit for one that is not plain ASCII"
            raise InputError(where, problem)
        if token.lastgroup == "opening":
            depth += 1
        if depth > MAX_DEPTH:
            raise InputError(where, f"nested deeper than {MAX_DEPTH} levels, the limit")
        if nodes > MAX_NODES:
            raise InputError(where, f"more than {MAX_NODES:,} keys and values, the limit")
