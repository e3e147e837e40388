"""Verifying a bundle: by whom it was signed, that it is what they signed, of when it is, and which one it follows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence import provenance
from evidence.bundle import dsse, sigstore
from evidence.bundle.archive import Archive, Entry, open_archive
from evidence.bundle.canonical import read_canonical
from evidence.bundle.keys import key_id
from evidence.bundle.manifest import ATTESTATIONS, MANIFEST, Manifest, check_members, read_manifest
from evidence.bundle.statement import PAYLOAD_TYPE, Statement, configuration, read_statement
from evidence.provenance import written
from evidence.record import Standing
from policies.reading import InputError, printable, quoted

ATTESTATION, SIGSTORE_ATTESTATION = ATTESTATIONS
PROVENANCE = "provenance.json"

MAX_ATTESTATION_BYTES = 2**25
"""The most bytes of an attestation; one on as many templates as a bundle may hold has 15 MB."""

_CLOCKS_DIFFER = timedelta(minutes=5)
_AGE = re.compile(r"([1-9][0-9]{0,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

Unseal = Callable[[Archive], tuple[str, bytes]]
"""What verifies a bundle's attestation: it returns who signed, and the statement that they signed."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What holds of a bundle that was verified.

    `signer` is the id of the key, or whom a certificate names; `root` the bundle's own and `previous` that of the
    bundle before, as `sha256:<hex>`; `time`, `commit` and `modified` are as the signer states them. `members` counts
    all but the manifest and the attestation; `result` is PASSED, WARNED or FAILED, `standings` are those of the
    scenarios, and `alerts` those of what other scanners have found, by name; `problems` are the names of what else
    fails the run.
    """

    signer: str
    root: str
    previous: str | None
    time: datetime
    commit: str | None
    modified: bool
    members: int
    templates: int
    result: str
    standings: Mapping[str, Standing]
    alerts: Mapping[str, Standing]
    problems: tuple[str, ...]


def signed_by(public: Ed25519PublicKey) -> Unseal:
    """Return what verifies that a bundle was signed by a key."""

    def unseal(archive: Archive) -> tuple[str, bytes]:
        envelope = _attestation(archive, ATTESTATION, "it was signed with Sigstore, if at all")
        return key_id(public), dsse.verify(envelope, PAYLOAD_TYPE, public, archive.place(ATTESTATION))

    return unseal


def signed_with_sigstore(identity: str, issuer: str, trusted_root: Path | None) -> Unseal:
    """Return what verifies that an identity signed a bundle with Sigstore; see `evidence.bundle.sigstore.verify`."""

    def unseal(archive: Archive) -> tuple[str, bytes]:
        data = _attestation(archive, SIGSTORE_ATTESTATION, "it was signed with a key, if at all")
        where = archive.place(SIGSTORE_ATTESTATION)
        return f"{identity} by {issuer}", sigstore.verify(data, identity, issuer, where, trusted_root=trusted_root)

    return unseal


def stated_signer(archive: Archive) -> str:
    """Return who is said to have signed a bundle, which nothing here verifies.

    Raises `policies.reading.InputError` for an attestation that is no envelope with the id of a key.
    """
    if SIGSTORE_ATTESTATION in archive.members:
        return "a job of a CI, with Sigstore"
    return dsse.stated_key(archive.read(ATTESTATION, MAX_ATTESTATION_BYTES), archive.place(ATTESTATION))


def verify(
    archive: Archive, unseal: Unseal, *, max_age: timedelta | None, previous: Path | None, now: datetime
) -> Verified:
    """Return what holds of a bundle; that what it says agrees is for `evidence.bundle.contents.check_standings`.

    It is in the one form of archives; what was signed is the manifest and the templates that it holds; every member is
    as the manifest states, none is missing and none is more; it was made at most `max_age` before `now`, and no more
    than five minutes after, by which clocks may differ; and it follows the `previous` bundle, if one is given. Of that
    one the members are held against its manifest and that against the root which is signed here: all but its own
    signature.

    Raises `policies.reading.InputError` for the first of this that does not hold.
    """
    signer, payload = unseal(archive)
    where = f"{archive.where}: the statement that is signed"
    signed = read_statement(payload, where)
    digest = _check_manifest(signed, archive)
    manifest = read_manifest(archive)
    templates = [entry for entry in manifest.members if entry.path.startswith("templates/")]
    _check_subjects(signed, [(MANIFEST, digest), *((entry.path, entry.sha256) for entry in templates)], where)
    check_members(archive, manifest)
    _check_names(templates, archive)
    origin = archive.place(PROVENANCE)
    made = provenance.read(read_canonical(archive.read(PROVENANCE, provenance.MAX_BYTES), origin), origin)
    if signed.configuration != configuration(made):
        others = "another commit, specs, rules, stack or suite"
        raise InputError(where, f"names {others} than {PROVENANCE}; it contradicts that")
    _check_age(made.time, max_age, now, origin)
    if previous is not None:
        _check_previous(manifest, previous, archive.place(MANIFEST))
    return Verified(
        signer=signer,
        root=manifest.root,
        previous=manifest.previous,
        time=made.time,
        commit=made.commit,
        modified=made.modified,
        members=len(manifest.members),
        templates=len(templates),
        result=signed.result,
        standings=signed.standings,
        alerts=signed.alerts,
        problems=signed.problems,
    )


def parse_age(text: str) -> timedelta:
    """Return the time that `12h`, `90d` or `2w` stands for; raise `policies.reading.InputError` for anything else."""
    match = _AGE.fullmatch(text)
    if not match:
        problem = f"found {quoted(text)}; expected a number and h, d or w for hours, days or weeks, such as 90d"
        raise InputError("--max-age", problem)
    return int(match[1]) * _UNITS[match[2]]


def _attestation(archive: Archive, name: str, otherwise: str) -> bytes:
    if name not in archive.members:
        raise InputError(archive.where, f"has no {name}: {otherwise}")
    return archive.read(name, MAX_ATTESTATION_BYTES)


def _check_manifest(signed: Statement, archive: Archive) -> str:
    """Return the SHA-256 of the manifest's bytes, which is what was signed."""
    digest = hashlib.sha256()
    for chunk in archive.chunks(MANIFEST):
        digest.update(chunk)
    stated = dict(signed.subjects).get(MANIFEST, "that of no manifest")
    if digest.hexdigest() != stated:
        problem = f"not the manifest that was signed: its SHA-256 is {digest.hexdigest()}, what was signed is {stated}"
        raise InputError(archive.place(MANIFEST), problem)
    return stated


