"""The pytest plugin: what it writes of a session, and that it writes nothing of one that did not run to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evidence.basis import basis, digest_of_tests
from evidence.pytest_results import SCHEMA_ID

ROOT = Path(__file__).parents[2]
NONE = {"passed": 0, "failed": 0, "skipped": 0, "error": 0}


def session(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin in a process of its own, in this folder."""
    command = [sys.executable, "-m", "pytest", "-p", "evidence.pytest_results", "-p", "no:cacheprovider", *arguments]
    only = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}  # so that it starts quickly
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **only}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 -- ours


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a configuration of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    Path("pytest.ini").write_text("[pytest]\nmarkers = scenario\n", encoding="utf-8")
    return tmp_path


def write(text: str, name: str = "test_it.py") -> None:
    """Write a module of tests."""
    file = Path("tests", name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"import pytest\n\n\n{text}", encoding="utf-8")


def told() -> list[dict[str, Any]]:
    """Return the tests of the document."""
    tests: list[dict[str, Any]] = json.loads(Path("results.json").read_text(encoding="utf-8"))["tests"]
    return tests


def cases() -> dict[str, dict[str, int]]:
    """Return the cases of each test, those that there are, by the name of its function."""
    return {
        test["id"].rpartition("::")[2]: {outcome: count for outcome, count in test["cases"].items() if count}
        for test in told()
    }


EVERY_END = """
@pytest.fixture
def before():
    raise ValueError


@pytest.fixture
def after():
    yield
    raise ValueError


pytestmark = pytest.mark.scenario("a#b/c")


def test_passed(): pass
def test_failed(): assert False
def test_skipped(): pytest.skip()
@pytest.mark.skip
def test_not_even_begun(): pass
@pytest.mark.xfail
def test_expected_to_fail(): assert False
def test_error_before(before): pass
def test_error_after(after): pass
def test_failed_and_error_after(after): assert False
def test_skipped_and_error_after(after): pytest.skip()
"""


def test_how_a_test_can_end() -> None:
    """Each case counts once, by the worst that came of it."""
    write(EVERY_END)
    assert session("--scenario-results", "results.json").returncode == 1
    assert cases() == {
        "test_passed": {"passed": 1},
        "test_failed": {"failed": 1},
        "test_skipped": {"skipped": 1},
        "test_not_even_begun": {"skipped": 1},
        "test_expected_to_fail": {"skipped": 1},
        "test_error_before": {"error": 1},
        "test_error_after": {"error": 1},
        "test_failed_and_error_after": {"failed": 1},
        "test_skipped_and_error_after": {"error": 1},
    }


SHAPES = """
@pytest.mark.scenario("a#b/d")
@pytest.mark.scenario("a#b/c")
@pytest.mark.parametrize(
    "number",
    [1, 2, pytest.param(3, marks=pytest.mark.scenario("a#b/e"), id="[3]::x")],
)
def test_cases(number):
    assert number != 2


def test_of_no_scenario():
    pass


class TestClass:
    @pytest.mark.scenario("a#b/c")
    def test_method(self): pass


@pytest.mark.scenario("a#b/c")
def test_bare(): pass
"""


def test_the_whole_document(folder: Path) -> None:
    """By test, whatever its parameters: its file, the line of its def, its scenarios and what came of its cases.

    Cases of one test that are marked with other scenarios stand apart.
    """
    write(SHAPES, "test_shapes.py")
    write('pytestmark = pytest.mark.scenario("a#b/c")\n\n\ndef test_first(): pass\n', "test_first.py")
    file = folder / "deeper" / "results.json"
    result = session("--scenario-results", str(file), "tests/test_shapes.py", "tests/test_first.py")
    assert (result.returncode, "scenario results" in result.stdout) == (1, False)
    shapes = {"path": "tests/test_shapes.py"}
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "schema": SCHEMA_ID,
        "basis": basis() | {"tests": digest_of_tests(folder / "tests")},
        "complete": False,
        "tests": [
            {
                "id": "tests/test_first.py::test_first",
                "path": "tests/test_first.py",
                "line": 7,
                "scenarios": ["a#b/c"],
                "cases": {**NONE, "passed": 1},
            },
            {
                "id": "tests/test_shapes.py::TestClass::test_method",
                **shapes,
                "line": 21,
                "scenarios": ["a#b/c"],
                "cases": {**NONE, "passed": 1},
            },
            {
                "id": "tests/test_shapes.py::test_bare",
                **shapes,
                "line": 25,
                "scenarios": ["a#b/c"],
                "cases": {**NONE, "passed": 1},
            },
            {
                "id": "tests/test_shapes.py::test_cases",
                **shapes,
                "line": 11,
                "scenarios": ["a#b/c", "a#b/d"],
                "cases": {**NONE, "passed": 1, "failed": 1},
            },
            {
                "id": "tests/test_shapes.py::test_cases",
                **shapes,
                "line": 11,
                "scenarios": ["a#b/c", "a#b/d", "a#b/e"],
                "cases": {**NONE, "passed": 1},
            },
        ],
    }


