"""The names of the matrices, as options take them."""

from __future__ import annotations

from enum import StrEnum


class Matrix(StrEnum):
    """Which contexts the reference stack is synthesised under."""

    SMOKE = "smoke"
    PAIRWISE = "pairwise"
    FULL = "full"
