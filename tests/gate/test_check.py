"""`check` on templates that anyone made: what is judged, what cannot be, and how both are told."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gate.check import check
from gate.document import schema
from policies.catalogue import load
from policies.model import Outcome, TableRule
from tests.commands import Result, invoke
from tests.policies.templates import ABSENT, template

BUCKET = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}
SCENARIOS = sum(isinstance(entry.rule, TableRule) for entry in load())
EXPECTS_JSON = "a document that begins with { is read as JSON"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that files go by their bare names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, document: object) -> Path:
    """Write a template as JSON."""
    file = Path(name)
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def run(*arguments: str) -> Result:
    """Run `check`; whatever it reads, it ends with an exit code and not with an exception."""
    result = invoke(["check", *arguments], env={"COLUMNS": "200"})
    assert "Traceback" not in result.output
    return result


def document(result: Result) -> dict[str, Any]:
    """Return the one document on stdout, which is as its schema says."""
    parsed: dict[str, Any] = json.loads(result.stdout)
    Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(parsed)
    assert parsed["summary"]["exit_code"] == result.exit_code
    assert result.stderr == ""
    return parsed


def nested(depth: int) -> bytes:
    """Return lists in lists under a key: in all so many levels."""
    return b'{"a": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


BOMB = b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n".encode() for n in range(1, 9)
)

WANTED = "expected a CloudFormation template in JSON or YAML, an object with Resources"

UNREADABLE: Mapping[str, tuple[bytes, str, str]] = {
    "empty": (b"", "", f"empty; {WANTED}"),
    "blank": (b" \n\n", "", f"empty; {WANTED}"),
    "not-json": (b'{"Resources": }', ":1:15", f"not valid JSON: Expecting value; {EXPECTS_JSON}"),
    "not-yaml": (b"a: b: c\n", ":1:5", "not valid YAML: mapping values are not allowed in this context"),
    "list": (b"[1, 2]", "", f"no object at the top; {WANTED}"),
    "text": (b"hello", "", f"no object at the top; {WANTED}"),
    "binary": (
        b"\x7fELF\x02\x01\x01\x00",
        ":1:8",
        "a NUL byte, so this is no text; expected JSON or YAML in UTF-8",
    ),
    "latin-1": (b"Description: \xe9", ":1:14", "the byte 0xe9 is not UTF-8; save the file as UTF-8"),
    "too-large": (b" " * 1_048_577, "", "larger than 1,048,576 bytes, the limit for such a file"),
    "too-deep": (nested(101), ":1:106", "nested deeper than 100 levels, the limit"),
    "far-too-deep": (nested(100_000), ":1:106", "nested deeper than 100 levels, the limit"),
    "duplicate-json": (
        b'{"Resources": {"A": {}, "A": {}}}',
        ":1:25",
        "the key 'A' stands twice in one object; keep one of them",
    ),
    "duplicate-yaml": (
        b"Resources:\n  A: {}\n  A: {}\n",
        ":3:3",
        "the key 'A' stands twice in one object; keep one of them",
    ),
    "alias-bomb": (
        BOMB,
        ":6:10",
        "more than 200,000 keys and values, the limit; an alias counts as all that it stands for",
    ),
    "unknown-tag": (
        b"Resources: !!python/object:os.system {}\n",
        ":1:12",
        "the tag '!!python/object:os.system'; expected none, or a short form such as !Ref",
    ),
    "no-resources": (b"{}", "", "$: a template needs at least one resource under Resources"),
    "resources-null": (b'{"Resources": null}', "", "$: a template needs at least one resource under Resources"),
    "resources-list": (b'{"Resources": [1]}', "", "$: a template needs at least one resource under Resources"),
}
"""What cannot be read, with the place behind the file's name and the whole message."""


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_template_is_told_and_the_others_are_judged(name: str) -> None:
    """File, place and problem are in both formats, and the template beside it has its verdicts."""
    content, place, message = UNREADABLE[name]
    Path(name).write_bytes(content)
    write("good.json", template())
    told = document(run(name, "good.json", "--format", "json"))
    assert told["problems"] == [{"where": name + place, "message": message}]
    assert {verdict["template"] for verdict in told["verdicts"]} == {"good.json"}
    assert len(told["verdicts"]) == SCENARIOS
    assert told["summary"]["exit_code"] == 2
    text = run(name, "good.json")
    assert text.exit_code == 2
    assert f"could not judge {name}{place}: {message}\n" in text.stdout
    assert f"1 templates, {SCENARIOS} scenarios, {SCENARIOS} verdicts" in text.stdout


