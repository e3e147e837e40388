"""The nag pack in CDK apps: what it reports of the final templates, and how."""

# ruff: noqa: E402 -- importing the CDK starts the Node.js that JSII_NODE names by then

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from stack.node import use_bundled_node

use_bundled_node()

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_solutions_constructs.aws_lambda_dynamodb import LambdaToDynamoDB
from constructs import Construct

from policies import catalogue
from policies.model import Finding, TableRule
from policies.nag import StorageChecks
from policies.template import Resource
from policies.worlds import World

PROVENANCE = "dynamodb-table-provisioning/table-created-via-solutions-construct"
NAME = "dynamodb-table-provisioning/table-name-available"
KEY = "table-key-schema/partition-key-defined"
NO_SORT_KEY = "table-key-schema/no-sort-key-required"
READ = "lambda-dynamodb-integration/read-permissions-granted"
WRITE = "lambda-dynamodb-integration/write-permissions-granted"
VARIABLE = "lambda-dynamodb-integration/environment-variable-injected"
BILLING = "table-billing-mode/pay-per-request-billing"
ENCRYPTION = "table-encryption/encryption-enabled"
RECOVERY = "point-in-time-recovery/pitr-configurable"
DELETION = "table-deletion-protection/deletion-policy-applied"
RETAIN = "table-deletion-protection/retain-option-available"

PROOF = ("WorthWatch-judged", "info")
STATEMENT = "PolicyDocument.Statement.1.Action"


class StorageStack(cdk.Stack):
    """A stack as a team of its own may have it: the construct with its defaults, a key, and an output."""

    def __init__(self, scope: Construct, construct_id: str, **table: Any) -> None:
        super().__init__(scope, construct_id)
        props = {"partition_key": dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING), **table}
        self.storage = LambdaToDynamoDB(
            self,
            "Storage",
            lambda_function_props=function_props(),
            dynamo_table_props=dynamodb.TableProps(**props),
        )
        assert self.storage.dynamo_table is not None
        self.output = cdk.CfnOutput(self, "TableName", value=self.storage.dynamo_table.table_name)

    @property
    def table(self) -> cdk.CfnResource:
        """The table as CloudFormation will know it."""
        return resource(self.storage.dynamo_table)

    @property
    def function(self) -> cdk.CfnResource:
        """The function as CloudFormation will know it."""
        return resource(self.storage.lambda_function)

    @property
    def policy(self) -> cdk.CfnResource:
        """What the function's role may do: X-Ray first, the table second."""
        role = self.storage.lambda_function.role
        assert role is not None
        return resource(role.node.find_child("DefaultPolicy"))


def resource(construct: Any) -> cdk.CfnResource:
    """Return the resource of a construct."""
    child = construct.node.default_child
    assert isinstance(child, cdk.CfnResource)
    return child


