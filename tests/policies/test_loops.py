"""Loops, unrolled as AWS::LanguageExtensions unrolls them, and those that stay as they stand."""

import pytest

from policies.loops import unroll

Json = dict[str, object]
TABLE: Json = {"Type": "AWS::DynamoDB::Table"}
LOOP = "$.Resources['Fn::ForEach::L']"
PARAMETERS: Json = {
    "Names": {"Type": "CommaDelimitedList", "Default": "a,b"},
    "Stage": {"Type": "String", "Default": "dev"},
    "Closed": {"Type": "CommaDelimitedList", "AllowedValues": ["z"]},
    "Only": {"Type": "Number", "AllowedValues": [7]},
    "Sizes": {"Type": "List<Number>"},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/names"},
}
MAPPINGS: Json = {"Of": {"dev": {"Names": ["a", "b"], "Text": "a-b", "Numbers": [1]}, "Fn::Transform": {}}}


def resources(*loop: object, **siblings: object) -> Json:
    """Make a template whose resources are a loop and its siblings."""
    return {
        "Parameters": PARAMETERS,
        "Mappings": MAPPINGS,
        "Resources": {"Fn::ForEach::L": list(loop), **siblings},
    }


def unrolled(document: Json, given: dict[str, str] | None = None) -> object:
    """Return what becomes of the resources of a template, all loops of which can be unrolled."""
    result, problems = unroll(document, given or {})
    assert problems == {}
    return result["Resources"]


def test_every_section() -> None:
    """Loops are unrolled in Conditions, Outputs and Resources, at any depth; the rest, and the input, stay."""
    document: Json = {
        "Metadata": {"Fn::ForEach::M": ["X", ["a"], {"${X}": 1}]},
        "Conditions": {"Fn::ForEach::C": ["X", ["A", "B"], {"Is${X}": {"Fn::Equals": [{"Ref": "P"}, {"Ref": "X"}]}}]},
        "Resources": {
            "First": TABLE,
            "Fn::ForEach::R": [
                "X",
                ["A", "B"],
                {
                    "${X}Table": {
                        **TABLE,
                        "Condition": "Is${X}",
                        "Properties": {
                            "TableName": {"Fn::Sub": "${X}-${AWS::Region}-&{X}"},
                            "Tags": [{"Fn::ForEach::T": ["Y", ["1", "2"], {"${Y}of${X}": {"Ref": "Y"}}]}, 1, None],
                        },
                    }
                },
            ],
            "Last": TABLE,
        },
        "Outputs": {"Fn::ForEach::O": ["X", ["A"], {"Out${X}": {"Value": {"Ref": "${X}Table"}}}]},
    }
    before = repr(document)
    made = [
        {
            "Type": "AWS::DynamoDB::Table",
            "Condition": f"Is{name}",
            "Properties": {
                "TableName": {"Fn::Sub": f"{name}-${{AWS::Region}}-{name}"},
                "Tags": [{f"1of{name}": "1", f"2of{name}": "2"}, 1, None],
            },
        }
        for name in ("A", "B")
    ]
    result, problems = unroll(document, {})
    assert (result, problems) == (
        {
            "Metadata": document["Metadata"],
            "Conditions": {
                "IsA": {"Fn::Equals": [{"Ref": "P"}, "A"]},
                "IsB": {"Fn::Equals": [{"Ref": "P"}, "B"]},
            },
            "Resources": {"First": TABLE, "ATable": made[0], "BTable": made[1], "Last": TABLE},
            "Outputs": {"OutA": {"Value": {"Ref": "ATable"}}},
        },
        {},
    )
    assert list(result["Resources"] if isinstance(result["Resources"], dict) else []) == [
        "First",
        "ATable",
        "BTable",
        "Last",
    ]
    assert repr(document) == before


def test_letters_and_digits() -> None:
    """`&{X}` is the item without all that is no letter or digit, `${X}` and `Ref` are all of it."""
    loop = ("X", ["10.0.0.0/16"], {"Net&{X}": {"Type": "T", "Whole": ["${X}", {"Ref": "X"}], "Plain": "&{X} &{Y}"}})
    assert unrolled(resources(*loop)) == {
        "Net1000016": {"Type": "T", "Whole": ["10.0.0.0/16", "10.0.0.0/16"], "Plain": "1000016 &{Y}"}
    }


