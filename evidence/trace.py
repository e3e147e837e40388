"""The trace: specs, rules, tests, reviews and results put together, each scenario with what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evidence.basis import basis, differing, digest_of_tests, suite
from evidence.links import MarkedTests, link_rule, read_tests
from evidence.model import (
    SHOWN_BY,
    Cases,
    Fingerprint,
    Judged,
    LinkedRule,
    LinkedTest,
    Orphan,
    Problem,
    Scanned,
    State,
    Trace,
    TracedScenario,
    Trouble,
)
from evidence.mutants import Mutants
from evidence.proof import PROVE_AGAIN, problems_of, troubles_of, why_foreign
from evidence.results import Gate, Results
from evidence.reviewed import FILE, fingerprint, read_reviewed
from policies.catalogue import Fit, Misfit, survey
from policies.model import Outcome
from policies.reading import InputError
from policies.specs import Requirement, Scenario, Spec, read_specs

SPECS, TESTS = Path("specs"), Path("tests")

PARTIAL = "only some of the tests were run: run all of them, without selecting any"
"""What is said of results of tests that are not complete."""

_SOME = 3
"""How many of several contexts are named: enough to find the others by."""

_OF_MISFIT = {
    "duplicate scenario": State.DUPLICATE,
    "duplicate rule": State.DUPLICATE,
    "broken module": State.UNCOVERED,
    "missing rule": State.UNCOVERED,
}


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a checkout holds: the specs, how the rules fit them, the marked tests, the fingerprints as reviewed."""

    specs: tuple[Spec, ...]
    fit: Fit
    tests: MarkedTests
    reviewed: dict[str, Fingerprint]

    @property
    def scenarios(self) -> dict[str, tuple[Requirement, Scenario]]:
        """Every scenario by its id, with its requirement, in the order of the specs."""
        return {
            scenario.id: (requirement, scenario)
            for spec in self.specs
            for requirement in spec.requirements
            for scenario in requirement.scenarios
        }


def read_checkout(package: str) -> Checkout:
    """Read the specs, tests and reviews of the current folder, and the rules of a package.

    Raises `policies.specs.SpecError`, and `InputError` where the folder is no checkout or the reviews cannot be read.
    """
    if not SPECS.is_dir():
        raise InputError(SPECS.as_posix(), "no such folder; trace runs in a checkout, at its root")
    specs = read_specs(SPECS)
    return Checkout(specs, survey(specs, package), read_tests(TESTS), read_reviewed(FILE))


def trace(checkout: Checkout, results: Results) -> Trace:
    """Trace every scenario; without any results, by the static links alone.

    Results of other specs, rules, tests or of another stack are a problem and no more: nothing is judged by them. So is
    a proof of these, one by another suite, and one of a single scenario.
    """
    stale = (*_refuse_stale(results), *_refuse_foreign(results, checkout))
    traced = put_together(checkout, results)
    return replace(traced, problems=(*stale, *_troubles_of_checkout(checkout, results), *traced.problems))


def put_together(checkout: Checkout, results: Results) -> Trace:
    """Trace every scenario by what is given, wherever that is from; nothing else is asked, of this folder or any."""
    tests = _link_tests(checkout, results)
    tally = None if results.gate is None else results.gate.tally
    rules = {entry.scenario.id: link_rule(entry) for entry in checkout.fit.entries}
    traced = tuple(
        _traced(
            requirement,
            scenario,
            rule=rules.get(id_),
            tests=tests.get(id_, ()),
            reviewed=checkout.reviewed.get(id_),
            misfits=[misfit for misfit in checkout.fit.misfits if id_ in misfit.scenarios],
            written=id_ in checkout.tests.marked,
            outcomes=None if tally is None else tally.outcomes.get(id_, Counter()),
            lacking=() if tally is None else tally.lacking(id_),
            tests_ran=results.tests is not None,
            mutants=None if results.proof is None else results.proof.of(id_),
        )
        for id_, (requirement, scenario) in checkout.scenarios.items()
    )
    return Trace(
        specs=checkout.specs,
        scenarios=traced,
        orphans=tuple(_orphans(checkout, results)),
        contexts=() if tally is None else tally.contexts(list(checkout.scenarios)),
        axes=() if tally is None else tally.axes(),
        findings=() if tally is None else tally.findings(),
        problems=tuple(_troubles(results, traced)),
        judged=Judged(tally is not None, results.tests is not None),
        scanned=Scanned() if results.gate is None else results.gate.scanned,
        proof=results.proof,
    )


