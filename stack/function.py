"""What the Lambda function needs around it: its role and permissions, its log, and a queue for what failed."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

_NETWORK_INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]
"""What the Lambda service does with a function's role to connect it to a VPC: "Giving Lambda functions access to
resources in an Amazon VPC" in the Lambda developer guide, which says too how to deny it to the function's code."""


class FunctionSupport(Construct):
    """The role, log group and dead-letter queue of a function; `permit` gives the role its permissions.

    Logs, and failed events, which may hold items, are kept or deleted with their stack as `removal_policy` says: logs
    for the year that AWS Security Hub's CloudWatch.16 asks for, events for the 14 days that are SQS's most.
    """

    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: cdk.RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_YEAR, removal_policy=removal_policy
        )
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            # As the table: the AWS managed key.
            encryption=sqs.QueueEncryption.KMS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
            removal_policy=removal_policy,
        )
        # A queue that is kept without its policy would be open to what is not encrypted on its way.
        policy = cast("sqs.QueuePolicy", self.dead_letters.node.find_child("Policy"))
        policy.apply_removal_policy(removal_policy)

    def permit(self, function: lambda_.Function, table: dynamodb.Table) -> None:
        """Let the role do what the handler and the Lambda service do with it, before the function is created.

        What can be granted on every resource alone stands in policies of its own: in another, a `*` is a mistake.
        """
        items = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        policies = [
            self._policy(
                "Permissions",
                _allow("Items", items, table.table_arn),
                _allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], self.log_group.log_group_arn),
                _allow("DeadLetters", ["sqs:SendMessage"], self.dead_letters.queue_arn),
            ),
            self._policy("Tracing", _allow("Tracing", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")),
        ]
        if function.is_bound_to_vpc:
            policies.append(self._policy("Network", _allow("Network", _NETWORK_INTERFACES, "*")))
            # This one names the function, which waits for the others.
            self._policy("NoNetworkForCode", _deny_network_to_code_of(function))
        # Lambda tries the role when it creates the function.
        function.node.add_dependency(*policies)

    def _policy(self, name: str, *statements: iam.PolicyStatement) -> iam.ManagedPolicy:
        return iam.ManagedPolicy(self, name, roles=[self.role], statements=list(statements))


def _allow(sid: str, actions: list[str], resource: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, actions=actions, resources=[resource])


def _deny_network_to_code_of(function: lambda_.Function) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="NoNetworkForCode",
        effect=iam.Effect.DENY,
        actions=_NETWORK_INTERFACES,
        resources=["*"],
        conditions={"ArnEquals": {"lambda:SourceFunctionArn": function.function_arn}},
    )
