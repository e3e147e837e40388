"""policies/scopes.toml: what is read, what is refused, and what of a resource a finding is about."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

from policies.reading import InputError
from policies.scopes import SHIPPED, Scope, parse_scopes, part_judged, read_scopes
from policies.waivers import SHIPPED as WAIVERS
from policies.waivers import read_waivers

FIELDS: dict[str, object] = {
    "scanner": "checkov",
    "type": "AWS::DynamoDB::Table",
    "rules": ["CKV_AWS_119"],
    "members": ["SSESpecification"],
    "source": "https://example.org/rules",
}
EXPECTED = {name: field.description for name, field in Scope.model_fields.items()}


def entry(**changes: object) -> str:
    """Return an entry in TOML, without the fields that are None."""
    fields = {name: value for name, value in (FIELDS | changes).items() if value is not None}
    return "[[scope]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())


def refusal(text: str) -> str:
    """Return why the contents of a file are refused."""
    with pytest.raises(InputError) as raised:
        parse_scopes(text.encode(), "s.toml")
    return str(raised.value).removeprefix("s.toml: ")


def test_read() -> None:
    """A scope is read as it stands."""
    text = entry(rules=["CKV_AWS_119", "CKV_AWS_28"], members=["DeletionPolicy", "SSESpecification"])
    (read,) = parse_scopes(text.encode(), "s.toml")
    assert read.model_dump() == {
        "scanner": "checkov",
        "type": "AWS::DynamoDB::Table",
        "rules": ("CKV_AWS_119", "CKV_AWS_28"),
        "members": ("DeletionPolicy", "SSESpecification"),
        "source": "https://example.org/rules",
    }
    assert read.name == "checkov CKV_AWS_119, CKV_AWS_28 on AWS::DynamoDB::Table"


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        pytest.param("scanner", "Checkov", "found 'Checkov'", id="scanner"),
        pytest.param("type", "*", "found '*'", id="every-type"),
        pytest.param("type", "Custom::Thing", "found 'Custom::Thing'", id="custom"),
        pytest.param("rules", [], "found a list of 0", id="no-rule"),
        pytest.param("rules", ["B", "A"], "found a list of 2", id="rules-out-of-order"),
        pytest.param("rules", ["A", "A"], "found a list of 2", id="rule-twice"),
        pytest.param("rules", "CKV_AWS_119", "found 'CKV_AWS_119'", id="rules-as-text"),
        pytest.param("members", [], "found a list of 0", id="no-member"),
        pytest.param("members", ["B", "A"], "found a list of 2", id="members-out-of-order"),
        pytest.param("source", "http://example.org", "found 'http://example.org'", id="no-https"),
        pytest.param("source", "see checkov", "found 'see checkov'", id="no-url"),
        pytest.param("source", None, "missing", id="no-source"),
    ],
)
def test_field(field: str, value: object, found: str) -> None:
    """A field that holds what it may not, or is missing, is refused."""
    assert refusal(entry(**{field: value})) == f"scope 1.{field}: {found}; expected {EXPECTED[field]}"


@pytest.mark.parametrize("rule", ["*", "CKV*", "AwsSolutions-IAM5[Resource::*]", "CKV\u200b", " CKV", ""])
def test_no_rule(rule: str) -> None:
    """A rule is one, by its id."""
    assert refusal(entry(rules=[rule])).startswith("scope 1.rules[0]: found ")


@pytest.mark.parametrize("member", ["*", "sse", "SSESpecification.SSEEnabled", "Fn::Transform", ""])
def test_no_member(member: str) -> None:
    """A member is one, by its name."""
    assert refusal(entry(members=[member])).startswith("scope 1.members[0]: found ")


def test_unknown_keys() -> None:
    """A key that is none is refused wherever it stands."""
    assert refusal("scopes = 1\n" + entry(owner="me")) == (
        "'scopes': no such key; expected [[scope]] over each entry; "
        "scope 1.owner: no such key; expected scanner, type, rules, members, source"
    )


def test_order() -> None:
    """Scopes are in the order of scanner, type and rules."""
    first, second = entry(), entry(type="AWS::DynamoDB::GlobalTable")
    assert refusal(first + second) == (
        "scope 2 (checkov CKV_AWS_119 on AWS::DynamoDB::GlobalTable): expected before scope 1 (checkov CKV_AWS_119 on "
        "AWS::DynamoDB::Table), in the order of scanner, type and rules"
    )


def test_twice() -> None:
    """A rule has one scope for a type, whichever others stand beside it; for another type it may have another."""
    first, second = entry(rules=["A", "B"]), entry(rules=["B"])
    assert refusal(first + second) == (
        "scope 2: scope 1 is of checkov B on AWS::DynamoDB::Table, too; expected one of them"
    )
    assert refusal(first + second + entry(rules=["B", "C"])) == (
        "scope 2: scope 1 is of checkov B on AWS::DynamoDB::Table, too; expected one of them; "
        "scope 3: scope 1 is of checkov B on AWS::DynamoDB::Table, too; expected one of them"
    )
    assert len(parse_scopes((entry(type="AWS::DynamoDB::GlobalTable") + entry()).encode(), "s.toml")) == 2


def test_file(tmp_path: Path) -> None:
    """A file that is too large or none is refused by its name."""
    file = tmp_path / "s.toml"
    file.write_bytes((b"#" * 1_023 + b"\n") * 256)
    assert read_scopes(file) == ()
    file.write_bytes((b"#" * 1_023 + b"\n") * 256 + b"#")
    with pytest.raises(InputError) as raised:
        read_scopes(file)
    assert str(raised.value) == f"{file.as_posix()}: larger than 262,144 bytes, the limit for such a file"
    file.write_bytes(b"\n=")
    with pytest.raises(InputError) as raised:
        read_scopes(file)
    assert str(raised.value) == f"{file.as_posix()}: not valid TOML: Invalid statement (at line 2, column 1)"
    with pytest.raises(InputError, match="missing"):
        read_scopes(tmp_path / "missing.toml")


# What is shipped


def test_shipped_rules() -> None:
    """The shipped scopes are of rules that are waived: of others there is nothing to narrow."""
    waived = {(one.scanner, one.rule.partition("[")[0]) for one in read_waivers(WAIVERS)}
    assert {(scope.scanner, rule) for scope in read_scopes(SHIPPED) for rule in scope.rules} <= waived


@pytest.mark.parametrize("scope", read_scopes(SHIPPED), ids=lambda scope: scope.name)
def test_shipped_members(scope: Scope) -> None:
    """Each member is a property that the CDK's class of the type takes, or an attribute of any resource."""
    _, service, kind = scope.type.split("::")
    resource = getattr(importlib.import_module(f"aws_cdk.aws_{service.lower()}"), f"Cfn{kind}")
    attributes = {"Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "UpdatePolicy", "UpdateReplacePolicy"}
    properties = set(scope.members) - attributes
    assert set(map(_in_python, properties)) <= set(inspect.signature(resource.__init__).parameters)


def _in_python(member: str) -> str:
    """Return a property's name as jsii writes it in Python."""
    return re.sub("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", member).lower()


# What is judged

TABLE: dict[str, object] = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {"BillingMode": "PROVISIONED", "SSESpecification": {"SSEEnabled": True}},
    "DeletionPolicy": "Retain",
    "Metadata": {"aws:cdk:path": "Stack/Table"},
}


