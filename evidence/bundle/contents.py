"""What a bundle says, read line by line and held against itself: verdicts, contexts, templates and trace must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from evidence import provenance
from evidence.basis import digest_of
from evidence.bundle.archive import Archive
from evidence.bundle.canonical import read_canonical, read_lines
from evidence.bundle.recording import CONTEXTS, VERDICTS
from evidence.bundle.synthesis import SynthesisLine
from evidence.diff.reading import Trace, parse_trace
from evidence.record import Provenance, Standing, standing
from evidence.results import validate
from evidence.results_model import VerdictResult
from evidence.tally import Tally
from policies.model import Outcome, Verdict
from policies.reading import MAX_TEMPLATE_BYTES, InputError, quoted

MAX_DOCUMENT = 67_108_864
"""The most bytes of a member that is read whole: 64 MiB; the trace of 10,000 contexts has 8 MB."""


ALWAYS = (
    CONTEXTS,
    VERDICTS,
    "externals.json",
    "provenance.json",
    "trace.json",
    "waivers.json",
    "proof.json",
    "sbom.cdx.json",
    "specs/reviewed.toml",
    "reports/assessment-results.oscal.json",
    "reports/component-definition.oscal.json",
    "reports/findings.sarif",
    "reports/junit.xml",
    "reports/ctrf.json",
    "reports/trace.html",
)
"""The members that every bundle has, beside templates, construct trees, specs, manifest and attestation."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle says: of what and when, what was required, the trace, and what its verdicts come to by scenario.

    `requirements` are their sentences, by id, `<spec>#<requirement-slug>`; `waivers` counts what waives a finding, and
    `proof` is the state of the proof that the rules can fail.
    """

    provenance: Provenance
    waivers: int
    proof: str
    requirements: dict[str, str]
    trace: Trace
    tally: Tally
    standings: dict[str, Standing]


class _Requirement(BaseModel):
    id: str
    text: str


class _Spec(BaseModel):
    requirements: list[_Requirement]


class _Specs(BaseModel):
    specs: list[_Spec]


class _Waivers(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    schema_id: Literal["urn:worthwatch:storage-compliance:waivers:1"] = Field(alias="schema")
    waivers: list[dict[str, Any]] = Field(max_length=0)


class _Proof(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    schema_id: Literal["urn:worthwatch:storage-compliance:proof:1"] = Field(alias="schema")
    state: Literal["not-run"]


_Model = TypeVar("_Model", bound=BaseModel)


def _document(archive: Archive, path: str, model: type[_Model]) -> _Model:
    return validate(model, read_document(archive, path), archive.place(path))


def read_document(archive: Archive, path: str) -> dict[str, object]:
    """Return the object of a member in canonical JSON. Raises `policies.reading.InputError`."""
    value = read_canonical(archive.read(path, MAX_DOCUMENT), archive.place(path))
    if not isinstance(value, dict):
        raise InputError(archive.place(path), "no JSON object")
    return value


def read_contexts(archive: Archive) -> Iterator[SynthesisLine]:
    """Return the contexts, in their order, each of which names only members that there are."""
    names: set[str] = set()
    for number, value in read_lines(archive.chunks(CONTEXTS), archive.place(CONTEXTS)):
        where = f"{archive.place(CONTEXTS)}:{number}"
        line = SynthesisLine.read(value, where)
        if line.name in names:
            raise InputError(where, f"the context {quoted(line.name)} again")
        names.add(line.name)
        for folder, digest in (("templates", line.template), ("constructs", line.constructs)):
            if digest is not None and member(folder, digest) not in archive.members:
                raise InputError(where, f"names {member(folder, digest)}, which the bundle does not hold")
        yield line


def read_verdicts(archive: Archive) -> Iterator[Verdict]:
    """Return the verdicts, in their order."""
    for number, value in read_lines(archive.chunks(VERDICTS), archive.place(VERDICTS)):
        yield validate(VerdictResult, value, f"{archive.place(VERDICTS)}:{number}").verdict()


def member(folder: str, digest: str) -> str:
    """Return the name of the member that holds the template or the construct tree of a digest, `sha256:<hex>`."""
    return f"{folder}/{digest.removeprefix('sha256:')}.json"


def read_contents(archive: Archive) -> Contents:
    """Return what a bundle says.

    Raises `policies.reading.InputError` for what cannot be read, or says other than the verdicts and contexts.
    """
    for path in ALWAYS:
        if path not in archive.members:
            raise InputError(archive.where, f"has no member {quoted(path)}, as every bundle has")
    made = provenance.read(read_document(archive, "provenance.json"), archive.place("provenance.json"))
    _check_specs(archive, made)
    tally = _tally(archive)
    document = read_document(archive, "trace.json")
    trace = parse_trace(document, archive.place("trace.json"))
    required = _document(archive, "trace.json", _Specs)
    ids = [scenario.id for scenario in trace.scenarios]
    if unknown := sorted(tally.outcomes.keys() - set(ids)):
        raise InputError(archive.place(VERDICTS), f"verdicts on {quoted(unknown[0])}, which the trace does not have")
    _check_trace(archive, trace, tally, ids)
    standings = {id_: standing(tally.outcomes.get(id_, Counter()), len(tally.lacking(id_))) for id_ in ids}
    requirements = {one.id: one.text for spec in required.specs for one in spec.requirements}
    waivers = _document(archive, "waivers.json", _Waivers).waivers
    proof = _document(archive, "proof.json", _Proof).state
    return Contents(made, len(waivers), proof, requirements, trace, tally, standings)


def _check_specs(archive: Archive, made: Provenance) -> None:
    """Refuse specs that are not those which were judged by."""
    held = {
        path.removeprefix("specs/"): archive.read(path, MAX_TEMPLATE_BYTES)
        for path in archive.members
        if path.startswith("specs/") and path.endswith("/spec.md")
    }
    if digest_of(held) != made.basis["specs"]:
        raise InputError(archive.where, "the specs that it holds are not those that were judged by")


def check_standings(archive: Archive, standings: Mapping[str, Standing]) -> None:
    """Hold the standings that a signer states against the verdicts of a bundle.

    Raises `policies.reading.InputError` where they differ, and as `read_contents` does.
    """
    if read_contents(archive).standings != standings:
        problem = "the statement that is signed has other standings than the verdicts come to"
        raise InputError(archive.where, problem)


def _tally(archive: Archive) -> Tally:
    tally = Tally()
    templates: dict[str, str | None] = {}
    named: set[str] = set()
    for line in read_contexts(archive):
        tally.add_context(line.traced())
        templates[line.name] = line.template
        named |= {member("templates", line.template)} if line.template else set()
        named |= {member("constructs", line.constructs)} if line.constructs else set()
    for path in archive.members:
        if path.startswith(("templates/", "constructs/")) and path not in named:
            raise InputError(archive.place(path), "no context gave it")
    where = archive.place(VERDICTS)
    for number, verdict in enumerate(read_verdicts(archive), 1):
        if verdict.context is not None and verdict.context not in templates:
            raise InputError(f"{where}:{number}", f"on the context {quoted(verdict.context)}, which there is not")
        expected = None if verdict.context is None else templates[verdict.context]
        if verdict.template not in {None, expected}:
            raise InputError(f"{where}:{number}", "on another template than its context gave")
        tally.add(verdict)
    return tally


def _check_trace(archive: Archive, trace: Trace, tally: Tally, ids: list[str]) -> None:
    """Refuse a trace that does not show the verdicts; one of other specs, rules or stack shows none, and says so."""
    if not trace.judged.gate:
        raise InputError(archive.place("trace.json"), "shows no results of the gate")
    for scenario in trace.scenarios:
        shown = {Outcome(outcome): count for outcome, count in (scenario.outcomes or {}).items() if count}
        if shown != dict(tally.outcomes.get(scenario.id, Counter())):
            raise InputError(
                archive.place("trace.json"), f"counts other verdicts on {quoted(scenario.id)} than there are"
            )
    shown_contexts = [(one.name, tuple(one.outcomes)) for one in trace.contexts]
    if shown_contexts != [(one.name, one.outcomes) for one in tally.contexts(ids)]:
        raise InputError(archive.place("trace.json"), "shows other contexts, or other outcomes in them, than there are")
