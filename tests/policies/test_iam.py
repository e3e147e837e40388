"""What a role may do, by the tables of IAM's own documentation."""

import json
from collections.abc import Mapping

import pytest

from policies import identity
from policies.arns import covers
from policies.errors import ForkError, MismatchError, UndeterminedError
from policies.externals import Externals
from policies.iam import Caller, may, role_of
from policies.identity import another_table
from policies.stacks import Stacks
from policies.statements import Statement
from policies.template import Resource, Template
from policies.values import NO, YES, Text, Truth, Unknown, unknown
from policies.worlds import MAX_STEPS, World

Json = dict[str, object]

GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"
ARN: Json = {"Fn::GetAtt": ["Table", "Arn"]}
ROLE_ARN: Json = {"Fn::GetAtt": ["Role", "Arn"]}
FREE: Json = {"Ref": "Free"}
OUTSIDE = "arn:aws:dynamodb:eu-west-1:111122223333:table/Payroll"

IS_FREE = unknown("parameter Free may be given any value")
ELSEWHERE = unknown("a policy of the role is not in this template")
REGION_UNKNOWN = unknown("AWS::Region is known at deployment only")
ACCOUNT_UNKNOWN = unknown("AWS::AccountId is known at deployment only")
TABLE_UNKNOWN = unknown("Table is named at deployment")


def allow(action: object = GET, resource: object = ARN, **more: object) -> Json:
    """Write a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = GET, resource: object = ARN, **more: object) -> Json:
    """Write a statement that denies."""
    return allow(action, resource, **more) | {"Effect": "Deny"}


def without(statement: Json, *keys: str) -> Json:
    """Leave keys out of a statement."""
    return {key: value for key, value in statement.items() if key not in keys}


def document(*statements: Json) -> Json:
    """Write a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(*statements: Json) -> Json:
    """Write the properties of a role with an inline policy."""
    return {"Policies": [{"PolicyName": "Inline", "PolicyDocument": document(*statements)}]}


def policy(kind: str, *statements: Json, **properties: object) -> Json:
    """Write a policy that is a resource."""
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"PolicyDocument": document(*statements), **properties}}


def template(role: Json, others: Json | None = None, *, table: Mapping[str, object] | None = None) -> Template:
    """Make a template of a table, a role, another role, and more."""
    resources = {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table or {}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Other": {"Type": "AWS::IAM::Role"},
        **(others or {}),
    }
    parameters = {"Free": {"Type": "String"}, "Names": {"Type": "CommaDelimitedList"}}
    return Template("t", {"Parameters": parameters, "Resources": resources})


def asked(told: Template, action: str = GET) -> Truth:
    """Ask whether the role may do an action on the table."""
    world = World(told)
    table = told.resources["Table"]
    own = world.properties(table).get("ResourcePolicy").get("PolicyDocument")
    return may(
        world, Caller(told.resources["Role"]), action, identity.arn(world, world.template.resources["Table"]), [own]
    )


# Statements


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([], NO),
        ([allow()], YES),
        ([allow([GET], [ARN])], YES),
        ([allow("*", "*")], YES),
        ([allow("dynamodb:*")], YES),
        ([allow("DYNAMODB:getitem")], YES),
        ([allow("dynamodb:Get*")], YES),
        ([allow("dynamodb:?etItem")], YES),
        ([allow("dynamodb:*Item")], YES),
        ([allow("dynamodb:PutItem")], NO),
        ([allow("dynamodb:BatchGetItem")], NO),
        ([allow("s3:GetItem")], NO),
        ([allow(FREE)], IS_FREE),
        ([allow({"Ref": "Names"})], unknown("parameter Names may be given any value")),
        ([allow(["dynamodb:Query", {"Fn::Sub": "dynamodb:${Free}"}])], IS_FREE),
        ([allow(), deny()], NO),
        ([deny(), allow()], NO),
        ([deny()], NO),
        ([allow(), deny("dynamodb:PutItem")], YES),
        ([allow(), deny("dynamodb:*", "*")], NO),
        ([allow(), deny(FREE)], IS_FREE),
        ([allow(FREE), deny()], NO),
        ([allow(resource=FREE)], IS_FREE),
        ([allow(resource={"Fn::Sub": "${Free}"})], IS_FREE),
        ([allow(), deny(resource=FREE)], IS_FREE),
        ([allow(), deny(resource=OUTSIDE)], YES),
        ([allow(resource=OUTSIDE)], NO),
        ([allow(resource={"Fn::Sub": "${Table.Arn}/index/*"})], NO),
        ([allow(resource={"Fn::Sub": "${Table.Arn}*"})], YES),
        # NotAction and NotResource
        ([without(allow(NotAction="dynamodb:DeleteTable"), "Action")], YES),
        ([without(allow(NotAction=["s3:*", "dynamodb:get*"]), "Action")], NO),
        ([allow(), without(deny(NotAction="dynamodb:GetItem"), "Action")], YES),
        ([allow(), without(deny(NotAction="dynamodb:Query"), "Action")], NO),
        ([allow(), without(deny(NotAction=FREE), "Action")], IS_FREE),
        ([without(allow(NotResource=ARN), "Resource")], NO),
        ([without(allow(NotResource="*"), "Resource")], NO),
        ([without(allow(NotResource=OUTSIDE), "Resource")], YES),
        ([allow(), without(deny(NotResource=ARN), "Resource")], YES),
        ([allow(), without(deny(NotResource=OUTSIDE), "Resource")], NO),
        ([allow(), without(deny(NotResource=FREE), "Resource")], IS_FREE),
        # Conditions
        ([allow(Condition={})], YES),
        ([allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], YES),
        ([allow(Condition={"Bool": {"aws:securetransport": True}})], YES),
        ([allow(Condition={"Bool": {"aws:SecureTransport": "false"}})], NO),
        ([allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})], YES),
        ([allow(), deny(Condition={"BoolIfExists": {"aws:SecureTransport": ["false"]}})], YES),
        ([allow(), deny(Condition={"Bool": {"aws:SecureTransport": "true"}})], NO),
        (
            [allow(), deny(Condition={"Bool": {"aws:SecureTransport": []}})],
            unknown("the condition on aws:SecureTransport names no value"),
        ),
        (
            [allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})],
            unknown("the condition on aws:SourceVpc is decided by each request"),
        ),
        (
            [allow(), deny(Condition={"Null": {"aws:SecureTransport": "true"}})],
            YES,
        ),
        (
            [
                allow(),
                deny(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": "v"}}),
            ],
            YES,
        ),
        ([allow("s3:*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})], NO),
        ([allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}), deny()], NO),
    ],
)
def test_statements(statements: list[Json], answer: Truth) -> None:
    """An explicit Deny wins, otherwise an Allow is needed; what is not known counts as neither."""
    assert asked(template(inline(*statements))) == answer


