"""A trace as a person reads it in a terminal: the matrix, what is wrong by name and what to do, the sum of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evidence.console import Console, Table, escape
from evidence.model import CLEAN, COULD_NOT_JUDGE, SHOWN_BY, State, Trace, TracedAlert, TracedFinding
from evidence.words import (
    SYMBOLS,
    count_killed,
    count_tests,
    details,
    details_of_alert,
    outcomes_shown,
    sum_up_whole,
    verdict,
    waivers_of,
)
from policies.reading import printable
from stack.settings import KEYS

SHOWN = 20
"""How many orphans, problems of the run, findings and alerts are shown of each; the JSON document has all."""

_STYLES = {
    State.DUPLICATE: "bold magenta",
    State.UNCOVERED: "bold red",
    State.OUTDATED: "bold yellow",
    State.ERROR: "bold magenta",
    State.FAILING: "bold red",
    State.UNDETERMINED: "bold magenta",
    State.NEVER_RUN: "bold yellow",
    State.VACUOUS: "bold yellow",
    State.WAIVED: "bold cyan",
    State.COVERED: "green",
}
_CUT = 300


def render(trace: Trace, console: Console) -> None:
    """Print a trace."""
    console.print(_matrix(trace, console))
    render_problems(trace, console)
    for lines in (_findings(trace), _standing(trace), _waived(trace)):
        for line in _first(lines):
            console.print(line)
    style = {CLEAN: "bold green", COULD_NOT_JUDGE: "bold magenta"}.get(trace.exit_code, "bold red")
    console.print(f"\n[{style}]{verdict(trace)}[/]: {sum_up_whole(trace)}")


def render_problems(trace: Trace, console: Console) -> None:
    """Print what is wrong with scenarios, links and the run, but for its findings."""
    for lines in (_scenarios(trace), _first(_orphans(trace)), _first(_troubles(trace))):
        for line in lines:
            console.print(line)


def _matrix(trace: Trace, console: Console) -> Table:
    """Return the matrix with as many columns as the console has room for; the first one folds where none is left."""
    for rules, outcomes in ((True, True), (False, True), (False, False)):
        table = _table(trace, rules=rules, outcomes=outcomes)
        if table.width <= console.width:
            break
    return table


def _table(trace: Trace, *, rules: bool, outcomes: bool) -> Table:
    shown = outcomes_shown(trace) if outcomes else []
    table = Table()
    table.add_column("scenario")
    table.add_column("state", whole=True)
    if rules:
        table.add_column("rule")
    table.add_column("tests", right=True)
    if trace.proof is not None:
        table.add_column("mutants", right=True)
    for outcome in shown:
        table.add_column(str(outcome), right=True)
    above = None
    for traced in trace.scenarios:
        requirement, _, name = traced.scenario.id.rpartition("/")
        if above != requirement:
            table.add_row(f"[bold]{requirement}[/]")
            above = requirement
        cells = [f"  {name}", f"[{_STYLES[traced.state]}]{SYMBOLS[traced.state]} {traced.state}[/]"]
        if rules:
            cells.append("—" if traced.rule is None else f"{traced.rule.path}:{traced.rule.line}")
        cells.append(count_tests(trace, traced))
        if trace.proof is not None:
            cells.append(count_killed(traced.mutants))
        cells += [str((traced.outcomes or Counter())[outcome] or "·") for outcome in shown]
        table.add_row(*cells)
    return table


def _scenarios(trace: Trace) -> Iterator[str]:
    paths = {spec.capability: spec.path for spec in trace.specs}
    for traced in trace.scenarios:
        if traced.problems:
            scenario = traced.scenario
            yield f"\n[bold]{scenario.id}[/] ({_safe(paths[scenario.spec])}:{scenario.line})"
        for problem in traced.problems:
            yield f"  [{_STYLES[problem.kind]}]{problem.kind}[/] {_safe(problem.message)}"


def _orphans(trace: Trace) -> Iterator[str]:
    for orphan in trace.orphans:
        yield f"\n[bold red]orphaned {orphan.kind}[/] [bold]{_safe(orphan.name)}[/]\n  {_safe(orphan.message)}"


def _troubles(trace: Trace) -> Iterator[str]:
    for trouble in trace.problems:
        untried = "[bold yellow]never-run[/]" if trouble.where in KEYS else "[bold red]found[/]"
        word = "[bold magenta]could not judge[/]" if trouble.undecided else untried
        yield "\n".join([f"\n{word} [bold]{_safe(trouble.where)}[/]", *map(_indented, trouble.message.splitlines())])


def _findings(trace: Trace) -> Iterator[str]:
    for finding in trace.findings:
        yield "\n" + "\n".join(_finding(finding))


def _finding(finding: TracedFinding) -> Iterator[str]:
    style = _STYLES[SHOWN_BY[finding.outcome]]
    yield f"[{style}]{finding.outcome}[/] [bold]{_safe(finding.scenario)}[/]"
    yield from map(_indented, finding.message.splitlines())
    for name, value in details(finding):
        # A command that is cut is none; it is ours, but comes from a file that anyone may have written.
        yield f"  {name + ':':<10}{escape(printable(value)) if name == 'see it' else _safe(value)}"


def _standing(trace: Trace) -> Iterator[str]:
    for alert in trace.scanned.standing:
        lines = [_alert(alert), *map(_indented, alert.message.splitlines())]
        lines += [f"  {name + ':':<10}{_safe(value)}" for name, value in details_of_alert(alert, trace)]
        yield "\n" + "\n".join(lines)


def _waived(trace: Trace) -> Iterator[str]:
    for number, alert in enumerate(alert for alert in trace.scanned.alerts if not alert.stands):
        told = [f"{_alert(alert)} in {len(alert.contexts):,} of {len(trace.contexts):,} contexts"]
        told += map(_indented, waivers_of(alert))
        yield "\n".join(told if number else ["", *told])


def _alert(alert: TracedAlert) -> str:
    return f"[{_STYLES[SHOWN_BY[alert.outcome]]}]{alert.outcome}[/] [bold]{_safe(alert.name)}[/]"


def _indented(line: str) -> str:
    return f"  {_safe(line)}"


def _first(lines: Iterator[str]) -> Iterator[str]:
    every = list(lines)
    yield from every[:SHOWN]
    if len(every) > SHOWN:
        yield f"\nand {len(every) - SHOWN:,} more, which --format json tells"


def _safe(text: str) -> str:
    """Return untrusted text without control characters or markup, and not longer than a reader takes in."""
    shown = printable(text)
    return escape(shown if len(shown) <= _CUT else f"{shown[:_CUT]}…")
