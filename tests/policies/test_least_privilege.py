"""Least Privilege: what the rules reject, accept, do not apply to and cannot tell."""

import pytest

from policies.catalogue import load
from policies.dynamodb_actions import CONTROL_PLANE, DATA_PLANE
from policies.externals import Externals
from policies.judge import judge_template
from policies.model import Finding, Outcome, Verdict
from policies.template import Template
from tests.policies.templates import (
    ABSENT,
    FUNCTION,
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
    POLICY,
    PROD,
    ROLE,
    ROLE_ARN,
    TABLE,
    TABLE_ARN,
    VARIABLES,
    Changes,
    Document,
    Expected,
    case,
    for_every_rule,
    global_table,
    table_arn,
    template,
    two_tables,
    verdict,
    verdicts,
)

DATA_ONLY = Expected("storage-hardening#least-privilege/data-plane-only")
OWN_ONLY = Expected("storage-hardening#least-privilege/no-other-table")
LAMBDA_ONLY = Expected("storage-hardening#least-privilege/role-assumed-by-lambda-only")
NO_FUNCTION = "no function is given the table's name"

ALLOW = POLICY + "PolicyDocument.Statement.0"
SECOND_STATEMENT = POLICY + "PolicyDocument.Statement.1"
TRUST = ROLE + "AssumeRolePolicyDocument.Statement"
VARIABLE = VARIABLES + "DDB_TABLE_NAME"
RESOURCE_POLICY = TABLE + "ResourcePolicy.PolicyDocument.Statement"
AT_ROLE = "$.Resources.Role"
PRINCIPAL = f"{TRUST}.0.Principal"
AT_TRUSTED = f"$.{TRUST}[0].Principal"
OWN_GRANT = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Principal": {"AWS": ROLE_ARN}}
BY_LAMBDA = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
TAGS_SESSION = {**BY_LAMBDA, "Action": "sts:TagSession"}
DENIED = {**BY_LAMBDA, "Effect": "Deny"}
ACCOUNT_IN_PROD = {"Fn::If": ["IsProd", "111122223333", NO_VALUE]}
UNUSUAL = ["StartAwsBackupJob", "UpdateContributorInsights", "UpdateTableReplicaAutoScaling"]
CHANGES_A_TABLE = ["DeleteTable", "PutResourcePolicy", "UpdateTable", "UpdateKinesisStreamingDestination", *UNUSUAL]
"""Some of the actions on a table that change or copy it, by the Service Authorization Reference."""
ON_A_CONDITION = {"StringEquals": {"aws:PrincipalTag/team": "storage"}}
DECIDED_LATER = "the condition on aws:PrincipalTag/team is decided by each request"
OWN_TABLE = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE_ARN}
ANYWHERE = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}
LEGACY = "arn:aws:dynamodb:eu-west-1:111122223333:table/legacy"
NOWHERE = {"Effect": "Deny", "Action": "dynamodb:*"}
GIVEN = {"Parameters.Given": {"Type": "String"}}
GIVEN_LATER = "parameter Given may be given any value"
BY_FUNCTION = {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::GetAtt": ["Function", "Arn"]}}}
BY_ANOTHER = {"ArnEquals": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:another"}}
MAYBE_TOLD: Changes = {**GIVEN, TABLE + "TableName": {"Ref": "Given"}, VARIABLE: "orders"}
"""A function of which nobody knows whether it has the table's name."""

UNTOLD_WHERE_GRANTED: Changes = {
    **IS_PROD,
    "Resources.Other": {
        "Type": "AWS::IAM::Role",
        "Properties": {**template()["Resources"]["Role"]["Properties"]},
    },
    "Resources.Granted": {
        "Type": "AWS::IAM::RolePolicy",
        "Condition": "IsProd",
        "Properties": {
            "PolicyName": "granted",
            "RoleName": {"Ref": "Other"},
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": TABLE_ARN}]},
        },
    },
    "Resources.Second": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Role": {"Fn::GetAtt": ["Other", "Arn"]},
            "Environment": {"Variables": {"TABLE": {"Fn::If": ["IsProd", NO_VALUE, {"Ref": "Table"}]}}},
        },
    },
}
"""A second function that has not the table's name in the one world in which its role may do all to it."""


def more(**statement: object) -> Changes:
    """Return the changes by which a second statement allows something, unless told otherwise all on the table."""
    return {SECOND_STATEMENT: {"Effect": "Allow", "Action": "dynamodb:*", "Resource": TABLE_ARN, **statement}}


def controls(*actions: str) -> Finding:
    """Return the finding of a role that may do control plane actions."""
    return Finding(
        "Role, the role of Function, may do control plane actions on the table",
        "$.Resources.Role",
        list(actions),
        "no control plane action on the table",
        "grant table_permissions='ReadWrite', not 'All', and no dynamodb:* of your own",
    )


