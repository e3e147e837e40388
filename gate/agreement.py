"""What other scanners and our scenarios make of the same thing: compared, and where they differ, explained or found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policies.agreement import Explanation, Pair, Side
from policies.model import Outcome, Outcomes, Settings
from policies.template import Template
from policies.waiver_model import is_met
from policies.waiving import TEMPLATE

if TYPE_CHECKING:
    from gate.scans import Alert

_VIOLATED = frozenset({Outcome.NON_COMPLIANT, Outcome.WAIVED})
_HOLDS = frozenset({Outcome.COMPLIANT, Outcome.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Sight:
    """A template, seen by the scenarios and by scanners, waived or not.

    `name` is that of its context, or of the mutant that it is, which the proof's `operator` has made. `paths` are the
    construct paths of its resources by logical id. The scanners that it is `unread` by say nothing of it.
    """

    name: str
    template: Template
    settings: Settings
    paths: Mapping[str, str]
    outcomes: Outcomes
    alerts: Collection[Alert]
    operator: str | None = None
    unread: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two of a pair that differ about a resource, with the names of the contexts, or mutants, that show it.

    `resource` is a construct path, or a logical id where the path is not known, or `template`: of what the scanner
    flags, or of what the scenario finds fault with. `explanation` is None where the table has none.
    """

    pair: Pair
    side: Side
    resource: str
    explanation: Explanation | None
    contexts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the pairs of a run come to.

    `asked` are those whose scanner ran, and `compared` says how often the two of one said something of the same thing.
    `stale` are the explanations that explained nothing, of mutants with the operators that need none, and `idle` the
    pairs that were never compared, where the templates are such as would show it. `silent` are the pairs whose rule was
    not found violated in the canary.
    """

    asked: int
    compared: int
    disagreements: tuple[Disagreement, ...]
    stale: tuple[tuple[Pair, Explanation], ...]
    silent: tuple[Pair, ...] = ()
    idle: tuple[Pair, ...] = ()

    @property
    def unexplained(self) -> list[Disagreement]:
        """The disagreements that are findings."""
        return [one for one in self.disagreements if one.explanation is None]

    @property
    def explained(self) -> list[Disagreement]:
        """The disagreements that the table explains."""
        return [one for one in self.disagreements if one.explanation is not None]

    def problems(self) -> Iterator[tuple[str, str]]:
        """Return the scanners of pairs of which it is not known whether they agree, and why not."""
        for pair in self.silent:
            yield (
                pair.scanner,
                f"{pair.rule} found nothing in the canary, so that its silence agrees with {pair.scenario} whatever "
                "there is: mend its name in policies/agreement.toml, have the scanner use it, or violate it in the "
                "canary",
            )
        for pair in self.idle:
            yield (
                pair.scanner,
                f"{pair.rule} and {pair.scenario} were never compared: in no template do both say something of the "
                "same thing; mend the pair in policies/agreement.toml, or take it out",
            )


class Comparison:
    """Scanners and scenarios compared, template by template.

    That an explanation is stale, or a pair idle, is known only of an `exhaustive` matrix, in which there is every value
    of every setting, or of the whole proof. `of_mutants` tells which of the two it is about: what is explained of
    mutants explains nothing in a matrix, and is not stale there; what is explained of contexts is so of their mutants.
    """

    def __init__(
        self, pairs: Sequence[Pair], ran: Collection[str], *, exhaustive: bool, of_mutants: bool = False
    ) -> None:
        self._pairs = [pair for pair in pairs if pair.scanner in ran]
        self._exhaustive = exhaustive
        self._of_mutants = of_mutants
        self._compared: Counter[tuple[object, ...]] = Counter()
        self._found: dict[tuple[object, ...], Disagreement] = {}
        self._used: defaultdict[tuple[object, ...], set[str | None]] = defaultdict(set)

    def take(self, sight: Sight) -> None:
        """Take in a template."""
        flags: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        for alert in sight.alerts:
            flags[alert.scanner, rule_of(alert.rule)][alert.resource] = None
        for pair in (one for one in self._pairs if one.scanner not in sight.unread):
            for differ in _Compared(pair, sight, flags[pair.scanner, pair.rule]).comparisons():
                self._compared[pair.selector] += 1
                for side, resource in differ:
                    self._report(pair, side, resource, sight).contexts.append(sight.name)

    def conclude(self, sung: Mapping[str, Collection[str]]) -> Agreement:
        """Return what they come to, once every template was taken in.

        `sung` are, by scanner, the rules found violated in the run's canary. Of one that is not among them, no rule is
        told as silent: it has not read the canary.
        """
        rules = {scanner: set(map(rule_of, found)) for scanner, found in sung.items()}
        return Agreement(
            len(self._pairs),
            self._compared.total(),
            tuple(self._found.values()),
            tuple(self._stale()) if self._exhaustive else (),
            tuple(pair for pair in self._pairs if pair.rule not in rules.get(pair.scanner, {pair.rule})),
            tuple(pair for pair in self._pairs if self._exhaustive and not self._compared[pair.selector]),
        )

    def _stale(self) -> Iterator[tuple[Pair, Explanation]]:
        """Yield the explanations of nothing; of one that names operators, with those that it is not needed for."""
        for pair in self._pairs:
            for one in pair.explained:
                used = self._used[pair.selector, one.selector]
                idle = tuple(operator for operator in one.operators if operator not in used)
                if self._of_mutants and idle:
                    yield pair, one.model_copy(update={"operators": idle})
                elif not (self._of_mutants or one.operators or used):
                    yield pair, one

    def _report(self, pair: Pair, side: Side, resource: str, sight: Sight) -> Disagreement:
        explanation = next(
            (
                one
                for one in pair.explained
                if one.side is side
                and one.resource in {"", resource}
                and (not one.operators or sight.operator in one.operators)
                and is_met(one.when, sight.settings)
            ),
            None,
        )
        if explanation is not None:
            self._used[pair.selector, explanation.selector].add(sight.operator)
        key = (pair.selector, side, resource, explanation and explanation.selector)
        return self._found.setdefault(key, Disagreement(pair, side, resource, explanation))


@dataclass(frozen=True, slots=True)
class _Compared:
    """What the two of a pair have seen in a template; `flagged` are the resources that the scanner's rule flags."""

    pair: Pair
    sight: Sight
    flagged: Collection[str]

    def comparisons(self) -> Iterator[list[tuple[Side, str]]]:
        """Return, for each thing of which both say something, on which side they differ, and about which resources."""
        return self._by_table() if self.pair.by_table else self._by_template()

    def _by_table(self) -> Iterator[list[tuple[Side, str]]]:
        for table in self.sight.template.of_type(*self.pair.types):
            holds = _holds(self._outcomes.get(table.logical_id, ()))
            resource = self._path(table.logical_id)
            if holds is not None:
                is_flagged = resource in self.flagged
                differ = [(Side.THEY if holds else Side.WE, resource)]
                yield differ if holds is is_flagged else []

    def _by_template(self) -> Iterator[list[tuple[Side, str]]]:
        holds = _holds({outcome for outcomes in self._outcomes.values() for outcome in outcomes})
        if not self.flagged and not self.sight.template.of_type(*self.pair.types):
            return
        if holds:
            yield [(Side.THEY, resource) for resource in self.flagged]
        elif holds is False:
            violated = [each for each, outcomes in self._outcomes.items() if _holds(outcomes) is False]
            yield [] if self.flagged else [(Side.WE, self._path(each)) for each in violated]

    @property
    def _outcomes(self) -> Mapping[str | None, Collection[Outcome]]:
        return self.sight.outcomes.get(self.pair.scenario, {})

    def _path(self, logical_id: str | None) -> str:
        return TEMPLATE if logical_id is None else self.sight.paths.get(logical_id, logical_id)


def rule_of(told: str) -> str:
    """Return a rule without what a scanner has found by it, which it writes in brackets."""
    return told.partition("[")[0]


def _holds(outcomes: Collection[Outcome]) -> bool | None:
    """Tell whether a scenario holds, of outcomes about the same; None where they do not say."""
    if not _VIOLATED.isdisjoint(outcomes):
        return False
    return True if Outcome.COMPLIANT in outcomes and _HOLDS.issuperset(outcomes) else None
