"""The `gate` command: a matrix judged, with progress on a terminal and findings reduced to what shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import policies
from evidence.trace import read_checkout, trace
from gate.exemptions import Exemptions
from gate.matrix import judge_matrix
from gate.minimise import minimise
from gate.output import tell
from gate.progress import progress
from gate.reports import Reports, gate_of, results_of
from gate.run import Finding, Problem
from gate.scans import read_scans
from gate.text import FINDINGS_SHOWN
from gate.waivers import load_pairs, load_waivers
from policies.agreement import SHIPPED
from stack.cache import Cache, default_folder
from stack.contexts import Context, Matrix, matrix


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a gate reads: the file of waivers, the reports of other scanners, and, to trace, the current folder.

    `cached` tells whether it may take templates from the cache of those that were synthesised before.
    """

    waivers: Path
    reports: Sequence[Path] = ()
    traced: bool = False
    cached: bool = False


def main(name: Matrix, inputs: Inputs, form: str, output: Path | None, files: Mapping[str, Path]) -> int:
    """Judge a matrix, tell the result as `text` or as `json` and return the exit code.

    `files` are what other formats are written to, by their names. Raises `policies.reading.InputError` where a file
    cannot be read or written; but where that is a scanner's report, all else is judged, and the report a problem.
    Raises `stack.node.NodeUnusableError`, too.
    """
    reports = Reports(files, name) if files else None
    checkout = read_checkout(policies.__name__) if inputs.traced else None
    waivers, scans = load_waivers(inputs.waivers), read_scans(inputs.reports)
    pairs = load_pairs(SHIPPED)
    exemptions = Exemptions(waivers, scans, datetime.now(UTC).date(), exhaustive=name != "smoke", pairs=pairs)
    contexts = list(matrix(name))
    with (
        Cache(default_folder()) if inputs.cached else nullcontext() as cache,
        progress("contexts", len(contexts)) as advance,
    ):
        run = judge_matrix(contexts, exemptions, advance, cache)
    run.problems += (Problem(error.where, error.problem) for error in scans.unreadable)
    _reduce({context.name: context for context in contexts}, run.findings()[:FINDINGS_SHOWN])
    if checkout is not None:
        run.trace = trace(checkout, results_of(gate_of(run)))
    tell(run, form, output)
    if reports is not None:
        reports.write(run)
    return run.exit_code


def _reduce(contexts: Mapping[str, Context], findings: Iterable[Sequence[Finding]]) -> None:
    """Let findings, those that say the same together, know the fewest context keys that show them."""
    seen = [(contexts[alike[0].verdict.context], alike) for alike in findings if alike[0].verdict.context is not None]
    if not seen:
        return
    with progress("looking for the smallest contexts that show the findings"):
        smallest = minimise([(context, [finding.verdict for finding in alike]) for context, alike in seen])
    for (_, alike), context in zip(seen, smallest, strict=True):
        place = {"account": context.account, "region": context.region} if context.account else {}
        for finding in alike:
            finding.minimal = {**context.values, **place}
            finding.command = context.command
