"""The vocabulary of a trace: states, links, and what is wrong with them.

The words are OpenFastTrace's (covered, uncovered, orphaned, outdated, duplicate) and, for results, ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from evidence.mutants import Mutants, Proof
from policies.model import Outcome
from policies.specs import Requirement, Scenario, Spec
from scanners.model import Level

CLEAN, FOUND_SOMETHING, COULD_NOT_JUDGE = 0, 1, 2


class State(StrEnum):
    """What a scenario's trace comes to, the gravest first."""

    DUPLICATE = "duplicate"
    """Two rules, or two scenarios, claim one name."""
    UNCOVERED = "uncovered"
    """No rule enforces it, or no test is written for it: one whose source spells its id."""
    OUTDATED = "outdated"
    """Its text, or its requirement's, is not as last reviewed, or was never reviewed."""
    ERROR = "error"
    """A verdict could not be come to for a failure: nothing is known."""
    FAILING = "failing"
    """A verdict is non-compliant, a test failed, or a proof found its rule wanting."""
    UNDETERMINED = "undetermined"
    """A verdict could not be reached: the template alone cannot say."""
    NEVER_RUN = "never-run"
    """The gate has no verdict on it in some context, or one of its tests was not run."""
    VACUOUS = "vacuous"
    """It applied in no context, or a proof made no mutant that it has to notice."""
    WAIVED = "waived"
    """A verdict is a violation that a waiver covers: it is not covered, and yet fails nothing."""
    COVERED = "covered"

    @property
    def gravity(self) -> int:
        """The place from gravest (0) to covered."""
        return list(State).index(self)


SHOWN_BY = {
    Outcome.ERROR: State.ERROR,
    Outcome.NON_COMPLIANT: State.FAILING,
    Outcome.UNDETERMINED: State.UNDETERMINED,
    Outcome.WAIVED: State.WAIVED,
}
"""The state that a scenario is in by a verdict of each outcome that is a finding, the gravest first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a scenario is not covered, and what to do about it."""

    kind: State
    message: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The texts of a scenario and of its requirement, each as `sha256:<hex>`."""

    requirement: str
    scenario: str


@dataclass(frozen=True, slots=True)
class LinkedRule:
    """The rule of a scenario: its dotted name, its file within the project, where its source begins, its page."""

    name: str
    path: str
    line: int
    source: str
    page: str


@dataclass(frozen=True, slots=True)
class Cases:
    """How often a test, which may have parameters, came to what."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    error: int = 0

    @property
    def failures(self) -> int:
        """How many cases failed, or could not be run for an error around them."""
        return self.failed + self.error

    def __add__(self, other: Cases) -> Cases:
        return Cases(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.error + other.error,
        )


@dataclass(frozen=True, slots=True)
class LinkedTest:
    """A test that is marked with a scenario: pytest's id without parameters, and its cases, None if it was not run."""

    id: str
    path: str
    line: int
    cases: Cases | None = None


