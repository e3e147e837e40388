"""The statements of the policies that concern a role, wherever in a template they stand.

A permission can live inline on the role, in an `AWS::IAM::Policy`, `ManagedPolicy` or `RolePolicy`, in a managed policy
of AWS, in the permissions boundary, and in the policy of the resource itself.
Source: AWS IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies import identity
from policies.arns import covers, same_arn, segments
from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.conditions import Condition, Request, resolved
from policies.errors import MismatchError
from policies.nodes import Node
from policies.reading import InputError, read_document
from policies.values import NO, YES, Origin, Text, Truth, all_of, any_of, matches, unknown

if TYPE_CHECKING:
    from policies.template import Resource
    from policies.worlds import World

_ACCOUNT = 4
"""The segment of an ARN that is an account."""

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
        covered = any_of(covers(pattern, resource) for pattern in self.named(request))
        reached = ~covered if self.except_resources else covered
        if reached.value is False:
            return NO
        return all_of((self.applies, acts, reached, *(condition.met(request) for condition in self.conditions)))

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
    name = identity.id_of(world, role)
    for policy in world.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        attached = any_of(_names(one.text(), name) for one in world.properties(policy).get("Roles").one_or_more())
        found += _statements(attached, world.properties(policy).get("PolicyDocument"))
    for policy in world.of_type("AWS::IAM::RolePolicy"):
        attached = _names(world.properties(policy).get("RoleName").text(), name)
        found += _statements(attached, world.properties(policy).get("PolicyDocument"))
    return found


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
    for policy in world.of_type("AWS::IAM::ManagedPolicy"):
        if same_arn(arn, identity.id_of(world, policy)).value:
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
    return [_statement(applies, node, document) for node in document.get("Statement").one_or_more()]


def of_resource(world: World, role: Resource, policy: Node) -> Iterator[Statement]:
    """Return the statements of a resource's own policy, each with the answer to whether it names the role."""
    policy = document_of(policy)
    for node in policy.get("Statement").one_or_more():
        if node.get("NotPrincipal").exists:
            left_out = list(principals(node.get("NotPrincipal")))
            named = any_of(_is_principal(world, role, kind, one.text(), "Deny") for kind, one in left_out)
            # To leave a role out takes its session's ARN and its account's as well, so that one alone decides nothing.
            names_role = YES if named.value is False else unknown("whom NotPrincipal leaves out is not certain")
        else:
            effect = node.get("Effect").string()
            stated = principals(node.get("Principal"))
            names_role = any_of(_is_principal(world, role, kind, one.text(), effect) for kind, one in stated)
        yield _statement(names_role, node, policy)


def document_of(policy: Node) -> Node:
    """Return a policy document, which may also stand in a template as the text of its JSON."""
    if not policy.exists or policy.is_object:
        return policy
    try:
        return Node(policy.world, read_document(policy.string().encode(), policy.path), policy.path)
    except InputError as error:
        raise MismatchError(policy.path, policy.found, f"a policy document ({error.problem})") from None


def principals(principal: Node) -> Iterator[tuple[str, Node]]:
    """Return whom a Principal names, each with its kind; everyone, as a plain `"*"`, is of kind AWS."""
    if principal.is_object:
        for kind, named in principal.entries():
            yield from ((kind, one) for one in named.one_or_more())
    elif principal.exists:
        yield "AWS", principal


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


def _statement(applies: Truth, node: Node, document: Node) -> Statement:
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
    variables = document.get("Version").string("") == _WITH_VARIABLES
    return Statement(
        applies,
        effect.string(),
        tuple(_lowered(one.text()) for one in actions.one_or_more()),
        except_actions,
        tuple(one.text() for one in resources.one_or_more()),
        except_resources,
        tuple(_conditions(node, variables=variables)),
        variables,
    )


def _conditions(statement: Node, *, variables: bool) -> Iterator[Condition]:
    for operator, tests in statement.get("Condition").entries():
        for key, values in tests.entries():
            yield Condition(operator, key, tuple(value.text() for value in values.one_or_more()), variables)
