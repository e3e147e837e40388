"""The replicas of a global table, each of which holds properties that a plain table holds itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.errors import MismatchError

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.template import Resource
    from policies.values import Text
    from policies.worlds import World

_GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"


def holders(table: Resource, world: World) -> list[Node]:
    """Return where a table holds what a global table holds for each replica.

    That is the properties of an `AWS::DynamoDB::Table`, or each replica of an `AWS::DynamoDB::GlobalTable`. Raises
    `MismatchError` for a global table without a replica, so that nothing holds for all of none.
    """
    properties = world.properties(table)
    if table.type != _GLOBAL_TABLE:
        return [properties]
    replicas = list(properties.get("Replicas").items())
    if not replicas:
        raise MismatchError(properties.get("Replicas").path, properties.get("Replicas").found, "at least one replica")
    return replicas


def replica_regions(table: Resource, world: World) -> list[Text]:
    """Return the regions of a global table's replicas; a plain table has none."""
    if table.type != _GLOBAL_TABLE:
        return []
    return [replica.get("Region").text() for replica in holders(table, world)]


def local_holders(table: Resource, world: World) -> list[Node]:
    """Return those of the holders that may be the one in the stack's own region, where a global table has a replica."""
    if table.type != _GLOBAL_TABLE:
        return holders(table, world)
    region = world.within(table.owner).node({"Ref": "AWS::Region"}, table.path).text()
    answers = [(replica, replica.get("Region").text().same(region)) for replica in holders(table, world)]
    certain = [replica for replica, answer in answers if answer.value]
    return certain or [replica for replica, answer in answers if answer.value is None]
