"""What a role may do to a resource, as IAM decides it, as far as the template tells.

Source: AWS IAM User Guide, "Policy evaluation logic" and "IAM JSON policy element reference". An explicit Deny wins;
otherwise an Allow is needed, in an identity policy within the permissions boundary or in the resource's own policy.
Every answer is three-valued: a policy that stands elsewhere, or a condition that only a request decides, is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies import identity
from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.errors import MismatchError, UndeterminedError
from policies.values import NO, YES, Origin, Text, Truth, Unknown, all_of, any_of, matches, unknown

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.template import Resource
    from policies.worlds import World

_ARN_SEGMENTS = 6
_PARTITION = 1
_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov"})


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
        named = any_of(_is_action(action, pattern) for pattern in self.actions)
        acts = ~named if self.except_actions else named
        if acts.value is False:
            return NO
        covered = any_of(covers(pattern, resource) for pattern in self.resources)
        return all_of((self.applies, acts, ~covered if self.except_resources else covered))


def role_of(world: World, function: Resource) -> Resource:
    """Return the role that a function runs as. Raises `UndeterminedError` where it stands elsewhere."""
    stated = world.properties(function).get("Role")
    wanted = stated.text()
    for role in world.of_type("AWS::IAM::Role"):
        if wanted.same(identity.arn(world, role.logical_id, stated.path)).value:
            return role
    raise UndeterminedError("the function's role is not in this template", stated.path)


def may(world: World, role: Resource, action: str, resource: Text, policies: Sequence[Node] = ()) -> Truth:
    """Tell whether a role may do an action on the resource of an ARN.

    `policies` are the resource's own; of several, one for each replica, none is sure to be the one that counts.
    """
    own = _remembered(world, role, "identity", _identity_statements)
    boundary = _remembered(world, role, "boundary", _boundary_statements)
    counts = YES if len(policies) == 1 else unknown("a replica's policy counts in its own region only")
    resource_based = [
        statement for policy in policies for statement in _resource_statements(world, role, policy, counts)
    ]

    def effective(effect: str, statements: Iterable[Statement]) -> Truth:
        return any_of(statement.has_effect(effect, action, resource) for statement in statements)

    within = ~effective("Deny", boundary) & effective("Allow", boundary) if boundary is not None else YES
    allowed = (effective("Allow", own or ()) & within) | effective("Allow", resource_based)
    return ~effective("Deny", (*(own or ()), *resource_based)) & allowed


def _remembered(
    world: World, role: Resource, kind: str, read: Callable[[World, Resource], list[Statement] | None]
) -> list[Statement] | None:
    """Read the statements that concern a role once in a world."""
    key = (kind, role.logical_id)
    if key not in world.memo:
        world.memo[key] = read(world, role)
    statements: list[Statement] | None = world.memo[key]
    return statements


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
    return Statement(
        applies & _condition_met(node),
        effect.string(),
        tuple(_lowered(one.text()) for one in actions.one_or_more()),
        except_actions,
        tuple(one.text() for one in resources.one_or_more()),
        except_resources,
    )


def _condition_met(statement: Node) -> Truth:
    """Tell whether a statement's conditions hold for a call that the AWS SDK makes, which is always over TLS."""
    return all_of(
        _test_met(operator, key, values)
        for operator, tests in statement.get("Condition").entries()
        for key, values in tests.entries()
    )


def _test_met(operator: str, key: str, values: Node) -> Truth:
    if operator in {"Bool", "BoolIfExists"} and key.lower() == "aws:securetransport":
        return any_of(value.text().same(Text.of("true")) for value in values.one_or_more())
    return unknown(f"the condition on {key} is decided by each request")


