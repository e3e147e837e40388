"""The vocabulary of a proof that scenarios can fail, as a trace tells it: mutants, and who noticed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

NOT_RUN: Final = "not-run"
"""What is said where there is no proof."""


@dataclass(frozen=True, slots=True)
class Mutants:
    """How many mutants a scenario had to notice, and did; those that it noticed without a cause, or crashed on."""

    made: int = 0
    killed: int = 0
    false_alarms: int = 0
    crashes: int = 0

    @property
    def survivors(self) -> int:
        """How many it had to notice and did not, be it that its rule crashed on them."""
        return self.made - self.killed


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof came to, by its own `document`.

    `scenario` is the one that it was limited to, None of a whole one. `basis` are the digests of what it was made by.
    `scenarios` are those that it tells of, by id; `mutants` counts all that were judged, `refused` those of them that
    CloudFormation would refuse, `equivalent` those that nobody need notice, and `tried` the contexts that nobody
    listed. `problems` are what is wrong with it beside what became of mutants; it `holds` where nothing is.
    """

    holds: bool
    scenario: str | None
    basis: Mapping[str, str]
    scenarios: Mapping[str, Mutants]
    mutants: int
    refused: int
    equivalent: int
    tried: int
    problems: tuple[str, ...]
    document: Mapping[str, object]

    def of(self, scenario: str) -> Mutants:
        """Return what became of the mutants that a scenario had to notice: of none, where there are none."""
        return self.scenarios.get(scenario, Mutants())

    def state(self, scenarios: Iterable[str]) -> str:
        """Return whether all of these scenarios are proved: one that no mutant was made for is not."""
        return "proved" if self.holds and all(self.of(id_).made for id_ in scenarios) else "not-proved"
