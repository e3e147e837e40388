"""The fuzzer finds what is planted, tells it, and leaves the input that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.campaign import run

PLANTED = "tests.fuzz.planted"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("exception", "ValueError: "),
        ("endless", "EndlessError: an input took more than 0.5 seconds of processor time"),
        ("hog", "MemoryError"),
        ("dead", "it ended with -9; see "),
        ("credulous", "BrokenLawError: "),
    ],
)
def test_planted(target: str, why: str, tmp_path: Path) -> None:
    """Each kind of defect ends its target, with the reason and the input."""
    (came,) = run(PLANTED, [target], 60, tmp_path)
    assert came.why is not None
    assert came.why.startswith(why)
    assert came.found is not None
    assert came.found.read_bytes() != b"a b c"


def test_nothing_found(tmp_path: Path) -> None:
    """A target that keeps its laws is driven to the end of its time."""
    (came,) = run(PLANTED, ["nothing"], 2, tmp_path)
    assert (came.target, came.why, came.found) == ("nothing", None, None)
    assert came.runs > 1
