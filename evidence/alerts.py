"""How the reports tell what other scanners have found; what scanners write is untrusted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.model import Scanned, Scanner, TracedAlert, TracedContext
from policies.reading import printable

MAX_NAME = 500
"""The most characters of a name, but for the fingerprint at its end."""

MAX_WAIVERS = 20
"""The most waivers that are told of an alert."""

_MAX_LINK = 900
_KNOWN = re.compile(", [0-9a-f]{32}$")
_LINK = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?"
    r"(?:[/?](?:[\w.~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[\w.~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
"""A URI of the web by RFC 3986, without user, and with a host that has a name or is IPv4."""


@dataclass(frozen=True, slots=True)
class Named:
    """An alert under the name that `names` gives it."""

    name: str
    alert: TracedAlert


@dataclass(frozen=True, slots=True)
class Found:
    """What a scanner has found, what stands before what is waived."""

    scanner: Scanner
    alerts: tuple[Named, ...]

    @property
    def standing(self) -> int:
        """How many of the alerts stand."""
        return sum(one.alert.stands for one in self.alerts)


def names(alerts: Sequence[TracedAlert]) -> list[str]:
    """Return the name of each alert, printable and no other's: `checkov CKV_AWS_119 on Stack/Table/Resource`.

    Where several would have the same, or it would be too long, it ends in the fingerprint.
    """
    shown = [printable(alert.name[: MAX_NAME + 1]) for alert in alerts]
    alike = Counter(shown)
    return [
        name
        if alike[name] == 1 and len(name) <= MAX_NAME and not _KNOWN.search(name)
        else f"{name[:MAX_NAME]}, {alert.fingerprint}"
        for name, alert in zip(shown, alerts, strict=True)
    ]


def by_scanner(scanned: Scanned) -> list[Found]:
    """Return what each scanner that was asked has found, in their order; one that has found nothing is among them."""
    asked = {one.name: one for one in reversed(scanned.scanners)}
    found: dict[str, list[Named]] = {one.name: [] for one in scanned.scanners}
    for name, alert in zip(names(scanned.alerts), scanned.alerts, strict=True):
        found.setdefault(alert.scanner, []).append(Named(name, alert))
    return [
        Found(asked.get(name, Scanner(name, None)), tuple(sorted(alerts, key=lambda one: not one.alert.stands)))
        for name, alerts in found.items()
    ]


def link(alert: TracedAlert) -> str | None:
    """Return the address of the rule's page, if it is one of the web and nothing else."""
    address = alert.help_uri
    return address if address and len(address) <= _MAX_LINK and _LINK.fullmatch(address) else None


def details(alert: TracedAlert, contexts: Sequence[TracedContext]) -> Iterator[tuple[str, str]]:
    """Return what is known of an alert beyond its message, each with its name."""
    yield "resource", alert.resource
    yield "level", str(alert.level)
    yield "context", _contexts(alert.contexts, contexts)
    if alert.waived and alert.stands:
        waived = set(alert.waived)
        yield "not waived in", _contexts([place for place in alert.contexts if place not in waived], contexts)
    yield from (("waiver", waiver) for waiver in alert.waivers[:MAX_WAIVERS])
    if len(alert.waivers) > MAX_WAIVERS:
        yield "other waivers", f"{len(alert.waivers) - MAX_WAIVERS:,}, which the trace tells"
    yield "known by", alert.fingerprint
    address = link(alert)
    if address is not None:
        yield "help", address


def _contexts(places: Sequence[int], contexts: Sequence[TracedContext]) -> str:
    others = len(places) - 1
    more = "" if others < 1 else f" and {others:,} other{'' if others == 1 else 's'}"
    return f"{contexts[places[0]].name}{more}"
