"""Several things checked by one rule: none hides what is wrong with another, or makes worlds for it."""

from collections.abc import Iterator

import pytest

from policies.errors import ForkError, UndeterminedError
from policies.findings import for_each, for_each_apart, undetermined
from policies.model import Finding, Outcome
from policies.template import Template
from policies.worlds import World

WRONG = Finding("wrong", "$.Here")


def world(count: int = 2) -> World:
    """Return a world in which a parameter may have so many values."""
    allowed = [f"v{number}" for number in range(count)]
    declared = {"Given": {"Type": "String", "AllowedValues": allowed}}
    return World(Template("t", {"Parameters": declared, "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}))


def check(here: World, item: str) -> Iterator[Finding]:
    """Find what an item says of itself."""
    match item:
        case "wrong":
            yield WRONG
        case "unknown":
            raise UndeterminedError("anything", "$.There")
        case "wrong and unknown":
            yield WRONG
            raise UndeterminedError("anything")
        case "either":
            here.node({"Ref": "Given"}, "$.Here").string()
        case "wrong for one":
            if here.node({"Ref": "Given"}, "$.Here").string() == "v1":
                yield WRONG


def unknown(path: str = "") -> Finding:
    """Return the finding that the template alone cannot say."""
    return Finding("anything", path, outcome=Outcome.UNDETERMINED)


def test_undetermined() -> None:
    """What nobody knows is a finding with the reason, at its place if it has one."""
    assert undetermined(UndeterminedError("anything", "$.There")) == unknown("$.There")
    assert undetermined(UndeterminedError("anything")) == unknown()


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (["right"], []),
        (["unknown", "wrong"], [unknown("$.There"), WRONG]),
        (["wrong and unknown", "right", "wrong"], [WRONG, unknown(), WRONG]),
    ],
)
def test_none_hides_another(items: list[str], found: list[Finding]) -> None:
    """What is found of each is told, in their order."""
    here = world()
    assert list(for_each(items, lambda item: check(here, item))) == found
    assert list(for_each_apart(here, items, check)) == found


def test_what_holds_in_all_worlds_makes_none() -> None:
    """Of things that hold whatever a parameter is given, nobody asks for it; what follows them is checked as well."""
    assert list(for_each_apart(world(), ["either", "wrong", "either"], check)) == [WRONG]


@pytest.mark.parametrize(("item", "count"), [("wrong for one", 2), ("either", 65)])
def test_what_differs_makes_worlds(item: str, count: int) -> None:
    """What holds for some values only, or for more than are looked at for one thing alone, is judged in each world."""
    with pytest.raises(ForkError) as raised:
        list(for_each_apart(world(count), [item], check))
    assert len(raised.value.worlds) == count


def test_sixty_four_worlds_are_looked_at_for_one_thing_alone() -> None:
    """The bound is as it is documented."""
    assert list(for_each_apart(world(64), ["either"], check)) == []
