"""The values that Rules leave a parameter, whatever else is given."""

import pytest

from policies.narrowing import narrowed
from policies.parameters import read_parameter

Json = dict[str, object]
P: Json = {"Ref": "P"}
L: Json = {"Ref": "L"}
PARAMETERS = {
    "P": read_parameter("P", {"Type": "String"}),
    "Q": read_parameter("Q", {"Type": "String"}),
    "L": read_parameter("L", {"Type": "CommaDelimitedList"}),
}


def asserts(*assertions: object) -> Json:
    """Make rules of one rule."""
    return {"R": {"Assertions": [{"Assert": assertion} for assertion in assertions]}}


def equals(value: object) -> Json:
    """Assert that P is a value."""
    return {"Fn::Equals": [P, value]}


@pytest.mark.parametrize(
    ("rules", "p", "items"),
    [
        ({}, None, None),
        (asserts(equals("a")), ("a",), None),
        (asserts({"Fn::Equals": [True, P]}), ("true",), None),
        (asserts({"Fn::Contains": [["a", 1, "a"], P]}), ("a", "1"), None),
        (asserts({"Fn::EachMemberIn": [[P], ["a", "b"]]}), ("a", "b"), None),
        (asserts({"Fn::EachMemberIn": [L, ["a", "b"]]}), None, ("a", "b")),
        (asserts({"Fn::EachMemberEquals": [L, "a"]}), None, ("a",)),
        (asserts({"Fn::Contains": [["a", "b"], P]}, {"Fn::Contains": [["b", "c"], P]}), ("b",), None),
        (asserts({"Fn::And": [equals("a"), {"Fn::EachMemberEquals": [L, "x"]}]}), ("a",), ("x",)),
        (asserts(equals("a"), equals("b")), (), None),
        (asserts({"Fn::Or": [equals("a"), {"Fn::Contains": [["b", "a"], P]}]}), ("a", "b"), None),
        (asserts({"Fn::Or": [equals("a"), {"Fn::Equals": [{"Ref": "Q"}, "b"]}]}), None, None),
        (asserts({"Fn::Not": [equals("a")]}), None, None),
        (asserts(equals({"Ref": "Q"})), None, None),
        (asserts({"Fn::Contains": [["a", {"Ref": "Q"}], P]}), None, None),
        (asserts({"Fn::Contains": [["a"], L]}), None, None),
        (asserts({"Fn::Equals": [L, "a"]}), None, None),
        (asserts({"Fn::EachMemberEquals": [P, "a"]}), None, None),
        (asserts({"Fn::EachMemberIn": [P, ["a"]]}), None, None),
        (asserts({"Fn::EachMemberIn": [[L], ["a"]]}), None, None),
        (asserts(equals("a"), {"Fn::Not": [equals("b")]}, {"Fn::EachMemberEquals": [L, "x"]}), ("a",), ("x",)),
        (asserts({"Fn::Or": [equals("b"), equals("c"), equals("a")]}, equals("c")), ("c",), None),
        (asserts(equals(1.5)), ("1.5",), None),
        (asserts(equals(None)), None, None),
        ({"R": {"Assertions": [None, {"Assert": equals("a")}]}}, ("a",), None),
        (asserts({"Fn::Equals": [{"Ref": "AWS::Region"}, "a"]}), None, None),
        ({"R": {"RuleCondition": equals("a"), "Assertions": [{"Assert": equals("b")}]}}, None, None),
        ({"R": {"Assertions": [equals("a"), None]}, "S": None, "T": {"Assertions": "no"}}, None, None),
    ],
)
def test_narrowed(rules: Json, p: tuple[str, ...] | None, items: tuple[str, ...] | None) -> None:
    """A rule without a condition that lists values of a parameter, or of a list's items, leaves it no others."""
    found = narrowed(PARAMETERS, rules)
    assert (found["P"].asserted, found["L"].asserted, found["Q"].asserted) == (p, items, None)
