"""The statements of the policies that concern a role, wherever in a template they stand.

A permission can live inline on the role, in an `AWS::IAM::Policy`, `ManagedPolicy` or `RolePolicy`, in a managed policy
of AWS, in the permissions boundary, and in the policy of the resource itself.
Source: AWS IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies import identity
from policies.arns import covers, is_wild, regions, same_arn, segments
from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.conditions import Condition, Request, resolved
from policies.documents import check_document, check_resources, check_statement, document_of, named, principals
from policies.nodes import Node
from policies.values import NO, YES, Origin, Text, Truth, all_of, any_of, matches, unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World

_ACCOUNT = 4
"""The segment of an ARN that is an account."""

_UNKNOWN: Mapping[str, object] = {}

_WITH_VARIABLES = "2012-10-17"
"""The Version of policies whose `${...}` are policy variables; in all others they are literal."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy, with the answer to whether the policy is the role's.

    `effect` is None where the policy stands elsewhere and nobody knows what it says. `actions` and `resources` are
    those named, or with `except_actions` and `except_resources` those left out. `variables`: `${...}` is a variable.
    """

    applies: Truth
    effect: str | None
    actions: tuple[Text, ...] = ()
    except_actions: bool = False
    resources: tuple[Text, ...] = ()
    except_resources: bool = False
    conditions: tuple[Condition, ...] = ()
    variables: bool = False

    def has_effect(self, effect: str, action: str, resource: Text, request: Request) -> Truth:
        """Tell whether the statement allows, or denies, a request for an action on the resource of an ARN."""
        if self.effect is None:
            return self.applies & unknown("a policy of the role is not in this template")
        if self.effect != effect:
            return NO
        acts = self.names_action(action)
        if acts.value is False:
            return NO
        reached = self.reaches(resource, request)
        if reached.value is False:
            return NO
        return all_of((self.applies, acts, reached, *(condition.met(request) for condition in self.conditions)))

    def reaches(self, resource: Text, request: Request) -> Truth:
        """Tell whether the statement is about the resource of an ARN; one that nobody has read may be about any."""
        if self.effect is None:
            return YES
        covered = any_of(covers(pattern, resource) for pattern in self.named(request))
        return ~covered if self.except_resources else covered

    @property
    def cost(self) -> int:
        """How many values are compared at most, beside those of actions and resources."""
        return 1 + sum(len(condition.values) for condition in self.conditions)

    def named(self, request: Request) -> Iterator[Text]:
        """Return the resources with the policy variables of a request; one with a variable of no value names none."""
        for pattern in self.resources:
            filled = resolved(pattern, request) if self.variables else pattern
            if filled is not None:
                yield filled

    def regions(self) -> Iterator[Text]:
        """Return the regions that the statement sets apart: those that it forbids, leaves out or makes a condition.

        Also the pattern of regions in which it allows a table of one name: only one of these tables can be the stack's.
        """
        apart = self.effect == "Deny" or self.except_resources
        named = (region for pattern in self.resources for region in regions(pattern))
        yield from (region for region in named if apart or is_wild(region))
        for condition in self.conditions:
            if condition.key.lower() == "aws:requestedregion":
                yield from condition.values

    def names_action(self, action: str) -> Truth:
        """Tell whether the statement is about an action."""
        about = any_of(_is_action(action, pattern) for pattern in self.actions)
        return ~about if self.except_actions else about


def of_identity(world: World, role: Resource) -> list[Statement]:
    """Return the statements of all policies that are, or may be, attached to a role."""
    properties = world.properties(role)
    inline = [(one.get("PolicyName"), YES, one.get("PolicyDocument")) for one in _telling(properties.get("Policies"))]
    found: list[Statement] = []
    silent: list[Resource] = []
    for stated in properties.get("ManagedPolicyArns").members():
        if not all(_is_silent(one) for one in stated.branches()) and stated.exists:
            found += _managed(world, stated.text())
    name = identity.id_of(world, role)
    for policy in world.declared("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
        stated = world.properties(policy)
        roles = stated.get("RoleName" if policy.type == "AWS::IAM::RolePolicy" else "Roles")
        attached = _attached(roles, name)
        if attached.value is not False and policy.type != "AWS::IAM::ManagedPolicy" and _is_silent(stated):
            silent.append(policy)
        if attached.value is False or _is_silent(stated) or not world.has(policy):
            continue
        if policy.type == "AWS::IAM::ManagedPolicy":
            found += _statements(attached, stated.get("PolicyDocument"))
        else:
            inline.append((stated.get("PolicyName"), attached, stated.get("PolicyDocument")))
    names = Counter(policy.text() if policy.exists else None for policy, _, _ in inline)
    for policy in silent:
        policy_name = world.properties(policy).get("PolicyName")
        named = policy_name.text() if policy_name.exists else None
        if names[named] and world.has(policy):
            names[named] += 1
    for policy_name, attached, document in inline:
        is_alone = not policy_name.exists or names[policy_name.text()] == 1
        last = YES if is_alone else unknown("of two inline policies with one name the later replaces the other")
        found += _statements(attached & last, document)
    return found


def _attached(roles: Node, name: Text) -> Truth:
    """Tell whether a policy is attached to a role, asking for no condition where none would make it so."""
    stated = [branch.text() for role in roles.members() for branch in role.branches() if branch.exists]
    if all(_names(one, name).value is False for one in stated):
        return NO
    return any_of(_names(one.text(), name) for one in roles.one_or_more())


def _telling(items: Node) -> Iterator[Node]:
    """Return the items of a list that exist in this world, but for those that say nothing of DynamoDB in any."""
    for item in items.members():
        if not all(_is_silent(branch) for branch in item.branches()) and item.exists:
            yield item


def _is_silent(place: Node) -> bool:
    """Tell a policy, a statement or an ARN of a managed policy of AWS that is spelled out and is not about DynamoDB."""
    match place.raw:
        case {"Ref": "AWS::NoValue"}:
            return True
        case str(arn):
            return AWS_MANAGED_POLICIES.get(arn.partition(":iam::aws:policy/")[2], _UNKNOWN).get("Statement") == []
        case {"PolicyDocument": {"Statement": list(statements)}}:
            return all(_is_silent(one) for raw in statements for one in Node(place.world, raw, place.path).branches())
        case {"PolicyDocument": {"Statement": dict(statement)}}:
            return _is_silent(Node(place.world, statement, place.path))
        case {"Action": str() | list() as actions, "Effect": "Allow" | "Deny", **rest} if _has_one_resource(rest):
            spelled = actions if isinstance(actions, list) else [actions]
            return bool(spelled) and all(map(_is_elsewhere, spelled))
    return False


def _has_one_resource(rest: Mapping[object, object]) -> bool:
    """Tell that beside its effect and actions a statement has what IAM accepts; another one is read, and refused."""
    stated = rest.keys() - {"Sid", "Condition"}
    return stated in ({"Resource"}, {"NotResource"}) and all(rest[name] for name in stated)


def _is_elsewhere(action: object) -> bool:
    """Tell an action that is spelled out and of another service."""
    if not isinstance(action, str) or "{{" in action:  # a dynamic reference
        return False
    service, colon, _ = action.lower().partition(":")
    return bool(colon) and matches(Text.of(service), Text.of("dynamodb")).value is False


def _names(stated: Text, name: Text) -> Truth:
    """Tell whether what a policy is attached to is a role, by its name.

    A value that is open as a whole may, when the stack is updated, be the name that an earlier deployment has made.
    """
    answer = stated.same(name)
    is_open = len(stated.parts) == 1 and any(part.origin is Origin.EXTERNAL for part in stated.unknowns)
    is_open = is_open and not any(part.key in identity.PSEUDO_PARAMETERS for part in stated.unknowns)
    return unknown(stated.unknowns[0].reason) if is_open and answer.value is False else answer


def of_boundary(world: World, role: Resource) -> list[Statement] | None:
    """Return the statements of the role's permissions boundary, or None where it has none."""
    boundary = world.properties(role).get("PermissionsBoundary")
    return _managed(world, boundary.text()) if boundary.exists else None