def test_paths_that_lead_to_no_template() -> None:
    """A file that is missing, a folder without templates and a pipe are problems, all told in one run."""
    Path("folder").mkdir()
    write("folder/notes.json", {"no": "template"})
    os.mkfifo("pipe")
    told = document(run("missing.json", "folder", "pipe", "--format", "json"))
    assert told["problems"] == [
        {"where": "missing.json", "message": "no such file; check the path"},
        {
            "where": "folder",
            "message": "a folder without templates; expected a cloud assembly (cdk.out), or CloudFormation templates",
        },
        {"where": "pipe", "message": "a pipe, socket or device; expected a regular file"},
    ]
    assert (told["verdicts"], told["summary"]["exit_code"]) == ([], 2)


def test_a_template_named_twice_is_judged_once() -> None:
    """A file that is named again, in another way too, brings no second verdicts."""
    write("own.template.json", template())
    told = document(run("own.template.json", "./own.template.json", "own.template.json", "--format", "json"))
    assert [verdict["template"] for verdict in told["verdicts"]] == ["own.template.json"] * SCENARIOS
    assert told["summary"] == document(run("own.template.json", "--format", "json"))["summary"]


def test_an_empty_path_is_a_usage_error() -> None:
    """A path that is empty, as an unset variable of a shell leaves it, is not taken for this folder."""
    write("own.template.json", template())
    result = run("own.template.json", "")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a path is empty; name a file or a folder, or . for this one" in result.stderr


def test_a_nested_stack_without_its_template_is_told() -> None:
    """A nested stack whose template is kept elsewhere may hold tables that nobody judged."""
    Path("cdk.out").mkdir()
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Own.template.json"}}
    write("cdk.out/manifest.json", {"artifacts": {"Own": stack}})
    nested_stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/a"}}
    write("cdk.out/Own.template.json", template({"Resources.Nested": nested_stack}))
    told = document(run("cdk.out", "--format", "json"))
    assert told["problems"] == [
        {
            "where": "cdk.out/Own.template.json",
            "message": "the template of the nested stack Nested is not in the assembly,"
            " so that nothing of it was judged",
        }
    ]
    assert ({verdict["template"] for verdict in told["verdicts"]}, told["summary"]["exit_code"]) == (
        {"cdk.out/Own.template.json"},
        2,
    )


def test_a_broken_manifest_is_told() -> None:
    """A cdk.out folder whose manifest cannot be read is a problem, though its templates still are judged."""
    Path("cdk.out").mkdir()
    Path("cdk.out/manifest.json").write_text("{", encoding="utf-8")
    write("cdk.out/Stack.template.json", template())
    told = document(run("cdk.out", "--format", "json"))
    assert [problem["where"] for problem in told["problems"]] == ["cdk.out/manifest.json"]
    assert {verdict["template"] for verdict in told["verdicts"]} == {"cdk.out/Stack.template.json"}
    assert told["summary"]["exit_code"] == 2


VIOLATED = {"Resources.Table.Properties.BillingMode": "PROVISIONED"}
UNDECIDED = {"Resources.Table.Properties.BillingMode": {"Fn::ImportValue": "mode"}}
ERRING = {"Resources.Table.Condition": "Nowhere"}


@pytest.mark.parametrize(
    ("templates", "exit_code"),
    [
        ([{}], 2),
        ([VIOLATED], 1),
        ([{}, VIOLATED], 1),
        ([UNDECIDED], 2),
        ([UNDECIDED, VIOLATED], 1),
        ([ERRING], 2),
        ([ERRING, VIOLATED], 2),
    ],
    ids=["no-tree", "violation", "one-violates", "undecided", "violation-first", "error", "error-first"],
)
def test_exit_codes(templates: list[dict[str, object]], exit_code: int) -> None:
    """An error outranks a violation, and a violation what the template alone cannot decide."""
    names = [write(f"{number}.json", template(changes)).name for number, changes in enumerate(templates)]
    assert run(*names).exit_code == exit_code
    assert document(run(*names, "--format", "json"))["summary"]["exit_code"] == exit_code


