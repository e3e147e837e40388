"""The results of a gate, a test run and a proof, as JSON documents, validated whole before they are believed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.covers import wrong_covers
from evidence.model import Scanned, Scanner, TracedAlert, Trouble
from evidence.mutants import Proof
from evidence.proof import PROOF_SCHEMA, parse_proof
from evidence.results_model import GATE_SCHEMA, TESTS_SCHEMA, GateResults, TestResults
from evidence.tally import Tally
from policies.json_documents import parse_object, validate
from policies.model import ACCEPTED, Outcome
from policies.nodes import child
from policies.reading import InputError, files_of, printable, quoted, read_file
from policies.waiving import OURS
from scanners.model import Level

MAX_BYTES = 67_108_864
"""64 MiB; the results of the full matrix have 14 MB."""

MAX_VALUES = 4_000_000
"""The most values of a document, reckoned by the commas and brackets outside of its strings."""

_HOLD = "the results of `storage-compliance gate --format json` or of `pytest --scenario-results`"

_PROVE = "the proof that `storage-compliance prove --format json` writes"


@dataclass(frozen=True, slots=True)
class Gate:
    """What a gate came to: its verdicts, what is wrong with it, the digests of what it judged by, and other scanners'.

    `scanned` tells the places of contexts by their numbers in the tally.
    """

    tally: Tally
    problems: tuple[Trouble, ...]
    basis: Mapping[str, str]
    scanned: Scanned


@dataclass(slots=True)
class Results:
    """What was given of results, with the files that they are from; `unreadable` are those that are none."""

    gate: Gate | None = None
    tests: TestResults | None = None
    proof: Proof | None = None
    gate_file: str = ""
    tests_file: str = ""
    proof_file: str = ""
    unreadable: tuple[InputError, ...] = ()


def read_results(paths: Sequence[Path], proof: Path | None = None) -> Results:
    """Read files of results, and a proof; at most one of each kind is believed.

    A folder of results stands for the *.json in it.
    """
    results = Results()
    unreadable: list[InputError] = []
    for path in paths:
        try:
            files = files_of(path, ".json", _HOLD)
        except InputError as error:
            unreadable.append(error)
            continue
        for file in files:
            try:
                _add(results, file)
            except InputError as error:
                unreadable.append(error)
    if proof is not None:
        try:
            results.proof, results.proof_file = _proof(proof), printable(proof.as_posix())
        except InputError as error:
            unreadable.append(error)
    results.unreadable = tuple(unreadable)
    return results


def read_gate(file: Path) -> GateResults:
    """Return the results of a gate, as its document has them.

    Raises `InputError`, as for one that contradicts itself.
    """
    where = printable(file.as_posix())
    expected = "the results of `storage-compliance gate --format json`"
    return _believed(read_json(file, expected, max_bytes=MAX_BYTES, max_values=MAX_VALUES), where)


def _add(results: Results, file: Path) -> None:
    where = printable(file.as_posix())
    document = read_json(file, _HOLD, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    match document.get("schema"):
        case "urn:worthwatch:storage-compliance:verdicts:1":
            if results.gate is not None:
                raise InputError(where, f"a second gate's results, beside {results.gate_file}; give one of them")
            results.gate, results.gate_file = _gate(document, where), where
        case "urn:worthwatch:storage-compliance:tests:1":
            if results.tests is not None:
                raise InputError(where, f"a second test run's results, beside {results.tests_file}; give one of them")
            results.tests, results.tests_file = validate(TestResults, document, where), where
        case other:
            found = quoted(other) if isinstance(other, str) else "no string"
            raise InputError(where, f"$.schema: found {found}; expected {GATE_SCHEMA} or {TESTS_SCHEMA}: {_HOLD}")


def _proof(file: Path) -> Proof:
    where = printable(file.as_posix())
    document = read_json(file, _PROVE, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    if (schema := document.get("schema")) != PROOF_SCHEMA:
        found = quoted(schema) if isinstance(schema, str) else "no string"
        raise InputError(where, f"$.schema: found {found}; expected {PROOF_SCHEMA}: {_PROVE}")
    return parse_proof(document, where)


def read_json(file: Path, expected: str, *, max_bytes: int, max_values: int) -> dict[str, object]:
    """Return the object that a large JSON document holds, within bounds.

    Raises `InputError`, which says what was `expected` where the file is no such document.
    """
    where = printable(file.as_posix())
    return parse_object(read_file(file, max_bytes=max_bytes), where, expected, max_values=max_values)


def _believed(document: object, where: str) -> GateResults:
    results = validate(GateResults, document, where)
    if not results.contexts:
        raise InputError(where, "$.contexts: empty, as of `check`; expected the results of `gate`")
    for place, problem in _contradictions(results):
        raise InputError(where, f"{place}: {problem}")
    return results


def _gate(document: object, where: str) -> Gate:
    results = _believed(document, where)
    problems = [Trouble(problem.where, problem.message) for problem in results.problems]
    problems += [Trouble(scanner.name, said) for scanner in results.scanners for said in scanner.problems]
    problems += _found(results)
    return Gate(_tally(results), tuple(problems), results.basis.model_dump(), _scanned(results))


def _scanned(results: GateResults) -> Scanned:
    """Return what other scanners have found, with the contexts in the order of the document, not of their names."""
    numbers = {name: number for number, name in enumerate(results.contexts)}
    places = [numbers[name] for name in sorted(numbers)]
    return Scanned(
        tuple(Scanner(one.name, one.version) for one in results.scanners),
        tuple(
            TracedAlert(
                alert.scanner,
                alert.rule,
                alert.resource,
                alert.fingerprint,
                Level(alert.level),
                alert.message,
                alert.help,
                tuple(sorted({places[place] for place in alert.contexts})),
                tuple(sorted({places[place] for place in alert.waived})),
                tuple(str(waiver.cover()) for waiver in alert.waivers),
            )
            for alert in results.alerts
            if alert.scanner != OURS
        ),
    )


def _found(results: GateResults) -> Iterator[Trouble]:
    """Return what fails a gate though its scenarios hold, and other scanners have found nothing."""
    for problem in results.waivers.problems if results.waivers else ():
        waiver = problem.waiver
        where = f"the waiver of {waiver.scanner} {waiver.rule} on {waiver.resource}"
        yield Trouble(where, f"{problem.kind}: {problem.message}", undecided=False)
    if results.agreement is None:
        return
    for one in results.agreement.disagreements:
        if one.why is None:
            said = f"disagrees with {one.scenario} on {one.resource}, which policies/agreement.toml does not explain"
            yield Trouble(f"{one.scanner} {one.rule}", said, undecided=False)
    for stale in results.agreement.stale:
        said = "policies/agreement.toml explains a disagreement that there is not"
        yield Trouble(f"{stale.scanner} {stale.rule}", said, undecided=False)


def _tally(results: GateResults) -> Tally:
    tally = Tally()
    for name, context in results.contexts.items():
        tally.add_context(context.traced(name))
    shown = {finding.verdict: finding.shown() for finding in reversed(results.findings)}
    for number, verdict in enumerate(results.verdicts):
        tally.add(verdict.verdict(), shown.get(number))
    return tally


def _contradictions(results: GateResults) -> Iterator[tuple[str, str]]:
    """Return the places of a document at which it says other than elsewhere."""
    verdicts, contexts = results.verdicts, results.contexts
    for number, verdict in enumerate(verdicts):
        if verdict.context is not None and verdict.context not in contexts:
            yield f"$.verdicts[{number}].context", f"{quoted(verdict.context)} is no key of $.contexts"
    for number, finding in enumerate(results.findings):
        if finding.verdict >= len(verdicts):
            yield f"$.findings[{number}].verdict", f"there are {len(verdicts)} verdicts"
        elif (outcome := verdicts[finding.verdict].outcome) in ACCEPTED:
            yield f"$.findings[{number}].verdict", f"that verdict is {outcome}, which is no finding"
    yield from wrong_covers(results)
    yield from _wrong_alerts(results)
    yield from _wrong_scanners(results)
    yield from _differences("$.summary", results.summary.model_dump(by_alias=True), _summary(results))


def _wrong_alerts(results: GateResults) -> Iterator[tuple[str, str]]:
    """Return what is said of alerts that cannot be, and where waivers say another number of them."""
    contexts = len(results.contexts)
    asked = {OURS, *(scanner.name for scanner in results.scanners)}
    for number, alert in enumerate(results.alerts):
        if alert.scanner not in asked:
            yield f"$.alerts[{number}].scanner", f"{quoted(alert.scanner)} is none of $.scanners"
        if not alert.contexts:
            yield f"$.alerts[{number}].contexts", "empty; expected the contexts that show it"
        if any(place >= contexts for place in alert.contexts) or set(alert.waived) - set(alert.contexts):
            yield f"$.alerts[{number}]", f"tells other contexts than the {contexts} that there are, or it shows in"
    waived = sum(len(set(alert.waived)) for alert in results.alerts)
    covered = sum(one.findings for one in results.waivers.waived) if results.waivers else 0
    if waived != covered:
        yield "$.alerts", f"{waived} waived, each context's counted; the waivers cover {covered}"


def _wrong_scanners(results: GateResults) -> Iterator[tuple[str, str]]:
    """Return which scanners are told twice, and of which another number of findings than there are alerts."""
    first: dict[str, int] = {}
    found = Counter(alert.scanner for alert in results.alerts)
    standing = Counter(alert.scanner for alert in results.alerts if alert.standing)
    for number, scanner in enumerate(results.scanners):
        if first.setdefault(scanner.name, number) != number:
            yield f"$.scanners[{number}].name", f"{quoted(scanner.name)} again; expected each once"
        told, counted = (scanner.findings, scanner.not_waived), (found[scanner.name], standing[scanner.name])
        if told != counted:
            yield f"$.scanners[{number}]", f"tells {_of(*told)}; the alerts come to {_of(*counted)}"


def _of(findings: int, standing: int) -> str:
    return f"{findings} findings, {standing} not waived"


def _summary(results: GateResults) -> dict[str, object]:
    """Return the summary that the verdicts and contexts of a document have, as `gate.run.Run` makes it."""
    scenarios: dict[str, Counter[str]] = {}
    for verdict in results.verdicts:
        scenarios.setdefault(f"{verdict.spec}#{verdict.scenario}", Counter())[verdict.outcome] += 1
    outcomes = sum(scenarios.values(), Counter[str]())
    named = {verdict.template for verdict in results.verdicts} | {one.template for one in results.contexts.values()}
    return {
        "outcomes": _counts(outcomes),
        "scenarios": {id_: _counts(counts) for id_, counts in scenarios.items()},
        "contexts": len(results.contexts),
        # Which they were, no other part of a document tells.
        "cached": min(results.summary.cached, len(results.contexts)),
        "templates": len(named - {None}),
        "exit_code": _exit_code(results, outcomes),
    }


def _counts(counts: Counter[str]) -> dict[str, int]:
    return {str(outcome): counts[outcome] for outcome in Outcome}


def _exit_code(results: GateResults, outcomes: Counter[str]) -> int:
    if results.problems or outcomes[Outcome.ERROR] or any(scanner.problems for scanner in results.scanners):
        return 2
    standing = any(alert.standing for alert in results.alerts)
    agreement = results.agreement
    disagreeing = agreement is not None and (agreement.stale or any(one.why is None for one in agreement.disagreements))
    wrong = disagreeing or (results.waivers is not None and results.waivers.problems)
    if outcomes[Outcome.NON_COMPLIANT] or standing or wrong:
        return 1
    return 2 if outcomes[Outcome.UNDETERMINED] or not outcomes[Outcome.COMPLIANT] + outcomes[Outcome.WAIVED] else 0


def _differences(place: str, found: object, counted: object) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict) and isinstance(counted, dict):
        for key in dict.fromkeys((*found, *counted)):
            yield from _differences(child(place, key), found.get(key), counted.get(key))
    elif found != counted:
        yield place, f"found {json.dumps(found)}; the rest of the document comes to {json.dumps(counted)}"
