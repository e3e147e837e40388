"""Which policies are a role's, wherever they stand, and which of them cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policies.attachments import of_boundary, of_identity, told
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.externals import Externals
from policies.stacks import Stacks
from policies.statements import Statement
from policies.template import Template
from policies.values import NO, YES, Truth, unknown
from policies.worlds import World

Json = dict[str, Any]
Told = tuple[Truth, str | None, str | None, str | None]
"""Whether a statement applies, its actions, the place of its inline policy, and the parameter that it asks for."""

COUNT = 5
CONDITIONS: Json = {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)}
PARAMETERS: Json = {
    "Free": {"Type": "String"},
    "Names": {"Type": "CommaDelimitedList"},
    **{f"P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(COUNT)},
}
NO_VALUE, ROLE, FREE, NAMES = ({"Ref": name} for name in ("AWS::NoValue", "Role", "Free", "Names"))
OPEN = unknown("parameter Free may be given any value")
PERHAPS = unknown("a condition of the template decides which statements a policy has")
REPLACED = unknown("of two inline policies with one name the later replaces the other")
INLINE = "$.Resources.Role.Properties.Policies[{}]"
OWN = "$.Resources.{}.Properties"
NOBODY_KNOWS = (YES, None, None, None)
TEAM = "arn:aws:iam::111122223333:policy/Team"


def either(value: object, other: object = NO_VALUE, number: int = 0) -> Json:
    """Return one of two values, by a condition."""
    return {"Fn::If": [f"C{number}", value, other]}


def allow(action: object) -> Json:
    """Return a document that allows an action."""
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def inline(action: object, name: object = NO_VALUE) -> Json:
    """Return an inline policy that allows an action."""
    return {"PolicyName": name, "PolicyDocument": allow(action)}


def policy(kind: str, action: object, **properties: object) -> Json:
    """Return a policy that is a resource and allows an action."""
    return {"Type": f"AWS::IAM::{kind}", "Properties": {"PolicyDocument": allow(action), **properties}}


def template(role: Json, others: Mapping[str, Json] | None = None, scope: str = "", **more: Any) -> Template:
    """Return a template of a role, another, and more."""
    roles = {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, "Other": {"Type": "AWS::IAM::Role"}}
    document = {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": {**roles, **(others or {})}}
    return Template("t", document, scope=scope, **more)


def asked(statement: Statement) -> str | None:
    """Return the parameter of the condition that a statement asks for, if it asks for any."""
    if statement.ask is None:
        return None
    with pytest.raises(ForkError) as raised:
        statement.ask()
    (parameter,) = raised.value.worlds[0].assumed.bound
    return parameter.removeprefix("Ref ")


def shown(statements: Sequence[Statement]) -> list[Told]:
    """Return what tells the statements of these tests apart."""
    return [
        (
            one.applies,
            None if one.effect is None else " ".join(str(action.literal) for action in one.actions),
            None if one.policy is None else one.policy.path,
            asked(one),
        )
        for one in statements
    ]


def attached(role: Json, others: Mapping[str, Json] | None = None, **more: Any) -> list[Told]:
    """Return the statements of a role's policies."""
    one = template(role, others, **more)
    return shown(of_identity(World(one), one.resources["Role"]))


# Inline policies


def test_inline_policies() -> None:
    """Each inline policy is the role's, by its place."""
    assert attached({}) == attached({"Policies": []}) == attached({"Policies": NO_VALUE}) == []
    assert attached({"Policies": [inline("s3:a", "A"), NO_VALUE, inline("s3:b", "B")]}) == [
        (YES, "s3:a", INLINE.format(0), None),
        (YES, "s3:b", INLINE.format(2), None),
    ]


def test_inline_policies_that_conditions_decide() -> None:
    """An inline policy that a condition decides may be there, and asks for the condition."""
    assert attached({"Policies": [either(inline("s3:a", "A")), inline("s3:b", "B")]}) == [
        (PERHAPS, "s3:a", INLINE.format(0), "P0"),
        (YES, "s3:b", INLINE.format(1), None),
    ]
    assert attached({"Policies": either([inline("s3:a", "A")])}) == [
        (PERHAPS, "s3:a", "$.Resources.Role.Properties.Policies['Fn::If'][1][0]", "P0")
    ]


