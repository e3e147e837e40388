"""Hand-made templates for the tests of the rules: one that complies with every scenario, and how to change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

import pytest
from _pytest.mark import ParameterSet

from policies.catalogue import load
from policies.judge import judge_template
from policies.model import Finding, Outcome, Settings, Verdict
from policies.template import Template

Document = dict[str, Any]
Changes = Mapping[str, object]
Row: TypeAlias = ParameterSet
"""A row of a test's table, as pytest.param makes it."""

ABSENT: Final = object()
"""The new value of what a change takes away."""

NO_VALUE: Final = {"Ref": "AWS::NoValue"}
TABLE_NAME: Final = {"Ref": "Table"}
TABLE_ARN: Final = {"Fn::GetAtt": ["Table", "Arn"]}
ROLE_ARN: Final = {"Fn::GetAtt": ["Role", "Arn"]}

TABLE: Final = "Resources.Table.Properties."
ROLE: Final = "Resources.Role.Properties."
POLICY: Final = "Resources.Policy.Properties."
FUNCTION: Final = "Resources.Function.Properties."
SETTINGS: Final = "Metadata.worthwatch:settings"
VARIABLES: Final = "Resources.Function.Properties.Environment.Variables."

IS_PROD: Final = {
    "Parameters.Stage": {"Type": "String", "Default": "dev"},
    "Conditions.IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
}
"""A condition that holds in one world and not in the other."""
PROD: Final = ("IsProd is true", 'Stage is "prod"')
NOT_PROD: Final = ("IsProd is false", 'Stage is not "prod"')

_BASE: Final[Document] = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "SSESpecification": {"SSEEnabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "DeletionProtectionEnabled": True,
            },
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "sts:AssumeRole",
                            "Principal": {"Service": "lambda.amazonaws.com"},
                        }
                    ]
                }
            },
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "ReadWrite",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                            "Resource": TABLE_ARN,
                        }
                    ],
                },
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": ROLE_ARN, "Environment": {"Variables": {"DDB_TABLE_NAME": TABLE_NAME}}},
        },
    },
    "Outputs": {"TableName": {"Value": TABLE_NAME}},
}

_PER_REPLICA: Final = ("PointInTimeRecoverySpecification", "DeletionProtectionEnabled")


def table_arn(name: str) -> dict[str, str]:
    """Return the ARN of a table of the stack's account and region by its name, variables in it and all."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{name}"}


def template(changes: Changes | None = None) -> Document:
    """Return the compliant template with other values at some places, each a path of keys and indices by dots."""
    return _changed(deepcopy(_BASE), changes or {})


def case(name: str, changes: Changes, expected: Verdict) -> Row:
    """Return the compliant template with changes, and the verdict on it, as a row of a test's table."""
    return pytest.param(template(changes), expected, id=name)


def global_table(changes: Changes | None = None) -> Document:
    """Return the compliant template with a global table of two replicas in the place of the table."""
    document = template()
    table = document["Resources"]["Table"]
    table["Type"] = "AWS::DynamoDB::GlobalTable"
    replica = {key: table["Properties"].pop(key) for key in _PER_REPLICA}
    table["Properties"]["Replicas"] = [{"Region": region, **deepcopy(replica)} for region in ("eu-west-1", "eu-west-2")]
    return _changed(document, changes or {})


def _changed(document: Document, changes: Changes) -> Document:
    for path, value in changes.items():
        *above, last = path.split(".")
        place: Any = document
        for key in above:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        if value is ABSENT:
            del place[int(last) if isinstance(place, list) else last]
        elif isinstance(place, list):
            place[int(last) : int(last) + 1] = [deepcopy(value)]
        else:
            place[last] = deepcopy(value)
    return document


def verdicts(
    document: Document,
    scenario: str,
    settings: Settings | None = None,
    constructs: Mapping[str, Sequence[str]] | None = None,
) -> list[Verdict]:
    """Return the verdicts of the rule of a scenario (`<requirement>/<scenario>`), one for each table."""
    entries = [entry for entry in load() if entry.name == scenario]
    return list(judge_template(entries, Template("template", document, constructs, settings)))


