"""What CloudFormation refuses of a template is told with its place, and nothing is told of what it accepts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.reading import MAX_TEMPLATE_BYTES, read_document
from policies.references import problems

Json = dict[str, object]
Problem = tuple[str, str]

TESTS = Path(__file__).parents[1]
GOOD = sorted(
    path
    for folder in (TESTS / "policies/corpus/assemblies", TESTS / "hard")
    for pattern in ("*.json", "*.yaml")
    for path in folder.rglob(pattern)
    if "bad-input" not in path.parts and b"Resources" in path.read_bytes() and ".expected" not in path.suffixes
)

THING: Json = {"Type": "Custom::Thing"}
BASE: Json = {
    "Parameters": {"Stage": {"Type": "String"}, "Names": {"Type": "CommaDelimitedList"}},
    "Mappings": {"Map": {"top": {"one": "value", "list": ["x"]}}},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
}
A_STRING = "a string is expected here"
A_LIST = "a list is expected here"
AN_OBJECT = "an object is expected here"
A_NULL = "CloudFormation takes no null; leave it out, or use AWS::NoValue"
A_CONDITION = (
    "a condition is Fn::Equals of two values, Fn::Not of one condition, "
    "Fn::And or Fn::Or of two to ten, or the name of a Condition"
)
IS_PROD: Json = {"Condition": "IsProd"}
NO_OBJECTS: tuple[object, ...] = ([], "a", None)
NO_CONDITIONS: tuple[object, ...] = (
    *(True, "IsProd", None, {}, [], {"Ref": "Stage"}, {"Fn::Not": IS_PROD}),
    *({"Fn::Equals": [1]}, {"Fn::Not": []}, {"Fn::Not": [IS_PROD, IS_PROD]}),
    *({"Fn::And": [IS_PROD]}, {"Fn::And": [IS_PROD] * 11}, {"Fn::Or": [IS_PROD]}, {"Fn::Or": [IS_PROD] * 11}),
)


def told(document: Json) -> list[Problem]:
    """Return the problems of a template."""
    return [(problem.path, problem.problem) for problem in problems(document)]


def document(**sections: Json) -> Json:
    """Return a good template with more entries in its sections."""
    held = {name: dict(section) for name, section in BASE.items() if isinstance(section, dict)}
    return {**held, **{name: {**held.get(name, {}), **entries} for name, entries in sections.items()}}


def valued(value: object) -> Json:
    """Return a good template with a resource that has this value as its property."""
    return document(Resources={"Thing": {**THING, "Properties": {"V": value}}})


def call(function: str, *arguments: object) -> Json:
    """Call a function with a list of arguments."""
    return {f"Fn::{function}": list(arguments)}


def takes(function: str, what: str) -> Problem:
    """Expect that a resource's property calls a function with other arguments than it takes."""
    return (f"['{function}']" if function != "Ref" else ".Ref", f"{function} takes {what}")


