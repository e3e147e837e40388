"""Generated templates: storage stacks whose values are spelled in every way that CloudFormation has.

A template is closed where each verdict on it can be known: an unknown of no listed values stands in comparisons only.
It is open where such an unknown may stand for a value, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from policies.template import Template
from tests.policies.templates import NO_VALUE, Document

MAX_CHOICES: Final = 6
"""How many assignments the listed values of a template's parameters may have."""

COMPARED: Final = ("dev", "prod", "x")
"""The literals that conditions compare with, and all that a parameter of listed values can be compared as."""

CONSTRUCT: Final = "@aws-solutions-constructs/aws-lambda-dynamodb.LambdaToDynamoDB@2.105.0"
CFN_TABLE: Final = "aws-cdk-lib.aws_dynamodb.CfnTable@2.273.0"

STAGE: Final = {"Ref": "Stage"}
INDEX: Final = {"Ref": "Index"}
PLACEMENTS: Final = ("inline", "policy", "managed", "attached", "role-policy")
"""Where a statement can stand: on the role, in each kind of policy resource, and in a policy that the role names."""

_DECLARED: Final[Document] = {
    "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"},
    "Index": {"Type": "Number", "AllowedValues": [0, 1], "Default": 1},
    "Letter": {"Type": "String", "AllowedPattern": "^(dev|x)$"},
    "Free": {"Type": "String", "Default": "x"},
    "Other": {"Type": "String"},
    "Names": {"Type": "CommaDelimitedList"},
}
_ARN: Final = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/"
_WORD: Final = re.compile(r"[\w-]+")
_SPELLINGS: Final = (
    *("plain", "plain", "plain", "plain", "plain", "plain", "if", "if", "if", "parameter", "parameter", "pattern"),
    *("select", "split", "split-parameter", "map", "join", "sub", "sub-parameter", "list"),
)
_READS: Final = ("dynamodb:GetItem", "dynamodb:Query")
_WRITES: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem")
_MANAGED: Final = ("service-role/AWSLambdaBasicExecutionRole", "AmazonDynamoDBReadOnlyAccess", "AdministratorAccess")


@dataclass(frozen=True)
class Generated:
    """A template, with what comes beside it: its construct tree, and the values of parameters that were given."""

    document: Document
    constructs: Mapping[str, Sequence[str]] | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    def template(self) -> Template:
        """Return the template as the rules read it."""
        return Template("t", deepcopy(self.document), self.constructs, given_parameters=self.given)


