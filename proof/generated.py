"""Mutants that are generated: for each place that a rule reads, every kind of change that its type allows.

Where a rule looks for something that is not there, something of no type at all is put.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from proof.model import Form
from proof.places import Document, Place, drop, put, value_at
from proof.reading import is_function

NO_VALUE = {"Ref": "AWS::NoValue"}
_UNKNOWN = "ProofUnknown"
_CHOICE, _CHOSEN, _AS_IT_WAS, _OTHERWISE = "ProofChoice", "ProofChosen", "as-it-was", "otherwise"
_DEFAULT = "ProofDefault"
_OTHER_TEXT = "Proof"
_NO_OBJECT, _NO_LIST, _NO_TEXT = [["Proof"]], {"Proof": "Proof"}, "Proof"
_POLICIES = frozenset({"PolicyDocument", "AssumeRolePolicyDocument"})
"""Where one value may stand for a list of one: in IAM's JSON, and nowhere else in a template."""

_NOTHING_OF_ANY_TYPE: list[list[object]] = [[]]


class Kind(StrEnum):
    """A kind of change, in a word that equivalents name it by."""

    DELETED = "deleted"
    NULL = "null"
    EMPTY = "empty"
    OTHER = "other"
    LIST = "list"
    OBJECT = "object"
    TEXT = "text"
    ALONE = "alone"
    UNKNOWN = "unknown"
    OTHERWISE = "otherwise"
    BY_DEFAULT = "by-default"
    PARAMETER = "parameter"
    RETARGETED = "retargeted"
    NAME_FOR_ARN = "name-for-arn"
    ADDED = "added"


FORMS = {
    Kind.DELETED: Form.MISSING,
    Kind.NULL: Form.WRONG_TYPE,
    Kind.EMPTY: Form.WRONG_LITERAL,
    Kind.OTHER: Form.WRONG_LITERAL,
    Kind.LIST: Form.WRONG_TYPE,
    Kind.OBJECT: Form.WRONG_TYPE,
    Kind.TEXT: Form.WRONG_TYPE,
    Kind.ALONE: Form.WRONG_TYPE,
    Kind.UNKNOWN: Form.UNKNOWN,
    Kind.OTHERWISE: Form.CONDITIONAL,
    Kind.BY_DEFAULT: Form.CONDITIONAL,
    Kind.PARAMETER: Form.PARAMETER_DEFAULT,
    Kind.RETARGETED: Form.MOVED,
    Kind.NAME_FOR_ARN: Form.NAME_FOR_ARN,
    Kind.ADDED: Form.ADDED,
}


def operator_of(kind: Kind) -> str:
    """Return the name by which what makes mutants of a kind is told, beside those of the catalogue's operators."""
    return f"generated/{kind}"


@dataclass(frozen=True, slots=True)
class Generated:
    """A base with one place changed."""

    kind: Kind
    document: Document


def mutants(document: Document, place: Place) -> Iterator[Generated]:
    """Yield a template with a place changed in every way; see `Kind`."""
    try:
        value = value_at(document, place)
    except LookupError:
        yield Generated(Kind.ADDED, put(document, place, _NOTHING_OF_ANY_TYPE))
        return
    yield Generated(Kind.DELETED, drop(document, place))
    for kind, other in _others(document, value):
        yield Generated(kind, put(document, place, other))
    if isinstance(value, list) and len(value) == 1 and not _POLICIES.intersection(place):
        yield Generated(Kind.ALONE, put(document, place, value[0]))
    yield Generated(Kind.UNKNOWN, _with_parameter(put(document, place, {"Ref": _UNKNOWN}), _UNKNOWN, {}))
    other = _other(value)
    for kind, branches in ((Kind.OTHERWISE, [value, other]), (Kind.BY_DEFAULT, [other, value])):
        yield Generated(kind, _with_choice(put(document, place, {"Fn::If": [_CHOSEN, *branches]})))
    if not isinstance(value, dict | list):
        values = [_spelled(value), _spelled(other)]
        declared = {"Default": values[0], "AllowedValues": values}
        yield Generated(Kind.PARAMETER, _with_parameter(put(document, place, {"Ref": _DEFAULT}), _DEFAULT, declared))


def _others(document: Document, value: object) -> Iterator[tuple[Kind, object]]:
    """Yield what may stand in the place of a value, by the kind of that change."""
    yield Kind.NULL, None
    if is_function(value):
        yield from _retargeted(document, value)
        yield Kind.OTHER, _OTHER_TEXT
        yield Kind.EMPTY, ""
    elif isinstance(value, dict):
        yield Kind.EMPTY, {}
        yield Kind.TEXT, _NO_TEXT
    elif isinstance(value, list):
        yield Kind.EMPTY, []
        yield Kind.TEXT, _NO_TEXT
    else:
        yield Kind.OTHER, _other(value)
        yield Kind.EMPTY, ""
    if not isinstance(value, list):
        yield Kind.LIST, _NO_OBJECT
    if not isinstance(value, dict) or is_function(value):
        yield Kind.OBJECT, _NO_LIST


def _other(value: object) -> object:
    """Return another value of the same type; of objects, lists and functions, none at all."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return _OTHER_TEXT
    return NO_VALUE


def _retargeted(document: Document, function: object) -> Iterator[tuple[Kind, object]]:
    """Yield a reference to another resource, and one to another attribute of the same."""
    resources = document["Resources"]
    match function:
        case {"Ref": str(name)} if name in resources:
            yield Kind.RETARGETED, {"Ref": _of_another_type(document, name)}
            yield Kind.NAME_FOR_ARN, {"Fn::GetAtt": [name, "Arn"]}
        case {"Fn::GetAtt": [str(name), "Arn"]} if name in resources:
            yield Kind.RETARGETED, {"Fn::GetAtt": [_of_another_type(document, name), "Arn"]}
            yield Kind.NAME_FOR_ARN, {"Ref": name}


def _of_another_type(document: Document, name: str) -> str:
    resources: Mapping[str, Mapping[str, object]] = document["Resources"]
    return next(other for other, body in resources.items() if body["Type"] != resources[name]["Type"])


def _spelled(value: object) -> str:
    """Return a scalar as the string that CloudFormation makes of it, which is what a parameter holds."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with_parameter(document: Document, name: str, declared: Mapping[str, object]) -> Document:
    return put(document, ("Parameters", name), {"Type": "String", **declared})


def _with_choice(document: Document) -> Document:
    """Return a template with a condition that holds by default, and need not."""
    declared = {"Default": _AS_IT_WAS, "AllowedValues": [_AS_IT_WAS, _OTHERWISE]}
    holds = {"Fn::Equals": [{"Ref": _CHOICE}, _AS_IT_WAS]}
    return put(_with_parameter(document, _CHOICE, declared), ("Conditions", _CHOSEN), holds)
