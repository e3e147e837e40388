"""Findings about whole resources: a waiver covers them while what the rule judges there stays as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gate.exemptions import Exemptions
from gate.scans import Others, Scans, read_scans
from policies.waiver_model import Waiver
from policies.waiving import Kind
from scanners.canary import canary
from tests.gate.scanned import TODAY, digest, found, judged, line, scan
from tests.policies.waivers import waiver
from tests.scanners.logs import Json, log, run

Document = dict[str, Any]

NETWORK, TABLE, FUNCTION, SUBNET = (
    "Stack/Network/Resource",
    "Stack/Table/Resource",
    "Stack/Function/Resource",
    "Stack/Net",
)
PATHS = {"Network9B93": NETWORK, "Table201F": TABLE, "Function43A0": FUNCTION, "Net7C1D": SUBNET}

TEMPLATE: Document = {
    "Resources": {
        "Network9B93": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "PolicyDocument": {
                    "Statement": [
                        {"Action": ["ec2:CreateNetworkInterface"], "Effect": "Allow", "Resource": "*", "Sid": "Network"}
                    ],
                    "Version": "2012-10-17",
                },
                "Roles": [{"Ref": "Role8EE0"}],
            },
            "Metadata": {"aws:cdk:path": NETWORK},
        },
        "Table201F": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True},
            },
            "DeletionPolicy": "Retain",
        },
        "Function43A0": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"S3Key": f"{'a' * 64}.zip"},
                "Environment": {"Variables": {"NAME": {"Ref": "Table201F"}}},
                "Role": {"Fn::GetAtt": ["Role8EE0", "Arn"]},
            },
            "DependsOn": ["Network9B93"],
        },
        "Net7C1D": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-central-1a"}},
        "Role8EE0": {"Type": "AWS::IAM::Role", "Properties": {}},
    }
}


def changed(path: str, value: object) -> Document:
    """Return the template with a value at a path of steps between dots below its resources, None taking away."""
    document = deepcopy(TEMPLATE)
    *steps, last = path.split(".")
    held = document["Resources"]
    for step in steps:
        held = held[step]
    if value is None:
        del held[last]
    else:
        held[last] = value
    return document


def gated(
    tmp_path: Path,
    document: Document,
    *waivers: Waiver,
    told: Mapping[str, str],
    paths: Mapping[str, str] = PATHS,
) -> Others:
    """Return what comes of a gate with the report of a scanner that names the line on which a resource begins."""
    source = json.dumps(document, indent=1).encode()
    report = tmp_path / "one.sarif"
    report.write_text(json.dumps(_log(source, told, paths)), encoding="utf-8")
    exemptions = Exemptions(waivers, read_scans([report]), TODAY)
    exemptions.take(replace(judged(source), paths=paths))
    return exemptions.conclude()


def _log(source: bytes, told: Mapping[str, str], paths: Mapping[str, str]) -> Json:
    (logical_id,) = (key for key, path in paths.items() if path == told["resource"])
    results = [
        {
            "ruleId": told["rule"],
            "message": {"text": "Ensure that it is right"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"{name}.template.json"},
                        "region": {"startLine": line(source, f'"{logical_id}": {{')},
                    }
                }
            ],
        }
        for name in (digest(source), canary([digest(source)]))
    ]
    return log(run(*results, driver={"name": told["scanner"]}))


def known(tmp_path: Path, document: Document, told: Mapping[str, str], paths: Mapping[str, str] = PATHS) -> str:
    """Return what the only finding is known by."""
    (reported,) = gated(tmp_path, document, told=told, paths=paths).reported
    return reported.alert.fingerprint


WRITES = {"scanner": "Checkov", "rule": "CKV_AWS_111", "resource": NETWORK}
WILDCARD = {"scanner": "cdk-nag", "rule": "AwsSolutions-IAM5[Resource::*]", "resource": NETWORK}
ENCRYPTION = {"scanner": "Checkov", "rule": "CKV_AWS_119", "resource": TABLE}
VARIABLES = {"scanner": "Checkov", "rule": "CKV_AWS_173", "resource": FUNCTION}
VPC = {"scanner": "Checkov", "rule": "CKV_AWS_117", "resource": FUNCTION}
UNKNOWN = {"scanner": "Trivy", "rule": "AVD-AWS-0025"}


@pytest.mark.parametrize("told", [WRITES, WILDCARD])
def test_a_widened_policy(tmp_path: Path, told: dict[str, str]) -> None:
    """What is added to a policy that is waived is a new finding, which no waiver covers."""
    selector = told | {"scanner": told["scanner"].lower()}
    written = waiver(**selector, fingerprints=[known(tmp_path, TEMPLATE, told)])
    before = gated(tmp_path, TEMPLATE, written, told=told)
    assert [(one.stands, one.waived) for one in before.reported] == [(False, {"dev": written})]
    assert (before.waiving.problems, before.has_findings) == ((), False)

    place = "Network9B93.Properties.PolicyDocument.Statement"
    wider = {"Action": ["ec2:CreateNetworkInterface", "s3:PutObject"], "Effect": "Allow", "Resource": "*"}
    after = gated(tmp_path, changed(place, [wider]), written, told=told)
    assert [(one.alert.resource, one.stands) for one in after.reported] == [(NETWORK, True)]
    assert [problem.kind for problem in after.waiving.problems] == [Kind.OVER_BROAD, Kind.UNUSED]
    assert after.has_findings


@pytest.mark.parametrize(
    ("told", "path", "value"),
    [
        pytest.param(WILDCARD, "Network9B93.Properties.Roles", [], id="cdk-nag"),
        pytest.param(ENCRYPTION, "Table201F.Properties.SSESpecification.SSEEnabled", False, id="value"),
        pytest.param(ENCRYPTION, "Table201F.Properties.SSESpecification", None, id="disappears"),
        pytest.param(VARIABLES, "Function43A0.Properties.Environment.Variables.KEY", "secret", id="deep"),
        pytest.param(VPC, "Function43A0.Properties.VpcConfig", {"SubnetIds": []}, id="appears"),
        pytest.param(UNKNOWN | {"resource": TABLE}, "Table201F.DeletionPolicy", "Delete", id="unknown-attribute"),
        pytest.param(UNKNOWN | {"resource": TABLE}, "Table201F.Condition", "IsProd", id="unknown-condition"),
        pytest.param(UNKNOWN | {"resource": TABLE}, "Table201F.Properties.TableName", "t", id="unknown-property"),
        pytest.param(UNKNOWN | {"resource": SUBNET}, "Net7C1D.Type", "AWS::EC2::Other", id="type"),
    ],
)
def test_what_counts(tmp_path: Path, told: dict[str, str], path: str, value: object) -> None:
    """What a rule judges, its absence too; of a rule without a scope, whatever stands in the resource."""
    assert known(tmp_path, changed(path, value), told) != known(tmp_path, TEMPLATE, told)


@pytest.mark.parametrize(
    ("told", "path", "value"),
    [
        pytest.param(ENCRYPTION, "Table201F.Properties.TableName", "t", id="name"),
        pytest.param(ENCRYPTION, "Table201F.Properties.BillingMode", None, id="billing"),
        pytest.param(ENCRYPTION, "Table201F.DeletionPolicy", "Delete", id="deletion"),
        pytest.param(VARIABLES, "Function43A0.Properties.Code.S3Key", "b.zip", id="code"),
        pytest.param(WILDCARD, "Network9B93.Metadata", None, id="metadata"),
        pytest.param(WILDCARD, "Role8EE0.Properties.Path", "/", id="another-resource"),
        pytest.param(
            UNKNOWN | {"resource": FUNCTION}, "Function43A0.Properties.Code.S3Key", f"{'b' * 64}.zip", id="asset"
        ),
        pytest.param(UNKNOWN | {"resource": SUBNET}, "Net7C1D.Properties.AvailabilityZone", "cn-north-1b", id="zone"),
    ],
)
def test_what_does_not_count(tmp_path: Path, told: dict[str, str], path: str, value: object) -> None:
    """What a rule with a scope does not judge, metadata, other resources, digests of assets, and zones."""
    assert known(tmp_path, changed(path, value), told) == known(tmp_path, TEMPLATE, told)


@pytest.mark.parametrize("told", [VARIABLES, UNKNOWN | {"resource": FUNCTION}, WILDCARD, ENCRYPTION])
def test_logical_ids_do_not_count(tmp_path: Path, told: dict[str, str]) -> None:
    """Neither the resource's own nor those that it refers to."""
    text = json.dumps(TEMPLATE)
    for logical_id in PATHS:
        text = text.replace(logical_id, f"{logical_id[:-4]}0000")
    paths = {f"{logical_id[:-4]}0000": path for logical_id, path in PATHS.items()}
    assert known(tmp_path, json.loads(text), told, paths) == known(tmp_path, TEMPLATE, told)