class Author:
    """Writes the values of a template, and declares the parameters, conditions and mappings that they need."""

    def __init__(self, draw: st.DrawFn, *, is_open: bool) -> None:
        self.draw = draw
        self.parameters: Document = {}
        self.conditions: Document = {}
        self.mappings: Document = {}
        self.given: dict[str, str] = {}
        self._choices = 1
        unlisted = [(), (), (), ("Free",), ("AWS::Region",), ("Free", "Other")]
        self._unlisted: tuple[str, ...] = ("Free",) if is_open else draw(st.sampled_from(unlisted))
        self._until_open = draw(st.integers(0, 25)) if is_open else -1
        for i in range(draw(st.integers(1, 3))):
            self.conditions[f"C{i}"] = self._expression(2)

    def flip(self, odds: int = 2) -> bool:
        """Tell yes once in so many times."""
        return self.draw(st.integers(1, odds)) == odds

    def condition(self) -> str:
        """Return the name of a condition."""
        return self.draw(st.sampled_from(sorted(self.conditions)))

    def effect(self) -> object:
        """Return an effect, which IAM wants to be one of two."""
        return where(self.condition() if self.flip(4) else None, "Allow" if self.flip() else "Deny", "Allow")

    def value(self, *candidates: object) -> Any:
        """Return one of the candidates, or what is one of them in each world; the first is the likeliest.

        Once in an open template it may be a parameter of any value instead: in two places it would have to be two
        things at once.
        """
        if any(isinstance(one, str | bool) for one in candidates):
            self._until_open -= 1
            if self._until_open == -1:
                self._use("Free")
                return {"Ref": "Free"}
        return self.listed(*candidates)

    def listed(self, *candidates: object) -> Any:
        """Return one of the candidates, or what is one of them in each world, in an open template, too."""
        return self._value(candidates, 1)

    def _value(self, candidates: tuple[object, ...], depth: int) -> Any:
        words = [_word(one) for one in candidates if isinstance(one, str | bool)]
        spelling = self.draw(st.sampled_from(_SPELLINGS))
        if spelling == "if" and depth:
            branches = [self._value(candidates, depth - 1) for _ in range(2)]
            return {"Fn::If": [self.condition(), *branches]}
        if spelling not in {"plain", "if"} and 2 * len(words) >= len(candidates):
            return self._spelled(spelling, words)
        return deepcopy(self.draw(st.sampled_from((candidates[0],) * len(candidates) + candidates)))

    def _spelled(self, spelling: str, words: list[str]) -> object:
        one, other = (self.draw(st.sampled_from(words)) for _ in range(2))
        spellings: Mapping[str, Callable[[str, str], object]] = {
            "parameter": self._reference,
            "pattern": self._pattern,
            "select": lambda one, other: {"Fn::Select": [INDEX, [one, other]]} if self._use("Index") else one,
            "split": self._split,
            "split-parameter": self._split_parameter,
            "map": self._mapped,
            "join": lambda one, _: {"Fn::Join": ["", [one[:2], NO_VALUE, one[2:]]]},
            "sub": lambda one, other: {"Fn::Sub": ["${V}${W}", {"V": self._reference(one, other), "W": ""}]},
            "sub-parameter": self._sub,
            "list": lambda one, other: self._list(one, other, words),
        }
        return spellings[spelling](one, other)

    def _pattern(self, one: str, other: str) -> object:
        if not (_WORD.fullmatch(one) and _WORD.fullmatch(other)):
            return one
        return self._declared("Pattern", {"AllowedPattern": f"^({one}|{other})$"}, {one, other})

    def _split(self, one: str, other: str) -> object:
        return {"Fn::Select": [INDEX, {"Fn::Split": [",", f"{one},{other}"]}]} if self._use("Index") else one

    def _split_parameter(self, one: str, other: str) -> object:
        joined = self._reference(f"{one}|{other}", f"{other}|{one}")
        return {"Fn::Select": ["0", {"Fn::Split": ["|", joined]}]}

    def _mapped(self, one: str, other: str) -> object:
        if not self._use("Stage"):
            return one
        key = f"k{len(self.mappings.get('dev', {}))}"
        for stage, word in (("dev", one), ("prod", other)):
            self.mappings.setdefault(stage, {})[key] = word
        return {"Fn::FindInMap": ["Words", STAGE, key]}

    def _sub(self, one: str, other: str) -> object:
        inner = self._reference(one, other)
        return {"Fn::Sub": f"${{{inner['Ref']}}}"} if isinstance(inner, dict) else inner

    def _list(self, one: str, other: str, words: list[str]) -> object:
        """Return an item of the one list that is given, if each of its items is one of the words."""
        if not (self._use("Index") and self._use("Names")):
            return one
        names = self.given.setdefault("Names", f"{one},{other}").split(",")
        return {"Fn::Select": [INDEX, {"Ref": "Names"}]} if set(names) <= set(words) else one

    def _reference(self, one: str, other: str) -> Any:
        default = self.draw(st.sampled_from([{"Default": one}, {}]))
        return self._declared("Listed", {"AllowedValues": list(dict.fromkeys([one, other])), **default}, {one, other})

    def _declared(self, kind: str, declaration: Document, values: set[str]) -> Any:
        """Return a reference to a parameter of this kind, or one of its values where there are parameters enough."""
        stated = {"Type": "String", **declaration}
        known = [name for name, body in self.parameters.items() if body == stated]
        if known:
            return {"Ref": known[0]}
        if self._choices * len(values) > MAX_CHOICES:
            return min(values)
        self._choices *= len(values)
        name = f"{kind}{len(self.parameters)}"
        self.parameters[name] = stated
        return {"Ref": name}

    def _use(self, name: str) -> bool:
        """Declare a parameter if need be; tell whether there was room for it."""
        if name not in self.parameters and not name.startswith("AWS::"):
            size = 2 if name in {"Stage", "Index", "Letter"} else 1
            if self._choices * size > MAX_CHOICES:
                return False
            self._choices *= size
            self.parameters[name] = deepcopy(_DECLARED[name])
        return True

    def _expression(self, depth: int) -> Document:
        kinds = ["equals", "equals"] + ["not", "and", "or"] * (depth > 0) + ["named"] * bool(self.conditions)
        match self.draw(st.sampled_from(kinds)):
            case "not":
                return {"Fn::Not": [self._expression(depth - 1)]}
            case "and":
                return {"Fn::And": [self._expression(depth - 1), self._expression(depth - 1)]}
            case "or":
                return {"Fn::Or": [self._expression(depth - 1), self._expression(depth - 1)]}
            case "named":
                return {"Condition": self.condition()}
        operands = [self._operand(), self._operand()]
        return {"Fn::Equals": operands if self.flip() else [operands[0], self.draw(st.sampled_from(COMPARED))]}

    def _operand(self) -> object:
        name = self.draw(st.sampled_from(["Stage", "Stage", "Letter", "Index", *self._unlisted]))
        if not self._use(name):
            return self.draw(st.sampled_from(COMPARED))
        if name == "Index":
            return {"Fn::Select": [INDEX, ["dev", "x"]]}
        if name == "Stage" and self.flip(3):
            return {"Fn::Join": ["", ["", STAGE]]}
        return {"Ref": name}


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


