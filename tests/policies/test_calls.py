"""Calls of CloudFormation's functions: what each costs and where that is counted, and what they are handed."""

from __future__ import annotations

from datetime import date

import pytest

from policies.calls import as_text, joined, parameter_named, spelled
from policies.errors import TemplateError
from policies.intrinsics import resolve
from policies.template import Template
from policies.values import Origin, Text, Unknown
from policies.worlds import World

Json = dict[str, object]
Costs = list[tuple[str, int]]

TEMPLATE = Template(
    "t",
    {
        "Parameters": {
            "Free": {"Type": "String"},
            "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
            "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
        },
        "Mappings": {"Map": {"top": {"one": "value", "two": "other"}}},
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    },
)
FREE = Unknown("Ref Free", "parameter Free may be given any value")
STAGE = Unknown("Ref Stage", "parameter Stage may be given any value")
OPEN: Json = {"Ref": "Free"}
HERE = "$.Here"


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Costs:
    """Return a list of what is counted, and where, that grows with every step."""
    counted: Costs = []

    def step(_: World, path: str, cost: int = 1) -> None:
        counted.append((path, cost))

    monkeypatch.setattr(World, "step", step)
    return counted


@pytest.mark.parametrize(
    ("pieces", "text", "cost"),
    [
        (["x" * 99], Text.of("x" * 99), 0),
        (["x" * 99, FREE], Text.of("x" * 99, FREE), 1),
        (["x" * 98, FREE], Text.of("x" * 98, FREE), 0),
        ([Text.of("x" * 99, FREE), "", "y" * 101, "z"], Text.of("x" * 99, FREE, "y" * 101 + "z"), 2),
        ([FREE] * 100, Text((FREE,) * 100), 1),
        (["x" * 9_999], Text.of("x" * 9_999), 99),
    ],
)
def test_cost_of_a_text(pieces: list[str | Unknown | Text], text: Text, cost: int, costs: Costs) -> None:
    """A text costs as much as it has hundreds of characters and unknown parts, at its place."""
    assert joined(World(TEMPLATE), pieces, HERE) == text
    assert costs == [(HERE, cost)]


@pytest.mark.parametrize(
    ("text", "said", "cost"),
    [
        (Text.of("$" * 99), "$" * 198, 0),
        (Text.of("x" * 92, FREE), "x" * 92 + "${Ref Free}", 1),
        (Text.of("x" * 91, FREE), "x" * 91 + "${Ref Free}", 0),
        (Text.of("x" * 9_999), "x" * 9_999, 99),
    ],
)
def test_cost_of_telling_a_text_from_others(text: Text, said: str, cost: int, costs: Costs) -> None:
    """What tells a text from all others costs as much as it has hundreds of characters, those of keys among them."""
    assert spelled(World(TEMPLATE), text, HERE) == said
    assert costs == [(HERE, cost)]


JOIN, SPLIT, FIND, LENGTH, BASE64 = (
    f"{HERE}['Fn::{name}']" for name in ("Join", "Split", "FindInMap", "Length", "Base64")
)


