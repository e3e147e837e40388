"""What a role may do to a resource, as IAM decides it, as far as the template tells.

Source: AWS IAM User Guide, "Policy evaluation logic" and "Permissions boundaries for IAM entities". An explicit Deny
wins, a boundary's too; otherwise an Allow is needed, in an identity policy or in the resource's own, and one in the
permissions boundary where there is one. Every answer is three-valued: a policy that stands elsewhere, or a condition
that only a request decides, is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from policies import attachments, identity, statements
from policies.arns import Named, elsewhere, in_region, is_table, is_wild, named_table, same_arn
from policies.conditions import Request, request_of
from policies.errors import UndeterminedError
from policies.replicas import replica_regions
from policies.statements import Statement
from policies.template import Resource
from policies.values import YES, Origin, Text, Truth, Unknown, any_of, unknown

if TYPE_CHECKING:
    from policies.nodes import Node
    from policies.worlds import World


def role_of(world: World, function: Resource) -> Resource:
    """Return the role that a function runs as. Raises `UndeterminedError` where it stands elsewhere."""
    stated = world.properties(function).get("Role")
    wanted = stated.text()
    for role in world.declared("AWS::IAM::Role"):
        if same_arn(wanted, identity.arn(world, role)).value and world.has(role):
            return role
    properties = attachments.told(world, world.template.externals.roles, wanted)
    if properties is None:
        raise UndeterminedError("the function's role is not in this template", stated.path)
    return _told_role(wanted, properties, function)


def _told_role(arn: Text, properties: Mapping[str, object], function: Resource) -> Resource:
    """Return a role that stands elsewhere, as what was told of it; its name and path are those of its ARN."""
    path, _, name = str(arn.parts[-1]).partition("role")[2].rpartition("/")
    arns = {
        key: _with_variables(properties[key])
        for key in ("ManagedPolicyArns", "PermissionsBoundary")
        if key in properties
    }
    body = {"Properties": {**properties, **arns, "RoleName": name, "Path": f"{path}/"}}
    return Resource(name, "AWS::IAM::Role", body, f"(role {name})", function.owner)


def _with_variables(stated: object) -> object:
    """Return what was told with `${AWS::Partition}` and `${AWS::AccountId}` for what they are in the stack."""
    if isinstance(stated, list):
        return [_with_variables(one) for one in stated]
    return {"Fn::Sub": stated}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a role, in the hands of a function, or of None where it is not known which."""

    role: Resource
    function: Resource | None = None


def may(world: World, caller: Caller, action: str, resource: Text, policies: Sequence[Node] = ()) -> Truth:
    """Tell whether a caller may do an action on the resource of an ARN.

    `policies` are the resource's own; of several, one for each replica, only that of the region counts.
    """
    first, *others = (_may(world, caller, action, resource, policy) for policy in policies or (None,))
    if all(other.value is first.value for other in others):
        return first
    return unknown("a replica's policy counts in its own region only")


def _may(world: World, caller: Caller, action: str, resource: Text, policy: Node | None) -> Truth:
    role = caller.role
    own = _about(world, role, action, _IDENTITY) or ()
    boundary = _about(world, role, action, _BOUNDARY)
    resource_based = [] if policy is None else list(statements.of_resource(world, role, policy))

    world.step(role.path, sum(statement.cost for statement in (*own, *resource_based, *(boundary or ()))))

    of_role, of_resource = _request(world, caller, resource), _request(world, Caller(role), resource)

    def effective(effect: str, given: Iterable[Statement], request: Request) -> Truth:
        return any_of(statement.has_effect(effect, action, resource, request) for statement in given)

    denied = effective("Deny", (*own, *(boundary or ())), of_role) | effective("Deny", resource_based, of_resource)
    allowed = effective("Allow", own, of_role) | effective("Allow", resource_based, of_resource)
    within = YES if boundary is None else effective("Allow", boundary, of_role)
    answer = ~denied & allowed & within
    if answer.value is None:
        for given, request in ((own, of_role), (boundary or (), of_role), (resource_based, of_resource)):
            _ask_about(given, action, resource, request)
    return answer


def _ask_about(given: Iterable[Statement], action: str, resource: Text, request: Request) -> None:
    """Ask for the conditions of the template that decide whether the statements on a request stand there."""
    for statement in given:
        effect = statement.effect or "Allow"
        if statement.ask is not None and statement.has_effect(effect, action, resource, request).value is None:
            statement.ask()


def _request(world: World, caller: Caller, resource: Text) -> Request:
    """Return what is certain of a call to a resource, found out once in a world."""
    function = caller.function
    key = ("request", caller.role.path, function and function.path, resource)
    if key not in world.memo:
        world.memo[key] = _certain(world, caller, resource)
    found: Request = world.memo[key]
    return found


def _certain(world: World, caller: Caller, resource: Text) -> Request:
    function = caller.function

    @cache
    def tags() -> dict[str, Text]:
        """Return the tags of the role whose keys are known, by key in lower case."""
        stated = world.properties(caller.role).get("Tags").items()
        return {key.lower(): tag.get("Value").text() for tag in stated if (key := tag.get("Key").text().literal)}

    return request_of(
        identity.arn(world, caller.role),
        None if function is None else lambda: identity.arn(world, function),
        resource,
        world.node({"Ref": "AWS::AccountId"}, "$").text(),
        tags,
    )


