"""What CloudFormation calls a resource: its physical id (`Ref`) and its ARN (`Fn::GetAtt`).

Sources: the "Return values" of each resource type in the AWS CloudFormation Template Reference, and the ARN formats
of the Service Authorization Reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from policies.errors import TemplateError
from policies.stacks import NESTED_STACK
from policies.values import Origin, Text, Unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World

TABLE_TYPES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)

_NAME_PROPERTY = {
    **dict.fromkeys(TABLE_TYPES, "TableName"),
    "AWS::Athena::WorkGroup": "Name",
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName",
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeBuild::Project": "Name",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::Events::EventBus": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::OpenSearchService::Domain": "DomainName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SSM::Parameter": "Name",
    "AWS::Scheduler::Schedule": "Name",
}
"""Types whose `Ref` is the name that this property gives, or else a name made at deployment."""

_PROPERTIES_TOLD = {
    "AWS::SNS::Topic": frozenset({"TopicName"}),
    "AWS::SQS::Queue": frozenset({"QueueName"}),
    "AWS::SSM::Parameter": frozenset({"Type", "Value"}),
}
"""The attributes of types that are what the properties of the same names say, where these are stated."""

_PLAIN_NAMES = frozenset({*TABLE_TYPES, "AWS::IAM::Role"})
"""Types whose names are single words; a function may be named by its ARN."""

_WITH_ARN = frozenset({*_PLAIN_NAMES, "AWS::Lambda::Function"})
"""Types whose ARNs are spelled out here."""

_CHOSEN_BY_OTHERS = (
    "AWS::CloudFormation::",
    "AWS::SSM::Parameter",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
)
"""Types of AWS whose id and attributes are whatever a handler, another stack or the template's author says."""

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
    name_property = _NAME_PROPERTY.get(resource.type)
    if name_property is not None:
        named = properties.get(name_property)
        if named.exists:
            return _atomic(named.text()) if resource.type in _PLAIN_NAMES else named.text()
        return Text((Unknown(key, f"{resource.logical_id} is named at deployment", Origin.GENERATED, atomic=True),))
    if resource.type == "AWS::IAM::ManagedPolicy":
        named = properties.get("ManagedPolicyName")
        folder = properties.get("Path").text("/")
        if named.exists:
            return Text.of(
                *("arn:", _told(world, "Partition"), ":iam::", _told(world, "AccountId")),
                *(":policy", folder, named.text()),
            )
    origin = _origin(resource.type)
    return Text((Unknown(key, f"the id of {resource.logical_id} is known at deployment only", origin),))


def _origin(kind: str) -> Origin:
    """Return where what a resource of a type is called comes from; the handler of a type that is not AWS's says it."""
    made_by_aws = kind.startswith("AWS::") and not kind.startswith(_CHOSEN_BY_OTHERS)
    return Origin.GENERATED if made_by_aws else Origin.COMPUTED


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
    if resource.type == NESTED_STACK and (name.literal or "").startswith(_OUTPUT):
        nested = world.stacks.nested(resource)
        if nested is not None:
            return _output(world.within(nested), (name.literal or "").removeprefix(_OUTPUT), path)
    if name.literal in _PROPERTIES_TOLD.get(resource.type, ()):
        stated = world.properties(resource).get(name.literal or "")
        if stated.exists:
            return stated.text()
    said = name.literal if name.literal is not None else name.unknowns[0].key
    key = f"{world.template.scope}{logical_id}.{said}"
    origin = Origin.COMPUTED if name.literal is None else _origin(resource.type)
    hidden = Unknown(key, f"{logical_id}.{said} is known at deployment only", origin, atomic=said == "StreamArn")
    if said == "StreamArn" and resource.type in TABLE_TYPES:
        return Text.of(arn(world, resource), "/stream/", hidden)
    return Text((hidden,))


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


def another_table(world: World, region: Text | None = None) -> Text:
    """Return the ARN of some table that is none of the template's, in its region or another."""
    name = Unknown("another table", "the name of some other table", Origin.GENERATED, atomic=True)
    return _table_arn(world, Text((name,)), region)


def _table_arn(world: World, name: Text, region: Text | None = None) -> Text:
    return Text.of(
        *("arn:", _told(world, "Partition"), ":dynamodb:", region or _told(world, "Region")),
        *(":", _told(world, "AccountId"), ":table/", name),
    )


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


def partition_of(region: str) -> str:
    """Return the partition that a region belongs to."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")
