"""The results of a gate and of a test run, as JSON documents, validated whole before they are believed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from evidence.model import ACCEPTED, Trouble
from evidence.results_model import GATE_SCHEMA, TESTS_SCHEMA, GateResults, TestResults
from evidence.tally import Tally
from policies.model import Outcome
from policies.nodes import child
from policies.reading import InputError, printable, quoted, read_file

MAX_BYTES = 67_108_864
"""64 MiB; the results of the full matrix have 14 MB."""

MAX_VALUES = 4_000_000
"""The most values of a document, reckoned by its commas and brackets."""

_HOLD = "the results of `storage-compliance gate --format json` or of `pytest --scenario-results`"


@dataclass(frozen=True, slots=True)
class Gate:
    """What a gate came to: its verdicts, what kept it from judging, and the digests of what it judged by."""

    tally: Tally
    problems: tuple[Trouble, ...]
    basis: Mapping[str, str]


@dataclass(slots=True)
class Results:
    """What was given of results, with the files that they are from; `unreadable` are those that are none."""

    gate: Gate | None = None
    tests: TestResults | None = None
    gate_file: str = ""
    tests_file: str = ""
    unreadable: tuple[InputError, ...] = ()


def read_results(paths: Sequence[Path]) -> Results:
    """Read files of results; a folder stands for the *.json in it. At most one of each kind is believed."""
    results = Results()
    unreadable: list[InputError] = []
    for path in paths:
        try:
            files = list(_files(path))
        except InputError as error:
            unreadable.append(error)
            continue
        for file in files:
            try:
                _add(results, file)
            except InputError as error:
                unreadable.append(error)
    results.unreadable = tuple(unreadable)
    return results


def _files(path: Path) -> Iterator[Path]:
    """Return the files that a path stands for."""
    try:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    except OSError as error:
        raise InputError(printable(path.as_posix()), f"cannot be read: {error.strerror}") from None
    if not files:
        raise InputError(printable(path.as_posix()), f"a folder without *.json; expected {_HOLD}")
    yield from files


def _add(results: Results, file: Path) -> None:
    where = printable(file.as_posix())
    document = read_json(file, _HOLD, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    match document.get("schema"):
        case "urn:worthwatch:storage-compliance:verdicts:1":
            if results.gate is not None:
                raise InputError(where, f"a second gate's results, beside {results.gate_file}; give one of them")
            results.gate, results.gate_file = _gate(document, where), where
        case "urn:worthwatch:storage-compliance:tests:1":
            if results.tests is not None:
                raise InputError(where, f"a second test run's results, beside {results.tests_file}; give one of them")
            results.tests, results.tests_file = validate(TestResults, document, where), where
        case other:
            found = quoted(other) if isinstance(other, str) else "no string"
            raise InputError(where, f"$.schema: found {found}; expected {GATE_SCHEMA} or {TESTS_SCHEMA}: {_HOLD}")


def read_json(file: Path, expected: str, *, max_bytes: int, max_values: int) -> dict[str, object]:
    """Return the object that a large JSON document holds, within bounds.

    Raises `InputError`, which says what was `expected` where the file is no such document.
    """
    where = printable(file.as_posix())
    data = read_file(file, max_bytes=max_bytes)
    if sum(map(data.count, (b",", b"[", b"{"))) > max_values:
        raise InputError(where, f"more than {max_values:,} values, the limit")
    try:
        document = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise InputError(where, f"not valid JSON in UTF-8: {error}; expected {expected}") from None
    if not isinstance(document, dict):
        raise InputError(where, f"no JSON object; expected {expected}")
    return document


_Model = TypeVar("_Model", bound=BaseModel)


def validate(model: type[_Model], document: object, where: str) -> _Model:
    """Return a document as a model has it. Raises `InputError` with the first places where it differs."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InputError(where, _told(error.errors(include_url=False, include_input=False))) from None


