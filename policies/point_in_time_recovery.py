"""Point-in-Time Recovery: the system SHALL support backup and recovery capabilities for the DynamoDB table."""

from __future__ import annotations

from collections.abc import Iterator

from policies.findings import for_each
from policies.model import Configurable, Finding, rule
from policies.nodes import Node
from policies.replicas import holders
from policies.template import Resource
from policies.worlds import World

SETTING = "pointInTimeRecovery"


@rule(configurable=Configurable(SETTING, (True, False)))
def pitr_configurable(table: Resource, world: World) -> Iterator[Finding]:
    """The template states point-in-time recovery, as it was chosen; over a matrix, both on and off are reached.

    Why: recovery that is stated is one property away from the other value, also after the deployment; recovery that
    is left out, or that a fixed value overrides, is nobody's choice.

    Bad: no `PointInTimeRecoverySpecification`, or an override that fixes it whatever the settings say.

    Good: `PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}`, made from a setting.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
    """
    wanted = world.template.setting(SETTING, (True, False))
    yield from for_each(specifications(table, world), lambda specification: _not_as_chosen(specification, wanted))


def _not_as_chosen(specification: Node, wanted: object) -> Iterator[Finding]:
    enabled = specification.get("PointInTimeRecoveryEnabled")
    if not enabled.exists:
        yield Finding(
            "the template does not state point-in-time recovery",
            enabled.path,
            enabled.found,
            "PointInTimeRecoveryEnabled, true or false",
            "set point_in_time_recovery_specification of the table's properties",
        )
    elif isinstance(wanted, bool) and enabled.boolean() is not wanted:
        yield Finding(
            f"point-in-time recovery is {_said(enabled.boolean())} where the settings say {_said(wanted)}",
            enabled.path,
            enabled.found,
            f"{wanted}".lower(),
            "make point_in_time_recovery_specification from the setting, and override it nowhere",
        )
    else:
        enabled.boolean()


def specifications(table: Resource, world: World) -> Iterator[Node]:
    """Return where a table states point-in-time recovery."""
    return (holder.get("PointInTimeRecoverySpecification") for holder in holders(table, world))


def _said(enabled: object) -> str:
    return "on" if enabled else "off"
