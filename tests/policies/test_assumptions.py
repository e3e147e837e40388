"""What a world takes for granted, and when one part of it contradicts another."""

import pytest

from policies.assumptions import Assumptions
from policies.values import Text, Unknown

A, B, C = (Unknown(key, "given") for key in "ABC")


def pair(left: str | Unknown | Text, right: str | Unknown | Text) -> frozenset[Text]:
    """Return two texts that are compared."""
    return frozenset({Text.of(left), Text.of(right)})


def test_nothing() -> None:
    """Nothing is assumed where nothing was."""
    assert not Assumptions()
    assert Assumptions().assume("A", "x")
    assert Assumptions().exclude("A", "x")
    assert Assumptions().decide(pair(A, B), equal=False)


def test_assumptions_add_up() -> None:
    """What is assumed is added to what was, which stays as it is."""
    first = Assumptions().assume("A", "x").exclude("B", "y").decide(pair(A, B), equal=False)
    assert first == Assumptions({"A": "x"}, {"B": frozenset({"y"})}, {pair(A, B): False})
    second = first.assume("C", "z").exclude("B", "v", "w").exclude("D", "u").decide(pair(A, C), equal=True)
    assert second == Assumptions(
        {"A": "x", "C": "z"},
        {"B": frozenset({"v", "w", "y"}), "D": frozenset({"u"})},
        {pair(A, B): False, pair(A, C): True},
    )
    assert first == Assumptions({"A": "x"}, {"B": frozenset({"y"})}, {pair(A, B): False})


@pytest.mark.parametrize(
    ("excluded", "after"),
    [
        ({}, {}),
        ({"B": frozenset("y")}, {"B": frozenset("y")}),
        ({"A": frozenset("x")}, {"A": frozenset("x"), "B": frozenset("x")}),
        ({"A": frozenset("x"), "B": frozenset("y")}, {"A": frozenset("x"), "B": frozenset("xy")}),
    ],
)
def test_the_same_unknown(excluded: dict[str, frozenset[str]], after: dict[str, frozenset[str]]) -> None:
    """What one unknown is not, that which is the same is not either."""
    assert Assumptions({}, excluded).assume("A", B) == Assumptions({"A": B}, after)


def test_not_among() -> None:
    """An unknown has none of the values that are excluded of it."""
    assumed = Assumptions().exclude("A", "x", "y")
    assert assumed.not_among("A") == {"x", "y"}
    assert assumed.not_among("B") == frozenset()


@pytest.mark.parametrize(
    ("bound", "known"),
    [
        ({}, Text.of(A)),
        ({"A": "x"}, Text.of("x")),
        ({"A": B}, Text.of(B)),
        ({"A": B, "B": "x"}, Text.of("x")),
        ({"A": B, "B": C, "C": "x"}, Text.of("x")),
        ({"B": "x"}, Text.of(A)),
    ],
)
def test_known(bound: dict[str, str | Unknown], known: Text) -> None:
    """An unknown has the value that it, or one that is taken to be the same, is taken to have."""
    assert Assumptions(bound).known(A) == known


@pytest.mark.parametrize(
    ("assumed", "consistent"),
    [
        (Assumptions(), True),
        (Assumptions({"A": "x"}, {"A": frozenset("y")}), True),
        (Assumptions({"A": "x"}, {}, {pair(A, B): True}), True),
        (Assumptions({"A": "x"}, {}, {pair(A, "x"): True}), True),
        (Assumptions({"A": "x"}, {}, {pair(A, "y"): False}), True),
        (Assumptions({"A": "x", "B": "x"}, {}, {pair(A, B): True}), True),
        (Assumptions({"A": "x"}, {}, {pair(A, "x"): False}), False),
        (Assumptions({"A": "x"}, {}, {pair(A, "y"): True}), False),
        (Assumptions({"A": "x", "B": "x"}, {}, {pair(A, B): False}), False),
        (Assumptions({"A": "x", "B": "y"}, {}, {pair(A, B): True}), False),
        (Assumptions({"A": B, "B": "x"}, {}, {pair(Text.of("a-", A), "a-x"): False}), False),
        (Assumptions({"A": "x"}, {}, {pair(A, C): True, pair(A, "y"): True}), False),
        (Assumptions({"A": "x"}, {}, {pair(A, "y"): True, pair(A, C): True}), False),
        # A region is in one partition, whose domain is one.
        (Assumptions({"AWS::Region": "eu-west-1", "AWS::Partition": "aws"}), True),
        (Assumptions({"AWS::Region": "eu-west-1", "AWS::Partition": "aws-cn"}), False),
        (Assumptions({"AWS::Region": "eu-west-1"}, {"AWS::Partition": frozenset({"aws-cn"})}), True),
        (Assumptions({"AWS::Region": "eu-west-1"}, {"AWS::Partition": frozenset({"aws"})}), False),
        (Assumptions({"AWS::Region": "eu-west-1", "AWS::Partition": A}), True),
        (Assumptions({"AWS::Partition": "aws-cn", "AWS::URLSuffix": "amazonaws.com.cn"}), True),
        (Assumptions({"AWS::Partition": "aws-cn", "AWS::URLSuffix": "amazonaws.com"}), False),
        (Assumptions({"AWS::Partition": "aws-cn"}, {"AWS::URLSuffix": frozenset({"amazonaws.com.cn"})}), False),
        (Assumptions({"AWS::Partition": "aws-cn", "AWS::Region": A}), True),
    ],
)
def test_consistent(assumed: Assumptions, consistent: bool) -> None:
    """What was decided of texts agrees with what their unknowns are, and the partition with the region."""
    assert assumed.is_consistent is consistent