@st.composite
def templates(draw: st.DrawFn, *, is_open: bool = False) -> Generated:
    """Generate a storage stack: one or two tables, one or two functions, roles and policies."""
    author = Author(draw, is_open=is_open)
    exists = author.condition() if author.flip(4) else None
    tables = {"Table": _table(author, exists)}
    if author.flip(4):
        tables["Second"] = _table(author, None)
    resources = {**tables, **_compute(author, exists, *tables)}
    outputs: Document = {"Name": {"Value": where(exists, author.value({"Ref": "Table"}, "orders"), "none")}}
    if author.flip(3):
        outputs["Name"]["Condition"] = author.condition()
    document: Document = {"Transform": "AWS::LanguageExtensions", "Resources": resources}
    if not author.flip(4):
        document["Outputs"] = outputs
    if author.flip():
        document["Metadata"] = {"worthwatch:settings": _settings(author)}
    for section, body in (("Parameters", author.parameters), ("Conditions", author.conditions)):
        if body:
            document[section] = body
    if author.mappings:
        document["Mappings"] = {"Words": author.mappings}
    lineage = draw(st.sampled_from([None, (CONSTRUCT, CFN_TABLE), (CFN_TABLE,)]))
    return Generated(document, None if lineage is None else dict.fromkeys(tables, lineage), author.given)


def where(condition: str | None, value: object, otherwise: object = NO_VALUE) -> Any:
    """Return a value that stands only where a condition holds."""
    return value if condition is None else {"Fn::If": [condition, value, otherwise]}


def _settings(author: Author) -> Document:
    choices: Mapping[str, tuple[object, ...]] = {
        "stage": ("prod", "dev"),
        "removalPolicy": ("retain", "destroy", "retain-on-update-or-delete"),
        "pointInTimeRecovery": (True, False),
        "billingMode": ("PAY_PER_REQUEST", "PROVISIONED"),
    }
    return {name: author.draw(st.sampled_from(values)) for name, values in choices.items() if not author.flip(3)}


