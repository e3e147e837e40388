"""The actions that the catalogue grants one by one: it states them for itself, and so do the rules; both know all."""

from policies import dynamodb_actions
from proof.operators import grants


def test_all_actions_are_granted() -> None:
    """An action that only one of the two knows is missing in the other."""
    of_items, of_tables = grants._READING_AND_WRITING, grants._CONTROLLING  # noqa: SLF001 - what the operators grant
    assert {f"dynamodb:{name}" for name in of_items} == set(dynamodb_actions.DATA_PLANE)
    assert {f"dynamodb:{name}" for name in of_tables} == set(dynamodb_actions.CONTROL_PLANE)