def _traced(  # noqa: PLR0913 - all that a scenario is linked to
    requirement: Requirement,
    scenario: Scenario,
    *,
    rule: LinkedRule | None,
    tests: Iterable[LinkedTest],
    reviewed: Fingerprint | None,
    misfits: Iterable[Misfit],
    written: bool,
    outcomes: Counter[Outcome] | None,
    lacking: Sequence[str],
    tests_ran: bool,
    mutants: Mutants | None,
) -> TracedScenario:
    now = fingerprint(requirement, scenario)
    linked = tuple(tests)
    problems = [Problem(_OF_MISFIT[misfit.kind], _advice(misfit)) for misfit in misfits]
    problems += () if written else (_unwritten(scenario),)
    problems += _problems_of_review(requirement, scenario, now, reviewed)
    problems += _problems_of_outcomes(outcomes, lacking) if outcomes is not None else ()
    problems += _problems_of_tests(linked) if tests_ran else ()
    problems += problems_of(mutants) if mutants is not None else ()
    problems.sort(key=lambda problem: problem.kind.gravity)
    return TracedScenario(scenario, requirement, now, reviewed, rule, linked, outcomes, mutants, tuple(problems))


def _advice(misfit: Misfit) -> str:
    if misfit.kind == "missing rule":
        return f"{misfit.text}: write it; if a name has changed, change the rule's too"
    if misfit.kind == "duplicate rule":
        return f"{misfit.text}: remove one"
    if misfit.kind == "broken module":
        return f"{misfit.text}; mend the module"
    return misfit.text


def _unwritten(scenario: Scenario) -> Problem:
    # One that a loop makes for every scenario there is would be there for any text, and says nothing of this one.
    message = f'no test is written for it: write one under @pytest.mark.scenario("{scenario.id}")'
    return Problem(State.UNCOVERED, message)


def _problems_of_review(
    requirement: Requirement, scenario: Scenario, now: Fingerprint, reviewed: Fingerprint | None
) -> Iterator[Problem]:
    do = f"read it with its rule and tests, then run `storage-compliance trace review {scenario.id}`"
    if reviewed is None:
        yield Problem(State.OUTDATED, f"never reviewed: {do}")
        return
    if reviewed.requirement != now.requirement:
        yield Problem(State.OUTDATED, f"the text of its requirement {requirement.name!r} is not the reviewed one: {do}")
    if reviewed.scenario != now.scenario:
        yield Problem(State.OUTDATED, f"its text is not the reviewed one: {do}")


def _problems_of_outcomes(outcomes: Counter[Outcome], lacking: Sequence[str]) -> Iterator[Problem]:
    for outcome, state in SHOWN_BY.items():
        if outcomes[outcome]:
            yield Problem(state, f"{_verdicts(outcomes[outcome])} {outcome}: see the findings")
    if not outcomes:
        yield Problem(State.NEVER_RUN, "the gate's results hold no verdict on it: run the gate again, with its rule")
        return
    if lacking:
        some = "1 context" if len(lacking) == 1 else f"{len(lacking):,} contexts"
        yield Problem(State.NEVER_RUN, f"no verdict on it in {some}, such as {lacking[0]}: run the gate again")
    if set(outcomes) == {Outcome.NOT_APPLICABLE}:
        message = "it applied in no context, so that nothing shows it holds: add a context in which its WHEN is met"
        yield Problem(State.VACUOUS, message)


def _verdicts(count: int) -> str:
    return "1 verdict is" if count == 1 else f"{count:,} verdicts are"


def _problems_of_tests(tests: Sequence[LinkedTest]) -> Iterator[Problem]:
    for test in tests:
        cases = test.cases
        if cases is not None and cases.failures:
            yield Problem(State.FAILING, f"{test.id} failed: mend what it tests")
        elif cases is None:
            yield Problem(State.NEVER_RUN, f"{test.id} was not run: run all tests again")
        elif not cases.passed:
            yield Problem(State.NEVER_RUN, f"{test.id} was only skipped: run it")


def _link_tests(checkout: Checkout, results: Results) -> dict[str, list[LinkedTest]]:
    """Return the tests of each scenario: those whose marker spells it out, and those that were run with it."""
    linked = {id_: {test.id: test for test in tests} for id_, tests in checkout.tests.marked.items()}
    for result in results.tests.tests if results.tests is not None else ():
        ran = Cases(**result.cases.model_dump())
        for id_ in result.scenarios:
            tests = linked.setdefault(id_, {})
            test = tests.setdefault(result.id, LinkedTest(result.id, result.path, result.line))
            tests[result.id] = replace(test, cases=ran if test.cases is None else test.cases + ran)
    return {id_: sorted(tests.values(), key=lambda test: test.id) for id_, tests in linked.items()}


