"""The worlds that a template can become, found by asking.

A world is what has been assumed so far of the template's unknowns: its parameters, its pseudo parameters and
whatever else only the deployment tells. A rule runs in a world as if all were known. When it reads something that
depends on an unknown with several possible values, `ForkError` ends the run, and the rule runs again in each of the
worlds that differ in that one value. So only what a rule reads is spread out, the same condition is the same
everywhere in a world, and no world contradicts itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from policies import intrinsics
from policies.errors import TemplateError, UndeterminedError
from policies.nodes import Node
from policies.values import Text, Unknown

if TYPE_CHECKING:
    from policies.template import Resource, Template

MAX_WORLDS = 512
"""How many worlds one judgement may take; beyond it the answer is undetermined."""

MAX_STEPS = 300_000
"""How many values one judgement may resolve, in all its worlds; beyond it the answer is undetermined."""

_MAX_RUNS = 4 * MAX_WORLDS
"""How often one judgement may run: once for each world, and once for each fork."""

T = TypeVar("T")


class ForkError(Exception):
    """A run came to something with several possible values: it is to be run again in each of these worlds."""

    def __init__(self, worlds: tuple[World, ...]) -> None:
        super().__init__("the world forks")
        self.worlds = worlds


@dataclass(frozen=True, slots=True)
class World:
    """A template under assumptions.

    `bound` gives the value, or the other unknown, that an unknown is taken to be, `excluded` the values that it has
    not, and `equalities` whether two expressions that cannot be resolved are the same. The rest is a run's own:
    `conditions` and `defaulted` tell the reader how conditions turned out and which defaults were used, `resolving`
    notices circles, `memo` keeps what is costly to find out. `steps`, shared by all worlds of a judgement, bounds it.
    """

    template: Template
    defaults: bool = False
    bound: Mapping[str, str | Unknown] = field(default_factory=dict)
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    equalities: Mapping[frozenset[Text], bool] = field(default_factory=dict)
    conditions: dict[str, bool] = field(default_factory=dict, compare=False)
    defaulted: dict[str, str] = field(default_factory=dict, compare=False)
    resolving: set[str] = field(default_factory=set, compare=False)
    memo: dict[Hashable, Any] = field(default_factory=dict, compare=False)
    steps: Counter[str] = field(default_factory=Counter, compare=False)

    def assume(self, key: str, value: str | Unknown) -> World:
        """Return the world in which the unknown has the value, or is the same as another unknown."""
        excluded = dict(self.excluded)
        if isinstance(value, Unknown) and key in excluded:
            excluded[value.key] = excluded.get(value.key, frozenset()) | excluded[key]
        return self._with({**self.bound, key: value}, excluded, self.equalities)

    def exclude(self, key: str, value: str) -> World:
        """Return the world in which the unknown has not the value."""
        excluded = {**self.excluded, key: self.excluded.get(key, frozenset()) | {value}}
        return self._with(self.bound, excluded, self.equalities)

    def _decide(self, pair: frozenset[Text], *, equal: bool) -> World:
        return self._with(self.bound, self.excluded, {**self.equalities, pair: equal})

    def _with(
        self,
        bound: Mapping[str, str | Unknown],
        excluded: Mapping[str, frozenset[str]],
        equalities: Mapping[frozenset[Text], bool],
    ) -> World:
        return World(self.template, self.defaults, bound, excluded, equalities, steps=self.steps)

    def step(self, path: str, cost: int = 1) -> None:
        """Count a value resolved. Raises `UndeterminedError` where a judgement has resolved too many."""
        self.steps["resolved"] += cost
        if self.steps["resolved"] > MAX_STEPS:
            raise UndeterminedError(f"more than {MAX_STEPS} values would have to be resolved", path)

    @property
    def is_consistent(self) -> bool:
        """Whether what was decided of pairs of texts agrees with what is bound."""
        return all(
            self._filled(left).same(self._filled(right)).value in {None, equal}
            for (left, right), equal in ((tuple(pair), equal) for pair, equal in self.equalities.items())
        )

    def _filled(self, text: Text) -> Text:
        return Text.of(*(self.known(part) if isinstance(part, Unknown) else part for part in text.parts))

    def condition(self, name: str, path: str) -> bool:
        """Tell how a condition of the template turns out in this world."""
        if name not in self.conditions:
            expression = self.template.condition(name, path)
            with self.guard(f"condition {name}", path):
                self.conditions[name] = self._holds(expression, f"$.Conditions.{name}")
        return self.conditions[name]

    def _holds(self, expression: object, path: str) -> bool:
        match expression:
            case {"Condition": str(name), **rest} if not rest:
                return self.condition(name, path)
            case {"Fn::Equals": [left, right], **rest} if not rest:
                return self._equal(left, right, f"{path}['Fn::Equals']")
            case {"Fn::Not": [inner], **rest} if not rest:
                return not self._holds(inner, f"{path}['Fn::Not'][0]")
            case {"Fn::And": [_, _, *_] as parts, **rest} if not rest:
                return all(self._holds(part, f"{path}['Fn::And'][{i}]") for i, part in enumerate(parts))
            case {"Fn::Or": [_, _, *_] as parts, **rest} if not rest:
                return any(self._holds(part, f"{path}['Fn::Or'][{i}]") for i, part in enumerate(parts))
        raise TemplateError(
            path,
            "a condition is Fn::Equals of two values, Fn::Not of one condition, "
            "Fn::And or Fn::Or of two or more, or the name of a Condition",
        )

    def _equal(self, left: object, right: object, path: str) -> bool:
        self.step(path)
        a = intrinsics.operand(self, left, f"{path}[0]")
        b = intrinsics.operand(self, right, f"{path}[1]")
        answer = a.same(b)
        if answer.value is not None:
            return answer.value
        a, b = a.rest(b)
        for one, other in ((a, b), (b, a)):
            if other.literal is not None and one.unknowns == one.parts and len(one.parts) == 1:
                return self._has_value(one.unknowns[0], other.literal)
        for hidden in (*a.unknowns, *b.unknowns):
            choices = self.choices(hidden.key)
            if choices is not None:
                raise _fork(self.assume(hidden.key, value) for value in choices)
        pair = frozenset((a, b))
        if pair not in self.equalities:
            same = self._decide(pair, equal=True)
            if len(a.unknowns) == len(a.parts) == len(b.unknowns) == len(b.parts) == 1:
                same = self.assume(a.unknowns[0].key, b.unknowns[0])
            raise _fork((same, self._decide(pair, equal=False)))
        return self.equalities[pair]

    def _has_value(self, hidden: Unknown, value: str) -> bool:
        """Tell whether an unknown has the value, by assumption where nothing else decides."""
        if hidden.key in self.bound:
            return self.known(hidden).literal == value
        if value in self.excluded.get(hidden.key, frozenset()):
            return False
        allowed = self.choices(hidden.key)
        if (allowed is not None and value not in allowed) or not self.template.may_be(hidden.key, value):
            return False
        if allowed == (value,):
            return True
        raise _fork((self.assume(hidden.key, value), self.exclude(hidden.key, value)))

    def choices(self, key: str) -> tuple[str, ...] | None:
        """Return the values that an unknown may still have, or None where they cannot be listed."""
        allowed = self.template.allowed_values(key)
        if allowed is None:
            return None
        return tuple(value for value in allowed if value not in self.excluded.get(key, frozenset()))

    def known(self, hidden: Unknown) -> Text:
        """Return the value that an unknown is assumed to have, or the unknown."""
        value = self.bound.get(hidden.key, hidden)
        if isinstance(value, Unknown) and value.key in self.bound:
            return self.known(value)
        return Text.of(value)

    def parameter(self, name: str, *, reveal: bool) -> Text:
        """Return the value of a parameter; `reveal` forks over the values that it may still have."""
        declared = self.template.parameters[name]
        if self.defaults and declared.default is not None:
            self.defaulted[declared.hidden.key] = declared.default
            return Text.of(declared.default)
        told = self.known(declared.hidden)
        choices = self.choices(declared.hidden.key)
        if told.literal is not None or not reveal or choices is None:
            return told
        if len(choices) == 1:
            return Text.of(choices[0])
        raise _fork(self.assume(declared.hidden.key, value) for value in choices)

    def properties(self, resource: Resource) -> Node:
        """Return the properties of a resource, as this world has them."""
        return self.attributes(resource).get("Properties")

    def output(self, name: str) -> Node:
        """Return an output of the template, as this world has it."""
        return self.node(self.template.section("Outputs"), "$.Outputs").get(name)

    def attributes(self, resource: Resource) -> Node:
        """Return the whole of a resource, its policies beside its properties."""
        return self.node(resource.body, resource.path)

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Return the resources of these types that exist in this world."""
        return (resource for resource in self.template.of_type(*types) if self.has(resource))

    def has(self, resource: Resource) -> bool:
        """Tell whether a resource exists in this world."""
        condition = resource.body.get("Condition")
        return condition is None or self.condition(str(condition), f"{resource.path}.Condition")

    def node(self, raw: object, path: str) -> Node:
        """Return a place of the template, as this world has it."""
        return Node(self, raw, path)

    def guard(self, name: str, path: str) -> _Guard:
        """Refuse, as a context manager, to resolve what is already being resolved."""
        return _Guard(self.resolving, name, path)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What tells this world from the others, in the template's words."""
        defaults = [
            f"{_label(key)} is {self._shown(key, value)}, its default" for key, value in sorted(self.defaulted.items())
        ]
        if not (defaults or self.bound or self.excluded or self.equalities):
            return ()
        said = [f"{name} is {str(value).lower()}" for name, value in sorted(self.conditions.items())]
        said += [f"{_label(key)} is {self._shown(key, value)}" for key, value in sorted(self.bound.items())]
        for key, values in sorted(self.excluded.items()):
            if key not in self.bound:
                shown = " or ".join(self._shown(key, value) for value in sorted(values))
                said.append(f"{_label(key)} is not {shown}")
        return tuple(said + defaults)

    def _shown(self, key: str, value: str | Unknown) -> str:
        if isinstance(value, Unknown):
            return _label(value.key)
        return "(hidden)" if self.template.is_secret(key) else f'"{value}"'


