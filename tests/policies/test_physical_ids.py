"""What `Ref` and `Fn::GetAtt` give: names and ARNs as they are put together, and what is told of those nobody knows."""

from __future__ import annotations

import pytest

from policies.errors import TemplateError
from policies.externals import Externals
from policies.identity import (
    PSEUDO_PARAMETERS,
    another_table,
    is_open,
    partition_of,
    physical_id,
    pseudo,
    pseudo_parameter,
)
from policies.stacks import Stacks
from policies.template import Template
from policies.values import NO, Origin, Text, Truth, Unknown, unknown
from policies.worlds import World

Json = dict[str, object]
Part = tuple[str, str, Origin, bool]

TABLE, GLOBAL, ROLE = "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::IAM::Role"
FUNCTION, POLICY, NESTED = "AWS::Lambda::Function", "AWS::IAM::ManagedPolicy", "AWS::CloudFormation::Stack"
BALANCER, TARGETS = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup"
HERE = "<AWS::Region>:<AWS::AccountId>"
GIVEN: Json = {"Ref": "Given"}
IN_DOUBT = "what AWS makes of the name of It is known at deployment only"
KNOWN_LATER = "It.{} is known at deployment only"


def world(kind: str, properties: Json, scope: str = "", externals: Externals | None = None) -> World:
    """Return the world of a template with one resource and a parameter of any value."""
    document = {"Parameters": {"Given": {"Type": "String"}}, "Resources": {"It": {"Type": kind, **properties}}}
    return World(Template("template", document, scope=scope, externals=externals or Externals()))


def given(kind: str, properties: Json, value: object, scope: str = "") -> Text:
    """Return what an expression about the one resource of a template gives."""
    document = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Given": {"Type": "String"}},
        "Resources": {"It": {"Type": kind, "Properties": properties}, "Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Value": {"Value": value}},
    }
    return World(Template("template", document, scope=scope)).output("Value").get("Value").text()


def ref(kind: str, properties: Json, scope: str = "") -> Text:
    """Return what `Ref` gives of the resource."""
    return given(kind, properties, {"Ref": "It"}, scope)


def get_att(kind: str, properties: Json, attribute: object, scope: str = "") -> Text:
    """Return what `Fn::GetAtt` gives of the resource."""
    return given(kind, properties, {"Fn::GetAtt": ["It", attribute]}, scope)


def spelled(text: Text) -> str:
    """Return a text with the keys of its unknown parts in angle brackets."""
    return "".join(part if isinstance(part, str) else f"<{part.key}>" for part in text.parts)


def parts(text: Text) -> list[Part]:
    """Return all that is said of the unknown parts of a text, which holds nothing else."""
    assert all(isinstance(part, Unknown) for part in text.parts)
    return [(part.key, part.reason, part.origin, part.atomic) for part in text.unknowns]


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        *(("eu-west-1", "aws"), ("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")),
        *(("us-iso-east-1", "aws-iso"), ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e")),
        *(("us-isof-south-1", "aws-iso-f"), ("eusc-de-east-1", "aws-eusc")),
    ],
)
def test_partitions(region: str, partition: str) -> None:
    """A region is of the partition that its name begins with, or else of the partition aws."""
    assert partition_of(region) == partition


@pytest.mark.parametrize("kind", [TABLE, GLOBAL, ROLE])
def test_names_of_single_words(kind: str) -> None:
    """The name of a table or a role holds no colon, slash or wildcard, whoever gives it."""
    key = {TABLE: "TableName", GLOBAL: "TableName", ROLE: "RoleName"}[kind]
    assert parts(ref(kind, {})) == [("Ref It", "It is named at deployment", Origin.GENERATED, True)]
    assert parts(ref(kind, {key: GIVEN})) == [
        ("Ref Given", "parameter Given may be given any value", Origin.EXTERNAL, True)
    ]


def test_names_of_functions() -> None:
    """A function may be named by its ARN, which a parameter may hold."""
    assert parts(ref(FUNCTION, {"FunctionName": GIVEN})) == [
        ("Ref Given", "parameter Given may be given any value", Origin.EXTERNAL, False)
    ]
    assert parts(ref(FUNCTION, {})) == [("Ref It", "It is named at deployment", Origin.GENERATED, True)]


@pytest.mark.parametrize(
    ("kind", "origin"),
    [("AWS::SNS::Topic", Origin.GENERATED), (POLICY, Origin.GENERATED), ("AWS::Future::Thing", Origin.COMPUTED)],
)
def test_ids(kind: str, origin: Origin) -> None:
    """An id that AWS makes is like no name that anybody gives; of a type that nobody knows, it may be like any."""
    no_name: Json = {} if kind == POLICY else {"ManagedPolicyName": "read"}
    for properties in ({}, no_name):
        assert parts(ref(kind, properties)) == [("Ref It", "the id of It is known at deployment only", origin, False)]


