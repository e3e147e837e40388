"""What a reader is told of two traces compared: a verdict, and sections of items, in our words and untrusted names.

It knows nothing of formats: `evidence.diff.text` and `evidence.diff.markdown` write the same down.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evidence.diff.alerts import AlertChange
from evidence.diff.contexts import AxisValue, Changes, Item, Transition, spelled
from evidence.diff.model import Diff, Loss, ScenarioChange
from evidence.diff.reading import Context, Orphan, Problem
from evidence.model import Scanner
from policies.model import Outcome
from policies.reading import printable

_CUT = 300
_NAMES_SHOWN = 5

_FOUND = {Outcome.WAIVED: "waived", Outcome.NON_COMPLIANT: "not waived"}
"""What an alert comes to, in words."""


class Name(str):
    """Something that a document says, printable and not too long; what else stands in a line are our words."""

    __slots__ = ()


Line = tuple[str, ...]
"""Words and names, to be written one behind the other."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line, and the lines that belong under it."""

    line: Line
    details: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the first things that stand under it, and how many more there are."""

    title: str
    items: tuple[Told, ...]
    more: int

    @property
    def total(self) -> int:
        """How many things there are."""
        return len(self.items) + self.more


def verdict(diff: Diff) -> str:
    """Return what the comparison comes to, in one line."""
    if diff.losses:
        return f"coverage lost: {_count(len(diff.losses), 'loss', 'losses')}"
    if diff.is_empty:
        return "no change"
    kinds = [change.kind for change in diff.scenarios]
    told = [f"{_count(kinds.count(kind), 'scenario')} {kind}" for kind in dict.fromkeys(kinds)]
    for thing, changes in (
        ("context", diff.contexts),
        ("axis value", diff.axes),
        ("orphan", diff.orphans),
        ("problem", diff.problems),
        ("other scanner", diff.scanners),
    ):
        told += [f"{_count(len(changes.lost), thing)} gone"] if changes.lost else []
        told += [f"{_count(len(changes.gained), thing)} new"] if changes.gained else []
    alerts = _count(len(diff.alerts), "finding of another scanner", "findings of other scanners")
    told += [f"{alerts} changed"] if diff.alerts else []
    return f"nothing lost: {', '.join(told)}"


def sections(diff: Diff, shown: int) -> list[Section]:
    """Return what there is to tell, of each kind so many things, what was lost first: every value of an axis, too.

    Where there is nothing to tell, there is no section.
    """
    told = (
        _section("Lost", diff.losses, _loss, shown),
        _section("Scenarios", diff.scenarios, _scenario, shown),
        _section("New values of axes", diff.axes.gained, _axis_value, shown),
        _changes("Contexts", diff.contexts, _context, shown),
        _changes("Orphans", diff.orphans, _orphan, shown),
        _changes("Problems", diff.problems, _problem, shown),
        _changes("Other scanners", diff.scanners, _scanner, shown),
        _section("Findings of other scanners", diff.alerts, _alert, shown),
        _section("Not compared", diff.not_compared, lambda said: Told((said,)), shown),
    )
    return [section for section in told if section.total]


def _section(title: str, things: Sequence[Item], tell: Callable[[Item], Told], shown: int) -> Section:
    return Section(title, tuple(map(tell, things[:shown])), max(len(things) - shown, 0))


def _changes(title: str, changes: Changes[Item], tell: Callable[[Item], Told], shown: int) -> Section:
    def tell_side(side: tuple[str, Item]) -> Told:
        word, thing = side
        told = tell(thing)
        return Told((word, *told.line), told.details)

    sides = [*(("gone: ", thing) for thing in changes.lost), *(("new: ", thing) for thing in changes.gained)]
    return _section(title, sides, tell_side, shown)


def _loss(loss: Loss) -> Told:
    names: Line = (" ", *_names(loss.names)) if loss.names else ()
    return Told((_name(loss.where), f": {loss.message}", *names))


def _scenario(change: ScenarioChange) -> Told:
    match change.before, change.after:
        case None, (id_, state):
            return Told((_name(id_), f": added, {state}"))
        case (id_, state), None:
            return Told((_name(id_), f": removed, was {state}"))
        case (old, before), (new, after):
            states = f"{before}" if before == after else f"{before} → {after}"
            renamed: Line = (", was ", _name(old)) if old != new else ()
            return Told((_name(new), f": {states}", *renamed), tuple(_details(change)))
    raise AssertionError(change)


def _details(change: ScenarioChange) -> Iterator[Line]:
    if change.newly:
        yield (f"newly {', '.join(change.newly)}",)
    if change.no_longer:
        yield (f"no longer {', '.join(change.no_longer)}",)
    if change.edited:
        yield (f"other text: of the {' and of the '.join(change.edited)}",)
    if change.rules:
        old, new = change.rules
        yield ("rule: ", _name(old or "none"), " → ", _name(new or "none"))
    for said, tests in (
        ("fails now: ", change.failing),
        ("test gone: ", change.tests_lost),
        ("test new: ", change.tests_gained),
    ):
        if tests:
            yield (said, *_names(tests))
    for test, before, after in change.fewer_passed[:_NAMES_SHOWN]:
        yield (f"passes in {after:,} of its cases, before in {before:,}: ", _name(test))
    for each in change.transitions:
        yield (*_transition(each), _name(each.first))


def _transition(each: Transition) -> Line:
    contexts = _count(each.contexts, "context")
    return (f"{each.before or 'not judged'} → {each.after or 'not judged'} in {contexts}, such as ",)


def _axis_value(value: AxisValue) -> Told:
    return Told((_name(spelled(value)),))


def _context(context: Context) -> Told:
    settings = ", ".join(spelled(AxisValue(key, json.dumps(value))) for key, value in context.settings.items())
    refused = f"; refused: {', '.join(context.refused)}" if context.refused else ""
    return Told((_name(context.name),), ((_name(settings + refused or "no settings"),),))


def _orphan(orphan: Orphan) -> Told:
    return Told((f"{orphan.kind} ", _name(orphan.name)), ((_name(orphan.message),),))


def _problem(problem: Problem) -> Told:
    return Told((_name(problem.where),), ((_name(problem.message),),))


def _scanner(scanner: Scanner) -> Told:
    return Told((_name(scanner.name), " ", _name(scanner.version or "of an unknown version")))


def _alert(change: AlertChange) -> Told:
    before, after = (None if each is None else _FOUND[each] for each in (change.before, change.after))
    details: list[Line] = [(_name(change.alert.message),)]
    if change.first is not None:
        details.append((f"not waived now in {_count(change.contexts, 'context')}, such as ", _name(change.first)))
    if after is None:
        became = f"gone, was {before}"
    else:
        became = f"new, {after}" if before is None else f"{before} → {after}"
        details += [("waiver: ", _name(waiver)) for waiver in change.alert.waivers[:_NAMES_SHOWN]]
    return Told((_name(change.alert.name), f": {became}"), tuple(details))


def _names(names: Sequence[str]) -> Line:
    shown = [part for name in names[:_NAMES_SHOWN] for part in (_name(name), ", ")][:-1]
    more = len(names) - _NAMES_SHOWN
    return (*shown, f" and {more:,} more") if more > 0 else tuple(shown)


def _name(text: str) -> Name:
    return Name(printable(text if len(text) <= _CUT else f"{text[:_CUT]}…"))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
