"""Templates included in a stack: what is found in them is what is found in the stack that they are of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import pytest

from stack.contexts import Context
from stack.included import Included, include
from stack.synth import Synthesis, synthesise
from stack.validation_report import PACKS, VALIDATOR, Violation

PROPERTIES: dict[str, object] = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "SSESpecification": {"SSEEnabled": True},
}
TABLE: dict[str, object] = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "UpdateReplacePolicy": "Retain",
    "Properties": PROPERTIES,
}
RECOVERED = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}


def table(**properties: object) -> dict[str, object]:
    """Return the table with other properties."""
    return TABLE | {"Properties": PROPERTIES | properties}


def template(resource: object, **sections: object) -> bytes:
    """Return a template with one resource, by the name that the stack of canaries has."""
    return json.dumps({**sections, "Resources": {"Canary": resource}}).encode()


PARAMETER = {"P": {"Type": "String", "Default": "true"}}
BY_PARAMETER = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": {"Ref": "P"}}}
THREW = "Rule threw an error during validation. This is generally caused by a parameter referencing an intrinsic"

TEMPLATES = {
    "table": template(TABLE),
    "recovered": template(table(**RECOVERED)),
    "refused by the validator": template(table(**RECOVERED, BillingMode="NO_SUCH_MODE")),
    "an unused parameter": template(table(**RECOVERED), Parameters={"Unused": {"Type": "String"}}),
    "a rule that raises": template(table(**BY_PARAMETER), Parameters=PARAMETER),
    "nothing": b"{}",
    "no JSON": b"Resources: {}",
    "too deep": b"[" * 100_000,
    "no property": template(table(BillingMode={"No": "Function"})),
    "another": template(table(DeletionProtectionEnabled="true")),
    "afterwards": template(TABLE, Description="again"),
}


@cache
def reference() -> Synthesis:
    """Return the reference stack under the defaults, with what is found in it."""
    (synthesis,) = synthesise([Context("defaults")], workers=1, scanned=True)
    return synthesis


@pytest.fixture(scope="module")
def included() -> Mapping[str, Included]:
    """Return what came of the reference template and of the others, included by one worker."""
    templates = {"reference": reference().template or b"", **TEMPLATES}
    return dict(zip(templates, include(templates.values(), workers=1), strict=True))


def found(one: Included) -> list[tuple[str, str]]:
    """Return the rules that a template violates, and where."""
    return [(violation.rule, violation.construct) for violation in one.violations or ()]


def test_as_in_the_stack(included: Mapping[str, Included]) -> None:
    """In the reference template everything is found that is found in the stack, and nothing else: by both equally."""
    synthesis = reference()
    logical_ids = {path: logical_id for logical_id, path in (synthesis.paths or {}).items()}
    expected = {
        (one.plugin, one.rule, one.severity, one.description, logical_ids[one.construct])
        for one in synthesis.violations or ()
        if not one.in_canary
    }
    violations = included["reference"].violations or ()
    assert {(one.plugin, one.rule, one.severity, one.description, one.construct) for one in violations} == expected
    assert len(violations) == len(expected) > 10


def test_what_is_found(included: Mapping[str, Included]) -> None:
    """It is told by logical ids, be they that of the stack of canaries, whose own findings stand apart."""
    backup = [(f"{pack}-DynamoDBInBackupPlan", "Canary") for pack in ("NIST.800.53.R5", "HIPAA.Security")]
    assert sorted(found(included["recovered"])) == sorted(backup)
    pitr = [(f"{pack}-DynamoDBPITREnabled", "Canary") for pack in ("NIST.800.53.R5", "HIPAA.Security")]
    assert sorted(found(included["table"])) == sorted([*backup, *pitr, ("AwsSolutions-DDB3", "Canary")])
    scaling = [(f"{pack}-DynamoDBAutoScalingEnabled", "Canary") for pack in ("NIST.800.53.R5", "HIPAA.Security")]
    refused = sorted([*backup, *scaling, ("F3003", "Canary"), ("W3030", "Canary")])
    assert sorted(found(included["refused by the validator"])) == refused
    assert {one.plugin for one in included["recovered"].canary or ()} == {*PACKS, VALIDATOR}
    assert {one.construct.split("/")[0] for one in included["recovered"].canary or ()} == {"Canary"}


def test_what_is_about_no_resource(included: Mapping[str, Included]) -> None:
    """It is told of the stack."""
    told = "Parameters/Unused: Parameter 'Unused' is not referenced anywhere in the template"
    violation = Violation(VALIDATOR, "W2001", "warning", told, "Included")
    assert violation in (included["an unused parameter"].violations or ())
    assert found(included["nothing"]) == [("F0001", "Included")]


def test_what_cannot_be_included(included: Mapping[str, Included]) -> None:
    """It says why, and is no template in which nothing was found; the next one is judged."""
    failures = {name: one.failure for name, one in included.items() if one.failure is not None}
    assert [included[name].violations for name in failures] == [None] * len(failures)
    assert failures == {
        "a rule that raises": f"AwsSolutions failed: the rule AwsSolutions-DDB3 on Included/Template/Canary: {THREW} "
        "function.",
        "no JSON": "is no JSON: Expecting value: line 1 column 1 (char 0)",
        "too deep": "is nested too deeply to be read",
        "no property": 'Error: Resolution error: Supplied properties not correct for "CfnTableProps"\n'
        '  billingMode: {"No":"Function"} should be a string.',
        "another": "the CDK includes it as another template",
    }
    assert found(included["afterwards"]) == found(included["table"])