@dataclass(frozen=True, slots=True)
class TracedScenario:
    """A scenario and all that is linked to it; `problems` begin with the gravest.

    `outcomes` counts the verdicts of the gate, and is None where no results of it were given; so are `mutants` where no
    proof was.
    """

    scenario: Scenario
    requirement: Requirement
    fingerprint: Fingerprint
    reviewed: Fingerprint | None
    rule: LinkedRule | None
    tests: tuple[LinkedTest, ...]
    outcomes: Counter[Outcome] | None
    mutants: Mutants | None
    problems: tuple[Problem, ...]

    @property
    def state(self) -> State:
        """The kind of the gravest problem."""
        return self.problems[0].kind if self.problems else State.COVERED


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something that names a scenario which no spec has, by its own name."""

    kind: Literal["rule", "test", "review", "result"]
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class TracedContext:
    """A context of the gate's results; `outcomes` are the worst of each scenario, in the order of the scenarios."""

    name: str
    values: Mapping[str, object]
    account: str | None
    region: str | None
    refused: tuple[str, ...]
    template: str | None
    outcomes: tuple[Outcome | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A context key, and the values that the contexts give to it, as they come."""

    key: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class TracedFinding:
    """The first verdict of several that say the same of one scenario.

    `contexts` are the places, within the trace's contexts, of all that show it; the matrix
    as a whole is none of them.

    `minimal` are the fewest context keys that still show it, `command` the shell line that does, and `excerpt` what
    stands in the template at `at`; None where the gate has not looked for them. `waiver` is the verdicts' own.
    """

    scenario: str
    outcome: Outcome
    template: str | None
    context: str | None
    contexts: tuple[int, ...]
    resource: str | None
    path: str | None
    found: object
    expected: str | None
    message: str
    remedy: str | None
    assuming: tuple[str, ...]
    minimal: Mapping[str, object] | None = None
    command: str | None = None
    excerpt: object = None
    at: str | None = None
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class Scanner:
    """Another scanner that has judged the templates, by its name in lower case; None for a version it does not tell."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class TracedAlert:
    """A violation that another scanner has found, wherever it shows, known by its fingerprint.

    `resource` is a construct path, or a logical id where the path is not known, or `template`; `message` is as the
    scanner wrote it. `contexts` are the places, within the trace's contexts, of all that show it, and `waived` those of
    them in which a waiver covers it, both in order; `waivers` tell of these as a verdict's `waiver` does.
    """

    scanner: str
    rule: str
    resource: str
    fingerprint: str
    level: Level
    message: str
    help_uri: str | None
    contexts: tuple[int, ...]
    waived: tuple[int, ...]
    waivers: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called where it stands among others."""
        return f"{self.scanner} {self.rule} on {self.resource}"

    @property
    def stands(self) -> bool:
        """Whether a context shows it that no waiver covers: a violation."""
        return len(self.waived) < len(self.contexts)

    @property
    def outcome(self) -> Outcome:
        """What it comes to: waived, or non-compliant."""
        return Outcome.NON_COMPLIANT if self.stands else Outcome.WAIVED


@dataclass(frozen=True, slots=True)
class Scanned:
    """What other scanners have found in the templates of a run: none was asked where there are no `scanners`."""

    scanners: tuple[Scanner, ...] = ()
    alerts: tuple[TracedAlert, ...] = ()

    @property
    def standing(self) -> list[TracedAlert]:
        """The alerts that some context shows and no waiver covers there."""
        return [alert for alert in self.alerts if alert.stands]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the run as a whole; `undecided` unless it is a finding, such as a value never tried."""

    where: str
    message: str
    undecided: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """Which results the trace had to judge by."""

    gate: bool
    tests: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """The specs, and everything that is linked to their scenarios; `proof` is that these can fail, if one was given."""

    specs: tuple[Spec, ...]
    scenarios: tuple[TracedScenario, ...]
    orphans: tuple[Orphan, ...]
    contexts: Sequence[TracedContext]
    axes: tuple[Axis, ...]
    findings: Sequence[TracedFinding]
    problems: tuple[Trouble, ...]
    judged: Judged
    scanned: Scanned
    proof: Proof | None

    @property
    def ids(self) -> list[str]:
        """The scenarios' ids, in their order."""
        return [one.scenario.id for one in self.scenarios]

    @property
    def states(self) -> Counter[State]:
        """How many scenarios there are in each state."""
        return Counter(one.state for one in self.scenarios)

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many verdicts there are of each outcome."""
        return sum((one.outcomes or Counter() for one in self.scenarios), Counter())

    @property
    def templates(self) -> int:
        """How many distinct templates the contexts gave."""
        return len({context.template for context in self.contexts} - {None})

    @property
    def exit_code(self) -> int:
        """0: every scenario is covered or waived. 1: something was found. 2: something could not be judged."""
        kinds = {one.kind for each in self.scenarios for one in each.problems}
        if kinds & {State.ERROR, State.UNDETERMINED} or any(trouble.undecided for trouble in self.problems):
            return COULD_NOT_JUDGE
        if self.orphans or self.problems or self.scanned.standing:
            return FOUND_SOMETHING
        if not self.states or set(self.states) - {State.WAIVED, State.COVERED}:
            return FOUND_SOMETHING
        return CLEAN
