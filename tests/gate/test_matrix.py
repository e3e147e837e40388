"""A matrix judged: what only several contexts show, and contexts that do not end as they should."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from evidence.model import TracedContext
from gate import matrix
from gate.judged import Judged, traced
from gate.matrix import judge_matrix
from gate.run import Run
from policies.catalogue import load
from policies.model import Outcome, TableRule, Verdict
from stack.contexts import Context

RECOVERY = "point-in-time-recovery/pitr-configurable"
DELETION = "table-deletion-protection/deletion-policy-applied"
PROVENANCE = "dynamodb-table-provisioning/table-created-via-solutions-construct"
REFUSAL = "context-validation/invalid-context-refused"
WHOLE = ("sound", "destroy", "retain-on-update-or-delete", "no-recovery")

Judge = Callable[..., Run]


@pytest.fixture
def judge(judged: Mapping[str, Judged], monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Return a function that judges a matrix of some of the shared contexts, already synthesised."""

    def served(contexts: Sequence[Context], **_: object) -> Iterator[Judged]:
        return (judged[context.name] for context in contexts)

    monkeypatch.setattr(matrix, "judge_contexts", served)
    return lambda *names: judge_matrix([judged[name].context for name in names])


def of_matrix(run: Run) -> dict[str, Verdict]:
    """Return the verdicts on the matrix as a whole, by scenario."""
    return {verdict.scenario: verdict for verdict in run.verdicts if verdict.context is None}


def missing(scenario: str, message: str, setting: str) -> Verdict:
    """Return the verdict on a matrix that lacks a value of a setting."""
    return Verdict(
        "dynamodb-storage",
        scenario,
        Outcome.NON_COMPLIANT,
        expected=f"each value of {setting} reaches a template",
        message=message,
        remedy=f"make the property from the setting {setting}, and override it nowhere",
    )


def accepted(scenario: str) -> Verdict:
    """Return the verdict on a matrix that shows every value."""
    return Verdict("dynamodb-storage", scenario, Outcome.COMPLIANT)


def table_scenarios() -> set[str]:
    """Return the scenarios that are judged on tables."""
    return {entry.name for entry in load() if isinstance(entry.rule, TableRule)}


@pytest.mark.scenario(f"dynamodb-storage#{RECOVERY}")
@pytest.mark.scenario(f"dynamodb-storage#{DELETION}")
def test_a_matrix_that_shows_every_value(judge: Judge) -> None:
    """With recovery on and off and each removal policy, the matrix as a whole is accepted."""
    assert of_matrix(judge(*WHOLE)) == {RECOVERY: accepted(RECOVERY), DELETION: accepted(DELETION)}


@pytest.mark.scenario(f"dynamodb-storage#{RECOVERY}")
@pytest.mark.scenario(f"dynamodb-storage#{DELETION}")
def test_a_matrix_that_lacks_values(judge: Judge) -> None:
    """One context shows one value of each setting: nothing is configurable by that."""
    assert of_matrix(judge("sound")) == {
        RECOVERY: missing(
            RECOVERY, "no AWS::DynamoDB::Table of the matrix takes pointInTimeRecovery false", "pointInTimeRecovery"
        ),
        DELETION: missing(
            DELETION,
            "no AWS::DynamoDB::Table of the matrix takes removalPolicy destroy and retain-on-update-or-delete",
            "removalPolicy",
        ),
    }


@pytest.mark.scenario(f"dynamodb-storage#{RECOVERY}")
def test_recovery_that_is_fixed_whatever_the_settings_say(judge: Judge) -> None:
    """An override that fixes recovery is caught where the settings say off, and in the matrix as a whole."""
    run = judge("recovery-always-on", "fixed-no-recovery", "destroy", "retain-on-update-or-delete")
    of_one = [verdict for verdict in run.verdicts if verdict.context and verdict.outcome is Outcome.NON_COMPLIANT]
    assert [(verdict.context, verdict.scenario, verdict.message) for verdict in of_one] == [
        ("fixed-no-recovery", RECOVERY, "point-in-time recovery is on where the settings say off")
    ]
    assert of_matrix(run) == {
        RECOVERY: missing(
            RECOVERY, "no AWS::DynamoDB::Table of the matrix takes pointInTimeRecovery false", "pointInTimeRecovery"
        ),
        DELETION: accepted(DELETION),
    }


def test_a_value_beside_a_context_that_fails_still_counts(judge: Judge) -> None:
    """A context that does not synthesise is an error of its own, and takes nothing from what the others show."""
    run = judge(*WHOLE, "exception")
    assert of_matrix(run) == {RECOVERY: accepted(RECOVERY), DELETION: accepted(DELETION)}
    assert run.exit_code == 2


@pytest.mark.scenario(f"dynamodb-storage#{PROVENANCE}")
def test_a_table_that_became_something_else(judged: Mapping[str, Judged]) -> None:
    """A storage stack without a table violates the spec; what is said of tables has nothing to be judged on."""
    of_tables = {v.scenario: v for v in judged["table-of-another-type"].verdicts if v.scenario != REFUSAL}
    violation = of_tables.pop(PROVENANCE)
    assert (violation.outcome, violation.resource, violation.path, violation.message, violation.expected) == (
        Outcome.NON_COMPLIANT,
        None,
        "$.Resources",
        "the storage stack has no DynamoDB table",
        "a DynamoDB table created by @aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB",
    )
    assert of_tables.keys() == table_scenarios() - {PROVENANCE}
    assert {(v.outcome, v.message) for v in of_tables.values()} == {
        (Outcome.NOT_APPLICABLE, "the template has no DynamoDB table")
    }


