"""The manifest of a bundle: what every member is, in their order, and one digest of it all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain

from evidence.bundle.archive import Archive, Entry
from evidence.bundle.canonical import canonical, canonical_parts, read_canonical
from evidence.bundle.merkle import merkle_root
from policies.reading import InputError, quoted

MANIFEST = "manifest.json"
ATTESTATIONS = "attestation.json", "attestation.sigstore.json"
"""What a bundle ends with: its manifest, and one of these, which signs that."""

SCHEMA_ID = "urn:worthwatch:storage-compliance:bundle:1"

MAX_BYTES = 2**24
"""The most bytes of a manifest; that of `evidence.bundle.archive.MAX_MEMBERS` templates has 11 MB."""

_MEMBER = re.compile(
    r"(?:templates|constructs)/[0-9a-f]{64}\.json|(?:contexts|verdicts)\.jsonl"
    r"|(?:externals|provenance|trace|waivers|scanned|proof|sbom\.cdx)\.json"
    r"|specs/reviewed\.toml|specs/\w[\w.-]*(?:/\w[\w.-]*)*/spec\.md"
    r"|reports/(?:(?:assessment-results|component-definition)\.oscal\.json|findings\.sarif|junit\.xml|ctrf\.json"
    r"|trace\.html)",
    re.ASCII,
)
_DIGEST = re.compile("[0-9a-f]{64}")
_ROOT = re.compile("sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest states: the members but for itself and its attestation, in the archive's order.

    `root` is `sha256:` and the Merkle root, `previous` that of the bundle before, None if this is the first.
    """

    members: tuple[Entry, ...]
    root: str
    previous: str | None


def root_of(members: Iterable[Entry], previous: str | None) -> str:
    """Return the root of a bundle: of a Merkle tree whose leaves, canonical JSON, are what it follows and its members.

    The first leaf is `{"previous":…}`, so that a root stands for all bundles before it, too.
    """
    leaves = chain([{"previous": previous}], map(asdict, members))
    return f"sha256:{merkle_root(map(canonical, leaves))}"


def write_manifest(entries: Sequence[Entry], previous: str | None) -> Iterator[bytes]:
    """Return the manifest of members, in their order, part by part.

    `previous` is the root of the bundle before, if there is one.
    """
    return canonical_parts(
        {
            "members": map(asdict, entries),
            "previous": previous,
            "root": root_of(entries, previous),
            "schema": SCHEMA_ID,
        }
    )


def read_manifest(archive: Archive) -> Manifest:
    """Return what the manifest of an archive states; `check_members` tells whether it is so.

    Raises `policies.reading.InputError` where there is none, and for one that `write_manifest` would not have written.
    """
    where = archive.place(MANIFEST)
    match read_canonical(archive.read(MANIFEST, MAX_BYTES), where):
        case {"schema": str(schema)} if schema != SCHEMA_ID:
            raise InputError(where, f"$.schema: found {quoted(schema)}; expected '{SCHEMA_ID}'")
        case {"members": list(members), "previous": previous, "root": root, "schema": str(), **rest} if not rest:
            return Manifest(
                members=tuple(_entry(one, f"$.members[{number}]", where) for number, one in enumerate(members)),
                root=_root(root, "$.root", where),
                previous=None if previous is None else _root(previous, "$.previous", where),
            )
        case _:
            raise InputError(where, "expected an object with members, previous, root and schema, and nothing else")


def check_members(archive: Archive, manifest: Manifest) -> None:
    """Hold an archive against its manifest: each member as stated and in that order, none missing, none more.

    Contents are read in chunks, the attestation's not at all: what a manifest says is as good as the signature on it.
    Raises `policies.reading.InputError` for the first difference.
    """
    _check_names([entry.path for entry in manifest.members], list(archive.members), archive.where)
    if (root := root_of(manifest.members, manifest.previous)) != manifest.root:
        problem = f"$.root: found '{manifest.root}'; the Merkle root of its members is '{root}'"
        raise InputError(archive.place(MANIFEST), problem)
    for entry in manifest.members:
        size = archive.members[entry.path].size
        if size != entry.size:
            problem = f"has {size:,} bytes; the manifest states {entry.size:,}"
            raise InputError(archive.place(entry.path), problem)
        digest = hashlib.sha256()
        for chunk in archive.chunks(entry.path):
            digest.update(chunk)
        if digest.hexdigest() != entry.sha256:
            problem = f"its SHA-256 is {digest.hexdigest()}; the manifest states {entry.sha256}: it has been changed"
            raise InputError(archive.place(entry.path), problem)


def _entry(member: object, place: str, where: str) -> Entry:
    match member:
        case {"path": str(path), "sha256": str(sha256), "size": int(size), **rest} if not rest:
            if not _MEMBER.fullmatch(path):
                raise InputError(where, f"{place}.path: found {quoted(path)}, which no member of a bundle is named")
            if not _DIGEST.fullmatch(sha256):
                raise InputError(where, f"{place}.sha256: found {quoted(sha256)}; expected 64 digits of 0-9 and a-f")
            if isinstance(size, bool) or size < 0:
                raise InputError(where, f"{place}.size: found {size}; expected a number of bytes")
            return Entry(path, sha256, size)
    raise InputError(where, f"{place}: expected an object with path, sha256 and size, and nothing else")


def _root(value: object, place: str, where: str) -> str:
    if isinstance(value, str) and _ROOT.fullmatch(value):
        return value
    raise InputError(where, f"{place}: expected sha256: and 64 digits of 0-9 and a-f")


def _check_names(stated: list[str], present: list[str], where: str) -> None:
    """Hold the names of an archive's members against those of the manifest, with what ends a bundle."""
    if present[-2:-1] != [MANIFEST] or present[-1] not in ATTESTATIONS:
        raise InputError(where, f"does not end with {MANIFEST} and {' or '.join(ATTESTATIONS)}")
    held = present[:-2]
    if stated == held:
        return
    if missing := sorted(set(stated) - set(held)):
        problem = f"the member {quoted(missing[0])} is missing; the manifest states it"
    elif added := sorted(set(held) - set(stated)):
        problem = f"the member {quoted(added[0])} is not stated in the manifest"
    else:
        problem = "the members are in another order than the manifest states, or it states one twice"
    raise InputError(where, problem)
