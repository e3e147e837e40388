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
    elif missed := sorted(case.expected - case.refused):
        yield Finding(
            f"the refusal does not name {', '.join(missed)}",
            "$",
            case.message,
            f"a message that names {', '.join(sorted(case.expected))}",
            mend,
        )