def foreign_tables(world: World, role: Resource, actions: Sequence[str]) -> Iterator[tuple[Truth, Text]]:
    """Return ARNs of tables from outside the stack that statements allow actions on, as far as they go alone.

    With each comes whether the statement does reach such a table; whether the role may is for `may` to say.
    """
    key = ("foreign", role.owner.scope, role.logical_id, actions)
    if key not in world.memo:
        world.memo[key] = list(_foreign_tables(world, role, actions))
    yield from world.memo[key]


def _foreign_tables(world: World, role: Resource, actions: Sequence[str]) -> Iterator[tuple[Truth, Text]]:
    statements_of_role = _remembered(world, role, _IDENTITY) or []

    is_own = _Own(world)
    allowing = [one for one in statements_of_role if one.effect != "Deny" and _is_about_any(one, actions)]
    for arn, named in _spelled_out(world, role, statements_of_role):
        foreign = ~is_own(named)
        for statement in allowing:
            reaches = foreign & statement.reaches(arn, _request(world, Caller(role), arn))
            if reaches.value is not False:
                yield reaches, arn

    seen: set[tuple[Truth, Text]] = set()
    for other in _other_tables(world, role, statements_of_role):
        for statement in allowing:
            if statement.effect is None or statement.except_resources:
                yield YES, other
                continue
            for pattern in statement.named(_request(world, Caller(role), other)):
                reaches, arn = elsewhere(pattern, is_own, other)
                if reaches.value is not False and (reaches, arn) not in seen:
                    seen.add((reaches, arn))
                    yield reaches, arn
    is_own.ask_where()


class _Own:
    """Tells whether a table that a pattern names is one of the stack's, and which were so by their names alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tables = [(table, list(self._arns(table))) for table in world.declared(*identity.TABLE_TYPES)]
        self._undecided: list[Named] = []

    def __call__(self, named: Named) -> Truth:
        own = ((table, any_of(is_table(named, arn) for arn in arns)) for table, arns in self._tables)
        answer = any_of(same for table, same in own if same.value is not False and self._world.has(table))
        if answer.value is None:
            self._undecided.append(named)
        return answer

    def _arns(self, table: Resource) -> Iterator[Text]:
        """Return the ARN of a table, and of each of its replicas in other regions."""
        own = identity.arn(self._world, table)
        yield own
        yield from (in_region(own, region) for region in replica_regions(table, self._world))

    def ask_where(self) -> None:
        """Ask for the stack's region and account where it would have to be in several: it is in one of them at most."""
        places = {
            "AWS::Region": [table.region for table in self._undecided],
            "AWS::AccountId": [table.account for table in self._undecided],
        }
        for name, stated in places.items():
            literal = {one.literal for one in stated if one.literal is not None and not is_wild(one)}
            if len(literal) > 1:
                self._world.one_of(identity.pseudo(name), sorted(literal), others=True)


def _is_about_any(statement: Statement, actions: Sequence[str]) -> bool:
    return statement.effect is None or any_of(map(statement.names_action, actions)).value is not False


def _spelled_out(world: World, role: Resource, of_role: Sequence[Statement]) -> Iterator[tuple[Text, Named]]:
    """Return the tables that a boundary allows or a statement leaves out, which others of the role's may reach."""
    boundary = _remembered(world, role, _BOUNDARY) or ()
    within = [one for one in boundary if one.effect == "Allow" and not one.except_resources]
    for statement in (*within, *(one for one in (*of_role, *boundary) if one.except_resources)):
        for pattern in statement.named(_request(world, Caller(role), identity.another_table(world))):
            yield from named_table(pattern)


def _other_tables(world: World, role: Resource, of_role: Sequence[Statement]) -> list[Text]:
    """Return ARNs of some tables from outside the stack: in its region, and in others where a statement names regions.

    Of the others, each that is spelled out, and one that is not.
    """
    boundary = _remembered(world, role, _BOUNDARY) or ()
    own = world.node({"Ref": "AWS::Region"}, role.path).text()
    named = [region for statement in (*of_role, *boundary) for region in statement.regions()]
    if not named:
        return [identity.another_table(world)]
    unnamed = Text((Unknown("another region", "the name of some other region", Origin.GENERATED, atomic=True),))
    exact = (region for region in named if "*" not in (region.literal or "*") and "?" not in (region.literal or "?"))
    apart = dict.fromkeys(region for region in exact if region != own)
    return [identity.another_table(world, region) for region in (None, unnamed, *apart)]


_Read = tuple[str, Callable[["World", Resource], "list[Statement] | None"]]
_IDENTITY: _Read = ("identity", attachments.of_identity)
_BOUNDARY: _Read = ("boundary", attachments.of_boundary)


def _remembered(world: World, role: Resource, kind: _Read) -> list[Statement] | None:
    """Read the statements that concern a role once in a world."""
    name, read = kind
    key = (name, role.owner.scope, role.logical_id)
    if key not in world.memo:
        world.memo[key] = read(world, role)
    found: list[Statement] | None = world.memo[key]
    return found


def _about(world: World, role: Resource, action: str, kind: _Read) -> list[Statement] | None:
    """Return those of the statements that are, or may be, about an action, found out once in a world."""
    key = (kind[0], role.owner.scope, role.logical_id, action)
    if key not in world.memo:
        found = _remembered(world, role, kind)
        about = (one for one in found or () if one.effect is None or one.names_action(action).value is not False)
        world.memo[key] = None if found is None else list(about)
    remembered: list[Statement] | None = world.memo[key]
    return remembered
