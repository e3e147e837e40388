"""What is declared of the values that a template does not tell: of parameters, their items, and pseudo parameters.

Sources: AWS CloudFormation User Guide, "Parameters section" and "Pseudo parameters reference"; AWS CloudFormation API
Reference, "CreateStack", on StackName; AWS Account Management Reference Guide, on the account ID, which has 12 digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

from policies import identity, patterns
from policies.parameters import Parameter, read_parameter
from policies.values import NO, Truth

_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
"""What `AWS::URLSuffix` is in each partition; source: partitions.json of botocore, "dnsSuffix"."""

_NUMERAL = "[-+]?[0-9.]+([eE][-+]?[0-9]+)?"

_PSEUDO = {
    "AWS::AccountId": read_parameter("AccountId", {"AllowedPattern": "[0-9]{12}"}),
    "AWS::Partition": read_parameter("Partition", {"MinLength": 1}),
    "AWS::Region": read_parameter("Region", {"MinLength": 1}),
    "AWS::StackName": read_parameter("StackName", {"AllowedPattern": "[A-Za-z][-A-Za-z0-9]*", "MaxLength": 128}),
    "AWS::URLSuffix": read_parameter("URLSuffix", {"MinLength": 1}),
}

_LENGTH_OF_PARAMETER = Parameter("Fn::Length", "String", None, None, secret=False, pattern="[1-9][0-9]*")
"""A list that is given to a parameter has an item at least: of an empty string, an empty one."""

_LENGTH = Parameter("Fn::Length", "String", None, None, secret=False, pattern="0|[1-9][0-9]*")

_ANCHORED = re.compile(r"\^?(?P<inner>(?:\[\^|[^\\^$]|\\[^bBAzZG])*+)\$?")
"""A pattern with no anchors but those around it."""

_MAX_KEY = 1_000
"""The most characters of a key that is read: those of parameters and of what is said here of them are short."""

_JOINED = re.compile(
    r"(?P<scope>(?:\(.*\))?)Fn::Join "
    r'\[(?P<separator>"(?:[^"\\]|\\.)*+"), \{"Ref": "(?P<list>[A-Za-z0-9]+)"\}\]',
    re.DOTALL,
)
_ITEM = re.compile(r"item [0-9]+ of (?P<list>.*)", re.DOTALL)
_SCOPED = re.compile(r"(?:\(.*\))?(?P<name>AWS::[A-Za-z]+)", re.DOTALL)
_LENGTH_OF = re.compile(r"(?P<scope>(?:\(.*\))?)Fn::Length (?P<argument>.*)", re.DOTALL)
_REF = re.compile(r'\{"Ref": "(?P<name>[A-Za-z0-9]+)"\}')


def declared(parameters: Mapping[str, Parameter], key: str) -> Parameter | None:
    """Return what is declared of an unknown, by its key, or None where nothing is.

    `parameters` are those of a deployment, by the keys of the unknowns that their values are.
    """
    if len(key) > _MAX_KEY:
        return None
    if item := _ITEM.fullmatch(key):
        of = parameters.get(item.group("list"))
        return of.item if of is not None and of.is_list and not of.is_stored else None
    if length := _LENGTH_OF.fullmatch(key):
        named = _REF.fullmatch(length.group("argument"))
        is_parameter = named is not None and f"{length.group('scope')}Ref {named.group('name')}" in parameters
        return _LENGTH_OF_PARAMETER if is_parameter else _LENGTH
    if joined := _JOINED.fullmatch(key):
        of = parameters.get(f"{joined.group('scope')}Ref {joined.group('list')}")
        return None if of is None or of.is_stored else _joined(of, json.loads(joined.group("separator")))
    if pseudo := _SCOPED.fullmatch(key):
        return _PSEUDO.get(pseudo.group("name"))
    parameter = parameters.get(key)
    return None if parameter is None or parameter.is_list or parameter.is_stored else parameter


def _joined(items: Parameter, separator: str) -> Parameter | None:
    """Return what is declared of the items of a list, joined: a pattern of what `Fn::Join` gives."""
    one = _pattern(items.item) if items.is_list else None
    every = f"(?:{one})(?:{re.escape(separator)}(?:{one}))*"
    return None if one is None else read_parameter(items.name, {"AllowedPattern": every})


def _pattern(item: Parameter) -> str | None:
    if item.choices is not None:
        return "|".join(map(re.escape, item.choices))
    inner = None if item.pattern is None else _ANCHORED.fullmatch(item.pattern)
    return inner.group("inner") if inner else None


def of_environment(region: object, partition: object) -> dict[str, str]:
    """Return what follows from a region or a partition: the partition, and the suffix of URLs."""
    within = identity.partition_of(region) if isinstance(region, str) else partition
    found = {"AWS::Partition": within, "AWS::URLSuffix": _SUFFIXES.get(within) if isinstance(within, str) else None}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def meet(parameters: Collection[Parameter]) -> Truth:
    """Tell whether one value may be given to all of some parameters whose values cannot be listed."""
    numbers = [parameter for parameter in parameters if parameter.type == "Number"]
    strings = [parameter for parameter in parameters if parameter.type != "Number"]
    bounds = [parameter.values for parameter in numbers], [parameter.lengths for parameter in strings]
    if any(max(low for low, _ in of) > min(high for _, high in of) for of in bounds if of):
        return NO
    stated = {parameter.pattern for parameter in strings if parameter.pattern is not None}
    return patterns.meet(frozenset({*stated, _NUMERAL} if numbers and stated else stated))
