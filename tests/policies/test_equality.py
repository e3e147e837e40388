"""Whether two expressions come to the same string, and into which worlds a template forks where they may."""

from __future__ import annotations

import pytest

from policies.assumptions import Assumptions
from policies.equality import equal
from policies.errors import ForkError, TemplateError, UndeterminedError
from policies.template import Template
from policies.values import Text, Unknown
from policies.worlds import MAX_STEPS, World

PARAMETERS = {
    "Free": {"Type": "String"},
    "Other": {"Type": "String"},
    "Short": {"Type": "String", "MaxLength": 2},
    "Listed": {"Type": "String", "AllowedValues": ["a", "b", "c"]},
}
TEMPLATE = Template("t", {"Parameters": PARAMETERS, "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}})

FREE, OTHER, SHORT, LISTED = ({"Ref": name} for name in PARAMETERS)
FREE_TEXT, OTHER_TEXT = (
    Text.of(Unknown(f"Ref {name}", f"parameter {name} may be given any value")) for name in ("Free", "Other")
)
NOTHING = Assumptions()
WRONG = {"Fn::GetAtt": ["Nowhere"]}


def sub(text: str) -> dict[str, object]:
    """Return a text with parameters in it."""
    return {"Fn::Sub": text}


def compared(left: object, right: object, assumed: Assumptions = NOTHING) -> bool | list[Assumptions]:
    """Return whether two expressions are the same, or what is assumed in each of the worlds that differ in it."""
    try:
        return equal(World(TEMPLATE).under(assumed), left, right, "$.Here")
    except ForkError as fork:
        return [world.assumed for world in fork.worlds]


def both_ways(left: object, right: object, assumed: Assumptions = NOTHING) -> bool | list[Assumptions]:
    """Return the same, which must not depend on which expression stands first."""
    found = compared(left, right, assumed)
    assert compared(right, left, assumed) == found
    return found


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (1, "1", True),
        (FREE, FREE, True),
        (sub("x-${Free}"), sub("y-${Free}"), False),
        (sub("x-${Free}"), "y", False),
        (SHORT, "abc", False),
        (LISTED, "d", False),
    ],
)
def test_decided(left: object, right: object, same: bool) -> None:
    """What the template tells needs no world."""
    assert both_ways(left, right) is same


def test_an_unknown_and_a_string() -> None:
    """An unknown is the string, or anything else."""
    worlds = [NOTHING.assume("Ref Free", "a"), NOTHING.exclude("Ref Free", "a")]
    assert both_ways(FREE, "a") == worlds
    assert both_ways(sub("x-${Free}"), "x-a") == worlds
    assert [both_ways(FREE, "a", world) for world in worlds] == [True, False]


def test_a_list_of_values() -> None:
    """Where values are listed, one that is compared with a string is it or is not; else there is a world for each."""
    assert both_ways(LISTED, "a") == [NOTHING.assume("Ref Listed", "a"), NOTHING.exclude("Ref Listed", "a")]
    each = [NOTHING.assume("Ref Listed", value) for value in ("a", "b", "c")]
    assert both_ways(sub("${Listed}-${Free}"), "a-b") == each
    assert both_ways(LISTED, FREE) == each
    fewer = NOTHING.exclude("Ref Listed", "b")
    assert both_ways(LISTED, FREE, fewer) == [fewer.assume("Ref Listed", value) for value in ("a", "c")]


def test_several_unknowns_and_a_string() -> None:
    """Texts that come to a string in several ways do so in a world for each, and in one more they do not."""
    text = Text.of(*FREE_TEXT.parts, "-", *OTHER_TEXT.parts)
    ways = [
        NOTHING.assume("Ref Free", "a").assume("Ref Other", "b-c"),
        NOTHING.assume("Ref Free", "a-b").assume("Ref Other", "c"),
    ]
    unequal = NOTHING.decide(frozenset({text, Text.of("a-b-c")}), equal=False)
    assert both_ways(sub("${Free}-${Other}"), "a-b-c") == [*ways, unequal]
    assert both_ways(sub("${Free}-${Other}"), "a-b-c", unequal) is False


def test_too_many_ways() -> None:
    """Where there are too many ways to tell, a text is the string or is not."""
    long = "-" * 65
    pair = frozenset({Text.of(*FREE_TEXT.parts, "x", *OTHER_TEXT.parts), Text.of(f"{long}x{long}")})
    worlds = [NOTHING.decide(pair, equal=True), NOTHING.decide(pair, equal=False)]
    assert both_ways(sub("${Free}x${Other}"), f"{long}x{long}") == worlds
    assert [both_ways(sub("${Free}x${Other}"), f"{long}x{long}", world) for world in worlds] == [True, False]


def test_two_unknowns() -> None:
    """Two unknowns are the same in one world, whatever that is, and in the other they differ."""
    differ = NOTHING.decide(frozenset({FREE_TEXT, OTHER_TEXT}), equal=False)
    worlds = [NOTHING.assume("Ref Free", OTHER_TEXT.unknowns[0]), differ]
    assert compared(FREE, OTHER) == worlds
    assert compared(sub("x-${Free}"), sub("x-${Other}")) == worlds
    assert [both_ways(FREE, OTHER, world) for world in worlds] == [True, False]


def test_texts_of_several_unknowns() -> None:
    """Texts of which nobody knows how they could be the same are the same in one world, and not in the other."""
    pair = frozenset({Text.of(*FREE_TEXT.parts, "x"), OTHER_TEXT})
    worlds = [NOTHING.decide(pair, equal=True), NOTHING.decide(pair, equal=False)]
    assert both_ways(sub("${Free}x"), OTHER) == worlds
    assert [both_ways(sub("${Free}x"), OTHER, world) for world in worlds] == [True, False]


def test_steps_are_counted() -> None:
    """A comparison is a step, so that comparisons without end come to one."""
    world = World(TEMPLATE)
    world.step("$", MAX_STEPS)
    with pytest.raises(UndeterminedError) as raised:
        equal(world, "a", "a", "$.Here")
    assert (raised.value.reason, raised.value.path) == ("more than 300000 values would have to be resolved", "$.Here")


@pytest.mark.parametrize(("left", "right", "at"), [(WRONG, "a", 0), ("a", WRONG, 1)])
def test_what_is_no_text(left: object, right: object, at: int) -> None:
    """What CloudFormation refuses is refused at its place."""
    with pytest.raises(TemplateError) as raised:
        compared(left, right)
    assert raised.value.path == f"$.Here[{at}]['Fn::GetAtt']"
