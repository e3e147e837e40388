"""The statements of the policies that concern a role, wherever in a template they stand.

A permission can live inline on the role, in an `AWS::IAM::Policy`, `ManagedPolicy` or `RolePolicy`, in a managed policy
of AWS, in the permissions boundary, and in the policy of the resource itself.
Source: AWS IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies import identity
from policies.arns import covers, same_arn
from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.errors import MismatchError
from policies.values import NO, YES, Origin, Text, Truth, Unknown, all_of, any_of, matches, unknown

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.template import Resource
    from policies.worlds import World

_VARIABLE = re.compile(r"(\$\{[^{}]*\})")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy, with the answer to whether the policy is the role's and the conditions are met.

    `effect` is None where the policy stands elsewhere and nobody knows what it says. `actions` and `resources` are
    those named, or with `except_actions` and `except_resources` those left out.
    """

    applies: Truth
    effect: str | None
    actions: tuple[Text, ...] = ()
    except_actions: bool = False
    resources: tuple[Text, ...] = ()
    except_resources: bool = False

    def has_effect(self, effect: str, action: str, resource: Text) -> Truth:
        """Tell whether the statement allows, or denies, an action on the resource of an ARN."""
        if self.effect is None:
            return self.applies & unknown("a policy of the role is not in this template")
        if self.effect != effect:
            return NO
        acts = self.names_action(action)
        if acts.value is False:
            return NO
        covered = any_of(covers(pattern, resource) for pattern in self.resources)
        return all_of((self.applies, acts, ~covered if self.except_resources else covered))

    def names_action(self, action: str) -> Truth:
        """Tell whether the statement is about an action."""
        named = any_of(_is_action(action, pattern) for pattern in self.actions)
        return ~named if self.except_actions else named


def of_identity(world: World, role: Resource) -> list[Statement]:
    """Return the statements of all policies that are, or may be, attached to a role."""
    properties = world.properties(role)
    found: list[Statement] = []
    for inline in properties.get("Policies").items():
        found += _statements(YES, inline.get("PolicyDocument"))
    for stated in properties.get("ManagedPolicyArns").one_or_more():
        found += _managed(world, stated.text())
    name = identity.physical_id(world, role.logical_id, role.path)
    for policy in world.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        attached = any_of(one.text().same(name) for one in world.properties(policy).get("Roles").one_or_more())
        found += _statements(attached, world.properties(policy).get("PolicyDocument"))
    for policy in world.of_type("AWS::IAM::RolePolicy"):
        attached = world.properties(policy).get("RoleName").text().same(name)
        found += _statements(attached, world.properties(policy).get("PolicyDocument"))
    return found


def of_boundary(world: World, role: Resource) -> list[Statement] | None:
    """Return the statements of the role's permissions boundary, or None where it has none."""
    boundary = world.properties(role).get("PermissionsBoundary")
    return _managed(world, boundary.text()) if boundary.exists else None


def _managed(world: World, arn: Text) -> list[Statement]:
    """Return the statements of a managed policy: the template's own, one of AWS, or one that was told of."""
    for policy in world.of_type("AWS::IAM::ManagedPolicy"):
        if same_arn(arn, identity.physical_id(world, policy.logical_id, policy.path)).value:
            return _statements(YES, world.properties(policy).get("PolicyDocument"))
    said = "".join(part if isinstance(part, str) else f"${{{part.key}}}" for part in arn.parts)
    of_aws = said.partition(":iam::aws:policy/")[2]
    document = AWS_MANAGED_POLICIES.get(of_aws)
    if document is None and not of_aws:
        document = world.template.told_policies.get(said.partition(":policy/")[2])
    if document is None:
        return [Statement(YES, None)]
    return _statements(YES, world.node(document, f"({said})"))


def _statements(applies: Truth, document: Node) -> list[Statement]:
    if applies.value is False:
        return []
    return [_statement(applies, node) for node in document.get("Statement").one_or_more()]