REF = "the name of a parameter or resource"
GET_ATT = "a resource and the name of an attribute of it"
SUB = "a string, or a string and an object of its variables"
IF = "a condition's name and two values"
FIND = "a map's name, a top level key and a second level key"
CIDR = "an IP block, a count and a number of bits"
OUTPUT = "an object with a StackName and an OutputName"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # Names
        ({"Ref": "Nowhere"}, [(".Ref", "the template has no parameter or resource Nowhere")]),
        ({"Ref": "AWS::Nothing"}, [(".Ref", "the template has no parameter or resource AWS::Nothing")]),
        ({"Ref": "IsProd"}, [(".Ref", "the template has no parameter or resource IsProd")]),
        ([1, {"a b": {"Ref": "X"}}], [("[1]['a b'].Ref", "the template has no parameter or resource X")]),
        (call("GetAtt", "Nowhere", "Arn"), [("['Fn::GetAtt']", "the template has no resource Nowhere")]),
        ({"Fn::GetAtt": "Nowhere.Arn"}, [("['Fn::GetAtt']", "the template has no resource Nowhere")]),
        (call("GetAtt", "Stage", "Arn"), [("['Fn::GetAtt']", "the template has no resource Stage")]),
        (
            {"Fn::Sub": "${Nowhere}-${ Nowhere }-${Table}-${Other.Arn}-${aws:username}-${!Literal}"},
            [
                ("['Fn::Sub']", "the template has no parameter or resource Nowhere"),
                ("['Fn::Sub']", "the template has no resource Other"),
                ("['Fn::Sub']", "the template has no parameter or resource aws:username"),
            ],
        ),
        (
            call("Sub", "${a}${b}", {"a": {"Ref": "X"}}),
            [
                ("['Fn::Sub']", "the template has no parameter or resource b"),
                ("['Fn::Sub'][1].a.Ref", "the template has no parameter or resource X"),
            ],
        ),
        (
            call("If", "IsDev", {"Ref": "X"}, call("If", "IsTest", 1, 2)),
            [
                ("['Fn::If']", "the template defines no condition IsDev"),
                ("['Fn::If'][1].Ref", "the template has no parameter or resource X"),
                ("['Fn::If'][2]['Fn::If']", "the template defines no condition IsTest"),
            ],
        ),
        (call("FindInMap", "No", "top", "one"), [("['Fn::FindInMap']", "no mapping has No.top.one")]),
        (call("FindInMap", "No", {"Ref": "Stage"}, "one"), [("['Fn::FindInMap']", "no mapping has No")]),
        (
            call("If", "IsProd", call("FindInMap", "No", "a", "b"), 1),
            [("['Fn::If'][1]['Fn::FindInMap']", "no mapping has No.a.b")],
        ),
        (call("FindInMap", "Map", "no", "one"), [("['Fn::FindInMap']", "no mapping has Map.no.one")]),
        (call("FindInMap", "Map", "top", "no"), [("['Fn::FindInMap']", "no mapping has Map.top.no")]),
        (call("FindInMap", "Map", "no", {"Ref": "Stage"}), [("['Fn::FindInMap']", "no mapping has Map.no")]),
        # Number and kinds of arguments
        ({"Ref": 1}, [takes("Ref", REF)]),
        ({"Ref": ["Table"]}, [takes("Ref", REF)]),
        ({"Ref": {"Ref": "Stage"}}, [takes("Ref", REF)]),
        ({"Fn::GetAtt": "Table"}, [takes("Fn::GetAtt", GET_ATT)]),
        ({"Fn::GetAtt": "Table."}, [takes("Fn::GetAtt", GET_ATT)]),
        ({"Fn::GetAtt": ".Arn"}, [takes("Fn::GetAtt", GET_ATT)]),
        (call("GetAtt", "Table"), [takes("Fn::GetAtt", GET_ATT)]),
        (call("GetAtt", "Table", ""), [takes("Fn::GetAtt", GET_ATT)]),
        (call("GetAtt", "", "Arn"), [takes("Fn::GetAtt", GET_ATT)]),
        ({"Fn::GetAtt": "..Arn"}, [takes("Fn::GetAtt", GET_ATT)]),
        (call("GetAtt", "Table", "Outputs", "Name"), [takes("Fn::GetAtt", GET_ATT)]),
        (call("GetAtt", {"Ref": "Stage"}, "Arn"), [takes("Fn::GetAtt", GET_ATT)]),
        (call("GetAtt", "Table", []), [("['Fn::GetAtt'][1]", A_STRING)]),
        (call("Sub", "text"), [takes("Fn::Sub", SUB)]),
        (call("Sub", "text", "text"), [takes("Fn::Sub", SUB)]),
        (call("Sub", {"Ref": "Stage"}, {}), [takes("Fn::Sub", SUB)]),
        ({"Fn::Sub": {"Ref": "Stage"}}, [takes("Fn::Sub", SUB)]),
        ({"Fn::Sub": 1}, [takes("Fn::Sub", SUB)]),
        (
            call("Sub", "${a}${b}", {"a": [], "b": {"c": 1}}),
            [("['Fn::Sub'][1].a", A_STRING), ("['Fn::Sub'][1].b", A_STRING)],
        ),
        (call("If", "IsProd", 1), [takes("Fn::If", IF)]),
        (call("If", "IsProd", 1, 2, 3), [takes("Fn::If", IF)]),
        (call("If", True, 1, 2), [takes("Fn::If", IF)]),
        ({"Fn::If": "IsProd"}, [takes("Fn::If", IF)]),
        (call("FindInMap", "Map", "top"), [takes("Fn::FindInMap", FIND)]),
        (call("FindInMap", "Map", "top", "one", "default"), [takes("Fn::FindInMap", FIND)]),
        (call("FindInMap", "Map", "top", "one", {"Default": 1}), [takes("Fn::FindInMap", FIND)]),
        (call("FindInMap", "Map", ["top"], "one"), [("['Fn::FindInMap'][1]", A_STRING)]),
        (call("Join", "-"), [takes("Fn::Join", "a separator and a list")]),
        (call("Join", {"Ref": "Stage"}, []), [takes("Fn::Join", "a separator and a list")]),
        (call("Join", "-", "a"), [("['Fn::Join'][1]", A_LIST)]),
        (
            call("Join", "-", ["a", ["b"], {"c": 1}, None]),
            [("['Fn::Join'][1][1]", A_STRING), ("['Fn::Join'][1][2]", A_STRING), ("['Fn::Join'][1][3]", A_STRING)],
        ),
        (call("Select", 0), [takes("Fn::Select", "an index and a list")]),
        (call("Select", [0], "a"), [("['Fn::Select'][0]", A_STRING), ("['Fn::Select'][1]", A_LIST)]),
        (call("Select", 1, ["a"]), [("['Fn::Select']", "there is no item 1 in this list of 1")]),
        (call("Select", "a", ["a"]), [("['Fn::Select']", "there is no item a in this list of 1")]),
        (call("Split", ",", "a", "b"), [takes("Fn::Split", "a separator and a string")]),
        (call("Split", "", "a"), [takes("Fn::Split", "a separator and a string")]),
        (call("Split", ",", ["a"]), [("['Fn::Split'][1]", A_STRING)]),
        (call("Cidr", "10.0.0.0/16"), [takes("Fn::Cidr", CIDR)]),
        (
            call("Cidr", "10.0.0.0/16", 0, "129"),
            [
                ("['Fn::Cidr'][1]", "a number from 1 to 256 is expected here"),
                ("['Fn::Cidr'][2]", "a number from 1 to 128 is expected here"),
            ],
        ),
        (call("Cidr", "10.0.0.0/16", 1, 8, 2), [takes("Fn::Cidr", CIDR)]),
        (
            call("Cidr", "10.0.0.0/33", 257, "x"),
            [
                ("['Fn::Cidr'][0]", "an IP block such as 10.0.0.0/16 is expected here"),
                ("['Fn::Cidr'][1]", "a number from 1 to 256 is expected here"),
                ("['Fn::Cidr'][2]", "a number from 1 to 128 is expected here"),
            ],
        ),
        *(
            ({"Fn::Sub": text}, [("['Fn::Sub']", "a variable of Fn::Sub needs a name between ${ and }")])
            for text in ("a${}", ["${ }", {"": "x"}])
        ),
        # Nulls
        (
            {"a": None, "b": [1, None], "c": {"d": [None, None]}},
            [(".a", A_NULL), (".b[1]", A_NULL), (".c.d[0]", A_NULL)],
        ),
        ({"a": {"b": 1}, "c": None}, [(".c", A_NULL)]),
        (call("If", "IsProd", None, 1), [("['Fn::If'][1]", A_NULL)]),
        (call("Cidr", "10.0.0.0/16", [1], 8), [("['Fn::Cidr'][1]", A_STRING)]),
        ({"Fn::Base64": ["a"]}, [("['Fn::Base64']", A_STRING)]),
        ({"Fn::ImportValue": None}, [("['Fn::ImportValue']", A_STRING)]),
        ({"Fn::GetAZs": ["a"]}, [("['Fn::GetAZs']", A_STRING)]),
        ({"Fn::Length": "a"}, [("['Fn::Length']", A_LIST)]),
        ({"Fn::ToJsonString": "a"}, [takes("Fn::ToJsonString", "an object or a list")]),
        ({"Fn::Length": ["a"]}, [("", "Fn::Length needs the transform AWS::LanguageExtensions")]),
        ({"Fn::ToJsonString": {}}, [("", "Fn::ToJsonString needs the transform AWS::LanguageExtensions")]),
        (
            call("FindInMap", "Map", "top", "one", {"DefaultValue": "x"}),
            [("", "a DefaultValue needs the transform AWS::LanguageExtensions")],
        ),
        ({"Fn::GetStackOutput": ["stack", "name"]}, [takes("Fn::GetStackOutput", OUTPUT)]),
        ({"Fn::GetStackOutput": {"StackName": "stack"}}, [takes("Fn::GetStackOutput", OUTPUT)]),
        # Functions that are none, or that stand elsewhere only
        (
            {"Fn::Whatever": {"Ref": "X"}},
            [
                ("", "Fn::Whatever is no function that gives a value"),
                ("['Fn::Whatever'].Ref", "the template has no parameter or resource X"),
            ],
        ),
        (call("Equals", "a", "b"), [("", "Fn::Equals is no function that gives a value")]),
        (call("Contains", ["a"], "b"), [("", "Fn::Contains is no function that gives a value")]),
        ({"Ref": "X", "Other": 1}, [("", "Ref has to stand alone in its object")]),
        (
            [{"Condition": "Nowhere"}, {"Ref": "X"}],
            [("[1].Ref", "the template has no parameter or resource X")],
        ),
        ({"Fn::Sub": "a", "Fn::Join": []}, [("", "Fn::Sub has to stand alone in its object")]),
    ],
)
def test_a_value_is_refused(value: object, expected: list[Problem]) -> None:
    """Every misuse of a function is told with its place, and what stands beside or within it is judged all the same."""
    assert told(valued(value)) == [(f"$.Resources.Thing.Properties.V{path}", problem) for path, problem in expected]


