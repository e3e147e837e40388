"""Table Encryption: the system SHALL enable encryption at rest for the DynamoDB table."""

from __future__ import annotations

from collections.abc import Iterator

from policies.findings import for_each
from policies.model import Finding, Outcome, rule
from policies.nodes import Node
from policies.replicas import holders
from policies.template import Resource
from policies.values import YES, Truth, any_of
from policies.worlds import World

_MANAGED_KEY = "alias/aws/dynamodb"
_MANAGED_ARN = f"arn:aws:kms:us-east-1:111122223333:{_MANAGED_KEY}"
"""What an ARN of its alias looks like: a parameter whose pattern does not admit it holds no such ARN."""

_EXPECTED = "server-side encryption on, with the AWS managed key alias/aws/dynamodb"
_MEND = "set encryption=dynamodb.TableEncryption.AWS_MANAGED"


@rule()
def encryption_enabled(table: Resource, world: World) -> Iterator[Finding]:
    """The table is encrypted with the AWS managed key.

    Why: `SSESpecification` absent, or `SSEEnabled: false`, means a key that AWS owns, which leaves no trail in
    CloudTrail; any other `KMSMasterKeyId` is a customer managed key, which the spec does not ask for.

    Bad: no `SSESpecification`, or `SSEEnabled: false`.

    Good: `SSESpecification: {SSEEnabled: true}`.

    References: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """
    specification = world.properties(table).get("SSESpecification")
    disabled = list(for_each([specification.get("SSEEnabled")], _disabled))
    yield from disabled
    if all(finding.outcome is Outcome.UNDETERMINED for finding in disabled):
        # Where encryption is perhaps off, another key is wrong all the same: off is no better.
        keys = [holder.get("SSESpecification", "KMSMasterKeyId") for holder in holders(table, world)]
        yield from for_each(keys, _of_another_owner)
        yield from for_each([specification.get("SSEType")], _of_another_type)


def _disabled(enabled: Node) -> Iterator[Finding]:
    if not enabled.boolean(default=False):
        yield Finding("the table is encrypted with a key that AWS owns", enabled.path, enabled.found, _EXPECTED, _MEND)


def _of_another_owner(key: Node) -> Iterator[Finding]:
    if key.exists and not _is_managed_key(key):
        yield Finding("the table is encrypted with a customer managed key", key.path, key.found, _EXPECTED, _MEND)


def _of_another_type(kind: Node) -> Iterator[Finding]:
    if not kind.equals("KMS", default="KMS"):
        yield Finding(f"DynamoDB has no encryption of type {kind.said()}", kind.path, kind.found, "KMS", _MEND)


def _is_managed_key(key: Node) -> Truth:
    """Tell whether a key is the AWS managed one, by its alias or the alias's ARN."""
    named = key.text()
    if any(isinstance(end, str) and end.endswith(f":{_MANAGED_KEY}") for end in named.parts[-1:]):
        return YES
    return any_of(key.world.becomes(named, name) for name in (_MANAGED_KEY, _MANAGED_ARN))
