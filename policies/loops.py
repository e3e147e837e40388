"""Loops of a template, `Fn::ForEach`, unrolled as the macro AWS::LanguageExtensions unrolls them.

A loop is a member of an object, `"Fn::ForEach::Name": [identifier, collection, fragment]`; the fragment's members
take its place, once for each item of the collection. Source: AWS CloudFormation Template Reference, "Fn::ForEach".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from policies.errors import TemplateError, UndeterminedError
from policies.nodes import child
from policies.parameters import scalar
from policies.reading import MAX_NODES, MAX_TEMPLATE_BYTES, quoted

PREFIX = "Fn::ForEach::"
"""What a loop's key begins with; its name follows."""

_SECTIONS = ("Conditions", "Outputs", "Resources")
"""The sections in which a loop may stand, at any depth."""

_LIST_TYPES = ("CommaDelimitedList", "List<")


def unroll(document: Mapping[str, object], given: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the template with its loops unrolled, and the reasons why some are not, by their JSONPath.

    `given` are the values of parameters that are known. A loop over what is not known, or that CloudFormation would
    refuse, stays as it stands; one that stands directly in another's fragment keeps that one from being unrolled.
    """
    unroller = _Unroller(document, given)
    unrolled = dict(document)
    for name in _SECTIONS:
        if name in document:
            unrolled[name] = unroller.value(document[name], f"$.{name}", ())
    return unrolled, unroller.problems


@dataclass
class _Unroller:
    """The state of one unrolling.

    `nodes` and `characters` are what loops may still make of keys and values, and of text: a template's own limits,
    which hold for what becomes of it as well. Both are spent on what is thrown away again, too, so that they bound
    the time that is spent.
    """

    document: Mapping[str, object]
    given: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    nodes: int = MAX_NODES
    characters: int = MAX_TEMPLATE_BYTES

    def value(self, raw: object, path: str, outer: tuple[str, ...]) -> object:
        """Return a value with the loops in it unrolled; `outer` are the identifiers of the loops around it."""
        if isinstance(raw, list):
            return [self.value(item, f"{path}[{i}]", outer) for i, item in enumerate(raw)]
        if not isinstance(raw, dict):
            return raw
        unrolled: dict[str, object] = {}
        taken = set(raw)
        for key, inner in raw.items():
            place = child(path, key)
            if not key.startswith(PREFIX):
                unrolled[key] = self.value(inner, place, outer)
                continue
            try:
                made = self._members(inner, place, outer, taken)
            except TemplateError as error:
                self.problems[error.path] = error.problem
                unrolled[key] = inner
            except UndeterminedError as error:
                self.problems[error.path or place] = error.reason
                unrolled[key] = inner
            else:
                taken.update(made)
                unrolled.update(made)
        return unrolled

    def _members(self, loop: object, path: str, outer: tuple[str, ...], taken: Collection[str]) -> dict[str, object]:
        """Return the members that take a loop's place in an object in which some keys are taken."""
        made: dict[str, object] = {}
        for key, value, place in self._copies(loop, path, outer):
            if key in made or key in taken:
                raise TemplateError(place, f"a copy of this would be the second {key} in its object")
            made[key] = value
        return made

    def _copies(self, loop: object, path: str, outer: tuple[str, ...]) -> Iterator[tuple[str, object, str]]:
        match loop:
            case [str(identifier), collection, dict(fragment)] if identifier:
                pass
            case _:
                raise TemplateError(path, "Fn::ForEach takes an identifier, a collection and an object")
        if identifier in outer or self._is_declared(identifier):
            raise TemplateError(f"{path}[0]", f"the identifier {identifier} already names something else here")
        within = (*outer, identifier)
        for item in self._items(collection, f"{path}[1]"):
            substitution = _Substitution(identifier, item)
            for key, raw in fragment.items():
                place = child(f"{path}[2]", key)
                name, value = self._text(key, substitution), self._copy(raw, substitution, path)
                if key.startswith(PREFIX):
                    yield from self._copies(value, place, within)
                else:
                    yield name, self.value(value, place, within), place

    def _is_declared(self, name: str) -> bool:
        sections = (self.document.get("Parameters"), self.document.get("Resources"))
        return any(isinstance(section, dict) and name in section for section in sections)

    def _copy(self, raw: object, substitution: _Substitution, path: str) -> object:
        """Return a copy of a part of a loop's fragment, with an item in the place of the identifier."""
        if isinstance(raw, str):
            return self._text(raw, substitution)
        self._spend(1, 0)
        match raw:
            case {"Ref": substitution.identifier, **rest} if not rest:
                return substitution.item
            case dict():
                copied: dict[str, object] = {}
                for key, value in raw.items():
                    name = self._text(key, substitution)
                    if name in copied:
                        raise TemplateError(path, f"a copy of the fragment has the key {name} twice in one object")
                    copied[name] = self._copy(value, substitution, path)
                return copied
            case list():
                return [self._copy(value, substitution, path) for value in raw]
        return raw

    def _text(self, raw: str, substitution: _Substitution) -> str:
        self._spend(1, max(len(raw), substitution.length_in(raw)))
        return substitution.into(raw)

    def _spend(self, nodes: int, characters: int) -> None:
        self.nodes -= nodes
        self.characters -= characters
        if self.nodes < 0 or self.characters < 0:
            limits = f"{MAX_NODES:,} keys and values or {MAX_TEMPLATE_BYTES:,} characters"
            raise UndeterminedError(f"the loops of the template make more than {limits}, the limits")

    def _items(self, collection: object, path: str) -> list[str]:
        """Return the strings that a loop runs over."""
        items = self._known(collection, path)
        if not isinstance(items, list):
            raise TemplateError(path, "a list of strings, or a Ref to a parameter that is a list, is expected here")
        self._spend(len(items), 0)
        return [self._item(item, f"{path}[{i}]") for i, item in enumerate(items)]

    def _item(self, raw: object, path: str) -> str:
        item = self._known(raw, path)
        if not isinstance(item, str):
            raise TemplateError(path, "a string is expected here")
        return item

    def _known(self, raw: object, path: str) -> object:
        """Return the value of an expression, as far as functions of what is known are concerned."""
        match raw:
            case {"Ref": str(name), **rest} if not rest:
                return self._parameter(name, path)
            case {"Fn::FindInMap": list(keys), **rest} if not rest:
                return self._mapped(keys, f"{path}['Fn::FindInMap']")
            case {"Fn::Split": [str(separator), source], **rest} if separator and not rest:
                whole = self._known(source, f"{path}['Fn::Split'][1]")
                if isinstance(whole, str):
                    return whole.split(separator)
        if isinstance(raw, dict):
            raise UndeterminedError("what a loop runs over is known at deployment only", path)
        return raw

    def _parameter(self, name: str, path: str) -> object:
        if name.startswith("AWS::"):
            raise UndeterminedError(f"{name} is known at deployment only", path)
        parameters = self.document.get("Parameters")
        declared = parameters.get(name) if isinstance(parameters, dict) else None
        if not isinstance(declared, dict):
            raise TemplateError(path, f"the template declares no parameter {name}")
        kind = str(declared.get("Type"))
        if kind.startswith("AWS::SSM::Parameter::Value"):
            raise UndeterminedError(f"parameter {name} is read from the SSM Parameter Store at deployment", path)
        told = self.given.get(name)
        match declared.get("AllowedValues"):
            case [str() | int() | float() as only] if told is None:
                told = scalar(only)
        if told is None:
            raise UndeterminedError(f"parameter {name} may be given any value; tell it, to judge the loop", path)
        return [item.strip() for item in told.split(",")] if kind.startswith(_LIST_TYPES) else told

    def _mapped(self, argument: list[object], path: str) -> object:
        match argument:
            case [_, _, _] | [_, _, _, {"DefaultValue": _}]:
                keys = [self._known(key, f"{path}[{i}]") for i, key in enumerate(argument[:3])]
            case _:
                raise TemplateError(path, "Fn::FindInMap takes a map's name, a top level key and a second level key")
        found: object = self.document.get("Mappings")
        for key in keys:
            held = found if isinstance(found, dict) else {}
            if str(key) not in held and any(name.startswith("Fn::") for name in held):
                raise UndeterminedError("a macro may define the mapping at deployment", path)
            found = held.get(str(key))
        if found is not None:
            return found
        match argument[3:]:
            case [{"DefaultValue": value}]:
                return self._known(value, f"{path}[3].DefaultValue")
        raise TemplateError(path, f"no mapping has {quoted('.'.join(map(str, keys)))}")


class _Substitution:
    """An item of a collection in the place of a loop's identifier.

    `${Identifier}` becomes the item, `&{Identifier}` its letters and digits: what a logical id may be made of.
    """

    def __init__(self, identifier: str, item: str) -> None:
        self.identifier = identifier
        self.item = item
        self._places = {f"${{{identifier}}}": item, f"&{{{identifier}}}": re.sub("[^0-9A-Za-z]", "", item)}
        self._pattern = re.compile("|".join(map(re.escape, self._places)))

    def length_in(self, text: str) -> int:
        """Return how long a text becomes, without making it."""
        return len(text) + sum(text.count(place) * (len(item) - len(place)) for place, item in self._places.items())

    def into(self, text: str) -> str:
        """Return a text with the item in its places."""
        return self._pattern.sub(lambda found: self._places[found[0]], text)
