"""Production Protection: what the rules reject, accept, leave to other stages and cannot tell."""

from collections.abc import Callable

import pytest

from policies.model import Finding, Verdict
from tests.policies.templates import (
    ABSENT,
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
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

PROTECTED = Expected("storage-hardening#production-protection/deletion-protection-enabled")
RETAINED = Expected("storage-hardening#production-protection/production-table-retained")
RECOVERABLE = Expected("storage-hardening#production-protection/production-recovery-enabled")

PRODUCTION = {SETTINGS: {"stage": "prod"}}
FLAG = TABLE + "DeletionProtectionEnabled"
PITR = TABLE + "PointInTimeRecoverySpecification"
ENABLED = f"{PITR}.PointInTimeRecoveryEnabled"
DELETION = "Resources.Table.DeletionPolicy"
AT_FLAG = f"$.{FLAG}"
AT_ENABLED = f"$.{ENABLED}"
AT_DELETION = f"$.{DELETION}"
ON_IN_PROD = {"Fn::If": ["IsProd", True, False]}
BY_STAGE = {"Fn::If": ["IsProd", "Retain", "Delete"]}
SECOND_REPLICA = TABLE + "Replicas.1."
AT_SECOND_REPLICA = "$.Resources.Table.Properties.Replicas[1]."
OTHER_CASE = {SETTINGS: {"stage": "Prod"}}
NO_STAGE = (
    'the settings state stage as "Prod", which it cannot be',
    "$.Metadata['worthwatch:settings'].stage",
)


def production(changes: dict[str, object]) -> Document:
    """Return the compliant template of a production stack, changed."""
    return template({**PRODUCTION, **changes})


def unprotected(found: object, path: str = AT_FLAG) -> Finding:
    """Return the finding of a table without deletion protection."""
    return Finding(
        "the production table has no deletion protection",
        path,
        found,
        "true",
        "set deletion_protection=True, or leave the setting deletionProtection to its default in prod",
    )


def deleted(found: object, path: str = AT_DELETION) -> Finding:
    """Return the finding of a table that is deleted with its stack."""
    return Finding(
        "the production table is deleted with its stack",
        path,
        found,
        "Retain or RetainExceptOnCreate",
        "set removal_policy=RemovalPolicy.RETAIN",
    )


def unrecoverable(found: object, path: str = AT_ENABLED) -> Finding:
    """Return the finding of a table without point-in-time recovery."""
    return Finding(
        "the production table has no point-in-time recovery",
        path,
        found,
        "true",
        "set point_in_time_recovery_specification, or leave the setting to its default in prod",
    )


def no_boolean(path: str) -> Finding:
    """Return the finding of what should be a boolean."""
    return mismatch(path, "on", "true or false")


def no_replica() -> Finding:
    """Return the finding of a global table that states nothing, having no replica."""
    path = "$.Resources.Table.Properties.Replicas"
    return mismatch(path, None, "at least one replica")


@pytest.mark.scenario("storage-hardening#production-protection/deletion-protection-enabled")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(PROTECTED, PRODUCTION),
        pytest.param(production({FLAG: "true"}), PROTECTED.compliant(), id="string-true"),
        pytest.param(production({FLAG: ABSENT}), PROTECTED.rejected(unprotected(None)), id="missing"),
        pytest.param(production({FLAG: NO_VALUE}), PROTECTED.rejected(unprotected(NO_VALUE)), id="no-value"),
        pytest.param(production({FLAG: False}), PROTECTED.rejected(unprotected(False)), id="literal-false"),
        pytest.param(production({FLAG: "on"}), PROTECTED.rejected(no_boolean(AT_FLAG)), id="no-boolean"),
        pytest.param(
            production({**IS_PROD, FLAG: ON_IN_PROD}),
            PROTECTED.rejected(unprotected(ON_IN_PROD), *NOT_PROD),
            id="off-in-one-world",
        ),
        pytest.param(
            global_table({**PRODUCTION, f"{SECOND_REPLICA}DeletionProtectionEnabled": ABSENT}),
            PROTECTED.rejected(unprotected(None, f"{AT_SECOND_REPLICA}DeletionProtectionEnabled")),
            id="global-table-missing-for-one-replica",
        ),
        pytest.param(
            global_table({**PRODUCTION, TABLE + "Replicas": ABSENT}),
            PROTECTED.rejected(no_replica()),
            id="global-table-without-replicas",
        ),
        case("no-settings", {FLAG: False}, PROTECTED.not_applicable("no settings say that the stage is prod")),
        case("other-stage", {SETTINGS: {"stage": "dev"}, FLAG: False}, PROTECTED.not_applicable("the stage is dev")),
        pytest.param(
            production({"Parameters.Protect": {"Type": "String"}, FLAG: {"Ref": "Protect"}}),
            PROTECTED.undetermined("parameter Protect may be given any value", AT_FLAG),
            id="parameter",
        ),
        case("stage-in-another-case", {**OTHER_CASE, FLAG: False}, PROTECTED.undetermined(*NO_STAGE)),
    ],
)
def test_deletion_protection_enabled(document: Document, expected: Verdict) -> None:
    """A production table has deletion protection, in every replica."""
    assert verdict(document, "production-protection/deletion-protection-enabled") == expected


