"""The tool itself: what it changes, what it makes of what the tests then say, and what it takes for explained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import __main__ as command
from tests.mutants import running
from tests.mutants.equivalents import excused
from tests.mutants.making import mutants
from tests.mutants.running import ROOT, Fate, fates

SOURCE = '''\
"""Says something."""

from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from this import that

T = TypeVar("T")
Names = list["that"]
_Things: TypeAlias = dict["that", int]

MOST = 3


@dataclass(frozen=True)
class Few:
    """Few things."""

    @property
    def many(self) -> "bool":
        """Tell whether there are many."""
        if self.all:
            raise ValueError
        return len(self.all) > MOST


@rule(by_default=True)
def each(few: Few) -> Iterator["that"]:
    """Find each."""
    for one in few.all:
        yield one
'''

FATES = """\
import json
from tests.mutants.running import ROOT, fates, seconds

module = ROOT / "policies/replacement_protection.py"
tests = ["tests/policies/test_replacement_protection.py"]
source = module.read_text("utf-8")
sources = {
    "same": source + "\\nELSE = 1\\n",
    "other": source.replace("yield Finding", "Finding"),
    "broken": "import nothing.of.the.kind",
    "endless": source + "\\nwhile True:\\n    pass\\n",
}
assert seconds(module, tests) > 0
print(json.dumps(dict(fates(module, sources, sources.__getitem__, tests, 4))))
"""

FAILS = [sys.executable, "-c", "raise SystemExit(1)"]

ENTRY = """\
[[equivalent]]
module = "policies/table_billing_mode.py"
where = "each"
was = "one"
now = ["two", "three"]
reason = "It is the same to whoever counts, from far away."
"""


def test_changes() -> None:
    """Constants, decorators' arguments and what decorated functions do are changed; what says types is not."""
    assert [(mutant.where, *mutant.change) for mutant in mutants(SOURCE)] == [
        ("", "MOST = 3", "MOST = None"),
        ("", "MOST = 3", "MOST = 4"),
        ("Few.many", "if self.all:", "if True:"),
        ("Few.many", "if self.all:", "if False:"),
        ("Few.many", "raise ValueError", "pass"),
        ("Few.many", "return len(self.all) > MOST", "return None"),
        ("Few.many", "return len(self.all) > MOST", "return len(None) > MOST"),
        ("Few.many", "return len(self.all) > MOST", "return len(self.all) >= MOST"),
        ("each", "@rule(by_default=True)", "@rule(by_default=None)"),
        ("each", "@rule(by_default=True)", "@rule(by_default=False)"),
        ("each", "for one in few.all:", "for one in ():"),
        ("each", "yield one", "pass"),
    ]


def test_fates() -> None:
    """A module that is as it was survives its tests; one that fails, breaks or does not end is noticed."""
    # In a process that has imported nothing of ours, as this one has.
    ended = subprocess.run(  # noqa: S603 -- words of our own
        [sys.executable, "-c", FATES], cwd=ROOT, capture_output=True, check=True
    )
    assert json.loads(ended.stdout) == {
        "same": Fate.SURVIVED,
        "other": Fate.KILLED,
        "broken": Fate.KILLED,
        "endless": Fate.TIMEOUT,
    }


def test_mutants_need_a_process_of_their_own() -> None:
    """Where modules of ours are imported already, a mutant would not be run at all: nothing is said of it."""
    with pytest.raises(RuntimeError, match=r"^policies is imported already: no mutant of it would be run$"):
        list(fates(ROOT / "policies/model.py", ["mutant"], str, [], 1))


def test_tests_have_to_pass(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that fail without any change kill nothing."""
    monkeypatch.setattr(running, "_start", lambda *_: os.posix_spawn(sys.executable, FAILS, os.environ))
    assert command.main(["policies/table_billing_mode.py"]) == 2
    tests = "tests/policies/test_table_billing_mode.py"
    assert capsys.readouterr() == (
        "",
        f"{tests} must pass before anything is changed; run `tox run -e tests -- {tests}`\n",
    )


def test_explained(tmp_path: Path) -> None:
    """An entry excuses changes of its module alone."""
    file = tmp_path / "equivalents.toml"
    file.write_text(ENTRY, "utf-8")
    assert excused("policies/table_billing_mode.py", file) == {("each", "one", "two"), ("each", "one", "three")}
    assert excused("policies/model.py", file) == frozenset()


def test_explanations_are_complete(tmp_path: Path) -> None:
    """An entry without a reason, or with a word that nobody knows, is refused."""
    file = tmp_path / "equivalents.toml"
    file.write_text(ENTRY.replace("reason", "because"), "utf-8")
    with pytest.raises(ValueError, match=r"(?s)reason\n  Field required.*because\n  Extra inputs are not permitted"):
        excused("policies/table_billing_mode.py", file)


@pytest.mark.parametrize(
    ("explained", "code", "told"),
    [
        (["few = 2"], 0, []),
        ([], 1, ["few = 2"]),
        (["few = 2", "few = None"], 1, ["few = None"]),
    ],
)
def test_report(
    explained: list[str],
    code: int,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of two mutants of which one survives, the score counts it, unless it is explained; a needless reason fails."""
    source = "def few():\n    few = 1\n"
    made = mutants(source)
    monkeypatch.setattr(command, "mutants", lambda _: made)
    monkeypatch.setattr(command, "seconds", lambda *_: 0.1)
    monkeypatch.setattr(command, "excused", lambda _: frozenset(("few", "few = 1", now) for now in explained))
    monkeypatch.setattr(command, "fates", lambda *_: iter([(made[0], Fate.KILLED), (made[1], Fate.SURVIVED)]))
    assert command.main(["policies/table_billing_mode.py"]) == code
    out = capsys.readouterr().out.splitlines()
    counts = ["2", "1", "0", "1", "0", "100.0"] if explained else ["2", "1", "0", "0", "1", "50.0"]
    assert out[-1].split() == ["policies/table_billing_mode.py", *counts]
    assert [line[4:] for line in out if line.startswith("  + ")] == told


def test_unknown_modules_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is no module's is told, and nothing is judged."""
    assert command.main(["policies/nothing.py"]) == 2
    assert capsys.readouterr() == (
        "",
        "policies/nothing.py is no module of ours: name it as policies/table_encryption.py\n",
    )
