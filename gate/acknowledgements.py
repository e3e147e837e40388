"""Waivers of what is found within synthesis, as the reference stack acknowledges it there."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date
from enum import IntEnum

from policies.waiver_model import ANY, Waiver
from policies.waiving import TEMPLATE
from stack.synth import Synthesis
from stack.validation_report import PACKS, VALIDATOR, Acknowledgement, Violation


def acknowledgements(waivers: Iterable[Waiver], today: date) -> Iterator[Acknowledgement]:
    """Return the acknowledgements that the waivers come to that hold today.

    The CDK acknowledges a rule by its id: a waiver of every rule comes to none. Neither does one of an annotation
    (Annotation::…), which the CDK takes out of the stack where it is acknowledged, without a record.
    """
    for waiver in waivers:
        plugin = _plugin(waiver)
        if plugin is not None and waiver.created <= today <= waiver.expires:
            construct = None if waiver.resource in (ANY, TEMPLATE) else waiver.resource
            reason = f"{waiver.reason} ({waiver.owner}, until {waiver.expires})"
            yield Acknowledgement(plugin, waiver.rule, construct, reason, waiver.when)


def _plugin(waiver: Waiver) -> str | None:
    if waiver.scanner == "cdk-nag":
        return next((pack for pack in PACKS if waiver.rule.startswith(f"{pack}-")), None)
    named = waiver.rule != ANY and "::" not in waiver.rule
    return VALIDATOR if waiver.scanner == "cdk" and named else None


class _Came(IntEnum):
    """What came of an acknowledgement in one context or in several: the most that there was to do."""

    NO_CONTEXT = 0
    NO_CONSTRUCT = 1
    NOT_FOUND = 2
    USED = 3


_IDLE = {_Came.NO_CONSTRUCT: "no resource has that construct path", _Came.NOT_FOUND: "that is not found there"}


class Acknowledged:
    """The acknowledgements of a run, held against its contexts as these come."""

    def __init__(self, acknowledgements: Iterable[Acknowledgement]) -> None:
        self.all = tuple(acknowledgements)
        self._came = [_Came.NO_CONTEXT] * len(self.all)

    def add(self, synthesis: Synthesis) -> None:
        """Take in a context that came to a template, with what was found in it."""
        settings, violations = synthesis.settings or {}, synthesis.violations or ()
        paths = {None, *(synthesis.paths or {}).values()}
        for at, one in enumerate(self.all):
            if one.holds(settings):
                self._came[at] = max(self._came[at], _came(one, paths, violations))

    def idle(self) -> Iterator[str]:
        """Yield the acknowledgements that a context was to have, and that acknowledged nothing in any."""
        for one, came in zip(self.all, self._came, strict=True):
            if came in _IDLE:
                on = one.construct or "the stack"
                yield f"{one.id} on {on}: waived, and acknowledges nothing in any context, for {_IDLE[came]}"


def _came(one: Acknowledgement, paths: Container[str | None], violations: Iterable[Violation]) -> _Came:
    if any(map(one.acknowledges, violations)):
        return _Came.USED
    return _Came.NOT_FOUND if one.construct in paths else _Came.NO_CONSTRUCT