def test_a_finding_comes_with_what_stands_around_it() -> None:
    """The resource that it lies in, secrets hidden; what shows it is the template, so that there is no context."""
    secret = {"Parameters.Secret": {"Type": "String", "NoEcho": True, "Default": "hush-hush"}}
    named = {"Resources.Table.Properties.TableName": "of-hush-hush", **VIOLATED}
    changed = template({**secret, **named})
    write("violated.json", changed)
    told = document(run("violated.json", "--format", "json"))
    (violation,) = (
        finding for finding in told["findings"] if told["verdicts"][finding["verdict"]]["outcome"] == "non-compliant"
    )
    assert "hush-hush" not in json.dumps(told)
    table = changed["Resources"]["Table"]
    assert {**violation, "verdict": told["verdicts"][violation["verdict"]]["scenario"]} == {
        "verdict": "table-billing-mode/pay-per-request-billing",
        "context": None,
        "command": None,
        "excerpt": {**table, "Properties": {**table["Properties"], "TableName": "of-(hidden)"}},
        "at": "$.Resources.Table",
    }


def test_unreadable_outranks_a_violation() -> None:
    """What was not judged may be worse than what was."""
    write("violated.json", template(VIOLATED))
    assert run("violated.json").exit_code == 1
    assert run("violated.json", "missing.json").exit_code == 2


def test_an_assembly_that_holds(assemblies: Mapping[str, Path]) -> None:
    """A sound cdk.out folder is exit code 0, whether or not a template without tables comes with it."""
    write("bucket.json", BUCKET)
    sound = str(assemblies["sound"])
    assert document(run(sound, "--format", "json"))["summary"] == {
        **document(run(sound, "bucket.json", "--format", "json"))["summary"],
        "templates": 1,
        "outcomes": {
            "compliant": 17,
            "non-compliant": 0,
            "not-applicable": 3,
            "undetermined": 0,
            "waived": 0,
            "error": 0,
        },
        "scenarios": document(run(sound, "--format", "json"))["summary"]["scenarios"],
    }
    text = run(sound)
    assert text.exit_code == 0
    assert text.stdout.endswith(
        f"\nholds: 1 templates, {SCENARIOS} scenarios, {SCENARIOS} verdicts: 3 not-applicable, 17 compliant\n"
    )


def test_a_template_without_tables_alone_is_vacuous() -> None:
    """Nothing was judged, and that is not a pass."""
    write("bucket.json", BUCKET)
    told = document(run("bucket.json", "--format", "json"))
    assert told["problems"] == [{"where": "the run", "message": "no template has a DynamoDB table: nothing was judged"}]
    assert {verdict["outcome"] for verdict in told["verdicts"]} == {"not-applicable"}
    assert told["summary"]["exit_code"] == 2


def test_a_storage_stack_that_has_lost_its_table_is_a_violation() -> None:
    """What states storage settings and has no table was judged, and found wanting: 1, as of any other violation."""
    changes = {"Metadata.worthwatch:settings": {"stage": "dev"}, "Outputs": ABSENT}
    lost = dict.fromkeys(("Resources.Table", "Resources.Policy", "Resources.Function"), ABSENT)
    write("lost.json", template({**changes, **lost}))
    told = document(run("lost.json", "--format", "json"))
    violations = [verdict for verdict in told["verdicts"] if verdict["outcome"] == "non-compliant"]
    assert [(verdict["scenario"], verdict["message"]) for verdict in violations] == [
        (
            "dynamodb-table-provisioning/table-created-via-solutions-construct",
            "the storage stack has no DynamoDB table",
        )
    ]
    assert (told["problems"], told["summary"]["exit_code"]) == ([], 1)


def test_yaml_is_judged_as_json_is() -> None:
    """Short forms are read: the same template has the same verdicts."""
    write("one.json", template())
    text = json.dumps(template()).replace('{"Ref": "Table"}', "!Ref Table")
    Path("one.yaml").write_text("---\n" + text, encoding="utf-8")
    of_json, of_yaml = check([Path("one.json")]), check([Path("one.yaml")])
    assert [v.outcome for v in of_yaml.verdicts] == [v.outcome for v in of_json.verdicts]
    assert of_yaml.outcomes()[Outcome.COMPLIANT] > 10


def test_one_verdict_for_each_scenario_and_table() -> None:
    """Every table is judged by itself."""
    changes = {"Resources.Second": template()["Resources"]["Table"]}
    write("two.json", template(changes))
    told = document(run("two.json", "--format", "json"))
    judged = [(verdict["scenario"], verdict["resource"]) for verdict in told["verdicts"]]
    assert len(judged) == len(set(judged)) == 2 * SCENARIOS


