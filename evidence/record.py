"""The record of a run of the gate: the one result that every report and the bundle of evidence are taken from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from evidence.model import CLEAN, COULD_NOT_JUDGE, FOUND_SOMETHING, Scanned, TracedContext, TracedFinding, Trouble
from evidence.tally import Tally
from policies.catalogue import load, shipped_specs
from policies.model import Outcome
from policies.specs import Requirement, Scenario, Spec, read_specs


class Standing(StrEnum):
    """What the verdicts on a scenario come to, from best to worst; only the first is a pass, and the second no failure.

    The words of `policies.model.Outcome`, and one for what was not judged.
    """

    COMPLIANT = "compliant"
    """Judged in every context, compliant in at least one, and nowhere anything but compliant or not applicable."""
    WAIVED = "waived"
    """Judged in every context, and violated in some, where a waiver covers it; nowhere anything worse."""
    NOT_APPLICABLE = "not-applicable"
    """Judged, but it applied nowhere."""
    NOT_RUN = "not-run"
    """There is no verdict on it, or none in some context in which there should be."""
    UNDETERMINED = "undetermined"
    NON_COMPLIANT = "non-compliant"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class JudgedScenario:
    """A scenario and how often it came to each outcome.

    `page` is its rule's manual page; `lacking` counts the contexts that hold no verdict on it and should.
    """

    scenario: Scenario
    requirement: Requirement
    page: str
    outcomes: Counter[Outcome]
    lacking: int = 0

    @property
    def standing(self) -> Standing:
        """The worst of the verdicts, or that there is none."""
        return standing(self.outcomes, self.lacking)


def standing(outcomes: Counter[Outcome], lacking: int) -> Standing:
    """Return what verdicts come to, where so many contexts lack one."""
    for outcome in (Outcome.ERROR, Outcome.NON_COMPLIANT, Outcome.UNDETERMINED):
        if outcomes[outcome]:
            return Standing(outcome.value)
    if lacking or not outcomes.total():
        return Standing.NOT_RUN
    if outcomes[Outcome.WAIVED]:
        return Standing.WAIVED
    return Standing.COMPLIANT if outcomes[Outcome.COMPLIANT] else Standing.NOT_APPLICABLE


def holds(standings: Collection[Standing]) -> bool:
    """Return whether there are scenarios, and each is compliant or, by a waiver, need not be."""
    return bool(standings) and set(standings) <= {Standing.COMPLIANT, Standing.WAIVED}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of what, when and by what a run judged.

    `commit` is the full hash of the commit, None outside a repository; `modified`, that files differ from it, tracked
    or unknown ones there or those that judged; `time` the commit's, or SOURCE_DATE_EPOCH's, in UTC with whole seconds.
    `version` is this package's, `python` and `node` those of what it ran on; `basis` and `suite` as `evidence.basis`
    returns them; `matrix` the name of the matrix.
    """

    commit: str | None
    modified: bool
    time: datetime
    version: str
    python: str
    node: str
    basis: Mapping[str, str]
    suite: str
    matrix: str


@dataclass(frozen=True, slots=True)
class Record:
    """A run of the gate: what was required and judged, and what came of it.

    `scenarios` are in the order of the specs; `findings`, what several verdicts say of one scenario in the same words
    being one, begin with the worst; `problems` are what kept the run from judging, and what else is wrong with it.
    `scanned` is what other scanners have found in the templates.
    """

    provenance: Provenance
    specs: tuple[Spec, ...]
    scenarios: tuple[JudgedScenario, ...]
    contexts: Sequence[TracedContext]
    findings: Sequence[TracedFinding]
    problems: tuple[Trouble, ...]
    scanned: Scanned

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many verdicts there are of each outcome."""
        return sum((one.outcomes for one in self.scenarios), Counter())

    @property
    def templates(self) -> tuple[str, ...]:
        """The digests of the distinct templates, `sha256:<hex>`, in order."""
        return tuple(sorted({context.template for context in self.contexts if context.template is not None}))

    @property
    def exit_code(self) -> int:
        """0: every scenario is compliant or waived. 1: a violation was found. 2: something could not be judged.

        What nothing shows, and an error, outrank a violation; a violation outranks what is undetermined. What another
        scanner has found and no waiver covers is a violation.
        """
        standings = {one.standing for one in self.scenarios}
        if any(problem.undecided for problem in self.problems) or standings & {
            Standing.ERROR,
            Standing.NOT_RUN,
            Standing.NOT_APPLICABLE,
        }:
            return COULD_NOT_JUDGE
        if self.problems or self.scanned.standing or Standing.NON_COMPLIANT in standings:
            return FOUND_SOMETHING
        return CLEAN if holds(standings) else COULD_NOT_JUDGE


def conclude(tally: Tally, problems: Iterable[Trouble], provenance: Provenance, scanned: Scanned) -> Record:
    """Return the record of a run on the specs and rules that come with this package."""
    specs = tuple(replace(spec, path=f"specs/{spec.capability}/spec.md") for spec in read_specs(shipped_specs()))
    requirements = {
        one.id: requirement for spec in specs for requirement in spec.requirements for one in requirement.scenarios
    }
    ids = [entry.scenario.id for entry in load()]
    return Record(
        provenance,
        specs,
        tuple(
            JudgedScenario(
                entry.scenario,
                requirements[entry.scenario.id],
                entry.page,
                tally.outcomes.get(entry.scenario.id, Counter()),
                len(tally.lacking(entry.scenario.id)),
            )
            for entry in load()
        ),
        tally.contexts(ids),
        tally.findings(),
        tuple(problems),
        scanned,
    )
