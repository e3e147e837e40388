"""Table Deletion Protection: what the rules reject, accept, leave to the settings and cannot tell."""

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

APPLIED = Expected("dynamodb-storage#table-deletion-protection/deletion-policy-applied")
RETAINED = Expected("dynamodb-storage#table-deletion-protection/retain-option-available")
ANY = "Delete, Retain or RetainExceptOnCreate"
KEEP = "Retain or RetainExceptOnCreate"

DELETION = "Resources.Table.DeletionPolicy"
REPLACEMENT = "Resources.Table.UpdateReplacePolicy"
AT_DELETION = "$.Resources.Table.DeletionPolicy"
CHOSEN = SETTINGS + ".removalPolicy"
NO_CHOICE = (
    'the settings state removalPolicy as "bogus", which it cannot be',
    "$.Metadata['worthwatch:settings'].removalPolicy",
)
ANY_POLICY = {"Parameters.Policy": {"Type": "String", "Default": "Retain"}, DELETION: {"Ref": "Policy"}}
BY_STAGE = {"Fn::If": ["IsProd", "Retain", "Delete"]}


def unstated(wanted: str = ANY, path: str = AT_DELETION, found: object = None) -> Finding:
    """Return the finding of a table without deletion policy."""
    return Finding(
        "the table states no deletion policy and would be deleted with its stack",
        path,
        found,
        wanted,
        "set removal_policy of the table's properties",
    )


def unheard_of(policy: str, wanted: str = ANY) -> Finding:
    """Return the finding of a deletion policy that DynamoDB does not have."""
    return Finding(
        f"DynamoDB has no deletion policy {policy}",
        AT_DELETION,
        policy,
        wanted,
        "choose RemovalPolicy.DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE",
    )


def overridden(policy: str, wanted: str, found: object) -> Finding:
    """Return the finding of a deletion policy that does not follow the setting."""
    return Finding(
        f"the deletion policy is {policy} where the settings choose {wanted}",
        AT_DELETION,
        found,
        wanted,
        "make removal_policy from the setting, and override it nowhere",
    )


def deleted(found: object, path: str = AT_DELETION) -> Finding:
    """Return the finding of a table that is deleted although it is to be retained."""
    return Finding(
        "the table is deleted with its stack although the removal policy retains it",
        path,
        found,
        KEEP,
        "set removal_policy=RemovalPolicy.RETAIN, and override DeletionPolicy nowhere",
    )


@pytest.mark.scenario("dynamodb-storage#table-deletion-protection/deletion-policy-applied")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(APPLIED),
        # Accepted
        case("delete", {DELETION: "Delete"}, APPLIED.compliant()),
        case("retain-except-on-create", {DELETION: "RetainExceptOnCreate"}, APPLIED.compliant()),
        case("destroy-as-chosen", {DELETION: "Delete", CHOSEN: "destroy"}, APPLIED.compliant()),
        case("retain-as-chosen", {CHOSEN: "retain"}, APPLIED.compliant()),
        case(
            "retain-on-update-or-delete-as-chosen",
            {DELETION: "RetainExceptOnCreate", CHOSEN: "retain-on-update-or-delete"},
            APPLIED.compliant(),
        ),
        case("another-in-each-world", {**IS_PROD, DELETION: BY_STAGE}, APPLIED.compliant()),
        # Rejected
        case("missing", {DELETION: ABSENT}, APPLIED.rejected(unstated())),
        case("no-value", {DELETION: NO_VALUE}, APPLIED.rejected(unstated(found=NO_VALUE))),
        case("missing-as-chosen", {DELETION: ABSENT, CHOSEN: "destroy"}, APPLIED.rejected(unstated("Delete"))),
        pytest.param(global_table({DELETION: ABSENT}), APPLIED.rejected(unstated()), id="global-table-missing"),
        case("snapshot", {DELETION: "Snapshot"}, APPLIED.rejected(unheard_of("Snapshot"))),
        case("other-case", {DELETION: "retain"}, APPLIED.rejected(unheard_of("retain"))),
        case(
            "snapshot-where-retain-is-chosen",
            {DELETION: "Snapshot", CHOSEN: "retain"},
            APPLIED.rejected(unheard_of("Snapshot", "Retain")),
        ),
        case(
            "list-for-a-string",
            {DELETION: ["Retain"]},
            APPLIED.rejected(mismatch(AT_DELETION, ["Retain"], "a string")),
        ),
        case(
            "delete-where-retain-is-chosen",
            {DELETION: "Delete", CHOSEN: "retain"},
            APPLIED.rejected(overridden("Delete", "Retain", "Delete")),
        ),
        case(
            "retain-where-destroy-is-chosen",
            {CHOSEN: "destroy"},
            APPLIED.rejected(overridden("Retain", "Delete", "Retain")),
        ),
        case(
            "delete-in-one-world",
            {**IS_PROD, CHOSEN: "retain", DELETION: BY_STAGE},
            APPLIED.rejected(overridden("Delete", "Retain", BY_STAGE), *NOT_PROD),
        ),
        # Undetermined
        case("settings-choose-nothing-there-is", {CHOSEN: "bogus"}, APPLIED.undetermined(*NO_CHOICE)),
        case("parameter", ANY_POLICY, APPLIED.undetermined("parameter Policy may be given any value", AT_DELETION)),
    ],
)
def test_deletion_policy_applied(document: Document, expected: Verdict) -> None:
    """A template states the deletion policy that the setting chose."""
    assert verdict(document, "table-deletion-protection/deletion-policy-applied") == expected


