"""What waivers make of the findings of a run: which of them are waived, how long, and what is wrong with the waivers.

A finding is waived by the one waiver that matches it (by scanner, rule, resource and settings), was written for it (has
its fingerprint), and holds on the day. Whatever else a waiver does is a problem or nothing, and waives nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policies.model import Settings
from policies.waiver_model import ANY, Waiver, is_met, when_told

OURS = "worthwatch"
"""The scanner of our own scenarios."""

TEMPLATE = "template"
"""The resource of what is about none."""

DAYS_OF_WARNING = 30
"""A waiver with so many days left, or fewer, is warned of."""

_SHOWN = 3
_RENEW = "mend what it covers, or have its owner review and renew it"

_DIGEST = re.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_ASSET = re.compile("(AssetParameters)[0-9a-f]{64}([A-Za-z0-9]{1,20}?)[0-9A-F]{8}(?![0-9A-Fa-f])")
"""A parameter of the CDK's legacy synthesizer: what stands at its end is a digest of the asset's."""
_ZONE = re.compile(r"\b[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9][a-z]\b")
_LINE = re.compile(r"\b(lines?|columns?)(:? )[0-9]+(?:(?:-|, | to | and )[0-9]+)*\b", re.IGNORECASE)
_POSITION = re.compile(r"(?<=\.(?:json|yaml)):[0-9]+(?:[:-][0-9]+)*")


@dataclass(frozen=True, slots=True)
class Flag:
    """One finding of anyone, in one context.

    `rule` is the scanner's id of it; of a scenario of ours, found by `worthwatch`, the scenario's. `resource` is a
    construct path, or `template`. `settings` are those of the context, resolved, by name without prefix.
    """

    scanner: str
    rule: str
    resource: str
    fingerprint: str
    context: str
    settings: Settings


def fingerprint(scanner: str, rule: str, resource: str, message: str, found: str = "null") -> str:
    """Return what a finding is known by, in every template and run: 32 hexadecimal digits.

    `found` is the JSON that stands in the template, `spelt`: at the place of the finding, or of a whole resource what
    the rule judges (see `policies.scopes`). SHA-256 digests in it and in the message (of templates and assets) do not
    count, nor do names of availability zones, and the numbers of lines and columns in the message: they tell of what
    the finding is not about.
    """
    said = _POSITION.sub("", _LINE.sub(r"\1\2N", message))
    told = ", ".join((*map(spelt, (scanner, rule, resource, said)), found))
    return hashlib.sha256(f"[{told}]".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def spelt(found: object) -> str:
    """Return JSON as fingerprints are made of it, whatever the order of its members."""
    text = json.dumps(found, ensure_ascii=False, sort_keys=True)
    return _ZONE.sub("zone", _DIGEST.sub("sha256", _ASSET.sub(r"\1\2", text)))


class Kind(StrEnum):
    """What can be wrong with a waiver."""

    EXPIRED = "expired"
    """Its last day is over: it waives nothing any more."""
    EARLY = "early"
    """Its first day is yet to come: it waives nothing."""
    OVER_BROAD = "over-broad"
    """It matches a finding that it was not written for, which it does not waive."""
    OVERLAPPING = "overlapping"
    """It matches a finding that another matches, too, which neither waives."""
    UNUSED = "unused"
    """What it was written for, or part of that, was not found."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a waiver fails the gate, and what to do."""

    kind: Kind
    waiver: Waiver
    message: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to say of a waiver that fails nothing."""

    waiver: Waiver
    message: str


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver that waives: on how many days after this one, and how many findings, each context's counted."""

    waiver: Waiver
    days_left: int
    flags: int


class _Selectors:
    """Waivers by what they match; each is known by its position among them."""

    def __init__(self, waivers: Sequence[Waiver], today: date) -> None:
        self.waivers = tuple(waivers)
        self.written_for = [frozenset(waiver.fingerprints) for waiver in waivers]
        self._today = today
        self._positions: dict[tuple[str, str, str], list[int]] = {}
        for position, waiver in enumerate(waivers):
            self._positions.setdefault((waiver.scanner, waiver.rule, waiver.resource), []).append(position)

    def matching(self, flag: Flag) -> tuple[int, ...]:
        """Return the waivers that match a flag, whatever they were written for."""
        places = (flag.rule, flag.resource), (flag.rule, ANY), (ANY, flag.resource)
        found = (self._positions.get((flag.scanner, *place), ()) for place in dict.fromkeys(places))
        return tuple(sorted(at for some in found for at in some if is_met(self.waivers[at].when, flag.settings)))

    def covering(self, flag: Flag, matching: Sequence[int]) -> int | None:
        """Return, of the waivers that match a flag, the one that waives it."""
        if len(matching) != 1 or flag.fingerprint not in self.written_for[matching[0]]:
            return None
        waiver = self.waivers[matching[0]]
        return matching[0] if waiver.created <= self._today <= waiver.expires else None


@dataclass(frozen=True, slots=True)
class Waiving:
    """The waivers of a run, held against its findings, in the order of the waivers.

    `problems` fail the gate. `warnings` tell of those that end soon. `not_asked` are those of which this run has not
    seen that they are used, and cannot say that they are not: their scanner did not run, or not each context was tried.
    """

    waived: tuple[Waived, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Notice, ...]
    not_asked: tuple[Notice, ...]
    _selectors: _Selectors = field(repr=False, compare=False)

    def covers(self, flag: Flag) -> Waiver | None:
        """Return the waiver that waives a finding.

        Where two match it, none does: not even if one has expired, or was not written for it.
        """
        at = self._selectors.covering(flag, self._selectors.matching(flag))
        return None if at is None else self._selectors.waivers[at]