def function_props() -> lambda_.FunctionProps:
    """Return the smallest function that there is."""
    return lambda_.FunctionProps(
        runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=lambda_.Code.from_inline("pass")
    )


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    """Return an app under the pack."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), stack_traces=False, auto_synth=False)
    cdk.Validations.of(app).add_plugins(StorageChecks(app))
    return app


def report(app: cdk.App) -> dict[str, Any]:
    """Synthesise the app, which raises where something is wrong, and return what the report says of the pack."""
    with suppress(RuntimeError):
        app.synth()
    document = json.loads(Path(app.outdir, "validation-report.json").read_text(encoding="utf-8"))
    (ours,) = (one for one in document["pluginReports"] if one["pluginName"] == "WorthWatch")
    assert isinstance(ours, dict)
    for violation in ours["violations"]:
        for construct in violation["violatingConstructs"]:
            construct.pop("stackTraces", None)  # the CDK's own, of the machine's Python and Node.js
    return ours


def entries(app: cdk.App) -> list[tuple[str, str]]:
    """Return the id and severity of each entry of the report."""
    return [(one["ruleName"], one["severity"]) for one in report(app)["violations"]]


def errors(*scenarios: str) -> list[tuple[str, str]]:
    """Return the entries of a report on which these scenarios stand as violated."""
    return [*((f"WorthWatch-{scenario}", "error") for scenario in scenarios), PROOF]


def test_a_clean_app_is_reported_as_judged(app: cdk.App) -> None:
    """A run that found nothing is told from no run: it says how much was judged, about no construct."""
    StorageStack(app, "Store")
    app.synth()
    assert report(app) == {
        "pluginName": "WorthWatch",
        "conclusion": "success",
        "violations": [
            {
                "ruleName": "WorthWatch-judged",
                "description": "templates: 1; DynamoDB tables: 1; verdicts: 3 not-applicable, 17 compliant",
                "severity": "info",
                "violatingConstructs": [],
            }
        ],
    }


def test_a_violation_is_told_in_full_and_ends_synthesis(app: cdk.App, tmp_path: Path) -> None:
    """An entry has scenario, finding, what is expected, JSON path, template, remedy and construct."""
    stack = StorageStack(app, "Store")
    stack.table.add_property_override("KeySchema.0.AttributeName", "pk")
    logical_id = stack.get_logical_id(stack.table)
    with pytest.raises(RuntimeError, match=f"ERROR {KEY}: the partition key is named pk"):
        app.synth()
    ours = report(app)
    assert (ours["conclusion"], ours["violations"][0]) == (
        "failure",
        {
            "ruleName": f"WorthWatch-{KEY}",
            "description": (
                f'{KEY}: the partition key is named pk; found "pk"; expected id; '
                f"at $.Resources.{logical_id}.Properties.KeySchema[0].AttributeName "
                f"of {tmp_path.as_posix()}/cdk.out/Store.template.json"
            ),
            "suggestedFix": "set partition_key=dynamodb.Attribute(name='id', type=dynamodb.AttributeType.STRING)",
            "severity": "error",
            "violatingConstructs": [
                {
                    "constructPath": "Store/Storage/DynamoTable/Resource",
                    "constructFqn": "aws-cdk-lib.aws_dynamodb.CfnTable",
                    "libraryVersion": version("aws-cdk-lib"),
                    "cloudFormationResource": {
                        "templatePath": "Store.template.json",
                        "logicalId": logical_id,
                        "propertyPaths": ["Properties.KeySchema[0].AttributeName"],
                    },
                }
            ],
        },
    )


def beside(stack: StorageStack) -> None:
    """Give the construct a table that it has not made."""
    table = dynamodb.Table(
        stack,
        "Beside",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.AWS_MANAGED,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
    )
    LambdaToDynamoDB(stack, "Around", lambda_function_props=function_props(), existing_table_obj=table)


def without_name(stack: StorageStack) -> None:
    """Let nothing hold the table's name."""
    stack.function.add_property_deletion_override("Environment")
    stack.output.value = "elsewhere"


def with_arn(stack: StorageStack) -> None:
    """Put the table's ARN in the place of its name."""
    stack.function.add_property_override("Environment.Variables.DDB_TABLE_NAME", stack.table.get_att("Arn"))


def with_sort_key(stack: StorageStack) -> None:
    """Add a sort key."""
    stack.table.add_property_override("KeySchema.1", {"AttributeName": "at", "KeyType": "RANGE"})
    stack.table.add_property_override("AttributeDefinitions.1", {"AttributeName": "at", "AttributeType": "S"})


