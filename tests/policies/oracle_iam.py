"""An independent answer to what a role may do: the IAM evaluation of ministack, called in this process.

ministack answers SimulateCustomPolicy by these very functions (`ministack.services.iam`), but passes on no condition
keys, no permissions boundary and no policy of the resource, so they are called directly where a case has one.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from policies.assumptions import Assumptions
from policies.iam import Caller, may
from policies.template import Template
from policies.values import Text, Truth
from policies.worlds import World

Json = dict[str, Any]

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-west-1"
TABLE: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/service/serve"
FUNCTION: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:serve"
TAGS: Final = {"Team": "Orders", "Level": "7"}

_evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
_service: Any = importlib.import_module("ministack.services.iam")


@dataclass(frozen=True)
class Case:
    """The policies that concern a role, and an action on a resource that it asks for."""

    identity: Sequence[Json]
    boundary: Sequence[Json] | None = None
    resource_policy: Sequence[Json] | None = None
    action: str = "dynamodb:GetItem"
    resource: str = TABLE


def document(statements: Sequence[Json]) -> Json:
    """Write a policy document; a single statement stands by itself."""
    return {"Version": "2012-10-17", "Statement": statements[0] if len(statements) == 1 else list(statements)}


def ours(case: Case) -> Truth:
    """Return our answer, for a template that states the policies, deployed to the account and region."""
    role: Json = {
        "RoleName": "serve",
        "Path": "/service/",
        "Policies": [{"PolicyName": "Own", "PolicyDocument": document(case.identity)}],
        "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()],
    }
    resources: Json = {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "serve"}},
    }
    if case.boundary is not None:
        limits = {"PolicyDocument": document(case.boundary)}
        resources["Boundary"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": limits}
        role["PermissionsBoundary"] = {"Ref": "Boundary"}
    template = Template("oracle", {"Resources": resources})
    deployed = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
    world = World(template).under(Assumptions(deployed))
    policies = [] if case.resource_policy is None else [world.node(document(case.resource_policy), "$")]
    caller = Caller(template.resources["Role"], template.resources["Function"])
    return may(world, caller, case.action, Text.of(case.resource), policies)


def theirs(case: Case) -> str:
    """Return ministack's answer: Allow, Deny or ImplicitDeny."""
    request = _evaluator.EvalContext(
        principal_arn=ROLE,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=case.action,
        resource_arn=case.resource,
        region=case.resource.split(":")[3],
        secure_transport=True,
        principal_keys={
            "aws:viaawsservice": "false",
            "aws:principalisawsservice": "false",
            "lambda:sourcefunctionarn": FUNCTION,
            **{f"aws:principaltag/{key.lower()}": value for key, value in TAGS.items()},
        },
    )
    parse = _evaluator.parse_policy_document
    limits = [] if case.boundary is None else [[parse(document(case.boundary))]]
    result = _evaluator.evaluate(request, [parse(document(case.identity))], *limits)
    if case.resource_policy is not None:
        policy = document(case.resource_policy)
        result = _evaluator.combine_resource_policy(result, request, policy, ACCOUNT, limits=tuple(limits))
    return str(result.decision)


def simulated(case: Case) -> str:
    """Return what ministack's SimulateCustomPolicy says of a role's own policies: as `theirs`, in the API's words."""
    form = {
        "Action": "SimulateCustomPolicy",
        "PolicyInputList.member.1": json.dumps(document(case.identity)),
        "ActionNames.member.1": case.action,
        "ResourceArns.member.1": case.resource,
    }
    _, _, body = asyncio.run(_service.handle_request("POST", "/", {}, urlencode(form).encode(), {}))
    (decision,) = re.findall("<EvalDecision>(.*?)</EvalDecision>", body.decode())
    return str(decision)