@pytest.mark.parametrize(
    "nameless", [allow([]), deny(Action=[]), deny(Resource=[]), deny(Resource={"Ref": "AWS::NoValue"})]
)
def test_a_statement_about_nothing(nameless: Json) -> None:
    """IAM refuses a statement that names no action or no resource: it passes for none that forbids nothing."""
    with pytest.raises(MismatchError, match="at least one name"):
        asked(template(inline(allow(), nameless)))


@pytest.mark.parametrize("effect", ["allow", "Permit", "", MismatchError])
def test_wrong_effect(effect: object) -> None:
    """An effect is Allow or Deny in this very spelling."""
    statement = without(allow(), "Effect") if effect is MismatchError else allow(Effect=effect)
    with pytest.raises(MismatchError) as raised:
        asked(template(inline(statement)))
    assert raised.value.path == "$.Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Effect"


def test_single_statement() -> None:
    """A document may hold one statement instead of a list."""
    assert asked(template({"Policies": [{"PolicyDocument": {"Statement": allow()}}]})) == YES


# Policies


@pytest.mark.parametrize(
    ("role", "others", "answer"),
    [
        ({}, {"P": policy("Policy", allow(), Roles=[{"Ref": "Role"}])}, YES),
        ({}, {"P": policy("Policy", allow(), Roles=[{"Ref": "Other"}])}, NO),
        ({}, {"P": policy("Policy", allow(), Users=["u"])}, NO),
        ({}, {"P": policy("Policy", allow(), Roles=[{"Ref": "Other"}, {"Ref": "Role"}])}, YES),
        ({"RoleName": "serve"}, {"P": policy("Policy", allow(), Roles=["serve"])}, YES),
        ({"RoleName": "serve"}, {"P": policy("Policy", allow(), Roles=["Serve"])}, NO),
        ({"RoleName": "serve"}, {"P": policy("Policy", allow(), Roles=[FREE])}, IS_FREE),
        ({"RoleName": "serve", **inline(allow())}, {"P": policy("Policy", deny(), Roles=[FREE])}, IS_FREE),
        (
            {"RoleName": "serve", **inline(allow())},
            {"P": policy("Policy", deny(), Roles={"Ref": "Names"})},
            unknown("parameter Names may be given any value"),
        ),
        (inline(allow()), {"P": policy("Policy", deny(), Roles=[{"Ref": "Role"}])}, NO),
        (inline(allow()), {"P": policy("ManagedPolicy", deny(), Roles=[{"Ref": "Role"}])}, NO),
        ({}, {"P": policy("ManagedPolicy", allow(), Roles=[{"Ref": "Role"}])}, YES),
        ({}, {"P": policy("RolePolicy", allow(), RoleName={"Ref": "Role"})}, YES),
        ({}, {"P": policy("RolePolicy", allow(), RoleName={"Ref": "Other"})}, NO),
        (inline(allow()), {"P": policy("RolePolicy", deny(), RoleName={"Ref": "Role"})}, NO),
        ({"ManagedPolicyArns": [{"Ref": "P"}]}, {"P": policy("ManagedPolicy", allow())}, YES),
        ({"ManagedPolicyArns": [{"Ref": "P"}]}, {"P": policy("ManagedPolicy", allow(resource=OUTSIDE))}, NO),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}, {}, YES),
        (
            {"ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AmazonDynamoDBFullAccess"}]},
            {},
            YES,
        ),
        ({"ManagedPolicyArns": ["arn:aws-cn:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"]}, {}, YES),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]}, {}, NO),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"]}, {}, YES),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AWSBackupFullAccess"]}, {}, ELSEWHERE),
        ({"ManagedPolicyArns": ["arn:aws:iam::111122223333:policy/AdministratorAccess"]}, {}, ELSEWHERE),
        ({"ManagedPolicyArns": [FREE]}, {}, ELSEWHERE),
        ({"ManagedPolicyArns": {"Ref": "Names"}}, {}, ELSEWHERE),
        ({"ManagedPolicyArns": [FREE], **inline(allow())}, {}, ELSEWHERE),
        ({"ManagedPolicyArns": [FREE], **inline(deny())}, {}, NO),
    ],
)
def test_where_policies_stand(role: Json, others: Json, answer: Truth) -> None:
    """A policy counts wherever it stands, for the role that it is attached to; one that stands elsewhere is unknown."""
    assert asked(template(role, others)) == answer


