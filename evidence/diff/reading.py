"""A trace document, as `trace --format json` writes it, read for comparison: of it, what `evidence.diff` compares."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field

from evidence.document import SCHEMA_ID
from evidence.model import SHOWN_BY, State
from evidence.mutants import NOT_RUN, Mutants
from evidence.proof import problems_of
from evidence.results import read_json
from evidence.scanned import ScannedTold
from policies.json_documents import validate
from policies.model import Outcome
from policies.reading import InputError, printable, quoted

MAX_BYTES = 16 * 1_048_576
"""The most bytes of a trace document; that of 2,400 contexts, 21 scenarios and 47 alerts of scanners has 3 MB."""

GATE, TESTS, PROOF = RESULTS = "the gate", "the tests", "the proof"
"""The results that a trace is judged by."""

MAX_VALUES = 1_000_000
"""The most values, reckoned by commas and brackets, also those within texts; the same document has some 330,000."""

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


class MutantsTold(_Object):
    """What a proof showed of a scenario."""

    made: _Count
    killed: _Count
    false_alarms: _Count
    crashes: _Count


class Scenario(_Object):
    """A scenario with all that the trace leads to.

    `outcomes` is None where no results of a gate were given, `mutants` where no proof was.
    """

    id: str
    steps: _List[Step]
    state: _State
    problems: _List[ScenarioProblem]
    fingerprint: Fingerprint
    rule: Rule | None
    tests: _List[TracedTest]
    outcomes: dict[_Outcome, _Count] | None
    mutants: MutantsTold | None = None

    @property
    def shown_by_gate(self) -> set[State]:
        """The kinds of problems that the outcomes show."""
        if self.outcomes is None:
            return set()
        if not self.had(*Outcome):
            return {State.NEVER_RUN}
        shown = {state for outcome, state in SHOWN_BY.items() if self.had(outcome)}
        return shown if shown or self.had(Outcome.COMPLIANT) else {State.VACUOUS}

    @property
    def shown_by_tests(self) -> set[State]:
        """The kinds of problems that the tests show if they were run."""
        shown = {State.FAILING} if any(test.fails for test in self.tests) else set()
        return shown | {State.NEVER_RUN} if any(not test.ran for test in self.tests) else shown

    @property
    def shown_by_proof(self) -> set[State]:
        """The kinds of problems that the mutants show."""
        if self.mutants is None:
            return set()
        return {problem.kind for problem in problems_of(Mutants(**dict(self.mutants)))}

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
        return any(outcome not in (None, Outcome.ERROR) for outcome in self.outcomes)

    @property
    def shows_values(self) -> bool:
        """Tell whether it shows anything of the values that it sets, as one that is to be refused does not."""
        return self.is_judged and not self.refused

    @property
    def settings(self) -> dict[str, Any]:
        """What it sets: the context keys, and `account` and `region` where they are known."""
        environment = {"account": self.account, "region": self.region}
        return {key: value for key, value in environment.items() if value is not None} | self.values

    @cached_property
    def spelling(self) -> dict[str, str]:
        """What it sets, each value as JSON."""
        return {key: json.dumps(value, sort_keys=True) for key, value in self.settings.items()}


class Orphan(_Object):
    """What names a scenario that no spec has."""

    kind: Literal["rule", "test", "review", "result"]
    name: str
    message: str


class Problem(_Object):
    """What kept the trace from judging."""

    where: str
    message: str


class Axis(_Object):
    """A context key, and the values that contexts give to it."""

    key: str
    values: _List[Any]


class AlertSum(_Object):
    """How many alerts of other scanners there are, and how many of them stand."""

    total: _Count
    standing: _Count


class Summary(_Object):
    """What a trace comes to; what it does not count is not there."""

    scenarios: _Count
    states: dict[_State, _Count]
    orphans: _Count
    contexts: _Count
    templates: _Count
    outcomes: dict[_Outcome, _Count]
    alerts: AlertSum
    exit_code: Literal[0, 1, 2]


class Judged(_Object):
    """Which results the trace was given."""

    gate: bool
    tests: bool


class ProofTold(_Object):
    """What the proof came to as a whole."""

    state: Literal["not-run", "proved", "not-proved"] = NOT_RUN


class Trace(_Object):
    """A trace document; a bundle may hold one that is older than proofs."""

    scenarios: _List[Scenario]
    orphans: _List[Orphan]
    contexts: _List[Context]
    axes: _List[Axis]
    scanned: ScannedTold
    proof: ProofTold = ProofTold()
    problems: _List[Problem]
    judged: Judged
    summary: Summary

    def judged_by(self, results: str) -> bool:
        """Tell whether it was judged by one of the `RESULTS`."""
        if results == PROOF:
            return self.proof.state != NOT_RUN
        return self.judged.gate if results == GATE else self.judged.tests

    def problems_of(self, scenario: Scenario) -> set[tuple[State, str | None]]:
        """Return the kinds of a scenario's problems, each with the results that show it, None where none do."""
        shown = {(kind, GATE) for kind in scenario.shown_by_gate}
        shown |= {(kind, PROOF) for kind in scenario.shown_by_proof}
        if self.judged.tests:
            shown |= {(kind, TESTS) for kind in scenario.shown_by_tests}
        by_results = {kind for kind, _ in shown}
        return {*shown, *((problem.kind, None) for problem in scenario.problems if problem.kind not in by_results)}


