"""What a template can become, found the slow and obvious way, and judged by other means than the rules.

Every assignment of values to all parameters and pseudo parameters makes of the template a concrete one, without
parameters, conditions or functions, in which every name and ARN is a plain string. Each rule is said once more of
such a template. A parameter whose values are not listed gets all strings that it might be compared with, and fresh
ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Final

from policies.aws_managed import AWS_MANAGED_POLICIES
from policies.dynamodb_actions import CONTROL_PLANE, DATA_PLANE
from policies.model import Outcome
from tests.policies.generated import COMPARED, CONSTRUCT, Generated

Given = Mapping[str, str]
Outcomes = dict[tuple[str, str], Outcome]
"""The outcome of each scenario for each table."""
Rule = Callable[["Stack", Any], Outcome]

PSEUDO: Final = {"AWS::Partition": "aws", "AWS::Region": "fresh0", "AWS::AccountId": "444455556666"}
FRESH: Final = ("fresh0", "fresh1")
"""Values that no template mentions; enough for two parameters to differ."""

READ_BY_RULES: Final = (
    *("true", "false", "PAY_PER_REQUEST", "KMS", "id", "S"),
    *("Retain", "RetainExceptOnCreate", "Delete", "alias/aws/dynamodb", "orders", "events", "none"),
)
"""What a parameter without listed values may be where it stands for a value."""

GONE: Final = object()
"""What `AWS::NoValue` leaves."""

BY_DEFAULT: Final = "table-billing-mode/pay-per-request-billing"
"""The scenario that is judged where the parameters have their defaults."""

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True)
class Assignment:
    """A template in which every parameter, pseudo parameters among them, has a value."""

    document: Mapping[str, Any]
    given: Given

    def holds(self, expression: Any) -> bool:
        """Tell whether a condition holds."""
        ((function, argument),) = expression.items()
        match function:
            case "Condition":
                return self.holds(self.document["Conditions"][argument])
            case "Fn::Not":
                return not self.holds(argument[0])
            case "Fn::And":
                return all(map(self.holds, argument))
            case "Fn::Or":
                return any(map(self.holds, argument))
        assert function == "Fn::Equals"
        left, right = map(self.value, argument)
        return bool(left == right)

    def value(self, raw: Any) -> Any:
        """Replace every function by what it gives."""
        if isinstance(raw, list):
            return [value for value in map(self.value, raw) if value is not GONE]
        if isinstance(raw, dict):
            function = next((key for key in raw if key == "Ref" or key.startswith("Fn::")), None)
            if function is not None:
                return self._call(function, raw[function])
            values = {key: self.value(one) for key, one in raw.items()}
            return {key: value for key, value in values.items() if value is not GONE}
        return str(raw).lower() if isinstance(raw, bool | int) else raw

    def _call(self, function: str, argument: Any) -> Any:
        calls: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._referred,
            "Fn::If": lambda given: self.value(given[1] if self.holds({"Condition": given[0]}) else given[2]),
            "Fn::GetAtt": lambda given: self.arn(given[0]),
            "Fn::Join": lambda given: given[0].join(self.value(given[1])),
            "Fn::Select": lambda given: self.value(given[1])[int(self.value(given[0]))],
            "Fn::Split": lambda given: self.value(given[1]).split(given[0]),
            "Fn::FindInMap": self._mapped,
            "Fn::Sub": self._substituted,
        }
        return calls[function](argument)

    def _mapped(self, argument: Any) -> str:
        name, top, second = map(self.value, argument)
        return str(self.document["Mappings"][name][top][second])

    def _substituted(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})
        return _VARIABLE.sub(lambda found: self._variable(found[1], variables), text)

    def _variable(self, name: str, variables: Mapping[str, Any]) -> str:
        if name in variables:
            return str(self.value(variables[name]))
        return self.arn(name.removesuffix(".Arn")) if name.endswith(".Arn") else str(self._referred(name))

    def _referred(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return GONE
        if name not in self.given:
            is_policy = self.document["Resources"][name]["Type"] == "AWS::IAM::ManagedPolicy"
            return self.arn(name) if is_policy else self._name(name)
        is_list = self.document.get("Parameters", {}).get(name, {}).get("Type") == "CommaDelimitedList"
        return self.given[name].split(",") if is_list else self.given[name]

    def _name(self, logical_id: str) -> str:
        """Return the name of a resource; but for tables, which may state theirs, one that nothing else has."""
        properties = self.document["Resources"][logical_id]["Properties"]
        stated = self.value(properties.get("TableName", {"Ref": "AWS::NoValue"}))
        return f"stack-{logical_id}-1A2B3C" if stated is GONE else str(stated)

    def arn(self, logical_id: str) -> str:
        """Return the ARN of a table, a role or a managed policy."""
        kind = self.document["Resources"][logical_id]["Type"]
        partition, region, account = (self.given[name] for name in PSEUDO)
        middle = f"dynamodb:{region}" if kind.startswith("AWS::DynamoDB::") else "iam:"
        noun = {"AWS::IAM::Role": "role", "AWS::IAM::ManagedPolicy": "policy"}.get(kind, "table")
        return f"arn:{partition}:{middle}:{account}:{noun}/{self._name(logical_id)}"

    def concrete(self) -> dict[str, Any]:
        """Return the resources, outputs and settings that there are, each resource with its name and ARN."""
        resources: dict[str, Any] = {}
        for logical_id, body in self.document["Resources"].items():
            if self._exists(body):
                told = {"Name": self._name(logical_id), "Arn": self.arn(logical_id)}
                resources[logical_id] = {**self.value(body), **told}
        outputs = [body for body in self.document.get("Outputs", {}).values() if self._exists(body)]
        settings = self.document.get("Metadata", {}).get("worthwatch:settings", {})
        tables = [name for name, body in self.document["Resources"].items() if body["Type"].endswith("Table")]
        said = [self.value(one["Value"]) for one in outputs]
        return {"resources": resources, "outputs": said, "settings": settings, "tables": tables}

    def _exists(self, body: Mapping[str, Any]) -> bool:
        return "Condition" not in body or self.holds({"Condition": body["Condition"]})


# Assignments, and what is expected of a template because of them


@dataclass(frozen=True)
class Judged:
    """What came of one assignment: its listed values, how comparisons turned out, and whether it is a default."""

    listed: tuple[str, ...]
    comparisons: tuple[bool, ...]
    is_default: bool
    outcomes: Outcomes


def assignments(generated: Generated) -> list[Judged]:
    """Judge a template under every assignment."""
    listed, unlisted = domains(generated)
    declared = generated.document.get("Parameters", {})
    defaults = {name: str(body["Default"]) for name, body in declared.items() if "Default" in body}
    comparisons = list(_comparisons(generated.document.get("Conditions", {})))
    found = []
    for chosen, free in product(_assigned(listed), _assigned(unlisted)):
        here = Assignment(generated.document, {**PSEUDO, **chosen, **free})
        concrete = here.concrete()
        if _may_be_deployed(concrete):
            outcomes = judge(json.dumps(concrete, sort_keys=True), json.dumps(generated.constructs))
            held = tuple(map(here.holds, comparisons))
            found.append(Judged(tuple(chosen.values()), held, defaults.items() <= here.given.items(), outcomes))
    return found


def _comparisons(raw: Any) -> Iterator[Any]:
    """Return each `Fn::Equals` of the conditions."""
    if isinstance(raw, dict) and "Fn::Equals" in raw:
        yield raw
    elif isinstance(raw, dict | list):
        for inner in raw.values() if isinstance(raw, dict) else raw:
            yield from _comparisons(inner)


def _may_be_deployed(concrete: Mapping[str, Any]) -> bool:
    """Tell whether every table's name consists of characters that DynamoDB takes."""
    names = [body["Name"] for body in concrete["resources"].values() if body["Type"].endswith("Table")]
    return all(re.fullmatch(r"[a-zA-Z0-9_.-]+", name) for name in names)


