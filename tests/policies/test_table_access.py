"""Table Access: what the rule rejects, accepts and cannot tell."""

from collections.abc import Mapping

import pytest

from policies.model import Finding, Outcome, Verdict
from tests.policies.templates import (
    IS_PROD,
    NO_VALUE,
    NOT_PROD,
    ROLE_ARN,
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

CLOSED = Expected("storage-hardening#table-access/no-public-access")
POLICY = TABLE + "ResourcePolicy.PolicyDocument.Statement"
AT_POLICY = f"$.{POLICY}"
REPLICA_POLICY = TABLE + "Replicas.1.ResourcePolicy.PolicyDocument.Statement"
STREAM_POLICY = TABLE + "StreamSpecification.ResourcePolicy.PolicyDocument.Statement"
REPLICA_STREAM_POLICY = TABLE + "Replicas.1.ReplicaStreamSpecification.ResourcePolicy.PolicyDocument.Statement"

ACCOUNT = "111122223333"
NAMED = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*", "Principal": {"AWS": ACCOUNT}}
PUBLIC = {**NAMED, "Principal": "*"}
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}
NAMED_IN_PROD = {"Fn::If": ["IsProd", ACCOUNT, "*"]}


def opened(found: object, path: str = f"{AT_POLICY}[0]") -> Finding:
    """Return the finding of a statement for everyone."""
    return Finding(
        "the table's resource policy allows every principal",
        path,
        found,
        "principals that are named, or a condition",
        "name the principals in resource_policy of the table's properties",
    )


def rejected(statement: Mapping[str, object]) -> tuple[Document, Verdict]:
    """Return the template whose table has one statement, and the verdict that refuses it."""
    return template({POLICY: [statement]}), CLOSED.rejected(opened(statement))


def accepted(statement: Mapping[str, object]) -> tuple[Document, Verdict]:
    """Return the template whose table has one statement, and the verdict that accepts it."""
    return template({POLICY: [statement]}), CLOSED.compliant()


