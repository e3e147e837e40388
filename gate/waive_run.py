"""A waiver written from what a gate found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from evidence.output import destination, emit, named, write
from evidence.results import read_gate
from evidence.results_model import AlertResult, GateResults
from gate.waivers import impossible, load_waivers
from policies.model import Settings
from policies.nodes import child
from policies.reading import InputError, printable, quoted
from policies.waiver_model import ANY, Waiver, is_met, when_told
from policies.waivers import add, parse_waiver
from policies.waivers import write as written
from policies.waiving import Flag, waive
from stack.settings import KEYS, PREFIX, ContextRefused, allowed
from stack.settings import Settings as Resolved

_HALF_A_YEAR = timedelta(days=182)
_SHOWN, _CUT = 5, 300
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Wanted:
    """A waiver as it was asked for: `when` as `setting=value`, `expires` as a date of ISO 8601."""

    scanner: str
    rule: str
    resource: str
    when: tuple[str, ...]
    reason: str
    owner: str
    link: str
    expires: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a gate has found, with the settings of its contexts, by their places; empty of which no template came."""

    alerts: Sequence[AlertResult]
    contexts: Sequence[tuple[str, Settings]]

    def flags(self, scanner: str) -> Iterator[Flag]:
        """Return what a scanner has found, as waivers see it."""
        for alert in self.alerts:
            if alert.scanner == scanner:
                for place in sorted(set(alert.contexts)):
                    context, settings = self.contexts[place]
                    yield Flag(scanner, alert.rule, alert.resource, alert.fingerprint, context, settings)

    def stands(self, alert: AlertResult, when: Mapping[str, Sequence[object]]) -> bool:
        """Tell whether something is not waived where a condition is met."""
        return any(is_met(when, self.contexts[place][1]) for place in alert.standing)


def main(results: str, file: str, wanted: Wanted) -> None:
    """Add the waiver to a file and say what was written.

    Raises `policies.reading.InputError` where nothing that was found matches, or it is no waiver, or it matches what
    others do, or the file cannot be read or written; it is as it was then.
    """
    source, path = named(results, "--from"), named(file, "--file")
    gate = read_gate(source)
    found = _Found(gate.alerts, list(_contexts(gate, printable(source.as_posix()))))
    waivers = load_waivers(path) if path.exists() else ()
    when = _when(wanted.when)
    matching = _matching(found, wanted, when)
    today = datetime.now(UTC).date()
    waiver = parse_waiver(
        {
            "scanner": wanted.scanner,
            "rule": wanted.rule,
            "resource": wanted.resource,
            **({"when": when} if when else {}),
            "fingerprints": sorted({alert.fingerprint for alert in matching}),
            "reason": wanted.reason,
            "owner": wanted.owner,
            "created": today,
            "expires": today + _HALF_A_YEAR if wanted.expires is None else _day(wanted.expires),
            "link": wanted.link,
        },
        "waive",
    )
    added = add(waivers, waiver)
    _refuse_new_problems(list(found.flags(wanted.scanner)), waivers, added, today)
    write(destination(file, "--file"), written(added).removesuffix("\n"))
    for alert in matching:
        emit(printable(f"waived: {alert.scanner} {alert.rule} on {alert.resource}, {alert.fingerprint}"))
    emit(f"written to {printable(file)}, until {waiver.expires}: read it, and have it reviewed")


def _contexts(gate: GateResults, where: str) -> Iterator[tuple[str, Settings]]:
    for name, context in sorted(gate.contexts.items()):
        try:
            yield name, Resolved.from_context(context.values).plain() if context.template else {}
        except ContextRefused:
            problem = "the stack refuses these, so that no template can have come of them; run the gate again"
            raise InputError(where, f"{child('$.contexts', name)}.values: {problem}") from None


def _when(given: Sequence[str]) -> dict[str, list[Any]]:
    when: dict[str, list[Any]] = {}
    for each in given:
        name, equals, text = each.partition("=")
        if not equals:
            raise InputError("--when", f"found {quoted(each)}; expected SETTING=VALUE, such as stage=dev")
        when.setdefault(name, []).append(_value(name, text))
    if problems := list(impossible(when)):
        raise InputError("--when", "; ".join(problems))
    return {name: sorted(set(values)) for name, values in when.items()}


def _value(name: str, text: str) -> object:
    """Return a value as the setting has it: a truth value, a whole number, or a text."""
    match allowed(name).values if PREFIX + name in KEYS else ():
        case [bool(), *_]:
            return {"true": True, "false": False}.get(text, text)
        case [int(), *_] if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
            return int(text)
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("--expires", f"found {quoted(text)}; expected a date, such as 2026-12-31") from None


def _matching(found: _Found, wanted: Wanted, when: Mapping[str, Sequence[object]]) -> list[AlertResult]:
    """Return what was found, is not waived, and matches where the condition is met. Raises `InputError` for nothing."""
    standing = [alert for alert in found.alerts if alert.standing]
    asked = [
        alert
        for alert in standing
        if alert.scanner == wanted.scanner
        and wanted.rule in {alert.rule, ANY}
        and wanted.resource in {alert.resource, ANY}
    ]
    matching = [alert for alert in asked if found.stands(alert, when)]
    if not matching:
        told = f"{wanted.scanner} {wanted.rule} on {wanted.resource}"
        if asked:
            raise InputError("waive", f"{told} was found, but not where {when_told(when)}, or is waived there")
        raise InputError("waive", f"nothing that was found and is not waived yet is {told}; {_there(standing, wanted)}")
    return matching


def _there(standing: Sequence[AlertResult], wanted: Wanted) -> str:
    near = [one for one in standing if one.rule == wanted.rule or one.resource == wanted.resource] or standing
    named = list(dict.fromkeys(f"{one.scanner} {one.rule} on {one.resource}" for one in near))
    if not named:
        return "there is nothing: all is waived, or nothing was found"
    more = f"; and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
    return f"there is {'; '.join(each[:_CUT] for each in named[:_SHOWN])}{more}"


def _refuse_new_problems(flags: Sequence[Flag], before: Sequence[Waiver], after: Sequence[Waiver], today: date) -> None:
    """Raise `InputError` for waivers that match what they are not to, or the same, and did not before."""
    known = waive(flags, before, ran=(), contexts=(), today=today).problems
    for problem in waive(flags, after, ran=(), contexts=(), today=today).problems:
        if problem not in known:
            raise InputError("waive", f"{problem.waiver.name} would be {problem.kind}: {problem.message}")
