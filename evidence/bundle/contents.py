"""What a bundle says, read line by line and held against itself: verdicts, contexts, templates and trace must agree."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from evidence import provenance
from evidence.basis import digest_of
from evidence.bundle.archive import Archive
from evidence.bundle.canonical import MAX_BYTES, read_canonical, read_lines
from evidence.bundle.recording import CONTEXTS, VERDICTS
from evidence.bundle.synthesis import SynthesisLine
from evidence.diff.reading import Trace, parse_trace
from evidence.document import spec_as_json
from evidence.model import Trouble
from evidence.record import Provenance, Standing, standing
from evidence.results import validate
from evidence.results_model import VerdictResult
from evidence.reviewed import FILE as REVIEWED
from evidence.reviewed import fingerprint, parse_reviewed
from evidence.tally import Tally
from policies.model import Outcome, Verdict
from policies.reading import MAX_TEMPLATE_BYTES, InputError, quoted
from policies.specs import Spec, SpecError, read_specs

MAX_KEPT = 600_000
"""The most values that are kept of contexts and findings: 60 for each of 10,000 contexts."""

ALWAYS = (
    CONTEXTS,
    VERDICTS,
    "externals.json",
    "provenance.json",
    "trace.json",
    "waivers.json",
    "proof.json",
    "sbom.cdx.json",
    REVIEWED.as_posix(),
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

    `problems` are those of the contexts that gave a template which is refused all the same; `waivers` counts what
    waives a finding, and `proof` is the state of the proof that the rules can fail.
    """

    provenance: Provenance
    specs: tuple[Spec, ...]
    waivers: int
    proof: str
    trace: Trace
    tally: Tally
    standings: dict[str, Standing]
    problems: tuple[Trouble, ...]

    @property
    def holds(self) -> bool:
        """Whether every scenario is compliant, and nothing kept the run from judging."""
        return set(self.standings.values()) == {Standing.COMPLIANT} and not self.problems


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


