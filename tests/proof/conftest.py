"""What the tests of the proof share: two of the reference stack's bases, and its matrix, synthesised once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gate.matrix import judge_synthesis
from policies.catalogue import load
from proof.bases import CONTEXTS, Base, bases
from proof.matrix import Matrix, matrix


@pytest.fixture(scope="session")
def sound() -> Sequence[Base]:
    """Return the defaults, and production with a VPC and a named table."""
    return bases(load(), CONTEXTS[:2])


@pytest.fixture(scope="session")
def whole() -> Matrix:
    """Return the matrix, judged as the gate judges it."""
    return matrix(load(), judge_synthesis)
