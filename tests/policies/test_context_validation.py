"""Context Validation: which refusals the rule rejects and accepts, and what it does not apply to."""

import pytest

from policies.catalogue import load
from policies.judge import judge_context
from policies.model import Case, Finding, Outcome, Verdict

STAGE, CAPACITY = "worthwatch:stage", "worthwatch:readCapacity"
REMEDY = "let Settings.from_context refuse it"


def case(
    *, expected: frozenset[str] = frozenset(), refused: frozenset[str] = frozenset(), synthesised: bool = False
) -> Case:
    """Return how a context was received."""
    message = f"refused: {', '.join(sorted(refused))}" if refused else ""
    return Case("stage=prd", expected, refused, synthesised, message)


def judged(finding: Finding) -> Verdict:
    """Return the whole verdict on a context."""
    return Verdict(
        spec="storage-hardening",
        scenario="context-validation/invalid-context-refused",
        outcome=finding.outcome,
        context="stage=prd",
        path=finding.path or None,
        found=finding.found,
        expected=finding.expected or None,
        message=finding.message,
        remedy=finding.remedy or None,
    )


@pytest.mark.scenario("storage-hardening#context-validation/invalid-context-refused")
@pytest.mark.parametrize(
    ("received", "expected"),
    [
        pytest.param(
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE})),
            judged(Finding("", outcome=Outcome.COMPLIANT)),
            id="refused",
        ),
        pytest.param(
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE, CAPACITY})),
            judged(Finding("", outcome=Outcome.COMPLIANT)),
            id="refused-with-another-key",
        ),
        pytest.param(
            case(expected=frozenset({STAGE}), synthesised=True),
            judged(
                Finding(
                    "the context is invalid and was synthesised all the same",
                    "$",
                    [],
                    f"a refusal of {STAGE} and no template",
                    REMEDY,
                )
            ),
            id="synthesised",
        ),
        pytest.param(
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE}), synthesised=True),
            judged(
                Finding(
                    "the context is invalid and was synthesised all the same",
                    "$",
                    [STAGE],
                    f"a refusal of {STAGE} and no template",
                    REMEDY,
                )
            ),
            id="refused-and-synthesised",
        ),
        pytest.param(
            case(expected=frozenset({STAGE, CAPACITY}), refused=frozenset({STAGE})),
            judged(
                Finding(
                    f"the refusal does not name {CAPACITY}",
                    "$",
                    f"refused: {STAGE}",
                    f"a message that names {CAPACITY}, {STAGE}",
                    REMEDY,
                )
            ),
            id="one-key-not-named",
        ),
        pytest.param(
            case(expected=frozenset({STAGE})),
            judged(Finding(f"the refusal does not name {STAGE}", "$", "", f"a message that names {STAGE}", REMEDY)),
            id="no-key-named",
        ),
        pytest.param(
            case(synthesised=True),
            judged(Finding("the context is valid", outcome=Outcome.NOT_APPLICABLE)),
            id="valid-and-synthesised",
        ),
        pytest.param(
            case(refused=frozenset({STAGE})),
            judged(Finding("the context is valid", outcome=Outcome.NOT_APPLICABLE)),
            id="valid-refused",
        ),
    ],
)
def test_invalid_context_refused(received: Case, expected: Verdict) -> None:
    """An invalid context leads to a refusal that names every wrong key, and to no template."""
    assert list(judge_context(load(), received)) == [expected]
