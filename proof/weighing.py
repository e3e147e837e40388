"""What became of a mutant, held against what its author says must notice it, and how that is told."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from policies.model import Outcome, Outcomes
from proof.model import Failure, Fault, Findings, Form, Noticed

_VERDICTS = frozenset({Outcome.COMPLIANT, Outcome.NON_COMPLIANT, Outcome.NOT_APPLICABLE, Outcome.UNDETERMINED})
"""What a rule that has not failed may come to, whatever it is given, but for a template that it cannot read."""
_CONTEXT = 4
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Came:
    """What each scenario comes to, how the rules that crashed did, and whether CloudFormation would refuse it all.

    `by_resource` tells the outcomes apart by what was judged, where that is known.
    """

    outcomes: Mapping[str, Outcome]
    crashes: Mapping[str, str]
    refused: bool = False
    by_resource: Outcomes = field(default_factory=dict)

    def of(self, scenarios: Collection[str]) -> dict[str, str]:
        """Return, in words, what some of the scenarios came to."""
        return {scenario: self.outcomes[scenario] for scenario in scenarios}

    def refuses(self, scenario: str) -> bool:
        """Tell whether a scenario does not accept the template."""
        return self.outcomes[scenario].rank > Outcome.COMPLIANT.rank


@dataclass(frozen=True, slots=True)
class Told:
    """A mutant of which something is to be told: what made it, of which base, and both as JSON, before and after."""

    operator: str
    form: Form
    base: str
    path: str
    before: object
    after: object

    def failures(
        self, fault: Fault, expected: Mapping[str, Collection[Outcome]], found: Mapping[str, str]
    ) -> Iterator[Failure]:
        """Yield what is told, if anything was found: of each scenario at fault, what it was to come to, and did."""
        if not found:
            return
        scenarios = tuple(sorted(found))
        wanted = dict.fromkeys(" or ".join(sorted(expected[scenario])) for scenario in scenarios)
        yield Failure(
            fault,
            self.operator,
            self.form,
            self.base,
            self.path,
            scenarios,
            "; ".join(wanted),
            "; ".join(dict.fromkeys(found[scenario] for scenario in scenarios)),
            self._difference(),
        )

    def crashed(self, crashes: Mapping[str, str]) -> Iterator[Failure]:
        """Yield how rules failed of their own, if any did."""
        return self.failures(Fault.CRASHED, dict.fromkeys(crashes, _VERDICTS), crashes)

    def _difference(self) -> str:
        """Return what was changed as a unified diff, with a few lines around it."""
        before, after = _lines(self.before), _lines(self.after)
        shown = list(difflib.unified_diff(before, after, self.base, "mutant", n=_CONTEXT, lineterm=""))
        left_out = len(shown) - _MOST_LINES
        return "\n".join([*shown[:_MOST_LINES], *([f"… and {left_out} more lines"] if left_out > 0 else [])])


def weighed(told: Told, noticed: Noticed, before: Mapping[str, Outcome], came: Came) -> Findings:
    """Return what becomes of a mutant that some scenarios must notice; all others come to what they came to before."""
    found = Findings(mutants=1)
    found.operators[told.operator] += 1
    expected = {scenario: frozenset({outcome}) for scenario, outcome in before.items()} | dict(noticed)
    for scenario in noticed:
        killed = scenario not in came.crashes and came.outcomes[scenario] in expected[scenario]
        found.count(scenario, told.form, killed=killed)
        found.obliged[told.operator, scenario] += 1
    wrong = {scenario for scenario, outcomes in expected.items() if came.outcomes[scenario] not in outcomes}
    wrong -= came.crashes.keys()
    found.failures += told.crashed(came.crashes)
    found.failures += told.failures(Fault.SURVIVOR, expected, came.of(wrong & noticed.keys()))
    found.failures += told.failures(Fault.FALSE_ALARM, expected, came.of(wrong - noticed.keys()))
    return found


def _lines(value: object) -> list[str]:
    return json.dumps(value, indent=1, ensure_ascii=False).splitlines()
