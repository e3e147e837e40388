"""Context Validation: which refusals the rule rejects and accepts, and what it does not apply to."""

import pytest

from policies.catalogue import load
from policies.judge import judge_context
from policies.model import Case, Finding, Outcome, Verdict

STAGE, CAPACITY = "worthwatch:stage", "worthwatch:readCapacity"
REMEDY = "let Settings.from_context refuse it"


ALLOWED = "dev or prod"


def case(
    *,
    expected: frozenset[str] = frozenset(),
    refused: frozenset[str] = frozenset(),
    synthesised: bool = False,
    message: str | None = None,
) -> Case:
    """Return how a context was received; each key that was refused is told in a line of its own, if nothing else is."""
    told = "\n".join(f"{key}: {ALLOWED}" for key in sorted(refused)) if message is None else message
    return Case("stage=prd", expected, dict.fromkeys(refused, ALLOWED), synthesised, told)


def untold(keys: str, message: str) -> Verdict:
    """Return the verdict on a refusal whose message does not tell keys, which are given as the verdict lists them."""
    return judged(
        Finding(
            f"the message does not tell {keys} with what is allowed there",
            "$",
            message,
            f"a line of the message for each of {keys}, with what is allowed",
            REMEDY,
        )
    )


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
                    f"{STAGE}: {ALLOWED}",
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
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE}), message=""),
            untold(STAGE, ""),
            id="without-a-message",
        ),
        pytest.param(
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE}), message=f"stage: {ALLOWED}"),
            untold(STAGE, f"stage: {ALLOWED}"),
            id="a-message-without-the-key",
        ),
        pytest.param(
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE}), message=f"{STAGE}: wrong"),
            untold(STAGE, f"{STAGE}: wrong"),
            id="a-message-without-what-is-allowed",
        ),
        pytest.param(
            case(expected=frozenset({STAGE}), refused=frozenset({STAGE}), message=f"{STAGE}: wrong\nx: {ALLOWED}"),
            untold(STAGE, f"{STAGE}: wrong\nx: {ALLOWED}"),
            id="what-is-allowed-elsewhere",
        ),
        pytest.param(
            Case("stage=prd", frozenset({STAGE}), {STAGE: ""}, synthesised=False, message=f"{STAGE}: wrong"),
            untold(STAGE, f"{STAGE}: wrong"),
            id="nothing-is-said-to-be-allowed",
        ),
        pytest.param(
            case(expected=frozenset({STAGE, CAPACITY}), synthesised=True),
            judged(
                Finding(
                    "the context is invalid and was synthesised all the same",
                    "$",
                    [],
                    f"a refusal of {CAPACITY}, {STAGE} and no template",
                    REMEDY,
                )
            ),
            id="synthesised-with-two-wrong-keys",
        ),
        pytest.param(
            case(expected=frozenset({STAGE, CAPACITY})),
            judged(
                Finding(
                    f"the refusal does not name {CAPACITY}, {STAGE}",
                    "$",
                    "",
                    f"a message that names {CAPACITY}, {STAGE}",
                    REMEDY,
                )
            ),
            id="neither-of-two-keys-named",
        ),
        pytest.param(
            case(expected=frozenset({STAGE, CAPACITY}), refused=frozenset({STAGE, CAPACITY}), message=""),
            untold(f"{CAPACITY}, {STAGE}", ""),
            id="two-keys-without-a-message",
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
