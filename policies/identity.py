"""What CloudFormation calls a resource: its physical id (`Ref`) and its ARN (`Fn::GetAtt`).

Sources: the "Return values" of each resource type in the AWS CloudFormation Template Reference, and the ARN formats
of the Service Authorization Reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from policies import names
from policies.errors import MismatchError, TemplateError
from policies.stacks import NESTED_STACK
from policies.values import NO, Origin, Text, Truth, Unknown, origin_of, unknown

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.template import Resource
    from policies.worlds import World

TABLE_TYPES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)

_NAMES_TOLD = {
    ("AWS::CodeCommit::Repository", "Name"): "RepositoryName",
    ("AWS::ECS::Service", "Name"): "ServiceName",
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerName"): "Name",
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupName"): "Name",
    ("AWS::SNS::Topic", "TopicName"): "TopicName",
    ("AWS::SQS::Queue", "QueueName"): "QueueName",
    ("AWS::StepFunctions::StateMachine", "Name"): "StateMachineName",
}
"""The attributes that are the names which these properties give, or else names made at deployment."""

_HOSTS = ("DNSName", "DnsName", "DomainName", "HostedZoneName")
"""What the attributes end with that are names of hosts, which AWS makes."""

_PLAIN_NAMES = frozenset({*TABLE_TYPES, "AWS::IAM::Role"})
"""Types whose names are single words; a function may be named by its ARN."""

_WITH_ARN = frozenset({*_PLAIN_NAMES, "AWS::Lambda::Function"})
"""Types whose ARNs are spelled out here."""

OF_ONE_STACK = frozenset({"AWS::NotificationARNs", "AWS::StackId", "AWS::StackName"})
"""The pseudo parameters that differ from stack to stack of one deployment."""

_OUTPUT = "Outputs."

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}
"""The partitions by what the names of their regions begin with; all other regions are of the partition aws."""


def physical_id(world: World, logical_id: str, path: str) -> Text:
    """Return what `Ref` gives for a resource. Raises `TemplateError` where the template has no such resource."""
    resource = world.template.resources.get(logical_id)
    if resource is None:
        raise TemplateError(path, f"the template has no parameter or resource {logical_id}")
    return id_of(world, resource)


def id_of(world: World, resource: Resource) -> Text:
    """Return what `Ref` gives for a resource in the template that declares it."""
    properties = world.properties(resource)
    key = f"{resource.owner.scope}Ref {resource.logical_id}"
    name_property = names.NAMED.get(resource.type)
    if name_property is not None:
        named = properties.get(*name_property)
        if named.exists:
            name = _kept(properties, resource, named.text(), key)
            return _atomic(name) if resource.type in _PLAIN_NAMES else name
        return Text((Unknown(key, f"{resource.logical_id} is named at deployment", Origin.GENERATED, atomic=True),))
    if resource.type == "AWS::IAM::ManagedPolicy":
        named = properties.get("ManagedPolicyName")
        folder = properties.get("Path").text("/")
        if named.exists:
            return Text.of(
                *("arn:", _told(world, "Partition"), ":iam::", _told(world, "AccountId")),
                *(":policy", folder, named.text()),
            )
    origin = Origin.GENERATED if names.is_known(resource.type) else Origin.COMPUTED
    return Text((Unknown(key, f"the id of {resource.logical_id} is known at deployment only", origin),))


def _kept(properties: Node, resource: Resource, name: Text, key: str) -> Text:
    """Return what AWS makes of a name that a resource is given: the name, where it is sure to be kept as it is."""
    lowered = names.may_lower(resource.type) and (name.literal is None or name.literal != name.literal.lower())
    of_a_bus = resource.type == "AWS::Events::Rule" and properties.get("EventBusName").exists
    if lowered or of_a_bus:
        reason = f"what AWS makes of the name of {resource.logical_id} is known at deployment only"
        return Text((Unknown(key, reason, origin_of(name.unknowns)),))
    return name


def _atomic(name: Text) -> Text:
    """Return a name of which no unknown part can hold what no such name does: colons, slashes and wildcards."""
    return Text(tuple(replace(part, atomic=True) if isinstance(part, Unknown) else part for part in name.parts))


def attribute(world: World, logical_id: str, name: Text, path: str) -> Text:
    """Return what `Fn::GetAtt` gives for an attribute of a resource."""
    resource = world.template.resources.get(logical_id)
    if resource is None:
        raise TemplateError(path, f"the template has no resource {logical_id}")
    if name.literal == "Arn" and resource.type in _WITH_ARN:
        return arn(world, resource)
    if name.literal == "PolicyArn" and resource.type == "AWS::IAM::ManagedPolicy":
        return id_of(world, resource)
    literal = name.literal or ""
    if resource.type == NESTED_STACK and literal.startswith(_OUTPUT):
        nested = world.stacks.nested(resource)
        if nested is not None:
            return _output(world.within(nested), literal.removeprefix(_OUTPUT), path)
    said = name.literal if name.literal is not None else name.unknowns[0].key
    key = f"{world.template.scope}{logical_id}.{said}"
    stated = _stated(world, resource, literal, key)
    if stated is not None:
        return stated
    origin = Origin.GENERATED if _is_made(resource.type, name.literal) else Origin.COMPUTED
    hidden = Unknown(key, f"{logical_id}.{said} is known at deployment only", origin, atomic=said == "StreamArn")
    if said == "StreamArn" and resource.type in TABLE_TYPES:
        return Text.of(arn(world, resource), "/stream/", hidden)
    return Text((hidden,))


def _stated(world: World, resource: Resource, said: str, key: str) -> Text | None:
    """Return what the properties of a resource say of an attribute, or None where they do not."""
    if (said,) == names.NAMED.get(resource.type):
        return id_of(world, resource)
    if not names.is_known(resource.type):
        return None
    properties = world.properties(resource)
    value = properties.get(_NAMES_TOLD.get((resource.type, said), said))
    try:
        return _kept(properties, resource, value.text(), key)
    except MismatchError:  # nothing, or a list or an object, of which no attribute is a string
        return None


def _is_made(kind: str, said: str | None) -> bool:
    """Tell whether an attribute that no property states is made by AWS, and no name or id that somebody chose."""
    if said is None or not names.is_known(kind):
        return False
    may_name = (said.endswith("Name") and not said.endswith(_HOSTS)) or (said == "Id" and kind in names.NAMED)
    return not may_name or (kind, said) in _NAMES_TOLD


def _output(nested: World, name: str, path: str) -> Text:
    """Return the value of a nested stack's output."""
    output = nested.output(name)
    if not output.exists:
        raise TemplateError(path, f"the nested stack has no output {name}")
    return output.get("Value").text()


