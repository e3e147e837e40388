"""Scanners that waivers and the agreement are about, and that have not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from policies.agreement import Pair
from policies.waiver_model import Waiver
from policies.waiving import OURS


def absent(waivers: Iterable[Waiver], pairs: Iterable[Pair], ran: Collection[str]) -> dict[str, str]:
    """Return what there is about each scanner that is not among those that `ran`, such as "2 waivers and 1 pair".

    A scanner whose name is misspelt is one that never runs.
    """
    about = Counter(waiver.scanner for waiver in waivers), Counter(pair.scanner for pair in pairs)
    missing = sorted({*about[0], *about[1]} - {OURS, *ran})
    return {scanner: _told(about[0][scanner], about[1][scanner]) for scanner in missing}


def _told(waivers: int, pairs: int) -> str:
    counts = {"waiver": waivers, "pair": pairs}
    return " and ".join(f"{count} {noun}{'s' * (count > 1)}" for noun, count in counts.items() if count)
