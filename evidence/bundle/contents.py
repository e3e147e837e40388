"""What a bundle says, read line by line and held against itself: verdicts, contexts, templates and trace must agree."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence import provenance
from evidence.basis import digest_of
from evidence.bundle.archive import Archive
from evidence.bundle.canonical import MAX_BYTES, canonical, canonical_members, read_canonical
from evidence.bundle.judged import read_matrix
from evidence.bundle.proving import PROOF, read_proof
from evidence.bundle.reading import after, read_document
from evidence.bundle.recording import CONTEXTS, VERDICTS
from evidence.bundle.scanning import SCANNED, read_scanned
from evidence.bundle.statement import MAX_PROBLEMS, alerts_stated, problem_stated
from evidence.bundle.verify import Verified
from evidence.diff.reading import Trace, parse_trace
from evidence.document import matrix_as_json, spec_as_json
from evidence.model import Fingerprint, Scanned, TracedContext, Trouble
from evidence.mutants import NOT_RUN, Proof
from evidence.proof import mutants_as_json, proof_as_json
from evidence.record import Provenance, Standing, holds, standing
from evidence.reviewed import FILE as REVIEWED
from evidence.reviewed import fingerprint, parse_reviewed
from evidence.scanned import scanned_as_json
from evidence.tally import Tally
from policies.json_documents import validate
from policies.model import Outcome
from policies.reading import MAX_TEMPLATE_BYTES, InputError, quoted
from policies.specs import Spec, SpecError, read_specs
from policies.waiver_model import Waiver

MAX_WAIVERS = 2_000
"""The most waivers: more than a file of them can hold."""

ALWAYS = (
    CONTEXTS,
    VERDICTS,
    SCANNED,
    "externals.json",
    "provenance.json",
    "trace.json",
    "waivers.json",
    PROOF,
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

    `reviewed` are the scenarios' texts as last reviewed. The `trace` is without its contexts, which are those of the
    `tally`; `document` is all of it. `problems` are those of the contexts that gave a template which is refused all the
    same; `waivers` are those that stood then, and `proof` is that the rules can fail, None where there is none.
    `scanned` is what other scanners have found, and `amiss` what was wrong with them, with waivers, and with the
    agreement of both with scenarios.
    """

    provenance: Provenance
    specs: tuple[Spec, ...]
    reviewed: Mapping[str, Fingerprint]
    waivers: tuple[Waiver, ...]
    proof: Proof | None
    trace: Trace
    document: Mapping[str, object]
    tally: Tally
    standings: dict[str, Standing]
    problems: tuple[Trouble, ...]
    scanned: Scanned
    amiss: tuple[Trouble, ...]

    @property
    def contexts(self) -> Sequence[TracedContext]:
        """The contexts, without their outcomes."""
        return self.tally.contexts(())

    @property
    def holds(self) -> bool:
        """Whether every scenario, and what other scanners found, is compliant or waived, and nothing else is wrong."""
        wrong = self.problems or self.amiss or self.scanned.standing
        return holds(self.standings.values()) and not wrong