def worst(judged: Sequence[Judged]) -> Outcomes:
    """Return the worst outcome of all assignments, which is right where every value that matters is listed."""
    return {key: max((one.outcomes[key] for one in _counting(judged, key)), key=_rank) for key in judged[0].outcomes}


def right(judged: Sequence[Judged]) -> dict[tuple[str, str], set[Outcome]]:
    """Return the right outcomes where values that are not listed matter, too.

    The outcome is undetermined unless it is the same for all of them. How much the comparisons, which may tell more
    of them, are looked at is left to the judge, and so is whether nothing to judge counts as the same as compliant.
    """
    return {
        key: {
            _worst_group(_grouped(_counting(judged, key), by), key, alike)
            for by in (lambda one: (one.listed, one.comparisons), lambda one: one.listed)
            for alike in ({Outcome.COMPLIANT, Outcome.NOT_APPLICABLE}, {Outcome.COMPLIANT})
        }
        for key in judged[0].outcomes
    }


def _counting(judged: Sequence[Judged], key: tuple[str, str]) -> list[Judged]:
    """Return the assignments that count for a scenario."""
    return [one for one in judged if one.is_default or key[0] != BY_DEFAULT]


def _grouped(judged: Iterable[Judged], by: Callable[[Judged], Hashable]) -> Iterable[list[Outcomes]]:
    groups: dict[Hashable, list[Outcomes]] = {}
    for one in judged:
        groups.setdefault(by(one), []).append(one.outcomes)
    return groups.values()


