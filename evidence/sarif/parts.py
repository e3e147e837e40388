"""What the runs of a log are put together from: texts, places in templates, and as many results as GitHub takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from evidence.positions import Region, Source, read
from evidence.record import Record
from policies.reading import printable

Json = dict[str, Any]

Templates = Callable[[str], bytes | None]
"""Returns the bytes of the template of a digest, `sha256:<hex>`, None where they are not at hand."""

Sources = Callable[[str], Source | None]
"""Returns the source of the template of a digest, None where it is not at hand or no JSON."""

ROOT = "%SRCROOT%"

TEMPLATE_FILE = "cdk.out/WorthWatchStorage.template.json"
"""Where `cdk synth` writes a template: of whichever context, it is this file, so that an alert stays the same one."""

START = Region(1, 1, 1, 2, exact=True)

CUT = 1_000
"""The most characters of a text: of a rule's descriptions GitHub takes 1,024."""

NAME_CUT = 255
"""The most characters of a rule's name, by GitHub's limit."""

LISTED = 20
"""The most contexts, and the like, that are named of several."""

_MESSAGE_CUT = 5_000
_SOURCES_KEPT = 16

_Part = TypeVar("_Part")


@dataclass(slots=True)
class Room:
    """How much a log still takes: results of each run, and characters of the results of all, as JSON in ASCII."""

    results: int
    length: int

    def take(self, parts: Iterable[_Part]) -> list[_Part]:
        """Return as many parts as there is room for, from the first; after one that does not fit, none does."""
        kept = []
        for part in islice(parts, self.results):
            self.length -= len(json.dumps(part))
            if self.length < 0:
                break
            kept.append(part)
        return kept


def sources(templates: Templates) -> Sources:
    """Return what reads templates, and keeps the last ones."""

    @lru_cache(_SOURCES_KEPT)
    def source(digest: str) -> Source | None:
        data = templates(digest)
        return None if data is None else read(data)

    return source


def of_run(record: Record, *within: str) -> Json:
    """Return what all runs of a log have in common; their category, up to the last `/`, each has for itself."""
    provenance = record.provenance
    category = "/".join(("storage-compliance", provenance.matrix, *within))
    return {
        "automationDetails": {"id": f"{category}/{provenance.commit or ''}"},
        "originalUriBaseIds": {
            ROOT: {"description": message("The root of the repository, below which cdk.out is written.")}
        },
        "columnKind": "utf16CodeUnits",
    }


def placed(uri: str, region: Region, where: dict[str, str]) -> Json:
    """Return the location of a region of a file, with the logical one if there is any."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": ROOT},
            "region": {
                "startLine": region.start_line,
                "startColumn": region.start_column,
                "endLine": region.end_line,
                "endColumn": region.end_column,
            },
        },
        **({"logicalLocations": [where]} if where else {}),
    }


def resource(name: str, path: str) -> dict[str, str]:
    """Return the logical location of a resource, by its logical id and its construct's path."""
    return {"name": cut(name), "fullyQualifiedName": cut(path), "kind": "resource"}


def suppressed(waivers: Iterable[str]) -> list[dict[str, str]]:
    """Return what waivers are in SARIF (section 3.27.23), by the texts of them."""
    return [{"kind": "external", "status": "accepted", "justification": cut(waiver)} for waiver in waivers]


def notification(level: str, text: str) -> Json:
    """Return something to say of the run itself."""
    return {"level": level, "message": message(text)}


def message(text: str) -> dict[str, str]:
    """Return a plain text message (SARIF 2.1.0, section 3.11) in which nothing is a placeholder or a link."""
    shown = "\n".join(cut(line, _MESSAGE_CUT) for line in text[: _MESSAGE_CUT + 1].splitlines())
    return {"text": unlinked(shown.replace("{", "{{").replace("}", "}}"))}


def unlinked(text: str) -> str:
    """Return text in which nothing is an embedded link (SARIF 2.1.0, section 3.11.6)."""
    return text.replace("](", "] (")


def cut(text: str, length: int = CUT) -> str:
    """Return untrusted text without control characters, and not longer than a reader takes in."""
    shown = printable(text[: length + 1])
    return shown if len(shown) <= length else f"{shown[:length]}…"