SOME = """
@pytest.mark.scenario("a#b/c")
def test_one(): pass


@pytest.mark.scenario("a#b/c")
def test_two(): {body}


def test_three(): pass
"""


def test_what_was_not_asked_for_is_not_told() -> None:
    """What is not selected is absent, and the rest is a document."""
    write(SOME.format(body="pass"))
    assert session("--scenario-results", "results.json", "-k", "one").returncode == 0
    assert cases() == {"test_one": {"passed": 1}}


@pytest.mark.parametrize(
    ("arguments", "complete"),
    [
        ((), True),
        (("tests",), True),
        (("tests/",), True),
        ((".",), True),
        (("-x",), True),
        (("-k", "test"), True),
        (("tests/test_it.py",), False),
        (("tests/test_it.py", "tests/test_it.py::test_one"), False),
        (("-k", "one"), False),
        (("-m", "scenario"), False),
        (("--deselect", "tests/test_it.py::test_three"), False),
        (("--ignore", "tests/page"), False),
        (("--ignore-glob", "*page"), False),
        (("-p", "cacheprovider", "--lf"), False),
        (("--continue-on-collection-errors", "broken"), False),
    ],
)
def test_complete(arguments: tuple[str, ...], complete: bool, folder: Path) -> None:
    """A session that leaves out any of the tests is told from one of them all."""
    write(SOME.format(body="pass"))
    write("def test_page(): pass\n", "page/test_page.py")
    if "broken" in arguments:
        write("no python", "test_broken.py")
        arguments = arguments[:1]
    session("--scenario-results", "results.json", *arguments)
    assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["complete"] is complete


