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
from tests.policies.templates import NO_VALUE, POLICY, ROLE, ROLE_ARN, TABLE, VARIABLES, Changes, template

COUNT = 20
STATEMENTS = f"{POLICY}PolicyDocument.Statement"

CONDITIONS: Changes = {
    **{f"Parameters.P{i}": {"Type": "String", "AllowedValues": ["a", "b"]} for i in range(COUNT)},
    **{f"Conditions.C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)},
}


def maybe(i: int, value: object) -> dict[str, object]:
    """Return a value that is there under one of the conditions."""
    return {"Fn::If": [f"C{i}", value, NO_VALUE]}


def allow(action: str) -> dict[str, object]:
    """Return a statement that allows an action on everything."""
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def policy(action: str, role: object) -> dict[str, object]:
    """Return a policy that is attached to a role."""
    properties = {"PolicyName": action, "Roles": [role], "PolicyDocument": {"Statement": [allow(action)]}}
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


OWN = template()["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]
ID = {"AttributeName": "id", "AttributeType": "S"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="conditions"),
        pytest.param(each(lambda i: {f"{VARIABLES}A{i}": maybe(i, "x")}), id="variables"),
        pytest.param(each(lambda i: {f"Outputs.O{i}": {"Condition": f"C{i}", "Value": "x"}}), id="outputs"),
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
        pytest.param(each(bystanders), id="bystanders"),
    ],
)
def test_twenty_unrelated_conditions_cost_nothing(changes: Changes) -> None:
    """Every verdict on the table is what it is without them, in no world of its own."""

    def judged(document: dict[str, Any]) -> dict[str, tuple[Outcome, tuple[str, ...]]]:
        verdicts = judge_template(load(), Template("t", document))
        return {one.scenario: (one.outcome, one.assuming) for one in verdicts if one.resource == "Table"}

    assert judged(template({**CONDITIONS, **changes})) == judged(template())