def arn(world: World, resource: Resource) -> Text:
    """Return the ARN of a table, role or function."""
    name = id_of(world, resource)
    partition, region, account = (_told(world, part) for part in ("Partition", "Region", "AccountId"))
    match resource.type:
        case "AWS::IAM::Role":
            folder = world.properties(resource).get("Path").text("/")
            return Text.of("arn:", partition, ":iam::", account, ":role", folder, name)
        case "AWS::Lambda::Function":
            return Text.of("arn:", partition, ":lambda:", region, ":", account, ":function:", name)
    return _table_arn(world, name)


def another_table(world: World) -> Text:
    """Return the ARN of some table that is none of the template's, in its region and account."""
    name = Unknown("another table", "the name of some other table", Origin.GENERATED, atomic=True)
    return _table_arn(world, Text((name,)))


def _table_arn(world: World, name: Text) -> Text:
    partition, region, account = (_told(world, part) for part in ("Partition", "Region", "AccountId"))
    return Text.of("arn:", partition, ":dynamodb:", region, ":", account, ":table/", name)


def _told(world: World, name: str) -> Text:
    return world.known(pseudo(f"AWS::{name}"))


def pseudo_parameter(world: World, name: str) -> Text:
    """Return what `Ref` gives for a pseudo parameter; of a stack's id, all but its end is known by the others."""
    told = world.known(pseudo(name))
    if name != "AWS::StackId" or told.literal is not None:
        return told
    end = Unknown(f"{world.template.scope}the end of AWS::StackId", told.unknowns[0].reason, atomic=True)
    partition, region, account, stack = (
        _told(world, part) for part in ("Partition", "Region", "AccountId", "StackName")
    )
    return Text.of("arn:", partition, ":cloudformation:", region, ":", account, ":stack/", stack, "/", end)


def pseudo(name: str) -> Unknown:
    """Return the unknown behind a pseudo parameter."""
    return Unknown(
        name,
        f"{name} is known at deployment only",
        atomic=name not in {"AWS::StackId", "AWS::NotificationARNs"},
    )


def is_open(world: World, text: Text | None) -> Truth:
    """Tell whether a text, if there is any, may be whatever a deployment is given; none that AWS itself gives is.

    So it may be a name that an earlier deployment has made, or that of another stack.
    """
    match text:
        case Text((Unknown(origin=Origin.EXTERNAL) as hidden,)) if not _is_pseudo(world, hidden):
            return unknown(hidden.reason)
    return NO


def _is_pseudo(world: World, hidden: Unknown) -> bool:
    """Tell whether an unknown is the value of a pseudo parameter, of whichever stack of the deployment."""
    scopes = ("", *(template.scope for template in world.stacks.members))
    return any(hidden.key == scope + name for scope in scopes for name in PSEUDO_PARAMETERS)


def partition_of(region: str) -> str:
    """Return the partition that a region belongs to."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")
