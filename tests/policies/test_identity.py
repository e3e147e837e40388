"""What CloudFormation calls a resource: the names that a template gives, those that AWS makes, and the doubtful."""

import re
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from policies import names
from policies.model import Finding, Verdict
from policies.template import Template
from policies.values import Origin, Text, Unknown
from policies.worlds import World
from tests.policies.templates import (
    POLICY,
    TABLE,
    VARIABLES,
    Changes,
    Document,
    Expected,
    case,
    table_arn,
    template,
    verdict,
)

READ = Expected("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted")
TOLD = Expected("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")
VARIABLE = VARIABLES + "DDB_TABLE_NAME"
NAMED_ORDERS: Changes = {TABLE + "TableName": "orders"}
DENIED = Finding(
    "Function, which has the table's name, may not dynamodb:GetItem and dynamodb:Query on it",
    "$.Resources.Role",
    {"function": "Function", "role": "Role", "refused": ["dynamodb:GetItem", "dynamodb:Query"]},
    "the role may dynamodb:GetItem and dynamodb:Query on Table",
    "let the construct grant it (table_permissions='ReadWrite'), or call table.grant_read_write_data(function)",
)
NOT_TOLD = Finding(
    "no function has the table's name in its environment",
    "$.Resources",
    {"functions": ["Function"]},
    "a function's environment variable that is the name of Table, not its ARN",
    "create the function through LambdaToDynamoDB, or set environment={'DDB_TABLE_NAME': table.table_name}",
)
LATER = "the id of Other is known at deployment only"
IN_DOUBT = "what AWS makes of the name of Other is known at deployment only"


def other(kind: str, **properties: object) -> Changes:
    """Return the changes that add a resource of another type."""
    return {"Resources.Other": {"Type": kind, "Properties": properties}}


def denied(resource: Changes, called: str = "Other") -> Changes:
    """Return the changes that deny all on the table that is called as the other resource, the table being orders."""
    deny = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": table_arn(f"${{{called}}}")}
    return {**NAMED_ORDERS, **resource, POLICY + "PolicyDocument.Statement.1": deny}


def told(resource: Changes, value: object = None) -> Changes:
    """Return the changes that tell the function what the other resource is called, the table being orders."""
    return {**NAMED_ORDERS, **resource, VARIABLE: value or {"Ref": "Other"}}


def called(kind: str, properties: dict[str, object], attribute: str = "") -> Text:
    """Return what `Ref`, or an attribute, of a resource is."""
    body = {"Type": kind, "Properties": properties}
    value = {"Fn::GetAtt": ["Other", attribute]} if attribute else {"Ref": "Other"}
    document = {"Resources": {"Other": body}, "Outputs": {"Name": {"Value": value}}}
    return World(Template("template", document)).output("Name").get("Value").text()


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        case("rule-named-as-the-table", denied(other("AWS::Events::Rule", Name="orders")), READ.rejected(DENIED)),
        case("rule-of-another-name", denied(other("AWS::Events::Rule", Name="nightly")), READ.compliant()),
        case("rule-without-a-name", denied(other("AWS::Events::Rule")), READ.compliant()),
        case(
            "rule-of-another-bus",
            denied(other("AWS::Events::Rule", Name="orders", EventBusName="shop")),
            READ.undetermined(IN_DOUBT, "$.Resources.Role"),
        ),
        case("stage", denied(other("AWS::ApiGateway::Stage", StageName="orders")), READ.rejected(DENIED)),
        case("dashboard", denied(other("AWS::CloudWatch::Dashboard", DashboardName="orders")), READ.rejected(DENIED)),
        case("table-of-glue", denied(other("AWS::Glue::Table", TableInput={"Name": "orders"})), READ.rejected(DENIED)),
        case("job-of-glue", denied(other("AWS::Glue::Job", Name="orders")), READ.rejected(DENIED)),
        case("database", denied(other("AWS::RDS::DBInstance", DBInstanceIdentifier="orders")), READ.rejected(DENIED)),
        case(
            "database-in-capitals",
            denied(other("AWS::RDS::DBInstance", DBInstanceIdentifier="Orders")),
            READ.undetermined(IN_DOUBT, "$.Resources.Role"),
        ),
        case("queue-by-its-url", denied(other("AWS::SQS::Queue", QueueName="orders")), READ.compliant()),
        case("topic-by-its-arn", denied(other("AWS::SNS::Topic", TopicName="orders")), READ.compliant()),
        case("api-by-its-id", denied(other("AWS::ApiGateway::RestApi", Name="orders")), READ.compliant()),
        case("alias-by-its-arn", denied(other("AWS::Lambda::Alias", Name="orders")), READ.compliant()),
        case(
            "queue-by-its-name",
            denied(other("AWS::SQS::Queue", QueueName="orders"), "Other.QueueName"),
            READ.rejected(DENIED),
        ),
        case("queue-without-a-name", denied(other("AWS::SQS::Queue"), "Other.QueueName"), READ.compliant()),
        case(
            "state-machine-by-its-name",
            denied(other("AWS::StepFunctions::StateMachine", StateMachineName="orders"), "Other.Name"),
            READ.rejected(DENIED),
        ),
        case(
            "type-that-nobody-knows",
            denied(other("AWS::Future::Thing", ThingName="orders")),
            READ.undetermined(LATER, "$.Resources.Role"),
        ),
    ],
)
def test_a_deny_on_what_another_resource_is_called(document: Document, expected: Verdict) -> None:
    """A Deny on a table by another resource's name counts where the name is the table's."""
    assert verdict(document, "lambda-dynamodb-integration/read-permissions-granted") == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        case("rule-named-as-the-table", told(other("AWS::Events::Rule", Name="orders")), TOLD.compliant()),
        case("rule-without-a-name", told(other("AWS::Events::Rule")), TOLD.rejected(NOT_TOLD)),
        case("url-of-a-queue", told(other("AWS::SQS::Queue", QueueName="orders")), TOLD.rejected(NOT_TOLD)),
        case("id-of-a-subnet", told(other("AWS::EC2::Subnet", VpcId="vpc-1")), TOLD.rejected(NOT_TOLD)),
        case("id-of-users", told(other("AWS::Cognito::UserPool", UserPoolName="orders")), TOLD.rejected(NOT_TOLD)),
        case(
            "id-of-a-client",
            told(other("AWS::Cognito::UserPoolClient", ClientName="orders", UserPoolId="p")),
            TOLD.rejected(NOT_TOLD),
        ),
        case(
            "host-of-a-balancer",
            told(
                other("AWS::ElasticLoadBalancingV2::LoadBalancer", Name="orders"), {"Fn::GetAtt": ["Other", "DNSName"]}
            ),
            TOLD.rejected(NOT_TOLD),
        ),
        case(
            "type-that-nobody-knows",
            told(other("AWS::Future::Thing", ThingName="orders")),
            TOLD.undetermined(LATER, None),
        ),
        case(
            "attribute-of-a-type-that-nobody-knows",
            told(other("AWS::Future::Thing"), {"Fn::GetAtt": ["Other", "Label"]}),
            TOLD.undetermined("Other.Label is known at deployment only", None),
        ),
        case(
            "database-in-capitals",
            told(other("AWS::RDS::DBInstance", DBInstanceIdentifier="Orders")),
            TOLD.undetermined(IN_DOUBT, None),
        ),
    ],
)
def test_a_function_told_what_another_resource_is_called(document: Document, expected: Verdict) -> None:
    """A function that is told another resource's name is told the table's where the two are the same."""
    assert verdict(document, "lambda-dynamodb-integration/environment-variable-injected") == expected


