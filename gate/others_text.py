"""What other scanners and the waivers come to, as a person reads it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from evidence.console import Console, Table
from gate import agreement_text
from gate.legible import legible, legible_lines
from gate.scans import Others, Reported
from policies.waiving import OURS, Waived

ALERTS_SHOWN = 20
"""How many findings of other scanners are shown; the JSON document has all."""

PROBLEMS_SHOWN = 20
"""How many problems of other scanners are shown; the JSON document has all."""


_ADVICE = 2_000
"""How much is shown of what is wrong with a waiver: what to do is said at its end."""


def render(others: Others, contexts: int, console: Console) -> None:
    """Print what other scanners have found in the templates of so many contexts, and what the waivers cover."""
    if others.scanners:
        console.print()
        console.print(_scanners(others))
    standing = _theirs(others.standing)
    for reported in standing[:ALERTS_SHOWN]:
        console.print()
        console.print(_alert(reported, contexts))
    if len(standing) > ALERTS_SHOWN:
        console.print(f"\nand {len(standing) - ALERTS_SHOWN:,} more findings of other scanners")
    agreement_text.render(others.agreement, contexts, console)
    if others.waiving.waived:
        console.print()
        console.print(_waivers(others.waiving.waived))
    if notices := list(_notices(others)):
        console.print()
        console.print("\n".join(notices))


def bottom_line(others: Others) -> str:
    """Return what there is to add to the sum of a run."""
    found, standing, waiving = _theirs(others.reported), _theirs(others.standing), others.waiving
    asked = _counted(len(others.scanners), "other scanner")
    told = [f"{asked}: {_counted(len(found), 'finding')}, {len(standing)} not waived"]
    told = [*told, *agreement_text.bottom_line(others.agreement)] if others.scanners else []
    if waiving.waived:
        soonest = min(waived.days_left for waived in waiving.waived)
        told.append(f"{_counted(len(waiving.waived), 'waiver')}, the first of which ends in {_counted(soonest, 'day')}")
    if waiving.problems:
        told.append(f"[bold red]{_counted(len(waiving.problems), 'problem')} of waivers[/]")
    return "; ".join(told)


def _theirs(reported: Sequence[Reported]) -> list[Reported]:
    """Return what other scanners have found: what our own rules have is told as their findings."""
    return [one for one in reported if one.alert.scanner != OURS]


def _scanners(others: Others) -> Table:
    table = Table()
    table.add_column("scanner")
    for name in ("version", "findings", "waived", "not waived"):
        table.add_column(name, right=True)
    found = Counter(one.alert.scanner for one in others.reported)
    standing = Counter(one.alert.scanner for one in others.standing)
    for scan in others.scanners:
        left = standing[scan.name]
        table.add_row(
            legible(scan.name),
            legible(scan.version or "unknown"),
            str(found[scan.name]),
            f"[yellow]{found[scan.name] - left}[/]" if found[scan.name] - left else "·",
            f"[bold red]{left}[/]" if left else "·",
        )
    return table


def _alert(reported: Reported, contexts: int) -> str:
    alert = reported.alert
    standing = [context for context in reported.contexts if context not in reported.waived]
    shown = f"{len(standing):,} of {contexts:,} contexts, such as {standing[0]}"
    told = {
        "resource": alert.resource,
        "seen in": shown + (f"; waived in {_counted(len(reported.waived), 'other')}" if reported.waived else ""),
        "known by": alert.fingerprint,
        "help": alert.help_uri,
    }
    lines = [f"[bold red]{alert.level}[/] [bold]{legible(alert.scanner)} {legible(alert.rule)}[/]"]
    lines += [f"  {line}" for line in legible_lines(alert.message)]
    lines += [f"  {name + ':':<10}{legible(value)}" for name, value in told.items() if value]
    return "\n".join(lines)


def _waivers(waived: Sequence[Waived]) -> Table:
    table = Table()
    for name in ("waived", "on"):
        table.add_column(name)
    for name in ("findings", "days left"):
        table.add_column(name, right=True)
    table.add_column("owner")
    for one in sorted(waived, key=lambda one: one.days_left):
        waiver = one.waiver
        when = "".join(f"\n{legible(f'{name} {_values(values)}')}" for name, values in waiver.when.items())
        scanner = "" if waiver.scanner == OURS else f"{waiver.scanner} "
        table.add_row(
            legible(scanner + waiver.rule),
            legible(waiver.resource) + when,
            f"{one.flags:,}",
            str(one.days_left),
            legible(waiver.owner),
        )
    return table


def _values(values: Sequence[object]) -> str:
    return " or ".join(value if isinstance(value, str) else json.dumps(value) for value in values)


def _notices(others: Others) -> Iterator[str]:
    if unlisted := others.unlisted:
        keep = "keeps" if len(unlisted) == 1 else "keep"
        yield (
            f"[bold yellow]no list[/] {legible(', '.join(unlisted))} {keep} none of what was read: what was found in "
            "the canary shows that this folder was scanned, not that each template was"
        )
    for name, said in others.problems[:PROBLEMS_SHOWN]:
        yield f"[bold magenta]could not judge[/] {legible(name)}: {legible(said)}"
    if len(others.problems) > PROBLEMS_SHOWN:
        yield f"[bold magenta]could not judge[/] {len(others.problems) - PROBLEMS_SHOWN:,} more"
    for problem in others.waiving.problems:
        yield f"[bold red]waiver {problem.kind}[/] {legible(problem.waiver.name)}: {legible(problem.message, _ADVICE)}"
    for warning in others.waiving.warnings:
        yield f"[bold yellow]waiver ends soon[/] {legible(warning.waiver.name)}: {legible(warning.message)}"
    ran = {OURS, *(scan.name for scan in others.scanners)}
    if asked := [notice for notice in others.waiving.not_asked if notice.waiver.scanner in ran]:
        first = f"{asked[0].waiver.name}: {asked[0].message}"
        yield f"[dim]{_counted(len(asked), 'waiver')} could not be tried, such as {legible(first)}[/]"
    if others.not_asked:
        about = ", ".join(f"{name} ({told})" for name, told in others.not_asked.items())
        yield (
            f"[bold yellow]not asked[/] {_counted(len(others.not_asked), 'other scanner')} that waivers and "
            f"policies/agreement.toml are about: {legible(about)}; import their reports, or run `tox run -e gate`"
        )


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
