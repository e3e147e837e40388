"""Alerts by context: what is kept of them, and what of that is told."""

from __future__ import annotations

import tracemalloc
from array import array

import pytest

from gate.scans import Alert
from gate.sightings import Sightings
from policies.waiving import Flag
from scanners.model import Level
from tests.gate.scanned import DEV, PROD, TODAY
from tests.policies.waivers import waiver


def alert(number: int, message: str = "wrong") -> Alert:
    """Return an alert, one of several."""
    return Alert("one", f"R{number}", "template", f"{number:032}", Level.ERROR, message, None)


WAIVER = waiver(scanner="one", rule="R1", resource="template", fingerprints=[f"{1:032}"], when={"stage": ["dev"]})


def test_what_is_reported() -> None:
    """An alert has the contexts that show it, and the waivers that cover it there; of alike ones the first is told."""
    sightings = Sightings((WAIVER,), TODAY)
    sightings.add("a", DEV, [alert(2), alert(1)])
    sightings.add("b", PROD, [alert(1, "said otherwise"), alert(1)])
    sightings.add("c", PROD, [])
    two, one = sightings.reported()
    assert (two.alert, two.contexts, two.waived, two.stands) == (alert(2), ["a"], {}, True)
    assert (one.alert, one.contexts, one.waived, one.stands) == (alert(1), ["a", "b"], {"a": WAIVER}, True)
    with pytest.raises(KeyError):
        one.waived["b"]
    assert list(sightings.settings) == [{"stage": "dev"}, {}]


def test_flags() -> None:
    """Each alert in each context is a flag, in the order in which they came."""
    sightings = Sightings((WAIVER,), TODAY)
    sightings.add("a", DEV, [alert(2), alert(1)])
    sightings.add("b", PROD, [alert(1)])
    assert list(sightings.flags()) == [
        Flag("one", rule, "template", known, context, settings)
        for rule, known, context, settings in (
            ("R2", f"{2:032}", "a", {"stage": "dev"}),
            ("R1", f"{1:032}", "a", {"stage": "dev"}),
            ("R1", f"{1:032}", "b", {}),
        )
    ]


def test_memory() -> None:
    """Of a context that shows forty alerts, next to nothing is kept, and of what is reported a few bytes an alert."""
    sightings, alerts = Sightings((WAIVER,), TODAY), [alert(number) for number in range(40)]
    contexts = [f"context-{number}" for number in range(2_000)]
    tracemalloc.start()
    for name in contexts:
        sightings.add(name, {"stage": "dev", "tableName": name}, alerts)
    kept = tracemalloc.get_traced_memory()[0]
    reported = sightings.reported()
    told = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert [len(one.contexts) for one in reported] == [2_000] * 40
    assert kept < 2_000 * 50
    assert told - kept < 2_000 * 40 * 2 * array("I").itemsize + 2_000 * 200