def test_more_conditions_than_are_listed_at_once() -> None:
    """Each inline policy of a list is read by itself, whatever conditions the others depend on."""
    stated = {"Policies": [either(inline(f"s3:{i}", f"N{i}"), number=i) for i in range(COUNT)]}
    assert attached(stated) == [(PERHAPS, f"s3:{i}", INLINE.format(i), f"P{i}") for i in range(COUNT)]


@pytest.mark.parametrize("policies", [inline("s3:a", "A"), "A", {"Fn::Sub": "A"}])
def test_inline_policies_are_a_list(policies: object) -> None:
    """Something else in place of the list of policies is refused."""
    refused = (OWN.format("Role") + ".Policies", policies, "a list")
    with pytest.raises(MismatchError) as raised:
        attached({"Policies": policies})
    assert (raised.value.path, raised.value.found, raised.value.expected) == refused


def test_inline_policies_that_nobody_knows() -> None:
    """Where nobody knows the list of policies, nobody knows what they say."""
    with pytest.raises(UndeterminedError) as raised:
        attached({"Policies": NAMES})
    assert raised.value.reason == "parameter Names may be given any value"


# Policies of their own


@pytest.mark.parametrize(
    ("kind", "stated", "applies"),
    [
        *((kind, [ROLE], YES) for kind in ("Policy", "ManagedPolicy")),
        *((kind, [{"Ref": "Other"}], NO) for kind in ("Policy", "ManagedPolicy")),
        *((kind, [{"Ref": "Other"}, ROLE], YES) for kind in ("Policy", "ManagedPolicy")),
        *((kind, NO_VALUE, NO) for kind in ("Policy", "ManagedPolicy")),
        *((kind, [NO_VALUE], NO) for kind in ("Policy", "ManagedPolicy")),
        *((kind, [FREE], OPEN) for kind in ("Policy", "ManagedPolicy")),
        ("Policy", FREE, OPEN),
        ("Policy", NAMES, unknown("parameter Names may be given any value")),
        ("Policy", [{"Fn::Sub": "${Free}-x"}], NO),
        ("Policy", [{"Fn::Sub": "${Free}${Names}"}], NO),
        *(("Policy", [{"Ref": f"AWS::{name}"}], NO) for name in ("Region", "StackName")),
        ("Policy", [{"Fn::GetAtt": ["Other", "RoleId"]}], NO),
        ("RolePolicy", ROLE, YES),
        ("RolePolicy", {"Ref": "Other"}, NO),
        ("RolePolicy", FREE, OPEN),
        ("RolePolicy", NO_VALUE, NO),
        ("Group", [ROLE], NO),
    ],
)
@pytest.mark.parametrize("scope", ["", "(s)"])
def test_a_policy_of_its_own(kind: str, stated: object, applies: Truth, scope: str) -> None:
    """A policy is the role's where it names it, and may be where a name is open that an earlier deployment made."""
    element = "RoleName" if kind == "RolePolicy" else "Roles"
    place = None if kind == "ManagedPolicy" else scope + OWN.format("P")
    expected = [] if applies == NO else [(applies, "s3:a", place, None)]
    assert attached({}, {"P": policy(kind, "s3:a", **{element: stated})}, scope=scope) == expected


def test_which_element_names_the_role() -> None:
    """A policy is attached by its Roles, a role's policy by its RoleName, and neither by that of the other."""
    assert attached({}, {"P": policy("Policy", "s3:a", RoleName=ROLE)}) == []
    assert attached({}, {"P": policy("RolePolicy", "s3:a", Roles=[ROLE])}) == []


@pytest.mark.parametrize(
    ("stated", "applies"),
    [("serve", YES), ("other", NO), (FREE, OPEN), ({"Fn::Sub": "${Free}-x"}, NO), ({"Fn::Sub": "s${Free}"}, OPEN)],
)
def test_a_role_with_a_name(stated: object, applies: Truth) -> None:
    """A role that is given a name is meant by it."""
    expected = [] if applies == NO else [(applies, "s3:a", OWN.format("P"), None)]
    assert attached({"RoleName": "serve"}, {"P": policy("Policy", "s3:a", Roles=[stated])}) == expected


ONE = ["serve", "", ROLE, {"Fn::Sub": "${Free}-x"}]


