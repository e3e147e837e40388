"""The reference stack under a matrix of contexts, valid and invalid: what no single template shows is broken here.

What a context came to is judged as the gate judges it, and so is the matrix as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from policies.catalogue import Entry
from policies.judge import Coverage, crashed
from policies.model import Outcome, Verdict
from policies.template import Template
from proof.bases import UnsoundBaseError, id_of, outcomes_of
from proof.model import Findings, Form, Noticed
from proof.places import Place, json_path
from proof.weighing import Came, Told, weighed
from stack.axes import REFUSED
from stack.contexts import Context
from stack.settings import PREFIX
from stack.synth import Synthesis, synthesise

NAME = "matrix"


class Judged(Protocol):
    """How one context was judged."""

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts of all rules."""

    @property
    def template(self) -> Template | None:
        """The template, if one came of it."""

    @property
    def failure(self) -> str | None:
        """Why the CDK's own validation, or CloudFormation, refuses a template that was written all the same."""


Judge = Callable[[Sequence[Entry], Synthesis], Judged]
"""What judges that which came of one context by all rules: the gate does."""

Syntheses = Mapping[str, Synthesis]
"""What came of each context, by the contexts' names."""


@dataclass(frozen=True)
class Matrix:
    """A matrix that every scenario accepts, judged by `judge`; `known` is how each of its contexts was judged."""

    entries: Sequence[Entry]
    judge: Judge
    syntheses: Syntheses
    known: Mapping[str, Judged]

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What each scenario comes to, by its id: of all contexts and the matrix itself, the worst."""
        return self.came(self.syntheses).outcomes

    def came(self, syntheses: Syntheses) -> Came:
        """Return what a mutant of it comes to; a context that is as it was is not judged again."""
        coverage = Coverage(self.entries)
        verdicts: list[Verdict] = []
        for name, synthesis in syntheses.items():
            same = self.syntheses.get(name) is synthesis
            judged = self.known[name] if same else self.judge(self.entries, synthesis)
            verdicts += judged.verdicts
            if judged.template is not None:
                coverage.add(judged.template, judged.verdicts)
        verdicts += coverage.conclude()
        # Where nothing is left that a scenario could be judged on, it does not apply.
        outcomes = {entry.scenario.id: Outcome.NOT_APPLICABLE for entry in self.entries} | outcomes_of(verdicts)
        return Came(outcomes, {id_of(verdict): verdict.message for verdict in verdicts if crashed(verdict)})

    @property
    def valid(self) -> Syntheses:
        """What came of the contexts that must synthesise."""
        return {name: one for name, one in self.syntheses.items() if not one.context.refused}

    @property
    def invalid(self) -> Syntheses:
        """What came of the contexts that must be refused."""
        return {name: one for name, one in self.syntheses.items() if one.context.refused}


@dataclass(frozen=True, slots=True)
class MatrixMutant:
    """A matrix that was changed at a place: in a context, by its name, or as a whole."""

    at: Place
    syntheses: Syntheses


@dataclass(frozen=True, slots=True)
class MatrixOperator:
    """What makes mutants of a matrix, in which form, and which scenarios must notice each."""

    name: str
    form: Form
    noticed: Noticed
    apply: Callable[[Matrix], Iterator[MatrixMutant]]


def on_matrix(form: Form, noticed: Noticed) -> Callable[[Callable[[Matrix], Iterator[MatrixMutant]]], MatrixOperator]:
    """Make what yields mutants of a matrix an operator, of its module's name and its own."""

    def decorate(apply: Callable[[Matrix], Iterator[MatrixMutant]]) -> MatrixOperator:
        return MatrixOperator(f"{apply.__module__.rpartition('.')[2]}/{apply.__name__}", form, noticed, apply)

    return decorate


def received(matrix: Matrix, *syntheses: Synthesis) -> MatrixMutant:
    """Return a matrix in which contexts were received otherwise; the first is what the mutant is about."""
    changed = {one.context.name: one for one in syntheses}
    return MatrixMutant((syntheses[0].context.name,), {**matrix.syntheses, **changed})


def _context(name: str, **settings: object) -> Context:
    return Context(name, {PREFIX + key: value for key, value in settings.items()})


CONTEXTS = (
    _context("defaults"),
    _context("kept-once-made", removalPolicy="retain-on-update-or-delete"),
    _context("prod", stage="prod"),
    _context("prod-kept-once-made", stage="prod", removalPolicy="retain-on-update-or-delete"),
    _context("destroyed", removalPolicy="destroy"),
    _context("unrecovered", pointInTimeRecovery=False),
    _context("destroyed-unrecovered", removalPolicy="destroy", pointInTimeRecovery=False),
    *(Context(f"refused-{refused.label}", refused.values, refused=refused.keys) for refused in REFUSED),
)
"""Such that every value of a setting which a matrix must show can be left out, and all else still be shown."""


def matrix(entries: Sequence[Entry], judge: Judge, contexts: Sequence[Context] = CONTEXTS) -> Matrix:
    """Synthesise and judge the matrix.

    Raises `UnsoundBaseError` where a scenario is not compliant, and `stack.node.NodeUnusableError` where there is no
    Node.js for the CDK.
    """
    syntheses = {synthesis.context.name: synthesis for synthesis in synthesise(contexts)}
    known = {name: judge(entries, synthesis) for name, synthesis in syntheses.items()}
    found = Matrix(entries, judge, syntheses, known)
    unsound = [f"{id_} is {outcome}" for id_, outcome in found.outcomes.items() if outcome is not Outcome.COMPLIANT]
    if unsound:
        raise UnsoundBaseError(f"{NAME}: {'; '.join(unsound)}")
    return found


def judge_matrix_operator(base: Matrix, operator: MatrixOperator) -> Findings:
    """Judge what an operator makes of a matrix, by what its author says must notice."""
    found = Findings()
    for mutant in operator.apply(base):
        told = Told(
            operator.name, operator.form, NAME, json_path(mutant.at), _shown(base.syntheses), _shown(mutant.syntheses)
        )
        found.add(weighed(told, operator.noticed, base.outcomes, base.came(mutant.syntheses)))
    return found


def _shown(syntheses: Syntheses) -> dict[str, object]:
    return {
        name: {
            "settings": one.settings,
            "template": one.template and hashlib.sha256(one.template).hexdigest(),
            "refused": [problem._asdict() for problem in one.refused or ()],
            "message": (one.message or one.failure or "").splitlines(),
        }
        for name, one in syntheses.items()
    }
