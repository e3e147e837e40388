"""What other scanners say in two traces: which of them were asked, and what became of each alert."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from evidence.diff.contexts import Changes, changes
from evidence.diff.reading import Trace
from evidence.model import Scanner, TracedAlert
from policies.model import Outcome


class AlertChange(NamedTuple):
    """What became of an alert, known by its fingerprint: what it came to in each of the traces, None where it is not.

    `contexts` counts those of both traces in which no waiver covers it, and it was waived, or not told, before;
    `first` is the first of them, by its name in the new trace.
    """

    alert: TracedAlert
    before: Outcome | None
    after: Outcome | None
    contexts: int = 0
    first: str | None = None


def changed_scanners(old: Trace, new: Trace) -> Changes[Scanner]:
    """Return the scanners that one trace alone asked; one in another version is another."""
    return changes(old.scanned.scanned().scanners, new.scanned.scanned().scanners, lambda scanner: scanner)


def changed_alerts(old: Trace, new: Trace) -> tuple[AlertChange, ...]:
    """Return the alerts that came, went, were waived or are not any more, in the new trace's order, the gone ones last.

    An alert of a scanner that is not asked any more is not among them: nobody knows. By which waiver one is covered is
    no change: what is told of waivers has the days left, which are others every day.
    """
    before, after = _alerts(old), _alerts(new)
    asked = {scanner.name for scanner in new.scanned.scanners}
    shared = {context.key for context in old.contexts}
    changed = [_change(old, new, shared, before.get(key), now) for key, now in after.items()]
    gone = (was for key, was in before.items() if key not in after and was.scanner in asked)
    changed += [AlertChange(was, was.outcome, None) for was in gone]
    return tuple(change for change in changed if change.before is not change.after or change.contexts)


def _alerts(trace: Trace) -> dict[tuple[str, str], TracedAlert]:
    return {(alert.name, alert.fingerprint): alert for alert in trace.scanned.scanned().alerts}


def _change(old: Trace, new: Trace, shared: Set[str], was: TracedAlert | None, now: TracedAlert) -> AlertChange:
    before = _standing(old, was) if was is not None else {}
    newly = [name for key, name in _standing(new, now).items() if key in shared and key not in before]
    return AlertChange(now, None if was is None else was.outcome, now.outcome, len(newly), next(iter(newly), None))


def _standing(trace: Trace, alert: TracedAlert) -> dict[str, str]:
    """Return the contexts in which no waiver covers an alert, by what they are, with their names."""
    waived = set(alert.waived)
    names: dict[str, str] = {}
    for context in (trace.contexts[place] for place in alert.contexts if place not in waived):
        names.setdefault(context.key, context.name)
    return names