def test_of_another_stack() -> None:
    """What is known at deployment only is another thing in another stack."""
    (topic,), (bucket,) = (parts(ref(kind, {}, "(s)")) for kind in ("AWS::SNS::Topic", "AWS::S3::Bucket"))
    assert (topic[0], bucket[0]) == ("(s)Ref It", "(s)Ref It")
    assert spelled(get_att("AWS::SNS::Topic", {}, "TopicArn", "(s)")) == "<(s)It.TopicArn>"
    assert spelled(get_att("AWS::RDS::DBCluster", {"DatabaseName": "B"}, "DatabaseName", "(s)")) == (
        "<(s)It.DatabaseName>"
    )


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"ManagedPolicyName": "read"}, "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/read"),
        ({"ManagedPolicyName": "read", "Path": "/app/"}, "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/app/read"),
        ({"Path": "/app/"}, "<Ref It>"),
    ],
)
def test_managed_policies(properties: Json, expected: str) -> None:
    """A managed policy is called by its ARN, of its name and its path."""
    assert spelled(ref(POLICY, properties)) == expected
    assert spelled(get_att(POLICY, properties, "PolicyArn")) == expected


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        (TABLE, {"TableName": "orders"}, f"arn:<AWS::Partition>:dynamodb:{HERE}:table/orders"),
        (GLOBAL, {}, f"arn:<AWS::Partition>:dynamodb:{HERE}:table/<Ref It>"),
        (FUNCTION, {"FunctionName": "get"}, f"arn:<AWS::Partition>:lambda:{HERE}:function:get"),
        (ROLE, {"RoleName": "reader"}, "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/reader"),
        (ROLE, {"Path": "/app/"}, "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/app/<Ref It>"),
        ("AWS::SNS::Topic", {}, "<It.Arn>"),
        (POLICY, {"ManagedPolicyName": "read"}, "<It.Arn>"),
    ],
)
def test_arns(kind: str, properties: Json, expected: str) -> None:
    """The ARN of a table, a function or a role is put together; that of anything else is known at deployment."""
    assert spelled(get_att(kind, properties, "Arn")) == expected


def test_streams() -> None:
    """The ARN of a table's stream is the table's, with a label at its end that is one word."""
    stream = get_att(TABLE, {"TableName": "orders"}, "StreamArn")
    assert spelled(stream) == f"arn:<AWS::Partition>:dynamodb:{HERE}:table/orders/stream/<It.StreamArn>"
    assert parts(Text(stream.parts[-1:])) == [("It.StreamArn", KNOWN_LATER.format("StreamArn"), Origin.GENERATED, True)]
    assert parts(get_att("AWS::Future::Thing", {}, "StreamArn")) == [
        ("It.StreamArn", KNOWN_LATER.format("StreamArn"), Origin.COMPUTED, True)
    ]


@pytest.mark.parametrize(
    ("kind", "attribute", "origin"),
    [
        (BALANCER, "LoadBalancerName", Origin.GENERATED),
        (BALANCER, "LoadBalancerFullName", Origin.COMPUTED),
        (BALANCER, "CanonicalHostedZoneName", Origin.GENERATED),
        (BALANCER, "DNSName", Origin.GENERATED),
        (TARGETS, "TargetGroupName", Origin.GENERATED),
        ("AWS::SNS::Topic", "TopicName", Origin.GENERATED),
        ("AWS::SQS::Queue", "QueueName", Origin.GENERATED),
        ("AWS::StepFunctions::StateMachine", "Name", Origin.GENERATED),
        ("AWS::CodeCommit::Repository", "Name", Origin.GENERATED),
        ("AWS::ECS::Service", "Name", Origin.GENERATED),
        ("AWS::S3::Bucket", "RegionalDomainName", Origin.GENERATED),
        ("AWS::EC2::VPCEndpoint", "DnsName", Origin.GENERATED),
        ("AWS::S3::Bucket", "Id", Origin.COMPUTED),
        ("AWS::EC2::Subnet", "Id", Origin.GENERATED),
        ("AWS::Future::Thing", "Arn", Origin.COMPUTED),
    ],
)
def test_attributes_that_no_property_states(kind: str, attribute: str, origin: Origin) -> None:
    """What AWS makes is like no name that anybody gives: all of a type that is known but what may be a chosen name."""
    assert parts(get_att(kind, {}, attribute)) == [
        (f"It.{attribute}", KNOWN_LATER.format(attribute), origin, False),
    ]


