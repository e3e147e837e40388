"""What a command ends with for which there is not memory enough."""

from __future__ import annotations

import pytest

from gate import explain
from gate.refusals import refusal
from tests.commands import invoke


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory runs out, a command ends as it does for input that is refused, not as if it had found something."""
    monkeypatch.setattr(explain, "find", lambda _: bytes(2**62))
    result = invoke(["explain", "encryption-enabled"])
    assert (result.exit_code, result.output) == (
        2,
        "error: more memory is needed than there is: raise its limit (ulimit -v), or give less to judge at once\n",
    )


def test_our_own_mistakes() -> None:
    """What is no input's fault is not told as that."""
    assert refusal(KeyError("a")) is None
