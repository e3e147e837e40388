"""CloudFormation's functions: what each gives, what stays unknown, what is refused, and where."""

import pytest

from policies.errors import TemplateError, UndeterminedError
from policies.intrinsics import Resolved, resolve
from policies.nodes import Node
from policies.template import Template
from policies.values import MISSING, Origin, Text, Unknown
from policies.worlds import World

Json = dict[str, object]

TEMPLATE = Template(
    "t",
    {
        "Parameters": {
            "Free": {"Type": "String"},
            "Only": {"Type": "String", "AllowedValues": ["only"]},
            "Number": {"Type": "Number", "AllowedValues": [1]},
            "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
            "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/name"},
        },
        "Mappings": {"Map": {"top": {"one": "value", "list": ["x", "y"]}}},
        "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table"},
            "Named": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}},
            "NoName": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "AWS::NoValue"}}},
            "Global": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"TableName": {"Ref": "Free"}}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/app/"}},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "serve"}},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Custom": {"Type": "Custom::Thing"},
            "Loop": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "Loop"}}},
            "ArnLoop": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {"TableName": {"Fn::GetAtt": ["ArnLoop", "Arn"]}},
            },
            "Ping": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "${Pong}-x"}}},
            "Pong": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Join": ["", [{"Ref": "Ping"}]]}}},
        },
    },
)

FREE = Unknown("Ref Free", "parameter Free may be given any value")
SUBNETS = Unknown("Ref Subnets", "parameter Subnets may be given any value")
STORED = Unknown("Ref Stored", "parameter Stored is read from the SSM Parameter Store at deployment")
TABLE = Unknown("Ref Table", "Table is named at deployment", Origin.GENERATED, atomic=True)
NO_NAME = Unknown("Ref NoName", "NoName is named at deployment", Origin.GENERATED, atomic=True)
ROLE = Unknown("Ref Role", "Role is named at deployment", Origin.GENERATED, atomic=True)
QUEUE = Unknown("Ref Queue", "the id of Queue is known at deployment only", Origin.GENERATED)
PARTITION, REGION, ACCOUNT, SUFFIX = (
    Unknown(f"AWS::{name}", f"AWS::{name} is known at deployment only", atomic=True)
    for name in ("Partition", "Region", "AccountId", "URLSuffix")
)
STREAM = Unknown("Table.StreamArn", "Table.StreamArn is known at deployment only", Origin.GENERATED, atomic=True)
STACK = Unknown("AWS::StackId", "AWS::StackId is known at deployment only")


def ref(name: object) -> Json:
    """Refer to something."""
    return {"Ref": name}


def sub(*argument: object) -> Json:
    """Substitute variables."""
    return {"Fn::Sub": argument[0] if len(argument) == 1 else list(argument)}


def function(name: str, *argument: object) -> Json:
    """Call a function with a list of arguments."""
    return {f"Fn::{name}": list(argument)}


def resolved(raw: object, *, defaults: bool = False) -> Resolved:
    """Resolve a value in the only world there is."""
    return resolve(World(TEMPLATE, defaults), raw, "$")[0]


def computed(key: str, because: Unknown) -> Text:
    """Expect an unknown that a function made of another."""
    return Text.of(Unknown(key, because.reason, Origin.COMPUTED))


