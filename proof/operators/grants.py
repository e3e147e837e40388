"""What a role may do and who may assume it, by each action, each kind of policy and each condition.

The actions are stated here once more: a rule that knew fewer of them would make no mutant that shows it. Sources:
Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB" and "for AWS Security
Token Service"; AWS IAM User Guide, "Managed policies and inline policies".
"""

from __future__ import annotations

from collections.abc import Iterator

from proof.bases import Base
from proof.making import (
    OPEN,
    OTHER_POLICY,
    VIOLATED,
    added_statement,
    arn,
    changed,
    noticed,
    operator,
    ref,
    role,
    statement,
    table,
    trust,
)
from proof.model import Form, Mutant
from proof.scenarios import DATA_PLANE, OTHER_TABLE, PUBLIC, READ, TRUST, WRITE

_READING_AND_WRITING = (
    *("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "GetRecords", "PartiQLDelete"),
    *("PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "PutItem", "Query", "Scan", "SearchVectors", "UpdateItem"),
)
_CONTROLLING = (
    *("AssociateTableReplica", "CreateBackup", "CreateGlobalTable", "CreateGlobalTableWitness", "CreateTable"),
    *("CreateTableReplica", "DeleteBackup", "DeleteGlobalTableWitness", "DeleteResourcePolicy", "DeleteTable"),
    *("DeleteTableReplica", "DisableKinesisStreamingDestination", "EnableKinesisStreamingDestination"),
    *("ExportTableToPointInTime", "ImportTable", "InjectError", "PurchaseReservedCapacityOfferings"),
    *("PutResourcePolicy", "ReadDataForReplication", "ReplicateSettings", "RestoreTableFromAwsBackup"),
    *("RestoreTableFromBackup", "RestoreTableToPointInTime", "StartAwsBackupJob", "TagResource", "UntagResource"),
    *("UpdateAbacStatus", "UpdateContinuousBackups", "UpdateContributorInsights", "UpdateGlobalTable"),
    *("UpdateGlobalTableSettings", "UpdateGlobalTableVersion", "UpdateKinesisStreamingDestination", "UpdateTable"),
    *("UpdateTableReplicaAutoScaling", "UpdateTimeToLive", "WriteDataForReplication"),
)
_CUSTOMERS = {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/customers"}
_ACCOUNT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
_FROM_SOMEWHERE = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}


def _allow(actions: object, resource: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _document(stated: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [stated]}


def _inline(name: str, stated: object) -> dict[str, object]:
    return {"PolicyName": name, "PolicyDocument": _document(stated)}


def _of_aws(name: str) -> object:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"}


@operator(Form.ADDED, noticed(VIOLATED, DATA_PLANE))
def each_control_plane_action(base: Base) -> Iterator[Mutant]:
    """Allow one action of the control plane on the table, each in turn."""
    for name in _CONTROLLING:
        yield added_statement(base, _allow(f"dynamodb:{name}", arn(table(base))))


@operator(Form.WRONG_ARN, noticed(VIOLATED, OTHER_TABLE))
def each_action_on_another_table(base: Base) -> Iterator[Mutant]:
    """Allow one action of the data plane on a table that the stack does not create, each in turn."""
    for name in _READING_AND_WRITING:
        yield added_statement(base, _allow(f"dynamodb:{name}", _CUSTOMERS))


@operator(Form.ADDED, noticed(VIOLATED, DATA_PLANE))
def another_policy(base: Base) -> Iterator[Mutant]:
    """Allow all on the table by a policy of the role alone, and by the second of its inline policies."""
    everything = _allow("dynamodb:*", arn(table(base)))
    properties = {"RoleName": ref(role(base)), **_inline(OTHER_POLICY, everything)}
    yield changed(base, {("Resources", OTHER_POLICY): {"Type": "AWS::IAM::RolePolicy", "Properties": properties}})
    harmless = _inline("proof", _allow("s3:GetObject", "*"))
    place = (*role(base), "Properties", "Policies")
    yield changed(base, {place: [harmless, _inline(OTHER_POLICY, everything)]})


@operator(Form.ADDED, noticed(VIOLATED, DATA_PLANE, OTHER_TABLE))
def another_managed_policy(base: Base) -> Iterator[Mutant]:
    """Attach a managed policy that allows all of DynamoDB, behind one that allows nothing of it."""
    names = ("service-role/AWSLambdaBasicExecutionRole", "AmazonDynamoDBFullAccess")
    yield changed(base, {(*role(base), "Properties", "ManagedPolicyArns"): list(map(_of_aws, names))})


@operator(Form.CONDITIONAL, noticed(OPEN, READ, WRITE))
def allowed_to_some_requests(base: Base) -> Iterator[Mutant]:
    """Allow to read and write under a condition that each request decides."""
    yield changed(base, {(*statement(base), "Condition"): _FROM_SOMEWHERE})


@operator(Form.WRONG_PRINCIPAL, noticed(VIOLATED, TRUST))
def trusted_by_other_actions(base: Base) -> Iterator[Mutant]:
    """Trust whom an identity provider knows, and an account by whatever action."""
    account = {"AWS": "arn:aws:iam::111122223333:root"}
    for action, principal in (
        ("sts:AssumeRoleWithWebIdentity", {"Federated": "cognito-identity.amazonaws.com"}),
        ("sts:AssumeRoleWithSAML", {"Federated": "arn:aws:iam::111122223333:saml-provider/proof"}),
        ("sts:*", account),
        ("sts:Assume*", account),
    ):
        yield changed(base, {trust(base, 1): {"Effect": "Allow", "Action": action, "Principal": principal}})


@operator(Form.CONDITIONAL, noticed(VIOLATED, TRUST))
def trusted_by_nobody(base: Base) -> Iterator[Mutant]:
    """Trust Lambda under a condition that its requests never meet."""
    yield changed(base, {trust(base, 0, "Condition"): {"StringEquals": {"sts:ExternalId": "proof"}}})


def _by_the_table(base: Base, effect: str, action: str, principal: object) -> Mutant:
    stated = {"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
    place = (*table(base), "Properties", "ResourcePolicy")
    return changed(base, {place: {"PolicyDocument": _document(stated)}})


@operator(Form.ADDED, noticed(VIOLATED, DATA_PLANE))
def allowed_by_the_table(base: Base) -> Iterator[Mutant]:
    """Allow the role to delete the table, by the table's own policy."""
    yield _by_the_table(base, "Allow", "dynamodb:DeleteTable", arn(role(base)))


@operator(Form.DENY, noticed(VIOLATED, READ))
def role_denied_by_the_table(base: Base) -> Iterator[Mutant]:
    """Deny the role, or all of its account, to read, by the table's own policy."""
    for principal in (arn(role(base)), _ACCOUNT):
        yield _by_the_table(base, "Deny", "dynamodb:GetItem", principal)


@operator(Form.WRONG_PRINCIPAL, noticed(VIOLATED, PUBLIC))
def open_under_no_condition(base: Base) -> Iterator[Mutant]:
    """Open the table to everyone, under a condition that asks for nothing."""
    place = (*table(base), "Properties", "ResourcePolicy")
    stated = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*"}
    yield changed(base, {place: {"PolicyDocument": _document({**stated, "Condition": {"StringEquals": {}}})}})
