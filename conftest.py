"""What every test shares: the marker that ties a test to a scenario, its results, and the matrix, synthesised once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from policies.catalogue import load
from stack.contexts import matrix

if TYPE_CHECKING:
    from gate.judged import Judged

pytest_plugins = ["evidence.pytest_results"]

RULES = Path(__file__).parent / "tests" / "policies"

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "scenario(id): the scenario of a spec, by its full id, that a test proves")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse to run where a test names a scenario that no spec has; put the tests of the rules last.

    Those are in many short files: in the end there is one for whichever core is free.
    """
    known = {entry.scenario.id for entry in load()}
    wrong = [
        f"{item.nodeid}: no spec has a scenario {marker.args!r}"
        for item in items
        for marker in item.iter_markers("scenario")
        if len(marker.args) != 1 or marker.args[0] not in known
    ]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))
    items.sort(key=lambda item: item.path.is_relative_to(RULES))


@pytest.fixture(scope="session", autouse=True)
def no_cache() -> Iterator[None]:
    """Let no gate that a test starts take a template that an earlier one has made, unless it asks to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CI", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def cores() -> Iterator[None]:
    """Leave to the other workers of pytest-xdist their cores: synthesis would start a Node.js for each."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    each = max(1, (os.cpu_count() or 1) // workers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: each)
        yield


@pytest.fixture(scope="session")
def pairwise() -> Mapping[str, Judged]:
    """Return the pairwise matrix, synthesised and judged, by the contexts' names."""
    from gate.matrix import judge_contexts  # noqa: PLC0415 - most tests need no synthesis, nor what it imports

    return {judged.context.name: judged for judged in judge_contexts(matrix("pairwise"))}
