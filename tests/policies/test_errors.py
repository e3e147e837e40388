"""How reading a template ends: what each error carries for a verdict, and says where it is raised unforeseen."""

import pytest

from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError

PLACE = "$.Resources.Table"


@pytest.mark.parametrize(
    ("error", "carried", "said"),
    [
        (
            TemplateError(PLACE, "no such function"),
            {"path": PLACE, "problem": "no such function"},
            f"{PLACE}: no such function",
        ),
        (
            MismatchError(PLACE, ["x"], "a string"),
            {"path": PLACE, "found": ["x"], "expected": "a string"},
            f"{PLACE}: expected a string",
        ),
        (UndeterminedError("anything", PLACE), {"reason": "anything", "path": PLACE}, "anything"),
        (UndeterminedError("anything"), {"reason": "anything", "path": None}, "anything"),
        (ForkError(()), {"worlds": ()}, "the world forks"),
    ],
)
def test_errors(error: Exception, carried: dict[str, object], said: str) -> None:
    """An error carries what a verdict tells of it, and says the same in words."""
    assert (vars(error), str(error)) == (carried, said)
