"""A pytest plugin: what came of the tests that prove scenarios, as a JSON document for `storage-compliance trace`."""

from __future__ import annotations

import ast
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from evidence.basis import basis, digest_of_tests
from evidence.output import destination, write
from policies.reading import InputError

SCHEMA_ID = "urn:worthwatch:storage-compliance:tests:1"

_BY_GRAVITY = ("passed", "skipped", "error", "failed")
"""What a case of a test comes to, the worst last; an error is one of what is done before or after the test itself."""

_RUN_TO_ITS_END = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for the document."""
    text = "write what came of the tests of scenarios to this file, in JSON, if all that was collected has run"
    parser.getgroup("scenarios").addoption("--scenario-results", metavar="FILE", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Collect results where they are asked for; refuse a file that cannot be written before any test is run."""
    name = config.getoption("--scenario-results")
    if name is not None:
        try:
            tests = config.rootpath / "tests"
            config.pluginmanager.register(_Results(destination(name), tests, complete=not _selects(config, tests)))
        except InputError as error:
            raise pytest.UsageError(f"--scenario-results: {error}") from None


def _selects(config: pytest.Config, tests: Path) -> bool:
    """Tell whether a session is asked for less than all that lies in a folder.

    What of it is deselected, by `-k` and the like, is known only once it is collected.
    """
    named = [config.invocation_params.dir / name for name in config.args if "::" not in name]
    all_named = any(tests.resolve().is_relative_to(one.resolve()) for one in named)
    return not all_named or any(config.getoption(option, None) for option in ("lf", "ignore", "ignore_glob"))


class _Results:
    """The results of a session, which is `complete` where nothing that could be run is left out."""

    def __init__(self, path: Path, tests: Path, *, complete: bool) -> None:
        self._path = path
        self._complete = complete
        self._basis = basis() | {"tests": digest_of_tests(tests)}  # as it is when the session begins
        self._items: list[pytest.Item] = []
        self._outcomes: dict[str, str] = {}
        self._finished: set[str] = set()
        self._problem: str | None = None

    def pytest_deselected(self) -> None:
        """Take note that something is not to be run."""
        self._complete = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of what could not be collected."""
        self._complete &= not report.failed

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take note of what is to be run."""
        self._items = session.items

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of what came of a test, and of what is done before and after it."""
        outcome = "error" if report.failed and report.when != "call" else report.outcome
        known = self._outcomes.get(report.nodeid, outcome)
        self._outcomes[report.nodeid] = max(known, outcome, key=_BY_GRAVITY.index)
        if report.when == "teardown":
            self._finished.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the document, unless it would not tell of all that was to be run."""
        left = sum(item.nodeid not in self._finished for item in self._items)
        if left or exitstatus not in _RUN_TO_ITS_END:
            undone = f"{left} of {len(self._items)} tests were left"
            self._problem = f"not written: the session did not come to its end, {undone}"
            return
        try:
            write(self._path, json.dumps(self._document(), indent=1))
        except InputError as error:
            self._problem = str(error)
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why there is no document."""
        if self._problem is not None:
            terminalreporter.write_line(f"scenario results: {self._problem}", red=True)

    def _document(self) -> dict[str, object]:
        tests: dict[tuple[str, tuple[str, ...]], list[pytest.Item]] = {}
        for item in self._items:
            if scenarios := {marker.args[0] for marker in item.iter_markers("scenario")}:
                tests.setdefault((_id(item), tuple(sorted(scenarios))), []).append(item)
        return {
            "schema": SCHEMA_ID,
            "basis": self._basis,
            "complete": self._complete,
            "tests": [self._test(*test, tests[test]) for test in sorted(tests)],
        }

    def _test(self, name: str, scenarios: tuple[str, ...], cases: list[pytest.Item]) -> dict[str, object]:
        outcomes = Counter(self._outcomes[case.nodeid] for case in cases)
        return {
            "id": name,
            "path": name.partition("::")[0],
            "line": _line(cases[0]),
            "scenarios": list(scenarios),
            "cases": {outcome: outcomes[outcome] for outcome in ("passed", "failed", "skipped", "error")},
        }


def _id(item: pytest.Item) -> str:
    """Return a test's node id without the parameters of its case."""
    return item.nodeid.removesuffix(item.name) + getattr(item, "originalname", item.name)


def _line(item: pytest.Item) -> int:
    """Return the line, from 1, of a test's `def`, where pytest knows that of its first decorator."""
    _, line, _ = item.location
    first = (line or 0) + 1
    return _definitions(item.path).get(first, first)


@cache
def _definitions(path: Path) -> dict[int, int]:
    """Return the lines at which functions are defined, by those at which their decorators begin."""
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {node.decorator_list[0].lineno: node.lineno for node in functions if node.decorator_list}
