"""Untrusted text as OSCAL's data types take it: tokens, lines and Markdown.

The types: https://pages.nist.gov/metaschema/specification/datatypes/
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from policies.reading import printable
from policies.specs import Step

MAX_LINE = 500
"""The most characters that are taken of one text."""

_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>&#|~^$]")
_NO_TOKEN = re.compile(r"[^\w.-]+", re.ASCII)


def line(text: str) -> str:
    """Return the text as a string of one line: not empty, nothing in it that is not printed, cut at `MAX_LINE`."""
    whole = printable(" ".join(text.split())) or "-"
    return whole if len(whole) <= MAX_LINE else f"{whole[: MAX_LINE - 1]}\u2026"


def markup(text: str) -> str:
    """Return the text as a line of Markdown that says just that: no markup of its own, no HTML, nothing inserted."""
    return _MARKDOWN.sub(r"\\\g<0>", line(text))


def token(name: str) -> str:
    """Return the id of a requirement or scenario as a token, which begins with a letter and has no `#` or `/`."""
    return f"spec.{_NO_TOKEN.sub('.', name)}"


def steps(steps: Iterable[Step]) -> str:
    """Return the steps of a scenario as a list in Markdown."""
    return "\n".join(f"- **{step.keyword}** {markup(step.text)}" for step in steps)
