"""Mutants of the rules, each of which a test has to kill: `python -m tests.mutants [policies/MODULE.py ...]`.

Which tests concern a module: the file of the same name in tests/policies, or those that `[tool.mutants]` of
pyproject.toml names. Exit codes: 0 each mutant was killed or is explained, 1 one was not, or is explained without need,
2 the tests do not pass without any change, or there is no such module.
"""

from __future__ import annotations

import gc
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.equivalents import Change, excused
from tests.mutants.making import Mutant, mutants
from tests.mutants.running import ROOT, Fate, fates, import_others, seconds

_TIMES = 5
"""How many times as long as without a change the tests may take, and as many seconds more."""


@dataclass(frozen=True)
class Tally:
    """What came of the mutants of a module: how many there were, and how many of them ended how."""

    module: str
    mutants: int
    killed: int
    timeout: int
    explained: int
    survivors: tuple[Change, ...]
    needless: tuple[Change, ...]

    @property
    def score(self) -> float:
        """How many of a hundred that can be killed were."""
        killable = self.mutants - self.explained
        return 100 * (self.killed + self.timeout) / killable if killable else 100.0

    @property
    def holds(self) -> bool:
        """Whether none survived but those that are explained, and all of these."""
        return not self.survivors and not self.needless


def judge(module: str) -> Tally:
    """Run the tests of a module, as `policies/name.py`, against each of its mutants. Raises `ValueError`."""
    file = ROOT / module
    if not file.is_file() or file.parent != ROOT / "policies":
        message = f"{module} is no module of ours: name it as policies/table_encryption.py"
        raise ValueError(message)
    explained = excused(module)
    made = mutants(file.read_text("utf-8"))
    if not made:
        return Tally(module, 0, 0, 0, 0, (), tuple(sorted(explained)))
    tests = tests_of(module)
    limit = int(_TIMES * (seconds(file, tests) + 1))
    ended = list(fates(file, made, lambda mutant: mutant.source, tests, limit))
    survivors = [_change(mutant) for mutant, fate in ended if fate is Fate.SURVIVED]
    return Tally(
        module,
        len(made),
        sum(fate is Fate.KILLED for _, fate in ended),
        sum(fate is Fate.TIMEOUT for _, fate in ended),
        sum(change in explained for change in survivors),
        tuple(sorted(change for change in survivors if change not in explained)),
        tuple(sorted(explained - set(survivors))),
    )


def tests_of(module: str) -> list[str]:
    """Return the files of tests that concern a module."""
    named: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"][
        "tests"
    ]
    own = f"test_{Path(module).name}"
    tests = [f"tests/policies/{name}" for name in named.get(module, [own])]
    if missing := [test for test in tests if not (ROOT / test).is_file()]:
        message = f"{module} has no tests {', '.join(missing)}: name some in [tool.mutants.tests] of pyproject.toml"
        raise ValueError(message)
    return tests


def _change(mutant: Mutant) -> Change:
    return (mutant.where, *mutant.change)


def main(arguments: Sequence[str]) -> int:
    """Judge the modules that are named, or all, and tell of each; return the exit code."""
    modules = list(arguments) or sorted(f"policies/{file.name}" for file in (ROOT / "policies").glob("*.py"))
    import_others()
    gc.freeze()  # what all mutants share stays shared
    tallies = []
    for module in modules:
        try:
            tally = judge(module)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        tallies.append(tally)
        for title, changes in (("survived", tally.survivors), ("explained without need", tally.needless)):
            for where, was, now in changes:
                print(f"{title}: {module} {where}", *_signed("-", was), *_signed("+", now), sep="\n", flush=True)
    print(f"{'module':40} mutants  killed  timeout  explained  survived  score")
    for tally in tallies:
        print(
            f"{tally.module:40} {tally.mutants:7} {tally.killed:7} {tally.timeout:8} {tally.explained:10} "
            f"{len(tally.survivors):9} {tally.score:6.1f}"
        )
    return 0 if all(tally.holds for tally in tallies) else 1


def _signed(sign: str, lines: str) -> list[str]:
    return [f"  {sign} {line}" for line in lines.splitlines()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
