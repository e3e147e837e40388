"""StorageStack: each setting reaches the template, and what the settings do not name stays secure."""

import json
from typing import Any

import pytest

from stack.contexts import Context
from stack.settings import PREFIX
from stack.synth import Synthesis, synthesise

CASES: dict[str, dict[str, object]] = {
    "defaults": {},
    "prod": {"stage": "prod"},
    "destroy": {"removalPolicy": "destroy"},
    "roud": {"removalPolicy": "retain-on-update-or-delete"},
    "nopitr": {"pointInTimeRecovery": "false"},
    "week": {"recoveryPeriodInDays": "7"},
    "provisioned": {"billingMode": "PROVISIONED", "readCapacity": 7},
    "named": {"tableName": "worthwatch", "tableEnvironmentVariableName": "TABLE"},
    "vpc": {"deployVpc": True},
}


@pytest.fixture(scope="module")
def stacks() -> dict[str, Synthesis]:
    """Synthesise every case once."""
    contexts = [Context(n, {PREFIX + k: v for k, v in values.items()}) for n, values in CASES.items()]
    return {synthesis.context.name: synthesis for synthesis in synthesise(contexts, workers=1)}


def template(synthesis: Synthesis) -> dict[str, Any]:
    """Read the template, which must be there."""
    assert synthesis.template is not None, synthesis
    document: dict[str, Any] = json.loads(synthesis.template)
    return document


def only(synthesis: Synthesis, kind: str) -> tuple[str, dict[str, Any]]:
    """Give the one resource of a type, with its logical id."""
    ((logical_id, resource),) = ((name, r) for name, r in template(synthesis)["Resources"].items() if r["Type"] == kind)
    return logical_id, resource


def table(synthesis: Synthesis) -> dict[str, Any]:
    """Give the table without what only metadata says."""
    _, resource = only(synthesis, "AWS::DynamoDB::Table")
    return {key: value for key, value in resource.items() if key not in {"Type", "Metadata"}}


DEFAULT_PROPERTIES = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "DeletionProtectionEnabled": False,
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
}
RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
PROVISIONED = {key: value for key, value in DEFAULT_PROPERTIES.items() if key != "BillingMode"}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("defaults", {"Properties": DEFAULT_PROPERTIES, **RETAINED}),
        ("prod", {"Properties": DEFAULT_PROPERTIES | {"DeletionProtectionEnabled": True}, **RETAINED}),
        (
            "destroy",
            {"Properties": DEFAULT_PROPERTIES, "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"},
        ),
        (
            "roud",
            {
                "Properties": DEFAULT_PROPERTIES,
                "DeletionPolicy": "RetainExceptOnCreate",
                "UpdateReplacePolicy": "Retain",
            },
        ),
        (
            "nopitr",
            {
                "Properties": DEFAULT_PROPERTIES
                | {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False}},
                **RETAINED,
            },
        ),
        (
            "week",
            {
                "Properties": DEFAULT_PROPERTIES
                | {
                    "PointInTimeRecoverySpecification": {
                        "PointInTimeRecoveryEnabled": True,
                        "RecoveryPeriodInDays": 7,
                    }
                },
                **RETAINED,
            },
        ),
        (
            "provisioned",
            {
                "Properties": PROVISIONED
                | {"ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}},
                **RETAINED,
            },
        ),
        ("named", {"Properties": DEFAULT_PROPERTIES | {"TableName": "worthwatch"}, **RETAINED}),
    ],
)
def test_table(stacks: dict[str, Synthesis], case: str, expected: dict[str, Any]) -> None:
    """The table is what the settings say and, in all they do not say, what the construct recommends."""
    assert table(stacks[case]) == expected


@pytest.mark.parametrize(
    ("case", "variable", "others"),
    [("defaults", "DDB_TABLE_NAME", {}), ("named", "TABLE", {"TABLE_NAME_VARIABLE": "TABLE"})],
)
def test_function_is_told_the_table(
    stacks: dict[str, Synthesis], case: str, variable: str, others: dict[str, str]
) -> None:
    """The function gets the table's name, and the variable's name only where it is not the usual one."""
    logical_id, _ = only(stacks[case], "AWS::DynamoDB::Table")
    _, function = only(stacks[case], "AWS::Lambda::Function")
    properties = function["Properties"]
    assert properties["Environment"] == {"Variables": {variable: {"Ref": logical_id}, **others}}
    shape = {key: properties[key] for key in ("Runtime", "Handler", "MemorySize", "Timeout", "TracingConfig")}
    assert shape == {
        "Runtime": "python3.14",
        "Handler": "index.handler",
        "MemorySize": 256,
        "Timeout": 15,
        "TracingConfig": {"Mode": "Active"},
    }


def test_output(stacks: dict[str, Synthesis]) -> None:
    """The stack's one output is the table's name."""
    logical_id, _ = only(stacks["defaults"], "AWS::DynamoDB::Table")
    assert template(stacks["defaults"])["Outputs"] == {
        "TableName": {"Description": "Name of the DynamoDB table", "Value": {"Ref": logical_id}}
    }


def test_settings_are_in_the_template(stacks: dict[str, Synthesis]) -> None:
    """The template alone tells what was intended, and the synthesis says the same."""
    for name, synthesis in stacks.items():
        assert template(synthesis)["Metadata"] == {"worthwatch:settings": synthesis.settings}, name
    assert stacks["provisioned"].settings == {
        "stage": "dev",
        "removalPolicy": "retain",
        "pointInTimeRecovery": True,
        "billingMode": "PROVISIONED",
        "readCapacity": 7,
        "writeCapacity": 5,
        "deletionProtection": False,
        "tableEnvironmentVariableName": "DDB_TABLE_NAME",
        "deployVpc": False,
    }


def test_vpc_only_on_demand(stacks: dict[str, Synthesis]) -> None:
    """Only deployVpc makes a network, and it holds the function."""
    kinds = {
        name: {r["Type"] for r in template(s)["Resources"].values() if r["Type"].startswith("AWS::EC2::VPC")}
        for name, s in stacks.items()
    }
    assert kinds == {name: set() for name in CASES} | {"vpc": {"AWS::EC2::VPC", "AWS::EC2::VPCEndpoint"}}


def test_table_comes_from_the_solutions_construct(stacks: dict[str, Synthesis]) -> None:
    """The construct tree shows the table inside LambdaToDynamoDB."""
    logical_id, _ = only(stacks["defaults"], "AWS::DynamoDB::Table")
    constructs = stacks["defaults"].constructs
    assert constructs is not None
    assert constructs[logical_id] == (
        "aws-cdk-lib.App@2.273.0",
        "aws-cdk-lib.Stack@2.273.0",
        "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB@2.105.0",
        "aws-cdk-lib.aws_dynamodb.Table@2.273.0",
        "aws-cdk-lib.aws_dynamodb.CfnTable@2.273.0",
    )
