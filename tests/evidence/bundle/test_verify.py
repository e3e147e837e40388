"""Verifying: what holds of a bundle, and that nothing holds of one in which anything was changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.bundle import dsse
from evidence.bundle.archive import Entry, open_archive
from evidence.bundle.canonical import canonical
from evidence.bundle.dsse import sign
from evidence.bundle.keys import key_id
from evidence.bundle.manifest import MANIFEST, root_of
from evidence.bundle.statement import PAYLOAD_TYPE
from evidence.bundle.verify import (
    ATTESTATION,
    PROVENANCE,
    SIGSTORE_ATTESTATION,
    Verified,
    parse_age,
    signed_by,
    signed_with_sigstore,
    verify,
)
from evidence.provenance import document
from evidence.record import Standing
from policies.reading import InputError, printable
from tests.evidence.bundle.bundles import (
    KEY,
    OTHER,
    SPEC,
    manifest,
    members,
    signed,
    statement_on,
    template,
    write,
)
from tests.evidence.records import PROVENANCE as MADE
from tests.evidence.records import record

PUBLIC = KEY.public_key()
TIME = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEMBERS = members()
BUNDLE = signed(MEMBERS)
TEMPLATE = next(iter(template()))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def verified(
    held: Mapping[str, bytes],
    *,
    key: Ed25519PrivateKey = KEY,
    max_age: timedelta | None = None,
    previous: Path | None = None,
    now: datetime = TIME,
) -> Verified:
    """Return what holds of a bundle of these members."""
    with open_archive(write(Path("b.zip"), held)) as archive:
        return verify(archive, signed_by(key.public_key()), max_age=max_age, previous=previous, now=now)


def problem(held: Mapping[str, bytes], **options: Any) -> str:
    """Return what is said of a bundle of these members."""
    with pytest.raises(InputError) as error:
        verified(held, **options)
    return str(error.value)


def root(held: Mapping[str, bytes], previous: str | None = None) -> str:
    """Return the root of members."""
    return root_of((Entry(path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in held.items()), previous)


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("standing", Standing)
def test_what_holds(standing: Standing) -> None:
    """Who signed, the root, time and commit, how much there is, and the result, which may be that it failed."""
    assert verified(signed(MEMBERS, judged=record(standing))) == Verified(
        signer=key_id(PUBLIC),
        root=root(MEMBERS),
        previous=None,
        time=TIME,
        commit=MADE.commit,
        modified=False,
        members=4,
        templates=1,
        result={Standing.COMPLIANT: "PASSED", Standing.WAIVED: "WARNED"}.get(standing, "FAILED"),
        standings={f"storage#table-keys/it-is-{standing}": standing},
        alerts={},
        problems=(),
    )


def test_another_key() -> None:
    """What another key signed, is told; so is a bundle whose members another key signed again."""
    told = f"b.zip: attestation.json: signed by another key: {key_id(OTHER.public_key())}; the key to verify with is "
    assert problem(signed(MEMBERS, key=OTHER)) == told + key_id(PUBLIC)
    assert problem(signed({**MEMBERS, SPEC: b"Anything goes.\n"}, key=OTHER)) == told + key_id(PUBLIC)
    assert verified(signed(MEMBERS, key=OTHER), key=OTHER).signer == key_id(OTHER.public_key())


def test_the_signature_of_another_bundle() -> None:
    """An attestation by the same key on another bundle signs another manifest."""
    other = signed(members(matrix="full"))
    assert problem(BUNDLE | {ATTESTATION: other[ATTESTATION]}) == (
        f"b.zip: manifest.json: not the manifest that was signed: its SHA-256 is {digest(BUNDLE[MANIFEST])}, "
        f"what was signed is {digest(other[MANIFEST])}"
    )


def test_a_swapped_spec() -> None:
    """A member cannot be replaced: not alone, and not with a manifest made again."""
    swapped = MEMBERS | {SPEC: b"The table MAY have keys.!\n\n"}
    assert problem(BUNDLE | swapped) == (
        f"b.zip: {SPEC}: its SHA-256 is {digest(swapped[SPEC])}; the manifest states {digest(MEMBERS[SPEC])}: "
        "it has been changed"
    )
    again = {**swapped, MANIFEST: manifest(swapped), ATTESTATION: BUNDLE[ATTESTATION]}
    assert problem(again) == (
        f"b.zip: manifest.json: not the manifest that was signed: its SHA-256 is {digest(again[MANIFEST])}, "
        f"what was signed is {digest(BUNDLE[MANIFEST])}"
    )


def test_a_member_missing_or_more() -> None:
    """None is missing, none is more, and none is elsewhere."""
    without = {path: data for path, data in BUNDLE.items() if path != SPEC}
    more = {**MEMBERS, "waivers.json": b"{}", MANIFEST: BUNDLE[MANIFEST], ATTESTATION: BUNDLE[ATTESTATION]}
    first, *rest = MEMBERS
    moved = {path: BUNDLE[path] for path in (*rest, first, MANIFEST, ATTESTATION)}
    assert [problem(one) for one in (without, more, moved)] == [
        f"b.zip: the member '{SPEC}' is missing; the manifest states it",
        "b.zip: the member 'waivers.json' is not stated in the manifest",
        "b.zip: the members are in another order than the manifest states, or it states one twice",
    ]


def test_unsigned() -> None:
    """Without an attestation, and with one of another kind, nothing holds; nor without a manifest."""
    unsigned = {**MEMBERS, MANIFEST: BUNDLE[MANIFEST]}
    keyless = unsigned | {SIGSTORE_ATTESTATION: b"{}"}
    told = "b.zip: has no attestation.json: it was signed with Sigstore, if at all"
    assert [problem(unsigned), problem(keyless)] == [told, told]
    path, unseal = write(Path("b.zip"), BUNDLE), signed_with_sigstore("someone", "somewhere", None)
    with pytest.raises(InputError) as error, open_archive(path) as archive:
        verify(archive, unseal, max_age=None, previous=None, now=TIME)
    assert str(error.value) == "b.zip: has no attestation.sigstore.json: it was signed with a key, if at all"
    assert problem({**MEMBERS, ATTESTATION: BUNDLE[ATTESTATION]}) == "b.zip: has no member 'manifest.json'"
    assert problem({**BUNDLE, SIGSTORE_ATTESTATION: b"{}"}) == (
        "b.zip: does not end with manifest.json and attestation.json or attestation.sigstore.json"
    )


def attested(change: Callable[[dict[str, Any]], object], held: Mapping[str, bytes] = MEMBERS) -> dict[str, bytes]:
    """Return a bundle whose statement was changed before it was signed."""
    said: Any = statement_on(held, manifest(held), record(Standing.COMPLIANT))
    change(said)
    return {**signed(held), ATTESTATION: sign(canonical(said), PAYLOAD_TYPE, KEY)}


def test_subjects_that_are_not_the_templates() -> None:
    """The signer's own statement must be on the manifest first, then on each template, once and in order."""
    two = {**template(b'{"Resources":{"A":{}}}'), **MEMBERS}
    extra = {"name": "templates/x.json", "digest": {"sha256": "0" * 64}}
    told = "b.zip: the statement that is signed: its subjects are not the manifest and the templates that this holds, "
    assert [
        problem(attested(lambda said: said["subject"].append(extra))),
        problem(attested(lambda said: said["subject"].pop())),
        problem(attested(lambda said: said["subject"].append(said["subject"][1]))),
        problem(attested(lambda said: said["subject"].reverse(), two)),
        problem(attested(lambda said: said["subject"].pop(0))).partition(":")[2].partition(",")[2],
        problem(attested(lambda said: said["subject"].clear())).partition(":")[2].partition(",")[2],
    ] == [
        told + "such as 'templates/x.json'",
        told + f"such as '{TEMPLATE[:57]}...'",
        told + "each once and in that order",
        told + "each once and in that order",
        " what was signed is that of no manifest",
        " what was signed is that of no manifest",
    ]


