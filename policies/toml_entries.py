"""Entries of a TOML file as models: all that is wrong with them, told at once, each problem with its place."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from policies.reading import InputError, printable, quoted
from policies.toml_reading import read_toml

MAX_PROBLEMS = 20
"""So many problems are told; a file with more is not searched to its end."""

_CONTRADICTION = "contradiction"


class Table(BaseModel):
    """A table, whose fields' descriptions say what they are expected to hold. Raises pydantic's ValidationError."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Entry(Table):
    """A table that stands in a file of them, in the order of their selectors, no two of which are the same."""

    @property
    def selector(self) -> tuple[object, ...]:
        """What it matches by."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What messages call it."""
        raise NotImplementedError


_E = TypeVar("_E", bound=Entry)


class Format(Generic[_E]):
    """A file of entries under `[[kind]]`; `order` says in words what their selectors are made of."""

    def __init__(self, kind: str, model: type[_E], order: str) -> None:
        self._kind = kind
        self._model = model
        self._order = order

    def parse(self, data: bytes, where: str) -> tuple[_E, ...]:
        """Return the entries that the contents of a file hold, in their order.

        Raises `InputError` with what is wrong: in the TOML, the entries, their order, and two of the same selector.
        """
        document = read_toml(data, where)
        tables = document.pop(self._kind, [])
        problems = [f"{quoted(key)}: no such key; expected [[{self._kind}]] over each entry" for key in document]
        entries: list[_E] = []
        if not isinstance(tables, list):
            problems.append(
                f"{self._kind}: found one table or value; expected [[{self._kind}]], in two pairs of brackets"
            )
            tables = []
        for number, table in enumerate(tables, 1):
            try:
                entries.append(self._model.model_validate(table))
            except ValidationError as error:
                rule = table.get("rule") if isinstance(table, dict) else None
                entry = f"{self._kind} {number}" + (f" ({quoted(rule)})" if isinstance(rule, str) else "")
                problems += _told(entry, self._model, error.errors())
        problems = problems or list(self._disorder(entries))
        if problems:
            told = problems if len(problems) <= MAX_PROBLEMS else [*problems[:MAX_PROBLEMS], "and more"]
            raise InputError(where, "; ".join(told))
        return tuple(entries)

    def parse_one(self, table: Mapping[str, object], where: str) -> _E:
        """Return the entry that one table is. Raises `InputError`, `where` naming it, with all that is wrong."""
        try:
            return self._model.model_validate(table)
        except ValidationError as error:
            raise InputError(where, "; ".join(_told(f"the {self._kind}", self._model, error.errors()))) from None

    def _disorder(self, entries: Sequence[_E]) -> Iterator[str]:
        for number, (before, entry) in enumerate(itertools.pairwise(entries), 2):
            told = f"{self._kind} {number} ({printable(entry.name)})"
            earlier = f"{self._kind} {number - 1}"
            if entry.selector == before.selector:
                yield f"{told}: matches the same as {earlier}; make one of them"
            elif entry.selector < before.selector:
                yield f"{told}: expected before {earlier} ({printable(before.name)}), in the order of {self._order}"


def contradiction(problems: Sequence[str]) -> PydanticCustomError:
    """Return the error of a validator that has found fields of a table, each right by itself, to be wrong together."""
    return PydanticCustomError(_CONTRADICTION, "{told}", {"told": "; ".join(problems)})


def _told(entry: str, model: type[Table], details: Iterable[ErrorDetails]) -> list[str]:
    """Put an entry's problems into our words, one for each place: pydantic's do not say what is expected."""
    told: dict[str, str] = {}
    for detail in details:
        place, field, table = _found(model, detail["loc"])
        told.setdefault(place, _problem(detail, field, table))
    return [f"{entry}{place}: {problem}" for place, problem in told.items()]


def _found(model: type[Table], location: Sequence[int | str]) -> tuple[str, FieldInfo | None, type[Table]]:
    """Return a place in words, the field that it is in, if it is one, and the table whose field that is."""
    match location:
        case []:
            return "", None, model
        case [str(key), int(at), *rest]:
            field = model.model_fields[key]
            within = _tables_of(field)
            if within is None:
                return f".{key}[{at}]", field, model
            place, part, table = _found(within, rest)
            return f".{key}[{at}]{place}", part, table
        case [str(key), str(at), *_]:
            return f".{key}.{printable(at[:60])}", model.model_fields[key], model
    key = str(location[0])
    return f".{printable(key[:60])}", model.model_fields.get(key), model


def _tables_of(field: FieldInfo) -> type[Table] | None:
    """Return the model of a field's tables, if it holds a list of them."""
    kinds = get_args(field.annotation)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Table)), None)


def _problem(detail: ErrorDetails, field: FieldInfo | None, table: type[Table]) -> str:
    match detail["type"]:
        case "missing" if field:
            return f"missing; expected {field.description}"
        case _ if field:
            return f"found {_shown(detail['input'])}; expected {field.description}"
        case "extra_forbidden":
            return f"no such key; expected {', '.join(table.model_fields)}"
        case type_ if type_ == _CONTRADICTION:
            return detail["msg"]
    return f"found {_shown(detail['input'])}; expected a table"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list | tuple | dict):
        return f"a {'table' if isinstance(value, dict) else 'list'} of {len(value):,}"
    return str(value).lower()[:60]  # a truth value, a number, or a date
