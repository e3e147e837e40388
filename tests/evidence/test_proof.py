"""Proofs: what is read of one, what is refused, and what the trace makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from evidence.basis import basis, suite
from evidence.model import Problem, State, Trouble
from evidence.mutants import Mutants, Proof
from evidence.results import read_results
from evidence.trace import SPECS
from tests.evidence.projects import (
    COUNTEREXAMPLE,
    HELD,
    KEPT,
    Project,
    fault,
    killing,
    make,
    proof_results,
    write_json,
)

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]

SOME = killing(KEPT, ("missing", 4, 2), ("added", 3, 3))
WANTING = (fault("survivor", KEPT), fault("crashed", KEPT, HELD), fault("false alarm", HELD, form="harmless"))
DO = "mend its rule: `storage-compliance prove` shows them"
NONE_MADE = "no mutant was made that it has to notice, so that nothing shows it can fail: add an operator"
AGAIN = "run `storage-compliance prove` again, without --scenario"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project in which all is covered."""
    return make(tmp_path, monkeypatch)


def proved(document: Json) -> Proof:
    """Return the proof that a document is."""
    results = read_results([], write_json(Path("proof.json"), document))
    assert (results.unreadable, results.proof_file) == ((), "proof.json")
    assert results.proof is not None
    return results.proof


def refusal(document: object) -> str:
    """Return why a document is no proof, of which nothing is believed."""
    results = read_results([], write_json(Path("proof.json"), document))
    assert results.proof is None
    (error,) = results.unreadable
    return str(error)


@pytest.mark.usefixtures("project")
def test_a_proof_is_read() -> None:
    """By scenario, what was made, killed, noticed without a cause or crashed on; as a whole, what was judged."""
    document = proof_results(SOME, failures=WANTING)
    assert proved(document) == Proof(
        holds=False,
        scenario=None,
        basis=basis(SPECS) | {"suite": suite()},
        scenarios={KEPT: Mutants(made=7, killed=5, crashes=1), HELD: Mutants(false_alarms=1, crashes=1)},
        mutants=9,
        refused=1,
        equivalent=2,
        tried=7,
        problems=(),
        document=document,
    )


@pytest.mark.usefixtures("project")
def test_what_is_wrong_with_a_proof_itself() -> None:
    """Its problems, and the contexts that were not received as they must be."""
    explored = {"valid": 3, "invalid": 4, "counterexamples": [COUNTEREXAMPLE]}
    proof = proved(proof_results(problems=["operator a makes no mutant"], explored=explored))
    assert (proof.holds, proof.problems) == (
        False,
        (
            "operator a makes no mutant",
            'the context {"a": 1}: expected a template; found none; see it: npx cdk',
        ),
    )


@pytest.mark.usefixtures("project")
def test_what_other_scanners_noticed_is_no_part_of_it() -> None:
    """It is taken as it stands."""
    assert proved(proof_results(witnesses={"exit_code": 1})).holds


def _first(**changed: object) -> Json:
    """Return a proof whose first scenario is told otherwise."""
    return proof_results(killing(HELD, ("missing", 2, 2)) | changed)


