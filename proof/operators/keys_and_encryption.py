"""A second key, a sort key, keys of encryption, and the same said in other words.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table SSESpecification"; Amazon DynamoDB Developer
Guide, "DynamoDB encryption at rest".
"""

from __future__ import annotations

from collections.abc import Iterator

from proof.bases import Base
from proof.making import (
    CHOICES,
    OPEN,
    REFUSED,
    UNKNOWN,
    UNKNOWNS,
    VIOLATED,
    changed,
    either,
    noticed,
    operator,
    ref,
    table,
    with_twin,
)
from proof.model import Form, Mutant
from proof.places import Place
from proof.scenarios import ENCRYPTION, KEY, NO_SORT_KEY

_SORT_KEY = {"AttributeName": "at", "KeyType": "RANGE"}
_SECOND_KEY = {"AttributeName": "at", "KeyType": "HASH"}
_NO_VALUE = {"Ref": "AWS::NoValue"}
_AT = {"AttributeName": "at", "AttributeType": "S"}


def _property(base: Base, *keys: str | int) -> Place:
    return (*table(base), "Properties", *keys)


@operator(Form.ADDED, noticed(VIOLATED, NO_SORT_KEY))
def sort_key(base: Base) -> Iterator[Mutant]:
    """Add a sort key, before the partition key and behind it."""
    attribute = {_property(base, "AttributeDefinitions", 1): _AT}
    hash_key = {"AttributeName": "id", "KeyType": "HASH"}
    yield changed(base, {_property(base, "KeySchema", 1): _SORT_KEY, **attribute})
    yield changed(base, {_property(base, "KeySchema"): [_SORT_KEY, hash_key], **attribute})


@operator(Form.CONDITIONAL, noticed(VIOLATED, NO_SORT_KEY))
def sort_key_perhaps(base: Base) -> Iterator[Mutant]:
    """Add a sort key in one world only, by default and otherwise."""
    for branches in ((_SORT_KEY, _NO_VALUE), (_NO_VALUE, _SORT_KEY)):
        yield changed(
            base,
            {
                _property(base, "KeySchema", 1): either(*branches),
                _property(base, "AttributeDefinitions", 1): _AT,
                **CHOICES,
            },
        )


@operator(Form.ADDED, noticed(VIOLATED, KEY))
def second_partition_key(base: Base) -> Iterator[Mutant]:
    """Add a second partition key."""
    yield changed(base, {_property(base, "KeySchema", 1): _SECOND_KEY, _property(base, "AttributeDefinitions", 1): _AT})


@operator(Form.WRONG_LITERAL, noticed(VIOLATED, KEY))
def key_type_in_small_letters(base: Base) -> Iterator[Mutant]:
    """State the partition key's type in small letters, which DynamoDB does not know."""
    yield changed(base, {_property(base, "AttributeDefinitions", 0, "AttributeType"): "s"})


@operator(Form.HARMLESS, {})
def index_with_sort_key(base: Base) -> Iterator[Mutant]:
    """Add an index with a sort key, which the table's own key schema is not."""
    index = {
        "IndexName": "by-time",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, _SORT_KEY],
        "Projection": {"ProjectionType": "ALL"},
    }
    attribute = {_property(base, "AttributeDefinitions", 1): _AT}
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        yield changed(base, {_property(base, kind): [index], **attribute})


@operator(Form.HARMLESS, {})
def second_sound_table(base: Base) -> Iterator[Mutant]:
    """Add a second table as sound as the first."""
    yield with_twin(base, {})


@operator(Form.WRONG_LITERAL, noticed(VIOLATED, ENCRYPTION))
def customer_key(base: Base) -> Iterator[Mutant]:
    """Encrypt with a key of the customer's: by id, ARN, alias, and as a resource of the template."""
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    place = _property(base, "SSESpecification", "KMSMasterKeyId")
    aliases = ("alias/worthwatch", "alias/aws/s3", "alias/dynamodb", "alias/not-aws/dynamodb")
    arns = (f"arn:aws:kms:us-east-1:111122223333:{one}" for one in (f"key/{key}", "alias/own/alias/aws/dynamodb"))
    for named in (key, *aliases, *arns):
        yield changed(base, {place: named})
    resource = ("Resources", "ProofKey")
    yield changed(base, {place: ref(resource), resource: {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}}})


@operator(Form.CONDITIONAL, noticed(VIOLATED, ENCRYPTION))
def customer_key_perhaps(base: Base) -> Iterator[Mutant]:
    """Encrypt with a key of the customer's in one world only."""
    place = _property(base, "SSESpecification", "KMSMasterKeyId")
    for branches in (("alias/worthwatch", _NO_VALUE), ("alias/aws/dynamodb", "alias/worthwatch")):
        yield changed(base, {place: either(*branches), **CHOICES})


@operator(Form.UNKNOWN, noticed(OPEN, ENCRYPTION))
def unknown_key(base: Base) -> Iterator[Mutant]:
    """Encrypt with whatever key a parameter names."""
    yield changed(base, {_property(base, "SSESpecification", "KMSMasterKeyId"): {"Ref": UNKNOWN}, **UNKNOWNS})


@operator(Form.WRONG_LITERAL, noticed(REFUSED, ENCRYPTION))
def type_of_encryption(base: Base) -> Iterator[Mutant]:
    """Ask for a type of encryption that DynamoDB has not."""
    for kind in ("AES256", "kms", ""):
        yield changed(base, {_property(base, "SSESpecification", "SSEType"): kind})


@operator(Form.HARMLESS, {})
def encryption_in_other_words(base: Base) -> Iterator[Mutant]:
    """Say the same of encryption in other words, and under conditions that change nothing."""
    enabled = _property(base, "SSESpecification", "SSEEnabled")
    yield changed(base, {enabled: "true"})
    yield changed(base, {enabled: either(value=True, otherwise="true"), **CHOICES})
    yield changed(base, {enabled: {"Fn::If": ["Never", False, True]}, ("Conditions", "Never"): _NEVER})
    yield changed(base, {_property(base, "SSESpecification", "SSEType"): "KMS"})
    yield changed(base, {_property(base, "SSESpecification", "KMSMasterKeyId"): "alias/aws/dynamodb"})
    yield changed(base, {("Mappings", "Tables"): {"all": {"encrypted": "true"}}, enabled: _MAPPED})


_NEVER = {"Fn::Equals": ["one", "other"]}
_MAPPED = {"Fn::FindInMap": ["Tables", "all", "encrypted"]}


@operator(Form.ADDED, noticed(VIOLATED, ENCRYPTION))
def mapping_that_differs(base: Base) -> Iterator[Mutant]:
    """Take from a mapping, by the region, whether the table is encrypted: in one region it is not."""
    regions = {"eu-central-1": {"encrypted": "true"}, "us-east-1": {"encrypted": "false"}}
    found = {"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "encrypted"]}
    yield changed(base, {_property(base, "SSESpecification", "SSEEnabled"): found, ("Mappings", "Regions"): regions})


@operator(Form.MOVED, noticed(VIOLATED, ENCRYPTION))
def encryption_of_the_other_table(base: Base) -> Iterator[Mutant]:
    """Let the second table be encrypted, and the first not."""
    yield with_twin(base, {_property(base, "SSESpecification", "SSEEnabled"): False})