def _gate(document: object, where: str) -> Gate:
    results = validate(GateResults, document, where)
    if not results.contexts:
        raise InputError(where, "$.contexts: empty, as of `check`; expected the results of `gate`")
    for place, problem in _contradictions(results):
        raise InputError(where, f"{place}: {problem}")
    problems = tuple(Trouble(problem.where, problem.message) for problem in results.problems)
    return Gate(_tally(results), problems, results.basis.model_dump())


def _tally(results: GateResults) -> Tally:
    tally = Tally()
    for name, context in results.contexts.items():
        tally.add_context(context.traced(name))
    shown = {finding.verdict: finding.shown() for finding in reversed(results.findings)}
    for number, verdict in enumerate(results.verdicts):
        tally.add(verdict.verdict(), shown.get(number))
    return tally


def _contradictions(results: GateResults) -> Iterator[tuple[str, str]]:
    """Return the places of a document at which it says other than elsewhere."""
    verdicts, contexts = results.verdicts, results.contexts
    for number, verdict in enumerate(verdicts):
        if verdict.context is not None and verdict.context not in contexts:
            yield f"$.verdicts[{number}].context", f"{quoted(verdict.context)} is no key of $.contexts"
    for number, finding in enumerate(results.findings):
        if finding.verdict >= len(verdicts):
            yield f"$.findings[{number}].verdict", f"there are {len(verdicts)} verdicts"
        elif (outcome := verdicts[finding.verdict].outcome) in ACCEPTED:
            yield f"$.findings[{number}].verdict", f"that verdict is {outcome}, which is no finding"
    yield from _differences("$.summary", results.summary.model_dump(by_alias=True), _summary(results))


def _summary(results: GateResults) -> dict[str, object]:
    """Return the summary that the verdicts and contexts of a document have, as `gate.run.Run` makes it."""
    scenarios: dict[str, Counter[str]] = {}
    for verdict in results.verdicts:
        scenarios.setdefault(f"{verdict.spec}#{verdict.scenario}", Counter())[verdict.outcome] += 1
    outcomes = sum(scenarios.values(), Counter[str]())
    named = {verdict.template for verdict in results.verdicts} | {one.template for one in results.contexts.values()}
    return {
        "outcomes": _counts(outcomes),
        "scenarios": {id_: _counts(counts) for id_, counts in scenarios.items()},
        "contexts": len(results.contexts),
        "templates": len(named - {None}),
        "exit_code": _exit_code(outcomes, problems=bool(results.problems)),
    }


def _counts(counts: Counter[str]) -> dict[str, int]:
    return {str(outcome): counts[outcome] for outcome in Outcome}


def _exit_code(outcomes: Counter[str], *, problems: bool) -> int:
    if problems or outcomes[Outcome.ERROR]:
        return 2
    if outcomes[Outcome.NON_COMPLIANT]:
        return 1
    return 2 if outcomes[Outcome.UNDETERMINED] or not outcomes[Outcome.COMPLIANT] else 0


def _differences(place: str, found: object, counted: object) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict) and isinstance(counted, dict):
        for key in dict.fromkeys((*found, *counted)):
            yield from _differences(child(place, key), found.get(key), counted.get(key))
    elif found != counted:
        yield place, f"found {json.dumps(found)}; the rest of the document comes to {json.dumps(counted)}"


_MAX_TOLD = 5

_WORDS = {
    "missing": "missing",
    "extra_forbidden": "unknown key",
    "model_type": "expected an object",
    "dict_type": "expected an object",
    "list_type": "expected a list",
    "string_type": "expected a string",
    "int_type": "expected a whole number",
    "greater_than_equal": "expected 0 or more",
    "string_pattern_mismatch": "expected sha256: and 64 hexadecimal digits",
}


def _told(details: Iterable[ErrorDetails]) -> str:
    told = [f"{_place(detail['loc'])}: {_WORDS.get(detail['type'], detail['msg'])}" for detail in details]
    return "; ".join(told if len(told) <= _MAX_TOLD else [*told[:_MAX_TOLD], "and more"])


def _place(location: tuple[int | str, ...]) -> str:
    place = "$"
    for step in location:
        place = f"{place}[{step}]" if isinstance(step, int) else child(place, step)
    return place
