"""A run as a person reads it: what was judged, what was found, what to change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from evidence.console import Console, Table, escape
from gate.legible import legible
from gate.run import COULD_NOT_JUDGE, HOLDS, Finding, Run
from policies.model import Outcome

FINDINGS_SHOWN = 8
"""How many findings are shown in full; the JSON document has all."""

PROBLEMS_SHOWN = 20
"""How many problems are shown; the JSON document has all."""

_STYLES = {
    Outcome.COMPLIANT: "green",
    Outcome.NON_COMPLIANT: "bold red",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.WAIVED: "bold cyan",
    Outcome.UNDETERMINED: "bold yellow",
    Outcome.ERROR: "bold magenta",
}
_COLUMNS = (Outcome.NON_COMPLIANT, Outcome.UNDETERMINED, Outcome.ERROR, Outcome.WAIVED, Outcome.NOT_APPLICABLE)


def render(run: Run, console: Console) -> None:
    """Print a run."""
    console.print(_matrix(run))
    for alike in run.findings()[:FINDINGS_SHOWN]:
        console.print()
        console.print(_finding(alike, run.contexts))
    if run.problems:
        console.print()
    for problem in run.problems[:PROBLEMS_SHOWN]:
        said = "\n  ".join(legible(line) for line in problem.message.splitlines())
        console.print(f"[bold magenta]could not judge[/] {legible(problem.where)}: {said}")
    if len(run.problems) > PROBLEMS_SHOWN:
        console.print(f"[bold magenta]could not judge[/] {len(run.problems) - PROBLEMS_SHOWN} more")
    if run.others:
        from gate import others_text  # noqa: PLC0415 - a check has none, and is to begin at once

        others_text.render(run.others, len(run.contexts), console)
    if run.trace:
        from evidence import text as trace_text  # noqa: PLC0415 - as above

        trace_text.render_problems(run.trace, console)
    console.print()
    console.print(_bottom_line(run))


def _matrix(run: Run) -> Table:
    table = Table()
    table.add_column("scenario")
    # What nothing came to has no column: a summary that fits a terminal of 80 characters is worth more.
    outcomes = run.outcomes()
    shown = [Outcome.COMPLIANT, *(outcome for outcome in _COLUMNS if outcomes[outcome])]
    for outcome in shown:
        table.add_column(str(outcome), right=True)
    above: tuple[str, ...] = ()
    for (spec, name), counts in run.counts().items():
        requirement, scenario = name.split("/")
        if above != (spec, requirement):
            table.add_row(f"[bold]{spec}#{requirement}[/]")
            above = (spec, requirement)
        cells = [f"[{_STYLES[outcome]}]{counts[outcome]}[/]" if counts[outcome] else "·" for outcome in shown]
        table.add_row(f"  {scenario}", *cells)
    return table


def _finding(alike: Sequence[Finding], contexts: Mapping[str, object]) -> str:
    verdict, *others = (finding.verdict for finding in alike)
    lines = [f"[{_STYLES[verdict.outcome]}]{verdict.outcome}[/] [bold]{verdict.spec}#{verdict.scenario}[/]"]
    lines += [f"{other.outcome} {other.spec}#{other.scenario}" for other in others]
    lines += [f"  {legible(line)}" for line in verdict.message.splitlines()]
    told = {
        "resource": verdict.resource,
        "path": verdict.path,
        "found": None if verdict.found is None else json.dumps(verdict.found),
        "expected": verdict.expected,
        "mend": verdict.remedy,
        "assuming": "; ".join(verdict.assuming),
        "waiver": "; ".join(dict.fromkeys(one.waiver for one in (verdict, *others) if one.waiver)),
        "context": verdict.context,
        "template": None if contexts else verdict.template,
    }
    lines += [f"  {name + ':':<10}{legible(value)}" for name, value in told.items() if value]
    if alike[0].command is not None:
        lines.append(f"  see it:   {escape(alike[0].command)}")
    return "\n".join(lines)


def _bottom_line(run: Run) -> str:
    outcomes = run.outcomes()
    cached = f" ({run.cached} of them from the cache)" if run.cached else ""
    judged = f"{len(run.contexts)} contexts{cached}, " if run.contexts else ""
    judged += f"{len(run.templates)} templates, {len(run.counts())} scenarios, {len(run.verdicts)} verdicts"
    counted = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome])
    waived = outcomes[Outcome.WAIVED] or (run.others and run.others.waiving.waived)
    holds = "[bold green]holds[/]" + (", but for what is waived" if waived else "")
    said = {HOLDS: holds, COULD_NOT_JUDGE: "[bold magenta]could not judge all[/]"}
    told = f"{judged}: {counted or 'nothing'}"
    if run.others:
        from gate import others_text  # noqa: PLC0415 - as above

        told += f"; {others}" if (others := others_text.bottom_line(run.others)) else ""
    if run.trace:
        from evidence.words import sum_up, verdict  # noqa: PLC0415 - as above

        told += f"; trace {verdict(run.trace)}: {sum_up(run.trace)}"
    return f"{said.get(run.exit_code, '[bold red]does not hold[/]')}: {told}"