def _worst_group(groups: Iterable[list[Outcomes]], key: tuple[str, str], alike: set[Outcome]) -> Outcome:
    """Return the worst of all groups; one whose outcomes are neither the same nor all alike is undetermined."""
    answers = ({outcomes[key] for outcomes in group} for group in groups)
    told = (
        max(answer, key=_rank) if len(answer) == 1 or answer <= alike else Outcome.UNDETERMINED for answer in answers
    )
    return max(told, key=_rank)


def _rank(outcome: Outcome) -> int:
    return outcome.rank


def _assigned(choices: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def domains(generated: Generated) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the values of each parameter, of those whose values are listed and of the others."""
    document = generated.document
    listed: dict[str, list[str]] = {}
    unlisted: dict[str, list[str]] = {}
    for name, body in document.get("Parameters", {}).items():
        if name in generated.given:
            listed[name] = [generated.given[name]]
        elif "AllowedValues" in body:
            listed[name] = [str(value) for value in body["AllowedValues"]]
        elif "AllowedPattern" in body:
            listed[name] = body["AllowedPattern"].removeprefix("^(").removesuffix(")$").split("|")
        else:
            read = READ_BY_RULES if _is_value(document, name) else ()
            unlisted[name] = sorted({*COMPARED, *read, *FRESH})
    if '"AWS::Region"' in json.dumps(document.get("Conditions", {})):
        unlisted["AWS::Region"] = [*COMPARED, *FRESH]
    return listed, unlisted


def _is_value(document: Mapping[str, Any], name: str) -> bool:
    """Tell whether a parameter stands for a value, not in comparisons only."""
    return json.dumps({"Ref": name}) in json.dumps([document["Resources"], document.get("Outputs", {})])


# The rules, said once more of a concrete template


@cache
def judge(concrete: str, constructs: str) -> Outcomes:
    """Judge each table of a concrete template by each scenario, all of it as JSON."""
    stack = Stack(**json.loads(concrete), constructs=json.loads(constructs))
    return {
        (scenario, table): answer(stack, stack.resources[table]) if table in stack.resources else Outcome.NOT_APPLICABLE
        for scenario, answer in RULES.items()
        for table in stack.tables
    }


@dataclass(frozen=True)
class Stack:
    """A concrete template."""

    resources: dict[str, Any]
    outputs: list[str]
    settings: dict[str, Any]
    constructs: dict[str, list[str]] | None
    tables: list[str]

    def of_type(self, *types: str) -> list[Any]:
        """Return the resources of these types."""
        return [body for body in self.resources.values() if body["Type"] in types]

    def functions(self, table: Any) -> list[Any]:
        """Return the functions that are given a table's name."""
        functions = self.of_type("AWS::Lambda::Function")
        return [one for one in functions if table["Name"] in _of(one, "Environment", "Variables", default={}).values()]

    def role(self, function: Any) -> Any:
        """Return the role of a function."""
        (role,) = [one for one in self.of_type("AWS::IAM::Role") if one["Arn"] == _of(function, "Role")]
        return role

    def statements(self, role: Any) -> list[Any]:
        """Return the statements of a role's policies."""
        documents = [policy["PolicyDocument"] for policy in _of(role, "Policies", default=[])]
        documents += [self.managed(arn) for arn in _of(role, "ManagedPolicyArns")]
        for policy in self.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
            if role["Name"] in [*_of(policy, "Roles", default=[]), _of(policy, "RoleName")]:
                documents.append(_of(policy, "PolicyDocument"))
        return [statement for document in documents for statement in document["Statement"]]

    def managed(self, arn: str) -> Any:
        """Return the document of a managed policy."""
        own = [_of(one, "PolicyDocument") for one in self.of_type("AWS::IAM::ManagedPolicy") if one["Arn"] == arn]
        return own[0] if own else AWS_MANAGED_POLICIES[arn.partition(":policy/")[2]]

    def may(self, role: Any, action: str, arn: str, table: Any = None) -> bool:
        """Tell whether a role may do an action on an ARN, with what a table's own policy says."""
        own = [
            one
            for one in _of(table, "ResourcePolicy", "PolicyDocument", "Statement", default=[])
            if {"*", role["Arn"]} & set(_list(one["Principal"]["AWS"]))
        ]
        boundary = _of(role, "PermissionsBoundary")
        within = self.managed(boundary)["Statement"] if boundary else []
        about = {
            kind: [one["Effect"] for one in given if _is_about(one, action, arn)]
            for kind, given in (("identity", [*self.statements(role), *own]), ("boundary", within))
        }
        if "Deny" in about["identity"] + about["boundary"]:
            return False
        return "Allow" in about["identity"] and (not boundary or "Allow" in about["boundary"])


def _of(body: Any, *keys: str, default: Any = None) -> Any:
    """Return a property of a resource."""
    found = (body or {}).get("Properties", {})
    for key in keys:
        found = found.get(key, {})
    return found or default


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _like(pattern: str, text: str) -> bool:
    """Tell whether a pattern with wildcards covers a text."""
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text))


