"""The floor that judging is measured against: the scenarios by hand, for templates such as ours alone.

A page of Python that somebody might write in an afternoon: each scenario about a table, with IAM's logic of allow, deny
and wildcards, and no notion of conditions, parameters, intrinsic functions beyond Ref and Fn::GetAtt, other stacks,
boundaries, or anything that cannot be told. On the templates of the matrix it comes to what the rules come to, which
`benchmarks.judging` looks at before it measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from policies.dynamodb_actions import CONTROL_PLANE

Json = Mapping[str, Any]

_RETAINED = {"Retain", "RetainExceptOnCreate"}
_OWN_ACTIONS = {
    "read-permissions-granted": ("dynamodb:getitem", "dynamodb:query"),
    "write-permissions-granted": ("dynamodb:putitem", "dynamodb:updateitem"),
}
_CONTROL_PLANE = tuple(map(str.lower, CONTROL_PLANE))


def judge(template: Json, constructs: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return what each scenario comes to for the only table of a template, by its slug."""
    resources = template["Resources"]
    name, table = next((name, one) for name, one in resources.items() if one["Type"] == "AWS::DynamoDB::Table")
    properties = table["Properties"]
    settings = template.get("Metadata", {}).get("worthwatch:settings", {})
    prod = settings.get("stage") == "prod"
    keys = {one["KeyType"]: one["AttributeName"] for one in properties["KeySchema"]}
    types = {one["AttributeName"]: one["AttributeType"] for one in properties["AttributeDefinitions"]}
    recovery = properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
    policy = table.get("DeletionPolicy", "Delete")
    kept = policy in _RETAINED
    removal = settings.get("removalPolicy")
    encryption = properties.get("SSESpecification", {})
    told = {
        "table-created-via-solutions-construct": any(
            "aws-lambda-dynamodb.LambdaToDynamoDB@" in one for one in constructs.get(name, ())
        ),
        "table-name-available": any(one["Value"] == {"Ref": name} for one in template.get("Outputs", {}).values()),
        "partition-key-defined": keys.get("HASH") == "id" and types.get("id") == "S",
        "no-sort-key-required": "RANGE" not in keys,
        "pay-per-request-billing": properties.get("BillingMode") == settings.get("billingMode", "PAY_PER_REQUEST"),
        "encryption-enabled": encryption.get("SSEEnabled") is True and "KMSMasterKeyId" not in encryption,
        "pitr-configurable": recovery == settings.get("pointInTimeRecovery", recovery),
        "deletion-policy-applied": removal is None or kept == (removal != "destroy"),
        "retain-option-available": kept,
        "deletion-protection-enabled": not prod or properties.get("DeletionProtectionEnabled") is True,
        "production-table-retained": not prod or kept,
        "production-recovery-enabled": not prod or recovery is True,
        "replaced-table-kept": not kept or table.get("UpdateReplacePolicy") in _RETAINED,
        "no-public-access": not any(map(_is_public, _statements(properties.get("ResourcePolicy", {})))),
    }
    told |= _least_privilege(resources, name)
    outcomes = {scenario: "compliant" if holds else "non-compliant" for scenario, holds in told.items()}
    if not prod:
        outcomes |= dict.fromkeys(
            ("deletion-protection-enabled", "production-table-retained", "production-recovery-enabled"),
            "not-applicable",
        )
    if not str(removal).startswith("retain"):
        outcomes["retain-option-available"] = "not-applicable"
    if not kept:
        outcomes["replaced-table-kept"] = "not-applicable"
    if settings.get("billingMode", "PAY_PER_REQUEST") != "PAY_PER_REQUEST":
        outcomes["pay-per-request-billing"] = "not-applicable"
    return outcomes


def _least_privilege(resources: Json, table: str) -> dict[str, bool]:
    arn = {"Fn::GetAtt": [table, "Arn"]}
    functions = [
        one["Properties"]
        for one in resources.values()
        if one["Type"] == "AWS::Lambda::Function"
        and {"Ref": table} in one["Properties"].get("Environment", {}).get("Variables", {}).values()
    ]
    told = dict.fromkeys(_OWN_ACTIONS, bool(functions)) | {
        "environment-variable-injected": bool(functions),
        "data-plane-only": True,
        "no-other-table": True,
        "role-assumed-by-lambda-only": True,
    }
    for function in functions:
        role = function["Role"]["Fn::GetAtt"][0]
        statements = list(_of_role(resources, role))
        for scenario, actions in _OWN_ACTIONS.items():
            told[scenario] &= all(_may(statements, action, arn) for action in actions)
        told["data-plane-only"] &= not any(_may(statements, action, arn) for action in _CONTROL_PLANE)
        told["no-other-table"] &= not any(
            one["Effect"] == "Allow"
            and any(action.split(":")[0] in {"*", "dynamodb"} for action in _list(one.get("Action", "*")))
            and any(resource != arn for resource in _list(one.get("Resource", "*")))
            for one in statements
        )
        trusted = _statements({"PolicyDocument": resources[role]["Properties"]["AssumeRolePolicyDocument"]})
        told["role-assumed-by-lambda-only"] &= all(
            one["Principal"] == {"Service": "lambda.amazonaws.com"} for one in trusted
        )
    return told


def _of_role(resources: Json, role: str) -> Iterator[Json]:
    """Return the statements of the policies of a role."""
    yield from (one for policy in resources[role]["Properties"].get("Policies", ()) for one in _statements(policy))
    for one in resources.values():
        if one["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            properties = one["Properties"]
            if {"Ref": role} in properties.get("Roles", ()):
                yield from _statements(properties)


def _statements(policy: Json) -> list[Json]:
    return _list(policy.get("PolicyDocument", {}).get("Statement", []))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _may(statements: list[Json], action: str, resource: object) -> bool:
    about = [one for one in statements if _covers_action(one, action) and _covers_resource(one, resource)]
    return any(one["Effect"] == "Allow" for one in about) and not any(
        one["Effect"] == "Deny" and "Condition" not in one for one in about
    )


def _covers_action(statement: Json, action: str) -> bool:
    if "NotAction" in statement:
        return not any(_matches(one, action) for one in _list(statement["NotAction"]))
    return any(_matches(one, action) for one in _list(statement["Action"]))


def _covers_resource(statement: Json, resource: object) -> bool:
    return any(one in ("*", resource) for one in _list(statement.get("Resource", "*")))


def _matches(pattern: str, action: str) -> bool:
    return (
        pattern.lower() == action
        if "*" not in pattern and "?" not in pattern
        else bool(_glob(pattern).fullmatch(action))
    )


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", "."))


def _is_public(statement: Json) -> bool:
    return (
        statement["Effect"] == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and not statement.get("Condition")
    )