@pytest.mark.parametrize("stated", ONE)
def test_one_role_is_no_list(stated: object) -> None:
    """A single role in place of the list of roles is refused."""
    refused = (OWN.format("P") + ".Roles", stated, "a list")
    with pytest.raises(MismatchError) as raised:
        attached({}, {"P": policy("Policy", "s3:a", Roles=stated)})
    assert (raised.value.path, raised.value.found, raised.value.expected) == refused


@pytest.mark.parametrize("stated", ONE)
def test_one_managed_policy_is_no_list(stated: object) -> None:
    """A single managed policy in place of the list of policies is refused."""
    refused = (OWN.format("Role") + ".ManagedPolicyArns", stated, "a list")
    with pytest.raises(MismatchError) as raised:
        attached({"ManagedPolicyArns": stated})
    assert (raised.value.path, raised.value.found, raised.value.expected) == refused


def test_policies_that_conditions_decide() -> None:
    """A policy that a condition decides, or of which one decides whose it is, may be there, and asks for it."""
    others = {
        "A": {**policy("ManagedPolicy", "s3:a", Roles=[ROLE]), "Condition": "C0"},
        "B": policy("ManagedPolicy", "s3:b", Roles=[either(ROLE, number=1)]),
        "C": {**policy("ManagedPolicy", "s3:c", Roles=["other"]), "Condition": "C0"},
        "D": policy("ManagedPolicy", "s3:d", Roles=[ROLE]),
    }
    assert attached({}, others) == [
        (PERHAPS, "s3:a", None, "P0"),
        (PERHAPS, "s3:b", None, "P1"),
        (YES, "s3:d", None, None),
    ]


def test_policies_of_other_stacks() -> None:
    """A policy of another stack of the deployment is attached to a role by its name."""
    own = template({"RoleName": "serve"}, scope="(own)")
    other = template({}, {"P": policy("Policy", "s3:a", Roles=["serve"])}, scope="(other)")
    world = World(own, stacks=Stacks((own, other)))
    expected = [(YES, "s3:a", "(other)$.Resources.P.Properties", None)]
    assert shown(of_identity(world, own.resources["Role"])) == expected


# Inline policies with one name


def test_two_policies_with_one_name() -> None:
    """Of two inline policies with one name nobody knows which is left; one of another name is not concerned."""
    role = {"Policies": [inline("s3:a", "Same"), inline("s3:b", "Else")], "ManagedPolicyArns": [FREE]}
    others = {
        "P": policy("Policy", "s3:c", Roles=[ROLE], PolicyName="Same"),
        "Q": policy("RolePolicy", "s3:d", RoleName=FREE, PolicyName="Same"),
        "R": policy("ManagedPolicy", "s3:e", Roles=[ROLE], PolicyName="Same"),
    }
    assert attached(role, others) == [
        (REPLACED, "s3:a", INLINE.format(0), None),
        (YES, "s3:b", INLINE.format(1), None),
        (REPLACED, "s3:c", OWN.format("P"), None),
        (OPEN, "s3:d", OWN.format("Q"), None),
        (YES, "s3:e", None, None),
        NOBODY_KNOWS,
    ]


def test_one_policy_with_two_statements() -> None:
    """Statements of one policy do not replace each other."""
    document = {"Statement": [*allow("s3:a")["Statement"], *allow("s3:b")["Statement"]]}
    assert attached({"Policies": [{"PolicyName": "A", "PolicyDocument": document}]}) == [
        (YES, "s3:a", INLINE.format(0), None),
        (YES, "s3:b", INLINE.format(0), None),
    ]


@pytest.mark.parametrize("document", [{"Statement": []}, {"Statement": [NO_VALUE]}])
def test_a_policy_without_statements(document: Json) -> None:
    """A policy that says nothing allows nothing, and may replace another of its name."""
    silent = {"PolicyName": "Same", "PolicyDocument": document}
    assert attached({"Policies": [inline("s3:a", "Same"), silent]}) == [
        (REPLACED, "s3:a", INLINE.format(0), None),
        (REPLACED, "", INLINE.format(1), None),
    ]
    others = {"P": {"Type": "AWS::IAM::Policy", "Properties": {**silent, "Roles": [FREE]}}}
    assert attached({"Policies": [inline("s3:a", "Else")]}, others) == [
        (YES, "s3:a", INLINE.format(0), None),
        (OPEN, "", OWN.format("P"), None),
    ]
    one = template({"Policies": [silent]})
    assert of_identity(World(one), one.resources["Role"])[0].effect == "Allow"


