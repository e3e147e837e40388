"""Where in a template's text a JSONPath leads to: lines and columns, as SARIF counts them.

The template has been read by `policies.reading` before, so that each key stands once in its object, nothing is nested
deeper than the limit, and Python's own scanner steps over whatever is not on the way.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.paths import way
from policies.reading import InputError, read_document


@dataclass(frozen=True, slots=True)
class Region:
    """Where a JSON value stands in a text.

    As SARIF 2.1.0 has it (section 3.30): lines and columns count from 1, lines end at a line feed, columns are UTF-16
    code units, a byte order mark is none, and `end_column` is the one after the value's last. Unless `exact`, nothing
    stands where the path leads to, and this is the innermost object, list or scalar on the way there.
    """

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a template in JSON, without byte order mark, and the object that it holds."""

    text: str
    document: dict[str, object]

    def locate(self, path: str) -> Region | None:
        """Return where a JSONPath leads to; None for anything but names and indexes from the root, `$`."""
        steps = way(path)
        if steps is None:
            return None
        start, exact = _skip(self.text, 0), True
        for step in steps:
            inner = next((place for key, place in _members(self.text, start) if key == step), None)
            if inner is None:
                exact = False
                break
            start = inner
        _, end = _SCANNER.raw_decode(self.text, start)
        return Region(*_place(self.text, start), *_place(self.text, end), exact)


_SCANNER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*+")  # of JSON (RFC 8259, section 2)


def read(data: bytes) -> Source | None:
    """Return the source of a template in JSON; None for all that is none, or that the reader of templates refuses."""
    if not data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return None
    try:
        document = read_document(data, "")
    except InputError:
        return None
    return Source(data.removeprefix(codecs.BOM_UTF8).decode(), document)


def _members(text: str, start: int) -> Iterator[tuple[str | int, int]]:
    """Return the names or indexes of what the value at `start` holds, each with the place of its own value."""
    if text[start] not in "{[":
        return
    place, index = _skip(text, start + 1), 0
    while text[place] not in "}]":
        key: str | int = index
        if text[start] == "{":
            key, end = _SCANNER.raw_decode(text, place)
            place = _skip(text, _skip(text, end) + 1)  # past the colon
        yield key, place
        _, end = _SCANNER.raw_decode(text, place)
        place, index = _skip(text, end), index + 1
        if text[place] == ",":
            place = _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _place(text: str, at: int) -> tuple[int, int]:
    """Return the line and column of a place in a text."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return text.count("\n", 0, at) + 1, len(line.encode("utf-16-le")) // 2 + 1
