"""The conditions of IAM statements, as far as the request that a Lambda function's own SDK call makes is certain.

Sources: AWS IAM User Guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued context
keys", "IAM policy elements: Variables and tags" and "AWS global condition context keys".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network
from typing import Any, TypeAlias

from policies.arns import covers, segments
from policies.values import NO, YES, Origin, Text, Truth, Unknown, any_of, matches, unknown

_OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"\s*'([^'*?]*)'\s*")

_MAX_LENGTH = 10_240
"""How long a text with policy variables may be; IAM's own limit for all inline policies of a role together."""

_PROTECTED = str.maketrans("*?", "\ue000\ue001")
"""Characters of private use in the place of those that are to match themselves where a pattern may hold wildcards."""

_ARN_SEGMENTS = 6
_REGION, _ACCOUNT = 3, 4
_FUNCTION, _TAG = "lambda:sourcefunctionarn", "aws:principaltag/"
_PARTITIONS = ("arn:aws:", "arn:aws-cn:", "arn:aws-us-gov:")

_ABSENT = frozenset(
    {
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:username",
    }
)
"""Keys of calls by AWS services, IAM users and federated users only, which a role's own call does not carry."""

_PRESENT = frozenset({"aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "aws:userid"})
"""Keys that every call of a role carries, whatever their values."""

_SERVICES = frozenset({"aws", "dynamodb", "lambda", "sts"})
"""The prefixes of the keys that a function's call may carry; those of other services it does not."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is certain of a request.

    `values` gives by condition key in lower case its value, or None where it is certainly absent. `function` gives the
    ARN of the function that calls, and `tags` the tags of its role by key in lower case; each is called for a condition
    that asks for it only.
    """

    values: Mapping[str, Text | None]
    function: Callable[[], Text] | None = None
    tags: Callable[[], Mapping[str, Text]] = dict

    def possible(self, key: str) -> tuple[Text | None, ...]:
        """Return what a key may be: the one value if it is certain, else none and any."""
        name = key.lower()
        if name in self.values:
            return (self.values[name],)
        if name == _FUNCTION and self.function is not None:
            return (self.function(),)
        if name.startswith(_TAG):
            value = self.tags().get(name.removeprefix(_TAG))
            # AWS does not say whether a tag without a value is there.
            if value is not None and value.parts:
                return (value,)
        if name == "aws:multifactorauthpresent":  # nobody is asked; AWS does not say whether that is false or absent
            return None, Text.of("false")
        if name.partition(":")[0] not in _SERVICES:
            return (None,)
        hidden = _hidden(f"{key} is known at each request")
        return (hidden,) if name in _PRESENT else (None, hidden)


def request_of(
    role: Text,
    function: Callable[[], Text] | None,
    table: Text,
    account: Text,
    tags: Callable[[], Mapping[str, Text]],
) -> Request:
    """Return what is certain of a call to a table that a function in a role's session makes by the AWS SDK, over TLS.

    `role`, `table` and what `function` gives are ARNs. `function` is None where it is not known which one calls, and
    for the policy of a resource, in which `lambda:SourceFunctionArn` cannot be used (AWS Lambda Developer Guide,
    "Using source function ARN to control function access behavior"). A tag that `tags` does not give may still come
    from the tags of the stack, and so it is no certain absence.
    """
    certain: dict[str, Text | None] = dict.fromkeys(_ABSENT)
    certain |= {
        "aws:securetransport": Text.of("true"),
        "aws:viaawsservice": Text.of("false"),
        "aws:principalisawsservice": Text.of("false"),
        "aws:principaltype": Text.of("AssumedRole"),
        "aws:principalarn": role,
        "aws:principalaccount": account,
    }
    place = segments(table)
    if len(place) == _ARN_SEGMENTS:
        certain |= {"aws:requestedregion": place[_REGION], "aws:resourceaccount": place[_ACCOUNT]}
    return Request(certain, function, tags)


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a statement's Condition under one operator, with its values.

    `variables`: the policy is of Version 2012-10-17, so that `${...}` in a value is a policy variable.
    """

    operator: str
    key: str
    values: tuple[Text, ...]
    variables: bool

    def met(self, request: Request) -> Truth:
        """Tell whether the condition holds for a request."""
        if not self.values:
            return unknown(f"the condition on {self.key} names no value")
        first, *others = (self._met_by(given, request) for given in request.possible(self.key))
        if first.value is None or all(other == first for other in others):
            return first
        return unknown(f"the condition on {self.key} is decided by each request")

    def _met_by(self, given: Text | None, request: Request) -> Truth:
        """Tell whether the condition holds where its key has a value, or is absent."""
        if self.operator == "Null":
            return any_of(_lowered(value).same(Text.of(str(given is None).lower())) for value in self.values)
        parsed = _OPERATOR.fullmatch(self.operator)
        quantifier, stated, if_exists = parsed.groups() if parsed else (None, self.operator, None)
        name = _NEGATED.get(stated, stated)
        negated = name != stated
        if name not in _COMPARISONS:
            return unknown(f"the condition operator {self.operator} is not resolved")
        if given is None:
            return YES if if_exists or quantifier == "ForAllValues" or (negated and not quantifier) else NO
        matched = any_of(self._matched(name, value, given, request) for value in self.values)
        return ~matched if negated else matched

    def _matched(self, name: str, value: Text, given: Text, request: Request) -> Truth:
        if self.variables and name.startswith(("String", "Arn")):
            filled = resolved(value, request)
            return NO if filled is None else _COMPARISONS[name](filled, given)
        if self.variables and any(isinstance(part, str) and "${" in part for part in value.parts):
            return unknown(f"{name} takes no policy variable")
        return _COMPARISONS[name](value, given)


def resolved(pattern: Text, request: Request) -> Text | None:
    """Return a pattern with the policy variables replaced by what is certain of a request.

    What a variable stands for holds no wildcards: characters of private use stand for them, which no ARN has. None:
    a variable has no value, and so the pattern matches nothing. ("Policy variables with no value")
    """
    if sum(len(part) for part in pattern.parts if isinstance(part, str)) > _MAX_LENGTH:
        return _hidden("a value is longer than IAM lets a policy be")
    pieces: list[Unknown | Text] = []
    for part in pattern.parts:
        if isinstance(part, Unknown):
            pieces.append(part)
            continue
        for i, piece in enumerate(_VARIABLE.split(part)):
            is_variable = i % 2 == 1
            if pattern.unknowns and "$" in piece and not is_variable:
                return _hidden("a policy variable is named at deployment only")
            value = _variable(piece, request) if is_variable else Text.of(piece)
            if value is None:
                return None
            pieces.append(value)
    return Text.of(*pieces)


def _variable(body: str, request: Request) -> Text | None:
    """Return the value of what stands between the braces of a policy variable, or None where it has none."""
    if body in {"*", "?", "$"}:
        return _protected(Text.of(body))
    name, comma, stated = body.partition(",")
    default = _DEFAULT.fullmatch(stated)
    value, *others = request.possible(name.strip())
    if others or (comma and default is None):
        return _hidden(f"the policy variable ${{{body}}} is known at each request")
    if value is None:
        return Text.of(default[1]) if default else None
    return _protected(value)


def _hidden(reason: str) -> Text:
    """Return what only a request tells; for one reason it is one and the same."""
    return Text((Unknown(reason, reason, Origin.COMPUTED),))


# Comparisons: of a value of the policy with what the request has


Comparison: TypeAlias = Callable[[Text, Text], Truth]


def _equals(value: Text, given: Text) -> Truth:
    return _protected(_in_partition_of(given, value)).same(_protected(given))


def _equals_ignoring_case(value: Text, given: Text) -> Truth:
    return _equals(_lowered(value), _lowered(given))


def _like(value: Text, given: Text) -> Truth:
    return matches(_in_partition_of(given, value), _protected(given))


def _arn_like(value: Text, given: Text) -> Truth:
    """Match an ARN segment by segment. AWS does not say what it makes of a value that has not six of them."""
    if value.literal == "*" or value == given:
        return YES
    if any(len(segments(arn)) < _ARN_SEGMENTS for arn in (value, given)):
        return matches(value, given) if value.unknowns else unknown("an ARN has six segments")
    return covers(value, _protected(given))


def _is_boolean(value: Text, given: Text) -> Truth:
    return _lowered(value).same(_lowered(given))


def _is_address(value: Text, given: Text) -> Truth:
    return _compared(value, given, lambda address, network: ip_address(address) in ip_network(network))


def _ordered(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Comparison:
    return lambda value, given: _compared(value, given, lambda left, right: holds(read(left), read(right)))


def _compared(value: Text, given: Text, holds: Callable[[str, str], bool]) -> Truth:
    """Compare what the request has with a value; what is not of the operator's type is unknown."""
    if value.literal is None or given.literal is None:
        return unknown((given.unknowns or value.unknowns)[0].reason)
    try:
        return YES if holds(given.literal, value.literal) else NO
    except ValueError as error:
        return unknown(f"a condition cannot be compared: {error}")


def _number(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", text):
        raise ValueError("a number is expected")
    return Decimal(text)


def _moment(text: str) -> float:
    """Read a time in seconds of the Unix epoch, or of ISO 8601 with a time zone."""
    if re.fullmatch("[0-9]{5,11}", text):
        return int(text)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9:]{5})", text):
        raise ValueError("a time with its time zone is expected")
    return datetime.fromisoformat(text).timestamp()


_ORDERS = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_COMPARISONS: Mapping[str, Comparison] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": _is_boolean,
    "IpAddress": _is_address,
    **{f"Numeric{name}": _ordered(_number, holds) for name, holds in _ORDERS.items()},
    **{f"Date{name}": _ordered(_moment, holds) for name, holds in _ORDERS.items()},
}


def _in_partition_of(given: Text, value: Text) -> Text:
    """Return a value with the partition that it spells out made that of an ARN, if unknown: it is the stack's own."""
    place = segments(given)
    match value.parts:
        case (str(head), *rest) if len(place) == _ARN_SEGMENTS and place[1].unknowns and head.startswith(_PARTITIONS):
            return Text.of("arn:", place[1], ":", head.split(":", 2)[2], *rest)
    return value


def _protected(text: Text) -> Text:
    return Text.of(*(part.translate(_PROTECTED) if isinstance(part, str) else part for part in text.parts))


def _lowered(text: Text) -> Text:
    return Text.of(*(part.lower() if isinstance(part, str) else part for part in text.parts))
