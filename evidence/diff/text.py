"""Two traces compared, as a person reads it in a terminal: what changed, and in the last line what it comes to."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from evidence.diff.model import Diff
from evidence.diff.words import sections, verdict

SHOWN = 20
"""How many items of a section are shown; the JSON document has all."""


def render(diff: Diff, console: Console) -> None:
    """Print a comparison. Lines are not broken, so that a terminal of any width does it, and names stay whole."""
    for section in sections(diff, SHOWN):
        console.print(Text(section.title, "bold"))
        for told in section.items:
            console.print(Text(f"  {''.join(told.line)}"), soft_wrap=True)
            for detail in told.details:
                console.print(Text(f"    {''.join(detail)}"), soft_wrap=True)
        if section.more:
            console.print(Text(f"  and {section.more:,} more"))
        console.print()
    console.print(Text(verdict(diff), "bold red" if diff.losses else "bold green"), soft_wrap=True)
