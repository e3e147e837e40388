"""Table Deletion Protection: the system SHALL protect against accidental table deletion in production environments."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import NotApplicableError
from policies.model import Configurable, Finding, rule
from policies.template import Resource
from policies.worlds import World

SETTING = "removalPolicy"
DELETION_POLICIES = {
    "destroy": "Delete",
    "retain": "Retain",
    "retain-on-update-or-delete": "RetainExceptOnCreate",
}
"""What CloudFormation is told for each removal policy (`RemovalPolicy` of the CDK)."""

KEEPS_TABLE = frozenset({"Retain", "RetainExceptOnCreate"})
"""The deletion policies with which a table outlives its stack."""

_VALID = frozenset(DELETION_POLICIES.values())


@rule(configurable=Configurable(SETTING, tuple(DELETION_POLICIES)))
def deletion_policy_applied(table: Resource, world: World) -> Iterator[Finding]:
    """The template states a deletion policy, as it was chosen; over a matrix, every removal policy is reached.

    Why: CloudFormation deletes a table whose `DeletionPolicy` is absent: a default that nobody chose.

    Bad: no `DeletionPolicy`; or `Snapshot`, which DynamoDB does not have.

    Good: `DeletionPolicy: Retain`, made from a setting by `removal_policy=RemovalPolicy.RETAIN`.

    References: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    policy = world.attributes(table).get("DeletionPolicy")
    wanted = DELETION_POLICIES.get(str(world.template.setting(SETTING, tuple(DELETION_POLICIES))))
    if not policy.exists:
        yield Finding(
            "the table states no deletion policy and would be deleted with its stack",
            policy.path,
            policy.found,
            wanted or "Delete, Retain or RetainExceptOnCreate",
            "set removal_policy of the table's properties",
        )
    elif not policy.equals(*_VALID):
        yield Finding(
            f"DynamoDB has no deletion policy {policy.said()}",
            policy.path,
            policy.found,
            wanted or "Delete, Retain or RetainExceptOnCreate",
            "choose RemovalPolicy.DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE",
        )
    elif wanted is not None and not policy.equals(wanted):
        yield Finding(
            f"the deletion policy is {policy.said()} where the settings choose {wanted}",
            policy.path,
            policy.found,
            wanted,
            "make removal_policy from the setting, and override it nowhere",
        )


@rule()
def retain_option_available(table: Resource, world: World) -> Iterator[Finding]:
    """Where the removal policy retains, destroying the stack keeps the table.

    Why: a retained table is the last copy of the data. Whether the removal policy retains is what the settings say;
    without settings, what the template says: the CDK's RETAIN sets `DeletionPolicy` and `UpdateReplacePolicy` alike,
    so that a table which either of them retains was meant to be kept.

    Bad: `UpdateReplacePolicy: Retain` with `DeletionPolicy: Delete`.

    Good: `DeletionPolicy: Retain`, or `RetainExceptOnCreate`.

    References: https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk/RemovalPolicy.html
    """
    attributes = world.attributes(table)
    policy = attributes.get("DeletionPolicy")
    chosen = world.template.setting(SETTING, tuple(DELETION_POLICIES))
    if chosen == "destroy":
        raise NotApplicableError("the removal policy is destroy")
    kept = policy.equals(*KEEPS_TABLE, default="Delete")
    replaced = attributes.get("UpdateReplacePolicy")
    if not kept and chosen is None and not replaced.equals(*KEEPS_TABLE, default="Delete"):
        raise NotApplicableError("the removal policy does not retain")
    if not kept:
        yield Finding(
            "the table is deleted with its stack although the removal policy retains it",
            policy.path,
            policy.found,
            "Retain or RetainExceptOnCreate",
            "set removal_policy=RemovalPolicy.RETAIN, and override DeletionPolicy nowhere",
        )
