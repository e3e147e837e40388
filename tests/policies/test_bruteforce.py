"""Verdicts against brute force: what the judge says of a template is the worst that any assignment makes of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from policies.catalogue import load
from policies.judge import judge_template
from policies.model import Outcome, TableRule
from tests.policies.bruteforce import RULES, assignments, right, worst
from tests.policies.generated import Generated, templates
from tests.policies.templates import FUNCTION, POLICY, ROLE, TABLE, TABLE_ARN, Changes, Document, template, verdicts

Rows = list[tuple[str, str, Outcome, set[Outcome]]]

MADE_BY = "dynamodb-table-provisioning/table-created-via-solutions-construct"
"""The scenario that the construct tree decides."""

# To shrink a template takes minutes: add Phase.shrink to see less of one that fails.
OURS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def outcomes(generated: Generated) -> dict[tuple[str, str | None], Outcome]:
    """Judge a template: the outcome of each scenario for each table."""
    verdicts = judge_template(load(), generated.template())
    return {(verdict.scenario, verdict.resource): verdict.outcome for verdict in verdicts}


def test_every_rule_has_a_second_opinion() -> None:
    """Brute force judges by all rules that judge a table."""
    assert set(RULES) == {entry.name for entry in load() if isinstance(entry.rule, TableRule)}


def test_closed_templates() -> None:
    """Where every value that matters is listed, each verdict is the worst of all assignments."""
    seen: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    sizes: list[int] = []

    @given(templates())
    @settings(OURS, max_examples=300)
    def check(generated: Generated) -> None:
        judged = assignments(generated)
        wanted, ours = worst(judged), outcomes(generated)
        sizes.append(len(judged))
        for (scenario, _), outcome in ours.items():
            seen[scenario][outcome] += 1
        assert differences(ours, {key: {outcome} for key, outcome in wanted.items()}) == []

    check()
    # The tree, and it alone, may be missing: nothing else that these templates leave open has a say in a verdict.
    found = {scenario: set(counts) for scenario, counts in seen.items()}
    told = {Outcome.COMPLIANT, Outcome.NON_COMPLIANT, Outcome.NOT_APPLICABLE}
    assert found == {**dict.fromkeys(RULES, told), MADE_BY: told | {Outcome.UNDETERMINED}}
    assert min(min(counts.values()) for counts in seen.values()) >= 5
    assert (len(sizes), sum(sizes) >= 3000) == (300, True)


def test_open_templates() -> None:
    """Where other values matter, too, a verdict is undetermined if some of them comply and some violate."""
    seen: Counter[Outcome] = Counter()

    @given(templates(is_open=True))
    @settings(OURS, max_examples=80)
    def check(generated: Generated) -> None:
        ours = outcomes(generated)
        seen.update(outcome for (scenario, _), outcome in ours.items() if scenario != MADE_BY)
        assert differences(ours, right(assignments(generated))) == []

    check()
    assert min(seen[outcome] for outcome in Outcome if outcome not in {Outcome.ERROR, Outcome.WAIVED}) >= 20


def differences(ours: Mapping[tuple[str, str | None], Outcome], wanted: Mapping[tuple[str, str], set[Outcome]]) -> Rows:
    """Return the verdicts that are not right, with what would be."""
    assert ours.keys() == wanted.keys()
    return [(*key, ours[key], outcomes) for key, outcomes in wanted.items() if ours[key] not in outcomes]


# What brute force found


REF: Document = {"Ref": "Free"}
FREE: Changes = {"Parameters.Free": {"Type": "String"}}
STATEMENT = f"{POLICY}PolicyDocument.Statement.1"
ELSEWHERE: Changes = {f"{POLICY}Roles": ["of-another-stack"]}
INDEXES: Document = {"Fn::Join": ["", [TABLE_ARN, "/index/*"]]}
ONLY_LOG_LEVEL: Changes = {f"{FUNCTION}Environment.Variables": {"LOG_LEVEL": "info"}}


def allows(**statement: object) -> Changes:
    """Add a statement to the policy."""
    return {STATEMENT: {"Effect": "Allow", "Action": "dynamodb:PutItem", **statement}}


@pytest.mark.parametrize(
    ("scenario", "changes", "outcome"),
    [
        pytest.param(
            "least-privilege/no-other-table",
            allows(NotResource=[TABLE_ARN, INDEXES]),
            Outcome.NON_COMPLIANT,
            id="all-but-the-table-and-its-indexes",
        ),
        pytest.param(
            "least-privilege/no-other-table",
            {f"{TABLE}TableName": "events", **allows(NotResource=INDEXES)},
            Outcome.NON_COMPLIANT,
            id="all-but-the-indexes-of-a-named-table",
        ),
        pytest.param(
            "table-key-schema/partition-key-defined",
            {
                **FREE,
                f"{TABLE}KeySchema.0.AttributeName": REF,
                f"{TABLE}AttributeDefinitions.0.AttributeType": "N",
            },
            Outcome.NON_COMPLIANT,
            id="key-of-any-name-while-id-is-a-number",
        ),
        pytest.param(
            "table-encryption/encryption-enabled",
            {**FREE, f"{TABLE}SSESpecification": {"SSEEnabled": REF, "KMSMasterKeyId": "alias/ours"}},
            Outcome.NON_COMPLIANT,
            id="a-customer-managed-key-or-no-encryption",
        ),
        pytest.param(
            "lambda-dynamodb-integration/read-permissions-granted",
            {**FREE, f"{TABLE}TableName": REF, **ONLY_LOG_LEVEL, **ELSEWHERE},
            Outcome.NON_COMPLIANT,
            id="not-told-or-not-allowed-to-read",
        ),
        pytest.param(
            "lambda-dynamodb-integration/write-permissions-granted",
            {**FREE, f"{TABLE}TableName": REF, **ONLY_LOG_LEVEL, **ELSEWHERE},
            Outcome.NON_COMPLIANT,
            id="not-told-or-not-allowed-to-write",
        ),
        pytest.param(
            "least-privilege/role-assumed-by-lambda-only",
            {
                **FREE,
                f"{TABLE}TableName": REF,
                **ONLY_LOG_LEVEL,
                f"{ROLE}AssumeRolePolicyDocument.Statement.0.Principal": {"Service": "ec2.amazonaws.com"},
            },
            Outcome.UNDETERMINED,
            id="trust-of-a-function-that-is-perhaps-told",
        ),
        pytest.param(
            "lambda-dynamodb-integration/environment-variable-injected",
            {**FREE, f"{TABLE}TableName": REF, f"{FUNCTION}Environment.Variables": {"URL": "https://example.com/"}},
            Outcome.NON_COMPLIANT,
            id="what-no-name-of-a-table-can-be",
        ),
        pytest.param(
            "lambda-dynamodb-integration/read-permissions-granted",
            {
                **FREE,
                "Resources.Other": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": REF}},
                **allows(Effect="Deny", Action="*", Resource={"Fn::GetAtt": ["Other", "Arn"]}),
            },
            Outcome.COMPLIANT,
            id="deny-on-a-table-of-any-name",
        ),
    ],
)
def test_counterexamples(scenario: str, changes: Changes, outcome: Outcome) -> None:
    """What a rule once got wrong, or called undetermined where the truth can be known."""
    assert {one.resource: one.outcome for one in verdicts(template(changes), scenario)}["Table"] is outcome
