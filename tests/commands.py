"""The command, run within the tests' own process."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from gate.cli import app


@dataclass(frozen=True, slots=True)
class Result:
    """What a command ended with and has said; `output` is both streams, as they came."""

    exit_code: int
    stdout: str
    stderr: str
    output: str


class _Stream(io.StringIO):
    """Keeps what is written, for another stream, too."""

    def __init__(self, both: io.StringIO) -> None:
        super().__init__()
        self._both = both

    def write(self, text: str) -> int:
        self._both.write(text)
        return super().write(text)


def invoke(arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Result:
    """Run the command with these arguments, and these variables besides; what it raises by mistake is raised."""
    both = io.StringIO()
    stdout, stderr = _Stream(both), _Stream(both)
    with redirect_stdout(stdout), redirect_stderr(stderr), patch.dict(os.environ, env or {}):
        try:
            code = app(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(code, stdout.getvalue(), stderr.getvalue(), both.getvalue())
