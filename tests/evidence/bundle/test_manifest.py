"""The manifest: what a bundle holds, that it holds just that, and what only a signature can tell."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from evidence.bundle.archive import Entry, Writer, open_archive
from evidence.bundle.canonical import canonical
from evidence.bundle.manifest import Manifest, check_members, read_manifest, root_of, write_manifest
from evidence.bundle.merkle import merkle_root
from policies.reading import InputError

TEMPLATE = b'{"Resources":{}}\n'
DIGEST = hashlib.sha256(TEMPLATE).hexdigest()
ROOT = f"sha256:{'0a' * 32}"

MEMBERS = {f"templates/{DIGEST}.json": TEMPLATE, "verdicts.jsonl": b"", "specs/storage/spec.md": b"# S\n"}
ATTESTATION = b'{"payload":"e30="}'

FORM = "expected an object with members, previous, root and schema, and nothing else"
NO_ENTRY = "$.members[0]: expected an object with path, sha256 and size, and nothing else"
NO_ROOT = "expected sha256: and 64 digits of 0-9 and a-f"
NO_DIGEST = "expected 64 digits of 0-9 and a-f"
NO_END = "b.zip: does not end with manifest.json and attestation.json or attestation.sigstore.json"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.zip").touch()


def written(members: Mapping[str, bytes]) -> bytes:
    """Return the archive of members."""
    file = io.BytesIO()
    writer = Writer(file)
    for path, data in members.items():
        writer.add(path, data)
    writer.close()
    return file.getvalue()


def entries(members: Mapping[str, bytes]) -> list[Entry]:
    """Return what a manifest has to state of members."""
    return [Entry(path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in members.items()]


def bundle(
    members: Mapping[str, bytes] = MEMBERS, manifest: bytes | None = None, attestation: bytes = ATTESTATION
) -> dict[str, bytes]:
    """Return all members of a bundle: some, the manifest, that of them unless another is given, and the attestation."""
    stated = b"".join(write_manifest(entries(members), ROOT)) if manifest is None else manifest
    return {**members, "manifest.json": stated, "attestation.json": attestation}


def checked(data: bytes) -> Manifest:
    """Return the manifest of a bundle that is as its manifest says, its attestation having been read."""
    with Path("b.zip").open("r+b") as file:  # emptying a file first would take much longer, ten thousand times
        file.write(data)
        file.truncate()
    with open_archive(Path("b.zip")) as archive:
        manifest = read_manifest(archive)
        check_members(archive, manifest)
        archive.read(list(archive.members)[-1], 1_000)
    return manifest


def refusal(members: Mapping[str, bytes]) -> str:
    """Return why the archive of members is refused."""
    with pytest.raises(InputError) as caught:
        checked(written(members))
    return str(caught.value)


def is_refused(data: bytes) -> bool:
    """Return whether a file is refused."""
    try:
        checked(data)
    except InputError:
        return True
    return False


def flipped(data: bytes, bit: int) -> bytes:
    """Return bytes with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_the_form_of_a_manifest() -> None:
    """It is canonical JSON; the leaves of its tree are what it follows, and its entries."""
    stated = (
        f'{{"path":"verdicts.jsonl","sha256":"{"e" * 64}","size":1}}',
        f'{{"path":"trace.json","sha256":"{"f" * 64}","size":22}}',
    )
    members = [Entry("verdicts.jsonl", "e" * 64, 1), Entry("trace.json", "f" * 64, 22)]
    leaves = [b'{"previous":null}', *(entry.encode() for entry in stated)]
    root = f"sha256:{merkle_root(leaves)}"

    assert root_of(members, None) == root
    assert b"".join(write_manifest(members, None)).decode() == (
        f'{{"members":[{stated[0]},{stated[1]}],"previous":null,"root":"{root}",'
        '"schema":"urn:worthwatch:storage-compliance:bundle:1"}'
    )


def test_a_bundle_is_as_its_manifest_says() -> None:
    """What was written is read, and holds; with a Sigstore bundle as its attestation, too."""
    stated = Manifest(tuple(entries(MEMBERS)), root_of(entries(MEMBERS), ROOT), ROOT)
    first = bundle(manifest=b"".join(write_manifest(entries(MEMBERS), None)))
    *rest, last = bundle().items()

    assert checked(written(bundle())) == stated
    assert checked(written(first)) == Manifest(stated.members, root_of(stated.members, None), None)
    assert checked(written(dict([*rest, ("attestation.sigstore.json", last[1])]))) == stated


def test_all_names_of_a_bundle() -> None:
    """Every member that a bundle can have may be stated."""
    names = (
        f"templates/{DIGEST}.json constructs/{DIGEST}.json contexts.jsonl verdicts.jsonl externals.json "
        "provenance.json trace.json waivers.json proof.json sbom.cdx.json specs/a/spec.md specs/a-b/C.d/spec.md "
        "specs/reviewed.toml reports/assessment-results.oscal.json reports/component-definition.oscal.json "
        "reports/findings.sarif reports/junit.xml reports/ctrf.json reports/trace.html"
    ).split()

    manifest = checked(written(bundle({name: name.encode() for name in names})))

    assert [entry.path for entry in manifest.members] == names