def test_a_template_under_another_name() -> None:
    """A template is named by its digest, which its signer cannot state otherwise."""
    name = f"templates/{'0' * 64}.json"
    assert (
        problem(signed({name: b"{}", **MEMBERS}))
        == f"b.zip: {name}: not named by its SHA-256, which is {digest(b'{}')}"
    )


def test_a_root_that_is_not_the_members() -> None:
    """The signer's own manifest must state the root of its members."""
    listed = json.loads(manifest(MEMBERS)) | {"root": f"sha256:{'0' * 64}"}
    data = canonical(listed)
    said = canonical(statement_on(MEMBERS, data, record(Standing.COMPLIANT)))
    wrong = {**MEMBERS, MANIFEST: data, ATTESTATION: sign(said, PAYLOAD_TYPE, KEY)}
    assert problem(wrong) == (
        f"b.zip: manifest.json: $.root: found 'sha256:{'0' * 64}'; the Merkle root of its members is '{root(MEMBERS)}'"
    )


@pytest.mark.parametrize(
    "stated", [{"commit": None}, {"commit": "f" * 40}, {"modified": True}, {"suite": f"sha256:{'f' * 64}"}]
)
def test_a_statement_that_contradicts_the_provenance(stated: dict[str, object]) -> None:
    """Commit, specs, rules, stack and suite are stated twice, and are the same."""
    assert problem(signed(members(**stated))) == (
        "b.zip: the statement that is signed: names another commit, specs, rules, stack or suite than provenance.json; "
        "it contradicts that"
    )


