"""Table Key Schema: what the rules reject, accept and cannot tell."""

import pytest

from policies.model import Finding, Verdict
from tests.policies.templates import (
    ABSENT,
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
    PROD,
    TABLE,
    Document,
    Expected,
    case,
    for_every_rule,
    global_table,
    mismatch,
    two_tables,
    verdict,
    verdicts,
)

PARTITION_KEY = Expected("dynamodb-storage#table-key-schema/partition-key-defined")
NO_SORT_KEY = Expected("dynamodb-storage#table-key-schema/no-sort-key-required")
REMEDY = "set partition_key=dynamodb.Attribute(name='id', type=dynamodb.AttributeType.STRING)"

KEYS = TABLE + "KeySchema"
ATTRIBUTES = TABLE + "AttributeDefinitions"
AT_KEYS = "$.Resources.Table.Properties.KeySchema"
AT_ATTRIBUTES = "$.Resources.Table.Properties.AttributeDefinitions"
HASH = {"AttributeName": "id", "KeyType": "HASH"}
RANGE = {"AttributeName": "at", "KeyType": "RANGE"}
AT_AS_STRING = {"AttributeName": "at", "AttributeType": "S"}
INDEX = {"IndexName": "ByTime", "KeySchema": [HASH, RANGE], "Projection": {"ProjectionType": "ALL"}}
RANGE_IN_PROD = {"Fn::If": ["IsProd", RANGE, NO_VALUE]}
ANY_NAME = {"Parameters.Key": {"Type": "String", "Default": "id"}, f"{KEYS}.0.AttributeName": {"Ref": "Key"}}
MANY_ATTRIBUTES = {
    **{f"Parameters.With{i}": {"Type": "String"} for i in range(10)},
    **{f"Conditions.With{i}": {"Fn::Equals": [{"Ref": f"With{i}"}, "yes"]} for i in range(10)},
    **{f"{ATTRIBUTES}.{i + 1}": {"Fn::If": [f"With{i}", AT_AS_STRING, NO_VALUE]} for i in range(10)},
}
NEVER_ID: tuple[dict[str, object], ...] = ({"MinLength": 3}, {"MaxLength": 1}, {"AllowedPattern": "x+"})
ANY_KIND = {"Parameters.Kind": {"Type": "String"}, f"{KEYS}.0.KeyType": {"Ref": "Kind"}}


def keys(found: object, number: str, path: str = AT_KEYS) -> Finding:
    """Return the finding of a key schema without exactly one partition key."""
    return Finding(f"the table has {number}", path, found, "one key of KeyType HASH, named id", REMEDY)


def named(name: str, found: object) -> Finding:
    """Return the finding of a partition key with another name."""
    return Finding(f"the partition key is named {name}", f"{AT_KEYS}[0].AttributeName", found, "id", REMEDY)


def typed(kind: str, found: object, path: str = f"{AT_ATTRIBUTES}[0].AttributeType") -> Finding:
    """Return the finding of a partition key of another type."""
    return Finding(f"the partition key id is of type {kind}", path, found, "S", REMEDY)


def undefined(found: object) -> Finding:
    """Return the finding of a partition key without a type."""
    return Finding(
        "the partition key id has no attribute definition",
        AT_ATTRIBUTES,
        found,
        "an attribute definition of id with AttributeType S",
        REMEDY,
    )


def sorts(path: str = f"{AT_KEYS}[1]", found: object = RANGE) -> Finding:
    """Return the finding of a sort key."""
    return Finding(
        "the table has a sort key",
        path,
        found,
        "no key of KeyType RANGE",
        "leave out sort_key of the table's properties; put it on an index where one is needed",
    )


