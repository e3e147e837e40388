"""What a scanner within our own synthesis found, written as SARIF 2.1.0, so that it comes in by the one door.

SARIF: OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/. The sections named here are its.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scanners.canary import canary

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Level = Literal["note", "warning", "error"]
"""How severe a problem is (section 3.27.10)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A problem with one construct, in however many templates.

    `construct` is the construct's path. `acknowledged` is the reason with which the source accepts the problem, None
    where it does not.
    """

    rule: str
    level: Level
    message: str
    construct: str
    acknowledged: str | None = None


Lines = Mapping[str, int | None]
"""The line of a resource, from 1, None for what is about none, by the template's SHA-256 in lower-case hexadecimal."""


def render(  # noqa: PLR0913 - all that a run is told by
    name: str,
    version: str,
    templates: Iterable[str],
    found: Mapping[Found, Lines],
    sung: Iterable[Found],
    *,
    unread: Mapping[str, str],
) -> str:
    """Return the log of one run of a tool that has read these templates, given by their digests, but the `unread`.

    Of each of these an error is reported, with why it was not read: who is silent about a template might have lost it.

    A result is a problem with a construct, and has a location for each template: whoever mends the construct mends it
    in all of them, and in none otherwise (section 3.27.12).

    The tool has read no canary's file, but a canary of its own beside each template: what it found in every one of
    these, `sung`, is told as found in the file, which is no analysis target of its.
    """
    digests = list(templates)
    artifacts = {
        template: {"uri": _uri(template), "index": number}
        for number, template in enumerate(digest for digest in digests if digest not in unread)
    }
    beside = {"uri": _uri(canary(digests))}
    run = {
        # Of its rules no more is known than their ids, which results tell.
        "tool": {"driver": {"name": name, "semanticVersion": version}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [unread_at(_uri(one), reason) for one, reason in unread.items()],
            }
        ],
        "artifacts": [
            {"location": location, "roles": ["analysisTarget"], "hashes": {"sha-256": template}}
            for template, location in artifacts.items()
        ],
        "columnKind": "utf16CodeUnits",
        "results": [
            _result(one, [_location(one, artifacts[template], line) for template, line in lines.items()])
            for one, lines in found.items()
        ]
        + [_result(one, [_location(one, beside, None)]) for one in sung],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, separators=(",", ":"))


def _result(found: Found, locations: list[dict[str, Any]]) -> dict[str, Any]:
    reason = found.acknowledged
    return {
        "ruleId": found.rule,
        "level": found.level,
        "message": {"text": _plain(found.message)},
        "locations": locations,
        # All results of a run have suppressions, or none has (section 3.27.23).
        "suppressions": [] if reason is None else [{"kind": "inSource", "justification": reason}],
    }


def unread_at(uri: str, reason: str) -> dict[str, Any]:
    """Return the notification (section 3.58) that the template of a URI was not read."""
    place = {"physicalLocation": {"artifactLocation": {"uri": uri}}}
    return {"level": "error", "message": {"text": _plain(reason)}, "locations": [place]}


def _uri(name: str) -> str:
    return f"templates/{name}.template.json"


def _location(found: Found, artifact: dict[str, Any], line: int | None) -> dict[str, Any]:
    place = {"artifactLocation": artifact} | ({} if line is None else {"region": {"startLine": line}})
    return {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": found.construct}]}


def _plain(text: str) -> str:
    """Return a message text in which nothing is a placeholder or a link (sections 3.11.5 and 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
