"""A template's parameters: what a deployment may give for each.

Source: AWS CloudFormation User Guide, "Parameters section" and "Supply values at runtime with Systems Manager
Parameter Store".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from policies import patterns
from policies.values import NO, YES, Truth, Unknown, all_of

_STORED = "AWS::SSM::Parameter::Value"
_NUMBER, _STRING = "Number", "String"
_ITEM_TYPE = re.compile("List<([^<>]*)>")


@dataclass(frozen=True)
class Parameter:
    """A parameter as the template declares it.

    `default` is what a stack gets that gives no value. `allowed` are the values that it may be given, or None where
    they cannot be listed, and `pattern` is the regular expression that all of a value must match; those of a list are
    its items'. `lengths` and `values` bound the length of a string and the size of a number. `asserted` are the values
    that the template's Rules leave whatever else is given, or None where these do not list them. For a type that reads
    the SSM Parameter Store, all this is about the name in the store, not about the value that a `Ref` gives.
    """

    name: str
    type: str
    default: str | None
    allowed: tuple[str, ...] | None
    secret: bool
    pattern: str | None = None
    lengths: tuple[float, float] = (0, math.inf)
    values: tuple[float, float] = (-math.inf, math.inf)
    asserted: tuple[str, ...] | None = None

    def admits(self, value: str) -> Truth:
        """Tell whether a deployment may give the value; unknown where the pattern is not understood."""
        if self.is_list:
            return all_of(self.item.admits(item) for item in {item.strip() for item in value.split(",")})
        if self._listed is not None and value not in self._listed:
            return NO
        if self.type == _NUMBER:
            number = _number(value, math.nan)
            return YES if self.values[0] <= number <= self.values[1] else NO
        if self.type.startswith("AWS::") and not value:
            return NO
        if not self.lengths[0] <= len(value) <= self.lengths[1]:
            return NO
        return YES if self.pattern is None else patterns.admits(self.pattern, value)

    @property
    def is_list(self) -> bool:
        """Whether a `Ref` to it gives a list."""
        return "CommaDelimitedList" in self.type or "List<" in self.type

    @property
    def is_stored(self) -> bool:
        """Whether a `Ref` to it gives what the SSM Parameter Store holds under the name that it is given."""
        return self.type.startswith(_STORED)

    @cached_property
    def item(self) -> Parameter:
        """What is declared of each item of a list; bounds are those of strings and numbers only."""
        items = _ITEM_TYPE.search(self.type)
        kind = items.group(1) if items else _STRING
        return replace(self, type=kind, lengths=(0, math.inf), values=(-math.inf, math.inf))

    @cached_property
    def choices(self) -> tuple[str, ...] | None:
        """The values that a `Ref` to it may give, or None where they cannot be listed."""
        if self.is_list or self.is_stored:
            return None
        listed = self.allowed or self.asserted
        if listed is None and self.pattern is not None:
            listed = patterns.members(self.pattern)
        if listed is None and self.type == _STRING and self.lengths[1] == 0:
            listed = ("",)
        if listed is None:
            return None
        asserted = frozenset(listed if self.asserted is None else self.asserted)
        return tuple(value for value in listed if value in asserted and self.admits(value).value is not False)

    def may_be(self, value: str) -> bool:
        """Tell whether a `Ref` to it may give the value, for all that is known."""
        return self.admits(value).value is not False if self._chosen is None else value in self._chosen

    @cached_property
    def _chosen(self) -> frozenset[str] | None:
        return None if self.choices is None else frozenset(self.choices)

    @cached_property
    def _listed(self) -> frozenset[str] | None:
        return None if self.allowed is None else frozenset(self.allowed)


def read_parameter(name: str, body: Mapping[str, object]) -> Parameter:
    """Return a parameter as its declaration says; what is of a wrong kind there says nothing."""
    kind = str(body.get("Type", "String"))
    allowed = body.get("AllowedValues")
    pattern = body.get("AllowedPattern")
    return Parameter(
        name,
        kind,
        scalar(body["Default"]) if "Default" in body else None,
        tuple(dict.fromkeys(map(scalar, allowed))) if isinstance(allowed, list) and allowed else None,
        str(body.get("NoEcho")).lower() == "true",
        pattern if isinstance(pattern, str) else None,
        (_number(body.get("MinLength"), 0), _number(body.get("MaxLength"), math.inf)),
        (_number(body.get("MinValue"), -math.inf), _number(body.get("MaxValue"), math.inf)),
    )


def unknown_of(key: str, parameter: Parameter) -> Unknown:
    """Return the unknown, known by a key, that a parameter's value is until a deployment gives it."""
    if parameter.is_stored:
        reason = f"parameter {parameter.name} is read from the SSM Parameter Store at deployment"
    else:
        reason = f"parameter {parameter.name} may be given any value"
    return Unknown(key, reason)


def scalar(value: object) -> str:
    """Return the string that CloudFormation makes of a parameter's value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object, default: float) -> float:
    """Return a number, which a template may also write as a string; the default for what is none."""
    try:
        return float(value) if isinstance(value, str | int | float) else default
    except (ValueError, OverflowError):
        return default
