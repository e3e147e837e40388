"""The worlds that a template can become, found by asking.

A world is what has been assumed so far of the template's unknowns: its parameters, its pseudo parameters and
whatever else only the deployment tells. A rule runs in a world as if all were known. When it reads something that
depends on an unknown with several possible values, `ForkError` ends the run, and the rule runs again in each of the
worlds that differ in that one value. So only what a rule reads is spread out, the same condition is the same
everywhere in a world, and no world contradicts itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from policies import declarations, identity, intrinsics
from policies.assumptions import Assumptions
from policies.equality import equal
from policies.errors import ForkError, MismatchError, TemplateError, UndeterminedError
from policies.nodes import Node, is_plain
from policies.parameters import Parameter, unknown_of
from policies.reads import Part, Piece
from policies.signatures import CONDITION
from policies.stacks import Stacks
from policies.template import Resource, Template
from policies.values import NO, YES, Text, Truth, Unknown
from policies.ways import ways_to_become

T = TypeVar("T")

MAX_STEPS = 300_000
"""How many values one judgement may resolve, in all its worlds; beyond it the answer is undetermined."""


Memo = dict[Hashable, tuple[Any, frozenset[Piece]]]
"""What is costly to find out, and the pieces of the template that it was found by."""


@dataclass(frozen=True, slots=True)
class World:
    """The templates of a deployment under assumptions, seen from one of them.

    `defaults` takes every parameter that has a default for its default. The rest is a run's own: `conditions` and
    `settled` tell the reader how conditions turned out and which defaults and given values were used, `resolving`
    notices circles, `memo` keeps what is costly to find out. `steps`, shared by all worlds of a judgement, bounds it.
    """

    template: Template
    defaults: bool = False
    stacks: Stacks = field(default_factory=lambda: Stacks(()))
    assumed: Assumptions = field(default_factory=Assumptions)
    conditions: dict[str, bool] = field(default_factory=dict, compare=False)
    settled: dict[str, str] = field(default_factory=dict, compare=False)
    resolving: set[str] = field(default_factory=set, compare=False)
    memo: Memo = field(default_factory=dict, compare=False)
    steps: Counter[str] = field(default_factory=Counter, compare=False)

    def __post_init__(self) -> None:
        """Take a template that comes alone for a deployment of its own."""
        if not self.stacks.members:
            object.__setattr__(self, "stacks", Stacks((self.template,)))

    def within(self, template: Template) -> World:
        """Return the same world as another template of the deployment sees it."""
        return self if template is self.template else replace(self, template=template)

    def under(self, assumed: Assumptions) -> World:
        """Return the world as a run begins with it, under these assumptions."""
        return World(self.template, self.defaults, self.stacks, assumed, steps=self.steps)

    def remember(self, key: Hashable, find: Callable[[], T]) -> T:
        """Return what is costly to find out, found once in a world; whoever asks has read what it was found by."""
        reads = self.template.reads
        if key not in self.memo:
            with reads.listening() as noted:
                found = find()
            self.memo[key] = found, frozenset(noted)
        found, read = self.memo[key]
        reads.repeat(read)
        return found

    def step(self, path: str, cost: int = 1) -> None:
        """Count a value resolved. Raises `UndeterminedError` where a judgement has resolved too many."""
        self.steps["resolved"] += cost
        if self.steps["resolved"] > MAX_STEPS:
            raise UndeterminedError(f"more than {MAX_STEPS} values would have to be resolved", path)

    def condition(self, name: str, path: str) -> bool:
        """Tell how a condition of the template turns out in this world."""
        key = self.template.scope + name
        # Each time: what is remembered of one who asked before hangs on it as well.
        self.template.reads.note("document")
        if key not in self.conditions:
            expression = self.template.condition(name, path)
            with self.guard(f"condition {name}", path):
                self.conditions[key] = self._holds(expression, f"{self.template.scope}$.Conditions.{name}")
        return self.conditions[key]

    def _holds(self, expression: object, path: str) -> bool:
        match expression:
            case {"Condition": {"Condition": str(name), **more}, **rest} if not (more or rest):
                return self.condition(name, path)
            case {"Condition": str(name), **rest} if not rest:
                return self.condition(name, path)
            case {"Fn::Equals": [left, right], **rest} if not rest:
                return equal(self, left, right, f"{path}['Fn::Equals']")
            case {"Fn::Not": [inner], **rest} if not rest:
                return not self._holds(inner, f"{path}['Fn::Not'][0]")
            case {"Fn::And": [_, _, *_] as parts, **rest} if not rest:
                return all(self._holds(part, f"{path}['Fn::And'][{i}]") for i, part in enumerate(parts))
            case {"Fn::Or": [_, _, *_] as parts, **rest} if not rest:
                return any(self._holds(part, f"{path}['Fn::Or'][{i}]") for i, part in enumerate(parts))
        raise TemplateError(path, CONDITION)

    def has_value(self, hidden: Unknown, value: str) -> bool:
        """Tell whether an unknown has the value, by assumption where nothing else decides."""
        if hidden.key in self.assumed.bound:
            return self.known(hidden).literal == value
        if not self.may_be(hidden.key, value):
            return False
        if self.choices(hidden.key) == (value,):
            return True
        raise self.fork((self.assumed.assume(hidden.key, value), self.assumed.exclude(hidden.key, value)))

    def one_of(self, hidden: Unknown, values: Sequence[str], *, others: bool) -> str | None:
        """Return which of the values an unknown has, by assumption, or None where it has another.

        `others` tells whether it may have another at all.
        """
        told = self.known(hidden).literal
        if told is not None:
            return told if told in values else None
        choices = self.choices(hidden.key)
        among = [value for value in values if self.may_be(hidden.key, value)]
        if not among or among == list(choices or ()) == among[:1]:
            return among[0] if among else None
        worlds = [self.assumed.assume(hidden.key, value) for value in among]
        if others and (choices is None or set(choices) - set(values)):
            worlds.append(self.assumed.exclude(hidden.key, *among))
        raise self.fork(worlds)

    def fork(self, worlds: Iterable[Assumptions]) -> ForkError:
        """Return the fork into those of the worlds that do not contradict themselves."""
        return ForkError(tuple(self.under(assumed) for assumed in worlds if assumed.is_consistent))

    def choices(self, key: str) -> tuple[str, ...] | None:
        """Return the values that an unknown may still have, or None where they cannot be listed."""
        declared, excluded = self.declarations(key), self.assumed.not_among(key)
        listed = next((parameter.choices for parameter in declared if parameter.choices is not None), None)
        if listed is None:
            return None
        left = (value for value in listed if value not in excluded)
        return tuple(value for value in left if all(parameter.may_be(value) for parameter in declared))

    def declarations(self, key: str) -> list[Parameter]:
        """Return what is declared of an unknown, and of those that are taken to be the same."""
        keys = (key, *(other for other, value in self.assumed.bound.items() if self._is(value, key)))
        found = (declarations.declared(self.stacks.parameters, one) for one in keys)
        return [declared for declared in found if declared is not None]

    def _is(self, value: str | Unknown, key: str) -> bool:
        return isinstance(value, Unknown) and any(part.key == key for part in self.assumed.known(value).unknowns)

    def may_be(self, key: str, value: str) -> bool:
        """Tell whether an unknown may have a value, by what is declared and assumed of it."""
        return value not in self.assumed.not_among(key) and all(
            parameter.may_be(value) for parameter in self.declarations(key)
        )

    def becomes(self, text: Text, value: str) -> Truth:
        """Tell whether a text becomes a string, by what is declared and assumed of an unknown that it leaves open."""
        answer = text.same(Text.of(value))
        hidden, left = text.rest(Text.of(value))
        if answer.value is None and left.literal is not None and hidden.parts == hidden.unknowns[:1]:
            listed = self.choices(hidden.unknowns[0].key) is not None
            if listed or not self.may_be(hidden.unknowns[0].key, left.literal):
                return YES if self.has_value(hidden.unknowns[0], left.literal) else NO
        return NO if answer.value is None and ways_to_become(text, value, self.assumed, self.may_be) == [] else answer

    def known(self, hidden: Unknown) -> Text:
        """Return the value that an unknown was told or is assumed to have, or the unknown."""
        told = self._told(hidden.key)
        if told is not None:
            return Text.of(told)
        if hidden.key in identity.OF_ONE_STACK:
            hidden = replace(hidden, key=self.template.scope + hidden.key)
        return self.assumed.known(hidden)

    def _told(self, key: str) -> str | None:
        """Return what was told of an unknown from outside the template."""
        externals = self.template.externals
        if key.startswith("{{resolve:ssm:"):
            return externals.ssm_parameters.get(key.removeprefix("{{resolve:ssm:").removesuffix("}}"))
        told = externals.pseudo_parameters.get(key)
        if told is not None or key not in {"AWS::Partition", "AWS::URLSuffix"}:
            return told
        region, partition = (
            externals.pseudo_parameters.get(name) or self.assumed.bound.get(name)
            for name in ("AWS::Region", "AWS::Partition")
        )
        return declarations.of_environment(region, partition).get(key)

    def parameter(self, name: str, *, reveal: bool) -> Text:
        """Return the value of a parameter; `reveal` forks over the values that it may still have."""
        declared = self.template.parameters[name]
        key = f"{self.template.scope}Ref {name}"
        stack = self.stacks.parent(self.template)
        if stack is not None:
            with self.guard(key, stack.path):
                argument = self._argument(declared, stack, reveal=reveal)
                return self._stored(declared, argument) if declared.is_stored else argument
        stated, how = self._stated(declared)
        if stated is not None:
            shown = "(hidden)" if declared.secret else f'"{stated}"'
            self.settled[key] = f"{self.template.scope}{name} is {shown}, {how}"
            return self._stored(declared, stated) if declared.is_stored else Text.of(stated)
        told = self.known(unknown_of(key, declared))
        if told.literal is not None or not reveal:
            return told
        free = told.unknowns[0].key
        choices = self.choices(free)
        if choices is None:
            return told
        if len(choices) == 1:
            return Text.of(choices[0])
        raise self.fork(self.assumed.assume(free, value) for value in choices)

    def _stated(self, declared: Parameter) -> tuple[str | None, str]:
        """Return what a parameter is given, or None where this is open, and how."""
        if self.defaults and declared.default is not None:
            return declared.default, "its default"
        if declared.is_stored and declared.allowed is not None and len(declared.allowed) == 1:
            return declared.allowed[0], "all that it allows"
        return self.template.given_parameters.get(declared.name), "as given"

    def _stored(self, declared: Parameter, name: str | Text) -> Text:
        """Return what the SSM Parameter Store holds under a name: what a dynamic reference by that name gives."""
        reference = {"Fn::Join": ["", ["{{resolve:ssm:", name, "}}"]]}
        return intrinsics.resolve_text(self, reference, f"{self.template.scope}$.Parameters.{declared.name}")

    def _argument(self, declared: Parameter, stack: Resource, *, reveal: bool) -> Text:
        """Return the value that a nested template's parameter is given by the template that nests it."""
        above = self.within(stack.owner)
        stated = above.properties(stack).get("Parameters", declared.name)
        if not stated.exists and declared.default is not None:
            return Text.of(declared.default)
        if not stated.exists:
            raise TemplateError(stack.path, f"the nested stack gives no value for its parameter {declared.name}")
        given = (intrinsics.resolve_text if reveal else intrinsics.operand)(above, stated.raw, stated.path)
        if given.literal is not None and declared.admits(given.literal).value is False:
            raise TemplateError(stated.path, f"the nested stack's parameter {declared.name} does not allow this value")
        return given

    def imported(self, name: Text) -> Node | None:
        """Return the value of an export, by its name; None where no template of the deployment exports it."""
        for template in self.stacks.members:
            within = self.within(template)
            for key in template.section("Outputs"):
                try:
                    if within.output(key).get("Export", "Name").text().same(name).value:
                        return within.output(key).get("Value")
                except (MismatchError, TemplateError, UndeterminedError):
                    continue  # an output that exports nothing, or that nobody can read, spoils no other
        return None

    def properties(self, resource: Resource) -> Node:
        """Return the properties of a resource, as this world has them. Raises `TemplateError` where they are none."""
        attributes = self.attributes(resource)
        if attributes.part is not None:
            part = Part(resource.owner.reads, "property", resource.logical_id)
            part.reads.note("properties", resource.logical_id)
            stated = resource.body.get("Properties")
            if is_plain(stated):
                return Node(attributes.world, stated, f"{resource.path}.Properties", part)
        properties = attributes.get("Properties")
        if properties.exists and not properties.is_object:
            raise TemplateError(properties.path, "the Properties of a resource are an object")
        return properties

    def output(self, name: str) -> Node:
        """Return an output of the template, as this world has it."""
        return self.node(self.template.section("Outputs"), f"{self.template.scope}$.Outputs").get(name)

    def attributes(self, resource: Resource) -> Node:
        """Return the whole of a resource, its policies beside its properties."""
        here, part = self.within(resource.owner), Part(resource.owner.reads, "attribute", resource.logical_id)
        if is_plain(resource.body):
            part.reads.note("attributes", resource.logical_id)
            return Node(here, resource.body, resource.path, part)
        part.note_all()
        return Node(here, resource.body, resource.path)

    def declared(self, *types: str) -> Iterator[Resource]:
        """Return the resources of these types, of the whole deployment, that exist in some world.

        Who asks whether they have to do with the matter before asking whether this world has them spreads out no
        condition in vain.
        """
        for template in self.stacks.members:
            if template.pending and template is not self.template:
                raise UndeterminedError(f"{template.name} is rewritten at deployment")
            yield from template.of_type(*types)

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Return the resources of these types, of the whole deployment, that exist in this world."""
        return (resource for resource in self.declared(*types) if self.has(resource))

    def has(self, resource: Resource) -> bool:
        """Tell whether a resource exists in this world."""
        stack = self.stacks.parent(resource.owner)
        resource.owner.reads.note("attribute", resource.logical_id, "Condition")
        condition = resource.body.get("Condition")
        stated = condition is None or self.within(resource.owner).condition(
            str(condition), f"{resource.path}.Condition"
        )
        return stated and (stack is None or self.has(stack))

    def node(self, raw: object, path: str) -> Node:
        """Return a place of the template, as this world has it."""
        return Node(self, raw, path)

    def guard(self, name: str, path: str) -> _Guard:
        """Refuse, as a context manager, to resolve what is already being resolved."""
        return _Guard(self.resolving, self.template.scope + name, path)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What tells this world from the others, in the template's words."""
        if not (self.settled or self.assumed):
            return ()
        bound, excluded = self.assumed.bound, self.assumed.excluded
        said = [f"{name} is {str(value).lower()}" for name, value in sorted(self.conditions.items())]
        said += [f"{self.label(key)} is {self._shown(key, value)}" for key, value in sorted(bound.items())]
        for key, values in sorted(excluded.items()):
            if key not in bound:
                shown = " or ".join(self._shown(key, value) for value in sorted(values))
                said.append(f"{self.label(key)} is not {shown}")
        return (*said, *(settled for _, settled in sorted(self.settled.items())))

    def label(self, key: str) -> str:
        """Return what an unknown is called, by its key, in the template's words."""
        scope, _, name = key.rpartition("Ref ")
        return scope + name if key in self.stacks.parameters else self._without_secrets(key)

    def _shown(self, key: str, value: str | Unknown) -> str:
        if isinstance(value, Unknown):
            return self.label(value.key)
        secret = any(parameter.secret and name in key for name, parameter in self.stacks.parameters.items())
        return "(hidden)" if secret or self._without_secrets(key) != key else f'"{value}"'

    def _without_secrets(self, key: str) -> str:
        """Return a key without a secret that it spells, as that by which the SSM Parameter Store is read."""
        for template in self.stacks.members:
            key = template.without_secrets(key)
        return key


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
