"""The kinds of change that a place allows, by what stands there."""

from __future__ import annotations

from typing import Any

import pytest

from proof.generated import FORMS, Kind, mutants
from proof.model import Form
from proof.places import Place, value_at

QUEUE = {"Type": "AWS::SQS::Queue"}
TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "On": True,
    "Count": 5,
    "Keys": ["id"],
    "Name": {"Ref": "Table"},
}
DOCUMENT = {"Resources": {"Table": TABLE, "Queue": QUEUE}}
GONE = "gone"


def changes(place: Place) -> dict[Kind, object]:
    """Return what stands at a place in each mutant."""
    found: dict[Kind, object] = {}
    for mutant in mutants(DOCUMENT, place):
        try:
            found[mutant.kind] = value_at(mutant.document, place)
        except LookupError:
            found[mutant.kind] = GONE
    return found


def conditional(value: object, other: object) -> dict[Kind, object]:
    """Return what comes to one of two values, by a condition that holds by default."""
    return {
        Kind.OTHERWISE: {"Fn::If": ["ProofChosen", value, other]},
        Kind.BY_DEFAULT: {"Fn::If": ["ProofChosen", other, value]},
    }


UNKNOWN = {Kind.DELETED: GONE, Kind.NULL: None, Kind.UNKNOWN: {"Ref": "ProofUnknown"}}
PARAMETER = {Kind.PARAMETER: {"Ref": "ProofDefault"}}
NO_VALUE = {"Ref": "AWS::NoValue"}
OBJECT, LIST, TEXT = {Kind.OBJECT: {"Proof": "Proof"}}, {Kind.LIST: [["Proof"]]}, {Kind.TEXT: "Proof"}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "On",
            {**UNKNOWN, **OBJECT, **LIST, **PARAMETER, **conditional(True, False), Kind.OTHER: False, Kind.EMPTY: ""},
        ),
        ("Count", {**UNKNOWN, **OBJECT, **LIST, **PARAMETER, **conditional(5, 6), Kind.OTHER: 6, Kind.EMPTY: ""}),
        ("Keys", {**UNKNOWN, **OBJECT, **TEXT, **conditional(["id"], NO_VALUE), Kind.EMPTY: [], Kind.ALONE: "id"}),
        (
            "Name",
            {
                **UNKNOWN,
                **OBJECT,
                **LIST,
                **conditional({"Ref": "Table"}, NO_VALUE),
                Kind.OTHER: "Proof",
                Kind.EMPTY: "",
                Kind.RETARGETED: {"Ref": "Queue"},
                Kind.NAME_FOR_ARN: {"Fn::GetAtt": ["Table", "Arn"]},
            },
        ),
        ("Nothing", {Kind.ADDED: [[]]}),
    ],
)
def test_every_kind_of_change(key: str, expected: dict[Kind, object]) -> None:
    """Each change that a type allows is made once."""
    assert changes(("Resources", "Table", key)) == expected


def test_one_statement_may_stand_alone() -> None:
    """In IAM's JSON one value may stand for a list of one, so that this is no change there."""
    policy = {"PolicyDocument": {"Statement": ["one"]}, "Roles": ["one"]}
    kinds = {key: {one.kind for one in mutants({"Resources": {}, **policy}, place)} for key, place in PLACES.items()}
    assert (Kind.ALONE in kinds["Statement"], Kind.ALONE in kinds["Roles"]) == (False, True)


PLACES: dict[str, Place] = {"Statement": ("PolicyDocument", "Statement"), "Roles": ("Roles",)}


def test_parameters_hold_the_value_by_default() -> None:
    """The parameter that takes a value's place has it as its default, and allows another one."""
    found = {mutant.kind: mutant.document for mutant in mutants(DOCUMENT, ("Resources", "Table", "On"))}
    assert found[Kind.PARAMETER]["Parameters"] == {
        "ProofDefault": {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]}
    }
    assert found[Kind.UNKNOWN]["Parameters"] == {"ProofUnknown": {"Type": "String"}}
    assert found[Kind.OTHERWISE]["Conditions"] == {"ProofChosen": {"Fn::Equals": [{"Ref": "ProofChoice"}, "as-it-was"]}}


def test_every_kind_has_a_form() -> None:
    """Each kind of change counts as one form of violation."""
    assert FORMS.keys() == set(Kind)
    assert Form.HARMLESS not in FORMS.values()
