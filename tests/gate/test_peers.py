"""The `prove` command with other scanners: what is written for them, and what their reports come to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gate import prove_run
from policies.model import Outcome
from proof.bases import Base
from proof.model import Findings, Seen
from proof.run import Proof
from scanners.canary import CANARY, canary
from tests.commands import invoke
from tests.policies.pairs import RECOVERY
from tests.policies.templates import template

SOURCES = tuple(json.dumps(template() | {"Description": note}).encode() for note in ("sound", "recovery is off"))
DIGESTS = tuple(hashlib.sha256(source).hexdigest() for source in SOURCES)
OUTCOMES = (Outcome.COMPLIANT, Outcome.NON_COMPLIANT)

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command on a proof of one mutant, which the CDK includes or not."""
    base = Base("defaults", f"sha256:{DIGESTS[0]}", template(), {}, {"stage": "prod"}, {}, {})
    seen = [
        Seen("defaults", operator, "$.Resources", source, {RECOVERY: {"Table": frozenset({outcome})}})
        for operator, source, outcome in zip((None, "moves/off"), SOURCES, OUTCOMES, strict=True)
    ]

    def prove(*_: object, seen: bool, **__: object) -> Proof:
        return Proof((base,), (), Findings(mutants=1, seen=mutants if seen else []), ())

    mutants = seen
    monkeypatch.setattr(prove_run, "bases", lambda _: [base])
    monkeypatch.setattr(prove_run, "tasks", lambda *_: [])
    monkeypatch.setattr(prove_run, "prove", prove)
    monkeypatch.setattr(prove_run, "scan_included", lambda _: {DIGESTS[1]: "no such policy\n  at all"})
    monkeypatch.setattr(prove_run, "load_pairs", lambda _: ())
    monkeypatch.setattr(prove_run, "read_answers", lambda: ())
    monkeypatch.setattr(prove_run, "otherwise", lambda *_: ())

    def run(*arguments: str) -> tuple[int, str]:
        result = invoke(["prove", *arguments])
        return result.exit_code, result.output

    return run


def report(*digests: str) -> str:
    """Return the SARIF of a scanner that has found something in templates, and in the canary beside these two."""
    results = [
        {
            "ruleId": "R1",
            "message": {"text": "wrong"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": f"{name}.template.json"}}}],
        }
        for name in (*digests, canary(DIGESTS))
    ]
    driver = {"name": "one", "version": "1.0"}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]})


def test_mutants_are_written(run: Run, tmp_path: Path) -> None:
    """Each template by its digest, the canary beside them, and what the CDK cannot include is told with the reason."""
    code, output = run("--templates", str(tmp_path / "mutants"))
    assert code == 0
    assert output.startswith(
        "1 mutants cannot be included by the CDK, so that its tools do not see them:\n  1: no such policy\n"
    )
    written = {file.name: file.read_bytes() for file in (tmp_path / "mutants" / "part-01" / "templates").iterdir()}
    expected = dict(zip(DIGESTS, SOURCES, strict=True)) | {canary(DIGESTS): CANARY}
    assert written == {f"{name}.template.json": source for name, source in expected.items()}


def test_a_folder_of_something_else(run: Run, tmp_path: Path) -> None:
    """Nothing is removed that the command has not written."""
    (tmp_path / "mine.txt").write_text("mine")
    code, output = run("--templates", str(tmp_path))
    assert (code, (tmp_path / "mine.txt").read_text()) == (2, "mine")
    assert "not of an earlier run, so nothing is removed" in output


def test_what_is_noticed_is_written(run: Run, tmp_path: Path) -> None:
    """Where nothing is left to explain, the page is written, and the text and the document tell the same."""
    (tmp_path / "one.sarif").write_text(report(DIGESTS[1]))
    page, document = tmp_path / "docs" / "peers.md", tmp_path / "proof.json"
    arguments = ["--import", str(tmp_path), "--peers", str(page), "--format", "json", "--output", str(document)]
    code, output = run(*arguments)
    assert code == 0
    assert output.splitlines()[1].split() == ["violated", "mutants", "one"]
    assert output.splitlines()[2].split() == [RECOVERY, "1", "1"]
    assert f"| `{RECOVERY}` | 1 | 1 (100%) |" in page.read_text().splitlines()
    told = json.loads(document.read_text())["witnesses"]
    assert told["scanners"] == [
        {
            "name": "one",
            "version": "1.0",
            "unread": None,
            "read": [{"scenario": RECOVERY, "mutants": 1}],
            "noticed": [{"scenario": RECOVERY, "mutants": 1}],
            "alone": [],
        }
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("no JSON", "could not judge", id="unreadable"),
        pytest.param(report(), "0 other scanners", id="missing"),
    ],
)
def test_nobody_is_heard(run: Run, tmp_path: Path, text: str, told: str) -> None:
    """A report that cannot be read, or that is not there, ends the command with 2, and no page is written."""
    file = tmp_path / "one.sarif"
    file.write_text(text)
    page = tmp_path / "peers.md"
    reports = file if told == "could not judge" else tmp_path / "gone.sarif"
    code, output = run("--import", str(reports), "--peers", str(page))
    assert (code, page.exists()) == (2, False)
    assert told in output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--peers", "peers.md"], "--peers: tells what other scanners have found; give their reports with --import"),
        (["--scenario", "encryption-enabled", "--import", "."], "--scenario: other scanners judge all mutants; "),
        (["--scenario", "encryption-enabled", "--templates", "x"], "--scenario: other scanners judge all mutants; "),
        (["--peers", ""], "--peers: the name is empty; name a file"),
        (["--templates", ""], "--templates: the name is empty; name a folder"),
    ],
)
def test_what_does_not_go_together(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    """It is refused before anything is proved or written."""
    monkeypatch.chdir(tmp_path)
    code, output = run(*arguments)
    assert code == 2
    assert output.startswith(f"error: {told}")
    assert list(tmp_path.iterdir()) == []