PARAMETERS = {
    "Billing": {"Type": "String"},
    "Key": {"Type": "String", "NoEcho": True, "AllowedValues": ["correct-horse"], "MinLength": 4},
}
BILLED = {"Parameters": PARAMETERS, "Resources.Table.Properties.BillingMode": {"Ref": "Billing"}}
BILLING = "table-billing-mode/pay-per-request-billing"


def outcomes(result: Result, scenario: str) -> dict[str, str]:
    """Return what a scenario came to, by template."""
    verdicts = document(result)["verdicts"]
    return {verdict["template"]: verdict["outcome"] for verdict in verdicts if verdict["scenario"] == scenario}


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ((), "undetermined"),
        (("--parameters", "Billing=PAY_PER_REQUEST"), "compliant"),
        (("--parameters", "Billing=PROVISIONED"), "non-compliant"),
        (("--parameters", "own.yaml"), "compliant"),
        (("--parameters", "own.yaml", "--parameters", "Key=correct-horse"), "compliant"),
    ],
)
def test_parameters_that_are_given(given: tuple[str, ...], outcome: str) -> None:
    """What may be anything is undetermined, until a pair or a file gives it."""
    write("own.json", template(BILLED))
    Path("own.yaml").write_text("- {ParameterKey: Billing, ParameterValue: PAY_PER_REQUEST}", encoding="utf-8")
    result = run("own.json", *given, "--format", "json")
    assert outcomes(result, BILLING) == {"own.json": outcome}
    assert document(result)["problems"] == []


def test_parameters_of_several_templates() -> None:
    """A parameter is given to each template that declares it, and to no other."""
    write("one.json", template(BILLED))
    write("other.json", template(BILLED))
    write("without.json", template({"Resources.Table.Properties.BillingMode": "PROVISIONED"}))
    names = ("one.json", "other.json", "without.json")
    result = run(*names, "--parameters", "Billing=PAY_PER_REQUEST", "--format", "json")
    assert outcomes(result, BILLING) == dict(zip(names, ("compliant", "compliant", "non-compliant"), strict=True))
    assert document(result)["problems"] == []


@pytest.mark.parametrize(
    ("declared", "there_are"),
    [
        ({}, "none at all"),
        (PARAMETERS, "Billing, Key"),
        (
            {f"P{number:02}": {"Type": "String"} for number in range(25)},
            ", ".join([*(f"P{number:02}" for number in range(20)), "and more"]),
        ),
    ],
    ids=["none", "two", "many"],
)
def test_a_parameter_that_nobody_declares(declared: dict[str, object], there_are: str) -> None:
    """It was meant for something, and missed it: a problem, though the templates are judged."""
    write("own.json", template({"Parameters": declared}))
    told = document(run("own.json", "--parameters", "Biling=correct-horse", "--format", "json"))
    assert told["problems"] == [
        {
            "where": "--parameters",
            "message": f"no template that was read has a parameter Biling; there is {there_are}",
        }
    ]
    assert len(told["verdicts"]) == SCENARIOS
    assert told["summary"]["exit_code"] == 2


def test_a_value_that_a_template_does_not_allow() -> None:
    """CloudFormation would refuse the deployment: that template is not judged, and the value, a secret, not shown."""
    write("own.json", template(BILLED))
    write("other.json", template({"Parameters": {"Key": {"Type": "String"}}}))
    told = document(run("own.json", "other.json", "--parameters", "Key=battery-staple", "--format", "json"))
    assert told["problems"] == [
        {
            "where": "own.json",
            "message": "$.Parameters.Key: what --parameters gives is not allowed here; see its Type and AllowedValues "
            "and MinLength",
        }
    ]
    assert {verdict["template"] for verdict in told["verdicts"]} == {"other.json"}
    assert told["summary"]["exit_code"] == 2


STAGED = {"Stage": {"Type": "String", "Default": "dev"}}
ONLY_PROD = {"OnlyProd": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}]}}


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ((), []),
        (("--parameters", "Stage=dev"), ["$.Rules.OnlyProd: this rule refuses what --parameters gives"]),
        (("--parameters", "Stage=prod"), []),
    ],
)
def test_values_that_a_rule_refuses(given: tuple[str, ...], problems: list[str]) -> None:
    """CloudFormation would refuse the deployment: a problem that names the rule."""
    write("own.json", template({"Parameters": STAGED, "Rules": ONLY_PROD}))
    told = document(run("own.json", *given, "--format", "json"))
    assert told["problems"] == [{"where": "own.json", "message": message} for message in problems]