def at_deployment(name: str, key: str, origin: Origin = Origin.COMPUTED) -> Text:
    """Expect an unknown that a function gives at deployment only."""
    return Text.of(Unknown(key, f"what {name} gives is known at deployment only", origin))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("plain", Text.of("plain")),
        ("", Text.of()),
        (True, True),
        (3, 3),
        (0.5, 0.5),
        (None, None),
        (["a"], ["a"]),
        ({"a": ref("Free")}, {"a": ref("Free")}),
        # Ref
        (ref("Free"), Text.of(FREE)),
        (ref("Only"), Text.of("only")),
        (ref("Number"), Text.of("1")),
        (ref("Stored"), Text.of(STORED)),
        (ref("Subnets"), Text.of(SUBNETS)),
        (ref("AWS::NoValue"), MISSING),
        (ref("AWS::Region"), Text.of(REGION)),
        (ref("AWS::StackId"), Text.of(STACK)),
        (ref("Table"), Text.of(TABLE)),
        (ref("Named"), Text.of("orders")),
        (ref("NoName"), Text.of(NO_NAME)),
        (ref("Global"), Text.of(FREE)),
        (ref("Function"), Text.of("serve")),
        (ref("Queue"), Text.of(QUEUE)),
        # Fn::GetAtt
        (
            function("GetAtt", "Table", "Arn"),
            Text.of("arn:", PARTITION, ":dynamodb:", REGION, ":", ACCOUNT, ":table/", TABLE),
        ),
        (
            {"Fn::GetAtt": "Named.Arn"},
            Text.of("arn:", PARTITION, ":dynamodb:", REGION, ":", ACCOUNT, ":table/orders"),
        ),
        (function("GetAtt", "Role", "Arn"), Text.of("arn:", PARTITION, ":iam::", ACCOUNT, ":role/app/", ROLE)),
        (
            function("GetAtt", "Function", "Arn"),
            Text.of("arn:", PARTITION, ":lambda:", REGION, ":", ACCOUNT, ":function:serve"),
        ),
        (
            function("GetAtt", "Queue", "Arn"),
            Text.of(Unknown("Queue.Arn", "Queue.Arn is known at deployment only", Origin.GENERATED)),
        ),
        (
            function("GetAtt", "Custom", "Arn"),
            Text.of(Unknown("Custom.Arn", "Custom.Arn is known at deployment only", Origin.COMPUTED)),
        ),
        (
            {"Fn::GetAtt": "Table.StreamArn"},
            Text.of("arn:", PARTITION, ":dynamodb:", REGION, ":", ACCOUNT, ":table/", TABLE, "/stream/", STREAM),
        ),
        (
            function("GetAtt", "Queue", ref("Only")),
            Text.of(Unknown("Queue.only", "Queue.only is known at deployment only", Origin.GENERATED)),
        ),
        (
            function("GetAtt", "Queue", ref("Free")),
            Text.of(Unknown("Queue.Ref Free", "Queue.Ref Free is known at deployment only", Origin.COMPUTED)),
        ),
        # Fn::If
        (function("If", "Yes", "then", "else"), Text.of("then")),
        (function("If", "No", "then", ref("AWS::NoValue")), MISSING),
        (function("If", "No", function("If", "Nowhere", 1, 2), ["else"]), ["else"]),
        # Fn::Sub
        (sub("plain"), Text.of("plain")),
        (sub("${Named}/${Free}-${AWS::Region}"), Text.of("orders/", FREE, "-", REGION)),
        (sub("${Named.Arn}"), Text.of("arn:", PARTITION, ":dynamodb:", REGION, ":", ACCOUNT, ":table/orders")),
        (sub("${!Named}$${Named}"), Text.of("${Named}$orders")),
        (sub("${x}${Named}", {"x": ref("Only"), "Named": 1}), Text.of("only1")),
        (sub("${x}", {"x": "${Named}"}), Text.of("${Named}")),
        (sub("${x.y}", {"x.y": True}), Text.of("true")),
        # Fn::Join
        (function("Join", "-", []), Text.of()),
        (function("Join", "-", ["a", ref("Free"), 1, ref("AWS::NoValue"), False]), Text.of("a-", FREE, "-1-false")),
        (function("Join", "-", ["", "a", ""]), Text.of("-a-")),
        (function("Join", "", ref("Subnets")), computed('Fn::Join ["", {"Ref": "Subnets"}]', SUBNETS)),
        # Fn::Select
        (function("Select", 1, ["a", "b"]), Text.of("b")),
        (function("Select", "0", [ref("Free")]), Text.of(FREE)),
        (function("Select", ref("Number"), ["a", ["b"]]), ["b"]),
        (function("Select", 0, ref("Subnets")), computed('Fn::Select [0, {"Ref": "Subnets"}]', SUBNETS)),
        (function("Select", ref("Free"), ["a"]), computed('Fn::Select [{"Ref": "Free"}, ["a"]]', FREE)),
        # Fn::Split
        (function("Select", 1, function("Split", ",", "a,b")), Text.of("b")),
        (function("Join", "-", function("Split", ",", "a,b,")), Text.of("a-b-")),
        (function("Select", 1, function("Split", "/", function("GetAtt", "Table", "Arn"))), Text.of(TABLE)),
        (function("Select", 4, function("Split", ":", function("GetAtt", "Table", "Arn"))), Text.of(ACCOUNT)),
        (function("Split", "-", ref("AWS::Region")), computed('Fn::Split ["-", {"Ref": "AWS::Region"}]', REGION)),
        (function("Split", ":", ref("Free")), computed('Fn::Split [":", {"Ref": "Free"}]', FREE)),
        (function("Split", "/", ref("AWS::StackId")), computed('Fn::Split ["/", {"Ref": "AWS::StackId"}]', STACK)),
        # Fn::FindInMap
        (function("FindInMap", "Map", "top", "one"), Text.of("value")),
        (function("FindInMap", "Map", "top", "list"), ["x", "y"]),
        (function("FindInMap", "Map", "top", "none", {"DefaultValue": ref("Only")}), Text.of("only")),
        (function("FindInMap", "Map", "top", "one", {"DefaultValue": "other"}), Text.of("value")),
        (
            function("FindInMap", "Map", ref("AWS::Region"), "one"),
            computed('Fn::FindInMap ["Map", {"Ref": "AWS::Region"}, "one"]', REGION),
        ),
        # Fn::Base64 and Fn::Length
        ({"Fn::Base64": "é"}, Text.of("w6k=")),
        ({"Fn::Base64": ref("Free")}, computed('Fn::Base64 {"Ref": "Free"}', FREE)),
        ({"Fn::Length": ["a", "b"]}, 2),
        ({"Fn::Length": ref("Subnets")}, computed('Fn::Length {"Ref": "Subnets"}', SUBNETS)),
        # What only the deployment tells
        ({"Fn::ImportValue": "x"}, at_deployment("Fn::ImportValue", 'Fn::ImportValue "x"', Origin.EXTERNAL)),
        ({"Fn::GetAZs": ""}, at_deployment("Fn::GetAZs", 'Fn::GetAZs ""', Origin.EXTERNAL)),
        (function("Cidr", "10.0.0.0/16", 1), at_deployment("Fn::Cidr", 'Fn::Cidr ["10.0.0.0/16", 1]')),
        ({"Fn::ToJsonString": {}}, at_deployment("Fn::ToJsonString", "Fn::ToJsonString {}")),
        (
            {"Fn::Transform": {"Name": "M"}},
            at_deployment("Fn::Transform", 'Fn::Transform {"Fn::Transform": {"Name": "M"}}'),
        ),
        # Dynamic references
        (
            "a-{{resolve:ssm:/x:1}}-b",
            Text.of("a-", Unknown("{{resolve:ssm:/x:1}}", "{{resolve:ssm:/x:1}} is known at deployment only"), "-b"),
        ),
        ("{{resolve:", Text.of("{{resolve:")),
    ],
)
def test_resolved(raw: object, value: Resolved) -> None:
    """A value, or a call of a function, resolves to this."""
    assert resolved(raw) == value