def read_document(archive: Archive, path: str, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """Return the object of a member in canonical JSON. Raises `policies.reading.InputError`."""
    value = read_canonical(archive.read(path, max_bytes), archive.place(path))
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

    Raises `policies.reading.InputError` for what cannot be read, or says other than specs, contexts and verdicts do.
    """
    for path in ALWAYS:
        if path not in archive.members:
            raise InputError(archive.where, f"has no member {quoted(path)}, as every bundle has")
    origin = read_document(archive, "provenance.json", provenance.MAX_BYTES)
    made = provenance.read(origin, archive.place("provenance.json"))
    specs = read_held_specs(archive, made)
    _check_sbom(archive, made)
    waivers = _document(archive, "waivers.json", _Waivers).waivers
    proof = _document(archive, "proof.json", _Proof).state
    tally, problems = _tally(archive)
    document = read_document(archive, "trace.json")
    _check_requirements(archive, document, specs)
    trace = parse_trace(document, archive.place("trace.json"))
    ids = [scenario.id for scenario in trace.scenarios]
    if unknown := sorted(tally.outcomes.keys() - set(ids)):
        raise InputError(archive.place(VERDICTS), f"verdicts on {quoted(unknown[0])}, which no spec has")
    _check_trace(archive, trace, tally, ids)
    standings = {id_: standing(tally.outcomes.get(id_, Counter()), len(tally.lacking(id_))) for id_ in ids}
    return Contents(made, specs, len(waivers), proof, trace, tally, standings, problems)


def check_statement(archive: Archive, standings: Mapping[str, Standing], result: str) -> Contents:
    """Hold what a signer states against the verdicts of a bundle; return what it says.

    Raises `policies.reading.InputError` where they differ, and as `read_contents` does.
    """
    contents = read_contents(archive)
    if contents.standings != standings:
        problem = "the statement that is signed has other standings than the verdicts come to"
        raise InputError(archive.where, problem)
    if result == "PASSED" and not contents.holds:
        problem = "the statement that is signed says PASSED, which is not what contexts and verdicts come to"
        raise InputError(archive.where, problem)
    return contents


def read_held_specs(archive: Archive, made: Provenance) -> tuple[Spec, ...]:
    """Return the specs that a bundle holds, which must be those that were judged by."""
    held = {
        path.removeprefix("specs/"): archive.read(path, MAX_TEMPLATE_BYTES)
        for path in archive.members
        if path.startswith("specs/") and path.endswith("/spec.md")
    }
    if digest_of(held) != made.basis["specs"]:
        raise InputError(archive.where, "the specs that it holds are not those that were judged by")
    # The reader of specs reads folders. The names are paths of plain parts: the archive has no others.
    with tempfile.TemporaryDirectory(prefix="storage-compliance-") as folder:
        for path, data in held.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        try:
            specs = read_specs(Path(folder))
        except SpecError as error:
            first = error.problems[0].message
            raise InputError(archive.where, f"the specs that it holds cannot be read: {first}") from None
    return tuple(replace(spec, path=f"specs/{spec.capability}/spec.md") for spec in specs)


def _check_sbom(archive: Archive, made: Provenance) -> None:
    match read_document(archive, "sbom.cdx.json"):
        case {
            "bomFormat": "CycloneDX",
            "metadata": {"timestamp": str(time), "component": {"version": str(version)}},
            "components": [_, *_],
        } if (time, version) == (provenance.written(made.time), made.version):
            return
    problem = "no SBOM in CycloneDX of the time and version that provenance.json states"
    raise InputError(archive.place("sbom.cdx.json"), problem)


def _check_requirements(archive: Archive, document: Mapping[str, object], specs: Sequence[Spec]) -> None:
    """Refuse a trace of other requirements, scenarios, sentences or reviews than the specs have."""
    where = archive.place(REVIEWED.as_posix())
    reviewed = parse_reviewed(archive.read(REVIEWED.as_posix(), MAX_TEMPLATE_BYTES), where)
    expected = [
        {
            "id": one.id,
            "name": one.name,
            "line": one.line,
            "steps": [asdict(step) for step in one.steps],
            "fingerprint": asdict(fingerprint(requirement, one)),
            "reviewed": asdict(reviewed[one.id]) if one.id in reviewed else None,
        }
        for spec in specs
        for requirement in spec.requirements
        for one in requirement.scenarios
    ]
    scenarios = document.get("scenarios")
    told = [
        {key: each.get(key) for key in expected[0]} if isinstance(each, dict) else None
        for each in (scenarios if isinstance(scenarios, list) else [])
    ]
    if told != expected or document.get("specs") != [spec_as_json(spec) for spec in specs]:
        raise InputError(archive.place("trace.json"), "tells other requirements, scenarios or reviews than the specs")


def _tally(archive: Archive) -> tuple[Tally, tuple[Trouble, ...]]:
    tally = Tally()
    templates: dict[str, str | None] = {}
    named: set[str] = set()
    problems: list[Trouble] = []
    kept = 0
    for line in read_contexts(archive):
        kept = _within(kept, line.values, archive.place(CONTEXTS))
        tally.add_context(line.traced())
        templates[line.name] = line.template
        named |= {member("templates", line.template)} if line.template else set()
        named |= {member("constructs", line.constructs)} if line.constructs else set()
        problems += [Trouble(line.name, line.failure)] if line.failure is not None and line.template else []
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
        if tally.add(verdict):
            kept = _within(kept, verdict.found, where)
    return tally, tuple(problems)


def _within(kept: int, value: object, where: str) -> int:
    """Return how many values are kept with this one; what a real bundle has is a small part of the limit."""
    pending = [value]
    while pending:
        kept += 1
        match pending.pop():
            case dict() as held:
                pending += held.values()
            case list() as held:
                pending += held
    if kept > MAX_KEPT:
        raise InputError(where, f"more than {MAX_KEPT:,} values in contexts and findings, the limit")
    return kept


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