@pytest.mark.parametrize(
    ("kind", "stated", "attribute"),
    [
        (BALANCER, "Name", "LoadBalancerName"),
        (TARGETS, "Name", "TargetGroupName"),
        ("AWS::SNS::Topic", "TopicName", "TopicName"),
        ("AWS::SQS::Queue", "QueueName", "QueueName"),
        ("AWS::StepFunctions::StateMachine", "StateMachineName", "Name"),
        ("AWS::CodeCommit::Repository", "RepositoryName", "Name"),
        ("AWS::ECS::Service", "ServiceName", "Name"),
    ],
)
def test_attributes_that_are_names(kind: str, stated: str, attribute: str) -> None:
    """An attribute that is the name which a property gives is that name."""
    assert get_att(kind, {stated: "orders"}, attribute) == Text.of("orders")


def test_an_attribute_that_a_parameter_names() -> None:
    """Which attribute is asked for may be known at deployment only: then so is what it is."""
    assert parts(get_att(TABLE, {}, GIVEN)) == [
        ("It.Ref Given", KNOWN_LATER.format("Ref Given"), Origin.COMPUTED, False)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("orders", ["orders"]),
        ("Orders", [("Ref It", IN_DOUBT, Origin.EXTERNAL, False)]),
        (GIVEN, [("Ref It", IN_DOUBT, Origin.EXTERNAL, False)]),
        ({"Ref": "Topic"}, [("Ref It", IN_DOUBT, Origin.COMPUTED, False)]),
    ],
)
def test_names_that_may_be_lowered(name: object, expected: list[object]) -> None:
    """A name that AWS may keep in lower case is sure to be kept where it is known and in lower case."""
    told = ref("AWS::RDS::DBInstance", {"DBInstanceIdentifier": name})
    assert (parts(told) if told.unknowns else [told.literal]) == expected


def test_names_that_are_kept() -> None:
    """A name of a type of which AWS lowers none is kept, and so is a parameter's."""
    assert ref("AWS::SSM::Parameter", {"Name": "Orders"}) == Text.of("Orders")
    assert spelled(ref("AWS::SSM::Parameter", {"Name": GIVEN})) == "<Ref Given>"
    assert ref("AWS::Events::Rule", {"Name": "Orders"}) == Text.of("Orders")
    assert ref("AWS::SSM::Parameter", {"Name": "Orders", "EventBusName": "shop"}) == Text.of("Orders")


def test_rules_of_another_bus() -> None:
    """What a rule of a bus is called is in doubt, and is made of its name as far as anybody knows."""
    body: Json = {"Name": "Orders", "EventBusName": "shop"}
    assert parts(ref("AWS::Events::Rule", body)) == [("Ref It", IN_DOUBT, Origin.EXTERNAL, False)]
    assert parts(get_att("AWS::Events::Rule", body, "EventBusName")) == [
        ("It.EventBusName", IN_DOUBT, Origin.EXTERNAL, False)
    ]


def test_what_there_is_not() -> None:
    """A resource that the template has not is told at the place that names it."""
    for value, problem in (
        ({"Ref": "No"}, "the template has no parameter or resource No"),
        ({"Fn::GetAtt": ["No", "Arn"]}, "the template has no resource No"),
    ):
        with pytest.raises(TemplateError) as raised:
            given(TABLE, {}, value)
        assert raised.value.problem == problem
        assert raised.value.path.startswith("$.Outputs.Value.Value")
    with pytest.raises(TemplateError) as raised:
        physical_id(world(TABLE, {}), "No", "$.There")
    assert (raised.value.path, raised.value.problem) == ("$.There", "the template has no parameter or resource No")


def nested(attribute: str, *, is_told: bool = True) -> Text:
    """Return an attribute of a nested stack, which has the output Name, as far as its template is known."""
    inner = Template("inner", {"Resources": {"T": {"Type": TABLE}}, "Outputs": {"Name": {"Value": "n"}}}, scope="(i)")
    document = {
        "Resources": {"It": {"Type": NESTED}},
        "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["It", attribute]}}},
    }
    outer = Template("outer", document)
    stacks = Stacks((outer, inner), {"(i)": outer.resources["It"]}) if is_told else Stacks((outer,))
    return World(outer, stacks=stacks).output("Value").get("Value").text()


