"""The mutants of a module of ours: its source with one small change each.

The changes are mutmut's (numbers, strings, operators, arguments, assignments, branches of expressions), and four that
it lacks: a condition that is always or never met, a loop over nothing, nothing returned, a statement left out. The
whole source is changed, and not, as mutmut's own runner has it, functions without decorators alone: each rule has a
decorator, and which actions are whose stands in constants. What only says types to a reader and to mypy is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import ndiff
from functools import cached_property
from typing import Any

import libcst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators

_TYPE_NAME = re.compile(r"_?[A-Z](?![A-Z0-9_]+$)\w*")
"""A name as PEP 8 has it for types, those of type aliases and type variables among them; constants are all capitals."""

_TYPES = (
    m.Annotation()
    | m.Import()
    | m.ImportFrom()
    | m.If(test=m.Name("TYPE_CHECKING"))
    | m.AnnAssign(annotation=m.Annotation(m.Name("TypeAlias")))
    | m.Assign(targets=[m.AssignTarget(m.Name(m.MatchIfTrue(lambda name: bool(_TYPE_NAME.fullmatch(name)))))])
)


def _always_or_never(node: libcst.If | libcst.CompIf) -> Iterator[libcst.CSTNode]:
    yield from (node.with_changes(test=libcst.Name(literal)) for literal in ("True", "False"))


def _over_nothing(node: libcst.For | libcst.CompFor) -> Iterator[libcst.CSTNode]:
    yield node.with_changes(iter=libcst.Tuple([]))


def _nothing_returned(node: libcst.Return) -> Iterator[libcst.CSTNode]:
    if node.value and not m.matches(node.value, m.Name("None")):
        yield node.with_changes(value=libcst.Name("None"), whitespace_after_return=libcst.SimpleWhitespace(" "))


def _left_out(node: libcst.Expr | libcst.Raise) -> Iterator[libcst.CSTNode]:
    if not m.matches(node, m.Expr(m.SimpleString() | m.Ellipsis())):
        yield libcst.Pass()


_Operator = Callable[[Any], Iterable[libcst.CSTNode]]

_OPERATORS: tuple[tuple[tuple[type[libcst.CSTNode], ...], _Operator], ...] = (
    *(((kind,), operator) for kind, operator in mutation_operators),
    ((libcst.If, libcst.CompIf), _always_or_never),
    ((libcst.For, libcst.CompFor), _over_nothing),
    ((libcst.Return,), _nothing_returned),
    ((libcst.Expr, libcst.Raise), _left_out),
)


@dataclass(frozen=True, eq=False)
class Mutant:
    """One change of a module: `where` is the function or class that it is in, as Python qualifies it, or empty."""

    module: libcst.Module
    node: libcst.CSTNode
    instead: libcst.CSTNode
    where: str

    @property
    def source(self) -> str:
        """The module's source with the change."""
        changed = self.module.deep_replace(self.node, self.instead)
        assert isinstance(changed, libcst.Module)  # a module stays one, whatever of it changes
        return changed.code

    @cached_property
    def change(self) -> tuple[str, str]:
        """The lines that are changed, without the space around them: what they were, and what they are."""
        lines = list(ndiff(self.module.code.splitlines(), self.source.splitlines()))
        was, now = ([line[2:].strip() for line in lines if line.startswith(sign)] for sign in "-+")
        return "\n".join(was), "\n".join(now)


class _Changes(libcst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[libcst.CSTNode, libcst.CSTNode, str]] = []
        self._within: list[str] = []
        self._decorators_of_classes: set[libcst.CSTNode] = set()

    def on_visit(self, node: libcst.CSTNode) -> bool:
        # That a dataclass is frozen guards against mistakes in our own code, which mypy finds.
        if m.matches(node, _TYPES) or node in self._decorators_of_classes:
            return False
        if isinstance(node, libcst.ClassDef):
            self._decorators_of_classes.update(node.decorators)
        where = ".".join(self._within)
        self.found += [
            (node, instead, where)
            for kinds, operator in _OPERATORS
            if isinstance(node, kinds)
            for instead in operator(node)
        ]
        if isinstance(node, libcst.ClassDef | libcst.FunctionDef):
            self._within.append(node.name.value)
        return True

    def on_leave(self, original_node: libcst.CSTNode) -> None:
        if isinstance(original_node, libcst.ClassDef | libcst.FunctionDef) and not m.matches(original_node, _TYPES):
            self._within.pop()


def mutants(source: str) -> list[Mutant]:
    """Return each mutant of a module's source that Python can compile."""
    module = libcst.parse_module(source)
    changes = _Changes()
    module.visit(changes)
    return [Mutant(module, *change) for change in changes.found]
