"""Verdicts in the order in which they came: however many there are, memory holds no more than some thousands."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Iterable, Iterator
from typing import IO

from policies.model import Verdict

IN_MEMORY = 2_000
"""So many verdicts are written to disk together: a run on a few templates needs none."""


class Verdicts:
    """Verdicts to which others are added, and which are read from the first to the last, as often as is wanted."""

    def __init__(self, verdicts: Iterable[Verdict] = ()) -> None:
        """Begin with some."""
        self._last: list[Verdict] = []
        self._places: list[int] = []
        self._file: IO[bytes] | None = None
        for verdict in verdicts:
            self.append(verdict)

    def append(self, verdict: Verdict) -> None:
        """Add one behind the others. Raises `OSError` where there is no room on the disk."""
        self._last.append(verdict)
        if len(self._last) == IN_MEMORY:
            file = self._opened()
            self._places.append(file.seek(0, 2))
            pickle.dump(self._last, file)
            self._last = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._places) * IN_MEMORY + len(self._last)

    def __iter__(self) -> Iterator[Verdict]:
        """Yield them in their order; none is to be added meanwhile."""
        for place in self._places:
            file = self._opened()
            file.seek(place)
            yield from pickle.load(file)  # noqa: S301 - what was written above, to a file without a name
        yield from self._last

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            from tempfile import TemporaryFile  # noqa: PLC0415 - few runs come here

            self._file = TemporaryFile()  # noqa: SIM115 - open for as long as the verdicts are wanted
            weakref.finalize(self, self._file.close)
        return self._file
