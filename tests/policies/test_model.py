"""The vocabulary of a judgement."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from policies.model import (
    Case,
    Configurable,
    ContextRule,
    DuplicateRuleError,
    Finding,
    Outcome,
    TableRule,
    context_rule,
    rule,
)
from policies.template import Resource
from policies.worlds import World


def test_outcomes_from_best_to_worst() -> None:
    """The five outcomes have these names, and these ranks."""
    assert [(str(outcome), outcome.rank) for outcome in Outcome] == [
        ("not-applicable", 0),
        ("compliant", 1),
        ("undetermined", 2),
        ("non-compliant", 3),
        ("error", 4),
    ]


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
    assert str(raised.value) == "twice_over defines the rule twice twice"
