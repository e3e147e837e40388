"""The `evidence export` command: the reference stack synthesised, judged, and written as one signed bundle."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import policies
from evidence.bundle import dsse
from evidence.bundle.archive import open_archive
from evidence.bundle.export import LOCK, Around, Exported, Seal, check_installed, export
from evidence.bundle.keys import read_signing_key
from evidence.bundle.manifest import check_members, read_manifest
from evidence.bundle.proving import proof_form
from evidence.bundle.sigstore import sign as sign_with_sigstore
from evidence.bundle.statement import PAYLOAD_TYPE
from evidence.bundle.synthesis import anonymous
from evidence.bundle.verify import ATTESTATION, SIGSTORE_ATTESTATION
from evidence.proof import PROVE_AGAIN, why_foreign
from evidence.provenance import provenance
from evidence.record import Provenance
from evidence.results import Results, read_results
from evidence.sbom import check_installed as check_locked
from evidence.trace import Checkout, read_checkout
from gate.exemptions import Exemptions
from gate.judging import judgements
from gate.matrix import EXTERNALS
from gate.progress import progress
from gate.scans import read_scans
from gate.waivers import load_pairs, load_waivers
from policies.agreement import SHIPPED as AGREEMENT
from policies.reading import InputError
from policies.waivers import SHIPPED
from stack.contexts import Matrix, matrix
from stack.synth import synthesise


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that an export reads: results of tests, reports of other scanners, the proof, the bundle before it."""

    results: Sequence[str] = ()
    imports: Sequence[str] = ()
    proof: str | None = None
    previous: str | None = None


def export_matrix(name: Matrix, file: Path, seal: Seal, inputs: Inputs) -> Exported:
    """Write the bundle of a matrix.

    Raises `policies.reading.InputError`, before anything is synthesised, for a lock, a checkout or inputs that do not
    serve.
    """
    checkout = read_checkout(policies.__name__)
    check_installed()
    check_locked(LOCK)
    made = provenance(name, os.environ)
    around = Around(
        checkout,
        made,
        _given(inputs, made, checkout),
        EXTERNALS,
        load_waivers(SHIPPED),
        None if inputs.previous is None else _root_of(Path(inputs.previous)),
    )
    scans = read_scans(list(map(Path, inputs.imports)))
    for error in scans.unreadable:
        raise error
    exemptions = Exemptions(
        around.waivers,
        scans,
        # As they stood then: an export of the same commit is the same on any day.
        made.time.date(),
        exhaustive=name != "smoke",
        pairs=load_pairs(AGREEMENT),
    )
    contexts = list(matrix(name))
    with progress("contexts", len(contexts)) as advance:
        judged = judgements(map(anonymous, synthesise(contexts)), EXTERNALS, exemptions, advance)
        return export(file, judged, around, seal)


def sealing(key: str | None, *, sigstore: bool) -> Seal:
    """Return what signs: a key, from a file or the environment, or this job of the CI, with Sigstore.

    Raises `policies.reading.InputError`.
    """
    if sigstore:
        if key is not None:
            raise InputError("--sigstore", "signs without a key; leave out --key")
        return lambda statement: (SIGSTORE_ATTESTATION, sign_with_sigstore(statement))
    private = read_signing_key(key, os.environ)
    return lambda statement: (ATTESTATION, dsse.sign(statement, PAYLOAD_TYPE, private))


def _given(inputs: Inputs, made: Provenance, checkout: Checkout) -> Results:
    """Return the results of tests and the proof, of which an export takes none that is of something else."""
    results = read_results(list(map(Path, inputs.results)), None if inputs.proof is None else Path(inputs.proof))
    for error in results.unreadable:
        raise error
    if results.gate is not None:
        problem = "a gate's results; an export judges by itself: give what `pytest --scenario-results` wrote"
        raise InputError(results.gate_file, problem)
    if results.proof is not None:
        for reason in why_foreign(results.proof, {**made.basis, "suite": made.suite}, checkout.scenarios):
            raise InputError(results.proof_file, reason + PROVE_AGAIN)
        proof_form(results.proof)
    # Where the file lies says nothing of the run, and something of this machine.
    results.tests_file = Path(results.tests_file).name
    return results


def _root_of(bundle: Path) -> str:
    with open_archive(bundle) as archive:
        manifest = read_manifest(archive)
        check_members(archive, manifest)
        return manifest.root
