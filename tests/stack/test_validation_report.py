"""The CDK's validation report: what is found is read whole, and what shows that nothing can be known is an error."""

from __future__ import annotations

import json

import pytest

from stack.validation_report import VALIDATOR, Acknowledgement, ScanError, Violation, hidden, proved, read_report

CONSTRUCT = {"constructPath": "Stack/Function", "constructFqn": "aws-cdk-lib.aws_lambda.CfnFunction"}
ROLE = {"constructPath": "Stack/Role"}
DLQ = {
    "ruleName": "Serverless-LambdaDLQ",
    "description": "The Lambda function has no dead letter target.",
    "severity": "error",
    "violatingConstructs": [CONSTRUCT, ROLE, CONSTRUCT],
}
THREW = "Rule threw an error during validation. This is generally caused by an intrinsic function."


def report(*plugins: object) -> bytes:
    """Return a report of these plugins."""
    return json.dumps({"version": "54.0.0", "title": "Validation Report", "pluginReports": plugins}).encode()


def plugin(*violations: object, **more: object) -> dict[str, object]:
    """Return what a plugin reports."""
    return {"pluginName": "Serverless", "conclusion": "failure", "violations": violations, **more}


def violation(
    construct: str = "Stack/Function", name: str = "Serverless", acknowledged: str | None = None
) -> Violation:
    """Return a violation of the rule."""
    told = "The Lambda function has no dead letter target."
    return Violation(name, "Serverless-LambdaDLQ", "error", told, construct, acknowledged)


def test_what_a_plugin_found() -> None:
    """Each construct of each violation, once; what the stack acknowledges comes with the reason."""
    acknowledgement = {"acknowledgedId": "Serverless::Serverless-LambdaDLQ", "reason": "synchronous"}
    acknowledged = {**DLQ, "violatingConstructs": [CONSTRUCT], **acknowledgement}
    assert read_report(report(plugin(DLQ), plugin(suppressedViolations=[acknowledged]))) == (
        violation(),
        violation("Stack/Role"),
        violation(acknowledged="synchronous"),
    )


def test_an_acknowledgement_without_a_reason() -> None:
    """The CDK leaves an empty one out: the violation is acknowledged all the same."""
    silent = {**DLQ, "violatingConstructs": [CONSTRUCT], "acknowledgedId": "Serverless::Serverless-LambdaDLQ"}
    assert read_report(report(plugin(suppressedViolations=[silent]))) == (violation(acknowledged=""),)


def test_no_plugin_found_anything() -> None:
    """A report without plugins is what the CDK writes of a clean stack, and of one that nothing has looked at."""
    assert read_report(report()) == ()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            plugin(metadata={"error": "Validation plugin 'Serverless' failed: no construct tree"}),
            "Serverless failed: Validation plugin 'Serverless' failed: no construct tree",
        ),
        (
            plugin({**DLQ, "description": THREW}),
            f"Serverless failed: the rule Serverless-LambdaDLQ on Stack/Function: {THREW}",
        ),
        (
            plugin(suppressedViolations=[{**DLQ, "description": THREW, "acknowledgedId": "a", "reason": "b"}]),
            f"Serverless failed: the rule Serverless-LambdaDLQ on Stack/Function: {THREW}",
        ),
        (
            plugin({"ruleName": "Serverless-LambdaDLQ"}),
            "validation-report.json is not as this version of the CDK writes it (KeyError: 'violatingConstructs')",
        ),
    ],
    ids=["plugin", "rule", "acknowledged-rule", "form"],
)
def test_what_failed_is_no_finding(found: object, told: str) -> None:
    """A plugin that failed, a rule that threw, even an acknowledged one, and an unknown form tell nothing."""
    with pytest.raises(ScanError) as refusal:
        read_report(report(plugin(DLQ), found))
    assert str(refusal.value) == told


def test_no_json() -> None:
    """A report that was cut short is an error."""
    with pytest.raises(ScanError, match=r"^validation-report\.json is not as this version of the CDK writes it "):
        read_report(b'{"pluginReports": [')