def test_a_name_in_doubt_is_none_that_the_deployment_makes() -> None:
    """A database's name is known before the deployment, lower case or not: a table's generated name is another."""
    name = {"Fn::Sub": "${AWS::StackName}-Db"}
    document = template(
        {**other("AWS::RDS::DBInstance", DBInstanceIdentifier=name), VARIABLE: {"Ref": "Other"}},
    )
    expected = TOLD.rejected(NOT_TOLD)
    assert verdict(document, "lambda-dynamodb-integration/environment-variable-injected") == expected


def hidden(key: str, reason: str, origin: Origin, *, atomic: bool = False) -> Text:
    """Return a text that nobody knows."""
    return Text((Unknown(key, reason, origin, atomic=atomic),))


def at_deployment(attribute: str, origin: Origin) -> Text:
    """Return an attribute of the other resource that nobody knows."""
    return hidden(f"Other.{attribute}", f"Other.{attribute} is known at deployment only", origin)


@pytest.mark.parametrize(
    ("kind", "properties", "attribute", "expected"),
    [
        ("AWS::S3::Bucket", {"BucketName": "b"}, "BucketName", Text.of("b")),
        (
            "AWS::S3::Bucket",
            {},
            "BucketName",
            hidden("Ref Other", "Other is named at deployment", Origin.GENERATED, atomic=True),
        ),
        ("AWS::SSM::Parameter", {"Type": "String", "Value": "b"}, "Value", Text.of("b")),
        ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, "CidrBlock", Text.of("10.0.0.0/16")),
        ("AWS::EC2::VPC", {}, "CidrBlock", at_deployment("CidrBlock", Origin.GENERATED)),
        ("AWS::Lambda::Function", {"Layers": ["arn"]}, "Layers", at_deployment("Layers", Origin.GENERATED)),
        ("AWS::ECS::Service", {"ServiceName": "b"}, "Name", Text.of("b")),
        ("AWS::ECS::Service", {}, "Name", at_deployment("Name", Origin.GENERATED)),
        ("AWS::CodeCommit::Repository", {"RepositoryName": "b"}, "Name", Text.of("b")),
        ("AWS::CodeArtifact::Domain", {"DomainName": "b"}, "Name", at_deployment("Name", Origin.COMPUTED)),
        ("AWS::IoTAnalytics::Channel", {"ChannelName": "b"}, "Id", at_deployment("Id", Origin.COMPUTED)),
        ("AWS::RDS::DBCluster", {"DatabaseName": "b"}, "DatabaseName", Text.of("b")),
        (
            "AWS::RDS::DBCluster",
            {"DatabaseName": "B"},
            "DatabaseName",
            hidden("Other.DatabaseName", IN_DOUBT, Origin.EXTERNAL),
        ),
        ("AWS::RDS::DBCluster", {}, "Endpoint.Address", at_deployment("Endpoint.Address", Origin.GENERATED)),
        ("Custom::Thing", {"Label": "b"}, "Label", at_deployment("Label", Origin.COMPUTED)),
    ],
)
def test_attributes(kind: str, properties: dict[str, object], attribute: str, expected: Text) -> None:
    """An attribute is what the property of its name says, made by AWS, or in doubt where it may be a chosen name."""
    assert called(kind, properties, attribute) == expected


