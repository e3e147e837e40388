"""What a value can be spelled as: told without listing all that it may come to."""

import pytest

from policies.spelling import can_spell, pieces

NO_VALUE = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("orders", {"orders"}),
        ("", {""}),
        ("{", {"{"}),
        (NO_VALUE, set()),
        ({"Fn::If": ["IsProd", "a", "b"]}, {"a", "b"}),
        ({"Fn::If": ["IsProd", "a", NO_VALUE]}, {"a"}),
        ({"Fn::If": ["IsProd", {"Fn::If": ["IsBlue", "a", "b"]}, "c"]}, {"a", "b", "c"}),
        ({"Fn::Join": ["-", ["a", {"Fn::If": ["IsProd", "b", NO_VALUE]}]]}, {"-", "a", "b"}),
        ({"Fn::Join": ["-", []]}, {"-"}),
    ],
)
def test_pieces(raw: object, parts: set[str]) -> None:
    """A value that is spelled out is put together from its strings, whatever the conditions."""
    assert pieces(raw) == frozenset(parts)


@pytest.mark.parametrize(
    "raw",
    [
        "{{resolve:ssm:name}}",
        1,
        None,
        ["a"],
        {"Ref": "Name"},
        {**NO_VALUE, "Fn::Sub": "a"},
        {"Fn::If": ["IsProd", "a", {"Ref": "Name"}]},
        {"Fn::If": ["IsProd", {"Ref": "Name"}, "a"]},
        {"Fn::If": ["IsProd", "a", "b"], "Fn::Sub": "c"},
        {"Fn::Join": ["-", ["a", {"Ref": "Name"}]]},
        {"Fn::Join": ["-", ["a", "b"]], "Fn::Sub": "c"},
        {"Fn::Join": ["-", {"Ref": "Names"}]},
        {"Fn::Join": ["{{resolve:", ["a", "b"]]},
        {"Fn::Join": [{"Ref": "Name"}, ["a", "b"]]},
    ],
)
def test_not_spelled_out(raw: object) -> None:
    """Nothing is said of a value of which a part stands elsewhere."""
    assert pieces(raw) is None


@pytest.mark.parametrize(
    ("parts", "word", "spelled"),
    [
        ({"a", "-", "b"}, "a-b", True),
        ({"a", "-", "b"}, "b", True),
        ({"a", "-"}, "a-a-a", True),
        ({"ab", "a"}, "aab", True),
        ({"ab", "abc", "d"}, "abcd", True),
        ({"a", ""}, "aa", True),
        ({"a"}, "", True),
        (set(), "", True),
        ({"a", "-"}, "b", False),
        ({"a", "-"}, "a-b", False),
        ({"b"}, "ab", False),
        ({"ab"}, "a", False),
        ({"ab"}, "aba", False),
        ({"abc"}, "bcabc", False),
        ({""}, "a", False),
        (set(), "a", False),
    ],
)
def test_can_spell(parts: set[str], word: str, spelled: bool) -> None:
    """A word can be put together from parts, each as often as need be, in any order, and from nothing else."""
    assert can_spell(frozenset(parts), word) is spelled