def _is_about(statement: Any, action: str, arn: str) -> bool:
    if statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport", "true") != "true":
        return False
    actions = [_like(one.lower(), action.lower()) for one in _list(statement.get("Action", statement.get("NotAction")))]
    arns = [_like(one, arn) for one in _list(statement.get("Resource", statement.get("NotResource")))]
    return any(actions) is ("Action" in statement) and any(arns) is ("Resource" in statement)


def _said(answer: bool | None) -> Outcome:
    return {True: Outcome.COMPLIANT, False: Outcome.NON_COMPLIANT, None: Outcome.NOT_APPLICABLE}[answer]


def _each(table: Any, *keys: str) -> list[Any]:
    """Return a property of a table, or of each of its replicas."""
    replicas = _of(table, "Replicas", default=[])
    return [_of({"Properties": one}, *keys) for one in replicas] if replicas else [_of(table, *keys)]


def _made(stack: Stack, table: Any) -> Outcome:
    if stack.constructs is None:
        return Outcome.UNDETERMINED
    (logical_id,) = [name for name, body in stack.resources.items() if body is table]
    return _said(CONSTRUCT in stack.constructs[logical_id])


def _name_told(stack: Stack, table: Any) -> Outcome:
    return _said(table["Name"] in stack.outputs or bool(stack.functions(table)))


def _key(_: Stack, table: Any) -> Outcome:
    keys = [one["AttributeName"] for one in _of(table, "KeySchema") if one["KeyType"] == "HASH"]
    types = [one["AttributeType"] for one in _of(table, "AttributeDefinitions") if one["AttributeName"] == "id"]
    return _said(keys == ["id"] and types == ["S"])


def _no_sort_key(_: Stack, table: Any) -> Outcome:
    return _said([one["KeyType"] for one in _of(table, "KeySchema")] == ["HASH"])


def _granted(*actions: str) -> Rule:
    def answer(stack: Stack, table: Any) -> Outcome:
        roles = [stack.role(function) for function in stack.functions(table)]
        return _said(
            bool(roles) and all(stack.may(role, action, table["Arn"], table) for role in roles for action in actions)
        )

    return answer


def _injected(stack: Stack, table: Any) -> Outcome:
    return _said(bool(stack.functions(table)))


def _billing(stack: Stack, table: Any) -> Outcome:
    if stack.settings.get("billingMode") == "PROVISIONED":
        return Outcome.NOT_APPLICABLE
    return _said(_of(table, "BillingMode") == "PAY_PER_REQUEST")


def _encrypted(_: Stack, table: Any) -> Outcome:
    specification = _of(table, "SSESpecification", default={})
    keys = _each(table, "SSESpecification", "KMSMasterKeyId")
    return _said(
        specification.get("SSEEnabled") == "true"
        and specification.get("SSEType", "KMS") == "KMS"
        and set(keys) <= {None, "alias/aws/dynamodb"}
    )