@pytest.mark.parametrize(
    "value",
    [
        *({"Ref": f"AWS::{name}"} for name in ("AccountId", "NotificationARNs", "NoValue", "Partition", "Region")),
        *({"Ref": f"AWS::{name}"} for name in ("StackId", "StackName", "URLSuffix")),
        {"Ref": "Stage"},
        {"Ref": "Table"},
        call("GetAtt", "Table", "Arn"),
        call("GetAtt", "Table", {"Ref": "Stage"}),
        {"Fn::GetAtt": "Table.Outputs.Name"},
        {"Fn::Sub": "${Table}${ Stage }${Table.Arn}${AWS::Region}${!aws:username}$${Stage} ${!} ${Stage $Nowhere"},
        call("Sub", "${a}${b.c}${Table}", {"a": 1, "b.c": {"Ref": "Stage"}, "unused": True}),
        call("Sub", "${a}", {"a": {"Fn::Transform": {"Name": "Company::Text"}}}),
        {"Fn::Sub": {"Fn::Transform": {"Name": "Company::Text"}}},
        call("If", "IsProd", {"Ref": "Table"}, {"Ref": "AWS::NoValue"}),
        call("If", "IsProd", call("Select", 3, ["a"]), call("FindInMap", "Map", "no", "no")),
        call("FindInMap", "Map", "top", "one"),
        call("FindInMap", "Map", {"Ref": "Stage"}, "one"),
        call("FindInMap", {"Ref": "Stage"}, "top", "one"),
        call("FindInMap", "Map", 1, True),
        call("Join", "", ["a", 1, True, 0.5, {"Ref": "Stage"}]),
        call("Join", "", {"Ref": "Names"}),
        call("Join", "", []),
        call("Select", "0", ["a"]),
        call("Select", {"Ref": "Stage"}, {"Fn::GetAZs": ""}),
        call("Split", ",", {"Ref": "Stage"}),
        call("Cidr", {"Ref": "Stage"}, "6", 8),
        call("Cidr", "10.0.0.0/16", 6),
        call("Cidr", "10.0.0.1/16", 256, 128),
        call("Cidr", "::/64", 1, "1"),
        {"Fn::Sub": "${Table.Outputs.Name}"},
        call("Sub", "x", {"Fn::Transform": {"Name": "Company::Map"}}),
        {"Fn::Base64": {"Fn::Sub": "${Stage}"}},
        {"Fn::ImportValue": {"Fn::Sub": "${Stage}-name"}},
        {"Fn::GetAZs": {"Ref": "AWS::Region"}},
        {"Fn::GetAZs": None},
        {"Fn::GetStackOutput": {"StackName": {"Ref": "Stage"}, "OutputName": "x", "Region": "y"}},
        # What is text, or another's
        "${Nowhere} ${aws:username} {{resolve:ssm:name}}",
        {"ref": "Nowhere", "Ref::": 1, "Condition": "Nowhere"},
        {"Condition": "Nowhere"},
        {"Effect": "Allow", "Condition": {"StringEquals": {"aws:username": "x"}}},
        # What a macro replaces
        {"Fn::Transform": {"Name": "Company::Any", "Parameters": {"a": {"Ref": "Nowhere"}}}, "b": {"Fn::Own": 1}},
        {"Fn::ForEach::Loop": ["i", ["a"], {"${i}": {"Ref": "i"}}]},
        {"Fn::Transform": {"Name": "Company::Any", "Parameters": {"a": None}}},
    ],
)
def test_a_value_is_accepted(value: object) -> None:
    """Nothing is told of what CloudFormation accepts, nor of what a macro will replace."""
    assert told(valued(value)) == []


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"C": {"Condition": "Nowhere"}}, [("C", "the template defines no condition Nowhere")]),
        (
            {"C": call("Not", {"Condition": "Nowhere"})},
            [("C['Fn::Not'][0]", "the template defines no condition Nowhere")],
        ),
        (
            {"C": call("Equals", call("If", "Nowhere", 1, 2), {"Ref": "X"})},
            [
                ("C['Fn::Equals'][0]['Fn::If']", "the template defines no condition Nowhere"),
                ("C['Fn::Equals'][1].Ref", "the template has no parameter or resource X"),
            ],
        ),
        (
            {"C": call("Equals", {"Ref": "Table"}, "x")},
            [
                (
                    "C['Fn::Equals'][0].Ref",
                    "Conditions are decided before the resource Table exists; use a parameter instead",
                )
            ],
        ),
        (
            {"C": call("Equals", {"Fn::Sub": "${Table.Arn}"}, call("GetAtt", "X", "Arn"))},
            [
                (
                    "C['Fn::Equals'][0]['Fn::Sub']",
                    "Conditions are decided before the resource Table exists; use a parameter instead",
                ),
                ("C['Fn::Equals'][1]['Fn::GetAtt']", "the template has no resource X"),
            ],
        ),
        *(({"C": wrong}, [("C", A_CONDITION)]) for wrong in NO_CONDITIONS),
        *(
            (
                {"C": call("Equals", {f"Fn::{name}": argument}, "a")},
                [("C['Fn::Equals'][0]", f"Fn::{name} cannot be used in Conditions")],
            )
            for name, argument in {
                "GetStackOutput": {"StackName": "a", "OutputName": "b"},
                "ImportValue": "a",
            }.items()
        ),
        (
            {"C": call("Equals", ["a"], {"a": "b"})},
            [("C['Fn::Equals'][0]", A_STRING), ("C['Fn::Equals'][1]", A_STRING)],
        ),
        *(
            ({"C": call(name, "IsProd", *more)}, [(f"C['Fn::{name}'][0]", A_CONDITION)])
            for name, more in (("And", [IS_PROD]), ("Or", [IS_PROD]), ("Not", []))
        ),
        (
            {"C": call("Equals", call("FindInMap", "Map", "no", "one"), "x")},
            [("C['Fn::Equals'][0]['Fn::FindInMap']", "no mapping has Map.no.one")],
        ),
        ({"C": {"Fn::Whatever": 1}}, [("C", "Fn::Whatever is no function that gives a value")]),
        ({"C": call("Contains", ["a"], "a")}, [("C", "Fn::Contains is no function that gives a value")]),
        (
            {"C": {**call("Equals", 1, 1), "Condition": "IsProd"}},
            [("C", "Fn::Equals has to stand alone in its object")],
        ),
        # Circles
        ({"C": {"Condition": "C"}}, [("C", "condition C needs itself")]),
        (
            {
                "D": call("Not", {"Condition": "C"}),
                "C": call("Or", {"Condition": "IsProd"}, {"Condition": "B"}),
                "B": call("Equals", call("If", "D", 1, 2), 1),
                "A": {"Condition": "B"},
            },
            [("B", "conditions B, C and D need each other")],
        ),
        (
            {key: {"Condition": other} for key, other in (("C", "D"), ("D", "C"), ("A", "B"), ("B", "A"))},
            [("A", "conditions A and B need each other"), ("C", "conditions C and D need each other")],
        ),
    ],
)
def test_conditions_are_refused(conditions: Json, expected: list[Problem]) -> None:
    """A condition is an expression of parameters and of other conditions that are defined without it."""
    assert told(document(Conditions=conditions)) == [(f"$.Conditions.{path}", problem) for path, problem in expected]