def _fork(worlds: Iterable[World]) -> ForkError:
    """Return the fork into those of the worlds that do not contradict themselves."""
    return ForkError(tuple(world for world in worlds if world.is_consistent))


def _label(key: str) -> str:
    return key.removeprefix("Ref ")


@dataclass(frozen=True, slots=True)
class _Guard:
    resolving: set[str]
    name: str
    path: str

    def __enter__(self) -> None:
        if self.name in self.resolving:
            raise TemplateError(self.path, f"{self.name} is defined by itself")
        self.resolving.add(self.name)

    def __exit__(self, *_: object) -> None:
        self.resolving.discard(self.name)


def explore(world: World, run: Callable[[World], T]) -> Iterator[tuple[World, T]]:
    """Run something in every world that it can tell apart.

    Raises `UndeterminedError` when there are more than `MAX_WORLDS`.
    """
    waiting = [world]
    found = 0
    for _ in range(_MAX_RUNS):
        if not waiting:
            return
        if found == MAX_WORLDS:
            break
        here = waiting.pop()
        try:
            result = run(here)
        except ForkError as fork:
            waiting.extend(reversed(fork.worlds))
        else:
            found += 1
            yield here, result
    raise UndeterminedError(f"more than {MAX_WORLDS} worlds of the template differ in what is judged")
