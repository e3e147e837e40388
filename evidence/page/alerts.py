"""What other scanners have found, as the page tells it: what stands first, and no more than a reader goes through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

MOST = 500
"""So many alerts are shown; the trace as JSON has all."""

AT_FIRST = 5
"""So many of those that stand are among what needs attention, with a link to the others."""

_CUT = 2_000
_OUTCOMES = _STANDS, _WAIVED = "non-compliant", "waived"

Json = dict[str, Any]


class Alerts(NamedTuple):
    """The alerts that are shown, how many are left out, the scanners, and how many alerts came to each outcome.

    An alert has its `outcome`, its message cut to what can be read, in `seen` how many contexts show it unwaived, or at
    all where there is none, and in `first` the first of these; a scanner has how many of its came to each outcome.
    """

    shown: list[Json]
    left_out: int
    scanners: list[Json]
    outcomes: dict[str, int]


def told_alerts(document: Mapping[str, Any]) -> Alerts:
    """Return what a trace document says of other scanners."""
    scanned, contexts = document["scanned"], document["contexts"]
    outcomes = [_WAIVED if len(alert["waived"]) == len(alert["contexts"]) else _STANDS for alert in scanned["alerts"]]
    told = sorted(zip(outcomes, scanned["alerts"], strict=True), key=lambda each: _OUTCOMES.index(each[0]))
    shown = [_told(outcome, alert, contexts) for outcome, alert in told[:MOST]]
    found = Counter((alert["scanner"], outcome) for outcome, alert in told)
    scanners = [
        {**one, **{outcome: found[one["name"], outcome] for outcome in _OUTCOMES}} for one in scanned["scanners"]
    ]
    return Alerts(shown, len(told) - len(shown), scanners, {outcome: outcomes.count(outcome) for outcome in _OUTCOMES})


def _told(outcome: str, alert: Json, contexts: Sequence[Json]) -> Json:
    waived = set(alert["waived"])
    seen = alert["contexts"] if outcome == _WAIVED else [place for place in alert["contexts"] if place not in waived]
    return {
        **alert,
        "outcome": outcome,
        "message": alert["message"] if len(alert["message"]) <= _CUT else f"{alert['message'][:_CUT]}…",
        "seen": len(seen),
        "first": contexts[seen[0]]["name"],
    }
