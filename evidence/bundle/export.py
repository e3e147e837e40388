"""A run written as one bundle: all of it, signed, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic.alias_generators import to_camel

from evidence import document, provenance
from evidence.basis import basis, differing, differing_suite
from evidence.bundle.archive import Writer
from evidence.bundle.canonical import canonical, check_bounds
from evidence.bundle.manifest import MANIFEST, root_of, write_manifest
from evidence.bundle.recording import Recording, recording
from evidence.bundle.statement import statement
from evidence.formats import Templates, reports
from evidence.model import CLEAN, COULD_NOT_JUDGE, Trace
from evidence.output import replaced
from evidence.record import Provenance, Record, conclude
from evidence.results import Gate, Results
from evidence.reviewed import FILE as REVIEWED
from evidence.sbom import sbom
from evidence.trace import SPECS, Checkout, trace
from policies.externals import Externals
from policies.model import Verdict
from policies.reading import InputError, printable, read_file
from stack.synth import Synthesis

LOCK = Path("requirements/runtime.txt")
"""What the environment of a run is locked by."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on what came of a context, or on the matrix as a whole, of which no synthesis came.

    `failure` is why a template that was written is refused all the same.
    """

    verdicts: tuple[Verdict, ...]
    synthesis: Synthesis | None = None
    failure: str | None = None


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

    The `checkout` at the current folder, `tests` the results of a run of its tests, `externals` what the matrix was
    judged with, and `previous` the root of the bundle before this one.
    """

    checkout: Checkout
    provenance: Provenance
    tests: Results
    externals: Externals
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
        for judgement in judgements:
            if judgement.synthesis is None:
                run.judge(judgement.verdicts)
            else:
                run.add(judgement.synthesis, judgement.verdicts, judgement.failure)
        run.finish()
        record, traced = _concluded(run, around)
        entries = run.entries
        entries += [writer.add(path, data) for path, data in _documents(record, traced, run.sources, around)]
    manifest = write_manifest(entries, around.previous)
    listed = writer.add(MANIFEST, manifest)
    templates = [entry for entry in entries if entry.path.startswith("templates/")]
    subjects = [(entry.path, entry.sha256) for entry in (listed, *templates)]
    writer.add(*seal(canonical(statement(record, subjects))))
    writer.close()
    return Exported(record, traced, root_of(entries, around.previous), len(entries))


def _concluded(run: Recording, around: Around) -> tuple[Record, Trace]:
    made = around.provenance
    gate = Gate(run.tally, tuple(run.problems), made.basis)
    tests = around.tests
    results = Results(gate, tests.tests, "the gate", tests.tests_file, tests.unreadable)
    return conclude(run.tally, run.problems, made), trace(around.checkout, results)


def _documents(record: Record, traced: Trace, templates: Templates, around: Around) -> Iterator[tuple[str, bytes]]:
    """Return what is not streamed, member by member."""
    yield "externals.json", canonical(_externals(around.externals))
    yield "provenance.json", canonical(provenance.document(around.provenance))
    shown = document.document(traced)
    told = canonical(shown)
    check_bounds(told, "trace.json")  # what nobody could verify is no evidence
    yield "trace.json", told
    # There is nothing yet that waives a finding, nor a proof that rules can fail: no scenario leans on either.
    yield "waivers.json", canonical({"schema": "urn:worthwatch:storage-compliance:waivers:1", "waivers": []})
    yield "proof.json", canonical({"schema": "urn:worthwatch:storage-compliance:proof:1", "state": "not-run"})
    yield "sbom.cdx.json", canonical(sbom(LOCK, around.provenance))
    for spec in traced.specs:
        yield spec.path, read_file(Path(spec.path))
    yield REVIEWED.as_posix(), read_file(REVIEWED)
    yield from reports(record, shown, templates)


def _externals(externals: Externals) -> Mapping[str, object]:
    return {to_camel(name): value for name, value in asdict(externals).items()}
