"""A template: its sections, checked for their kinds, and its resources.

What a template can become is for `policies.worlds`; here it is as its author wrote it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from policies.errors import TemplateError, UndeterminedError
from policies.identity import TABLE_TYPES
from policies.model import Settings
from policies.nodes import child
from policies.reading import InputError
from policies.values import Unknown

SETTINGS_KEY = "worthwatch:settings"
"""The key of a template's Metadata under which a storage stack states the settings that it was made from."""

_SECTIONS = ("Conditions", "Mappings", "Metadata", "Outputs", "Parameters", "Resources")
_HARMLESS_MACROS = frozenset(
    {"AWS::LanguageExtensions", "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16"}
)
"""Macros of AWS that change nothing which a rule reads, or whose functions are resolved here."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as the template declares it; `body` is the whole of it."""

    logical_id: str
    type: str
    body: Mapping[str, object]
    path: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the template declares it; `default` is what a stack gets that gives no value."""

    name: str
    type: str
    default: str | None
    allowed: tuple[str, ...] | None
    secret: bool
    lengths: tuple[float, float] = (0, math.inf)
    values: tuple[float, float] = (-math.inf, math.inf)

    def admits(self, value: str) -> bool:
        """Tell whether a deployment may give the value, by what the parameter's type and bounds say."""
        if self.type == "Number":
            number = _number(value, math.nan)
            return self.values[0] <= number <= self.values[1]
        if self.type.startswith("AWS::") and not value:
            return False
        return self.lengths[0] <= len(value) <= self.lengths[1]

    @property
    def is_list(self) -> bool:
        """Whether a `Ref` to it gives a list."""
        return _is_list(self.type)

    @property
    def hidden(self) -> Unknown:
        """The unknown that its value is until a deployment gives it."""
        if self.type.startswith("AWS::SSM::Parameter::Value"):
            reason = f"parameter {self.name} is read from the SSM Parameter Store at deployment"
        else:
            reason = f"parameter {self.name} may be given any value"
        return Unknown(f"Ref {self.name}", reason)