def covers(pattern: Text, arn: Text) -> Truth:
    """Tell whether the Resource of a statement covers an ARN.

    Wildcards stay within a segment, and an incomplete ARN is completed by wildcards (IAM User Guide, "Resource"). A
    partition spelled out is the stack's own: IAM refuses a policy that names another.
    """
    if pattern == arn or pattern.literal == "*":
        return YES
    wanted, given = _segments(pattern), _segments(arn)
    if wanted[0] != Text.of("arn"):
        return matches(pattern, arn)
    wanted += [Text.of("*")] * (_ARN_SEGMENTS - len(wanted))
    answers = []
    for i, (one, other) in enumerate(zip(wanted, given, strict=True)):
        if i == _PARTITION and one.literal in _PARTITIONS and other.unknowns:
            continue
        spans = next((part for part in one.unknowns if not part.atomic and part not in other.parts), None)
        if spans is not None:
            answers.append(unknown(spans.reason) if i < _ARN_SEGMENTS - 1 else matches(one, other))
            break
        answers.append(matches(one, other))
    return all_of(answers)


def _segments(arn: Text) -> list[Text]:
    """Split an ARN at its first five colons."""
    pieces = list(arn.split(":"))
    head, rest = pieces[: _ARN_SEGMENTS - 1], pieces[_ARN_SEGMENTS - 1 :]
    if not rest:
        return head
    joined = rest[0]
    for piece in rest[1:]:
        joined = Text.of(joined, ":", piece)
    return [*head, joined]


def _identity_statements(world: World, role: Resource) -> list[Statement]:
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


def _boundary_statements(world: World, role: Resource) -> list[Statement] | None:
    """Return the statements of the role's permissions boundary, or None where it has none."""
    boundary = world.properties(role).get("PermissionsBoundary")
    return _managed(world, boundary.text()) if boundary.exists else None


def _managed(world: World, arn: Text) -> list[Statement]:
    """Return the statements of a managed policy: the template's own, one of AWS, or one that was told of."""
    for policy in world.of_type("AWS::IAM::ManagedPolicy"):
        if arn.same(identity.physical_id(world, policy.logical_id, policy.path)).value:
            return _statements(YES, world.properties(policy).get("PolicyDocument"))
    said = "".join(part if isinstance(part, str) else f"${{{part.key}}}" for part in arn.parts)
    document = AWS_MANAGED_POLICIES.get(said.partition(":iam::aws:policy/")[2])
    if document is None:
        document = world.template.told_policies.get(said.partition(":policy/")[2])
    if document is None:
        return [Statement(YES, None)]
    return _statements(YES, world.node(document, f"({said})"))


def _statements(applies: Truth, document: Node) -> list[Statement]:
    if applies.value is False:
        return []
    return [_statement(applies, node) for node in document.get("Statement").one_or_more()]


def _resource_statements(world: World, role: Resource, policy: Node, counts: Truth) -> Iterator[Statement]:
    """Return the statements of a resource's own policy that name, or may name, the role."""
    for node in policy.get("Statement").one_or_more():
        principal = node.get("Principal")
        if node.get("NotPrincipal").exists:
            names_role = unknown("whom NotPrincipal leaves out is decided by each request")
        elif isinstance(principal.raw, str):
            names_role = principal.text().same(Text.of("*"))
        else:
            effect = node.get("Effect").string()
            named = principal.get("AWS").one_or_more()
            names_role = any_of(_is_principal(world, role, one.text(), effect) for one in named)
        yield _statement(counts & names_role, node)


def _is_principal(world: World, role: Resource, principal: Text, effect: str) -> Truth:
    """Tell whether a principal is the role. An account's root only delegates an Allow, but is denied with all in it."""
    if principal.literal == "*":
        return YES
    arn = identity.arn(world, role.logical_id, role.path)
    whole_account = principal.literal is not None and principal.literal.isdecimal()
    if whole_account or (principal.parts and str(principal.parts[-1]).endswith(":root")):
        return NO if effect == "Allow" else unknown("whether the role is in this account is not known")
    return principal.same(arn)


def another_table(world: World) -> Text:
    """Return the ARN of some table that is none of the template's."""
    other = Unknown("another table", "", Origin.GENERATED, atomic=True)
    region, account, partition = (
        world.known(identity.pseudo(f"AWS::{name}")) for name in ("Region", "AccountId", "Partition")
    )
    return Text.of("arn:", partition, ":dynamodb:", region, ":", account, ":table/", other)
