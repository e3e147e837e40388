"""What has nothing to do with a table costs its verdicts nothing, however many conditions decide it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from policies.catalogue import load
from policies.judge import judge_template
from policies.model import Outcome
from policies.template import Template
from tests.policies.templates import (
    FUNCTION,
    NO_VALUE,
    POLICY,
    ROLE,
    ROLE_ARN,
    TABLE,
    TABLE_ARN,
    VARIABLES,
    Changes,
    template,
)

COUNT = 20
STATEMENTS = f"{POLICY}PolicyDocument.Statement"

CONDITIONS: Changes = {
    **{f"Parameters.P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(COUNT)},
    **{f"Conditions.C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)},
}


def maybe(i: int, value: object) -> dict[str, object]:
    """Return a value that is there under one of the conditions."""
    return {"Fn::If": [f"C{i}", value, NO_VALUE]}


def either(i: int, value: object = "x", other: object = "y") -> dict[str, object]:
    """Return a value that is one of two, by one of the conditions."""
    return {"Fn::If": [f"C{i}", value, other]}


def told(environment: object) -> dict[str, object]:
    """Return a function with an environment."""
    return {"Type": "AWS::Lambda::Function", "Properties": {"Role": ROLE_ARN, "Environment": environment}}


def allow(action: object, resource: object = "*") -> dict[str, object]:
    """Return a statement that allows an action, on everything if nothing else is said."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def index(i: int) -> dict[str, object]:
    """Return the ARN of an index of the table."""
    return {"Fn::Sub": f"${{Table.Arn}}/index/i{i}"}


def policy(action: str, role: object, resource: object = "*") -> dict[str, object]:
    """Return a policy that is attached to a role."""
    properties = {"Roles": [role], "PolicyDocument": {"Statement": [allow(action, resource)]}}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def bystanders(i: int) -> Mapping[str, Any]:
    """Return a table, a role, a policy and a function of their own."""
    text = json.dumps({key: template()["Resources"][key] for key in ("Table", "Role", "Policy", "Function")})
    for name in ("Table", "Role"):
        text = text.replace(f'{{"Ref": "{name}"}}', f'{{"Ref": "{name}{i}"}}').replace(f'["{name}",', f'["{name}{i}",')
    resources: dict[str, dict[str, Any]] = json.loads(text)
    return {f"Resources.{key}{i}": {**body, "Condition": f"C{i}"} for key, body in resources.items()}


def each(make: Any) -> Changes:
    """Return the changes that are made twenty times."""
    return {key: value for i in range(COUNT) for key, value in make(i).items()}


