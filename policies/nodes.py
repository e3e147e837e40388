"""A place of a template as a rule sees it: resolved in the rule's world, and strict about what it is asked for.

Asking for a kind that is not there raises `MismatchError`, asking for what nobody knows `UndeterminedError`; the
judge makes a finding of each. So a rule reads what it needs and cares for neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies import intrinsics
from policies.assumptions import Assumptions
from policies.calls import as_text, wholly_unknown
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.reads import Part
from policies.values import MISSING, Missing, Text, any_of

if TYPE_CHECKING:
    from policies.calls import Resolved
    from policies.worlds import World

_BOOLEANS = ("true", "false")

_MAX_WORLDS = 64
"""In how many worlds a boolean is looked for; where none is found in so many, there may be one in another."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place of the template in a world; `_held` is what stands there, for `raw` to hand out.

    `part` is given where these are the attributes of a resource, or its properties, and an object that no function
    gives: only those of them that are asked for are noted as read.
    """

    world: World
    _held: object
    path: str
    part: Part | None = None

    @property
    def raw(self) -> object:
        """What the template holds here, unresolved."""
        if self.part is not None:
            self.part.note_all()
        return self._held

    def get(self, *keys: str) -> Node:
        """Return the place under these keys, one below the other; it need not exist."""
        node = self
        value: object
        for key in keys:
            if node.part is None:
                value, path = node._resolved()
            else:
                node.part.note(key)
                value, path = node._held, node.path
            if isinstance(value, Missing):
                node = Node(self.world, value, child(path, key))
                continue
            if not isinstance(value, dict):
                raise MismatchError(path, node.raw, "an object")
            node = Node(self.world, value.get(key, MISSING), child(path, key))
        return node

    @property
    def exists(self) -> bool:
        """Tell whether anything stands here, `AWS::NoValue` apart."""
        if isinstance(self.raw, Missing):
            return False
        return not isinstance(intrinsics.resolve(self.world, self.raw, self.path)[0], Missing)

    @property
    def is_object(self) -> bool:
        """Tell whether an object stands here."""
        return isinstance(self._resolved()[0], dict)

    @property
    def found(self) -> object:
        """What the template holds here, unresolved, for a reader; None where nothing stands."""
        return None if isinstance(self.raw, Missing) else self.raw

    def text(self, default: str | None = None) -> Text:
        """Return the string here, unknown parts and all. Scalars count as CloudFormation's strings."""
        value, path = self._resolved(allow_unknown=True)
        if isinstance(value, Missing) and default is not None:
            return Text.of(default)
        if isinstance(value, Missing | list | dict) or value is None:
            raise MismatchError(path, self.found, "a string")
        return as_text(value, path)

    def string(self, default: str | None = None) -> str:
        """Return the string here, all of it known."""
        told = self.text(default)
        if told.literal is None:
            raise UndeterminedError(told.unknowns[0].reason, self.path)
        return told.literal

    def equals(self, *values: str, default: str | None = None) -> bool:
        """Tell whether one of these strings stands here. Raises `UndeterminedError` where nobody knows."""
        told = self.text(default)
        answer = any_of(self.world.becomes(told, value) for value in values)
        if answer.value is None:
            raise UndeterminedError(answer.because, self.path)
        return answer.value

    def said(self, default: str | None = None) -> str:
        """Return the string here for a reader, with what is unknown of it as in `Fn::Sub`."""
        parts = self.text(default).parts
        return "".join(part if isinstance(part, str) else f"${{{self.world.label(part.key)}}}" for part in parts)

    def boolean(self, *, default: bool | None = None) -> bool:
        """Return the boolean here; CloudFormation takes the strings "true" and "false" for booleans.

        What can no longer be "true" is false: no deployment comes to anything else. A world in which a parameter or a
        mapping gives anything else ends with a `ForkError` into none, as CloudFormation refuses such a deployment; what
        the template itself writes so, or makes so in every world, is a mismatch.
        """
        if default is not None and not self.exists:
            return default
        if not self.exists:
            raise MismatchError(self.path, None, "true or false")
        told = self.text()
        if not _may_be_boolean(self):
            if told.literal is not None and self._may_be_boolean_elsewhere():
                raise ForkError(())
            raise MismatchError(self.path, self.found, "true or false")
        return self.equals("true") if told.literal is None else told.literal.lower() == "true"

    def _may_be_boolean_elsewhere(self) -> bool:
        """Tell whether what this world takes of the branches here may be a boolean in another one."""
        _, path = self._resolved()
        (taken,) = (branch.raw for branch in self.branches() if branch.path == path)
        waiting = [self.world.under(Assumptions())]
        for _ in range(_MAX_WORLDS):
            if not waiting:
                return False
            try:
                if _may_be_boolean(Node(waiting.pop(), taken, path)):
                    return True
            except ForkError as fork:
                waiting.extend(fork.worlds)
            except (MismatchError, TemplateError):
                continue
        return True

    def items(self) -> Iterator[Node]:
        """Return the places of a list's items that exist; nothing here is an empty list."""
        value, path = self._resolved()
        if isinstance(value, Missing):
            return
        if not isinstance(value, list):
            raise MismatchError(path, self.found, "a list")
        for i, raw in enumerate(value):
            item = Node(self.world, raw, f"{path}[{i}]")
            if item.exists:
                yield item

    def one_or_more(self) -> Iterator[Node]:
        """Return the items of a list, or the one value where a single one may stand for a list of one."""
        if isinstance(self._resolved(allow_unknown=True)[0], list):
            yield from self.items()
        elif self.exists:
            yield self

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Return the keys of an object, with the places under them that exist; nothing here is an empty object."""
        value, path = self._resolved()
        if isinstance(value, Missing):
            return
        if not isinstance(value, dict):
            raise MismatchError(path, self.found, "an object")
        for key, raw in value.items():
            entry = Node(self.world, raw, child(path, key))
            if entry.exists:
                yield key, entry

    def branches(self) -> Iterator[Node]:
        """Return the places that this one comes to in some world, the branches of `Fn::If`, asking for no condition."""
        match self.raw:
            case {"Fn::If": [_, then, otherwise], **rest} if not rest:
                path = f"{self.path}['Fn::If']"
                yield from Node(self.world, then, f"{path}[1]").branches()
                yield from Node(self.world, otherwise, f"{path}[2]").branches()
            case _:
                yield self

    def members(self) -> Iterator[Node]:
        """Return the places that a list holds, or the one that may stand for it, whether they exist here or not."""
        value, path = self._resolved(allow_unknown=True)
        if isinstance(value, list):
            yield from (Node(self.world, raw, f"{path}[{i}]") for i, raw in enumerate(value))
        elif not isinstance(value, Missing):
            yield self

    def values(self) -> Iterator[Node]:
        """Return the places that an object holds, whether they exist in this world or not."""
        value, path = self._resolved()
        if not isinstance(value, dict):
            raise MismatchError(path, self.found, "an object")
        yield from (Node(self.world, raw, child(path, key)) for key, raw in value.items())

    def _resolved(self, *, allow_unknown: bool = False) -> tuple[Resolved, str]:
        if isinstance(self.raw, Missing):
            return self.raw, self.path
        value, path = intrinsics.resolve(self.world, self.raw, self.path)
        hidden = wholly_unknown(value)
        if hidden is not None and not allow_unknown:
            raise UndeterminedError(hidden.reason, path)
        return value, path


def _may_be_boolean(node: Node) -> bool:
    told = node.text()
    if told.literal is None:
        return any(node.world.becomes(told, said).value is not False for said in _BOOLEANS)
    return told.literal.lower() in _BOOLEANS


def is_plain(raw: object) -> bool:
    """Tell an object that no function gives."""
    return isinstance(raw, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in raw)


def child(path: str, key: str) -> str:
    """Return the JSONPath (RFC 9535) of a member of an object."""
    plain = key.replace("_", "a").isalnum() and key.isascii() and not key[0].isdigit()
    if plain:
        return f"{path}.{key}"
    escaped = json.dumps(key, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"{path}['{escaped}']"
