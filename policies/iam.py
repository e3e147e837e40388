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
from policies.arns import ACCOUNT, REGION, RESOURCE, elsewhere, in_region, is_of_table, same_arn, segments
from policies.conditions import Request, request_of
from policies.errors import UndeterminedError
from policies.other_tables import Stated, other_tables
from policies.replicas import replica_regions
from policies.statements import Statement
from policies.template import Resource
from policies.values import YES, Text, Truth, any_of, unknown

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
    properties = attachments.told(world, "role", world.template.externals.roles, wanted)
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
    own = _about(world, role, action, attachments.of_identity) or ()
    boundary = _about(world, role, action, attachments.of_boundary)
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
        if statement.ask is not None:
            answer = statement.has_effect(statement.effect, action, resource, request)
            if answer.value is None:
                statement.ask()


def _request(world: World, caller: Caller, resource: Text) -> Request:
    """Return what is certain of a call to a resource, found out once in a world."""
    function = caller.function
    key = (_certain, caller.role.path, function and function.path, resource)
    return world.remember(key, lambda: _certain(world, caller, resource))


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
        identity.pseudo_parameter(world, "AWS::AccountId"),
        tags,
    )


def foreign_tables(world: World, role: Resource, actions: Sequence[str]) -> Iterator[tuple[Truth, Text]]:
    """Return ARNs of tables that statements allow actions on, one of each kind that they tell apart.

    With each comes whether it is from outside the stack; whether the role may do an action on it is for `may` to say.
    """

    def find() -> list[tuple[Truth, Text]]:
        found: list[tuple[Truth, Text]] = []
        try:
            found.extend(_foreign_tables(world, role, actions))
        except UndeterminedError:
            # A table that the role certainly reaches is one too many, whatever else nobody knows.
            caller = Caller(role)
            if not any(foreign.value and _may_any(world, caller, actions, arn) for foreign, arn in found):
                raise
        return found

    yield from world.remember((foreign_tables, role.owner.scope, role.logical_id, actions), find)


def _may_any(world: World, caller: Caller, actions: Sequence[str], arn: Text) -> bool:
    return any(may(world, caller, action, arn).value for action in actions)


def _foreign_tables(world: World, role: Resource, actions: Sequence[str]) -> Iterator[tuple[Truth, Text]]:
    caller, is_own = Caller(role), _Own(world)
    own = [one for one in _remembered(world, role, attachments.of_identity) or () if _is_about_any(one, actions)]
    every = [
        *own,
        *(one for one in _remembered(world, role, attachments.of_boundary) or () if _is_about_any(one, actions)),
    ]
    allowing = [one for one in own if one.effect != "Deny"]
    other = identity.another_table(world)
    requests = [_request(world, caller, arn) for arn in (other, elsewhere(other))]
    seen: set[object] = set()
    for arn in other_tables(other, _stated(allowing, every, requests), is_own, is_own.regions):
        world.step(role.path, len(every))
        foreign, request = ~is_own(arn), _request(world, caller, arn)
        reaching = [(one, one.reaches(arn, request).value) for one in every]
        if foreign.value is None:
            is_own.undecided.append(arn)
            for statement, reaches in reaching:
                if statement in allowing and statement.ask is not None and reaches is not False:
                    statement.ask()
        # Tables of one place that the same statements are about are all one to IAM.
        alike = (foreign.value, *segments(arn)[REGION:RESOURCE], *(reaches for _, reaches in reaching))
        if foreign.value is not False and alike not in seen:
            seen.add(alike)
            yield foreign, arn
    is_own.ask_where()


def _is_about_any(statement: Statement, actions: Sequence[str]) -> bool:
    return statement.effect is None or any_of(map(statement.names_action, actions)).value is not False


def _stated(allowing: Sequence[Statement], every: Sequence[Statement], requests: Sequence[Request]) -> Stated:
    """Return what statements say of tables, regions and accounts in some requests, which are in different places."""

    def named(one: Statement) -> list[Text]:
        return [pattern for request in requests for pattern in one.named(request)]

    compared: dict[str, list[Text]] = {"aws:requestedregion": [], "aws:resourceaccount": []}
    for condition in (condition for one in every for condition in one.conditions):
        compared.get(condition.key.lower(), []).extend(condition.values)
    anything = [Text.of("*")]
    return Stated(
        # What one allows that nobody has read may be anything.
        [one for by in allowing for one in (anything if by.effect is None or by.except_resources else named(by))],
        [one for by in every for one in named(by)],
        [one for by in every for one in named(by) if (by.effect == "Deny") is by.except_resources],
        *compared.values(),
    )


class _Own:
    """Tells of an ARN whether it is one of the stack's tables, or of one; `undecided` are those where it is unknown."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tables = [(table, list(self._arns(table))) for table in world.declared(*identity.TABLE_TYPES)]
        self._by_arn = {arn: table for table, arns in self._tables for arn in arns}
        self.regions = [segments(arn)[REGION] for arn in self._by_arn]
        self.undecided: list[Text] = []

    def __call__(self, arn: Text) -> Truth:
        if arn in self._by_arn and self._world.has(self._by_arn[arn]):
            return YES
        own = ((table, any_of(is_of_table(arn, one) for one in arns)) for table, arns in self._tables)
        return any_of(same for table, same in own if same.value is not False and self._world.has(table))

    def _arns(self, table: Resource) -> Iterator[Text]:
        """Return the ARN of a table, and of each of its replicas in other regions."""
        own = identity.arn(self._world, table)
        yield own
        yield from (in_region(own, region) for region in replica_regions(table, self._world))

    def ask_where(self) -> None:
        """Ask for the stack's region and account where it would have to be in several: it is in one of them at most."""
        for name, place in (("AWS::Region", REGION), ("AWS::AccountId", ACCOUNT)):
            literal = {segments(arn)[place].literal for arn in self.undecided}
            stated = sorted(one for one in literal if one is not None)
            if len(stated) > 1:
                self._world.one_of(identity.pseudo(name), stated, others=True)


_Read = Callable[["World", Resource], "list[Statement] | None"]


def _remembered(world: World, role: Resource, read: _Read) -> list[Statement] | None:
    """Read the statements that concern a role once in a world."""
    return world.remember((read, role.owner.scope, role.logical_id), lambda: read(world, role))


def _about(world: World, role: Resource, action: str, read: _Read) -> list[Statement] | None:
    """Return those of the statements that are, or may be, about an action, found out once in a world."""

    def find() -> list[Statement] | None:
        found = _remembered(world, role, read)
        about = (one for one in found or () if one.effect is None or one.names_action(action).value is not False)
        return None if found is None else list(about)

    return world.remember((read, role.owner.scope, role.logical_id, action), find)
