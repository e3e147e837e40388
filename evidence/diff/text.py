"""Two traces compared, as a person reads it in a terminal: what changed, and in the last line what it comes to."""

from __future__ import annotations

from evidence.console import Console, escape
from evidence.diff.model import Diff
from evidence.diff.words import sections, verdict

SHOWN = 20
"""How many items of a section are shown; the JSON document has all."""


def render(diff: Diff, console: Console) -> None:
    """Print a comparison. Lines are not broken, so that a terminal of any width does it, and names stay whole."""
    for section in sections(diff, SHOWN):
        console.print(f"[bold]{escape(section.title)}[/]")
        for told in section.items:
            console.print(escape(f"  {''.join(told.line)}"))
            for detail in told.details:
                console.print(escape(f"    {''.join(detail)}"))
        if section.more:
            console.print(f"  and {section.more:,} more")
        console.print()
    style = "bold red" if diff.losses else "bold green"
    console.print(f"[{style}]{escape(verdict(diff))}[/]")
