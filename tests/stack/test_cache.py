"""The cache of templates: whatever a template depends on is part of the key, and what is not whole is a miss."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from stack import cache, node
from stack.cache import Cache, default_folder, environment_digest
from stack.contexts import Context
from stack.settings import Problem
from stack.synth import Synthesis

PLAIN = Context("plain", {"worthwatch:stage": "dev"})
OTHER = Context("other", {"worthwatch:stage": "prod"}, "111122223333", "eu-west-1")
WRONG = Context("wrong", {"worthwatch:stage": 5}, refused=frozenset({"worthwatch:stage"}))
DONE = {
    "plain": Synthesis(
        PLAIN,
        settings={"stage": "dev", "capacity": 5},
        template='{"a": "ü"}\r\n'.encode(),
        constructs={"Table": ("aws-cdk-lib.App@2", "aws-cdk-lib.CfnTable@2")},
        paths={"Table": "Stack/Table"},
    ),
    "other": Synthesis(OTHER, settings={}, template=b"{}", constructs={}, paths={}),
    "wrong": Synthesis(WRONG, refused=(Problem("worthwatch:stage", "5", "a stage"),), message="refused"),
}


class Stack:
    """Synthesises nothing but what was done before, and counts it."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.failing = False

    def __call__(self, contexts: Iterable[Context], *, workers: int | None = None) -> Iterator[Synthesis]:
        """Give what was done before of each."""
        assert workers in {None, 1}
        for context in contexts:
            self.made.append(context.name)
            yield Synthesis(context, failure="it broke") if self.failing else DONE[context.name]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Return what stands for the CDK."""
    made = Stack()
    monkeypatch.setattr(cache, "synthesise", made)
    return made


def run(folder: Path, *contexts: Context) -> tuple[list[Synthesis], int]:
    """Return what comes of contexts, and how many of them came from the cache."""
    with Cache(folder) as kept:
        return list(kept.synthesise(contexts)), kept.hits


def entries(folder: Path) -> list[Path]:
    """Return the files of all entries."""
    return sorted(folder.rglob("*.*")) if folder.exists() else []


def test_the_same_again(tmp_path: Path, stack: Stack) -> None:
    """What was synthesised once is not again: the same bytes, settings and refusals, in order, for another name too."""
    first = run(tmp_path, PLAIN, WRONG, OTHER)
    renamed = Context("renamed", PLAIN.values)
    again = run(tmp_path, OTHER, renamed, WRONG)
    assert first == ([DONE["plain"], DONE["wrong"], DONE["other"]], 0)
    assert [one.context for one in again[0]] == [OTHER, renamed, WRONG]
    assert again[0][0] == DONE["other"]
    assert again[0][1].template == DONE["plain"].template
    assert again[0][1].constructs == DONE["plain"].constructs
    assert again[0][2] == DONE["wrong"]
    assert (again[1], stack.made) == (3, ["plain", "wrong", "other"])


def test_some_are_new(tmp_path: Path, stack: Stack) -> None:
    """What is new is synthesised between what is not, and all come in their order."""
    run(tmp_path, PLAIN)
    assert run(tmp_path, WRONG, PLAIN, OTHER) == ([DONE["wrong"], DONE["plain"], DONE["other"]], 1)
    assert stack.made == ["plain", "wrong", "other"]


@pytest.mark.parametrize(
    "context",
    [
        Context("plain", {"worthwatch:stage": "prod"}),
        Context("plain", {"worthwatch:stage": "dev", "a": 1}),
        Context("plain", {"worthwatch:stage": "dev"}, "111122223333", None),
        Context("plain", {"worthwatch:stage": "dev"}, None, "eu-west-1"),
    ],
)
def test_another_context(context: Context, tmp_path: Path, stack: Stack) -> None:
    """Whatever of a context the app sees is another entry."""
    run(tmp_path, PLAIN)
    assert run(tmp_path, context)[1] == 0
    assert len(stack.made) == 2


def _set(name: str, value: object) -> Callable[[pytest.MonkeyPatch, Path], None]:
    return lambda patch, _: patch.setattr(name, value)


def _changed_source(patch: pytest.MonkeyPatch, folder: Path) -> None:
    package = folder / "stack"
    shutil.copytree(Path(cache.__file__).parent, package)
    patch.setattr(cache, "__file__", str(package / "cache.py"))
    before = environment_digest()
    (package / "handler/index.py").write_text("pass", encoding="utf-8")
    assert environment_digest() != before


def _new_source(patch: pytest.MonkeyPatch, folder: Path) -> None:
    package = folder / "stack"
    shutil.copytree(Path(cache.__file__).parent, package)
    (package / "data.txt").write_text("", encoding="utf-8")
    patch.setattr(cache, "__file__", str(package / "cache.py"))


def _other_settings(patch: pytest.MonkeyPatch, folder: Path) -> None:
    file = folder / "cdk.json"
    file.write_text("{}", encoding="utf-8")
    patch.setattr(cache, "cdk_json", lambda: file)


def _other_package(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "site/aws_cdk_lib-9.0.0.dist-info").mkdir(parents=True)
    patch.setattr(sys, "path", [*sys.path, str(folder / "site")])


def _other_node(patch: pytest.MonkeyPatch, folder: Path) -> None:
    program = folder / "node"
    program.write_text("#!/bin/sh\necho v22.9.9\n", encoding="utf-8")
    program.chmod(0o755)
    patch.setenv("JSII_NODE", str(program))


@pytest.mark.parametrize(
    "change",
    [
        _changed_source,
        _new_source,
        _other_settings,
        _other_package,
        _other_node,
        _set("stack.cache.node_version", lambda _: "24.99.0"),
        _set("platform.python_version", lambda: "3.99.0"),
        _set("platform.machine", lambda: "abacus"),
        lambda patch, _: patch.setenv("CDK_ANYTHING", "1"),
        lambda patch, _: patch.setenv("NODE_OPTIONS", "--require ./a.js"),
        _set("stack.cache._VERSION", "templates-2"),
    ],
    ids=[
        "a byte of the handler",
        "another file of the stack",
        "cdk.json",
        "a package",
        "another Node.js",
        "its version",
        "Python",
        "the machine",
        "a variable of the CDK",
        "a variable of Node.js",
        "the form of entries",
    ],
)
def test_each_part_of_the_key(
    change: Callable[[pytest.MonkeyPatch, Path], None],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Touch any part of what a template depends on, and what was kept is not used."""
    run(tmp_path, PLAIN)
    assert run(tmp_path, PLAIN)[1] == 1
    change(monkeypatch, tmp_path_factory.mktemp("changed"))
    assert run(tmp_path, PLAIN)[1] == 0
    assert stack.made == ["plain", "plain"]


