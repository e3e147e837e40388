"""Table Billing Mode: the system SHALL configure DynamoDB billing for cost optimization."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import NotApplicableError
from policies.model import Finding, rule
from policies.template import Resource
from policies.worlds import World

_ON_DEMAND = "PAY_PER_REQUEST"
_PROVISIONED = "PROVISIONED"


@rule(by_default=True)
def pay_per_request_billing(table: Resource, world: World) -> Iterator[Finding]:
    """The table uses on-demand billing by default: where the parameters have their default values.

    Why: provisioned capacity is paid for while nobody calls. CloudFormation takes an absent `BillingMode` for
    `PROVISIONED`. Where the settings choose another mode, the default is overridden and this does not apply.

    Bad: no `BillingMode`, or `BillingMode: PROVISIONED`.

    Good: `BillingMode: PAY_PER_REQUEST`.

    References:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
    """
    if world.template.setting("billingMode", (_ON_DEMAND, _PROVISIONED)) == _PROVISIONED:
        raise NotApplicableError(f"the settings choose the billing mode {_PROVISIONED}")
    mode = world.properties(table).get("BillingMode")
    if not mode.equals(_ON_DEMAND, default=_PROVISIONED):
        yield Finding(
            f"the table's billing mode is {mode.said(_PROVISIONED)}",
            mode.path,
            mode.found,
            _ON_DEMAND,
            "set billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST",
        )
