"""What CloudFormation calls a resource: its physical id (`Ref`) and its ARN (`Fn::GetAtt`).

Sources: the "Return values" of each resource type in the AWS CloudFormation Template Reference, and the ARN formats
of the Service Authorization Reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.errors import TemplateError
from policies.values import Origin, Text, Unknown

if TYPE_CHECKING:
    from policies.worlds import World

TABLE_TYPES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)

_NAME_PROPERTY = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
}
"""Types whose `Ref` is the name that this property gives, or else a name made at deployment."""


_CHOSEN_BY_OTHERS = ("AWS::CloudFormation::", "AWS::SSM::Parameter", "Custom::")
"""Types whose id and attributes are whatever a handler, another stack or the template's author says."""


def physical_id(world: World, logical_id: str, path: str) -> Text:
    """Return what `Ref` gives for a resource. Raises `TemplateError` where the template has no such resource."""
    resource = world.template.resources.get(logical_id)
    if resource is None:
        raise TemplateError(path, f"the template has no parameter or resource {logical_id}")
    name_property = _NAME_PROPERTY.get(resource.type)
    if name_property is not None:
        named = world.properties(resource).get(name_property)
        if named.exists:
            return named.text()
        return Text(
            (Unknown(f"Ref {logical_id}", f"{logical_id} is named at deployment", Origin.GENERATED, atomic=True),)
        )
    if resource.type == "AWS::IAM::ManagedPolicy":
        named = world.properties(resource).get("ManagedPolicyName")
        folder = world.properties(resource).get("Path").text("/")
        if named.exists:
            return Text.of(
                *("arn:", _told(world, "Partition"), ":iam::", _told(world, "AccountId")),
                *(":policy", folder, named.text()),
            )
    origin = Origin.COMPUTED if resource.type.startswith(_CHOSEN_BY_OTHERS) else Origin.GENERATED
    return Text((Unknown(f"Ref {logical_id}", f"the id of {logical_id} is known at deployment only", origin),))


def attribute(world: World, logical_id: str, name: Text, path: str) -> Text:
    """Return what `Fn::GetAtt` gives for an attribute of a resource."""
    resource = world.template.resources.get(logical_id)
    if resource is None:
        raise TemplateError(path, f"the template has no resource {logical_id}")
    if name.literal == "Arn" and resource.type in _NAME_PROPERTY:
        return arn(world, logical_id, path)
    said = name.literal if name.literal is not None else name.unknowns[0].key
    key = f"{logical_id}.{said}"
    made_elsewhere = resource.type.startswith(_CHOSEN_BY_OTHERS)
    origin = Origin.COMPUTED if made_elsewhere or name.literal is None else Origin.GENERATED
    hidden = Unknown(key, f"{key} is known at deployment only", origin, atomic=said == "StreamArn")
    if said == "StreamArn" and resource.type in TABLE_TYPES:
        return Text.of(arn(world, logical_id, path), "/stream/", hidden)
    return Text((hidden,))


def arn(world: World, logical_id: str, path: str) -> Text:
    """Return the ARN of a table, role or function of the template."""
    kind = world.template.resources[logical_id].type
    name = physical_id(world, logical_id, path)
    partition, region, account = (_told(world, part) for part in ("Partition", "Region", "AccountId"))
    match kind:
        case "AWS::IAM::Role":
            folder = world.properties(world.template.resources[logical_id]).get("Path").text("/")
            return Text.of("arn:", partition, ":iam::", account, ":role", folder, name)
        case "AWS::Lambda::Function":
            return Text.of("arn:", partition, ":lambda:", region, ":", account, ":function:", name)
    return _table_arn(world, name)


def another_table(world: World) -> Text:
    """Return the ARN of some table that is none of the template's."""
    name = Unknown("another table", "the name of some other table", Origin.GENERATED, atomic=True)
    return _table_arn(world, Text((name,)))


def _table_arn(world: World, name: Text) -> Text:
    return Text.of(
        *("arn:", _told(world, "Partition"), ":dynamodb:", _told(world, "Region")),
        *(":", _told(world, "AccountId"), ":table/", name),
    )


def _told(world: World, name: str) -> Text:
    return world.known(pseudo(f"AWS::{name}"))


def pseudo(name: str) -> Unknown:
    """Return the unknown behind a pseudo parameter."""
    return Unknown(
        name,
        f"{name} is known at deployment only",
        atomic=name not in {"AWS::StackId", "AWS::NotificationARNs"},
    )
