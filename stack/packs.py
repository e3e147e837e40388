"""cdk-nag's stock packs and the CDK's template validator, run over a stack that has been synthesised.

They judge as validation plugins, within synthesis: so the app is synthesised once more, the packs added. A plugin that
an app has from the start is named in the template's analytics; one that comes later changes no byte.
"""

from collections.abc import Iterable
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import IConstruct

from stack.validation_report import (
    CANARY,
    PACKS,
    REPORT,
    VALIDATOR,
    Acknowledgement,
    ScanError,
    Violation,
    hidden,
    proved,
    read_report,
)

_PACKS: tuple[type[cdk_nag.NagPack], ...] = (
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
)


def scan(app: cdk.App, stack: cdk.Stack, acknowledged: Iterable[Acknowledgement] = ()) -> tuple[Violation, ...]:
    """Return what the packs, the validator and the CDK's annotations tell of the only stack of a synthesised app.

    Adds to the stack what is to be `acknowledged`, save of resources that it has not, and to the app a canary: a stack
    in which each of them must find something. What they find in that is told with the rest. Raises ScanError where one
    did not, where one failed, where the stack acknowledges in a way that leaves no record, where the CDK takes an id
    for none, and where the stack's template is another with the packs on than it was without.
    """
    outdir = Path(app.outdir)
    template, report = outdir / stack.template_file, outdir / REPORT
    written = template.read_bytes()
    bare = hidden((outdir / f"{stack.artifact_id}.metadata.json").read_bytes())
    if bare:
        raise ScanError(f"acknowledged without a record: {', '.join(bare)}; acknowledge by the id PACK::RULE")
    for one in acknowledged:
        _acknowledge(stack, one)
    _add_canary(app, stack)
    cdk.Validations.of(app).add_plugins(*(pack(app) for pack in _PACKS))
    report.unlink(missing_ok=True)
    try:
        app.synth(force=True)
    except RuntimeError as error:
        # So the CDK tells that a plugin found something, once it has written the report.
        if not report.is_file():
            raise ScanError(f"synthesis with packs of rules failed: {error}") from error
    if template.read_bytes() != written:
        raise ScanError("the template is another with packs of rules on than without")
    return proved(read_report(report.read_bytes()), (*PACKS, VALIDATOR))


def _acknowledge(stack: cdk.Stack, one: Acknowledgement) -> None:
    construct = stack if one.construct is None else _resource(stack, one.construct)
    if construct is None:
        return
    try:
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=one.id, reason=one.reason))
    except RuntimeError as error:
        raise ScanError(f"{one.id} on {one.construct or stack.node.path} cannot be acknowledged: {error}") from error


def _resource(stack: cdk.Stack, path: str) -> IConstruct | None:
    """Return the resource at a construct path; what is acknowledged of another construct is so of all within it."""
    above, *names = path.split("/")
    construct: IConstruct | None = stack if above == stack.node.path else None
    for name in names:
        construct = construct and construct.node.try_find_child(name)
    return construct if construct is not None and cdk.CfnResource.is_cfn_resource(construct) else None


def _add_canary(app: cdk.App, stack: cdk.Stack) -> None:
    """Add what each pack and the validator find something in, by each rule that policies/agreement.toml names of them.

    That is a function whose role may do everything, and tables without recovery, scaling and policies that serve.
    """
    canary = cdk.Stack(app, CANARY)
    # What the validator reads first lends its description to all that it finds of that rule.
    canary.add_dependency(stack)
    cdk.CfnParameter(canary, "Unused")
    everything = iam.PolicyStatement(actions=["*"], resources=["*"])
    role = iam.Role(
        canary,
        "Role",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"Everything": iam.PolicyDocument(statements=[everything])},
    )
    lambda_.CfnFunction(
        canary,
        "Function",
        code=lambda_.CfnFunction.CodeProperty(zip_file="pass"),
        handler="index.handler",
        role=role.role_arn,
        runtime="python3.9",
    )
    _add_table(canary, "TableWithOnePolicy", "other").add_override("UpdateReplacePolicy", "Retain")
    table = _add_table(canary, "TableWithNoSuchPolicies", "id")
    table.add_override("DeletionPolicy", "Snapshot")
    table.add_override("UpdateReplacePolicy", "Snapshot")


def _add_table(canary: cdk.Stack, name: str, attribute: str) -> dynamodb.CfnTable:
    """Add a table whose key is `id`, whatever attribute is defined."""
    return dynamodb.CfnTable(
        canary,
        name,
        attribute_definitions=[
            dynamodb.CfnTable.AttributeDefinitionProperty(attribute_name=attribute, attribute_type="S")
        ],
        key_schema=[dynamodb.CfnTable.KeySchemaProperty(attribute_name="id", key_type="HASH")],
    )
