"""A pytest plugin: what came of the tests that prove scenarios, as a JSON document for `storage-compliance trace`."""

from __future__ import annotations

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from evidence.basis import basis, digest_of_tests
from evidence.output import destination, write
from policies.reading import InputError

SCHEMA_ID = "urn:worthwatch:storage-compliance:tests:1"

_BY_GRAVITY = ("passed", "skipped", "error", "failed")
"""What a case of a test comes to, the worst last; an error is one of what is done before or after the test itself."""

_TOLD = "scenario-results"
"""Where a worker tells its controller what it has collected."""

_RUN_TO_ITS_END = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for the document."""
    text = "write what came of the tests of scenarios to this file, in JSON, if all that was collected has run"
    parser.getgroup("scenarios").addoption("--scenario-results", metavar="FILE", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Collect results where they are asked for; refuse a file that cannot be written before any test is run.

    Under pytest-xdist the workers know the tests, and tell what they know to the controller, which writes the file.
    """
    name = config.getoption("--scenario-results")
    if name is None:
        return
    if hasattr(config, "workeroutput"):
        config.workeroutput[_TOLD] = {}
        config.pluginmanager.register(_Collector(config.workeroutput[_TOLD]))
        return
    try:
        tests = config.rootpath / "tests"
        results = _Results(destination(name), tests, complete=not _selects(config, tests))
    except InputError as error:
        raise pytest.UsageError(f"--scenario-results: {error}") from None
    config.pluginmanager.register(results)
    config.pluginmanager.register(_Collector(results.collected))


def _selects(config: pytest.Config, tests: Path) -> bool:
    """Tell whether a session is asked for less than all that lies in a folder.

    What of it is deselected, by `-k` and the like, is known only once it is collected.
    """
    named = [config.invocation_params.dir / name for name in config.args if "::" not in name]
    all_named = any(tests.resolve().is_relative_to(one.resolve()) for one in named)
    return not all_named or any(config.getoption(option, None) for option in ("lf", "ignore", "ignore_glob"))


class _Collector:
    """Tells what a process has collected: whether some of it is `deselected`, and the `cases` that prove scenarios."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        told["deselected"] = False

    def pytest_deselected(self) -> None:
        """Take note that something is not to be run."""
        self._told["deselected"] = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take note of what is to be run."""
        marked = ((item, {marker.args[0] for marker in item.iter_markers("scenario")}) for item in session.items)
        self._told["cases"] = [
            (item.nodeid, _id(item), _line(item), tuple(sorted(scenarios))) for item, scenarios in marked if scenarios
        ]


class _Results:
    """The results of a session, which is `complete` where nothing that could be run is left out.

    `collected` is what a `_Collector` tells: here, or at the end of a worker.
    """

    def __init__(self, path: Path, tests: Path, *, complete: bool) -> None:
        self.collected: dict[str, Any] = {}
        self._path = path
        self._complete = complete
        self._basis = basis() | {"tests": digest_of_tests(tests)}  # as it is when the session begins
        self._ids: Sequence[str] = ()
        self._uncollected = False
        self._outcomes: dict[str, str] = {}
        self._finished: set[str] = set()
        self._problem: str | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of what could not be collected."""
        self._uncollected |= report.failed

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take note of what is to be run here."""
        self._ids = [item.nodeid for item in session.items]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Take note of what is to be run by workers, each of which has collected all of it."""
        self._ids = ids

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take over what a worker tells, unless it has crashed."""
        self.collected.update(getattr(node, "workeroutput", {}).get(_TOLD, {}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of what came of a test, and of what is done before and after it."""
        outcome = "error" if report.failed and report.when != "call" else report.outcome
        known = self._outcomes.get(report.nodeid, outcome)
        self._outcomes[report.nodeid] = max(known, outcome, key=_BY_GRAVITY.index)
        if report.when == "teardown":
            self._finished.add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the document, unless it would not tell of all that was to be run."""
        left = sum(one not in self._finished for one in self._ids)
        # Workers run what they could collect, come what may.
        broken = self._uncollected and not session.config.getoption("continue_on_collection_errors")
        if left or broken or exitstatus not in _RUN_TO_ITS_END or "cases" not in self.collected:
            undone = f"{left} of {len(self._ids)} tests were left"
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
        lines: dict[tuple[str, tuple[str, ...]], int] = {}
        cases: defaultdict[tuple[str, tuple[str, ...]], Counter[str]] = defaultdict(Counter)
        for case, name, line, scenarios in self.collected["cases"]:
            lines.setdefault((name, scenarios), line)
            cases[name, scenarios][self._outcomes[case]] += 1
        return {
            "schema": SCHEMA_ID,
            "basis": self._basis,
            "complete": self._complete and not self._uncollected and not self.collected["deselected"],
            "tests": [
                {
                    "id": name,
                    "path": name.partition("::")[0],
                    "line": lines[name, scenarios],
                    "scenarios": list(scenarios),
                    "cases": {one: cases[name, scenarios][one] for one in ("passed", "failed", "skipped", "error")},
                }
                for name, scenarios in sorted(cases)
            ],
        }


def _id(item: pytest.Item) -> str:
    """Return a test's node id without the parameters of its case, and without the group that pytest-xdist adds."""
    above, _, _ = item.nodeid.rpartition(f"::{item.name}")
    return f"{above}::{getattr(item, 'originalname', item.name)}"


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
