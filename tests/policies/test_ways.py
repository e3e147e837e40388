"""The ways in which a text becomes a string: each is found, and no other; where there are too many, it is said."""

import pytest

from policies.assumptions import Assumptions
from policies.values import Text, Unknown
from policies.ways import ways_to_become

A, B = Unknown("A", "given"), Unknown("B", "given")
NOTHING = Assumptions()


def ways(*parts: str | Unknown, value: str, assumed: Assumptions = NOTHING) -> list[Assumptions] | None:
    """Return the ways to a string of parts that may be anything but `no`."""
    return ways_to_become(Text.of(*parts), value, assumed, lambda _, part: part != "no")


def taken(**values: str) -> Assumptions:
    """Return the assumption that unknowns have values."""
    return Assumptions(dict(values))


@pytest.mark.parametrize(
    ("parts", "value", "found"),
    [
        (("x",), "x", [NOTHING]),
        (("x",), "xy", []),
        (("x",), "yx", []),
        ((A,), "x", [taken(A="x")]),
        ((A,), "", [taken(A="")]),
        ((A,), "no", []),
        (("x-", A), "x-y", [taken(A="y")]),
        (("x-", A), "x", []),
        ((A, "-y"), "x-y", [taken(A="x")]),
        ((A, "-y"), "x-z", []),
        ((A, "-", B), "x-y-z", [taken(A="x", B="y-z"), taken(A="x-y", B="z")]),
        ((A, A), "xx", [taken(A="x")]),
        ((A, A), "xy", []),
        ((A, B), "no", [taken(A="n", B="o")]),
    ],
)
def test_ways(parts: tuple[str | Unknown, ...], value: str, found: list[Assumptions]) -> None:
    """An unknown may be any part of the string that is allowed, and is the same wherever it stands."""
    assert ways(*parts, value=value) == found


def test_what_is_assumed_is_kept() -> None:
    """A way adds to what is assumed, and contradicts nothing of it."""
    assumed = taken(A="x", C="z")
    assert ways(A, B, value="xy", assumed=assumed) == [taken(A="x", C="z", B="y")]
    assert ways(A, B, value="yx", assumed=assumed) == []


def test_an_unknown_is_asked_for_by_its_key() -> None:
    """What an unknown may be is asked of it, and of no other."""
    found = ways_to_become(Text.of(A, B), "xy", NOTHING, lambda key, part: (key, part) in {("A", "x"), ("B", "y")})
    assert found == [taken(A="x", B="y")]


def test_bounds() -> None:
    """Of more than 64 characters, or ways to begin them, or of more than 16 parts, nothing is said."""
    assert ways(A, "-", value="x" * 62 + "-") == [taken(A="x" * 62)]
    assert ways(A, "-", value="x" * 63 + "-") is None
    assert ways("x" * 64, value="x" * 64) == [NOTHING]
    assert ways("x" * 65, value="x" * 65) is None
    assert ways(*(A, "-") * 8, value="x-" * 8) == [taken(A="x")]
    assert ways(*(A, "-") * 8, A, value="x-" * 8 + "x") is None
