"""A proof that scenarios can fail, read as a document that nobody vouches for, and what a trace makes of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from evidence.model import Problem, State, Trouble
from evidence.mutants import NOT_RUN, Mutants, Proof
from evidence.proof_model import ProofResult
from policies.json_documents import validate
from policies.reading import InputError, quoted

PROOF_SCHEMA = "urn:worthwatch:storage-compliance:proof:1"

_OTHER = {"specs": "other specs", "rules": "other rules", "stack": "another stack", "suite": "another suite"}

_WHERE = "the proof"

PROVE_AGAIN = ": run `storage-compliance prove` again, without --scenario"
"""What is to be done about one that is foreign."""


def parse_proof(document: dict[str, object], where: str) -> Proof:
    """Return the proof that a JSON object is; `where` names it in messages.

    Raises `InputError` for anything else, and for one that contradicts itself.
    """
    result = validate(ProofResult, document, where)
    for place, problem in _contradictions(result):
        raise InputError(where, f"{place}: {problem}")
    explored = result.explored
    counts = {one.id: (one.made, one.killed) for one in result.scenarios}
    alarms, crashes = _faults(result, "false alarm"), _faults(result, "crashed")
    return Proof(
        holds=result.state == "proved",
        scenario=result.scenario,
        basis=result.basis.model_dump(),
        scenarios={
            id_: Mutants(*counts.get(id_, (0, 0)), alarms[id_], crashes[id_])
            for id_ in dict.fromkeys((*counts, *alarms, *crashes))
        },
        mutants=result.mutants,
        refused=result.refused,
        equivalent=sum(one.mutants for one in result.equivalents),
        tried=explored.valid + explored.invalid if explored else 0,
        problems=(*result.problems, *_counterexamples(result)),
        document=document,
    )


def why_foreign(proof: Proof, basis: Mapping[str, str], scenarios: Collection[str]) -> Iterator[str]:
    """Return why a proof is none of what a run judged by, by the digests and scenarios of that; nothing: it is one.

    One of a single scenario is none either: what others had to notice, it made no mutants of.
    """
    for name, digest in proof.basis.items():
        if digest != basis[name]:
            yield f"this proof is of {_OTHER[name]}"
    if proof.scenario is not None:
        yield f"this proof is of {quoted(proof.scenario)} alone"
    if unknown := sorted(proof.scenarios.keys() - set(scenarios)):
        yield f"this proof tells of {quoted(unknown[0])}, which no spec has"


def problems_of(mutants: Mutants) -> Iterator[Problem]:
    """Return what a proof shows to be wrong with a scenario, or with its rule."""
    found = (
        (
            mutants.survivors,
            f"of the {mutants.made:,} mutants that it has to notice it does not notice {mutants.survivors:,}",
        ),
        (mutants.false_alarms, f"false alarms, by mutants that it has no cause to notice: {mutants.false_alarms:,}"),
        (mutants.crashes, f"mutants on which its rule crashed: {mutants.crashes:,}"),
    )
    for count, said in found:
        if count:
            yield Problem(State.FAILING, f"{said}; mend its rule: `storage-compliance prove` shows them")
    if not mutants.made:
        message = "no mutant was made that it has to notice, so that nothing shows it can fail: add an operator"
        yield Problem(State.VACUOUS, message)


def troubles_of(proof: Proof) -> Iterator[Trouble]:
    """Return what is wrong with a proof as a whole."""
    return (Trouble(_WHERE, problem, undecided=False) for problem in proof.problems)


def proof_as_json(proof: Proof | None, scenarios: Iterable[str]) -> dict[str, object]:
    """Return what a trace of these scenarios tells of a proof as a whole."""
    if proof is None:
        return {"state": NOT_RUN}
    return {
        "state": proof.state(scenarios),
        "mutants": proof.mutants,
        "refused": proof.refused,
        "equivalent": proof.equivalent,
        "tried": proof.tried,
    }


def mutants_as_json(mutants: Mutants | None) -> dict[str, int] | None:
    """Return what a trace tells of the mutants of a scenario; None where there is no proof."""
    if mutants is None:
        return None
    return {
        "made": mutants.made,
        "killed": mutants.killed,
        "false_alarms": mutants.false_alarms,
        "crashes": mutants.crashes,
    }


def _faults(result: ProofResult, fault: str) -> Counter[str]:
    """Return of how many mutants a scenario is told to have a fault, by its id."""
    return Counter(id_ for failure in result.failures if failure.fault == fault for id_ in failure.scenarios)


def _counterexamples(result: ProofResult) -> Iterator[str]:
    for one in result.explored.counterexamples if result.explored else ():
        values = json.dumps(one.values, ensure_ascii=False)
        yield f"the context {values}: expected {one.expected}; found {one.found}; see it: {one.command}"


def _contradictions(result: ProofResult) -> Iterator[tuple[str, str]]:
    """Return the places of a document at which it says other than elsewhere."""
    yield from _wrong_scenarios(result)
    yield from _wrong_failures(result)
    yield from _twice("$.operators", [one.name for one in result.operators])
    made = sum(one.mutants for one in result.operators)
    if made != result.mutants:
        yield "$.mutants", f"found {result.mutants}; the operators made {made}"
    counted = [("$.refused", result.refused)]
    counted += [(f"$.scenarios[{number}].made", one.made) for number, one in enumerate(result.scenarios)]
    counted += [(f"$.equivalents[{number}].mutants", one.mutants) for number, one in enumerate(result.equivalents)]
    for place, count in counted:
        if count > result.mutants:
            yield place, f"found {count}; there are {result.mutants} mutants"
    if (result.scenario is None) is (result.explored is None):
        yield "$.explored", "expected contexts tried where mutants of all scenarios were made, or else null"
    wrong = result.failures or result.problems or (result.explored and result.explored.counterexamples)
    if (result.state == "proved") is bool(wrong):
        expected = "not-proved" if wrong else "proved"
        yield "$.state", f"found {result.state}; the rest of the document comes to {expected}"


def _wrong_scenarios(result: ProofResult) -> Iterator[tuple[str, str]]:
    """Return which scenarios and forms are told twice, and which sums are none of their parts."""
    yield from _twice("$.scenarios", [one.id for one in result.scenarios])
    for number, scenario in enumerate(result.scenarios):
        place = f"$.scenarios[{number}]"
        yield from _twice(f"{place}.forms", [one.form for one in scenario.forms])
        for key, told, summed in (
            ("made", scenario.made, sum(one.made for one in scenario.forms)),
            ("killed", scenario.killed, sum(one.killed for one in scenario.forms)),
        ):
            if told != summed:
                yield f"{place}.{key}", f"found {told}; its forms come to {summed}"
        for at, form in enumerate(scenario.forms):
            if form.killed > form.made:
                yield f"{place}.forms[{at}].killed", f"found {form.killed} of {form.made} made"


def _wrong_failures(result: ProofResult) -> Iterator[tuple[str, str]]:
    """Return where failures tell of other survivors than scenarios did not kill.

    A mutant on which a rule crashed is one that it did not kill, if it had to notice it.
    """
    for number, failure in enumerate(result.failures):
        yield from _twice(f"$.failures[{number}].scenarios", failure.scenarios)
    left = {(one.id, form.form): form.made - form.killed for one in result.scenarios for form in one.forms}
    faults = {
        fault: Counter((id_, one.form) for one in result.failures if one.fault == fault for id_ in one.scenarios)
        for fault in ("survivor", "crashed")
    }
    for id_, form in dict.fromkeys((*left, *faults["survivor"])):
        survivors = faults["survivor"][id_, form]
        if not survivors <= left.get((id_, form), 0) <= survivors + faults["crashed"][id_, form]:
            told = f"{survivors} survivors of form {quoted(form)} of {quoted(id_)}"
            yield "$.failures", f"{told}; $.scenarios tells of {left.get((id_, form), 0)}"


def _twice(place: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    first: dict[str, int] = {}
    for number, name in enumerate(names):
        if first.setdefault(name, number) != number:
            yield f"{place}[{number}]", f"{quoted(name)} again; expected each once"
