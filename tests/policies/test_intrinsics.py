"""CloudFormation's functions: what each gives, what stays unknown, what is refused, and where."""

from collections.abc import Callable

import pytest

from policies import intrinsics
from policies.calls import Call, Resolved
from policies.errors import TemplateError, UndeterminedError
from policies.externals import Externals
from policies.intrinsics import operand, resolve, resolve_list, resolve_text
from policies.nodes import Node
from policies.stacks import Stacks
from policies.template import Template
from policies.values import MISSING, Origin, Text, Unknown
from policies.worlds import MAX_STEPS, World

Json = dict[str, object]

TEMPLATE = Template(
    "t",
    {
        "Parameters": {
            "Free": {"Type": "String"},
            "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
            "Only": {"Type": "String", "AllowedValues": ["only"]},
            "Number": {"Type": "Number", "AllowedValues": [1]},
            "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"},
            "Secret": {"Type": "String", "AllowedValues": ["{{resolve:ssm:/secret}}"]},
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
            "Private": {"Type": "MyOrg::Naming::Name"},
            "Product": {"Type": "AWS::ServiceCatalog::CloudFormationProvisionedProduct"},
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "orders"}},
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Entry": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Named"}}},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "orders"}},
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
PARTITION, REGION, ACCOUNT, SUFFIX, STACK_NAME = (
    Unknown(f"AWS::{name}", f"AWS::{name} is known at deployment only", atomic=True)
    for name in ("Partition", "Region", "AccountId", "URLSuffix", "StackName")
)
STREAM = Unknown("Table.StreamArn", "Table.StreamArn is known at deployment only", Origin.GENERATED, atomic=True)
STACK_END = Unknown("the end of AWS::StackId", "AWS::StackId is known at deployment only", atomic=True)


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


def dynamic(reference: str) -> Unknown:
    """Expect what a dynamic reference resolves to."""
    return Unknown(reference, f"{reference} is known at deployment only")


def attribute(key: str, origin: Origin) -> Text:
    """Expect an attribute that is known at deployment only."""
    return Text.of(Unknown(key, f"{key} is known at deployment only", origin))


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
        (ref(sub("Nam${x}", {"x": "ed"})), Text.of("orders")),
        (ref(ref("Free")), Text.of(Unknown('Ref {"Ref": "Free"}', FREE.reason, Origin.COMPUTED))),
        (ref("AWS::Region"), Text.of(REGION)),
        (
            ref("AWS::StackId"),
            Text.of("arn:", PARTITION, ":cloudformation:", REGION, ":", ACCOUNT, ":stack/", STACK_NAME, "/", STACK_END),
        ),
        (ref("Table"), Text.of(TABLE)),
        (ref("Named"), Text.of("orders")),
        (ref("NoName"), Text.of(NO_NAME)),
        (ref("Global"), Text.of(FREE)),
        (ref("Function"), Text.of("serve")),
        (ref("Queue"), Text.of(QUEUE)),
        (ref("Topic"), Text.of(Unknown("Ref Topic", "the id of Topic is known at deployment only", Origin.GENERATED))),
        (ref("Logs"), Text.of("orders")),
        (ref("Bucket"), Text.of(Unknown("Ref Bucket", "Bucket is named at deployment", Origin.GENERATED, atomic=True))),
        (
            ref("Private"),
            Text.of(Unknown("Ref Private", "the id of Private is known at deployment only", Origin.COMPUTED)),
        ),
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
        (function("GetAtt", "Private", "Name"), attribute("Private.Name", Origin.COMPUTED)),
        (function("GetAtt", "Product", "Outputs.Name"), attribute("Product.Outputs.Name", Origin.COMPUTED)),
        (function("GetAtt", "Logs", "Arn"), attribute("Logs.Arn", Origin.GENERATED)),
        (function("GetAtt", "Entry", "Value"), Text.of("orders")),
        (function("GetAtt", "Entry", "Type"), Text.of("String")),
        (function("GetAtt", "Topic", "TopicName"), Text.of("orders")),
        (function("GetAtt", "Queue", "QueueName"), attribute("Queue.QueueName", Origin.GENERATED)),
        ({"Fn::GetAtt": "Product.Outputs.Name"}, attribute("Product.Outputs.Name", Origin.COMPUTED)),
        ({"Fn::GetAtt": "Product.Outputs.A.B"}, attribute("Product.Outputs.A.B", Origin.COMPUTED)),
        (
            function("GetAtt", ref("Free"), "Arn"),
            Text.of(Unknown('Fn::GetAtt [{"Ref": "Free"}, "Arn"]', FREE.reason, Origin.COMPUTED)),
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
        # What only the deployment tells
        ({"Fn::ImportValue": "x"}, at_deployment("Fn::ImportValue", "Fn::ImportValue x", Origin.EXTERNAL)),
        (
            {"Fn::ImportValue": sub("${Free}-$x")},
            at_deployment("Fn::ImportValue", "Fn::ImportValue ${Ref Free}-$$x", Origin.EXTERNAL),
        ),
        (
            {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "o"}},
            at_deployment(
                "Fn::GetStackOutput",
                'Fn::GetStackOutput {"StackName": "s", "OutputName": "o"}',
                Origin.EXTERNAL,
            ),
        ),
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
        ("}} {{resolve:ssm:/x", Text.of("}} {{resolve:ssm:/x")),
        ("{{resolve: {{resolve:ssm:/x}}}}", Text.of("{{resolve: ", dynamic("{{resolve:ssm:/x}}"), "}}")),
        (
            "{{resolve:ssm-secure:/x}}{{resolve:secretsmanager:a:SecretString:k::v}}",
            Text.of(dynamic("{{resolve:ssm-secure:/x}}"), dynamic("{{resolve:secretsmanager:a:SecretString:k::v}}")),
        ),
        (sub("{{resolve:ssm:/${Only}/x}}"), Text.of(dynamic("{{resolve:ssm:/only/x}}"))),
        (sub("-{{resolve:ssm:/${Free}/x}}"), Text.of("-", dynamic("{{resolve:ssm:/${Ref Free}/x}}"))),
        (sub("{{resolve:ssm:/${Free}"), Text.of("{{resolve:ssm:/", FREE)),
        (function("Join", "", ["{{resolve:", "ssm:/x", "}}"]), Text.of(dynamic("{{resolve:ssm:/x}}"))),
        (function("Join", ":", ["{{resolve:ssm", "/x}}"]), Text.of(dynamic("{{resolve:ssm:/x}}"))),
        (ref("Secret"), Text.of(dynamic("{{resolve:ssm:/secret}}"))),
    ],
)
def test_resolved(raw: object, value: Resolved) -> None:
    """A value, or a call of a function, resolves to this."""
    assert resolved(raw) == value


