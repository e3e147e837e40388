"""DynamoDB Table Provisioning: the system SHALL provision a table using AWS Solutions Constructs best practices."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from policies import environment
from policies.errors import MismatchError, TemplateError, UndeterminedError
from policies.exploration import surely
from policies.identity import id_of
from policies.model import Finding, rule
from policies.template import Resource
from policies.values import Truth, any_of
from policies.worlds import World

CONSTRUCT = "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB"

_MEND_TREE = "judge the cdk.out folder, synthesised with tree metadata, instead of the template alone"


@rule(demands_table=f"a DynamoDB table created by {CONSTRUCT}")
def table_created_via_solutions_construct(table: Resource, world: World) -> Iterator[Finding]:
    """The construct tree shows the table inside `LambdaToDynamoDB`.

    Why: the construct brings AWS's vetted defaults and wiring; a table made beside it has none of them. A template
    does not show what made it, so that without a construct tree (`tree.json` of a cloud assembly) this is undetermined.

    Bad: `dynamodb.Table(self, "Table", ...)` in the stack.

    Good: `LambdaToDynamoDB(self, "Storage", dynamo_table_props=dynamodb.TableProps(...), ...)`.

    References: https://docs.aws.amazon.com/solutions/latest/constructs/aws-lambda-dynamodb.html
    """
    lineage = world.template.lineage(table.logical_id)
    if lineage is None:
        raise UndeterminedError(f"no construct tree shows what made the table; {_MEND_TREE}", table.path)
    if not any(construct.rpartition("@")[0] == CONSTRUCT for construct in lineage[:-1]):
        yield Finding(
            "the table is not made by the Solutions Construct",
            table.path,
            list(lineage),
            f"an ancestor {CONSTRUCT} in the construct tree",
            "create the table through LambdaToDynamoDB, by its dynamo_table_props",
        )


@rule()
def table_name_available(table: Resource, world: World) -> Iterator[Finding]:
    """An output of the stack, or a function's environment variable, is the table's name.

    Why: what uses the table must find it without guessing at a generated name.

    Bad: a template whose only output is the table's ARN.

    Good: `CfnOutput(self, "TableName", value=storage.dynamo_table.table_name)`.

    References: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
    """
    name = id_of(world, table)
    outputs = list(environment.outputs(world))
    if environment.is_surely_told(world, table) or any(
        surely(partial(environment.output_is, within, output, name)) for within, output in outputs
    ):
        return
    answers: list[Truth] = []
    broken: Exception | None = None
    for within, output in outputs:
        try:
            answers.append(environment.output_is(within, output, name))
        except (MismatchError, TemplateError, UndeterminedError) as error:
            # An output that says nothing spoils no other one that says the name.
            broken = error
    told = any_of((*answers, *(told for _, told in environment.functions_told(world, table))))
    if broken is not None and not told.value:
        raise broken
    if not told:
        yield Finding(
            "neither an output nor an environment variable holds the table's name",
            "$.Outputs",
            sorted(world.template.section("Outputs")),
            f"an output or a function's environment variable that is the name of {table.logical_id}",
            "add CfnOutput(self, 'TableName', value=table.table_name)",
        )
