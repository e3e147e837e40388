"""The reports of a gate: each format from one run, as the bundle has it, and what is refused before anything is run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from evidence import junit
from evidence.bundle.statement import statement
from evidence.formats import OF_RECORD, OF_TRACE
from evidence.record import Standing
from evidence.sarif.parts import TEMPLATE_FILE
from gate import matrix_run
from gate.judged import Judged
from gate.matrix import judge_matrix
from gate.reports import Reports, gate_of, tally_of
from gate.run import Run
from policies.reading import InputError
from tests.commands import invoke
from tests.evidence.records import record
from tests.gate.scanned import TABLE, found, gated, scan, source
from tests.gate.scanned import judged as judged_as
from tests.policies.waivers import waiver

ROOT = Path(__file__).parents[2]
ENCRYPTION = "dynamodb-storage#table-encryption/encryption-enabled"
BROKEN = "table-encryption/encryption-enabled"
NAMES = ("sound", BROKEN, "no-recovery", "destroy", "retain-on-update-or-delete", "rightly-refused")


@pytest.fixture
def run(judged: Mapping[str, Judged], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run of the gate with one violation, at the root of the checkout, at a fixed time."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setattr("gate.matrix.judge_contexts", lambda contexts, **_: (judged[one.name] for one in contexts))
    return judge_matrix([judged[name].context for name in NAMES])


def reports(run: Run, folder: Path, *names: str) -> dict[str, bytes]:
    """Return what is written in formats."""
    files = {name: folder / name for name in names}
    Reports(files, "smoke").write(run)
    return {name: file.read_bytes() for name, file in files.items()}


def test_every_format(run: Run, tmp_path: Path) -> None:
    """Each tells the violation, and none of them lets its scenario pass."""
    told = reports(run, tmp_path, *OF_RECORD, *OF_TRACE)
    sarif: Any = json.loads(told["sarif"])
    (result,) = [one for one in sarif["runs"][0]["results"] if one["ruleId"] == ENCRYPTION]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert result["message"]["text"].startswith("non-compliant: the table is encrypted with a key that AWS owns")
    assert (region["startLine"] > 1, region["endColumn"] > region["startColumn"]) == (True, True)
    ctrf: Any = json.loads(told["ctrf"])
    (test,) = [one for one in ctrf["results"]["tests"] if one["name"] == "Encryption enabled"]
    assert (test["status"], test["rawStatus"]) == ("failed", "non-compliant")
    (failure,) = ElementTree.fromstring(told["junit"]).iter("failure")  # noqa: S314 - our own
    assert failure.get("message") == "non-compliant: the table is encrypted with a key that AWS owns"
    statement: Any = json.loads(told["in-toto"])
    assert statement["predicate"]["failedTests"] == [ENCRYPTION]
    assert len(statement["subject"]) == len(run.templates)
    assert b"not-satisfied" in told["oscal"]
    assert b"encryption-enabled" in told["oscal-component"]
    assert b"encryption-enabled" in told["markdown"]
    assert b"encryption-enabled" in told["html"]


def test_the_tally_has_what_was_looked_up(run: Run) -> None:
    """The smallest context and the excerpt that the gate found go with the finding."""
    (finding,) = run.findings()[0]
    finding.minimal, finding.command = {"worthwatch:stage": "prod"}, "npx aws-cdk@2 synth"
    found = tally_of(run).findings()[0]
    assert (found.minimal, found.command) == ({"worthwatch:stage": "prod"}, "npx aws-cdk@2 synth")
    assert (found.excerpt is not None, found.at) == (True, "$.Resources.StorageDynamoTable201FACD8")


def test_what_holds_keeps_no_template(judged: Mapping[str, Judged], run: Run) -> None:
    """Only the bytes of templates with findings are kept."""
    broken = judged[BROKEN].template
    assert broken is not None
    assert list(run.sources) == [broken.name]


def test_a_trace_needs_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows tests and reviews: without them there is none, and that is told before anything is run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    Reports({"sarif": tmp_path / "a"}, "smoke")
    with pytest.raises(InputError) as error:
        Reports({"html": tmp_path / "a"}, "smoke")
    assert str(error.value) == "specs: no such folder; trace runs in a checkout, at its root"


def test_a_time_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report bears a time that is not the clock's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with pytest.raises(InputError) as error:
        Reports({"sarif": tmp_path / "a"}, "smoke")
    assert "SOURCE_DATE_EPOCH" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--sarif", "a", "--junit", "./a"], "a is to be two things at once; name a file for each"),
        (["--format", "json", "--output", "a", "--ctrf", "a"], "a is to be two things at once"),
        (["--sarif", ""], "--sarif: the name is empty; name a file"),
        (["--oscal", "."], ".: a folder; name a file in it"),
    ],
)
def test_wrong_files(arguments: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is refused before anything is synthesised."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(matrix_run, "main", lambda *_: pytest.fail("run"))
    result = invoke(["gate", *arguments])
    assert result.exit_code == 2
    assert problem in " ".join(result.stderr.split())


def test_reports_are_of_the_stack_that_is_written() -> None:
    """The file that SARIF names is the one that `cdk synth` writes."""
    name = TEMPLATE_FILE.removeprefix("cdk.out/").removesuffix(".template.json")
    assert f'STACK_NAME = "{name}"' in (ROOT / "stack" / "storage.py").read_text(encoding="utf-8")


def test_what_fails_the_gate_passes_in_no_report() -> None:
    """What another scanner has found and nothing covers stands, and a waiver that does not serve is a problem."""
    unused = waiver(scanner="one", rule="S", resource=TABLE, fingerprints=["0" * 32])
    run = gated(judged_as(source()), scans=(scan(found(source(), logical="Table")),), waivers=(unused,))
    gate = gate_of(run)
    assert [(problem.where, problem.undecided) for problem in gate.problems] == [
        (f"the waiver of one S on {TABLE}", False)
    ]
    (alert,) = gate.scanned.alerts
    assert (alert.name, alert.contexts, alert.waived, alert.stands) == (f"one R on {TABLE}", (0,), (), True)
    sound = record(Standing.COMPLIANT)
    failed = replace(sound, problems=gate.problems)
    flagged = replace(sound, scanned=gate.scanned)
    assert (sound.exit_code, failed.exit_code, flagged.exit_code) == (0, 1, 1)
    results = [json.loads(statement(one, ()))["predicate"]["result"] for one in (sound, failed, flagged)]
    assert results == ["PASSED", "FAILED", "FAILED"]
    suites = ElementTree.fromstring(junit.render(failed)).iter("testsuite")  # noqa: S314 - our own
    assert sum(int(suite.get("errors", "0")) + int(suite.get("failures", "0")) for suite in suites) == len(
        failed.problems
    )
