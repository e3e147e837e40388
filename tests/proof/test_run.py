"""The proof as a whole: it holds for the rules as they are, and names what survives where one is weakened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest

from policies import point_in_time_recovery, table_encryption
from policies.catalogue import load
from policies.model import Finding, Verdict
from policies.nodes import Node
from policies.statements import Statement
from policies.values import NO, Truth
from proof import judging, run
from proof.bases import Base, UnsoundBaseError, about_tables, bases
from proof.equivalents import Equivalent, read_equivalents
from proof.generated import Kind
from proof.judging import judge_operator
from proof.making import ABSENT, VIOLATED, changed, noticed, operator, table
from proof.model import Failure, Fault, Findings, Form, Mutant, Operator
from proof.operators import catalogue
from proof.places import json_path
from proof.run import BrokenProofError, Task, prove
from proof.scenarios import DATA_PLANE, ENCRYPTION, EVERY, OTHER_TABLE, PROTECTED, RECOVERY
from stack.contexts import Context
from stack.settings import PREFIX

EQUIVALENTS = read_equivalents()


def told(failures: Sequence[Failure]) -> set[tuple[Fault, str, tuple[str, ...], str, str]]:
    """Return who failed to notice what, and how, without the change itself."""
    return {(one.fault, one.operator, one.scenarios, one.path, one.found) for one in failures}


def proved(base: Base, scenario: str) -> Findings:
    """Return what becomes of the mutants of one scenario."""
    return prove([base], EQUIVALENTS, scenario=scenario).findings


def test_the_scenarios_are_those_of_the_specs() -> None:
    """Every scenario about tables can be named, and is one that an operator of the catalogue breaks."""
    assert [entry.scenario.id for entry in about_tables(load())] == list(EVERY)
    assert {scenario for one in catalogue() for scenario in one.noticed} == set(EVERY)


def test_the_catalogue_holds(sound: Sequence[Base]) -> None:
    """Whatever the catalogue makes of the bases is noticed as it says, and by nobody else."""
    entries = load()
    found = [judge_operator(entries, base, one) for base in sound for one in catalogue()]
    assert [failure for each in found for failure in each.failures] == []
    forms = {form for each in found for _, form in each.made}
    assert forms == set(Form) - {Form.HARMLESS, Form.SYNTHESISED, Form.REFUSED}


def test_a_scenario_is_proved(sound: Sequence[Base]) -> None:
    """What was made was killed; nothing is left over."""
    found = proved(sound[0], ENCRYPTION)
    assert found.failures == []
    assert found.made == found.killed
    assert found.made[ENCRYPTION, Form.CONDITIONAL] > 0


def test_processes_come_to_the_same(sound: Sequence[Base]) -> None:
    """Two processes find what one does, in the same order."""
    assert prove(sound[:1], EQUIVALENTS, scenario=RECOVERY, workers=2) == prove(
        sound[:1], EQUIVALENTS, scenario=RECOVERY
    )


def test_recovery_that_takes_any_value(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that is content with recovery being stated lets every wrong value survive."""

    def careless(specification: Node, _: object) -> Iterator[Finding]:
        if not specification.get("PointInTimeRecoveryEnabled").exists:
            yield Finding("not stated")

    monkeypatch.setattr(point_in_time_recovery, "_not_as_chosen", careless)
    found = proved(sound[0], RECOVERY)
    place = f"{json_path(table(sound[0]))}.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
    survivors = told(found.failures)
    assert {(fault, scenarios, outcome) for fault, _, scenarios, _, outcome in survivors} == {
        (Fault.SURVIVOR, (RECOVERY,), "compliant")
    }
    kinds = ("by-default", "empty", "list", "object", "other", "otherwise", "parameter", "unknown")
    forms = ("added", "conditional", "parameter_default", "unknown", "wrong_literal", "wrong_type")
    assert {name for _, name, _, _, _ in survivors} == {
        *(f"generated/{kind}" for kind in kinds),
        *(f"properties/recovery_off_{form}" for form in forms),
    }
    assert {path for _, _, _, path, _ in survivors} == {place, "$.Resources.ProofTable"}
    assert not prove(sound[:1], EQUIVALENTS, scenario=RECOVERY).holds


