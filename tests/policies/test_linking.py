"""Templates that are deployed together: what one of them is decides what is said of another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from policies.assembly import read_sources
from policies.catalogue import load
from policies.cloud_assembly import Source
from policies.externals import Externals
from policies.judge import judge_template
from policies.linking import Linked, link
from policies.model import Outcome
from policies.reading import InputError
from tests.policies.templates import ABSENT, template

Json = dict[str, Any]
READ = "lambda-dynamodb-integration/read-permissions-granted"
INJECTED = "lambda-dynamodb-integration/environment-variable-injected"
AVAILABLE = "dynamodb-table-provisioning/table-name-available"
BILLING = "table-billing-mode/pay-per-request-billing"
ENCRYPTED = "table-encryption/encryption-enabled"
OTHER_TABLE = "least-privilege/no-other-table"

NAME, ARN = "Data:ExportsOutputRefTable", "Data:ExportsOutputFnGetAttTableArn"
DATA: Json = template(
    {
        "Resources.Role": ABSENT,
        "Resources.Policy": ABSENT,
        "Resources.Function": ABSENT,
        "Outputs": {
            "Name": {"Value": {"Ref": "Table"}, "Export": {"Name": NAME}},
            "Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}, "Export": {"Name": ARN}},
        },
    }
)


def functions(name: object, arn: object, **more: object) -> Json:
    """Make a template of a function that is told a table's name, with a role that may read and write it."""
    document = template({"Resources.Table": ABSENT, "Outputs": ABSENT, **more})
    document["Resources"]["Function"]["Properties"]["Environment"]["Variables"] = {"TABLE": name}
    document["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = arn
    return document


CODE = functions({"Fn::ImportValue": NAME}, {"Fn::ImportValue": ARN})


def assembly(folder: Path, stacks: Mapping[str, Json], environments: Mapping[str, str] | None = None) -> list[Source]:
    """Write a cloud assembly of these stacks and read it."""
    artifacts = {}
    for name, document in stacks.items():
        folder.joinpath(f"{name}.template.json").write_text(json.dumps(document), encoding="utf-8")
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": (environments or {}).get(name, "aws://unknown-account/unknown-region"),
            "properties": {"templateFile": f"{name}.template.json"},
        }
    folder.joinpath("manifest.json").write_text(json.dumps({"version": "38", "artifacts": artifacts}), encoding="utf-8")
    return sources(folder)


def files(folder: Path, templates: Mapping[str, Json]) -> list[Source]:
    """Write templates and read each."""
    for name, document in templates.items():
        folder.joinpath(name).write_text(json.dumps(document), encoding="utf-8")
    return [source for name in templates for source in sources(folder / name)]


def sources(path: Path) -> list[Source]:
    """Read what a path stands for."""
    found = list(read_sources(path))
    return [source for source in found if not isinstance(source, InputError)]


def outcomes(found: Sequence[Source], *scenarios: str) -> dict[tuple[str, str | None], list[Outcome]]:
    """Judge templates; return what these scenarios come to for each table, by its template's file."""
    entries = [entry for name in scenarios for entry in load() if entry.name == name]
    told: dict[tuple[str, str | None], list[Outcome]] = {}
    for linked in link(found):
        assert not isinstance(linked, InputError)
        for verdict in judge_template(entries, linked.template, stacks=linked.stacks):
            if verdict.resource is not None:
                key = (Path(str(verdict.template)).name, verdict.resource)
                told.setdefault(key, []).append(verdict.outcome)
    return told


GOOD, BAD = Outcome.COMPLIANT, Outcome.NON_COMPLIANT


def test_what_a_stack_exports_and_another_imports(tmp_path: Path) -> None:
    """The functions of another stack of the app count for the table; without them it has none."""
    found = assembly(tmp_path, {"Data": DATA, "Code": CODE})
    assert outcomes(found, READ, INJECTED, OTHER_TABLE) == {("Data.template.json", "Table"): [GOOD, GOOD, GOOD]}
    alone = assembly(tmp_path, {"Data": DATA})
    assert outcomes(alone, READ, INJECTED) == {("Data.template.json", "Table"): [BAD, BAD]}


