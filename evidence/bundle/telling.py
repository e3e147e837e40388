"""A bundle told: what was exported, what was verified, and what an auditor reads first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evidence import provenance, words
from evidence.bundle.contents import Contents
from evidence.bundle.export import Exported
from evidence.bundle.manifest import Manifest
from evidence.bundle.verify import Verified
from evidence.model import CLEAN, FOUND_SOMETHING, TracedFinding
from evidence.output import captured
from evidence.record import Provenance, Standing
from policies.model import Outcome
from policies.reading import printable

SHOWN_ID = "urn:worthwatch:storage-compliance:evidence:1"
VERIFIED_ID = "urn:worthwatch:storage-compliance:verified:1"

_SHOWN = 20
_STYLES = {
    Standing.COMPLIANT: "green",
    Standing.NOT_APPLICABLE: "yellow",
    Standing.NOT_RUN: "bold yellow",
    Standing.UNDETERMINED: "bold magenta",
    Standing.NON_COMPLIANT: "bold red",
    Standing.ERROR: "bold magenta",
}


def exported(done: Exported, file: str) -> str:
    """Say what was written, and what it says."""
    record = done.record
    lines = [f"{trouble.where}: {trouble.message}" for trouble in done.trace.problems[:_SHOWN]]
    lines += [f"wrote {file}: {done.members:,} members, root {done.root}"]
    if record.provenance.modified:
        lines.append("the checkout has changes that are in no commit: this is no evidence of the commit")
    lines.append(f"{words.verdict(done.trace)}: {words.sum_up(done.trace)}")
    said = {CLEAN: "holds", FOUND_SOMETHING: "does not hold"}.get(record.exit_code, "could not judge all")
    lines.append(
        f"{said}: {len(record.contexts):,} contexts, {len(record.templates):,} templates, "
        f"{_sum_up(one.standing for one in record.scenarios)}"
    )
    return "\n".join(map(printable_lines, lines))


def _sum_up(scenarios: Iterable[Standing]) -> str:
    standings = Counter(scenarios)
    counted = ", ".join(f"{standings[standing]} {standing}" for standing in Standing if standings[standing])
    return f"{standings.total()} scenarios: {counted}"


def printable_lines(text: str) -> str:
    """Return text of more lines than one without what a terminal would obey."""
    return "\n".join(map(printable, text.split("\n")))


def verified(bundle: Verified) -> str:
    """Say what holds of a bundle that was verified."""
    commit = "no commit" if bundle.commit is None else f"commit {bundle.commit}"
    told = {
        "signed by": bundle.signer,
        "root": bundle.root,
        "follows": bundle.previous or "no other bundle",
        "of": f"{commit}{', with changes that are in no commit' if bundle.modified else ''}",
        "time": _time(bundle),
        "holds": f"{bundle.members:,} members, {bundle.templates:,} templates, none missing, changed or added",
    }
    lines = [f"{name + ':':<11}{printable(value)}" for name, value in told.items()]
    return "\n".join([*lines, f"verified; the result that its signer states is {bundle.result}"])


def verified_json(bundle: Verified) -> dict[str, object]:
    """Return what holds of a bundle that was verified, in plain JSON values."""
    return {"schema": VERIFIED_ID} | asdict(bundle) | {"time": _time(bundle)}


def _time(made: Verified | Provenance) -> str:
    return made.time.isoformat().replace("+00:00", "Z")


def shown(contents: Contents, manifest: Manifest, form: str, console: Console) -> str:
    """Return what an auditor reads first, in a form."""
    if form == "json":
        return json.dumps(_document(contents, manifest))
    return captured(console, lambda console: _print(contents, manifest, console))


def _document(contents: Contents, manifest: Manifest) -> dict[str, object]:
    return {
        "schema": SHOWN_ID,
        "root": manifest.root,
        "previous": manifest.previous,
        "provenance": provenance.document(contents.provenance),
        "scenarios": {
            id_: {"standing": standing, "outcomes": _counts(contents, id_)}
            for id_, standing in contents.standings.items()
        },
        "contexts": len(contents.trace.contexts),
        "tests": contents.trace.judged.tests,
        "waivers": contents.waivers,
        "proof": contents.proof,
        "findings": [
            {"scenario": one.scenario, "outcome": one.outcome, "message": one.message, "contexts": len(one.contexts)}
            for one in contents.tally.findings()
        ],
        "problems": [{"where": one.where, "message": one.message} for one in contents.trace.problems],
    }


def _counts(contents: Contents, id_: str) -> dict[str, int]:
    counts = contents.tally.outcomes.get(id_, Counter())
    return {str(outcome): counts[outcome] for outcome in Outcome if counts[outcome]}


def _print(contents: Contents, manifest: Manifest, console: Console) -> None:
    for name, value in _head(contents, manifest):
        console.print(f"[bold]{name + ':':<11}[/]{escape(printable(value))}", soft_wrap=True)
    console.print()
    console.print(_table(contents))
    for finding in contents.tally.findings()[:_SHOWN]:
        console.print(_finding(finding), soft_wrap=True)
    for problem in contents.trace.problems[:_SHOWN]:
        console.print(f"\n[bold magenta]problem[/] [bold]{escape(printable(problem.where))}[/]", soft_wrap=True)
        console.print(f"  {escape(printable_lines(problem.message))}", soft_wrap=True)
    console.print(f"\n{_sum_up(contents.standings.values())}", soft_wrap=True)


def _head(contents: Contents, manifest: Manifest) -> Iterator[tuple[str, str]]:
    made = contents.provenance
    commit = "no commit" if made.commit is None else f"commit {made.commit}"
    yield "judged", f"{commit}{', with changes that are in no commit' if made.modified else ''}"
    yield "time", _time(made)
    templates = {line.template for line in contents.tally.contexts(()) if line.template}
    yield "matrix", f"{made.matrix}: {len(contents.trace.contexts):,} contexts, {len(templates):,} templates"
    yield "by", f"storage-compliance {made.version}, Python {made.python}, Node.js {made.node}; see sbom.cdx.json"
    yield from made.basis.items()
    yield "tests", "see the trace" if contents.trace.judged.tests else "not-run"
    yield "waivers", str(contents.waivers or "none")
    yield "proof", contents.proof
    yield "root", manifest.root
    yield "follows", manifest.previous or "no other bundle"
    yield "signed by", "not looked at: storage-compliance evidence verify BUNDLE.zip --key signing.pub"


def _table(contents: Contents) -> Table:
    outcomes = [one for one in reversed(Outcome) if any(each[one] for each in contents.tally.outcomes.values())]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", overflow="fold")
    table.add_column("standing", no_wrap=True)
    for outcome in outcomes:
        table.add_column(str(outcome), justify="right")
    above = None
    for id_, standing in contents.standings.items():
        requirement, _, name = id_.rpartition("/")
        if requirement != above:
            table.add_row(f"[bold]{escape(printable(requirement))}[/]")
            table.add_row(escape(printable(contents.requirements.get(requirement, ""))))
            above = requirement
        counts = contents.tally.outcomes.get(id_, Counter())
        cells = [str(counts[outcome] or "·") for outcome in outcomes]
        table.add_row(f"  {escape(printable(name))}", f"[{_STYLES[standing]}]{standing}[/]", *cells)
    return table


def _finding(finding: TracedFinding) -> str:
    lines = [f"\n[bold red]{finding.outcome}[/] [bold]{escape(printable(finding.scenario))}[/]"]
    lines.append(f"  {escape(printable_lines(finding.message))}")
    lines += [f"  {name + ':':<10}{escape(printable(value))}" for name, value in words.details(finding)]
    return "\n".join(lines)
