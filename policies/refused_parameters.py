"""What CloudFormation refuses of a parameter's declaration.

Source: AWS CloudFormation User Guide, "Parameters section" and "Specify existing resources at runtime with
CloudFormation-supplied parameter types".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies import patterns
from policies.errors import TemplateError
from policies.parameters import scalar
from policies.signatures import EXPECTED, LIST, TEXT, Place

_ATTRIBUTES: Final = (
    *("AllowedPattern", "ConstraintDescription", "Default", "Description", "NoEcho"),
    *("MaxLength", "MaxValue", "MinLength", "MinValue"),
)
"""The attributes of a parameter that are one string or number; `AllowedValues` are several."""
_OF_AWS: Final = (
    r"AWS::(?:EC2::(?:AvailabilityZone::Name|(?:Image|Instance|SecurityGroup|Subnet|VPC|Volume)::Id"
    r"|KeyPair::Key(?:Pair)?Name|SecurityGroup::GroupName)|Route53::HostedZone::Id|SSM::Parameter::Name)"
)
_PLAIN_OR_LIST: Final = rf"(?:String|Number|CommaDelimitedList|{_OF_AWS}|List<(?:String|Number|{_OF_AWS})>)"
_TYPE: Final = re.compile(rf"{_PLAIN_OR_LIST}|AWS::SSM::Parameter::Value<{_PLAIN_OR_LIST}>")
_LENGTH: Final = re.compile("[0-9]+")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NUMERALS: Final = {
    "MaxLength": (_LENGTH, "a whole number is expected here"),
    "MinLength": (_LENGTH, "a whole number is expected here"),
    "MaxValue": (_NUMBER, "a number is expected here"),
    "MinValue": (_NUMBER, "a number is expected here"),
}


def problems(body: Mapping[str, object], place: Place) -> Iterator[TemplateError]:
    """Judge the declaration of a parameter that stands at a place."""
    kind = body.get("Type")
    if not isinstance(kind, str):
        yield (place / "Type").problem("a parameter needs a type, which is a string")
    elif not _TYPE.fullmatch(kind):
        yield (place / "Type").problem(
            "a parameter is a String, a Number, a CommaDelimitedList, a List<Number> or of a type of AWS"
        )
    yield from _attributes(body, place)
    default, allowed = body.get("Default"), body.get("AllowedValues")
    if kind in ("String", "Number") and isinstance(default, TEXT):
        if kind == "Number" and not _NUMBER.fullmatch(scalar(default)):
            yield (place / "Default").problem("a number is expected here")
        elif isinstance(allowed, list) and allowed and scalar(default) not in map(scalar, allowed):
            yield (place / "Default").problem("the default is none of AllowedValues")


def _attributes(body: Mapping[str, object], place: Place) -> Iterator[TemplateError]:
    allowed = body.get("AllowedValues", [])
    values = allowed if isinstance(allowed, list) else []
    if values is not allowed:
        yield (place / "AllowedValues").problem(EXPECTED[LIST])
    held = [(place / key, body[key]) for key in _ATTRIBUTES if key in body]
    for where, value in held + [(place / "AllowedValues" / i, value) for i, value in enumerate(values)]:
        if not isinstance(value, TEXT):
            yield where.problem(EXPECTED[TEXT])
    for key, (form, expected) in _NUMERALS.items():
        if isinstance(body.get(key), TEXT) and not form.fullmatch(scalar(body[key])):
            yield (place / key).problem(expected)
    pattern = body.get("AllowedPattern")
    if isinstance(pattern, str) and patterns.is_broken(pattern):
        yield (place / "AllowedPattern").problem("a regular expression is expected here")