@pytest.mark.parametrize(
    ("role", "others", "path"),
    [
        ({}, {"P": policy("Policy", allow(), Roles={"Ref": "Role"})}, "$.Resources.P.Properties.Roles"),
        ({"RoleName": "serve"}, {"P": policy("Policy", allow(), Roles="serve")}, "$.Resources.P.Properties.Roles"),
        (
            {"ManagedPolicyArns": "arn:aws:iam::aws:policy/AdministratorAccess"},
            {},
            "$.Resources.Role.Properties.ManagedPolicyArns",
        ),
    ],
)
def test_one_does_not_stand_for_a_list(role: Json, others: Json, path: str) -> None:
    """Where CloudFormation wants a list of roles or of policies it refuses a single one."""
    with pytest.raises(MismatchError) as refused:
        asked(template(role, others))
    assert (refused.value.path, refused.value.expected) == (path, "a list")


@pytest.mark.parametrize(
    ("arn", "answer"),
    [
        ("arn:aws:iam::111122223333:policy/Team", YES),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team"}, YES),
        ("arn:aws:iam::111122223333:policy/Other", ELSEWHERE),
        ("arn:aws:iam::aws:policy/Team", ELSEWHERE),
    ],
)
def test_told_policies(arn: object, answer: Truth) -> None:
    """A policy of the account that was told of counts by its name; one of AWS with the same name is another."""
    made = template({"ManagedPolicyArns": [arn]})
    told = Template(
        "t", made.document, externals=Externals(managed_policies={"Team": document(allow("dynamodb:*", "*"))})
    )
    assert asked(told) == answer


# Permissions boundaries


READ_ONLY = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"


@pytest.mark.parametrize(
    ("boundary", "others", "action", "answer"),
    [
        (READ_ONLY, {}, GET, YES),
        (READ_ONLY, {}, "dynamodb:PutItem", NO),
        ({"Ref": "B"}, {"B": policy("ManagedPolicy", allow("s3:*", "*"))}, GET, NO),
        ({"Ref": "B"}, {"B": policy("ManagedPolicy", allow("*", "*"), deny())}, GET, NO),
        ({"Ref": "B"}, {"B": policy("ManagedPolicy", allow("*", "*"))}, GET, YES),
        ({"Ref": "B"}, {"B": policy("ManagedPolicy", allow("*", OUTSIDE))}, GET, NO),
        (FREE, {}, GET, ELSEWHERE),
        ({"Ref": "AWS::NoValue"}, {}, GET, YES),
    ],
)
def test_boundary(boundary: object, others: Json, action: str, answer: Truth) -> None:
    """A permissions boundary limits what the role's own policies allow."""
    role = {**inline(allow("dynamodb:*")), "PermissionsBoundary": boundary}
    assert asked(template(role, others), action) == answer


def test_boundary_alone_allows_nothing() -> None:
    """A boundary gives no permission."""
    assert asked(template({"PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"})) == NO


@pytest.mark.parametrize(
    "statements", [(allow("s3:*", "*"),), (allow("*", "*"), deny())], ids=["allowed by none", "denied"]
)
def test_boundary_limits_a_resource_policy_that_names_the_role(statements: tuple[Json, ...]) -> None:
    """A boundary limits what a resource policy grants to a role's ARN, and a Deny in it wins over everything.

    IAM User Guide, "Policy evaluation for requests within a single account": resource-based policies that grant
    permissions to an IAM role ARN are limited by an implicit deny in a permissions boundary.
    """
    told = template(
        {"PermissionsBoundary": {"Ref": "B"}},
        {"B": policy("ManagedPolicy", *statements)},
        table={"ResourcePolicy": {"PolicyDocument": document(allow(resource="*", Principal={"AWS": ROLE_ARN}))}},
    )
    assert asked(told) == NO


# The table's own policy


LEFT_OUT = unknown("whom NotPrincipal leaves out is not certain")
ELSEWHERE_COUNTS = unknown("a replica's policy counts in its own region only")


