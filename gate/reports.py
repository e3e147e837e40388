"""What a run of the gate writes for other tools, beside what it says: SARIF, JUnit and the other formats."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import policies
from evidence.formats import OF_RECORD, OF_TRACE
from evidence.model import Trouble
from evidence.oscal.controls import read_controls
from evidence.output import replaced
from evidence.provenance import provenance
from evidence.record import conclude
from evidence.results import Gate, Results
from evidence.tally import Shown, Tally
from evidence.trace import read_checkout, trace
from gate.run import Finding, Run
from policies.catalogue import load


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
        tally = tally_of(run)
        # That a scenario applied nowhere, or lacks verdicts, its own standing says.
        scenarios = {entry.scenario.id for entry in load()}
        problems = tuple(
            Trouble(problem.where, problem.message) for problem in run.problems if problem.where not in scenarios
        )
        record = conclude(tally, problems, self._provenance)
        for name, file in self._files.items():
            if name in OF_RECORD:
                told = OF_RECORD[name](record, run.sources)
            elif self._checkout is not None:
                results = Results(Gate(tally, problems, run.basis), gate_file="the gate")
                told = OF_TRACE[name](trace(self._checkout, results))
            with replaced(file) as opened:
                opened.write(told)


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
