"""cdk-nag's packs and the CDK's validator on the stack: what they find, and that none of them is silent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from policies.agreement import SHIPPED, read_pairs
from stack.contexts import Context
from stack.synth import Synthesis, synthesise
from stack.validation_report import PACKS, VALIDATOR, Acknowledgement, Violation

if TYPE_CHECKING:
    from stack.storage import StorageStack

ADDED = "WorthWatchStorage/Added"
FAILING = ("bare", "throws", "restless", "misspelt", "silent")
NAMES = ("plain", "queue", "accepted", "refused", *FAILING)
CONCURRENCY = "HIPAA.Security-LambdaConcurrency"
FUNCTION = "WorthWatchStorage/Storage/LambdaFunction/Resource"


def acknowledgement(
    rule: str, construct: str | None, reason: str, plugin: str = "AwsSolutions", table: str = "accepted"
) -> Acknowledgement:
    """Return an acknowledgement by the stack whose table has a name."""
    return Acknowledgement(plugin, rule, construct, reason, {"tableName": (table,), "deployVpc": (False,)})


ACKNOWLEDGED = (
    acknowledgement("AwsSolutions-SQS3", ADDED, "the queue's own reason"),
    acknowledgement("AwsSolutions-SQS4", ADDED, "nearer than the stack's"),
    acknowledgement("W2001", None, "of the stack", VALIDATOR),
    acknowledgement("Serverless-SQSRedrivePolicy", ADDED, "of another stack", "Serverless", "another"),
    acknowledgement("Serverless-SQSRedrivePolicy", f"{ADDED}/Deeper", "of no construct", "Serverless"),
    acknowledgement("Serverless-SQSRedrivePolicy", "Canary/Function", "of another stack's", "Serverless"),
    acknowledgement("Serverless-SQSRedrivePolicy", "", "of the app", "Serverless"),
    acknowledgement(CONCURRENCY, "WorthWatchStorage/Storage", "of no resource", "HIPAA.Security"),
    acknowledgement("AwsSolutions-L1", FUNCTION, "not found"),
    acknowledgement("AwsSolutions-L1]", FUNCTION, "no id", table="misspelt"),
)


def customise(stack: StorageStack) -> None:
    """Add to the stack what its table's name asks for."""
    import aws_cdk as cdk  # noqa: PLC0415 - starts Node.js: for the worker
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415 - as above
    from aws_cdk import aws_sqs as sqs  # noqa: PLC0415 - as above

    from stack import packs  # noqa: PLC0415 - as above
    from tests.stack.counting import Counting  # noqa: PLC0415 - as above

    validations = cdk.Validations.of(stack)
    match stack.settings.table_name:
        case "queue" | "accepted":
            queue = sqs.CfnQueue(stack, "Added")
            cdk.CfnParameter(stack, "AddedParameter")
            cdk.Annotations.of(queue).add_warning_v2("worthwatch:added", "an added queue")
            validations.acknowledge(cdk.Acknowledgment(id="AwsSolutions::AwsSolutions-SQS4", reason="nothing is sent"))
        case "refused":
            sqs.CfnQueue(stack, "Added").add_property_override("DelaySeconds", "soon")
        case "bare":
            validations.acknowledge(cdk.Acknowledgment(id="AwsSolutions-SQS4", reason="nothing is sent"))
        case "throws":
            runtime = cdk.CfnParameter(stack, "AddedParameter").value_as_string
            code = lambda_.CfnFunction.CodeProperty(zip_file="pass")
            lambda_.CfnFunction(stack, "Added", code=code, role="arn:aws:iam::111122223333:role/added", runtime=runtime)
        case "restless":
            cdk.CfnOutput(stack, "Added", value=cdk.Lazy.uncached_string(Counting()))
        case "silent":
            # The worker has nothing to synthesise after it.
            packs._PACKS = packs._PACKS[:-1]  # noqa: SLF001 - so is a pack missing


@pytest.fixture(scope="module")
def scanned() -> Mapping[str, Synthesis]:
    """Return what came of the stack, plain and customised, with what was found in it, by its table's name."""
    contexts = [Context(name, {"worthwatch:tableName": name}) for name in NAMES]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDK_VALIDATION", "false")  # of the user's; so would the validator be off
        syntheses = synthesise(contexts, workers=1, customise=customise, scanned=True, acknowledged=ACKNOWLEDGED)
        return {one.context.name: one for one in syntheses}


def added(synthesis: Synthesis) -> list[Violation]:
    """Return what was found in what the customisation added."""
    assert synthesis.violations is not None
    return [one for one in synthesis.violations if one.construct == ADDED]


def test_what_is_found_in_a_resource(scanned: Mapping[str, Synthesis]) -> None:
    """By the packs, in their own words, and by the CDK's annotations; what is acknowledged is there with the reason."""
    synthesis = scanned["queue"]
    assert synthesis.failure is None
    assert added(synthesis) == [
        Violation(
            "AwsSolutions",
            "AwsSolutions-SQS3",
            "error",
            "The SQS queue is not used as a dead-letter queue (DLQ) and does not have a DLQ enabled.",
            ADDED,
        ),
        Violation(
            "AwsSolutions",
            "AwsSolutions-SQS4",
            "error",
            "The SQS queue does not require requests to use SSL.",
            ADDED,
            "nothing is sent",
        ),
        Violation(
            "Serverless",
            "Serverless-SQSRedrivePolicy",
            "error",
            "The SQS queue does not have a redrive policy configured.",
            ADDED,
        ),
        Violation("Construct Annotations", "Annotation::worthwatch:added", "warning", "an added queue", ADDED),
    ]


