"""The JSON document of a proof, as a model that takes nothing else; proof/proof.schema.json describes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evidence.objects import Digest, JsonObject, List, Object
from evidence.results_model import Basis

_MOST = 2**31 - 1
"""The largest count: sums of as many as a document may have are within what canonical JSON holds."""

_Count = Annotated[int, Field(ge=0, le=_MOST)]


class BasisOfProof(Basis):
    """The digests of what a proof was made by, the suite that made it among it."""

    suite: Digest


class BaseResult(Object):
    """A template that mutants were made of."""

    name: str
    template: Digest


class FormResult(Object):
    """How many mutants of one form a scenario had to notice, and did."""

    form: str
    made: Annotated[int, Field(ge=1, le=_MOST)]
    killed: _Count


class ScenarioResult(Object):
    """How many mutants a scenario had to notice, and did."""

    id: str
    made: _Count
    killed: _Count
    forms: List[FormResult]


class OperatorResult(Object):
    """How many mutants an operator made."""

    name: str
    mutants: _Count


class EquivalentResult(Object):
    """What nobody need notice, and how many mutants that excused."""

    places: List[str]
    kinds: List[str]
    reason: str
    mutants: _Count


class FailureResult(Object):
    """A mutant that survived, that scenarios noticed without a cause, or that their rules crashed on."""

    fault: Literal["survivor", "false alarm", "crashed"]
    operator: str
    form: str
    base: str
    path: str
    scenarios: Annotated[List[str], Field(min_length=1)]
    expected: str
    found: str
    difference: str


class CounterexampleResult(Object):
    """A context that was not received as it must be."""

    values: JsonObject
    expected: str
    found: str
    command: str


class ExploredResult(Object):
    """How many contexts that nobody listed were tried."""

    valid: _Count
    invalid: _Count
    counterexamples: List[CounterexampleResult]


class ProofResult(Object):
    """A proof; what other scanners noticed of its mutants, the `witnesses`, is nothing that it rests on."""

    schema_id: Literal["urn:worthwatch:storage-compliance:proof:1"] = Field(alias="schema")
    state: Literal["proved", "not-proved"]
    scenario: str | None
    basis: BasisOfProof
    bases: Annotated[List[BaseResult], Field(min_length=1)]
    contexts: List[str]
    mutants: _Count
    refused: _Count
    scenarios: List[ScenarioResult]
    operators: List[OperatorResult]
    equivalents: List[EquivalentResult]
    failures: List[FailureResult]
    explored: ExploredResult | None
    problems: List[str]
    witnesses: JsonObject | None
