"""The Rules of a template: what they assert of its parameters before anything is deployed.

Source: AWS CloudFormation Template Reference, "Rules" and "Rule-specific intrinsic functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.equality import equal
from policies.errors import TemplateError, UndeterminedError
from policies.intrinsics import resolve_list
from policies.nodes import child
from policies.template import Template
from policies.values import NO, YES, Truth, Unknown
from policies.worlds import World

_NAMED = re.compile(r'"(?:Ref|Fn::ValueOf)": (?:\[)?"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Assertion:
    """What one rule asserts; `about` are the keys of the unknowns that it speaks of."""

    template: Template
    path: str
    rule: Mapping[str, object]
    about: frozenset[str]

    def holds(self, world: World) -> Truth:
        """Tell whether the rule lets a world be deployed.

        Raises `UndeterminedError` for what only the deployment knows, and `TemplateError` for what is no rule.
        """
        within = world.within(self.template)
        stated = self.rule.get("RuleCondition")
        if stated is not None and not _holds(within, stated, f"{self.path}.RuleCondition"):
            return YES
        asserted = self.rule.get("Assertions")
        if not isinstance(asserted, list):
            raise TemplateError(self.path, "a rule needs a list of Assertions")
        return YES if all(self._asserted(within, i, one) for i, one in enumerate(asserted)) else NO

    def _asserted(self, world: World, index: int, assertion: object) -> bool:
        path = f"{self.path}.Assertions[{index}]"
        if not isinstance(assertion, dict) or "Assert" not in assertion:
            raise TemplateError(path, "an assertion needs an Assert")
        return _holds(world, assertion["Assert"], f"{path}.Assert")


def about(world: World) -> list[Assertion]:
    """Return the assertions that may bear on what a world assumes, by whatever other parameters they do so."""
    left = [assertion for template in world.stacks.members for assertion in of(template)]
    reached = {*world.assumed.bound, *world.assumed.excluded, *world.settled}
    found: list[Assertion] = []
    while joining := [assertion for assertion in left if assertion.about & reached]:
        found += joining
        left = [assertion for assertion in left if assertion not in joining]
        reached.update(*(assertion.about for assertion in joining))
    return found


def of(template: Template) -> Iterator[Assertion]:
    """Yield what each of a template's rules asserts."""
    for name, rule in template.section("Rules").items():
        if isinstance(rule, dict):
            named = _NAMED.findall(json.dumps(rule))
            keys = {name if name.startswith("AWS::") else f"{template.scope}Ref {name}" for name in named}
            yield Assertion(template, template.scope + child("$.Rules", name), rule, frozenset(keys))


def _holds(world: World, expression: object, path: str) -> bool:
    match expression:
        case {"Fn::And": list(parts), **rest} if not rest:
            return all(_holds(world, part, f"{path}['Fn::And'][{i}]") for i, part in enumerate(parts))
        case {"Fn::Or": list(parts), **rest} if not rest:
            return any(_holds(world, part, f"{path}['Fn::Or'][{i}]") for i, part in enumerate(parts))
        case {"Fn::Not": [part], **rest} if not rest:
            return not _holds(world, part, f"{path}['Fn::Not'][0]")
        case {"Fn::Equals": [left, right], **rest} if not rest:
            return equal(world, left, right, f"{path}['Fn::Equals']")
    return _members_hold(world, expression, path)


def _members_hold(world: World, expression: object, path: str) -> bool:
    """Tell whether what is asserted of the members of a list holds."""
    match expression:
        case {"Fn::Contains": [items, value], **rest} if not rest:
            return _among(world, value, _items(world, items, path), path)
        case {"Fn::EachMemberEquals": [items, value], **rest} if not rest:
            return _each_among(world, items, [value], path)
        case {"Fn::EachMemberIn": [items, allowed], **rest} if not rest:
            return _each_among(world, items, _items(world, allowed, path), path)
    raise TemplateError(path, "an assertion is Fn::And, Or, Not, Equals, Contains, EachMemberEquals or EachMemberIn")


def _each_among(world: World, raw: object, allowed: list[object], path: str) -> bool:
    items = None if _only_at_deployment(raw) else resolve_list(world, raw, path)
    if isinstance(items, Unknown):
        declared = world.stacks.parameters.get(items.key)
        known = declared.item.choices if declared is not None and declared.is_list and not declared.is_stored else None
        if known is not None and all(_among(world, item, allowed, path) for item in known):
            return True
    return all(_among(world, item, allowed, path) for item in _items(world, raw, path))


def _among(world: World, value: object, items: list[object], path: str) -> bool:
    return any(equal(world, item, value, path) for item in items)


def _items(world: World, raw: object, path: str) -> list[object]:
    if _only_at_deployment(raw):
        raise UndeterminedError("what Fn::RefAll and Fn::ValueOfAll give is known at deployment only", path)
    items = resolve_list(world, raw, path)
    if isinstance(items, Unknown):
        raise UndeterminedError(items.reason, path)
    return items


def _only_at_deployment(raw: object) -> bool:
    return isinstance(raw, dict) and bool(raw.keys() & {"Fn::RefAll", "Fn::ValueOfAll"})