BROKEN: dict[str, tuple[Callable[[StorageStack], None], tuple[str, ...]]] = {
    PROVENANCE: (beside, (PROVENANCE,)),
    NAME: (without_name, (NAME, READ, WRITE, VARIABLE)),
    KEY: (lambda stack: stack.table.add_property_override("AttributeDefinitions.0.AttributeType", "N"), (KEY,)),
    NO_SORT_KEY: (with_sort_key, (NO_SORT_KEY,)),
    READ: (
        lambda stack: stack.policy.add_property_override(STATEMENT, ["dynamodb:PutItem", "dynamodb:UpdateItem"]),
        (READ,),
    ),
    WRITE: (
        lambda stack: stack.policy.add_property_override(STATEMENT, ["dynamodb:GetItem", "dynamodb:Query"]),
        (WRITE,),
    ),
    VARIABLE: (with_arn, (READ, WRITE, VARIABLE)),
    BILLING: (lambda stack: stack.table.add_property_override("BillingMode", "PROVISIONED"), (BILLING,)),
    ENCRYPTION: (lambda stack: stack.table.add_property_override("SSESpecification.SSEEnabled", False), (ENCRYPTION,)),
    RECOVERY: (
        lambda stack: stack.table.add_property_deletion_override("PointInTimeRecoverySpecification"),
        (RECOVERY,),
    ),
    DELETION: (lambda stack: stack.table.add_override("DeletionPolicy", "Snapshot"), (DELETION, RETAIN)),
    RETAIN: (lambda stack: stack.table.add_override("DeletionPolicy", "Delete"), (RETAIN,)),
}


def test_every_scenario_of_the_spec_is_broken_below() -> None:
    """The spec has these 12 scenarios and no other."""
    spec = [entry.name for entry in catalogue.load() if entry.scenario.spec == "dynamodb-storage"]
    assert list(BROKEN) == spec


@pytest.mark.parametrize("scenario", BROKEN)
def test_a_scenario_broken_by_an_override_is_reported(app: cdk.App, scenario: str) -> None:
    """An override that breaks a scenario, and what else hangs on it, is reported, and nothing else is."""
    break_it, scenarios = BROKEN[scenario]
    break_it(StorageStack(app, "Store"))
    assert entries(app) == errors(*scenarios)


def test_an_override_that_mends_is_honoured(app: cdk.App) -> None:
    """A property that breaks a scenario is none in the template once an override has mended it."""
    stack = StorageStack(
        app, "Store", encryption=dynamodb.TableEncryption.DEFAULT, billing_mode=dynamodb.BillingMode.PROVISIONED
    )
    stack.table.add_property_override("SSESpecification.SSEEnabled", True)
    stack.table.add_property_override("BillingMode", "PAY_PER_REQUEST")
    assert entries(app) == [PROOF]


def test_settings_in_the_metadata_are_judged_by(app: cdk.App) -> None:
    """What hangs on the settings is judged by those that the template states."""
    StorageStack(app, "Store").template_options.metadata = {"worthwatch:settings": {"stage": "prod"}}
    assert entries(app) == errors("production-protection/deletion-protection-enabled")


def test_an_acknowledged_violation_is_kept_with_its_reason(app: cdk.App) -> None:
    """An acknowledgement by qualified id lets synthesis pass, and the report keeps the violation with the reason."""
    stack = StorageStack(app, "Store", billing_mode=dynamodb.BillingMode.PROVISIONED)
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id=f"WorthWatch::WorthWatch-{BILLING}", reason="reserved capacity")
    )
    app.synth()
    ours = report(app)
    kept = [
        (one["ruleName"], one["severity"], one["reason"], one["acknowledgedAt"], one["acknowledgedId"])
        for one in ours["suppressedViolations"]
    ]
    assert kept == [
        (f"WorthWatch-{BILLING}", "error", "reserved capacity", "Store", f"WorthWatch::WorthWatch-{BILLING}")
    ]
    assert (ours["conclusion"], [one["ruleName"] for one in ours["violations"]]) == ("success", ["WorthWatch-judged"])


@pytest.mark.parametrize(
    "acknowledged",
    [f"WorthWatch-{BILLING}", f"WorthWatch::WorthWatch-{BILLING}[undetermined]", f"WorthWatch::WorthWatch-{KEY}"],
)
def test_another_id_acknowledges_nothing(app: cdk.App, acknowledged: str) -> None:
    """Neither the bare id, nor that of the undetermined, nor another scenario's covers a violation."""
    stack = StorageStack(app, "Store", billing_mode=dynamodb.BillingMode.PROVISIONED)
    cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=acknowledged, reason="by mistake"))
    assert entries(app) == errors(BILLING)


