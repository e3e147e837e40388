"""The canary: a template in which every decent scanner finds something, so that silence is known for what it is.

It stands beside the templates of a run, and is named by them: a finding in it shows that this folder was scanned. It
violates each rule that policies/agreement.toml names of cfn-lint and checkov, on a resource of the types that the rule
is compared on: a rule that finds nothing in it would agree with whatever there is.

Two of its resources tell scanners to leave them alone. Only waivers waive, so a run must find fault with them, too.

Standard library only: it is read in scanners' own environments.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, Final

PREFIX: Final = "canary-"
"""What the name of a canary begins with, and that of no template."""

_NAME: Final = re.compile(f"{PREFIX}[0-9a-f]{{64}}")


def canary(digests: Iterable[str]) -> str:
    """Return the name of the canary of a set of templates, given by SHA-256 in lower-case hexadecimal.

    It is `canary-` and the SHA-256, in lower-case hexadecimal, of the digests, each once, in order, a line feed behind
    each. Its file is `<name>.template.json`.
    """
    lines = "".join(f"{digest}\n" for digest in sorted(set(digests)))
    return f"{PREFIX}{hashlib.sha256(lines.encode()).hexdigest()}"


def is_canary(name: str) -> bool:
    """Tell whether something is named as the canary of any set of templates."""
    return _NAME.fullmatch(name) is not None


def _table(attribute: str = "id", **attributes: str) -> dict[str, Any]:
    """Return a table without encryption and recovery, whose key is `id`, whatever attribute is defined."""
    return {
        "Type": "AWS::DynamoDB::Table",
        **attributes,
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": "S"}],
            "BillingMode": "NO_SUCH_MODE",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    }


def _role(principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": [principal]}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
    }


_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

_TEMPLATE = {
    "Description": "A canary: wrong on purpose, and never deployed",
    "Parameters": {"Unused": {"Type": "String"}},
    "Resources": {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            # Of what the agreement is about, tables alone shall be found wanting.
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Metadata": {"checkov": {"skip": [{"id": "CKV_AWS_18", "comment": "not obeyed"}]}},
            "Properties": {"AccessControl": "PublicReadWrite"},
        },
        "SecurityGroup": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "Open to all",
                "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"},
                ],
            },
        },
        "Table": _table() | {"Metadata": {"cfn-lint": {"config": {"ignore_checks": ["E3030"]}}}},
        "TableWithOnePolicy": _table("other", UpdateReplacePolicy="Retain"),
        "TableWithNoSuchPolicies": _table(DeletionPolicy="Snapshot", UpdateReplacePolicy="Snapshot"),
        "Certificate": {
            "Type": "AWS::CertificateManager::Certificate",
            "Properties": {"DomainName": "*.example.com"},
        },
        "RoleOfEverybody": _role("*"),
        "RoleOfAnAccount": _role("arn:aws:iam::111122223333:root"),
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyDocument": _EVERYTHING,
                "PolicyName": "everything",
                "Roles": [{"Ref": "RoleOfEverybody"}],
            },
        },
        "ManagedPolicy": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _EVERYTHING}},
    },
}

CANARY: Final[bytes] = json.dumps(_TEMPLATE, indent=1).encode() + b"\n"
"""The template."""