def reaches(*actions: str) -> Finding:
    """Return the finding of a role that may read or write tables from outside the stack."""
    return Finding(
        "Role, the role of Function, reaches tables from outside the stack",
        "$.Resources.Role",
        list(actions),
        "no action on a table that the stack does not create",
        "name the table's ARN as the statement's resource, as the construct's grants do",
    )


def trusts(found: object, path: str, how: str = "trusts more than") -> Finding:
    """Return the finding of a role that others than Lambda, or nobody, may assume."""
    return Finding(
        f"Role, the role of Function, {how} the Lambda service",
        path,
        found,
        "Service lambda.amazonaws.com and nobody else",
        "leave the role to the construct, or give it assumed_by=ServicePrincipal('lambda.amazonaws.com')",
    )


@pytest.mark.scenario("storage-hardening#least-privilege/data-plane-only")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(DATA_ONLY),
        # Accepted
        case("describe", more(Action="dynamodb:DescribeTable"), DATA_ONLY.compliant()),
        case("deny", more(Effect="Deny"), DATA_ONLY.compliant()),
        case("all-of-another-service", more(Action="xray:*", Resource="*"), DATA_ONLY.compliant()),
        case("all-on-another-table", more(Resource=table_arn("payments")), DATA_ONLY.compliant()),
        case(
            "by-another-function",
            {FUNCTION + "FunctionName": "serve", **more(Condition=BY_ANOTHER)},
            DATA_ONLY.compliant(),
        ),
        case(
            "below-a-backup-where-nothing-is",
            more(Action="dynamodb:DeleteBackup", Resource={"Fn::Sub": "${Table.Arn}/backup/some/thing"}),
            DATA_ONLY.compliant(),
        ),
        case("second-role-in-the-world-in-which-it-is-not-told", UNTOLD_WHERE_GRANTED, DATA_ONLY.compliant()),
        # Rejected
        case(
            "by-this-function",
            more(Action="dynamodb:DeleteTable", Condition=BY_FUNCTION),
            DATA_ONLY.rejected(controls("dynamodb:DeleteTable")),
        ),
        *(
            case(action, more(Action=f"dynamodb:{action}"), DATA_ONLY.rejected(controls(f"dynamodb:{action}")))
            for action in CHANGES_A_TABLE
        ),
        case(
            "delete-backups",
            more(Action="dynamodb:DeleteBackup", Resource={"Fn::Sub": "${Table.Arn}/backup/*"}),
            DATA_ONLY.rejected(controls("dynamodb:DeleteBackup")),
        ),
        case("all", more(), DATA_ONLY.rejected(controls(*CONTROL_PLANE))),
        case(
            "all-but-some",
            {SECOND_STATEMENT: {"Effect": "Allow", "NotAction": "dynamodb:?e*Table", "Resource": "*"}},
            DATA_ONLY.rejected(controls(*(one for one in CONTROL_PLANE if one != "dynamodb:DeleteTable"))),
        ),
        case(
            "by-the-policy-of-the-table", {RESOURCE_POLICY: [OWN_GRANT]}, DATA_ONLY.rejected(controls(*CONTROL_PLANE))
        ),
        case(
            "in-one-world",
            {**IS_PROD, **more(Action={"Fn::If": ["IsProd", "dynamodb:GetItem", "dynamodb:DeleteTable"]})},
            DATA_ONLY.rejected(controls("dynamodb:DeleteTable"), *NOT_PROD),
        ),
        # Not applicable
        case("no-function-told", {VARIABLE: ABSENT}, DATA_ONLY.not_applicable(NO_FUNCTION)),
        # Undetermined
        case(
            "delete-one-backup",
            more(
                Action="dynamodb:DeleteBackup",
                Resource={"Fn::Sub": "${Table.Arn}/backup/01489602797149-73d8d5bc"},
            ),
            DATA_ONLY.undetermined("the name of a backup is known once it is made", AT_ROLE),
        ),
        case("on-a-condition", more(Condition=ON_A_CONDITION), DATA_ONLY.undetermined(DECIDED_LATER, AT_ROLE)),
        case(
            "function-perhaps-told",
            {**MAYBE_TOLD, **more()},
            DATA_ONLY.undetermined(GIVEN_LATER, "$.Resources.Function"),
        ),
        case(
            "role-elsewhere",
            {FUNCTION + "Role": {"Fn::ImportValue": "SharedRoleArn"}},
            DATA_ONLY.undetermined("the function's role is not in this template", f"$.{FUNCTION}Role"),
        ),
    ],
)
def test_data_plane_only(document: Document, expected: Verdict) -> None:
    """A function's role may do no control plane action on its table."""
    assert verdict(document, "least-privilege/data-plane-only") == expected


