"""Calls of CloudFormation's functions: what they are handed, and the kinds of value that they give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from policies.assumptions import Assumptions
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.values import Missing, Origin, Text, Unknown, origin_of

if TYPE_CHECKING:
    from policies.worlds import World

Resolved = bool | int | float | Text | list[object] | dict[str, object] | Missing | None
"""A scalar, a text, a list or an object (both still unresolved inside), or nothing.

A text that is one unknown part may turn out to be anything, a list or an object too.
"""

Piece = str | Unknown | Text
"""What a text is put together from."""

_PLAIN = (1e-3, 1e7)
"""The numbers that Java's Double.toString writes without an exponent, as Python does."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, with the place and the world that it stands in; `resolve` resolves what stands inside."""

    name: str
    argument: object
    path: str
    world: World
    resolve: Callable[[World, object, str], tuple[Resolved, str]]

    def refused(self, expected: str) -> TemplateError:
        """Return the error that the function is called with something else than what it takes."""
        return TemplateError(self.path, f"{self.name} takes {expected}")

    def impossible(self, problem: str) -> Exception:
        """Return what ends a run in which the call gives nothing.

        It is an error where it does so whatever is assumed; else no deployment comes to a world like this one.
        """
        try:
            if self.world.assumed:
                self.resolve(self.world.under(Assumptions()), {self.name: self.argument}, self.path)
                return ForkError(())
        except TemplateError:
            pass
        except (ForkError, MismatchError, UndeterminedError):
            return ForkError(())
        return TemplateError(self.path, problem)

    def text(self, raw: object, where: str) -> Text:
        """Resolve the string that stands somewhere in the argument."""
        return as_text(*self.resolve(self.world, raw, self.path + where))

    def items(self, raw: object, where: str) -> Iterator[tuple[Resolved, str]] | Unknown:
        """Return the items of the list that stands somewhere in the argument, with their places."""
        raws = self.raw_items(raw, where)
        return raws if isinstance(raws, Unknown) else self.existing(raws)

    def raw_items(self, raw: object, where: str) -> list[tuple[object, str]] | Unknown:
        """Return the same, unresolved and with those items that `AWS::NoValue` takes away."""
        value, place = self.resolve(self.world, raw, self.path + where)
        items = as_list(value, place)
        if isinstance(items, Unknown):
            return items
        self.world.step(self.path, len(items) // 10)
        return [(item, f"{place}[{i}]") for i, item in enumerate(items)]

    def existing(self, members: Iterable[tuple[object, str]]) -> Iterator[tuple[Resolved, str]]:
        """Resolve members of a list or an object, each in its turn, but for those that `AWS::NoValue` takes away."""
        each = (self.resolve(self.world, raw, path) for raw, path in members)
        return ((value, path) for value, path in each if not isinstance(value, Missing))

    def joined(self, pieces: Iterable[Piece]) -> Text:
        """Return the text that pieces make."""
        return joined(self.world, pieces, self.path)

    def unknown(self, reason: str, origin: Origin = Origin.COMPUTED) -> Text:
        """Return what the function gives where nothing of it is known."""
        return self.world.known(Unknown(self.key(), reason, origin))

    def unknown_by(self, *hidden: Unknown) -> Text:
        """Return what the function gives where it hangs on these, which are all that is unknown of its argument."""
        return self.unknown(hidden[0].reason, origin_of(hidden))

    def key(self) -> str:
        """Return what tells this call from all others of the deployment."""
        argument = json.dumps(self.argument, default=repr)
        self.world.step(self.path, len(argument) // 100)
        return f"{self.world.template.scope}{self.name} {argument}"


Function = Callable[[Call], Resolved]


def joined(world: World, pieces: Iterable[Piece], path: str) -> Text:
    """Return the text that pieces make, whose cost is counted before it is made."""
    parts = [part for piece in pieces for part in (piece.parts if isinstance(piece, Text) else (piece,)) if part]
    world.step(path, sum(len(part) if isinstance(part, str) else 1 for part in parts) // 100)
    merged: list[str | Unknown] = []
    for is_literal, run in groupby(parts, key=lambda part: isinstance(part, str)):
        same = list(run)
        merged += ["".join(map(str, same))] if is_literal else same
    return Text(tuple(merged))


def spelled(world: World, text: Text, path: str) -> str:
    """Return what tells a text from all others, unknown parts as `${key}`; the cost is counted before."""
    world.step(path, sum(len(part) if isinstance(part, str) else len(part.key) for part in text.parts) // 100)
    shown = (part.replace("$", "$$") if isinstance(part, str) else f"${{{part.key}}}" for part in text.parts)
    return "".join(shown)


def as_text(value: Resolved, path: str) -> Text:
    """Return a resolved value as a text. Raises `TemplateError` for lists, objects and nothing."""
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return Text.of("true" if value else "false")
    if isinstance(value, int):
        return Text.of(str(value))
    if isinstance(value, float):
        if value == 0 or _PLAIN[0] <= abs(value) < _PLAIN[1]:
            return Text.of(repr(value))
        return Text.of(Unknown(f"{value!r}", f"how CloudFormation writes the number {value!r} is not documented"))
    raise TemplateError(path, "a string is expected here")


def as_list(value: Resolved, path: str) -> list[object] | Unknown:
    """Return a resolved value as a list, or the unknown that it is. Raises `TemplateError` for all else."""
    hidden = wholly_unknown(value)
    if hidden is not None:
        return hidden
    if isinstance(value, list):
        return value
    raise TemplateError(path, "a list is expected here")


def wholly_unknown(value: Resolved) -> Unknown | None:
    """Return the unknown that a value is, or None where something of it is known."""
    if isinstance(value, Text) and len(value.parts) == 1:
        return next(iter(value.unknowns), None)
    return None


def parameter_named(world: World, raw: object) -> Text | None:
    """Return the value of the parameter that a `Ref` names, unknown where no assumption binds it; None for all else."""
    match raw:
        case {"Ref": str(name), **rest} if not rest and name in world.template.parameters:
            return world.parameter(name, reveal=False)
    return None