def test_a_bundle_of_no_commit() -> None:
    """Outside a repository there is no commit to name; one that files differ from is said to be modified."""
    for other in ({"commit": None}, {"modified": True}, {"commit": "f" * 64}):
        made = replace(MADE, **other)
        holds = verified(signed(members(**other), judged=record(Standing.COMPLIANT, provenance=made)))
        assert (holds.commit, holds.modified) == (made.commit, made.modified)


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"commit": "main"}, "$.commit: expected 40 or 64 hexadecimal digits in lower case, or null"),
        ({"time": "now"}, "$.time: expected a time in UTC such as 2026-11-22T12:00:00Z"),
        ({"time": None}, "$.time: expected a time in UTC such as 2026-11-22T12:00:00Z"),
    ],
)
def test_provenance_that_cannot_be_read(stated: dict[str, object], told: str) -> None:
    """A bundle that does not say rightly of what and when it is, though it is signed, holds for nothing."""
    assert problem(signed(members(**stated))) == f"b.zip: provenance.json: {told}"


def test_no_provenance() -> None:
    """Nor does one that does not say it at all."""
    without = {path: data for path, data in MEMBERS.items() if path != PROVENANCE}
    assert problem(signed(without)) == "b.zip: has no member 'provenance.json'"
    timeless = {name: value for name, value in document(MADE).items() if name != "time"}
    assert problem(signed({**MEMBERS, PROVENANCE: canonical(timeless)})) == (
        "b.zip: provenance.json: expected an object with the keys basis, commit, matrix, modified, node, python, "
        "schema, suite, time, version, and no other"
    )


def test_the_age() -> None:
    """It may be as old as it is said to be, and no older."""
    day = timedelta(days=1)
    assert verified(BUNDLE, max_age=day, now=TIME + day) == verified(BUNDLE)
    assert verified(BUNDLE, now=TIME + 40_000 * day) == verified(BUNDLE)
    assert problem(BUNDLE, max_age=day, now=TIME + day + timedelta(seconds=1)) == (
        "b.zip: provenance.json: of 2026-11-22T12:00:00Z; --max-age accepts nothing from before 2026-11-22T12:00:01Z"
    )


def test_a_bundle_of_the_future() -> None:
    """Clocks may differ by five minutes; what is later than that never gets old, and is refused."""
    early = TIME - timedelta(minutes=5)
    assert verified(BUNDLE, max_age=timedelta(hours=1), now=early) == verified(BUNDLE)
    told = (
        "b.zip: provenance.json: of 2026-11-22T12:00:00Z, which is yet to come: by the clock of this machine it is "
        "2026-11-22T11:54:59Z; is that right?"
    )
    late = early - timedelta(seconds=1)
    assert [problem(BUNDLE, now=late), problem(BUNDLE, now=late, max_age=timedelta(weeks=9))] == [told, told]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("2w", timedelta(weeks=2)),
        ("999999w", timedelta(weeks=999_999)),
    ],
)
def test_an_age(text: str, age: timedelta) -> None:
    """Hours, days and weeks; the longest is longer than time is."""
    assert parse_age(text) == age
    assert verified(BUNDLE, max_age=parse_age("999999w")) == verified(BUNDLE)


@pytest.mark.parametrize(
    "text",
    ["", "90", "d", "0d", "-1d", "1.5d", "90 d", "90D", "1m", "1y", "1d12h", "9999999d", "1d\n", "P1D"],
)
def test_no_age(text: str) -> None:
    """Anything else is told, a month or minute being no unit."""
    with pytest.raises(InputError) as error:
        parse_age(text)
    assert str(error.value) == (
        f"--max-age: found '{printable(text)}'; expected a number and h, d or w for hours, days or weeks, such as 90d"
    )


