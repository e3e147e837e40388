"""What a SARIF tool says of its rules and of its notifications: which of them is meant, and how severe it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from policies.reading import quoted
from scanners.errors import ContradictionError
from scanners.model import Level
from scanners.sarif_model import Component, ComponentReference, Descriptor, Override, Reference, Tool

Key = tuple[int, int]
"""A descriptor's place: its component's, the driver's being 0, and its own in there."""

Overrides = Mapping[Key, Level]
"""The levels that an invocation has set for descriptors."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a reference leads to: a descriptor of a component, or nothing but the component."""

    component: Component
    descriptor: Descriptor | None = None
    key: Key | None = None


class Descriptors:
    """The rules of a tool, or its notifications: those of its driver and of its extensions."""

    def __init__(self, tool: Tool, kind: Literal["rules", "notifications"]) -> None:
        self._components = [tool.driver, *tool.extensions]
        self._by_component_guid = _unique(_guid(one.guid) for one in self._components)
        self._descriptors: list[list[Descriptor]] = [getattr(one, kind) for one in self._components]
        self._by_id = [_unique(one.id for one in each) for each in self._descriptors]
        self._by_guid = [_unique(_guid(one.guid) for one in each) for each in self._descriptors]

    def find(self, reference: Reference) -> Described:
        """Return what a reference leads to (SARIF 2.1.0, section 3.52.3).

        By that section an id alone leads nowhere. As many tools give nothing else, it is looked up all the same.
        Raises `ContradictionError` where the reference leads to what is not there, or to what has another id.
        """
        place = self._component(reference.tool_component)
        index = reference.index
        if index is None and reference.guid is not None:
            index = self._by_guid[place].get(_guid(reference.guid))
            if index is None:
                raise ContradictionError(f"the tool describes nothing with the guid {quoted(reference.guid)}")
        if index is None:
            return self._named(reference, place)
        if index >= len(self._descriptors[place]):
            raise ContradictionError(
                f"the index {index} leads nowhere; the tool describes {len(self._descriptors[place])}"
            )
        found = self._at(place, index)
        id_ = self._descriptors[place][index].id
        if reference.id is not None and not f"{reference.id}/".startswith(f"{id_}/"):
            raise ContradictionError(f"{quoted(reference.id)} by its id, but {quoted(id_)} by its index or guid")
        return found

    def overridden(self, overrides: Iterable[Override]) -> Overrides:
        """Return the levels that these set, the first for each descriptor."""
        levels: dict[Key, Level] = {}
        for override in overrides:
            key, level = self.find(override.descriptor).key, override.configuration.level
            if key is not None and level is not None:
                levels.setdefault(key, level)
        return levels

    def _component(self, reference: ComponentReference | None) -> int:
        if reference is None:
            return 0
        if reference.index is not None:
            if reference.index + 1 < len(self._components):
                return reference.index + 1
            raise ContradictionError(f"the tool has no extension {reference.index}; it has {len(self._components) - 1}")
        if reference.guid is None:
            return 0
        place = self._by_component_guid.get(_guid(reference.guid))
        if place is None:
            raise ContradictionError(f"the tool has no component with the guid {quoted(reference.guid)}")
        return place

    def _named(self, reference: Reference, place: int) -> Described:
        """Look an id up, whole or without the last of its hierarchical components (section 3.52.4)."""
        places = range(len(self._components)) if reference.tool_component is None else (place,)
        whole = reference.id or ""
        for id_ in (whole, whole.rpartition("/")[0]):
            for each in places:
                if id_ in self._by_id[each]:
                    return self._at(each, self._by_id[each][id_])
        return Described(self._components[place])

    def _at(self, place: int, index: int) -> Described:
        return Described(self._components[place], self._descriptors[place][index], (place, index))


def level(stated: Level | None, described: Described, overrides: Overrides) -> Level:
    """Return the level of a result or of a notification (SARIF 2.1.0, section 3.27.10)."""
    if stated is not None:
        return stated
    if described.key is not None and described.key in overrides:
        return overrides[described.key]
    default = described.descriptor.default_configuration if described.descriptor else None
    return default.level if default and default.level else Level.WARNING


def _guid(guid: str | None) -> str | None:
    return guid.lower() if guid is not None else None


def _unique(keys: Iterable[str | None]) -> dict[str | None, int]:
    """Return the places of keys, without those that stand at several."""
    listed = list(keys)
    counts = Counter(listed)
    return {key: place for place, key in enumerate(listed) if key is not None and counts[key] == 1}
