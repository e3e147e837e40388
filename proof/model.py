"""The vocabulary of the proof: mutants, what became of them, and what is wrong with that.

A mutant is killed where every scenario that must notice it does. It survives where one does not; where a scenario
notices that has no cause to, that is a false alarm. A rule that crashes on a mutant has not noticed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policies.model import Outcome, Outcomes
from proof.bases import Base, Tree
from proof.places import Document, Place


class Form(StrEnum):
    """The form that a violation takes."""

    MISSING = "missing"
    WRONG_LITERAL = "wrong-literal"
    WRONG_TYPE = "wrong-type"
    UNKNOWN = "unknown"
    CONDITIONAL = "conditional"
    PARAMETER_DEFAULT = "parameter-default"
    MOVED = "moved"
    ADDED = "added"
    DENY = "deny"
    NOT_ACTION = "not-action"
    NOT_RESOURCE = "not-resource"
    BOUNDARY = "boundary"
    WRONG_ARN = "wrong-arn"
    NAME_FOR_ARN = "name-for-arn"
    WRONG_OUTPUT = "wrong-output"
    WRONG_ROLE = "wrong-role"
    WRONG_PRINCIPAL = "wrong-principal"
    SYNTHESISED = "synthesised"
    """An invalid context that gives a template."""
    REFUSED = "refused"
    """A valid context that gives none."""
    HARMLESS = "harmless"
    """No violation: a change that nobody may notice."""


Noticed = Mapping[str, frozenset[Outcome]]
"""By the ids of the scenarios that must notice, what each may come to; every other comes to what it came to before."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A base that was changed at a place; `tree` is its construct tree, or None where it comes without one.

    A scenario that does not apply to the base notices nothing, but for those that are `concerned` by the change.
    """

    at: Place
    document: Document
    tree: Tree | None
    concerned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Operator:
    """What makes mutants of a base, in which form, and which scenarios must notice each."""

    name: str
    form: Form
    noticed: Noticed
    apply: Callable[[Base], Iterator[Mutant]]


class Fault(StrEnum):
    """What is wrong with what became of a mutant."""

    SURVIVOR = "survivor"
    """A scenario that must notice did not, or not as it must."""
    FALSE_ALARM = "false alarm"
    """A scenario noticed without a cause."""
    CRASHED = "crashed"
    """A rule failed of its own: it has told nothing of the mutant, and killed nothing."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A mutant that survived, that a scenario noticed without a cause, or that rules crashed on.

    `expected` says in words what was to be found, `found` what was. `difference` is the change, as a unified diff.
    """

    fault: Fault
    operator: str
    form: Form
    base: str
    path: str
    scenarios: tuple[str, ...]
    expected: str
    found: str
    difference: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A template as others can see it, too: a base, or a mutant that CloudFormation does not refuse.

    `operator` is what has made it, None of a base, and `path` the place; `source` is its JSON.
    """

    base: str
    operator: str | None
    path: str
    source: bytes
    outcomes: Outcomes


@dataclass(slots=True)
class Findings:
    """What became of mutants.

    `made` and `killed` count, by scenario and form, the mutants that the scenario had to notice, and did. `refused` are
    mutants that CloudFormation would refuse, which is noticed before any scenario. `operators` count the mutants of
    each, and `obliged` those of the catalogue's that a scenario had to notice, by both. `excused` count what each entry
    of the equivalents covers, by its index; `covered` is an example of what it covers although that was noticed.
    `seen` are bases and mutants themselves, where they were asked for.
    """

    mutants: int = 0
    refused: int = 0
    made: Counter[tuple[str, Form]] = field(default_factory=Counter)
    killed: Counter[tuple[str, Form]] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    obliged: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    excused: Counter[int] = field(default_factory=Counter)
    covered: dict[int, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def count(self, scenario: str, form: Form, *, killed: bool) -> None:
        """Count a mutant that a scenario had to notice."""
        self.made[scenario, form] += 1
        self.killed[scenario, form] += killed

    def add(self, other: Findings) -> None:
        """Add what became of others."""
        self.mutants += other.mutants
        self.refused += other.refused
        self.made.update(other.made)
        self.killed.update(other.killed)
        self.operators.update(other.operators)
        self.obliged.update(other.obliged)
        self.failures += other.failures
        self.excused.update(other.excused)
        self.covered = {**other.covered, **self.covered}
        self.seen += other.seen


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A context that was not received as it must be; `command` synthesises it with the CDK CLI."""

    values: Mapping[str, object]
    expected: str
    found: str
    command: str


@dataclass(frozen=True, slots=True)
class Explored:
    """How many contexts were tried, and the simplest that were not received as they must be: one valid, one a fault."""

    valid: int
    invalid: int
    counterexamples: tuple[Counterexample, ...]
