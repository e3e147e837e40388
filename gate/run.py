"""What a run has found: verdicts, the inputs that could not be read, and what both come to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from gate.excerpt import Excerpt, excerpt
from gate.verdicts import Verdicts
from policies.catalogue import load
from policies.model import ACCEPTED, Outcome, Verdict
from policies.nodes import child
from policies.template import Template

if TYPE_CHECKING:
    from evidence.model import Trace, TracedContext
    from gate.scans import Others

HOLDS, FOUND_SOMETHING, COULD_NOT_JUDGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept the run from judging: `where` it is and what it is."""

    where: str
    message: str


@dataclass(slots=True)
class Finding:
    """The first verdict of its scenario, outcome and waiver, where that is no acceptance.

    `index` is its place among the run's verdicts; `excerpt` is what stands around it where a template does.
    `minimal` are the fewest context keys that still show it, with `account` and `region` where it needs them, and
    `command` is the shell line that does, where they have been looked for.
    """

    index: int
    verdict: Verdict
    excerpt: Excerpt | None = None
    minimal: Mapping[str, object] | None = None
    command: str | None = None


@dataclass(slots=True)
class Run:
    """A run of the gate or of a check.

    `contexts` are the contexts of a matrix by name, without outcomes; there is none in a check. `sources` are the bytes
    of the templates of a matrix, by digest, that there are findings in, or that are the first to show another
    scanner's. `others` is what other scanners and the waivers come to, of which a check has none, and `trace` what the
    scenarios are linked to, where that was asked for. `basis` is what a matrix is judged by, as it was when that began,
    and `cached` the number of its contexts that were not synthesised again.
    """

    verdicts: Verdicts = field(default_factory=Verdicts)
    problems: list[Problem] = field(default_factory=list)
    contexts: dict[str, TracedContext] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)
    templates: set[str] = field(default_factory=set)
    others: Others | None = None
    trace: Trace | None = None
    basis: Mapping[str, str] = field(default_factory=dict)
    cached: int = 0
    _first: dict[tuple[str, str, Outcome, str | None], Finding] = field(default_factory=dict, init=False)
    _counts: defaultdict[tuple[str, str], Counter[Outcome]] = field(
        default_factory=lambda: defaultdict(Counter), init=False
    )

    def add(self, verdicts: Iterable[Verdict], template: Template | None = None, source: bytes | None = None) -> None:
        """Take in verdicts, with the template that they are about, where there is one, and its bytes.

        Of a template in which nothing is found, nothing is kept.
        """
        for verdict in verdicts:
            if source is not None and verdict.template is not None and verdict.outcome not in ACCEPTED:
                self.sources[verdict.template] = source
            kind = (verdict.spec, verdict.scenario, verdict.outcome, verdict.waiver)
            if verdict.outcome not in ACCEPTED and kind not in self._first:
                self._first[kind] = Finding(len(self.verdicts), verdict, _excerpt(verdict, template))
            self.verdicts.append(verdict)
            self._counts[verdict.spec, verdict.scenario][verdict.outcome] += 1
            if verdict.template is not None:
                self.templates.add(verdict.template)

    def findings(self) -> list[list[Finding]]:
        """Return the first finding of each scenario, outcome and waiver, the worst first.

        Those that say the same of the same context and template come together: a context that does not synthesise
        fails every scenario, and is one thing to mend.
        """
        alike: dict[tuple[str | None, str | None, str], list[Finding]] = {}
        for finding in sorted(self._first.values(), key=lambda finding: -finding.verdict.outcome.rank):
            verdict = finding.verdict
            alike.setdefault((verdict.context, verdict.template, verdict.message), []).append(finding)
        return list(alike.values())

    def counts(self) -> Mapping[tuple[str, str], Counter[Outcome]]:
        """Return how often each scenario came to each outcome, by spec and scenario, in the order of the specs."""
        known = [(entry.scenario.spec, entry.name) for entry in load()]
        return {scenario: self._counts[scenario] for scenario in known if scenario in self._counts}

    def outcomes(self) -> Counter[Outcome]:
        """Return how often each outcome was come to."""
        return sum(self._counts.values(), Counter())

    @property
    def exit_code(self) -> int:
        """The graver of what was judged and what the trace, if there is one, comes to: 2 before 1 before 0."""
        return max(self.exit_code_of_results, self.trace.exit_code if self.trace else HOLDS)

    @property
    def exit_code_of_results(self) -> int:
        """0: every scenario holds. 1: a violation was found. 2: something could not be judged.

        What could not be read or relied on, and an error, outrank a violation; a violation outranks what is
        undetermined. What another scanner has found and no waiver covers is a violation, and so are a waiver that
        does not serve, and a scanner and a scenario that disagree about the same thing without an explanation.
        """
        outcomes, others = self.outcomes(), self.others
        if self.problems or outcomes[Outcome.ERROR] or (others and others.problems):
            return COULD_NOT_JUDGE
        if outcomes[Outcome.NON_COMPLIANT] or (others and others.has_findings):
            return FOUND_SOMETHING
        if outcomes[Outcome.UNDETERMINED] or not outcomes[Outcome.COMPLIANT] + outcomes[Outcome.WAIVED]:
            return COULD_NOT_JUDGE
        return HOLDS

    def refuse_vacuity(self) -> None:
        """Make a problem of each scenario that applied nowhere, or has no verdict in some context, or none at all."""
        counts, lacking = self.counts(), defaultdict[tuple[str, str], list[str]](list)
        for context, scenario in self._not_judged():
            lacking[scenario].append(context)
        for entry in load():
            scenario = (entry.scenario.spec, entry.name)
            if set(counts.get(scenario, ())) <= {Outcome.NOT_APPLICABLE}:
                vacuous = "vacuous: the scenario applied nowhere, so that nothing shows it holds"
                self.problems.append(Problem(entry.scenario.id, vacuous))
            elif without := lacking[scenario]:
                told = f"not run: no verdict on it in {len(without)} of the contexts, such as {without[0]}"
                self.problems.append(Problem(entry.scenario.id, told))

    def _not_judged(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield each context that was to be accepted with each scenario on which there is no verdict in it.

        The verdicts of a context are taken to have come together: where they have not, too much is yielded.
        """
        known = {(entry.scenario.spec, entry.name) for entry in load()}
        accepted = {name: None for name, context in self.contexts.items() if not context.refused}
        for context, verdicts in groupby(self.verdicts, lambda verdict: verdict.context):
            if context in accepted:
                del accepted[context]
                judged = {(verdict.spec, verdict.scenario) for verdict in verdicts}
                yield from ((context, scenario) for scenario in known - judged)
        yield from ((context, scenario) for context in accepted for scenario in known)


def _excerpt(verdict: Verdict, template: Template | None) -> Excerpt | None:
    if template is None or verdict.template != template.name:
        return None
    place = verdict.path or (verdict.resource and child("$.Resources", verdict.resource))
    return excerpt(template, place) if place else None