def test_lists_of_a_known_parameter() -> None:
    """A list parameter whose value is known gives its items, without the spaces around them."""
    assert resolved(ref("Names"), defaults=True) == ["a", "b"]


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
        (ref(ref("AWS::NoValue")), "$['Ref']", "a string is expected here"),
        (
            ref("{{resolve:ssm:/x}}"),
            "$['Ref']",
            "the template has no parameter or resource {{resolve:ssm:/x}}",
        ),
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
        ({"Fn::GetAtt": [ref("AWS::NoValue"), "Arn"]}, "$['Fn::GetAtt'][0]", "a string is expected here"),
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
        (sub("${x}", {"x": ref("AWS::NoValue")}), "$['Fn::Sub'][1].x", "a string is expected here"),
        (sub("${AWS::NoValue}"), "$['Fn::Sub']", "a string is expected here"),
        ({"Fn::ImportValue": ["a"]}, "$['Fn::ImportValue']", "a string is expected here"),
        ({"Fn::ImportValue": ref("AWS::NoValue")}, "$['Fn::ImportValue']", "a string is expected here"),
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


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (-7, "-7"),
        (10**30, "1" + "0" * 30),
        (1.0, "1.0"),
        (0.0, "0.0"),
        (1e3, "1000.0"),
        (0.001, "0.001"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_a_scalar_is_a_string(number: float, text: str) -> None:
    """Where a string is expected, a number or a boolean is the string that spells it."""
    assert resolve_text(World(TEMPLATE), number, "$") == Text.of(text)


@pytest.mark.parametrize("number", [1e7, -1e7, 0.0009, 1e-9, 1e300])
def test_a_number_with_an_exponent(number: float) -> None:
    """How CloudFormation spells a number that Java writes with an exponent is not known."""
    reason = f"how CloudFormation writes the number {number!r} is not documented"
    assert resolve_text(World(TEMPLATE), number, "$") == Text.of(Unknown(repr(number), reason))


def test_an_operand() -> None:
    """An operand of Fn::Equals leaves a parameter open that is read nowhere else; all other operands are resolved."""
    stage = Unknown("Ref Stage", "parameter Stage may be given any value")
    world = World(TEMPLATE)
    assert operand(world, ref("Stage"), "$") == Text.of(stage)
    assert operand(world, ref("Free"), "$") == Text.of(FREE)
    assert operand(world, function("Join", "", ["a", 1]), "$") == Text.of("a1")


def test_a_list() -> None:
    """What has to be a list gives its items as they stand, or the unknown that it is."""
    assert resolve_list(World(TEMPLATE), [ref("Free")], "$") == [ref("Free")]
    assert resolve_list(World(TEMPLATE), ref("Subnets"), "$") == SUBNETS
    with pytest.raises(TemplateError) as raised:
        resolve_list(World(TEMPLATE), "a", "$")
    assert (raised.value.path, raised.value.problem) == ("$", "a list is expected here")


@pytest.mark.parametrize("read", [resolve_text, operand])
def test_where_a_string_is_expected(read: Callable[[World, object, str], Text]) -> None:
    """What is no string is an error at its place."""
    with pytest.raises(TemplateError) as raised:
        read(World(TEMPLATE), [], "$.Here")
    assert (raised.value.path, raised.value.problem) == ("$.Here", "a string is expected here")


def test_what_json_does_not_know() -> None:
    """What is neither a value of JSON nor one that a function gave is an error at its place."""
    with pytest.raises(TemplateError) as raised:
        resolve(World(TEMPLATE), {"a"}, "$.Here")
    assert (raised.value.path, raised.value.problem) == ("$.Here", "this is no JSON value")
    assert resolve(World(TEMPLATE), Text.of(FREE), "$.Here") == (Text.of(FREE), "$.Here")


@pytest.mark.parametrize(
    ("raw", "cost"),
    [(1, 1), (None, 1), (["x"] * 20_000, 1), ("x", 1), ("x" * 9_999, 1), ("x" * 10_000, 2), ("x" * 20_000, 3)],
)
def test_cost(raw: object, cost: int) -> None:
    """A value costs one, and a string one more for each ten thousand characters."""
    world = World(TEMPLATE)
    resolve(world, raw, "$")
    assert world.steps["resolved"] == cost


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        ("x" * 100 + "{{resolve:ssm:/" + "x" * 90 + "}}", [""] * 4),
        (sub("x" * 100 + "{{resolve:ssm:/" + "x" * 90 + "}}"), ["", "['Fn::Sub']", "['Fn::Sub']", "", "", ""]),
        ({"Fn::ImportValue": "x" * 200}, ["", *["['Fn::ImportValue']"] * 3]),
    ],
)
def test_where_a_bound_is_met(raw: object, places: list[str]) -> None:
    """However many values may still be resolved, if they are too few the place is told at which they end."""
    found = []
    for left in range(len(places)):
        world = World(TEMPLATE)
        world.step("$", MAX_STEPS - left)
        with pytest.raises(UndeterminedError) as raised:
            resolve(world, raw, "$.Here")
        found.append(raised.value.path)
    assert found == [f"$.Here{place}" for place in places]
    world = World(TEMPLATE)
    resolve(world, raw, "$.Here")
    assert world.steps["resolved"] == len(places)


