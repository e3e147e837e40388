"""A run written as one bundle: all of it, signed, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pydantic.alias_generators import to_camel

from evidence import document, provenance
from evidence.basis import basis, differing, differing_suite
from evidence.bundle.archive import Writer
from evidence.bundle.canonical import canonical, canonical_parts, check_bounds
from evidence.bundle.manifest import MANIFEST, root_of, write_manifest
from evidence.bundle.proving import PROOF, proof_form
from evidence.bundle.recording import Recording, recording
from evidence.bundle.scanning import SCANNED, scanned_form
from evidence.bundle.statement import statement
from evidence.document import OF_MATRIX
from evidence.formats import Templates, reports
from evidence.model import CLEAN, COULD_NOT_JUDGE, Scanned, Trace, Trouble
from evidence.output import replaced
from evidence.record import Provenance, Record, conclude
from evidence.results import Gate, Results
from evidence.reviewed import FILE as REVIEWED
from evidence.sbom import sbom
from evidence.trace import SPECS, Checkout, trace
from policies.externals import Externals
from policies.model import Verdict
from policies.reading import InputError, printable, read_file
from policies.waiver_model import Waiver
from stack.synth import Synthesis

LOCK = Path("requirements/runtime.txt")
"""What the environment of a run is locked by."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on what came of a context, or on the matrix as a whole, of which no synthesis came.

    `failure` is why a template that was written is refused all the same. With the verdicts on the matrix comes what
    other scanners have found in its templates, and as `problems` what is wrong with them, with the waivers, and with
    the agreement of both with scenarios; `sources` are the templates, by digest, in which something was first found.
    """

    verdicts: tuple[Verdict, ...]
    synthesis: Synthesis | None = None
    failure: str | None = None
    scanned: Scanned = field(default_factory=Scanned)
    problems: tuple[Trouble, ...] = ()
    sources: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exported:
    """What a bundle holds: the record, its trace, and the root of its members."""

    record: Record
    trace: Trace
    root: str
    members: int

    @property
    def exit_code(self) -> int:
        """The graver of what record and trace come to: 2 before 1 before 0."""
        codes = {self.record.exit_code, self.trace.exit_code}
        return COULD_NOT_JUDGE if COULD_NOT_JUDGE in codes else max(codes, default=CLEAN)


@dataclass(frozen=True, slots=True)
class Around:
    """What a run is evidence of, beside its verdicts.

    The `checkout` at the current folder, `given` the results of a run of its tests, and the proof; `externals` what the
    matrix was judged with, `waivers` those that stood, whether they cover anything or not, and `previous` the root of
    the bundle before this one.
    """

    checkout: Checkout
    provenance: Provenance
    given: Results
    externals: Externals
    waivers: tuple[Waiver, ...]
    previous: str | None


Seal = Callable[[bytes], tuple[str, bytes]]
"""What signs a statement: it returns the attestation's name as a member, and its bytes."""


def check_installed() -> None:
    """Raise `InputError` where specs, rules, stack or suite that are installed are not those of the current folder."""
    for folder, said in (*differing(Path()), *differing_suite(Path())):
        raise InputError(folder, f"{said} ./{folder}: install the checkout (pip install -e .)")
    if basis(SPECS)["specs"] != basis()["specs"]:
        said = f"the specs that are installed are not those of ./{SPECS}"
        raise InputError(SPECS.as_posix(), f"{said}: install the checkout (pip install -e .)")


def export(file: Path, judgements: Iterable[Judgement], around: Around, seal: Seal) -> Exported:
    """Write a bundle of judgements, as they come, to a file.

    Raises `InputError` where it cannot be written, or something cannot be evidence; then the file is as it was.
    """
    # A file without a name: whatever ends this process, nothing of it is left behind.
    try:
        with tempfile.TemporaryFile(dir=file.parent) as unfinished:
            exported = _write(unfinished, judgements, around, seal)
            unfinished.seek(0)
            with replaced(file) as finished:
                shutil.copyfileobj(unfinished, finished)
    except OSError as error:
        raise InputError(printable(file.as_posix()), f"cannot be written: {error.strerror or error}") from None
    return exported


def _write(file: BinaryIO, judgements: Iterable[Judgement], around: Around, seal: Seal) -> Exported:
    writer = Writer(file)
    with recording(writer) as run:
        matrix = Judgement(())
        for judgement in judgements:
            if judgement.synthesis is None:
                matrix = judgement
            else:
                run.add(judgement.synthesis, judgement.verdicts, judgement.failure)
        run.judge(matrix.verdicts)
        run.finish()
        writer.add(SCANNED, scanned_form(matrix.scanned, matrix.problems))
        record, traced = _concluded(run, matrix, around)
        for path, data in _documents(record, traced, {**run.sources, **matrix.sources}, around):
            writer.add(path, data)
    members = writer.entries
    listed = writer.add(MANIFEST, write_manifest(members, around.previous))
    templates = (entry for entry in members if entry.path.startswith("templates/"))
    subjects = ((entry.path, entry.sha256) for entry in chain([listed], templates))
    writer.add(*seal(statement(record, subjects)))
    writer.close()
    return Exported(record, traced, root_of(members, around.previous), len(members))


def _concluded(run: Recording, matrix: Judgement, around: Around) -> tuple[Record, Trace]:
    made = around.provenance
    gate = Gate(run.tally, (*run.problems, *matrix.problems), made.basis, matrix.scanned)
    results = replace(around.given, gate=gate, gate_file="the gate")
    return conclude(run.tally, gate.problems, made, gate.scanned), trace(around.checkout, results)


def _documents(
    record: Record, traced: Trace, templates: Templates, around: Around
) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Return what the run came to, member by member."""
    yield "externals.json", canonical(_externals(around.externals))
    yield "provenance.json", canonical(provenance.document(around.provenance))
    shown = document.document(traced)
    # What nobody could verify is no evidence: beside what is held against the verdicts, a trace is read as a whole.
    check_bounds(canonical({key: value for key, value in shown.items() if key not in OF_MATRIX}), "trace.json")
    yield "trace.json", canonical_parts(shown)
    stood = [waiver.model_dump(mode="json", exclude_defaults=True) for waiver in around.waivers]
    yield "waivers.json", canonical({"schema": "urn:worthwatch:storage-compliance:waivers:1", "waivers": stood})
    yield PROOF, proof_form(around.given.proof)
    yield "sbom.cdx.json", canonical(sbom(LOCK, around.provenance))
    for spec in traced.specs:
        yield spec.path, read_file(Path(spec.path))
    yield REVIEWED.as_posix(), read_file(REVIEWED)
    yield from reports(record, shown, templates)


def _externals(externals: Externals) -> Mapping[str, object]:
    return {to_camel(name): value for name, value in asdict(externals).items()}
