"""What every way of telling a trace says alike."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evidence.model import CLEAN, COULD_NOT_JUDGE, State, Trace, TracedFinding, TracedScenario
from policies.model import Outcome

SYMBOLS = {
    State.DUPLICATE: "≡",
    State.UNCOVERED: "○",
    State.OUTDATED: "↻",
    State.ERROR: "!",
    State.FAILING: "✗",
    State.UNDETERMINED: "?",
    State.NEVER_RUN: "…",
    State.VACUOUS: "∅",
    State.COVERED: "✓",
}
"""What stands for a state beside its word, where there is no colour."""


def outcomes_shown(trace: Trace) -> list[Outcome]:
    """Return the outcomes that have a column: what nothing came to has none."""
    others = (Outcome.NON_COMPLIANT, Outcome.UNDETERMINED, Outcome.ERROR, Outcome.NOT_APPLICABLE)
    return [Outcome.COMPLIANT, *(one for one in others if trace.outcomes[one])] if trace.judged.gate else []


def count_tests(trace: Trace, traced: TracedScenario) -> str:
    """Return how many tests prove a scenario, and where they were run, how many of them passed."""
    if not trace.judged.tests:
        return str(len(traced.tests))
    passed = [test for test in traced.tests if test.cases and test.cases.passed and not test.cases.failures]
    return f"{len(passed)}/{len(traced.tests)}"


def verdict(trace: Trace) -> str:
    """Say in a few words what the trace comes to."""
    return {CLEAN: "covered", COULD_NOT_JUDGE: "could not judge all"}.get(trace.exit_code, "not covered")


def sum_up(trace: Trace) -> str:
    """Return how many scenarios there are in each state, and what else was found and judged by."""
    states = ", ".join(f"{trace.states[state]} {state}" for state in reversed(State) if trace.states[state])
    said = [f"{_count(len(trace.scenarios), 'scenario')}: {states}"]
    if trace.orphans:
        said.append(_count(len(trace.orphans), "orphan"))
    if trace.problems:
        said.append(_count(len(trace.problems), "problem"))
    said.append(_judged_by(trace))
    return "; ".join(said)


def _judged_by(trace: Trace) -> str:
    if not trace.judged.gate and not trace.judged.tests:
        return "judged by links and reviews alone, without results"
    contexts = f"{_count(len(trace.contexts), 'context')}, {_count(trace.templates, 'template')}"
    if not trace.judged.tests:
        return f"{contexts}; no results of tests"
    return contexts if trace.judged.gate else "no results of the gate"


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def details(finding: TracedFinding) -> Iterator[tuple[str, str]]:
    """Return what is known of a finding beyond its message, each with its name."""
    others = len(finding.contexts) - 1
    contexts = "" if others < 1 else f" and {_count(others, 'other')}"
    told = {
        "resource": finding.resource,
        "path": finding.path,
        "found": None if finding.found is None else json.dumps(finding.found),
        "expected": finding.expected,
        "mend": finding.remedy,
        "assuming": "; ".join(finding.assuming),
        "context": None if finding.context is None else finding.context + contexts,
        "see it": finding.command,
    }
    return ((name, value) for name, value in told.items() if value)
