"""From the place in a template that a scanner tells to the resource that is there."""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from policies.nodes import child
from policies.reading import InputError, read_document


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a template: its JSONPath, and the logical id of the resource that it is told of, None outside of all.

    The path is the resource's, or leads into it; or it is `$`, where more was told than the resource.
    """

    logical_id: str | None
    path: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where in a text something is, by lines and columns from 1, columns as Unicode code points; the last is past it.

    Without a column it is what begins on the line; without an end, what begins there, and no more.
    """

    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


def place(data: bytes, span: Span | None, logical: str | None) -> Place | None:
    """Return the place in a template in JSON that a scanner tells by a span, by a logical name, or by both.

    A logical name is a logical id, or a construct's path as the CDK keeps it in a resource's metadata. Where it names a
    resource, that is the one, and the span tells the place within it; of other names nothing is known. A span that
    reaches beyond the resource, parameter or output in which it begins, or leads elsewhere than the name, tells of more
    than one of these, and one past the last line of nobody knows what: the place is all of the template then. None
    where nothing leads into the template, or it is none in JSON.
    """
    source = _read(data)
    if source is None:
        return None
    told = source.place(span) if span is not None else None
    named = source.resources.get(logical) if logical is not None else None
    if named is None:
        return told
    if span is None:
        return Place(named, child("$.Resources", named))
    return told if told is not None and told.logical_id == named else Place(named, "$")


@dataclass(frozen=True, slots=True)
class _Source:
    """A template's text, where its lines begin, the last of them its end, and its logical ids by a resource's names.

    `members` are what the values hold that were looked into, by where these begin: each is read once.
    """

    text: str
    lines: tuple[int, ...]
    resources: Mapping[str, str]
    members: dict[int, tuple[_Member, ...]] = field(default_factory=dict)

    def place(self, span: Span) -> Place | None:
        """Return the innermost value that holds a span, a member's key being part of it; None past the last line.

        Of one that reaches beyond the entry in which it begins, that is the template, told of the resource there.
        """
        if span.line >= len(self.lines):
            return None
        at = _after(_INDENT, self.text, self._offset(span.line, span.column or 1))
        last = max(at, self._last(span)) if span.end_line is not None else at
        path, logical_id, beyond = "$", None, False
        for depth, held in enumerate(self._holding(at)):
            if last >= held.end:
                if depth >= _ENTRY:
                    break
                beyond = True
            if path == "$.Resources":
                logical_id = str(held.step)
            path = f"{path}[{held.step}]" if isinstance(held.step, int) else child(path, held.step)
        return Place(logical_id, "$" if beyond else path)

    def _holding(self, at: int) -> Iterator[_Member]:
        """Return the members that hold a character, the outermost first."""
        held = self._member(_after(_SPACE, self.text, 0), at)
        while held is not None:
            yield held
            held = self._member(held.value, at)

    def _member(self, start: int, at: int) -> _Member | None:
        """Return what holds a character, of the members of the value at `start`."""
        if start not in self.members:
            self.members[start] = tuple(_members(self.text, start))
        members = self.members[start]
        number = bisect_right(members, at, key=lambda member: member.begin) - 1
        return members[number] if number >= 0 and at < members[number].end else None

    def _offset(self, line: int, column: int) -> int:
        """Return where a place is in the text: at the end of its line where that has fewer columns."""
        return min(self.lines[line - 1] + column - 1, self.lines[line] - 1)

    def _last(self, span: Span) -> int:
        """Return where the last character of a span is that is neither space nor the comma behind a value."""
        line = min(span.end_line or span.line, len(self.lines) - 1)
        end = self.lines[line] - 1 if span.end_column is None else self._offset(line, span.end_column)
        return len(self.text[:end].rstrip(_BEHIND)) - 1


@lru_cache(maxsize=1)  # what is found in one template comes together
def _read(data: bytes) -> _Source | None:
    """Return the source of a template in JSON; None for all that is none, or that the reader of templates refuses."""
    if not data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return None
    try:
        document = read_document(data, "")
    except InputError:
        return None
    text = data.removeprefix(codecs.BOM_UTF8).decode()
    ends = (found.end() for found in re.finditer("\n", text))
    return _Source(text, (0, *ends, len(text) + 1), dict(_names(document.get("Resources"))))


def _names(resources: object) -> Iterator[tuple[str, str]]:
    """Return the names of resources, paths before the logical ids that override them, each with its logical id."""
    named = resources if isinstance(resources, dict) else {}
    for logical_id, resource in named.items():
        metadata = resource.get("Metadata") if isinstance(resource, dict) else None
        path = metadata.get("aws:cdk:path") if isinstance(metadata, dict) else None
        if isinstance(path, str):
            yield path, logical_id
    yield from ((logical_id, logical_id) for logical_id in named)


_SCANNER = json.JSONDecoder()
_ENTRY = 2
"""How deep the entries of a template's sections are: a resource, a parameter, an output."""
_BEHIND = " \t\n\r,"
_SPACE = re.compile(r"[ \t\n\r]*+")  # of JSON (RFC 8259, section 2)
_INDENT = re.compile(r"[ \t\r]*+")


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of an object, or an item of a list, in a text: from `begin`, its value from `value`, to before `end`."""

    step: str | int
    begin: int
    value: int
    end: int


def _members(text: str, start: int) -> Iterator[_Member]:
    """Return what the value at `start` holds. The text is JSON."""
    if text[start] not in "{[":
        return
    at, index = _after(_SPACE, text, start + 1), 0
    while text[at] not in "}]":
        step: str | int = index
        value = at
        if text[start] == "{":
            step, end = _SCANNER.raw_decode(text, at)
            value = _after(_SPACE, text, _after(_SPACE, text, end) + 1)  # past the colon
        _, end = _SCANNER.raw_decode(text, value)
        yield _Member(step, at, value, end)
        at, index = _after(_SPACE, text, end), index + 1
        if text[at] == ",":
            at = _after(_SPACE, text, at + 1)


def _after(space: re.Pattern[str], text: str, at: int) -> int:
    found = space.match(text, at)
    return found.end() if found else at
