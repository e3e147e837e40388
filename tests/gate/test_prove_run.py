"""The `prove` command: what it tells, in which form, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from evidence.basis import basis, suite
from evidence.mutants import Mutants
from evidence.proof import parse_proof
from gate import prove_run
from gate.matrix import judge_synthesis
from policies import context_validation, table_encryption
from policies.catalogue import load
from policies.model import Finding
from policies.nodes import Node
from proof.bases import CONTEXTS, Base, UnsoundBaseError, bases
from proof.matrix import CONTEXTS as OF_MATRIX
from proof.matrix import Matrix, matrix
from proof.model import Counterexample, Explored, Findings
from proof.run import Proof
from proof.scenarios import ENCRYPTION, INVALID_REFUSED
from tests.commands import invoke

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def sound() -> Sequence[Base]:
    """Return the defaults, and production with a VPC and a named table."""
    return bases(load(), CONTEXTS[:2])


@pytest.fixture(scope="session")
def whole() -> Matrix:
    """Return a matrix of valid contexts, and of a few that are refused."""
    return matrix(load(), judge_synthesis, OF_MATRIX[:10])


@pytest.fixture
def run(sound: Sequence[Base], whole: Matrix, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command on the defaults alone and the matrix, in this process."""
    monkeypatch.setattr(prove_run, "bases", lambda _: list(sound[:1]))
    monkeypatch.setattr(prove_run, "matrix", lambda *_: whole)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)

    def run(*arguments: str) -> tuple[int, str]:
        result = invoke(["prove", *arguments])
        return result.exit_code, result.output

    return run


@pytest.fixture
def weakened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rule of encryption take a table for encrypted that is not."""

    def careless(_: Node) -> Iterator[Finding]:
        return iter(())

    monkeypatch.setattr(table_encryption, "_disabled", careless)


def test_a_proof_is_told(run: Run) -> None:
    """A scenario that kills all is told with its forms; the command ends with 0."""
    code, output = run("--scenario", "encryption-enabled")
    assert code == 0
    lines = output.splitlines()
    assert lines[0].split() == ["scenario", "killed", "by", "form:", "killed", "of", "made"]
    assert ENCRYPTION in output
    assert lines[-1].startswith("proved: ")
    assert lines[-1].endswith(" 0 failures, 0 problems")


@pytest.mark.usefixtures("weakened")
def test_survivors_are_shown(run: Run) -> None:
    """A survivor is shown with what was expected and the change that made it; the command ends with 1."""
    code, output = run("--scenario", "encryption-enabled")
    assert code == 1
    first = output.index("survivor properties/encryption_enabled_missing (missing) in defaults at $.Resources.Storage")
    assert output[first:].splitlines()[1:5] == [
        f"  {ENCRYPTION}",
        "  expected non-compliant; found compliant",
        "    --- defaults",
        "    +++ mutant",
    ]
    assert '    -     "SSEEnabled": true' in output
    assert "… and " in output
    assert output.splitlines()[-1].startswith("not proved: ")


def test_a_proof_is_a_document(run: Run, tmp_path: Path) -> None:
    """As JSON it fits its schema and names the basis; written to a file, the text is printed as well."""
    code, output = run("--scenario", ENCRYPTION, "--format", "json")
    document: dict[str, Any] = json.loads(output)
    assert code == 0
    Draft202012Validator(schema()).validate(document)
    by = basis() | {"suite": suite()}
    assert (document["state"], document["scenario"], document["basis"]) == ("proved", ENCRYPTION, by)
    (encryption,) = (one for one in document["scenarios"] if one["id"] == ENCRYPTION)
    assert encryption["made"] == encryption["killed"] == sum(one["made"] for one in encryption["forms"])
    file = tmp_path / "build" / "proof.json"
    proof = parse_proof(document, "proof.json")
    mutants = Mutants(encryption["made"], encryption["killed"])
    assert (proof.holds, proof.scenario, proof.of(ENCRYPTION)) == (True, ENCRYPTION, mutants)
    code, output = run("--scenario", ENCRYPTION, "--format", "json", "--output", str(file))
    assert (code, json.loads(file.read_text(encoding="utf-8"))) == (0, document)
    assert output.splitlines()[-1].startswith("proved: ")


@pytest.mark.usefixtures("weakened")
def test_failures_are_in_the_document(run: Run) -> None:
    """A document of a proof that does not hold fits its schema, too, and holds every failure with its diff."""
    code, output = run("--scenario", ENCRYPTION, "--format", "json")
    document: dict[str, Any] = json.loads(output)
    Draft202012Validator(schema()).validate(document)
    assert (code, document["state"]) == (1, "not-proved")
    assert {tuple(one["scenarios"]) for one in document["failures"]} == {(ENCRYPTION,)}
    assert all(one["difference"].startswith("--- defaults\n+++ mutant\n") for one in document["failures"])
    proof = parse_proof(document, "proof.json")
    assert (proof.holds, proof.of(ENCRYPTION).survivors) == (False, len(document["failures"]))


def test_a_scenario_that_is_unknown(run: Run) -> None:
    """A name that no scenario has is refused with exit code 2."""
    code, output = run("--scenario", "no-such")
    assert code == 2
    assert "error: no scenario is named 'no-such'; there is\n" in output


def test_a_scenario_about_contexts(run: Run) -> None:
    """The scenario that no template can break is proved by the mutants of contexts."""
    code, output = run("--scenario", "invalid-context-refused", "--format", "json")
    document: dict[str, Any] = json.loads(output)
    Draft202012Validator(schema()).validate(document)
    (scenario,) = document["scenarios"]
    assert (code, document["state"], document["explored"]) == (0, "proved", None)
    assert document["contexts"] == [context.name for context in OF_MATRIX[:10]]
    assert (scenario["id"], scenario["made"]) == (INVALID_REFUSED, scenario["killed"])
    assert [form["form"] for form in scenario["forms"]] == ["missing", "wrong-literal", "moved", "synthesised"]


def test_a_weakened_rule_about_contexts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What survives is shown with the message that nobody missed; the command ends with 1."""
    monkeypatch.setattr(context_validation, "_told", lambda *_: True)
    code, output = run("--scenario", "invalid-context-refused")
    assert code == 1
    first = output.index("survivor contexts/message_missing (missing) in matrix at $['refused-stage-1']\n")
    assert output[first:].splitlines()[1:3] == [f"  {INVALID_REFUSED}", "  expected non-compliant; found compliant"]
    assert '    -   "The context is refused: 1 problem. Nothing was synthesised.",' in output