def test_an_acknowledgement_covers_its_construct_only(app: cdk.App) -> None:
    """Of two stacks with the same violation, the one that acknowledges nothing is reported."""
    first = StorageStack(app, "First", billing_mode=dynamodb.BillingMode.PROVISIONED)
    StorageStack(app, "Second", billing_mode=dynamodb.BillingMode.PROVISIONED)
    cdk.Validations.of(first).acknowledge(
        cdk.Acknowledgment(id=f"WorthWatch::WorthWatch-{BILLING}", reason="reserved capacity")
    )
    violations = report(app)["violations"]
    assert [(one["ruleName"], paths(one)) for one in violations] == [
        (f"WorthWatch-{BILLING}", ["Second/Storage/DynamoTable/Resource"]),
        ("WorthWatch-judged", []),
    ]
    assert violations[-1]["description"] == (
        "templates: 2; DynamoDB tables: 2; verdicts: 6 not-applicable, 32 compliant, 2 non-compliant"
    )


def paths(violation: dict[str, Any]) -> list[str]:
    """Return the constructs that a violation is about."""
    return [construct["constructPath"] for construct in violation["violatingConstructs"]]


def test_nested_stacks_and_stages_are_judged(app: cdk.App) -> None:
    """Tables in a nested stack and in a stage are judged as any other, and named by their construct."""
    stage = cdk.Stage(app, "Prod")
    StorageStack(stage, "Store", billing_mode=dynamodb.BillingMode.PROVISIONED)
    stack = cdk.Stack(app, "Outer")
    nested = cdk.NestedStack(stack, "Inner")
    table_of(nested)
    found = {(one["ruleName"], *paths(one)) for one in report(app)["violations"]}
    assert found == {
        (f"WorthWatch-{BILLING}", "Prod/Store/Storage/DynamoTable/Resource"),
        *((f"WorthWatch-{scenario}", "Outer/Inner/Table/Resource") for scenario in BARE),
        ("WorthWatch-judged",),
    }


BARE = (PROVENANCE, NAME, READ, WRITE, VARIABLE, BILLING, ENCRYPTION, RECOVERY)
"""The scenarios that a table violates which has nothing but its key."""


def table_of(scope: Construct) -> dynamodb.Table:
    """Create a table that has nothing but its key."""
    return dynamodb.Table(
        scope, "Table", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    )


def test_a_pack_of_a_stage_judges_that_stage_only(tmp_path: Path) -> None:
    """Registered with a stage, the pack judges its stacks, and what made their tables is still known."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), stack_traces=False, auto_synth=False)
    stage = cdk.Stage(app, "Prod")
    StorageStack(stage, "Store")
    table_of(cdk.Stack(app, "Playground"))
    too_large = table_of(cdk.Stack(app, "Large"))
    resource(too_large).add_override("Metadata.Text", "x" * 1_048_576)
    cdk.Validations.of(stage).add_plugins(StorageChecks())
    assert entries(app) == [PROOF]


def test_without_construct_tree_provenance_is_undetermined(tmp_path: Path) -> None:
    """Without tree metadata nothing shows what made the table: an error with an id of its own."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), stack_traces=False, auto_synth=False, tree_metadata=False)
    stack = StorageStack(app, "Store")
    cdk.Validations.of(app).add_plugins(StorageChecks(app))
    ours = report(app)
    assert (ours["conclusion"], [(one["ruleName"], one["severity"]) for one in ours["violations"]]) == (
        "failure",
        [(f"WorthWatch-{PROVENANCE}[undetermined]", "error"), PROOF],
    )
    assert ours["violations"][0]["description"].startswith(f"{PROVENANCE} cannot be determined: no construct tree")
    assert paths(ours["violations"][0]) == [stack.table.node.path]