@pytest.mark.scenario("storage-hardening#table-access/no-public-access")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *for_every_rule(CLOSED, {POLICY: [NAMED]}),
        # Accepted
        case("no-policy", {}, CLOSED.compliant()),
        case("no-value-for-a-policy", {TABLE + "ResourcePolicy": NO_VALUE}, CLOSED.compliant()),
        pytest.param(global_table(), CLOSED.compliant(), id="global-table-no-policy"),
        pytest.param(*accepted({**PUBLIC, "Condition": IN_ORGANIZATION}), id="everyone-on-a-condition"),
        pytest.param(*accepted({**PUBLIC, "Effect": "Deny"}), id="deny-everyone"),
        pytest.param(*accepted({**NAMED, "Principal": {"AWS": ROLE_ARN}}), id="a-role-of-the-stack"),
        pytest.param(*accepted({**NAMED, "Principal": {"Service": "dax.amazonaws.com"}}), id="a-service"),
        case(
            "a-service-by-a-parameter",
            {"Parameters.Reader": {"Type": "String"}, POLICY: [{**NAMED, "Principal": {"Service": {"Ref": "Reader"}}}]},
            CLOSED.compliant(),
        ),
        case("a-single-statement", {POLICY: NAMED}, CLOSED.compliant()),
        pytest.param(global_table({REPLICA_POLICY: [NAMED]}), CLOSED.compliant(), id="global-table-with-a-policy"),
        # Rejected
        pytest.param(*rejected(PUBLIC), id="everyone"),
        pytest.param(*rejected({**NAMED, "Principal": {"AWS": "*"}}), id="every-account"),
        pytest.param(*rejected({**NAMED, "Principal": {"AWS": [ACCOUNT, "*"]}}), id="every-account-in-a-list"),
        pytest.param(*rejected({**NAMED, "Principal": {"AWS": [ROLE_ARN, "*"]}}), id="every-account-and-a-role"),
        pytest.param(*rejected({**PUBLIC, "Condition": {}}), id="empty-condition"),
        pytest.param(*rejected({**PUBLIC, "Condition": {"Bool": {}}}), id="empty-operator"),
        pytest.param(*rejected({**PUBLIC, "Condition": NO_VALUE}), id="no-value-for-a-condition"),
        pytest.param(
            *rejected(
                {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*", "NotPrincipal": {"AWS": ACCOUNT}}
            ),
            id="everyone-but",
        ),
        case("a-single-statement-for-everyone", {POLICY: PUBLIC}, CLOSED.rejected(opened(PUBLIC, AT_POLICY))),
        case("second-statement", {POLICY: [NAMED, PUBLIC]}, CLOSED.rejected(opened(PUBLIC, f"{AT_POLICY}[1]"))),
        pytest.param(
            global_table({REPLICA_POLICY: [PUBLIC]}),
            CLOSED.rejected(
                opened(PUBLIC, "$.Resources.Table.Properties.Replicas[1].ResourcePolicy.PolicyDocument.Statement[0]")
            ),
            id="global-table-one-replica",
        ),
        case("stream", {STREAM_POLICY: [PUBLIC]}, CLOSED.rejected(opened(PUBLIC, f"$.{STREAM_POLICY}[0]"))),
        pytest.param(
            global_table({REPLICA_STREAM_POLICY: [PUBLIC]}),
            CLOSED.rejected(
                opened(
                    PUBLIC,
                    "$.Resources.Table.Properties.Replicas[1]"
                    ".ReplicaStreamSpecification.ResourcePolicy.PolicyDocument.Statement[0]",
                )
            ),
            id="global-table-stream-of-one-replica",
        ),
        case(
            "every-account-in-one-world",
            {**IS_PROD, POLICY: [{**NAMED, "Principal": {"AWS": NAMED_IN_PROD}}]},
            CLOSED.rejected(opened({**NAMED, "Principal": {"AWS": NAMED_IN_PROD}}), *NOT_PROD),
        ),
        case(
            "everyone-in-one-world",
            {**IS_PROD, POLICY: [{**NAMED, "Principal": {"Fn::If": ["IsProd", {"AWS": ACCOUNT}, "*"]}}]},
            CLOSED.rejected(opened({**NAMED, "Principal": {"Fn::If": ["IsProd", {"AWS": ACCOUNT}, "*"]}}), *NOT_PROD),
        ),
        case(
            "list-for-an-effect",
            {POLICY: [{**PUBLIC, "Effect": ["Allow"]}]},
            CLOSED.rejected(mismatch(f"{AT_POLICY}[0].Effect", ["Allow"], "a string")),
        ),
        case(
            "effect-in-lower-case",
            {POLICY: [{**PUBLIC, "Effect": "allow"}]},
            CLOSED.rejected(mismatch(f"{AT_POLICY}[0].Effect", "allow", "Allow or Deny")),
        ),
        case(
            "no-principal",
            {POLICY: [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]},
            CLOSED.rejected(mismatch(f"{AT_POLICY}[0].Principal", None, "one of Principal and NotPrincipal")),
        ),
        *(
            case(
                name,
                {TABLE + "ResourcePolicy.PolicyDocument": {name: [PUBLIC]}},
                CLOSED.rejected(
                    mismatch(
                        f"$.{TABLE}ResourcePolicy.PolicyDocument.{name}",
                        [PUBLIC],
                        "an element that a policy document has",
                    )
                ),
            )
            for name in ("Statements", "statement")
        ),
        case(
            "everyone-after-a-parameter",
            {
                "Parameters.Reader": {"Type": "String"},
                POLICY: [{**NAMED, "Principal": {"AWS": {"Ref": "Reader"}}}, PUBLIC],
            },
            CLOSED.rejected(opened(PUBLIC, f"{AT_POLICY}[1]")),
        ),
        # Undetermined
        case(
            "parameter",
            {"Parameters.Reader": {"Type": "String"}, POLICY: [{**NAMED, "Principal": {"AWS": {"Ref": "Reader"}}}]},
            CLOSED.undetermined("parameter Reader may be given any value", f"{AT_POLICY}[0].Principal.AWS"),
        ),
    ],
)
def test_no_public_access(document: Document, expected: Verdict) -> None:
    """A table's resource policy allows not everyone, unless on a condition."""
    assert verdict(document, "table-access/no-public-access") == expected


@pytest.mark.scenario("storage-hardening#table-access/no-public-access")
def test_each_table_by_itself() -> None:
    """One table's policy says nothing of another's."""
    document = two_tables({"Resources.Second.Properties.ResourcePolicy.PolicyDocument.Statement": [PUBLIC]})
    path = "$.Resources.Second.Properties.ResourcePolicy.PolicyDocument.Statement[0]"
    assert verdicts(document, "table-access/no-public-access") == [
        CLOSED.compliant(),
        CLOSED.rejected(opened(PUBLIC, path), resource="Second"),
    ]


COUNT = 20


@pytest.mark.scenario("storage-hardening#table-access/no-public-access")
@pytest.mark.parametrize(
    ("principal", "expected"),
    [({"AWS": ACCOUNT}, Outcome.COMPLIANT), ("*", Outcome.NON_COMPLIANT), ({"AWS": []}, Outcome.COMPLIANT)],
)
@pytest.mark.parametrize("first", [0, COUNT - 1])
def test_statements_under_conditions(principal: object, expected: Outcome, first: int) -> None:
    """Twenty statements that are each there on a condition cost nothing, unless one of them is the violation."""
    conditions = {
        **{f"Parameters.P{i}": {"Type": "String"} for i in range(COUNT)},
        **{f"Conditions.C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "a"]} for i in range(COUNT)},
    }
    statements = [{**NAMED, "Principal": principal if i >= first else NAMED["Principal"]} for i in range(COUNT)]
    maybe = [{"Fn::If": [f"C{i}", one, {"Ref": "AWS::NoValue"}]} for i, one in enumerate(statements)]
    assert verdict(template({**conditions, POLICY: maybe}), "table-access/no-public-access").outcome is expected