def test_a_function_of_another_stack_without_permissions(tmp_path: Path) -> None:
    """What is wrong in another stack is found, and its place names the template."""
    found = assembly(tmp_path, {"Data": DATA, "Code": functions({"Fn::ImportValue": NAME}, "arn:aws:s3:::bucket")})
    entries = [entry for entry in load() if entry.name == READ]
    data, *_ = (one for one in link(found) if not isinstance(one, InputError))
    (verdict,) = judge_template(entries, data.template, stacks=data.stacks)
    where = (tmp_path / "Code.template.json").as_posix()
    assert (verdict.outcome, verdict.path) == (BAD, f"({where})$.Resources.Role")
    refused = ["dynamodb:GetItem", "dynamodb:Query"]
    assert verdict.found == {"function": "Function", "role": "Role", "refused": refused}


def test_stacks_of_other_environments_are_apart(tmp_path: Path) -> None:
    """A stack of another account or region neither exports to this one nor runs its functions."""
    here, there = "aws://111122223333/eu-west-1", "aws://111122223333/us-east-1"
    found = assembly(tmp_path, {"Data": DATA, "Code": CODE}, {"Data": here, "Code": there})
    assert outcomes(found, INJECTED) == {("Data.template.json", "Table"): [BAD]}
    found = assembly(tmp_path, {"Data": DATA, "Code": CODE}, {"Data": here, "Code": here})
    assert outcomes(found, INJECTED) == {("Data.template.json", "Table"): [GOOD]}


def test_the_environment_of_a_stack_is_known(tmp_path: Path) -> None:
    """A policy that names the account and region in letters is about the table of a stack deployed there."""
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    document = template({"Resources.Table.Properties.TableName": "orders"})
    document["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = arn
    one = {"S": document}
    for environment, expected in (
        ("aws://111122223333/eu-west-1", GOOD),
        ("aws://111122223333/us-east-1", BAD),
        ("aws://unknown-account/unknown-region", Outcome.UNDETERMINED),
    ):
        found = assembly(tmp_path, one, {"S": environment})
        assert outcomes(found, READ) == {("S.template.json", "Table"): [expected]}


def nesting(url: str, parameters: Json, **more: object) -> Json:
    """Make a template that nests another, whose outputs its function is told."""
    outputs = {name: {"Fn::GetAtt": ["Nested", f"Outputs.{name}"]} for name in ("Name", "Arn")}
    document = functions(outputs["Name"], outputs["Arn"])
    document["Resources"]["Nested"] = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url, "Parameters": parameters},
        **more,
    }
    return document


NESTED = deepcopy(DATA)
NESTED["Parameters"] = {"Mode": {"Type": "String", "Default": "PROVISIONED"}, "Sse": {"Type": "String"}}
NESTED["Resources"]["Table"]["Properties"]["BillingMode"] = {"Ref": "Mode"}
NESTED["Resources"]["Table"]["Properties"]["SSESpecification"]["SSEEnabled"] = {"Ref": "Sse"}


