"""Bundles, each as small as its case allows: a template, its context and verdict, the provenance, and a signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.bundle.archive import Entry, Writer
from evidence.bundle.canonical import canonical
from evidence.bundle.dsse import sign
from evidence.bundle.manifest import MANIFEST, write_manifest
from evidence.bundle.statement import PAYLOAD_TYPE, statement
from evidence.bundle.verify import ATTESTATION, PROVENANCE
from evidence.provenance import document
from evidence.record import Record, Standing
from tests.evidence.records import PROVENANCE as MADE
from tests.evidence.records import record

KEY, OTHER = Ed25519PrivateKey.from_private_bytes(b"1" * 32), Ed25519PrivateKey.from_private_bytes(b"2" * 32)

SPEC = "specs/storage/spec.md"


def template(data: bytes = b'{"Resources":{}}') -> dict[str, bytes]:
    """Return a template as a member."""
    return {f"templates/{hashlib.sha256(data).hexdigest()}.json": data}


def members(**other: object) -> dict[str, bytes]:
    """Return the members but for manifest and attestation; `other` is what the provenance states instead."""
    return {
        **template(),
        "contexts.jsonl": b'{"name":"prod"}\n',
        PROVENANCE: canonical(document(MADE) | other),
        SPEC: b"The table SHALL have keys.\n",
    }


def manifest(held: Mapping[str, bytes], previous: str | None = None) -> bytes:
    """Return the manifest of members."""
    entries = [Entry(path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in held.items()]
    return b"".join(write_manifest(entries, previous))


def statement_on(held: Mapping[str, bytes], listed: bytes, judged: Record) -> dict[str, object]:
    """Return the statement on a manifest, and on the templates of members."""
    subjects = {MANIFEST: listed} | {path: data for path, data in held.items() if path.startswith("templates/")}
    stated: dict[str, object] = json.loads(
        statement(judged, [(path, hashlib.sha256(data).hexdigest()) for path, data in subjects.items()])
    )
    return stated


def signed(
    held: Mapping[str, bytes],
    *,
    key: Ed25519PrivateKey = KEY,
    previous: str | None = None,
    judged: Record | None = None,
) -> dict[str, bytes]:
    """Return members with their manifest and a signature on it."""
    listed = manifest(held, previous)
    said = canonical(statement_on(held, listed, judged or record(Standing.COMPLIANT)))
    return {**held, MANIFEST: listed, ATTESTATION: sign(said, PAYLOAD_TYPE, key)}


def write(path: Path, held: Mapping[str, bytes]) -> Path:
    """Write an archive of members; return its path."""
    with path.open("w+b") as file:
        writer = Writer(file)
        for name, data in held.items():
            writer.add(name, data)
        writer.close()
    return path