@pytest.mark.scenario("storage-hardening#production-protection/production-table-retained")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(RETAINED, PRODUCTION),
        pytest.param(production({DELETION: "RetainExceptOnCreate"}), RETAINED.compliant(), id="except-on-create"),
        pytest.param(production({DELETION: ABSENT}), RETAINED.rejected(deleted(None)), id="missing"),
        pytest.param(production({DELETION: "Delete"}), RETAINED.rejected(deleted("Delete")), id="delete"),
        pytest.param(production({DELETION: "Snapshot"}), RETAINED.rejected(deleted("Snapshot")), id="snapshot"),
        pytest.param(
            production({**IS_PROD, DELETION: BY_STAGE}),
            RETAINED.rejected(deleted(BY_STAGE), *NOT_PROD),
            id="delete-in-one-world",
        ),
        case("no-settings", {DELETION: "Delete"}, RETAINED.not_applicable("no settings say that the stage is prod")),
        case(
            "other-stage",
            {SETTINGS: {"stage": "staging"}, DELETION: "Delete"},
            RETAINED.not_applicable("the stage is staging"),
        ),
        pytest.param(
            production({"Parameters.Policy": {"Type": "String"}, DELETION: {"Ref": "Policy"}}),
            RETAINED.undetermined("parameter Policy may be given any value", AT_DELETION),
            id="parameter",
        ),
        case("stage-in-another-case", {**OTHER_CASE, DELETION: "Delete"}, RETAINED.undetermined(*NO_STAGE)),
    ],
)
def test_production_table_retained(document: Document, expected: Verdict) -> None:
    """A production table outlives its stack."""
    assert verdict(document, "production-protection/production-table-retained") == expected


@pytest.mark.scenario("storage-hardening#production-protection/production-recovery-enabled")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(RECOVERABLE, PRODUCTION),
        pytest.param(production({ENABLED: "true"}), RECOVERABLE.compliant(), id="string-true"),
        pytest.param(production({PITR: ABSENT}), RECOVERABLE.rejected(unrecoverable(None)), id="missing"),
        pytest.param(production({ENABLED: False}), RECOVERABLE.rejected(unrecoverable(False)), id="literal-false"),
        pytest.param(production({ENABLED: "on"}), RECOVERABLE.rejected(no_boolean(AT_ENABLED)), id="no-boolean"),
        pytest.param(
            production({**IS_PROD, ENABLED: ON_IN_PROD}),
            RECOVERABLE.rejected(unrecoverable(ON_IN_PROD), *NOT_PROD),
            id="off-in-one-world",
        ),
        pytest.param(
            global_table({**PRODUCTION, f"{SECOND_REPLICA}PointInTimeRecoverySpecification": ABSENT}),
            RECOVERABLE.rejected(
                unrecoverable(None, f"{AT_SECOND_REPLICA}PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled")
            ),
            id="global-table-missing-for-one-replica",
        ),
        pytest.param(
            global_table({**PRODUCTION, TABLE + "Replicas": ABSENT}),
            RECOVERABLE.rejected(no_replica()),
            id="global-table-without-replicas",
        ),
        case("no-settings", {PITR: ABSENT}, RECOVERABLE.not_applicable("no settings say that the stage is prod")),
        case("other-stage", {SETTINGS: {"stage": "dev"}, PITR: ABSENT}, RECOVERABLE.not_applicable("the stage is dev")),
        pytest.param(
            production({"Parameters.Pitr": {"Type": "String"}, ENABLED: {"Ref": "Pitr"}}),
            RECOVERABLE.undetermined("parameter Pitr may be given any value", AT_ENABLED),
            id="parameter",
        ),
        case("stage-in-another-case", {**OTHER_CASE, PITR: ABSENT}, RECOVERABLE.undetermined(*NO_STAGE)),
    ],
)
def test_production_recovery_enabled(document: Document, expected: Verdict) -> None:
    """A production table can be recovered to a point in time, in every replica."""
    assert verdict(document, "production-protection/production-recovery-enabled") == expected


@pytest.mark.parametrize(
    ("changes", "expected", "finding"),
    [
        pytest.param(
            {"Resources.Second.Properties.DeletionProtectionEnabled": False},
            PROTECTED,
            unprotected,
            id="deletion-protection-enabled",
            marks=pytest.mark.scenario("storage-hardening#production-protection/deletion-protection-enabled"),
        ),
        pytest.param(
            {"Resources.Second.DeletionPolicy": "Delete"},
            RETAINED,
            deleted,
            id="production-table-retained",
            marks=pytest.mark.scenario("storage-hardening#production-protection/production-table-retained"),
        ),
        pytest.param(
            {"Resources.Second.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": False},
            RECOVERABLE,
            unrecoverable,
            id="production-recovery-enabled",
            marks=pytest.mark.scenario("storage-hardening#production-protection/production-recovery-enabled"),
        ),
    ],
)
def test_each_table_by_itself_under_given_settings(
    changes: dict[str, object], expected: Expected, finding: Callable[[object, str], Finding]
) -> None:
    """One table says nothing of another; settings that come with a template win over those in its metadata."""
    ((path, found),) = changes.items()
    document = two_tables({SETTINGS: {"stage": "dev"}, **changes})
    assert verdicts(document, expected.scenario, settings={"stage": "prod"}) == [
        expected.compliant(),
        expected.rejected(finding(found, f"$.{path}"), resource="Second"),
    ]