def test_loops_in_loops() -> None:
    """A loop in a loop's fragment runs for each item of the outer one, whose items its collection may name."""
    inner = {"Fn::ForEach::In": ["Y", ["${X}1", {"Ref": "X"}], {"T${X}${Y}": {"Type": "T", "Of": {"Ref": "Y"}}}]}
    assert unrolled(resources("X", ["a", "b"], inner)) == {
        "Taa1": {"Type": "T", "Of": "a1"},
        "Taa": {"Type": "T", "Of": "a"},
        "Tbb1": {"Type": "T", "Of": "b1"},
        "Tbb": {"Type": "T", "Of": "b"},
    }


@pytest.mark.parametrize(
    ("collection", "names"),
    [
        ([], []),
        (["a"], ["a"]),
        ({"Ref": "Names"}, ["x", "y"]),
        ([{"Ref": "Stage"}, "a"], ["dev", "a"]),
        ({"Ref": "Closed"}, ["z"]),
        ({"Ref": "Sizes"}, ["1", "2"]),
        ([{"Ref": "Only"}], ["7"]),
        ({"Fn::FindInMap": ["Of", "dev", "Names"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Of", {"Ref": "Stage"}, "Names"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Of", "dev", "None", {"DefaultValue": ["c"]}]}, ["c"]),
        ({"Fn::Split": ["-", "a-b"]}, ["a", "b"]),
        ({"Fn::Split": ["-", {"Fn::FindInMap": ["Of", "dev", "Text"]}]}, ["a", "b"]),
    ],
)
def test_collections(collection: object, names: list[str]) -> None:
    """A loop runs over a list, or what functions of known values make one."""
    given = {"Names": "x, y", "Stage": "dev", "Sizes": "1, 2"}
    made = {f"T{name}": {"Type": "T"} for name in names}
    assert unrolled(resources("X", collection, {"T${X}": {"Type": "T"}}), given) == made


LIST = "a list of strings, or a Ref to a parameter that is a list, is expected here"
SHAPE = "Fn::ForEach takes an identifier, a collection and an object"
LATER = "what a loop runs over is known at deployment only"


