"""Tables from outside the stack that a role's statements are about: one of each kind that they tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policies import globs
from policies.errors import ForkError, UndeterminedError
from policies.externals import Externals
from policies.iam import foreign_tables
from policies.stacks import Stacks
from policies.template import Template
from policies.values import YES, Text, Truth, unknown
from policies.worlds import MAX_STEPS, World

Json = dict[str, Any]
Found = list[tuple[Truth, str]]

GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"
PARAMETERS: Json = {
    "Free": {"Type": "String"},
    **{f"P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(2)},
}
CONDITIONS: Json = {
    **{f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(2)},
    "No": {"Fn::Equals": ["a", "b"]},
}
NO_VALUE = {"Ref": "AWS::NoValue"}
OWN: Json = {"Fn::GetAtt": ["Table", "Arn"]}
ORDERS: Json = {"TableName": "orders"}
PAYROLL = "arn:aws:dynamodb:eu-west-1:111122223333:table/Payroll"
BOUNDED: Json = {"PermissionsBoundary": {"Ref": "Boundary"}}

HERE, ABROAD = "<AWS::Region>:<AWS::AccountId>:table/", "<another region>:<AWS::AccountId>:table/"
OF_OTHERS, FAR = "<AWS::Region>:<another account>:table/", "<another region>:<another account>:table/"
ANY = "<another table>"
EVERYWHERE: Found = [(YES, HERE + ANY), (YES, ABROAD + ANY)]
ANYBODYS: Found = [(YES, place + ANY) for place in (HERE, OF_OTHERS, ABROAD, FAR)]
IN_SOME_REGION = unknown("AWS::Region is known at deployment only")
IS_FREE = unknown("parameter Free may be given any value")


def allow(resource: object, action: object = GET, **more: object) -> Json:
    """Write a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(resource: object, action: object = GET, **more: object) -> Json:
    """Write a statement that denies."""
    return {**allow(resource, action, **more), "Effect": "Deny"}


def all_but(statement: Json) -> Json:
    """Write a statement that leaves out what it names."""
    return {**{key: one for key, one in statement.items() if key != "Resource"}, "NotResource": statement["Resource"]}


def either(value: object, number: int = 0) -> Json:
    """Return a value that is there under a condition."""
    return {"Fn::If": [f"C{number}", value, NO_VALUE]}


def orders(region: str = "${AWS::Region}", account: str = "${AWS::AccountId}", name: str = "orders") -> Json:
    """Return the ARN of a table of a region and an account."""
    return {"Fn::Sub": f"arn:aws:dynamodb:{region}:{account}:table/{name}"}


def document(*statements: Json) -> Json:
    """Write a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(*statements: Json, **more: object) -> Json:
    """Write a role with an inline policy."""
    stated = {"Policies": [{"PolicyName": "Inline", "PolicyDocument": document(*statements)}], **more}
    return {"Type": "AWS::IAM::Role", "Properties": stated}


def table(properties: Json, **more: object) -> Json:
    """Write a table."""
    return {"Type": "AWS::DynamoDB::Table", "Properties": properties, **more}


def template(resources: Mapping[str, Json], externals: Externals | None = None, scope: str = "") -> Template:
    """Return a template with parameters and conditions."""
    sections = {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": resources}
    return Template("t", sections, externals=externals or Externals(), scope=scope)


def shown(world: World, name: str = "Role", actions: Sequence[str] = (GET,)) -> Found:
    """Return the tables that a role's statements are about, by their regions, accounts and names."""
    found = foreign_tables(world, world.template.resources[name], actions)
    return [(foreign, spelled(arn).removeprefix("arn:<AWS::Partition>:dynamodb:")) for foreign, arn in found]


def spelled(text: Text) -> str:
    """Return a text with the keys of its unknown parts in angle brackets."""
    return "".join(part if isinstance(part, str) else f"<{part.key}>" for part in text.parts)


