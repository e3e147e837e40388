"""The reference stack broken in every way that the spec forbids: the gate, `check` and the nag pack catch each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gate.check import check
from gate.judged import Judged
from policies.catalogue import load
from policies.model import Outcome, Verdict
from tests.gate.breaks import BREAKS
from tests.gate.expected import BROKEN

BY_SCENARIO = pytest.mark.parametrize("scenario", BREAKS)
ACCEPTED = {Outcome.COMPLIANT, Outcome.NOT_APPLICABLE}


def violated(verdicts: list[Verdict]) -> dict[str, Verdict]:
    """Return the verdicts that are no acceptance, by scenario."""
    return {verdict.scenario: verdict for verdict in verdicts if verdict.outcome not in ACCEPTED}


def reported(folder: Path) -> list[Mapping[str, object]]:
    """Return the entries of the nag pack in the report of a cdk.out folder."""
    report = json.loads((folder / "validation-report.json").read_text(encoding="utf-8"))
    (ours,) = (one for one in report["pluginReports"] if one["pluginName"] == "WorthWatch")
    entries: list[Mapping[str, object]] = ours["violations"]
    return entries


def test_every_scenario_of_the_spec_is_broken() -> None:
    """Breaks and expectations are those of dynamodb-storage, no more and no fewer."""
    names = [entry.name for entry in load() if entry.scenario.spec == "dynamodb-storage"]
    assert len(names) == 12
    assert list(BREAKS) == list(BROKEN) == names


@BY_SCENARIO
def test_the_gate_catches_it(scenario: str, judged: Mapping[str, Judged]) -> None:
    """Synthesised in a matrix, the break gives the one whole verdict, and no scenario is violated beside it."""
    broken = judged[scenario]
    assert broken.template is not None
    found = violated(list(broken.verdicts))
    verdict = BROKEN[scenario].verdict(scenario)
    assert found[scenario] == replace(verdict, template=broken.template.name, context=scenario)
    assert found.keys() == {scenario} | BROKEN[scenario].also
    assert {verdict.outcome for verdict in found.values()} == {Outcome.NON_COMPLIANT}


@BY_SCENARIO
def test_check_catches_it(scenario: str, assemblies: Mapping[str, Path]) -> None:
    """In a cdk.out folder, the break gives the same verdict and exit code 1."""
    run = check([assemblies[scenario]])
    found = violated([*run.verdicts])
    template = (assemblies[scenario] / "WorthWatchStorage.template.json").as_posix()
    assert found[scenario] == replace(BROKEN[scenario].verdict(scenario), template=template)
    assert found.keys() == {scenario} | BROKEN[scenario].also
    assert (run.problems, run.exit_code) == ([], 1)


@BY_SCENARIO
def test_the_nag_pack_catches_it(scenario: str, assemblies: Mapping[str, Path]) -> None:
    """In an app under the pack, the break is reported as an error under the scenario's own id, with its remedy."""
    broken = BROKEN[scenario]
    entries = {entry["ruleName"]: entry for entry in reported(assemblies[scenario])}
    proof = entries.pop("WorthWatch-judged")
    assert entries.keys() == {f"WorthWatch-{name}" for name in {scenario} | broken.also}
    assert {entry["severity"] for entry in entries.values()} == {"error"}
    entry = entries[f"WorthWatch-{scenario}"]
    assert str(entry["description"]).startswith(f"{scenario}: {broken.message}; found ")
    assert entry["suggestedFix"] == broken.remedy
    assert proof["severity"] == "info"


def test_the_sound_stack_passes_the_gate(judged: Mapping[str, Judged]) -> None:
    """Unbroken, every scenario is accepted."""
    assert violated(list(judged["sound"].verdicts)) == {}


def test_the_sound_stack_passes_check(assemblies: Mapping[str, Path]) -> None:
    """Unbroken, the cdk.out folder passes, construct tree included."""
    run = check([assemblies["sound"]])
    assert (violated([*run.verdicts]), run.problems, run.exit_code) == ({}, [], 0)
    assert run.outcomes() == {Outcome.COMPLIANT: 17, Outcome.NOT_APPLICABLE: 3}


def test_the_sound_stack_passes_the_nag_pack(assemblies: Mapping[str, Path]) -> None:
    """Unbroken, the report holds nothing but the proof that the pack has judged."""
    assert [(entry["ruleName"], entry["severity"]) for entry in reported(assemblies["sound"])] == [
        ("WorthWatch-judged", "info")
    ]
