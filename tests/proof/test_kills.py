"""How many mutants each scenario kills, held against what is recorded: what is fewer is found, and what is more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from policies import production_protection
from policies.catalogue import load
from policies.model import Finding
from policies.nodes import Node
from policies.reading import InputError
from proof.bases import Base
from proof.judging import judge_place
from proof.kills import Kills, otherwise, read_kills
from proof.making import table
from proof.model import Findings, Form
from proof.scenarios import EVERY, INVALID_REFUSED, PRODUCTION_RECOVERY, RECOVERY

_PLACE = ("Properties", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")


def entry(scenario: str = "a#b/c", killed: str = "missing = 3") -> str:
    """Return what is recorded of a scenario."""
    return f'[[kills]]\nscenario = "{scenario}"\nkilled = {{ {killed} }}\n'


def read(tmp_path: Path, *entries: str) -> tuple[Kills, ...]:
    """Return what a file of entries holds."""
    file = tmp_path / "kills.toml"
    file.write_text("".join(entries))
    return read_kills(file)


def found(*killed: tuple[str, Form, int]) -> Findings:
    """Return what became of mutants of which so many were killed."""
    findings = Findings()
    for scenario, form, number in killed:
        findings.killed[scenario, form] = number
    return findings


def test_what_is_recorded_is_found(tmp_path: Path) -> None:
    """Nothing is told where all is as recorded; that none of a form was killed need not be."""
    recorded = read(tmp_path, entry(killed="missing = 3, wrong-type = 2"), entry("a#b/d", "deny = 1"))
    findings = found(("a#b/d", Form.DENY, 1), ("a#b/c", Form.WRONG_TYPE, 2), ("a#b/c", Form.MISSING, 3))
    findings.killed["a#b/c", Form.BOUNDARY] = 0
    assert list(otherwise(findings, recorded)) == []


@pytest.mark.parametrize(
    ("killed", "told", "record"),
    [
        (((Form.MISSING, 1_002), (Form.DENY, 1)), "fewer, 1,002 missing of 1,003", "missing = 1002, deny = 1"),
        (((Form.MISSING, 1_003),), "fewer, 0 deny of 1", "missing = 1003"),
        (
            ((Form.MISSING, 1_004), (Form.DENY, 2)),
            "more, 1,004 missing of 1,003, 2 deny of 1",
            "missing = 1004, deny = 2",
        ),
        (
            ((Form.UNKNOWN, 1), (Form.MISSING, 1_003)),
            "fewer, 0 deny of 1 and more, 1 unknown of 0",
            "missing = 1003, unknown = 1",
        ),
    ],
)
def test_what_is_not_as_recorded(tmp_path: Path, killed: Sequence[tuple[Form, int]], told: str, record: str) -> None:
    """Fewer and more are told, by form, with what to record instead."""
    recorded = read(tmp_path, entry(killed="missing = 1003, deny = 1"))
    assert list(otherwise(found(*(("a#b/c", *one) for one in killed)), recorded)) == [
        f"a#b/c kills other numbers of mutants than proof/kills.toml records: {told}; if each of them is right, "
        f"record killed = {{ {record} }}"
    ]


def test_scenarios_of_one_side_only(tmp_path: Path) -> None:
    """A scenario of which nothing is recorded is told, and one that is recorded and kills nothing; in their order."""
    problems = otherwise(found(("a#b/b", Form.DENY, 4)), read(tmp_path, entry()))
    says, right = "kills other numbers of mutants than proof/kills.toml records", "if each of them is right"
    assert list(problems) == [
        f"a#b/b {says}: more, 4 deny of 0; {right}, "
        'add an entry: [[kills]], scenario = "a#b/b", killed = { deny = 4 }',
        f"a#b/c {says}: fewer, 0 missing of 3; {right}, take its entry out",
    ]


def test_every_scenario_is_recorded() -> None:
    """What is shipped is about all scenarios."""
    assert {one.scenario for one in read_kills()} == {*EVERY, INVALID_REFUSED}


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([entry(killed="gone = 1")], "kills 1.killed.gone: found 'gone'; expected by form, how many mutants it kills"),
        ([entry(killed="deny = 0")], "kills 1.killed.deny: found 0; expected by form, how many mutants it kills"),
        ([entry(killed="deny = true")], "kills 1.killed.deny: found true; expected by form, how many mutants it kills"),
        ([entry(killed="")], "kills 1.killed: found a table of 0; expected by form, how many mutants it kills"),
        ([entry("")], "kills 1.scenario: found ''; expected a scenario's id"),
        ([entry(), entry()], "kills 2 (a#b/c): matches the same as kills 1; make one of them"),
        ([entry("b"), entry("a")], "kills 2 (a): expected before kills 1 (b), in the order of scenario"),
    ],
)
def test_what_is_refused(tmp_path: Path, entries: list[str], told: str) -> None:
    """Each entry that cannot be taken is told in one line that can be shown anywhere."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, *entries)
    assert str(caught.value).startswith(f"kills.toml: {told}")
    assert str(caught.value).isprintable()


def test_what_another_scenario_still_notices(sound: Sequence[Base], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a generated mutant that one of its readers ceases to notice nothing is told, but that it kills fewer."""
    production = sound[1]
    place = (*table(production), *_PLACE)
    before = judge_place(load(), production, place, ())
    careful = production_protection._unrecoverable  # noqa: SLF001 - what is weakened is the rule's own

    def careless(specification: Node) -> Iterator[Finding]:
        return careful(specification) if specification.get(_PLACE[-1]).exists else iter(())

    monkeypatch.setattr(production_protection, "_unrecoverable", careless)
    after = judge_place(load(), production, place, ())
    assert (before.failures, after.failures) == ([], [])
    missing = before.killed[PRODUCTION_RECOVERY, Form.MISSING]
    assert missing > 0
    recorded = [
        Kills(scenario=scenario, killed={form: n for (one, form), n in before.killed.items() if one == scenario})
        for scenario in (RECOVERY, PRODUCTION_RECOVERY)
    ]
    assert list(otherwise(before, recorded)) == []
    (problem,) = otherwise(after, recorded)
    assert problem.startswith(f"{PRODUCTION_RECOVERY} kills other numbers of mutants")
    assert f"records: fewer, 0 missing of {missing}; if" in problem