@pytest.mark.scenario("dynamodb-storage#table-key-schema/partition-key-defined")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(PARTITION_KEY),
        # Accepted
        case("with-sort-key", {f"{KEYS}.1": RANGE}, PARTITION_KEY.compliant()),
        case("no-value-beside-it", {f"{KEYS}.1": NO_VALUE}, PARTITION_KEY.compliant()),
        case("other-attributes", {f"{ATTRIBUTES}.1": AT_AS_STRING}, PARTITION_KEY.compliant()),
        case(
            "another-string-of-any-name",
            {
                "Parameters.Key": {"Type": "String"},
                f"{ATTRIBUTES}.1": {"AttributeName": {"Ref": "Key"}, "AttributeType": "S"},
            },
            PARTITION_KEY.compliant(),
        ),
        case(
            "another-attribute-in-one-world",
            {**IS_PROD, f"{ATTRIBUTES}.1": {"Fn::If": ["IsProd", AT_AS_STRING, NO_VALUE]}},
            PARTITION_KEY.compliant(),
        ),
        case("other-attributes-in-a-thousand-worlds", MANY_ATTRIBUTES, PARTITION_KEY.compliant()),
        # Rejected
        case("missing", {KEYS: ABSENT}, PARTITION_KEY.rejected(keys(None, "no partition key"))),
        case("no-value", {KEYS: NO_VALUE}, PARTITION_KEY.rejected(keys(NO_VALUE, "no partition key"))),
        case("empty", {KEYS: []}, PARTITION_KEY.rejected(keys([], "no partition key"))),
        case("sort-key-only", {KEYS: [RANGE]}, PARTITION_KEY.rejected(keys([RANGE], "no partition key"))),
        case(
            "two-partition-keys", {KEYS: [HASH, HASH]}, PARTITION_KEY.rejected(keys([HASH, HASH], "2 partition keys"))
        ),
        case(
            "object-for-a-list",
            {KEYS: HASH},
            PARTITION_KEY.rejected(mismatch(AT_KEYS, HASH, "a list")),
        ),
        case("other-name", {f"{KEYS}.0.AttributeName": "pk"}, PARTITION_KEY.rejected(named("pk", "pk"))),
        case("other-case", {f"{KEYS}.0.AttributeName": "ID"}, PARTITION_KEY.rejected(named("ID", "ID"))),
        case("number", {f"{ATTRIBUTES}.0.AttributeType": "N"}, PARTITION_KEY.rejected(typed("N", "N"))),
        case(
            "no-type-of-dynamodb",
            {f"{ATTRIBUTES}.0.AttributeType": "String"},
            PARTITION_KEY.rejected(typed("String", "String")),
        ),
        case(
            "definition-for-a-list",
            {ATTRIBUTES: {"AttributeName": "id", "AttributeType": "S"}},
            PARTITION_KEY.rejected(mismatch(AT_ATTRIBUTES, {"AttributeName": "id", "AttributeType": "S"}, "a list")),
        ),
        case("no-definitions", {ATTRIBUTES: ABSENT}, PARTITION_KEY.rejected(undefined(None))),
        case(
            "no-definition-of-the-key", {ATTRIBUTES: [AT_AS_STRING]}, PARTITION_KEY.rejected(undefined([AT_AS_STRING]))
        ),
        pytest.param(
            global_table({f"{ATTRIBUTES}.0.AttributeType": "B"}),
            PARTITION_KEY.rejected(typed("B", "B")),
            id="global-table-binary",
        ),
        case(
            "other-name-in-one-world",
            {**IS_PROD, f"{KEYS}.0.AttributeName": {"Fn::If": ["IsProd", "id", "pk"]}},
            PARTITION_KEY.rejected(named("pk", {"Fn::If": ["IsProd", "id", "pk"]}), *NOT_PROD),
        ),
        case(
            "parameter-allows-number",
            {
                "Parameters.Kind": {"Type": "String", "AllowedValues": ["S", "N"], "Default": "S"},
                f"{ATTRIBUTES}.0.AttributeType": {"Ref": "Kind"},
            },
            PARTITION_KEY.rejected(typed("N", {"Ref": "Kind"}), 'Kind is "N"'),
        ),
        *(
            case(
                f"parameter-that-is-no-id-{i}",
                {"Parameters.Key": {"Type": "String", **declared}, f"{KEYS}.0.AttributeName": {"Ref": "Key"}},
                PARTITION_KEY.rejected(named("${Key}", {"Ref": "Key"})),
            )
            for i, declared in enumerate(NEVER_ID)
        ),
        case(
            "parameter-with-a-prefix",
            {"Parameters.Key": {"Type": "String"}, f"{KEYS}.0.AttributeName": {"Fn::Sub": "x${Key}"}},
            PARTITION_KEY.rejected(named("x${Key}", {"Fn::Sub": "x${Key}"})),
        ),
        case(
            "number-whatever-it-is-named",
            {**ANY_NAME, ATTRIBUTES: [{"AttributeName": {"Ref": "Key"}, "AttributeType": "N"}]},
            PARTITION_KEY.rejected(typed("N", "N")),
        ),
        case(
            "other-name-whatever-the-definitions",
            {f"{KEYS}.0.AttributeName": "pk", f"{ATTRIBUTES}.0.AttributeName": {"Fn::Select": ["9", ["id"]]}},
            PARTITION_KEY.rejected(named("pk", "pk")),
        ),
        # Undetermined
        case(
            "definitions-by-a-macro",
            {ATTRIBUTES: {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/a.yaml"}}}},
            PARTITION_KEY.undetermined("what Fn::Transform gives is known at deployment only", AT_ATTRIBUTES),
        ),
        case(
            "parameter-names-a-definition",
            {"Parameters.Key": {"Type": "String"}, f"{ATTRIBUTES}.0.AttributeName": {"Ref": "Key"}},
            PARTITION_KEY.undetermined("parameter Key may be given any value", AT_ATTRIBUTES),
        ),
        case(
            "parameter-names-it",
            ANY_NAME,
            PARTITION_KEY.undetermined("parameter Key may be given any value", f"{AT_KEYS}[0].AttributeName"),
        ),
        case(
            "parameter-is-the-key-type",
            ANY_KIND,
            PARTITION_KEY.undetermined("parameter Kind may be given any value", f"{AT_KEYS}[0].KeyType"),
        ),
    ],
)
def test_partition_key_defined(document: Document, expected: Verdict) -> None:
    """A table has a partition key named id of type String."""
    assert verdict(document, "table-key-schema/partition-key-defined") == expected


