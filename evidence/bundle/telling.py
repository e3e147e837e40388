"""A bundle told: what was exported, what was verified, and what an auditor reads first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict

from evidence import provenance, words
from evidence.bundle.contents import Contents
from evidence.bundle.export import Exported
from evidence.bundle.manifest import Manifest
from evidence.bundle.verify import Verified
from evidence.console import Console, Table, escape
from evidence.diff.reading import Problem
from evidence.model import CLEAN, FOUND_SOMETHING, Scanned, Scanner, State, TracedAlert, TracedFinding
from evidence.mutants import Mutants
from evidence.proof import mutants_as_json, proof_as_json
from evidence.record import Standing
from policies.model import Outcome
from policies.reading import printable
from policies.waiver_model import Waiver

SHOWN_ID = "urn:worthwatch:storage-compliance:evidence:1"
VERIFIED_ID = "urn:worthwatch:storage-compliance:verified:1"

_SHOWN = 20
_LETTERS = 1_000
"""The most letters that are shown of what another scanner says."""

_STYLES = {
    Standing.COMPLIANT: "green",
    Standing.WAIVED: "bold cyan",
    Standing.NOT_APPLICABLE: "yellow",
    Standing.NOT_RUN: "bold yellow",
    Standing.UNDETERMINED: "bold magenta",
    Standing.NON_COMPLIANT: "bold red",
    Standing.ERROR: "bold magenta",
}


def exported(done: Exported, file: str) -> str:
    """Say what was written, and what it says."""
    record = done.record
    lines = _first([f"{trouble.where}: {trouble.message}" for trouble in done.trace.problems])
    lines += [f"wrote {file}: {done.members:,} members, root {done.root}"]
    if record.provenance.modified:
        lines.append("the checkout has changes that are in no commit: this is no evidence of the commit")
    proved = words.sum_up_proof(done.trace.proof, done.trace.ids)
    lines.append(f"{words.verdict(done.trace)}: {words.sum_up(done.trace)}; {proved}")
    holds = _holds([one.standing for one in record.scenarios], record.scanned)
    said = {CLEAN: holds, FOUND_SOMETHING: "does not hold"}.get(record.exit_code, "could not judge all")
    lines.append(
        f"{said}: {len(record.contexts):,} contexts, {len(record.templates):,} templates, "
        f"{_sum_up(one.standing for one in record.scenarios)}; {_others(record.scanned)}"
    )
    return "\n".join(map(printable_lines, lines))


def _holds(scenarios: Collection[Standing], scanned: Scanned) -> str:
    """Say of a run that holds, in which nothing stands that other scanners found, whether it does by waivers alone."""
    return "holds, but for what is waived" if Standing.WAIVED in scenarios or scanned.alerts else "holds"


def _others(scanned: Scanned) -> str:
    """Say how many other scanners were asked, and what they have found."""
    if not scanned.scanners:
        return "no other scanner was asked"
    count, standing = len(scanned.scanners), len(scanned.standing)
    counted = f"{len(scanned.alerts) - standing:,} waived, {standing:,} not waived"
    scanners = "1 other scanner" if count == 1 else f"{count:,} other scanners"
    return f"{scanners}: {len(scanned.alerts):,} findings, {counted}"


def _sum_up(scenarios: Iterable[Standing]) -> str:
    standings = Counter(scenarios)
    counted = ", ".join(f"{standings[standing]} {standing}" for standing in Standing if standings[standing])
    return f"{standings.total()} scenarios: {counted}"


def printable_lines(text: str) -> str:
    """Return text of more lines than one without what a terminal would obey."""
    return "\n".join(map(printable, text.split("\n")))


def verified(bundle: Verified, contents: Contents) -> str:
    """Say what holds of a bundle that was verified, and what its signer states of the run."""
    commit = "no commit" if bundle.commit is None else f"commit {bundle.commit}"
    told = {
        "signed by": bundle.signer,
        "root": bundle.root,
        "follows": bundle.previous or "no other bundle",
        "of": f"{commit}{', with changes that are in no commit' if bundle.modified else ''}",
        "time": provenance.written(bundle.time),
        "holds": f"{bundle.members:,} members, {bundle.templates:,} templates, none missing, changed or added",
    }
    lines = [f"{name + ':':<11}{printable(value)}" for name, value in told.items()]
    stated = f"its signer states {bundle.result} of {_sum_up(contents.standings.values())}"
    return "\n".join([*lines, f"verified; {stated}; {_others(contents.scanned)}; the trace: {_trace(contents)}"])


def verified_json(bundle: Verified, contents: Contents) -> dict[str, object]:
    """Return what holds of a bundle that was verified, in plain JSON values."""
    time = provenance.written(bundle.time)
    return {"schema": VERIFIED_ID} | asdict(bundle) | {"time": time, "states": _states(contents)}


def _states(contents: Contents) -> dict[str, int]:
    """Return how many scenarios are in each state of the trace."""
    states = Counter(scenario.state for scenario in contents.trace.scenarios)
    return {str(state): states[state] for state in State if states[state]}


def _trace(contents: Contents) -> str:
    """Say what the trace comes to, by its states, orphans and problems."""
    said = [f"{count} {state}" for state, count in reversed(_states(contents).items())]
    said += [f"{len(contents.trace.orphans)} orphans"] if contents.trace.orphans else []
    said += [f"{len(contents.trace.problems)} problems"] if contents.trace.problems else []
    said += [] if contents.trace.judged.tests else ["no results of tests"]
    return ", ".join([*said, words.sum_up_proof(contents.proof, contents.standings)])


def shown(  # noqa: PLR0913, PLR0917 - what is told, and how
    contents: Contents, manifest: Manifest, signer: str, notes: Sequence[str], form: str, console: Console
) -> str:
    """Return what an auditor reads first, in a form.

    `signer` is who is said to have signed it, `notes` are what it does not show of other scanners.
    """
    if form == "json":
        return json.dumps(_document(contents, manifest, signer) | {"notes": list(notes)})
    _print(contents, manifest, signer, notes, console)
    return console.printed


def _document(contents: Contents, manifest: Manifest, signer: str) -> dict[str, object]:
    return {
        "schema": SHOWN_ID,
        "root": manifest.root,
        "previous": manifest.previous,
        "signer": signer,
        "provenance": provenance.document(contents.provenance),
        "scenarios": {
            id_: {
                "standing": standing,
                "outcomes": _counts(contents, id_),
                "mutants": mutants_as_json(_mutants(contents, id_)),
            }
            for id_, standing in contents.standings.items()
        },
        "contexts": len(contents.contexts),
        "states": _states(contents),
        "tests": contents.trace.judged.tests,
        "waivers": [waiver.model_dump(mode="json") for waiver in contents.waivers],
        "proof": proof_as_json(contents.proof, contents.standings),
        "findings": [
            {"scenario": one.scenario, "outcome": one.outcome, "message": one.message, "contexts": len(one.contexts)}
            for one in contents.tally.findings()
        ],
        "scanners": [_scanner(contents.scanned, scanner) for scanner in contents.scanned.scanners],
        "alerts": [_alert_as_json(alert) for alert in contents.scanned.alerts],
        "problems": [{"where": one.where, "message": one.message} for one in contents.trace.problems],
    }


def _scanner(scanned: Scanned, scanner: Scanner) -> dict[str, object]:
    found = [alert for alert in scanned.alerts if alert.scanner == scanner.name]
    return {
        "name": scanner.name,
        "version": scanner.version,
        "findings": len(found),
        "not_waived": sum(alert.stands for alert in found),
    }


def _alert_as_json(alert: TracedAlert) -> dict[str, object]:
    counted = {"contexts": len(alert.contexts), "waived": len(alert.waived)}
    return asdict(alert) | {"outcome": str(alert.outcome)} | counted


def _counts(contents: Contents, id_: str) -> dict[str, int]:
    counts = contents.tally.outcomes.get(id_, Counter())
    return {str(outcome): counts[outcome] for outcome in Outcome if counts[outcome]}


def _mutants(contents: Contents, id_: str) -> Mutants | None:
    return None if contents.proof is None else contents.proof.of(id_)


def _print(contents: Contents, manifest: Manifest, signer: str, notes: Sequence[str], console: Console) -> None:
    for name, value in _head(contents, manifest, signer):
        console.print(f"[bold]{name and name + ':':<11}[/]{escape(printable(value))}")
    console.print()
    console.print(_table(contents))
    alerts = sorted(contents.scanned.alerts, key=lambda alert: not alert.stands)
    shown = map(_finding, contents.tally.findings()), map(_alert, alerts), map(_problem, contents.trace.problems)
    for lines in shown:
        for line in _first(list(lines)):
            console.print(line)
    for note in notes:
        console.print(f"\n[bold yellow]not shown[/]: {escape(printable(note))}")
    standings = contents.standings.values()
    held = _holds(standings, contents.scanned) if contents.holds else "does not hold, or could not all be judged"
    console.print(f"\n{held}: {_sum_up(standings)}; {_others(contents.scanned)}")
    console.print(f"the trace: {_trace(contents)}")


def _head(contents: Contents, manifest: Manifest, signer: str) -> Iterator[tuple[str, str]]:
    made = contents.provenance
    commit = "no commit" if made.commit is None else f"commit {made.commit}"
    yield "judged", f"{commit}{', with changes that are in no commit' if made.modified else ''}"
    yield "time", provenance.written(made.time)
    templates = {context.template for context in contents.contexts if context.template}
    yield "matrix", f"{made.matrix}: {len(contents.contexts):,} contexts, {len(templates):,} templates"
    yield "by", f"storage-compliance {made.version}, Python {made.python}, Node.js {made.node}; see sbom.cdx.json"
    yield from made.basis.items()
    yield "suite", made.suite
    yield "tests", "see the trace" if contents.trace.judged.tests else "not-run"
    yield "waivers", _waivers(contents.waivers)
    yield "others", _others(contents.scanned)
    for scanner in contents.scanned.scanners:
        told = _scanner(contents.scanned, scanner)
        named = f"{scanner.name} {scanner.version or 'of a version that it does not tell'}"
        yield "", f"{named}: {told['findings']} findings, {told['not_waived']} not waived"
    yield "proof", words.sum_up_proof(contents.proof, contents.standings)
    yield "root", manifest.root
    yield "follows", manifest.previous or "no other bundle"
    verifying = "storage-compliance evidence verify BUNDLE.zip --key signing.pub"
    yield "signed by", f"{signer}, by its own account; to verify that: {verifying}"
    yield "again", "to judge it once more: storage-compliance evidence replay BUNDLE.zip"


def _waivers(waivers: Sequence[Waiver]) -> str:
    if not waivers:
        return "none"
    return f"{len(waivers):,} stood, the first of which ends on {min(waiver.expires for waiver in waivers)}"


def _table(contents: Contents) -> Table:
    outcomes = [one for one in reversed(Outcome) if any(each[one] for each in contents.tally.outcomes.values())]
    table = Table()
    table.add_column("scenario")
    table.add_column("standing", whole=True)
    if contents.proof is not None:
        table.add_column("mutants", right=True)
    for outcome in outcomes:
        table.add_column(str(outcome), right=True)
    requirements = {f"{spec.capability}#{one.slug}": one.text for spec in contents.specs for one in spec.requirements}
    steps = {
        one.id: one.steps
        for spec in contents.specs
        for requirement in spec.requirements
        for one in requirement.scenarios
    }
    above = None
    for id_, standing in contents.standings.items():
        requirement, _, name = id_.rpartition("/")
        if requirement != above:
            table.add_row(f"[bold]{escape(printable(requirement))}[/]")
            table.add_row(escape(printable(requirements[requirement])))
            above = requirement
        counts = contents.tally.outcomes.get(id_, Counter())
        cells = [] if contents.proof is None else [words.count_killed(_mutants(contents, id_))]
        cells += [str(counts[outcome] or "·") for outcome in outcomes]
        table.add_row(f"  {escape(printable(name))}", f"[{_STYLES[standing]}]{standing}[/]", *cells)
        for step in steps[id_]:
            table.add_row(f"[dim]    {step.keyword} {escape(printable(step.text))}[/]")
    return table


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines[:_SHOWN] + ([f"\nand {more:,} more, which --format json and trace.json tell"] if more > 0 else [])


def _problem(problem: Problem) -> str:
    where, said = escape(printable(problem.where)), escape(printable_lines(problem.message))
    return f"\n[bold magenta]problem[/] [bold]{where}[/]\n  {said}"


def _alert(alert: TracedAlert) -> str:
    style = _STYLES[Standing(alert.outcome)]
    lines = [f"\n[{style}]{alert.outcome}[/] [bold]{escape(printable(alert.name))}[/]"]
    lines.append(f"  {escape(printable(alert.message[:_LETTERS]))}")
    lines.append(f"  contexts: {len(alert.contexts):,}, waived in {len(alert.waived):,} of them")
    lines += [f"  waiver:   {escape(printable(waiver))}" for waiver in alert.waivers]
    return "\n".join(lines)


def _finding(finding: TracedFinding) -> str:
    style = _STYLES[Standing(finding.outcome)]
    lines = [f"\n[{style}]{finding.outcome}[/] [bold]{escape(printable(finding.scenario))}[/]"]
    lines.append(f"  {escape(printable_lines(finding.message))}")
    lines += [f"  {name + ':':<10}{escape(printable(value))}" for name, value in words.details(finding)]
    return "\n".join(lines)