@pytest.mark.parametrize("told", [VARIABLES, UNKNOWN | {"resource": TABLE}, WILDCARD])
def test_the_order_of_members_does_not_count(tmp_path: Path, told: dict[str, str]) -> None:
    """A template whose members come in another order is the same one."""
    assert known(tmp_path, _reversed(TEMPLATE), told) == known(tmp_path, TEMPLATE, told)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


OUTPUTS: Document = TEMPLATE | {"Outputs": {"Name": {"Value": {"Ref": "Table201F"}}, "Key": {"Value": "none"}}}
WIDER = OUTPUTS | changed("Network9B93.Properties.PolicyDocument.Statement", [{"Effect": "Allow", "Action": "*"}])
LEAKED = OUTPUTS | {"Outputs": OUTPUTS["Outputs"] | {"Key": {"Value": "other"}}}
WITH_METADATA = OUTPUTS | {"Metadata": {"Version": 2}}


def at(document: Document, **told: Any) -> tuple[str, str]:
    """Return what a finding is about that tells a place in this way, lines by a text on them, and is known by."""
    source = json.dumps(document, indent=1).encode()
    for key in ("line", "end_line"):
        if isinstance(told.get(key), str):
            told[key] = line(source, told[key])
    (alert,) = Scans([scan(found(source, **told))]).alerts(digest(source), source, PATHS)
    return alert.resource, alert.fingerprint


