"""proof/kills.toml: how many mutants each scenario kills, by their form, as somebody has reviewed it.

A generated mutant does not survive where one scenario that reads the place refuses it. Another that ceased to notice
it would leave the proof as it was, but for these numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from policies.reading import read_file
from policies.toml_entries import Entry, Format
from proof.model import Findings, Form

SHIPPED = Path(__file__).with_name("kills.toml")
"""What the scenarios kill of the mutants of the reference stack."""

_MAX_BYTES = 65_536
_MAX_ID = 200


class Kills(Entry):
    """How many mutants of each form a scenario kills; a form that is left out is none."""

    scenario: Annotated[str, Field(min_length=1, max_length=_MAX_ID, description="a scenario's id")]
    killed: Annotated[
        dict[Annotated[Form, Field(strict=False)], Annotated[int, Field(ge=1)]],
        Field(
            min_length=1,
            description=f"by form, how many mutants it kills, 1 or more; the forms: {', '.join(Form)}",
        ),
    ]

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by: entries are in the order of it."""
        return (self.scenario,)

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.scenario


_FORMAT = Format("kills", Kills, "scenario")


def read_kills(file: Path = SHIPPED) -> tuple[Kills, ...]:
    """Return what a file records. Raises `policies.reading.InputError` with all that is wrong."""
    return _FORMAT.parse(read_file(file, max_bytes=_MAX_BYTES), file.name)


def otherwise(found: Findings, recorded: Sequence[Kills]) -> Iterator[str]:
    """Yield what is wrong where a whole proof of all scenarios has not found what is recorded, with what to write.

    More than is recorded is wrong, too: the difference could get lost again, and nobody would notice.
    """
    before = {one.scenario: one.killed for one in recorded}
    now: dict[str, Counter[Form]] = {}
    for (scenario, form), killed in found.killed.items():
        now.setdefault(scenario, Counter())[form] += killed
    for scenario in sorted(before.keys() | now.keys()):
        then, kills = before.get(scenario, {}), +now.get(scenario, Counter())
        if then != kills:
            fewer = [_told(form, kills[form], then) for form in Form if kills[form] < then.get(form, 0)]
            more = [_told(form, kills[form], then) for form in Form if kills[form] > then.get(form, 0)]
            told = " and ".join(
                f"{word}, {', '.join(forms)}" for word, forms in (("fewer", fewer), ("more", more)) if forms
            )
            write = f"record {_toml(kills)}" if kills else "take its entry out"
            if not then:
                write = f'add an entry: [[kills]], scenario = "{scenario}", {_toml(kills)}'
            yield (
                f"{scenario} kills other numbers of mutants than proof/kills.toml records: {told}; "
                f"if each of them is right, {write}"
            )


def _told(form: Form, killed: int, before: Mapping[Form, int]) -> str:
    return f"{killed:,} {form} of {before.get(form, 0):,}"


def _toml(killed: Mapping[Form, int]) -> str:
    return "killed = { " + ", ".join(f"{form} = {killed[form]}" for form in Form if killed.get(form)) + " }"