@pytest.mark.parametrize(
    ("parameters", "billing", "encrypted"),
    [
        ({"Mode": "PAY_PER_REQUEST", "Sse": "true"}, GOOD, GOOD),
        ({"Mode": "PROVISIONED", "Sse": "false"}, BAD, BAD),
        ({"Sse": True}, BAD, GOOD),
        ({"Mode": {"Ref": "Mode"}, "Sse": {"Fn::If": ["On", "true", "false"]}}, GOOD, BAD),
        ({"Mode": "PAY_PER_REQUEST", "Sse": {"Ref": "Free"}}, GOOD, Outcome.UNDETERMINED),
        ({"Mode": "PAY_PER_REQUEST"}, GOOD, Outcome.ERROR),
    ],
)
def test_parameters_of_a_nested_stack(tmp_path: Path, parameters: Json, billing: Outcome, encrypted: Outcome) -> None:
    """A nested template's parameters are what the template around it gives, and its outputs are seen there."""
    parent = nesting("./nested.json", parameters)
    parent["Parameters"] = {
        "Mode": {"Type": "String", "Default": "PAY_PER_REQUEST"},
        "Switch": {"Type": "String"},
        "Free": {"Type": "String"},
    }
    parent["Conditions"] = {"On": {"Fn::Equals": [{"Ref": "Switch"}, "on"]}}
    found = files(tmp_path, {"parent.json": parent, "nested.json": NESTED})
    told = outcomes(found, BILLING, ENCRYPTED, READ, INJECTED, AVAILABLE, OTHER_TABLE)
    assert told == {("nested.json", "Table"): [billing, encrypted, GOOD, GOOD, GOOD, GOOD]}


def test_a_template_alone_has_its_own_defaults(tmp_path: Path) -> None:
    """Without the template that nests it, a template is judged as it stands."""
    told = outcomes(files(tmp_path, {"nested.json": NESTED}), BILLING, ENCRYPTED, INJECTED)
    assert told == {("nested.json", "Table"): [BAD, Outcome.UNDETERMINED, BAD]}


def test_a_nested_stack_that_exists_in_some_worlds(tmp_path: Path) -> None:
    """A table of a nested stack exists where the nested stack does."""
    parent = nesting("nested.json", {"Sse": {"Ref": "Sse"}}, Condition="On")
    parent["Parameters"] = {"Sse": {"Type": "String", "AllowedValues": ["true", "false"]}}
    parent["Conditions"] = {"On": {"Fn::Equals": [{"Ref": "Sse"}, "true"]}}
    told = outcomes(files(tmp_path, {"parent.json": parent, "nested.json": NESTED}), ENCRYPTED)
    assert told == {("nested.json", "Table"): [GOOD]}


def test_a_template_nested_twice_is_judged_for_each(tmp_path: Path) -> None:
    """Each nested stack is one of its own, with its own values."""
    parent = nesting("nested.json", {"Sse": "true"})
    parent["Resources"]["Second"] = deepcopy(parent["Resources"]["Nested"])
    parent["Resources"]["Second"]["Properties"]["Parameters"]["Sse"] = "false"
    told = outcomes(files(tmp_path, {"parent.json": parent, "nested.json": NESTED}), ENCRYPTED, INJECTED)
    assert told == {("nested.json", "Table"): [GOOD, GOOD], ("nested.json as Second", "Table"): [BAD, BAD]}


def test_templates_that_nest_each_other(tmp_path: Path) -> None:
    """A template that nests itself, by others too, is a problem; a circle that nothing nests is judged part by part."""
    one, other = nesting("other.json", {}), nesting("one.json", {})
    top = nesting("one.json", {})
    found = files(tmp_path, {"top.json": top, "one.json": one, "other.json": other})
    told = [error for error in link(found) if isinstance(error, InputError)]
    where = (tmp_path / "other.json").as_posix()
    assert [(error.where, error.problem) for error in told] == [
        (where, "$.Resources.Nested: the template nests itself")
    ]
    one["Resources"]["Table"] = other["Resources"]["Table"] = DATA["Resources"]["Table"]
    told_apart = outcomes(files(tmp_path, {"one.json": one, "other.json": other}), ENCRYPTED)
    assert told_apart == {("one.json", "Table"): [GOOD], ("other.json", "Table"): [GOOD]}