def _managed(world: World, arn: Text) -> list[Statement]:
    """Return the statements of a managed policy: the template's own, one of AWS, or one that was told of."""
    for policy in world.declared("AWS::IAM::ManagedPolicy"):
        if same_arn(arn, identity.id_of(world, policy)).value and world.has(policy):
            return _statements(YES, world.properties(policy).get("PolicyDocument"))
    said = "".join(part if isinstance(part, str) else f"${{{part.key}}}" for part in arn.parts)
    of_aws = said.partition(":iam::aws:policy/")[2]
    document = AWS_MANAGED_POLICIES.get(of_aws) or told(world, world.template.externals.managed_policies, arn)
    if document is None:
        return [Statement(YES, None)]
    return _statements(YES, world.node(document, f"({said})"))


def told(world: World, held: Mapping[str, Mapping[str, object]], arn: Text) -> Mapping[str, object] | None:
    """Return what was told of something of the account, by its ARN or by its name with its path."""
    last = str(arn.parts[-1]) if arn.parts else ""
    of_aws = ":iam::aws:" in last
    for name, value in held.items():
        if name.startswith("arn:"):
            if same_arn(arn, world.node({"Fn::Sub": name}, f"({name})").text()).value:
                return value
        elif not of_aws and last.partition("/")[2] == name:
            return value
    return None


