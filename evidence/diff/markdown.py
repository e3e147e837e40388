"""Two traces compared, as a comment on a pull request: in GitHub's Markdown, the verdict first, long lists folded."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.diff.model import Diff
from evidence.diff.words import Line, Name, sections, verdict
from evidence.markdown import code

MAX_LENGTH = 65_536
"""The most characters of a comment: beyond, GitHub's API answers "Body is too long (maximum is 65536 characters)"."""

SHOWN = (100, 25, 5, 0)
"""How many items of a section are shown: the most that a comment has room for. The JSON document has all."""

_FOLDED = 10
"""A section with more items is folded."""


def render(diff: Diff) -> str:
    """Return the Markdown."""
    comments = ("\n".join(_lines(diff, shown)) for shown in SHOWN)
    return next(comment for comment in comments if len(comment) < MAX_LENGTH)


def _lines(diff: Diff, shown: int) -> Iterator[str]:
    yield f"### {'❌' if diff.losses else '✅'} Trace compared: {verdict(diff)}"
    for section in sections(diff, shown):
        folded = section.total > _FOLDED
        title = f"{section.title} ({section.total:,})"
        yield f"\n<details><summary>{title}</summary>\n" if folded else f"\n**{title}**\n"
        for item in section.items:
            yield f"- {_written(item.line)}"
            yield from (f"  - {_written(detail)}" for detail in item.details)
        if section.more:
            yield f"- and {section.more:,} more"
        if folded:
            yield "\n</details>"


def _written(line: Line) -> str:
    return "".join(code(part) if isinstance(part, Name) else part for part in line)
