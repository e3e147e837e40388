"""FunctionSupport: the function's role, log and dead-letter queue, and that no flag of the CDK's adds to them."""

import json
from typing import Any

import pytest

from stack.contexts import Context
from stack.settings import PREFIX
from stack.synth import Synthesis, synthesise

VPC: dict[str, object] = {PREFIX + "deployVpc": True}
FLAGS: dict[str, object] = {
    "@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy": True,
    "@aws-cdk/aws-lambda:useCdkManagedLogGroup": False,
    "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": False,
}
CASES: dict[str, dict[str, object]] = {
    "defaults": {},
    "destroy": {PREFIX + "removalPolicy": "destroy"},
    "roud": {PREFIX + "removalPolicy": "retain-on-update-or-delete"},
    "vpc": VPC,
    "vpc-flags": VPC | FLAGS,
}

TABLE, FUNCTION = "StorageDynamoTable201FACD8", "StorageLambdaFunction85DD0E22"
ROLE, LOGS, QUEUE = "FunctionRole8EE059BE", "FunctionLogsB2C1DB5C", "FunctionDeadLettersC8A2A927"
PERMISSIONS, TRACING = "FunctionPermissions9019531F", "FunctionTracing7610F649"
NETWORK, NO_NETWORK = "FunctionNetwork9B936C35", "FunctionNoNetworkForCode4B451BA8"


@pytest.fixture(scope="module")
def templates() -> dict[str, dict[str, Any]]:
    """Synthesise every case once."""
    return {s.context.name: parsed(s) for s in synthesise((Context(n, v) for n, v in CASES.items()), workers=1)}


def parsed(synthesis: Synthesis) -> dict[str, Any]:
    """Read the template, which must be there."""
    assert synthesis.template is not None, synthesis
    document: dict[str, Any] = json.loads(synthesis.template)
    return document


def of(template: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """Give the resources of some types by logical id, without what only metadata says."""
    return {
        logical_id: {key: value for key, value in resource.items() if key not in {"Type", "Metadata"}}
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in kinds
    }


def statements(template: dict[str, Any], policy: str) -> list[Any]:
    """Give what a managed policy says; it must be the role's."""
    properties = of(template, "AWS::IAM::ManagedPolicy")[policy]["Properties"]
    assert properties["Roles"] == [{"Ref": ROLE}]
    said: list[Any] = properties["PolicyDocument"]["Statement"]
    return said


def arn(logical_id: str) -> dict[str, list[str]]:
    """Give what stands for a resource's ARN."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def allow(sid: str, actions: str | list[str], resource: object) -> dict[str, object]:
    """Give a statement that allows."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


GRANTED = [
    allow("Items", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], arn(TABLE)),
    allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], arn(LOGS)),
    allow("DeadLetters", "sqs:SendMessage", arn(QUEUE)),
]
TRACED = [allow("Tracing", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")]
INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


def test_role_may_do_what_the_handler_does(templates: dict[str, dict[str, Any]]) -> None:
    """One role without policies of its own, and managed ones, before the function; only X-Ray's are on everything."""
    template = templates["defaults"]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    assert of(template, "AWS::IAM::Role") == {
        ROLE: {"Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}}
    }
    assert of(template, "AWS::IAM::Policy") == {}
    assert [*of(template, "AWS::IAM::ManagedPolicy")] == [PERMISSIONS, TRACING]
    assert statements(template, PERMISSIONS) == GRANTED
    assert statements(template, TRACING) == TRACED
    assert of(template, "AWS::Lambda::Function")[FUNCTION]["DependsOn"] == [PERMISSIONS, ROLE, TRACING]


def test_network_is_for_the_lambda_service_alone(templates: dict[str, dict[str, Any]]) -> None:
    """In a VPC the role may make network interfaces, and the function's code, with the same role, may not."""
    template = templates["vpc"]
    assert [*of(template, "AWS::IAM::ManagedPolicy")] == [PERMISSIONS, TRACING, NETWORK, NO_NETWORK]
    assert statements(template, PERMISSIONS) == GRANTED
    assert statements(template, TRACING) == TRACED
    assert statements(template, NETWORK) == [allow("Network", INTERFACES, "*")]
    assert statements(template, NO_NETWORK) == [
        {
            "Sid": "NoNetworkForCode",
            "Effect": "Deny",
            "Action": INTERFACES,
            "Resource": "*",
            "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn(FUNCTION)}},
        }
    ]


def test_function_uses_them(templates: dict[str, dict[str, Any]]) -> None:
    """Role, log group and dead-letter queue are the function's."""
    properties = of(templates["defaults"], "AWS::Lambda::Function")[FUNCTION]["Properties"]
    assert {key: properties[key] for key in ("Role", "LoggingConfig", "DeadLetterConfig")} == {
        "Role": arn(ROLE),
        "LoggingConfig": {"LogGroup": {"Ref": LOGS}},
        "DeadLetterConfig": {"TargetArn": arn(QUEUE)},
    }


@pytest.mark.parametrize(
    ("case", "policies"),
    [
        ("defaults", {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}),
        ("destroy", {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}),
        ("roud", {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}),
    ],
)
def test_logs_and_failed_events_are_kept_as_the_table_is(
    templates: dict[str, dict[str, Any]], case: str, policies: dict[str, str]
) -> None:
    """A year of logs and 14 days of events, encrypted, outlive the stack if the table does."""
    assert of(templates[case], "AWS::Logs::LogGroup", "AWS::SQS::Queue") == {
        LOGS: {"Properties": {"RetentionInDays": 365}, **policies},
        QUEUE: {"Properties": {"KmsMasterKeyId": "alias/aws/sqs", "MessageRetentionPeriod": 1_209_600}, **policies},
    }


@pytest.mark.parametrize(
    ("case", "kept"), [("defaults", "Retain"), ("destroy", "Delete"), ("roud", "RetainExceptOnCreate")]
)
def test_a_queue_that_is_kept_keeps_its_policy(templates: dict[str, dict[str, Any]], case: str, kept: str) -> None:
    """Without it, what outlives the stack would be open to whoever comes without TLS."""
    (policy,) = of(templates[case], "AWS::SQS::QueuePolicy").values()
    assert policy["DeletionPolicy"] == kept


def test_failed_events_travel_encrypted(templates: dict[str, dict[str, Any]]) -> None:
    """The queue denies whoever comes without TLS."""
    (policy,) = of(templates["defaults"], "AWS::SQS::QueuePolicy").values()
    assert policy["Properties"]["Queues"] == [{"Ref": QUEUE}]
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "sqs:*",
            "Resource": arn(QUEUE),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_no_flag_adds_to_them(templates: dict[str, dict[str, Any]]) -> None:
    """Flags that would add an inline policy, leave logs to Lambda or a security group open change nothing."""
    assert templates["vpc-flags"] == templates["vpc"]
    assert [*of(templates["vpc"], "Custom::VpcRestrictDefaultSG")] == [
        "VpcRestrictDefaultSecurityGroupCustomResourceC73DA2BE"
    ]