_PROPERTY_OF_REF = re.compile(r"get \w+Ref\(\)\{return\{(.*?)\}\}", re.DOTALL)
_TYPE = re.compile(r'CFN_RESOURCE_TYPE_NAME="(AWS::\w+::\w+)"')
_CLASS = re.compile(r"(?=class Cfn\w+ extends)")

_DOCUMENTED_OTHERWISE = {
    "AWS::AppSync::ApiKey": "the CDK knows of no property; it is an ARN",
    "AWS::Budgets::Budget": "the CDK has a made-up id; it is the budget's name",
    "AWS::DevOpsGuru::ResourceCollection": "one of AWS's words, that no template may write",
    "AWS::DocDB::DBCluster": "the CDK has a made-up id; it is the DBClusterIdentifier",
    "AWS::DocDB::DBInstance": "the CDK has a made-up id; it is the instance's name",
    "AWS::EC2::EIP": "an address, that no template may write",
    "AWS::EC2::PlacementGroup": "a name that no template may write",
    "AWS::ElastiCache::ParameterGroup": "a name that no template may write",
    "AWS::ElastiCache::User": "the CDK calls the UserId so",
    "AWS::Events::Rule": "the CDK has the ARN only; it is the rule's name",
    "AWS::Glue::Table": "the CDK has a made-up id; it is the table's name",
    "AWS::IAM::VirtualMFADevice": "an ARN, that no template may write",
    "AWS::MemoryDB::MultiRegionCluster": "a name that no template may write",
    "AWS::Pinpoint::EmailTemplate": "the CDK has a made-up id; it is the TemplateName",
    "AWS::Pinpoint::PushTemplate": "the CDK has a made-up id; it is the TemplateName",
    "AWS::Pinpoint::SmsTemplate": "the CDK has a made-up id; it is the TemplateName",
    "AWS::PinpointEmail::ConfigurationSet": "the CDK has a made-up id; it is the name",
    "AWS::PinpointEmail::DedicatedIpPool": "the CDK has a made-up id; it is the name",
    "AWS::PinpointEmail::Identity": "the CDK has a made-up id; it is the name",
    "AWS::QLDB::Ledger": "the CDK has a made-up id; it is the name",
    "AWS::Redshift::ClusterSubnetGroup": "a name that no template may write",
    "AWS::ResourceExplorer2::DefaultViewAssociation": "an account and a region, that no template may write",
}
"""Where the CDK and the documentation differ on `Ref`, or a word says too little, and why the table is right."""


def said_by_the_cdk() -> dict[str, str]:
    """Return the property, or the several by bars, that the CDK's own classes take a type's `Ref` for."""
    found = find_spec("aws_cdk")
    assert found is not None
    assert found.origin is not None
    (archive,) = Path(found.origin).parent.joinpath("_jsii").glob("aws-cdk-lib@*.tgz")
    said = {}
    with tarfile.open(archive) as package:
        for member in package:
            source = package.extractfile(member) if member.name.endswith(".generated.js") else None
            for text in _CLASS.split(source.read().decode()) if source else ():
                kind, properties = _TYPE.search(text), _PROPERTY_OF_REF.search(text)
                if kind and properties:
                    pairs = [pair.partition(":") for pair in properties.group(1).split(",")]
                    by_ref = [name for name, _, value in pairs if value == "this.ref"]
                    said[kind.group(1)] = "|" if 'split("|",this.ref)' in properties.group(1) else "".join(by_ref)
    return said


def agrees(kind: str, said: str) -> bool:
    """Tell whether the table says of a type what the CDK says."""
    if kind in names.GENERATED:
        return said == "|" or said.lower().endswith(("arn", "id", "url", "identifier"))
    wanted = names.NAMED[kind][-1].lower()
    return said.lower() in {wanted, kind.rpartition(":")[2].lower() + wanted}


def test_the_cdk_agrees() -> None:
    """The CDK's database of AWS's types, which was made by others, says the same of every type but those explained."""
    said = {kind: word for kind, word in said_by_the_cdk().items() if names.is_known(kind)}
    assert len(said) > 1600
    assert {kind for kind, word in said.items() if not agrees(kind, word)} == set(_DOCUMENTED_OTHERWISE)


def test_no_type_is_in_both_parts_of_the_table() -> None:
    """A type's `Ref` is named by the template or by AWS, not by both."""
    assert names.NAMED.keys() & names.GENERATED == set()
