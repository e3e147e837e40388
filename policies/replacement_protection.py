"""Replacement Protection: the system SHALL protect a retained table against deletion by replacement."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import NotApplicableError
from policies.model import Finding, rule
from policies.table_deletion_protection import KEEPS_TABLE
from policies.template import Resource
from policies.worlds import World


@rule()
def replaced_table_kept(table: Resource, world: World) -> Iterator[Finding]:
    """A table that its deletion policy keeps is kept when an update replaces it, too.

    Why: a change of the key schema or the name replaces the table; `DeletionPolicy` does not guard it then.

    Bad: `DeletionPolicy: Retain` without `UpdateReplacePolicy`.

    Good: `DeletionPolicy: Retain` with `UpdateReplacePolicy: Retain`.

    References:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
    """
    attributes = world.attributes(table)
    if attributes.get("DeletionPolicy").string("Delete") not in KEEPS_TABLE:
        raise NotApplicableError("the deletion policy does not keep the table")
    policy = attributes.get("UpdateReplacePolicy")
    if policy.string("Delete") != "Retain":
        yield Finding(
            "the table is deleted when an update replaces it",
            policy.path,
            policy.found,
            "Retain",
            "set removal_policy=RemovalPolicy.RETAIN, which sets both policies",
        )