class _Waivers(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    schema_id: Literal["urn:worthwatch:storage-compliance:waivers:1"] = Field(alias="schema")
    waivers: list[dict[str, Any]] = Field(max_length=MAX_WAIVERS)


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
    waivers, today = _waivers(archive), made.time.date()
    tally, problems, conditions = read_matrix(archive, waivers, today)
    scanned, amiss = read_scanned(archive, waivers, today, conditions)
    ids = [one.id for spec in specs for requirement in spec.requirements for one in requirement.scenarios]
    proof = read_proof(archive, made, ids)
    if unknown := sorted(tally.outcomes.keys() - set(ids)):
        raise InputError(archive.place(VERDICTS), f"verdicts on {quoted(unknown[0])}, which no spec has")
    matrix = matrix_as_json(tally.contexts(ids), tally.axes(), tally.findings())
    document = _read_trace(archive, matrix)
    told = archive.read(REVIEWED.as_posix(), MAX_TEMPLATE_BYTES)
    reviewed = parse_reviewed(told, archive.place(REVIEWED.as_posix()))
    _check_requirements(archive, document, specs, reviewed)
    trace = parse_trace(document | {"axes": [], "contexts": []}, archive.place("trace.json"))
    _check_trace(archive, trace, tally)
    _check_proof(archive, document, proof, ids)
    if document.get("scanned") != scanned_as_json(scanned):
        raise InputError(archive.place("trace.json"), f"tells other findings of other scanners than {SCANNED}")
    standings = {id_: standing(tally.outcomes.get(id_, Counter()), len(tally.lacking(id_))) for id_ in ids}
    return Contents(
        made, specs, reviewed, waivers, proof, trace, document | matrix, tally, standings, problems, scanned, amiss
    )


def check_statement(archive: Archive, verified: Verified) -> Contents:
    """Hold what a signer states against the verdicts of a bundle, and the alerts in it; return what it says.

    Raises `policies.reading.InputError` where they differ, and as `read_contents` does.
    """
    contents = read_contents(archive)
    if contents.standings != verified.standings:
        problem = "the statement that is signed has other standings than the verdicts come to"
        raise InputError(archive.where, problem)
    if alerts_stated(contents.scanned) != verified.alerts:
        problem = f"the statement that is signed tells other findings of other scanners than {SCANNED}"
        raise InputError(archive.where, problem)
    if verified.result != "FAILED" and not contents.holds:
        problem = f"the statement that is signed says {verified.result}, which is not what the bundle comes to"
        raise InputError(archive.where, problem)
    _check_problems(archive, verified.problems, contents)
    return contents


def _check_problems(archive: Archive, stated: Sequence[str], contents: Contents) -> None:
    """Refuse problems stated that the trace does not tell, and a statement without those that the bundle tells.

    Beside the latter there may be what CloudFormation refuses of a template, which the trace tells alone.
    """
    traced = {problem_stated(one.where, one.message) for one in contents.trace.problems}
    held = {problem_stated(one.where, one.message) for one in (*contents.problems, *contents.amiss)}
    unknown = [name for name in stated if name not in traced]
    bounded = len(stated) > MAX_PROBLEMS  # then one tells how many others there are
    if len(unknown) > bounded or (not bounded and not held.issubset(stated)):
        raise InputError(archive.where, "the statement that is signed tells other problems than the bundle does")


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


def _check_requirements(
    archive: Archive, document: Mapping[str, object], specs: Sequence[Spec], reviewed: Mapping[str, Fingerprint]
) -> None:
    """Refuse a trace of other requirements, scenarios, sentences or reviews than the specs have."""
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


def _waivers(archive: Archive) -> tuple[Waiver, ...]:
    where = archive.place("waivers.json")
    held = validate(_Waivers, read_document(archive, "waivers.json"), where).waivers
    try:
        # As JSON, in which a date is a text.
        return tuple(Waiver.model_validate_json(canonical(each)) for each in held)
    except ValidationError:
        raise InputError(where, "holds what is no waiver: one lacks an owner, a reason or an end, say") from None


def _read_trace(archive: Archive, matrix: Mapping[str, object]) -> dict[str, object]:
    """Return the trace but for axes, contexts and findings, which must be those that contexts and verdicts come to.

    They come first among its keys, so that nothing of them need be held to be compared.
    """
    where = archive.place("trace.json")
    rest = after(archive.chunks("trace.json"), chain([b"{"], canonical_members(matrix), [b","]))
    if rest is None:
        problem = "shows other axes, contexts, outcomes or findings than contexts and verdicts come to"
        raise InputError(where, problem)
    document = read_canonical(b"{" + _bounded(rest, where), where)
    if not isinstance(document, dict) or not document:
        raise InputError(where, "no trace")
    return document


def _bounded(chunks: Iterable[bytes], where: str) -> bytes:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) > MAX_BYTES:
            raise InputError(where, f"more than {MAX_BYTES:,} bytes beside contexts and findings, the limit")
    return bytes(held)


def _check_proof(archive: Archive, document: Mapping[str, Any], proof: Proof | None, ids: Sequence[str]) -> None:
    """Refuse a trace that tells of another proof, or of other mutants; one that tells of none is of no proof."""
    told = [document.get("proof", {"state": NOT_RUN}), *(each.get("mutants") for each in document["scenarios"])]
    mutants = [None if proof is None else mutants_as_json(proof.of(id_)) for id_ in ids]
    if told != [proof_as_json(proof, ids), *mutants]:
        raise InputError(archive.place("trace.json"), f"tells of another proof than {PROOF}")


def _check_trace(archive: Archive, trace: Trace, tally: Tally) -> None:
    """Refuse a trace that does not show the verdicts; one of other specs, rules or stack shows none, and says so."""
    if not trace.judged.gate:
        raise InputError(archive.place("trace.json"), "shows no results of the gate")
    for scenario in trace.scenarios:
        shown = {Outcome(outcome): count for outcome, count in (scenario.outcomes or {}).items() if count}
        if shown != dict(tally.outcomes.get(scenario.id, Counter())):
            raise InputError(
                archive.place("trace.json"), f"counts other verdicts on {quoted(scenario.id)} than there are"
            )