def test_what_does_not_matter(tmp_path: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte code, and variables that nobody reads, are no part of it."""
    run(tmp_path, PLAIN)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    assert run(tmp_path, PLAIN)[1] == 1
    assert stack.made == ["plain"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(file.read_bytes().replace(b"dev", b"prd")),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"\xff\n{}"),
        lambda file: file.unlink(),
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["truncated", "changed", "empty", "no text", "removed", "a folder"],
)
def test_an_entry_that_is_not_whole(spoil: Callable[[Path], object], tmp_path: Path, stack: Stack) -> None:
    """It is a miss, and is made again."""
    run(tmp_path, PLAIN)
    (file,) = entries(tmp_path)
    spoil(file)
    assert run(tmp_path, PLAIN) == ([DONE["plain"]], 0)
    assert stack.made == ["plain", "plain"]


def test_an_entry_that_goes_meanwhile(tmp_path: Path, stack: Stack) -> None:
    """What another run removes between the first look and the second is synthesised."""
    run(tmp_path, PLAIN, OTHER)
    with Cache(tmp_path) as kept:
        syntheses = kept.synthesise([PLAIN, OTHER])
        assert next(syntheses) == DONE["plain"]
        for file in entries(tmp_path):
            file.unlink()
        assert (next(syntheses), kept.hits) == (DONE["other"], 1)
    assert stack.made == ["plain", "other", "other"]
    assert run(tmp_path, OTHER)[1] == 1


def test_failures_are_not_kept(tmp_path: Path, stack: Stack) -> None:
    """What failed may succeed another time."""
    stack.failing = True
    assert run(tmp_path, PLAIN)[0][0].failure == "it broke"
    assert entries(tmp_path) == []


def test_sources_that_change_meanwhile(tmp_path: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made while the sources changed is of nobody knows which of them: it is not kept."""
    with Cache(tmp_path) as kept:
        list(kept.synthesise([PLAIN]))
        monkeypatch.setenv("CDK_ANYTHING", "1")
    monkeypatch.delenv("CDK_ANYTHING")
    assert (entries(tmp_path), run(tmp_path, PLAIN)[1]) == ([], 0)
    assert stack.made == ["plain", "plain"]


def test_a_run_that_ends_early(tmp_path: Path, stack: Stack) -> None:
    """One that is interrupted keeps nothing, and leaves nothing."""

    def interrupted() -> None:
        with Cache(tmp_path) as kept:
            list(kept.synthesise([PLAIN]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert entries(tmp_path) == []
    assert stack.made == ["plain"]


def test_a_folder_that_is_none(tmp_path: Path, stack: Stack) -> None:
    """Where nothing can be kept, all is synthesised."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    for _ in range(2):
        assert run(tmp_path / "file", PLAIN) == ([DONE["plain"]], 0)
    assert stack.made == ["plain", "plain"]


def test_few_environments_are_kept(tmp_path: Path, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many environments those that were used last stay."""
    folders: set[Path] = set()
    for number in range(6):
        monkeypatch.setenv("CDK_ANYTHING", str(number))
        run(tmp_path, PLAIN)
        (folder,) = {file.parent for file in entries(tmp_path)} - folders
        os.utime(folder, (number, number))
        folders.add(folder)
    assert len(entries(tmp_path)) == 4
    assert run(tmp_path, PLAIN)[1] == 1
    assert len(stack.made) == 6


def test_private(tmp_path: Path, stack: Stack) -> None:
    """Nobody else reads or writes what is kept."""
    run(tmp_path, PLAIN)
    (file,) = entries(tmp_path)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert stack.made


def test_where() -> None:
    """It is where programs keep what they can make again."""
    name = "worthwatch-storage-compliance"
    assert default_folder({"XDG_CACHE_HOME": "/cache", "HOME": "/home"}) == Path("/cache", name)
    assert default_folder({"HOME": "/home"}) == Path("/home/.cache", name)


def test_the_bundled_node_is_the_same_named_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """To name the Node.js that is used anyway changes nothing."""
    monkeypatch.delenv("JSII_NODE", raising=False)
    assert node.node_version({}) == node.node_version({"JSII_NODE": ""})
