"""The vocabulary of a judgement."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from policies.model import (
    ACCEPTED,
    Case,
    Configurable,
    ContextRule,
    DuplicateRuleError,
    Finding,
    Outcome,
    TableRule,
    Verdict,
    context_rule,
    outcomes_by_resource,
    rule,
)
from policies.template import Resource
from policies.worlds import World


def test_outcomes_from_best_to_worst() -> None:
    """The six outcomes have these names, and these ranks."""
    assert [(str(outcome), outcome.rank) for outcome in Outcome] == [
        ("not-applicable", 0),
        ("compliant", 1),
        ("waived", 2),
        ("undetermined", 3),
        ("non-compliant", 4),
        ("error", 5),
    ]


def test_what_is_accepted() -> None:
    """No finding is what holds and what does not apply; what is waived is told like any other."""
    assert {Outcome.NOT_APPLICABLE, Outcome.COMPLIANT} == ACCEPTED


def table_check(table: Resource, world: World) -> Iterator[Finding]:
    """Find nothing."""
    yield from ()


def context_check(case: Case) -> Iterator[Finding]:
    """Find nothing."""
    yield from ()


def test_decorators() -> None:
    """A decorated check is a rule that holds the check and what was said of it."""
    setting = Configurable("stage", ("dev", "prod"))
    assert rule()(table_check) == TableRule(table_check)
    assert rule(by_default=True, demands_table="a table", configurable=setting)(table_check) == TableRule(
        table_check, by_default=True, demands_table="a table", configurable=setting
    )
    assert context_rule(context_check) == ContextRule(context_check)


def test_finding_is_a_violation_unless_it_says_otherwise() -> None:
    """A finding with nothing but a message is non-compliant."""
    assert Finding("bad") == Finding("bad", "", None, "", "", Outcome.NON_COMPLIANT)


def test_what_a_verdict_leaves_open() -> None:
    """A verdict is about nothing in particular unless it says so, and seen in every world."""
    assert Verdict("spec", "a/b", Outcome.COMPLIANT) == Verdict(
        spec="spec",
        scenario="a/b",
        outcome=Outcome.COMPLIANT,
        template=None,
        context=None,
        resource=None,
        path=None,
        found=None,
        expected=None,
        message="",
        remedy=None,
        assuming=(),
        waiver=None,
    )


def test_a_case_without_a_message() -> None:
    """Where nothing is said to have been told to the user, nothing was."""
    assert Case("c", frozenset(), {}, synthesised=True).message == ""


def test_outcomes_by_resource() -> None:
    """What each scenario comes to is told for each resource, and for the template as a whole, all of it."""
    verdicts = [
        Verdict("spec", "a/b", Outcome.COMPLIANT, resource="Table"),
        Verdict("spec", "a/b", Outcome.UNDETERMINED, resource="Table"),
        Verdict("spec", "a/b", Outcome.NON_COMPLIANT, resource="Second"),
        Verdict("spec", "a/c", Outcome.NOT_APPLICABLE),
        Verdict("other", "a/b", Outcome.ERROR, resource="Table"),
    ]
    assert outcomes_by_resource(verdicts) == {
        "spec#a/b": {
            "Table": {Outcome.COMPLIANT, Outcome.UNDETERMINED},
            "Second": {Outcome.NON_COMPLIANT},
        },
        "spec#a/c": {None: {Outcome.NOT_APPLICABLE}},
        "other#a/b": {"Table": {Outcome.ERROR}},
    }
    assert outcomes_by_resource([]) == {}


SOURCE = """
from policies.model import context_rule, rule
@{decorator}
def twice(*_):
    yield from ()
@{decorator}
def twice(*_):
    yield from ()
"""


@pytest.mark.parametrize("decorator", ["rule()", "context_rule"])
def test_a_rule_defined_twice(decorator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that defines a rule twice is refused, for Python would keep only the second."""
    module = ModuleType("twice_over")
    monkeypatch.setitem(__import__("sys").modules, "twice_over", module)
    with pytest.raises(DuplicateRuleError) as raised:
        exec(SOURCE.format(decorator=decorator), vars(module))  # noqa: S102  # the module under test
    error = raised.value
    assert (str(error), error.args) == ("twice_over defines the rule twice twice", ("twice_over", "twice"))