@pytest.mark.scenario("dynamodb-storage#table-key-schema/no-sort-key-required")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(NO_SORT_KEY),
        # Accepted
        case("no-value-for-a-sort-key", {f"{KEYS}.1": NO_VALUE}, NO_SORT_KEY.compliant()),
        case("sort-key-of-an-index", {TABLE + "GlobalSecondaryIndexes": [INDEX]}, NO_SORT_KEY.compliant()),
        # Rejected
        *(
            case(name, {KEYS: value}, NO_SORT_KEY.rejected(mismatch(AT_KEYS, found, "a key schema")))
            for name, value, found in (("missing", ABSENT, None), ("no-value", NO_VALUE, NO_VALUE), ("empty", [], []))
        ),
        case("sort-key", {f"{KEYS}.1": RANGE}, NO_SORT_KEY.rejected(sorts())),
        case("sort-key-first", {KEYS: [RANGE, HASH]}, NO_SORT_KEY.rejected(sorts(f"{AT_KEYS}[0]"))),
        pytest.param(global_table({f"{KEYS}.1": RANGE}), NO_SORT_KEY.rejected(sorts()), id="global-table-sort-key"),
        case(
            "sort-key-in-one-world",
            {**IS_PROD, f"{KEYS}.1": RANGE_IN_PROD},
            NO_SORT_KEY.rejected(sorts(found=RANGE_IN_PROD), *PROD),
        ),
        case(
            "list-for-an-object",
            {KEYS: [["id", "HASH"]]},
            NO_SORT_KEY.rejected(mismatch(f"{AT_KEYS}[0]", ["id", "HASH"], "an object")),
        ),
        # Undetermined
        case(
            "parameter-is-the-key-type",
            ANY_KIND,
            NO_SORT_KEY.undetermined("parameter Kind may be given any value", f"{AT_KEYS}[0].KeyType"),
        ),
    ],
)
def test_no_sort_key_required(document: Document, expected: Verdict) -> None:
    """A table's own key schema has no sort key, whatever its indexes have."""
    assert verdict(document, "table-key-schema/no-sort-key-required") == expected


@pytest.mark.scenario("dynamodb-storage#table-key-schema/partition-key-defined")
def test_partition_key_of_each_table() -> None:
    """The key of one table says nothing of another's."""
    changes = {"Resources.Second.Properties.KeySchema.0.AttributeName": "pk"}
    found = Finding(
        "the partition key is named pk", "$.Resources.Second.Properties.KeySchema[0].AttributeName", "pk", "id", REMEDY
    )
    assert verdicts(two_tables(changes), "table-key-schema/partition-key-defined") == [
        PARTITION_KEY.compliant(),
        PARTITION_KEY.rejected(found, resource="Second"),
    ]


@pytest.mark.scenario("dynamodb-storage#table-key-schema/no-sort-key-required")
def test_sort_key_of_each_table() -> None:
    """The sort key of one table says nothing of another's."""
    document = two_tables({"Resources.Second.Properties.KeySchema.1": RANGE})
    assert verdicts(document, "table-key-schema/no-sort-key-required") == [
        NO_SORT_KEY.compliant(),
        NO_SORT_KEY.rejected(sorts("$.Resources.Second.Properties.KeySchema[1]"), resource="Second"),
    ]