def test_lists_of_a_known_parameter() -> None:
    """A list parameter whose value is known gives its items, without the spaces around them."""
    assert resolved(ref("Names"), defaults=True) == ["a", "b"]
    assert resolved(function("Select", 1, ref("Names")), defaults=True) == Text.of("b")
    assert resolved({"Fn::Length": ref("Names")}, defaults=True) == 2


def test_items_of_a_split() -> None:
    """What Fn::Split gives is a list of strings like any other."""
    split = Node(World(TEMPLATE), function("Split", ",", "a,b"), "$.Here")
    assert [item.string() for item in split.items()] == ["a", "b"]
    assert [item.string() for item in split.one_or_more()] == ["a", "b"]


@pytest.mark.parametrize(
    "raw",
    [
        {"Fn::ForEach::Loop": ["x", ["a"], {"${x}": "y"}]},
        {"Fn::ForEach::Loop": ["x", ["a"], {"${x}": "y"}], "Key": "value"},
        {"Fn::Transform": {"Name": "AWS::Include"}, "Key": "value"},
    ],
)
def test_what_a_macro_adds_is_unknown(raw: Json) -> None:
    """An object to which a loop or a macro adds members may hold anything: asking for a member is undetermined."""
    for name in ("Key", "Other"):
        with pytest.raises(UndeterminedError) as raised:
            Node(World(TEMPLATE), raw, "$.Here").get(name).text()
        assert (raised.value.reason, raised.value.path) == (
            "what Fn::Transform gives is known at deployment only",
            "$.Here",
        )


