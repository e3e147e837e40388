"""DynamoDB Table Provisioning: what the rules reject, accept and cannot tell."""

from collections.abc import Mapping, Sequence

import pytest

from policies.model import Finding, Verdict
from tests.policies.templates import (
    ABSENT,
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
    SETTINGS,
    TABLE,
    TABLE_ARN,
    TABLE_NAME,
    VARIABLES,
    Changes,
    Document,
    Expected,
    case,
    for_every_rule,
    global_table,
    template,
    two_tables,
    verdict,
    verdicts,
)

CREATED = Expected("dynamodb-storage#dynamodb-table-provisioning/table-created-via-solutions-construct")
AVAILABLE = Expected("dynamodb-storage#dynamodb-table-provisioning/table-name-available")

CONSTRUCT = "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB"
STACK = ("aws-cdk-lib.App@2.273.0", "aws-cdk-lib.Stack@2.273.0")
BY_CONSTRUCT = (*STACK, f"{CONSTRUCT}@2.105.0", "aws-cdk-lib.aws_dynamodb.Table@2.273.0")
BY_HAND = (*STACK, "aws-cdk-lib.aws_dynamodb.Table@2.273.0")
BY_ANOTHER = (*STACK, "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDBish@2.105.0")
ITSELF = (*STACK, f"{CONSTRUCT}@2.105.0")
BY_NAMESAKE = (*STACK, "@example/aws-lambda-dynamodb.LambdaToDynamoDB@2.105.0")
NO_TREE = (
    "no construct tree shows what made the table; "
    "judge the cdk.out folder, synthesised with tree metadata, instead of the template alone"
)