def _table(author: Author, exists: str | None) -> Document:
    is_global = author.flip(4)
    recovery = {"PointInTimeRecoveryEnabled": author.value(True, False, NO_VALUE)}
    each = {
        "PointInTimeRecoverySpecification": author.value(recovery, NO_VALUE),
        "DeletionProtectionEnabled": author.value(True, False, NO_VALUE),
    }
    encryption = {"SSEEnabled": author.value(True, False, NO_VALUE), "SSEType": author.value("KMS", NO_VALUE)}
    key = {"KMSMasterKeyId": author.value(NO_VALUE, "alias/aws/dynamodb", "alias/ours")}
    if not is_global:
        encryption |= key
        each["ResourcePolicy"] = {"PolicyDocument": {"Statement": _resource_policy(author)}}
    sort_key = {"AttributeName": "at", "KeyType": "RANGE"}
    properties = {
        "TableName": author.value(NO_VALUE, NO_VALUE, "orders", "events") if exists is None else NO_VALUE,
        "KeySchema": [
            {"AttributeName": author.value("id", "pk"), "KeyType": "HASH"},
            author.value(NO_VALUE, NO_VALUE, sort_key),
        ],
        "AttributeDefinitions": [
            author.value({"AttributeName": "id", "AttributeType": author.value("S", "N")}, NO_VALUE),
            {"AttributeName": "pk", "AttributeType": "S"},
        ],
        "BillingMode": author.value("PAY_PER_REQUEST", "PROVISIONED", NO_VALUE),
        "SSESpecification": author.value(encryption, NO_VALUE),
        **({"Replicas": [_replica(author, each, key)]} if is_global else each),
    }
    body: Document = {"Type": f"AWS::DynamoDB::{'Global' * is_global}Table", "Properties": properties}
    for name in ("DeletionPolicy", "UpdateReplacePolicy"):
        if not author.flip(5):
            body[name] = author.value("Retain", "Delete", "RetainExceptOnCreate")
    return body if exists is None else {**body, "Condition": exists}


def _replica(author: Author, each: Document, key: Document) -> Document:
    return {"Region": "eu-west-1", **each, "SSESpecification": author.value(NO_VALUE, key)}


def _resource_policy(author: Author) -> list[object]:
    """Write the statements of a table's own policy; the first is about nobody of the stack."""
    other = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/someone-else"}}
    role = {"AWS": [{"Fn::GetAtt": ["OtherRole", "Arn"]}]}
    first = {"Effect": "Allow", "Principal": other, "Action": "dynamodb:GetItem", "Resource": "*"}
    statement = {
        "Effect": author.effect(),
        "Principal": author.value({"AWS": "*"}, role),
        "Action": author.listed("dynamodb:*", "dynamodb:Query"),
        "Resource": "*",
    }
    return [first, author.value(NO_VALUE, NO_VALUE, statement)]


def _compute(author: Author, exists: str | None, *tables: str) -> Document:
    """Write functions, roles and policies. `exists` is the condition under which the first table does."""
    together = author.condition() if author.flip(5) else None
    table_arn = where(exists, {"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": f"{_ARN}none"})
    about = {"Table": table_arn, **{name: {"Fn::GetAtt": [name, "Arn"]} for name in tables[1:]}}
    named = where(exists, {"Ref": "Table"})
    told = author.value(named, named, where(exists, {"Fn::Sub": "${Table}"}), NO_VALUE, "orders", table_arn)
    roles = [{"Fn::GetAtt": ["Role", "Arn"]}] * 2 + [{"Fn::GetAtt": ["OtherRole", "Arn"]}]
    resources: Document = {
        "Role": _role(author),
        "OtherRole": _role(author),
        "Function": _function(roles[0] if together else author.value(*roles), {"TABLE": told}),
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "Policy",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Statement": _statements(author, list(about.values()))},
            },
        },
    }
    if together:
        for name in ("Role", "Function", "Policy"):
            resources[name]["Condition"] = together
    else:
        second = {name: {"Ref": name} for name in tables[1:]}
        if author.flip(3):
            resources["Worker"] = _function(author.value(*roles[1:]), {**second, "TABLE": author.value(named, "x")})
        if author.flip(4):
            resources["Policy"]["Condition"] = author.condition()
    return moved(resources, "Policy", "Role", author.draw(st.sampled_from(PLACEMENTS)))


