"""CloudFormation's computing functions: what each gives, what stays unknown of it, what is refused, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies.calls import Resolved
from policies.errors import TemplateError, UndeterminedError
from policies.exploration import explore
from policies.intrinsics import resolve
from policies.nodes import Node
from policies.template import Template
from policies.values import MISSING, Missing, Origin, Text, Unknown
from policies.worlds import World

Json = dict[str, object]

DOCUMENT: Json = {
    "Parameters": {
        "Free": {"Type": "String"},
        "Stage": {"Type": "String", "AllowedValues": ["dev", "prod", "test"]},
        "Number": {"Type": "Number", "AllowedValues": [1]},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Versions": {"Type": "String", "AllowedValues": ["dev", "prod-1"]},
        "Colours": {"Type": "CommaDelimitedList", "AllowedValues": ["red", "blue"]},
        "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "AllowedValues": ["/a", "/b"]},
    },
    "Mappings": {
        "Map": {"top": {"one": "value", "list": ["x", "y"]}},
        "Stages": {"dev": {"size": "small", "kind": "d"}, "prod": {"size": "large"}},
        "Regions": {"eu-west-1": {"zone": "west"}, "eu-central-1": {"zone": "central"}},
    },
    "Conditions": {
        "Yes": {"Fn::Equals": ["a", "a"]},
        "No": {"Fn::Equals": ["a", "b"]},
        "IsZz": {"Fn::Equals": [{"Ref": "Free"}, "zz"]},
        "IsRed": {"Fn::Equals": [{"Fn::Select": [0, {"Ref": "Colours"}]}, "red"]},
    },
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table"},
        "Second": {"Type": "AWS::DynamoDB::Table"},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Custom": {"Type": "Custom::Thing"},
    },
}
TEMPLATE = Template("t", DOCUMENT)

FREE = Unknown("Ref Free", "parameter Free may be given any value")
SUBNETS = Unknown("Ref Subnets", "parameter Subnets may be given any value")
STORED = Unknown("Ref Stored", "parameter Stored is read from the SSM Parameter Store at deployment")
COLOURS = Unknown("Ref Colours", "parameter Colours may be given any value")
TABLE = Unknown("Ref Table", "Table is named at deployment", Origin.GENERATED, atomic=True)
QUEUE = Unknown("Ref Queue", "the id of Queue is known at deployment only", Origin.GENERATED)
CUSTOM = Unknown("Custom.Arn", "Custom.Arn is known at deployment only", Origin.COMPUTED)
PARTITION, REGION, ACCOUNT, STACK_NAME = (
    Unknown(f"AWS::{name}", f"AWS::{name} is known at deployment only", atomic=True)
    for name in ("Partition", "Region", "AccountId", "StackName")
)

NO_VALUE = {"Ref": "AWS::NoValue"}
TABLE_ARN = {"Fn::GetAtt": ["Table", "Arn"]}
STREAM_ARN = {"Fn::GetAtt": ["Table", "StreamArn"]}
CUSTOM_ARN = {"Fn::GetAtt": ["Custom", "Arn"]}
SIZE = {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "size"]}


def ref(name: object) -> Json:
    """Refer to something."""
    return {"Ref": name}


def function(name: str, *argument: object) -> Json:
    """Call a function with a list of arguments."""
    return {f"Fn::{name}": list(argument)}


def resolved(raw: object, *, defaults: bool = False) -> Resolved:
    """Resolve a value in the only world there is."""
    return resolve(World(TEMPLATE, defaults), raw, "$")[0]


def in_each_world(raw: object) -> list[tuple[tuple[str, ...], Resolved]]:
    """Resolve a value in all worlds, each told by what it assumes."""
    return [
        (world.assumptions, value)
        for world, value in explore(World(TEMPLATE), lambda world: resolve(world, raw, "$")[0])
    ]


def hidden(key: str, because: Unknown, origin: Origin = Origin.EXTERNAL) -> Text:
    """Expect an unknown that a function makes of another."""
    return Text.of(Unknown(key, because.reason, origin))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        # Fn::Join
        (function("Join", "-", []), Text.of()),
        (function("Join", "-", ["a", ref("Free"), 1, NO_VALUE, False]), Text.of("a-", FREE, "-1-false")),
        (function("Join", "-", ["", "a", ""]), Text.of("-a-")),
        (function("Join", "-", [NO_VALUE, "a"]), Text.of("a")),
        (function("Join", "-", [NO_VALUE]), Text.of()),
        (function("Join", "-", function("If", "No", ["a"], ["b", "c"])), Text.of("b-c")),
        (function("Join", "", ref("Subnets")), hidden('Fn::Join ["", {"Ref": "Subnets"}]', SUBNETS)),
        (
            function("Join", "", CUSTOM_ARN),
            Text.of(Unknown('Fn::Join ["", {"Fn::GetAtt": ["Custom", "Arn"]}]', CUSTOM.reason, Origin.COMPUTED)),
        ),
        # Fn::Select
        (function("Select", 1, ["a", "b"]), Text.of("b")),
        (function("Select", "0", [ref("Free")]), Text.of(FREE)),
        (function("Select", 1, ["a", ["b"]]), ["b"]),
        (function("Select", 0, [NO_VALUE, "a", "b"]), Text.of("a")),
        (
            function("Select", 0, [function("If", "No", "a", NO_VALUE), function("If", "Yes", "b", NO_VALUE)]),
            Text.of("b"),
        ),
        (function("Select", {"Fn::Length": ["a"]}, ["a", "b"]), Text.of("b")),
        (function("Select", 0, ref("Subnets")), hidden("item 0 of Ref Subnets", SUBNETS)),
        (function("Select", "0", ref("Subnets")), hidden("item 0 of Ref Subnets", SUBNETS)),
        # What is allowed is a name in the store.
        (function("Select", 0, ref("Stored")), hidden("item 0 of Ref Stored", STORED)),
        (
            function("Select", ref("Free"), ref("Subnets")),
            hidden('Fn::Select [{"Ref": "Free"}, {"Ref": "Subnets"}]', FREE),
        ),
        (
            function("Select", {"Fn::Sub": "${Free}${AWS::Region}"}, [ref("Table")]),
            hidden('Fn::Select [{"Fn::Sub": "${Free}${AWS::Region}"}, [{"Ref": "Table"}]]', FREE, Origin.COMPUTED),
        ),
        # Fn::Split
        (function("Select", 1, function("Split", ",", "a,b")), Text.of("b")),
        (function("Join", "-", function("Split", ",", "a,b,")), Text.of("a-b-")),
        (function("Join", "-", function("Split", "aa", "aaaba")), Text.of("-aba")),
        (function("Select", 1, function("Split", "/", TABLE_ARN)), Text.of(TABLE)),
        (function("Select", 4, function("Split", ":", TABLE_ARN)), Text.of(ACCOUNT)),
        (function("Select", 5, function("Split", ":", TABLE_ARN)), Text.of("table/", TABLE)),
        (function("Select", 1, function("Split", "/", STREAM_ARN)), Text.of(TABLE)),
        (function("Select", 1, function("Split", "table/", TABLE_ARN)), Text.of(TABLE)),
        (function("Select", 1, function("Split", ":table/", TABLE_ARN)), Text.of(TABLE)),
        (
            function("Select", 0, function("Split", "/stream/", STREAM_ARN)),
            Text.of("arn:", PARTITION, ":dynamodb:", REGION, ":", ACCOUNT, ":table/", TABLE),
        ),
        (
            function("Select", 1, function("Split", "/", function("Select", 5, function("Split", ":", TABLE_ARN)))),
            Text.of(TABLE),
        ),
        (function("Select", 0, function("Split", "-", {"Fn::Sub": "prod-${Free}"})), Text.of("prod")),
        (
            # A region may be called "x", by all that is known of its name.
            function("Select", 0, function("Split", "/x/", {"Fn::Sub": "a/x/b/${AWS::Region}/x/${AWS::Region}"})),
            Text.of("a"),
        ),
        (
            function("Select", 1, function("Split", "/x/", {"Fn::Sub": "a/x/b/${AWS::Region}/x/${AWS::Region}"})),
            hidden('item 1 of Fn::Split ["/x/", "a/x/b/${AWS::Region}/x/${AWS::Region}"]', REGION),
        ),
        (
            function("Select", 1, function("Split", ":a/", {"Fn::Sub": ":${AWS::Region}a/"})),
            hidden('item 1 of Fn::Split [":a/", ":${AWS::Region}a/"]', REGION),
        ),
        (
            # A region may end with "a", and another begin with "b".
            function("Select", 0, function("Split", "a:b", {"Fn::Sub": "x${AWS::Region}:${AWS::Region}"})),
            hidden('item 0 of Fn::Split ["a:b", "x${AWS::Region}:${AWS::Region}"]', REGION),
        ),
        # A name holds no colon: what stands before it would have to begin the separator.
        (
            function("Select", 1, function("Split", ":b", {"Fn::Sub": "a:bx${Table}"})),
            Text.of("x", TABLE),
        ),
        (
            function("Select", 0, function("Split", "X", {"Fn::Sub": "a${Table}"})),
            hidden('item 0 of Fn::Split ["X", "a${Ref Table}"]', TABLE, Origin.COMPUTED),
        ),
        (
            function("Select", 1, function("Split", "a:", {"Fn::Sub": "${Table}:x"})),
            hidden('item 1 of Fn::Split ["a:", "${Ref Table}:x"]', TABLE, Origin.COMPUTED),
        ),
        (
            function("Select", 1, function("Split", "-", {"Fn::Sub": "prod-${Free}"})),
            hidden('item 1 of Fn::Split ["-", "prod-${Ref Free}"]', FREE),
        ),
        (function("Select", 1, function("Split", "/", ref("AWS::StackId"))), Text.of(STACK_NAME)),
        (function("Select", 3, function("Split", ":", ref("AWS::StackId"))), Text.of(REGION)),
        (
            function("Select", 0, function("Split", "-", ref("Table"))),
            hidden('item 0 of Fn::Split ["-", "${Ref Table}"]', TABLE, Origin.COMPUTED),
        ),
        # Fn::FindInMap
        (function("FindInMap", "Map", "top", "one"), Text.of("value")),
        (function("FindInMap", "Map", "top", "list"), ["x", "y"]),
        (function("FindInMap", "Map", "top", "none", {"DefaultValue": ref("Free")}), Text.of(FREE)),
        (function("FindInMap", "Map", "top", "none", {"DefaultValue": NO_VALUE}), MISSING),
        (function("FindInMap", "Map", "none", "one", {"DefaultValue": "other"}), Text.of("other")),
        (function("FindInMap", "None", "top", "one", {"DefaultValue": "other"}), Text.of("other")),
        (function("FindInMap", "Map", "top", "one", {"DefaultValue": "other"}), Text.of("value")),
        (function("FindInMap", "Map", function("Select", 1, ["a", "top"]), {"Fn::Sub": "one"}), Text.of("value")),
        (function("Select", 1, function("FindInMap", "Map", "top", "list")), Text.of("y")),
        ({"Fn::Length": function("FindInMap", "Map", "top", "list")}, 2),
        (
            function("FindInMap", "Regions", {"Fn::Sub": "${Free}-${AWS::Region}"}, "zone"),
            hidden('Fn::FindInMap ["Regions", {"Fn::Sub": "${Free}-${AWS::Region}"}, "zone"]', FREE, Origin.COMPUTED),
        ),
        # Fn::Base64
        ({"Fn::Base64": "é"}, Text.of("w6k=")),
        ({"Fn::Base64": ""}, Text.of()),
        ({"Fn::Base64": 1}, Text.of("MQ==")),
        ({"Fn::Base64": "\ud800"}, Text.of("7aCA")),
        ({"Fn::Base64": ref("Free")}, hidden("Fn::Base64 of ${Ref Free}", FREE)),
        (
            {"Fn::Base64": {"Fn::Sub": "abcde${Free}$"}},
            Text.of("YWJj", *hidden("Fn::Base64 of 6465${Ref Free}$$", FREE).parts),
        ),
        (
            {"Fn::Base64": {"Fn::Sub": "abcdef${Free}"}},
            Text.of("YWJjZGVm", *hidden("Fn::Base64 of ${Ref Free}", FREE).parts),
        ),
        ({"Fn::Base64": ref("Table")}, hidden("Fn::Base64 of ${Ref Table}", TABLE, Origin.GENERATED)),
        (
            {"Fn::Base64": {"Fn::Sub": "${Table}${Free}"}},
            hidden("Fn::Base64 of ${Ref Table}${Ref Free}", TABLE, Origin.COMPUTED),
        ),
        # Fn::Length
        ({"Fn::Length": ["a", "b"]}, 2),
        ({"Fn::Length": []}, 0),
        ({"Fn::Length": ["a", NO_VALUE, ["b", "c"]]}, 2),
        ({"Fn::Length": function("Split", ",", "a,b,c")}, 3),
        ({"Fn::Length": function("Split", ":", TABLE_ARN)}, 6),
        ({"Fn::Length": ref("Subnets")}, hidden('Fn::Length {"Ref": "Subnets"}', SUBNETS)),
        # Fn::Cidr
        (
            function("Cidr", "192.168.0.0/24", "6", "5"),
            [Text.of(f"192.168.0.{32 * i}/27") for i in range(6)],
        ),
        (function("Cidr", "10.0.0.0/16", 1, 16), [Text.of("10.0.0.0/16")]),
        (function("Cidr", "10.0.0.255/30", 1, 1), [Text.of("10.0.0.252/31")]),
        (
            function("Cidr", "2001:db8::/56", 2, 64),
            [Text.of("2001:db8::/64"), Text.of("2001:db8:0:1::/64")],
        ),
        (function("Select", 255, function("Cidr", "10.0.0.0/16", 256, 8)), Text.of("10.0.255.0/24")),
        (function("Cidr", ref("Free"), 2, 8), hidden('Fn::Cidr [{"Ref": "Free"}, 2, 8]', FREE)),
        (
            function("Cidr", "10.0.0.0/16", 2),
            Text.of(
                Unknown('Fn::Cidr ["10.0.0.0/16", 2]', "how many bits Fn::Cidr takes by default is not documented")
            ),
        ),
        # Fn::GetAZs
        (
            {"Fn::GetAZs": ""},
            Text.of(Unknown('Fn::GetAZs ""', "what Fn::GetAZs gives is known at deployment only")),
        ),
        (
            {"Fn::GetAZs": None},
            Text.of(Unknown("Fn::GetAZs null", "what Fn::GetAZs gives is known at deployment only")),
        ),
        (
            function("Select", 0, {"Fn::GetAZs": ref("AWS::Region")}),
            Text.of(
                Unknown(
                    'item 0 of Fn::GetAZs {"Ref": "AWS::Region"}', "what Fn::GetAZs gives is known at deployment only"
                )
            ),
        ),
        # Fn::ToJsonString
        ({"Fn::ToJsonString": {}}, Text.of("{}")),
        ({"Fn::ToJsonString": [NO_VALUE]}, Text.of("[]")),
        ({"Fn::ToJsonString": [["a"], {"b": 1}]}, Text.of('[["a"],{"b":1}]')),
        (
            {"Fn::ToJsonString": {"z": "1", "a": 2, "é": [True, 0.5, 'qé"\\']}},
            Text.of('{"z":"1","a":2,"é":[true,0.5,"qé\\"\\\\"]}'),
        ),
        ({"Fn::ToJsonString": {"a": NO_VALUE, "b": [NO_VALUE, "c"], "d": NO_VALUE}}, Text.of('{"b":["c"]}')),
        ({"Fn::ToJsonString": function("Split", "/", "a/b")}, Text.of('["a","b"]')),
        ({"Fn::ToJsonString": {"a": {"Fn::ToJsonString": ["b"]}}}, Text.of('{"a":"[\\"b\\"]"}')),
        ({"Fn::ToJsonString": function("If", "Yes", {"a": ref("Table")}, "b")}, Text.of('{"a":"', TABLE, '"}')),
        ({"Fn::ToJsonString": [ref("Free")]}, Text.of("[", *hidden("Fn::ToJsonString of Ref Free", FREE).parts, "]")),
        (
            {"Fn::ToJsonString": [{"Fn::Sub": "x${Free}"}]},
            Text.of('["x', *hidden("Ref Free in JSON", FREE).parts, '"]'),
        ),
        (
            {"Fn::ToJsonString": [{"Fn::Sub": "x${Queue}"}]},
            Text.of('["x', *hidden("Ref Queue in JSON", QUEUE, Origin.COMPUTED).parts, '"]'),
        ),
        ({"Fn::ToJsonString": ref("Subnets")}, hidden('Fn::ToJsonString {"Ref": "Subnets"}', SUBNETS)),
    ],
)
def test_resolved(raw: object, value: Resolved) -> None:
    """A call of a function resolves to this."""
    assert resolved(raw) == value


def test_lists_of_a_known_parameter() -> None:
    """A list parameter whose value is known is a list like any other."""
    assert resolved(function("Select", 1, ref("Names")), defaults=True) == Text.of("b")
    assert resolved({"Fn::Length": ref("Names")}, defaults=True) == 2
    assert resolved(function("Join", "-", ref("Names")), defaults=True) == Text.of("a-b")
    assert resolved({"Fn::ToJsonString": ref("Names")}, defaults=True) == Text.of('["a","b"]')


def test_items_of_a_split() -> None:
    """What Fn::Split gives is a list of strings like any other."""
    split = Node(World(TEMPLATE), function("Split", ",", "a,b"), "$.Here")
    assert [item.string() for item in split.items()] == ["a", "b"]
    assert [item.string() for item in split.one_or_more()] == ["a", "b"]


def test_an_item_that_is_there_in_no_world() -> None:
    """What no list of items has is an error wherever it is read, whatever is assumed there."""
    with pytest.raises(TemplateError) as raised:
        in_each_world(function("If", "IsZz", function("Select", 1, ["a"]), "other"))
    assert (raised.value.path, raised.value.problem) == (
        "$['Fn::If'][1]['Fn::Select']",
        "there is no item 1 in this list of 1",
    )


def test_a_value_that_is_split_and_spelled_twice() -> None:
    """The items of one value are the same, however the value is spelled."""
    plain, substituted = (function("Split", "-", raw) for raw in (ref("Free"), {"Fn::Sub": "${Free}"}))
    assert resolved(function("Select", 0, plain)) == resolved(function("Select", 0, substituted))


@pytest.mark.parametrize(
    ("raw", "worlds"),
    [
        # A deployment whose parameter is no key of the map fails: there is no such world.
        (SIZE, [(('Stage is "dev"',), "small"), (('Stage is "prod"',), "large")]),
        (function("FindInMap", "Stages", ref("Stage"), "kind"), [(('Stage is "dev"',), "d")]),
        (
            function("FindInMap", "Stages", ref("Stage"), "kind", {"DefaultValue": "none"}),
            [(('Stage is "dev"',), "d"), (('Stage is not "dev"',), "none")],
        ),
        (
            function("FindInMap", "Stages", ref("Free"), "size"),
            [(('Free is "dev"',), "small"), (('Free is "prod"',), "large")],
        ),
        (
            function("FindInMap", "Stages", {"Fn::Sub": "${Free}v"}, "size", {"DefaultValue": "none"}),
            [(('Free is "de"',), "small"), (('Free is not "de"',), "none")],
        ),
        (
            function("FindInMap", "Regions", ref("AWS::Region"), "zone"),
            [(('AWS::Region is "eu-west-1"',), "west"), (('AWS::Region is "eu-central-1"',), "central")],
        ),
        (
            function("FindInMap", "Stages", "dev", ref("Free")),
            [(('Free is "size"',), "small"), (('Free is "kind"',), "d")],
        ),
        (
            function("FindInMap", ref("Free"), "dev", "size"),
            [(('Free is "Stages"',), "small")],
        ),
        (
            function("FindInMap", "Stages", ref("Free"), ref("AWS::Region")),
            [
                (('AWS::Region is "size"', 'Free is "dev"'), "small"),
                (('AWS::Region is "kind"', 'Free is "dev"'), "d"),
                (('AWS::Region is "size"', 'Free is "prod"'), "large"),
            ],
        ),
        (
            function("Join", "", [SIZE, "-", SIZE]),
            [(('Stage is "dev"',), "small-small"), (('Stage is "prod"',), "large-large")],
        ),
        (function("Select", ref("Number"), ["a", "b"]), [((), "b")]),
        # So does one whose parameter is no index of the list.
        (
            function("Select", ref("Free"), ["a", NO_VALUE, "b"]),
            [(('Free is "0"',), "a"), (('Free is "1"',), "b")],
        ),
        (
            function("If", "IsZz", function("Select", 1, function("Split", "-", ref("Free"))), "other"),
            [(("IsZz is false", 'Free is not "zz"'), "other")],
        ),
        (function("Select", 1, function("Split", "-", ref("Versions"))), [(('Versions is "prod-1"',), "1")]),
        # Each item of a list parameter is one of its allowed values.
        (
            function("Select", 0, ref("Colours")),
            [(('item 0 of Ref Colours is "red"',), "red"), (('item 0 of Ref Colours is "blue"',), "blue")],
        ),
        (
            function("If", "IsRed", function("Select", "0", ref("Colours")), "other"),
            [
                (("IsRed is true", 'item 0 of Ref Colours is "red"'), "red"),
                (("IsRed is false", 'item 0 of Ref Colours is "blue"'), "other"),
            ],
        ),
    ],
)
def test_worlds(raw: object, worlds: list[tuple[tuple[str, ...], str]]) -> None:
    """An open key or index spreads out over what it may be."""
    assert in_each_world(raw) == [(assumptions, Text.of(value)) for assumptions, value in worlds]


def test_a_macro_may_define_a_mapping() -> None:
    """What is not found where a macro adds to the Mappings is unknown, and what is found is known."""
    transform = {"Name": "AWS::Include"}
    for mappings in ({"Fn::Transform": transform}, {"Map": {"Fn::Transform": transform, "top": {"one": "value"}}}):
        template = Template("t", {"Mappings": mappings, "Resources": {"A": {"Type": "X"}}})
        raw = function("FindInMap", "Map", "other", "one")
        key, reason = 'Fn::FindInMap ["Map", "other", "one"]', "a macro may define the mapping at deployment"
        assert resolve(World(template), raw, "$")[0] == Text.of(Unknown(key, reason, Origin.COMPUTED))
    assert resolve(World(template), function("FindInMap", "Map", "top", "one"), "$")[0] == Text.of("value")


@pytest.mark.parametrize(
    ("raw", "path", "problem"),
    [
        *(
            ({"Fn::Join": wrong}, "$['Fn::Join']", "Fn::Join takes a separator and a list")
            for wrong in ("a", [], ["-"], ["-", [], 1], [1, []], None)
        ),
        (function("Join", "-", "a"), "$['Fn::Join'][1]", "a list is expected here"),
        (function("Join", "-", NO_VALUE), "$['Fn::Join'][1]", "a list is expected here"),
        (function("Join", "-", ["a", ["b"]]), "$['Fn::Join'][1][1]", "a string is expected here"),
        (function("Join", "-", ["a", None]), "$['Fn::Join'][1][1]", "a string is expected here"),
        (function("Join", "-", [None]), "$['Fn::Join'][1][0]", "a string is expected here"),
        *(
            ({"Fn::Select": wrong}, "$['Fn::Select']", "Fn::Select takes an index and a list")
            for wrong in ("a", [], [0], [0, [], 1], None)
        ),
        (function("Select", 2, ["a", "b"]), "$['Fn::Select']", "there is no item 2 in this list of 2"),
        (function("Select", 1, ["a", NO_VALUE]), "$['Fn::Select']", "there is no item 1 in this list of 1"),
        (function("Select", -1, ["a", "b"]), "$['Fn::Select']", "there is no item -1 in this list of 2"),
        (function("Select", "x", ["a", "b"]), "$['Fn::Select']", "there is no item x in this list of 2"),
        (function("Select", "x", ref("Subnets")), "$['Fn::Select']", "there is no item x in any list"),
        (function("Select", "²", ref("Subnets")), "$['Fn::Select']", "there is no item ² in any list"),
        (function("Select", True, ["a", "b"]), "$['Fn::Select']", "there is no item true in this list of 2"),
        (
            function("Select", ref("Free"), []),
            "$['Fn::Select']",
            "there is no item that Ref Free may be in this list of 0",
        ),
        (
            function("Select", ref("Stage"), ["a"]),
            "$['Fn::Select']",
            "there is no item that Ref Stage may be in this list of 1",
        ),
        (function("Select", 0, {"a": 1}), "$['Fn::Select'][1]", "a list is expected here"),
        (function("Select", 0, NO_VALUE), "$['Fn::Select'][1]", "a list is expected here"),
        (function("Select", NO_VALUE, ["a"]), "$['Fn::Select'][0]", "a string is expected here"),
        *(
            ({"Fn::Split": wrong}, "$['Fn::Split']", "Fn::Split takes a separator and a string")
            for wrong in ("a", [], [","], ["", "a"], [1, "a"], [",", "a", "b"], None)
        ),
        (function("Split", ",", ["a"]), "$['Fn::Split'][1]", "a string is expected here"),
        (function("Split", ",", NO_VALUE), "$['Fn::Split'][1]", "a string is expected here"),
        *(
            (
                {"Fn::FindInMap": wrong},
                "$['Fn::FindInMap']",
                "Fn::FindInMap takes a map's name, a top level key and a second level key",
            )
            for wrong in ("a", [], ["Map", "top"], ["Map", "top", "one", "x"], ["a", "b", "c", {}, 1], None)
        ),
        (function("FindInMap", "Map", "top", "none"), "$['Fn::FindInMap']", "no mapping has Map.top.none"),
        (function("FindInMap", "No", "top", "one"), "$['Fn::FindInMap']", "no mapping has No.top.one"),
        (function("FindInMap", "Map", ref("Stage"), "one"), "$['Fn::FindInMap']", "no mapping has Map.Ref Stage.one"),
        (function("FindInMap", "Map", "top", []), "$['Fn::FindInMap'][2]", "a string is expected here"),
        (function("FindInMap", "Map", NO_VALUE, "one"), "$['Fn::FindInMap'][1]", "a string is expected here"),
        (
            function("FindInMap", "Map", "top", "none", {"DefaultValue": function("Join", 1, [])}),
            "$['Fn::FindInMap'][3].DefaultValue['Fn::Join']",
            "Fn::Join takes a separator and a list",
        ),
        ({"Fn::Base64": []}, "$['Fn::Base64']", "a string is expected here"),
        ({"Fn::Base64": NO_VALUE}, "$['Fn::Base64']", "a string is expected here"),
        ({"Fn::Length": "a"}, "$['Fn::Length']", "a list is expected here"),
        ({"Fn::Length": NO_VALUE}, "$['Fn::Length']", "a list is expected here"),
        ({"Fn::GetAZs": []}, "$['Fn::GetAZs']", "a string is expected here"),
        ({"Fn::GetAZs": NO_VALUE}, "$['Fn::GetAZs']", "a string is expected here"),
        *(
            ({"Fn::Cidr": wrong}, "$['Fn::Cidr']", "Fn::Cidr takes an IP block, a count and a number of bits")
            for wrong in ("a", [], ["10.0.0.0/16"], ["10.0.0.0/16", 1, 1, 1], None)
        ),
        *(
            (function("Cidr", wrong, 1, 8), "$['Fn::Cidr'][0]", "an IP block such as 10.0.0.0/16 is expected here")
            for wrong in ("", "a", "10.0.0.0/33", "10.0.0/16", "::/129", "1" * 5000)
        ),
        *(
            (function("Cidr", "10.0.0.0/16", wrong, 8), "$['Fn::Cidr'][1]", "a number from 1 to 256 is expected here")
            for wrong in (0, -1, 257, "x", "9" * 5000, 1.5)
        ),
        (function("Cidr", "10.0.0.0/16", 1, 33), "$['Fn::Cidr'][2]", "a number from 1 to 32 is expected here"),
        (function("Cidr", "::/16", 1, 0), "$['Fn::Cidr'][2]", "a number from 1 to 128 is expected here"),
        (function("Cidr", "10.0.0.0/24", 5, 6), "$['Fn::Cidr']", "10.0.0.0/24 has no room for 5 blocks of 6 bits"),
        (function("Cidr", "10.0.0.0/24", 1, 9), "$['Fn::Cidr']", "10.0.0.0/24 has no room for 1 blocks of 9 bits"),
        (function("Cidr", NO_VALUE, 1, 8), "$['Fn::Cidr'][0]", "a string is expected here"),
        *(
            ({"Fn::ToJsonString": wrong}, "$['Fn::ToJsonString']", "Fn::ToJsonString takes an object or a list")
            for wrong in ("a", 1, True, None, NO_VALUE)
        ),
        ({"Fn::ToJsonString": {"a b": [None]}}, "$['Fn::ToJsonString']['a b'][0]", "a string is expected here"),
    ],
)
def test_refused(raw: object, path: str, problem: str) -> None:
    """What CloudFormation refuses is an error at its place."""
    with pytest.raises(TemplateError) as raised:
        resolved(raw)
    assert (raised.value.path, raised.value.problem) == (path, problem)


def steps(raw: object) -> int:
    """Return how many values are counted that it takes to resolve a value."""
    world = World(TEMPLATE)
    resolve(world, raw, "$")
    return world.steps["resolved"]


@pytest.mark.parametrize(
    ("long", "short", "cost"),
    [
        (function("Split", "x" * 1000, ref("Free")), function("Split", "x", ref("Free")), 1000),
        (
            function("Split", "x" * 1000, {"Fn::Sub": "${Free}${AWS::Region}"}),
            function("Split", "x", {"Fn::Sub": "${Free}${AWS::Region}"}),
            2000,
        ),
        (function("Split", ",", "," * 4000), function("Split", ",", "x" * 4000), 1000),
        (function("Split", ",", ",x" * 2000), function("Split", ",", "x" * 4000), 500),
    ],
)
def test_cost_of_a_split(long: object, short: object, cost: int) -> None:
    """A split costs as its separator's length squared for each unknown part, and as the separators that it finds."""
    assert steps(long) - steps(short) == cost