@pytest.mark.parametrize(("below", "complete"), [(".", True), ("tests", True), ("tests/deep", False)])
def test_complete_from_another_folder(
    below: str,
    complete: bool,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is meant by no path at all depends on where pytest is started."""
    write("def test_deep(): pass\n", "deep/test_deep.py")
    monkeypatch.chdir(folder / below)
    session("--scenario-results", str(folder / "results.json"))
    assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["complete"] is complete


def test_no_tests_at_all() -> None:
    """Nothing that was selected proves a scenario: a document, too."""
    write(SOME.format(body="pass"))
    assert session("--scenario-results", "results.json", "-k", "nothing").returncode == 5
    assert told() == []


@pytest.mark.parametrize(
    ("body", "arguments", "code", "left"),
    [
        ("raise KeyboardInterrupt", (), 2, "2 of 3"),
        ("assert False", ("-x",), 1, "1 of 3"),
        ("pytest.exit('enough')", (), 2, "2 of 3"),
        ("pass", ("--collect-only",), 0, "3 of 3"),
        ("no python", (), 2, "0 of 0"),
    ],
    ids=["interrupted", "first-failure", "ended", "only-collected", "not-collected"],
)
def test_a_session_that_did_not_run_to_its_end(body: str, arguments: tuple[str, ...], code: int, left: str) -> None:
    """It writes nothing, says so, and leaves what an earlier one has written."""
    write(SOME.format(body=body))
    Path("results.json").write_text("before", encoding="utf-8")
    result = session("--scenario-results", "results.json", *arguments)
    assert result.returncode == code
    told = f"scenario results: not written: the session did not come to its end, {left} tests were left\n"
    assert told in result.stdout
    assert Path("results.json").read_text(encoding="utf-8") == "before"


def test_a_file_that_cannot_be_written() -> None:
    """It is refused before any test is run, with the reason."""
    write(SOME.format(body="pass"))
    result = session("--scenario-results", "tests")
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr == "ERROR: --scenario-results: tests: a folder; name a file in it\n\n"


def test_a_file_that_cannot_be_written_in_the_end() -> None:
    """The session fails, and says why."""
    write(SOME.format(body="__import__('pathlib').Path('results.json').mkdir()"))
    result = session("--scenario-results", "results.json")
    assert result.returncode == 3
    assert "scenario results: results.json: cannot be written: Is a directory\n" in result.stdout


def test_nothing_is_written_that_nobody_asked_for(folder: Path) -> None:
    """Without the option there is no document, and no word of one."""
    write(SOME.format(body="pass"))
    assert "scenario" not in session().stdout
    assert list(folder.glob("*.json")) == []


def test_what_was_tested_by(folder: Path) -> None:
    """The basis is that of the session's beginning, whatever a test leaves behind."""
    write(SOME.format(body="__import__('pathlib').Path('tests/left.txt').touch()"))
    before = digest_of_tests(folder / "tests")
    assert session("--scenario-results", "results.json").returncode == 0
    told = json.loads(Path("results.json").read_text(encoding="utf-8"))["basis"]
    assert (told["tests"], digest_of_tests(folder / "tests") == before) == (before, False)


WORKERS = ("-p", "xdist", "--dist", "loadfile", "--max-worker-restart", "0", "-n")
"""The arguments of pytest-xdist, but for the number of workers; without them it is as if it were not installed."""


def test_the_document_that_workers_make(folder: Path) -> None:
    """It is byte for byte that of one process, wherever each case has run."""
    write(EVERY_END, "test_ends.py")
    write(SHAPES, "test_shapes.py")
    documents = []
    for arguments in ((), (*WORKERS, "0"), (*WORKERS, "2")):
        assert session("--scenario-results", "results.json", *arguments).returncode == 1
        documents.append((folder / "results.json").read_bytes())
    assert len(told()) == 13
    assert documents[1:] == documents[:1] * 2


@pytest.mark.parametrize(
    ("arguments", "complete"),
    [((), True), (("-k", "one"), False), (("--continue-on-collection-errors",), False)],
)
def test_complete_by_workers(arguments: tuple[str, ...], complete: bool, folder: Path) -> None:
    """What they deselect, and what they cannot collect, is missed as it is in one process."""
    write(SOME.format(body="pass"))
    if "--continue-on-collection-errors" in arguments:
        write("no python", "test_broken.py")
    session("--scenario-results", "results.json", *WORKERS, "1", *arguments)
    assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["complete"] is complete


@pytest.mark.parametrize(
    ("body", "arguments", "code", "left"),
    [
        ("raise KeyboardInterrupt", (), 2, "2 of 3"),
        ("assert False", ("-x",), 2, "1 of 3"),
        ("pytest.exit('enough')", (), 2, "2 of 3"),
        ("__import__('os')._exit(0)", (), 1, "2 of 3"),
        ("no python", (), 1, "0 of 0"),
    ],
    ids=["interrupted", "first-failure", "ended", "crashed", "not-collected"],
)
def test_workers_that_did_not_come_to_their_end(body: str, arguments: tuple[str, ...], code: int, left: str) -> None:
    """Nothing is written where one process would write nothing, nor where a worker is lost."""
    write(SOME.format(body=body))
    result = session("--scenario-results", "results.json", *WORKERS, "1", *arguments)
    assert f"scenario results: not written: the session did not come to its end, {left} tests were left\n" in (
        result.stdout
    )
    assert result.returncode == code
    assert not Path("results.json").exists()


def test_what_cannot_be_collected_by_workers() -> None:
    """They run the rest, of which nothing is written, as one process would not have run it."""
    write(SOME.format(body="pass"))
    write("no python", "test_broken.py")
    result = session("--scenario-results", "results.json", *WORKERS, "1")
    assert "scenario results: not written: the session did not come to its end, 0 of 3 tests were left\n" in (
        result.stdout
    )
    assert not Path("results.json").exists()


def test_a_test_during_which_a_worker_was_lost() -> None:
    """Another may pass it: it is an error all the same."""
    write(SOME.format(body="__import__('os').path.exists('lost') or (open('lost', 'w'), __import__('os')._exit(0))"))
    arguments = [argument.replace("0", "1") for argument in WORKERS]
    assert session("--scenario-results", "results.json", *arguments, "2").returncode == 1
    assert cases() == {"test_one": {"passed": 1}, "test_two": {"error": 1}}
