"""Keys to sign and verify with: how they are made, and what is refused in their place."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from evidence.bundle.keys import VARIABLE, generate, key_id, read_public_key, read_signing_key
from policies.reading import InputError

PRIVATE = "expected an Ed25519 private key in PEM (PKCS#8), as `storage-compliance evidence keygen` makes it"
PUBLIC = "expected an Ed25519 public key in PEM, the signing.pub that belongs to the signing key"
PRIME = 2**255 - 19
EIGHTH = 2707385501144840649318225287225658788936804267575313519463743609750303402022
"""The lesser y of the points of order 8."""
DAMAGED = b"-----BEGIN %s-----\nMC4CAQAwBQYDK2VwBCIE\n-----END %s-----\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def pem(key: PrivateKeyTypes, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: bytes = b"") -> bytes:
    """Return a private key as PEM."""
    return key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(passphrase) if passphrase else NoEncryption())


def public_pem(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    """Return the public key of a private one as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def point(y: int, sign: int) -> Ed25519PublicKey:
    """Return the key that stands for a point, by its y and the sign of its x."""
    return Ed25519PublicKey.from_public_bytes((y | sign << 255).to_bytes(32, "little"))


ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(32))
X25519 = X25519PrivateKey.from_private_bytes(bytes(32))
EC = derive_private_key(1, SECP256R1())


def openssl(*arguments: str | Path) -> bytes:
    """Return what `openssl pkey` prints."""
    command = ["openssl", "pkey", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 -- words of our own


def problem(path: Path, read: Callable[[Path], object]) -> str:
    """Return what is said of a file of keys."""
    with pytest.raises(InputError) as error:
        read(path)
    return str(error.value)


def test_a_pair_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    """The folder is made, only the owner may read the private key, and both files are of one key."""
    files = generate(Path("a/b"))
    assert files == (Path("a/b/signing.key"), Path("a/b/signing.pub"))
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600", "0o644"]
    assert key_id(read_signing_key("a/b/signing.key", {}).public_key()) == key_id(read_public_key(files[1]))
    assert capsys.readouterr().err == ""


def test_openssl_reads_them() -> None:
    """The private key gives the public one, and the id is the digest of its DER form."""
    private, public = generate(Path())
    assert openssl("-in", private, "-pubout") == public.read_bytes()
    der = openssl("-pubin", "-in", public, "-outform", "DER")
    assert key_id(read_public_key(public)) == f"sha256:{hashlib.sha256(der).hexdigest()}"


def test_a_wide_umask_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The private key is its owner's from the moment that there is a file."""
    modes = []
    fdopen = os.fdopen

    def watched(descriptor: int, mode: str) -> object:
        modes.append((os.fstat(descriptor).st_mode & 0o777, os.fstat(descriptor).st_size))
        return fdopen(descriptor, mode)

    monkeypatch.setattr(os, "fdopen", watched)
    before = os.umask(0)
    try:
        generate(Path())
    finally:
        os.umask(before)
    assert modes == [(0o600, 0), (0o644, 0)]


@pytest.mark.parametrize("name", ["signing.key", "signing.pub"])
@pytest.mark.parametrize("kind", ["file", "link", "dangling", "folder"])
def test_nothing_is_overwritten(name: str, kind: str) -> None:
    """What is there in the place of either file stays as it is, and no half of a pair is left."""
    path = Path("keys", name)
    path.parent.mkdir()
    Path("other").write_text("before", encoding="utf-8")
    match kind:
        case "file":
            path.write_text("before", encoding="utf-8")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("../other" if kind == "link" else "../nowhere")
    told = problem(Path("keys"), generate)
    assert told == f"keys/{name}: exists already, and a key is never overwritten; name another folder"
    assert [file.name for file in Path("keys").iterdir()] == [name]
    assert Path("other").read_text(encoding="utf-8") == "before"
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("file", "file: no folder can be made here: File exists"),
        ("file/keys", "file/keys: no folder can be made here: Not a directory"),
        ("/proc/keys\x1b", "/proc/keys\\x1b: no folder can be made here: No such file or directory"),
        ("/proc", "/proc/signing.key: cannot be written: No such file or directory"),
    ],
)
def test_a_folder_that_cannot_be(folder: str, told: str) -> None:
    """It is told where no keys can be written."""
    Path("file").touch()
    assert problem(Path(folder), generate) == told


def test_a_key_from_the_environment() -> None:
    """The text of a key is read where no file is named; a file that is named goes before it."""
    generate(Path())
    environment = {VARIABLE: pem(ED25519).decode()}
    assert pem(read_signing_key(None, environment)) == pem(ED25519)
    assert pem(read_signing_key("signing.key", environment)) == Path("signing.key").read_bytes()