@pytest.mark.scenario("storage-hardening#least-privilege/no-other-table")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(OWN_ONLY),
        # Accepted
        case(
            "own-stream",
            more(Action="dynamodb:GetRecords", Resource={"Fn::GetAtt": ["Table", "StreamArn"]}),
            OWN_ONLY.compliant(),
        ),
        case(
            "deny-another-service-elsewhere",
            {
                TABLE + "TableName": {"Fn::Sub": "${AWS::StackName}-items"},
                SECOND_STATEMENT: {"Effect": "Deny", "Action": "s3:*", "NotResource": {"Fn::ImportValue": "Bucket"}},
            },
            OWN_ONLY.compliant(),
        ),
        case("own-by-sub", more(Resource=table_arn("${Table}")), OWN_ONLY.compliant()),
        case("another-service", more(Action="xray:*", Resource="*"), OWN_ONLY.compliant()),
        case(
            "by-another-function",
            {FUNCTION + "FunctionName": "serve", **more(Resource="*", Condition=BY_ANOTHER)},
            OWN_ONLY.compliant(),
        ),
        # Rejected
        case(
            "by-this-function",
            more(Action="dynamodb:Scan", Resource="*", Condition=BY_FUNCTION),
            OWN_ONLY.rejected(reaches("dynamodb:Scan")),
        ),
        case("all-tables", more(Resource="*"), OWN_ONLY.rejected(reaches(*DATA_PLANE))),
        *(
            case(
                f"{action}-on-all-tables",
                more(Action=f"dynamodb:{action}", Resource="*"),
                OWN_ONLY.rejected(reaches(f"dynamodb:{action}")),
            )
            for action in ("GetItem", "Scan", "DeleteItem", "PartiQLSelect", "PartiQLDelete", "SearchVectors")
        ),
        *(
            case(name, more(Action="dynamodb:Scan", Resource=arn), OWN_ONLY.rejected(reaches("dynamodb:Scan")))
            for name, arn in {
                "all-tables-of-the-account": table_arn("*"),
                "all-indexes-of-the-account": table_arn("*/index/*"),
                "some-by-a-prefix": table_arn("payments-*"),
                "one-by-its-arn": "arn:aws:dynamodb:eu-west-1:111122223333:table/payments",
                "one-by-its-name": table_arn("payments"),
            }.items()
        ),
        case(
            "in-one-world",
            {**IS_PROD, **more(Action="dynamodb:Scan", Resource={"Fn::If": ["IsProd", "*", TABLE_ARN]})},
            OWN_ONLY.rejected(reaches("dynamodb:Scan"), *PROD),
        ),
        # Not applicable
        case("no-function-told", {VARIABLE: ABSENT}, OWN_ONLY.not_applicable(NO_FUNCTION)),
        # Undetermined
        case(
            "on-a-condition",
            more(Resource="*", Condition=ON_A_CONDITION),
            OWN_ONLY.undetermined(DECIDED_LATER, AT_ROLE),
        ),
        case(
            "function-perhaps-told",
            {**MAYBE_TOLD, **more(Action="dynamodb:Scan", Resource="*")},
            OWN_ONLY.undetermined(GIVEN_LATER, "$.Resources.Function"),
        ),
        case(
            "a-table-by-parameter",
            {**GIVEN, **more(Resource={"Ref": "Given"})},
            OWN_ONLY.undetermined(GIVEN_LATER, AT_ROLE),
        ),
        case(
            "a-table-by-import",
            more(Resource={"Fn::ImportValue": "PaymentsTableArn"}),
            OWN_ONLY.undetermined("what Fn::ImportValue gives is known at deployment only", AT_ROLE),
        ),
        case(
            "by-a-policy-variable",
            more(Action="dynamodb:Scan", Resource=table_arn("${!aws:PrincipalTag/app}")),
            OWN_ONLY.undetermined("the policy variable ${aws:PrincipalTag/app} is known at each request", AT_ROLE),
        ),
        case(
            "policy-elsewhere",
            {ROLE + "ManagedPolicyArns": ["arn:aws:iam::111122223333:policy/Shared"]},
            OWN_ONLY.undetermined("a policy of the role is not in this template", AT_ROLE),
        ),
    ],
)
def test_no_other_table(document: Document, expected: Verdict) -> None:
    """A function's role may read and write no table from outside the stack."""
    assert verdict(document, "least-privilege/no-other-table") == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], Outcome.COMPLIANT),
        ([ANYWHERE | {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}], Outcome.NON_COMPLIANT),
        ([ANYWHERE | {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}], Outcome.NON_COMPLIANT),
        ([ANYWHERE, NOWHERE | {"Resource": "arn:aws:dynamodb:eu-west-1:*:*"}], Outcome.NON_COMPLIANT),
        ([ANYWHERE, NOWHERE | {"Resource": "arn:aws:dynamodb:*:*:*"}], Outcome.COMPLIANT),
        ([{**ANYWHERE, "Resource": "arn:aws:dynamodb:us-east-1:111122223333:table/orders"}], Outcome.NON_COMPLIANT),
        ([{**ANYWHERE, "Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}], Outcome.COMPLIANT),
        ([{**ANYWHERE, "Resource": "arn:aws:dynamodb::*:global-table/*"}], Outcome.COMPLIANT),
        ([ANYWHERE, {**NOWHERE, "NotResource": [TABLE_ARN, LEGACY]}], Outcome.NON_COMPLIANT),
        ([ANYWHERE, {**NOWHERE, "NotResource": [TABLE_ARN, f"{LEGACY}*"]}], Outcome.NON_COMPLIANT),
        ([ANYWHERE, {**NOWHERE, "NotResource": TABLE_ARN}], Outcome.COMPLIANT),
        ([ANYWHERE, NOWHERE | {"Resource": "arn:aws:dynamodb:eu-*:*:*"}], Outcome.NON_COMPLIANT),
    ],
)
def test_tables_of_other_regions(statements: list[dict[str, object]], expected: Outcome) -> None:
    """A table of another region is another table, where statements set regions apart."""
    made = template({f"{TABLE}TableName": "orders", f"{POLICY}PolicyDocument.Statement": [OWN_TABLE, *statements]})
    assert other_table(made, Externals({"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"})) is expected


def other_table(document: Document, externals: Externals) -> Outcome:
    """Return what the scenario "No other table" comes to, with what is told from outside the template."""
    entries = [entry for entry in load() if entry.name == "least-privilege/no-other-table"]
    (found,) = judge_template(entries, Template("t", document, externals=externals))
    return found.outcome


def orders(region: str = "${AWS::Region}", account: str = "${AWS::AccountId}", name: str = "orders") -> object:
    """Return the ARN of a table of a region and an account."""
    return {"Fn::Sub": f"arn:aws:dynamodb:{region}:{account}:table/{name}"}


@pytest.mark.parametrize(
    ("resources", "untold", "told"),
    [
        ([orders()], Outcome.COMPLIANT, Outcome.COMPLIANT),
        ([orders(account="*")], Outcome.COMPLIANT, Outcome.COMPLIANT),
        ([orders("eu-west-1")], Outcome.UNDETERMINED, Outcome.COMPLIANT),
        ([orders("us-east-1")], Outcome.UNDETERMINED, Outcome.NON_COMPLIANT),
        ([orders(), orders("eu-west-1")], Outcome.UNDETERMINED, Outcome.COMPLIANT),
        ([orders(), orders("us-east-1")], Outcome.UNDETERMINED, Outcome.NON_COMPLIANT),
        ([orders(account="111122223333")], Outcome.UNDETERMINED, Outcome.COMPLIANT),
        ([orders(account="111111111111")], Outcome.UNDETERMINED, Outcome.NON_COMPLIANT),
        ([orders("eu-west-1"), orders("us-east-1")], Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT),
        ([orders("eu-west-1"), orders("us-east-1", "*")], Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT),
        (
            [orders(account="111122223333"), orders(account="111111111111")],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        ([orders("*")], Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT),
        ([orders("*", "*")], Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT),
        ([orders("*", name="orders/index/*")], Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT),
    ],
)
def test_tables_of_the_same_name(resources: list[object], untold: Outcome, told: Outcome) -> None:
    """A table of the same name in another region or account is another; of two places one is not the stack's."""
    statement = {**OWN_TABLE, "Resource": resources}
    made = template({f"{TABLE}TableName": "orders", f"{POLICY}PolicyDocument.Statement": [statement]})
    place = Externals({"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"})
    assert [other_table(made, externals) for externals in (Externals(), place)] == [untold, told]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{**ANYWHERE, "Resource": "arn:aws:dynamodb:*:9*:table/*"}], Outcome.NON_COMPLIANT),
        ([{**ANYWHERE, "Resource": "arn:aws:dynamodb:*:*3:table/legacy"}], Outcome.NON_COMPLIANT),
        ([{**ANYWHERE, "Resource": "arn:aws:dynamodb:us-east-1:99999999999?:table/orders"}], Outcome.NON_COMPLIANT),
        (
            [ANYWHERE | {"Resource": "arn:aws:dynamodb:*:9*:*"}, NOWHERE | {"Resource": "arn:aws:dynamodb:*:99*:*"}],
            Outcome.NON_COMPLIANT,
        ),
        (
            [ANYWHERE | {"Resource": "arn:aws:dynamodb:*:99*:*"}, NOWHERE | {"Resource": "arn:aws:dynamodb:*:9*:*"}],
            Outcome.COMPLIANT,
        ),
        ([{**ANYWHERE, "Resource": "arn:aws:sqs:*:9*:*"}], Outcome.COMPLIANT),
        (
            [
                ANYWHERE | {"Resource": "arn:aws:dynamodb:*:98*:*"},
                {**NOWHERE, "NotResource": "arn:aws:dynamodb:*:*73:*"},
            ],
            Outcome.NON_COMPLIANT,
        ),
        (
            [
                ANYWHERE | {"Resource": "arn:aws:dynamodb:*:9*:*"},
                NOWHERE | {"Resource": [f"arn:aws:dynamodb:*:*{one}{one}:*" for one in range(10)]},
            ],
            Outcome.NON_COMPLIANT,
        ),
    ],
)
def test_patterns_of_accounts(statements: list[dict[str, object]], expected: Outcome) -> None:
    """A wildcard within an account is one for other accounts, told or not which is the stack's."""
    made = template({f"{TABLE}TableName": "orders", f"{POLICY}PolicyDocument.Statement": [OWN_TABLE, *statements]})
    place = Externals({"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"})
    assert [other_table(made, externals) for externals in (Externals(), place)] == [expected, expected]