def test_too_many_nested_stacks(tmp_path: Path) -> None:
    """Beyond the limit nothing is left out without a word."""
    templates = {"leaf.json": NESTED}
    for level, inner in ((1, "leaf"), (2, "level1"), (3, "level2")):
        document = nesting(f"{inner}.json", {})
        for i in range(9):
            document["Resources"][f"More{i}"] = deepcopy(document["Resources"]["Nested"])
        templates[f"level{level}.json"] = document
    found = files(tmp_path, templates)
    told = [error for error in link(found) if isinstance(error, InputError)]
    assert [error.problem for error in told] == ["more than 100 nested stacks, the limit; judge them apart"]


def test_a_name_that_is_handed_over_by_a_parameter(tmp_path: Path) -> None:
    """Another stack of the app may be given the name that this one has made; a pseudo parameter is none."""
    code = functions({"Ref": "Name"}, {"Fn::Sub": "arn:aws:dynamodb:*:*:table/${Name}"})
    code["Parameters"] = {"Name": {"Type": "String"}}
    found = assembly(tmp_path, {"Data": DATA, "Code": code})
    assert outcomes(found, INJECTED) == {("Data.template.json", "Table"): [Outcome.UNDETERMINED]}
    code = functions({"Ref": "AWS::StackName"}, "*")
    found = assembly(tmp_path, {"Data": DATA, "Code": code})
    assert outcomes(found, INJECTED) == {("Data.template.json", "Table"): [BAD]}


def test_nested_stacks_of_an_assembly(tmp_path: Path) -> None:
    """The assets of an assembly are linked to the stacks that nest them."""
    parent = nesting("https://bucket/nested", {"Mode": "PAY_PER_REQUEST", "Sse": "true"})
    parent["Resources"]["Nested"]["Metadata"] = {"aws:asset:path": "nested.template.json"}
    tmp_path.joinpath("nested.template.json").write_text(json.dumps(NESTED), encoding="utf-8")
    told = outcomes(assembly(tmp_path, {"Parent": parent}), BILLING, ENCRYPTED, READ, INJECTED)
    assert told == {("nested.template.json", "Table"): [GOOD, GOOD, GOOD, GOOD]}


# What is linked to what, whatever a rule makes of it


def source(name: str, resources: object = None, **more: Any) -> Source:
    """Make a source of some resources, or of a table."""
    table = {"Table": {"Type": "AWS::DynamoDB::Table"}}
    return Source(name, {"Resources": table if resources is None else resources}, None, "", **more)


def nests(**urls: str) -> Json:
    """Make nested stacks of the templates at these places."""
    kind = "AWS::CloudFormation::Stack"
    return {name: {"Type": kind, "Properties": {"TemplateURL": url}} for name, url in urls.items()}


def described(*found: Source) -> list[tuple[str, ...]]:
    """Return the names of each template and of those that it is deployed with, or where a problem is, and which."""
    return [
        (str(one.where), one.problem)
        if isinstance(one, InputError)
        else (one.template.name, *(member.name for member in one.stacks.members))
        for one in link(found)
    ]


def linked(*found: Source, **more: Any) -> list[Linked]:
    """Return templates with those that they are deployed with; none has a problem."""
    told = list(link(found, **more))
    assert [one for one in told if isinstance(one, InputError)] == []
    return [one for one in told if isinstance(one, Linked)]


def test_a_template_alone() -> None:
    """A template alone has no scope; it is told what is known of it, and of the world around it."""
    constructs = {"Table": ("aws-cdk-lib.App@2",)}
    one = Source("t.json", source("t.json").document, constructs, "", pseudo={"AWS::Region": "eu-west-1"})
    around = Externals(pseudo_parameters={"AWS::Region": "us-east-1", "AWS::AccountId": "111122223333"})
    (only,) = linked(one, parameters={"Mode": "m"}, externals=around)
    told = only.template
    assert (told.name, told.scope, told.constructs, told.given_parameters) == ("t.json", "", constructs, {"Mode": "m"})
    assert told.externals.pseudo_parameters == {"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"}
    assert (only.stacks.members, only.stacks.parents) == ((told,), {})


