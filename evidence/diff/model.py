"""What a comparison of two traces finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from evidence.diff.alerts import AlertChange
from evidence.diff.contexts import AxisValue, Changes, Transition
from evidence.diff.reading import Context, Orphan, Problem
from evidence.model import Scanner, State

NOTHING_LOST, LOST = 0, 1


class Loss(NamedTuple):
    """Coverage that the old trace had and the new one has not: where, what became of it, and of what, by name."""

    where: str
    message: str
    names: tuple[str, ...] = ()


class Standing(NamedTuple):
    """A scenario's id and state in one of the traces."""

    id: str
    state: State


class FewerPassed(NamedTuple):
    """A test that both traces ran, and how many of its cases passed."""

    test: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """What became of a scenario, which is in at least one of the traces.

    `newly` and `no_longer` are kinds of problems; `edited` says of which, "requirement" or "scenario", the text is
    another; `rules` names the old rule and the new one where they differ; `failing` are tests that did not fail before.
    """

    before: Standing | None
    after: Standing | None
    newly: tuple[State, ...] = ()
    no_longer: tuple[State, ...] = ()
    edited: tuple[str, ...] = ()
    rules: tuple[str | None, str | None] | None = None
    tests_lost: tuple[str, ...] = ()
    tests_gained: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    fewer_passed: tuple[FewerPassed, ...] = ()
    transitions: tuple[Transition, ...] = ()

    @property
    def kind(self) -> str:
        """One of added, removed, renamed, changed and unchanged; a state that one trace did not judge is no change."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.before.id != self.after.id:
            return "renamed"
        return "unchanged" if self == ScenarioChange(self.before, self.after) else "changed"


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two traces: scenarios in the new one's order, the removed ones last; and all else.

    `scanners` are the other ones that were asked, `alerts` what became of theirs.
    `losses` is why the comparison fails; `not_compared` says what one of the traces, or both, did not judge.
    """

    scenarios: tuple[ScenarioChange, ...]
    contexts: Changes[Context]
    axes: Changes[AxisValue]
    orphans: Changes[Orphan]
    problems: Changes[Problem]
    scanners: Changes[Scanner]
    alerts: tuple[AlertChange, ...]
    losses: tuple[Loss, ...]
    not_compared: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed in what was compared."""
        sides = (self.contexts, self.axes, self.orphans, self.problems, self.scanners)
        changed = self.scenarios or self.alerts or any(side.lost or side.gained for side in sides)
        return not (changed or self.losses)

    @property
    def exit_code(self) -> int:
        """0: nothing was lost. 1: coverage was lost."""
        return LOST if self.losses else NOTHING_LOST