@pytest.mark.parametrize(
    ("declared", "reasons"),
    [
        ({"Type": "String", "Default": "x", "AllowedPattern": "true"}, "Type and AllowedPattern"),
        ({"Type": "String", "Default": "xxxx", "MaxLength": 2}, "Type and MaxLength"),
        ({"Type": "CommaDelimitedList", "Default": "a,B", "AllowedPattern": "[a-z]+"}, "Type and AllowedPattern"),
    ],
)
def test_a_default_that_is_not_allowed(declared: dict[str, object], reasons: str) -> None:
    """CloudFormation would refuse a deployment that gives no other value."""
    write("own.json", template({"Parameters": {"Key": declared}}))
    told = document(run("own.json", "--format", "json"))
    message = f"$.Parameters.Key.Default: not allowed by its own {reasons}"
    assert told["problems"] == [{"where": "own.json", "message": message}]


BOUNDED = {
    "Resources.Role.Properties.PermissionsBoundary": {
        "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/team/Boundary"
    }
}
READ = "lambda-dynamodb-integration/read-permissions-granted"


def boundary(action: str) -> dict[str, object]:
    """Return externals that tell what the boundary allows."""
    return {"managedPolicies": {"team/Boundary": {"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}}}


@pytest.mark.parametrize(
    ("changes", "told", "scenario", "outcome"),
    [
        (BOUNDED, {}, READ, "undetermined"),
        (BOUNDED, boundary("dynamodb:*"), READ, "compliant"),
        (BOUNDED, boundary("s3:*"), READ, "non-compliant"),
        (UNDECIDED, {"exports": {"other": "PAY_PER_REQUEST"}}, BILLING, "undetermined"),
        (UNDECIDED, {"exports": {"mode": "PAY_PER_REQUEST"}}, BILLING, "compliant"),
        (UNDECIDED, {"exports": {"mode": "PROVISIONED"}}, BILLING, "non-compliant"),
    ],
)
def test_externals_that_are_told(
    changes: dict[str, object], told: dict[str, object], scenario: str, outcome: str
) -> None:
    """What stands elsewhere is unknown, until a file tells it."""
    write("own.json", template(changes))
    write("account.json", told)
    result = run("own.json", "--externals", "account.json", "--format", "json")
    assert outcomes(result, scenario) == {"own.json": outcome}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--parameters", "missing.json"), "missing.json: no such file; check the path"),
        (
            ("--parameters", "account.json"),
            "account.json: $.exports: the value is none; expected a string, a number, "
            "true or false, or a list of these",
        ),
        (
            ("--parameters", "A=1", "--parameters", "A=2"),
            "--parameters: A: the parameter A has another value before; state it once",
        ),
        (("--externals", "missing.yaml"), "missing.yaml: no such file; check the path"),
        (
            ("--externals", "account.json"),
            "account.json: $.exports.a: expected a string; in YAML, what looks like a "
            "number, true or false is one in quotes",
        ),
        (("--externals", ""), ".: a folder; expected a file"),
        (("--externals", "\x1b[31m"), "\\x1b[31m: no such file; check the path"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_parameters_and_externals_that_cannot_be_used(arguments: tuple[str, ...], said: str, form: str) -> None:
    """Nothing is judged by a part of what was meant: one line on stderr, and exit code 2."""
    write("own.json", template())
    write("account.json", {"exports": {"a": 1}})
    result = run("own.json", *arguments, "--format", form)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: {said}\n")


HOSTILE = "T\x1b]0;x\x07\x1b[31m[red]x[/red]\u202e\x9b2J\r\n"


def test_what_templates_say_does_not_reach_the_terminal_raw() -> None:
    """Control characters are escaped and markup is text, wherever a template or a file's name has them."""
    changes = {
        "Resources.Table.Properties.BillingMode": HOSTILE,
        "Resources.Table.Properties.KeySchema.0.AttributeName": HOSTILE,
        "Resources.Table.Condition": "C",
        "Resources.Table.DeletionPolicy": HOSTILE,
        "Conditions.C": {"Fn::Equals": [{"Ref": HOSTILE}, HOSTILE]},
        "Parameters": {HOSTILE: {"Type": "String"}},
    }
    altered = template(changes)
    altered["Resources"][HOSTILE] = altered["Resources"]["Table"]
    altered["Outputs"] = {HOSTILE: {"Value": "x"}}
    write("[red]\x1b[31m.json", altered)
    write("macro.json", template({"Transform": HOSTILE}))
    write("type.json", {"Resources": {HOSTILE: 1}})
    paths = ("[red]\x1b[31m.json", "macro.json", "type.json", f"{HOSTILE}.json")
    text = run(*paths).stdout
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
    assert "T\\x1b]0;x\\x07\\x1b[31m[red]x[/red]\\u202e\\x9b2J\\r\\n" in text
    assert "  template: [red]\\x1b[31m.json\n" in text
    assert "could not judge T\\x1b]0;" in text
    document(run(*paths, "--format", "json"))
    assert run(*paths, "--format", "json").stdout.isascii()


def test_a_file_name_that_is_no_text() -> None:
    """A name of bytes that are not UTF-8 is shown by their escapes."""
    name = os.fsdecode(b"\xff.json")
    Path(name).write_bytes(b"")
    problem = f"empty; {WANTED}"
    told = document(run(name, "--format", "json"))
    assert told["problems"] == [{"where": "\\udcff.json", "message": problem}]
    assert f"could not judge \\udcff.json: {problem}\n" in run(name).stdout


def test_a_long_message_is_cut_for_the_reader() -> None:
    """Text shows as much as one takes in; the document has all."""
    write("long.json", template({"Resources.Table.Properties.BillingMode": "x" * 5000}))
    assert "x" * 301 not in run("long.json").stdout
    assert "x" * 5000 in run("long.json", "--format", "json").stdout


PLACES = [
    "Resources.Table.Properties",
    "Resources.Table.DeletionPolicy",
    "Resources.Table.UpdateReplacePolicy",
    "Resources.Table.Properties.KeySchema",
    "Resources.Table.Properties.KeySchema.0",
    "Resources.Table.Properties.AttributeDefinitions",
    "Resources.Table.Properties.AttributeDefinitions.0",
    "Resources.Table.Properties.SSESpecification",
    "Resources.Table.Properties.PointInTimeRecoverySpecification",
    "Resources.Table.Properties.TableName",
    "Resources.Table.Properties.ResourcePolicy",
    "Resources.Role.Properties",
    "Resources.Role.Properties.AssumeRolePolicyDocument",
    "Resources.Role.Properties.Policies",
    "Resources.Role.Properties.ManagedPolicyArns",
    "Resources.Role.Properties.PermissionsBoundary",
    "Resources.Policy.Properties.Roles",
    "Resources.Policy.Properties.PolicyDocument",
    "Resources.Policy.Properties.PolicyDocument.Statement",
    "Resources.Policy.Properties.PolicyDocument.Statement.0",
    "Resources.Policy.Properties.PolicyDocument.Statement.0.Action",
    "Resources.Policy.Properties.PolicyDocument.Statement.0.Resource",
    "Resources.Function.Properties",
    "Resources.Function.Properties.Role",
    "Resources.Function.Properties.Environment",
    "Resources.Function.Properties.Environment.Variables",
    "Resources.Function.Properties.Environment.Variables.DDB_TABLE_NAME",
    "Outputs",
    "Outputs.TableName",
    "Outputs.TableName.Value",
    "Metadata",
    "Metadata.worthwatch:settings",
    "Conditions",
    "Mappings",
    "Parameters",
    "Transform",
]
FUNCTIONS = [
    "Ref",
    "Condition",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::Transform",
]
WORDS = [
    "",
    "Table",
    "Role",
    "AWS::NoValue",
    "AWS::Region",
    "*",
    "Retain",
    "id",
    "stage",
    "removalPolicy",
    "dynamodb:*",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
KEYS = st.sampled_from([*FUNCTIONS, *WORDS, "Effect", "Action", "Statement", "Principal", "Type", "Value", "Name"])
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(st.sampled_from(PLACES), VALUES, min_size=1, max_size=2))
def test_whatever_stands_in_a_template_it_is_judged_or_refused(changes: dict[str, object]) -> None:
    """No JSON, wherever it stands, makes a rule fail, a verdict go missing or the document deviate from its schema."""
    ordered = dict(sorted(changes.items(), key=lambda change: change[0].count("."), reverse=True))
    write("any.json", template(ordered))
    told = document(run("any.json", "--format", "json"))
    assert [v["message"] for v in told["verdicts"] if "the rule failed" in v["message"]] == []
    assert len(told["verdicts"]) == SCENARIOS
    assert not told["problems"] or told["summary"]["exit_code"] == 2
    assert run("any.json").exit_code == told["summary"]["exit_code"]