def test_no_flipped_bit_is_accepted() -> None:
    """Of a bundle's bits, each in turn was changed: names, contents, manifest, attestation, headers, all of it."""
    data = written(bundle())

    assert [bit for bit in range(len(data) * 8) if not is_refused(flipped(data, bit))] == []


def test_what_only_a_signature_tells() -> None:
    """One bit of a member's contents is changed, and all that the container says of it is mended.

    The manifest still tells, but of the attestation.
    """
    members = bundle()
    accepted = {
        (path, bit)
        for path, data in members.items()
        for bit in range(len(data) * 8)
        if not is_refused(written(members | {path: flipped(data, bit)}))
    }
    assert accepted == {("attestation.json", bit) for bit in range(len(ATTESTATION) * 8)}


def test_a_forged_manifest_is_for_the_signature_to_tell() -> None:
    """Who makes contents and manifest anew makes what holds together: hence the attestation."""
    forged = MEMBERS | {"verdicts.jsonl": b"{}\n"}

    assert checked(written(bundle(forged))).members == tuple(entries(forged))


def test_every_truncation_is_refused() -> None:
    """A bundle that was cut off anywhere is refused."""
    data = written(bundle())

    assert [end for end in range(len(data)) if not is_refused(data[:end])] == []


FIRST = f"templates/{DIGEST}.json"


def reordered(members: Mapping[str, bytes], *order: str) -> dict[str, bytes]:
    """Return members in an order, the rest after them."""
    return {path: members[path] for path in (*order, *members)}


MEMBERS_REFUSED: dict[str, tuple[Mapping[str, bytes], str]] = {
    "missing": (
        {path: data for path, data in bundle().items() if path != "verdicts.jsonl"},
        "b.zip: the member 'verdicts.jsonl' is missing; the manifest states it",
    ),
    "added": (
        {"trace.json": b"{}", **bundle()},
        "b.zip: the member 'trace.json' is not stated in the manifest",
    ),
    "another order": (
        reordered(bundle(), "verdicts.jsonl"),
        "b.zip: the members are in another order than the manifest states, or it states one twice",
    ),
    "stated twice": (
        bundle(manifest=b"".join(write_manifest([*entries(MEMBERS), *entries(MEMBERS)], None))),
        "b.zip: the members are in another order than the manifest states, or it states one twice",
    ),
    "renamed": (
        {path.replace("verdicts", "contexts"): data for path, data in bundle().items()},
        "b.zip: the member 'verdicts.jsonl' is missing; the manifest states it",
    ),
    "longer": (
        bundle() | {FIRST: TEMPLATE + b"\n"},
        f"b.zip: {FIRST}: has 18 bytes; the manifest states 17",
    ),
    "changed": (
        bundle() | {FIRST: TEMPLATE[:-1] + b" "},
        f"b.zip: {FIRST}: its SHA-256 is {hashlib.sha256(TEMPLATE[:-1] + b' ').hexdigest()}; "
        f"the manifest states {DIGEST}: it has been changed",
    ),
    "swapped spec": (
        bundle() | {"specs/storage/spec.md": b"# T\n"},
        f"b.zip: specs/storage/spec.md: its SHA-256 is {hashlib.sha256(b'# T' + bytes([10])).hexdigest()}; "
        f"the manifest states {hashlib.sha256(MEMBERS['specs/storage/spec.md']).hexdigest()}: it has been changed",
    ),
    "another bundle's manifest": (
        bundle(manifest=bundle({"trace.json": b"{}"})["manifest.json"]),
        "b.zip: the member 'trace.json' is missing; the manifest states it",
    ),
    "no manifest": (MEMBERS, "b.zip: has no member 'manifest.json'"),
    "no members": ({}, "b.zip: has no member 'manifest.json'"),
    "no attestation": ({path: data for path, data in bundle().items() if path != "attestation.json"}, NO_END),
    "attestation first": (reordered(bundle(), "attestation.json"), NO_END),
    "two attestations": (bundle() | {"attestation.sigstore.json": b"{}"}, NO_END),
    "manifest first": (reordered(bundle(), "manifest.json"), NO_END),
    "something after": (bundle() | {"trace.json": b"{}"}, NO_END),
}


@pytest.mark.parametrize("case", MEMBERS_REFUSED)
def test_members_that_are_not_as_stated(case: str) -> None:
    """Each difference is named."""
    members, message = MEMBERS_REFUSED[case]

    assert refusal(members) == message


