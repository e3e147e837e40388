"""Context Validation: the system SHALL validate the context of a synthesis before anything is synthesised."""

from __future__ import annotations

from collections.abc import Iterator

from policies.errors import NotApplicableError
from policies.model import Case, Finding, context_rule


@context_rule
def invalid_context_refused(case: Case) -> Iterator[Finding]:
    """A context with an unknown key, a wrong value or a contradiction is refused, each wrong key by name.

    Why: a mistyped key that is ignored deploys a default which nobody chose.

    Bad: `-c worthwatch:stagee=prod` deploys a dev stack.

    Good: the synthesis ends with a message that names `worthwatch:stagee` and the keys that exist.

    References: https://docs.aws.amazon.com/cdk/v2/guide/context.html
    """
    if not case.expected:
        raise NotApplicableError("the context is valid")
    mend = "let Settings.from_context refuse it"
    if case.synthesised:
        yield Finding(
            "the context is invalid and was synthesised all the same",
            "$",
            sorted(case.refused),
            f"a refusal of {', '.join(sorted(case.expected))} and no template",
            mend,
        )
    elif missed := sorted(case.expected - case.refused.keys()):
        yield Finding(
            f"the refusal does not name {', '.join(missed)}",
            "$",
            case.message,
            f"a message that names {', '.join(sorted(case.expected))}",
            mend,
        )
    elif untold := sorted(key for key in case.expected if not _told(case, key)):
        yield Finding(
            f"the message does not tell {', '.join(untold)} with what is allowed there",
            "$",
            case.message,
            f"a line of the message for each of {', '.join(sorted(case.expected))}, with what is allowed",
            mend,
        )


def _told(case: Case, key: str) -> bool:
    """Tell whether a line of the message names a key and what is allowed there: keys are named elsewhere, too."""
    allowed = case.refused[key]
    return bool(allowed) and any(key in line and allowed in line for line in case.message.splitlines())