def test_names_that_conditions_decide() -> None:
    """Where a condition decides a policy's name, or whether it is there, who may have its name asks for that."""
    by_name = [inline("s3:a", either("Same", "Else")), inline("s3:b", "Same"), inline("s3:c", "Third")]
    assert attached({"Policies": by_name}) == [
        (REPLACED, "s3:a", INLINE.format(0), "P0"),
        (REPLACED, "s3:b", INLINE.format(1), "P0"),
        (YES, "s3:c", INLINE.format(2), None),
    ]
    by_place = [either(inline("s3:a", "Same"), number=1), inline("s3:b", "Same")]
    assert attached({"Policies": by_place}) == [
        (PERHAPS, "s3:a", INLINE.format(0), "P1"),
        (REPLACED, "s3:b", INLINE.format(1), "P1"),
    ]
    own_first = [either(inline("s3:a", "Same"), number=1), inline("s3:b", either("Same", "Else"))]
    assert attached({"Policies": own_first}) == [
        (PERHAPS, "s3:a", INLINE.format(0), "P1"),
        (REPLACED, "s3:b", INLINE.format(1), "P0"),
    ]


# Managed policies


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ({"Ref": "Own"}, [(YES, "s3:own", None, None)]),
        ("arn:aws:iam::111122223333:policy/path/Named", [NOBODY_KNOWS]),
        ({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/path/Named"}, [(YES, "s3:named", None, None)]),
        ({"Ref": "Never"}, [NOBODY_KNOWS]),
        ({"Ref": "Sometimes"}, [(PERHAPS, "s3:sometimes", None, "P0"), (PERHAPS, None, None, "P0")]),
        ("arn:aws:iam::aws:policy/AdministratorAccess", [(YES, "*", None, None)]),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}, [(YES, "*", None, None)]),
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", []),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", []),
        ("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole", [NOBODY_KNOWS]),
        ("arn:aws:iam::aws:policy/NobodyKnowsAccess", [NOBODY_KNOWS]),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", [NOBODY_KNOWS]),
        ("AdministratorAccess", [NOBODY_KNOWS]),
        (FREE, [NOBODY_KNOWS]),
        ({"Fn::Sub": "${Free}-x"}, [NOBODY_KNOWS]),
        ("", [NOBODY_KNOWS]),
        (NO_VALUE, []),
        (
            either("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/AmazonS3FullAccess"),
            [(PERHAPS, "*", None, "P0")],
        ),
    ],
)
def test_managed_policies(arn: object, expected: list[Told]) -> None:
    """A managed policy is one of the template, one of AWS that is known, or one of which nobody knows what it says."""
    others = {
        "Own": policy("ManagedPolicy", "s3:own"),
        "Named": policy("ManagedPolicy", "s3:named", ManagedPolicyName="Named", Path="/path/"),
        "Never": {**policy("ManagedPolicy", "s3:never"), "Condition": "No"},
        "Sometimes": {**policy("ManagedPolicy", "s3:sometimes"), "Condition": "C0"},
        "Inline": policy("Policy", "s3:inline"),
    }
    one = template({"ManagedPolicyArns": [arn]}, others)
    one = Template("t", {**one.document, "Conditions": {**CONDITIONS, "No": {"Fn::Equals": ["a", "b"]}}})
    assert shown(of_identity(World(one), one.resources["Role"])) == expected


def test_lists_of_managed_policies() -> None:
    """Each managed policy of a list counts; where nobody knows the list, nobody knows what the policies say."""
    known = [f"arn:aws:iam::aws:policy/{name}" for name in ("AdministratorAccess", "AWSDenyAll")]
    assert attached({"ManagedPolicyArns": [*known, TEAM]}) == [
        (YES, "*", None, None),
        (YES, "*", None, None),
        NOBODY_KNOWS,
    ]
    assert attached({"ManagedPolicyArns": NAMES}) == [NOBODY_KNOWS]
    assert attached({"ManagedPolicyArns": NO_VALUE}) == []
    assert attached({"ManagedPolicyArns": either(known[:1])}) == [(PERHAPS, "*", None, "P0")]


