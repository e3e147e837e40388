"""What several commands take: their options, and how the names of files are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from gate.refusals import refusals


def named(parameter: typer.CallbackParam, value: Sequence[str] | str | None) -> Sequence[str] | str | None:
    """Refuse an empty name."""
    with refusals():
        from evidence import output  # noqa: PLC0415 - --help and --version need none of it

        for name in [value] if isinstance(value, str) else value or ():
            output.named(name, parameter.opts[0] if parameter.param_type_name == "option" else "BUNDLE.zip")
    return value


Proof = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        callback=named,
        help="What `prove --format json` wrote, without --scenario, of the same sources; without it, the proof is "
        "not-run.",
    ),
]
"""The proof that every scenario can fail, for what tells of it."""
