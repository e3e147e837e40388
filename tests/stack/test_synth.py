"""Synthesis in workers: faithful to the CLI, complete, in order, and leaving nothing behind."""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stack import workers
from stack.contexts import Context, matrix
from stack.settings import Problem
from stack.synth import Synthesis, synthesise, synthesiser

if TYPE_CHECKING:
    from stack.storage import StorageStack

ROOT = Path(__file__).parents[2]
CLI = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:version-reporting": True,
    "aws:cdk:bundling-stacks": ["**"],
    "@aws-cdk/core:failSynthOnValidationErrors": False,
}


SMOKE = tuple(matrix("smoke"))
AS_BY_CLI = ("defaults", "staging-vpc-cn", "prod-vpc-minimizePolicies-off-eu", "prod-vpc-newStyleStackSynthesis-off")
REFUSED = Context("refused", {"worthwatch:stage": "live"}, refused=frozenset({"worthwatch:stage"}))
LIMITED = Context("limited", {"@aws-cdk/core:stackResourceLimit": 2})


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever happens, the temporary and the working directory and both outputs stay empty."""
    temporary, working = tmp_path / "tmp", tmp_path / "cwd"
    temporary.mkdir()
    working.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(working)
    yield
    assert list(temporary.iterdir()) == list(working.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def syntheses(nothing_left: None) -> tuple[Synthesis, ...]:
    """Return what came of all contexts that need no customisation, once looked at for what it leaves behind."""
    return synthesised()


@cache
def synthesised() -> tuple[Synthesis, ...]:
    """Synthesise them once: to start a worker takes longer than a dozen contexts."""
    return tuple(synthesise(iter(contexts()), workers=2))


def contexts() -> list[Context]:
    """Return the smoke matrix, and what else is looked at here."""
    return [*SMOKE, *(one for one in matrix("full") if one.name in AS_BY_CLI and one not in SMOKE), REFUSED, LIMITED]


def by_cli(context: Context, outdir: Path) -> bytes:
    """Synthesise as the CLI does: the app in a process of its own, all context in one variable."""
    cdk_json = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    env = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps({**cdk_json, **CLI, **context.values}),
        "CDK_OUTDIR": str(outdir),
        **({"CDK_DEFAULT_ACCOUNT": context.account} if context.account else {}),
        **({"CDK_DEFAULT_REGION": context.region} if context.region else {}),
    }
    command = [sys.executable, "-m", "stack.app"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)  # noqa: S603 (ourselves)
    return (outdir / "WorthWatchStorage.template.json").read_bytes()


@pytest.mark.parametrize("name", AS_BY_CLI)
def test_templates_are_those_of_the_cli(syntheses: Sequence[Synthesis], tmp_path: Path, name: str) -> None:
    """Byte for byte, with the flags of cdk.json, in any environment."""
    (synthesis,) = (one for one in syntheses if one.context.name == name)
    assert synthesis.template == by_cli(synthesis.context, tmp_path / name)


def test_in_order(syntheses: Sequence[Synthesis]) -> None:
    """Each context comes back once, in its place, as a template or as the refusal that it expects."""
    assert [result.context for result in syntheses] == contexts()
    assert [result.context for result in syntheses if result.failure is not None] == [LIMITED]
    for result in syntheses[:-1]:
        assert (result.template is None) == bool(result.context.refused)
        assert {problem.key for problem in result.refused or ()} == result.context.refused


def test_a_refusal_is_told_whole(syntheses: Sequence[Synthesis]) -> None:
    """A refused context carries its problems and the message for the user."""
    assert [result for result in syntheses if result.context == REFUSED] == [
        Synthesis(
            REFUSED,
            refused=(Problem("worthwatch:stage", '"live"', "dev or staging or prod"),),
            message="The context is refused: 1 problem. Nothing was synthesised.\n"
            '  worthwatch:stage: found "live"; allowed: dev or staging or prod\n'
            "Correct them where they are set: -c KEY=VALUE, cdk.json, cdk.context.json or ~/.cdk.json.",
        )
    ]


def test_every_resource_has_its_construct_path(syntheses: Sequence[Synthesis]) -> None:
    """The one that the CDK writes into its metadata, where that is on; of a resource of no class of its own, too."""
    told = 0
    for synthesis in syntheses:
        if synthesis.template is None:
            continue
        resources = json.loads(synthesis.template)["Resources"]
        paths, constructs = dict(synthesis.paths or {}), synthesis.constructs or {}
        assert paths.keys() == constructs.keys() == resources.keys()
        assert len(set(paths.values())) == len(paths)
        written = {name: one["Metadata"]["aws:cdk:path"] for name, one in resources.items() if "Metadata" in one}
        assert {name: paths[name] for name in written} == written
        told += len(written)
        handlers = [path for name, path in paths.items() if name.startswith("CustomVpcRestrictDefaultSG")]
        provider = "WorthWatchStorage/Custom::VpcRestrictDefaultSGCustomResourceProvider"
        assert sorted(handlers) == ([f"{provider}/Handler", f"{provider}/Role"] if handlers else [])
        lineages = {constructs[name][-2:] for name in paths if paths[name].startswith(provider)}
        version = constructs[next(iter(paths))][0].partition("@")[2]
        base, resource = f"aws-cdk-lib.CustomResourceProviderBase@{version}", f"aws-cdk-lib.CfnResource@{version}"
        assert lineages == ({(base, resource)} if handlers else set())
    assert told > len(SMOKE)


def test_no_context_is_no_work() -> None:
    """An empty matrix starts nothing and gives nothing."""
    assert list(synthesise([])) == []


def misbehave(stack: "StorageStack") -> None:
    """Break the stack in the way that its table's name asks for."""
    match stack.settings.table_name:
        case "raises":
            raise ValueError("broken on purpose")
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exits":
            raise SystemExit(3)
        case "noisy":
            print("noise")
        case "mute":
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)
        case _:
            stack.template_options.description = "customised"


