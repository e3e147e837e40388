"""Lambda-DynamoDB Integration: what the rules reject, accept and cannot tell."""

from dataclasses import dataclass, replace

import pytest

from policies.model import Finding, Outcome, Verdict
from tests.policies.templates import (
    ABSENT,
    FUNCTION,
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
    POLICY,
    ROLE,
    ROLE_ARN,
    TABLE,
    TABLE_ARN,
    TABLE_NAME,
    VARIABLES,
    Changes,
    Document,
    Expected,
    Row,
    case,
    for_every_rule,
    global_table,
    mismatch,
    table_arn,
    template,
    two_tables,
    verdict,
    verdicts,
)

INJECTED = Expected("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")

VARIABLE = VARIABLES + "DDB_TABLE_NAME"
NAMES = FUNCTION + "Environment.Variables"
NO_OBJECT = mismatch(f"$.{NAMES}", ["TABLE"], "an object")
ALLOW = POLICY + "PolicyDocument.Statement.0"
SECOND_STATEMENT = POLICY + "PolicyDocument.Statement.1"
NO_POLICY = {"Resources.Policy": ABSENT}
INLINE = ROLE + "Policies"
MANAGED = ROLE + "ManagedPolicyArns"
BOUNDARY = ROLE + "PermissionsBoundary"
RESOURCE_POLICY = TABLE + "ResourcePolicy.PolicyDocument.Statement"
DENY_ALL = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
ALLOW_ALL = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
ALLOWED_BY_TABLE = {RESOURCE_POLICY: [{**ALLOW_ALL, "Principal": {"AWS": ROLE_ARN}}]}
ON_A_CONDITION = {"StringEquals": {"aws:PrincipalTag/team": "storage"}}
OVER_TLS_ONLY = {**DENY_ALL, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
ROLE_ELSEWHERE = {FUNCTION + "Role": {"Fn::ImportValue": "SharedRoleArn"}}
FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
ROLE_BY_NAME = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/app-role"}
POLICY_BY_NAME = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/app"}
NO_ACCESS = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
POLICY_ELSEWHERE = "arn:aws:iam::111122223333:policy/Shared"
BY_TAG = "arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/app}"
BY_TAG_IN_SUB = table_arn("${!aws:PrincipalTag/app}")
OVER_TLS = {"Bool": {"aws:SecureTransport": "True"}}
NOT_OVER_TLS = {"Bool": {"aws:SecureTransport": "False"}}
ELSEWHERE = {"Effect": "Deny", "Action": "s3:*", "NotResource": {"Fn::ImportValue": "Bucket"}}
PARAMETER = {"Parameters.Given": {"Type": "String"}}
NAMED_LATER = {**PARAMETER, TABLE + "TableName": {"Ref": "Given"}}
POWERLESS = {
    "Resources.Other": {"Type": "AWS::IAM::Role", "Properties": {}},
    "Resources.Second": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Other", "Arn"]}, "Environment": {"Variables": {"TABLE": TABLE_NAME}}},
    },
}
"""A second function that has the table's name, and a role that may nothing."""
OF_SECOND = "Resources.Second.Properties.Environment.Variables.TABLE"
BY_FUNCTION = {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::GetAtt": ["Function", "Arn"]}}}
BY_SECOND = {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::GetAtt": ["Second", "Arn"]}}}
TOLD_WHERE_GRANTED = {
    **IS_PROD,
    **POWERLESS,
    OF_SECOND: {"Fn::If": ["IsProd", TABLE_NAME, NO_VALUE]},
    "Resources.Granted": {
        "Type": "AWS::IAM::RolePolicy",
        "Condition": "IsProd",
        "Properties": {
            "PolicyName": "granted",
            "RoleName": {"Ref": "Other"},
            "PolicyDocument": {"Statement": [{**ALLOW_ALL, "Resource": TABLE_ARN}]},
        },
    },
}
"""A second function that has the table's name in one world, in which alone its role may use the table."""
NO_NAMES: dict[str, Changes] = {
    "name-of-a-topic": {
        "Resources.Topic": {"Type": "AWS::SNS::Topic"},
        VARIABLE: {"Fn::GetAtt": ["Topic", "TopicName"]},
    },
    "arn-of-the-stream": {VARIABLE: {"Fn::GetAtt": ["Table", "StreamArn"]}},
    "name-inside-a-text": {VARIABLE: {"Fn::Sub": '{"table":"${Table}"}'}},
}
"""Environments that have something else than the table's name."""
SSM_PARAMETER = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": TABLE_NAME}}
BY_SSM = {"Resources.Param": SSM_PARAMETER, VARIABLE: {"Fn::GetAtt": ["Param", "Value"]}}
BY_HANDLER = {**BY_SSM, "Resources.Param": {"Type": "Custom::Lookup", "Properties": {"ServiceToken": "arn"}}}
DOUBLED = {
    f"Resources.N{level}": {
        "Type": "AWS::Lambda::Function",
        "Properties": {"FunctionName": {"Fn::Sub": f"${{N{level - 1}}}" * 2} if level else "a"},
    }
    for level in range(22)
}
"""Functions each of whose names is that of the one before, twice."""
PATTERNS = [{"Fn::Sub": f"arn:aws:dynamodb:*:*:table/*${{Given}}{'*a' * 90}b{number}"} for number in range(50)]
LONG_NAME = {**PARAMETER, TABLE + "TableName": {"Fn::Sub": f"${{Given}}{'a' * 240}"}}
CHOICES = {
    **{f"Parameters.P{number}": {"Type": "String"} for number in range(20)},
    **{f"Conditions.C{number}": {"Fn::Equals": [{"Ref": f"P{number}"}, "x"]} for number in range(20)},
}
TOO_MANY = "more than 300000 values would have to be resolved"
CHOSEN = [
    {**ALLOW_ALL, "Resource": {"Fn::If": [f"C{number % 20}", table_arn(f"x{number}"), table_arn(f"y{number}")]}}
    for number in range(300)
]


def of_its_own(number: int) -> Changes:
    """Return a function that is told the table's name, with a role that is granted the same by either of two ways."""
    granted = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": TABLE_ARN}
    ways = [{"Fn::If": [f"C{number}", granted, NO_VALUE]}, {"Fn::If": [f"C{number}", NO_VALUE, granted]}]
    inline = {"PolicyName": "p", "PolicyDocument": {"Statement": ways}}
    properties = {**template()["Resources"]["Role"]["Properties"], "Policies": [inline]}
    told = {"Role": {"Fn::GetAtt": [f"R{number}", "Arn"]}, "Environment": {"Variables": {"NAME": TABLE_NAME}}}
    return {
        f"Resources.R{number}": {"Type": "AWS::IAM::Role", "Properties": properties},
        f"Resources.F{number}": {"Type": "AWS::Lambda::Function", "Properties": told},
    }


def policy_of_type(kind: str, **properties: object) -> Changes:
    """Return the changes by which a policy of another type grants all in the place of the first."""
    policy = {"PolicyDocument": {"Statement": [ALLOW_ALL]}, **properties}
    return {"Resources.Policy": {"Type": kind, "Properties": policy}}


def moved_to_second(changes: Changes) -> Changes:
    """Return changes of the first function's variable as those of the second's."""
    return {OF_SECOND if path == VARIABLE else path: value for path, value in changes.items()}


def no_function(functions: list[str], table: str = "Table") -> Finding:
    """Return the finding of a table that no function is told of."""
    return Finding(
        "no function has the table's name in its environment",
        "$.Resources",
        {"functions": functions},
        f"a function's environment variable that is the name of {table}, not its ARN",
        "create the function through LambdaToDynamoDB, or set environment={'DDB_TABLE_NAME': table.table_name}",
    )


@dataclass(frozen=True)
class Permission:
    """A scenario that demands actions, and the action that the other scenario demands."""

    expected: Expected
    actions: tuple[str, str]
    other: str

    def accepted(self, name: str, changes: Changes) -> Row:
        """Return a template that grants the actions."""
        return case(name, changes, self.expected.compliant())

    def rejected(self, name: str, changes: Changes, *refused: str) -> Row:
        """Return a template that refuses the actions, or those given, to the function."""
        return case(name, changes, self.expected.rejected(self.refusal(*refused)))

    def unclear(self, name: str, changes: Changes, message: str, path: str = "$.Resources.Role") -> Row:
        """Return a template that does not tell."""
        return case(name, changes, self.expected.undetermined(message, path))

    def refusal(self, *refused: str, function: str = "Function", role: str = "Role") -> Finding:
        """Return the finding of a function that may not do the actions, or those given."""
        actions = list(refused or self.actions)
        return Finding(
            f"{function}, which has the table's name, may not {' and '.join(actions)} on it",
            f"$.Resources.{role}",
            {"function": function, "role": role, "refused": actions},
            f"the role may {' and '.join(self.actions)} on Table",
            "let the construct grant it (table_permissions='ReadWrite'), or call table.grant_read_write_data(function)",
        )


READ = Permission(
    Expected("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted"),
    ("dynamodb:GetItem", "dynamodb:Query"),
    "dynamodb:PutItem",
)
WRITE = Permission(
    Expected("dynamodb-storage#lambda-dynamodb-integration/write-permissions-granted"),
    ("dynamodb:PutItem", "dynamodb:UpdateItem"),
    "dynamodb:GetItem",
)


def accepted(to: Permission) -> list[Row]:
    """Return the templates in which the function may do the actions."""
    allow_twice = [{**ALLOW_ALL, "Action": action, "Resource": [TABLE_ARN]} for action in to.actions]
    return [
        to.accepted("all-actions-of-dynamodb", {f"{ALLOW}.Action": "dynamodb:*"}),
        to.accepted("all-actions", {f"{ALLOW}.Action": ["*"]}),
        to.accepted("other-case", {f"{ALLOW}.Action": [action.upper() for action in to.actions]}),
        to.accepted("all-actions-but-others", {f"{ALLOW}.Action": ABSENT, f"{ALLOW}.NotAction": ["iam:*", to.other]}),
        to.accepted("two-statements", {POLICY + "PolicyDocument.Statement": allow_twice}),
        to.accepted("a-single-statement", {POLICY + "PolicyDocument": {"Statement": ALLOW_ALL}}),
        to.accepted("arn-in-a-list", {f"{ALLOW}.Resource": [table_arn("${Table}/index/*"), TABLE_ARN]}),
        to.accepted("arn-by-sub", {f"{ALLOW}.Resource": table_arn("${Table}")}),
        to.accepted("arn-with-a-wildcard", {f"{ALLOW}.Resource": table_arn("*")}),
        to.accepted("policy-inline", {**NO_POLICY, INLINE: [{"PolicyDocument": {"Statement": [ALLOW_ALL]}}]}),
        to.accepted("policy-managed-by-role", policy_of_type("AWS::IAM::ManagedPolicy", Roles=[{"Ref": "Role"}])),
        to.accepted(
            "policy-managed-by-arn", {**policy_of_type("AWS::IAM::ManagedPolicy"), MANAGED: [{"Ref": "Policy"}]}
        ),
        to.accepted("policy-of-the-role", policy_of_type("AWS::IAM::RolePolicy", RoleName={"Ref": "Role"})),
        to.accepted("policy-of-aws", {**NO_POLICY, MANAGED: [FULL_ACCESS]}),
        to.accepted("policy-of-the-table", {**NO_POLICY, **ALLOWED_BY_TABLE}),
        to.accepted("boundary-that-allows", {BOUNDARY: FULL_ACCESS}),
        to.accepted("deny-of-others", {SECOND_STATEMENT: {**DENY_ALL, "Action": to.other}}),
        to.accepted("deny-on-another-table", {SECOND_STATEMENT: {**DENY_ALL, "Resource": table_arn("payments")}}),
        to.accepted("deny-without-tls", {SECOND_STATEMENT: OVER_TLS_ONLY}),
        to.accepted("deny-without-tls-in-capitals", {SECOND_STATEMENT: {**DENY_ALL, "Condition": NOT_OVER_TLS}}),
        to.accepted("allow-over-tls-in-capitals", {f"{ALLOW}.Condition": OVER_TLS}),
        to.accepted("deny-of-another-service", {SECOND_STATEMENT: ELSEWHERE}),
        to.accepted("role-by-its-arn", {ROLE + "RoleName": "app-role", FUNCTION + "Role": ROLE_BY_NAME}),
        to.accepted(
            "policy-managed-by-an-arn-of-its-name",
            {**policy_of_type("AWS::IAM::ManagedPolicy", ManagedPolicyName="app"), MANAGED: [POLICY_BY_NAME]},
        ),
        *(
            to.accepted(f"unrelated-function-{name}", {**POWERLESS, **moved_to_second(changes)})
            for name, changes in NO_NAMES.items()
        ),
        to.accepted("by-the-function-alone", {f"{ALLOW}.Condition": BY_FUNCTION}),
        to.accepted("second-function-told-only-where-granted", TOLD_WHERE_GRANTED),
        to.accepted("literal-name", {TABLE + "TableName": "orders", VARIABLE: "orders"}),
        to.accepted("unrelated-function", {**POWERLESS, "Resources.Second.Properties.Environment": ABSENT}),
    ]


def refused(to: Permission) -> list[Row]:
    """Return the templates in which the function may not do the actions."""
    in_prod = template({**IS_PROD, "Resources.Policy.Condition": "IsProd"})
    told_in_prod = template({**IS_PROD, VARIABLE: {"Fn::If": ["IsProd", TABLE_NAME, NO_VALUE]}})
    second = to.refusal(function="Second", role="Other")
    denied = {"PolicyDocument": {"Statement": [{**DENY_ALL, "Principal": "*"}]}}
    one_replica = global_table({f"{TABLE}Replicas": [{"Region": "eu-west-1", "ResourcePolicy": denied}]})
    denying_boundary = {
        **policy_of_type("AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": [DENY_ALL]}),
        BOUNDARY: {"Ref": "Policy"},
    }
    return [
        to.rejected("no-policy", NO_POLICY),
        to.rejected("other-actions", {f"{ALLOW}.Action": to.other}),
        to.rejected("one-action-only", {f"{ALLOW}.Action": to.actions[0]}, to.actions[1]),
        to.rejected("all-but-these", {f"{ALLOW}.Action": ABSENT, f"{ALLOW}.NotAction": list(to.actions)}),
        to.rejected("by-another-function-alone", {**POWERLESS, OF_SECOND: "", f"{ALLOW}.Condition": BY_SECOND}),
        to.rejected("policy-of-another-role", {POLICY + "Roles": ["Another"]}),
        to.rejected("another-table", {f"{ALLOW}.Resource": table_arn("payments")}),
        to.rejected("indexes-only", {f"{ALLOW}.Resource": table_arn("${Table}/index/*")}),
        to.rejected("name-for-an-arn", {f"{ALLOW}.Resource": TABLE_NAME}),
        to.rejected("all-resources-but-this", {f"{ALLOW}.Resource": ABSENT, f"{ALLOW}.NotResource": TABLE_ARN}),
        to.rejected("deny", {SECOND_STATEMENT: DENY_ALL}),
        to.rejected("deny-one", {SECOND_STATEMENT: {**DENY_ALL, "Action": to.actions[1]}}, to.actions[1]),
        to.rejected(
            "deny-all-but-others", {SECOND_STATEMENT: {"Effect": "Deny", "NotAction": to.other, "Resource": "*"}}
        ),
        to.rejected("deny-over-tls-in-capitals", {SECOND_STATEMENT: {**DENY_ALL, "Condition": OVER_TLS}}),
        to.rejected("allow-without-tls-in-capitals", {f"{ALLOW}.Condition": NOT_OVER_TLS}),
        to.rejected("boundary", {BOUNDARY: NO_ACCESS}),
        to.rejected("denied-by-the-table", {RESOURCE_POLICY: [{**DENY_ALL, "Principal": "*"}]}),
        to.rejected("boundary-denies-what-the-table-allows", {**denying_boundary, **ALLOWED_BY_TABLE}),
        to.rejected("boundary-is-silent-on-what-the-table-allows", {BOUNDARY: NO_ACCESS, **ALLOWED_BY_TABLE}),
        pytest.param(one_replica, to.expected.rejected(to.refusal()), id="denied-by-the-only-replica"),
        pytest.param(in_prod, to.expected.rejected(to.refusal(), *NOT_PROD), id="policy-in-one-world"),
        case("second-function", POWERLESS, to.expected.rejected(second)),
        case("second-function-after-an-unclear-one", {**POWERLESS, **ROLE_ELSEWHERE}, to.expected.rejected(second)),
        to.rejected("told-perhaps-and-refused-all-the-same", {**NAMED_LATER, VARIABLE: "orders", **NO_POLICY}),
        case("no-function-told", {VARIABLE: ABSENT}, to.expected.rejected(no_function(["Function"]))),
        pytest.param(
            told_in_prod, to.expected.rejected(no_function(["Function"]), *NOT_PROD), id="function-told-in-one-world"
        ),
    ]


def unclear(to: Permission) -> list[Row]:
    """Return the templates that do not tell whether the function may do the actions."""
    decided = "the condition on aws:PrincipalTag/team is decided by each request"
    no_role = "the function's role is not in this template"
    elsewhere = "a policy of the role is not in this template"
    denied = {"Statement": [{**DENY_ALL, "Principal": "*"}]}
    denied_by_one = global_table({f"{TABLE}Replicas.1.ResourcePolicy.PolicyDocument": denied})
    given = "parameter Given may be given any value"
    too_long = "a pattern and a name this long are not compared"
    by_a_policy_variable: dict[str, Changes] = {
        "allow-by-a-policy-variable": {f"{ALLOW}.Resource": BY_TAG},
        "allow-by-a-policy-variable-in-sub": {f"{ALLOW}.Resource": BY_TAG_IN_SUB},
        "deny-by-a-policy-variable": {SECOND_STATEMENT: {**DENY_ALL, "Resource": BY_TAG}},
        "deny-by-a-policy-variable-in-sub": {SECOND_STATEMENT: {**DENY_ALL, "Resource": BY_TAG_IN_SUB}},
    }
    return [
        pytest.param(
            denied_by_one,
            to.expected.undetermined("a replica's policy counts in its own region only", "$.Resources.Role"),
            id="denied-by-one-replica",
        ),
        to.unclear("allow-on-a-condition", {f"{ALLOW}.Condition": ON_A_CONDITION}, decided),
        *(
            to.unclear(
                f"{name}-action-on-a-condition",
                {
                    f"{ALLOW}.Action": sure,
                    SECOND_STATEMENT: {**ALLOW_ALL, "Action": perhaps, "Condition": ON_A_CONDITION},
                },
                decided,
            )
            for name, perhaps, sure in (("first", *to.actions), ("last", *reversed(to.actions)))
        ),
        to.unclear("deny-on-a-condition", {SECOND_STATEMENT: {**DENY_ALL, "Condition": ON_A_CONDITION}}, decided),
        *(
            to.unclear(name, changes, "the policy variable ${aws:PrincipalTag/app} is known at each request")
            for name, changes in by_a_policy_variable.items()
        ),
        to.unclear("many-long-patterns", {**LONG_NAME, f"{ALLOW}.Resource": PATTERNS}, too_long),
        to.unclear("policy-elsewhere", {MANAGED: [POLICY_ELSEWHERE]}, elsewhere),
        to.unclear("boundary-elsewhere", {BOUNDARY: POLICY_ELSEWHERE}, elsewhere),
        to.unclear("action-by-parameter", {**PARAMETER, f"{ALLOW}.Action": {"Ref": "Given"}}, given),
        to.unclear(
            "role-by-parameter", {**PARAMETER, POLICY + "Roles": [{"Ref": "Given"}], ROLE + "RoleName": "x"}, given
        ),
        to.unclear("role-elsewhere", ROLE_ELSEWHERE, no_role, f"$.{FUNCTION}Role"),
        to.unclear(
            "second-function-by-a-custom-resource",
            {**POWERLESS, **moved_to_second(BY_HANDLER)},
            "Param.Value is known at deployment only",
            "$.Resources.Second",
        ),
        to.unclear("name-by-parameter", {**NAMED_LATER, VARIABLE: "orders"}, given, "$.Resources.Function"),
    ]


def permission(to: Permission) -> list[Row]:
    """Return pairs of a template and the verdict on what the function may do."""
    return [*for_every_rule(to.expected), *accepted(to), *refused(to), *unclear(to)]


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted")
@pytest.mark.parametrize(("document", "expected"), permission(READ))
def test_read_permissions_granted(document: Document, expected: Verdict) -> None:
    """Every function that has the table's name may GetItem and Query on it."""
    assert verdict(document, "lambda-dynamodb-integration/read-permissions-granted") == expected


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted")
def test_statements_that_do_not_matter() -> None:
    """Hundreds of statements under conditions cost nothing, where all that they could add is there already."""
    document = template(CHOICES)
    document["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][:0] = CHOSEN
    assert verdict(document, READ.expected.scenario) == READ.expected.compliant()
    document["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"] = CHOSEN
    assert verdict(document, READ.expected.scenario).outcome is Outcome.NON_COMPLIANT


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted")
def test_functions_are_judged_apart() -> None:
    """What is open of one function makes no worlds for another: of twenty, each is judged in two."""
    document = template({**CHOICES, **dict(changed for number in range(20) for changed in of_its_own(number).items())})
    assert verdict(document, READ.expected.scenario) == READ.expected.compliant()


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted")
@pytest.mark.parametrize(
    ("name", "variable", "outcome"),
    [
        ({"Fn::Sub": "orders-${Stage}"}, TABLE_NAME, Outcome.COMPLIANT),
        ({"Fn::Sub": "orders-${Stage}"}, "orders-prod", Outcome.COMPLIANT),
        ("orders-prod", {"Fn::Sub": "orders-${Stage}"}, Outcome.COMPLIANT),
        ("orders-dev", {"Fn::Sub": "orders-${Stage}"}, Outcome.NON_COMPLIANT),
    ],
)
def test_what_a_condition_says_of_a_name(name: object, variable: object, outcome: Outcome) -> None:
    """Where a table exists in prod only, the stage that its name holds is prod."""
    conditional = {f"Resources.{one}.Condition": "IsProd" for one in ("Table", "Role", "Policy", "Function")}
    made = template({**IS_PROD, **conditional, f"{TABLE}TableName": name, VARIABLE: variable})
    made["Parameters"]["Stage"].pop("Default", None)
    made["Outputs"]["TableName"]["Condition"] = "IsProd"
    assert verdict(made, READ.expected.scenario).outcome is outcome


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")
def test_worlds_are_bounded() -> None:
    """A million worlds, each of which decides, end without an answer, whatever one of them would show."""
    same = [{"Fn::If": [f"C{number}", "", {"Ref": "AWS::NoValue"}]} for number in range(20)]
    document = template({**CHOICES, f"{TABLE}TableName": "orders", VARIABLE: {"Fn::Join": ["", ["orders", *same]]}})
    told = verdict(document, INJECTED.scenario)
    # Where the bound is met, and in which world, is nothing that anyone relies on.
    assert replace(told, path=None, assuming=()) == INJECTED.undetermined(TOO_MANY, None)


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")
def test_values_are_bounded() -> None:
    """A name that is doubled twenty times is not spelled out."""
    told = verdict(template({**DOUBLED, VARIABLE: {"Ref": "N21"}}), INJECTED.scenario)
    assert replace(told, path=None) == INJECTED.undetermined(TOO_MANY, None)


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/write-permissions-granted")
@pytest.mark.parametrize(("document", "expected"), permission(WRITE))
def test_write_permissions_granted(document: Document, expected: Verdict) -> None:
    """Every function that has the table's name may PutItem and UpdateItem on it."""
    assert verdict(document, "lambda-dynamodb-integration/write-permissions-granted") == expected


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(INJECTED),
        # Accepted
        case("by-sub", {VARIABLE: {"Fn::Sub": "${Table}"}}, INJECTED.compliant()),
        case("by-join", {VARIABLE: {"Fn::Join": ["", [TABLE_NAME]]}}, INJECTED.compliant()),
        case("by-literal-name", {TABLE + "TableName": "orders", VARIABLE: "orders"}, INJECTED.compliant()),
        case("another-function", {VARIABLE: ABSENT, **POWERLESS}, INJECTED.compliant()),
        # Rejected
        *(
            case(name, {VARIABLE: value}, INJECTED.rejected(no_function(["Function"])))
            for name, value in (
                ("missing", ABSENT),
                ("no-value", NO_VALUE),
                ("arn", TABLE_ARN),
                ("logical-id", "Table"),
            )
        ),
        *(case(name, changes, INJECTED.rejected(no_function(["Function"]))) for name, changes in NO_NAMES.items()),
        case("no-function", {"Resources.Function": ABSENT}, INJECTED.rejected(no_function([]))),
        case("list-for-an-object", {NAMES: ["TABLE"]}, INJECTED.rejected(NO_OBJECT)),
        case(
            "function-in-one-world",
            {**IS_PROD, "Resources.Function.Condition": "IsProd"},
            INJECTED.rejected(no_function([]), *NOT_PROD),
        ),
        # Undetermined
        case(
            "parameter",
            {**NAMED_LATER, VARIABLE: "orders"},
            INJECTED.undetermined("parameter Given may be given any value", None),
        ),
        case("ssm-parameter", BY_SSM, INJECTED.compliant()),
        case("custom-resource", BY_HANDLER, INJECTED.undetermined("Param.Value is known at deployment only", None)),
    ],
)
def test_environment_variable_injected(document: Document, expected: Verdict) -> None:
    """A function's environment holds the table's name."""
    assert verdict(document, "lambda-dynamodb-integration/environment-variable-injected") == expected


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(one, id=one.scenario.rpartition("/")[2], marks=pytest.mark.scenario(one.id))
        for one in (READ.expected, WRITE.expected, INJECTED)
    ],
)
def test_each_table_by_itself(expected: Expected) -> None:
    """A function that is told one table's name is not told another's."""
    assert verdicts(two_tables({}), expected.scenario) == [
        expected.compliant(),
        expected.rejected(no_function(["Function"], "Second"), resource="Second"),
    ]