@pytest.mark.parametrize("environment", [{}, {VARIABLE: ""}])
def test_no_key(environment: dict[str, str]) -> None:
    """It is told how to get one."""
    with pytest.raises(InputError) as error:
        read_signing_key(None, environment)
    assert str(error.value) == (
        "--key: there is no key to sign with; name its file, or put its text into the environment variable "
        "STORAGE_COMPLIANCE_SIGNING_KEY; `storage-compliance evidence keygen DIR` makes one"
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o444])
def test_a_key_that_others_may_read(mode: int, capsys: pytest.CaptureFixture[str]) -> None:
    """It is used, and told of on stderr."""
    Path("a.key").write_bytes(pem(ED25519))
    Path("a.key").chmod(mode)
    assert pem(read_signing_key("a.key", {})) == pem(ED25519)
    told = "warning: a.key: others than its owner may read this private key; chmod 600 hides it\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", f"empty; {PRIVATE}"),
        (b" \n", f"empty; {PRIVATE}"),
        (b"\x00\xff garbage", f"no PEM; {PRIVATE}"),
        (public_pem(ED25519), f"a public key, which cannot sign; {PRIVATE}"),
        (pem(ED25519) * 2, f"2 keys or certificates; {PRIVATE}, alone"),
        (
            pem(ED25519, passphrase=b"x"),
            "a private key behind a passphrase; expected it without (`openssl pkey -in FILE` prints it)",
        ),
        (
            pem(EC, PrivateFormat.TraditionalOpenSSL, b"x"),
            "a private key behind a passphrase; expected it without (`openssl pkey -in FILE` prints it)",
        ),
        (pem(EC), f"a key of another kind, or no key; {PRIVATE}"),
        (pem(X25519), f"a key of another kind, or no key; {PRIVATE}"),
        (pem(EC, PrivateFormat.TraditionalOpenSSL), f"a key of another kind, or no key; {PRIVATE}"),
        (pem(ED25519, PrivateFormat.OpenSSH), f"a key of another kind, or no key; {PRIVATE}"),
        (b"-----BEGIN CERTIFICATE-----\n", f"a key of another kind, or no key; {PRIVATE}"),
        (
            DAMAGED % (b"PRIVATE KEY", b"PRIVATE KEY"),
            f"a private key that is damaged, or of an unknown kind; {PRIVATE}",
        ),
        (pem(ED25519)[:-2], f"a private key that is damaged, or of an unknown kind; {PRIVATE}"),
    ],
)
def test_no_signing_key(data: bytes, told: str) -> None:
    """What cannot sign is told, from a file and from the environment."""
    Path("a.key").write_bytes(data)
    Path("a.key").chmod(0o600)
    assert problem(Path("a.key"), lambda path: read_signing_key(str(path), {})) == f"a.key: {told}"
    if data:
        with pytest.raises(InputError) as error:
            read_signing_key(None, {VARIABLE: data.decode(errors="surrogateescape")})
        assert str(error.value) == f"the environment variable {VARIABLE}: {told}"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", f"empty; {PUBLIC}"),
        (b"ssh-ed25519 AAAA", f"no PEM; {PUBLIC}"),
        (
            pem(ED25519),
            "a private key, which signs and must not be handed around; expected the public key, signing.pub "
            "(`openssl pkey -in signing.key -pubout` prints it)",
        ),
        (public_pem(ED25519) * 2, f"2 keys or certificates; {PUBLIC}, alone"),
        (public_pem(X25519), f"a key of another kind, or no key; {PUBLIC}"),
        (b"-----BEGIN CERTIFICATE-----\n", f"a key of another kind, or no key; {PUBLIC}"),
        (DAMAGED % (b"PUBLIC KEY", b"PUBLIC KEY"), f"a public key that is damaged, or of an unknown kind; {PUBLIC}"),
    ],
)
def test_no_public_key(data: bytes, told: str) -> None:
    """What cannot verify is told; a private key most clearly."""
    Path("a.pub").write_bytes(data)
    assert problem(Path("a.pub"), read_public_key) == f"a.pub: {told}"


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [0, 1, EIGHTH, PRIME - EIGHTH, PRIME - 1, PRIME, PRIME + 1])
def test_a_point_of_small_order(y: int, sign: int) -> None:
    """No point whose order is 1, 2, 4 or 8 is a key, in none of its encodings."""
    weak = point(y, sign).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    Path("a.pub").write_bytes(weak)
    told = f"a.pub: a point of small order, for which anyone can sign without a private key; {PUBLIC}"
    assert problem(Path("a.pub"), read_public_key) == told


def test_why_a_point_of_small_order_is_no_key() -> None:
    """A signature that needs no private key, R the identity and S zero, verifies for the identity on any message."""
    for message in (b"a", b"b"):
        point(1, 0).verify((1).to_bytes(32, "little") + bytes(32), message)


def test_no_file_of_a_key() -> None:
    """A folder, a pipe, no file and a huge one are told, and neither hangs nor fills the memory."""
    os.mkfifo("pipe")
    Path("huge").write_bytes(b"x" * 20_000)
    told = {name: problem(Path(name), read_public_key) for name in (".", "pipe", "none", "huge")}
    assert told == {
        ".": ".: a folder; expected a file",
        "pipe": "pipe: a pipe, socket or device; expected a regular file",
        "none": "none: no such file; check the path",
        "huge": "huge: larger than 16,384 bytes, the limit for such a file",
    }
    with pytest.raises(
        InputError, match=r"^the environment variable .*: larger than 16,384 bytes; expected an Ed25519"
    ):
        read_signing_key(None, {VARIABLE: "x" * 20_000})
