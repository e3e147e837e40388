"""Table Key Schema: the system SHALL define a primary key structure for the DynamoDB table."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import MismatchError
from policies.findings import for_each
from policies.model import Finding, Outcome, rule
from policies.nodes import Node
from policies.template import Resource
from policies.values import Text, Truth
from policies.worlds import World

_MEND_KEY = "set partition_key=dynamodb.Attribute(name='id', type=dynamodb.AttributeType.STRING)"


@rule()
def partition_key_defined(table: Resource, world: World) -> Iterator[Finding]:
    """The table has a partition key named `id` of type String.

    Why: every item is read and written by `id`; another key, or another type, breaks each of these calls.

    Bad: `KeySchema: [{AttributeName: pk, KeyType: HASH}]`, or `id` defined with `AttributeType: N`.

    Good: `KeySchema: [{AttributeName: id, KeyType: HASH}]` and
    `AttributeDefinitions: [{AttributeName: id, AttributeType: S}]`.

    References: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
    """
    schema = world.properties(table).get("KeySchema")
    names = [key.get("AttributeName") for key in schema.items() if key.get("KeyType").string() == "HASH"]
    if len(names) != 1:
        yield Finding(
            f"the table has {len(names) or 'no'} partition key{'s' if names else ''}",
            schema.path,
            schema.found,
            "one key of KeyType HASH, named id",
            _MEND_KEY,
        )
        return
    misnamed = list(for_each(names, _misnamed))
    yield from misnamed
    if all(finding.outcome is Outcome.UNDETERMINED for finding in misnamed):
        # Where the key is perhaps named id, an id that is no string is wrong all the same: another name is no better.
        yield from for_each([table], lambda table: _mistyped(table, world))


def _misnamed(name: Node) -> Iterator[Finding]:
    if name.string() != "id":
        yield Finding(f"the partition key is named {name.string()}", name.path, name.found, "id", _MEND_KEY)


def _mistyped(table: Resource, world: World) -> Iterator[Finding]:
    definitions = world.properties(table).get("AttributeDefinitions")
    named = [(one, one.get("AttributeName").text().same(Text.of("id"))) for one in definitions.items()]
    if not any(answer.value is not False for _, answer in named):
        yield Finding(
            "the partition key id has no attribute definition",
            definitions.path,
            definitions.found,
            "an attribute definition of id with AttributeType S",
            _MEND_KEY,
        )
    yield from for_each(named, lambda one: _no_string(*one))


def _no_string(definition: Node, is_id: Truth) -> Iterator[Finding]:
    kind = definition.get("AttributeType")
    if is_id and kind.string() != "S":
        yield Finding(f"the partition key id is of type {kind.string()}", kind.path, kind.found, "S", _MEND_KEY)


@rule()
def no_sort_key_required(table: Resource, world: World) -> Iterator[Finding]:
    """The table's own key schema has no sort key; indexes may have one.

    Why: with a sort key, `id` alone no longer names an item.

    Bad: `KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]`.

    Good: `KeySchema: [{AttributeName: id, KeyType: HASH}]`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html
    """
    schema = world.properties(table).get("KeySchema")
    keys = list(schema.items())
    if not keys:
        raise MismatchError(schema.path, schema.found, "a key schema")
    yield from for_each(keys, _sorting)


def _sorting(key: Node) -> Iterator[Finding]:
    if key.get("KeyType").string() != "HASH":
        yield Finding(
            "the table has a sort key",
            key.path,
            key.found,
            "no key of KeyType RANGE",
            "leave out sort_key of the table's properties; put it on an index where one is needed",
        )