def test_conditions_are_accepted() -> None:
    """Every form of a condition is accepted, whichever the order, and so are those that a macro writes."""
    conditions: Json = {
        "A": {"Condition": "B"},
        "B": call("Not", {"Condition": "C"}),
        "C": call("And", *[call("Equals", 1, {"Ref": "Stage"})] * 10),
        "D": call("Or", {"Condition": "A"}, {"Condition": {"Condition": "C"}}),
        "E": call("Equals", call("If", "A", [1], {"a": None}), call("FindInMap", "Map", "top", "one")),
        "F": call("And", {"Fn::Transform": {"Name": "AWS::Include"}}, {"Condition": "C"}),
        "G": {"Fn::Transform": {"Name": "AWS::Include"}},
        "H": call("Not", {"Ref": "Stage", "Fn::Transform": {"Name": "AWS::Include"}}),
        "Fn::ForEach::Loop": ["i", ["a"], {"Is${i}": {"Condition": "Nowhere"}}],
    }
    uses: Json = {"Thing": {**THING, "Condition": "Isa", "Properties": call("If", "Isb", {}, {})}}
    extended: Json = {"Transform": "AWS::LanguageExtensions"}
    assert told({**document(Conditions=conditions, Resources=uses), **extended}) == []


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        # Sections and declarations
        *(
            ({"Resources": {"A": THING}, name: wrong}, [(f"$.{name}", AN_OBJECT)])
            for name in ("Conditions", "Mappings", "Metadata", "Outputs", "Parameters", "Rules")
            for wrong in NO_OBJECTS
        ),
        ({"Resources": []}, [("$.Resources", AN_OBJECT)]),
        (
            {
                "Parameters": {"P": []},
                "Mappings": {"M": 1},
                "Rules": {"R": "a"},
                "Resources": {"A": None},
                "Outputs": {"O": []},
            },
            [
                (f"$.{place}", AN_OBJECT)
                for place in ("Parameters.P", "Mappings.M", "Rules.R", "Resources.A", "Outputs.O")
            ],
        ),
        (
            {"Resources": {"A": {"Type": {"Ref": "X"}, "Properties": [], "Condition": True}, "B": {}}},
            [
                ("$.Resources.A.Type", "a resource needs a type, which is a string"),
                ("$.Resources.A.Properties", AN_OBJECT),
                ("$.Resources.A.Condition", "the name of a condition is expected here"),
                ("$.Resources.B.Type", "a resource needs a type, which is a string"),
            ],
        ),
        (
            {"Outputs": {"O": {"Condition": "Nowhere"}}},
            [
                ("$.Outputs.O", "an output needs a Value"),
                ("$.Outputs.O.Condition", "the template defines no condition Nowhere"),
            ],
        ),
        (
            {
                "Outputs": {
                    "O": {"Value": {"Ref": "X"}, "Export": {"Name": {"Fn::Sub": "${Y}"}}, "Description": {"Ref": "Z"}}
                }
            },
            [
                ("$.Outputs.O.Value.Ref", "the template has no parameter or resource X"),
                ("$.Outputs.O.Export.Name['Fn::Sub']", "the template has no parameter or resource Y"),
            ],
        ),
        (
            {
                "Parameters": {
                    "P": {"Default": {"Ref": "AWS::Region"}, "AllowedValues": "a", "MaxLength": [1], "NoEcho": None},
                    "Q": {"Type": "String", "AllowedValues": ["a", {"Ref": "P"}]},
                    "R": {"Type": "String", "Default": "x", "AllowedValues": ["a", "b"]},
                    "S": {"Type": "Number", "Default": 1, "AllowedValues": [2]},
                    "T": {"Type": "Boolean", "AllowedPattern": "(", "MinLength": "a", "MaxLength": 1.5},
                    "U": {"Type": "Number", "Default": "a", "MinValue": "1x", "MaxValue": True},
                }
            },
            [
                ("$.Parameters.P.Type", "a parameter needs a type, which is a string"),
                ("$.Parameters.P.AllowedValues", A_LIST),
                ("$.Parameters.P.Default", A_STRING),
                ("$.Parameters.P.NoEcho", A_STRING),
                ("$.Parameters.P.MaxLength", A_STRING),
                ("$.Parameters.Q.AllowedValues[1]", A_STRING),
                ("$.Parameters.R.Default", "the default is none of AllowedValues"),
                ("$.Parameters.S.Default", "the default is none of AllowedValues"),
                (
                    "$.Parameters.T.Type",
                    "a parameter is a String, a Number, a CommaDelimitedList, a List<Number> or of a type of AWS",
                ),
                ("$.Parameters.T.MaxLength", "a whole number is expected here"),
                ("$.Parameters.T.MinLength", "a whole number is expected here"),
                ("$.Parameters.T.AllowedPattern", "a regular expression is expected here"),
                ("$.Parameters.U.MaxValue", "a number is expected here"),
                ("$.Parameters.U.MinValue", "a number is expected here"),
                ("$.Parameters.U.Default", "a number is expected here"),
            ],
        ),
        (
            {
                "Mappings": {
                    "M": {"a": {"b": {"Ref": "AWS::Region"}, "c": ["x", {"Ref": "AWS::Region"}], "d": None}, "e": "f"}
                }
            },
            [
                *((f"$.Mappings.M.a.{key}", "a string or a list of strings is expected here") for key in "bcd"),
                ("$.Mappings.M.e", AN_OBJECT),
            ],
        ),
        (
            {
                "Rules": {
                    "R": {
                        "RuleCondition": call("Equals", {"Ref": "A"}, "x"),
                        "Assertions": [
                            {"Assert": call("Contains", "a", {"Ref": "X"})},
                            {"Assert": {"Fn::And": [call("EachMemberIn", {"Fn::RefAll": 1}, [])]}},
                            {"Assert": call("Contains", ["a"], call("ValueOf", "P", "Tags"))},
                        ],
                    }
                }
            },
            [
                (
                    "$.Rules.R.RuleCondition['Fn::Equals'][0].Ref",
                    "Rules are decided before the resource A exists; use a parameter instead",
                ),
                ("$.Rules.R.Assertions[0].Assert['Fn::Contains'][0]", A_LIST),
                (
                    "$.Rules.R.Assertions[0].Assert['Fn::Contains'][1].Ref",
                    "the template has no parameter or resource X",
                ),
                ("$.Rules.R.Assertions[1].Assert", A_CONDITION),
                (
                    "$.Rules.R.Assertions[1].Assert['Fn::And'][0]['Fn::EachMemberIn'][0]['Fn::RefAll']",
                    "Fn::RefAll takes a type of parameters",
                ),
                ("$.Rules.R.Assertions[2].Assert['Fn::Contains'][1]['Fn::ValueOf']", "the template has no parameter P"),
            ],
        ),
        (
            {
                "Mappings": {"M": {"a": "b"}},
                "Resources": {"A": {**THING, "Properties": {"V": call("FindInMap", "M", "a", "c")}}},
            },
            [("$.Mappings.M.a", AN_OBJECT)],
        ),
        (
            {"Resources": {"A": {**THING, "Properties": {"": {"Ref": "AWS::Region"}}}}},
            [("$.Resources.A.Properties", "every property needs a name")],
        ),
        *(
            (
                {"Rules": {"R": {"Assertions": [{"Assert": {name: ["a"]}}]}}},
                [(f"$.Rules.R.Assertions[0].Assert['{name}']", f"{name} takes {what}")],
            )
            for name, what in {
                "Fn::Contains": "a list and a value",
                "Fn::EachMemberEquals": "a list and a value",
                "Fn::EachMemberIn": "two lists",
                "Fn::ValueOf": "a parameter and the name of an attribute",
                "Fn::ValueOfAll": "a type of parameters and the name of an attribute",
            }.items()
        ),
        # What a resource names
        (
            {"Resources": {"A": {**THING, "Condition": "Nowhere", "DependsOn": "X"}}},
            [
                ("$.Resources.A.DependsOn", "the template has no resource X"),
                ("$.Resources.A.Condition", "the template defines no condition Nowhere"),
            ],
        ),
        (
            {"Resources": {"A": {**THING, "DependsOn": ["X", 1, {"Ref": "B"}]}, "B": {**THING, "DependsOn": {"a": 1}}}},
            [
                ("$.Resources.A.DependsOn[0]", "the template has no resource X"),
                ("$.Resources.A.DependsOn[1]", "the logical id of a resource is expected here"),
                ("$.Resources.A.DependsOn[2]", "the logical id of a resource is expected here"),
                ("$.Resources.B.DependsOn", "the logical id of a resource is expected here"),
            ],
        ),
        (
            {
                "Resources": {
                    "A": {
                        **THING,
                        **{key: {"a": {"Ref": key}} for key in ("Metadata", "UpdatePolicy", "CreationPolicy")},
                        **{key: {"Ref": key} for key in ("DeletionPolicy", "UpdateReplacePolicy")},
                    }
                }
            },
            [
                *(
                    (f"$.Resources.A.{key}.a.Ref", f"the template has no parameter or resource {key}")
                    for key in ("Metadata", "CreationPolicy", "UpdatePolicy")
                ),
                *(
                    (f"$.Resources.A.{key}.Ref", f"the template has no parameter or resource {key}")
                    for key in ("DeletionPolicy", "UpdateReplacePolicy")
                ),
            ],
        ),
        (
            {
                "Resources": {
                    "A": {
                        **THING,
                        "Metadata": None,
                        "DeletionPolicy": call("GetAtt", "B", "Arn"),
                        "UpdateReplacePolicy": {"Fn::ImportValue": "a"},
                    },
                    "B": {
                        **THING,
                        "DeletionPolicy": {"Fn::GetStackOutput": {"StackName": "a", "OutputName": "b"}},
                    },
                }
            },
            [
                (
                    "$.Resources.A.DeletionPolicy",
                    "DeletionPolicy is decided before a deployment; Fn::GetAtt is known after it only",
                ),
                (
                    "$.Resources.A.UpdateReplacePolicy",
                    "UpdateReplacePolicy is decided before a deployment; Fn::ImportValue is known after it only",
                ),
                ("$.Resources.A.Metadata", A_NULL),
                (
                    "$.Resources.B.DeletionPolicy",
                    "DeletionPolicy is decided before a deployment; Fn::GetStackOutput is known after it only",
                ),
            ],
        ),
        (
            {"Outputs": {"Fn::ForEach::L": ["N", ["A"], {"${N}": {"Value": {"Ref": "N"}}}]}},
            [("$.Outputs['Fn::ForEach::L']", "Fn::ForEach needs the transform AWS::LanguageExtensions")],
        ),
        (
            {"Parameters": {"A": {"Type": "String"}}},
            [("$.Resources.A", "A is a parameter, too; each name of a template names one thing")],
        ),
        # Circles
        (
            {"Resources": {"A": {**THING, "Properties": {"V": {"Ref": "A"}}}}},
            [("$.Resources.A", "resource A needs itself")],
        ),
        (
            {
                "Resources": {
                    "E": {**THING, "DependsOn": ["D"]},
                    "D": {**THING, "Properties": {"V": {"Fn::Sub": "x${C.Arn}"}}},
                    "C": {**THING, "Metadata": {"V": call("GetAtt", "B", "Arn")}},
                    "B": {**THING, "Properties": {"V": [{"Ref": "E"}]}},
                    "A": {**THING, "DependsOn": "B"},
                }
            },
            [("$.Resources.B", "resources B, C, D and E need each other")],
        ),
    ],
)
def test_declarations_are_refused(sections: Json, expected: list[Problem]) -> None:
    """Sections and what they declare are of the right kinds, name what there is, and need each other in no circle."""
    assert told({"Resources": {"A": THING}, **sections}) == expected


