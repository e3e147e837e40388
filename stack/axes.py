"""The axes of context: what a user of the CDK can vary without touching the code, and the values to try.

Imports no CDK. `stack.contexts` combines them.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stack.settings import PREFIX, allowed


class Choice(NamedTuple):
    """One position on an axis: its label (empty for the usual one) and the context keys that it sets."""

    label: str
    values: Mapping[str, object]


class Environment(NamedTuple):
    """Where the stack goes: an account and region that synthesis knows, or None for any."""

    label: str
    account: str | None
    region: str | None


class Axis(NamedTuple):
    """The positions that mean different things; and further ones: bounds, the same meaning spelled otherwise."""

    choices: tuple[Choice, ...]
    further: tuple[Choice, ...] = ()


class Refused(NamedTuple):
    """A context that must be refused: its label, the keys that it sets, and those of them that are wrong."""

    label: str
    values: Mapping[str, object]
    keys: frozenset[str]


_UNSET = Choice("", {})
_ACCOUNT = "111122223333"  # AWS's own example account

ENVIRONMENTS = (
    Environment("", None, None),
    Environment("eu", _ACCOUNT, "eu-central-1"),
    Environment("cn", _ACCOUNT, "cn-north-1"),
    Environment("gov", _ACCOUNT, "us-gov-west-1"),
)


def _choice(key: str, label: str, value: object) -> Choice:
    return Choice(label, {PREFIX + key: value})


def _spelled(choice: Choice) -> Choice:
    """Write the choice as `-c KEY=VALUE` of the CDK CLI does, which makes a string of every value."""
    return Choice(choice.label, {key: str(value).lower() for key, value in choice.values.items()})


def _one_of(key: str) -> Axis:
    values = allowed(key).values
    return Axis(tuple(_choice(key, str(value), value) for value in values), (_UNSET,))


def _boolean(key: str, if_true: str, if_false: str) -> Axis:
    choices = _choice(key, if_true, True), _choice(key, if_false, False)
    return Axis(choices, (_UNSET, *map(_spelled, choices)))


def _days(key: str) -> Axis:
    bounds = tuple(_choice(key, f"{value}d", value) for value in allowed(key).values)
    return Axis((_UNSET, *bounds), tuple(map(_spelled, bounds)))


def _units(key: str, label: str) -> Axis:
    low, high = (_choice(key, f"{label}{value}", value) for value in allowed(key).values)
    return Axis((_UNSET, low), (high, _spelled(high)))


SETTINGS = (
    _one_of("stage"),
    _one_of("removalPolicy"),
    _boolean("pointInTimeRecovery", "", "nopitr"),
    _days("recoveryPeriodInDays"),
    Axis(
        (
            _choice("billingMode", "", "PAY_PER_REQUEST"),
            _choice("billingMode", "provisioned", "PROVISIONED"),
        ),
        (_UNSET,),
    ),
    _units("readCapacity", "read"),
    _units("writeCapacity", "write"),
    _boolean("deletionProtection", "protected", ""),
    Axis((_UNSET, _choice("tableName", "named", "worthwatch.storage-Table_1"))),
    Axis((_UNSET, _choice("tableEnvironmentVariableName", "variable", "WORTHWATCH_TABLE"))),
    _boolean("deployVpc", "vpc", ""),
)
"""An axis for each key, in the order of Settings: a key stands behind every key that it could contradict."""


def _flag(key: str) -> Axis:
    name = key.rpartition(":")[2]
    return Axis(
        (
            Choice(f"{name}-on", {key: True}),
            Choice(f"{name}-off", {key: False}),
            # Not spellings of the same: the CDK takes the string "false" for true with most of its flags.
            Choice(f"{name}-on-as-text", {key: "true"}),
            Choice(f"{name}-off-as-text", {key: "false"}),
        ),
        (_UNSET,),
    )


def _parameter(key: str, *values: object) -> Axis:
    name = key.rpartition(":")[2]
    return Axis(tuple(Choice(f"{name}-{n}", {key: value}) for n, value in enumerate(values, 1)), (_UNSET,))


BOUNDARY = "worthwatch-boundary"
POLICIES: Mapping[str, Mapping[str, object]] = {
    BOUNDARY: {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"},
        ],
    }
}
"""The managed policies that the contexts name and no template holds, by name, as the account is taken to have them."""

FLAGS = (
    _flag("@aws-cdk/aws-iam:minimizePolicies"),
    _flag("@aws-cdk/aws-lambda:useCdkManagedLogGroup"),
    _flag("@aws-cdk/aws-lambda:createNewPoliciesWithAddToRolePolicy"),
    _flag("@aws-cdk/core:enablePartitionLiterals"),
    _flag("@aws-cdk/aws-ec2:restrictDefaultSecurityGroup"),
    _flag("@aws-cdk/aws-dynamodb:retainTableReplica"),
    _flag("@aws-cdk/core:validateSnapshotRemovalPolicy"),
    _flag("@aws-cdk/core:validateAgainstDefaultRules"),
    _flag("@aws-cdk/core:newStyleStackSynthesis"),
    _flag("aws:cdk:enable-path-metadata"),
    _flag("aws:cdk:version-reporting"),
    _parameter("@aws-cdk/core:permissionsBoundary", {"name": BOUNDARY}),
    _parameter("@aws-cdk/core:bootstrapQualifier", "worthwatch"),
    _parameter("@aws-cdk/core:stackResourceLimit", 100, "100"),
)
"""The CDK's own context keys that change this stack's template or whether it synthesises, or would if it let them."""


def _refused(label: str, wrong: tuple[str, ...], values: Mapping[str, object]) -> Refused:
    keys = frozenset(PREFIX + key for key in wrong)
    return Refused(label, {PREFIX + key: value for key, value in values.items()}, keys)


def _wrong(key: str, *values: object) -> tuple[Refused, ...]:
    """Refusals of one key, each for one value; the values it needs around it to be wrong by nothing else."""
    around = {"billingMode": "PROVISIONED"} if key.endswith("Capacity") else {}
    return tuple(_refused(f"{key}-{n}", (key,), around | {key: value}) for n, value in enumerate(values, 1))


REFUSED = (
    *_wrong("stage", "production", "Prod", "", 1),
    *_wrong("removalPolicy", "snapshot", "RETAIN", True),
    *_wrong("pointInTimeRecovery", "yes", "True", 1),
    *_wrong("recoveryPeriodInDays", 0, 36, "0", "36", -1, 7.5, "7.5", True, "seven", [7]),
    *_wrong("billingMode", "ON_DEMAND", "provisioned", {}),
    *_wrong("readCapacity", 0, 40_001, "0", 1.5, True, "many"),
    *_wrong("writeCapacity", 0, 40_001, "-1", 1.5, False, ""),
    *_wrong("deletionProtection", "on", 0, []),
    *_wrong("tableName", "ab", "t" * 256, "work watch", "table/1", "", 123),
    *_wrong(
        "tableEnvironmentVariableName",
        *(
            "1TABLE",
            "T",
            "TABLE-NAME",
            "",
            "AWS_REGION",
            "_HANDLER",
            "LAMBDA_TASK_ROOT",
            "TABLE_NAME_VARIABLE",
            5,
        ),
    ),
    *_wrong("deployVpc", "maybe", 1),
    *_wrong("stagee", "prod"),
    *_wrong("encryption", "none"),
    Refused("no-colon", {"worthwatchStage": "prod"}, frozenset({"worthwatchStage"})),
    _refused("prod-destroy", ("removalPolicy",), {"stage": "prod", "removalPolicy": "destroy"}),
    _refused("prod-nopitr", ("pointInTimeRecovery",), {"stage": "prod", "pointInTimeRecovery": "false"}),
    _refused("prod-unprotected", ("deletionProtection",), {"stage": "prod", "deletionProtection": False}),
    _refused("nopitr-7d", ("recoveryPeriodInDays",), {"pointInTimeRecovery": False, "recoveryPeriodInDays": "7"}),
    _refused("on-demand-read", ("readCapacity",), {"readCapacity": 5}),
    _refused("on-demand-write", ("writeCapacity",), {"billingMode": "PAY_PER_REQUEST", "writeCapacity": "5"}),
    _refused(
        "several",
        ("removalPolicy", "recoveryPeriodInDays", "tableName", "deployVpcs"),
        {
            "stage": "prod",
            "removalPolicy": "destroy",
            "recoveryPeriodInDays": 400,
            "tableName": "a b",
            "deployVpcs": True,
        },
    ),
)
"""Each key with a wrong value, type and bound, each contradiction, unknown keys, and several at once."""
