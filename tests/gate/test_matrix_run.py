"""The `gate` command on a matrix: the verdict that is told, with the smallest context that shows each finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gate import matrix, matrix_run
from gate.document import schema
from gate.matrix import Judged
from gate.minimise import Seen
from stack.contexts import Context

BROKEN = "table-key-schema/partition-key-defined"
LEAST = Context("least", {"least": "keys"}, "111122223333", "eu-central-1")


@pytest.fixture
def run(judged: Mapping[str, Judged], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs the command on a matrix of some of the shared contexts, already synthesised."""

    def served(contexts: Sequence[Context], _: object) -> Iterator[Judged]:
        return (judged[context.name] for context in contexts)

    def reduced(findings: Sequence[Seen]) -> list[Context]:
        return [LEAST if len(verdicts) == 1 else replace(context, values={}) for context, verdicts in findings]

    def run(*names: str, form: str = "text", output: Path | None = None) -> int:
        monkeypatch.setattr(matrix_run, "matrix", lambda _: (judged[name].context for name in names))
        return matrix_run.main("smoke", form, output, {})

    monkeypatch.setattr(matrix, "judge_contexts", served)
    monkeypatch.setattr(matrix_run, "minimise", reduced)
    return run


def findings(document: str) -> list[dict[str, Any]]:
    """Return the findings of a document, which is as its schema says, each with its verdict in place of the index."""
    told = json.loads(document)
    Draft202012Validator(schema()).validate(told)
    return [{**finding, "verdict": told["verdicts"][finding["verdict"]]} for finding in told["findings"]]


def test_a_finding_comes_with_the_command_that_shows_it(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """The context that it was found in, and the smallest one as a shell line; findings of the matrix have none."""
    assert run("sound", BROKEN) == 2  # few contexts: much applies nowhere
    out, err = capsys.readouterr()
    assert f"\nnon-compliant dynamodb-storage#{BROKEN}\n  the partition key is named pk\n" in out
    assert f"\n  context:  {BROKEN}\n  see it:   {LEAST.command}\n" in out
    assert out.count("see it:") == 1
    assert "could not judge storage-hardening#production-protection/deletion-protection-enabled: vacuous: " in out
    assert err == ""


def test_the_document_holds_the_same(
    run: Callable[..., int], judged: Mapping[str, Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each finding with its smallest context, the command that shows it and the resource that it lies in."""
    assert run("sound", BROKEN, form="json") == 2
    out, err = capsys.readouterr()
    broken, *of_matrix = findings(out)
    template = judged[BROKEN].template
    assert template is not None
    (table,) = template.tables
    verdict = broken.pop("verdict")
    assert (verdict["scenario"], verdict["context"], verdict["template"]) == (BROKEN, BROKEN, template.name)
    assert broken == {
        "context": {"least": "keys", "account": "111122223333", "region": "eu-central-1"},
        "command": LEAST.command,
        "excerpt": table.body,
        "at": table.path,
    }
    assert [
        (one["verdict"]["context"], one["context"], one["command"], one["excerpt"], one["at"]) for one in of_matrix
    ] == [(None,) * 5] * 2
    assert err == ""


def test_findings_that_come_together_share_their_context(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """One smallest context shows all that a context which did not synthesise fails."""
    assert run("exception", form="json") == 2
    failed = [one for one in findings(capsys.readouterr().out) if one["verdict"]["outcome"] == "error"]
    assert len(failed) == 20
    assert {(json.dumps(one["context"]), one["command"], one["excerpt"]) for one in failed} == {
        ("{}", Context("").command, None)
    }


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_file_beside_the_text(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """The file holds what stdout would; stdout has the text."""
    run("sound", BROKEN, form=form)
    wanted = capsys.readouterr().out
    run("sound", BROKEN)
    text = capsys.readouterr().out
    assert run("sound", BROKEN, form=form, output=tmp_path / "results.json") == 2
    assert (tmp_path / "results.json").read_text(encoding="utf-8") == wanted
    assert capsys.readouterr() == (text, "")


def test_nothing_to_judge(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """An empty matrix fails as one that could not be judged."""
    assert run() == 2
    assert "\ncould not judge all: 0 templates, " in capsys.readouterr().out
