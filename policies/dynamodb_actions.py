"""DynamoDB's IAM actions, by what they reach.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html), read 2026-11.
"""

from __future__ import annotations


def _actions(names: str) -> tuple[str, ...]:
    return tuple(f"dynamodb:{name}" for name in names.split())


DATA_PLANE = _actions(
    "BatchGetItem BatchWriteItem ConditionCheckItem DeleteItem GetItem GetRecords PartiQLDelete PartiQLInsert"
    " PartiQLSelect PartiQLUpdate PutItem Query Scan SearchVectors UpdateItem"
)
"""What reads and writes the items of a table."""

METADATA = _actions(
    "DescribeBackup DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints DescribeExport"
    " DescribeGlobalTable DescribeGlobalTableSettings DescribeImport DescribeKinesisStreamingDestination DescribeLimits"
    " DescribeReservedCapacity DescribeReservedCapacityOfferings DescribeStream DescribeTable"
    " DescribeTableReplicaAutoScaling DescribeTimeToLive GetAbacStatus GetResourcePolicy GetShardIterator ListBackups"
    " ListContributorInsights ListExports ListGlobalTables ListImports ListStreams ListTables ListTagsOfResource"
)
"""What describes a table and changes nothing."""

CONTROL_PLANE = _actions(
    "AssociateTableReplica CreateBackup CreateGlobalTable CreateGlobalTableWitness CreateTable CreateTableReplica"
    " DeleteBackup DeleteGlobalTableWitness DeleteResourcePolicy DeleteTable DeleteTableReplica"
    " DisableKinesisStreamingDestination EnableKinesisStreamingDestination ExportTableToPointInTime ImportTable"
    " InjectError PurchaseReservedCapacityOfferings PutResourcePolicy ReadDataForReplication ReplicateSettings"
    " RestoreTableFromAwsBackup RestoreTableFromBackup RestoreTableToPointInTime StartAwsBackupJob TagResource"
    " UntagResource UpdateAbacStatus UpdateContinuousBackups UpdateContributorInsights UpdateGlobalTable"
    " UpdateGlobalTableSettings UpdateGlobalTableVersion UpdateKinesisStreamingDestination UpdateTable"
    " UpdateTableReplicaAutoScaling UpdateTimeToLive WriteDataForReplication"
)
"""What creates, changes, copies or deletes a table."""
