"""The proof that every scenario can fail, in a bundle: exported, verified, shown, left alone; what contradicts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evidence.basis import basis, suite
from evidence.bundle.canonical import canonical
from evidence.bundle.proving import PROOF
from gate import export as exporting
from policies.catalogue import load
from stack.synth import Synthesis, synthesise
from tests.evidence.projects import fault, killing, proof_results, write_json
from tests.gate.breaks import apply
from tests.gate.test_evidence import CONTEXTS, Json, keygen, members, remade, retold, run, set_up

KEPT, GONE = "dynamodb-storage#table-encryption/encryption-enabled", "dynamodb-storage#table-encryption/gone"
FORMS = (("missing", 4, 4), ("added", 2, 2))
UNPROVED = "whether proof.json tells what `storage-compliance prove` does: it is not run again; run it on the commit"
NONE_MADE = "no mutant was made that it has to notice, so that nothing shows it can fail: add an operator"


@pytest.fixture(scope="module")
def syntheses() -> Sequence[Synthesis]:
    """Return what comes of a few contexts: sound in dev and prod, one that violates a scenario, one that is refused."""
    return list(synthesise(CONTEXTS, customise=apply))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of keys."""
    return keygen(tmp_path_factory.mktemp("keys"))


@pytest.fixture(autouse=True)
def _checkout(syntheses: Sequence[Synthesis], monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(syntheses, monkeypatch)


def proof(*, without: Sequence[str] = (), **more: Any) -> Json:
    """Return a proof of what is installed here, in which each scenario killed six mutants, but for some."""
    ids = [entry.scenario.id for entry in load() if entry.scenario.id not in without]
    by = basis() | {"suite": suite()}
    return proof_results(*more.pop("scenarios", ()), *(killing(id_, *FORMS) for id_ in ids), **({"basis": by} | more))


def export(file: Path, keys: Path, document: Json) -> tuple[int, str, str]:
    """Export a bundle with a proof."""
    given = write_json(file.with_suffix(".json"), document)
    return run("export", "--key", keys / "signing.key", "--output", file, "--proof", given)


@pytest.fixture(scope="module")
def exported(syntheses: Sequence[Synthesis], keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle with a proof that holds."""
    file = tmp_path_factory.mktemp("bundles") / "bundle.zip"
    with pytest.MonkeyPatch.context() as patch:
        set_up(syntheses, patch)
        assert export(file, keys, proof())[0] == 1
    return file


def test_what_a_bundle_holds(exported: Path) -> None:
    """The proof's document, in canonical form; the trace tells of each scenario, and as a whole, what it does."""
    held = members(exported)
    assert held[PROOF] == canonical(proof())
    trace = json.loads(held["trace.json"])
    assert trace["proof"] == {"state": "proved", "mutants": 9, "refused": 1, "equivalent": 2, "tried": 7}
    killed = {"made": 6, "killed": 6, "false_alarms": 0, "crashes": 0}
    assert [scenario["mutants"] for scenario in trace["scenarios"]] == [killed] * 21
    assert b"Proof that each can fail: proved, by 9 mutants." in held["reports/trace.html"]


def test_two_exports_are_the_same(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Wherever the proof lies, and however it is written."""
    document = dict(reversed(proof().items()))
    code, out, err = export(tmp_path / "other.zip", keys, document)
    assert (code, err) == (1, "")
    assert "no results of tests; proved by 9 mutants" in out
    assert (tmp_path / "other.zip").read_bytes() == exported.read_bytes()


def test_verify_and_show(exported: Path, keys: Path) -> None:
    """Both tell what the proof came to, and how many mutants each scenario killed."""
    code, out, err = run("verify", exported, "--key", keys / "signing.pub")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].endswith("12 problems, no results of tests, proved by 9 mutants")
    shown = run("show", exported)[1].splitlines()
    assert "proof:     proved by 9 mutants" in shown
    assert [line.split() for line in shown if line.strip().startswith("encryption-enabled ")] == [
        ["encryption-enabled", "non-compliant", "6/6", "1", "2", "·"]
    ]
    document = json.loads(run("show", exported, "--format", "json")[1])
    assert document["proof"] == {"state": "proved", "mutants": 9, "refused": 1, "equivalent": 2, "tried": 7}
    assert document["scenarios"][KEPT]["mutants"] == {"made": 6, "killed": 6, "false_alarms": 0, "crashes": 0}


def test_replay_leaves_it_alone(exported: Path) -> None:
    """And says so; all else is the same."""
    document = json.loads(run("replay", exported, "--format", "json")[1])
    assert document["notes"][1:] == [UNPROVED]
    assert (document["contradictions"], document["differences"], document["exit_code"]) == ([], [], 0)
    assert f"not shown: {UNPROVED}" in run("replay", exported)[1]


def test_a_proof_that_finds_something_wanting(keys: Path, tmp_path: Path) -> None:
    """It is written and told, and verifies; replayed, the trace is the one that comes of it."""
    file = tmp_path / "b.zip"
    wanting = killing(KEPT, ("missing", 4, 3))
    failures = [fault("survivor", KEPT), fault("false alarm", KEPT, form="harmless")]
    without = (KEPT, load()[0].scenario.id)
    document = proof(without=without, scenarios=[wanting], failures=failures, problems=["operator a is idle"])
    code, out, _ = export(file, keys, document)
    assert (code, "the proof: operator a is idle" in out, "not-proved by 9 mutants" in out) == (1, True, True)
    assert run("verify", file, "--key", keys / "signing.pub")[0] == 0
    assert run("replay", file)[0] == 0
    trace = json.loads(members(file)["trace.json"])
    problems = {one["id"]: [each["message"] for each in one["problems"]] for one in trace["scenarios"]}
    do = "mend its rule: `storage-compliance prove` shows them"
    assert problems[KEPT][1:] == [
        f"of the 4 mutants that it has to notice it does not notice 1; {do}",
        f"false alarms, by mutants that it has no cause to notice: 1; {do}",
    ]
    assert problems[load()[0].scenario.id] == [NONE_MADE]
    assert {"where": "the proof", "message": "operator a is idle"} in trace["problems"]


ZEROS = f"sha256:{'0' * 64}"
AGAIN = "run `storage-compliance prove` again, without --scenario"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: proof(basis=basis() | {"suite": ZEROS}), f"this proof is of another suite: {AGAIN}"),
        (lambda: proof(basis=basis() | {"suite": suite(), "rules": ZEROS}), f"this proof is of other rules: {AGAIN}"),
        (lambda: proof(scenario=KEPT, explored=None), f"this proof is of '{KEPT}' alone: {AGAIN}"),
        (
            lambda: proof(scenarios=[killing(GONE, ("missing", 1, 1))]),
            f"this proof tells of '{GONE}', which no spec has: {AGAIN}",
        ),
        (lambda: proof(mutants=10), "$.mutants: found 10; the operators made 9"),
    ],
)
def test_no_export(
    make: Callable[[], Json], problem: str, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof of something else, of one scenario, or one that contradicts itself, before anything is synthesised."""
    monkeypatch.setattr(exporting, "synthesise", lambda _: pytest.fail("synthesised"))
    file = tmp_path / "b.zip"
    assert export(file, keys, make()) == (2, "", f"error: {tmp_path}/b.json: {problem}\n")
    assert not file.exists()


def test_a_proof_that_has_no_canonical_form(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could hold such a member against its digest."""
    monkeypatch.setattr(exporting, "synthesise", lambda _: pytest.fail("synthesised"))
    code, out, err = export(tmp_path / "b.zip", keys, proof(witnesses={"exit_code": 2**60}))
    assert (code, out) == (2, "")
    assert err.startswith("error: proof.json: what the proof says cannot be evidence: ")


def _proof(held: Mapping[str, bytes], **changed: Any) -> dict[str, bytes]:
    return {**held, PROOF: canonical(json.loads(held[PROOF]) | changed)}


def _survived(trace: Json) -> None:
    mutants = next(one["mutants"] for one in trace["scenarios"] if one["state"] == "covered")
    mutants["killed"] -= 1


CONTRADICTIONS: Mapping[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "a proof of other rules": (
        lambda held: _proof(held, basis=basis() | {"suite": suite(), "rules": ZEROS}),
        "proof.json: this proof is of other rules",
    ),
    "a proof by another suite": (
        lambda held: _proof(held, basis=basis() | {"suite": ZEROS}),
        "proof.json: this proof is of another suite",
    ),
    "a proof of one scenario": (
        lambda held: _proof(held, scenario=KEPT, explored=None),
        f"proof.json: this proof is of '{KEPT}' alone",
    ),
    "a proof of no scenario of the specs": (
        lambda held: _proof(held, scenarios=[killing(GONE, ("missing", 1, 1))]),
        f"proof.json: this proof tells of '{GONE}', which no spec has",
    ),
    "sums that do not agree": (
        lambda held: _proof(held, mutants=10),
        "proof.json: $.mutants: found 10; the operators made 9",
    ),
    "another proof": (
        lambda held: {**held, PROOF: canonical(proof(refused=2))},
        "trace.json: tells of another proof than proof.json",
    ),
    "no proof": (
        lambda held: {**held, PROOF: canonical({"schema": proof()["schema"], "state": "not-run"})},
        "trace.json: tells of another proof than proof.json",
    ),
    "other mutants": (
        lambda held: retold(held, lambda trace: trace["scenarios"][0]["mutants"].update(made=7, killed=7)),
        "trace.json: tells of another proof than proof.json",
    ),
    "a survivor that is covered": (
        lambda held: retold(held, _survived),
        "and none of its problems is failing; expected that, as its mutants show it",
    ),
    "a proof that was not run": (
        lambda held: retold(held, lambda trace: trace.update(proof={"state": "not-run"})),
        "trace.json: $.scenarios[0].mutants: expected counts if $.proof.state is not not-run, or else null",
    ),
}


@pytest.mark.parametrize("name", list(CONTRADICTIONS))
def test_a_bundle_that_contradicts_itself(name: str, exported: Path, keys: Path, tmp_path: Path) -> None:
    """Whoever signed it: a proof that is not of the rest of the bundle is refused by all that read it."""
    change, problem = CONTRADICTIONS[name]
    bundle = remade(tmp_path / "b.zip", change(members(exported)), keys)
    for command in (("verify", bundle, "--key", keys / "signing.pub"), ("show", bundle), ("replay", bundle)):
        code, out, err = run(*command)
        assert (code, out) == (2, "")
        assert problem in err


def test_a_bundle_that_is_older_than_proofs(exported: Path, keys: Path, tmp_path: Path) -> None:
    """Where the trace tells of none, and there is none, all is as it was: not-run."""

    def older(trace: Json) -> None:
        del trace["proof"]
        for scenario in trace["scenarios"]:
            del scenario["mutants"]

    held = retold(members(exported), older)
    held[PROOF] = canonical({"schema": proof()["schema"], "state": "not-run"})
    bundle = remade(tmp_path / "b.zip", held, keys)
    code, out, err = run("verify", bundle, "--key", keys / "signing.pub")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].endswith("no results of tests, proof not-run")
    assert json.loads(run("show", bundle, "--format", "json")[1])["proof"] == {"state": "not-run"}
