"""The JSON documents of results, as models that take nothing else: of a gate, and of a test run."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from evidence.model import TracedContext
from evidence.tally import Shown
from policies.model import Outcome, Verdict

GATE_SCHEMA = "urn:worthwatch:storage-compliance:verdicts:1"
TESTS_SCHEMA = "urn:worthwatch:storage-compliance:tests:1"

MAX_KEYS = 100
"""The most keys of an object whose keys are known."""

MAX_NAMES = 20_000
"""The most contexts, and the most scenarios: eight times the contexts of the full matrix."""

_Item = TypeVar("_Item")
_List = Annotated[list[_Item], FailFast()]
_Count = Annotated[int, Field(ge=0)]
_Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]


def _finite(value: object) -> object:
    """Refuse a number such as 1e999, which is JSON but fits no float."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise PydanticCustomError("infinite", "expected finite numbers only") from None
    return value


def _not_too_many(named: object) -> object:
    """Refuse an object of very many names before each of them can be a problem."""
    if isinstance(named, dict) and len(named) > MAX_NAMES:
        raise PydanticCustomError("many_names", "more than {limit} keys, the limit", {"limit": f"{MAX_NAMES:,}"})
    return named


_Json = Annotated[Any, AfterValidator(_finite)]
_JsonObject = Annotated[dict[str, Any], AfterValidator(_finite)]


class _Object(BaseModel):
    """An object with no other keys than its fields; one with very many is refused before each is a problem."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_keys(cls, value: object) -> object:
        if isinstance(value, dict) and len(value) > MAX_KEYS:
            raise PydanticCustomError("many_keys", "an object of so many keys is none of ours")
        return value


class Basis(_Object):
    """The digests of what was judged by."""

    specs: _Digest
    rules: _Digest
    stack: _Digest


class BasisOfTests(Basis):
    """The digests of what a test run judged by, itself among it."""

    tests: _Digest


class VerdictResult(_Object):
    """A verdict, as `policies.model.Verdict` has it."""

    spec: str
    scenario: str
    outcome: Literal["not-applicable", "compliant", "undetermined", "non-compliant", "error"]
    template: str | None
    context: str | None
    resource: str | None
    path: str | None
    found: _Json
    expected: str | None
    message: str
    remedy: str | None
    assuming: _List[str]

    def verdict(self) -> Verdict:
        """Return it as the vocabulary of judgements has it."""
        return Verdict(**{**dict(self), "outcome": Outcome(self.outcome), "assuming": tuple(self.assuming)})


class ProblemResult(_Object):
    """What kept a gate from judging."""

    where: str
    message: str


class ContextResult(_Object):
    """A context of a matrix."""

    values: _JsonObject
    account: str | None
    region: str | None
    refused: _List[str]
    template: str | None

    def traced(self, name: str) -> TracedContext:
        """Return it under its name, as the vocabulary of traces has it, without outcomes."""
        return TracedContext(name, self.values, self.account, self.region, tuple(self.refused), self.template, ())


class FindingResult(_Object):
    """What a gate has looked up for a verdict, which `verdict` counts from 0."""

    verdict: _Count
    context: _JsonObject | None
    command: str | None
    excerpt: _Json
    at: str | None

    def shown(self) -> Shown:
        """Return what was looked up."""
        return Shown(self.context, self.command, self.excerpt, self.at)


class CountResults(_Object):
    """How many verdicts there are of each outcome."""

    not_applicable: _Count = Field(alias="not-applicable")
    compliant: _Count
    undetermined: _Count
    non_compliant: _Count = Field(alias="non-compliant")
    error: _Count


class SummaryResult(_Object):
    """What a gate came to, by its own account."""

    exit_code: _Count
    templates: _Count
    contexts: _Count
    outcomes: CountResults
    scenarios: Annotated[dict[str, CountResults], BeforeValidator(_not_too_many)]


class GateResults(_Object):
    """The results of a gate."""

    schema_id: Literal["urn:worthwatch:storage-compliance:verdicts:1"] = Field(alias="schema")
    basis: Basis
    verdicts: _List[VerdictResult]
    problems: _List[ProblemResult]
    findings: _List[FindingResult]
    contexts: Annotated[dict[str, ContextResult], BeforeValidator(_not_too_many)]
    summary: SummaryResult


class CaseResults(_Object):
    """How often a test came to what."""

    passed: _Count
    failed: _Count
    skipped: _Count
    error: _Count


class TestResult(_Object):
    """What came of the cases of a test that are marked with the same scenarios."""

    __test__ = False  # pytest, by whose naming this is a test

    id: str
    path: str
    line: _Count
    scenarios: _List[str]
    cases: CaseResults


class TestResults(_Object):
    """The results of a test run, `complete` where it left out none of the tests."""

    __test__ = False  # as above

    schema_id: Literal["urn:worthwatch:storage-compliance:tests:1"] = Field(alias="schema")
    basis: BasisOfTests
    complete: bool
    tests: _List[TestResult]
