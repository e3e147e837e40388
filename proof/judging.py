"""Mutants judged by every scenario: who noticed, who had to, and who had no cause."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from policies.catalogue import Entry
from policies.judge import crashed, judge_template
from policies.model import Outcome, outcomes_by_resource
from policies.reading import InputError
from proof.bases import Base, about_tables, id_of, outcomes_of
from proof.equivalents import Equivalent
from proof.generated import FORMS, Kind, mutants, operator_of
from proof.model import Fault, Findings, Form, Mutant, Operator, Seen
from proof.places import ROOT, Document, Place, json_path
from proof.weighing import Came, Told, weighed

_WRONG_TYPES = frozenset(kind for kind, form in FORMS.items() if form is Form.WRONG_TYPE)
_REFUSALS = frozenset({Outcome.UNDETERMINED, Outcome.NON_COMPLIANT, Outcome.ERROR})


def judge_base(entries: Sequence[Entry], base: Base) -> Seen:
    """Judge a base as others can see it."""
    verdicts = judge_template(about_tables(entries), base.template(base.document, base.tree))
    return Seen(base.name, None, json_path(ROOT), _source(base.document), outcomes_by_resource(verdicts))


def judge_operator(entries: Sequence[Entry], base: Base, operator: Operator, *, seen: bool = False) -> Findings:
    """Judge what an operator of the catalogue makes of a base, by what its author says must notice.

    With `seen`, the mutants themselves are among the findings.
    """
    found = Findings()
    for mutant in operator.apply(base):
        noticed = {
            scenario: outcomes
            for scenario, outcomes in operator.noticed.items()
            if base.outcomes[scenario] is Outcome.COMPLIANT or scenario in mutant.concerned
        }
        came = _judged(entries, base, mutant)
        found.add(weighed(_told(operator.name, operator.form, base, mutant), noticed, base.outcomes, came))
        if seen:
            found.seen += _seen(operator.name, base, mutant, came)
    return found


def judge_place(
    entries: Sequence[Entry], base: Base, place: Place, equivalents: Sequence[Equivalent], *, seen: bool = False
) -> Findings:
    """Judge every change of a place that rules read: one of those that read it must refuse it, and no other notice.

    That a scenario no longer applies refuses nothing: such a template passes the gate. With `seen`, the mutants
    themselves are among the findings.
    """
    found = Findings()
    readers = {scenario for scenario, reading in base.readings.items() if place in reading.present | reading.absent}
    judged = [
        _Changed(one.kind, mutant, _judged(entries, base, mutant))
        for one in mutants(base.document, place)
        for mutant in (Mutant(place, one.document, base.tree),)
    ]
    dependent = frozenset[str]().union(*(one.differ(base) for one in judged)) & readers
    unchanged = {scenario: frozenset({outcome}) for scenario, outcome in base.outcomes.items()}
    for one in judged:
        came, form = one.came, FORMS[one.kind]
        told = _told(operator_of(one.kind), form, base, one.mutant)
        if seen:
            found.seen += _seen(told.operator, base, one.mutant, came)
        noticed = {scenario for scenario in one.differ(base) & readers if came.refuses(scenario)}
        credulous = one.credulous(dependent)
        found.mutants += 1
        found.refused += came.refused
        found.operators[told.operator] += 1
        for scenario in noticed:
            found.count(scenario, form, killed=True)
        for scenario in credulous | came.crashes.keys():
            found.count(scenario, form, killed=False)
        found.failures += told.crashed(came.crashes)
        found.failures += told.failures(Fault.FALSE_ALARM, unchanged, came.of(one.differ(base) - readers))
        found.failures += told.failures(Fault.SURVIVOR, dict.fromkeys(credulous, _REFUSALS), came.of(credulous))
        covering = [i for i, equivalent in enumerate(equivalents) if equivalent.covers(json_path(place), one.kind)]
        if noticed or credulous or came.refused:
            found.covered.update(dict.fromkeys(covering, f"{one.kind} at {json_path(place)} in {base.name}"))
        elif covering and not came.crashes:
            found.excused.update(covering)
        elif not came.crashes:
            for scenario in readers:
                found.count(scenario, form, killed=False)
            found.failures += told.failures(Fault.SURVIVOR, dict.fromkeys(readers, _REFUSALS), came.of(readers))
    return found


def _judged(entries: Sequence[Entry], base: Base, mutant: Mutant) -> Came:
    try:
        template = base.template(mutant.document, mutant.tree)
        verdicts = list(judge_template(about_tables(entries), template))
    except InputError:
        return Came(base.outcomes, {}, refused=True)
    except Exception as error:  # what fails beneath the rules is told of all of them
        failed = f"judging failed with {type(error).__name__}: {error}"
        return Came(base.outcomes, dict.fromkeys(base.outcomes, failed), refused=False)
    crashes = {id_of(verdict): verdict.message for verdict in verdicts if crashed(verdict)}
    return Came(outcomes_of(verdicts), crashes, bool(template.problems), outcomes_by_resource(verdicts))


@dataclass(frozen=True, slots=True)
class _Changed:
    """A generated mutant, and what came of it."""

    kind: Kind
    mutant: Mutant
    came: Came

    def differ(self, base: Base) -> set[str]:
        """Return the scenarios that come to something else than before, but for those whose rules crashed."""
        outcomes = self.came.outcomes.items()
        return {one for one, outcome in outcomes if outcome is not base.outcomes[one]} - self.came.crashes.keys()

    def credulous(self, dependent: Collection[str]) -> set[str]:
        """Return the scenarios that depend on what stands there and take it as it is, although it is no such thing."""
        if self.kind not in _WRONG_TYPES or self.came.refused:
            return set()
        return {scenario for scenario in dependent if self.came.outcomes[scenario] is Outcome.COMPLIANT}


def _seen(operator: str, base: Base, mutant: Mutant, came: Came) -> Iterator[Seen]:
    """Yield a mutant as others can see it, unless CloudFormation would refuse it: then there is nothing to see."""
    if not came.refused:
        yield Seen(base.name, operator, json_path(mutant.at), _source(mutant.document), came.by_resource)


def _source(document: Document) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _told(operator: str, form: Form, base: Base, mutant: Mutant) -> Told:
    changed = (base.document, mutant.document) if base.tree == mutant.tree else (base.tree, mutant.tree)
    return Told(operator, form, base.name, json_path(mutant.at), *changed)