@dataclass(frozen=True)
class Template:
    """A CloudFormation template.

    `name` is what its user knows it by. `constructs` gives for a logical id the constructs that it was made by, from
    the app down, as `fqn@version`; it is None where no construct tree came with the template. `settings` is the intent
    that it was synthesised from; where none is given, what the template's own metadata states. `told_policies` holds
    the documents of managed policies that stand elsewhere, by name.
    """

    name: str
    document: Mapping[str, object]
    constructs: Mapping[str, Sequence[str]] | None = None
    given_settings: Settings | None = None
    told_policies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(init=False)
    parameters: Mapping[str, Parameter] = field(init=False)

    def __post_init__(self) -> None:
        """Raise `InputError` where a section or a declaration is of the wrong kind, all such places in one message."""
        problems = [f"{place}: {problem}" for place, problem in _problems(self.document)]
        if problems:
            raise InputError(self.name, "; ".join(problems))
        object.__setattr__(
            self, "resources", {key: _resource(key, body) for key, body in self.section("Resources").items()}
        )
        object.__setattr__(
            self,
            "parameters",
            {key: _parameter(key, body) for key, body in self.section("Parameters").items()},
        )

    def section(self, name: str) -> Mapping[str, object]:
        """Return a section of the template, empty where there is none."""
        section = self.document.get(name)
        return section if isinstance(section, dict) else {}

    @cached_property
    def settings(self) -> Settings | None:
        """The settings behind the template, or None where nothing states any."""
        if self.given_settings is not None:
            return self.given_settings
        stated = self.section("Metadata").get(SETTINGS_KEY)
        if not isinstance(stated, dict):
            return None
        # Whoever writes metadata by hand may write "true" for true, as everywhere in a template.
        return {key: {"true": True, "false": False}.get(str(value), value) for key, value in stated.items()}

    @cached_property
    def tables(self) -> tuple[Resource, ...]:
        """The DynamoDB tables that the template declares, in some world at least."""
        return self.of_type(*TABLE_TYPES)

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of these types."""
        return tuple(resource for resource in self.resources.values() if resource.type in types)

    @property
    def mappings(self) -> Mapping[str, object]:
        """The Mappings section."""
        return self.section("Mappings")

    @cached_property
    def macros(self) -> tuple[str, ...]:
        """The macros that rewrite the template at deployment."""
        stated = self.document.get("Transform", [])
        names = stated if isinstance(stated, list) else [stated]
        said = (name if isinstance(name, str) else "Fn::Transform" for name in names)
        keys = (*self.document, *self.section("Resources"))
        called = ("::".join(key.split("::")[:2]) for key in keys if key.startswith("Fn::"))
        return tuple(dict.fromkeys(name for name in (*said, *called) if name not in _HARMLESS_MACROS))

    def setting(self, name: str, choices: Collection[object]) -> object:
        """Return a setting, or None where none is stated. Raises `UndeterminedError` for one that is no choice."""
        value = (self.settings or {}).get(name)
        if value is not None and json.dumps(value) not in map(json.dumps, choices):
            where = f"$.Metadata['{SETTINGS_KEY}'].{name}"
            raise UndeterminedError(f"the settings state {name} as {json.dumps(value)}, which it cannot be", where)
        return value

    def condition(self, name: str, path: str) -> object:
        """Return the expression of a condition. Raises `TemplateError` where the template defines none of that name."""
        conditions = self.section("Conditions")
        if name not in conditions and any(key.startswith("Fn::") for key in conditions):
            raise UndeterminedError(f"a macro may define the condition {name} at deployment", "$.Conditions")
        if name not in conditions:
            raise TemplateError(path, f"the template defines no condition {name}")
        return conditions[name]

    def allowed_values(self, key: str) -> tuple[str, ...] | None:
        """Return the values that an unknown can have, or None where they cannot be listed."""
        parameter = self._behind(key)
        return parameter.allowed if parameter is not None else None

    def may_be(self, key: str, value: str) -> bool:
        """Tell whether an unknown may have a value, by what is declared of it."""
        parameter = self._behind(key)
        return parameter is None or parameter.is_list or parameter.admits(value)

    def is_secret(self, key: str) -> bool:
        """Tell whether an unknown is a parameter that must not be shown (NoEcho)."""
        parameter = self._behind(key)
        return parameter is not None and parameter.secret

    def without_secrets(self, message: str) -> str:
        """Return a message without the values that are known of parameters which must not be shown."""
        for parameter in self.parameters.values():
            if parameter.secret:
                for value in filter(None, (parameter.default, *(parameter.allowed or ()))):
                    message = message.replace(value, "(hidden)")
        return message

    def _behind(self, key: str) -> Parameter | None:
        return self.parameters.get(key.removeprefix("Ref "))


def _resource(logical_id: str, body: object) -> Resource:
    held = body if isinstance(body, dict) else {}
    return Resource(logical_id, str(held.get("Type", "")), held, child("$.Resources", logical_id))


def _parameter(name: str, body: object) -> Parameter:
    held = body if isinstance(body, dict) else {}
    kind = str(held.get("Type", "String"))
    from_store = kind.startswith("AWS::SSM::Parameter::Value")
    allowed = held.get("AllowedValues")
    default = None if from_store or "Default" not in held else _scalar(held["Default"])
    return Parameter(
        name,
        kind,
        default,
        tuple(dict.fromkeys(_scalar(value) for value in allowed))
        if isinstance(allowed, list) and allowed and not from_store and not _is_list(kind)
        else None,
        str(held.get("NoEcho", "")).lower() == "true",
        (_number(held.get("MinLength"), 0), _number(held.get("MaxLength"), math.inf)),
        (_number(held.get("MinValue"), -math.inf), _number(held.get("MaxValue"), math.inf)),
    )


def _number(value: object, default: float) -> float:
    """Return a number, which a template may also write as a string; the default for what is none."""
    try:
        return float(value) if isinstance(value, str | int | float) else default
    except (ValueError, OverflowError):
        return default


def _is_list(kind: str) -> bool:
    """Tell a type of lists: its `AllowedValues` are those of each item, not those of the parameter."""
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _scalar(value: object) -> str:
    """Return the string that CloudFormation makes of a parameter's value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problems(document: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the places of a template where something of the wrong kind stands."""
    problems = [
        (f"$.{name}", "an object is expected here")
        for name in _SECTIONS
        if name in document and not isinstance(document[name], dict)
    ]
    resources = document.get("Resources")
    if resources is None or resources == {}:
        problems.append(("$", "a template needs at least one resource under Resources"))
    if isinstance(resources, dict):
        for key, body in resources.items():
            if not key.startswith("Fn::"):
                problems += _resource_problems(child("$.Resources", key), body)
    parameters = document.get("Parameters")
    if isinstance(parameters, dict):
        for key, body in parameters.items():
            if not isinstance(body, dict):
                problems.append((child("$.Parameters", key), "an object is expected here"))
            elif not isinstance(body.get("Type"), str):
                problems.append((child("$.Parameters", key) + ".Type", "a parameter needs a type, which is a string"))
            elif (declared := _parameter(key, body)).default not in (None, *(declared.allowed or (declared.default,))):
                problems.append((child("$.Parameters", key) + ".Default", "the default is none of AllowedValues"))
    return problems


def _resource_problems(path: str, body: object) -> list[tuple[str, str]]:
    if not isinstance(body, dict):
        return [(path, "an object is expected here")]
    problems = []
    if not isinstance(body.get("Type"), str):
        problems.append((f"{path}.Type", "a resource needs a type, which is a string"))
    if not isinstance(body.get("Properties", {}), dict):
        problems.append((f"{path}.Properties", "an object is expected here"))
    if not isinstance(body.get("Condition", ""), str):
        problems.append((f"{path}.Condition", "the name of a condition is expected here"))
    return problems