def test_cost_of_a_select() -> None:
    """Only calls in a long list are resolved to count its items."""
    assert steps(function("Select", 0, ["a"] * 1000)) - steps(function("Select", 0, ["a"])) == 100
    calls: list[object] = [NO_VALUE] * 999
    assert steps(function("Select", 0, [*calls, "a"])) - steps(function("Select", 0, ["a"])) == 1099


def test_an_index_of_any_length() -> None:
    """An index that Python's int() refuses to read is no item of the list, like any other that is too large."""
    index = "9" * 5000
    with pytest.raises(TemplateError) as raised:
        resolved(function("Select", index, ["a"]))
    assert raised.value.problem == f"there is no item {index} in this list of 1"


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        ({"Fn::Base64": ref("Table")}, "abc", False),
        ({"Fn::Base64": ref("Table")}, ref("Free"), False),
        ({"Fn::Base64": ref("Table")}, ref("Table"), False),
        ({"Fn::Base64": ref("Table")}, {"Fn::Base64": {"Fn::Sub": "${Table}"}}, True),
        ({"Fn::Base64": ref("Table")}, {"Fn::Base64": ref("Second")}, False),
        ({"Fn::Base64": {"Fn::Sub": "abc${Table}"}}, {"Fn::Base64": ref("Table")}, False),
        ({"Fn::Base64": {"Fn::Sub": "${Table}${Free}"}}, {"Fn::Base64": {"Fn::Sub": "${Table}${AWS::Region}"}}, None),
        ({"Fn::Base64": {"Fn::Sub": "abc${Free}"}}, "YWJjZA==", None),
        ({"Fn::Base64": {"Fn::Sub": "abc${Free}"}}, "eHl6ZA==", False),
        (function("Select", 1, function("Split", "-", {"Fn::Sub": "a-${Free}"})), "b", None),
        # No item holds what separates them.
        (function("Select", 1, function("Split", "-", {"Fn::Sub": "a-${Free}"})), "b-c", False),
        (function("Select", 0, ref("Subnets")), "b-c", None),
        (function("Select", 0, ref("Subnets")), "XXXX", None),
        (function("Select", 0, ref("Subnets")), ref("Table"), False),
        (function("Join", "", ref("Subnets")), ref("Table"), False),
        (function("Select", 0, function("Split", "-", ref("Table"))), "abc", None),
        (function("Join", "", CUSTOM_ARN), ref("Table"), None),
        ({"Fn::ToJsonString": {"a": ref("Table")}}, {"Fn::Sub": '{"a":"${Table}"}'}, True),
        ({"Fn::ToJsonString": [ref("Queue")]}, {"Fn::Sub": '["${Queue}"]'}, None),
        (
            function("Join", "", function("Split", "x", {"Fn::ToJsonString": {"a": ref("Free"), "b": ref("Free")}})),
            function("Join", "", function("Split", "x", {"Fn::ToJsonString": {"b": ref("Free"), "a": ref("Free")}})),
            None,
        ),
    ],
)
def test_same(left: object, right: object, answer: bool | None) -> None:
    """What two calls give is the same, is not, or nobody knows."""
    one, other = resolved(left), resolved(right)
    assert isinstance(one, Text)
    assert isinstance(other, Text)
    assert one.same(other).value is answer
    assert other.same(one).value is answer