@pytest.mark.parametrize(
    "sections",
    [
        {"Metadata": {"a": {"Ref": "Nowhere"}, "b": {"Fn::Own": 1}}, "Description": {"Ref": "Nowhere"}},
        {"Hooks": {"H": {"Properties": {"Ref": "Nowhere"}}}, "Transform": 1},
        {"Parameters": {"P": {"Type": "String", "Default": True, "AllowedValues": ["true", False]}}},
        {"Parameters": {"P": {"Type": "CommaDelimitedList", "Default": "a,b", "AllowedValues": ["a", "b"]}}},
        {
            "Parameters": {
                "P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a", "AllowedValues": ["/b"]},
                "Q": {"Type": "Number", "Default": "1", "AllowedValues": [1], "NoEcho": "true", "MaxValue": 2},
            }
        },
        {"Mappings": {"M": {"a": {"b": 1, "c": [], "d": [True, 0.5]}}}},
        {"Mappings": {"M": {"Fn::Transform": {"Name": "AWS::Include"}}, "N": {"a": {"Fn::Transform": {}}}}},
        {
            "Mappings": {"M": {"Fn::Transform": {"Name": "AWS::Include"}}},
            "Resources": {"A": {**THING, "Properties": {"V": call("FindInMap", "M", "a", "b")}}},
        },
        {
            "Parameters": {"P": {"Type": "List<AWS::EC2::Subnet::Id>"}},
            "Rules": {
                "R": {
                    "RuleCondition": call("Not", call("Contains", ["a"], {"Ref": "P"})),
                    "Assertions": [
                        {"Assert": call("EachMemberEquals", call("ValueOf", "P", "VpcId"), {"Ref": "AWS::Region"})},
                        {
                            "Assert": call(
                                "EachMemberIn", call("ValueOfAll", "AWS::EC2::VPC::Id", "Tags"), {"Fn::RefAll": "T"}
                            )
                        },
                        {"Assert": call("Or", call("Equals", 1, 1), call("And", *[call("Equals", 1, 1)] * 2))},
                    ],
                }
            },
        },
        # What is not certain to be looked up
        {
            "Conditions": {"C": call("Equals", 1, 2)},
            "Resources": {"A": {**THING, "Condition": "C", "Properties": {"V": call("Select", 3, ["a"])}}},
            "Outputs": {"O": {"Condition": "C", "Value": call("Select", 3, ["a"])}},
        },
        {
            "Mappings": {"M": {"a": {"b": "c"}}},
            "Rules": {"R": {"Assertions": [{"Assert": call("Equals", call("FindInMap", "M", "no", "no"), "x")}]}},
        },
        # No certain circle
        {
            "Conditions": {"C": call("Equals", 1, 2)},
            "Resources": {
                "A": {**THING, "Condition": "C", "DependsOn": "A"},
                "B": {**THING, "Properties": {"V": call("If", "C", {"Ref": "B"}, "x")}},
                "D": {**THING, "DependsOn": ["E", "E"]},
                "E": {**THING, "DependsOn": [], "UpdatePolicy": {"V": {"Ref": "D"}}},
            },
        },
        # What may still come
        {"Resources": {"A": {**THING, "Condition": {"Fn::Transform": {"Name": "Company::Name"}}}}},
        {"Resources": {"M": {"Type": "Company::S3::Bucket::MODULE"}, "A": {**THING, "DependsOn": ["MBucket", "A"]}}},
        {
            "Transform": "AWS::LanguageExtensions",
            "Resources": {"Fn::ForEach::L": [], "A": {**THING, "Properties": {"V": {"Ref": "Table1"}}}},
        },
        {
            "Resources": {"Fn::Transform": {"Name": "Any"}, "A": {"Properties": []}},
            "Outputs": {"O": {"Value": {"Ref": "X"}}},
        },
        {"Resources": {"A": {"Fn::Transform": {"Name": "Any"}}, "B": {**THING, "Properties": {"V": {"Ref": "A"}}}}},
        *(
            {
                "Transform": macro,
                "Resources": {
                    "A": {
                        "Type": "AWS::Serverless::Function",
                        "Condition": "C",
                        "DependsOn": "AA",
                        "Properties": {"V": {"Ref": "A"}},
                    },
                    "B": {
                        **THING,
                        "Properties": {"V": [{"Ref": "ARole"}, {"Fn::Sub": "${ARole.Arn}"}, call("If", "C", 1, 2)]},
                    },
                    "C": {**THING, "Properties": {"V": call("FindInMap", "M", "a", "b")}},
                },
            }
            for macro in (
                "AWS::Serverless-2016-10-31",
                ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
                {"Name": "AWS::Include", "Parameters": {"Location": "s3://x"}},
            )
        ),
        {"Fn::Transform": {"Name": "AWS::Include"}, "Outputs": {"O": {"Value": {"Ref": "X"}}}},
        # A macro that is nobody knows what
        {
            "Transform": ["AWS::LanguageExtensions", "Company::Own"],
            "Parameters": [],
            "Resources": {"A": {"Count": {"Fn::Own": 1}}},
        },
        # The extended language
        {
            "Transform": "AWS::LanguageExtensions",
            "Parameters": {"P": {"Type": "String"}},
            "Resources": {
                "A": {
                    **THING,
                    "DeletionPolicy": {"Ref": "P"},
                    "DependsOn": {"Fn::Sub": "${P}"},
                    "Condition": {"Fn::Sub": "${P}"},
                    "Properties": {
                        "V": [
                            *({"Ref": {"Fn::Sub": "${P}A"}}, call("GetAtt", {"Ref": "P"}, {"Ref": "P"})),
                            *({"Fn::Length": ["a"]}, {"Fn::ToJsonString": {"a": {"Ref": "P"}}}),
                            call("FindInMap", "No", "top", "one", {"DefaultValue": "x"}),
                        ]
                    },
                }
            },
        },
    ],
)
def test_declarations_are_accepted(sections: Json) -> None:
    """Nothing is told of what CloudFormation accepts or does not evaluate, nor of what a macro may define."""
    assert told({"Resources": {"A": THING}, **sections}) == []


