"""What AWS's own managed policies allow, as far as it matters to a DynamoDB table.

Source: AWS Managed Policy Reference Guide, read 2026-11. Statements about other services are left out, so that an
empty list is a policy which allows nothing in DynamoDB. A policy that is not listed is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping


def _allow(*actions: str) -> dict[str, object]:
    return {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


_NOTHING: dict[str, object] = {"Statement": []}

AWS_MANAGED_POLICIES: Mapping[str, Mapping[str, object]] = {
    "AdministratorAccess": _allow("*"),
    "AmazonDynamoDBFullAccess": _allow("dynamodb:*"),
    "AmazonDynamoDBFullAccess_v2": _allow("dynamodb:*"),
    "AmazonDynamoDBReadOnlyAccess": _allow(
        "dynamodb:BatchGetItem",
        "dynamodb:Describe*",
        "dynamodb:GetAbacStatus",
        "dynamodb:GetItem",
        "dynamodb:GetResourcePolicy",
        "dynamodb:List*",
        "dynamodb:PartiQLSelect",
        "dynamodb:Query",
        "dynamodb:Scan",
    ),
    "AWSXRayDaemonWriteAccess": _NOTHING,
    "CloudWatchLambdaInsightsExecutionRolePolicy": _NOTHING,
    "service-role/AWSLambdaBasicExecutionRole": _NOTHING,
    "service-role/AWSLambdaDynamoDBExecutionRole": _allow(
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"
    ),
    "service-role/AWSLambdaSQSQueueExecutionRole": _NOTHING,
    "service-role/AWSLambdaVPCAccessExecutionRole": _NOTHING,
}
"""The policy documents by the part of the policy's ARN behind `:iam::aws:policy/`."""
