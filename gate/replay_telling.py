"""A replay told, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evidence.console import Console, escape
from evidence.model import COULD_NOT_JUDGE, FOUND_SOMETHING
from evidence.verdicts import as_json
from gate.replay import Difference, Replay
from policies.model import Verdict
from policies.reading import printable

SCHEMA_ID = "urn:worthwatch:storage-compliance:replay:1"

_SHOWN = 20
_NOTE = 2_000
"""The most letters of a note: what it means is said at its end."""


def told(replay: Replay, form: str, console: Console) -> str:
    """Return what a replay came to, in a form."""
    if form == "json":
        return json.dumps(_document(replay))
    _print(replay, console)
    return console.printed


def _document(replay: Replay) -> dict[str, object]:
    return {
        "schema": SCHEMA_ID,
        "contexts": replay.contexts,
        "verdicts": replay.verdicts,
        "other": replay.other,
        "compared": replay.compared,
        "not_compared": replay.not_compared,
        "notes": replay.notes,
        "contradictions": replay.contradictions,
        "differences": [
            {"was": one.was and as_json(one.was), "now": one.now and as_json(one.now)} for one in replay.differences
        ],
        "exit_code": replay.exit_code,
    }


def _print(replay: Replay, console: Console) -> None:
    for difference in replay.differences[:_SHOWN]:
        console.print("\n".join(_difference(difference)) + "\n")
    if (more := len(replay.differences) - _SHOWN) > 0:
        console.print(f"and {more:,} more, which --format json tells\n")
    others = f"other {' and '.join(replay.other)}"
    if replay.other:
        console.print(f"judged by {others} than the bundle's")
    if replay.not_compared:
        console.print(f"compared: {'; '.join(replay.compared)}")
        console.print(f"not compared: {'; '.join(replay.not_compared)}")
    for contradiction in replay.contradictions[:_SHOWN]:
        console.print(_safe(contradiction))
    if (more := len(replay.contradictions) - _SHOWN) > 0:
        console.print(f"and {more:,} more, which --format json tells")
    for note in replay.notes:
        console.print(f"[bold yellow]not shown[/]: {_safe(note, _NOTE)}")
    judged = f"{replay.contexts:,} contexts and {replay.verdicts:,} verdicts judged again"
    if replay.exit_code == FOUND_SOMETHING:
        otherwise = f", {len(replay.differences):,} of them otherwise" if replay.differences else ""
        console.print(f"[bold red]differs[/]: {judged}{otherwise}")
    elif replay.exit_code == COULD_NOT_JUDGE:
        said = f"verdicts the same, by {others}; could not compare the rest"
        console.print(f"[bold magenta]{said}[/]: {judged}")
    else:
        console.print(f"[bold green]the same[/]: {judged}")


def _difference(difference: Difference) -> Iterator[str]:
    verdict = difference.was or difference.now
    if verdict is None:
        return
    yield f"[bold]{_safe(f'{verdict.spec}#{verdict.scenario}')}[/]"
    if verdict.context is not None:
        yield f"  context:  {_safe(verdict.context)}"
    if verdict.resource is not None:
        yield f"  resource: {_safe(verdict.resource)}"
    yield f"  was:      {_said(difference.was)}"
    yield f"  now:      {_said(difference.now)}"


def _said(verdict: Verdict | None) -> str:
    if verdict is None:
        return "no verdict"
    return _safe(f"{verdict.outcome}: {verdict.message}" if verdict.message else str(verdict.outcome))


def _safe(text: str, letters: int = 300) -> str:
    return escape(printable(text[:letters]))
