"""What a command ends with for which there is not memory enough."""

from __future__ import annotations

import pytest
import typer

from gate.refusals import refusals


def test_too_little_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """Where memory runs out, a command ends as it does for input that is refused, not as if it had found something."""
    with pytest.raises(typer.Exit) as ended, refusals():
        bytes(2**62)

    assert ended.value.exit_code == 2
    assert capsys.readouterr() == (
        "",
        "error: more memory is needed than there is: raise its limit (ulimit -v), or give less to judge at once\n",
    )
