"""Table Key Schema: the system SHALL define a primary key structure for the DynamoDB table."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import MismatchError, UndeterminedError
from policies.findings import for_each
from policies.model import Finding, Outcome, rule
from policies.nodes import Node
from policies.template import Resource
from policies.values import YES, Text, Truth, any_of
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
    names = [key.get("AttributeName") for key in schema.items() if key.get("KeyType").equals("HASH")]
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
        yield from for_each(names, lambda name: _mistyped(table, world, name.text()))


def _misnamed(name: Node) -> Iterator[Finding]:
    if not name.equals("id"):
        yield Finding(f"the partition key is named {name.said()}", name.path, name.found, "id", _MEND_KEY)


def _mistyped(table: Resource, world: World, key: Text) -> Iterator[Finding]:
    """Find what is wrong with the definition of a key that is supposed to be named id."""
    definitions = world.properties(table).get("AttributeDefinitions")
    names = [(one, one.get("AttributeName").text()) for one in _about(definitions)]
    named = [(one, YES if name == key else world.becomes(name, "id")) for one, name in names]
    defined = any_of(is_id for _, is_id in named)
    if defined.value is False:
        yield Finding(
            "the partition key id has no attribute definition",
            definitions.path,
            definitions.found,
            "an attribute definition of id with AttributeType S",
            _MEND_KEY,
        )
    yield from for_each(named, lambda one: _no_string(*one))
    if defined.value is None:
        raise UndeterminedError(defined.because, definitions.path)


def _about(definitions: Node) -> Iterator[Node]:
    """Return the definitions that exist in this world, but for those that are of another attribute than id in any."""
    wanted = Text.of("id")
    for one in definitions.members():
        if one is definitions and definitions.is_object:
            raise MismatchError(definitions.path, definitions.found, "a list")
        names = [branch.get("AttributeName").text() for branch in one.branches() if branch.exists]
        if any(name.same(wanted).value is not False for name in names) and one.exists:
            yield one


def _no_string(definition: Node, is_id: Truth) -> Iterator[Finding]:
    kind = definition.get("AttributeType")
    if not kind.equals("S") and is_id:
        yield Finding(f"the partition key id is of type {kind.said()}", kind.path, kind.found, "S", _MEND_KEY)


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
    if not key.get("KeyType").equals("HASH"):
        yield Finding(
            "the table has a sort key",
            key.path,
            key.found,
            "no key of KeyType RANGE",
            "leave out sort_key of the table's properties; put it on an index where one is needed",
        )
