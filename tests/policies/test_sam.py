"""What becomes of serverless resources, and which templates the translator does not get to translate."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import NoReturn

import pytest

from policies.errors import UndeterminedError
from policies.sam import TRANSFORM, translate

Json = dict[str, object]
PARAMETERS: Json = {
    "Encrypted": {"Type": "String", "Default": "true"},
    "Stage": {"Type": "String", "Default": "dev"},
    "Tracing": {"Type": "String", "Default": "Disabled"},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/alias"},
}
CONDITIONS: Json = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
KEY: Json = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
TAGS = [{"Key": "lambda:createdBy", "Value": "SAM"}]
INTEGRATION = "x-amazon-apigateway-integration"
CODE = {"S3Bucket": "stand-in", "S3Key": "object"}


def document(**resources: object) -> Json:
    """Make a serverless template."""
    return {"Transform": TRANSFORM, "Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": resources}


def table(properties: Json | None = None, **attributes: object) -> Json:
    """Make a serverless table."""
    return {"Type": "AWS::Serverless::SimpleTable", **attributes, "Properties": properties or {}}


def function(**properties: object) -> Json:
    """Make a serverless function, whose code lies in a folder."""
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Handler": "app.handler", "Runtime": "python3.12", "CodeUri": "./src", **properties},
    }


def role(*managed: str, **properties: object) -> Json:
    """Expect the role that is made for a function."""
    policies = ("service-role/AWSLambdaBasicExecutionRole", *managed)
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole"],
                        "Effect": "Allow",
                        "Principal": {"Service": ["lambda.amazonaws.com"]},
                    }
                ],
            },
            "ManagedPolicyArns": [aws_policy(name) for name in policies],
            **properties,
            "Tags": TAGS,
        },
    }


def aws_policy(name: str) -> Json:
    """Expect the ARN of a policy of AWS in every partition."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"}


def made(source: Json, given: dict[str, str] | None = None) -> dict[str, object]:
    """Return the resources that become of a template, the rest of which stays as it is."""
    before = repr(source)
    result = translate(source, given or {})
    assert repr(source) == before
    assert {key: result[key] for key in result if key != "Resources"} == {
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
    }
    resources = result["Resources"]
    assert isinstance(resources, dict)
    return resources


def refusal(source: Json) -> str:
    """Return why a template is not translated."""
    with pytest.raises(UndeterminedError) as raised:
        translate(source, {})
    return raised.value.reason


# Tables