def test_a_plugin_proves_that_it_ran() -> None:
    """What it finds in the canary is told with the rest, by which it is known; an acknowledged one proves as much."""
    ours = violation(), violation("CanaryStack/Function", "HIPAA.Security")
    canary = violation("Canary/Function"), violation("Canary", "HIPAA.Security", acknowledged="all")
    assert proved((*ours, *canary), ("Serverless", "HIPAA.Security")) == (*ours, *canary)
    assert [one.in_canary for one in (*ours, *canary)] == [False, False, True, True]


def test_a_plugin_that_found_nothing_in_the_canary() -> None:
    """It cannot have run, whatever it found elsewhere."""
    found = violation("Canary/Function"), violation("CanaryStack/Function", "HIPAA.Security")
    with pytest.raises(ScanError) as refusal:
        proved(found, ("Serverless", "HIPAA.Security", "PCI.DSS.321"))
    assert str(refusal.value) == (
        "found nothing where there is something to find, so cannot have run: HIPAA.Security, PCI.DSS.321"
    )


def test_acknowledgements_that_leave_no_record() -> None:
    """Those of rules of the packs by their bare id, each once; others are for the CDK, or are recorded."""
    ids = ["Annotation::AwsSolutions-L1", "Annotation::AwsSolutions-IAM5[Resource::*]", "Annotation::W2001"]
    recorded = "PCI.DSS.321::PCI.DSS.321-LambdaInsideVPC"
    metadata = {
        "/Stack": [
            {"type": "aws:cdk:creationStack", "data": ["here"]},
            {"type": "aws:cdk:acknowledged-rules", "data": dict.fromkeys([*ids, recorded], "because")},
        ],
        "/Stack/Function": [{"type": "aws:cdk:acknowledged-rules", "data": {"Annotation::AwsSolutions-L1": "so"}}],
    }
    assert hidden(json.dumps(metadata).encode()) == ("AwsSolutions-L1", "AwsSolutions-IAM5[Resource::*]")


def test_an_acknowledgement_is_by_a_qualified_id() -> None:
    """By the plugin's name as the CDK writes it there, without blanks."""
    assert Acknowledgement("AwsSolutions", "AwsSolutions-L1", None, "so").id == "AwsSolutions::AwsSolutions-L1"
    assert Acknowledgement(VALIDATOR, "W2001", None, "so").id == "CloudFormation-Validate::W2001"


@pytest.mark.parametrize(
    ("settings", "holds"),
    [
        ({"stage": "dev", "deployVpc": True, "tableName": "t"}, True),
        ({"stage": "prod", "deployVpc": True}, False),
        ({"stage": "dev", "deployVpc": False}, False),
        ({"deployVpc": True}, False),
    ],
)
def test_an_acknowledgement_holds_for_settings(settings: dict[str, object], holds: bool) -> None:
    """Each that it names has one of its values; one without any holds for all."""
    when = {"stage": ("dev", "staging"), "deployVpc": (True,)}
    assert Acknowledgement("Serverless", "Serverless-LambdaDLQ", None, "so", when).holds(settings) is holds
    assert Acknowledgement("Serverless", "Serverless-LambdaDLQ", None, "so").holds(settings)


@pytest.mark.parametrize(
    ("found", "is_it"),
    [
        (violation(acknowledged="so"), True),
        (violation(acknowledged="otherwise"), False),
        (violation(), False),
        (violation("Stack/Role", acknowledged="so"), False),
        (violation(name="HIPAA.Security", acknowledged="so"), False),
    ],
)
def test_what_an_acknowledgement_acknowledges(found: Violation, is_it: bool) -> None:
    """What the report lists with its reason; for the stack's, that is in any construct."""
    rule = "Serverless-LambdaDLQ"
    assert Acknowledgement("Serverless", rule, "Stack/Function", "so").acknowledges(found) is is_it
    assert Acknowledgement("Serverless", rule, None, "so").acknowledges(violation("Stack/Role", acknowledged="so"))
    assert not Acknowledgement("Serverless", "Serverless-L1", None, "so").acknowledges(found)