@pytest.mark.parametrize(
    ("principal", "allowed", "denied"),
    [
        ({"Principal": "*"}, YES, NO),
        ({"Principal": {"AWS": "*"}}, YES, NO),
        ({"Principal": {"AWS": ROLE_ARN}}, YES, NO),
        ({"Principal": {"AWS": [OUTSIDE, ROLE_ARN]}}, YES, NO),
        ({"Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Role}"}}}, YES, NO),
        ({"Principal": {"AWS": {"Fn::GetAtt": ["Other", "Arn"]}}}, NO, YES),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:user/someone"}}, NO, YES),
        ({"Principal": {"Service": "lambda.amazonaws.com"}}, NO, YES),
        ({"Principal": {"AWS": "111122223333"}}, NO, ACCOUNT_UNKNOWN),
        ({"Principal": {"AWS": {"Ref": "AWS::AccountId"}}}, NO, NO),
        (
            {"Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}},
            NO,
            NO,
        ),
        ({"NotPrincipal": {"AWS": ROLE_ARN}}, LEFT_OUT, LEFT_OUT),
        ({"NotPrincipal": {"AWS": {"Ref": "AWS::AccountId"}}}, LEFT_OUT, LEFT_OUT),
        ({"NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:user/someone"]}}, YES, NO),
        ({"NotPrincipal": {"Service": "lambda.amazonaws.com"}}, YES, NO),
    ],
)
def test_resource_policy(principal: Json, allowed: Truth, denied: Truth) -> None:
    """The table's policy allows alone, and denies what the role's own policies allow, for those whom it names."""
    own = {"ResourcePolicy": {"PolicyDocument": document(allow(resource="*", **principal))}}
    assert asked(template({}, table=own)) == allowed
    own = {"ResourcePolicy": {"PolicyDocument": document(deny(resource="*", **principal))}}
    assert asked(template(inline(allow()), table=own)) == denied


@pytest.mark.parametrize(
    ("role", "statements", "answer"),
    [
        ({}, [], NO),
        ({}, [allow(Principal="*"), allow(Principal="*")], YES),
        ({}, [allow(Principal="*"), allow("s3:*", Principal="*")], ELSEWHERE_COUNTS),
        ({}, [deny(Principal="*"), deny(Principal="*")], NO),
        (inline(allow()), [], YES),
        (
            inline(allow()),
            [allow(Principal="*"), deny(Principal="*")],
            ELSEWHERE_COUNTS,
        ),
        (inline(allow()), [allow(Principal="*"), deny("s3:*", Principal="*")], YES),
        (inline(deny()), [allow(Principal="*"), allow(Principal="*")], NO),
    ],
)
def test_policies_of_replicas(role: Json, statements: list[Json], answer: Truth) -> None:
    """Of several policies one counts; which of them is not known, and only matters where they disagree."""
    told = template(role)
    world = World(told)
    policies = [world.node(document(statement), "$") for statement in statements]
    assert (
        may(
            world, Caller(told.resources["Role"]), GET, identity.arn(world, world.template.resources["Table"]), policies
        )
        == answer
    )


def test_principal_chosen_by_a_condition() -> None:
    """A principal that Fn::If gives is read in the world at hand."""
    principal = {"Fn::If": ["Yes", "*", {"AWS": "111122223333"}]}
    own = {"ResourcePolicy": {"PolicyDocument": document(allow(resource="*", Principal=principal))}}
    made = template({}, table=own)
    told = Template("t", {**made.document, "Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}}})
    assert asked(told) == YES


def test_session_of_the_role_is_denied() -> None:
    """A Deny for an assumed-role session is one for the role in that session: not known to leave the role alone."""
    session = "arn:aws:sts::111122223333:assumed-role/serve/session"
    own = {"ResourcePolicy": {"PolicyDocument": document(deny(resource="*", Principal={"AWS": session}))}}
    assert asked(template({"RoleName": "serve", **inline(allow())}, table=own)).value is None


# Resources


NAME = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("*", YES),
        (NAME, YES),
        ("arn:*", YES),
        ("arn:aws:dynamodb", YES),
        ("arn:aws:dynamodb:*", YES),
        ("arn:aws:dynamodb:*:*:table/orders", YES),
        ("arn:aws:dynamodb:us-*-1:*:table/*", YES),
        ("arn:aws:dynamodb:us-east-?:*:table/order?", YES),
        ("arn:aws:dynamodb:*:*:*", YES),
        ("arn:*:dynamodb:*:*:*/orders", YES),
        ("*/orders", YES),
        ("*:table/orders", YES),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/Orders", NO),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders/*", NO),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders?", NO),
        ("arn:aws:dynamodb:us-west-2:*:table/orders", NO),
        ("arn:aws:dynamodb::123456789012:table/orders", NO),
        ("arn:aws:s3:::orders", NO),
        ("arn:aws-cn:dynamodb:us-east-1:123456789012:table/orders", NO),
        ("table/orders", NO),
        ("", NO),
        # "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
        # boundaries" (IAM JSON policy elements: Resource).
        ("arn:aws:dynamodb:*:table/orders", YES),
        ("arn:aws:*:table/orders", YES),
        ("arn:aws:dynamodb:us-east-1:1*:table/orders", YES),
    ],
)
def test_covers_a_known_arn(pattern: str, answer: Truth) -> None:
    """A pattern covers a table's ARN segment by segment, and a star at a segment's end beyond it."""
    assert covers(Text.of(pattern), Text.of(NAME)) == answer


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        (ARN, YES),
        ({"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}"}, YES),
        ({"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}"}, YES),
        ({"Fn::Sub": "arn:aws-cn:dynamodb:*:*:table/${Table}"}, YES),
        ({"Fn::Sub": "arn:*:dynamodb:*:${AWS::AccountId}:table/*"}, YES),
        ("arn:aws:dynamodb:*:*:table/*", YES),
        ("arn:aws:dynamodb:us-east-1:*:table/*", REGION_UNKNOWN),
        ("arn:aws:dynamodb:*:111122223333:table/*", ACCOUNT_UNKNOWN),
        ("arn:aws:dynamodb:*:*:table/app-*", TABLE_UNKNOWN),
        ("arn:aws:dynamodb:*:*:table/app", NO),
        ("arn:aws:dynamodb:*:*:index/*", NO),
        ({"Fn::Sub": "arn:aws:dynamodb:*:*:${Free}"}, IS_FREE),
        ({"Fn::Sub": "arn:aws:dynamodb:${Free}:table/x"}, IS_FREE),
        ({"Fn::Sub": "arn:aws:dynamodb:*:*:table/${Free}"}, IS_FREE),
        ({"Fn::Sub": "arn:aws:s3:*:*:${Free}"}, NO),
        ({"Fn::Sub": "${Free}:table/*"}, IS_FREE),
        (FREE, IS_FREE),
    ],
)
def test_covers_an_unknown_arn(pattern: object, answer: Truth) -> None:
    """What the template's own table is called is not known, but it is the same wherever it is referred to."""
    told = template({})
    world = World(told)
    assert covers(world.node(pattern, "$").text(), identity.arn(world, world.template.resources["Table"])) == answer