@pytest.mark.parametrize("given", [{}, {"Encrypted": "false", "Stage": "prod"}])
def test_a_table_keeps_its_worlds(given: dict[str, str]) -> None:
    """References to parameters, conditions and policies of a table stay as they are written, defaults or not."""
    properties: Json = {
        "TableName": {"Fn::Sub": "things-${Stage}-${AWS::Region}"},
        "SSESpecification": {"SSEEnabled": {"Ref": "Encrypted"}},
        "PointInTimeRecoverySpecification": {"Fn::If": ["IsProd", {"PointInTimeRecoveryEnabled": True}, None]},
    }
    attributes: Json = {
        "Condition": "IsProd",
        "DeletionPolicy": {"Fn::If": ["IsProd", "Retain", "Delete"]},
        "UpdateReplacePolicy": "Retain",
        "DependsOn": ["Other"],
        "Metadata": {"why": "because"},
    }
    assert made(document(Things=table(properties, **attributes), Other={"Type": "AWS::SNS::Topic"}), given) == {
        "Things": {
            "Type": "AWS::DynamoDB::Table",
            **attributes,
            "Properties": {**KEY, **properties, "BillingMode": "PAY_PER_REQUEST"},
        },
        "Other": {"Type": "AWS::SNS::Topic"},
    }


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, {**KEY, "BillingMode": "PAY_PER_REQUEST"}),
        (
            {"PrimaryKey": {"Name": "number", "Type": "Number"}},
            {
                "AttributeDefinitions": [{"AttributeName": "number", "AttributeType": "N"}],
                "KeySchema": [{"AttributeName": "number", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        ),
        (
            {"ProvisionedThroughput": {"ReadCapacityUnits": {"Fn::If": ["IsProd", 5, 1]}, "WriteCapacityUnits": 1}},
            {
                **KEY,
                "ProvisionedThroughput": {"ReadCapacityUnits": {"Fn::If": ["IsProd", 5, 1]}, "WriteCapacityUnits": 1},
            },
        ),
    ],
)
def test_keys_and_billing(properties: Json, expected: Json) -> None:
    """A table has the key id unless it states another, and is billed per request unless it states a throughput."""
    assert made(document(T=table(properties))) == {"T": {"Type": "AWS::DynamoDB::Table", "Properties": expected}}


def test_globals() -> None:
    """What Globals states holds for each resource of its kind, references and all."""
    source = {
        **document(A=table(), B=table({"SSESpecification": {"SSEEnabled": False}})),
        "Globals": {"SimpleTable": {"SSESpecification": {"SSEEnabled": {"Ref": "Encrypted"}}}},
    }
    assert made(source) == {
        name: {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {**KEY, "SSESpecification": {"SSEEnabled": enabled}, "BillingMode": "PAY_PER_REQUEST"},
        }
        for name, enabled in (("A", {"Ref": "Encrypted"}), ("B", False))
    }


# Functions


def test_a_function() -> None:
    """A function becomes one with a role that holds its policies, by the name, the ARN, the template, or as written."""
    statement = {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": {"Fn::Sub": "arn:aws:x:${Stage}"}}
    policies: list[object] = [
        "AmazonDynamoDBReadOnlyAccess",
        "NewerThanTheTranslator",
        {"Ref": "Stage"},
        {"Fn::If": ["IsProd", "arn:aws:iam::aws:policy/AdministratorAccess", {"Ref": "AWS::NoValue"}]},
        "arn:aws:iam::123456789012:policy/Ours",
        {"Statement": [statement]},
        {"DynamoDBWritePolicy": {"TableName": {"Ref": "Things"}}},
    ]
    environment = {"Variables": {"TABLE": {"Ref": "Things"}, "REGION": {"Ref": "AWS::Region"}}}
    resources = made(document(Things=table(), F=function(Policies=policies, Environment=environment)))
    name = {"tableName": {"Ref": "Things"}}
    arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}"
    expected = role(
        Policies=[
            {"PolicyName": "FRolePolicy5", "PolicyDocument": {"Statement": [statement]}},
            {
                "PolicyName": "FRolePolicy6",
                "PolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
                            "Resource": [{"Fn::Sub": [arn, name]}, {"Fn::Sub": [f"{arn}/index/*", name]}],
                        }
                    ]
                },
            },
        ],
        ManagedPolicyArns=[
            aws_policy("service-role/AWSLambdaBasicExecutionRole"),
            aws_policy("AmazonDynamoDBReadOnlyAccess"),
            aws_policy("NewerThanTheTranslator"),
            {"Ref": "Stage"},
            {"Fn::If": ["IsProd", aws_policy("AdministratorAccess"), {"Ref": "AWS::NoValue"}]},
            "arn:aws:iam::123456789012:policy/Ours",
        ],
    )
    assert resources == {
        "Things": {"Type": "AWS::DynamoDB::Table", "Properties": {**KEY, "BillingMode": "PAY_PER_REQUEST"}},
        "F": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": CODE,
                "Handler": "app.handler",
                "Runtime": "python3.12",
                "Role": {"Fn::GetAtt": ["FRole", "Arn"]},
                "Environment": environment,
                "Tags": TAGS,
            },
        },
        "FRole": expected,
    }


def test_a_role_of_the_templates_own() -> None:
    """A function that states its role gets none, and the role stays as it is written."""
    own: Json = {
        "Type": "AWS::IAM::Role",
        "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
    }
    stated = {"Fn::GetAtt": ["Own", "Arn"]}
    resources = made(document(Own=own, F=function(Role=stated)))
    assert list(resources) == ["Own", "F"]
    assert resources["Own"] == own
    assert resources["F"] == {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": CODE,
            "Handler": "app.handler",
            "Runtime": "python3.12",
            "Role": stated,
            "Tags": TAGS,
        },
    }


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"CodeUri": "s3://bucket/key"}, CODE),
        ({"CodeUri": {"Ref": "Stage"}}, CODE),
        ({"CodeUri": {"Bucket": "bucket", "Key": "key"}}, CODE),
        ({}, CODE),
        ({"InlineCode": "pass"}, {"ZipFile": "pass"}),
        ({"PackageType": "Image"}, {"ImageUri": "s3://stand-in/object"}),
        ({"PackageType": "Image", "ImageUri": {"Ref": "Stage"}}, {"ImageUri": {"Ref": "Stage"}}),
    ],
)
def test_code(properties: Json, code: Json) -> None:
    """Wherever the code lies, the function is made."""
    zipped = {} if "PackageType" in properties else {"Handler": "app.handler", "Runtime": "python3.12"}
    packaged = {"PackageType": "Image"} if "PackageType" in properties else {}
    source = document(F={"Type": "AWS::Serverless::Function", "Properties": {**zipped, **properties}})
    assert made(source) == {
        "F": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": code,
                **zipped,
                **packaged,
                "Role": {"Fn::GetAtt": ["FRole", "Arn"]},
                "Tags": TAGS,
            },
        },
        "FRole": role(),
    }