@pytest.mark.parametrize(
    ("region", "name", "expected"),
    [
        ("us-east-1", "orders", Outcome.COMPLIANT),
        ("eu-west-1", "orders", Outcome.COMPLIANT),
        ("ap-south-1", "orders", Outcome.NON_COMPLIANT),
        ("*", "orders", Outcome.NON_COMPLIANT),
        ("*", None, Outcome.COMPLIANT),
    ],
)
def test_replicas_are_the_stacks_own(region: str, name: str | None, expected: Outcome) -> None:
    """A replica of a global table is a table of the stack; a name that AWS makes up is no other table's anywhere."""
    made = global_table(
        {
            **({f"{TABLE}TableName": name} if name else {}),
            f"{TABLE}Replicas.0.Region": "us-east-1",
            f"{TABLE}Replicas.1.Region": "eu-west-1",
            f"{POLICY}PolicyDocument.Statement": [{**OWN_TABLE, "Resource": orders(region, name=name or "${Table}")}],
        }
    )
    assert other_table(made, Externals({"AWS::Region": "us-east-1"})) is expected


IN_REGION = "arn:aws:dynamodb:{}:*:table/*"
OF_ACCOUNT = "arn:aws:dynamodb:eu-west-1:111122223333:"
TOLD = Externals({"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"})


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        *(
            (f"arn:aws:dynamodb:*:*:{name}", Outcome.NON_COMPLIANT)
            for name in (
                *("*-prod", "*legacy", "*orders*", "t*legacy", "table*legacy", "table?legacy", "?able/legacy"),
                *("*/legacy", "tab*e/legacy", "*/legacy/*", "*index*", "t?ble/legacy/index/*", "table/order?"),
            )
        ),
        *(
            (f"{OF_ACCOUNT}{name}", Outcome.COMPLIANT)
            for name in ("table/orders-prod", "table/orders-prod/index/*", "x*", "table", "table//*")
        ),
        ("arn:aws:dynamodb:us-*:*:table/*", Outcome.NON_COMPLIANT),
        ("arn:aws:dynamodb:us-east-?:*:table/orders-prod", Outcome.NON_COMPLIANT),
        ("arn:aws:dynamodb:mars-*:*:table/*", Outcome.COMPLIANT),
        ("arn:aws:dynamodb:eu-west-1:*:table/orders-prod", Outcome.COMPLIANT),
        ("arn:aws:dynamodb:us-east-1:*", Outcome.NON_COMPLIANT),
        ("arn:aws:dynamodb:*:table/legacy", Outcome.NON_COMPLIANT),
        ("arn:aws:dynamodb:*legacy", Outcome.UNDETERMINED),
        ("arn:aws:*legacy", Outcome.UNDETERMINED),
        *(
            (pattern, Outcome.NON_COMPLIANT)
            for pattern in (
                *("arn:*:us-east-1:*:table/legacy", "arn:*:us-*:*:table/*", "arn:*:99999999999?:table/legacy"),
                *("*:us-*:*:table/*", "arn*us-east-1:*", "*:99999999999?:*"),
            )
        ),
        (orders("${!aws:RequestedRegion}", name="orders-prod"), Outcome.NON_COMPLIANT),
    ],
)
def test_what_a_pattern_reaches(resource: object, expected: Outcome) -> None:
    """A wildcard crosses slashes, and the colon behind a segment that it ends; a region is one that there is."""
    document = {"Version": "2012-10-17", "Statement": [OWN_TABLE, {**OWN_TABLE, "Resource": resource}]}
    made = template({f"{TABLE}TableName": "orders-prod", f"{POLICY}PolicyDocument": document})
    assert other_table(made, TOLD) is expected


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        *(
            ([name], Outcome.NON_COMPLIANT)
            for name in (
                *(IN_REGION.format("us-east-1"), "arn:aws:dynamodb:us-east-1:*:*", "arn:aws:dynamodb:us-east-1:*"),
                *("arn:aws:dynamodb:us-east-1:111122223333:*", "arn:aws:dynamodb:us-east-1:*:table*"),
                *("arn:*:*:us-east-1:*:*", "arn:aws:dynamodb:*:999999999999:*", IN_REGION.format("us-*")),
                *(f"{OF_ACCOUNT}*/legacy", f"{OF_ACCOUNT}tab*e/legacy", f"{OF_ACCOUNT}t?ble/legacy"),
                *(f"{OF_ACCOUNT}*/legacy/*", f"{OF_ACCOUNT}*legacy"),
            )
        ),
        ([], Outcome.COMPLIANT),
        ([f"{OF_ACCOUNT}table/orders/index/*"], Outcome.COMPLIANT),
        (["arn:aws:s3:::*"], Outcome.COMPLIANT),
    ],
)
@pytest.mark.parametrize("how", ["boundary", "boundary but for an action", "boundary told", "deny"])
def test_what_is_left_of_everything(left: list[str], expected: Outcome, how: str) -> None:
    """Of all that a role may do everywhere, a boundary or a Deny leaves tables of the stack, or others too."""
    own = f"{OF_ACCOUNT}table/orders" if how == "boundary told" else TABLE_ARN
    within: dict[str, object] = {**ANYWHERE, "Resource": [own, *left]}
    statements: list[dict[str, object]] = [{**ANYWHERE}]
    changes: Changes = {f"{TABLE}TableName": "orders"}
    externals = TOLD
    if how == "deny":
        statements.append({"Effect": "Deny", "Action": "*", "NotResource": within["Resource"]})
    elif how == "boundary told":
        boundary = {"Version": "2012-10-17", "Statement": [within]}
        externals = Externals(TOLD.pseudo_parameters, managed_policies={"Boundary": boundary})
        changes = {**changes, f"{ROLE}PermissionsBoundary": "arn:aws:iam::111122223333:policy/Boundary"}
    else:
        if how != "boundary":
            within = {"Effect": "Allow", "NotAction": "s3:*", "Resource": within["Resource"]}
        properties = {"PolicyDocument": {"Version": "2012-10-17", "Statement": within}}
        changes = {
            **changes,
            f"{ROLE}PermissionsBoundary": {"Ref": "Boundary"},
            "Resources.Boundary": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties},
        }
    assert other_table(template({**changes, f"{POLICY}PolicyDocument.Statement": statements}), externals) is expected


