"""Other scanners as witnesses of the proof: what each notices of the mutants, and where it disagrees with a scenario.

A scanner notices a mutant where one of its rules finds more in it than in the template that the mutant was made of.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gate.absent import absent
from gate.agreement import Agreement, Comparison, Sight, rule_of
from gate.scans import Scans
from policies.agreement import Pair
from policies.model import Outcome, Outcomes
from policies.reading import read_document
from proof.answers import Answer
from proof.bases import Base
from proof.model import Seen
from proof.run import Proof
from scanners.model import Scan

_MOST = 500
"""The most templates of a part: scanners read so many in a gigabyte, and we what they say of them."""

_MISSING = "has not run, though named by {}; run it on the folder of mutants, and import its report"


@dataclass(frozen=True, slots=True)
class Witness:
    """A scanner, and what it notices.

    `read` are, by scenario, the mutants that violate it and that the scanner could read, and `noticed` those of them
    that it notices, by whatever rule. `alone` are, by rule, the mutants that it notices and no scenario does, by their
    names. `unread` counts the mutants that it says it could not read, as the CDK does of what it cannot include. It is
    None for a scanner that keeps no list of what it has read: its silence about a mutant may be of one that it has not
    seen.
    """

    name: str
    version: str | None
    read: Mapping[str, int]
    noticed: Mapping[str, int]
    alone: Mapping[str, list[str]]
    unread: int | None


@dataclass(frozen=True, slots=True)
class Hearing:
    """What all witnesses come to.

    `templates` says how many different ones they were shown. `mutants` counts those that were shown, and `violations`,
    by scenario, those of them that violate it. `answers` are, by scanner and rule, what we have to say of what it
    notices alone; `unanswered` are the rules of which there is nothing, and `idle` the rules with an answer that notice
    nothing alone. `problems` are the scanners that cannot be relied on, or are missing, each with the reason.
    """

    templates: int
    mutants: int
    violations: Mapping[str, int]
    witnesses: tuple[Witness, ...]
    agreement: Agreement
    answers: Mapping[tuple[str, str], str]
    problems: tuple[tuple[str, str], ...]

    @property
    def unanswered(self) -> list[tuple[str, str]]:
        """The scanners' rules that notice what no scenario does, and that nobody has answered."""
        return sorted(self._alone - self.answers.keys())

    @property
    def idle(self) -> list[tuple[str, str]]:
        """The scanners' rules that were answered, and notice nothing that no scenario does."""
        return sorted(self.answers.keys() - self._alone)

    @property
    def _alone(self) -> set[tuple[str, str]]:
        return {(witness.name, rule) for witness in self.witnesses for rule in witness.alone}

    @property
    def exit_code(self) -> int:
        """0: all is explained and answered. 1: something is not, or an entry is idle. 2: a scanner is not reliable."""
        if self.problems:
            return 2
        return 1 if self.agreement.unexplained or self.agreement.stale or self.unanswered or self.idle else 0


def templates(proof: Proof) -> list[dict[str, bytes]]:
    """Return the different templates of a proof whose mutants were asked for, by SHA-256 in hexadecimal, in parts."""
    sources = {hashlib.sha256(seen.source).hexdigest(): seen.source for seen in proof.findings.seen}
    digests = sorted(sources)
    return [{one: sources[one] for one in digests[at : at + _MOST]} for at in range(0, len(digests), _MOST)]


def hear(
    proof: Proof,
    scans: Scans,
    pairs: Sequence[Pair],
    answers: Sequence[Answer],
    on_progress: Callable[[], None] = lambda: None,
) -> Hearing:
    """Return what scanners say of the bases and mutants of a whole proof."""
    bases = {base.name: base for base in proof.bases}
    parts = templates(proof)
    shown = {digest for part in parts for digest in part}
    scans = Scans(_joined(scans), scans.unreadable)
    paired = Scans([_paired(scan, pairs) for scan in scans.scans])
    comparison = Comparison(pairs, scans.names, exhaustive=True, of_mutants=True)
    listeners = [_Listener(scan, shown) for scan in scans.scans]
    violations: Counter[str] = Counter()
    sound = {seen.base: _worst(seen.outcomes) for seen in proof.findings.seen if seen.operator is None}
    originals = {seen.base: _digest(seen) for seen in proof.findings.seen if seen.operator is None}
    mutants = 0
    for seen in proof.findings.seen:
        digest = _digest(seen)
        unread = [listener.name for listener in listeners if digest in listener.unread]
        comparison.take(replace(_sight(seen, bases[seen.base], paired), unread=unread))
        if seen.operator is not None:
            mutants += 1
            worst = _worst(seen.outcomes)
            violated = {scenario for scenario, outcome in worst.items() if outcome is Outcome.NON_COMPLIANT}
            violations.update(violated)
            is_noticed = any(worst[scenario].rank > outcome.rank for scenario, outcome in sound[seen.base].items())
            for listener in listeners:
                listener.take(digest, originals[seen.base], violated, None if is_noticed else _name(seen))
        on_progress()
    agreement = comparison.conclude(scans.sung(*parts))
    missing = {one.scanner: "answers" for one in answers if one.scanner not in scans.names}
    missing |= absent([], pairs, scans.names)
    reliable = Scans([_excused(scan, parts) for scan in scans.scans])
    return Hearing(
        len(shown),
        mutants,
        violations,
        tuple(listener.heard() for listener in listeners),
        agreement,
        {(answer.scanner, rule): answer.answer for answer in answers for rule in answer.rules},
        tuple(
            dict.fromkeys(
                (
                    *((str(error.where), error.problem) for error in scans.unreadable),
                    *((name, _MISSING.format(about)) for name, about in missing.items()),
                    *reliable.problems(*parts),
                    *agreement.problems(),
                )
            )
        ),
    )


