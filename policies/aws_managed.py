"""What AWS's own managed policies say of DynamoDB, as far as the roles of Lambda functions use them.

Source: AWS Managed Policy Reference Guide (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/), as of
2026-11. Statements about other services are left out, so that an empty list is a policy which says nothing of DynamoDB.
A policy that is not listed is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from policies.dynamodb_actions import METADATA


def _allow(*actions: str) -> dict[str, object]:
    return {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


_NOTHING: dict[str, object] = {"Statement": []}
_EVERYTHING = _allow("dynamodb:*")
_DESCRIBING = _allow(*(action for action in METADATA if action != "dynamodb:GetShardIterator"))
_STREAMS = _allow("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")

_SILENT = """
AWSLambdaExecute AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSStepFunctionsConsoleFullAccess
AWSStepFunctionsFullAccess AWSStepFunctionsReadOnlyAccess AWSXRayDaemonWriteAccess AWSXrayFullAccess
AWSXrayReadOnlyAccess AWSXrayWriteOnlyAccess AmazonAPIGatewayInvokeFullAccess AmazonBedrockFullAccess
AmazonCognitoPowerUser AmazonCognitoReadOnly AmazonEC2ReadOnlyAccess AmazonEventBridgeFullAccess
AmazonKinesisFirehoseFullAccess AmazonKinesisFullAccess AmazonKinesisReadOnlyAccess AmazonRDSDataFullAccess
AmazonS3FullAccess AmazonS3ReadOnlyAccess AmazonSESFullAccess AmazonSNSFullAccess AmazonSNSReadOnlyAccess
AmazonSQSFullAccess AmazonSQSReadOnlyAccess AmazonSSMFullAccess AmazonSSMManagedInstanceCore AmazonSSMReadOnlyAccess
AmazonVPCFullAccess AmazonVPCReadOnlyAccess CloudWatchAgentServerPolicy CloudWatchEventsFullAccess CloudWatchFullAccess
CloudWatchFullAccessV2 CloudWatchLambdaInsightsExecutionRolePolicy CloudWatchLogsFullAccess
CloudWatchLogsReadOnlyAccess CloudWatchReadOnlyAccess SecretsManagerReadWrite
service-role/AWSLambdaBasicDurableExecutionRolePolicy service-role/AWSLambdaBasicExecutionRole
service-role/AWSLambdaENIManagementAccess service-role/AWSLambdaKinesisExecutionRole
service-role/AWSLambdaMSKExecutionRole service-role/AWSLambdaRole service-role/AWSLambdaSQSQueueExecutionRole
service-role/AWSLambdaVPCAccessExecutionRole
"""

AWS_MANAGED_POLICIES: Mapping[str, Mapping[str, object]] = {
    **dict.fromkeys(_SILENT.split(), _NOTHING),
    "AWSDenyAll": {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]},
    "AWSLambdaInvocation-DynamoDB": _STREAMS,
    "AdministratorAccess": _allow("*"),
    "AmazonDynamoDBFullAccess": _EVERYTHING,
    "AmazonDynamoDBFullAccess_v2": _EVERYTHING,
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
    "PowerUserAccess": {
        "Statement": [
            {"Effect": "Allow", "NotAction": ["account:*", "iam:*", "organizations:*"], "Resource": "*"},
        ]
    },
    "ReadOnlyAccess": _allow(
        "dynamodb:BatchGet*",
        "dynamodb:Describe*",
        "dynamodb:Get*",
        "dynamodb:List*",
        "dynamodb:PartiQLSelect",
        "dynamodb:Query",
        "dynamodb:ReadDataForReplication",
        "dynamodb:Scan",
        "dynamodb:SearchVectors",
    ),
    "SecurityAudit": _DESCRIBING,
    "job-function/DataScientist": _EVERYTHING,
    "job-function/DatabaseAdministrator": _EVERYTHING,
    "job-function/ViewOnlyAccess": _DESCRIBING,
    "service-role/AWSLambdaDynamoDBExecutionRole": _STREAMS,
}
"""The policy documents by the part of the policy's ARN behind `:iam::aws:policy/`."""
