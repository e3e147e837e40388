"""Table Encryption: what the rule rejects, accepts and cannot tell."""

from collections.abc import Mapping

import pytest

from policies.model import Finding, Verdict
from tests.policies.templates import (
    ABSENT,
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
    TABLE,
    Changes,
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

ENCRYPTED = Expected("dynamodb-storage#table-encryption/encryption-enabled")
WANTED = "server-side encryption on, with the AWS managed key alias/aws/dynamodb"
REMEDY = "set encryption=dynamodb.TableEncryption.AWS_MANAGED"

SSE = TABLE + "SSESpecification"
AT_SSE = "$.Resources.Table.Properties.SSESpecification"
INCLUDE = {"Name": "AWS::Include", "Parameters": {"Location": "s3://bucket/part.yaml"}}
LONGER_ARN = {"Fn::Sub": "arn:aws:kms:${AWS::Region}:1:alias/aws/dynamodb${More}"}
KMS_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def owned(path: str = f"{AT_SSE}.SSEEnabled", found: object = None) -> Finding:
    """Return the finding of a table whose key AWS owns."""
    return Finding("the table is encrypted with a key that AWS owns", path, found, WANTED, REMEDY)


def customer(found: object, path: str = f"{AT_SSE}.KMSMasterKeyId") -> Finding:
    """Return the finding of a table whose key the customer manages."""
    return Finding("the table is encrypted with a customer managed key", path, found, WANTED, REMEDY)


def no_boolean(path: str, found: object) -> Finding:
    """Return the finding of what should be a boolean."""
    return mismatch(path, found, "true or false")


def off_where(parameter: Mapping[str, object], value: object) -> Changes:
    """Return the changes that leave the table unencrypted where a parameter has a value."""
    return {
        "Parameters.Given": parameter,
        "Conditions.IsOff": {"Fn::Equals": [{"Ref": "Given"}, value]},
        f"{SSE}.SSEEnabled": {"Fn::If": ["IsOff", False, True]},
    }


@pytest.mark.scenario("dynamodb-storage#table-encryption/encryption-enabled")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(ENCRYPTED),
        # Accepted
        case("string-true", {f"{SSE}.SSEEnabled": "true"}, ENCRYPTED.compliant()),
        case("type-kms", {f"{SSE}.SSEType": "KMS"}, ENCRYPTED.compliant()),
        case("managed-key-by-alias", {f"{SSE}.KMSMasterKeyId": "alias/aws/dynamodb"}, ENCRYPTED.compliant()),
        case(
            "managed-key-by-arn",
            {f"{SSE}.KMSMasterKeyId": {"Fn::Sub": "arn:aws:kms:${AWS::Region}:1:alias/aws/dynamodb"}},
            ENCRYPTED.compliant(),
        ),
        case(
            "managed-key-by-literal-arn",
            {f"{SSE}.KMSMasterKeyId": "arn:aws:kms:eu-west-1:1:alias/aws/dynamodb"},
            ENCRYPTED.compliant(),
        ),
        case("key-no-value", {f"{SSE}.KMSMasterKeyId": NO_VALUE}, ENCRYPTED.compliant()),
        case(
            "on-in-both-worlds",
            {**IS_PROD, f"{SSE}.SSEEnabled": {"Fn::If": ["IsProd", True, True]}},
            ENCRYPTED.compliant(),
        ),
        case(
            "parameter-allows-on-only",
            {"Parameters.Sse": {"Type": "String", "AllowedValues": ["true"]}, f"{SSE}.SSEEnabled": {"Ref": "Sse"}},
            ENCRYPTED.compliant(),
        ),
        *(
            case(f"off-in-no-world-by-{name}", off_where(parameter, value), ENCRYPTED.compliant())
            for name, parameter, value in (
                ("least-length", {"Type": "String", "MinLength": 1}, ""),
                ("least-length-as-text", {"Type": "String", "MinLength": "3"}, "ab"),
                ("greatest-length", {"Type": "String", "MaxLength": 2}, "abc"),
                ("least-value", {"Type": "Number", "MinValue": 1}, "0"),
                ("greatest-value", {"Type": "Number", "MaxValue": 1}, 2),
                ("kind-of-resource", {"Type": "AWS::EC2::VPC::Id"}, ""),
            )
        ),
        # Rejected
        case("missing", {SSE: ABSENT}, ENCRYPTED.rejected(owned())),
        case("no-value", {SSE: NO_VALUE}, ENCRYPTED.rejected(owned())),
        case("empty", {SSE: {}}, ENCRYPTED.rejected(owned())),
        case("literal-false", {f"{SSE}.SSEEnabled": False}, ENCRYPTED.rejected(owned(found=False))),
        case("string-false", {f"{SSE}.SSEEnabled": "false"}, ENCRYPTED.rejected(owned(found="false"))),
        case("no-boolean", {f"{SSE}.SSEEnabled": "yes"}, ENCRYPTED.rejected(no_boolean(f"{AT_SSE}.SSEEnabled", "yes"))),
        case(
            "list-for-an-object",
            {SSE: [{"SSEEnabled": True}]},
            ENCRYPTED.rejected(mismatch(AT_SSE, [{"SSEEnabled": True}], "an object")),
        ),
        case(
            "type-aes256",
            {f"{SSE}.SSEType": "AES256"},
            ENCRYPTED.rejected(
                Finding("DynamoDB has no encryption of type AES256", f"{AT_SSE}.SSEType", "AES256", "KMS", REMEDY)
            ),
        ),
        case("customer-key-by-arn", {f"{SSE}.KMSMasterKeyId": KMS_KEY_ARN}, ENCRYPTED.rejected(customer(KMS_KEY_ARN))),
        case(
            "customer-key-by-alias",
            {f"{SSE}.KMSMasterKeyId": "alias/orders"},
            ENCRYPTED.rejected(customer("alias/orders")),
        ),
        case(
            "more-than-the-managed-key's-arn",
            {"Parameters.More": {"Type": "String", "MinLength": 1}, f"{SSE}.KMSMasterKeyId": LONGER_ARN},
            ENCRYPTED.rejected(customer(LONGER_ARN)),
        ),
        case("key-of-no-name", {f"{SSE}.KMSMasterKeyId": ""}, ENCRYPTED.rejected(customer(""))),
        case(
            "customer-key-where-perhaps-off",
            {
                "Parameters.Sse": {"Type": "String"},
                SSE: {"SSEEnabled": {"Ref": "Sse"}, "KMSMasterKeyId": KMS_KEY_ARN},
            },
            ENCRYPTED.rejected(customer(KMS_KEY_ARN)),
        ),
        case(
            "off-whatever-the-key",
            {SSE: {"SSEEnabled": False, "KMSMasterKeyId": {"Fn::Select": ["9", ["alias/aws/dynamodb"]]}}},
            ENCRYPTED.rejected(owned(found=False)),
        ),
        case(
            "customer-key-of-the-stack",
            {"Resources.Key.Type": "AWS::KMS::Key", f"{SSE}.KMSMasterKeyId": {"Ref": "Key"}},
            ENCRYPTED.rejected(customer({"Ref": "Key"})),
        ),
        pytest.param(
            global_table({TABLE + "Replicas.1.SSESpecification": {"KMSMasterKeyId": KMS_KEY_ARN}}),
            ENCRYPTED.rejected(
                customer(KMS_KEY_ARN, "$.Resources.Table.Properties.Replicas[1].SSESpecification.KMSMasterKeyId")
            ),
            id="global-table-customer-key-of-one-replica",
        ),
        pytest.param(
            global_table({TABLE + "Replicas": []}),
            ENCRYPTED.rejected(mismatch("$.Resources.Table.Properties.Replicas", [], "at least one replica")),
            id="global-table-without-replicas",
        ),
        pytest.param(global_table({SSE: ABSENT}), ENCRYPTED.rejected(owned()), id="global-table-missing"),
        case(
            "missing-in-one-world",
            {**IS_PROD, SSE: {"Fn::If": ["IsProd", {"SSEEnabled": True}, NO_VALUE]}},
            ENCRYPTED.rejected(owned(f"{AT_SSE}['Fn::If'][2].SSEEnabled"), *NOT_PROD),
        ),
        case(
            "off-in-one-world",
            {**IS_PROD, f"{SSE}.SSEEnabled": {"Fn::If": ["IsProd", True, False]}},
            ENCRYPTED.rejected(owned(found={"Fn::If": ["IsProd", True, False]}), *NOT_PROD),
        ),
        case(
            "parameter-allows-off",
            {
                "Parameters.Sse": {"Type": "String", "AllowedValues": ["true", "false"], "Default": "true"},
                f"{SSE}.SSEEnabled": {"Ref": "Sse"},
            },
            ENCRYPTED.rejected(owned(found={"Ref": "Sse"}), 'Sse is "false"'),
        ),
        case(
            "off-for-a-value-that-may-be",
            off_where({"Type": "String", "MinLength": 1}, "a"),
            ENCRYPTED.rejected(owned(found={"Fn::If": ["IsOff", False, True]}), "IsOff is true", 'Given is "a"'),
        ),
        # Undetermined
        case(
            "condition-by-a-macro",
            {"Conditions.Fn::Transform": INCLUDE, "Resources.Table.Condition": "Later"},
            ENCRYPTED.undetermined("a macro may define the condition Later at deployment", "$.Conditions"),
        ),
        case(
            "mapping-by-a-macro",
            {"Mappings.Fn::Transform": INCLUDE, f"{SSE}.SSEEnabled": {"Fn::FindInMap": ["Later", "a", "b"]}},
            ENCRYPTED.undetermined("a macro may define the mapping at deployment", f"{AT_SSE}.SSEEnabled"),
        ),
        case(
            "mapping-by-a-macro-within",
            {"Mappings.Later.a.Fn::Transform": INCLUDE, f"{SSE}.SSEEnabled": {"Fn::FindInMap": ["Later", "a", "b"]}},
            ENCRYPTED.undetermined("a macro may define the mapping at deployment", f"{AT_SSE}.SSEEnabled"),
        ),
        case(
            "parameter",
            {"Parameters.Sse": {"Type": "String", "Default": "true"}, f"{SSE}.SSEEnabled": {"Ref": "Sse"}},
            ENCRYPTED.undetermined("parameter Sse may be given any value", f"{AT_SSE}.SSEEnabled"),
        ),
        case(
            "ssm-parameter",
            {
                "Parameters.Sse": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/sse"},
                f"{SSE}.SSEEnabled": {"Ref": "Sse"},
            },
            ENCRYPTED.undetermined(
                "parameter Sse is read from the SSM Parameter Store at deployment", f"{AT_SSE}.SSEEnabled"
            ),
        ),
        case(
            "key-by-parameter",
            {"Parameters.Key": {"Type": "String"}, f"{SSE}.KMSMasterKeyId": {"Ref": "Key"}},
            ENCRYPTED.undetermined("parameter Key may be given any value", None),
        ),
    ],
)
def test_encryption_enabled(document: Document, expected: Verdict) -> None:
    """A table is encrypted with the AWS managed key, in every world."""
    assert verdict(document, "table-encryption/encryption-enabled") == expected


@pytest.mark.scenario("dynamodb-storage#table-encryption/encryption-enabled")
def test_each_table_by_itself() -> None:
    """One table that is not encrypted says nothing of another."""
    document = two_tables({"Resources.Second.Properties.SSESpecification": ABSENT})
    assert verdicts(document, "table-encryption/encryption-enabled") == [
        ENCRYPTED.compliant(),
        ENCRYPTED.rejected(owned("$.Resources.Second.Properties.SSESpecification.SSEEnabled"), resource="Second"),
    ]