def test_encryption_that_asks_for_no_condition(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that reads the first branch of a condition lets a table survive that is not encrypted otherwise."""
    careful = table_encryption._disabled  # noqa: SLF001 - what is weakened is the rule's own

    def careless(enabled: Node) -> Iterator[Finding]:
        return careful(next(enabled.branches()))

    monkeypatch.setattr(table_encryption, "_disabled", careless)
    found = proved(sound[0], ENCRYPTION)
    place = f"{json_path(table(sound[0]))}.Properties.SSESpecification.SSEEnabled"
    assert (Fault.SURVIVOR, "properties/encryption_enabled_conditional", (ENCRYPTION,), place, "compliant") in told(
        found.failures
    )
    survivor = next(one for one in found.failures if one.operator == "properties/encryption_enabled_conditional")
    assert survivor.expected == "non-compliant"
    assert '+      "Fn::If": [' in survivor.difference
    assert '-     "SSEEnabled": true' in survivor.difference


def test_least_privilege_that_knows_no_not_action(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that overlooks NotAction lets a role survive that may delete the table, and read every other."""
    careful = Statement.names_action

    def careless(statement: Statement, action: str) -> Truth:
        return NO if statement.except_actions else careful(statement, action)

    monkeypatch.setattr(Statement, "names_action", careless)
    entries = load()
    concerned = [one for one in catalogue() if DATA_PLANE in one.noticed]
    failures = [failure for one in concerned for failure in judge_operator(entries, sound[0], one).failures]
    survivors = {(one.operator, one.scenarios) for one in failures if one.fault is Fault.SURVIVOR}
    assert survivors == {
        ("permissions/all_but_a_write_allowed", (DATA_PLANE,)),
        ("privileges/all_but_an_action", (DATA_PLANE,)),
        ("privileges/all_but_an_action_everywhere", (DATA_PLANE, OTHER_TABLE)),
    }


def test_a_rule_that_flags_what_is_sound(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that knows one spelling only gives a false alarm for another one."""

    def pedantic(enabled: Node) -> Iterator[Finding]:
        if enabled.found is not True:
            yield Finding("not encrypted")

    monkeypatch.setattr(table_encryption, "_disabled", pedantic)
    (harmless,) = (one for one in catalogue() if one.name == "keys_and_encryption/encryption_in_other_words")
    failures = judge_operator(load(), sound[0], harmless).failures
    assert {(one.fault, one.scenarios, one.found) for one in failures} == {
        (Fault.FALSE_ALARM, (ENCRYPTION,), "non-compliant")
    }
    assert {one.expected for one in failures} == {"compliant"}


def test_a_rule_that_crashes_kills_nothing(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is the rule's own is a failure of its kind, also where an error is among what may come."""
    careful = table_encryption._disabled  # noqa: SLF001 - what is broken is the rule's own

    def broken(enabled: Node) -> Iterator[Finding]:
        if isinstance(enabled.found, dict | list):
            raise KeyError("no such branch")
        return careful(enabled)

    monkeypatch.setattr(table_encryption, "_disabled", broken)
    found = proved(sound[0], ENCRYPTION)
    crashed = [one for one in found.failures if one.fault is Fault.CRASHED]
    table_name = table(sound[0])[1]
    rule = "the rule policies.table_encryption.encryption_enabled failed on defaults"
    assert {(one.scenarios, one.expected) for one in crashed} == {
        ((ENCRYPTION,), "compliant or non-compliant or not-applicable or undetermined")
    }
    assert {one.found for one in crashed} == {f"{rule} {table_name} with KeyError: 'no such branch'"}
    kinds = ("by-default", "list", "object", "otherwise", "parameter", "unknown")
    forms = ("conditional", "parameter_default", "unknown", "wrong_type")
    values = ("a_free_parameter", "a_map", "a_rule", "the_last_of_three")
    assert {one.operator for one in crashed} == {
        "keys_and_encryption/mapping_that_differs",
        *(f"functions/encryption_by_{value}" for value in values),
        *(f"generated/{kind}" for kind in kinds),
        *(f"properties/encryption_enabled_{form}" for form in forms),
    }
    assert found.failures == crashed
    assert found.made.total() - found.killed.total() == len(crashed)


def test_what_fails_beneath_the_rules(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no verdict is reached at all, every scenario has crashed."""

    def broken(*_: object) -> Iterator[Verdict]:
        raise LookupError("no such world")

    monkeypatch.setattr(judging, "judge_template", broken)
    failures = judge_operator(load(), sound[0], recovery_off).failures
    assert [(one.fault, one.scenarios, one.found) for one in failures] == [
        (Fault.CRASHED, tuple(sorted(EVERY)), "judging failed with LookupError: no such world")
    ]


@operator(Form.HARMLESS, {})
def idle(_: Base) -> Iterator[Mutant]:
    """Make nothing."""
    return iter(())


@operator(Form.MISSING, noticed(VIOLATED, PROTECTED))
def unprotected(base: Base) -> Iterator[Mutant]:
    """Break what nobody asks for in development."""
    yield changed(base, {(*table(base), "Properties", "DeletionProtectionEnabled"): ABSENT})


@operator(Form.HARMLESS, {})
def recovery_off(base: Base) -> Iterator[Mutant]:
    """Break a scenario, and say that nobody has to notice."""
    yield changed(base, {(*table(base), "Properties", "PointInTimeRecoverySpecification"): {}})


def test_an_idle_operator_is_a_problem(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator that makes nothing, and entries that excuse nothing or too much, are problems of the proof."""
    monkeypatch.setattr(run, "catalogue", lambda: (idle, unprotected, recovery_off))
    monkeypatch.setattr(
        run,
        "tasks",
        lambda *_: [
            (0, "test_run/unprotected"),
            (0, "test_run/recovery_off"),
            (0, (*table(sound[0]), "DeletionPolicy")),
        ],
    )
    reason = "There is no reason for this one at all."
    unused = Equivalent(places=("$.Outputs",), kinds=(Kind.NULL,), reason=reason)
    wide = Equivalent(places=("$.*",), kinds=(Kind.DELETED,), reason=reason)
    proof = prove(sound[:1], [unused, wide])
    policy = f"{json_path(table(sound[0]))}.DeletionPolicy"
    assert proof.problems == (
        "operator test_run/idle made no mutant of any base: mend it, or take it out",
        f"operator test_run/unprotected: {PROTECTED} is to notice, but applies to no base of its mutants",
        "equivalent 1 (null at $.Outputs) excuses no mutant: take it out",
        "equivalent 2 (deleted at $.*) excuses no mutant: take it out",
        f"equivalent 2 is too wide: it covers deleted at {policy} in defaults, which is noticed",
    )
    assert [(one.fault, one.scenarios) for one in proof.findings.failures] == [(Fault.FALSE_ALARM, (RECOVERY,))]
    assert not proof.holds


def die(_: Task) -> Findings:
    """End the process in which a task is judged."""
    os._exit(3)


def test_a_worker_that_dies(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof does not hold, nor fail: it could not be carried to its end."""
    monkeypatch.setattr(run, "_judge", die)
    with pytest.raises(BrokenProofError, match=r"^a process that judges mutants has died; give it more memory$"):
        prove(sound[:1], EQUIVALENTS, scenario=RECOVERY, workers=2)


def test_a_worker_that_hangs(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that takes too long ends the proof."""
    monkeypatch.setattr(run, "PATIENCE", 0)
    with pytest.raises(BrokenProofError, match=r"of defaults has not been judged in time$"):
        prove(sound[:1], EQUIVALENTS, scenario=RECOVERY, workers=2)


def test_a_base_that_is_not_sound() -> None:
    """A context that is refused, and contexts that leave a scenario without a base, give nothing to start from."""
    with pytest.raises(
        UnsoundBaseError, match=r"^wrong: The context is refused: 1 problem\.[^:]*\n  worthwatch:stage: found"
    ):
        bases(load(), [Context("wrong", {f"{PREFIX}stage": "production"})])
    with pytest.raises(UnsoundBaseError, match=r"deletion-protection-enabled is compliant in no base: dev$"):
        bases(load(), [Context("dev")])


def test_operators_have_names_of_their_own() -> None:
    """No two operators are called the same."""
    names = [one.name for one in catalogue()]
    assert len(set(names)) == len(names)
    assert all(isinstance(one, Operator) for one in catalogue())