def test_the_undetermined_is_acknowledged_by_its_own_id(app: cdk.App) -> None:
    """Who knows what the deployment will choose says so, and has not acknowledged a violation."""
    stack = StorageStack(app, "Store")
    chosen = cdk.CfnParameter(stack, "Billing")
    stack.table.add_property_override("BillingMode", chosen.value_as_string)
    accepted = f"WorthWatch-{BILLING}[undetermined]"
    cdk.Validations.of(stack).acknowledge(
        cdk.Acknowledgment(id=f"WorthWatch::{accepted}", reason="our pipeline passes PAY_PER_REQUEST")
    )
    app.synth()
    assert [(one["ruleName"], one["reason"]) for one in report(app)["suppressedViolations"]] == [
        (accepted, "our pipeline passes PAY_PER_REQUEST")
    ]


def test_a_violation_in_one_world_names_the_world(app: cdk.App) -> None:
    """What one choice of the template's parameters violates is violated, and the entry says by which."""
    stack = StorageStack(app, "Store")
    chosen = cdk.CfnParameter(stack, "Encrypted", allowed_values=["true", "false"])
    stack.table.add_property_override("SSESpecification.SSEEnabled", chosen.value_as_string)
    ours = report(app)["violations"][0]
    assert ours["ruleName"] == f"WorthWatch-{ENCRYPTION}"
    assert ours["description"].endswith('Store.template.json; when Encrypted is "false"')


def test_an_app_without_table_is_told_that_nothing_was_judged(app: cdk.App) -> None:
    """Nothing to judge is a warning, and no proof that something was judged; a stack may even be empty."""
    cdk.Stack(app, "Empty")
    lambda_.CfnUrl(cdk.Stack(app, "Other"), "Url", auth_type="AWS_IAM", target_function_arn="f")
    ours = report(app)
    assert (ours["conclusion"], ours["violations"]) == (
        "success",
        [
            {
                "ruleName": "WorthWatch-nothing-judged",
                "description": "nothing was judged: no DynamoDB table in any template; templates read: 1",
                "suggestedFix": "register WorthWatch with the app or stage whose stacks have the tables",
                "severity": "warning",
                "violatingConstructs": [{"constructPath": ""}],
            }
        ],
    )


def test_a_storage_stack_without_table_is_a_violation(app: cdk.App) -> None:
    """A stack that states storage settings must have a table: the violation is the stack's own."""
    stack = cdk.Stack(app, "Store")
    lambda_.CfnUrl(stack, "Url", auth_type="AWS_IAM", target_function_arn="f")
    stack.template_options.metadata = {"worthwatch:settings": {"stage": "dev"}}
    assert [(one["ruleName"], one["severity"], paths(one)) for one in report(app)["violations"]] == [
        (f"WorthWatch-{PROVENANCE}", "error", ["Store"]),
        ("WorthWatch-nothing-judged", "warning", [""]),
    ]


