"""The vocabulary of a judgement: outcomes, findings, verdicts, rules, and the cases that rules are asked about.

Nothing of ours is imported here; everything else of `policies` builds on it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World


class Outcome(StrEnum):
    """What a judgement comes to; from best to worst, so that the worst of several is their maximum by rank."""

    NOT_APPLICABLE = "not-applicable"
    """The scenario's WHEN is not met, or there is nothing to judge."""
    COMPLIANT = "compliant"
    """The scenario holds in every world that the template can become."""
    WAIVED = "waived"
    """A violation that a waiver covers, for a while; no rule says it."""
    UNDETERMINED = "undetermined"
    """The template alone cannot say."""
    NON_COMPLIANT = "non-compliant"
    """The scenario is violated in at least one world."""
    ERROR = "error"
    """The judgement itself failed: nothing is known."""

    @property
    def rank(self) -> int:
        """The place from best (0) to worst."""
        return list(Outcome).index(self)


ACCEPTED = frozenset({Outcome.COMPLIANT, Outcome.NOT_APPLICABLE})
"""The outcomes that are no finding; one that is waived is told like any other."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has against a resource.

    `path` is the JSONPath (RFC 9535) of the place in the template, `found` the JSON that stands there (None where
    nothing does), `expected` what the spec wants there, and `remedy` how to mend it in the CDK.
    """

    message: str
    path: str = ""
    found: object = None
    expected: str = ""
    remedy: str = ""
    outcome: Outcome = Outcome.NON_COMPLIANT


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one scenario for one judged resource of one template.

    `scenario` is `<requirement-slug>/<scenario-slug>`. `template`, `context` and `resource` are None where the
    verdict is about no single one: a matrix, or a context that was refused. `assuming` names the world in which
    the outcome was seen, in the template's own words, and is empty where it was seen in every world. `waiver` says
    which waiver covers the violation, by whom and until when, in one line; it is None for any outcome but waived.
    """

    spec: str
    scenario: str
    outcome: Outcome
    template: str | None = None
    context: str | None = None
    resource: str | None = None
    path: str | None = None
    found: object = None
    expected: str | None = None
    message: str = ""
    remedy: str | None = None
    assuming: tuple[str, ...] = ()
    waiver: str | None = None


Outcomes = Mapping[str, Mapping[str | None, frozenset[Outcome]]]
"""What scenarios come to in a template, by their ids and the logical ids of what they judge; None is the template."""


def outcomes_by_resource(verdicts: Iterable[Verdict]) -> Outcomes:
    """Return what scenarios come to, of their verdicts on a template."""
    found: dict[str, dict[str | None, frozenset[Outcome]]] = {}
    for verdict in verdicts:
        of_scenario = found.setdefault(f"{verdict.spec}#{verdict.scenario}", {})
        of_scenario[verdict.resource] = of_scenario.get(verdict.resource, frozenset()) | {verdict.outcome}
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """One context of a matrix as a context rule sees it, in plain values.

    `expected` are the context keys that must be refused (empty: the context must synthesise), `refused` those that
    were, each with what is allowed there, and `synthesised` says whether a template came of it all the same. `message`
    is what the user was told.
    """

    context: str
    expected: frozenset[str]
    refused: Mapping[str, str]
    synthesised: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Configurable:
    """A scenario that only a matrix can show: each of `values` of `setting` must reach a template."""

    setting: str
    values: tuple[Hashable, ...]


TableCheck = Callable[["Resource", "World"], Iterator[Finding]]
ContextCheck = Callable[[Case], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class TableRule:
    """A rule that judges each DynamoDB table of a template, in each of its worlds.

    A check yields what it has against the table; ending without a finding means compliant. `by_default`: only the
    world of the parameters' defaults counts. `demands_table`: a storage stack without any table violates it.
    """

    check: TableCheck
    by_default: bool = False
    demands_table: str | None = None
    configurable: Configurable | None = None


@dataclass(frozen=True, slots=True)
class ContextRule:
    """A rule that judges how a context was received, not what a template holds."""

    check: ContextCheck


Rule = TableRule | ContextRule


class DuplicateRuleError(Exception):
    """A module defines the rule of a scenario twice."""

    def __init__(self, module: str, name: str) -> None:
        super().__init__(module, name)
        self.module = module
        self.name = name

    def __str__(self) -> str:
        return f"{self.module} defines the rule {self.name} twice"


def rule(
    *,
    by_default: bool = False,
    demands_table: str | None = None,
    configurable: Configurable | None = None,
) -> Callable[[TableCheck], TableRule]:
    """Make a check the rule of the scenario that its module and name spell (see `policies.catalogue`)."""

    def decorate(check: TableCheck) -> TableRule:
        _refuse_duplicate(check)
        return TableRule(check, by_default, demands_table, configurable)

    return decorate


def context_rule(check: ContextCheck) -> ContextRule:
    """Make a check of contexts the rule of the scenario that its module and name spell."""
    _refuse_duplicate(check)
    return ContextRule(check)


def _refuse_duplicate(check: TableCheck | ContextCheck) -> None:
    """Raise `DuplicateRuleError` where a module defines a rule twice: Python would forget the first without a word."""
    already = getattr(sys.modules.get(check.__module__), check.__name__, None)
    if isinstance(already, TableRule | ContextRule):
        raise DuplicateRuleError(check.__module__, check.__name__)


Settings = Mapping[str, object]
"""The intent behind a template: the WorthWatch settings by name, without prefix, as plain JSON values."""
