"""The `evidence export` command: the reference stack synthesised, judged, and written as one signed bundle."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import policies
from evidence.bundle import dsse
from evidence.bundle.archive import open_archive
from evidence.bundle.export import LOCK, Around, Exported, Seal, check_installed, export
from evidence.bundle.keys import read_signing_key
from evidence.bundle.manifest import check_members, read_manifest
from evidence.bundle.sigstore import sign as sign_with_sigstore
from evidence.bundle.statement import PAYLOAD_TYPE
from evidence.bundle.synthesis import anonymous
from evidence.bundle.verify import ATTESTATION, SIGSTORE_ATTESTATION
from evidence.provenance import provenance
from evidence.results import Results, read_results
from evidence.sbom import check_installed as check_locked
from evidence.trace import read_checkout
from gate.judging import judgements
from gate.matrix import EXTERNALS
from gate.progress import progress
from policies.reading import InputError
from stack.contexts import Matrix, matrix
from stack.synth import synthesise


def export_matrix(name: Matrix, file: Path, seal: Seal, results: Sequence[str], previous: str | None) -> Exported:
    """Write the bundle of a matrix.

    Raises `policies.reading.InputError`, before anything is synthesised, for a lock, results, a previous bundle or a
    checkout that do not serve.
    """
    checkout = read_checkout(policies.__name__)
    check_installed()
    check_locked(LOCK)
    around = Around(
        checkout,
        provenance(name, os.environ),
        _tests(results),
        EXTERNALS,
        None if previous is None else _root_of(Path(previous)),
    )
    contexts = list(matrix(name))
    with progress("contexts", len(contexts)) as advance:
        judged = judgements(map(anonymous, synthesise(contexts)), EXTERNALS, advance)
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


def _tests(paths: Sequence[str]) -> Results:
    results = read_results(list(map(Path, paths)))
    for error in results.unreadable:
        raise error
    if results.gate is not None:
        problem = "a gate's results; an export judges by itself: give what `pytest --scenario-results` wrote"
        raise InputError(results.gate_file, problem)
    # Where the file lies says nothing of the run, and something of this machine.
    results.tests_file = Path(results.tests_file).name
    return results


def _root_of(bundle: Path) -> str:
    with open_archive(bundle) as archive:
        manifest = read_manifest(archive)
        check_members(archive, manifest)
        return manifest.root
