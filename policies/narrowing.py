"""What the Rules of a template leave of its parameters, whatever else a deployment gives.

Source: AWS CloudFormation Template Reference, "Rules" and "Rule-specific intrinsic functions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from policies.parameters import Parameter, scalar

_Values: TypeAlias = dict[tuple[str, bool], tuple[str, ...]]
"""The values left, by the name of a parameter, and whether they are those of a list's items."""


def narrowed(parameters: Mapping[str, Parameter], rules: Mapping[str, object]) -> dict[str, Parameter]:
    """Return the parameters with the values that rules without a condition list for them."""
    left = _all(_left(asserted) for rule in rules.values() for asserted in _asserted(rule))
    return {
        name: replace(declared, asserted=left.get((name, declared.is_list))) for name, declared in parameters.items()
    }


def _asserted(rule: object) -> Iterator[object]:
    match rule:
        case {"RuleCondition": _}:
            return
        case {"Assertions": list(assertions)}:
            yield from (one["Assert"] for one in assertions if isinstance(one, dict) and "Assert" in one)


def _left(expression: object) -> _Values:
    """Return the values with which an assertion holds, for each parameter of which it lists them."""
    match expression:
        case {"Fn::And": list(parts), **rest} if not rest:
            return _all(map(_left, parts))
        case {"Fn::Or": [first, *others], **rest} if not rest:
            return _any(_left(first), *map(_left, others))
        case {"Fn::Equals": [{"Ref": str(name)}, value] | [value, {"Ref": str(name)}], **rest} if not rest:
            values, items = [value], False
        case {"Fn::Contains": [list(values), {"Ref": str(name)}], **rest} if not rest:
            items = False
        case {"Fn::EachMemberEquals": [{"Ref": str(name)}, value], **rest} if not rest:
            values, items = [value], True
        case {"Fn::EachMemberIn": [{"Ref": str(name)}, list(values)], **rest} if not rest:
            items = True
        case {"Fn::EachMemberIn": [[{"Ref": str(name)}], list(values)], **rest} if not rest:
            items = False
        case _:
            return {}
    if not all(isinstance(value, str | int | float) for value in values):
        return {}
    return {(name, items): tuple(dict.fromkeys(map(scalar, values)))}


def _all(parts: Iterator[_Values]) -> _Values:
    """Return what is left where all parts hold."""
    left: _Values = {}
    for part in parts:
        for key, values in part.items():
            kept = frozenset(values)
            left[key] = tuple(value for value in left.get(key, values) if value in kept)
    return left


def _any(first: _Values, *others: _Values) -> _Values:
    """Return what is left where one part holds: only what each part lists is listed."""
    return {
        key: tuple(dict.fromkeys((*values, *(value for other in others for value in other[key]))))
        for key, values in first.items()
        if all(key in other for other in others)
    }
