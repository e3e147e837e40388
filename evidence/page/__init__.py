"""The page: a trace as one HTML file to look at, which needs no network and runs nothing but its own script.

Everything in a trace document is untrusted text: the template escapes it, the script sets it as text, and the page's
Content-Security-Policy admits the page's own style and script alone, by their digests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from evidence.model import CLEAN, FOUND_SOMETHING
from evidence.page.alerts import AT_FIRST, told_alerts
from evidence.page.data import compact
from evidence.page.excerpt import lines
from evidence.page.outline import outline
from evidence.page.words import CONCLUSIONS, ORPHANS, OUTCOMES, STANDING, STATES, WAIVED, Word
from evidence.sequences import Made
from policies.reading import printable

_SCRIPTS = ("data.js", "grouping.js", "panel.js", "alerts.js", "map.js", "strip.js", "address.js", "reading.js")
"""The parts of the one script, in their order."""

_LINK = re.compile(r"https?://[^\s<>\"'`]+")
"""What a link may lead to; no scheme else does a page on a disk follow."""

_SPAN = re.compile(r"`([^`\n]+)`|(https://[^\s<>\"'`()\[\]]+[^\s<>\"'`()\[\].,;:])")


def render(document: Mapping[str, Any]) -> str:
    """Return a trace document (`trace.schema.json`) as the text of one self-contained HTML file.

    The same document gives the same text. The document must comply with its schema.
    """
    return "".join(parts(document))


def parts(document: Mapping[str, Any]) -> Iterator[str]:
    """Return what `render` does part by part; contexts that are made as they are read are never held."""
    style = _file("page.css")
    script = "".join(map(_file, _SCRIPTS))
    anchors = _anchors(scenario["id"] for scenario in document["scenarios"])
    alerts = told_alerts(document)
    return _template().generate(
        document=document,
        outline=outline(document, anchors),
        alerts=alerts,
        alerts_at_first=AT_FIRST,
        conclusion=_conclusion(document),
        states=STATES,
        outcomes=OUTCOMES,
        orphans=ORPHANS,
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        data=_embedded(compact(document, anchors, alerts)),
    )


def _conclusion(document: Mapping[str, Any]) -> tuple[str, Word]:
    summary = document["summary"]
    states, alerts, code = summary["states"], summary["alerts"], summary["exit_code"]
    if code == CLEAN and (states["waived"] or alerts["total"]):
        return WAIVED
    if code == FOUND_SOMETHING and alerts["standing"] and not (document["problems"] or document["orphans"]):
        return STANDING if summary["scenarios"] == states["covered"] + states["waived"] else CONCLUSIONS[code]
    return CONCLUSIONS[code]


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_visible
    )
    environment.filters["spans"] = _spans
    environment.filters["excerpt"] = lines
    environment.filters["source"] = _source
    environment.tests["link"] = lambda text: _LINK.fullmatch(text) is not None
    environment.filters["found"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(_file("page.html"))


def _file(name: str) -> str:
    return files("evidence.page").joinpath(name).read_text(encoding="utf-8")


def _visible(value: object) -> object:
    """Return untrusted text without what a reader cannot see, such as a change of direction, or what no file holds."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "\n".join(map(printable, value.split("\n")))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _embedded(data: object) -> Iterator[Markup]:
    """Return JSON that no HTML parser takes for the end of a script or the start of a comment, part by part."""
    for text in _json(data):
        yield Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped


def _json(data: object) -> Iterator[str]:
    """Return JSON part by part, in ASCII, so that there is no U+2028 either."""
    if isinstance(data, dict):
        for number, (key, value) in enumerate(data.items()):
            yield f"{',' if number else '{'}{json.dumps(key)}:"
            yield from _json(value)
        yield "}" if data else "{}"
    elif isinstance(data, Made):
        for number, item in enumerate(data):
            yield ("," if number else "[") + json.dumps(_all_visible(item), separators=(",", ":"))
        yield "]" if data else "[]"
    else:
        yield json.dumps(_all_visible(data), separators=(",", ":"))


def _all_visible(value: object) -> object:
    if isinstance(value, dict):
        return {key: _all_visible(member) for key, member in value.items()}
    return [_all_visible(item) for item in value] if isinstance(value, list) else _visible(value)


def _anchors(ids: Iterable[str]) -> list[str]:
    """Return the scenarios' ids within the page: their own, but for one that an earlier scenario has taken."""
    taken: dict[str, int] = {}
    anchors = []
    for one in ids:
        taken[one] = taken.get(one, 0) + 1
        anchors.append(_visible(one if taken[one] == 1 else f"{one}~{taken[one]}"))
    return [str(anchor) for anchor in anchors]


def _source(text: str) -> list[Markup]:
    """Return the lines of source as they are: its tabs and no-break spaces are seen, unlike what else is not."""
    return [
        escape("".join(char if char in "\t\N{NO-BREAK SPACE}" else printable(char) for char in line))
        for line in text.rstrip().split("\n")
    ]


def _spans(text: str) -> Iterator[tuple[str, str]]:
    """Give the text piece by piece, each with its kind: plain `text`, `code` (between backticks), or a `link`."""
    position = 0
    for span in _SPAN.finditer(text):
        yield "text", text[position : span.start()]
        yield ("code", span[1]) if span[1] is not None else ("link", span[2])
        position = span.end()
    yield "text", text[position:]
