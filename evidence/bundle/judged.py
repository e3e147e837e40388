"""The contexts and verdicts of a bundle, read line by line: what they come to, and that they fit each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from evidence.bundle.archive import Archive
from evidence.bundle.reading import member, read_contexts, read_verdicts
from evidence.bundle.recording import CONTEXTS, VERDICTS
from evidence.conditions import Conditions
from evidence.model import Trouble
from evidence.tally import Tally
from policies.model import Settings
from policies.reading import InputError, quoted
from policies.waiver_model import Waiver

MAX_KEPT = 600_000
"""The most values that are kept of contexts and findings: 60 for each of 10,000 contexts."""


class Matrix(NamedTuple):
    """What contexts and verdicts come to.

    `problems` are those of the contexts that gave a template which is refused all the same; `conditions` are, for each
    context, what waivers ask of its settings, None where no template came of it.
    """

    tally: Tally
    problems: tuple[Trouble, ...]
    conditions: Sequence[Settings | None]


def read_matrix(archive: Archive, waivers: Sequence[Waiver], today: date) -> Matrix:
    """Return what contexts and verdicts come to, where verdicts are waived by some of the `waivers`, as told `today`.

    Raises `policies.reading.InputError` for what cannot be read, or does not fit together.
    """
    tally = Tally()
    told = {waiver.told(today) for waiver in waivers}
    asked = Conditions(waivers)
    conditions: list[Settings | None] = []
    templates: dict[str, str | None] = {}
    named: set[str] = set()
    problems: list[Trouble] = []
    kept = 0
    for line in read_contexts(archive):
        kept = _within(kept, line.values, archive.place(CONTEXTS))
        tally.add_context(line.traced())
        templates[line.name] = line.template
        conditions.append(None if line.template is None else asked.of(line.settings or {}))
        named |= {member("templates", line.template)} if line.template else set()
        named |= {member("constructs", line.constructs)} if line.constructs else set()
        problems += [Trouble(line.name, line.failure)] if line.failure is not None and line.template else []
    for path in archive.members:
        if path.startswith(("templates/", "constructs/")) and path not in named:
            raise InputError(archive.place(path), "no context gave it")
    where = archive.place(VERDICTS)
    for number, verdict in enumerate(read_verdicts(archive), 1):
        if verdict.context is not None and verdict.context not in templates:
            raise InputError(f"{where}:{number}", f"on the context {quoted(verdict.context)}, which there is not")
        expected = None if verdict.context is None else templates[verdict.context]
        if verdict.template not in {None, expected}:
            raise InputError(f"{where}:{number}", "on another template than its context gave")
        if verdict.waiver is not None and verdict.waiver not in told:
            raise InputError(f"{where}:{number}", "waived by a waiver that waivers.json does not hold")
        if tally.add(verdict):
            kept = _within(kept, verdict.found, where)
    return Matrix(tally, tuple(problems), conditions)


def _within(kept: int, value: object, where: str) -> int:
    """Return how many values are kept with this one; what a real bundle has is a small part of the limit."""
    pending = [value]
    while pending:
        kept += 1
        match pending.pop():
            case dict() as held:
                pending += held.values()
            case list() as held:
                pending += held
    if kept > MAX_KEPT:
        raise InputError(where, f"more than {MAX_KEPT:,} values in contexts and findings, the limit")
    return kept