def foreign(
    stated: Json, properties: Json | None = None, *boundary: Json, actions: Sequence[str] = (GET,), **more: Json
) -> object:
    """Return the tables that a role's statements are about, or what would be assumed in the worlds that it asks for."""
    limits = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(*boundary)}}
    resources = {"Table": table(properties or {}), "Role": stated, **({"Boundary": limits} if boundary else {}), **more}
    try:
        return shown(World(template(resources)), actions=actions)
    except ForkError as fork:
        return [dict(world.assumed.bound) for world in fork.worlds]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], []),
        ([allow(OWN)], []),
        ([allow("*")], EVERYWHERE),
        ([allow("*", "*")], EVERYWHERE),
        ([allow("*", "s3:*")], []),
        ([allow("*", PUT)], []),
        ([deny("*")], []),
        ([allow({"Ref": "Free"})], EVERYWHERE),
        ([allow(PAYROLL)], [(YES, "eu-west-1:111122223333:table/Payroll")]),
        ([allow([OWN, PAYROLL])], [(YES, "eu-west-1:111122223333:table/Payroll")]),
        ([allow(orders(name="${Free}"))], [(YES, f"{HERE}<Ref Free>")]),
        # Tables of one place that the same statements are about are one; others are not.
        ([allow([PAYROLL, f"{PAYROLL}2"])], [(YES, "eu-west-1:111122223333:table/Payroll")]),
        (
            [allow([PAYROLL, f"{PAYROLL}2"]), allow(PAYROLL)],
            [
                (YES, "eu-west-1:111122223333:table/Payroll"),
                (YES, "eu-west-1:111122223333:table/Payroll2"),
            ],
        ),
        (
            [allow([orders("eu-west-1", name="x"), orders("us-east-1", name="x")])],
            [
                (YES, "eu-west-1:<AWS::AccountId>:table/x"),
                (YES, "us-east-1:<AWS::AccountId>:table/x"),
            ],
        ),
        # What is left out of what is granted, or refused, is told from the rest.
        ([all_but(allow(OWN))], EVERYWHERE),
        ([all_but(allow([OWN, PAYROLL]))], ANYBODYS),
        ([allow("*"), deny(PAYROLL)], ANYBODYS),
        ([allow("*"), deny(PAYROLL, PUT)], EVERYWHERE),
        ([allow("*"), all_but(deny(OWN))], EVERYWHERE),
        ([allow(orders(name="x")), all_but(deny([OWN, PAYROLL]))], [(YES, f"{HERE}x")]),
        (
            [allow("*"), deny(orders("eu-*", "*", "*"))],
            [
                *EVERYWHERE,
                *((YES, f"eu-central-{i}:<AWS::AccountId>:table/{ANY}") for i in (1, 2)),
            ],
        ),
        (
            [allow(orders(name="${!aws:RequestedRegion}-x"))],
            [(YES, f"{HERE}<AWS::Region>-x"), (YES, f"{HERE}<another region>-x")],
        ),
    ],
)
def test_what_statements_are_about(statements: list[Json], expected: Found) -> None:
    """Of the tables that no stack makes one of each kind is told that a role's statements on an action tell apart."""
    assert foreign(role(*statements)) == expected


def test_what_is_granted_by_its_name() -> None:
    """A table that a boundary grants by its name, or a Deny leaves out, is told with its region and its account."""
    expected = [
        (YES, f"{region}:{account}:table/{name}")
        for region in ("<AWS::Region>", "<another region>", "eu-west-1")
        for account in ("<AWS::AccountId>", "111122223333", "<another account>")
        for name in (ANY, "Payroll")
        if name == ANY or (region != "<another region>" and account != "<another account>")
    ]
    assert foreign(role(allow("*"), all_but(deny([OWN, PAYROLL])))) == expected
    assert foreign(role(allow("*"), **BOUNDED), {}, allow([OWN, PAYROLL])) == expected


def test_what_is_compared_with_a_place() -> None:
    """The regions and accounts that conditions compare are places of tables, whatever the case of the key."""
    for key in ("aws:RequestedRegion", "aws:requestedregion"):
        by_region = {"StringEquals": {"aws:SourceVpc": "v", key: ["us-east-1", "us-west-1"]}}
        assert foreign(role(allow("*", Condition=by_region))) == [
            *EVERYWHERE,
            *((YES, f"us-{side}-1:<AWS::AccountId>:table/{ANY}") for side in ("east", "west")),
        ]
    by_account = {"StringEquals": {"aws:ResourceAccount": "999999999999"}}
    assert foreign(role(allow("*", Condition=by_account))) == [
        (YES, f"{region}:{account}:table/{ANY}")
        for region in ("<AWS::Region>", "<another region>")
        for account in ("<AWS::AccountId>", "999999999999", "<another account>")
    ]


def test_actions() -> None:
    """Statements count that are, or may be, about one of several actions."""
    one = [(YES, "eu-west-1:111122223333:table/Payroll")]
    assert foreign(role(allow(PAYROLL, PUT)), actions=(GET, PUT)) == one
    assert foreign(role(allow(PAYROLL, {"Ref": "Free"}))) == one
    not_s3 = {key: value for key, value in allow(PAYROLL, NotAction="s3:*").items() if key != "Action"}
    assert foreign(role(not_s3)) == one