@pytest.mark.parametrize("alias", ["live", {"Ref": "Stage"}, {"Ref": "Stored"}, {"Fn::Sub": "${Stage}-live"}])
@pytest.mark.parametrize("shared", [True, False])
def test_aliases(alias: object, shared: bool) -> None:
    """A function's alias has the name that the function or Globals states, whether it is known or not."""
    of_function: Json = {} if shared else {"AutoPublishAlias": alias}
    source = {
        **document(F=function(**of_function)),
        "Globals": {"Function": {"AutoPublishAlias": alias} if shared else {"Timeout": 3}},
    }
    resources = made(source)
    (found,) = [one for one in resources.values() if isinstance(one, dict) and one["Type"] == "AWS::Lambda::Alias"]
    (version,) = [key for key in resources if key.startswith("FVersion")]
    assert found == {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "Name": alias,
            "FunctionName": {"Ref": "F"},
            "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
        },
    }


@pytest.mark.parametrize(
    ("parameter", "given", "traced"),
    [
        ("Tracing", {"Tracing": "Disabled"}, False),
        ("Tracing", {"Tracing": "Active"}, True),
        ("Tracing", {}, True),
        ("Stored", {"Stored": "Disabled"}, True),
        ("Nowhere", {"Nowhere": "Disabled"}, True),
    ],
)
def test_given_values(parameter: str, given: dict[str, str], traced: bool) -> None:
    """A value that was told decides what the translator decides by it; a default or a stored name does not."""
    mode = {"Ref": parameter}
    properties: Json = {
        "Code": CODE,
        "Handler": "app.handler",
        "Runtime": "python3.12",
        "Role": {"Fn::GetAtt": ["FRole", "Arn"]},
        "Tags": TAGS,
    }
    resources = made(document(F=function(Tracing=mode)), given)
    assert resources == {
        "F": {
            "Type": "AWS::Lambda::Function",
            "Properties": {**properties, "TracingConfig": {"Mode": mode}} if traced else properties,
        },
        "FRole": role("AWSXrayWriteOnlyAccess") if traced else role(),
    }


# What the deployment alone knows


@pytest.mark.parametrize("kind", [{"Ref": "Stage"}, ["String"], None, 1])
def test_a_parameter_of_no_type(kind: object) -> None:
    """Of a parameter whose type is no text no value is told, and the template is expanded all the same."""
    source = {**document(F=function(Tracing={"Ref": "P"})), "Parameters": {"P": {"Type": kind}}}
    assert translate(source, {"P": "Disabled"}) == translate(source, {})


def test_references_stay() -> None:
    """What refers to the region, the partition or a parameter refers to it still, where the translator looks inside."""
    queue = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Stage}"}
    destinations = {"DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": queue}}}
    resources = made(document(F=function(EventInvokeConfig=destinations, AutoPublishAlias="live")))
    (found,) = [
        one for one in resources.values() if isinstance(one, dict) and one["Type"] == "AWS::Lambda::EventInvokeConfig"
    ]
    assert found["Properties"] == {
        "FunctionName": {"Ref": "F"},
        "Qualifier": "live",
        "DestinationConfig": {"OnFailure": {"Destination": queue}},
    }


def test_locations_of_other_kinds() -> None:
    """Layers and state machines from folders are made; an application from elsewhere is a stack that nobody knows."""
    published = {
        "ApplicationId": "arn:aws:serverlessrepo:us-east-1:123456789012:applications/x",
        "SemanticVersion": "1",
    }
    resources = made(
        document(
            Published={"Type": "AWS::Serverless::Application", "Properties": {"Location": published}},
            Local={"Type": "AWS::Serverless::Application", "Properties": {"Location": "./app.yaml"}},
            Layer={"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "./layer"}},
            Machine={
                "Type": "AWS::Serverless::StateMachine",
                "Properties": {"DefinitionUri": "./machine.json", "Role": "arn:aws:iam::123456789012:role/r"},
            },
        )
    )
    stack = "AWS::CloudFormation::Stack"
    assert resources["Published"] == {
        "Type": stack,
        "Properties": {"TemplateURL": "s3://stand-in/object", "Tags": TAGS},
    }
    assert resources["Local"] == {"Type": stack, "Properties": {"TemplateURL": "./app.yaml", "Tags": TAGS}}
    assert [one["Type"] for one in resources.values() if isinstance(one, dict)].count("AWS::Lambda::LayerVersion") == 1
    assert resources["Machine"] == {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "DefinitionS3Location": {"Bucket": "stand-in", "Key": "object"},
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "Tags": [{"Key": "stateMachine:createdBy", "Value": "SAM"}],
        },
    }