def test_scope() -> None:
    """With a scope, the type and the members that are there."""
    assert part_judged("checkov", "CKV_AWS_119", TABLE) == {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {"SSESpecification": {"SSEEnabled": True}},
    }
    assert part_judged("cdk-nag", "HIPAA.Security-DynamoDBPITREnabled[of it]", TABLE) == {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {},
    }


def test_no_properties() -> None:
    """A resource without properties has none that are judged."""
    bare = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}
    assert part_judged("checkov", "CKV_AWS_119", bare) == {"Type": "AWS::DynamoDB::Table", "Properties": {}}


def test_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member may be an attribute of the resource."""
    members = {("one", "R", "AWS::DynamoDB::Table"): frozenset({"DeletionPolicy"})}
    monkeypatch.setattr("policies.scopes._members", lambda: members)
    assert part_judged("one", "R", TABLE) == {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {},
        "DeletionPolicy": "Retain",
    }


@pytest.mark.parametrize(
    ("scanner", "rule", "changes"),
    [
        pytest.param("checkov", "CKV_AWS_1190", {}, id="another-rule"),
        pytest.param("trivy", "CKV_AWS_119", {}, id="another-scanner"),
        pytest.param("checkov", "CKV_AWS_119", {"Type": "AWS::DynamoDB::GlobalTable"}, id="another-type"),
        pytest.param("checkov", "CKV_AWS_119", {"Type": ["AWS::DynamoDB::Table"]}, id="no-type"),
        pytest.param("checkov", "CKV_AWS_119", {"Properties": "none"}, id="no-properties"),
        pytest.param("checkov", "CKV_AWS_119", {"Properties": {"Fn::Transform": {}}}, id="properties-from-elsewhere"),
        pytest.param("checkov", "CKV_AWS_119", {"Fn::Transform": {}}, id="members-from-elsewhere"),
    ],
)
def test_no_scope(scanner: str, rule: str, changes: dict[str, object]) -> None:
    """Without a scope, or where a function gives more than stands there, all but the metadata."""
    resource = TABLE | changes
    expected = {name: member for name, member in resource.items() if name != "Metadata"}
    assert part_judged(scanner, rule, resource) == expected


@pytest.mark.parametrize("resource", [None, "text", ["Type"], {}])
def test_no_resource(resource: object) -> None:
    """What is none is judged as it is."""
    assert part_judged("checkov", "CKV_AWS_119", resource) == resource