def _orphans(checkout: Checkout, results: Results) -> Iterator[Orphan]:
    known = checkout.scenarios
    for misfit in checkout.fit.misfits:
        if not misfit.scenarios:
            do = "; write the scenario, or remove the rule; if a name has changed, change the rule's too"
            yield Orphan("rule", misfit.name, misfit.text + (do if misfit.kind == "orphaned rule" else ""))
    for id_, tests in checkout.tests.marked.items():
        for test in tests if id_ not in known else ():
            message = f"marked with {id_}, which no spec has: mend the marker, or remove the test"
            yield Orphan("test", test.id, message)
    for id_ in checkout.reviewed:
        if id_ not in known:
            yield Orphan("review", id_, f"no spec has this scenario: remove its table from {FILE.as_posix()}")
    for id_, file in sorted({(id_, file) for id_, file in _results_of(results) if id_ not in known}):
        yield Orphan("result", id_, f"{file} holds results of it, and no spec has it: run again")


def _results_of(results: Results) -> Iterator[tuple[str, str]]:
    """Return the scenarios that the results name, with the file."""
    if results.gate is not None:
        yield from ((id_, results.gate_file) for id_ in results.gate.tally.outcomes)
    if results.tests is not None:
        yield from ((id_, results.tests_file) for test in results.tests.tests for id_ in test.scenarios)


def _troubles_of_checkout(checkout: Checkout, results: Results) -> Iterator[Trouble]:
    for folder, said in differing(Path()):
        yield Trouble(folder, f"{said} ./{folder}: install the checkout (pip install -e .)")
    for error in (*checkout.tests.unreadable, *results.unreadable):
        yield Trouble(error.where, error.problem)


def _troubles(results: Results, traced: Sequence[TracedScenario]) -> Iterator[Trouble]:
    if results.gate is not None:
        yield from _troubles_of_gate(results.gate, results.gate_file, traced)
    if results.proof is not None:
        yield from troubles_of(results.proof)
    if results.tests is not None and not results.tests.complete:
        yield Trouble(results.tests_file, PARTIAL)


def _refuse_stale(results: Results) -> Iterator[Trouble]:
    """Take from results what is not of this checkout, and say so."""
    present = basis(SPECS) | {"tests": digest_of_tests(TESTS)}
    if results.gate is not None and (stale := list(_stale(results.gate.basis, present, results.gate_file))):
        results.gate = None
        yield from stale
    tests = results.tests
    if tests is not None and (stale := list(_stale(tests.basis.model_dump(), present, results.tests_file))):
        results.tests = None
        yield from stale


def _refuse_foreign(results: Results, checkout: Checkout) -> Iterator[Trouble]:
    """Take a proof from results that is none of this checkout, and say so."""
    if results.proof is None:
        return
    present = basis(SPECS) | {"suite": suite()}
    if reasons := list(why_foreign(results.proof, present, checkout.scenarios)):
        results.proof = None
        yield from (Trouble(results.proof_file, reason + PROVE_AGAIN) for reason in reasons)


def _stale(given: Mapping[str, str], present: Mapping[str, str], file: str) -> Iterator[Trouble]:
    for name, digest in given.items():
        if digest != present[name]:
            yield Trouble(file, of_others(name))


def of_others(name: str) -> str:
    """Return what is said of results of other specs, rules or tests, or of another stack, by that name."""
    other = "another stack" if name == "stack" else f"other {name}"
    return f"these results are of {other}: run it again"


def _troubles_of_gate(gate: Gate, file: str, traced: Sequence[TracedScenario]) -> Iterator[Trouble]:
    of_no_use = {State.NEVER_RUN, State.VACUOUS}
    told = {one.scenario.id for one in traced if of_no_use & {problem.kind for problem in one.problems}}
    for problem in gate.problems:
        if problem.where not in told:  # that a scenario is vacuous is its own problem here
            yield problem
    if silent := gate.tally.silent():
        some = ", ".join(silent[:_SOME]) + ("" if len(silent) <= _SOME else ", …")
        yield Trouble(file, f"{len(silent)} of the contexts have no verdict at all ({some}): run the gate again")
    for key, message in gate.tally.untried():
        yield Trouble(key, message, undecided=False)