def test_what_is_acknowledged_from_without(scanned: Mapping[str, Synthesis]) -> None:
    """Of the resource that it names, in the stack whose settings it names, and what it is no acknowledgement of stays.

    What is acknowledged nearer counts.
    """
    acknowledged = {
        "AwsSolutions-SQS3": "the queue's own reason",
        "AwsSolutions-SQS4": "nearer than the stack's",
        "Serverless-SQSRedrivePolicy": None,
        "Annotation::worthwatch:added": None,
    }
    assert scanned["accepted"].failure is None
    assert {one.rule: one.acknowledged for one in added(scanned["accepted"])} == acknowledged
    violations = [one for one in scanned["accepted"].violations or () if not one.in_canary]
    assert [one.acknowledged for one in violations if one.rule == "W2001"] == ["of the stack"]
    assert [one.acknowledged for one in violations if one.rule == CONCURRENCY] == [None]
    assert [any(map(one.acknowledges, violations)) for one in ACKNOWLEDGED] == [True] * 3 + [False] * 7


def test_what_is_acknowledged_changes_nothing_else(scanned: Mapping[str, Synthesis]) -> None:
    """The same is found as without, and the template has the bytes that it has without packs."""
    accepted, queue = scanned["accepted"].violations, scanned["queue"].violations
    assert accepted is not None
    assert queue is not None
    assert {(one.rule, one.construct) for one in accepted} == {(one.rule, one.construct) for one in queue}
    assert len(accepted) == len(queue)
    (plain,) = synthesise([scanned["accepted"].context], workers=1, customise=customise)
    assert plain.template == scanned["accepted"].template
    for acknowledgement in ACKNOWLEDGED:
        assert acknowledgement.reason.encode() not in (plain.template or b"")


def test_what_the_validator_warns_of(scanned: Mapping[str, Synthesis]) -> None:
    """A warning counts as well; what is about no resource is about the stack, and described as it is there."""
    told = "Parameters/AddedParameter: Parameter 'AddedParameter' is not referenced anywhere in the template"
    violation = Violation(VALIDATOR, "W2001", "warning", told, "WorthWatchStorage")
    assert violation in (scanned["queue"].violations or ())
    assert violation not in (scanned["plain"].violations or ())


def test_a_template_that_the_validator_refuses(scanned: Mapping[str, Synthesis]) -> None:
    """The failure says so, as it does without packs, and what is found is told all the same."""
    synthesis = scanned["refused"]
    assert (synthesis.failure or "").startswith("ValidationFailed: ERROR ")
    assert [one for one in added(synthesis) if one.plugin == VALIDATOR] == [
        Violation(VALIDATOR, "F3012", "error", "DelaySeconds: 'soon' is not of type 'integer'", ADDED)
    ]


def test_the_canary(scanned: Mapping[str, Synthesis]) -> None:
    """All find something there, by each rule that is compared with a scenario; nobody else is told of."""
    compared = {pair.rule for pair in read_pairs(SHIPPED) if pair.scanner in {"cdk", "cdk-nag"}}
    for synthesis in (scanned["plain"], scanned["queue"], scanned["accepted"]):
        canary = [one for one in synthesis.violations or () if one.in_canary]
        assert compared <= {one.rule.partition("[")[0] for one in canary}
        assert {one.plugin for one in canary} == {*PACKS, VALIDATOR}
    violations = [one for synthesis in scanned.values() for one in synthesis.violations or ()]
    assert {one.construct.split("/")[0] for one in violations} == {"WorthWatchStorage", "Canary"}
    assert {one.plugin for one in violations} == {*PACKS, VALIDATOR, "Construct Annotations"}


def test_the_template_is_the_same(scanned: Mapping[str, Synthesis]) -> None:
    """With packs on it has the bytes that it has without, and each of its resources has a path."""
    (plain,) = synthesise([scanned["plain"].context], workers=1)
    assert (plain.template, plain.paths, plain.violations) == (scanned["plain"].template, scanned["plain"].paths, None)
    resources = json.loads(plain.template or b"")["Resources"]
    assert plain.paths is not None
    assert plain.paths.keys() == (plain.constructs or {}).keys() == resources.keys()
    assert {plain.paths[name] for name, one in resources.items() if one["Type"] == "AWS::DynamoDB::Table"} == {
        "WorthWatchStorage/Storage/DynamoTable/Resource"
    }


def test_what_cannot_be_relied_on_is_a_failure(scanned: Mapping[str, Synthesis]) -> None:
    """A pack that is silent, a rule that throws, an acknowledgement without a record, and a template that changes.

    So is what the CDK takes for no id.
    """
    threw = "Rule threw an error during validation. This is generally caused by a parameter referencing an intrinsic"
    assert {name: scanned[name].failure for name in FAILING} == {
        "bare": "acknowledged without a record: AwsSolutions-SQS4; acknowledge by the id PACK::RULE",
        "throws": f"AwsSolutions failed: the rule AwsSolutions-L1 on {ADDED}: {threw} function.",
        "restless": "the template is another with packs of rules on than without",
        "misspelt": f"AwsSolutions::AwsSolutions-L1] on {FUNCTION} cannot be acknowledged: InvalidValidationId: "
        "Invalid validation rule ID 'AwsSolutions::AwsSolutions-L1]'. Unmatched closing brace ']' at position 29.",
        "silent": "found nothing where there is something to find, so cannot have run: Serverless",
    }
    assert [scanned[name].violations for name in FAILING] == [None] * len(FAILING)
    assert all(scanned[name].template for name in FAILING)
