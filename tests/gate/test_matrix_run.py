"""The `gate` command on a matrix: the verdict that is printed, with the smallest context that shows each finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from gate import matrix, matrix_run
from gate.matrix import Judged
from gate.minimise import Finding
from stack.contexts import Context

BROKEN = "table-key-schema/partition-key-defined"


@pytest.fixture
def run(judged: Mapping[str, Judged], monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return a function that runs the command on a matrix of some of the shared contexts, already synthesised."""

    def served(contexts: Sequence[Context], _: object) -> Iterator[Judged]:
        return (judged[context.name] for context in contexts)

    def reduced(findings: Sequence[Finding]) -> list[Context]:
        return [replace(context, values={"least": verdict.scenario}) for context, verdict in findings]

    def run(*names: str, as_json: bool = False) -> int:
        monkeypatch.setattr(matrix_run, "matrix", lambda _: (judged[name].context for name in names))
        return matrix_run.main("smoke", as_json=as_json)

    monkeypatch.setattr(matrix, "judge_contexts", served)
    monkeypatch.setattr(matrix_run, "minimise", reduced)
    return run


def test_a_finding_comes_with_the_command_that_shows_it(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """The context that it was found in, and the smallest one as a shell line; findings of the matrix have none."""
    assert run("sound", BROKEN) == 2  # few contexts: much applies nowhere
    out, err = capsys.readouterr()
    assert f"\nnon-compliant dynamodb-storage#{BROKEN}\n  the partition key is named pk\n" in out
    assert f"\n  context:  {BROKEN}\n  see it:   npx aws-cdk@2 synth " in out
    assert f"-c least={BROKEN}\n" in out
    assert out.count("see it:") == 1
    assert "could not judge storage-hardening#production-protection/deletion-protection-enabled: vacuous: " in out
    assert err == ""


def test_a_document_needs_no_smallest_context(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """The document has every context by name, so that nothing is synthesised again for it."""
    assert run("sound", BROKEN, as_json=True) == 2
    out, err = capsys.readouterr()
    assert set(json.loads(out)["contexts"]) == {"sound", BROKEN}
    assert err == ""


def test_nothing_to_judge(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """An empty matrix fails as one that could not be judged."""
    assert run() == 2
    assert "\ncould not judge all: 0 templates, " in capsys.readouterr().out
