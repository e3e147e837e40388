"""Contexts that nobody listed: how they are made, and what is told of one that is not received as it must be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.judged import Judged
from gate.matrix import judge_synthesis
from policies.catalogue import Entry, load
from policies.model import Outcome
from proof.exploration import explore
from proof.model import Counterexample, Explored
from proof.scenarios import INVALID_REFUSED
from proof.settings import Invalid, invalid, valid
from stack.contexts import Context
from stack.settings import ContextRefused, Settings
from stack.synth import Synthesis, synthesiser

ROOT = Path(__file__).parents[2]
Receive = Callable[[str], tuple[int, str]]

NPX = """#!{python}
# `cdk synth` of what the arguments say: the context, cdk.json beneath it, goes to the app that they name.
import json, os, pathlib, subprocess, sys
pairs = list(zip(sys.argv, sys.argv[1:]))
context = dict(value.split("=", 1) for flag, value in pairs if flag == "-c")
app = next(value for flag, value in pairs if flag == "--app")
context = {{**json.loads(pathlib.Path("cdk.json").read_bytes())["context"], **context}}
environment = {{**os.environ, "CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": "{folder}/cdk.out"}}
code = subprocess.call(app, shell=True, env=environment)
if code == 0:
    print(pathlib.Path("{folder}/cdk.out/WorthWatchStorage.template.json").read_text())
sys.exit(code)
"""

COMMAND = "npx aws-cdk@2 synth --app 'env -u CDK_DEFAULT_ACCOUNT -u CDK_DEFAULT_REGION python -m stack.app'"


@pytest.fixture(scope="module")
def defaults() -> Synthesis:
    """Return what comes of a context that sets nothing."""
    with synthesiser() as synthesise:
        return synthesise(Context("defaults"))


@pytest.fixture
def received(tmp_path: Path) -> Receive:
    """Return a function that gives a command to a shell in a checkout, and returns its exit code and what it tells."""
    programs = {
        "npx": NPX.format(python=sys.executable, folder=tmp_path),
        "python": f'#!/bin/sh\nexec {sys.executable} "$@"',
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def received(command: str) -> tuple[int, str]:
        done = subprocess.run(  # noqa: S603 (the command is what is tested)
            ["/bin/sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout or done.stderr

    return received


@settings(max_examples=300, derandomize=True)
@given(valid())
def test_valid_contexts(values: Mapping[str, object]) -> None:
    """What is drawn as valid is taken."""
    Settings.from_context(values)


@settings(max_examples=40, derandomize=True)
@given(st.tuples(*invalid()))
def test_invalid_contexts(examples: tuple[Invalid, ...]) -> None:
    """What is drawn as invalid is refused for the keys that it names, each told with what is allowed."""
    for example in examples:
        assert_refused(example)


def assert_refused(example: Invalid) -> None:
    """Fail unless settings refuse a context for the keys that it names, each in a line with what is allowed."""
    with pytest.raises(ContextRefused) as refusal:
        Settings.from_context(example.values)
    assert {problem.key for problem in refusal.value.problems} == example.keys
    lines = str(refusal.value).splitlines()
    for problem in refusal.value.problems:
        assert any(problem.key in line and problem.allowed in line for line in lines)


def test_the_stack_receives_them_as_it_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each valid one is accepted, each invalid one refused; nothing is left behind in the current folder."""
    monkeypatch.chdir(tmp_path)
    with synthesiser() as synthesise:
        explored = explore(load(), judge_synthesis, synthesise, examples=(8, 4))
    assert explored.counterexamples == ()
    assert explored.valid == 8
    assert 60 <= explored.invalid <= 72
    assert list(tmp_path.iterdir()) == []


class Careless:
    """A stack that knows nothing of some keys, and gives the template of the defaults for whatever it accepts."""

    def __init__(self, defaults: Synthesis, *unknown: str) -> None:
        self._defaults = defaults
        self._unknown = unknown

    def __call__(self, context: Context) -> Synthesis:
        """Receive a context."""
        try:
            Settings.from_context({key: value for key, value in context.values.items() if key not in self._unknown})
        except ContextRefused as refusal:
            return Synthesis(context, refused=refusal.problems, message=str(refusal))
        return replace(self._defaults, context=context)


def test_the_simplest_context_that_is_wrongly_accepted(defaults: Synthesis, received: Receive) -> None:
    """A stack that takes anything for deployVpc is caught by the simplest wrong value, which the command says."""
    explored = explore(load(), judge_synthesis, Careless(defaults, "worthwatch:deployVpc"), examples=(5, 5))
    (counterexample,) = explored.counterexamples
    assert counterexample == Counterexample(
        {"worthwatch:deployVpc": "no"},
        "a refusal of worthwatch:deployVpc, and of nothing else",
        "storage-hardening#context-validation/invalid-context-refused is non-compliant; a refusal of nothing",
        f"{COMMAND} -c worthwatch:deployVpc=no",
    )
    code, told = received(counterexample.command)
    assert code == 1
    assert 'worthwatch:deployVpc: found "no"; allowed: true or false' in told


def judge_named_tables(entries: Sequence[Entry], synthesis: Synthesis) -> Judged:
    """Judge by rules that refuse a table with a name of its own in staging."""
    judged = judge_synthesis(entries, synthesis)
    values = synthesis.context.values
    if values.get("worthwatch:stage") != "staging" or "worthwatch:tableName" not in values:
        return judged
    first, *others = judged.verdicts
    return replace(judged, verdicts=(replace(first, outcome=Outcome.NON_COMPLIANT), *others))


def test_the_simplest_context_that_is_wrongly_refused(defaults: Synthesis, received: Receive) -> None:
    """Where a scenario refuses what it should accept, the command leads to that very template."""
    explored = explore(load(), judge_named_tables, Careless(defaults), examples=(200, 1))
    (counterexample,) = explored.counterexamples
    assert (dict(counterexample.values), counterexample.expected, counterexample.command) == (
        {"worthwatch:stage": "staging", "worthwatch:tableName": "000"},
        "a template that every scenario accepts, or does not apply to",
        f"{COMMAND} -c worthwatch:stage=staging -c worthwatch:tableName=000",
    )
    code, told = received(counterexample.command)
    assert (code, json.loads(told)["Metadata"]["worthwatch:settings"]["tableName"]) == (0, "000")


def test_a_context_that_gives_no_verdict(defaults: Synthesis) -> None:
    """A rule that says nothing of a valid context, and a template that the CDK's own validation refuses, are told."""

    def judge(entries: Sequence[Entry], synthesis: Synthesis) -> Judged:
        judged = judge_synthesis(entries, synthesis)
        return replace(judged, verdicts=judged.verdicts[1:], failure="no such runtime")

    explored = explore(load(), judge, Careless(defaults), examples=(1, 1))
    told = f"no verdict on {INVALID_REFUSED}; no such runtime"
    assert [one.found for one in explored.counterexamples] == [told]
    assert explored == Explored(1, 18, explored.counterexamples)
    assert explored.counterexamples[0].values == {}