def test_a_managed_policy_that_is_wrong() -> None:
    """What is wrong with a policy that was told of is told with its ARN, unknown parts in braces."""
    told_of = Externals(managed_policies={"Team": {"Statement": [], "Note": "x"}})
    for arn, path in (
        (TEAM, f"({TEAM}).Note"),
        (
            {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team"},
            "(arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team).Note",
        ),
    ):
        with pytest.raises(MismatchError) as raised:
            attached({"ManagedPolicyArns": [arn]}, externals=told_of)
        assert raised.value.path == path


# Boundaries


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        (NO_VALUE, None),
        ({"Ref": "Own"}, [(YES, "s3:own", None, None)]),
        ("arn:aws:iam::aws:policy/AdministratorAccess", [(YES, "*", None, None)]),
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", []),
        (FREE, [NOBODY_KNOWS]),
    ],
)
def test_boundaries(boundary: object, expected: list[Told] | None) -> None:
    """A boundary is a managed policy; one that says nothing is not none."""
    one = template({"PermissionsBoundary": boundary}, {"Own": policy("ManagedPolicy", "s3:own")})
    found = of_boundary(World(one), one.resources["Role"])
    assert (None if found is None else shown(found)) == expected


# What was told


@pytest.mark.parametrize(
    ("arn", "name", "expected"),
    [
        (TEAM, "Team", True),
        (TEAM, "Tea", False),
        (TEAM, "policy/Team", False),
        (TEAM, TEAM, True),
        (TEAM, "arn:aws:iam::111122223333:policy/Other", False),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team"}, "Team", True),
        (
            {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/Team"},
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/Team",
            True,
        ),
        ("arn:aws:iam::111122223333:policy/path/Team", "path/Team", True),
        ("arn:aws:iam::111122223333:policy/path/Team", "Team", False),
        ("arn:aws:iam::111122223333:role/Team", "Team", False),
        # One of AWS is none of the account, but for one that was told of by its whole ARN.
        ("arn:aws:iam::aws:policy/Team", "Team", False),
        ("arn:aws:iam::aws:policy/Team", "arn:aws:iam::aws:policy/Team", True),
        # Of a name that is not spelled out as a whole nobody knows whether it is this one.
        ({"Fn::Sub": "arn:aws:iam::111122223333:policy/${Free}/Team"}, "Team", False),
        ({"Fn::Sub": "${Free}/Team"}, "Team", False),
        ({"Fn::Sub": "arn:aws:iam::111122223333:policy/${Free}"}, "Team", False),
        (FREE, "Team", False),
        ("", "Team", False),
    ],
)
def test_told(arn: object, name: str, expected: bool) -> None:
    """What was told of is found by its ARN, or by its whole name with its path in the account."""
    world = World(template({}))
    held = {"Other": {"Id": "other"}, "arn:aws:iam::111122223333:policy/Else": {"Id": "else"}, name: {"Id": "it"}}
    found = told(world, "policy", held, world.node(arn, "$").text())
    assert found == ({"Id": "it"} if expected else None)


def test_what_is_told_first() -> None:
    """A policy of the template, and one of AWS that is known, are what they are, whatever was told."""
    known = "arn:aws:iam::aws:policy/AdministratorAccess"
    externals = Externals(managed_policies={known: allow("s3:told"), "Team": allow("s3:told")})
    arns: list[object] = [known, {"Ref": "Own"}, TEAM]
    others = {"Own": policy("ManagedPolicy", "s3:own", ManagedPolicyName="Team")}
    assert attached({"ManagedPolicyArns": arns}, others, externals=externals) == [
        (YES, "*", None, None),
        (YES, "s3:own", None, None),
        (YES, "s3:told", None, None),
    ]


def test_a_wrong_arn_that_was_told() -> None:
    """An ARN with a variable that the template does not have is refused, where it was told."""
    world = World(template({}))
    with pytest.raises(TemplateError) as raised:
        told(world, "policy", {"arn:${Nowhere}:iam::1:policy/x": {}}, world.node(TEAM, "$").text())
    assert raised.value.path == "(arn:${Nowhere}:iam::1:policy/x)['Fn::Sub']"
