"""The JSON around a finding, as lines of text of which those that the finding is about are marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Way = tuple[str | int, ...]
"""The members and items that lead from one JSON value to one within it."""


class Line(NamedTuple):
    """A line of JSON; `kind` says whether the finding is about it, or about something that is not there."""

    text: str
    kind: Literal["around", "marked", "absent"]


_SEGMENT = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d{1,9})\]|\['(?P<quoted>(?:[^'\\]|\\.)*)'\]")
_INDENT = "  "


def lines(value: object, at: str | None, path: str | None) -> list[Line]:
    """Return the JSON text of `value`, which stands at the JSONPath `at`, with what stands at `path` marked.

    Where nothing stands at `path`, a line in the innermost object or list on the way to it says so. Nothing is marked
    where `path` leads elsewhere.
    """
    around, to = _way(at), _way(path)
    if around is None or to is None or to[: len(around)] != around:
        return list(_lines(value, None, "", "", ""))
    return list(_lines(value, to[len(around) :], "", "", ""))


def _way(path: str | None) -> Way | None:
    """Return the way of a JSONPath (RFC 9535) of names and indexes alone, or None of anything else."""
    if path is None or not path.startswith("$"):
        return None
    way: list[str | int] = []
    position = 1
    while position < len(path):
        segment = _SEGMENT.match(path, position)
        if segment is None:
            return None
        position = segment.end()
        if segment["index"] is not None:
            way.append(int(segment["index"]))
        else:
            way.append(segment["name"] or _unquoted(segment["quoted"]))
    return tuple(way)


def _unquoted(quoted: str) -> str:
    text = quoted.replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return quoted


def _lines(value: object, way: Way | None, indent: str, before: str, after: str) -> Iterator[Line]:
    """Give the lines of a value, the first behind `before`, the last followed by `after`; `way` leads to the mark."""
    if way == ():
        yield from (line._replace(kind="marked") for line in _lines(value, None, indent, before, after))
        return
    members = _members(value)
    if not members and way is None:
        yield Line(f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}", "around")
        return
    if not isinstance(value, dict | list):
        yield Line(f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}", "marked")
        return
    first, last = "{}" if isinstance(value, dict) else "[]"
    yield Line(f"{indent}{before}{first}", "around")
    if way and way[0] not in (key for key, _ in members):
        yield Line(f"{indent}{_INDENT}{json.dumps(way[0], ensure_ascii=False)} is not here", "absent")
    for position, (key, member) in enumerate(members, 1):
        on = way[1:] if way and way[0] == key else None
        name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
        yield from _lines(member, on, indent + _INDENT, name, "," if position < len(members) else "")
    yield Line(f"{indent}{last}{after}", "around")


def _members(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
