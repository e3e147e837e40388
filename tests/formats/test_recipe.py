"""The recipe of docs/verify-evidence.md: the very script, run on bundles that were changed and one that was not."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence.bundle.keys import key_id
from evidence.bundle.manifest import MANIFEST
from evidence.bundle.verify import ATTESTATION
from evidence.record import Standing
from tests.evidence.bundle.bundles import KEY, OTHER, SPEC, manifest, members, signed, write
from tests.evidence.records import record

DOCUMENT = Path(__file__).parents[2] / "docs" / "verify-evidence.md"
MEMBERS = members()
BUNDLE = signed(MEMBERS)
KEY_ID = key_id(KEY.public_key())


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(held: Mapping[str, bytes] | None, key: Ed25519PrivateKey = KEY) -> tuple[int, str, str]:
    """Run the script on a bundle of members, or on that which is there; return exit code, stdout and stderr."""
    if held is not None:
        write(Path("a bundle.zip"), held)
    (script,) = re.findall(r"^```bash\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    Path("verify.sh").write_text(script, encoding="utf-8")
    Path("signing.pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    shutil.rmtree("out", ignore_errors=True)
    command = ["bash", "verify.sh", "a bundle.zip", "signing.pub", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- words of our own
    return done.returncode, done.stdout, done.stderr


def refused(held: Mapping[str, bytes] | None, key: Ed25519PrivateKey = KEY) -> str:
    """Return the last that the script says of a bundle that it refuses."""
    code, told, problem = run(held, key)
    assert (code != 0, "verified" in told) == (True, False)
    return problem.splitlines()[-1]


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


def test_it_refuses_what_is_no_bundle() -> None:
    """Links, members that stand twice, and what leads outside: the tools themselves would take them."""
    Path("spec.md").write_bytes(MEMBERS[SPEC])
    linked = zipfile.ZipInfo(SPEC)
    linked.external_attr = 0o120777 << 16
    with zipfile.ZipFile("a bundle.zip", "w") as archive:
        for path, data in BUNDLE.items():
            archive.writestr(linked if path == SPEC else path, b"../../../../spec.md" if path == SPEC else data)
    assert refused(None) == "does not verify: a member is no file"
    for name in ("../outside", SPEC):
        write(Path("a bundle.zip"), BUNDLE)
        with zipfile.ZipFile("a bundle.zip", "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a name stands twice
            archive.writestr(name, b"x")
        assert refused(None) == f"does not verify: members are missing or more: > {name}"
    assert not Path("outside").exists()