@pytest.mark.parametrize(
    ("told", "resource", "known", "unknown"),
    [
        ({}, "template", [WITH_METADATA], [WIDER, LEAKED]),
        ({"line": 1}, "template", [WITH_METADATA], [WIDER, LEAKED]),
        ({"line": 10**6}, "template", [WITH_METADATA], [WIDER, LEAKED]),
        ({"logical": "/Resources/Network9B93/Properties"}, "template", [WITH_METADATA], [WIDER, LEAKED]),
        ({"logical": "Stack/Construct"}, "Stack/Construct", [WITH_METADATA], [WIDER, LEAKED]),
        ({"line": '"Resources": {'}, "template", [WITH_METADATA], [WIDER, LEAKED]),
        ({"line": '"Key": {'}, "template", [WITH_METADATA, WIDER], [LEAKED]),
        ({"line": '"Outputs": {'}, "template", [WITH_METADATA, WIDER], [LEAKED]),
        ({"line": "AWS::IAM::ManagedPolicy"}, NETWORK, [WITH_METADATA, LEAKED], [WIDER]),
        ({"line": "AWS::IAM::ManagedPolicy", "end_line": '"Action"'}, NETWORK, [WITH_METADATA, LEAKED], [WIDER]),
    ],
)
def test_what_is_told_less_exactly_is_known_by_more(
    told: dict[str, Any], resource: str, known: list[Document], unknown: list[Document]
) -> None:
    """An entry by what it says, what reaches over several values by all of them, and no place by the whole template."""
    before = at(OUTPUTS, **told)
    assert before[0] == resource
    assert [at(one, **told) == before for one in (*known, *unknown)] == [True] * len(known) + [False] * len(unknown)


def test_two_outputs_are_two_findings() -> None:
    """Neither is taken for the other, though a scanner says the same of both."""
    assert at(OUTPUTS, line='"Key": {') != at(OUTPUTS, line='"Name": {')
