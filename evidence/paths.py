"""JSONPaths of findings: from the root by names and indexes alone, as `policies.nodes.child` writes them."""

from __future__ import annotations

import json
import re

Way = tuple[str | int, ...]
"""The names of members and the indexes of items that lead from one JSON value to one within it."""

_SEGMENT = re.compile(r"\.(?P<name>\w+)|\[(?P<index>[0-9]{1,9})\]|\['(?P<quoted>(?:[^'\\]|\\.)*+)'\]")


def way(path: str) -> Way | None:
    """Return the way of a JSONPath (RFC 9535) of names and indexes alone, as `policies.nodes.child` writes them.

    None for anything else, such as a path that does not begin at the root.
    """
    if not path.startswith("$"):
        return None
    steps: list[str | int] = []
    position = 1
    while position < len(path):
        segment = _SEGMENT.match(path, position)
        if segment is None:
            return None
        position = segment.end()
        step = int(segment["index"]) if segment["index"] else segment["name"] or _unquoted(segment["quoted"])
        if step is None:
            return None
        steps.append(step)
    return tuple(steps)


def _unquoted(quoted: str) -> str | None:
    """Return a name without its quotes' escapes, which are JSON's but for the quotation mark's."""
    literal = quoted.replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{literal}"'))
    except json.JSONDecodeError:
        return None