def test_a_rule_that_crashes_is_no_violation(app: cdk.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails is told by an id of its own, fatal, whoever acknowledges it; the others are still judged."""

    def crash(table: Resource, world: World) -> Iterator[Finding]:
        raise ValueError(f"no idea of {table.type} in {len(world.assumed.bound)} assumptions")

    broken = tuple(replace(one, rule=TableRule(crash)) if one.name == KEY else one for one in catalogue.load())
    monkeypatch.setattr(catalogue, "load", lambda: broken)
    stack = StorageStack(app, "Store", billing_mode=dynamodb.BillingMode.PROVISIONED)
    for scenario in (f"could-not-judge[{KEY}]", KEY):
        cdk.Validations.of(stack).acknowledge(
            cdk.Acknowledgment(id=f"WorthWatch::WorthWatch-{scenario}", reason="never mind")
        )
    ours = report(app)
    assert (ours["conclusion"], [(one["ruleName"], one["severity"]) for one in ours["violations"]]) == (
        "failure",
        [(f"WorthWatch-could-not-judge[{KEY}]", "fatal"), (f"WorthWatch-{BILLING}", "error"), PROOF],
    )
    told = ours["violations"][0]["description"]
    rule = "policies.table_key_schema.partition_key_defined"
    assert told.startswith(f"{KEY} could not be judged: the rule {rule} failed on ")
    assert " with ValueError: no idea of AWS::DynamoDB::Table in 0 assumptions;" in told


def test_rules_that_cannot_be_loaded_fail_the_plugin(app: cdk.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rules there is no verdict: the CDK reports that the plugin failed, and synthesis ends."""

    def refuse() -> None:
        raise catalogue.CatalogueError(["no spec holds a scenario: there is nothing to judge by"])

    monkeypatch.setattr(catalogue, "load", refuse)
    StorageStack(app, "Store")
    with pytest.raises(RuntimeError, match="no spec holds a scenario"):
        app.synth()
    assert report(app) == {
        "pluginName": "WorthWatch",
        "conclusion": "failure",
        "metadata": {
            "error": ("Validation plugin 'WorthWatch' failed: no spec holds a scenario: there is nothing to judge by")
        },
        "violations": [],
    }


def test_a_template_that_cannot_be_read_is_no_violation(app: cdk.App, tmp_path: Path) -> None:
    """A template that cannot be read is told by an id of its own, and other templates are still judged."""
    StorageStack(app, "Broken").table.add_override("Metadata.Text", "x" * 1_048_576)
    StorageStack(app, "Store", billing_mode=dynamodb.BillingMode.PROVISIONED)
    ours = report(app)
    assert [(one["ruleName"], one["severity"]) for one in ours["violations"]] == [
        ("WorthWatch-could-not-judge[template]", "fatal"),
        *errors(BILLING),
    ]
    problem = "larger than 1,048,576 bytes, the limit for such a file"
    assert ours["violations"][0]["description"] == (
        f"could not be judged: {tmp_path.as_posix()}/cdk.out/Broken.template.json: {problem}"
    )


def test_what_cloudformation_would_refuse_is_told_beside_the_verdicts(app: cdk.App, tmp_path: Path) -> None:
    """A template with a place that CloudFormation refuses is judged, and the place is told by an id of its own."""
    broken = StorageStack(app, "Broken")
    broken.table.add_override("DependsOn", "Nothing")
    ours = report(app)
    assert [(one["ruleName"], one["severity"]) for one in ours["violations"]] == [
        ("WorthWatch-could-not-judge[template]", "fatal"),
        *errors(),
    ]
    place = f"$.Resources.{broken.get_logical_id(broken.table)}.DependsOn"
    assert ours["violations"][0]["description"] == (
        f"could not be judged: {tmp_path.as_posix()}/cdk.out/Broken.template.json: "
        f"{place}: the template has no resource Nothing"
    )


def test_what_was_found_is_quoted_in_bounds(app: cdk.App) -> None:
    """A long value is cut, so that one entry does not bury the others."""
    StorageStack(app, "Store").table.add_property_override("KeySchema.0.AttributeName", "k" * 600)
    found = report(app)["violations"][0]["description"].split("; ")[1]
    assert found == f'found "{"k" * 498}…'


def test_constructs_without_templates_are_refused(app: cdk.App) -> None:
    """NagPack's `validate_scope` cannot be silent here: it has no template to judge."""
    StorageStack(app, "Store")
    with pytest.raises(RuntimeError, match=r"expected Validations\.of\(app\)\.add_plugins"):
        StorageChecks(app).validate_scope(app)


def test_acknowledgements_can_be_written_to_the_template(tmp_path: Path) -> None:
    """NagPack's own properties hold: acknowledgements reach the template's metadata."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), stack_traces=False, auto_synth=False)
    cdk.Validations.of(app).add_plugins(StorageChecks(app, write_suppressions_to_cloud_formation=True))
    stack = StorageStack(app, "Store", billing_mode=dynamodb.BillingMode.PROVISIONED)
    accepted = f"WorthWatch::WorthWatch-{BILLING}"
    cdk.Validations.of(stack.table).acknowledge(cdk.Acknowledgment(id=accepted, reason="reserved capacity"))
    app.synth()
    template = json.loads(Path(app.outdir, "Store.template.json").read_text(encoding="utf-8"))
    (table,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::DynamoDB::Table")
    assert table["Metadata"]["cdk_nag"] == {"rules_to_suppress": [{"id": accepted, "reason": "reserved capacity"}]}