@pytest.mark.parametrize(
    "macro", ["AWS::LanguageExtensions", ["AWS::SecretsManager-2024-09-16"], {"Name": "AWS::SecretsManager-2020-07-23"}]
)
def test_macros_that_define_no_names(macro: object) -> None:
    """With a macro that defines no names, names are judged as without it."""
    refused = [("$.Resources.Thing.Properties.V.Ref", "the template has no parameter or resource X")]
    assert told({**valued({"Ref": "X"}), "Transform": macro}) == refused


def test_macros_leave_functions_as_they_are() -> None:
    """A macro of AWS that defines names changes no function: its misuse is told."""
    refused = [("$.Resources.Thing.Properties.V['Fn::If']", f"Fn::If takes {IF}")]
    assert told({**valued(call("If", "Any")), "Transform": "AWS::Serverless-2016-10-31"}) == refused


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_good_templates(path: Path) -> None:
    """Nothing is told of the good templates of the other tests."""
    assert told(read_document(path.read_bytes(), path.name)) == []


def test_there_are_good_templates() -> None:
    """The templates of the other tests are found."""
    assert len(GOOD) > 50


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("AaPR${}.!:", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("Ref", "Condition", "Type", "Properties", "DependsOn", "Value", "A", "P", "", "Fn::Transform"),
                    *(
                        "Fn::Sub",
                        "Fn::GetAtt",
                        "Fn::If",
                        "Fn::Join",
                        "Fn::Select",
                        "Fn::FindInMap",
                        "Fn::And",
                        "Fn::Own",
                    ),
                    *("Fn::GetStackOutput", "Fn::ForEach::L", "Fn::ValueOf", "Fn::Split", "AllowedValues", "Default"),
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
SECTIONS = [
    "Conditions",
    "Mappings",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
    "Metadata",
    "Fn::Transform",
]


@given(st.dictionaries(st.sampled_from(SECTIONS), JSON | st.dictionaries(st.sampled_from("ABCP"), JSON, max_size=4)))
def test_any_json_is_judged(any_document: Json) -> None:
    """Whatever the document, each problem has a place in it and is told in one line."""
    for path, problem in told(any_document):
        assert path.startswith("$")
        assert problem
        assert "\n" not in problem


@given(st.permutations(["A", "B", "C", "D"]), st.permutations(["A", "B", "C", "D"]))
def test_order_does_not_matter(declared: list[str], named: list[str]) -> None:
    """The circles that are told do not hang on the order in which resources are declared or named."""
    needs = {"A": {"B"}, "B": {"A", "C"}, "C": {"D"}, "D": {"C"}}
    resources = {key: {**THING, "DependsOn": [name for name in named if name in needs[key]]} for key in declared}
    assert told({"Resources": resources}) == [
        ("$.Resources.A", "resources A and B need each other"),
        ("$.Resources.C", "resources C and D need each other"),
    ]


def test_problems_are_bounded() -> None:
    """Of very many problems the first are told, and that there are more."""
    found = told(valued([{"Ref": "X"}] * 101))
    assert found[0] == ("$.Resources.Thing.Properties.V[0].Ref", "the template has no parameter or resource X")
    assert found[100:] == [("$", "there are more than 100 problems; mend the others first")]
    assert len(told(valued([{"Ref": "X"}] * 100))) == 100


def test_repeated_text_is_bounded() -> None:
    """A text that aliases repeat without end is refused before it is read so often."""
    text = "x" * (MAX_TEMPLATE_BYTES // 2)
    too_long = "the text is longer than 1,048,576 characters; repeat less by aliases"
    assert told(valued([{"Fn::Sub": text}] * 60_000)) == [("$", too_long)]
    assert told(valued({"Fn::Sub": text})) == []
    longest: Json = {"Description": "x" * MAX_TEMPLATE_BYTES}
    assert told(longest) == []
    assert told({**longest, "Version": "x"}) == [("$", too_long)]


def test_long_circles() -> None:
    """A circle through thousands of resources is found without recursion."""
    count = 5_000
    resources: Json = {f"R{i}": {**THING, "DependsOn": f"R{(i + 1) % count}"} for i in range(count)}
    ((path, problem),) = told({"Resources": resources})
    assert path == "$.Resources.R0"
    assert problem.startswith("resources R0, R1, R10, R100, R1000, ")
    assert problem.endswith(", R998 and R999 need each other")