def test_a_policy_that_nobody_has_read() -> None:
    """A policy that stands elsewhere may be about any table."""
    assert foreign(role(ManagedPolicyArns=["arn:aws:iam::111122223333:policy/Team"])) == EVERYWHERE


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("*", "s3:*")], EVERYWHERE),
        ([allow("*")], EVERYWHERE),
        ([allow(OWN)], EVERYWHERE),
        ([allow("*"), deny(PAYROLL)], ANYBODYS),
        ([allow("*"), deny(PAYROLL, PUT)], EVERYWHERE),
    ],
)
def test_boundaries(statements: list[Json], expected: Found) -> None:
    """A boundary tells tables apart of those that the role's own policies are about, and adds none."""
    assert foreign(role(allow("*"), **BOUNDED), {}, *statements) == expected
    assert foreign(role(**BOUNDED), {}, *statements) == []


# The stack's own tables


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (["eu-west-1"], [(IN_SOME_REGION, "eu-west-1:<AWS::AccountId>:table/orders")]),
        (["${AWS::Region}"], []),
        (["${AWS::Region}", "eu-west-1"], [(IN_SOME_REGION, "eu-west-1:<AWS::AccountId>:table/orders")]),
        (
            ["us-east-1", "eu-west-1"],
            [{"AWS::Region": "eu-west-1"}, {"AWS::Region": "us-east-1"}, {}],
        ),
    ],
)
def test_tables_of_a_name_in_several_regions(resources: list[str], expected: object) -> None:
    """The stack's own table is in one region only: where it would have to be in two, the region is asked for."""
    assert foreign(role(allow(list(map(orders, resources)))), ORDERS) == expected


def test_tables_of_a_name_in_several_accounts() -> None:
    """The stack's own table is in one account only: where it would have to be in two, the account is asked for."""
    both = [orders(account=account) for account in ("111122223333", "111111111111")]
    assert foreign(role(allow(both)), ORDERS) == [
        {"AWS::AccountId": "111111111111"},
        {"AWS::AccountId": "111122223333"},
        {},
    ]


def test_a_name_that_is_open() -> None:
    """A table by a name that is open may be the stack's; so it is not known to be foreign, and others are."""
    resources = [orders(name="${Free}"), PAYROLL]
    assert foreign(role(allow(resources)), ORDERS) == [
        (IS_FREE, f"{HERE}<Ref Free>"),
        (YES, "eu-west-1:111122223333:table/Payroll"),
    ]


def test_a_name_that_is_open_and_a_region_that_is_named() -> None:
    """A region that is named beside one that nobody knows is not asked for: the stack may be in it."""
    resources = [orders(name="${Free}"), orders("eu-west-1")]
    assert foreign(role(allow(resources)), ORDERS) == [
        (IS_FREE, f"{HERE}<Ref Free>"),
        (IN_SOME_REGION, "eu-west-1:<AWS::AccountId>:table/orders"),
    ]


@pytest.mark.parametrize(
    ("statements", "boundary", "expected"),
    [
        ([either(allow(orders("eu-west-1")))], [], [{"Ref P0": "a"}, {}]),
        ([either(allow(PAYROLL))], [], [(YES, "eu-west-1:111122223333:table/Payroll")]),
        (
            [allow(orders("eu-west-1")), either(allow(PAYROLL))],
            [],
            [
                (IN_SOME_REGION, "eu-west-1:<AWS::AccountId>:table/orders"),
                (YES, "eu-west-1:111122223333:table/Payroll"),
            ],
        ),
        (
            [allow(orders("eu-west-1")), either(deny(orders("eu-west-1")))],
            [],
            [(IN_SOME_REGION, "eu-west-1:<AWS::AccountId>:table/orders")],
        ),
        (
            [allow(orders("eu-west-1"))],
            [either(allow(orders("eu-west-1", name="*")))],
            [(IN_SOME_REGION, "eu-west-1:<AWS::AccountId>:table/orders")],
        ),
    ],
)
def test_conditions_of_what_may_be_the_stacks_own(
    statements: list[Json], boundary: list[Json], expected: object
) -> None:
    """A condition by which a statement grants what may be the stack's own table is asked for, and no other."""
    limits = BOUNDED if boundary else {}
    assert foreign(role(*statements, **limits), ORDERS, *boundary) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("No", [(YES, f"{HERE}orders")]), ("C0", [{"Ref P0": "a"}, {}])],
)
def test_a_table_of_some_worlds(condition: str, expected: object) -> None:
    """A table of the stack is its own in a world that has it."""
    assert foreign(role(allow(orders())), Table=table(ORDERS, Condition=condition)) == expected
    assert foreign(role(allow(PAYROLL)), Table=table(ORDERS, Condition=condition)) == [
        (YES, "eu-west-1:111122223333:table/Payroll")
    ]


def test_a_table_that_is_named_is_asked_for_first() -> None:
    """What is one of the stack's tables by its ARN is so, whatever another table may be called."""
    other = table({"TableName": {"Ref": "Free"}}, Condition="C0")
    second = {"Fn::GetAtt": ["Second", "Arn"]}
    assert foreign(role(allow(second)), Table=other, Second=table(ORDERS)) == []


