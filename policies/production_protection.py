"""Production Protection: the system SHALL protect production tables against deletion and loss."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import NotApplicableError
from policies.findings import for_each
from policies.model import Finding, rule
from policies.nodes import Node
from policies.point_in_time_recovery import specifications
from policies.replicas import holders
from policies.table_deletion_protection import KEEPS_TABLE
from policies.template import Resource
from policies.worlds import World


@rule()
def deletion_protection_enabled(table: Resource, world: World) -> Iterator[Finding]:
    """A production table has deletion protection enabled.

    Why: deletion protection stops `DeleteTable` from wherever it comes, the console and other tools among them.

    Bad: no `DeletionProtectionEnabled` where the stage is prod.

    Good: `DeletionProtectionEnabled: true`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
    """
    _only_in_production(world)
    yield from for_each((holder.get("DeletionProtectionEnabled") for holder in holders(table, world)), _unprotected)


def _unprotected(flag: Node) -> Iterator[Finding]:
    if not flag.boolean(default=False):
        yield Finding(
            "the production table has no deletion protection",
            flag.path,
            flag.found,
            "true",
            "set deletion_protection=True, or leave the setting deletionProtection to its default in prod",
        )


@rule()
def production_table_retained(table: Resource, world: World) -> Iterator[Finding]:
    """A production table is kept when its stack is destroyed.

    Why: a stack is destroyed by one command; production data must not go with it.

    Bad: `DeletionPolicy: Delete` where the stage is prod.

    Good: `DeletionPolicy: Retain`.

    References: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    _only_in_production(world)
    policy = world.attributes(table).get("DeletionPolicy")
    if not policy.equals(*KEEPS_TABLE, default="Delete"):
        yield Finding(
            "the production table is deleted with its stack",
            policy.path,
            policy.found,
            "Retain or RetainExceptOnCreate",
            "set removal_policy=RemovalPolicy.RETAIN",
        )


@rule()
def production_recovery_enabled(table: Resource, world: World) -> Iterator[Finding]:
    """Point-in-time recovery of a production table is enabled.

    Why: without it, data that a faulty release overwrites is gone.

    Bad: `PointInTimeRecoveryEnabled: false` where the stage is prod.

    Good: `PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
    """
    _only_in_production(world)
    yield from for_each(specifications(table, world), _unrecoverable)


def _unrecoverable(specification: Node) -> Iterator[Finding]:
    enabled = specification.get("PointInTimeRecoveryEnabled")
    if not enabled.boolean(default=False):
        yield Finding(
            "the production table has no point-in-time recovery",
            enabled.path,
            enabled.found,
            "true",
            "set point_in_time_recovery_specification, or leave the setting to its default in prod",
        )


def _only_in_production(world: World) -> None:
    stage = world.template.setting("stage", ("dev", "staging", "prod"))
    if stage is None:
        raise NotApplicableError("no settings say that the stage is prod")
    if stage != "prod":
        raise NotApplicableError(f"the stage is {stage}")