def test_nothing_outside_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the network nor the region, profile and files of whoever runs this change what is made."""
    published = {"ApplicationId": "x", "SemanticVersion": "1"}
    source = document(
        F=function(Policies=["Unheard"], Tracing="Active", Events={"E": {"Type": "HttpApi"}}),
        A={"Type": "AWS::Serverless::Application", "Properties": {"Location": published}},
    )

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a connection was tried")

    here = made(source)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert made(source) == here


# What is refused


REFUSES = "the SAM translator refuses it: "
REQUIRED = f"{REFUSES}Structure of the SAM template is invalid. 'Resources' section is required"
TOO_MANY = "more than 300 resources, events, policies and connectors, the limit"
TOO_LARGE = (
    "serverless resources, each with its Globals, of more than 20,000 keys and values or 1,048,576 characters, "
    "the limits"
)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({}, REQUIRED),
        ({"Resources": []}, REQUIRED),
        (
            {"Resources": {"F": {"Type": "AWS::Serverless::New"}}},
            "the SAM translator does not know the type 'AWS::Serverless::New'",
        ),
        (
            {"Resources": {"T": {"Type": "AWS::Serverless::SimpleTable", "Properties": []}}},
            f"{REFUSES}Resource with id [T] is invalid. Attribute 'Properties' should be a map.",
        ),
        (
            {"Resources": {"T": table({"PrimaryKey": {"Name": "id", "Type": "S"}}), "U": table({"Other\n": 1})}},
            f"{REFUSES}Resource with id [T] is invalid. Invalid 'Type' \"S\".; "
            "Resource with id [U] is invalid. property Other not defined for resource of type "
            "AWS::Serverless::SimpleTable",
        ),
        (
            {"Resources": {"Fn::ForEach::F": ["X", ["a"], {}]}},
            "it runs after the macros under Resources, which are not expanded",
        ),
    ],
)
def test_refusals(source: Json, reason: str) -> None:
    """What the translator refuses, or does not know, is told in one line, with the reason."""
    assert refusal(source) == reason


def test_a_condition_name_too_long() -> None:
    """A condition's name over CloudFormation's limit, for which the translator would ask its user, is refused."""
    queue = {"Type": "SQS", "Destination": {"Fn::If": ["C" * 300, "arn:aws:sqs:x", {"Ref": "AWS::NoValue"}]}}
    source = document(F=function(EventInvokeConfig={"DestinationConfig": {"OnFailure": queue}}))
    assert refusal(source) == f"{REFUSES}ValueError: 'NOT{'C' * 54}...' is too long for the name of a condition"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (document(**{f"T{i}": table() for i in range(501)}), TOO_MANY),
        (document(F=function(Events={f"E{i}": {"Type": "Api"} for i in range(300)})), TOO_MANY),
        (document(F=function(Policies=["P"] * 300)), TOO_MANY),
        (document(F=function(Environment={"Variables": {f"V{i}": "" for i in range(10_000)}})), TOO_LARGE),
        (
            {**document(**{f"T{i}": table() for i in range(100)}), "Globals": {"SimpleTable": {"Tags": "x" * 20_000}}},
            TOO_LARGE,
        ),
    ],
)
def test_limits(source: Json, reason: str) -> None:
    """What would keep the translator busy for minutes is not begun."""
    assert refusal(source) == reason


def test_the_limit_of_the_result() -> None:
    """A template that would become larger than any that is read is refused."""
    api = {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "StageName": "x",
            "Auth": {"ResourcePolicy": {"IpRangeWhitelist": [f"10.0.0.{i}" for i in range(500)]}},
            "DefinitionBody": {"swagger": "2.0", "paths": {f"/{i}": {"get": {INTEGRATION: {}}} for i in range(500)}},
        },
    }
    assert refusal(document(Api=api)) == "it makes more than 200,000 keys and values, the limit"
