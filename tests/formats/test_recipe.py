"""The recipe of docs/verify-evidence.md: the very script, run on bundles that were changed and one that was not."""

from __future__ import annotations

import base64
import json
import re
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence.bundle.dsse import sign
from evidence.bundle.keys import key_id
from evidence.bundle.manifest import MANIFEST
from evidence.bundle.statement import PAYLOAD_TYPE
from evidence.bundle.verify import ATTESTATION
from evidence.record import Standing
from tests.evidence.bundle.bundles import KEY, OTHER, SPEC, manifest, members, signed, write
from tests.evidence.records import record

DOCUMENT = Path(__file__).parents[2] / "docs" / "verify-evidence.md"
MEMBERS = members()
BUNDLE = signed(MEMBERS)
KEY_ID = key_id(KEY.public_key())
ENVELOPE = BUNDLE[ATTESTATION]
PAYLOAD = json.loads(ENVELOPE)["payload"].encode()
SIGNATURE = json.loads(ENVELOPE)["signatures"][0]["sig"].encode()
NOT_PLAIN = "does not verify: a member is no plain file, stored as it is: "
NAMED = Path("[a] bundle.zip")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def zipped(held: Mapping[str, bytes] = BUNDLE) -> bytes:
    """Return the archive of members."""
    return write(NAMED, held).read_bytes()


