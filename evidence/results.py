"""The results of a gate and of a test run, as JSON documents, validated whole before they are believed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError, from_json

from policies.nodes import child
from policies.reading import InputError, printable, quoted, read_file

GATE_SCHEMA = "urn:worthwatch:storage-compliance:verdicts:1"
TESTS_SCHEMA = "urn:worthwatch:storage-compliance:tests:1"

MAX_BYTES = 67_108_864
"""64 MiB; the results of the full matrix have 14 MB."""

MAX_VALUES = 4_000_000
"""The most values of a document, reckoned by its commas and brackets."""

MAX_KEYS = 100
"""The most keys of an object whose keys are known."""

MAX_CONTEXTS = 20_000
"""The most contexts: eight times those of the full matrix."""

_HOLD = "the results of `storage-compliance gate --format json` or of `pytest --scenario-results`"

_Item = TypeVar("_Item")
_List = Annotated[list[_Item], FailFast()]
_Count = Annotated[int, Field(ge=0)]
_Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]


def _finite(value: object) -> object:
    """Refuse a number such as 1e999, which is JSON but fits no float."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise PydanticCustomError("infinite", "expected finite numbers only") from None
    return value


def _not_too_many(contexts: object) -> object:
    """Refuse very many contexts before each of them can be a problem."""
    if isinstance(contexts, dict) and len(contexts) > MAX_CONTEXTS:
        raise PydanticCustomError(
            "many_contexts", "more than {limit} contexts, the limit", {"limit": f"{MAX_CONTEXTS:,}"}
        )
    return contexts


_Json = Annotated[Any, AfterValidator(_finite)]
_JsonObject = Annotated[dict[str, Any], AfterValidator(_finite)]


class _Object(BaseModel):
    """An object with no other keys than its fields; one with very many is refused before each is a problem."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_keys(cls, value: object) -> object:
        if isinstance(value, dict) and len(value) > MAX_KEYS:
            raise PydanticCustomError("many_keys", "an object of so many keys is none of ours")
        return value


class Basis(_Object):
    """The digests of what was judged by."""

    specs: _Digest
    rules: _Digest
    stack: _Digest


class BasisOfTests(Basis):
    """The digests of what a test run judged by, itself among it."""

    tests: _Digest


class VerdictResult(_Object):
    """A verdict, as `policies.model.Verdict` has it."""

    spec: str
    scenario: str
    outcome: Literal["not-applicable", "compliant", "undetermined", "non-compliant", "error"]
    template: str | None
    context: str | None
    resource: str | None
    path: str | None
    found: _Json
    expected: str | None
    message: str
    remedy: str | None
    assuming: _List[str]

    @property
    def id(self) -> str:
        """The scenario's full id."""
        return f"{self.spec}#{self.scenario}"


class ProblemResult(_Object):
    """What kept a gate from judging."""

    where: str
    message: str


class ContextResult(_Object):
    """A context of a matrix."""

    values: _JsonObject
    account: str | None
    region: str | None
    refused: _List[str]
    template: str | None


class FindingResult(_Object):
    """What a gate has looked up for a verdict, which `verdict` counts from 0."""

    verdict: _Count
    context: _JsonObject | None
    command: str | None
    excerpt: _Json
    at: str | None


class GateResults(_Object):
    """The results of a gate."""

    schema_id: Literal["urn:worthwatch:storage-compliance:verdicts:1"] = Field(alias="schema")
    basis: Basis
    verdicts: _List[VerdictResult]
    problems: _List[ProblemResult]
    findings: _List[FindingResult]
    contexts: Annotated[dict[str, ContextResult], BeforeValidator(_not_too_many)]
    summary: _JsonObject


class CaseResults(_Object):
    """How often a test came to what."""

    passed: _Count
    failed: _Count
    skipped: _Count
    error: _Count


class TestResult(_Object):
    """What came of the cases of a test that are marked with the same scenarios."""

    __test__ = False  # pytest, by whose naming this is a test

    id: str
    path: str
    line: _Count
    scenarios: _List[str]
    cases: CaseResults


class TestResults(_Object):
    """The results of a test run."""

    __test__ = False  # as above

    schema_id: Literal["urn:worthwatch:storage-compliance:tests:1"] = Field(alias="schema")
    basis: BasisOfTests
    tests: _List[TestResult]


@dataclass(slots=True)
class Results:
    """What was given of results, with the files that they are from; `unreadable` are those that are none."""

    gate: GateResults | None = None
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
    document = read_json(file)
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


def read_json(file: Path) -> dict[str, object]:
    """Return the object that a large JSON document holds, within bounds. Raises `InputError`."""
    where = printable(file.as_posix())
    data = read_file(file, max_bytes=MAX_BYTES)
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise InputError(where, f"more than {MAX_VALUES:,} values, the limit")
    try:
        document = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise InputError(where, f"not valid JSON in UTF-8: {error}; expected {_HOLD}") from None
    if not isinstance(document, dict):
        raise InputError(where, f"no JSON object; expected {_HOLD}")
    return document


_Model = TypeVar("_Model", bound=BaseModel)


def validate(model: type[_Model], document: object, where: str) -> _Model:
    """Return a document as a model has it. Raises `InputError` with the first places where it differs."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise InputError(where, _told(error.errors(include_url=False, include_input=False))) from None


def _gate(document: object, where: str) -> GateResults:
    results = validate(GateResults, document, where)
    if not results.contexts:
        raise InputError(where, "$.contexts: empty, as of `check`; expected the results of `gate`")
    for number, verdict in enumerate(results.verdicts):
        if verdict.context is not None and verdict.context not in results.contexts:
            raise InputError(where, f"$.verdicts[{number}].context: {quoted(verdict.context)} is no key of $.contexts")
    for number, finding in enumerate(results.findings):
        if finding.verdict >= len(results.verdicts):
            raise InputError(where, f"$.findings[{number}].verdict: there are {len(results.verdicts)} verdicts")
    return results


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