@pytest.mark.parametrize(
    ("raw", "path", "problem"),
    [
        (ref(1), "$['Ref']", "Ref takes the name of a parameter or resource"),
        (ref(["Table"]), "$['Ref']", "Ref takes the name of a parameter or resource"),
        (ref("Nowhere"), "$['Ref']", "the template has no parameter or resource Nowhere"),
        (ref("AWS::Nothing"), "$['Ref']", "the template has no parameter or resource AWS::Nothing"),
        ({"Ref": "Table", "Key": 1}, "$", "Ref has to stand alone in its object"),
        ({"Fn::Nothing": 1}, "$", "Fn::Nothing is no function that gives a value"),
        ({"Fn::Equals": ["a", "a"]}, "$", "Fn::Equals is no function that gives a value"),
        *(
            (
                {"Fn::GetAtt": wrong},
                "$['Fn::GetAtt']",
                "Fn::GetAtt takes a resource and the name of an attribute of it",
            )
            for wrong in ("Table", [], ["Table"], ["Table", "Arn", "x"], [1, "Arn"], {"Table": "Arn"}, None)
        ),
        ({"Fn::GetAtt": ["Nowhere", "Arn"]}, "$['Fn::GetAtt']", "the template has no resource Nowhere"),
        ({"Fn::GetAtt": "Nowhere.Arn"}, "$['Fn::GetAtt']", "the template has no resource Nowhere"),
        ({"Fn::GetAtt": ["Table", []]}, "$['Fn::GetAtt'][1]", "a string is expected here"),
        *(
            ({"Fn::If": wrong}, "$['Fn::If']", "Fn::If takes a condition's name and two values")
            for wrong in ([], ["Yes", 1], ["Yes", 1, 2, 3], [{"Condition": "Yes"}, 1, 2], "Yes", None)
        ),
        ({"Fn::If": ["Nowhere", 1, 2]}, "$['Fn::If']", "the template defines no condition Nowhere"),
        *(
            ({"Fn::Sub": wrong}, "$['Fn::Sub']", "Fn::Sub takes a string, or a string and an object of its variables")
            for wrong in (1, [], ["a"], ["a", []], ["a", {}, 1], {"a": 1}, None)
        ),
        (sub("${Nowhere}"), "$['Fn::Sub']", "the template has no parameter or resource Nowhere"),
        (sub("${Nowhere.Arn}"), "$['Fn::Sub']", "the template has no resource Nowhere"),
        (sub("${}"), "$['Fn::Sub']", "the template has no parameter or resource "),
        (sub("${x}", {"x": ["a"]}), "$['Fn::Sub'][1].x", "a string is expected here"),
        *(
            ({"Fn::Join": wrong}, "$['Fn::Join']", "Fn::Join takes a separator and a list")
            for wrong in ("a", [], ["-"], ["-", [], 1], [1, []], None)
        ),
        (function("Join", "-", "a"), "$['Fn::Join'][1]", "a list is expected here"),
        (function("Join", "-", ["a", ["b"]]), "$['Fn::Join'][1][1]", "a string is expected here"),
        (function("Join", "-", ["a", None]), "$['Fn::Join'][1][1]", "a string is expected here"),
        *(
            ({"Fn::Select": wrong}, "$['Fn::Select']", "Fn::Select takes an index and a list")
            for wrong in ("a", [], [0], [0, [], 1], None)
        ),
        (function("Select", 2, ["a", "b"]), "$['Fn::Select']", "there is no item 2 in this list of 2"),
        (function("Select", -1, ["a", "b"]), "$['Fn::Select']", "there is no item -1 in this list of 2"),
        (function("Select", "x", ["a", "b"]), "$['Fn::Select']", "there is no item x in this list of 2"),
        (function("Select", True, ["a", "b"]), "$['Fn::Select']", "there is no item true in this list of 2"),
        (function("Select", 0, {"a": 1}), "$['Fn::Select'][1]", "a list is expected here"),
        *(
            ({"Fn::Split": wrong}, "$['Fn::Split']", "Fn::Split takes a separator and a string")
            for wrong in ("a", [], [","], ["", "a"], [1, "a"], [",", "a", "b"], None)
        ),
        (function("Split", ",", ["a"]), "$['Fn::Split'][1]", "a string is expected here"),
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
        (function("FindInMap", "Map", "top", []), "$['Fn::FindInMap'][2]", "a string is expected here"),
        ({"Fn::Base64": []}, "$['Fn::Base64']", "a string is expected here"),
        ({"Fn::Length": "a"}, "$['Fn::Length']", "a list is expected here"),
        ({"Fn::If": ["No", 1, {"Fn::Join": 1}]}, "$['Fn::If'][2]['Fn::Join']", "Fn::Join takes a separator and a list"),
        # Circles
        (ref("Loop"), "$.Resources.Loop.Properties.TableName['Ref']", "Ref Loop is defined by itself"),
        (
            function("GetAtt", "ArnLoop", "Arn"),
            "$.Resources.ArnLoop.Properties.TableName['Fn::GetAtt']",
            "GetAtt ArnLoop is defined by itself",
        ),
        (
            ref("Ping"),
            "$.Resources.Pong.Properties.RoleName['Fn::Join'][1][0]['Ref']",
            "Ref Ping is defined by itself",
        ),
    ],
)
def test_refused(raw: object, path: str, problem: str) -> None:
    """What CloudFormation refuses is an error at its place."""
    with pytest.raises(TemplateError) as raised:
        resolved(raw)
    assert (raised.value.path, raised.value.problem) == (path, problem)