def read_trace(path: Path) -> Trace:
    """Return the trace that a file holds. Raises `InputError` with what is wrong in it, and where."""
    document = read_json(path, _EXPECTED, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    where = printable(path.as_posix())
    trace = parse_trace(document, where)
    _check_places(trace, where)
    _check_summary(trace, where)
    return trace


def parse_trace(document: dict[str, object], where: str) -> Trace:
    """Return the trace that a JSON object is; `where` names it in the message of an `InputError`.

    It may lack the contexts that `scanned` tells the places of and `summary` counts, as where a bundle holds them
    elsewhere.
    """
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
    _check_once("$.scenarios", "id", [scenario.id for scenario in trace.scenarios], where)
    _check_once("$.contexts", "name", [context.name for context in trace.contexts], where)
    _check_once("$.axes", "key", [axis.key for axis in trace.axes], where)
    for number, context in enumerate(trace.contexts):
        _check_context(trace, context, f"$.contexts[{number}]", where)
    shown = list(zip(*(context.outcomes for context in trace.contexts), strict=True))
    for number, scenario in enumerate(trace.scenarios):
        _check_scenario(trace, scenario, f"$.scenarios[{number}]", where)
        for outcome, least in Counter(shown[number] if shown else ()).items():
            count = (scenario.outcomes or {}).get(outcome, 0) if outcome else least
            if count < least:
                expected = f"expected {least} or more, as $.contexts show"
                raise InputError(where, f"$.scenarios[{number}].outcomes.{outcome}: {count}; {expected}")
    _check_scanned(trace, where)


def _check_scanned(trace: Trace, where: str) -> None:
    """Refuse alerts of nobody that was asked, and such as are seen or waived nowhere though they say so."""
    scanners, alerts = trace.scanned.scanners, trace.scanned.scanned().alerts
    if scanners and not trace.judged.gate:
        raise InputError(where, "$.scanned.scanners: there are some; expected none, as $.judged.gate is false")
    _check_once("$.scanned.scanners", "name", [scanner.name for scanner in scanners], where)
    _check_once("$.scanned.alerts", "fingerprint", [f"{one.fingerprint} of {one.name}" for one in alerts], where)
    asked = {scanner.name for scanner in scanners}
    for number, alert in enumerate(alerts):
        place = f"$.scanned.alerts[{number}]"
        if alert.scanner not in asked:
            raise InputError(where, f"{place}.scanner: {quoted(alert.scanner)} is none of $.scanned.scanners")
        if not alert.contexts or not _ascends(alert.contexts):
            raise InputError(where, f"{place}.contexts: expected one place or more, each once, in order")
        if not set(alert.contexts).issuperset(alert.waived) or not _ascends(alert.waived):
            raise InputError(where, f"{place}.waived: expected some of its contexts, each once, in order")
        if bool(alert.waived) is not bool(alert.waivers):
            raise InputError(where, f"{place}.waivers: expected some if it is waived in a context, or else none")


def _check_places(trace: Trace, where: str) -> None:
    for number, alert in enumerate(trace.scanned.alerts):
        if alert.contexts[-1] >= len(trace.contexts):
            found = f"the place {alert.contexts[-1]}; there are {len(trace.contexts)} contexts, counted from 0"
            raise InputError(where, f"$.scanned.alerts[{number}].contexts: {found}")


def _check_summary(trace: Trace, where: str) -> None:
    """Refuse sums of anything but what the document holds; the templates are not read here."""
    told, alerts = trace.summary, trace.scanned.scanned()
    states = Counter(scenario.state for scenario in trace.scenarios)
    outcomes = sum(
        (Counter(scenario.outcomes) for scenario in trace.scenarios if scenario.outcomes), Counter[Outcome]()
    )
    sums = [
        ("scenarios", told.scenarios, len(trace.scenarios), "$.scenarios"),
        *((f"states.{each}", told.states.get(each, 0), states[each], "$.scenarios") for each in State),
        ("orphans", told.orphans, len(trace.orphans), "$.orphans"),
        ("contexts", told.contexts, len(trace.contexts), "$.contexts"),
        *((f"outcomes.{each}", told.outcomes.get(each, 0), outcomes[each], "$.scenarios") for each in Outcome),
        ("alerts.total", told.alerts.total, len(alerts.alerts), "$.scanned.alerts"),
        ("alerts.standing", told.alerts.standing, len(alerts.standing), "$.scanned.alerts"),
    ]
    for place, said, counted, counts in sums:
        if said != counted:
            raise InputError(where, f"$.summary.{place}: {said}; expected {counted}, as {counts} are")


def _ascends(places: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(places))


def _check_scenario(trace: Trace, scenario: Scenario, place: str, where: str) -> None:
    kinds = [problem.kind for problem in scenario.problems] or [State.COVERED]
    if scenario.state not in kinds:
        expected = f"expected {' or '.join(dict.fromkeys(kinds))}, as its problems are"
        raise InputError(where, f"{place}.state: {scenario.state}; {expected}")
    if (scenario.outcomes is not None) is not trace.judged.gate:
        raise InputError(where, f"{place}.outcomes: expected counts if $.judged.gate is true, or else null")
    if (scenario.mutants is not None) is not trace.judged_by(PROOF):
        raise InputError(where, f"{place}.mutants: expected counts if $.proof.state is not not-run, or else null")
    if not trace.judged.tests and any(test.cases is not None for test in scenario.tests):
        raise InputError(where, f"{place}.tests: expected cases of null, as $.judged.tests is false")
    _check_once(f"{place}.tests", "id", [test.id for test in scenario.tests], where)
    for kind, results in sorted(trace.problems_of(scenario), key=lambda one: one[0].gravity):
        if results is not None and kind not in kinds:
            shown = {GATE: "outcomes", TESTS: "tests", PROOF: "mutants"}[results]
            state = f"{scenario.state}, and none of its problems is {kind}"
            raise InputError(where, f"{place}.state: {state}; expected that, as its {shown} show it")


def _check_context(trace: Trace, context: Context, place: str, where: str) -> None:
    if len(context.outcomes) != len(trace.scenarios):
        expected = f"expected {len(trace.scenarios)}, one for each scenario"
        raise InputError(where, f"{place}.outcomes: {len(context.outcomes)} of them; {expected}")
    try:
        json.dumps(context.values, allow_nan=False)
    except ValueError:
        raise InputError(where, f"{place}.values: a number that is not finite; expected a finite one") from None


def _check_once(place: str, key: str, names: Sequence[str], where: str) -> None:
    first: dict[str, int] = {}
    for number, name in enumerate(names):
        if (before := first.setdefault(name, number)) != number:
            found = f"{quoted(name)} again, as in {place}[{before}]"
            raise InputError(where, f"{place}[{number}].{key}: {found}; expected each once")