def of_resource(world: World, role: Resource, policy: Node, counts: Truth) -> Iterator[Statement]:
    """Return the statements of a resource's own policy that name, or may name, the role.

    `counts` is the answer to whether the policy is the one that counts.
    """
    for node in policy.get("Statement").one_or_more():
        if node.get("NotPrincipal").exists:
            names_role = unknown("whom NotPrincipal leaves out is decided by each request")
        else:
            effect = node.get("Effect").string()
            named = principals(node.get("Principal"))
            names_role = any_of(_is_principal(world, role, kind, one.text(), effect) for kind, one in named)
        yield _statement(counts & names_role, node)


def principals(principal: Node) -> Iterator[tuple[str, Node]]:
    """Return whom a Principal names, each with its kind; everyone, as a plain `"*"`, is of kind AWS."""
    if principal.is_object:
        for kind, named in principal.entries():
            yield from ((kind, one) for one in named.one_or_more())
    elif principal.exists:
        yield "AWS", principal


def _is_principal(world: World, role: Resource, kind: str, principal: Text, effect: str) -> Truth:
    """Tell whether a principal is the role. An account's root only delegates an Allow, but is denied with all in it."""
    if kind != "AWS":
        return NO
    if principal.literal == "*":
        return YES
    arn = identity.arn(world, role.logical_id, role.path)
    if any(isinstance(part, str) and ":assumed-role/" in part for part in principal.parts):
        return unknown("whether this session of a role is the function's is decided by each request")
    whole_account = principal.literal is not None and principal.literal.isdecimal()
    if whole_account or (principal.parts and str(principal.parts[-1]).endswith(":root")):
        return NO if effect == "Allow" else unknown("whether the role is in this account is not known")
    return same_arn(principal, arn)


def _is_action(action: str, pattern: Text) -> Truth:
    """Tell whether a pattern in lower case names an action; IAM ignores case here."""
    return matches(pattern, Text.of(action.lower()))


def _lowered(pattern: Text) -> Text:
    return Text.of(*(part.lower() if isinstance(part, str) else part for part in pattern.parts))


def _statement(applies: Truth, node: Node) -> Statement:
    effect = node.get("Effect")
    if effect.string() not in {"Allow", "Deny"}:
        raise MismatchError(effect.path, effect.found, "Allow or Deny")
    except_actions = node.get("NotAction").exists
    except_resources = node.get("NotResource").exists
    actions = node.get("NotAction" if except_actions else "Action")
    resources = node.get("NotResource" if except_resources else "Resource")
    for named in (actions, resources):
        # IAM refuses a statement about nothing: one that names none must not pass for one that forbids none.
        if not any(True for _ in named.one_or_more()):
            raise MismatchError(named.path, named.found, "at least one name")
    return Statement(
        applies & _condition_met(node),
        effect.string(),
        tuple(_lowered(one.text()) for one in actions.one_or_more()),
        except_actions,
        tuple(_without_variables(one.text()) for one in resources.one_or_more()),
        except_resources,
    )


def _without_variables(pattern: Text) -> Text:
    """Return a pattern with IAM's policy variables, such as `${aws:PrincipalTag/app}`, made unknown parts."""
    pieces: list[str | Unknown] = []
    for part in pattern.parts:
        for piece in _VARIABLE.split(part) if isinstance(part, str) else [part]:
            if isinstance(piece, str) and _VARIABLE.fullmatch(piece):
                pieces.append(Unknown(piece, f"the policy variable {piece} is known at each request", Origin.COMPUTED))
            else:
                pieces.append(piece)
    return Text.of(*pieces)


def _condition_met(statement: Node) -> Truth:
    """Tell whether a statement's conditions hold for a call that the AWS SDK makes, which is always over TLS."""
    return all_of(
        _test_met(operator, key, values)
        for operator, tests in statement.get("Condition").entries()
        for key, values in tests.entries()
    )


def _test_met(operator: str, key: str, values: Node) -> Truth:
    if not any(True for _ in values.one_or_more()):
        return unknown(f"the condition on {key} names no value")
    if operator in {"Bool", "BoolIfExists"} and key.lower() == "aws:securetransport":
        return any_of(_lowered(value.text()).same(Text.of("true")) for value in values.one_or_more())
    return unknown(f"the condition on {key} is decided by each request")
