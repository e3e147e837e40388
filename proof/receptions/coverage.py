"""What a matrix as a whole can fail to show, be each of its contexts as good as it may.

Source: specs/dynamodb-storage, "PITR configurable" and "Deletion policy applied".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from policies.point_in_time_recovery import SETTING
from proof.making import NO_CONCERN, UNKNOWN, UNKNOWNS, VIOLATED, noticed
from proof.matrix import Matrix, MatrixMutant, on_matrix, received
from proof.model import Form
from proof.places import Document, Place, put, value_at
from proof.scenarios import DELETION_POLICY, PRODUCTION_RECOVERY, PRODUCTION_RETAINED, PROTECTED, RECOVERY
from stack.synth import Synthesis


def _lacking(matrix: Matrix, setting: str, value: object) -> MatrixMutant:
    """Return a matrix without the contexts in which a setting takes a value."""
    kept = {name: one for name, one in matrix.syntheses.items() if one.context.refused or _set(one, setting) != value}
    return MatrixMutant((), kept)


def _set(one: Synthesis, setting: str) -> object:
    return (one.settings or {}).get(setting)


def _unrecovered(matrix: Matrix) -> list[Synthesis]:
    return [one for one in matrix.valid.values() if _set(one, SETTING) is False]


def _table(document: Document) -> Place:
    resources: Document = document["Resources"]
    return next(("Resources", name) for name, body in resources.items() if body["Type"] == "AWS::DynamoDB::Table")


def _rewritten(one: Synthesis, change: Callable[[Document], Document]) -> Synthesis:
    return replace(one, template=json.dumps(change(json.loads(one.template or b""))).encode())


@on_matrix(Form.MISSING, noticed(VIOLATED, RECOVERY))
def recovery_never_off(matrix: Matrix) -> Iterator[MatrixMutant]:
    """Recovery is on in every context."""
    yield _lacking(matrix, SETTING, False)


@on_matrix(
    Form.MISSING,
    {
        **noticed(VIOLATED, RECOVERY, DELETION_POLICY),
        **noticed(NO_CONCERN, PROTECTED, PRODUCTION_RETAINED, PRODUCTION_RECOVERY),
    },
)
def recovery_never_on(matrix: Matrix) -> Iterator[MatrixMutant]:
    """Recovery is off in every context; so there is no production, and one removal policy less."""
    yield _lacking(matrix, SETTING, True)


@on_matrix(Form.MISSING, noticed(VIOLATED, DELETION_POLICY))
def removal_policy_never_taken(matrix: Matrix) -> Iterator[MatrixMutant]:
    """One removal policy is in no context."""
    for policy in ("destroy", "retain", "retain-on-update-or-delete"):
        yield _lacking(matrix, "removalPolicy", policy)


@on_matrix(Form.UNKNOWN, noticed(VIOLATED, RECOVERY))
def recovery_off_unknown(matrix: Matrix) -> Iterator[MatrixMutant]:
    """Where recovery is off, a parameter says so, of which nothing is known."""
    yield _off_as(matrix, {"Ref": UNKNOWN})


@on_matrix(Form.WRONG_LITERAL, noticed(VIOLATED, RECOVERY))
def recovery_overridden(matrix: Matrix) -> Iterator[MatrixMutant]:
    """Recovery is on in the templates, whatever the settings say."""
    yield _off_as(matrix, True)


@on_matrix(Form.WRONG_LITERAL, noticed(VIOLATED, RECOVERY))
def recovery_off_by_no_setting(matrix: Matrix) -> Iterator[MatrixMutant]:
    """Where recovery is off, no setting says so."""
    yield received(
        matrix,
        *(
            replace(one, settings={key: value for key, value in (one.settings or {}).items() if key != SETTING})
            for one in _unrecovered(matrix)
        ),
    )


def _off_as(matrix: Matrix, enabled: object) -> MatrixMutant:
    def change(document: Document) -> Document:
        place = (*_table(document), "Properties", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
        changed = put(document, place, enabled)
        for declared, value in UNKNOWNS.items():
            changed = put(changed, declared, value)
        return changed

    return received(matrix, *(_rewritten(one, change) for one in _unrecovered(matrix)))


@on_matrix(Form.ADDED, noticed(VIOLATED, RECOVERY, DELETION_POLICY))
def another_kind_of_table(matrix: Matrix) -> Iterator[MatrixMutant]:
    """Where recovery is off, the table is a global one: of either kind, no table takes every value."""
    yield received(matrix, *(_rewritten(one, _global) for one in _unrecovered(matrix)))


@on_matrix(Form.HARMLESS, {})
def every_table_of_another_kind(matrix: Matrix) -> Iterator[MatrixMutant]:
    """In every context the table is a global one."""
    yield received(matrix, *(_rewritten(one, _global) for one in matrix.valid.values()))


@on_matrix(Form.HARMLESS, {})
def contexts_in_another_order(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The contexts come in another order."""
    yield MatrixMutant((), dict(tuple(matrix.syntheses.items())[::-1]))


def _global(document: Document) -> Document:
    """Return a template with a global table, of one replica, in the place of the table.

    Source: AWS CloudFormation Template Reference, "AWS::DynamoDB::GlobalTable".
    """
    place = _table(document)
    body: dict[str, Any] = value_at(document, place)
    properties = dict(body["Properties"])
    of_replica = ("PointInTimeRecoverySpecification", "DeletionProtectionEnabled")
    replica = {key: properties.pop(key) for key in of_replica if key in properties}
    properties["Replicas"] = [{"Region": {"Ref": "AWS::Region"}, **replica}]
    return put(document, place, {**body, "Type": "AWS::DynamoDB::GlobalTable", "Properties": properties})