@pytest.mark.scenario("dynamodb-storage#table-deletion-protection/retain-option-available")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(RETAINED),
        # Accepted
        case("retain-as-chosen", {CHOSEN: "retain"}, RETAINED.compliant()),
        case("retain-except-on-create", {DELETION: "RetainExceptOnCreate"}, RETAINED.compliant()),
        case("not-kept-when-replaced", {REPLACEMENT: ABSENT}, RETAINED.compliant()),
        # Rejected
        case("missing-where-chosen", {DELETION: ABSENT, CHOSEN: "retain"}, RETAINED.rejected(deleted(None))),
        case(
            "delete-where-retain-is-chosen",
            {DELETION: "Delete", CHOSEN: "retain-on-update-or-delete"},
            RETAINED.rejected(deleted("Delete")),
        ),
        case("kept-when-replaced-only", {DELETION: "Delete"}, RETAINED.rejected(deleted("Delete"))),
        case("delete-in-one-world", {**IS_PROD, DELETION: BY_STAGE}, RETAINED.rejected(deleted(BY_STAGE), *NOT_PROD)),
        # Not applicable
        case(
            "destroy-chosen",
            {DELETION: "Delete", CHOSEN: "destroy"},
            RETAINED.not_applicable("the removal policy is destroy"),
        ),
        case(
            "delete-without-settings",
            {DELETION: "Delete", REPLACEMENT: "Delete"},
            RETAINED.not_applicable("the removal policy does not retain"),
        ),
        case(
            "missing-without-settings",
            {DELETION: ABSENT, REPLACEMENT: ABSENT},
            RETAINED.not_applicable("the removal policy does not retain"),
        ),
        # Undetermined
        case("settings-choose-nothing-there-is", {CHOSEN: "bogus"}, RETAINED.undetermined(*NO_CHOICE)),
        case("parameter", ANY_POLICY, RETAINED.undetermined("parameter Policy may be given any value", AT_DELETION)),
    ],
)
def test_retain_option_available(document: Document, expected: Verdict) -> None:
    """A table that is to be retained outlives its stack."""
    assert verdict(document, "table-deletion-protection/retain-option-available") == expected


@pytest.mark.scenario("dynamodb-storage#table-deletion-protection/retain-option-available")
def test_given_settings() -> None:
    """The settings that come with a template win over those in its metadata."""
    document = template({DELETION: "Delete", CHOSEN: "retain"})
    assert verdict(
        document, "table-deletion-protection/retain-option-available", settings={"removalPolicy": "destroy"}
    ) == RETAINED.not_applicable("the removal policy is destroy")


@pytest.mark.scenario("dynamodb-storage#table-deletion-protection/deletion-policy-applied")
@pytest.mark.scenario("dynamodb-storage#table-deletion-protection/retain-option-available")
def test_each_table_by_itself() -> None:
    """The deletion policy of one table says nothing of another's."""
    document = two_tables({"Resources.Second.DeletionPolicy": ABSENT})
    path = "$.Resources.Second.DeletionPolicy"
    assert verdicts(document, "table-deletion-protection/deletion-policy-applied") == [
        APPLIED.compliant(),
        APPLIED.rejected(unstated(path=path), resource="Second"),
    ]
    assert verdicts(document, "table-deletion-protection/retain-option-available") == [
        RETAINED.compliant(),
        RETAINED.rejected(deleted(None, path), resource="Second"),
    ]


def shown(outcome: Outcome, message: str = "", expected: str | None = None, remedy: str | None = None) -> Verdict:
    """Return the verdict on a matrix."""
    scenario = "table-deletion-protection/deletion-policy-applied"
    return Verdict("dynamodb-storage", scenario, outcome, expected=expected, message=message, remedy=remedy)


def unreached(values: str) -> Verdict:
    """Return the verdict on a matrix in which values of the setting reach no table."""
    return shown(
        Outcome.NON_COMPLIANT,
        f"no AWS::DynamoDB::Table of the matrix takes removalPolicy {values}",
        "each value of removalPolicy reaches a template",
        "make the property from the setting removalPolicy, and override it nowhere",
    )


@pytest.mark.scenario("dynamodb-storage#table-deletion-protection/deletion-policy-applied")
@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        pytest.param(
            {"destroy": "Delete", "retain": "Retain", "retain-on-update-or-delete": "RetainExceptOnCreate"},
            shown(Outcome.COMPLIANT),
            id="all",
        ),
        pytest.param({"retain": "Retain"}, unreached("destroy and retain-on-update-or-delete"), id="only-retain"),
        pytest.param(
            {"destroy": "Retain", "retain": "Retain", "retain-on-update-or-delete": "RetainExceptOnCreate"},
            unreached("destroy"),
            id="destroy-overridden",
        ),
    ],
)
def test_applied_over_a_matrix(policies: Mapping[str, str], expected: Verdict) -> None:
    """Over a matrix, every removal policy reaches the template."""
    entries = [entry for entry in load() if entry.name == expected.scenario]
    coverage = Coverage(entries)
    for chosen, policy in policies.items():
        one = Template("template", template({DELETION: policy}), given_settings={"removalPolicy": chosen})
        coverage.add(one, list(judge_template(entries, one)))
    assert list(coverage.conclude()) == [expected]
