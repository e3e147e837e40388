"""What is printed: marks, lines, tables, and colours where they are wanted."""

from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.console import LOG_WIDTH, Console, Table, escape, for_stdout, is_coloured


def printed(*said: str | Table, width: int = 40, coloured: bool = False) -> str:
    """Return what is shown of it."""
    console = Console(width=width, coloured=coloured)
    for one in said:
        console.print(one)
    return console.printed


@pytest.mark.parametrize(
    ("said", "plain", "coloured"),
    [
        ("holds", "holds", "holds"),
        ("[bold green]holds[/]: all", "holds: all", "\x1b[1;32mholds\x1b[0m: all"),
        ("[red]a[/][dim]b[/]", "ab", "\x1b[31ma\x1b[0m\x1b[2mb\x1b[0m"),
        ("[bold]a\nb[/]c", "a\nbc", "\x1b[1ma\x1b[0m\n\x1b[1mb\x1b[0mc"),
        ("[purple]a[/bold] [0]", "[purple]a[/bold] [0]", "[purple]a[/bold] [0]"),
    ],
)
def test_marks(said: str, plain: str, coloured: str) -> None:
    """A mark is a style's, until it is ended, on each of its lines; what is no mark stands as it is."""
    assert (printed(said), printed(said, coloured=True)) == (plain, coloured)


@given(st.text(alphabet="[]/ bold\\red\n"), st.booleans())
def test_escaped(text: str, coloured: bool) -> None:
    """Text that is escaped is shown as it stands, between marks, too."""
    assert printed(f"[bold]|[/]{escape(text)}[bold]|[/]") == f"|{text}|"
    assert printed(f"|{escape(text)}|", coloured=coloured) == f"|{text}|"


def test_no_spaces_at_the_ends() -> None:
    """Lines that are empty stand between others, and not at the end."""
    assert printed("a", "", "b", "", "") == "a\n\nb"


def table() -> Table:
    """Return a table of a column that may be broken, one of numbers and one that is never broken."""
    made = Table()
    made.add_column("rule")
    made.add_column("found", right=True)
    made.add_column("state", whole=True)
    made.add_row("[bold]partition key[/]", "7", "as it was")
    made.add_row("no sort key required", "1,234", "✓")
    made.add_row("more")
    return made


def test_table() -> None:
    """Columns are as wide as what stands in them, two spaces apart; numbers stand to the right."""
    assert printed(table()).splitlines() == [
        "rule                  found  state",
        "partition key             7  as it was",
        "no sort key required  1,234  ✓",
        "more",
    ]
    assert table().width == 38


def test_narrow_table() -> None:
    """Where there is less room, what may be broken is, between words; numbers and states are not."""
    assert printed(table(), width=30).splitlines() == [
        "rule          found  state",
        "partition         7  as it was",
        "key",
        "no sort key   1,234  ✓",
        "required",
        "more",
    ]
    assert printed(table(), width=1).splitlines()[:4] == [
        "rule      found  state",
        "partitio      7  as it was",
        "n key",
        "no sort   1,234  ✓",
    ]


def test_names_that_are_long() -> None:
    """A word that is too long for its column is broken where the room ends, and what is indented stays so."""
    made = Table()
    made.add_column("scenario")
    made.add_column("n", right=True)
    made.add_row("  partition-key-defined", "1")
    assert printed(made, width=15).splitlines() == ["scenario      n", "  partition-  1", "key-defined"]


def test_styles_in_tables() -> None:
    """A style ends with its cell, and the names of columns are bold; it is no part of the width."""
    assert printed(table(), coloured=True).splitlines()[:2] == [
        "\x1b[1mrule\x1b[0m                  \x1b[1mfound\x1b[0m  \x1b[1mstate\x1b[0m",
        "\x1b[1mpartition key\x1b[0m             7  as it was",
    ]


def test_wide_characters() -> None:
    """A character that takes two places of a terminal counts as two."""
    made = Table()
    made.add_column("owner")
    made.add_column("days", right=True)
    made.add_row("東京", "3")
    made.add_row("Platform", "12")
    assert printed(made).splitlines() == ["owner     days", "東京         3", "Platform    12"]
    assert printed(made, width=14).splitlines() == ["owner     days", "東京         3", "Platform    12"]


def test_cells_of_several_lines() -> None:
    """A cell of several lines makes its row as high; a name of one line stands above what it names."""
    made = Table()
    made.add_column("noticed by\ncheckov", right=True)
    made.add_column("when")
    made.add_row("1", "stage dev\nstage prod")
    assert printed(made).splitlines() == [
        "noticed by",
        "   checkov  when",
        "         1  stage dev",
        "            stage prod",
    ]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environment", "coloured"),
    [
        (True, {}, True),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (False, {}, False),
        (False, {"TERM": "xterm"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": ""}, False),
    ],
)
def test_colours(terminal: bool, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours are for terminals; FORCE_COLOR asks for them elsewhere, and NO_COLOR wins."""
    monkeypatch.setattr(sys, "stdout", _Terminal() if terminal else io.StringIO())
    assert is_coloured(environment) is coloured


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal is as wide as it is; a log has room."""
    monkeypatch.setenv("COLUMNS", "77")
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert for_stdout().width == 77
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert for_stdout().width == LOG_WIDTH