def run(bundle: Mapping[str, bytes] | bytes, key: Ed25519PrivateKey = KEY) -> tuple[int, str, str]:
    """Run the script on a bundle, given as its members or as the bytes of it; return exit code, stdout and stderr."""
    NAMED.write_bytes(bundle if isinstance(bundle, bytes) else zipped(bundle))
    (script,) = re.findall(r"^```bash\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    Path("verify.sh").write_text(script, encoding="utf-8")
    Path("signing.pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    shutil.rmtree("out", ignore_errors=True)
    command = ["bash", "verify.sh", str(NAMED), "signing.pub", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- words of our own
    return done.returncode, done.stdout, done.stderr


def refused(bundle: Mapping[str, bytes] | bytes, key: Ed25519PrivateKey = KEY) -> str:
    """Return the last that the script says of a bundle that it refuses."""
    code, told, problem = run(bundle, key)
    assert (code != 0, "verified" in told) == (True, False)
    return problem.splitlines()[-1]


def attested(envelope: bytes) -> dict[str, bytes]:
    """Return the bundle with another envelope."""
    return BUNDLE | {ATTESTATION: envelope}


def largest() -> int:
    """Return the size of the largest file that the script wrote."""
    return max(path.lstat().st_size for path in Path("out").rglob("*"))


def test_it_verifies() -> None:
    """A bundle as it was made verifies, and its members are there to be read."""
    assert run(BUNDLE) == (0, f'verified: 4 members; "result":"PASSED"; the key is {KEY_ID}\n', "")
    assert {path: Path("out/members", path).read_bytes() for path in MEMBERS} == MEMBERS
    assert Path("out/manifest.json").read_bytes() == BUNDLE[MANIFEST]


def test_it_tells_the_result() -> None:
    """What failed verifies, and is said to have failed."""
    failed = signed(MEMBERS, judged=record(Standing.UNDETERMINED))
    assert run(failed) == (0, f'verified: 4 members; "result":"FAILED"; the key is {KEY_ID}\n', "")


def test_it_refuses_another_key() -> None:
    """Another key than the one that signed, and another signature than that key's."""
    told = "does not verify: the signature is not this key's, or not on this statement"
    assert [refused(BUNDLE, OTHER), refused(signed(MEMBERS, key=OTHER))] == [told, told]


def test_it_refuses_what_was_changed() -> None:
    """A member, with or without the manifest made again; a member more, or missing."""
    swapped = MEMBERS | {SPEC: b"Anything goes.\n"}
    again = {**swapped, MANIFEST: manifest(swapped), ATTESTATION: BUNDLE[ATTESTATION]}
    more = {**MEMBERS, "waivers.json": b"{}", MANIFEST: BUNDLE[MANIFEST], ATTESTATION: BUNDLE[ATTESTATION]}
    less = {path: data for path, data in BUNDLE.items() if path != SPEC}
    assert [refused(one) for one in (BUNDLE | swapped, again, more, less)] == [
        "does not verify: a member has been changed",
        "does not verify: manifest.json is not the one that was signed",
        "does not verify: members are missing or more: > waivers.json",
        f"does not verify: members are missing or more: < {SPEC}",
    ]


def test_it_refuses_a_statement_without_a_result() -> None:
    """One that its key signed, but that does not say how it went."""
    said = base64.b64decode(PAYLOAD).replace(b'"result":"PASSED",', b"")
    assert refused(attested(sign(said, PAYLOAD_TYPE, KEY))) == "does not verify: the statement tells no result"


def test_it_refuses_a_name_that_nothing_signs() -> None:
    """The id of another key than the one that signed, though the signature is good."""
    told = f"does not verify: attestation.json names another key than {KEY_ID}, or has another form"
    others = (key_id(OTHER.public_key()), "sha256:" + "0" * 64, KEY_ID.upper())
    assert [refused(attested(ENVELOPE.replace(KEY_ID.encode(), one.encode()))) for one in others] == [told] * 3


@pytest.mark.parametrize(
    "envelope",
    [
        b'{"payload":"forged"}\n' + ENVELOPE,
        ENVELOPE + b"\n",
        ENVELOPE + b"\nA second line.\n",
        b"\0\n" + ENVELOPE,
        ENVELOPE + b"\0",
        b"\xef\xbb\xbf" + ENVELOPE,
        ENVELOPE.replace(b",", b", "),
        ENVELOPE.replace(b"}]}", b'}],"x":1}'),
        ENVELOPE.replace(PAYLOAD, PAYLOAD + b"===="),
        ENVELOPE.replace(PAYLOAD, PAYLOAD[:64] + b"\n" + PAYLOAD[64:]),
        ENVELOPE.replace(SIGNATURE, SIGNATURE[:-2]),
        ENVELOPE.replace(SIGNATURE, SIGNATURE + b"=="),
        ENVELOPE.replace(SIGNATURE, SIGNATURE[:-3] + bytes([SIGNATURE[-3] + 1]) + b"=="),
        ENVELOPE.replace(SIGNATURE, b""),
        b"",
        b"@" * 99,
    ],
)
def test_it_refuses_another_form_of_the_envelope(envelope: bytes) -> None:
    """What is before, after or between its parts, and another base64 of the same bytes."""
    assert refused(attested(envelope)) in (
        f"does not verify: attestation.json names another key than {KEY_ID}, or has another form",
        "does not verify: the signature is not this key's, or not on this statement",
    )


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o104755, 0o100000])
def test_it_refuses_what_is_no_plain_file(mode: int) -> None:
    """Links, folders, and permissions that a bundle does not give."""
    plain, other = (struct.pack("<L", attributes << 16) for attributes in (0o100644, mode))
    assert refused(zipped().replace(plain, other, 1)).startswith(NOT_PLAIN)


def test_it_refuses_names_that_lead_elsewhere() -> None:
    """A member outside the folder, and one that stands twice: the tools themselves would take them."""
    assert refused(zipped(BUNDLE | {"up/outside": b"x"}).replace(b"up/outside", b"../outside")).startswith(NOT_PLAIN)
    assert not Path("outside").exists()
    twin = SPEC.replace("storage", "2torage")
    twice = zipped(BUNDLE | {twin: b"x"}).replace(twin.encode(), SPEC.encode())
    assert refused(twice) == f"does not verify: members are missing or more: > {SPEC}"


def test_it_refuses_other_bytes() -> None:
    """What stands before the members, between them and their directory, after that, or in a comment."""
    good = zipped()
    (start,) = struct.unpack("<L", good[-6:-2])
    between = good[:start] + b"junk" + good[start:-6] + struct.pack("<LH", start + 4, 0)
    comment = good[:-2] + struct.pack("<H", 4) + b"junk"
    assert [refused(one) for one in (b"junk" + good, between, good + b"junk", comment)] == [
        "does not verify: it is no zip, or has other bytes before its members",
        *["does not verify: it has other bytes than its members and their directory"] * 3,
    ]


def test_it_refuses_bombs() -> None:
    """A member that inflates, whether the directory says so or not, is refused before it is on the disk."""
    zeros = bytes(10_000_000)
    with zipfile.ZipFile(NAMED, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in attested(zeros).items():
            told = zipfile.ZipInfo(path)
            told.external_attr = 0o100644 << 16
            archive.writestr(told, data, zipfile.ZIP_DEFLATED)
    assert refused(NAMED.read_bytes()).startswith(NOT_PLAIN)
    assert largest() < 2_000
    deflated = zlib.compress(zeros, wbits=-15)
    hidden = bytearray(zipped(attested(deflated)))
    header = hidden.index(ATTESTATION.encode() + deflated) - 30
    hidden[header + 8 : header + 10] = struct.pack("<H", zipfile.ZIP_DEFLATED)
    assert refused(bytes(hidden)) == "does not verify: members are damaged, or larger than the bundle"
    assert largest() < 2_000


def test_it_reads_the_file_that_is_named() -> None:
    """Its name is no pattern, which unzip would take for that of a good bundle beside it."""
    write(Path("a bundle.zip"), BUNDLE)
    assert refused(BUNDLE | {SPEC: b"Anything goes.\n"}) == "does not verify: a member has been changed"


def test_it_refuses_what_is_no_zip() -> None:
    """An empty file, and one that was cut off."""
    told = "does not verify: it is no zip, or has other bytes before its members"
    assert [refused(one) for one in (b"", zipped()[:-30])] == [told, told]
