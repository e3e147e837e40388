"""What other scanners notice of the proof's mutants, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.console import Console, Table, escape
from gate import agreement_text
from gate.witnesses import Hearing, Witness
from policies.reading import printable

_SHOWN = 20
_EXAMPLES = 3


def render(hearing: Hearing, console: Console) -> None:
    """Print who notices how many of the violations, and all that is to be mended, explained or answered."""
    console.print(_table(hearing))
    agreement_text.render(hearing.agreement, hearing.mutants, console, "mutants")
    for line in (*_unanswered(hearing), *_idle(hearing), *_problems(hearing)):
        console.print(line)
    console.print()
    console.print(_conclusion(hearing))


def _table(hearing: Hearing) -> Table:
    table = Table()
    table.add_column("violated", whole=True)
    table.add_column("mutants", right=True)
    for witness in hearing.witnesses:
        table.add_column(f"noticed by\n{_safe(witness.name)}", right=True)
    for scenario, count in sorted(hearing.violations.items()):
        noticed = (f"{witness.noticed.get(scenario, 0):,}" for witness in hearing.witnesses)
        table.add_row(escape(scenario), f"{count:,}", *noticed)
    if any(witness.unread != 0 for witness in hearing.witnesses):
        table.add_row("could not be read", "", *map(_count_unread, hearing.witnesses))
    return table


def _count_unread(witness: Witness) -> str:
    return "keeps no list" if witness.unread is None else f"{witness.unread:,}"


def _unanswered(hearing: Hearing) -> Iterator[str]:
    alone = {witness.name: witness.alone for witness in hearing.witnesses}
    left = hearing.unanswered
    for scanner, rule in left[:_SHOWN]:
        mutants = alone[scanner][rule]
        yield f"\n[bold red]unanswered[/] [bold]{_safe(f'{scanner} {rule}')}[/] notices what no scenario does"
        yield f"  in:       {_safe('; '.join(mutants[:_EXAMPLES]))}" + (
            f"; and {len(mutants) - _EXAMPLES:,} more" if len(mutants) > _EXAMPLES else ""
        )
        yield "  remedy:   make a scenario of it, or say in proof/answers.toml why there is none"
    if len(left) > _SHOWN:
        yield f"\nand {len(left) - _SHOWN:,} more rules that notice what no scenario does"


def _idle(hearing: Hearing) -> Iterator[str]:
    for scanner, rule in hearing.idle:
        told = f"{scanner} {rule}: notices nothing by itself; take it out of proof/answers.toml"
        yield f"[bold red]idle answer[/] {_safe(told)}"


def _problems(hearing: Hearing) -> Iterator[str]:
    for name, said in hearing.problems:
        yield f"[bold red]could not judge[/] {_safe(name)}: {_safe(said)}"


def _conclusion(hearing: Hearing) -> str:
    word = {0: "[bold green]heard[/]", 1: "[bold red]not all explained[/]", 2: "[bold red]not all heard[/]"}
    counts = (
        f"{len(hearing.witnesses)} other scanners of {hearing.templates:,} templates",
        *agreement_text.bottom_line(hearing.agreement),
        f"what they alone notice: {len(hearing.answers) - len(hearing.idle):,} rules answered, "
        f"{len(hearing.unanswered):,} not",
        f"{len(hearing.problems):,} problems",
    )
    return f"{word[hearing.exit_code]}: {'; '.join(counts)}"


def _safe(text: str) -> str:
    return escape(printable(text))