def stating(**changes: object) -> bytes:
    """Return a manifest with other values for some keys; those of its first member begin with `first_`."""
    document: dict[str, Any] = {
        "members": [asdict(entry) for entry in entries(MEMBERS)],
        "previous": None,
        "root": root_of(entries(MEMBERS), None),
        "schema": "urn:worthwatch:storage-compliance:bundle:1",
    }
    for key, value in changes.items():
        if key.startswith("first_"):
            document["members"][0][key.removeprefix("first_")] = value
        else:
            document[key] = value
    return canonical(document)


def without(key: str) -> bytes:
    """Return a manifest that lacks a key."""
    document = json.loads(stating())
    del document[key]
    return canonical(document)


MANIFESTS: dict[str, tuple[bytes, str]] = {
    "not canonical": (
        stating() + b"\n",
        f"not in canonical form from byte {len(stating()) + 1} on; expected that of RFC 8785: each key once and in "
        "order, no spaces, the shortest escapes and numbers",
    ),
    "not JSON": (b"<", "not valid JSON at character 1: Expecting value"),
    "list": (b"[]", FORM),
    "empty": (b"{}", FORM),
    "more keys": (stating(more=1), FORM),
    "no root": (without("root"), FORM),
    "no previous": (without("previous"), FORM),
    "no schema": (without("schema"), FORM),
    "schema of another type": (stating(schema=1), FORM),
    "members of another type": (stating(members={}), FORM),
    "later schema": (
        stating(schema="urn:worthwatch:storage-compliance:bundle:2", more=1),
        "$.schema: found 'urn:worthwatch:storage-compliance:bundle:2'; "
        "expected 'urn:worthwatch:storage-compliance:bundle:1'",
    ),
    "root of another type": (stating(root=None), f"$.root: {NO_ROOT}"),
    "root without its kind": (stating(root="a" * 64), f"$.root: {NO_ROOT}"),
    "root in capitals": (stating(root=f"sha256:{'A' * 64}"), f"$.root: {NO_ROOT}"),
    "previous and more": (stating(previous=f"{ROOT}\n"), f"$.previous: {NO_ROOT}"),
    "previous of another type": (stating(previous=False), f"$.previous: {NO_ROOT}"),
    "another root": (
        stating(root=ROOT),
        f"$.root: found '{ROOT}'; the Merkle root of its members is '{root_of(entries(MEMBERS), None)}'",
    ),
    "another digest": (
        stating(first_sha256="0" * 64),
        f"$.root: found '{root_of(entries(MEMBERS), None)}'; the Merkle root of its members is "
        f"'{root_of([Entry(FIRST, '0' * 64, 17), *entries(MEMBERS)[1:]], None)}'",
    ),
    "member of another type": (stating(members=["a"]), NO_ENTRY),
    "member with more keys": (stating(first_more=1), NO_ENTRY),
    "digest in capitals": (
        stating(first_sha256="A" * 64),
        f"$.members[0].sha256: found '{'A' * 57}...'; {NO_DIGEST}",
    ),
    "digest with its kind": (
        stating(first_sha256=f"sha256:{DIGEST}"),
        f"$.members[0].sha256: found 'sha256:{DIGEST[:50]}...'; {NO_DIGEST}",
    ),
    "size of true": (stating(first_size=True), "$.members[0].size: found True; expected a number of bytes"),
    "negative size": (stating(first_size=-1), "$.members[0].size: found -1; expected a number of bytes"),
    "size in text": (stating(first_size="17"), NO_ENTRY),
    "size in part": (stating(first_size=1.5), NO_ENTRY),
    "size beyond integers": (stating(first_size=1e30), NO_ENTRY),
}


@pytest.mark.parametrize("case", MANIFESTS)
def test_manifests_that_are_none(case: str) -> None:
    """Each is refused with the place and what was expected there."""
    manifest, message = MANIFESTS[case]

    assert refusal(bundle(manifest=manifest)) == f"b.zip: manifest.json: {message}"


NAMES = [
    *("manifest.json", "attestation.json", "attestation.sigstore.json", "notes.txt", "../trace.json", "trace.json\n"),
    *(f"templates/{'A' * 64}.json", "templates/a.json", f"templates/{DIGEST}.yaml", f"templates/x/{DIGEST}.json"),
    *(
        "specs/spec.md",
        "specs/../spec.md",
        "specs/.a/spec.md",
        "specs/a/SPEC.md",
        "reports/other.json",
        "Trace.json",
        "",
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_no_member(name: str) -> None:
    """A manifest states the members that a bundle can have."""
    message = refusal(bundle(manifest=stating(first_path=name)))

    assert message.startswith("b.zip: manifest.json: $.members[0].path: found '")
    assert message.endswith("', which no member of a bundle is named")


def test_a_manifest_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is larger than any can be is not read."""
    monkeypatch.setattr("evidence.bundle.manifest.MAX_BYTES", 100)

    assert (
        refusal(bundle())
        == f"b.zip: manifest.json: has {len(bundle()['manifest.json'])} bytes; the limit for it is 100"
    )