def _function(role: object, variables: Document) -> Document:
    return {"Type": "AWS::Lambda::Function", "Properties": {"Role": role, "Environment": {"Variables": variables}}}


def _role(author: Author) -> Document:
    service, account = {"Service": "lambda.amazonaws.com"}, {"AWS": "111122223333"}
    managed = [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{name}"} for name in _MANAGED]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {**trust, "Principal": author.value(service, service, service, {"Service": "ec2.amazonaws.com"})},
                    author.value(NO_VALUE, NO_VALUE, {**trust, "Principal": account}),
                ]
            },
            "ManagedPolicyArns": [managed[0], author.value(NO_VALUE, NO_VALUE, managed[1])],
            "PermissionsBoundary": author.value(NO_VALUE, NO_VALUE, NO_VALUE, managed[1], managed[2]),
        },
    }


def _statements(author: Author, arns: list[object]) -> list[object]:
    logs = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    first = {"Effect": "Allow", "Action": [*_READS, author.listed(*_WRITES)], "Resource": author.value(arns, arns[0])}
    return [logs, first] + [
        author.value(_statement(author, arns), NO_VALUE) for _ in range(author.draw(st.integers(0, 2)))
    ]


def _statement(author: Author, arns: list[object]) -> Document:
    index = {"Fn::Join": ["", [arns[0], "/index/*"]]}
    orders, all_tables = {"Fn::Sub": f"{_ARN}orders"}, {"Fn::Sub": f"{_ARN}*"}
    action = author.listed("dynamodb:*Item", "dynamodb:updateitem", *_READS, "dynamodb:DeleteTable", "dynamodb:*")
    resource = author.listed(arns[0], arns[0], arns, index, orders, all_tables, "*")
    statement: Document = {
        "Effect": author.effect(),
        "NotAction" if author.flip(8) else "Action": [action, author.listed(NO_VALUE, *_WRITES)],
        "NotResource" if author.flip(8) else "Resource": resource,
    }
    if author.flip(5):
        statement["Condition"] = {"Bool": {"aws:SecureTransport": author.value("true", "false")}}
    return statement


def moved(resources: Document, policy: str, role: str, placement: str) -> Document:
    """Return the resources with the statements of an `AWS::IAM::Policy` placed elsewhere."""
    result = deepcopy(resources)
    if placement == "policy":
        return result
    body = result.pop(policy)
    document = body["Properties"]["PolicyDocument"]
    condition = body.get("Condition")
    properties = result[role]["Properties"]
    if placement == "inline":
        properties["Policies"] = [where(condition, {"PolicyName": policy, "PolicyDocument": document})]
        return result
    if placement == "attached":
        properties.setdefault("ManagedPolicyArns", []).append(where(condition, {"Ref": policy}))
    kinds: Mapping[str, tuple[str, Document]] = {
        "managed": ("ManagedPolicy", {"Roles": [{"Ref": role}]}),
        "attached": ("ManagedPolicy", {}),
        "role-policy": ("RolePolicy", {"RoleName": {"Ref": role}, "PolicyName": policy}),
    }
    kind, held = kinds[placement]
    conditional = {} if condition is None else {"Condition": condition}
    result[policy] = {"Type": f"AWS::IAM::{kind}", **conditional, "Properties": {**held, "PolicyDocument": document}}
    return result