def verdict(
    document: Document,
    scenario: str,
    settings: Settings | None = None,
    constructs: Mapping[str, Sequence[str]] | None = None,
) -> Verdict:
    """Return the one verdict of the rule of a scenario on a template with one table, or none."""
    (only,) = verdicts(document, scenario, settings, constructs)
    return only


class Expected:
    """The whole verdicts that a scenario, given as `<spec>#<requirement>/<scenario>`, can come to for a table."""

    def __init__(self, scenario_id: str) -> None:
        self.id = scenario_id
        self._spec, _, self.scenario = scenario_id.partition("#")

    def compliant(self, *assuming: str, resource: str = "Table") -> Verdict:
        """Expect that nothing is found."""
        return self._verdict(Finding("", outcome=Outcome.COMPLIANT), assuming, resource)

    def not_applicable(self, message: str, *assuming: str, resource: str | None = "Table") -> Verdict:
        """Expect that the scenario's WHEN is not met."""
        return self._verdict(Finding(message, outcome=Outcome.NOT_APPLICABLE), assuming, resource)

    def undetermined(self, message: str, path: str | None, *assuming: str, resource: str | None = "Table") -> Verdict:
        """Expect that the template alone cannot say."""
        return self._verdict(Finding(message, path or "", outcome=Outcome.UNDETERMINED), assuming, resource)

    def error(self, message: str, path: str, *assuming: str, resource: str | None = "Table") -> Verdict:
        """Expect that the template is too wrong to be judged."""
        return self._verdict(Finding(message, path, outcome=Outcome.ERROR), assuming, resource)

    def rejected(self, finding: Finding, *assuming: str, resource: str | None = "Table") -> Verdict:
        """Expect a finding."""
        return self._verdict(finding, assuming, resource)

    def _verdict(self, finding: Finding, assuming: tuple[str, ...], resource: str | None) -> Verdict:
        return Verdict(
            spec=self._spec,
            scenario=self.scenario,
            outcome=finding.outcome,
            template="template",
            resource=resource,
            path=finding.path or None,
            found=finding.found,
            expected=finding.expected or None,
            message=finding.message,
            remedy=finding.remedy or None,
            assuming=assuming,
        )


def for_every_rule(expected: Expected, complying: Changes | None = None) -> list[Row]:
    """Return what holds for each rule: pairs of a template and the verdict on it.

    `complying` are the changes with which the rule applies to the template and finds nothing.
    """
    complies = complying or {}
    macro = {"Transform": ["AWS::LanguageExtensions", "Company::Expand"]}
    later = "Company::Expand rewrites the template: what it makes of the template is known at deployment only"
    return [
        case(
            "no-table",
            {"Resources.Table": ABSENT},
            expected.not_applicable("the template has no DynamoDB table", resource=None),
        ),
        case("compliant", complies, expected.compliant()),
        pytest.param(global_table(complies), expected.compliant(), id="global-table"),
        case("harmless-macro", {**complies, "Transform": "AWS::LanguageExtensions"}, expected.compliant()),
        case(
            "table-in-one-world",
            {**complies, **IS_PROD, "Resources.Table.Condition": "IsProd"},
            expected.compliant(*PROD),
        ),
        case("macro", {**complies, **macro}, expected.undetermined(later, "$.Transform")),
        case(
            "macro-without-table",
            {**complies, **macro, "Resources.Table": ABSENT},
            expected.undetermined(later, "$.Transform", resource=None),
        ),
        case(
            "condition-undefined",
            {**complies, "Resources.Table.Condition": "Nowhere"},
            expected.error("the template defines no condition Nowhere", "$.Resources.Table.Condition"),
        ),
    ]


def two_tables(changes: Changes) -> Document:
    """Return the compliant template with a second table, Second, that is the same as Table but for the changes."""
    document = template()
    document["Resources"]["Second"] = deepcopy(document["Resources"]["Table"])
    return _changed(document, changes)


def mismatch(path: str, found: object, expected: str) -> Finding:
    """Return the finding that a place of the template holds a value of the wrong kind."""
    remedy = "set it through the properties of the CDK construct, and drop the override that writes this"
    return Finding(f"{expected} is expected here", path, found, expected, remedy)