def test_an_index_of_any_length() -> None:
    """An index that Python's int() refuses to read is no item of the list, like any other that is too large."""
    index = "9" * 5000
    with pytest.raises(TemplateError) as raised:
        resolved(function("Select", index, ["a"]))
    assert raised.value.problem == f"there is no item {index} in this list of 1"


def test_a_circle_is_found_again() -> None:
    """Refusing a circle leaves the world as it was: it is refused again, and others are still resolved."""
    world = World(TEMPLATE)
    for _ in range(2):
        with pytest.raises(TemplateError):
            resolve(world, ref("Loop"), "$")
    assert resolve(world, ref("Named"), "$") == (Text.of("orders"), "$")


def test_the_id_of_a_custom_resource_is_anything() -> None:
    """A custom resource's handler chooses its physical id, a name of this deployment for instance."""
    told = resolved(ref("Custom"))
    assert isinstance(told, Text)
    assert told.same(Text.of(TABLE)).value is None


def test_place_of_a_branch() -> None:
    """What Fn::If gives comes with the path of the branch that it took."""
    raw = function("If", "No", "a", function("If", "Yes", "b", "c"))
    assert resolve(World(TEMPLATE), raw, "$.Here") == (Text.of("b"), "$.Here['Fn::If'][2]['Fn::If'][1]")
