"""What a run has found: verdicts, the inputs that could not be read, and what both come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policies.catalogue import load
from policies.model import Outcome, Verdict

HOLDS, FOUND_SOMETHING, COULD_NOT_JUDGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept the run from judging: `where` it is and what it is."""

    where: str
    message: str


@dataclass(slots=True)
class Run:
    """A run of the gate or of a check.

    `contexts` describes the contexts of a matrix by name, in plain JSON values; it is empty for a check.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    contexts: dict[str, Mapping[str, object]] = field(default_factory=dict)
    templates: set[str] = field(default_factory=set)

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Take in verdicts."""
        for verdict in verdicts:
            self.verdicts.append(verdict)
            if verdict.template is not None:
                self.templates.add(verdict.template)

    def counts(self) -> Mapping[tuple[str, str], Counter[Outcome]]:
        """Return how often each scenario came to each outcome, by spec and scenario, in the order of the specs."""
        counts: dict[tuple[str, str], Counter[Outcome]] = {
            (entry.scenario.spec, entry.name): Counter() for entry in load()
        }
        for verdict in self.verdicts:
            counts[verdict.spec, verdict.scenario][verdict.outcome] += 1
        return {scenario: outcomes for scenario, outcomes in counts.items() if outcomes}

    def outcomes(self) -> Counter[Outcome]:
        """Return how often each outcome was come to."""
        return Counter(verdict.outcome for verdict in self.verdicts)

    @property
    def exit_code(self) -> int:
        """0: every scenario holds. 1: a violation was found. 2: something could not be judged.

        What could not be read, and an error, outrank a violation; a violation outranks what is undetermined.
        """
        outcomes = self.outcomes()
        if self.problems or outcomes[Outcome.ERROR]:
            return COULD_NOT_JUDGE
        if outcomes[Outcome.NON_COMPLIANT]:
            return FOUND_SOMETHING
        if outcomes[Outcome.UNDETERMINED] or not outcomes[Outcome.COMPLIANT]:
            return COULD_NOT_JUDGE
        return HOLDS

    def refuse_vacuity(self) -> None:
        """Make a problem of each scenario that applied nowhere, or has no verdict at all."""
        counts = self.counts()
        vacuous = "vacuous: the scenario applied nowhere, so that nothing shows it holds"
        for entry in load():
            if set(counts.get((entry.scenario.spec, entry.name), ())) <= {Outcome.NOT_APPLICABLE}:
                self.problems.append(Problem(entry.scenario.id, vacuous))
