"""The reference stack broken on purpose, once for each scenario of the spec, as an override would break it."""

# ruff: noqa: E402 -- importing the CDK starts the Node.js that JSII_NODE names by then

from __future__ import annotations

from collections.abc import Callable, Mapping

from stack.node import use_bundled_node

use_bundled_node()

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from stack.storage import StorageStack

CONTEXT_KEY = "break"
"""The context key that names the scenario to break, for stacks synthesised in a worker."""


def apply(stack: StorageStack) -> None:
    """Break a stack in the way that its context names; a stack whose context names none is left alone."""
    name = stack.node.try_get_context(CONTEXT_KEY)
    if name is not None:
        {**BREAKS, **OTHERS}[name](stack)


def apply_by_settings(stack: StorageStack) -> None:
    """Break one scenario always, one in prod with a VPC, and one in staging with a VPC and no recovery."""
    settings = stack.settings
    BREAKS["table-encryption/encryption-enabled"](stack)
    if settings.stage == "prod" and settings.deploy_vpc:
        BREAKS["table-key-schema/no-sort-key-required"](stack)
    if settings.stage == "staging" and settings.deploy_vpc and not settings.point_in_time_recovery:
        BREAKS["table-key-schema/partition-key-defined"](stack)


def _table(stack: StorageStack) -> dynamodb.CfnTable:
    return next(node for node in stack.node.find_all() if isinstance(node, dynamodb.CfnTable))


def _function(stack: StorageStack) -> lambda_.CfnFunction:
    return next(node for node in stack.node.find_all() if isinstance(node, lambda_.CfnFunction))


def _policy(stack: StorageStack) -> iam.CfnManagedPolicy:
    return next(node for node in stack.node.find_all() if isinstance(node, iam.CfnManagedPolicy))


def _only_actions(stack: StorageStack, *actions: str) -> None:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": _table(stack).attr_arn}
    _policy(stack).add_property_override("PolicyDocument.Statement", [statement])


def _beside_the_construct(stack: StorageStack) -> None:
    dynamodb.CfnTable(
        stack,
        "Beside",
        key_schema=[dynamodb.CfnTable.KeySchemaProperty(attribute_name="id", key_type="HASH")],
        attribute_definitions=[dynamodb.CfnTable.AttributeDefinitionProperty(attribute_name="id", attribute_type="S")],
        billing_mode="PAY_PER_REQUEST",
    )


def _arn_for_name(stack: StorageStack) -> None:
    _function(stack).add_property_override("Environment.Variables.DDB_TABLE_NAME", _table(stack).attr_arn)


def _name_nowhere(stack: StorageStack) -> None:
    _arn_for_name(stack)
    output = stack.node.find_child("TableName")
    assert isinstance(output, cdk.CfnOutput)
    output.value = _table(stack).attr_arn


def _provisioned(stack: StorageStack) -> None:
    _table(stack).add_property_override("BillingMode", "PROVISIONED")
    throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    _table(stack).add_property_override("ProvisionedThroughput", throughput)


def _other_key(stack: StorageStack) -> None:
    _table(stack).add_property_override("KeySchema.0.AttributeName", "pk")
    _table(stack).add_property_override("AttributeDefinitions.0.AttributeName", "pk")


def _sort_key(stack: StorageStack) -> None:
    _table(stack).add_property_override("KeySchema.1", {"AttributeName": "at", "KeyType": "RANGE"})
    _table(stack).add_property_override("AttributeDefinitions.1", {"AttributeName": "at", "AttributeType": "S"})


BREAKS: Mapping[str, Callable[[StorageStack], None]] = {
    "dynamodb-table-provisioning/table-created-via-solutions-construct": _beside_the_construct,
    "dynamodb-table-provisioning/table-name-available": _name_nowhere,
    "table-key-schema/partition-key-defined": _other_key,
    "table-key-schema/no-sort-key-required": _sort_key,
    "lambda-dynamodb-integration/read-permissions-granted": lambda stack: _only_actions(
        stack, "dynamodb:PutItem", "dynamodb:UpdateItem"
    ),
    "lambda-dynamodb-integration/write-permissions-granted": lambda stack: _only_actions(
        stack, "dynamodb:GetItem", "dynamodb:Query"
    ),
    "lambda-dynamodb-integration/environment-variable-injected": _arn_for_name,
    "table-billing-mode/pay-per-request-billing": _provisioned,
    "table-encryption/encryption-enabled": lambda stack: _table(stack).add_property_override(
        "SSESpecification.SSEEnabled", value=False
    ),
    "point-in-time-recovery/pitr-configurable": lambda stack: _table(stack).add_property_deletion_override(
        "PointInTimeRecoverySpecification"
    ),
    "table-deletion-protection/deletion-policy-applied": lambda stack: _table(stack).add_deletion_override(
        "DeletionPolicy"
    ),
    "table-deletion-protection/retain-option-available": lambda stack: _table(stack).add_override(
        "DeletionPolicy", "Delete"
    ),
}
"""What breaks each scenario of `dynamodb-storage`, by `<requirement-slug>/<scenario-slug>`."""


def _raise(_: StorageStack) -> None:
    raise ValueError("the stack cannot be built today")


OTHERS: Mapping[str, Callable[[StorageStack], None]] = {
    "table-of-another-type": lambda stack: _table(stack).add_override("Type", "Custom::Table"),
    "recovery-always-on": lambda stack: _table(stack).add_property_override(
        "PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": True}
    ),
    "refused-by-the-cdk": lambda stack: _table(stack).add_property_override("Nonsense", value=1),
    "exception": _raise,
}
"""What else can go wrong with a stack, by a name of its own."""
