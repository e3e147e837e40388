"""The proof for a reader: a table of what each scenario has killed, and every failure with the change that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evidence.console import Console, Table, escape
from proof.model import Counterexample, Explored, Failure, Findings, Form
from proof.run import Proof

MOST_SHOWN = 20
"""So many failures are shown in full; there are more where a rule is broken, and one tells as much as a hundred."""


def render(proof: Proof, console: Console) -> None:
    """Print a proof."""
    found = proof.findings
    console.print(_table(found))
    console.print()
    for failure in found.failures[:MOST_SHOWN]:
        _show(failure, console)
    if len(found.failures) > MOST_SHOWN:
        console.print(f"… and {len(found.failures) - MOST_SHOWN} more; --format json holds all of them\n")
    for counterexample in proof.counterexamples:
        _show_counterexample(counterexample, console)
    for problem in proof.problems:
        console.print(f"[bold red]problem[/] {escape(problem)}")
    console.print(_conclusion(proof))


def _table(found: Findings) -> Table:
    table = Table()
    table.add_column("scenario", whole=True)
    table.add_column("killed", right=True)
    table.add_column("by form: killed of made")
    for scenario in sorted({scenario for scenario, _ in found.made}):
        made = sum(found.made[scenario, form] for form in Form)
        killed = sum(found.killed[scenario, form] for form in Form)
        style = "green" if killed == made else "red"
        table.add_row(escape(scenario), f"[{style}]{killed} of {made}[/]", ", ".join(_forms(found, scenario)))
    return table


def _forms(found: Findings, scenario: str) -> Iterator[str]:
    for form in Form:
        made, killed = found.made[scenario, form], found.killed[scenario, form]
        if made:
            yield f"{form} {killed}" if made == killed else f"[red]{form} {killed} of {made}[/]"


def _show(failure: Failure, console: Console) -> None:
    head = f"[bold red]{failure.fault}[/] {escape(failure.operator)} ({failure.form}) in {escape(failure.base)}"
    console.print(f"{head} at {escape(failure.path)}")
    for scenario in failure.scenarios:
        console.print(f"  {escape(scenario)}")
    console.print(f"  expected {failure.expected}; found {failure.found}")
    for line in failure.difference.splitlines():
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        console.print(f"    [{style}]{escape(line)}[/]")
    console.print()


def _show_counterexample(one: Counterexample, console: Console) -> None:
    values = escape(json.dumps(one.values, ensure_ascii=False))
    console.print(f"[bold red]counterexample[/] the context {values}")
    console.print(f"  expected {escape(one.expected)}; found {escape(one.found)}")
    console.print(f"  see it: {escape(one.command)}\n")


def _conclusion(proof: Proof) -> str:
    found = proof.findings
    excused = sum(found.excused.values())
    verdict = "[bold green]proved[/]" if proof.holds else "[bold red]not proved[/]"
    return (
        f"{verdict}: {found.mutants:,} mutants of {len(proof.bases)} templates and {len(proof.contexts)} contexts; "
        f"{found.refused:,} that CloudFormation refuses, {excused:,} equivalent by {len(proof.equivalents)} reasons; "
        f"{_explored(proof.explored)}{len(found.failures):,} failures, {len(proof.problems):,} problems"
    )


def _explored(explored: Explored | None) -> str:
    if explored is None:
        return ""
    tried = f"{explored.valid:,} valid and {explored.invalid:,} invalid contexts tried besides"
    return f"{tried}, {len(explored.counterexamples)} counterexamples; "
