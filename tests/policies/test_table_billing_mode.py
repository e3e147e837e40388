"""Table Billing Mode: what the rule rejects, accepts, leaves to the settings and cannot tell."""

import pytest

from policies.model import Finding, Verdict
from tests.policies.templates import (
    ABSENT,
    IS_PROD,
    NO_VALUE,
    SETTINGS,
    TABLE,
    Document,
    Expected,
    case,
    for_every_rule,
    global_table,
    mismatch,
    template,
    two_tables,
    verdict,
    verdicts,
)

ON_DEMAND = Expected("dynamodb-storage#table-billing-mode/pay-per-request-billing")
MODE = TABLE + "BillingMode"
AT_MODE = "$.Resources.Table.Properties.BillingMode"
BY_STAGE = {"Fn::If": ["IsProd", "PROVISIONED", "PAY_PER_REQUEST"]}
DEV_BY_DEFAULT = ("IsProd is false", 'Stage is "dev", its default')


def provisioned(found: object = None, mode: str = "PROVISIONED", path: str = AT_MODE) -> Finding:
    """Return the finding of a table with another billing mode."""
    return Finding(
        f"the table's billing mode is {mode}",
        path,
        found,
        "PAY_PER_REQUEST",
        "set billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST",
    )


@pytest.mark.scenario("dynamodb-storage#table-billing-mode/pay-per-request-billing")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        # Accepted
        case("compliant", {}, ON_DEMAND.compliant()),
        case("settings-choose-it", {SETTINGS: {"billingMode": "PAY_PER_REQUEST"}}, ON_DEMAND.compliant()),
        case("settings-without-a-choice", {SETTINGS: {"stage": "dev"}}, ON_DEMAND.compliant()),
        case("provisioned-not-by-default", {**IS_PROD, MODE: BY_STAGE}, ON_DEMAND.compliant(*DEV_BY_DEFAULT)),
        case(
            "parameter-by-default",
            {
                "Parameters.Mode": {
                    "Type": "String",
                    "Default": "PAY_PER_REQUEST",
                    "AllowedValues": ["PAY_PER_REQUEST", "PROVISIONED"],
                },
                MODE: {"Ref": "Mode"},
            },
            ON_DEMAND.compliant('Mode is "PAY_PER_REQUEST", its default'),
        ),
        # Rejected
        case("missing", {MODE: ABSENT}, ON_DEMAND.rejected(provisioned())),
        case("no-value", {MODE: NO_VALUE}, ON_DEMAND.rejected(provisioned(NO_VALUE))),
        case("provisioned", {MODE: "PROVISIONED"}, ON_DEMAND.rejected(provisioned("PROVISIONED"))),
        case(
            "other-case",
            {MODE: "pay_per_request"},
            ON_DEMAND.rejected(provisioned("pay_per_request", "pay_per_request")),
        ),
        case(
            "object-for-a-string",
            {MODE: {"Mode": "PAY_PER_REQUEST"}},
            ON_DEMAND.rejected(mismatch(AT_MODE, {"Mode": "PAY_PER_REQUEST"}, "a string")),
        ),
        pytest.param(global_table({MODE: ABSENT}), ON_DEMAND.rejected(provisioned()), id="global-table-missing"),
        case(
            "provisioned-by-default",
            {**IS_PROD, MODE: {"Fn::If": ["IsProd", "PAY_PER_REQUEST", NO_VALUE]}},
            ON_DEMAND.rejected(provisioned({"Fn::If": ["IsProd", "PAY_PER_REQUEST", NO_VALUE]}), *DEV_BY_DEFAULT),
        ),
        case(
            "parameter-without-default-allows-provisioned",
            {
                "Parameters.Mode": {"Type": "String", "AllowedValues": ["PAY_PER_REQUEST", "PROVISIONED"]},
                MODE: {"Ref": "Mode"},
            },
            ON_DEMAND.rejected(provisioned({"Ref": "Mode"}), 'Mode is "PROVISIONED"'),
        ),
        case(
            "parameter-that-is-never-on-demand",
            {"Parameters.Mode": {"Type": "Number"}, MODE: {"Ref": "Mode"}},
            ON_DEMAND.rejected(provisioned({"Ref": "Mode"}, "${Mode}")),
        ),
        case(
            "dynamic-reference-with-a-prefix",
            {MODE: "PROV{{resolve:ssm:mode}}"},
            ON_DEMAND.rejected(provisioned("PROV{{resolve:ssm:mode}}", "PROV${{{resolve:ssm:mode}}}")),
        ),
        # Not applicable
        case(
            "settings-choose-provisioned",
            {SETTINGS: {"billingMode": "PROVISIONED"}, MODE: ABSENT},
            ON_DEMAND.not_applicable("the settings choose the billing mode PROVISIONED"),
        ),
        case(
            "no-table-by-default",
            {**IS_PROD, "Resources.Table.Condition": "IsProd"},
            ON_DEMAND.not_applicable("the table does not exist in this world", *DEV_BY_DEFAULT),
        ),
        # Undetermined
        case(
            "settings-choose-no-billing-mode",
            {SETTINGS: {"billingMode": "FOO"}},
            ON_DEMAND.undetermined(
                'the settings state billingMode as "FOO", which it cannot be',
                "$.Metadata['worthwatch:settings'].billingMode",
            ),
        ),
        case(
            "parameter-without-default",
            {"Parameters.Mode": {"Type": "String"}, MODE: {"Ref": "Mode"}},
            ON_DEMAND.undetermined("parameter Mode may be given any value", AT_MODE),
        ),
        case(
            "ssm-parameter",
            {
                "Parameters.Mode": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/mode"},
                MODE: {"Ref": "Mode"},
            },
            ON_DEMAND.undetermined(
                "{{resolve:ssm:/mode}} is known at deployment only", AT_MODE, 'Mode is "/mode", its default'
            ),
        ),
        *(one for one in for_every_rule(ON_DEMAND) if one.id not in {"compliant", "table-in-one-world"}),
    ],
)
def test_pay_per_request_billing(document: Document, expected: Verdict) -> None:
    """A table is billed on demand where the parameters have their default values."""
    assert verdict(document, "table-billing-mode/pay-per-request-billing") == expected


@pytest.mark.scenario("dynamodb-storage#table-billing-mode/pay-per-request-billing")
def test_given_settings() -> None:
    """The settings that come with a template win over those in its metadata."""
    document = template({SETTINGS: {"billingMode": "PAY_PER_REQUEST"}, MODE: ABSENT})
    assert verdict(
        document, "table-billing-mode/pay-per-request-billing", settings={"billingMode": "PROVISIONED"}
    ) == ON_DEMAND.not_applicable("the settings choose the billing mode PROVISIONED")


@pytest.mark.scenario("dynamodb-storage#table-billing-mode/pay-per-request-billing")
def test_each_table_by_itself() -> None:
    """One table's billing mode says nothing of another's, nor does a parameter that only the first reads."""
    document = two_tables({"Parameters.Mode": {"Type": "String", "Default": "PROVISIONED"}, MODE: {"Ref": "Mode"}})
    assert verdicts(document, "table-billing-mode/pay-per-request-billing") == [
        ON_DEMAND.rejected(provisioned({"Ref": "Mode"}), 'Mode is "PROVISIONED", its default'),
        ON_DEMAND.compliant(resource="Second"),
    ]