@pytest.mark.parametrize(
    ("raw", "counted"),
    [
        ({"Fn::Join": ["", []]}, [(HERE, 1), (f"{JOIN}[1]", 1), (JOIN, 0), (JOIN, 0)]),
        (
            {"Fn::Join": ["", ["x"] * 109]},
            [(HERE, 1), (f"{JOIN}[1]", 1), (JOIN, 10), *((f"{JOIN}[1][{i}]", 1) for i in range(109)), (JOIN, 1)],
        ),
        (
            # The key of what a call gives is its argument in JSON, here of 200 characters.
            {"Fn::Join": ["x" * 176, {"Ref": "Subnets"}]},
            [(HERE, 1), (f"{JOIN}[1]", 1), (JOIN, 2)],
        ),
        (
            {"Fn::Length": {"Fn::Join": ["", {"Fn::Split": ["x" * 199, OPEN]}]}},
            [
                (HERE, 1),
                (LENGTH, 1),
                (f"{LENGTH}['Fn::Join'][1]", 1),
                (f"{LENGTH}['Fn::Join'][1]['Fn::Split'][1]", 1),
                (f"{LENGTH}['Fn::Join'][1]['Fn::Split']", 39),
                (f"{LENGTH}['Fn::Join'][1]['Fn::Split']", 0),
                (f"{LENGTH}['Fn::Join'][1]['Fn::Split']", 0),
                (f"{LENGTH}['Fn::Join']", 2),
                (LENGTH, 2),
            ],
        ),
        (
            {"Fn::Split": [",", "a,b,c,d"]},
            [(HERE, 1), (f"{SPLIT}[1]", 1), (SPLIT, 0), (SPLIT, 0)],
        ),
        (
            {"Fn::Split": [",", "a,b,c,d,e,f,g,h,i"]},
            [(HERE, 1), (f"{SPLIT}[1]", 1), (SPLIT, 0), (SPLIT, 2)],
        ),
        (
            {"Fn::FindInMap": ["Map", "top", "one"]},
            [(HERE, 1), (f"{FIND}[0]", 1), (f"{FIND}[1]", 1), (f"{FIND}[2]", 1), (FIND, 1)],
        ),
        (
            # An open key is held against each that there is.
            {"Fn::FindInMap": ["Map", "top", {"Fn::Sub": "z${Free}"}, {"DefaultValue": "none"}]},
            [
                (HERE, 1),
                (f"{FIND}[0]", 1),
                (f"{FIND}[1]", 1),
                (f"{FIND}[2]", 1),
                (f"{FIND}[2]['Fn::Sub']", 0),
                (FIND, 2),
                (f"{FIND}[3].DefaultValue", 1),
            ],
        ),
        (
            {"Fn::Base64": {"Fn::Sub": "${Free}" + "x" * 199}},
            [(HERE, 1), (BASE64, 1), (f"{BASE64}['Fn::Sub']", 2), (BASE64, 2), (BASE64, 0)],
        ),
    ],
)
def test_cost_of_a_call(raw: Json, counted: Costs, costs: Costs) -> None:
    """Each value that a call resolves is counted at its place, and at the call's what is done with them."""
    resolve(World(TEMPLATE), raw, HERE)
    assert costs == counted


def test_a_call_of_what_is_no_json() -> None:
    """A call is told from all others by its argument, even by what of it no template could say."""
    raw = {"Fn::Transform": {"Name": "M", "Parameters": {"Day": date(2025, 1, 31)}}}
    said = '{"Fn::Transform": {"Name": "M", "Parameters": {"Day": "datetime.date(2025, 1, 31)"}}}'
    hidden = Unknown(f"Fn::Transform {said}", "what Fn::Transform gives is known at deployment only", Origin.COMPUTED)
    assert resolve(World(TEMPLATE), raw, HERE) == (Text.of(hidden), HERE)


def test_a_parameter_by_its_name() -> None:
    """A `Ref` to a parameter leaves it open; what else stands there is none, nor is a `Ref` beside another key."""
    world = World(TEMPLATE)
    others: list[object] = [{"Ref": "Stage", "x": 1}, {"Ref": "Table"}, {"Ref": ["Stage"]}, {"ref": "Stage"}, "Stage"]
    assert parameter_named(world, {"Ref": "Stage"}) == Text.of(STAGE)
    assert [parameter_named(world, other) for other in others] == [None] * len(others)


@pytest.mark.parametrize("function", ["Fn::Select", "Fn::FindInMap"])
def test_a_ref_that_does_not_stand_alone(function: str) -> None:
    """An index or a key that is more than a `Ref` is refused at its place."""
    index: Json = {"Ref": "Stage", "x": 1}
    argument: list[object] = [index, ["a"]] if function == "Fn::Select" else [index, "top", "one"]
    with pytest.raises(TemplateError) as raised:
        resolve(World(TEMPLATE), {function: argument}, HERE)
    assert (raised.value.path, raised.value.problem) == (
        f"{HERE}['{function}'][0]",
        "Ref has to stand alone in its object",
    )


@pytest.mark.parametrize("value", [[], {}, None])
def test_what_is_no_text(value: list[object] | dict[str, object] | None) -> None:
    """A list, an object and nothing are no strings."""
    with pytest.raises(TemplateError) as raised:
        as_text(value, HERE)
    assert (raised.value.path, raised.value.problem) == (HERE, "a string is expected here")


def test_what_an_open_index_selects_of_an_open_list() -> None:
    """An item of a list that a resource of the deployment computes is computed as well, whatever tells the index."""
    template = Template("t", {**TEMPLATE.document, "Resources": {"Custom": {"Type": "Custom::Thing"}}})
    raw = {"Fn::Select": [OPEN, {"Fn::GetAtt": ["Custom", "Items"]}]}
    key = 'Fn::Select [{"Ref": "Free"}, {"Fn::GetAtt": ["Custom", "Items"]}]'
    assert resolve(World(template), raw, HERE)[0] == Text.of(Unknown(key, FREE.reason, Origin.COMPUTED))