def test_nested_stacks() -> None:
    """An output of a nested stack is what its template says, where this is known and has such an output."""
    assert nested("Outputs.Name") == Text.of("n")
    assert parts(nested("Outputs.Name", is_told=False)) == [
        ("It.Outputs.Name", KNOWN_LATER.format("Outputs.Name"), Origin.COMPUTED, False)
    ]
    assert parts(nested("Arn")) == [("It.Arn", KNOWN_LATER.format("Arn"), Origin.COMPUTED, False)]
    with pytest.raises(TemplateError) as raised:
        nested("Outputs.No")
    assert (raised.value.path, raised.value.problem) == (
        "$.Outputs.Value.Value['Fn::GetAtt']",
        "the nested stack has no output No",
    )


def test_outputs_of_what_is_no_stack() -> None:
    """An attribute of another resource that is called as an output is none of a nested stack's."""
    assert spelled(get_att(TABLE, {}, "Outputs.Name")) == "<It.Outputs.Name>"


def test_another_table() -> None:
    """Some other table is in the region and account of the template, of a name like none that anybody gives."""
    told = another_table(world(TABLE, {}))
    assert spelled(told) == f"arn:<AWS::Partition>:dynamodb:{HERE}:table/<another table>"
    assert parts(Text(told.parts[-1:])) == [
        ("another table", "the name of some other table", Origin.GENERATED, True),
    ]


@pytest.mark.parametrize("name", sorted(PSEUDO_PARAMETERS - {"AWS::StackId"}))
def test_pseudo_parameters(name: str) -> None:
    """A pseudo parameter is one word, but for the list of topics; what is a stack's own has its scope before it."""
    scope = "(s)" if name in {"AWS::NotificationARNs", "AWS::StackName"} else ""
    assert parts(pseudo_parameter(world(TABLE, {}, "(s)"), name)) == [
        (f"{scope}{name}", f"{name} is known at deployment only", Origin.EXTERNAL, name != "AWS::NotificationARNs")
    ]


def test_the_unknown_of_a_stack_id() -> None:
    """A stack's id is no single word: it holds colons and slashes."""
    assert parts(Text((pseudo("AWS::StackId"),))) == [
        ("AWS::StackId", "AWS::StackId is known at deployment only", Origin.EXTERNAL, False)
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (GIVEN, unknown("parameter Given may be given any value")),
        ({"Fn::Sub": "${Given}-x"}, NO),
        ({"Fn::Sub": "${Given}${Given}"}, NO),
        ("x", NO),
        ("", NO),
        ({"Ref": "It"}, NO),
        ({"Ref": "Topic"}, NO),
        ({"Fn::GetAtt": ["It", "StreamArn"]}, NO),
        ({"Ref": "AWS::Region"}, NO),
        ({"Ref": "AWS::StackName"}, NO),
    ],
)
def test_what_is_open(value: object, expected: Truth) -> None:
    """A text may be what was made before where all of it is given from outside, and not by AWS."""
    text = given(TABLE, {}, value, "(s)")
    assert is_open(world(TABLE, {}, "(s)"), text) == expected


@pytest.mark.parametrize(
    ("key", "closed"),
    [
        *((name, True) for name in sorted(PSEUDO_PARAMETERS)),
        *(("(s)AWS::StackName", True), ("(t)AWS::StackName", True), ("(u)AWS::StackName", False)),
        *(("AWS::NoValue", False), ("AWS::StackName-x", False), ("(s)", False)),
    ],
)
def test_pseudo_parameters_are_not_open(key: str, closed: bool) -> None:
    """What AWS says of a deployment is not open, with or without the scope of a stack of the deployment."""
    here, there = (world(TABLE, {}, scope) for scope in ("(s)", "(t)"))
    both = World(here.template, stacks=Stacks((here.template, there.template)))
    assert is_open(both, Text((Unknown(key, "later"),))) == (NO if closed else unknown("later"))


def test_which_pseudo_parameters_there_are() -> None:
    """The pseudo parameters are those of CloudFormation that have a value."""
    assert sorted(PSEUDO_PARAMETERS) == [
        *("AWS::AccountId", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region"),
        *("AWS::StackId", "AWS::StackName", "AWS::URLSuffix"),
    ]


def test_stack_ids() -> None:
    """Of a stack's id all but the end is known by other pseudo parameters, unless the id was told."""
    told = pseudo_parameter(world(TABLE, {}, "(s)"), "AWS::StackId")
    assert spelled(told) == (
        f"arn:<AWS::Partition>:cloudformation:{HERE}:stack/<(s)AWS::StackName>/<(s)the end of AWS::StackId>"
    )
    assert parts(Text(told.parts[-1:])) == [
        ("(s)the end of AWS::StackId", "AWS::StackId is known at deployment only", Origin.EXTERNAL, True)
    ]
    arn = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"
    externals = Externals(pseudo_parameters={"AWS::StackId": arn})
    assert pseudo_parameter(world(TABLE, {}, "", externals), "AWS::StackId") == Text.of(arn)