def test_counterexamples_are_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A context that nobody listed and that is not received as it must be is told with its command: exit code 1."""
    counterexample = Counterexample({"worthwatch:deployVpc": True}, "a template", "a [b]", "npx -c 'x=[y]'")
    monkeypatch.setattr(prove_run, "tasks", lambda *_: [])
    monkeypatch.setattr(prove_run, "otherwise", lambda *_: ())
    monkeypatch.setattr(prove_run, "prove", lambda bases, equivalents, **_: Proof(tuple(bases), (), Findings(), ()))
    monkeypatch.setattr(prove_run, "explore", lambda *_: Explored(7, 1200, (counterexample,)))
    code, output = run()
    assert code == 1
    told = output[output.index("counterexample") :].splitlines()
    assert told[:3] == [
        'counterexample the context {"worthwatch:deployVpc": true}',
        "  expected a template; found a [b]",
        "  see it: npx -c 'x=[y]'",
    ]
    tried = "7 valid and 1,200 invalid contexts tried besides, 1 counterexamples; 0 failures, 0 problems"
    assert told[-1].endswith(tried)
    code, output = run("--format", "json")
    document: dict[str, Any] = json.loads(output)
    Draft202012Validator(schema()).validate(document)
    assert (code, document["state"]) == (1, "not-proved")
    assert document["explored"] == {
        "valid": 7,
        "invalid": 1200,
        "counterexamples": [
            {
                "values": {"worthwatch:deployVpc": True},
                "expected": "a template",
                "found": "a [b]",
                "command": "npx -c 'x=[y]'",
            }
        ],
    }


def test_nothing_to_start_from(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the stack is not sound there is nothing to prove: the command says why and ends with 2."""

    def unsound(_: object) -> list[Base]:
        raise UnsoundBaseError("defaults: the stack cannot be built today")

    monkeypatch.setattr(prove_run, "bases", unsound)
    told = "what mutants are to be made of is not sound; mend the stack, or the rule"
    assert run() == (2, f"error: {told}: defaults: the stack cannot be built today\n")


def test_the_help_teaches(run: Run) -> None:
    """The help says what a mutant is, and how the command ends."""
    code, output = run("--help")
    words = " ".join(output.split())
    assert code == 0
    for said in ("Prove that every scenario can fail", "mutants", "Exit codes: 0 every mutant is killed", "--scenario"):
        assert said in words


def schema() -> dict[str, Any]:
    """Return the schema of the document."""
    held: dict[str, Any] = json.loads(files("proof").joinpath("proof.schema.json").read_text(encoding="utf-8"))
    return held