REFUSED_STAGE = (
    "The context is refused: 1 problem. Nothing was synthesised.\n"
    '  worthwatch:stage: found "production"; allowed: dev or staging or prod\n'
    "Correct them where they are set: -c KEY=VALUE, cdk.json, cdk.context.json or ~/.cdk.json."
)


@pytest.mark.parametrize(
    ("name", "message"),
    [("exception", "ValueError: the stack cannot be built today"), ("wrongly-refused", REFUSED_STAGE)],
)
def test_a_context_that_should_synthesise_and_does_not(judged: Mapping[str, Judged], name: str, message: str) -> None:
    """Each scenario of a template has an error verdict of that context, with the reason: none is absent."""
    of_tables = [verdict for verdict in judged[name].verdicts if verdict.scenario != REFUSAL]
    assert {verdict.scenario for verdict in of_tables} == table_scenarios()
    assert len(of_tables) == len(table_scenarios())
    assert {(v.outcome, v.template, v.context, v.resource, v.message) for v in of_tables} == {
        (Outcome.ERROR, None, name, None, message)
    }


@pytest.mark.scenario(f"storage-hardening#{REFUSAL}")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rightly-refused", Verdict("", "", Outcome.COMPLIANT)),
        ("sound", Verdict("", "", Outcome.NOT_APPLICABLE, message="the context is valid")),
        (
            "wrongly-accepted",
            Verdict(
                "",
                "",
                Outcome.NON_COMPLIANT,
                path="$",
                found=[],
                expected="a refusal of worthwatch:stage and no template",
                message="the context is invalid and was synthesised all the same",
                remedy="let Settings.from_context refuse it",
            ),
        ),
        (
            "refused-for-another-key",
            Verdict(
                "",
                "",
                Outcome.NON_COMPLIANT,
                path="$",
                found=REFUSED_STAGE,
                expected="a message that names worthwatch:tableName",
                message="the refusal does not name worthwatch:tableName",
                remedy="let Settings.from_context refuse it",
            ),
        ),
    ],
)
def test_refusals(judged: Mapping[str, Judged], name: str, expected: Verdict) -> None:
    """A context that must be refused is accepted only where it was, for the key that is wrong."""
    (verdict,) = (verdict for verdict in judged[name].verdicts if verdict.scenario == REFUSAL)
    assert verdict == replace(expected, spec="storage-hardening", scenario=REFUSAL, context=name)


def test_a_refused_context_has_no_other_verdict(judged: Mapping[str, Judged]) -> None:
    """Nothing was synthesised, and nothing should have been."""
    assert [verdict.scenario for verdict in judged["rightly-refused"].verdicts] == [REFUSAL]
    assert judged["rightly-refused"].template is None


def test_a_template_that_the_cdk_refuses(judge: Judge, judged: Mapping[str, Judged]) -> None:
    """It is judged like any other, and the CDK's own reason is a problem of the run."""
    refused = "refused-by-the-cdk"
    run = judge("sound", refused)
    assert [problem.message for problem in run.problems if problem.where == refused] == [
        "ValidationFailed: ERROR Nonsense: Additional properties are not allowed ('Nonsense' was unexpected) "
        "(CloudFormation Validate)\n"
        "   WorthWatchStorage/Storage/DynamoTable/Resource (StorageDynamoTable201FACD8) "
        "aws-cdk-lib.aws_dynamodb.CfnTable\n"
        "   Acknowledge with 'CloudFormation-Validate::F3002'"
    ]
    assert [verdict.outcome for verdict in judged[refused].verdicts] == [
        verdict.outcome for verdict in judged["sound"].verdicts
    ]
    assert run.exit_code == 2


def test_a_matrix_of_refusals_is_vacuous(judge: Judge) -> None:
    """Where no template comes of any context, no scenario of a template has been shown, and the gate fails."""
    run = judge("rightly-refused")
    told = {verdict.scenario for verdict in run.verdicts}
    assert {problem.where.partition("#")[2] for problem in run.problems} == table_scenarios() - told
    assert run.exit_code == 2


def test_a_matrix_of_nothing_is_vacuous(judge: Judge) -> None:
    """Without a context, nothing is shown of any scenario: the gate fails, and not as if it had found something."""
    run = judge()
    unshown = {entry.scenario.id for entry in load()} - {f"{v.spec}#{v.scenario}" for v in run.verdicts}
    assert {problem.where for problem in run.problems} >= unshown
    assert run.exit_code == 2


def test_contexts_are_described(judge: Judge, judged: Mapping[str, Judged]) -> None:
    """The run tells each context, with its template's digest where there is one."""
    template = judged["no-recovery"].template
    assert template is not None
    assert judge("no-recovery").contexts == {
        "no-recovery": TracedContext(
            "no-recovery", {"worthwatch:pointInTimeRecovery": False}, None, None, (), template.name, ()
        )
    }
    assert traced(judged["rightly-refused"]) == TracedContext(
        "rightly-refused", {"worthwatch:stage": "production"}, None, None, ("worthwatch:stage",), None, ()
    )


def test_progress(judged: Mapping[str, Judged], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each context is told when it is done."""
    monkeypatch.setattr(matrix, "judge_contexts", lambda contexts, **_: (judged[one.name] for one in contexts))
    done: list[None] = []
    judge_matrix([judged[name].context for name in WHOLE], on_progress=lambda: done.append(None))
    assert len(done) == len(WHOLE)
