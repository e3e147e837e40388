"""What a run of the gate writes for other tools, beside what it says: SARIF, JUnit and the other formats."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import policies
from evidence.formats import OF_RECORD, OF_TRACE
from evidence.model import Scanned, Scanner, TracedAlert, Trouble
from evidence.oscal.controls import read_controls
from evidence.output import replaced
from evidence.provenance import provenance
from evidence.record import conclude
from evidence.results import Gate, Results
from evidence.tally import Shown, Tally
from evidence.trace import read_checkout, trace
from gate.run import Finding, Run
from gate.scans import Others
from policies.catalogue import load
from policies.waiving import OURS


class Reports:
    """The files to write, by the names of their formats; made before a run, so that what is amiss is told first.

    Raises `policies.reading.InputError` where it is not known of what commit or time the run is, and, for Markdown and
    the page, which show its tests and reviews, where the current folder is no checkout.
    """

    def __init__(self, files: Mapping[str, Path], matrix: str) -> None:
        self._files = files
        read_controls([entry.scenario.id for entry in load()])
        self._provenance = provenance(matrix, os.environ)
        self._checkout = read_checkout(policies.__name__) if files.keys() & OF_TRACE.keys() else None

    def write(self, run: Run) -> None:
        """Write what a run came to. Raises `policies.reading.InputError` for a file that cannot be written."""
        gate = gate_of(run)
        record = conclude(gate.tally, gate.problems, self._provenance, gate.scanned)
        for name, file in self._files.items():
            parts: Iterable[bytes] = ()
            if name in OF_RECORD:
                parts = (OF_RECORD[name](record, run.sources),)
            elif self._checkout is not None:
                parts = OF_TRACE[name](trace(self._checkout, results_of(gate)))
            with replaced(file) as opened:
                opened.writelines(parts)


def results_of(gate: Gate) -> Results:
    """Return what a trace takes of a gate."""
    return Results(gate, gate_file="the gate")


def gate_of(run: Run) -> Gate:
    """Return what a run came to, without the problems that scenarios' own standings say: vacuous, or never run."""
    scenarios = {entry.scenario.id for entry in load()}
    found = [Trouble(problem.where, problem.message) for problem in run.problems if problem.where not in scenarios]
    found += troubles(run.others) if run.others else ()
    numbers = {name: number for number, name in enumerate(run.contexts)}
    return Gate(tally_of(run), tuple(found), run.basis, scanned(run.others, numbers) if run.others else Scanned())


def scanned(others: Others, numbers: Mapping[str, int]) -> Scanned:
    """Return what other scanners have found, by the numbers of the contexts, for what our own rules have is told."""
    return Scanned(
        tuple(Scanner(scan.name, scan.version) for scan in others.scanners),
        tuple(
            TracedAlert(
                one.alert.scanner,
                one.alert.rule,
                one.alert.resource,
                one.alert.fingerprint,
                one.alert.level,
                one.alert.message,
                one.alert.help_uri,
                tuple(sorted(numbers[name] for name in one.contexts)),
                tuple(sorted(numbers[name] for name in one.waived)),
                tuple(map(str, one.covers(others.today))),
            )
            for one in others.reported
            if one.alert.scanner != OURS
        ),
    )


def troubles(others: Others) -> Iterator[Trouble]:
    """Return what fails a gate though its scenarios hold, and scanners found nothing: no report may say it passed.

    Scanners that cannot be relied on come first; waivers that do not serve, and disagreements, are findings.
    """
    yield from (Trouble(*problem) for problem in others.problems)
    for problem in others.waiving.problems:
        yield Trouble(f"the waiver of {problem.waiver.name}", f"{problem.kind}: {problem.message}", undecided=False)
    for one in others.agreement.unexplained:
        said = f"disagrees with {one.pair.scenario} on {one.resource}, which policies/agreement.toml does not explain"
        yield Trouble(f"{one.pair.scanner} {one.pair.rule}", said, undecided=False)
    for pair, _ in others.agreement.stale:
        said = "policies/agreement.toml explains a disagreement that there is not"
        yield Trouble(f"{pair.scanner} {pair.rule}", said, undecided=False)


def tally_of(run: Run) -> Tally:
    """Return what the verdicts of a run come to, with what was looked up for its findings."""
    tally = Tally()
    for context in run.contexts.values():
        tally.add_context(context)
    shown = {finding.index: finding for alike in run.findings() for finding in alike}
    for number, verdict in enumerate(run.verdicts):
        finding = shown.get(number)
        tally.add(verdict, None if finding is None else _shown(finding))
    return tally


def _shown(finding: Finding) -> Shown:
    excerpt = finding.excerpt
    value, at = (None, None) if excerpt is None else (excerpt.value, excerpt.at)
    return Shown(finding.minimal, finding.command, value, at)
