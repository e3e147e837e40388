"""The proof as a whole: every mutant of every base, judged in several processes, and every one of the matrix."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from policies.catalogue import load
from proof.bases import Base
from proof.equivalents import Equivalent
from proof.judging import judge_base, judge_operator, judge_place
from proof.matrix import Matrix, MatrixOperator, judge_matrix_operator
from proof.model import Counterexample, Explored, Findings, Operator
from proof.operators import catalogue
from proof.places import Place
from proof.receptions import receptions

PATIENCE = 300.0
"""So many seconds one task may take: thousands of times what one takes."""


class BrokenProofError(Exception):
    """The proof could not be carried to its end."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of all mutants, or of those of one `scenario`.

    `problems` are what is wrong with the proof itself, such as an operator that makes no mutant. `contexts` are the
    names of those of the matrix, and `explored` tells of contexts that are in none, where they were tried.
    """

    bases: tuple[Base, ...]
    equivalents: tuple[Equivalent, ...]
    findings: Findings
    problems: tuple[str, ...]
    scenario: str | None = None
    contexts: tuple[str, ...] = ()
    explored: Explored | None = None

    @property
    def counterexamples(self) -> tuple[Counterexample, ...]:
        """The contexts, of those that were tried, that were not received as they must be."""
        return self.explored.counterexamples if self.explored else ()

    @property
    def holds(self) -> bool:
        """Whether every mutant was killed or is listed as equivalent, without a false alarm or a counterexample."""
        return not (self.findings.failures or self.problems or self.counterexamples)


Task = tuple[int, str | Place]
"""The index of a base, and the name of the operator, or the place to change in every way."""


def prove(  # noqa: PLR0913 - all that a proof is made of
    bases: Sequence[Base],
    equivalents: Sequence[Equivalent],
    *,
    scenario: str | None = None,
    seen: bool = False,
    workers: int = 1,
    on_progress: Callable[[], None] = lambda: None,
) -> Proof:
    """Judge the mutants of all bases; with `scenario`, those that this one must notice, or of what it reads.

    With `seen`, the bases and the mutants themselves are among the findings. One worker is this process.
    Raises `BrokenProofError` where a worker dies or hangs.
    """
    found = Findings()
    given = _Given(tuple(bases), tuple(equivalents), seen)
    todo = tasks(bases, scenario)
    if seen:
        found.seen += (judge_base(load(), base) for base in bases)
    for each in _in_processes(given, todo, workers) if workers > 1 else map(_Judge(given), todo):
        found.add(each)
        on_progress()
    problems = () if scenario else (*_idle(found, catalogue()), *_needless(found, equivalents))
    return Proof(tuple(bases), tuple(equivalents), found, problems, scenario)


def prove_matrix(proof: Proof, matrix: Matrix, on_progress: Callable[[], None] = lambda: None) -> Proof:
    """Return a proof, whole or of one scenario, with the mutants of a matrix added to it."""
    found = Findings()
    found.add(proof.findings)
    for operator in of_matrix(proof.scenario):
        found.add(judge_matrix_operator(matrix, operator))
        on_progress()
    idle = () if proof.scenario else tuple(_idle(found, receptions()))
    return replace(proof, findings=found, problems=(*proof.problems, *idle), contexts=tuple(matrix.syntheses))


def tasks(bases: Sequence[Base], scenario: str | None = None) -> list[Task]:
    """Return what there is to do, in one order always."""
    return [(number, what) for number, base in enumerate(bases) for what in _of_base(base, scenario)]


def of_matrix(scenario: str | None = None) -> list[MatrixOperator]:
    """Return the operators on a matrix; with a scenario, those that it must notice."""
    return [operator for operator in receptions() if scenario is None or scenario in operator.noticed]


def _of_base(base: Base, scenario: str | None) -> Iterator[str | Place]:
    for operator in catalogue():
        if scenario is None or scenario in operator.noticed:
            yield operator.name
    # What is about contexts reads no template.
    readings = [reading for id_, reading in base.readings.items() if scenario in (None, id_)]
    yield from sorted({place for reading in readings for place in reading.present | reading.absent}, key=repr)


def _idle(found: Findings, operators: Sequence[Operator] | Sequence[MatrixOperator]) -> Iterator[str]:
    """Yield what is wrong with operators that do nothing."""
    for operator in operators:
        if not found.operators[operator.name]:
            yield f"operator {operator.name} made no mutant of any base: mend it, or take it out"
            continue
        for scenario in operator.noticed:
            if not found.obliged[operator.name, scenario]:
                yield f"operator {operator.name}: {scenario} is to notice, but applies to no base of its mutants"


def _needless(found: Findings, equivalents: Sequence[Equivalent]) -> Iterator[str]:
    """Yield what is wrong with equivalents that excuse nothing, or too much."""
    for i, equivalent in enumerate(equivalents):
        if not found.excused[i]:
            yield f"equivalent {i + 1} ({equivalent.name}) excuses no mutant: take it out"
        if i in found.covered:
            yield f"equivalent {i + 1} is too wide: it covers {found.covered[i]}, which is noticed"


@dataclass(frozen=True, slots=True)
class _Given:
    """What there is to judge tasks by."""

    bases: tuple[Base, ...]
    equivalents: tuple[Equivalent, ...]
    seen: bool


class _Judge:
    """Judges tasks."""

    def __init__(self, given: _Given) -> None:
        self._given = given
        self._entries = load()
        self._operators: dict[str, Operator] = {operator.name: operator for operator in catalogue()}

    def __call__(self, task: Task) -> Findings:
        number, what = task
        base = self._given.bases[number]
        if isinstance(what, str):
            return judge_operator(self._entries, base, self._operators[what], seen=self._given.seen)
        return judge_place(self._entries, base, what, self._given.equivalents, seen=self._given.seen)


def _in_processes(given: _Given, todo: Sequence[Task], workers: int) -> Iterator[Findings]:
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(given,))
    try:
        waiting: list[Future[Findings]] = [pool.submit(_judge, task) for task in todo]
        for future, task in zip(waiting, todo, strict=True):
            try:
                yield future.result(PATIENCE)
            except BrokenProcessPool:
                raise BrokenProofError("a process that judges mutants has died; give it more memory") from None
            except TimeoutError:
                raise BrokenProofError(
                    f"{task[1]} of {given.bases[task[0]].name} has not been judged in time"
                ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        # One that hangs would keep this process from ending.
        for process in multiprocessing.active_children():
            process.kill()


_judges: list[_Judge] = []


def _begin(given: _Given) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    _judges.append(_Judge(given))


def _judge(task: Task) -> Findings:
    return _judges[0](task)
