"""Waivers, and pairs that should agree, as the gate takes them: conditions are held against the settings there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from policies.agreement import Explanation, Pair, read_pairs
from policies.reading import InputError, printable
from policies.waiver_model import Waiver
from policies.waivers import read_waivers
from proof.generated import Kind, operator_of
from proof.operators import catalogue
from stack.settings import KEYS, PREFIX, ContextRefused, Settings, allowed


def load_waivers(file: Path) -> tuple[Waiver, ...]:
    """Return the waivers of a file.

    Raises `InputError` as `policies.waivers.read_waivers` does, and for a condition that no context can meet: a setting
    that there is not, or a value that a setting, once it is resolved, cannot have.
    """
    waivers = read_waivers(file)
    problems = [
        f"waiver {number} ({waiver.name}).when.{problem}"
        for number, waiver in enumerate(waivers, 1)
        for problem in impossible(waiver.when)
    ]
    if problems:
        raise InputError(printable(file.as_posix()), "; ".join(problems))
    return waivers


def load_pairs(file: Path) -> tuple[Pair, ...]:
    """Return the pairs of a file.

    Raises `InputError` as `policies.agreement.read_pairs` and `load_waivers` do, and for an operator of the proof that
    there is not.
    """
    pairs = read_pairs(file)
    problems = [
        f"pair {number} ({pair.name}).explained[{at}].{problem}"
        for number, pair in enumerate(pairs, 1)
        for at, explanation in enumerate(pair.explained)
        for problem in _impossible(explanation)
    ]
    if problems:
        raise InputError(printable(file.as_posix()), "; ".join(problems))
    return pairs


def _impossible(explanation: Explanation) -> Iterator[str]:
    """Return why an explanation can be of nothing: no context meets it, or no operator makes such mutants."""
    yield from (f"when.{problem}" for problem in impossible(explanation.when))
    known = {operator.name for operator in catalogue()} | {operator_of(kind) for kind in Kind}
    for name in explanation.operators:
        if name not in known:
            yield f"operators: no operator {name}; expected some of the proof, as `prove --format json` names them"


def impossible(when: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """Return why no context can meet a condition: the settings that there are not, or that cannot have the values."""
    names = [key.removeprefix(PREFIX) for key in KEYS]
    for name, values in sorted(when.items()):
        if name not in names:
            yield f"{name}: no such setting; expected {', '.join(names)}"
            continue
        wrong = [json.dumps(value, ensure_ascii=False) for value in values if not _can_be(name, value)]
        if wrong:
            yield f"{name}: found {' and '.join(wrong)}; expected {allowed(name).text}"


def _can_be(name: str, value: object) -> bool:
    """Tell whether a setting can have a value, as it is resolved: `"true"` is read as true, and so is none."""
    possible = allowed(name)
    if type(value) is not (type(possible.values[0]) if possible.values else str):
        return False
    try:
        Settings.from_context({PREFIX + name: value})
    except ContextRefused as refused:
        # What contradicts other settings alone can be where those are others.
        return all(problem.allowed != possible.text for problem in refused.problems)
    return True
