"""Static links: from a scenario to the rule that enforces it, and to the tests that are marked with it.

Tests are read, never imported: what their source says of their markers is known without running anything. A test whose
marker is computed, as of tests that are made in a loop, is linked by the results of a test run only.
"""

from __future__ import annotations

import ast
import fnmatch
import inspect
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.model import LinkedRule, LinkedTest
from policies.catalogue import Entry
from policies.reading import InputError, printable, read_file

_PATTERNS = ("test_*.py", "*_test.py")
"""The files that pytest looks into, unless it is told otherwise (its option `python_files`)."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class MarkedTests:
    """What the sources of the tests say.

    `marked` holds the tests of each scenario that a marker spells out, by its id as it stands there; `unreadable` the
    files that are no Python.
    """

    marked: dict[str, list[LinkedTest]] = field(default_factory=dict)
    unreadable: list[InputError] = field(default_factory=list)

    def read(self, file: Path) -> None:
        """Take in a file of tests."""
        path = file.as_posix()
        try:
            tree = _parse(file)
        except InputError as error:
            self.unreadable.append(error)
            return
        for parts, function, marks in _tests(tree.body, (path,), []):
            for scenario in dict.fromkeys(_named(marks)):
                self.marked.setdefault(scenario, []).append(LinkedTest("::".join(parts), path, function.lineno))


def link_rule(entry: Entry) -> LinkedRule:
    """Return where the rule of a scenario is written, and what is written there."""
    check = entry.rule.check
    package = check.__module__.partition(".")[0]
    root = Path(sys.modules[package].__path__[0]).parent
    lines, line = inspect.getsourcelines(check)
    path = Path(inspect.getsourcefile(check) or "").relative_to(root).as_posix()
    return LinkedRule(f"{check.__module__}.{check.__name__}", path, line, "".join(lines), entry.page)


def read_tests(folder: Path) -> MarkedTests:
    """Read the tests below a folder. Raises `InputError` if there is no such folder."""
    if not folder.is_dir():
        raise InputError(printable(folder.as_posix()), "no such folder; trace runs in a checkout, at its root")
    tests = MarkedTests()
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in _PATTERNS):
                tests.read(Path(place, name))
    return tests


def _parse(file: Path) -> ast.Module:
    where = printable(file.as_posix())
    source = read_file(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as of an escape that Python does not know: not ours to say
        try:
            return ast.parse(source)
        except SyntaxError as error:
            place = where if not error.lineno else f"{where}:{error.lineno}"
            raise InputError(place, f"not valid Python: {error.msg}") from None
        except ValueError as error:  # a NUL
            raise InputError(where, f"not valid Python: {error}") from None
        except (RecursionError, MemoryError):
            raise InputError(where, "not valid Python: nested too deeply") from None


def _tests(
    body: Sequence[ast.stmt], within: tuple[str, ...], marks: Sequence[ast.expr]
) -> Iterator[tuple[tuple[str, ...], _Function, list[ast.expr]]]:
    """Return the tests that pytest would run, as it names them, each with its own marks and those of what holds it."""
    if _holds_no_tests(body):
        return
    marks = [*marks, *_assigned(body)]
    definitions = (one for one in body if isinstance(one, _Function | ast.ClassDef))
    for one in {one.name: one for one in definitions}.values():  # of two with the same name Python keeps the second
        here, own = (*within, one.name), [*marks, *one.decorator_list]
        if any(map(_is_no_test, own)):
            continue
        if isinstance(one, ast.ClassDef):
            yield from _tests(one.body, here, own) if one.name.startswith("Test") else ()
        elif one.name.startswith("test"):
            yield here, one, own


def _holds_no_tests(body: Sequence[ast.stmt]) -> bool:
    """Tell whether pytest looks for no test in a class or module: it makes its objects itself, or says so."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name="__init__" | "__new__"):
                return True
            case (
                ast.Assign(targets=[ast.Name(id="__test__")], value=ast.Constant(value=False))
                | ast.AnnAssign(target=ast.Name(id="__test__"), value=ast.Constant(value=False))
            ):
                return True
    return False


def _is_no_test(mark: ast.expr) -> bool:
    """Tell whether a decorator or mark makes a fixture of a function, or keeps it from being run wherever it is."""
    match mark:
        case ast.Call(func=ast.expr() as named):
            return _is_no_test(named)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in {"fixture", "skip"}
    return False


def _assigned(body: Sequence[ast.stmt]) -> list[ast.expr]:
    """Return the marks that a module or a class gives to all its tests, by `pytestmark`."""
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="pytestmark")], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id="pytestmark"), value=ast.expr() as value)
            ):
                return value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    return []


def _named(expressions: Sequence[ast.expr]) -> list[str]:
    """Return the scenarios that markers spell out, also those of single parameters."""
    return [scenario for expression in expressions for node in ast.walk(expression) for scenario in _marker(node)]


def _marker(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(
            func=ast.Attribute(attr="scenario", value=ast.Attribute(attr="mark") | ast.Name(id="mark")),
            args=[ast.Constant(value=str() as scenario)],
        ):
            yield scenario
