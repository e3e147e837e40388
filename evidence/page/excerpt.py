"""The JSON around a finding, as lines of text of which those that the finding is about are marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal, NamedTuple

from evidence.paths import Way, way


class Line(NamedTuple):
    """A line of JSON; `kind` says whether the finding is about it, or about something that is not there."""

    text: str
    kind: Literal["around", "marked", "absent"]


_INDENT = "  "


def lines(value: object, at: str | None, path: str | None) -> list[Line]:
    """Return the JSON text of `value`, which stands at the JSONPath `at`, with what stands at `path` marked.

    Where nothing stands at `path`, a line in the innermost object or list on the way to it says so. Nothing is marked
    where `path` leads elsewhere.
    """
    around, to = (None if each is None else way(each) for each in (at, path))
    if around is None or to is None or to[: len(around)] != around:
        return list(_lines(value, None, "", "", ""))
    return list(_lines(value, to[len(around) :], "", "", ""))


def _lines(value: object, left: Way | None, indent: str, before: str, after: str) -> Iterator[Line]:
    """Give the lines of a value, the first behind `before`, the last followed by `after`; `left` leads to the mark."""
    if left == ():
        yield from (line._replace(kind="marked") for line in _lines(value, None, indent, before, after))
        return
    members = _members(value)
    if not members and left is None:
        yield Line(f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}", "around")
        return
    if not isinstance(value, dict | list):
        yield Line(f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}", "marked")
        return
    first, last = "{}" if isinstance(value, dict) else "[]"
    yield Line(f"{indent}{before}{first}", "around")
    if left and left[0] not in (key for key, _ in members):
        yield Line(f"{indent}{_INDENT}{json.dumps(left[0], ensure_ascii=False)} is not here", "absent")
    for position, (key, member) in enumerate(members, 1):
        on = left[1:] if left and left[0] == key else None
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
        yield from _lines(member, on, indent + _INDENT, name, "," if position < len(members) else "")
    yield Line(f"{indent}{last}{after}", "around")


def _members(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