def test_an_export_that_was_told() -> None:
    """What was told of an export is what Fn::ImportValue gives."""
    told = Template("t", {"Resources": {"A": {"Type": "X"}}}, externals=Externals(exports={"a-b": "value"}))
    assert resolve(World(told), {"Fn::ImportValue": function("Join", "-", ["a", "b"])}, "$") == (
        Text.of("value"),
        "$",
    )


def test_an_export_of_the_deployment() -> None:
    """A template's export is what another of the same deployment imports, and none imports itself."""
    resources = {"Table": {"Type": "AWS::DynamoDB::Table"}}
    outputs = {"Name": {"Value": ref("Table"), "Export": {"Name": "name"}}}
    exporting = Template("a", {"Resources": resources, "Outputs": outputs}, scope="a ")
    circle = {"Name": {"Value": {"Fn::ImportValue": "circle"}, "Export": {"Name": "circle"}}}
    importing = Template("b", {"Resources": resources, "Outputs": circle}, scope="b ")
    world = World(importing, stacks=Stacks((exporting, importing)))
    table = Unknown("a Ref Table", "Table is named at deployment", Origin.GENERATED, atomic=True)
    assert resolve(world, {"Fn::ImportValue": "name"}, "$") == (Text.of(table), "$")
    with pytest.raises(TemplateError) as raised:
        resolve(world, {"Fn::ImportValue": "circle"}, "$")
    assert (raised.value.path, raised.value.problem) == (
        "b $.Outputs.Name.Value['Fn::ImportValue']",
        "b Fn::ImportValue circle is defined by itself",
    )


@pytest.mark.parametrize(
    "outer",
    [
        lambda inner: sub("{{resolve:ssm:" + "/x" * 9999 + "${x}${x}}}", {"x": inner}),
        lambda inner: {"Fn::ImportValue": sub("x" * 9999 + "${x}${x}", {"x": inner})},
    ],
)
def test_what_grows_beyond_bounds_is_undetermined(outer: Callable[[Json], Json]) -> None:
    """Calls within calls, each twice as long as the one before, end before the memory does."""
    raw = ref("Free")
    for _ in range(45):
        raw = outer(raw)
    with pytest.raises(UndeterminedError) as raised:
        resolved(raw)
    assert raised.value.reason == "more than 300000 values would have to be resolved"


@pytest.mark.parametrize(("variable", "function"), [("Table", "_ref"), ("Table.Arn", "_get_att")])
def test_what_stands_there_often_is_found_out_once(
    monkeypatch: pytest.MonkeyPatch, variable: str, function: str
) -> None:
    """A string may refer to one resource a hundred thousand times."""
    found: list[Call] = []
    find: Callable[[Call], Resolved] = getattr(intrinsics, function)

    def counted(call: Call) -> Resolved:
        found.append(call)
        return find(call)

    monkeypatch.setattr(intrinsics, function, counted)
    often = resolved(sub(f"${{{variable}}}" * 3))
    assert len(found) == 1
    assert often == resolved(sub("${x}${x}${x}", {"x": sub(f"${{{variable}}}")}))


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
