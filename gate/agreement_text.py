"""How far other scanners agree with the scenarios, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evidence.console import Console, Table, escape
from gate.agreement import Agreement, Disagreement
from policies.agreement import Side
from policies.reading import printable

SHOWN = 20
"""How many disagreements that nothing explains are shown; the JSON document has all."""

_REMEDY = (
    "find out which of them is right: mend the stack, the rule or the scenario; where both are, explain it in "
    "policies/agreement.toml"
)


def render(agreement: Agreement, count: int, console: Console, of: str = "contexts") -> None:
    """Print where scanners and scenarios disagree about the same thing, `of` so many contexts, or mutants."""
    unexplained = agreement.unexplained
    for one in unexplained[:SHOWN]:
        console.print()
        console.print(_unexplained(one, f"{count:,} {of}"))
    if len(unexplained) > SHOWN:
        console.print(f"\nand {len(unexplained) - SHOWN:,} more disagreements of scanners with scenarios")
    if agreement.explained:
        console.print()
        console.print(_explained(agreement.explained, of))
    if told := list(_stale(agreement)):
        console.print()
        console.print("\n".join(told))


def bottom_line(agreement: Agreement) -> Iterator[str]:
    """Return what there is to add to the sum of a run, if anything was compared."""
    if agreement.asked:
        left = len(agreement.unexplained)
        yield (
            f"rules of theirs held against scenarios of ours {agreement.compared:,} times, disagreements: "
            f"{len(agreement.explained):,} explained, " + (f"[bold red]{left:,} not[/]" if left else "0 not")
        )
    if agreement.stale:
        yield f"[bold red]stale explanations: {len(agreement.stale):,}[/]"


def _unexplained(one: Disagreement, whole: str) -> str:
    pair = one.pair
    if one.side is Side.THEY:
        said = f"{pair.scanner} flags {one.resource}; the scenario is compliant"
    else:
        said = f"the scenario is violated by {one.resource}; {pair.scanner} flags nothing"
    told = {
        "both": pair.note,
        "seen in": f"{len(one.contexts):,} of {whole}, such as {one.contexts[0]}",
        "remedy": _REMEDY,
    }
    lines = [f"[bold red]disagreement[/] [bold]{_safe(pair.name)}[/]", f"  {_safe(said)}"]
    return "\n".join([*lines, *(f"  {name + ':':<10}{_safe(value)}" for name, value in told.items())])


def _explained(explained: Sequence[Disagreement], of: str) -> Table:
    table = Table()
    for name in ("explained disagreement", "finds fault", "with"):
        table.add_column(name)
    table.add_column(of, right=True)
    for one in explained:
        pair = one.pair
        finder = pair.scanner if one.side is Side.THEY else "the scenario"
        table.add_row(
            escape(f"{pair.scanner} {pair.rule}\n{pair.scenario.rpartition('#')[2]}"),
            escape(finder),
            _safe(one.resource),
            f"{len(one.contexts):,}",
        )
    return table


def _stale(agreement: Agreement) -> Iterator[str]:
    for pair, explanation in agreement.stale:
        told = (
            f"{pair.name}, {explanation.name}: explains nothing that was seen; take it out of policies/agreement.toml"
        )
        yield f"[bold red]stale explanation[/] {_safe(told)}"


def _safe(text: str) -> str:
    return escape(printable(text))
