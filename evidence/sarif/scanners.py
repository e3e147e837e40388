"""The run of another scanner: what it has found, by its own rules and levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from evidence.alerts import Found, Named, details, link
from evidence.model import TracedAlert
from evidence.positions import Region, Source
from evidence.record import Record
from evidence.sarif.parts import (
    LISTED,
    NAME_CUT,
    START,
    TEMPLATE_FILE,
    Json,
    Room,
    Sources,
    cut,
    message,
    notification,
    of_run,
    placed,
    resource,
    suppressed,
    unlinked,
)
from policies.nodes import child
from policies.waiving import TEMPLATE
from scanners.model import Level

_Place = tuple[str, Region]
"""The logical id of a resource, and where it stands."""


def run(found: Found, record: Record, room: Room, source: Sources) -> Json:
    """Return the run of a scanner, with as many results as there is room for."""
    kept = room.take(_results(found, record, source))
    scanner = found.scanner
    version = {} if scanner.version is None else {"version": cut(scanner.version)}
    rules = [rule for _, rule in kept if rule is not None]
    return {
        "tool": {"driver": {"name": cut(scanner.name, NAME_CUT), **version, "rules": rules}},
        "invocations": [_invocation(found, record, kept=len(kept))],
        "results": [result for result, _ in kept],
        "properties": {"standing": found.standing, "waived": len(found.alerts) - found.standing},
        **of_run(record, scanner.name),
    }


def _invocation(found: Found, record: Record, *, kept: int) -> Json:
    """Return whether what the scanner says can be relied on: the problems themselves are told in our own run."""
    notifications = []
    if kept < len(found.alerts):
        standing = max(found.standing - kept, 0)
        text = f"Findings left out: {len(found.alerts) - kept:,}, of which stand: {standing:,}."
        text = f"{text} GitHub takes no more; the trace holds all."
        notifications.append(notification("error" if standing else "warning", text))
    relied_on = all(problem.where != found.scanner.name for problem in record.problems)
    return {"executionSuccessful": relied_on, "toolExecutionNotifications": notifications}


def _results(found: Found, record: Record, source: Sources) -> Iterator[tuple[Json, Json | None]]:
    """Return the results of the alerts, each with its rule where it is the first of that rule.

    An alert's fingerprint is as stable as GitHub's is to be: see `policies.waiving.fingerprint`.
    """
    indexes: dict[str, int] = {}
    place = _places(record, source)
    for one in found.alerts:
        alert = one.alert
        rule = cut(alert.rule)
        is_new = rule not in indexes
        waived = [] if alert.stands else alert.waivers[:LISTED]
        yield (
            {
                "ruleId": rule,
                "ruleIndex": indexes.setdefault(rule, len(indexes)),
                # A level of none goes with any kind but "fail" (SARIF 2.1.0, section 3.27.10).
                "kind": "review" if alert.level is Level.NONE else "fail",
                "level": str(alert.level),
                "message": message(_said(one, record)),
                "locations": [_location(alert, place(alert))],
                "partialFingerprints": {"primaryLocationLineHash": f"{alert.fingerprint}:1"},
                "suppressions": suppressed(waived),
                "properties": {
                    "standing": str(alert.outcome),
                    "contexts": [cut(record.contexts[at].name) for at in alert.contexts[:LISTED]],
                    "contextCount": len(alert.contexts),
                    "waivedContextCount": len(alert.waived),
                },
            },
            _rule(rule, alert) if is_new else None,
        )


def _rule(rule: str, alert: TracedAlert) -> Json:
    """Return a rule, of which no more is known than what its first alert says, and where its page is."""
    said = unlinked(cut(" ".join(alert.message.split())))
    address = link(alert)
    page = {} if address is None else {"helpUri": address}
    see = "" if address is None else f" See {address}"
    return {
        "id": rule,
        "shortDescription": {"text": unlinked(cut(f"{rule}: {said}"))},
        "fullDescription": {"text": said or rule},
        "help": {"text": f"A rule of another scanner than ours.{see}"},
        **page,
    }


def _said(one: Named, record: Record) -> str:
    """Return the message of an alert, its standing ahead, and below it what else is known, a line each."""
    known = (f"{name}: {' '.join(value.split())}" for name, value in details(one.alert, record.contexts))
    return "\n".join((f"{one.alert.outcome}: {one.alert.message}", *known))


def _location(alert: TracedAlert, place: _Place | None) -> Json:
    """Return where an alert is: at its resource, or at the start of the template where that is not at hand."""
    if alert.resource == TEMPLATE:
        return placed(TEMPLATE_FILE, START, {})
    logical_id, region = place or (alert.resource, START)
    return placed(TEMPLATE_FILE, region, resource(logical_id, alert.resource))


def _places(record: Record, source: Sources) -> Callable[[TracedAlert], _Place | None]:
    """Return what finds the resource of an alert in a template that shows it, and is at hand."""

    @cache
    def names(digest: str) -> Mapping[str, str]:
        return _names(source(digest))

    @cache
    def found(digest: str, path: str) -> _Place | None:
        held, logical_id = source(digest), names(digest).get(path)
        region = None if held is None or logical_id is None else held.locate(child("$.Resources", logical_id))
        return None if logical_id is None or region is None else (logical_id, region)

    def place(alert: TracedAlert) -> _Place | None:
        digests = (record.contexts[at].template for at in alert.contexts[:LISTED])
        each = (found(digest, alert.resource) for digest in dict.fromkeys(digests) if digest is not None)
        return next((one for one in each if one is not None), None)

    return place


def _names(source: Source | None) -> Mapping[str, str]:
    """Return the logical ids of a template's resources, by themselves and by their constructs' paths."""
    resources = source.document.get("Resources") if source else None
    if not isinstance(resources, dict):
        return {}
    by_path = {}
    for logical_id, body in resources.items():
        match body:
            case {"Metadata": {"aws:cdk:path": str(path)}}:
                by_path[path] = logical_id
    return {logical_id: logical_id for logical_id in resources} | by_path
