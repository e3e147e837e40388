"""Whether the waivers that a gate's results name at its alerts are those of the run, and can cover these."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from evidence.results_model import AlertResult, ContextResult, CoverResult, GateResults, WaivedResult
from policies.model import Settings
from policies.reading import quoted
from policies.waiver_model import ANY, is_met, key_of
from stack.contexts import cdk_json_context
from stack.settings import ContextRefused
from stack.settings import Settings as StackSettings

MAX_COMPARISONS = 10_000_000
"""The most times that a waiver is held against a context, some seconds' worth; of the full matrix it is a million."""


def wrong_covers(results: GateResults) -> Iterator[tuple[str, str]]:
    """Return the places of a document at which a waiver covers what it cannot, or is told in two ways."""
    waived = results.waivers.waived if results.waivers else []
    yield from _wrong_days(waived)
    known = {one.waiver.selector: number for number, one in enumerate(waived)}
    told: set[int] = set()
    for at, alert in enumerate(results.alerts):
        if bool(alert.waived) is not bool(alert.waivers):
            yield f"$.alerts[{at}]", "waived by no waiver, or by none that covers it"
        earlier: set[int] = set()
        for number, cover in enumerate(alert.waivers):
            found = known.get((cover.scanner, cover.rule, cover.resource, key_of(cover.when)))
            place = f"$.alerts[{at}].waivers[{number}]"
            if found is None or not _is_told_alike(cover, waived[found]):
                yield place, "none of $.waivers.waived, which hold all that cover something"
            elif found in earlier:
                yield place, "told twice"
            elif not _can_cover(waived[found], alert):
                yield place, "about another finding: its scanner, rule, resource or fingerprints are not of this one"
            else:
                earlier.add(found)
                told.add(found)
    yield from _unmet(results)
    for number, one in enumerate(waived):
        if one.findings and number not in told:
            yield f"$.waivers.waived[{number}]", f"covers {one.findings}, and no alert is covered by it"


def _is_told_alike(cover: CoverResult, one: WaivedResult) -> bool:
    waiver = one.waiver
    told = cover.owner, cover.expires, cover.days_left, cover.reason
    return told == (waiver.owner, waiver.expires.isoformat(), one.days_left, waiver.reason)


def _wrong_days(waived: list[WaivedResult]) -> Iterator[tuple[str, str]]:
    days: set[date] = set()
    for number, one in enumerate(waived):
        most = (one.waiver.expires - one.waiver.created).days
        if one.days_left > most:
            yield f"$.waivers.waived[{number}].days_left", f"found {one.days_left}; it has held {most} at the most"
            return
        days.add(_today(one))
    if len(days) > 1:
        yield "$.waivers.waived", "the days left are not all told on one day"
    selectors = {one.waiver.selector for one in waived}
    if len(selectors) < len(waived):
        yield "$.waivers.waived", "a waiver stands there twice"


def _unmet(results: GateResults) -> Iterator[tuple[str, str]]:
    """Return where an alert is waived in a context by whose settings none of its waivers holds."""
    names = sorted(results.contexts)
    asked = sum(len(set(alert.waived)) * len(alert.waivers) for alert in results.alerts)
    if asked > MAX_COMPARISONS:
        yield "$.alerts", f"more than {MAX_COMPARISONS:,} comparisons with waivers, the limit"
        return
    settings = cache(lambda place: _settings(results.contexts[names[place]]))
    for number, alert in enumerate(results.alerts):
        conditions = [cover.when for cover in alert.waivers]
        for place in sorted({place for place in alert.waived if place < len(names)}):
            if not any(is_met(when, settings(place)) for when in conditions):
                yield f"$.alerts[{number}].waived", f"in {quoted(names[place])} none of its waivers holds"


def _settings(context: ContextResult) -> Settings:
    """Return the settings of a context; of one that must be refused, none."""
    try:
        return StackSettings.from_context({**cdk_json_context(), **context.values}).plain()
    except ContextRefused:
        return {}


def _today(one: WaivedResult) -> date:
    """Return the day on which so many days are left."""
    return one.waiver.expires - timedelta(days=one.days_left)


def _can_cover(one: WaivedResult, alert: AlertResult) -> bool:
    waiver = one.waiver
    return (
        waiver.scanner == alert.scanner
        and waiver.rule in {alert.rule, ANY}
        and waiver.resource in {alert.resource, ANY}
        and alert.fingerprint in waiver.fingerprints
    )
