"""What every way of telling a trace says alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from evidence.model import CLEAN, COULD_NOT_JUDGE, Scanned, State, Trace, TracedAlert, TracedFinding, TracedScenario
from evidence.mutants import NOT_RUN, Mutants, Proof
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
    State.WAIVED: "≈",
    State.COVERED: "✓",
}
"""What stands for a state beside its word, where there is no colour."""

_WAIVERS = 5
"""So many waivers are told of an alert: one has a few, each of other contexts."""


def outcomes_shown(trace: Trace) -> list[Outcome]:
    """Return the outcomes that have a column: what nothing came to has none."""
    others = (Outcome.NON_COMPLIANT, Outcome.UNDETERMINED, Outcome.ERROR, Outcome.WAIVED, Outcome.NOT_APPLICABLE)
    return [Outcome.COMPLIANT, *(one for one in others if trace.outcomes[one])] if trace.judged.gate else []


def count_tests(trace: Trace, traced: TracedScenario) -> str:
    """Return how many tests prove a scenario, and where they were run, how many of them passed."""
    if not trace.judged.tests:
        return str(len(traced.tests))
    passed = [test for test in traced.tests if test.cases and test.cases.passed and not test.cases.failures]
    return f"{len(passed)}/{len(traced.tests)}"


def count_killed(mutants: Mutants | None) -> str:
    """Return how many of the mutants that a scenario had to notice it did; of none, that none was made."""
    if mutants is None:
        return NOT_RUN
    return f"{mutants.killed:,}/{mutants.made:,}" if mutants.made else "none made"


def verdict(trace: Trace) -> str:
    """Say in a few words what the trace comes to."""
    waived = trace.states[State.WAIVED] or trace.scanned.alerts
    covered = "covered, but for what is waived" if waived else "covered"
    return {CLEAN: covered, COULD_NOT_JUDGE: "could not judge all"}.get(trace.exit_code, "not covered")


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


def sum_up_whole(trace: Trace) -> str:
    """Return the same, what other scanners have found where some were asked, and what the proof came to."""
    said = (sum_up(trace), sum_up_scanned(trace.scanned), sum_up_proof(trace.proof, trace.ids))
    return "; ".join(filter(None, said))


def sum_up_proof(proof: Proof | None, scenarios: Iterable[str]) -> str:
    """Return whether it is proved that all of these scenarios can fail, and by how many mutants."""
    if proof is None:
        return f"proof {NOT_RUN}"
    return f"{proof.state(scenarios)} by {_count(proof.mutants, 'mutant')}"


def sum_up_scanned(scanned: Scanned) -> str:
    """Return how much other scanners have found; nothing where none was asked."""
    if not scanned.scanners:
        return ""
    scanners = _count(len(scanned.scanners), "other scanner")
    return f"{_count(len(scanned.alerts), 'finding')} of {scanners}, {len(scanned.standing):,} not waived"


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
        "waiver": finding.waiver,
        "context": None if finding.context is None else finding.context + contexts,
        "see it": finding.command,
    }
    return ((name, value) for name, value in told.items() if value)


def details_of_alert(alert: TracedAlert, trace: Trace) -> Iterator[tuple[str, str]]:
    """Return what is known of an alert beyond its name and message, each with its name."""
    yield "level", str(alert.level)
    yield "seen in", _seen_in(alert, trace)
    yield "known by", alert.fingerprint
    if alert.help_uri:
        yield "help", alert.help_uri
    for waiver in waivers_of(alert):
        yield "waiver", waiver


def waivers_of(alert: TracedAlert) -> Iterator[str]:
    """Return what the first waivers of an alert say beyond its name, and how many others there are."""
    for waiver in alert.waivers[:_WAIVERS]:
        yield waiver.removeprefix(alert.name).lstrip(", ")
    if len(alert.waivers) > _WAIVERS:
        yield f"and {_count(len(alert.waivers) - _WAIVERS, 'other')}"


def _seen_in(alert: TracedAlert, trace: Trace) -> str:
    """Return in how many contexts an alert stands, or is waived, with the first of those that matter most."""
    waived = set(alert.waived)
    standing = [place for place in alert.contexts if place not in waived]
    first = trace.contexts[(standing or alert.contexts)[0]].name
    shown = f"{len(standing or waived):,} of {_count(len(trace.contexts), 'context')}, such as {first}"
    return f"{shown}; waived in {_count(len(waived), 'other')}" if standing and waived else shown
