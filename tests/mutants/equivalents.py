"""tests/mutants/equivalents.toml: the mutants that no test can kill, each with the reason.

An entry that excuses no survivor is not needed, and fails the run: the list says no more than it must.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SHIPPED = Path(__file__).with_name("equivalents.toml")

Change = tuple[str, str, str]
"""Where in a module, what the changed lines were, and what they are."""


class Equivalent(BaseModel):
    """Changes of the same lines of one function or class (`where`, empty for the module's own) for the same reason."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    module: Annotated[str, Field(pattern=r"^policies/\w+\.py$")]
    where: str
    was: str
    now: Annotated[list[str], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=20, max_length=500)]

    @property
    def changes(self) -> list[Change]:
        """The changes that it excuses."""
        return [(self.where, self.was, now) for now in self.now]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    equivalent: list[Equivalent] = []


def excused(module: str, file: Path = SHIPPED) -> frozenset[Change]:
    """Return the changes of a module, as `policies/name.py`, that an entry excuses; `ValueError` for a wrong file."""
    entries: Iterable[Equivalent] = _File.model_validate(tomllib.loads(file.read_text("utf-8"))).equivalent
    return frozenset(change for entry in entries if entry.module == module for change in entry.changes)
