"""Point-in-Time Recovery: what the rule rejects, accepts and cannot tell, and what a matrix has to show."""

from collections.abc import Mapping

import pytest

from policies.catalogue import load
from policies.judge import Coverage, judge_template
from policies.model import Finding, Outcome, Verdict
from policies.template import Template
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

CONFIGURABLE = Expected("dynamodb-storage#point-in-time-recovery/pitr-configurable")
PITR = TABLE + "PointInTimeRecoverySpecification"
ENABLED = f"{PITR}.PointInTimeRecoveryEnabled"
AT_ENABLED = "$.Resources.Table.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
ON_IN_PROD = {"Fn::If": ["IsProd", True, False]}


def unstated(path: str = AT_ENABLED, found: object = None) -> Finding:
    """Return the finding of a table that does not state whether it can be recovered."""
    return Finding(
        "the template does not state point-in-time recovery",
        path,
        found,
        "PointInTimeRecoveryEnabled, true or false",
        "set point_in_time_recovery_specification of the table's properties",
    )


def overridden(message: str, found: object, expected: str, path: str = AT_ENABLED) -> Finding:
    """Return the finding of a table that does not follow the setting."""
    remedy = "make point_in_time_recovery_specification from the setting, and override it nowhere"
    return Finding(f"point-in-time recovery is {message}", path, found, expected, remedy)


@pytest.mark.scenario("dynamodb-storage#point-in-time-recovery/pitr-configurable")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(CONFIGURABLE),
        # Accepted
        case("stated-off", {ENABLED: False}, CONFIGURABLE.compliant()),
        case("string-false", {ENABLED: "false"}, CONFIGURABLE.compliant()),
        case(
            "off-as-the-settings-say",
            {SETTINGS: {"pointInTimeRecovery": False}, ENABLED: "false"},
            CONFIGURABLE.compliant(),
        ),
        case("on-as-the-settings-say", {SETTINGS: {"pointInTimeRecovery": True}}, CONFIGURABLE.compliant()),
        case("on-in-one-world", {**IS_PROD, ENABLED: ON_IN_PROD}, CONFIGURABLE.compliant()),
        # Rejected
        case("missing", {PITR: ABSENT}, CONFIGURABLE.rejected(unstated())),
        case("empty", {PITR: {}}, CONFIGURABLE.rejected(unstated())),
        case("no-value", {ENABLED: NO_VALUE}, CONFIGURABLE.rejected(unstated(found=NO_VALUE))),
        case(
            "no-boolean",
            {ENABLED: "on"},
            CONFIGURABLE.rejected(mismatch(AT_ENABLED, "on", "true or false")),
        ),
        case(
            "boolean-for-an-object",
            {PITR: True},
            CONFIGURABLE.rejected(
                mismatch("$.Resources.Table.Properties.PointInTimeRecoverySpecification", True, "an object")
            ),
        ),
        case(
            "on-where-the-settings-say-off",
            {SETTINGS: {"pointInTimeRecovery": False}},
            CONFIGURABLE.rejected(overridden("on where the settings say off", True, "false")),
        ),
        case(
            "off-where-the-settings-say-on",
            {SETTINGS: {"pointInTimeRecovery": True}, ENABLED: False},
            CONFIGURABLE.rejected(overridden("off where the settings say on", False, "true")),
        ),
        case(
            "off-in-one-world",
            {**IS_PROD, SETTINGS: {"pointInTimeRecovery": True}, ENABLED: ON_IN_PROD},
            CONFIGURABLE.rejected(overridden("off where the settings say on", ON_IN_PROD, "true"), *NOT_PROD),
        ),
        case(
            "missing-in-one-world",
            {**IS_PROD, ENABLED: {"Fn::If": ["IsProd", True, NO_VALUE]}},
            CONFIGURABLE.rejected(unstated(found={"Fn::If": ["IsProd", True, NO_VALUE]}), *NOT_PROD),
        ),
        pytest.param(
            global_table({TABLE + "Replicas.1.PointInTimeRecoverySpecification": ABSENT}),
            CONFIGURABLE.rejected(
                unstated(
                    "$.Resources.Table.Properties.Replicas[1]"
                    ".PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
                )
            ),
            id="global-table-missing-for-one-replica",
        ),
        pytest.param(
            global_table({TABLE + "Replicas": ABSENT}),
            CONFIGURABLE.rejected(mismatch("$.Resources.Table.Properties.Replicas", None, "at least one replica")),
            id="global-table-without-replicas",
        ),
        # Undetermined
        case(
            "settings-say-neither-on-nor-off",
            {SETTINGS: {"pointInTimeRecovery": "maybe"}},
            CONFIGURABLE.undetermined(
                'the settings state pointInTimeRecovery as "maybe", which it cannot be',
                "$.Metadata['worthwatch:settings'].pointInTimeRecovery",
            ),
        ),
        case(
            "parameter",
            {"Parameters.Pitr": {"Type": "String", "Default": "true"}, ENABLED: {"Ref": "Pitr"}},
            CONFIGURABLE.undetermined("parameter Pitr may be given any value", AT_ENABLED),
        ),
    ],
)
def test_pitr_configurable(document: Document, expected: Verdict) -> None:
    """A template states point-in-time recovery as the setting chose it, for every replica."""
    assert verdict(document, "point-in-time-recovery/pitr-configurable") == expected