@pytest.mark.parametrize(
    "outer",
    [
        lambda inner: function("Join", "", [inner, "x" * 9999, inner]),
        lambda inner: {"Fn::ToJsonString": ["x" * 999, inner]},
        lambda inner: {"Fn::Base64": function("Join", "", [inner, "x" * 9999, inner])},
        lambda inner: function("Split", "x" * 99, function("Join", "x" * 98, [inner] * 9999)),
    ],
)
def test_what_grows_beyond_bounds_is_undetermined(outer: Callable[[Json], Json]) -> None:
    """Calls within calls, each longer than the one before, end before time and memory do."""
    raw = ref("Free")
    for _ in range(45):
        raw = outer(raw)
    with pytest.raises(UndeterminedError) as raised:
        resolved(raw)
    assert raised.value.reason == "more than 300000 values would have to be resolved"


VALUES = ("", "a", ":", "a:b", "b/a", "1", "0", "abc:a:", "k", "{{")
"""What the open parameter of the laws may be given."""
KEYS = ("a", "b", "1", "k")
_OPEN: Json = {"Ref": "P"}


def _expressions() -> st.SearchStrategy[object]:
    """Generate expressions over one open parameter, most of which come to a string."""
    leaves = st.one_of(st.just(_OPEN), st.sampled_from(["", "a", "b:", "a/b", ":", "1", "xyz", 0, 1, NO_VALUE]))

    def calls(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
        lists = st.lists(inner, max_size=3)
        split = st.builds(
            lambda by, whole: function("Split", by, whole), st.sampled_from([":", "/", "a", "ab", ":a"]), inner
        )
        some = st.one_of(lists, split)
        index = st.one_of(st.sampled_from([0, 1, "2"]), st.just(_OPEN))
        return st.one_of(
            st.builds(lambda by, items: function("Join", by, items), st.sampled_from(["", ":", "a"]), some),
            st.builds(lambda at, items: function("Select", at, items), index, some),
            st.builds(lambda whole: {"Fn::Base64": whole}, inner),
            st.builds(lambda items: {"Fn::Length": items}, some),
            st.builds(
                lambda items: {"Fn::ToJsonString": items},
                st.one_of(some, st.dictionaries(st.sampled_from(KEYS), inner)),
            ),
            st.builds(lambda x: {"Fn::Sub": ["a${x}:${P}", {"x": x}]}, inner),
            st.builds(lambda a, b: function("If", "IsA", a, b), inner, inner),
            st.builds(lambda top, key: function("FindInMap", "M", top, key), inner, inner),
            st.builds(
                lambda top, key, d: function("FindInMap", "M", top, key, {"DefaultValue": d}), inner, inner, inner
            ),
        )

    return st.recursive(leaves, calls, max_leaves=6)


def _template(**parameter: object) -> Template:
    """Return a template whose parameter P is declared so."""
    return Template(
        "t",
        {
            "Parameters": {"P": {"Type": "String", **parameter}},
            "Conditions": {"IsA": {"Fn::Equals": [_OPEN, "a"]}},
            "Mappings": {"M": {"a": {"a": "a", "b": "x"}, "b": {"1": "y", "k": ["z", "a:"]}}},
            "Resources": {"A": {"Type": "X"}},
        },
    )


OPEN = _template()
GIVEN = {value: _template(AllowedValues=[value]) for value in VALUES}


def _outcomes(template: Template, raw: object) -> Iterator[tuple[World, object]]:
    """Resolve an expression to its last member, in each world; an error stands for itself."""

    def run(world: World) -> object:
        try:
            return _whole(world, raw, "$")
        except TemplateError as error:
            return error

    return explore(World(template), run)


def _whole(world: World, raw: object, path: str) -> object:
    value, place = resolve(world, raw, path)
    return [_whole(world, item, place) for item in value] if isinstance(value, list) else value


def _may_become(open_value: object, value: object) -> bool:
    """Tell whether what was resolved for an unknown does not rule out what it is for one value of it."""
    if isinstance(open_value, Text) and len(open_value.parts) == len(open_value.unknowns) == 1:
        return True
    if isinstance(open_value, list) and isinstance(value, list):
        return len(open_value) == len(value) and all(map(_may_become, open_value, value))
    if isinstance(open_value, Text) and isinstance(value, Text):
        return open_value.same(value).value is not False
    if isinstance(open_value, Missing | TemplateError):
        return type(open_value) is type(value)
    return type(open_value) is type(value) and open_value == value


def _is_of(world: World, value: str) -> bool:
    """Tell whether a deployment that gives the open parameter a value can come to a world."""
    return world.assumed.bound.get("Ref P", value) == value and value not in world.assumed.not_among("Ref P")


@given(_expressions())
@example(function("Select", 1, function("Split", ":", {"Fn::Sub": "a:${P}"})))
@example(function("Select", _OPEN, ["a", "b"]))
@example(function("FindInMap", "M", _OPEN, "1", {"DefaultValue": _OPEN}))
@example(function("FindInMap", "M", function("Join", "", function("Split", ":", _OPEN)), _OPEN, {"DefaultValue": "d"}))
@example(function("Join", "a", function("Split", ":a", {"Fn::Sub": ["${x}a${P}", {"x": _OPEN}]})))
def test_what_is_said_of_an_unknown_holds_for_each_value(raw: object) -> None:
    """What an expression comes to for a value is, in a world of that value, not ruled out by what is said of it."""
    worlds = list(_outcomes(OPEN, raw))
    for value, template in GIVEN.items():
        ((_, told),) = _outcomes(template, raw)
        here = [said for world, said in worlds if _is_of(world, value)]
        # A value that is refused says nothing of the others; one that is not must not be said to be.
        assert isinstance(told, TemplateError) or any(_may_become(said, told) for said in here), (value, told, here)


@given(_expressions(), _expressions())
@example({"Fn::Base64": {"Fn::Sub": "abc${P}"}}, {"Fn::Base64": {"Fn::Sub": "ab${P}"}})
@example({"Fn::ToJsonString": [_OPEN]}, {"Fn::Sub": '["${P}"]'})
def test_what_is_said_of_two_unknowns_holds_for_each_value(left: object, right: object) -> None:
    """Where two expressions are said to be the same, or not to be, they are so for each value."""
    worlds = list(_outcomes(OPEN, [left, right]))
    for value, template in GIVEN.items():
        ((_, told),) = _outcomes(template, [left, right])
        for world, said in worlds:
            # A world that also assumes what a call gives may be one that no value comes to.
            if _is_of(world, value) and {*world.assumed.bound, *world.assumed.excluded} <= {"Ref P"}:
                match said, told:
                    case [Text() as a, Text() as b], [Text() as c, Text() as d]:
                        assert a.same(b).value in {None, c == d}, (value, said, told)
