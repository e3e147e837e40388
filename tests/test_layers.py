"""The layers: which package may import which, and that no modules need each other before they are there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "policies": set(),
    "stack": set(),
    "proof": {"policies", "stack"},
    "scanners": {"policies"},
    "evidence": {"policies", "stack", "scanners"},
    "gate": {"policies", "stack", "proof", "scanners", "evidence"},
}


def modules() -> dict[str, Path]:
    """Return our modules by name; the Lambda's code is another program."""
    files = (file for package in MAY_IMPORT for file in (ROOT / package).rglob("*.py"))
    names = {file: ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    return {
        name.removesuffix(".__init__"): file for file, name in names.items() if not name.startswith("stack.handler.")
    }


def imported(file: Path, *, when_run: bool) -> Iterator[str]:
    """Return the names that a file imports; with `when_run`, only those that it needs when it is imported itself."""
    pending: list[ast.stmt] = list(ast.parse(file.read_bytes()).body)
    while pending:
        statement = pending.pop()
        match statement:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.FunctionDef() if when_run:
                continue
            case ast.Import():
                yield from (alias.name for alias in statement.names)
            case ast.ImportFrom(module=str(module)):
                yield module
                yield from (f"{module}.{alias.name}" for alias in statement.names)
        pending += [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]


def test_packages_point_one_way() -> None:
    """Policies know nothing of the stack, nor the stack of them; nor any of them, or scanners, of evidence."""
    wrong = {
        (name, other)
        for name, file in modules().items()
        for other in imported(file, when_run=False)
        if (package := other.partition(".")[0]) in MAY_IMPORT
        and package not in MAY_IMPORT[name.partition(".")[0]] | {name.partition(".")[0]}
    }
    assert wrong == set()


def test_no_modules_wait_for_each_other() -> None:
    """Whichever module is imported first, what it needs is there."""
    known = modules()
    needed = {name: set(imported(file, when_run=True)) & known.keys() - {name} for name, file in known.items()}
    assert len(list(TopologicalSorter(needed).static_order())) == len(known)
