"""The trace of a bundle put together once more: all of it but what its tests are, and came to, is known without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

import policies
from evidence.bundle.canonical import canonical
from evidence.bundle.contents import Contents
from evidence.document import OF_MATRIX, document
from evidence.links import MarkedTests
from evidence.model import LinkedTest, Orphan, State, Trace, Trouble
from evidence.results import Gate, Results
from evidence.results_model import TESTS_SCHEMA, TestResults
from evidence.trace import PARTIAL, TESTS, Checkout, of_others, put_together
from policies.catalogue import survey

_OF_TESTS = ("test", "result")
"""The kinds of orphans that come of tests."""

_TESTED_BY = ("specs", "rules", "stack", "tests")
"""What the results of tests name as what they judged by."""

_LINKED = TypeAdapter(list[LinkedTest])


def is_retraced(contents: Contents, problems: Sequence[Trouble]) -> bool:
    """Tell whether the trace of a bundle is, key by key, the one that comes of specs, reviews, verdicts and scanners.

    `problems` are those of the gate. Of tests it is taken as it stands which there are, by which markers, and what came
    of them; not what follows from that. Raises whatever comes of a document that has another shape than a trace.
    """
    shown: Mapping[str, Any] = contents.document
    again = _again(shown, contents, problems)
    told = [Trouble(**each) for each in shown["problems"]]
    known = [Trouble(one.where, one.message) for one in again.problems]
    before = len(told) - len(known)
    judged = contents.trace.judged.tests
    if before < 0 or told[before:] != known or not _are_of_tests(told[:before], judged=judged):
        return False
    # What stands before them lets nothing be judged.
    again = replace(again, problems=(*told[:before], *again.problems), orphans=_orphans(shown, again))
    return _form(shown) == _form(document(again))


def _are_of_tests(told: Sequence[Trouble], *, judged: bool) -> bool:
    """Tell whether problems are those that a trace begins with: results of tests that are not judged by, and sources.

    Each stands once, and first those of the results, which are of other tests, say.
    """
    stale = {of_others(name) for name in _TESTED_BY}
    results = [one for one in told if one.message in stale and not judged]
    sources = [one for one in told if one.where.startswith(f"{TESTS.as_posix()}/")]
    return list(told) == [*results, *sources] and len(set(told)) == len(told)


def _again(shown: Mapping[str, Any], contents: Contents, problems: Sequence[Trouble]) -> Trace:
    marked: dict[str, list[LinkedTest]] = {}
    ran: list[dict[str, object]] = []
    for scenario in shown["scenarios"]:
        tests = _LINKED.validate_python(scenario["tests"])
        # A scenario that no marker spells out has only tests that ran with it, if any.
        if any(problem["kind"] == State.UNCOVERED for problem in scenario["problems"]):
            ran += [asdict(test) | {"scenarios": [scenario["id"]]} for test in tests]
        else:
            marked[scenario["id"]] = tests
    made = contents.provenance
    fit = survey(contents.specs, policies.__name__)
    checkout = Checkout(contents.specs, fit, MarkedTests(marked), dict(contents.reviewed))
    gate = Gate(contents.tally, tuple(problems), made.basis, contents.scanned)
    results = Results(gate, proof=contents.proof, gate_file="the gate", tests_file="the tests")
    if contents.trace.judged.tests:
        # By whatever they judged: results of something else are none to a trace.
        last = shown["problems"][-1] if shown["problems"] else {"where": results.tests_file, "message": ""}
        results.tests_file, complete = last["where"], last["message"] != PARTIAL
        by = {**made.basis, "tests": made.suite}
        tested = {"schema": TESTS_SCHEMA, "basis": by, "complete": complete, "tests": ran}
        results.tests = TestResults.model_validate(tested)
    return put_together(checkout, results)


def _orphans(shown: Mapping[str, Any], again: Trace) -> tuple[Orphan, ...]:
    """Return the orphans, those that come of tests as they stand, in the order of a trace."""
    of_tests = [Orphan(**each) for each in shown["orphans"] if each["kind"] in _OF_TESTS]
    kinds = ("rule", "test", "review", "result")
    return tuple(sorted((*again.orphans, *of_tests), key=lambda orphan: kinds.index(orphan.kind)))


def _form(shown: Mapping[str, Any]) -> bytes:
    return canonical({key: value for key, value in shown.items() if key not in OF_MATRIX})