BY_ACCOUNT = "aws:ResourceAccount"


@pytest.mark.parametrize(
    ("statements", "told", "untold"),
    [
        ([{**ANYWHERE, "Resource": IN_REGION.format("us-*")}], Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT),
        (
            [ANYWHERE | {"Condition": {"StringLike": {"aws:RequestedRegion": "us-*"}}}],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        (
            [
                {**ANYWHERE, "Resource": IN_REGION.format("us-*")},
                NOWHERE | {"Resource": IN_REGION.format("us-*")},
            ],
            Outcome.COMPLIANT,
            Outcome.COMPLIANT,
        ),
        (
            [ANYWHERE, {**NOWHERE, "NotResource": [IN_REGION.format("us-*"), TABLE_ARN]}],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        (
            [{**ANYWHERE, "Resource": table_arn("a*")}, {**NOWHERE, "NotResource": [TABLE_ARN, table_arn("*b")]}],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        (
            [{**ANYWHERE, "Resource": table_arn("a*")}, {**NOWHERE, "NotResource": [TABLE_ARN, table_arn("b*")]}],
            Outcome.COMPLIANT,
            Outcome.COMPLIANT,
        ),
        (
            [ANYWHERE | {"Condition": {"StringEquals": {BY_ACCOUNT: "999999999999"}}}],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        (
            [ANYWHERE | {"Condition": {"StringNotEquals": {BY_ACCOUNT: {"Ref": "AWS::AccountId"}}}}],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        (
            [ANYWHERE, {**NOWHERE, "Resource": {"Fn::Sub": "arn:aws:dynamodb:*:${AWS::AccountId}:*"}}],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
        (
            [{**ANYWHERE, "Resource": orders(account="*")}, NOWHERE | {"Resource": orders(account="999999999999")}],
            Outcome.COMPLIANT,
            Outcome.COMPLIANT,
        ),
        (
            [ANYWHERE, *(NOWHERE | {"Resource": table_arn(f"*{a}*{b}*")} for a in "abcde" for b in "fghij")],
            Outcome.NON_COMPLIANT,
            Outcome.NON_COMPLIANT,
        ),
    ],
)
def test_tables_that_statements_tell_apart(statements: list[dict[str, object]], told: Outcome, untold: Outcome) -> None:
    """Whether a table is left that no statement names, several together tell, and a region or an account for each."""
    made = template({f"{TABLE}TableName": "orders", f"{POLICY}PolicyDocument.Statement": [OWN_TABLE, *statements]})
    assert [other_table(made, externals) for externals in (TOLD, Externals())] == [told, untold]


@pytest.mark.parametrize("statement", [OWN_TABLE, {**OWN_TABLE, "Action": "dynamodb:Scan"}])
def test_a_region_by_which_a_statement_is_there(statement: dict[str, object]) -> None:
    """What is there in one region only is of the stack's table there: it is the stack's own region."""
    in_europe = {"Fn::If": ["Europe", statement, NO_VALUE]}
    denied = {"Effect": "Deny", "Action": "dynamodb:Scan", "Resource": "*"}
    changes: Changes = {
        f"{TABLE}TableName": "orders",
        "Conditions.Europe": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        f"{POLICY}PolicyDocument.Statement": [OWN_TABLE, denied, in_europe],
    }
    assert verdict(template(changes), "least-privilege/no-other-table") == OWN_ONLY.compliant()


@pytest.mark.parametrize("place", ["*:${!aws:ResourceAccount}", "${!aws:RequestedRegion}:${!aws:ResourceAccount}"])
@pytest.mark.parametrize(
    ("key", "own"), [("aws:ResourceAccount", "AWS::AccountId"), ("aws:RequestedRegion", "AWS::Region")]
)
def test_policy_variables_that_name_a_place(place: str, key: str, own: str) -> None:
    """A policy variable for a table's region or account is the one where the table is, the stack's or another."""
    elsewhere = {"Condition": {"StringNotEquals": {key: {"Ref": own}}}}
    statement = {**ANYWHERE, "Resource": {"Fn::Sub": f"arn:aws:dynamodb:{place}:table/*"}, **elsewhere}
    document = {"Version": "2012-10-17", "Statement": [OWN_TABLE, statement]}
    made = template({f"{TABLE}TableName": "orders", f"{POLICY}PolicyDocument": document})
    found = [other_table(made, externals) for externals in (TOLD, Externals())]
    assert found == [Outcome.NON_COMPLIANT, Outcome.NON_COMPLIANT]


def test_replicas_of_regions_by_a_pattern() -> None:
    """A pattern of regions reaches those without a replica, too."""
    made = global_table(
        {
            f"{TABLE}TableName": "orders",
            f"{TABLE}Replicas.0.Region": "us-east-1",
            f"{TABLE}Replicas.1.Region": "eu-west-1",
            f"{POLICY}PolicyDocument.Statement": [{**OWN_TABLE, "Resource": orders("eu-*")}],
        }
    )
    assert other_table(made, Externals({"AWS::Region": "us-east-1"})) is Outcome.NON_COMPLIANT


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ([TABLE_ARN], Outcome.COMPLIANT),
        ([TABLE_ARN, LEGACY], Outcome.NON_COMPLIANT),
        ([TABLE_ARN, "arn:aws:dynamodb:us-*:*:table/*"], Outcome.NON_COMPLIANT),
        (["arn:aws:dynamodb:*:*:table/orders"], Outcome.NON_COMPLIANT),
        ([{"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:*:table/orders"}], Outcome.COMPLIANT),
    ],
)
@pytest.mark.parametrize("allowed", ["*", "arn:aws:dynamodb", "arn:aws:dynamodb:*:*:*"])
def test_tables_that_a_boundary_leaves(allowed: str, within: list[object], expected: Outcome) -> None:
    """What a role may do everywhere its boundary narrows to the tables that it names."""
    boundary = {"Version": "2012-10-17", "Statement": {**ANYWHERE, "Resource": within}}
    made = template(
        {
            f"{TABLE}TableName": "orders",
            f"{POLICY}PolicyDocument.Statement": [{**ANYWHERE, "Resource": allowed}],
            f"{ROLE}PermissionsBoundary": {"Ref": "Boundary"},
            "Resources.Boundary": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": boundary}},
        }
    )
    assert verdict(made, "least-privilege/no-other-table").outcome is expected


@pytest.mark.scenario("storage-hardening#least-privilege/role-assumed-by-lambda-only")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(LAMBDA_ONLY),
        # Accepted
        case("in-a-list", {PRINCIPAL: {"Service": ["lambda.amazonaws.com"]}}, LAMBDA_ONLY.compliant()),
        case("a-single-statement", {TRUST: BY_LAMBDA}, LAMBDA_ONLY.compliant()),
        # Rejected
        case("everyone", {PRINCIPAL: "*"}, LAMBDA_ONLY.rejected(trusts("*", AT_TRUSTED))),
        case("every-account", {PRINCIPAL: {"AWS": "*"}}, LAMBDA_ONLY.rejected(trusts("*", f"{AT_TRUSTED}.AWS"))),
        case(
            "another-service",
            {PRINCIPAL: {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}},
            LAMBDA_ONLY.rejected(trusts("ec2.amazonaws.com", f"{AT_TRUSTED}.Service[1]")),
        ),
        case(
            "federation",
            {PRINCIPAL: {"Service": "lambda.amazonaws.com", "Federated": "accounts.google.com"}},
            LAMBDA_ONLY.rejected(trusts("accounts.google.com", f"{AT_TRUSTED}.Federated")),
        ),
        case(
            "everyone-but",
            {f"{TRUST}.0": {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": "111122223333"}}},
            LAMBDA_ONLY.rejected(trusts({"AWS": "111122223333"}, f"$.{TRUST}[0].NotPrincipal")),
        ),
        case(
            "another-statement",
            {f"{TRUST}.1": {**BY_LAMBDA, "Principal": {"AWS": "111122223333"}}},
            LAMBDA_ONLY.rejected(trusts("111122223333", f"$.{TRUST}[1].Principal.AWS")),
        ),
        case("nobody", {TRUST: []}, LAMBDA_ONLY.rejected(trusts([], f"$.{TRUST}", "does not trust"))),
        case(
            "session-tags-only",
            {TRUST: [TAGS_SESSION]},
            LAMBDA_ONLY.rejected(trusts([TAGS_SESSION], f"$.{TRUST}", "does not trust")),
        ),
        case("deny-lambda", {TRUST: [DENIED]}, LAMBDA_ONLY.rejected(trusts([DENIED], f"$.{TRUST}", "does not trust"))),
        case(
            "deny-everyone",
            {f"{TRUST}.1": {**DENIED, "Principal": "*"}},
            LAMBDA_ONLY.rejected(trusts([BY_LAMBDA, {**DENIED, "Principal": "*"}], f"$.{TRUST}", "does not trust")),
        ),
        case(
            "in-one-world",
            {**IS_PROD, f"{PRINCIPAL}.AWS": ACCOUNT_IN_PROD},
            LAMBDA_ONLY.rejected(trusts(ACCOUNT_IN_PROD, f"{AT_TRUSTED}.AWS"), *PROD),
        ),
        # Not applicable
        case("no-function-told", {VARIABLE: ABSENT}, LAMBDA_ONLY.not_applicable(NO_FUNCTION)),
        # Undetermined
        case(
            "another-by-parameter",
            {**GIVEN, PRINCIPAL: {"Service": ["lambda.amazonaws.com", {"Ref": "Given"}]}},
            LAMBDA_ONLY.undetermined(GIVEN_LATER, f"{AT_TRUSTED}.Service[1]"),
        ),
        case(
            "function-perhaps-told",
            {**MAYBE_TOLD, PRINCIPAL: "*"},
            LAMBDA_ONLY.undetermined(GIVEN_LATER, "$.Resources.Function"),
        ),
        case(
            "parameter",
            {**GIVEN, f"{PRINCIPAL}.Service": {"Ref": "Given"}},
            LAMBDA_ONLY.undetermined(GIVEN_LATER, f"{AT_TRUSTED}.Service"),
        ),
    ],
)
def test_role_assumed_by_lambda_only(document: Document, expected: Verdict) -> None:
    """A function's role trusts the Lambda service and nobody else."""
    assert verdict(document, "least-privilege/role-assumed-by-lambda-only") == expected


@pytest.mark.parametrize(
    ("expected", "changes", "first"),
    [
        pytest.param(
            DATA_ONLY,
            {f"{ALLOW}.Action": "dynamodb:DeleteTable"},
            DATA_ONLY.rejected(controls("dynamodb:DeleteTable")),
            marks=pytest.mark.scenario("storage-hardening#least-privilege/data-plane-only"),
            id="data-plane-only",
        ),
        pytest.param(
            OWN_ONLY,
            {f"{ALLOW}.Resource": [TABLE_ARN, {"Fn::GetAtt": ["Second", "Arn"]}]},
            OWN_ONLY.compliant(),
            marks=pytest.mark.scenario("storage-hardening#least-privilege/no-other-table"),
            id="no-other-table",
        ),
        pytest.param(
            LAMBDA_ONLY,
            {PRINCIPAL: "*"},
            LAMBDA_ONLY.rejected(trusts("*", AT_TRUSTED)),
            marks=pytest.mark.scenario("storage-hardening#least-privilege/role-assumed-by-lambda-only"),
            id="role-assumed-by-lambda-only",
        ),
    ],
)
def test_each_table_by_itself(expected: Expected, changes: Changes, first: Verdict) -> None:
    """A function's role concerns the tables that the function is given the names of, and the stack's are its own."""
    second = expected.not_applicable(NO_FUNCTION, resource="Second")
    assert verdicts(two_tables(changes), expected.scenario) == [first, second]