@pytest.mark.scenario("dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected")
@pytest.mark.parametrize(
    ("variables", "alone"),
    [
        ("text", Outcome.NON_COMPLIANT),
        ({"Ref": "Table"}, Outcome.UNDETERMINED),
        ({"Fn::GetAtt": ["Table", "Arn", "x"]}, Outcome.ERROR),
        ({"Fn::Transform": {"Name": "Other"}}, Outcome.UNDETERMINED),
    ],
)
def test_no_function_spoils_another(variables: object, alone: Outcome) -> None:
    """What a function is given may be unreadable: one that is given the name is as good, before it or behind it."""
    told = template()
    unreadable = {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}
    before = {**told, "Resources": {"Other": unreadable, **told["Resources"]}}
    behind = {**told, "Resources": {**told["Resources"], "Other": unreadable}}
    assert verdict(before, INJECTED.scenario) == verdict(behind, INJECTED.scenario) == INJECTED.compliant()
    untold = template({"Resources.Function": unreadable})
    assert verdict(untold, INJECTED.scenario).outcome is alone


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        (["eu-west-1", "us-east-1"], Outcome.UNDETERMINED),
        ([{"Ref": "AWS::Region"}, "us-east-1"], Outcome.NON_COMPLIANT),
        (["us-east-1", {"Ref": "AWS::Region"}], Outcome.COMPLIANT),
    ],
)
def test_the_replica_of_the_region(regions: list[object], expected: Outcome) -> None:
    """The policy that counts is that of the replica in the stack's own region, where that is known."""
    denied = {"PolicyDocument": {"Statement": {**DENY_ALL, "Principal": "*"}}}
    changes: Changes = {f"{TABLE}Replicas.{i}.Region": region for i, region in enumerate(regions)}
    made = global_table({**changes, f"{TABLE}Replicas.0.ResourcePolicy": denied})
    assert verdict(made, "lambda-dynamodb-integration/read-permissions-granted").outcome is expected