BY_LAMBDA = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
OWN = template()["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]
OWN_VARIABLES = template()["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
JOINED = {"Fn::Join": [",", [maybe(i, f"flag{i}") for i in range(COUNT)]]}
ID = {"AttributeName": "id", "AttributeType": "S"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="conditions"),
        pytest.param(each(lambda i: {f"{VARIABLES}A{i}": maybe(i, "x")}), id="variables"),
        pytest.param(
            each(lambda i: {f"{VARIABLES}A{i}": {"Fn::Sub": ["${X}-", {"X": maybe(i, "x")}]}}), id="within-sub"
        ),
        pytest.param(each(lambda i: {f"{VARIABLES}A{i}": either(i, {"Fn::Sub": "${Table}-x"})}), id="names-of-others"),
        pytest.param(each(lambda i: {f"{VARIABLES}A{i}": {"Fn::Select": [0, [either(i)]]}}), id="within-select"),
        pytest.param({f"{VARIABLES}A": JOINED}, id="one-joined"),
        pytest.param({"Outputs.A": {"Value": JOINED}}, id="an-output-joined"),
        pytest.param({f"{FUNCTION}Description": JOINED}, id="a-description"),
        pytest.param(each(lambda i: {f"Outputs.O{i}": {"Condition": f"C{i}", "Value": "x"}}), id="outputs"),
        pytest.param(
            each(lambda i: {f"Outputs.O{i}": {"Value": {"Fn::Join": ["", ["x", maybe(i, "y")]]}}}), id="outputs-joined"
        ),
        pytest.param(each(lambda i: {f"Resources.F{i}": told(maybe(i, {"Variables": {"X": "y"}}))}), id="environments"),
        pytest.param(
            each(lambda i: {f"Resources.F{i}": told({"Variables": maybe(i, {"X": "y"})})}), id="blocks-of-variables"
        ),
        pytest.param(
            {FUNCTION + "Environment.Variables": {"Fn::If": ["C0", OWN_VARIABLES, OWN_VARIABLES]}}, id="one-block"
        ),
        pytest.param(
            {
                f"{TABLE}AttributeDefinitions": [
                    ID,
                    *(maybe(i, {"AttributeName": f"k{i}", "AttributeType": "N"}) for i in range(COUNT)),
                ]
            },
            id="attributes",
        ),
        pytest.param(
            each(
                lambda i: {
                    f"Resources.F{i}": {
                        "Type": "AWS::Lambda::Function",
                        "Condition": f"C{i}",
                        "Properties": {"Role": ROLE_ARN, "Environment": {"Variables": {"X": "y"}}},
                    }
                }
            ),
            id="functions",
        ),
        pytest.param(
            {STATEMENTS: [*OWN, *(maybe(i, allow("sqs:SendMessage")) for i in range(COUNT))]}, id="statements"
        ),
        pytest.param(
            {
                f"{ROLE}Policies": [
                    maybe(i, {"PolicyName": f"p{i}", "PolicyDocument": {"Statement": allow("s3:*")}})
                    for i in range(COUNT)
                ]
            },
            id="inline policies",
        ),
        pytest.param(
            {
                f"{ROLE}ManagedPolicyArns": [
                    maybe(i, "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")
                    for i in range(COUNT)
                ]
            },
            id="managed policies",
        ),
        pytest.param(
            each(lambda i: {f"Resources.Q{i}": {**policy("sqs:*", {"Ref": "Role"}), "Condition": f"C{i}"}}),
            id="policies of another service",
        ),
        pytest.param(
            each(lambda i: {f"Resources.Q{i}": {**policy("dynamodb:*", "other"), "Condition": f"C{i}"}}),
            id="policies of another role",
        ),
        pytest.param(
            each(
                lambda i: {
                    f"Resources.Q{i}": {**policy("dynamodb:Scan", {"Ref": "Role"}, TABLE_ARN), "Condition": f"C{i}"}
                }
            ),
            id="policies for another action",
        ),
        pytest.param(
            {STATEMENTS: [*OWN, *(maybe(i, allow("dynamodb:Scan", TABLE_ARN)) for i in range(COUNT))]},
            id="statements for another action",
        ),
        pytest.param(
            {
                STATEMENTS: [
                    *OWN,
                    *(allow({"Fn::If": [f"C{i}", "dynamodb:Scan", "s3:Get"]}, TABLE_ARN) for i in range(COUNT)),
                ]
            },
            id="other actions",
        ),
        pytest.param(
            {f"{POLICY}Roles": [{"Ref": "Role"}, *(maybe(i, f"other-{i}") for i in range(COUNT))]}, id="roles"
        ),
        pytest.param({f"{TABLE}Tags": [maybe(i, {"Key": f"k{i}", "Value": "v"}) for i in range(COUNT)]}, id="tags"),
        pytest.param(
            each(
                lambda i: {
                    f"Resources.F{i}": {**told({"Variables": {"T": {"Ref": "Table"}}}), "Condition": f"C{i}"},
                    f"Outputs.O{i}": {"Condition": f"C{i}", "Value": {"Ref": "Table"}},
                }
            ),
            id="functions and outputs of the same table",
        ),
        pytest.param(
            each(lambda i: {f"Resources.F{i}": told({"Variables": {"T": maybe(i, {"Ref": "Table"})}})}),
            id="variables of the same table",
        ),
        pytest.param(each(bystanders), id="bystanders"),
        pytest.param(
            {f"{STATEMENTS}.1": allow("dynamodb:Scan", [TABLE_ARN, *(maybe(i, index(i)) for i in range(COUNT))])},
            id="indexes",
        ),
        pytest.param(
            {f"{STATEMENTS}.1": allow([either(i, "sqs:SendMessage", "s3:GetObject") for i in range(COUNT)])},
            id="actions of other services",
        ),
        pytest.param(
            {
                f"{STATEMENTS}.1": allow(
                    ["dynamodb:GetItem", *(maybe(i, "dynamodb:Scan") for i in range(COUNT))], TABLE_ARN
                )
            },
            id="actions",
        ),
        pytest.param(
            {
                f"{STATEMENTS}.1": {
                    **allow(["dynamodb:DeleteItem", *(maybe(i, "dynamodb:Scan") for i in range(COUNT))]),
                    "Effect": "Deny",
                }
            },
            id="actions denied",
        ),
        pytest.param(
            {
                f"{STATEMENTS}.{i + 1}": {**allow("dynamodb:Scan", TABLE_ARN), "Sid": maybe(i, "x")}
                for i in range(COUNT)
            },
            id="ids of statements",
        ),
        pytest.param(
            {
                f"{ROLE}AssumeRolePolicyDocument.Statement.{i + 1}": maybe(
                    i, {**BY_LAMBDA, "Action": "sts:TagSession"} if i % 2 else BY_LAMBDA
                )
                for i in range(COUNT)
            },
            id="statements of the role's trust",
        ),
        pytest.param(
            {
                f"{TABLE}ResourcePolicy.PolicyDocument.Statement": [
                    maybe(i, {**allow("dynamodb:GetItem"), "Principal": {"AWS": "arn:aws:iam::111122223333:root"}})
                    for i in range(COUNT)
                ]
            },
            id="statements of the table's policy",
        ),
    ],
)
def test_twenty_unrelated_conditions_cost_nothing(changes: Changes) -> None:
    """Every verdict on the table is what it is without them, in no world of its own."""

    def judged(document: dict[str, Any]) -> dict[str, tuple[Outcome, tuple[str, ...]]]:
        verdicts = judge_template(load(), Template("t", document))
        return {one.scenario: (one.outcome, one.assuming) for one in verdicts if one.resource == "Table"}

    assert judged(template({**CONDITIONS, **changes})) == judged(template())