@pytest.mark.scenario("dynamodb-storage#point-in-time-recovery/pitr-configurable")
def test_given_settings() -> None:
    """The settings that come with a template win over those in its metadata."""
    document = template({SETTINGS: {"pointInTimeRecovery": True}})
    assert verdict(
        document, "point-in-time-recovery/pitr-configurable", settings={"pointInTimeRecovery": False}
    ) == CONFIGURABLE.rejected(overridden("on where the settings say off", True, "false"))


@pytest.mark.scenario("dynamodb-storage#point-in-time-recovery/pitr-configurable")
def test_each_table_by_itself() -> None:
    """One table's recovery says nothing of another's."""
    document = two_tables({"Resources.Second.Properties.PointInTimeRecoverySpecification": ABSENT})
    path = "$.Resources.Second.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
    assert verdicts(document, "point-in-time-recovery/pitr-configurable") == [
        CONFIGURABLE.compliant(),
        CONFIGURABLE.rejected(unstated(path), resource="Second"),
    ]


def over_matrix(cases: Mapping[bool, Document]) -> list[Verdict]:
    """Return the verdicts on a matrix of a template for each value of the setting."""
    entries = [entry for entry in load() if entry.name == "point-in-time-recovery/pitr-configurable"]
    coverage = Coverage(entries)
    for value, document in cases.items():
        one = Template("template", document, given_settings={"pointInTimeRecovery": value})
        coverage.add(one, list(judge_template(entries, one)))
    return list(coverage.conclude())


def shown(outcome: Outcome, message: str = "", expected: str | None = None, remedy: str | None = None) -> Verdict:
    """Return the verdict on a matrix."""
    return Verdict(
        "dynamodb-storage",
        "point-in-time-recovery/pitr-configurable",
        outcome,
        expected=expected,
        message=message,
        remedy=remedy,
    )


def unreached(value: str, table_type: str) -> Verdict:
    """Return the verdict on a matrix in which a value of the setting reaches no table of a type."""
    return shown(
        Outcome.NON_COMPLIANT,
        f"no {table_type} of the matrix takes pointInTimeRecovery {value}",
        "each value of pointInTimeRecovery reaches a template",
        "make the property from the setting pointInTimeRecovery, and override it nowhere",
    )


GLOBAL_OFF = global_table(
    {
        TABLE + "Replicas.0.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": False,
        TABLE + "Replicas.1.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": False,
    }
)


@pytest.mark.scenario("dynamodb-storage#point-in-time-recovery/pitr-configurable")
@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        pytest.param({True: template(), False: template({ENABLED: False})}, [shown(Outcome.COMPLIANT)], id="both"),
        pytest.param({True: global_table(), False: GLOBAL_OFF}, [shown(Outcome.COMPLIANT)], id="both-of-global-tables"),
        pytest.param({True: template()}, [unreached("false", "AWS::DynamoDB::Table")], id="only-on"),
        pytest.param(
            {True: template(), False: template()}, [unreached("false", "AWS::DynamoDB::Table")], id="fixed-to-on"
        ),
        pytest.param(
            {True: template({PITR: ABSENT}), False: template({PITR: ABSENT})},
            [unreached("true and false", "AWS::DynamoDB::Table")],
            id="never-stated",
        ),
        pytest.param(
            {True: global_table(), False: template({ENABLED: False})},
            [unreached("false", "AWS::DynamoDB::GlobalTable"), unreached("true", "AWS::DynamoDB::Table")],
            id="each-on-another-type-of-table",
        ),
    ],
)
def test_configurable_over_a_matrix(cases: Mapping[bool, Document], expected: list[Verdict]) -> None:
    """Over a matrix, on and off both reach each type of table."""
    assert over_matrix(cases) == expected