@pytest.mark.parametrize(
    ("loop", "place", "problem"),
    [
        ((), "", SHAPE),
        (("X", ["a"]), "", SHAPE),
        (("X", ["a"], {}, {}), "", SHAPE),
        (("", ["a"], {}), "", SHAPE),
        ((1, ["a"], {}), "", SHAPE),
        (("X", ["a"], []), "", SHAPE),
        (("Stage", ["a"], {}), "[0]", "the identifier Stage already names something else here"),
        (("Other", ["a"], {}), "[0]", "the identifier Other already names something else here"),
        (("X", "a", {}), "[1]", LIST),
        (("X", None, {}), "[1]", LIST),
        (("X", {"Ref": "Stage"}, {}), "[1]", LIST),
        (("X", ["a", 1], {}), "[1][1]", "a string is expected here"),
        (("X", [["a"]], {}), "[1][0]", "a string is expected here"),
        (("X", {"Fn::FindInMap": ["Of", "dev", "Numbers"]}, {}), "[1][0]", "a string is expected here"),
        (("X", {"Ref": "Nowhere"}, {}), "[1]", "the template declares no parameter Nowhere"),
        (("X", {"Ref": "Names"}, {}), "[1]", "parameter Names may be given any value; tell it, to judge the loop"),
        (
            ("X", {"Ref": "Stored"}, {}),
            "[1]",
            "parameter Stored is read from the SSM Parameter Store at deployment",
        ),
        (("X", [{"Ref": "AWS::Region"}], {}), "[1][0]", "AWS::Region is known at deployment only"),
        (("X", {"Fn::GetAZs": ""}, {}), "[1]", LATER),
        (("X", {"Ref": "Stage", "More": 1}, {}), "[1]", LATER),
        (("X", {"Fn::Split": ["-", "a-b"], "More": 1}, {}), "[1]", LATER),
        (("X", {"Fn::Split": ["", "a-b"]}, {}), "[1]", LATER),
        (("X", {"Fn::Split": ["-", ["a-b"]]}, {}), "[1]", LATER),
        (("X", {"Fn::FindInMap": ["Of", "dev", "Names"], "More": 1}, {}), "[1]", LATER),
        (("X", {"Fn::FindInMap": ["Of", {"Fn::GetAZs": ""}, "Names"]}, {}), "[1]['Fn::FindInMap'][1]", LATER),
        (
            ("X", {"Fn::FindInMap": ["Of", "dev", "None", {"DefaultValue": {"Fn::GetAZs": ""}}]}, {}),
            "[1]['Fn::FindInMap'][3].DefaultValue",
            LATER,
        ),
        (
            ("X", {"Fn::FindInMap": ["Of", "dev", "Names", {"Value": ["c"]}]}, {}),
            "[1]['Fn::FindInMap']",
            "Fn::FindInMap takes a map's name, a top level key and a second level key",
        ),
        (("X", {"Fn::FindInMap": ["No", "a", "b"]}, {}), "[1]['Fn::FindInMap']", "no mapping has 'No.a.b'"),
        (("X", {"Fn::Split": ["-", {"Fn::ImportValue": "x"}]}, {}), "[1]['Fn::Split'][1]", LATER),
        (
            ("X", {"Fn::FindInMap": ["Of", "dev"]}, {}),
            "[1]['Fn::FindInMap']",
            "Fn::FindInMap takes a map's name, a top level key and a second level key",
        ),
        (
            ("X", {"Fn::FindInMap": ["Of", "dev", "None"]}, {}),
            "[1]['Fn::FindInMap']",
            "no mapping has 'Of.dev.None'",
        ),
        (
            ("X", {"Fn::FindInMap": ["Of", "prod", "Names"]}, {}),
            "[1]['Fn::FindInMap']",
            "a macro may define the mapping at deployment",
        ),
        (("X", ["a", "a"], {"T${X}": {}}), "[2]['T${X}']", "a copy of this would be the second Ta in its object"),
        (("X", ["Other"], {"${X}": {}}), "[2]['${X}']", "a copy of this would be the second Other in its object"),
        (
            ("X", ["a"], {"T": {"${X}": 1, "&{X}": 2}}),
            "",
            "a copy of the fragment has the key a twice in one object",
        ),
        (
            ("X", ["a"], {"T": [{"In": {"${X}": 1, "&{X}": 2}}]}),
            "",
            "a copy of the fragment has the key a twice in one object",
        ),
        (
            ("X", ["a"], {"Fn::ForEach::In": ["X", ["b"], {}]}),
            "[2]['Fn::ForEach::In'][0]",
            "the identifier X already names something else here",
        ),
        (
            ("X", ["a"], {"Fn::ForEach::In": ["Y", {"Ref": "Names"}, {}]}),
            "[2]['Fn::ForEach::In'][1]",
            "parameter Names may be given any value; tell it, to judge the loop",
        ),
    ],
)
def test_loops_that_stay(loop: tuple[object, ...], place: str, problem: str) -> None:
    """A loop over what is not known, or that CloudFormation would refuse, stays, and its place and reason are told."""
    document = resources(*loop, Other=TABLE)
    given = {"Stage": "dev", "Stored": "/names"}
    assert unroll(document, given) == (document, {LOOP + place: problem})


def test_an_inner_loop_that_stays() -> None:
    """A loop inside a copy of a resource stays in it, and the resource is made."""
    tags = {"Fn::ForEach::T": ["Y", {"Ref": "Names"}, {"${Y}": 1}]}
    document = resources("X", ["a"], {"T${X}": {"Type": "T", "Tags": tags}})
    result, problems = unroll(document, {})
    assert result["Resources"] == {"Ta": {"Type": "T", "Tags": tags}}
    assert problems == {
        f"{LOOP}[2]['T${{X}}'].Tags['Fn::ForEach::T'][1]": (
            "parameter Names may be given any value; tell it, to judge the loop"
        )
    }


def test_a_value_that_is_given() -> None:
    """A value that is given is taken, whatever the only one is that is allowed."""
    assert unrolled(resources("X", {"Ref": "Closed"}, {"T${X}": {}}), {"Closed": "a,b"}) == {"Ta": {}, "Tb": {}}


def test_what_is_no_reference() -> None:
    """An object that holds more than a `Ref` refers to nothing, and is copied as it stands."""
    assert unrolled(resources("X", ["a"], {"T": {"Ref": "X", "More": 1}})) == {"T": {"Ref": "X", "More": 1}}