def test_a_chain() -> None:
    """A bundle follows the one whose root it names; that one's members are looked at, its signature is not."""
    before = signed(MEMBERS, key=OTHER)
    after = signed(MEMBERS, previous=root(MEMBERS))
    assert verified(after, previous=write(Path("a.zip"), before)).previous == root(MEMBERS)
    assert verified(after).previous == root(MEMBERS)
    assert problem(signed(MEMBERS), previous=Path("a.zip")) == (
        "b.zip: manifest.json: names no previous bundle, yet a.zip is given as that; leave out --previous"
    )
    other = MEMBERS | {SPEC: b"Anything goes.\n"}
    assert problem(after, previous=write(Path("a.zip"), signed(other))) == (
        f"a.zip: another bundle was the previous one: the root of that is {root(MEMBERS)}, of this {root(other)}"
    )
    of_another_chain = root(MEMBERS, f"sha256:{'a' * 64}")
    assert problem(after, previous=write(Path("a.zip"), signed(MEMBERS, previous=f"sha256:{'a' * 64}"))) == (
        f"a.zip: another bundle was the previous one: the root of that is {root(MEMBERS)}, of this {of_another_chain}"
    )
    changed = MEMBERS | {SPEC: MEMBERS[SPEC].upper()}
    assert problem(after, previous=write(Path("a.zip"), BUNDLE | changed)) == (
        f"a.zip: {SPEC}: its SHA-256 is {digest(changed[SPEC])}; the manifest states {digest(MEMBERS[SPEC])}: "
        "it has been changed"
    )
    assert problem(after, previous=Path("none.zip")) == "none.zip: no such file; check the path"
    Path("a.zip").write_bytes(Path("a.zip").read_bytes()[:-1])
    assert problem(after, previous=Path("a.zip")).startswith("a.zip: does not end as a bundle does")


def refused(path: Path) -> bool:
    """Return whether a file is refused as bad input is."""
    try:
        with open_archive(path) as archive:
            verify(archive, signed_by(PUBLIC), max_age=None, previous=None, now=TIME)
    except InputError as error:
        return str(error).startswith("b.zip: ")
    return False


def flipped(data: bytes) -> Iterator[bytes]:
    """Return the bytes as often as there are, each time with one bit flipped in the next; which, follows its place."""
    for place, byte in enumerate(data):
        yield data[:place] + bytes([byte ^ 1 << place * 5 % 8]) + data[place + 1 :]


def test_no_flip_verifies() -> None:
    """A bit flipped in any byte of a bundle, or the byte taken for another, is refused."""
    path = write(Path("b.zip"), BUNDLE)
    data = path.read_bytes()
    assert not refused(path)
    flips = [place for place, other in enumerate(flipped(data)) if path.write_bytes(other) and refused(path)]
    assert flips == [*range(len(data))]


def test_no_flip_verifies_whose_checksum_is_made_again() -> None:
    """Nor does one in any byte of what was signed if the archive is written anew around it: that takes no secret."""
    accepted = [
        (name, place)
        for name, data in BUNDLE.items()
        if name != ATTESTATION  # of which the next test flips every bit
        for place, other in enumerate(flipped(data))
        if not refused(write(Path("b.zip"), BUNDLE | {name: other}))
    ]
    assert accepted == []


def test_no_bit_of_the_attestation_is_free() -> None:
    """Each bit of the envelope counts: there is no other way to write the same signature."""
    data = BUNDLE[ATTESTATION]
    accepted = []
    for place, byte in enumerate(data):
        for bit in range(8):
            other = data[:place] + bytes([byte ^ 1 << bit]) + data[place + 1 :]
            with suppress(InputError):
                accepted.append((place, bit, dsse.verify(other, PAYLOAD_TYPE, PUBLIC, "a")))
    assert accepted == []


def test_nothing_cut_off_verifies() -> None:
    """A bundle that ends anywhere within is refused, and so is one that goes on."""
    path = write(Path("b.zip"), BUNDLE)
    data = path.read_bytes()
    others = (*(data[:length] for length in range(len(data))), data[1:], data + b"\0", b"\0" + data)
    assert [len(other) for other in others if path.write_bytes(other) == len(other) and not refused(path)] == []