def _recovery(table: Any) -> list[Any]:
    return _each(table, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")


def _configurable(stack: Stack, table: Any) -> Outcome:
    wanted = stack.settings.get("pointInTimeRecovery")
    allowed = {"true", "false"} if wanted is None else {str(wanted).lower()}
    return _said(set(_recovery(table)) <= allowed)


_POLICIES: Final = {"destroy": "Delete", "retain": "Retain", "retain-on-update-or-delete": "RetainExceptOnCreate"}
_KEEPS: Final = {"Retain", "RetainExceptOnCreate"}


def _policy_stated(stack: Stack, table: Any) -> Outcome:
    chosen = _POLICIES.get(stack.settings.get("removalPolicy", ""))
    return _said(table.get("DeletionPolicy") in ([chosen] if chosen else _POLICIES.values()))


def _retained(stack: Stack, table: Any) -> Outcome:
    chosen = stack.settings.get("removalPolicy")
    stated = {table.get("DeletionPolicy"), table.get("UpdateReplacePolicy")}
    if chosen == "destroy" or (chosen is None and not stated & _KEEPS):
        return Outcome.NOT_APPLICABLE
    return _said(table.get("DeletionPolicy") in _KEEPS)


def _in_production(holds: Callable[[Any], bool]) -> Rule:
    return lambda stack, table: _said(holds(table) if stack.settings.get("stage") == "prod" else None)


def _replaced_kept(_: Stack, table: Any) -> Outcome:
    if table.get("DeletionPolicy") not in _KEEPS:
        return Outcome.NOT_APPLICABLE
    return _said(table.get("UpdateReplacePolicy") == "Retain")


def _for_roles(holds: Callable[[Stack, Any, Any], bool]) -> Rule:
    def answer(stack: Stack, table: Any) -> Outcome:
        roles = [stack.role(function) for function in stack.functions(table)]
        return _said(all(holds(stack, role, table) for role in roles) if roles else None)

    return answer


def _data_plane_only(stack: Stack, role: Any, table: Any) -> bool:
    arns = (table["Arn"], f"{table['Arn']}/backup/some")
    return not any(stack.may(role, action, arn, table) for action in CONTROL_PLANE for arn in arns)


def _no_other_table(stack: Stack, role: Any, table: Any) -> bool:
    own = {one["Name"] for one in stack.of_type("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")}
    beginning = table["Arn"].removesuffix(table["Name"])
    patterns = [one for found in stack.statements(role) for one in _list(found.get("Resource", "*"))]
    arns = {f"{beginning}another", *(one.replace("*", "another") for one in patterns if one.startswith(beginning))}
    foreign = {arn for arn in arns if arn.removeprefix(beginning).split("/")[0] not in own}
    return not any(stack.may(role, action, arn) for action in DATA_PLANE for arn in foreign)


def _trusts_lambda(_: Stack, role: Any, __: Any) -> bool:
    statements = _of(role, "AssumeRolePolicyDocument", "Statement")
    return all(one["Principal"] == {"Service": "lambda.amazonaws.com"} for one in statements)


def _closed(_: Stack, table: Any) -> Outcome:
    statements = _of(table, "ResourcePolicy", "PolicyDocument", "Statement", default=[])
    return _said(not any(one["Effect"] == "Allow" and one["Principal"]["AWS"] == "*" for one in statements))


RULES: Final[Mapping[str, Rule]] = {
    "dynamodb-table-provisioning/table-created-via-solutions-construct": _made,
    "dynamodb-table-provisioning/table-name-available": _name_told,
    "table-key-schema/partition-key-defined": _key,
    "table-key-schema/no-sort-key-required": _no_sort_key,
    "lambda-dynamodb-integration/read-permissions-granted": _granted("dynamodb:GetItem", "dynamodb:Query"),
    "lambda-dynamodb-integration/write-permissions-granted": _granted("dynamodb:PutItem", "dynamodb:UpdateItem"),
    "lambda-dynamodb-integration/environment-variable-injected": _injected,
    BY_DEFAULT: _billing,
    "table-encryption/encryption-enabled": _encrypted,
    "point-in-time-recovery/pitr-configurable": _configurable,
    "table-deletion-protection/deletion-policy-applied": _policy_stated,
    "table-deletion-protection/retain-option-available": _retained,
    "production-protection/deletion-protection-enabled": _in_production(
        lambda table: set(_each(table, "DeletionProtectionEnabled")) == {"true"}
    ),
    "production-protection/production-table-retained": _in_production(
        lambda table: table.get("DeletionPolicy") in _KEEPS
    ),
    "production-protection/production-recovery-enabled": _in_production(
        lambda table: set(_recovery(table)) == {"true"}
    ),
    "replacement-protection/replaced-table-kept": _replaced_kept,
    "least-privilege/data-plane-only": _for_roles(_data_plane_only),
    "least-privilege/no-other-table": _for_roles(_no_other_table),
    "least-privilege/role-assumed-by-lambda-only": _for_roles(_trusts_lambda),
    "table-access/no-public-access": _closed,
}
"""Each scenario's rule."""