def _check_subjects(signed: Statement, expected: list[tuple[str, str]], where: str) -> None:
    if [*signed.subjects] == expected:
        return
    differing = sorted(set(signed.subjects) ^ set(expected))
    problem = f"such as {quoted(differing[0][0])}" if differing else "each once and in that order"
    raise InputError(where, f"its subjects are not the manifest and the templates that this holds, {problem}")


def _check_names(templates: list[Entry], archive: Archive) -> None:
    for entry in templates:
        if entry.path != f"templates/{entry.sha256}.json":
            raise InputError(archive.place(entry.path), f"not named by its SHA-256, which is {entry.sha256}")


def _check_age(time: datetime, max_age: timedelta | None, now: datetime, where: str) -> None:
    if time - now > _CLOCKS_DIFFER:
        clock = f"by the clock of this machine it is {written(now)}; is that right?"
        raise InputError(where, f"of {written(time)}, which is yet to come: {clock}")
    if max_age is not None and now - time > max_age:
        raise InputError(where, f"of {written(time)}; --max-age accepts nothing from before {written(now - max_age)}")


def _check_previous(manifest: Manifest, previous: Path, where: str) -> None:
    if manifest.previous is None:
        given = printable(previous.as_posix())
        raise InputError(where, f"names no previous bundle, yet {given} is given as that; leave out --previous")
    with open_archive(previous) as archive:
        earlier = read_manifest(archive)
        check_members(archive, earlier)
    if earlier.root != manifest.previous:
        problem = (
            f"another bundle was the previous one: the root of that is {manifest.previous}, of this {earlier.root}"
        )
        raise InputError(archive.where, problem)
