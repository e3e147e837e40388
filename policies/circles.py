"""Conditions that are made of each other and resources that wait for each other, which CloudFormation refuses.

Sources: AWS CloudFormation Template Reference, "Intrinsic function reference" and "Resource attribute reference".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from policies.errors import TemplateError
from policies.signatures import Place, calls

Entry: TypeAlias = tuple[str, object, Place]
"""What a section of a template declares: its key, its body and its place."""

ORDERING: Final = ("Properties", "Metadata")
"""The attributes of a resource in which to refer to a resource is to wait for it."""
_TO_RESOURCES: Final = {"Ref", "Fn::GetAtt"}


def circular_conditions(entries: Iterable[Entry]) -> Iterator[TemplateError]:
    """Judge that no condition is made of itself: one problem for all that are made of each other."""
    graph: dict[str, set[str]] = {}
    for key, body, place in entries:
        named = [pair for call in calls(body, place) for pair in call.names()]
        graph[key] = {name for how, name in named if how == "Condition"}
    yield from _circular("Conditions", "condition", graph)


def circular_resources(entries: Iterable[Entry]) -> Iterator[TemplateError]:
    """Judge that no resource certainly waits for itself, where all that it waits for certainly are.

    There is one problem for all that wait for each other.
    """
    graph: dict[str, set[str]] = {}
    for key, body, place in entries:
        if isinstance(body, dict) and "Condition" not in body:
            stated = body.get("DependsOn")
            graph[key] = {name for name in (stated if isinstance(stated, list) else [stated]) if isinstance(name, str)}
            ordering = [body.get(attribute) for attribute in ORDERING]
            named = [pair for call in calls(ordering, place) if call.certain for pair in call.names()]
            graph[key] |= {name for how, name in named if how in _TO_RESOURCES}
    yield from _circular("Resources", "resource", graph)


def _circular(section: str, what: str, needed: Mapping[str, set[str]]) -> Iterator[TemplateError]:
    """Judge that nothing in a section needs itself; what is needed from elsewhere does not matter."""
    graph = {key: names & needed.keys() for key, names in needed.items()}
    for first, *others in sorted(_circles(graph)):
        problem = f"{what} {first} needs itself"
        if others:
            problem = f"{what}s {', '.join([first, *others[:-1]])} and {others[-1]} need each other"
        yield (Place() / section / first).problem(problem)


def _circles(graph: Mapping[str, Collection[str]]) -> Iterator[list[str]]:
    """Return those that need each other, or themselves, by Kosaraju's algorithm for strongly connected components."""
    users: dict[str, list[str]] = {key: [] for key in graph}
    for key, used in graph.items():
        for name in used:
            users[name].append(key)
    remaining = set(graph)
    for key in reversed(_needed_first(graph)):
        circle, waiting = [], [key]
        while waiting:
            name = waiting.pop()
            if name in remaining:
                remaining.remove(name)
                circle.append(name)
                waiting += users[name]
        if len(circle) > 1 or (circle and key in graph[key]):
            yield sorted(circle)


def _needed_first(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Return what is in a graph, each after what it needs, circles apart."""
    order: list[str] = []
    seen: set[str] = set()
    waiting = [(key, False) for key in graph]
    while waiting:
        key, done = waiting.pop()
        if done:
            order.append(key)
        elif key not in seen:
            seen.add(key)
            waiting += [(key, True), *((used, False) for used in graph[key])]
    return order