@dataclass(slots=True)
class _Tally:
    """What was found, by the positions of waivers; strays are what one matches and was not written for."""

    seen: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    strays: defaultdict[int, dict[str, Flag]] = field(default_factory=lambda: defaultdict(dict))
    shared: dict[tuple[int, ...], Flag] = field(default_factory=dict)
    covered: Counter[int] = field(default_factory=Counter)

    def count(self, flag: Flag, selectors: _Selectors) -> None:
        """Take in a flag."""
        matching = selectors.matching(flag)
        for at in matching:
            if flag.fingerprint in selectors.written_for[at]:
                self.seen[at].add(flag.fingerprint)
            else:
                self.strays[at].setdefault(flag.fingerprint, flag)
        if len(matching) > 1:
            self.shared.setdefault(matching, flag)
        covering = selectors.covering(flag, matching)
        if covering is not None:
            self.covered[covering] += 1


def waive(
    flags: Iterable[Flag],
    waivers: Sequence[Waiver],
    *,
    ran: Collection[str],
    contexts: Iterable[Settings] | None,
    today: date,
) -> Waiving:
    """Hold waivers against the findings of a run.

    `ran` are the scanners that were asked, `contexts` the settings of each context that they were asked about, whatever
    was found in it, and `today` is the day in UTC. `contexts` are None where there are others that matter, so that it
    is not known what they would show.
    """
    selectors, tally = _Selectors(waivers, today), _Tally()
    for flag in flags:
        tally.count(flag, selectors)
    asked = None if contexts is None else list(contexts)
    problems: list[Problem] = []
    not_asked: list[Notice] = []
    for at, waiver in enumerate(waivers):
        problems += _out_of_time(waiver, today)
        problems += _over_broad(waiver, tally.strays[at])
        problems += [_overlapping(selectors, alike, flag) for alike, flag in tally.shared.items() if alike[0] == at]
        if waiver.scanner not in ran:
            not_asked.append(Notice(waiver, f"{waiver.scanner} did not run"))
        elif asked:
            problems += _unused(waiver, tally.seen[at], tally.strays[at], asked)
        elif not tally.seen[at]:
            reason = "no context" if asked is not None else "not every value of every setting was tried"
            not_asked.append(Notice(waiver, reason))
    return Waiving(
        tuple(Waived(waivers[at], waivers[at].days_left(today), count) for at, count in sorted(tally.covered.items())),
        tuple(problems),
        tuple(Notice(waiver, _ending(waiver, today)) for waiver in waivers if ends_soon(waiver, today)),
        tuple(not_asked),
        selectors,
    )


def ends_soon(waiver: Waiver, today: date) -> bool:
    """Tell whether a waiver still holds and is to be warned of."""
    return 0 <= waiver.days_left(today) <= DAYS_OF_WARNING


def _ending(waiver: Waiver, today: date) -> str:
    days = waiver.days_left(today)
    return f"holds until {waiver.expires}, {days} {'day' if days == 1 else 'days'} from today: {_RENEW}"


def _out_of_time(waiver: Waiver, today: date) -> Iterator[Problem]:
    if waiver.expires < today:
        told = f"held until {waiver.expires}: what it covered counts again; {_RENEW}"
        yield Problem(Kind.EXPIRED, waiver, told)
    if waiver.created > today:
        told = f"holds from {waiver.created} on, which is after today, {today}: it covers nothing yet; correct created"
        yield Problem(Kind.EARLY, waiver, told)


def _over_broad(waiver: Waiver, strays: Mapping[str, Flag]) -> Iterator[Problem]:
    if strays:
        shown = "; ".join(f"{each} ({_place(flag)})" for each, flag in list(strays.items())[:_SHOWN])
        told = (
            f"matches what it was not written for: {_counted(shown, len(strays))}; mend that, or let it match less, by "
            "rule, resource or when, or review that and add its fingerprint"
        )
        yield Problem(Kind.OVER_BROAD, waiver, told)


def _overlapping(selectors: _Selectors, alike: Sequence[int], flag: Flag) -> Problem:
    first, *others = (selectors.waivers[at] for at in alike)
    told = (
        f"matches what another matches, too ({'; '.join(other.name for other in others)}), so that none of them waives "
        f"it: {flag.fingerprint} ({_place(flag)}); let only one of them match it"
    )
    return Problem(Kind.OVERLAPPING, first, told)


def _unused(
    waiver: Waiver, seen: Collection[str], strays: Collection[str], contexts: Iterable[Settings]
) -> Iterator[Problem]:
    missing = [each for each in waiver.fingerprints if each not in seen]
    if not any(is_met(waiver.when, settings) for settings in contexts):
        told = f"no context of the matrix is one in which {when_told(waiver.when)}: mend that, or take it out"
        yield Problem(Kind.UNUSED, waiver, told)
    elif missing and not seen and not strays:
        yield Problem(Kind.UNUSED, waiver, "nothing that it matches was found: take it out")
    elif missing:
        told = _counted(", ".join(missing[:_SHOWN]), len(missing))
        yield Problem(Kind.UNUSED, waiver, f"was written for what was not found: take out the fingerprints {told}")


def _place(flag: Flag) -> str:
    return f"{flag.rule} on {flag.resource} in {flag.context}"


def _counted(shown: str, count: int) -> str:
    return shown if count <= _SHOWN else f"{shown} and {count - _SHOWN:,} more"