def test_nested_templates() -> None:
    """Each nested template has a name and a scope of its own, a parent, and no values that were given to the others."""
    found = linked(
        source("top.json", nests(A="mid.json", B="mid.json", C="./mid.json", D="x/../mid.json")),
        source("mid.json", nests(N="leaf.json")),
        source("leaf.json"),
        parameters={"Mode": "m"},
    )
    mids = ["mid.json", "mid.json as B", "mid.json as C", "mid.json as D"]
    leaves = ["leaf.json", "leaf.json as N", "leaf.json as N'", "leaf.json as N''"]
    names = ["top.json", *mids, *leaves]
    assert [one.template.name for one in found] == names
    assert [one.template.scope for one in found] == [f"({name})" for name in names]
    assert [one.template.given_parameters for one in found] == [{"Mode": "m"}, *[{}] * 8]
    parents = [one.stacks.parent(one.template) for one in found]
    assert [parent and (parent.owner.name, parent.logical_id) for parent in parents] == [
        None,
        *(("top.json", name) for name in "ABCD"),
        *((mid, "N") for mid in mids),
    ]


def test_nested_templates_that_are_none() -> None:
    """What a nested stack names and is no template is a problem; what is not there, or another app's, is left out."""
    top = source("top.json", nests(A="none.json", B="nowhere.json", C="cdk.out/s.json"))
    others = (source("none.json", {}), source("cdk.out/s.json", stage="cdk.out"), source("list.json", ["Table"]))
    empty = "$: a template needs at least one resource under Resources"
    assert described(top, *others) == [
        ("none.json", empty),
        ("top.json", "top.json"),
        ("cdk.out/s.json", "cdk.out/s.json"),
        ("list.json", empty),
    ]


def test_templates_after_one_that_nests_itself() -> None:
    """A template that nests itself keeps no other from being judged, each for itself."""
    top = source("top.json", nests(A="one.json"))
    assert described(top, source("one.json", nests(B="one.json")), source("a.json"), source("b.json")) == [
        ("one.json", "$.Resources.B: the template nests itself"),
        ("top.json", "top.json", "one.json"),
        ("one.json", "top.json", "one.json"),
        ("a.json", "a.json"),
        ("b.json", "b.json"),
    ]
    together = ("top.json", "one.json", "leaf.json")
    assert described(top, source("one.json", nests(B="one.json", C="leaf.json")), source("leaf.json")) == [
        ("one.json", "$.Resources.B: the template nests itself"),
        *((name, *together) for name in together),
    ]


@pytest.mark.parametrize(("count", "problems"), [(100, 0), (101, 1)])
def test_the_limit_of_nested_stacks(count: int, problems: int) -> None:
    """A hundred nested stacks are judged together; where there are more, the template that nests them is told."""
    top = source("top.json", nests(**{f"N{i}": "leaf.json" for i in range(count)}))
    told = [error for error in link((top, source("leaf.json"))) if isinstance(error, InputError)]
    expected = ("top.json", "more than 100 nested stacks, the limit; judge them apart")
    assert [(error.where, error.problem) for error in told] == [expected] * problems


def test_stacks_of_a_stage() -> None:
    """Stacks of one stage are deployed together where account and region are the same."""
    account, other = {"AWS::AccountId": "111122223333"}, {"AWS::AccountId": "444455556666"}
    here, there = {"AWS::Region": "eu-west-1"}, {"AWS::Region": "us-east-1"}
    assert described(
        source("a", stage="cdk.out", pseudo={**account, **here}),
        source("b", stage="cdk.out", pseudo={**account, **there}),
        source("c", stage="cdk.out", pseudo={**other, **here}),
        source("d", stage="cdk.out", pseudo={**account, **here}),
        source("e", stage="cdk.out/other", pseudo={**account, **here}),
    ) == [("a", "a", "d"), ("d", "a", "d"), ("b", "b"), ("c", "c"), ("e", "e")]
