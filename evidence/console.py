"""Text with styles, for a terminal or without: marked up as `[bold red]so[/]`, in lines and tables.

As much of it as we need, and light: what a terminal shows is felt at every start of the command.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from unicodedata import east_asian_width

LOG_WIDTH = 160
"""So many characters are in a line where there is no terminal."""

_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "magenta": 35, "cyan": 36}
_MARK = re.compile(rf"\[\[|\[(/|(?:{'|'.join(_CODES)})(?: (?:{'|'.join(_CODES)}))*)\]")
_GAP = 2
"""So many characters are between two columns."""
_NARROWEST = 8
"""A column that may be broken is no narrower than this."""

_Styled = list[tuple[str, str]]
"""Characters, each with its style."""


def escape(text: str) -> str:
    """Return text that is shown as it stands, whatever marks are in it."""
    return text.replace("[", "[[")


def is_coloured(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether standard output takes colours: a terminal does, unless NO_COLOR is set; FORCE_COLOR forces it."""
    if environment.get("NO_COLOR"):
        return False
    terminal = sys.stdout.isatty() and environment.get("TERM", "") not in {"dumb", "unknown"}
    return terminal or bool(environment.get("FORCE_COLOR"))


class Table:
    """Rows of cells, which are marked up and may have several lines, below the names of their columns."""

    def __init__(self) -> None:
        """Begin with no column and no row."""
        self._names: list[str] = []
        self._right: list[bool] = []
        self._whole: list[bool] = []
        self._rows: list[tuple[str, ...]] = []

    def add_column(self, name: str, *, right: bool = False, whole: bool = False) -> None:
        """Add a column: set to the right where it is of numbers, never broken where it is to be `whole`."""
        self._names.append(name)
        self._right.append(right)
        self._whole.append(whole or right)

    def add_row(self, *cells: str) -> None:
        """Add a row; cells that are not given are empty."""
        self._rows.append(cells)

    @property
    def width(self) -> int:
        """How many characters wide it is where nothing is broken."""
        return _total(self._widths())

    def lines(self, width: int) -> Iterator[_Styled]:
        """Return its lines, broken where they would be wider than that and may be."""
        widths = self._fitting(width)
        names = tuple(f"[bold]{name}[/]" for name in self._names)
        for row in (names, *self._rows):
            cells = [
                [line for said in _lines(cell) for line in _broken(said, room)]
                for cell, room in zip(row, widths, strict=False)
            ]
            height = max(map(len, cells))
            if row is names:  # those of one line stand where those of several end
                cells = [[[]] * (height - len(cell)) + cell for cell in cells]
            for number in range(height):
                yield self._line([cell[number] if number < len(cell) else [] for cell in cells], widths)

    def _line(self, cells: Sequence[_Styled], widths: Sequence[int]) -> _Styled:
        line: _Styled = []
        for cell, width, right in zip(cells, widths, self._right, strict=False):
            space = [(" ", "")] * (width - _width(cell))
            line += [*space, *cell] if right else [*cell, *space]
            line += [(" ", "")] * _GAP
        while line and line[-1][0] == " ":
            line.pop()
        return line

    def _widths(self) -> list[int]:
        rows = [*self._rows, tuple(self._names)]
        return [
            max(_width(line) for row in rows for line in _lines(row[i] if i < len(row) else ""))
            for i in range(len(self._names))
        ]

    def _fitting(self, width: int) -> list[int]:
        widths = self._widths()
        while _total(widths) > width:
            widest = max((one for one, whole in zip(widths, self._whole, strict=True) if not whole), default=0)
            if widest <= _NARROWEST:
                break
            breakable = [i for i, whole in enumerate(self._whole) if not whole and widths[i] == widest]
            widths[breakable[-1]] -= 1
        return widths


class Console:
    """Collects what is printed, for a terminal of so many characters, or for a log."""

    def __init__(self, *, width: int = LOG_WIDTH, coloured: bool = False) -> None:
        """Begin with nothing printed."""
        self.width = width
        self._coloured = coloured
        self._printed: list[str] = []

    def print(self, said: str | Table = "") -> None:
        """Print text that is marked up, as long as its lines are, or a table, as wide as there is room."""
        lines = said.lines(self.width) if isinstance(said, Table) else _lines(said)
        self._printed += (_shown(line, coloured=self._coloured) for line in lines)

    @property
    def printed(self) -> str:
        """All that was printed, without the ends of its last lines."""
        return "\n".join(self._printed).rstrip("\n")


def for_stdout() -> Console:
    """Return a console as wide as the terminal, and in colours where it takes them."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else LOG_WIDTH
    return Console(width=width, coloured=is_coloured())


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _lines(said: str) -> list[_Styled]:
    """Return the lines of text that is marked up."""
    lines: list[_Styled] = [[]]
    style, end = "", 0
    for mark in (*_MARK.finditer(said), None):
        literal = said[end : mark.start() if mark else None] + ("[" if mark and mark[1] is None else "")
        for character in literal:
            if character == "\n":
                lines.append([])
            else:
                lines[-1].append((character, style))
        if mark and mark[1] is not None:
            style = "" if mark[1] == "/" else mark[1]
        end = mark.end() if mark else end
    return lines


def _broken(line: _Styled, width: int) -> Iterator[_Styled]:
    """Return a line in pieces of at most that width, broken between words where that is possible."""
    while _width(line) > width:
        fits = next(k for k in range(len(line), 0, -1) if _width(line[:k]) <= width or k == 1)
        begins = next((k for k, (character, _) in enumerate(line) if character != " "), 0)
        space = next((k for k in range(fits, begins, -1) if line[k : k + 1] and line[k][0] == " "), None)
        yield line[: space or fits]
        line = line[space + 1 if space else fits :]
    yield line


def _width(line: _Styled) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character, _ in line)


def _shown(line: _Styled, *, coloured: bool) -> str:
    if not coloured:
        return "".join(character for character, _ in line)
    shown, before = [], ""
    for character, style in [*line, ("", "")]:
        if style != before:
            shown.append("\x1b[0m" if before else "")
            shown.append(f"\x1b[{';'.join(str(_CODES[one]) for one in style.split())}m" if style else "")
            before = style
        shown.append(character)
    return "".join(shown)
