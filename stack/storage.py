"""The reference stack: the WorthWatch backend's DynamoDB table and the Lambda function that uses it."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_solutions_constructs.aws_lambda_dynamodb import LambdaToDynamoDB
from constructs import Construct

from stack.function import FunctionSupport
from stack.settings import DEFAULT_TABLE_VARIABLE, TABLE_VARIABLE_POINTER, Settings

STACK_NAME = "WorthWatchStorage"
"""The name under which `cdk deploy` creates the stack, and the stem of its template's file name."""

_HANDLER = Path(__file__).with_name("handler")

_REMOVAL = {
    "destroy": cdk.RemovalPolicy.DESTROY,
    "retain": cdk.RemovalPolicy.RETAIN,
    "retain-on-update-or-delete": cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
}


class StorageStack(cdk.Stack):
    """A table and its Lambda function, built on LambdaToDynamoDB as Settings say.

    Without `settings` they are parsed from the scope's context; raises ContextRefused when that is wrong, and
    then leaves no stack in the scope. `stack_props` are the keyword arguments of cdk.Stack (`env`, `tags` …).

    The template's Metadata holds the settings under `worthwatch:settings`: it tells what was intended.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings | None = None, **stack_props: Any
    ) -> None:
        self.settings = settings or Settings.from_context(scope.node.get_all_context())
        super().__init__(scope, construct_id, **stack_props)
        # Where it is on, Lambda makes inline policies even for a role that takes none.
        self.node.set_context("@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy", value=False)
        support = FunctionSupport(self, "Function", removal_policy=_REMOVAL[self.settings.removal_policy])
        storage = LambdaToDynamoDB(
            self,
            "Storage",
            lambda_function_props=self._function(support),
            dynamo_table_props=self._table(),
            table_environment_variable_name=self.settings.table_environment_variable_name,
            deploy_vpc=self.settings.deploy_vpc,
            vpc_props=ec2.VpcProps(restrict_default_security_group=True),
        )
        # Made even where another is given, with every log group of Lambda's open to it.
        storage.node.try_remove_child("LambdaFunctionServiceRole")
        support.permit(storage.lambda_function, storage.dynamo_table)
        cdk.CfnOutput(
            self, "TableName", value=storage.dynamo_table.table_name, description="Name of the DynamoDB table"
        )
        self.template_options.metadata = {"worthwatch:settings": self.settings.plain()}

    def _function(self, support: FunctionSupport) -> lambda_.FunctionProps:
        variable = self.settings.table_environment_variable_name
        return lambda_.FunctionProps(
            description="Creates, reads, queries and updates the items of the WorthWatch table",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="index.handler",
            # Byte code depends on who ran the handler's tests; the asset's hash must not.
            code=lambda_.Code.from_asset(str(_HANDLER), exclude=["__pycache__"]),
            # boto3 takes seconds to import with the default 128 MB, the default timeout is three.
            memory_size=256,
            timeout=cdk.Duration.seconds(15),
            # The construct, the CDK would grant more than the handler needs: see FunctionSupport.permit.
            role=support.role.without_policy_updates(),
            log_group=support.log_group,
            dead_letter_queue=support.dead_letters,
            environment={} if variable == DEFAULT_TABLE_VARIABLE else {TABLE_VARIABLE_POINTER: variable},
        )

    def _table(self) -> dynamodb.TableProps:
        settings = self.settings
        return dynamodb.TableProps(
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            table_name=settings.table_name,
            billing_mode=dynamodb.BillingMode(settings.billing_mode),
            read_capacity=settings.read_capacity,
            write_capacity=settings.write_capacity,
            # The older `point_in_time_recovery` makes the construct forget its defaults, even encryption.
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=settings.point_in_time_recovery,
                recovery_period_in_days=settings.recovery_period_in_days,
            ),
            deletion_protection=settings.deletion_protection,
            removal_policy=_REMOVAL[settings.removal_policy],
        )
