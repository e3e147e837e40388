"""The catalogue of operators that were written by hand: a module for each family of what scenarios read."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from proof.model import Operator


@cache
def catalogue() -> tuple[Operator, ...]:
    """Return the operators, in the order of their modules."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(
        one
        for module in modules
        for value in vars(module).values()
        for one in (value if isinstance(value, tuple) else (value,))
        if isinstance(one, Operator)
    )
