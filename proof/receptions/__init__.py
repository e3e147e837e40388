"""The operators on a matrix: a module for what can be wrong with a context, and one for what with all of them."""

from __future__ import annotations

from functools import cache

from proof.matrix import MatrixOperator
from proof.receptions import contexts, coverage


@cache
def receptions() -> tuple[MatrixOperator, ...]:
    """Return the operators, in the order of their modules."""
    values = (value for module in (contexts, coverage) for value in vars(module).values())
    return tuple(value for value in values if isinstance(value, MatrixOperator))