def test_what_goes_wrong_is_an_error_of_its_context() -> None:
    """An exception, a process that dies and a Node.js that dies each cost one context, and no other."""
    names = ("fine", "raises", "dies", "exits", "noisy", "mute", "again")
    contexts = [Context(name, {"worthwatch:tableName": name}) for name in names]
    results = {r.context.name: r for r in synthesise(contexts, workers=1, customise=misbehave)}
    ended = "the process that synthesised it ended before it was done, "
    assert {name: result.failure for name, result in results.items()} == {
        "fine": None,
        "raises": "ValueError: broken on purpose",
        "dies": f"{ended}killed by signal 9; if that is 9, by want of memory: use fewer workers",
        "exits": f"{ended}with exit code 3",
        "noisy": None,
        "mute": f"{ended}with exit code 1",
        "again": None,
    }
    assert [name for name, result in results.items() if result.template is None] == [
        "raises",
        "dies",
        "exits",
        "mute",
    ]
    assert results["again"].template is not None
    assert json.loads(results["again"].template)["Description"] == "customised"


def test_a_stack_that_the_cdk_refuses_is_a_failure(syntheses: Sequence[Synthesis]) -> None:
    """What the CDK raises reaches the reader in its words."""
    (result,) = (one for one in syntheses if one.context == LIMITED)
    assert result.failure is not None
    assert "Number of resources in stack 'WorthWatchStorage'" in result.failure
    assert "is greater than allowed maximum of 2" in result.failure


def tell_process(stack: "StorageStack") -> None:
    """Describe the stack by the process that synthesises it."""
    stack.template_options.description = str(os.getpid())


def test_workers_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded because each worker ends after its share; nobody notices."""
    monkeypatch.setattr(workers, "APPS_PER_WORKER", 2)
    contexts = [Context(str(n), {"worthwatch:tableName": f"table-{n}"}) for n in range(4)]
    results = list(synthesise(contexts, workers=1, customise=tell_process))
    assert [result.context.name for result in results] == ["0", "1", "2", "3"]
    first, second, third, fourth = (json.loads(result.template or b"{}")["Description"] for result in results)
    assert (first == second, second == third, third == fourth) == (True, False, True)


def test_a_context_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, with the process and the Node.js that were at it."""
    monkeypatch.setattr(workers, "PATIENCE", 0.01)
    (result,) = synthesise([Context("slow")], workers=1)
    assert result == Synthesis(Context("slow"), failure="was not done after 0.01 seconds")


def test_contexts_are_taken_as_they_are_needed() -> None:
    """An endless matrix can be begun, and left."""
    taken = itertools.count()
    endless = (Context(str(n), {"worthwatch:tableName": f"table-{n}"}) for n in taken)
    results = synthesise(endless, workers=1)
    assert next(results).template is not None
    results.close()  # type: ignore[attr-defined]
    assert next(taken) < 10


def test_one_context_after_another(nothing_left: None) -> None:
    """What is asked for one by one, when the last one is known, is what comes of them together, from one process."""
    with synthesiser() as ask:
        asked = [ask(context) for context in (SMOKE[0], REFUSED)]
    assert asked == list(synthesise([SMOKE[0], REFUSED], workers=1))
