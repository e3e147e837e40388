"""Replacement Protection: what the rule rejects, accepts, does not apply to and cannot tell."""

import pytest

from policies.model import Finding, Verdict
from tests.policies.templates import (
    ABSENT,
    IS_PROD,
    NOT_PROD,
    PROD,
    Document,
    Expected,
    case,
    for_every_rule,
    global_table,
    mismatch,
    two_tables,
    verdict,
    verdicts,
)

KEPT = Expected("storage-hardening#replacement-protection/replaced-table-kept")
DELETION = "Resources.Table.DeletionPolicy"
REPLACEMENT = "Resources.Table.UpdateReplacePolicy"
BY_STAGE = {"Fn::If": ["IsProd", "Retain", "Delete"]}


def deleted(found: object, path: str = f"$.{REPLACEMENT}") -> Finding:
    """Return the finding of a table that a replacement deletes."""
    return Finding(
        "the table is deleted when an update replaces it",
        path,
        found,
        "Retain",
        "set removal_policy=RemovalPolicy.RETAIN, which sets both policies",
    )


@pytest.mark.scenario("storage-hardening#replacement-protection/replaced-table-kept")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(KEPT),
        # Accepted
        case("retain-except-on-create", {DELETION: "RetainExceptOnCreate"}, KEPT.compliant()),
        case(
            "both-by-the-same-condition", {**IS_PROD, DELETION: BY_STAGE, REPLACEMENT: BY_STAGE}, KEPT.compliant(*PROD)
        ),
        # Rejected
        case("missing", {REPLACEMENT: ABSENT}, KEPT.rejected(deleted(None))),
        case("delete", {REPLACEMENT: "Delete"}, KEPT.rejected(deleted("Delete"))),
        case("snapshot", {REPLACEMENT: "Snapshot"}, KEPT.rejected(deleted("Snapshot"))),
        case(
            "no-value-of-this-policy",
            {DELETION: "RetainExceptOnCreate", REPLACEMENT: "RetainExceptOnCreate"},
            KEPT.rejected(deleted("RetainExceptOnCreate")),
        ),
        case(
            "object-for-a-string",
            {REPLACEMENT: {"Keep": True}},
            KEPT.rejected(mismatch(f"$.{REPLACEMENT}", {"Keep": True}, "a string")),
        ),
        pytest.param(global_table({REPLACEMENT: ABSENT}), KEPT.rejected(deleted(None)), id="global-table-missing"),
        case("delete-in-one-world", {**IS_PROD, REPLACEMENT: BY_STAGE}, KEPT.rejected(deleted(BY_STAGE), *NOT_PROD)),
        # Not applicable
        case(
            "not-retained",
            {DELETION: "Delete", REPLACEMENT: "Delete"},
            KEPT.not_applicable("the deletion policy does not keep the table"),
        ),
        case(
            "no-deletion-policy",
            {DELETION: ABSENT, REPLACEMENT: ABSENT},
            KEPT.not_applicable("the deletion policy does not keep the table"),
        ),
        # Undetermined
        case(
            "parameter",
            {"Parameters.Policy": {"Type": "String"}, REPLACEMENT: {"Ref": "Policy"}},
            KEPT.undetermined("parameter Policy may be given any value", f"$.{REPLACEMENT}"),
        ),
        case(
            "parameter-is-the-deletion-policy",
            {"Parameters.Policy": {"Type": "String"}, DELETION: {"Ref": "Policy"}},
            KEPT.undetermined("parameter Policy may be given any value", f"$.{DELETION}"),
        ),
    ],
)
def test_replaced_table_kept(document: Document, expected: Verdict) -> None:
    """A table that outlives its stack outlives its replacement, too."""
    assert verdict(document, "replacement-protection/replaced-table-kept") == expected


@pytest.mark.scenario("storage-hardening#replacement-protection/replaced-table-kept")
def test_each_table_by_itself() -> None:
    """What keeps one table says nothing of another."""
    document = two_tables({"Resources.Second.UpdateReplacePolicy": ABSENT})
    assert verdicts(document, "replacement-protection/replaced-table-kept") == [
        KEPT.compliant(),
        KEPT.rejected(deleted(None, "$.Resources.Second.UpdateReplacePolicy"), resource="Second"),
    ]
