"""The list of waivers, as text or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial

from evidence.console import Console, Table, escape
from evidence.output import named, tell
from gate.waivers import load_waivers
from policies.waiver_model import Waiver, when_told
from policies.waivers import SHIPPED
from policies.waiving import ends_soon


class State(StrEnum):
    """What a waiver is on a day."""

    EXPIRED = "expired"
    EARLY = "not-yet-in-force"
    ENDING_SOON = "ending-soon"
    IN_FORCE = "in-force"


_STYLES = {
    State.EXPIRED: "bold red",
    State.EARLY: "bold red",
    State.ENDING_SOON: "bold yellow",
    State.IN_FORCE: "green",
}


def main(file: str | None, form: str) -> int:
    """Print the waivers of a file, or those that are shipped; return the exit code.

    Raises `policies.reading.InputError` where they cannot be read.
    """
    waivers = load_waivers(SHIPPED if file is None else named(file, "--file"))
    today = _today()
    tell(partial(told, waivers, today), form, None)
    return exit_code(waivers, today)


def _today() -> date:
    return datetime.now(UTC).date()


def exit_code(waivers: Sequence[Waiver], today: date) -> int:
    """Return 0 where each waiver holds on a day, else 1."""
    return int(any(_state(waiver, today) in {State.EXPIRED, State.EARLY} for waiver in waivers))


def told(waivers: Sequence[Waiver], today: date, form: str, console: Console) -> str:
    """Return the list in a form, as text by means of a console: what ends first comes first."""
    ordered = sorted(waivers, key=lambda waiver: (waiver.expires, waiver.selector))
    if form == "json":
        return json.dumps(
            {"today": today.isoformat(), "waivers": [_document(each, today) for each in ordered]}, indent=2
        )
    _render(ordered, today, console)
    return console.printed


def _state(waiver: Waiver, today: date) -> State:
    if waiver.expires < today:
        return State.EXPIRED
    if waiver.created > today:
        return State.EARLY
    return State.ENDING_SOON if ends_soon(waiver, today) else State.IN_FORCE


def _words(state: State) -> str:
    return state.replace("-", " ")


def _document(waiver: Waiver, today: date) -> dict[str, object]:
    return waiver.model_dump(mode="json") | {"days_left": waiver.days_left(today), "state": str(_state(waiver, today))}


def _render(waivers: Sequence[Waiver], today: date, console: Console) -> None:
    if not waivers:
        console.print("no waivers")
        return
    console.print(_table(waivers, today))
    states = Counter(_state(waiver, today) for waiver in waivers)
    counted = ", ".join(f"[{_STYLES[state]}]{states[state]} {_words(state)}[/]" for state in State if states[state])
    console.print(f"\n{len(waivers)} {'waiver' if len(waivers) == 1 else 'waivers'}: {counted}")


def _table(waivers: Sequence[Waiver], today: date) -> Table:
    table = Table()
    table.add_column("expires", whole=True)
    table.add_column("days left", right=True)
    for column in ("waives", "reason", "owner"):
        table.add_column(column)
    for waiver in waivers:
        state = _state(waiver, today)
        waives = [f"{waiver.scanner} {waiver.rule}", waiver.resource]
        if waiver.when:
            waives.append(f"when {when_told(waiver.when)}")
        table.add_row(
            f"[{_STYLES[state]}]{waiver.expires}\n{_words(state)}[/]",
            str(waiver.days_left(today)),
            *(escape(said) for said in ("\n".join(waives), f"{waiver.reason}\n{waiver.link}", waiver.owner)),
        )
    return table
