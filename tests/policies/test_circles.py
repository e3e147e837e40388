"""What waits for itself: conditions that are made of each other, and resources that need each other."""

from __future__ import annotations

import itertools

import pytest

from policies.circles import Entry, circular_conditions, circular_resources
from policies.errors import TemplateError
from policies.signatures import Place

Json = dict[str, object]
Problem = tuple[str, str]

NAMES = ("A", "B", "C")
PAIRS = tuple(itertools.product(NAMES, repeat=2))
REF_A: Json = {"Ref": "A"}


def entries(section: Json) -> list[Entry]:
    """Return what a section declares, each with a place."""
    return [(key, body, Place() / "Any" / key) for key, body in section.items()]


def plain(problems: list[TemplateError]) -> list[Problem]:
    """Return the place and the words of each problem."""
    return [(one.path, one.problem) for one in problems]


def resources(section: Json) -> list[Problem]:
    """Return what is told of resources."""
    return plain(list(circular_resources(entries(section))))


def conditions(section: Json) -> list[Problem]:
    """Return what is told of conditions."""
    return plain(list(circular_conditions(entries(section))))


def circles(needs: dict[str, list[str]]) -> list[list[str]]:
    """Return those that need each other, or themselves, by Warshall's algorithm: whoever reaches whom."""
    reached = {(one, other) for one, others in needs.items() for other in others}
    for middle, one, other in itertools.product(NAMES, repeat=3):
        if {(one, middle), (middle, other)} <= reached:
            reached.add((one, other))
    together = {
        tuple(other for other in NAMES if {(one, other), (other, one)} <= reached)
        for one in NAMES
        if (one, one) in reached
    }
    return [list(circle) for circle in sorted(together)]


def told(circle: list[str]) -> Problem:
    """Return what is told of resources that need each other."""
    *most, last = circle
    if not most:
        return f"$.Resources.{last}", f"resource {last} needs itself"
    return f"$.Resources.{most[0]}", f"resources {', '.join(most)} and {last} need each other"


def test_every_graph_of_three() -> None:
    """Whatever three resources wait for, those that need each other are told, each circle once, and nothing else."""
    for chosen in itertools.product((False, True), repeat=len(PAIRS)):
        needs: dict[str, list[str]] = {name: [] for name in NAMES}
        for (one, other), is_needed in zip(PAIRS, chosen, strict=True):
            if is_needed:
                needs[one].append(other)
        for declared in itertools.permutations(NAMES):
            section: Json = {name: {"DependsOn": needs[name]} for name in declared}
            assert resources(section) == [told(circle) for circle in circles(needs)]


@pytest.mark.parametrize(
    "body",
    [
        {"DependsOn": "A"},
        {"DependsOn": ["B", "A"]},
        {"Properties": {"V": [REF_A]}},
        {"Properties": {"V": {"Fn::GetAtt": ["A", "Arn"]}}},
        {"Metadata": {"V": {"Fn::Sub": "${A.Arn}"}}},
        {"DependsOn": [1, "A"], "Properties": {}},
        {"DependsOn": "B", "Properties": REF_A},
    ],
)
def test_what_is_waiting(body: Json) -> None:
    """A resource waits for those it depends on, and for those that its properties or its metadata name."""
    assert resources({"A": body, "B": {}}) == [("$.Resources.A", "resource A needs itself")]


@pytest.mark.parametrize(
    "body",
    [
        {"DependsOn": "Other"},
        {"DependsOn": {"A": "A"}},
        {"DependsOn": [["A"], {"Ref": "A"}]},
        {"Properties": {"V": "A"}},
        {"UpdatePolicy": {"V": REF_A}},
        {"DeletionPolicy": REF_A},
        {"Properties": {"V": {"Fn::If": ["C", REF_A, "x"]}}},
        {"Properties": {"V": {"Fn::If": ["A", "x", "y"]}}},
        {"Properties": {"V": {"Condition": "A"}}},
        {"Condition": "C", "DependsOn": "A"},
        ["A"],
        None,
    ],
)
def test_what_is_no_certain_waiting(body: object) -> None:
    """What is no resource of the template, stands elsewhere or hangs on a condition makes no circle."""
    assert resources({"A": body, "B": {}}) == []


def test_what_waits_behind_what_is_no_resource() -> None:
    """A resource that is left out, for it hangs on a condition, leaves those after it to be judged."""
    itself = {"DependsOn": "B"}
    assert resources({"A": {"Condition": "C", "DependsOn": "A"}, "B": itself}) == [
        ("$.Resources.B", "resource B needs itself")
    ]


def test_conditions() -> None:
    """A condition is made of those that it names; a parameter or a resource of its name is another thing."""
    assert conditions({"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::If": ["A", 1, 2]}, "C": {"Ref": "C"}}) == [
        ("$.Conditions.A", "conditions A and B need each other")
    ]
    assert conditions({"A": {"Condition": "A"}}) == [("$.Conditions.A", "condition A needs itself")]


def test_a_long_circle() -> None:
    """A circle through more resources than Python calls itself is found."""
    section: Json = {f"R{i:04}": {"DependsOn": f"R{(i + 1) % 1500:04}"} for i in range(1500)}
    names = [f"R{i:04}" for i in range(1500)]
    assert resources(section) == [told(names)]
