"""The proof that every scenario can fail, as a member of the bundle: written, read, and held against the rest."""

from __future__ import annotations

from collections.abc import Collection

from evidence.bundle.archive import Archive
from evidence.bundle.canonical import canonical, check_bounds
from evidence.bundle.reading import read_document
from evidence.mutants import NOT_RUN, Proof
from evidence.proof import PROOF_SCHEMA, parse_proof, why_foreign
from evidence.record import Provenance
from policies.reading import InputError

PROOF = "proof.json"

_NONE = {"schema": PROOF_SCHEMA, "state": NOT_RUN}


def proof_form(proof: Proof | None) -> bytes:
    """Return the member: the document of a proof, or that there is none.

    Raises `policies.reading.InputError` where nobody could read it again.
    """
    try:
        form = canonical(_NONE if proof is None else proof.document)
    except ValueError as error:
        raise InputError(PROOF, f"what the proof says cannot be evidence: {error}") from None
    check_bounds(form, PROOF)
    return form


def read_proof(archive: Archive, made: Provenance, scenarios: Collection[str]) -> Proof | None:
    """Return the proof, None where there is none.

    Raises `policies.reading.InputError` for one that contradicts itself, and for one of other specs, rules, scenarios,
    or of another stack or suite than a bundle states that it was made by.
    """
    document, where = read_document(archive, PROOF), archive.place(PROOF)
    if document == _NONE:
        return None
    proof = parse_proof(document, where)
    for reason in why_foreign(proof, {**made.basis, "suite": made.suite}, scenarios):
        raise InputError(where, reason)
    return proof