class _Listener:
    """A scanner that is heard, mutant by mutant; `unread` are the templates that it could not read."""

    def __init__(self, scan: Scan, shown: Collection[str]) -> None:
        self.name = scan.name
        self.unread = _unread(scan) & frozenset(shown)
        self._lists_templates = scan.templates is not None
        self._version = scan.version
        self._read: Counter[str] = Counter()
        self._noticed: Counter[str] = Counter()
        self._alone: defaultdict[str, list[str]] = defaultdict(list)
        self._unread = 0
        self._found: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
        for finding in scan.findings:
            self._found[finding.template][finding.rule] += 1

    def take(self, digest: str, original: str, violated: set[str], unnoticed: str | None) -> None:
        """Take in a mutant: the scenarios that it violates, and its name if no scenario notices it."""
        if {digest, original} & self.unread:
            self._unread += 1
            return
        self._read.update(violated)
        more = self._found[digest] - self._found[original]
        if more:
            self._noticed.update(violated)
        if unnoticed is not None:
            for rule in dict.fromkeys(map(rule_of, more)):
                self._alone[rule].append(unnoticed)

    def heard(self) -> Witness:
        """Return what there was to hear."""
        unread = self._unread if self._lists_templates else None
        return Witness(self.name, self._version, self._read, self._noticed, self._alone, unread)


def _joined(scans: Scans) -> Iterator[Scan]:
    """Yield what each scanner says of all parts, as one scan, unless it speaks of one of them several times."""
    for name in scans.names:
        reports = [scan for scan in scans.scans if scan.name == name]
        canaries = [canary for scan in reports for canary in scan.canaries]
        if len(set(canaries)) < len(canaries):
            yield from reports
            continue
        listed = [scan.templates for scan in reports]
        yield replace(
            reports[0],
            templates=None if None in listed else frozenset().union(*(one for one in listed if one is not None)),
            canaries={canary: rules for scan in reports for canary, rules in scan.canaries.items()},
            findings=tuple(finding for scan in reports for finding in scan.findings),
            failures=tuple(dict.fromkeys(failure for scan in reports for failure in scan.failures)),
            unread={template: said for scan in reports for template, said in scan.unread.items()},
        )


def _unread(scan: Scan) -> frozenset[str]:
    """Return the templates that a scanner says it could not read, and of which it has nothing to say."""
    read = {finding.template for finding in scan.findings} | (scan.templates or frozenset())
    return frozenset(scan.unread.keys() - read)


def _excused(scan: Scan, parts: Sequence[Collection[str]]) -> Scan:
    """Return what is left to blame a scanner for, if anything: not that it cannot read every mutant, if it says so.

    Who can read none of a part has not looked at it.
    """
    unread = _unread(scan)
    excused = unread & {one for part in parts if not unread >= set(part) for one in part}
    left = {template: said for template, said in scan.unread.items() if template not in excused}
    read = None if scan.templates is None else scan.templates | excused
    return replace(scan, templates=read, unread=left)


def _paired(scan: Scan, pairs: Sequence[Pair]) -> Scan:
    """Return what a scan has found by rules that are compared with a scenario."""
    rules = {pair.rule for pair in pairs if pair.scanner == scan.name}
    return replace(scan, findings=tuple(one for one in scan.findings if rule_of(one.rule) in rules))


def _sight(seen: Seen, base: Base, scans: Scans) -> Sight:
    template = base.template(read_document(seen.source, seen.base), None)
    alerts = scans.alerts(_digest(seen), seen.source, base.paths)
    return Sight(_name(seen), template, base.settings, base.paths, seen.outcomes, alerts, seen.operator)


def _worst(outcomes: Outcomes) -> dict[str, Outcome]:
    return {
        scenario: max((one for each in found.values() for one in each), key=lambda outcome: outcome.rank)
        for scenario, found in outcomes.items()
    }


def _digest(seen: Seen) -> str:
    return hashlib.sha256(seen.source).hexdigest()


def _name(seen: Seen) -> str:
    return seen.base if seen.operator is None else f"{seen.operator} at {seen.path} in {seen.base}"
