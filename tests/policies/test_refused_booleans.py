"""Booleans that are none: CloudFormation refuses the deployment, so that a world of such a value is no world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from policies.catalogue import load
from policies.judge import judge_template
from policies.model import Finding, Outcome, Verdict
from policies.template import Template
from tests.policies.templates import IS_PROD, NOT_PROD, TABLE, Expected, case, mismatch, template, verdict
from tests.policies.templates import Document as Json

ENCRYPTED = Expected("dynamodb-storage#table-encryption/encryption-enabled")
AT = "$.Resources.Table.Properties.SSESpecification.SSEEnabled"
ENABLED = TABLE + "SSESpecification.SSEEnabled"
P = {"Ref": "P"}
MAPPED = {"Fn::FindInMap": ["Sse", P, "Enabled"]}


def one_of(*values: object, of: str = "String", **more: object) -> Json:
    """Return the declaration of a parameter that allows these values."""
    return {"Parameters.P": {"Type": of, "AllowedValues": list(values), **more}}


def mapping(**values: object) -> Json:
    """Return a mapping that holds these values, and a parameter to choose one."""
    return {**one_of(*values), "Mappings.Sse": {name: {"Enabled": value} for name, value in values.items()}}


def off(found: object = P, path: str = AT) -> Finding:
    """Return the finding of a table that is not encrypted with the AWS managed key."""
    return Finding(
        "the table is encrypted with a key that AWS owns",
        path,
        found,
        "server-side encryption on, with the AWS managed key alias/aws/dynamodb",
        "set encryption=dynamodb.TableEncryption.AWS_MANAGED",
    )


def no_boolean(found: object, path: str = AT) -> Finding:
    """Return the finding of what should be a boolean."""
    return mismatch(path, found, "true or false")


@pytest.mark.scenario("dynamodb-storage#table-encryption/encryption-enabled")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        # Some values are refused: the verdict is that of the others
        case("one-of-two", {**one_of("true", "yes"), ENABLED: P}, ENCRYPTED.compliant('P is "true"')),
        case("one-of-many", {**one_of("true", *map(str, range(200))), ENABLED: P}, ENCRYPTED.compliant('P is "true"')),
        case("first-of-two", {**one_of("", "True"), ENABLED: P}, ENCRYPTED.compliant('P is "True"')),
        case("off", {**one_of("true", "maybe", "false"), ENABLED: P}, ENCRYPTED.rejected(off(), 'P is "false"')),
        case("off-only", {**one_of("maybe", "FALSE"), ENABLED: P}, ENCRYPTED.rejected(off(), 'P is "FALSE"')),
        case(
            "by-pattern",
            {"Parameters.P": {"Type": "String", "AllowedPattern": "yes|true"}, ENABLED: P},
            ENCRYPTED.compliant('P is "true"'),
        ),
        case("of-a-mapping", {**mapping(a="on", b=True), ENABLED: MAPPED}, ENCRYPTED.compliant('P is "b"')),
        case(
            "joined",
            {**one_of("t", "gr"), ENABLED: {"Fn::Join": ["", [P, "rue"]]}},
            ENCRYPTED.compliant('P is "t"'),
        ),
        case(
            "in-a-branch",
            {**one_of("true", "yes"), **IS_PROD, ENABLED: {"Fn::If": ["IsProd", P, False]}},
            ENCRYPTED.rejected(
                off({"Fn::If": ["IsProd", P, False]}),
                *NOT_PROD,
            ),
        ),
        # All values are refused: the mismatch that a literal is
        case("literal", {ENABLED: "maybe"}, ENCRYPTED.rejected(no_boolean("maybe"))),
        case("each-of-two", {**one_of("yes", "no"), ENABLED: P}, ENCRYPTED.rejected(no_boolean(P))),
        case("the-only-one", {**one_of("yes"), ENABLED: P}, ENCRYPTED.rejected(no_boolean(P))),
        case("numbers", {**one_of(1, 0, of="Number"), ENABLED: P}, ENCRYPTED.rejected(no_boolean(P))),
        case("each-of-a-mapping", {**mapping(a="on", b=1), ENABLED: MAPPED}, ENCRYPTED.rejected(no_boolean(MAPPED))),
        case("each-of-many", {**one_of(*map(str, range(60))), ENABLED: P}, ENCRYPTED.rejected(no_boolean(P))),
        # What the template itself writes is a mismatch, in whichever branch
        case(
            "literal-in-a-branch",
            {**IS_PROD, ENABLED: {"Fn::If": ["IsProd", "maybe", True]}},
            ENCRYPTED.rejected(no_boolean({"Fn::If": ["IsProd", "maybe", True]}), "IsProd is true", 'Stage is "prod"'),
        ),
        case(
            "literal-within-a-branch",
            {
                **IS_PROD,
                f"{TABLE}SSESpecification": {"Fn::If": ["IsProd", {"SSEEnabled": "maybe"}, {"SSEEnabled": True}]},
            },
            ENCRYPTED.rejected(
                no_boolean("maybe", "$.Resources.Table.Properties.SSESpecification['Fn::If'][1].SSEEnabled"),
                "IsProd is true",
                'Stage is "prod"',
            ),
        ),
        # Not known in full: nothing is refused for certain
        case(
            "any-value",
            {"Parameters.P": {"Type": "String"}, ENABLED: P},
            ENCRYPTED.undetermined("parameter P may be given any value", AT),
        ),
        case(
            "never-a-boolean-in-part-unknown",
            {"Parameters.P": {"Type": "String"}, ENABLED: {"Fn::Sub": "on-${P}"}},
            ENCRYPTED.rejected(no_boolean({"Fn::Sub": "on-${P}"})),
        ),
        # Nothing to refuse where the table is not, or the property is not read
        case(
            "no-table-in-that-world",
            {
                **one_of("true", "yes"),
                "Conditions.IsTrue": {"Fn::Equals": [P, "true"]},
                "Resources.Table.Condition": "IsTrue",
                ENABLED: P,
            },
            ENCRYPTED.compliant("IsTrue is true", 'P is "true"'),
        ),
        case(
            "table-in-that-world-only",
            {
                **one_of("true", "yes"),
                "Conditions.IsYes": {"Fn::Equals": [P, "yes"]},
                "Resources.Table.Condition": "IsYes",
                ENABLED: P,
            },
            ENCRYPTED.not_applicable("the table does not exist in this world", "IsYes is false", 'P is not "yes"'),
        ),
    ],
)
def test_encryption(document: Json, expected: Verdict) -> None:
    """A world in which a boolean is none counts for nothing, unless every world is such."""
    assert verdict(document, ENCRYPTED.scenario) == expected


RECOVERY = TABLE + "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
PROTECTION = TABLE + "DeletionProtectionEnabled"


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        (["true", "yes"], Outcome.COMPLIANT),
        (["true", "yes", "false"], Outcome.NON_COMPLIANT),
        (["yes", "no"], Outcome.NON_COMPLIANT),
    ],
)
@pytest.mark.parametrize(
    ("scenario", "place"),
    [
        ("production-protection/deletion-protection-enabled", PROTECTION),
        ("production-protection/production-recovery-enabled", RECOVERY),
        ("point-in-time-recovery/pitr-configurable", RECOVERY),
    ],
)
def test_other_booleans(scenario: str, place: str, values: Sequence[str], outcome: Outcome) -> None:
    """What holds of one boolean property holds of the others."""
    settings = {"stage": "prod", "pointInTimeRecovery": True}
    document = template({**one_of(*values), place: P})
    assert verdict(document, scenario, settings).outcome is outcome


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"P": "true"}, ENCRYPTED.compliant('P is "true", as given')),
        ({"P": "false"}, ENCRYPTED.rejected(off(), 'P is "false", as given')),
        ({"P": "yes"}, ENCRYPTED.rejected(no_boolean(P), 'P is "yes", as given')),
    ],
)
def test_given_values(given: Mapping[str, str], expected: Verdict) -> None:
    """A value that is given is the only one: where it is no boolean, that is a mismatch."""
    told = Template("template", template({**one_of("true", "false", "yes"), ENABLED: P}), given_parameters=given)
    entries = [entry for entry in load() if entry.name == ENCRYPTED.scenario]
    assert list(judge_template(entries, told)) == [expected]
