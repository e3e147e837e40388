"""The command `storage-compliance waivers`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from gate.refusals import refusals


class Told(StrEnum):
    """How waivers are told."""

    TEXT = "text"
    JSON = "json"


def waivers(
    *,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The waivers to list; without it, those that come with this package."),
    ] = None,
    form: Annotated[
        Told, typer.Option("--format", help="text for a reader, json for a program (one document on stdout).")
    ] = Told.TEXT,
) -> None:
    """List the waivers: findings that may stand for a while, by the day on which that ends.

    Days are in UTC, and a waiver holds through the whole of its last one. Whether waivers are used, and match nothing
    else, is for `storage-compliance gate`. Exit codes: 0 all hold today; 1 one has expired, or does not hold yet; 2 the
    file cannot be read.

    Example: `storage-compliance waivers --file policies/waivers.toml`.
    """
    with refusals():
        from gate.waivers_listing import main  # noqa: PLC0415 - --help and --version need none of it

        raise typer.Exit(main(file, form.value))
