"""What is to be found in the reference stack once it is broken: for each break, the whole finding and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version

from policies.model import Outcome, Verdict

TABLE = "StorageDynamoTable201FACD8"
FUNCTION = "StorageLambdaFunction85DD0E22"
ROLE = "FunctionRole8EE059BE"

_AT = f"$.Resources.{TABLE}"
_CDK = version("aws-cdk-lib")
_MEND_KEY = "set partition_key=dynamodb.Attribute(name='id', type=dynamodb.AttributeType.STRING)"
_MEND_GRANT = (
    "let the construct grant it (table_permissions='ReadWrite'), or call table.grant_read_write_data(function)"
)


@dataclass(frozen=True, slots=True)
class Broken:
    """What a break is caught by: the verdict on its scenario, and the other scenarios that cannot but break with it."""

    message: str
    path: str
    found: object
    expected: str
    remedy: str
    resource: str = TABLE
    also: frozenset[str] = frozenset()

    def verdict(self, scenario: str) -> Verdict:
        """Return the verdict, of no template and context."""
        return replace(
            Verdict("dynamodb-storage", scenario, Outcome.NON_COMPLIANT),
            resource=self.resource,
            path=self.path,
            found=self.found,
            expected=self.expected,
            message=self.message,
            remedy=self.remedy,
        )


def _refused(*actions: str) -> Broken:
    said = " and ".join(actions)
    return Broken(
        f"{FUNCTION}, which has the table's name, may not {said} on it",
        f"$.Resources.{ROLE}",
        {"function": FUNCTION, "role": ROLE, "refused": list(actions)},
        f"the role may {said} on {TABLE}",
        _MEND_GRANT,
    )


_PERMISSIONS = frozenset(
    {
        "lambda-dynamodb-integration/read-permissions-granted",
        "lambda-dynamodb-integration/write-permissions-granted",
    }
)

BROKEN: Mapping[str, Broken] = {
    "dynamodb-table-provisioning/table-created-via-solutions-construct": Broken(
        "the table is not made by the Solutions Construct",
        "$.Resources.Beside",
        [f"aws-cdk-lib.{construct}@{_CDK}" for construct in ("App", "Stack", "aws_dynamodb.CfnTable")],
        "an ancestor @aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB in the construct tree",
        "create the table through LambdaToDynamoDB, by its dynamo_table_props",
        "Beside",
        _PERMISSIONS
        | {
            "dynamodb-table-provisioning/table-name-available",
            "lambda-dynamodb-integration/environment-variable-injected",
            "table-encryption/encryption-enabled",
            "point-in-time-recovery/pitr-configurable",
            "table-deletion-protection/deletion-policy-applied",
            "table-deletion-protection/retain-option-available",
        },
    ),
    "dynamodb-table-provisioning/table-name-available": Broken(
        "neither an output nor an environment variable holds the table's name",
        "$.Outputs",
        ["TableName"],
        f"an output or a function's environment variable that is the name of {TABLE}",
        "add CfnOutput(self, 'TableName', value=table.table_name)",
        also=_PERMISSIONS | {"lambda-dynamodb-integration/environment-variable-injected"},
    ),
    "table-key-schema/partition-key-defined": Broken(
        "the partition key is named pk", f"{_AT}.Properties.KeySchema[0].AttributeName", "pk", "id", _MEND_KEY
    ),
    "table-key-schema/no-sort-key-required": Broken(
        "the table has a sort key",
        f"{_AT}.Properties.KeySchema[1]",
        {"AttributeName": "at", "KeyType": "RANGE"},
        "no key of KeyType RANGE",
        "leave out sort_key of the table's properties; put it on an index where one is needed",
    ),
    "lambda-dynamodb-integration/read-permissions-granted": _refused("dynamodb:GetItem", "dynamodb:Query"),
    "lambda-dynamodb-integration/write-permissions-granted": _refused("dynamodb:PutItem", "dynamodb:UpdateItem"),
    "lambda-dynamodb-integration/environment-variable-injected": Broken(
        "no function has the table's name in its environment",
        "$.Resources",
        {"functions": [FUNCTION]},
        f"a function's environment variable that is the name of {TABLE}, not its ARN",
        "create the function through LambdaToDynamoDB, or set environment={'DDB_TABLE_NAME': table.table_name}",
        also=_PERMISSIONS,
    ),
    "table-billing-mode/pay-per-request-billing": Broken(
        "the table's billing mode is PROVISIONED",
        f"{_AT}.Properties.BillingMode",
        "PROVISIONED",
        "PAY_PER_REQUEST",
        "set billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST",
    ),
    "table-encryption/encryption-enabled": Broken(
        "the table is encrypted with a key that AWS owns",
        f"{_AT}.Properties.SSESpecification.SSEEnabled",
        False,
        "server-side encryption on, with the AWS managed key alias/aws/dynamodb",
        "set encryption=dynamodb.TableEncryption.AWS_MANAGED",
    ),
    "point-in-time-recovery/pitr-configurable": Broken(
        "the template does not state point-in-time recovery",
        f"{_AT}.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        None,
        "PointInTimeRecoveryEnabled, true or false",
        "set point_in_time_recovery_specification of the table's properties",
    ),
    "table-deletion-protection/deletion-policy-applied": Broken(
        "the table states no deletion policy and would be deleted with its stack",
        f"{_AT}.DeletionPolicy",
        None,
        "Retain",
        "set removal_policy of the table's properties",
        also=frozenset({"table-deletion-protection/retain-option-available"}),
    ),
    "table-deletion-protection/retain-option-available": Broken(
        "the table is deleted with its stack although the removal policy retains it",
        f"{_AT}.DeletionPolicy",
        "Delete",
        "Retain or RetainExceptOnCreate",
        "set removal_policy=RemovalPolicy.RETAIN, and override DeletionPolicy nowhere",
        also=frozenset({"table-deletion-protection/deletion-policy-applied"}),
    ),
}
"""What is found, by the name of the break in `tests.gate.breaks`."""
