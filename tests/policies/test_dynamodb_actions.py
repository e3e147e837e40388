"""DynamoDB's actions, compared with the operations that botocore knows and with what AWS's managed policies name."""

import json
import re

import botocore.session
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policies.dynamodb_actions import CONTROL_PLANE, DATA_PLANE, METADATA

ACTIONS = (*DATA_PLANE, *METADATA, *CONTROL_PLANE)

READ_OR_WRITE_ITEMS = {
    *("GetItem", "BatchGetItem", "Query", "Scan", "GetRecords", "SearchVectors"),
    *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem"),
    *("PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"),
}
BY_OTHER_ACTIONS = {
    *("BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"),
    *("TransactGetItems", "TransactWriteItems"),
}
"""Operations that are authorised by the actions on the items that they read and write."""
NO_OPERATIONS = {
    *("ConditionCheckItem", "PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"),
    *("AssociateTableReplica", "CreateTableReplica", "DeleteTableReplica", "ReplicateSettings"),
    *("CreateGlobalTableWitness", "DeleteGlobalTableWitness", "UpdateGlobalTableVersion"),
    *("ReadDataForReplication", "WriteDataForReplication", "InjectError", "GetAbacStatus", "UpdateAbacStatus"),
    *("DescribeReservedCapacity", "DescribeReservedCapacityOfferings", "PurchaseReservedCapacityOfferings"),
    *("RestoreTableFromAwsBackup", "StartAwsBackupJob"),
}
"""Actions that the Service Authorization Reference lists, and which are no operations of the API."""


def names(actions: tuple[str, ...]) -> set[str]:
    """Return the names of actions, without the service's."""
    return {action.removeprefix("dynamodb:") for action in actions}


def test_each_once() -> None:
    """Each action is DynamoDB's, and reaches one thing."""
    assert all(action.startswith("dynamodb:") for action in ACTIONS)
    assert len(set(ACTIONS)) == len(ACTIONS)


def test_operations() -> None:
    """Every operation of DynamoDB and its streams has its action, but for those authorised by others."""
    session = botocore.session.get_session()
    services = [session.get_service_model(name) for name in ("dynamodb", "dynamodbstreams")]
    operations = {name for service in services for name in service.operation_names}
    assert names(ACTIONS) == (operations - BY_OTHER_ACTIONS) | NO_OPERATIONS


def test_managed_policies() -> None:
    """Every action that a managed policy of AWS's names is known, in whichever case it is written there."""
    document = json.dumps(json.loads(aws_managed_policies_data))
    named = {action.lower() for action in re.findall('"(dynamodb:[A-Za-z]+)"', document)}
    assert named - {action.lower() for action in ACTIONS} == set()


def test_what_they_reach() -> None:
    """The data plane reads and writes items; what describes, lists or gets anything else changes nothing."""
    assert names(DATA_PLANE) == READ_OR_WRITE_ITEMS
    asking = {name for name in names(ACTIONS) if name.startswith(("Describe", "Get", "List"))}
    assert names(METADATA) == asking - READ_OR_WRITE_ITEMS
