"""A trace document, as `trace --format json` writes it, read for comparison: of it, what `evidence.diff` compares."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field
from pydantic_core import from_json

from evidence.document import SCHEMA_ID
from evidence.model import State
from evidence.results import validate
from policies.model import Outcome
from policies.reading import InputError, printable, quoted, read_file

MAX_BYTES = 16 * 1_048_576
"""The most bytes of a trace document; that of 2,400 contexts and 21 scenarios has 2 MB."""

UNJUDGED = (None, Outcome.ERROR)
"""The outcomes that tell nothing of a scenario."""

MAX_VALUES = 500_000
"""The most commas, which stand between values and within texts; the same document has 83,000."""

_EXPECTED = "a trace document, as `storage-compliance trace --format json` writes it"

_State = Annotated[State, Field(strict=False)]
_Outcome = Annotated[Outcome, Field(strict=False)]
_Item = TypeVar("_Item")
_List = Annotated[list[_Item], FailFast()]
_Count = Annotated[int, Field(ge=0)]


class _Object(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class Step(_Object):
    """A line of a scenario."""

    keyword: str
    text: str


class ScenarioProblem(_Object):
    """What keeps a scenario from being covered."""

    kind: _State


class Fingerprint(_Object):
    """The digests of a scenario's text and of its requirement's."""

    requirement: str
    scenario: str


class Rule(_Object):
    """The rule that enforces a scenario."""

    name: str


class Cases(_Object):
    """How the cases of a test ended."""

    passed: _Count
    failed: _Count
    skipped: _Count
    error: _Count


class TracedTest(_Object):
    """A test that proves a scenario's rule; `cases` is None where no results of tests were given."""

    id: str
    cases: Cases | None

    @property
    def fails(self) -> bool:
        """Tell whether a case of it failed."""
        return self.cases is not None and self.cases.failed + self.cases.error > 0

    @property
    def ran(self) -> bool:
        """Tell whether a case of it came to an end."""
        return self.cases is not None and self.cases.passed + self.cases.failed + self.cases.error > 0


class Scenario(_Object):
    """A scenario with all that the trace leads to; `outcomes` is None where no results of a gate were given."""

    id: str
    steps: _List[Step]
    state: _State
    problems: _List[ScenarioProblem]
    fingerprint: Fingerprint
    rule: Rule | None
    tests: _List[TracedTest]
    outcomes: dict[_Outcome, _Count] | None

    def had(self, *outcomes: Outcome) -> bool:
        """Tell whether any verdict came to one of these outcomes."""
        return self.outcomes is not None and any(self.outcomes.get(outcome) for outcome in outcomes)


class Context(_Object):
    """A context with the worst outcome of each scenario, in the order of the scenarios; None: not judged there."""

    name: str
    values: dict[str, Any]
    account: str | None
    region: str | None
    refused: list[str]
    outcomes: _List[_Outcome | None]

    @cached_property
    def key(self) -> str:
        """What the context is, whatever its name."""
        return json.dumps([self.values, self.account, self.region, sorted(self.refused)], sort_keys=True)

    @property
    def is_judged(self) -> bool:
        """Tell whether any scenario was judged in it."""
        return any(outcome not in UNJUDGED for outcome in self.outcomes)

    @property
    def settings(self) -> dict[str, Any]:
        """What it sets: the context keys, and `account` and `region` where they are known."""
        environment = {"account": self.account, "region": self.region}
        return {key: value for key, value in environment.items() if value is not None} | self.values


class Orphan(_Object):
    """What names a scenario that no spec has."""

    kind: Literal["rule", "test", "review", "result"]
    name: str
    message: str


class Problem(_Object):
    """What kept the trace from judging."""

    where: str
    message: str


class Judged(_Object):
    """Which results the trace was given."""

    gate: bool
    tests: bool


class Trace(_Object):
    """A trace document."""

    scenarios: _List[Scenario]
    orphans: _List[Orphan]
    contexts: _List[Context]
    problems: _List[Problem]
    judged: Judged


def read_trace(path: Path) -> Trace:
    """Return the trace that a file holds. Raises `InputError` with what is wrong in it, and where."""
    where = printable(path.as_posix())
    data = read_file(path, max_bytes=MAX_BYTES)
    if data.count(b",") > MAX_VALUES:
        raise InputError(where, f"more than {MAX_VALUES:,} values, the limit")
    try:
        document = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise InputError(where, f"not valid JSON in UTF-8: {error}; expected {_EXPECTED}") from None
    if not isinstance(document, dict):
        raise InputError(where, f"no JSON object; expected {_EXPECTED}")
    return parse_trace(document, where)


def parse_trace(document: dict[str, object], where: str) -> Trace:
    """Return the trace that a JSON object is; `where` names it in the message of an `InputError`."""
    schema = document.get("schema")
    if schema != SCHEMA_ID:
        found = quoted(schema) if isinstance(schema, str) else "no string"
        raise InputError(where, f"$.schema: found {found}; expected {SCHEMA_ID}: {_EXPECTED} in this version")
    trace = validate(Trace, document, where)
    _check(trace, where)
    return trace


def _check(trace: Trace, where: str) -> None:
    """Refuse what contradicts itself, and numbers that fit no float."""
    if trace.contexts and not trace.judged.gate:
        raise InputError(where, "$.contexts: there are some; expected none, as $.judged.gate is false")
    for number, scenario in enumerate(trace.scenarios):
        place = f"$.scenarios[{number}]"
        kinds = [problem.kind for problem in scenario.problems] or [State.COVERED]
        if scenario.state not in kinds:
            expected = f"expected {' or '.join(dict.fromkeys(kinds))}, as its problems are"
            raise InputError(where, f"{place}.state: {scenario.state}; {expected}")
        if (scenario.outcomes is not None) is not trace.judged.gate:
            raise InputError(where, f"{place}.outcomes: expected counts if $.judged.gate is true, or else null")
        if not trace.judged.tests and any(test.cases is not None for test in scenario.tests):
            raise InputError(where, f"{place}.tests: expected cases of null, as $.judged.tests is false")
    for number, context in enumerate(trace.contexts):
        place = f"$.contexts[{number}]"
        if len(context.outcomes) != len(trace.scenarios):
            expected = f"expected {len(trace.scenarios)}, one for each scenario"
            raise InputError(where, f"{place}.outcomes: {len(context.outcomes)} of them; {expected}")
        try:
            json.dumps(context.values, allow_nan=False)
        except ValueError:
            raise InputError(where, f"{place}.values: a number that is not finite; expected a finite one") from None
