"""Mutants of contexts and of the matrix: all are noticed, and what survives weakened rules is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from gate.matrix import judge_synthesis
from policies import context_validation
from policies.catalogue import Entry, load
from policies.errors import NotApplicableError
from policies.model import Case, Configurable, ContextRule, Finding, TableRule
from proof.bases import UnsoundBaseError
from proof.matrix import CONTEXTS, Matrix, judge_matrix_operator, matrix
from proof.model import Failure, Fault, Findings, Form
from proof.receptions import receptions
from proof.run import Proof, prove_matrix
from proof.scenarios import DELETION_POLICY, EVERY, INVALID_REFUSED, RECOVERY

BLANK = Proof((), (), Findings(), ())


def proved(whole: Matrix, scenario: str) -> Findings:
    """Return what becomes of the mutants that a scenario must notice."""
    return prove_matrix(replace(BLANK, scenario=scenario), whole).findings


def harmless(whole: Matrix, name: str) -> Sequence[Failure]:
    """Return what is wrong with what becomes of an operator's mutants."""
    (operator,) = (one for one in receptions() if one.name == name)
    return judge_matrix_operator(whole, operator).failures


def survivors(found: Findings) -> set[tuple[Fault, str, tuple[str, ...], str]]:
    """Return who failed to notice what, and what was found instead."""
    return {(one.fault, one.operator, one.scenarios, one.found) for one in found.failures}


def with_rule(whole: Matrix, scenario: str, rule: Callable[[Entry], TableRule | ContextRule]) -> Matrix:
    """Return a matrix that is judged by another rule of a scenario."""
    entries = [replace(entry, rule=rule(entry)) if entry.scenario.id == scenario else entry for entry in whole.entries]
    known = {name: judge_synthesis(entries, synthesis) for name, synthesis in whole.syntheses.items()}
    return Matrix(entries, whole.judge, whole.syntheses, known)


def test_the_operators_hold(whole: Matrix) -> None:
    """Every mutant is noticed as its operator says, and by nobody else; every scenario has something to notice."""
    proof = prove_matrix(BLANK, whole)
    assert (proof.findings.failures, proof.problems) == ([], ())
    assert proof.contexts == tuple(context.name for context in CONTEXTS)
    found = proof.findings
    assert found.made == found.killed
    assert {scenario for scenario, _ in found.made} == {*EVERY, INVALID_REFUSED}
    forms = {form for scenario, form in found.made if scenario == INVALID_REFUSED}
    assert forms == {Form.SYNTHESISED, Form.MISSING, Form.WRONG_LITERAL, Form.MOVED}
    assert proof.holds


def test_operators_have_names_of_their_own() -> None:
    """No two operators are called the same, and each says in which form it breaks what."""
    names = [one.name for one in receptions()]
    assert len(set(names)) == len(names)
    assert all((one.form is Form.HARMLESS) == (one.noticed == {}) for one in receptions())