def test_loops_side_by_side() -> None:
    """What one loop makes of an object another may not make again: the second stays."""
    document: Json = {
        "Resources": {
            "Fn::ForEach::L": ["X", ["a"], {"T${X}": TABLE}],
            "Fn::ForEach::M": ["Y", ["a"], {"T${Y}": {}}],
        }
    }
    second = "$.Resources['Fn::ForEach::M'][2]['T${Y}']"
    assert unroll(document, {}) == (
        {"Resources": {"Ta": TABLE, "Fn::ForEach::M": ["Y", ["a"], {"T${Y}": {}}]}},
        {second: "a copy of this would be the second Ta in its object"},
    )


def test_an_identifier_of_a_loop_around() -> None:
    """A loop in a list of a copy may not take the identifier of the loop that makes the copy."""
    inner = {"Fn::ForEach::T": ["X", ["b"], {}]}
    result, problems = unroll(resources("X", ["a"], {"T${X}": {"Tags": [1, inner]}}), {})
    assert result["Resources"] == {"Ta": {"Tags": [1, inner]}}
    assert problems == {
        f"{LOOP}[2]['T${{X}}'].Tags[1]['Fn::ForEach::T'][0]": "the identifier X already names something else here"
    }


@pytest.mark.parametrize(
    ("value", "more"),
    [
        ([1] * 199_997, [1] * 199_998),
        ("y" * 1_048_571, "y" * 1_048_572),
        (["y" * 1_048_571, 1], ["y" * 1_048_572, 1]),
    ],
    ids=["nodes", "characters", "both"],
)
def test_just_as_much_as_a_template_may_hold(value: object, more: object) -> None:
    """A loop that makes as many keys and values, or characters, as a template may hold is unrolled; no other is."""
    made, problems = unroll({"Resources": {"Fn::ForEach::L": ["X", ["a"], {"T${X}": value}]}}, {})
    assert (made == {"Resources": {"Ta": value}}, problems) == (True, {})
    _, problems = unroll({"Resources": {"Fn::ForEach::L": ["X", ["a"], {"T${X}": more}]}}, {})
    assert problems == {
        LOOP: "the loops of the template make more than 200,000 keys and values or 1,048,576 characters, the limits"
    }


def test_parameters_that_are_no_object() -> None:
    """Parameters that nobody can read declare none."""
    document: Json = {"Parameters": [], "Resources": {"Fn::ForEach::L": ["X", {"Ref": "Names"}, {"T${X}": TABLE}]}}
    assert unroll(document, {}) == (document, {f"{LOOP}[1]": "the template declares no parameter Names"})


def nested(depth: int, items: int) -> object:
    """Make loops within loops."""
    fragment: Json = {"".join(f"${{I{i}}}" for i in range(depth)): {"Type": "T"}}
    for i in reversed(range(depth)):
        fragment = {f"Fn::ForEach::L{i}": [f"I{i}", [f"{n}" for n in range(items)], fragment]}
    return fragment


@pytest.mark.parametrize(
    "sections",
    [
        nested(20, 10),
        nested(90, 2),
        {"Fn::ForEach::L": ["X", ["y" * 100_000], {"${X}": "${X}" * 1_000}]},
        {"Fn::ForEach::L": ["X", [""], {"T": ["${X}" * 1_000] * 1_000}]},
        {"Fn::ForEach::L": ["X", [f"{n}" for n in range(50_000)], {"T${X}": [1] * 100}]},
        {f"T{n}": {"Fn::ForEach::L": ["X", [f"{n}" for n in range(5_000)], {"T${X}": 1}]} for n in range(30)},
    ],
)
def test_limits(sections: object) -> None:
    """Loops that would make more than a template may hold stay."""
    _, problems = unroll({"Resources": sections}, {})
    limits = "200,000 keys and values or 1,048,576 characters"
    assert set(problems.values()) == {f"the loops of the template make more than {limits}, the limits"}


@pytest.mark.parametrize("document", [{}, {"Resources": []}, {"Resources": None, "Outputs": "x", "Conditions": 1}])
def test_without_loops(document: Json) -> None:
    """Whatever stands where no loop does is as it was."""
    assert unroll(document, {}) == (document, {})
