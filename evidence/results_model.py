"""The JSON documents of results, as models that take nothing else: of a gate, and of a test run."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from evidence.model import TracedContext
from evidence.objects import Count as _Count
from evidence.objects import Digest as _Digest
from evidence.objects import Json as _Json
from evidence.objects import JsonObject as _JsonObject
from evidence.objects import List as _List
from evidence.objects import Object as _Object
from evidence.scanned import Link
from evidence.tally import Shown
from policies.model import Outcome, Verdict
from policies.waiver_model import Cover, Waiver

GATE_SCHEMA = "urn:worthwatch:storage-compliance:verdicts:1"
TESTS_SCHEMA = "urn:worthwatch:storage-compliance:tests:1"

MAX_NAMES = 20_000
"""The most contexts, and the most scenarios: eight times the contexts of the full matrix."""


def _not_too_many(named: object) -> object:
    """Refuse an object of very many names before each of them can be a problem."""
    if isinstance(named, dict) and len(named) > MAX_NAMES:
        raise PydanticCustomError("many_names", "more than {limit} keys, the limit", {"limit": f"{MAX_NAMES:,}"})
    return named


def _waiver(value: object) -> Waiver:
    """Return the waiver that an object of JSON is, with its days as texts, and what it leaves out as well."""
    if isinstance(value, dict) and value.get("when") == {}:
        value = {key: said for key, said in value.items() if key != "when"}
    try:
        return Waiver.model_validate_json(json.dumps(value))
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False, include_input=False)
        place = "".join(f".{step}" for step in first["loc"])
        raise PydanticCustomError("waiver", "no waiver{place}", {"place": place and f", by its {place[1:]}"}) from None


_Waiver = Annotated[Waiver, BeforeValidator(_waiver)]


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
    outcome: Literal["not-applicable", "compliant", "waived", "undetermined", "non-compliant", "error"]
    template: str | None
    context: str | None
    resource: str | None
    path: str | None
    found: _Json
    expected: str | None
    message: str
    remedy: str | None
    assuming: _List[str]
    waiver: str | None

    @model_validator(mode="after")
    def _is_waived_by_a_waiver(self) -> VerdictResult:
        if self.outcome == "waived" and not self.waiver:
            raise PydanticCustomError("no_waiver", "waived, and no waiver is named")
        if self.outcome != "waived" and self.waiver is not None:
            raise PydanticCustomError("waiver", "a waiver is named, and yet it is not waived")
        return self

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
    waived: _Count
    undetermined: _Count
    non_compliant: _Count = Field(alias="non-compliant")
    error: _Count


class ScannerResult(_Object):
    """Another scanner, whose report a gate imported; `problems` are why it cannot be relied on."""

    name: str
    version: str | None
    lists_templates: bool
    findings: _Count
    not_waived: _Count
    problems: _List[str]


class CoverResult(_Object):
    """What is told of a waiver where it covers something."""

    scanner: str
    rule: str
    resource: str
    when: Annotated[dict[str, _List[str | bool | int]], BeforeValidator(_not_too_many)]
    owner: str
    expires: str
    days_left: _Count
    reason: str

    def cover(self) -> Cover:
        """Return it as waivers tell it."""
        return Cover(**dict(self))


class AlertResult(_Object):
    """A violation as waivers know it; `contexts` and `waived` are places among the contexts, by name, from 0."""

    scanner: str
    rule: str
    resource: str
    fingerprint: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
    level: Literal["none", "note", "warning", "error"]
    message: str
    help: Link | None
    contexts: _List[_Count]
    waived: _List[_Count]
    waivers: _List[CoverResult]

    @property
    def standing(self) -> set[int]:
        """The places of the contexts that show it and in which no waiver covers it."""
        return set(self.contexts) - set(self.waived)


class WaivedResult(_Object):
    """A waiver that covers so many findings, those of each context counted."""

    waiver: _Waiver
    days_left: _Count
    findings: _Count


class WaiverProblemResult(_Object):
    """Why a waiver fails the gate."""

    kind: str
    waiver: _Waiver
    message: str


class NoticeResult(_Object):
    """What there is to say of a waiver that fails nothing."""

    waiver: _Waiver
    message: str


class WaiverResults(_Object):
    """What the waivers come to."""

    waived: _List[WaivedResult]
    problems: _List[WaiverProblemResult]
    warnings: _List[NoticeResult]
    not_asked: _List[NoticeResult]


class DisagreementResult(_Object):
    """A scanner's rule and a scenario that differ about the same thing; `why` says it is explained."""

    scanner: str
    rule: str
    scenario: str
    side: Literal["they", "we"]
    resource: str
    contexts: _List[_Count]
    why: str | None


class StaleResult(_Object):
    """An explanation of nothing."""

    scanner: str
    rule: str
    scenario: str
    explanation: _JsonObject


class AgreementResults(_Object):
    """How far other scanners and the scenarios agree."""

    pairs: _Count
    compared: _Count
    disagreements: _List[DisagreementResult]
    stale: _List[StaleResult]


class SummaryResult(_Object):
    """What a gate came to, by its own account."""

    exit_code: _Count
    templates: _Count
    contexts: _Count
    cached: _Count
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
    scanners: _List[ScannerResult]
    alerts: _List[AlertResult]
    waivers: WaiverResults | None
    agreement: AgreementResults | None
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