OUTPUT = "Outputs.TableName"
VARIABLE = VARIABLES + "DDB_TABLE_NAME"
NO_VARIABLE = {VARIABLE: ABSENT}
LOOP = ["Name", ["Table"], {"${Name}Name": {"Value": {"Ref": {"Fn::Sub": "${Name}"}}}}]
BROKEN = {"Value": {"Fn::GetAtt": ["Nowhere", "Arn"]}}
NO_OUTPUT = {"Outputs": ABSENT}
MANY_OUTPUTS: Changes = {
    **{f"Parameters.P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(10)},
    **{f"Conditions.C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(10)},
    **{f"Outputs.O{i}.Value": {"Fn::If": [f"C{i}", TABLE_NAME, "none"]} for i in range(10)},
}
"""Outputs each of which is the table's name under a condition of its own: in more worlds than are looked at."""


def not_by_construct(ancestors: Sequence[str], path: str = "$.Resources.Table") -> Finding:
    """Return the finding of a table that stands beside the construct."""
    return Finding(
        "the table is not made by the Solutions Construct",
        path,
        list(ancestors),
        f"an ancestor {CONSTRUCT} in the construct tree",
        "create the table through LambdaToDynamoDB, by its dynamo_table_props",
    )


def untold(outputs: list[str], table: str = "Table") -> Finding:
    """Return the finding of a table whose name nobody is told."""
    return Finding(
        "neither an output nor an environment variable holds the table's name",
        "$.Outputs",
        outputs,
        f"an output or a function's environment variable that is the name of {table}",
        "add CfnOutput(self, 'TableName', value=table.table_name)",
    )


def told_by_output(value: object, **table: object) -> Document:
    """Return the template in which only an output can tell the table's name."""
    return template({VARIABLE: ABSENT, f"{OUTPUT}.Value": value, **{TABLE + key: one for key, one in table.items()}})


@pytest.mark.scenario("dynamodb-storage#dynamodb-table-provisioning/table-created-via-solutions-construct")
@pytest.mark.parametrize(
    ("document", "constructs", "expected"),
    [
        pytest.param(template(), {"Table": BY_CONSTRUCT}, CREATED.compliant(), id="inside-the-construct"),
        pytest.param(global_table(), {"Table": BY_CONSTRUCT}, CREATED.compliant(), id="global-table"),
        pytest.param(
            template({**IS_PROD, "Resources.Table.Condition": "IsProd"}),
            {"Table": BY_HAND},
            CREATED.rejected(not_by_construct(BY_HAND), "IsProd is true", 'Stage is "prod"'),
            id="by-hand-in-one-world",
        ),
        pytest.param(template(), {"Table": BY_HAND}, CREATED.rejected(not_by_construct(BY_HAND)), id="by-hand"),
        pytest.param(template(), {"Table": ()}, CREATED.rejected(not_by_construct(())), id="no-ancestor"),
        pytest.param(
            template(), {"Table": BY_ANOTHER}, CREATED.rejected(not_by_construct(BY_ANOTHER)), id="another-construct"
        ),
        pytest.param(
            template(), {"Table": ITSELF}, CREATED.rejected(not_by_construct(ITSELF)), id="the-table-is-the-construct"
        ),
        pytest.param(
            template(), {"Table": BY_NAMESAKE}, CREATED.rejected(not_by_construct(BY_NAMESAKE)), id="a-namesake"
        ),
        pytest.param(
            template({SETTINGS: {"stage": "dev"}, "Resources.Table": ABSENT}),
            {},
            CREATED.rejected(
                Finding(
                    "the storage stack has no DynamoDB table",
                    "$.Resources",
                    None,
                    f"a DynamoDB table created by {CONSTRUCT}",
                    "create the table through LambdaToDynamoDB",
                ),
                resource=None,
            ),
            id="storage-stack-without-table",
        ),
        pytest.param(
            template({"Resources.Table": ABSENT}),
            {},
            CREATED.not_applicable("the template has no DynamoDB table", resource=None),
            id="other-stack-without-table",
        ),
        pytest.param(template(), None, CREATED.undetermined(NO_TREE, "$.Resources.Table"), id="no-construct-tree"),
        pytest.param(
            template(),
            {"Role": BY_CONSTRUCT},
            CREATED.undetermined(NO_TREE, "$.Resources.Table"),
            id="table-not-in-tree",
        ),
        pytest.param(
            template({"Transform": "Company::Expand"}),
            {"Table": BY_CONSTRUCT},
            CREATED.undetermined(
                "Company::Expand rewrites the template: what it makes of the template is known at deployment only",
                "$.Transform",
            ),
            id="macro",
        ),
    ],
)
def test_table_created_via_solutions_construct(
    document: Document, constructs: Mapping[str, Sequence[str]] | None, expected: Verdict
) -> None:
    """The construct tree shows the table inside LambdaToDynamoDB."""
    scenario = "dynamodb-table-provisioning/table-created-via-solutions-construct"
    assert verdict(document, scenario, constructs=constructs) == expected


@pytest.mark.scenario("dynamodb-storage#dynamodb-table-provisioning/table-created-via-solutions-construct")
def test_construct_of_each_table() -> None:
    """A table made by the construct says nothing of one that is made beside it."""
    scenario = "dynamodb-table-provisioning/table-created-via-solutions-construct"
    assert verdicts(two_tables({}), scenario, constructs={"Table": BY_CONSTRUCT, "Second": BY_HAND}) == [
        CREATED.compliant(),
        CREATED.rejected(not_by_construct(BY_HAND, "$.Resources.Second"), resource="Second"),
    ]


@pytest.mark.scenario("dynamodb-storage#dynamodb-table-provisioning/table-name-available")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(AVAILABLE),
        # Accepted
        pytest.param(global_table(NO_VARIABLE), AVAILABLE.compliant(), id="global-table-by-output"),
        pytest.param(told_by_output(TABLE_NAME), AVAILABLE.compliant(), id="by-output-only"),
        case("by-variable-only", NO_OUTPUT, AVAILABLE.compliant()),
        pytest.param(told_by_output({"Fn::Sub": "${Table}"}), AVAILABLE.compliant(), id="by-sub"),
        pytest.param(told_by_output({"Fn::Join": ["", [TABLE_NAME]]}), AVAILABLE.compliant(), id="by-join"),
        pytest.param(told_by_output("orders", TableName="orders"), AVAILABLE.compliant(), id="by-literal-name"),
        pytest.param(
            told_by_output(
                {"Fn::Sub": "${AWS::StackName}-orders"},
                TableName={"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "orders"]]},
            ),
            AVAILABLE.compliant(),
            id="by-the-same-unknown",
        ),
        case(
            "by-output-or-variable",
            {**IS_PROD, f"{OUTPUT}.Condition": "IsProd", VARIABLE: {"Fn::If": ["IsProd", NO_VALUE, TABLE_NAME]}},
            AVAILABLE.compliant(),
        ),
        case(
            "by-output-beside-broken-ones",
            {VARIABLE: ABSENT, "Outputs": {"Broken": BROKEN, "TableName": {"Value": TABLE_NAME}, "Odd": {"Value": []}}},
            AVAILABLE.compliant(),
        ),
        case("by-variable-whatever-decides-the-outputs", {**NO_OUTPUT, **MANY_OUTPUTS}, AVAILABLE.compliant()),
        case(
            "by-output-whatever-decides-the-others",
            {**NO_VARIABLE, **MANY_OUTPUTS, f"{OUTPUT}.Value": TABLE_NAME},
            AVAILABLE.compliant(),
        ),
        # Rejected
        case("neither-output-nor-variable", {**NO_OUTPUT, **NO_VARIABLE}, AVAILABLE.rejected(untold([]))),
        pytest.param(told_by_output(TABLE_ARN), AVAILABLE.rejected(untold(["TableName"])), id="arn"),
        pytest.param(told_by_output("Table"), AVAILABLE.rejected(untold(["TableName"])), id="logical-id"),
        pytest.param(
            told_by_output("payments", TableName="orders"), AVAILABLE.rejected(untold(["TableName"])), id="another-name"
        ),
        pytest.param(
            told_by_output({"Fn::Sub": "${Table}-index"}),
            AVAILABLE.rejected(untold(["TableName"])),
            id="name-with-a-suffix",
        ),
        case(
            "parameter-for-a-generated-name",
            {"Parameters.Name": {"Type": "String"}, VARIABLE: ABSENT, f"{OUTPUT}.Value": {"Ref": "Name"}},
            AVAILABLE.rejected(untold(["TableName"])),
        ),
        case(
            "output-in-one-world",
            {**IS_PROD, VARIABLE: ABSENT, f"{OUTPUT}.Condition": "IsProd"},
            AVAILABLE.rejected(untold(["TableName"]), *NOT_PROD),
        ),
        # Undetermined
        case(
            "outputs-by-a-loop",
            {"Transform": "AWS::LanguageExtensions", VARIABLE: ABSENT, "Outputs": {"Fn::ForEach::Names": LOOP}},
            AVAILABLE.compliant(),
        ),
        case(
            "outputs-by-a-loop-that-is-not-unrolled",
            {VARIABLE: ABSENT, "Outputs": {"Fn::ForEach::Names": LOOP}},
            AVAILABLE.undetermined("what Fn::Transform gives is known at deployment only", "$.Outputs"),
        ),
        case(
            "parameter",
            {
                "Parameters.Name": {"Type": "String"},
                VARIABLE: ABSENT,
                f"{OUTPUT}.Value": {"Ref": "Name"},
                TABLE + "TableName": "orders",
            },
            AVAILABLE.undetermined("parameter Name may be given any value", None),
        ),
        case(
            "variable-by-parameter",
            {
                **NO_OUTPUT,
                "Parameters.Name": {"Type": "String"},
                VARIABLE: {"Ref": "Name"},
                TABLE + "TableName": "orders",
            },
            AVAILABLE.undetermined("parameter Name may be given any value", None),
        ),
    ],
)
def test_table_name_available(document: Document, expected: Verdict) -> None:
    """An output or a function's environment variable is the table's name."""
    assert verdict(document, "dynamodb-table-provisioning/table-name-available") == expected


@pytest.mark.scenario("dynamodb-storage#dynamodb-table-provisioning/table-name-available")
def test_name_of_each_table() -> None:
    """An output of one table's name does not tell another's."""
    assert verdicts(two_tables({}), "dynamodb-table-provisioning/table-name-available") == [
        AVAILABLE.compliant(),
        AVAILABLE.rejected(untold(["TableName"], "Second"), resource="Second"),
    ]
