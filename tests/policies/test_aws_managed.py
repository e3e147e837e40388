"""AWS's managed policies, compared with the copy of them that moto carries."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.dynamodb_actions import CONTROL_PLANE, DATA_PLANE, METADATA

ACTIONS = sorted((*DATA_PLANE, *METADATA, *CONTROL_PLANE))
MOTO: dict[str, Any] = json.loads(aws_managed_policies_data)


def one_or_more(value: object) -> list[Any]:
    """Return the items of a list, or the one value that stands for a list of one."""
    return value if isinstance(value, list) else [value]


def names(statement: dict[str, Any], action: str) -> bool:
    """Tell whether a statement is about an action."""
    patterns = one_or_more(statement.get("Action", statement.get("NotAction")))
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns) is ("Action" in statement)


def said_of(document: Any, action: str) -> Iterator[tuple[str, str, str]]:
    """Return what a policy says of an action: the effect, the resources and the conditions of each such statement."""
    for statement in one_or_more(document["Statement"]):
        if names(statement, action):
            resources = {key: one_or_more(statement[key]) for key in ("Resource", "NotResource") if key in statement}
            yield statement["Effect"], json.dumps(resources), json.dumps(statement.get("Condition"))


def by_action(document: Any) -> dict[str, set[tuple[str, str, str]]]:
    """Return what a policy says of each of DynamoDB's actions that it speaks of."""
    said = {action: set(said_of(document, action)) for action in ACTIONS}
    return {action: statements for action, statements in said.items() if statements}


@pytest.mark.parametrize("policy", AWS_MANAGED_POLICIES)
def test_moto_says_the_same(policy: str) -> None:
    """Each policy stands at the path that moto knows it by, and says the same of every action of DynamoDB."""
    path, _, name = f"/{policy}".rpartition("/")
    assert MOTO[name]["Path"] == f"{path}/"
    assert by_action(AWS_MANAGED_POLICIES[policy]) == by_action(MOTO[name]["Document"])


def test_what_differs_between_policies_is_seen() -> None:
    """The comparison tells policies apart: by action, by effect, and by what they are limited to."""
    everything, denied = by_action(MOTO["AdministratorAccess"]["Document"]), by_action(MOTO["AWSDenyAll"]["Document"])
    assert list(everything) == list(denied) == ACTIONS
    assert everything != denied
    backup = by_action(MOTO["AWSBackupServiceRolePolicyForBackup"]["Document"])
    assert backup["dynamodb:CreateBackup"] == {
        ("Allow", '{"Resource": ["arn:aws:dynamodb:*:*:table/*"]}', "null"),
    }
    assert by_action(MOTO["AmazonS3ReadOnlyAccess"]["Document"]) == {}