def _statements(applies: Truth, document: Node) -> list[Statement]:
    if applies.value is False:
        return []
    document = document_of(document)
    check_document(document)
    return [_statement(applies, one, document, with_principal=False) for one in _telling(document.get("Statement"))]


def of_resource(world: World, role: Resource, policy: Node) -> Iterator[Statement]:
    """Return the statements of a resource's own policy, each with the answer to whether it names the role."""
    policy = document_of(policy)
    check_document(policy)
    for node in policy.get("Statement").one_or_more():
        if node.get("NotPrincipal").exists:
            left_out = list(principals(node.get("NotPrincipal")))
            meant = any_of(_is_principal(world, role, kind, one.text(), "Deny") for kind, one in left_out)
            # To leave a role out takes its session's ARN and its account's as well, so that one alone decides nothing.
            names_role = YES if meant.value is False else unknown("whom NotPrincipal leaves out is not certain")
        else:
            effect = node.get("Effect").string()
            stated = principals(node.get("Principal"))
            names_role = any_of(_is_principal(world, role, kind, one.text(), effect) for kind, one in stated)
        yield _statement(names_role, node, policy, with_principal=True)


def _is_principal(world: World, role: Resource, kind: str, principal: Text, effect: str) -> Truth:
    """Tell whether a principal is the role. An account only delegates an Allow, but is denied with all in it."""
    if kind != "AWS":
        return NO
    if principal.literal == "*":
        return YES
    arn = identity.arn(world, role)
    if any(isinstance(part, str) and ":assumed-role/" in part for part in principal.parts):
        return unknown("whether this session of a role is the function's is decided by each request")
    whole_account = principal == _account(arn) or (principal.literal or "").isdecimal()
    if whole_account or (principal.parts and str(principal.parts[-1]).endswith(":root")):
        if effect == "Allow":
            return NO
        account = principal if whole_account else _account(principal)
        return account.same(_account(arn))
    return same_arn(principal, arn)


def _account(arn: Text) -> Text:
    """Return the account of an ARN, or the whole of what is written otherwise, such as a parameter that gives it."""
    place = segments(arn)
    return place[_ACCOUNT] if len(place) > _ACCOUNT else arn


def _is_action(action: str, pattern: Text) -> Truth:
    """Tell whether a pattern in lower case names an action; IAM ignores case here."""
    return matches(pattern, Text.of(action.lower()))


def _lowered(pattern: Text) -> Text:
    return Text.of(*(part.lower() if isinstance(part, str) else part for part in pattern.parts))


def _statement(applies: Truth, node: Node, document: Node, *, with_principal: bool) -> Statement:
    check_statement(node, with_principal=with_principal)
    check_resources(node)
    variables = document.get("Version").string("") == _WITH_VARIABLES
    return Statement(
        applies,
        node.get("Effect").string(),
        tuple(_lowered(one.text()) for one in named(node, "Action")),
        node.get("NotAction").exists,
        tuple(one.text() for one in named(node, "Resource")),
        node.get("NotResource").exists,
        tuple(_conditions(node, variables=variables)),
        variables,
    )


def _conditions(statement: Node, *, variables: bool) -> Iterator[Condition]:
    for operator, tests in statement.get("Condition").entries():
        for key, values in tests.entries():
            yield Condition(operator, key, tuple(value.text() for value in values.one_or_more()), variables)