FAULTS = "'survivor', 'false alarm' or 'crashed'"
PROOF_SCHEMA = "urn:worthwatch:storage-compliance:proof:1"
WRITES = "the proof that `storage-compliance prove --format json` writes"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (list, f"no JSON object; expected {WRITES}"),
        (dict, f"$.schema: found no string; expected {PROOF_SCHEMA}: {WRITES}"),
        (lambda: {"schema": "urn:other"}, f"$.schema: found 'urn:other'; expected {PROOF_SCHEMA}: {WRITES}"),
        (lambda: proof_results(extra=1), "$.extra: unknown key"),
        (lambda: proof_results(state="not-run"), "$.state: Input should be 'proved' or 'not-proved'"),
        (lambda: proof_results(mutants=-1), "$.mutants: expected 0 or more"),
        (lambda: proof_results(mutants=10**4000), f"$.mutants: Input should be less than or equal to {2**31 - 1}"),
        (lambda: proof_results(mutants=9.0), "$.mutants: expected a whole number"),
        (lambda: proof_results(basis=basis(SPECS)), "$.basis.suite: missing"),
        (
            lambda: proof_results(bases=[]),
            "$.bases: List should have at least 1 item after validation, not 0",
        ),
        (
            lambda: proof_results(failures=[fault("survivor")]),
            "$.failures[0].scenarios: List should have at least 1 item after validation, not 0",
        ),
        (
            lambda: _first(forms=[{"form": "a", "made": 0, "killed": 0}]),
            "$.scenarios[0].forms[0].made: expected 1 or more",
        ),
        (lambda: proof_results(failures=[fault("gone", KEPT)]), f"$.failures[0].fault: Input should be {FAULTS}"),
        (lambda: proof_results(killing(HELD), killing(HELD)), f"$.scenarios[1]: '{HELD}' again; expected each once"),
        (lambda: _first(made=3), "$.scenarios[0].made: found 3; its forms come to 2"),
        (lambda: _first(killed=1), "$.scenarios[0].killed: found 1; its forms come to 2"),
        (
            lambda: proof_results(killing(HELD, ("missing", 1, 2))),
            "$.scenarios[0].forms[0].killed: found 2 of 1 made",
        ),
        (
            lambda: proof_results(killing(HELD, ("missing", 1, 1), ("missing", 1, 1))),
            "$.scenarios[0].forms[1]: 'missing' again; expected each once",
        ),
        (
            lambda: proof_results(failures=[fault("survivor", HELD, HELD)]),
            f"$.failures[0].scenarios[1]: '{HELD}' again; expected each once",
        ),
        # A survivor that no failure tells of, one more than there are, and one that is another's.
        (
            lambda: proof_results(killing(HELD, ("missing", 2, 1))),
            f"$.failures: 0 survivors of form 'missing' of '{HELD}'; $.scenarios tells of 1",
        ),
        (
            lambda: proof_results(killing(HELD, ("missing", 2, 1)), failures=[fault("survivor", HELD)] * 2),
            f"$.failures: 2 survivors of form 'missing' of '{HELD}'; $.scenarios tells of 1",
        ),
        (
            lambda: proof_results(killing(HELD, ("missing", 2, 1)), failures=[fault("survivor", HELD, form="added")]),
            f"$.failures: 0 survivors of form 'missing' of '{HELD}'; $.scenarios tells of 1",
        ),
        (
            lambda: proof_results(killing(HELD, ("missing", 2, 1)), failures=[fault("false alarm", HELD)]),
            f"$.failures: 0 survivors of form 'missing' of '{HELD}'; $.scenarios tells of 1",
        ),
        (
            lambda: proof_results(killing(HELD, ("\x1b[31m", 2, 1))),
            f"$.failures: 0 survivors of form '\\x1b[31m' of '{HELD}'; $.scenarios tells of 1",
        ),
        (
            lambda: proof_results(killing(HELD, ("missing", 2, 2)), failures=[fault("survivor", KEPT)]),
            f"$.failures: 1 survivors of form 'missing' of '{KEPT}'; $.scenarios tells of 0",
        ),
        (lambda: proof_results(mutants=10), "$.mutants: found 10; the operators made 9"),
        (
            lambda: proof_results(operators=[{"name": "a", "mutants": 4}, {"name": "a", "mutants": 5}]),
            "$.operators[1]: 'a' again; expected each once",
        ),
        (lambda: proof_results(refused=10), "$.refused: found 10; there are 9 mutants"),
        (
            lambda: proof_results(killing(HELD, ("missing", 10, 10))),
            "$.scenarios[0].made: found 10; there are 9 mutants",
        ),
        (
            lambda: proof_results(equivalents=[{"places": [], "kinds": [], "reason": "", "mutants": 10}]),
            "$.equivalents[0].mutants: found 10; there are 9 mutants",
        ),
        (
            lambda: proof_results(explored=None),
            "$.explored: expected contexts tried where mutants of all scenarios were made, or else null",
        ),
        (
            lambda: proof_results(scenario=KEPT),
            "$.explored: expected contexts tried where mutants of all scenarios were made, or else null",
        ),
        (
            lambda: proof_results(state="not-proved"),
            "$.state: found not-proved; the rest of the document comes to proved",
        ),
        *(
            (
                lambda wrong=wrong: proof_results(state="proved", **wrong),
                "$.state: found proved; the rest of the document comes to not-proved",
            )
            for wrong in (
                {"problems": ["idle"]},
                {"failures": [fault("false alarm", KEPT)]},
                {"explored": {"valid": 1, "invalid": 1, "counterexamples": [COUNTEREXAMPLE]}},
            )
        ),
    ],
)
def test_no_proof(spoil: Callable[[], object], problem: str) -> None:
    """What is no proof, or says other than elsewhere, is refused with what is wrong."""
    assert refusal(spoil()) == f"proof.json: {problem}"


@pytest.mark.usefixtures("project")
def test_a_mutant_on_which_a_rule_crashed_may_be_one_that_it_did_not_kill() -> None:
    """Whether it had to notice it, the failure does not tell."""
    crashed = [fault("crashed", KEPT)]
    assert proved(proof_results(killing(KEPT, ("missing", 4, 3)), failures=crashed)).of(KEPT).survivors == 1
    assert proved(proof_results(killing(KEPT, ("missing", 4, 4)), failures=crashed)).of(KEPT).survivors == 0


@pytest.mark.usefixtures("project")
def test_no_such_file() -> None:
    """It is told as any other."""
    (error,) = read_results([], Path("proof.json")).unreadable
    assert str(error) == "proof.json: no such file; check the path"


# What the trace makes of it


def traced(project: Project, document: Json) -> tuple[dict[str, list[Problem]], tuple[Trouble, ...], int]:
    """Return the problems of scenarios, and those of the run, that a proof leads to, and the exit code."""
    trace = project.trace(proof=write_json(Path("proof.json"), document))
    problems = {one.scenario.slug: list(one.problems) for one in trace.scenarios if one.problems}
    return problems, trace.problems, trace.exit_code