def test_replicas() -> None:
    """The replicas of a global table are the stack's own, each in its region."""
    replicas = [{"Region": region} for region in ("us-east-1", "eu-west-1")]
    made = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {**ORDERS, "Replicas": replicas}}
    regions = [orders(region) for region in ("us-east-1", "eu-west-1", "ap-south-1")]
    assert foreign(role(allow(regions)), Table=made) == [(IN_SOME_REGION, "ap-south-1:<AWS::AccountId>:table/orders")]
    told = template(
        {"Table": made, "Role": role(allow([*regions, orders("eu-west-*")]))}, Externals({"AWS::Region": "us-east-1"})
    )
    assert [(truth, arn.removeprefix("arn:aws:dynamodb:")) for truth, arn in shown(World(told))] == [
        (YES, f"{region}:<AWS::AccountId>:table/orders") for region in ("ap-south-1", "eu-west-2", "eu-west-3")
    ]


def test_tables_of_other_stacks() -> None:
    """A table of another stack of the deployment is none from outside; roles of one name in two stacks are two."""
    own = template({"Role": role(allow(orders()))}, scope="(own)")
    other = template({"Table": table(ORDERS), "Role": role(allow(PAYROLL))}, scope="(other)")
    world = World(own, stacks=Stacks((own, other)))
    assert shown(world) == []
    assert shown(World(own)) == [(YES, f"{HERE}orders")]
    assert list(foreign_tables(world, other.resources["Role"], (GET,))) != []


# What cannot be told, and what it costs

MANY = [orders("*", name=f"*{name}*") for name in ("ab", "cd")]
NEVER = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("statements", "known"),
    [
        ([allow(MANY)], True),
        ([allow(MANY), deny("*")], False),
        ([allow(MANY, Condition=NEVER)], False),
        ([allow(MANY, PUT), allow(MANY, Condition=NEVER)], True),
        ([allow(MANY, [GET, PUT]), deny("*", [GET, PUT])], False),
    ],
)
def test_patterns_that_cannot_be_told_apart(
    statements: list[Json], known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not all tables can be told, one that the role certainly reaches is enough, and else nobody knows."""
    monkeypatch.setattr(globs, "_MAX_STEPS", 30)
    if known:
        assert foreign(role(*statements), actions=(GET, PUT)) == [(YES, f"{HERE}ab"), (YES, f"{ABROAD}ab")]
    else:
        with pytest.raises(UndeterminedError) as raised:
            foreign(role(*statements), actions=(GET, PUT))
        assert raised.value.reason == "the patterns of the role's policies are too many to tell apart"


def test_patterns_of_what_may_be_the_stacks_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that may be the stack's own is none that the role certainly reaches outside."""
    monkeypatch.setattr(globs, "_MAX_STEPS", 30)
    with pytest.raises(UndeterminedError) as raised:
        foreign(role(allow(orders("eu-west-1")), allow(MANY, Condition=NEVER)), ORDERS)
    assert raised.value.reason == "the patterns of the role's policies are too many to tell apart"


def test_found_once() -> None:
    """In one world the tables of a role are found once for the same actions, and for each role its own."""
    resources = {"Table": table({}), "Role": role(allow(PAYROLL), allow(f"{PAYROLL}2", PUT)), "Other": role(allow("*"))}
    world = World(template(resources))
    one = [(YES, "eu-west-1:111122223333:table/Payroll")]
    assert (shown(world), shown(world, "Other")) == (one, EVERYWHERE)
    before = world.steps["resolved"]
    assert shown(world) == one
    assert world.steps["resolved"] == before
    assert shown(world, actions=(PUT,)) == [(YES, "eu-west-1:111122223333:table/Payroll2")]


def counted(*statements: Json) -> int:
    """Return how much is counted for a role itself, by where a judgement ends that has so much left."""
    made = template({"Table": table({}), "Role": role(*statements)})

    def steps(done: int = 0) -> int:
        world = World(made)
        world.step("$", done)
        shown(world)
        return world.steps["resolved"] - done

    paths = []
    for left in range(steps()):
        with pytest.raises(UndeterminedError) as raised:
            steps(MAX_STEPS - left)
        paths.append(raised.value.path)
    return paths.count("$.Resources.Role")


def test_what_is_compared_is_counted() -> None:
    """Each table counts as much as there are statements on the actions, with which it is compared."""
    one = counted(allow(PAYROLL))
    assert counted(allow(PAYROLL), allow(PAYROLL, PUT)) == one
    assert counted(allow(PAYROLL), deny(PAYROLL), deny(PAYROLL)) == one + 2
