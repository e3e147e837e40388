"""`check` on one small template for each kind of hard case: every outcome, and how what the case is about is told.

`<name>.expected.json` beside a template says what kind of case it is and why the truth is what it is, which comes
from the AWS documentation and not from the tool. `<name>.parameters.json` and `<name>.externals.json` are what is told
to `check`. docs/hard-templates.md compares these verdicts with those of other tools.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.check import check
from gate.parameters import read_parameters
from gate.run import Run
from policies.catalogue import load
from policies.externals import NOTHING
from policies.externals_reading import read_externals

HERE = Path(__file__).parent
CASES = sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.expected.json"))
SCENARIOS = {entry.name for entry in load()}


def input_of(case: str) -> Path:
    """Return what a case judges: a template, or the folder of an assembly."""
    name = case.removesuffix(".expected.json")
    return next(path for suffix in (".yaml", ".json", "") if (path := Path(name + suffix)).exists())


def judged(case: str) -> Run:
    """Run `check` on a case, with the parameters and externals that belong to it."""
    name = case.removesuffix(".expected.json")
    parameters, externals = Path(f"{name}.parameters.json"), Path(f"{name}.externals.json")
    return check(
        [input_of(case)],
        read_parameters([str(parameters)]) if parameters.exists() else {},
        read_externals(externals) if externals.exists() else NOTHING,
    )


@pytest.mark.parametrize("case", CASES)
def test_a_hard_template(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scenario comes to what the documentation says; what the case is about is told with place and world."""
    monkeypatch.chdir(HERE)
    expected: dict[str, Any] = json.loads(Path(case).read_text(encoding="utf-8"))
    run = judged(case)
    verdicts = {
        (_of(verdict.template, verdict.resource, input_of(case)), verdict.scenario): verdict for verdict in run.verdicts
    }
    outcomes = {
        of: {scenario: verdicts[of, scenario].outcome if (of, scenario) in verdicts else None for scenario in SCENARIOS}
        for of, _ in verdicts
    }
    assert outcomes == expected["outcomes"]
    about = [
        {
            "of": one["of"],
            "scenario": one["scenario"],
            "outcome": verdict.outcome,
            "path": verdict.path,
            "message": verdict.message,
            "assuming": list(verdict.assuming),
        }
        for one in expected["about"]
        for verdict in [verdicts[one["of"], one["scenario"]]]
    ]
    assert about == expected["about"]
    assert [problem.message for problem in run.problems] == expected["problems"]


def test_every_template_has_its_expectation() -> None:
    """No template lies here that nothing is expected of."""
    told = (".expected.json", ".parameters.json", ".externals.json")
    templates = {
        path.relative_to(HERE)
        for path in (*HERE.glob("*/*.yaml"), *HERE.glob("*/*.json"))
        if not path.name.endswith(told) and path.parent.name != "peers"
    }
    expected_of = {input_of(f"{HERE / case}").relative_to(HERE) for case in CASES}
    assert templates == {path for path in expected_of if path.suffix}
    assert len(CASES) == 70


def _of(template: str | None, resource: str | None, judged_path: Path) -> str:
    """Return how an expectation names what a verdict is about: its resource, behind its file in an assembly."""
    name = resource or "-"
    return name if judged_path.suffix else f"{Path(template or '').name} {name}"