# Roles


@pytest.mark.parametrize(
    "stated",
    [
        ROLE_ARN,
        {"Fn::Sub": "${Role.Arn}"},
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Role}"},
        {
            "Fn::Join": [
                "",
                ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":role/", {"Ref": "Role"}],
            ]
        },
    ],
)
def test_role_of(stated: object) -> None:
    """A function's role is found however its ARN is written."""
    told = template({}, {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": stated}}})
    assert role_of(World(told), told.resources["Function"]) is told.resources["Role"]


@pytest.mark.parametrize(
    "stated", [FREE, "arn:aws:iam::111122223333:role/serve", {"Ref": "Role"}, {"Fn::ImportValue": "r"}]
)
def test_role_elsewhere(stated: object) -> None:
    """A role that is not found is undetermined, even where only one role stands in the template."""
    told = template({}, {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": stated}}})
    with pytest.raises(UndeterminedError) as raised:
        role_of(World(told), told.resources["Function"])
    assert (raised.value.reason, raised.value.path) == (
        "the function's role is not in this template",
        "$.Resources.Function.Properties.Role",
    )


TOLD_ROLE: Json = {
    **inline(allow()),
    "ManagedPolicyArns": ["arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team"],
    "PermissionsBoundary": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess",
}


@pytest.mark.parametrize(
    ("told", "stated", "role"),
    [
        (
            {"serve": TOLD_ROLE},
            "arn:aws:iam::111122223333:role/serve",
            {
                **inline(allow()),
                "ManagedPolicyArns": [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team"}],
                "PermissionsBoundary": {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"},
                "RoleName": "serve",
                "Path": "/",
            },
        ),
        (
            {"other": {}, "service-role/role/serve": {}},
            {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/service-role/role/serve"},
            {"RoleName": "serve", "Path": "/service-role/role/"},
        ),
        (
            {"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/serve": inline(allow())},
            {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/serve"},
            {**inline(allow()), "RoleName": "serve", "Path": "/"},
        ),
    ],
)
def test_a_role_that_was_told_of(told: dict[str, Json], stated: object, role: Json) -> None:
    """A role that stands elsewhere is what was told of it, with the name and the path that its ARN has."""
    made = template({}, {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": stated}}})
    made = Template("t", made.document, externals=Externals(roles=told))
    found = role_of(World(made), made.resources["Function"])
    assert found == Resource("serve", "AWS::IAM::Role", {"Properties": role}, "(role serve)", made)
    assert found.owner is made


@pytest.mark.parametrize(
    ("condition", "expected"), [(None, "Role"), ("Yes", "Role"), ("No", "the function's role is not in this template")]
)
def test_a_role_under_a_condition(condition: str | None, expected: str) -> None:
    """A role that this world has not is none."""
    made = template({}, {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": ROLE_ARN}}})
    conditions = {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}}
    resources = made.document["Resources"]
    assert isinstance(resources, dict)
    role = {**resources["Role"], **({} if condition is None else {"Condition": condition})}
    told = Template("t", {**made.document, "Conditions": conditions, "Resources": {**resources, "Role": role}})
    try:
        found = role_of(World(told), told.resources["Function"]).logical_id
    except UndeterminedError as error:
        found = error.reason
    assert found == expected


@pytest.mark.parametrize(("boundary", "cost"), [(False, 4), (True, 7)])
def test_what_is_compared_is_counted(boundary: bool, cost: int) -> None:
    """Each statement on an action counts as much as it compares, those of a boundary too, each time it is asked."""
    condition = {"StringEquals": {"aws:SourceVpc": ["a", "b", "c"]}}
    role = inline(allow(Condition=condition), allow("s3:*"))
    others: Json = {"B": policy("ManagedPolicy", allow(Condition={"StringEquals": {"aws:SourceVpc": ["a", "b"]}}))}
    told = template({**role, "PermissionsBoundary": {"Ref": "B"}} if boundary else role, others)
    world = World(told)
    table = identity.arn(world, told.resources["Table"])
    caller = Caller(told.resources["Role"])
    first = may(world, caller, GET, table)
    before = world.steps["resolved"]
    assert (may(world, caller, GET, table), world.steps["resolved"] - before) == (first, cost)


# Tables from outside the stack


def test_reason_for_an_undetermined_other_table() -> None:
    """Where it is not known whether another table is covered, the answer says why."""
    told = template(inline(allow(resource={"Fn::Sub": "arn:aws:dynamodb:*:*:table/${Free}"})))
    world = World(told)
    assert may(world, Caller(told.resources["Role"]), GET, another_table(world)) == IS_FREE


def test_another_table_is_no_table_of_the_template() -> None:
    """Another table's ARN is of the stack's region and account, and equals no table of the template."""
    world = World(template({}))
    other = another_table(world)
    assert other.same(identity.arn(world, world.template.resources["Table"])) == NO
    assert [part.key for part in other.parts if isinstance(part, Unknown)] == [
        "AWS::Partition",
        "AWS::Region",
        "AWS::AccountId",
        "another table",
    ]


# Documents


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (json.dumps(document(allow("s3:*", "*"))), NO),
        (json.dumps(document(allow(resource="*"))), YES),
        ({"Fn::Join": ["", ['{"Statement": ', json.dumps(allow(resource="*")), "}"]]}, YES),
        ({"Fn::Sub": json.dumps(document(allow(resource="*")))}, YES),
    ],
)
def test_a_document_that_is_text(text: object, answer: Truth) -> None:
    """CloudFormation takes the text of a policy document for the document."""
    assert asked(template({"Policies": [{"PolicyName": "P", "PolicyDocument": text}]})) == answer


def test_a_document_that_is_no_json() -> None:
    """A text that holds no policy is a finding; one that is not known is undetermined."""
    with pytest.raises(MismatchError) as raised:
        asked(template({"Policies": [{"PolicyName": "P", "PolicyDocument": "{"}]}))
    assert raised.value.path == "$.Resources.Role.Properties.Policies[0].PolicyDocument"
    with pytest.raises(UndeterminedError):
        asked(template({"Policies": [{"PolicyName": "P", "PolicyDocument": {"Ref": "Free"}}]}))


# Who calls


FUNCTION: Json = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "serve"}}
FUNCTION_ARN: Json = {"Fn::GetAtt": ["Function", "Arn"]}
BY_FUNCTION: Json = {"ArnEquals": {"lambda:SourceFunctionArn": FUNCTION_ARN}}
BY_ANOTHER: Json = {"ArnEquals": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:other"}}
EACH_REQUEST = unknown("the condition on lambda:SourceFunctionArn is decided by each request")


def called(told: Template, function: str | None = "Function", role: str = "Role", world: World | None = None) -> Truth:
    """Ask whether a function, or nobody knows which, may read the table with a role."""
    here = world or World(told)
    table = told.resources["Table"]
    own = here.properties(table).get("ResourcePolicy").get("PolicyDocument")
    caller = Caller(told.resources[role], None if function is None else told.resources[function])
    return may(here, caller, GET, identity.arn(here, table), [own])


@pytest.mark.parametrize(
    ("function", "condition", "answer"),
    [
        ("Function", BY_FUNCTION, YES),
        ("Function", BY_ANOTHER, NO),
        ("Second", BY_FUNCTION, NO),
        (None, BY_FUNCTION, EACH_REQUEST),
    ],
)
def test_which_function_calls(function: str | None, condition: Json, answer: Truth) -> None:
    """A role's policies, a Deny and a boundary may tell functions apart; a table's policy cannot."""
    functions: Json = {"Function": FUNCTION, "Second": {**FUNCTION, "Properties": {"FunctionName": "second"}}}
    limits = policy("ManagedPolicy", allow("*", "*", Condition=condition))
    bounded = {**inline(allow()), "PermissionsBoundary": {"Ref": "Boundary"}}
    assert called(template(inline(allow(Condition=condition)), functions), function) == answer
    assert called(template(inline(allow(), deny(Condition=condition)), functions), function) == ~answer
    assert called(template(bounded, {**functions, "Boundary": limits}), function) == answer
    of_table = {"ResourcePolicy": {"PolicyDocument": document(allow(resource="*", Principal="*", Condition=condition))}}
    assert called(template({}, functions, table=of_table), function) == EACH_REQUEST


def test_callers_of_one_world() -> None:
    """Each caller and each resource is a request of its own, whatever was found of others in the same world."""
    told = template(
        inline(allow(resource="*", Condition=BY_FUNCTION)),
        {
            "Function": FUNCTION,
            "Second": {**FUNCTION, "Properties": {"FunctionName": "second"}},
            "Third": {"Type": "AWS::IAM::Role", "Properties": inline(deny(), allow("dynamodb:PutItem"))},
        },
    )
    world = World(told)
    callers = [("Function", "Role"), ("Second", "Role"), (None, "Role"), ("Function", "Third"), ("Function", "Other")]
    assert [called(told, function, role, world) for function, role in callers] == [YES, NO, EACH_REQUEST, NO, NO]
    in_europe = template(inline(allow(resource="*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})))
    world, role = World(in_europe), in_europe.resources["Role"]
    regions = [Text.of(OUTSIDE.replace("eu-west-1", region)) for region in ("eu-west-1", "us-east-1", "eu-west-1")]
    assert [may(world, Caller(role), GET, arn) for arn in regions] == [YES, NO, YES]
    third = told.resources["Third"]
    world = World(told)
    assert [
        may(world, Caller(third), action, identity.arn(world, told.resources["Table"])) for action in (GET, PUT, GET)
    ] == [
        NO,
        YES,
        NO,
    ]


@pytest.mark.parametrize(
    ("tags", "condition", "answer"),
    [
        ([{"Key": "Team", "Value": "storage"}], {"aws:PrincipalTag/team": "storage"}, YES),
        ([{"Key": "team", "Value": "storage"}], {"aws:PrincipalTag/Team": "other"}, NO),
        ([{"Key": "a", "Value": "b"}, {"Key": "team", "Value": "storage"}], {"aws:PrincipalTag/team": "storage"}, YES),
        (
            [{"Key": FREE, "Value": "storage"}],
            {"aws:PrincipalTag/team": "storage"},
            unknown("the condition on aws:PrincipalTag/team is decided by each request"),
        ),
        ([{"Key": "team", "Value": FREE}], {"aws:PrincipalTag/team": "storage"}, IS_FREE),
    ],
)
def test_tags_of_the_caller(tags: list[Json], condition: Json, answer: Truth) -> None:
    """A tag of the role whose key is known is one of the caller's, in whatever case."""
    assert asked(template({**inline(allow(Condition={"StringEquals": condition})), "Tags": tags})) == answer


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}, YES),
        ({"ArnEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["Other", "Arn"]}}}, NO),
        ({"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}, YES),
        ({"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::Region"}}}, REGION_UNKNOWN),
        ({"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}, YES),
        ({"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}, YES),
    ],
)
def test_what_is_certain_of_a_call(condition: Json, answer: Truth) -> None:
    """The caller is the role in the stack's account, and the table is where its ARN says."""
    assert asked(template(inline(allow(Condition=condition)))) == answer


# Conditions of the template


CONDITIONS: Json = {
    "Parameters": {
        "Free": {"Type": "String"},
        **{f"P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(2)},
    },
    "Conditions": {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(2)},
}
BY_VPC: Json = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
VPC_UNKNOWN = unknown("the condition on aws:SourceVpc is decided by each request")
OVER_HTTP: Json = {"Bool": {"aws:SecureTransport": "false"}}


def either(value: object, number: int = 0) -> Json:
    """Write what is there under a condition."""
    return {"Fn::If": [f"C{number}", value, {"Ref": "AWS::NoValue"}]}


def decided(
    own: list[Json], boundary: list[Json] | None = None, of_table: list[Json] | None = None, **more: object
) -> Truth | str:
    """Return whether the function may read the table, or the parameter that decides it."""
    limits = {"PermissionsBoundary": {"Ref": "Boundary"}} if boundary is not None else {}
    others: Json = {"Function": FUNCTION, "Boundary": policy("ManagedPolicy", *(boundary or ()))}
    table = {"ResourcePolicy": {"PolicyDocument": document(*of_table)}} if of_table is not None else {}
    made = template({**inline(*own), **limits, **more}, others, table=table)
    try:
        return called(Template("t", {**made.document, **CONDITIONS}))
    except ForkError as fork:
        (parameter,) = fork.worlds[0].assumed.bound
        return parameter.removeprefix("Ref ")


EVERYONE: Json = {"Principal": "*"}


@pytest.mark.parametrize(
    ("own", "boundary", "of_table", "answer"),
    [
        ([either(allow())], None, None, "P0"),
        ([allow(), either(deny())], None, None, "P0"),
        ([allow()], [either(allow("*", "*"))], None, "P0"),
        ([allow()], [allow("*", "*"), either(deny("*", "*"))], None, "P0"),
        ([], None, [either(allow(resource="*", **EVERYONE))], "P0"),
        ([allow()], None, [either(deny(resource="*", **EVERYONE))], "P0"),
        # What decides nothing is not asked for.
        ([allow(), either(allow())], None, None, YES),
        ([either(allow()), deny()], None, None, NO),
        ([either(allow("dynamodb:PutItem"))], None, None, NO),
        ([either(allow(resource=OUTSIDE))], None, None, NO),
        ([either(allow(Condition=OVER_HTTP))], None, None, NO),
        ([either(allow(Condition=BY_ANOTHER))], None, None, NO),
        ([allow(Condition=BY_VPC), either(allow("dynamodb:PutItem"))], None, None, VPC_UNKNOWN),
        ([allow(Condition=BY_VPC), either(allow(resource=OUTSIDE))], None, None, VPC_UNKNOWN),
        ([allow(Condition=BY_VPC), either(allow(Condition=BY_ANOTHER))], None, None, VPC_UNKNOWN),
        ([allow(Condition=BY_VPC)], [allow("*", "*"), either(deny("*", OUTSIDE))], None, VPC_UNKNOWN),
        ([allow(Condition=BY_VPC)], [allow("*", "*"), either(deny(Condition=BY_ANOTHER))], None, VPC_UNKNOWN),
        ([allow(Condition=BY_VPC)], None, [either(deny(resource=OUTSIDE, **EVERYONE))], VPC_UNKNOWN),
        ([allow(Condition=BY_VPC)], None, [either(deny(Condition=OVER_HTTP, **EVERYONE))], VPC_UNKNOWN),
        # A table's policy cannot tell functions apart.
        ([allow(Condition=BY_VPC)], None, [either(deny(resource="*", Condition=BY_ANOTHER, **EVERYONE))], "P0"),
        # Where several decide, the role's own come first, then its boundary's, then the table's.
        ([either(allow(), 1)], [either(allow("*", "*"))], [either(deny(resource="*", **EVERYONE))], "P1"),
        ([allow(Condition=BY_VPC)], [either(allow("*", "*"), 1)], [either(deny(resource="*", **EVERYONE))], "P1"),
    ],
)
def test_conditions_that_decide(
    own: list[Json], boundary: list[Json] | None, of_table: list[Json] | None, answer: Truth | str
) -> None:
    """Only a condition of the template that decides whether a statement on the request stands there is asked for."""
    assert decided(own, boundary, of_table) == answer


def test_a_policy_elsewhere_under_a_condition() -> None:
    """Whether a policy that nobody has read is the role's is asked for where it would decide."""
    arns = [either("arn:aws:iam::111122223333:policy/Team")]
    assert decided([], ManagedPolicyArns=arns) == "P0"
    assert decided([allow()], ManagedPolicyArns=arns) == "P0"
    assert decided([deny()], ManagedPolicyArns=arns) == NO


def test_too_much_to_compare() -> None:
    """Where a judgement has compared too much, it is told of the role."""
    made = template(inline(allow(Condition={"StringEquals": {"aws:SourceVpc": ["a", "b", "c"]}})))
    world = World(made)
    table = identity.arn(world, made.resources["Table"])
    first = may(world, Caller(made.resources["Role"]), GET, table)
    world.step("$", MAX_STEPS - world.steps["resolved"] - 4)
    assert may(world, Caller(made.resources["Role"]), GET, table) == first
    with pytest.raises(UndeterminedError) as raised:
        may(world, Caller(made.resources["Role"]), GET, table)
    assert raised.value.path == "$.Resources.Role"


def test_policies_are_read_once() -> None:
    """A role's policies and its boundary are read once in a world, for however many actions."""
    limits: Json = {"B": policy("ManagedPolicy", allow("*", "*"))}
    made = template({**inline(allow([GET, PUT]), deny("dynamodb:Query")), "PermissionsBoundary": {"Ref": "B"}}, limits)
    world, caller = World(made), Caller(made.resources["Role"])
    table = identity.arn(world, made.resources["Table"])
    assert may(world, caller, GET, table) == YES
    before = world.steps["resolved"]
    assert may(world, caller, PUT, table) == YES
    assert world.steps["resolved"] - before == 2


def test_what_is_about_an_action_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which statements are about an action is found once in a world, for however many requests."""
    seen: list[str | None] = []
    names_action = Statement.names_action

    def noticed(statement: Statement, action: str) -> Truth:
        seen.append(statement.effect)
        return names_action(statement, action)

    monkeypatch.setattr(Statement, "names_action", noticed)
    made = template(inline(allow(resource="*"), deny("dynamodb:Query")))
    world, caller = World(made), Caller(made.resources["Role"])
    assert (may(world, caller, GET, Text.of(OUTSIDE)), "Deny" in seen) == (YES, True)
    seen.clear()
    assert (may(world, caller, GET, Text.of(OUTSIDE)), "Deny" in seen) == (YES, False)


def test_roles_of_one_name_in_two_stacks() -> None:
    """Roles of two stacks of a deployment are two, though they are called alike."""
    own, other = (
        Template("t", {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": inline(one)}}}, scope=scope)
        for scope, one in (("(own)", allow(resource="*")), ("(other)", deny(resource="*")))
    )
    world = World(own, stacks=Stacks((own, other)))
    asked_of = [Caller(one.resources["Role"]) for one in (own, other, own)]
    assert [may(world, caller, GET, Text.of(OUTSIDE)) for caller in asked_of] == [YES, NO, YES]