def test_all_killed(project: Project) -> None:
    """Each scenario has its mutants, and nothing is wrong."""
    trace = project.trace(proof=write_json(Path("proof.json"), proof_results()))
    assert [one.mutants for one in trace.scenarios] == [Mutants(made=1, killed=1), Mutants(made=3, killed=3)]
    assert (trace.exit_code, trace.proof and trace.proof.state(trace.ids)) == (0, "proved")


def test_no_proof_given(project: Project) -> None:
    """Without one nothing is told of mutants, and nothing is wrong with that."""
    trace = project.trace()
    assert ([one.mutants for one in trace.scenarios], trace.proof, trace.exit_code) == ([None, None], None, 0)


def test_what_a_proof_finds_wanting_is_a_problem_of_its_scenario(project: Project) -> None:
    """Survivors, false alarms and crashes, each by itself; a scenario for which no mutant was made is not proved."""
    problems, troubles, code = traced(project, proof_results(SOME, failures=WANTING))
    assert problems == {
        "shape-kept": [
            Problem(State.FAILING, f"of the 7 mutants that it has to notice it does not notice 2; {DO}"),
            Problem(State.FAILING, f"mutants on which its rule crashed: 1; {DO}"),
        ],
        "shape-held": [
            Problem(State.FAILING, f"false alarms, by mutants that it has no cause to notice: 1; {DO}"),
            Problem(State.FAILING, f"mutants on which its rule crashed: 1; {DO}"),
            Problem(State.VACUOUS, NONE_MADE),
        ],
    }
    assert (troubles, code) == ((), 1)


def test_a_scenario_without_mutants_is_never_proved(project: Project) -> None:
    """Even where the proof itself holds."""
    document = proof_results(killing(KEPT, ("missing", 4, 4)))
    assert document["state"] == "proved"
    assert traced(project, document) == ({"shape-held": [Problem(State.VACUOUS, NONE_MADE)]}, (), 1)
    assert proved(document).state([KEPT]) == "proved"
    assert proved(document).state([KEPT, HELD]) == "not-proved"


def test_what_is_wrong_with_the_proof_itself_is_a_problem_of_the_run(project: Project) -> None:
    """It is a finding: it was judged, and does not hold."""
    found = traced(project, proof_results(problems=["operator a makes no mutant"]))
    assert found == ({}, (Trouble("the proof", "operator a makes no mutant", undecided=False),), 1)


@pytest.mark.parametrize(
    ("part", "other"),
    [("specs", "other specs"), ("rules", "other rules"), ("stack", "another stack"), ("suite", "another suite")],
)
def test_a_stale_proof(part: str, other: str, project: Project) -> None:
    """A proof of other specs, rules, stack or suite is a problem of the run, and nothing is told by it."""
    of = basis(SPECS) | {"suite": suite(), part: f"sha256:{'0' * 64}"}
    file = write_json(Path("proof.json"), proof_results(SOME, failures=WANTING, basis=of))
    trace = project.trace(proof=file)
    assert trace == replace(project.trace(), problems=(Trouble("proof.json", f"this proof is of {other}: {AGAIN}"),))
    assert trace.exit_code == 2


def test_a_proof_of_one_scenario_claims_nothing(project: Project) -> None:
    """Not even of that one."""
    limited = proof_results(killing(KEPT, ("missing", 4, 4)), scenario=KEPT, explored=None)
    trace = project.trace(proof=write_json(Path("proof.json"), limited))
    assert trace == replace(
        project.trace(), problems=(Trouble("proof.json", f"this proof is of '{KEPT}' alone: {AGAIN}"),)
    )
    assert trace.exit_code == 2


@pytest.mark.parametrize("fails", [False, True])
def test_a_proof_of_a_scenario_that_no_spec_has(fails: bool, project: Project) -> None:
    """Be it that it killed or noticed without a cause: these are not the scenarios that were proved."""
    gone = "storage#table-shape/shape-gone"
    both = [killing(HELD, ("missing", 3, 3)), killing(KEPT, ("missing", 3, 3))]
    more = {"failures": [fault("false alarm", gone)]} if fails else {}
    document = proof_results(*both, *([] if fails else [killing(gone, ("missing", 1, 1))]), **more)
    message = f"this proof tells of '{gone}', which no spec has: {AGAIN}"
    assert traced(project, document) == ({}, (Trouble("proof.json", message),), 2)


def test_a_proof_that_cannot_be_read(project: Project) -> None:
    """It is told as other results are."""
    trouble = Trouble("proof.json", "$.mutants: found 10; the operators made 9")
    assert traced(project, proof_results(mutants=10)) == ({}, (trouble,), 2)


@pytest.mark.usefixtures("project")
def test_the_examples_are_of_the_published_schema() -> None:
    """What these tests read is what `prove` writes."""
    validator = Draft202012Validator(json.loads((ROOT / "proof" / "proof.schema.json").read_text(encoding="utf-8")))
    explored = {"valid": 3, "invalid": 4, "counterexamples": [COUNTEREXAMPLE]}
    for document in (proof_results(), proof_results(SOME, failures=WANTING, explored=explored, problems=["a"])):
        validator.validate(document)
