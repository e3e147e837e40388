"""How reading a template in a world can end other than with a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.worlds import World


class TemplateError(Exception):
    """The template breaks CloudFormation's grammar at `path`, so that nothing can be said of what reads it."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class MismatchError(Exception):
    """The template holds a value of a kind that its place cannot take."""

    def __init__(self, path: str, found: object, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.found = found
        self.expected = expected


class UndeterminedError(Exception):
    """The template alone cannot say; `path` is the JSONPath of what is not known, where there is one place."""

    def __init__(self, reason: str, path: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


class NotApplicableError(Exception):
    """The scenario's WHEN is not met; the text says why."""


class ForkError(Exception):
    """A run came to something with several possible values: it is to be run again in each of these worlds."""

    def __init__(self, worlds: tuple[World, ...]) -> None:
        super().__init__("the world forks")
        self.worlds = worlds