def test_a_rule_that_does_not_read_the_message(whole: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that is content with the keys lets refusals survive that tell the user nothing."""
    monkeypatch.setattr(context_validation, "_told", lambda *_: True)
    found = proved(whole, INVALID_REFUSED)
    names = ("message_missing", "key_not_told", "allowed_not_told", "nothing_allowed", "allowed_told_of_another_key")
    assert survivors(found) == {(Fault.SURVIVOR, f"contexts/{name}", (INVALID_REFUSED,), "compliant") for name in names}
    first = next(one for one in found.failures if one.operator == "contexts/message_missing")
    assert (first.base, first.path, first.expected) == ("matrix", "$['refused-stage-1']", "non-compliant")
    assert '-   "The context is refused: 1 problem. Nothing was synthesised.",' in first.difference


def test_a_rule_that_does_not_mind_a_template(whole: Matrix) -> None:
    """A rule that reads the refusal alone lets survive what was synthesised all the same."""

    def careless(entry: Entry) -> ContextRule:
        assert isinstance(entry.rule, ContextRule)
        check = entry.rule.check
        return ContextRule(lambda case: check(replace(case, synthesised=False)))

    found = proved(with_rule(whole, INVALID_REFUSED, careless), INVALID_REFUSED)
    assert survivors(found) == {
        (Fault.SURVIVOR, "contexts/invalid_context_refused_and_synthesised", (INVALID_REFUSED,), "compliant")
    }


def test_a_rule_that_asks_for_one_value(whole: Matrix) -> None:
    """A matrix in which recovery is never off survives a rule that wants to see it on alone."""

    def careless(entry: Entry) -> TableRule:
        assert isinstance(entry.rule, TableRule)
        return replace(entry.rule, configurable=Configurable("pointInTimeRecovery", (True,)))

    found = proved(with_rule(whole, RECOVERY, careless), RECOVERY)
    assert survivors(found) == {
        (Fault.SURVIVOR, "coverage/recovery_never_off", (RECOVERY,), "compliant"),
        (Fault.SURVIVOR, "coverage/recovery_off_unknown", (RECOVERY,), "undetermined"),
        (Fault.SURVIVOR, "coverage/recovery_off_by_no_setting", (RECOVERY,), "compliant"),
    }


def test_a_rule_that_asks_for_no_value(whole: Matrix) -> None:
    """A matrix that lacks a removal policy survives a rule that judges templates alone."""

    def careless(entry: Entry) -> TableRule:
        assert isinstance(entry.rule, TableRule)
        return replace(entry.rule, configurable=None)

    found = proved(with_rule(whole, DELETION_POLICY, careless), DELETION_POLICY)
    names = ("recovery_never_on", "removal_policy_never_taken", "another_kind_of_table")
    assert survivors(found) == {(Fault.SURVIVOR, f"coverage/{name}", (DELETION_POLICY,), "compliant") for name in names}


def test_a_rule_that_flags_what_is_sound(whole: Matrix) -> None:
    """A rule that wants the wrong keys and no other one gives a false alarm for a refusal that tells more."""

    def pedantic(case: Case) -> Iterator[Finding]:
        if not case.expected:
            raise NotApplicableError("valid")
        if case.refused.keys() != case.expected:
            yield Finding("not those keys")

    flagging = with_rule(whole, INVALID_REFUSED, lambda _: ContextRule(pedantic))
    failures = harmless(flagging, "contexts/another_key_refused_too")
    assert len(failures) == len(whole.invalid)
    assert {(one.fault, one.scenarios, one.expected, one.found) for one in failures} == {
        (Fault.FALSE_ALARM, (INVALID_REFUSED,), "compliant", "non-compliant")
    }
    assert harmless(flagging, "contexts/refusal_in_other_words") == []


def test_a_rule_that_crashes(whole: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails over a message has told nothing of it."""

    def broken(case: Case, _: str) -> bool:
        return bool(case.message.splitlines()[0])

    monkeypatch.setattr(context_validation, "_told", broken)
    failures = harmless(whole, "contexts/message_missing")
    assert {(one.fault, one.scenarios) for one in failures} == {(Fault.CRASHED, (INVALID_REFUSED,))}
    assert failures[0].found == (
        "the rule policies.context_validation.invalid_context_refused failed on refused-stage-1 "
        "with IndexError: list index out of range"
    )


def test_a_matrix_that_is_not_sound() -> None:
    """A matrix that a scenario does not accept as it is gives nothing to start from."""
    lacking = f"{RECOVERY} is non-compliant; {DELETION_POLICY} is non-compliant; {INVALID_REFUSED} is not-applicable"
    with pytest.raises(UnsoundBaseError, match=f"^matrix: {lacking}$"):
        matrix(load(), judge_synthesis, CONTEXTS[1:4])


def test_an_idle_operator_is_a_problem(whole: Matrix) -> None:
    """Operators that find nothing to break are problems of the proof."""
    valid = Matrix(whole.entries, whole.judge, whole.valid, whole.known)
    problems = prove_matrix(BLANK, valid).problems
    idle = [one.name for one in receptions() if one.noticed.keys() == {INVALID_REFUSED}]
    idle += ["contexts/another_key_refused_too", "contexts/refusal_in_other_words"]
    assert problems == tuple(
        f"operator {one.name} made no mutant of any base: mend it, or take it out"
        for one in receptions()
        if one.name in idle
    )
