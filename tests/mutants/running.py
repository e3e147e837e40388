"""Tests run against one mutant after another, each in a process of its own.

The process is forked from one that has imported pytest and what others made, and nothing of ours: whatever a module
does when it is imported, and whatever it keeps from one call to the next, the mutant does and keeps.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeVar

import hypothesis
import pytest

T = TypeVar("T")

ROOT = Path(__file__).parents[2]

_BY_OTHERS = ("_hypothesis_pytestplugin", "allpairspy", "pydantic.main", "re2", "rich.console", "yaml")
"""What of others' takes long to import: once for all mutants."""

_MOST_MEMORY = 4 * 2**30
"""For a mutant that collects without end."""

# What kills a mutant once kills it always, and whatever was found of one is no example for the next.
hypothesis.settings.register_profile(
    "mutants",
    deadline=None,
    database=None,
    derandomize=True,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    suppress_health_check=tuple(hypothesis.HealthCheck),
)

_PYTEST = (
    *("--disable-plugin-autoload", "-p", "_hypothesis_pytestplugin"),
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "--hypothesis-profile", "mutants"),
    *("-k", "not openspec"),  # those start OpenSpec's own validator, and compare it with us
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of hypothesis, whose asserts are none of our tests'
)


class Fate(StrEnum):
    """What came of a mutant."""

    KILLED = "killed"
    """A test failed, or could not even be collected."""
    TIMEOUT = "timeout"
    """The tests took many times what they take without the change."""
    SURVIVED = "survived"


class _Source(SourceFileLoader):
    """Loads a module from another source than its file's."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.get_filename(fullname), "exec", dont_inherit=True)


class _Instead(MetaPathFinder):
    """Finds one module of ours, with another source."""

    def __init__(self, file: Path, source: str) -> None:
        self._file = file
        self._name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        self._source = source

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._file, loader=_Source(fullname, str(self._file), self._source))


def import_others() -> None:
    """Import what all mutants need of others."""
    for name in _BY_OTHERS:
        import_module(name)


def seconds(file: Path, tests: Sequence[str]) -> float:
    """Return the processor time that the tests take without any change of the module, or raise `ValueError`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, status = os.waitpid(_start(file, file.read_text("utf-8"), tests, None), 0)
    if status:
        message = f"{' '.join(tests)} must pass before anything is changed; run `tox run -e tests -- {' '.join(tests)}`"
        raise ValueError(message)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def fates(
    file: Path, mutants: Iterable[T], source: Callable[[T], str], tests: Sequence[str], limit: int
) -> Iterator[tuple[T, Fate]]:
    """Run the tests against each mutant of a module, as many at once as there are cores; `limit` is in seconds each."""
    running: dict[int, T] = {}
    for mutant in mutants:
        if len(running) == (os.cpu_count() or 1):
            yield _ended(running)
        running[_start(file, source(mutant), tests, limit)] = mutant
    while running:
        yield _ended(running)


def _ended(running: dict[int, T]) -> tuple[T, Fate]:
    pid, status = os.wait()
    match os.waitstatus_to_exitcode(status):
        case 0:
            fate = Fate.SURVIVED
        case code if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            fate = Fate.TIMEOUT
        case _:
            fate = Fate.KILLED
    return running.pop(pid), fate


def _start(file: Path, source: str, tests: Sequence[str], limit: int | None) -> int:
    """Return the id of a process that runs the tests and ends with pytest's exit code."""
    if file.parent.name in sys.modules:
        message = f"{file.parent.name} is imported already: no mutant of it would be run"
        raise RuntimeError(message)
    if pid := os.fork():
        return pid
    try:
        os.chdir(ROOT)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        if limit:
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        sys.meta_path.insert(0, _Instead(file, source))
        os._exit(pytest.main([*_PYTEST, *tests]))
    finally:
        os._exit(1)  # where the change brings pytest itself down
