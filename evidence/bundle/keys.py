"""The keys that evidence is signed and verified with: Ed25519, in PEM files as openssl reads and writes them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from policies.reading import InputError, printable, read_file

VARIABLE = "STORAGE_COMPLIANCE_SIGNING_KEY"
"""The environment variable that may hold the text of a signing key."""

_MAX_BYTES = 16_384
_BEGIN = re.compile(rb"-----BEGIN ([^\r\n]{1,60}?)-----")
_PRIVATE, _PUBLIC = "PRIVATE KEY", "PUBLIC KEY"
_EXPECTED_PRIVATE = "expected an Ed25519 private key in PEM (PKCS#8), as `storage-compliance evidence keygen` makes it"
_EXPECTED_PUBLIC = "expected an Ed25519 public key in PEM, the signing.pub that belongs to the signing key"

_PRIME = 2**255 - 19
_SMALL_ORDER = frozenset(
    (
        0,
        1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
        _PRIME - 1,
        _PRIME,
        _PRIME + 1,
    )
)
"""The points of order 1, 2, 4 and 8, each by all that stands for its y in a key (RFC 8032, section 5.1.2).

Source: libsodium, https://github.com/jedisct1/libsodium, `ge25519_has_small_order` in
src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c.
"""


def generate(folder: Path) -> tuple[Path, Path]:
    """Make a pair of keys: `signing.key`, which only its owner may read, and `signing.pub`; return both files.

    The folder is made where there is none. Raises `policies.reading.InputError`, and leaves nothing behind, where one
    of the files exists or cannot be written: a key is never overwritten.
    """
    key = Ed25519PrivateKey.generate()
    private, public = folder / "signing.key", folder / "signing.pub"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(printable(folder.as_posix()), f"no folder can be made here: {error.strerror}") from None
    _create(private, 0o600, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        _create(public, 0o644, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except InputError:
        private.unlink()
        raise
    return private, public


def read_signing_key(file: str | None, environment: Mapping[str, str]) -> Ed25519PrivateKey:
    """Return the key of a PEM file or, where none is named, the one whose text the environment holds.

    A file that others than its owner may read is told of on stderr: secrets of a CI often arrive so. Raises
    `policies.reading.InputError` where there is no key, or another kind of key.
    """
    if file is not None:
        path = Path(file)
        data = read_file(path, max_bytes=_MAX_BYTES)
        _warn_of_readers(path)
        return _private(data, printable(path.as_posix()))
    if text := environment.get(VARIABLE):
        return _private(text.encode(errors="surrogateescape"), f"the environment variable {VARIABLE}")
    raise InputError(
        "--key",
        f"there is no key to sign with; name its file, or put its text into the environment variable {VARIABLE}; "
        "`storage-compliance evidence keygen DIR` makes one",
    )


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Return the key of a PEM file.

    Raises `policies.reading.InputError` for anything but one Ed25519 public key, and for a point of small order: there
    is no private key to it, and without one anybody can make signatures that it verifies.
    """
    where = printable(path.as_posix())
    data = read_file(path, max_bytes=_MAX_BYTES)
    kind = _kind(data, where, _EXPECTED_PUBLIC)
    if kind.endswith(_PRIVATE):
        raise InputError(
            where,
            "a private key, which signs and must not be handed around; expected the public key, signing.pub "
            "(`openssl pkey -in signing.key -pubout` prints it)",
        )
    try:
        key = load_pem_public_key(data) if kind == _PUBLIC else None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(where, f"a public key that is damaged, or of an unknown kind; {_EXPECTED_PUBLIC}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(where, f"a key of another kind, or no key; {_EXPECTED_PUBLIC}")
    if _has_small_order(key):
        problem = "a point of small order, for which anyone can sign without a private key"
        raise InputError(where, f"{problem}; {_EXPECTED_PUBLIC}")
    return key


def key_id(public: Ed25519PublicKey) -> str:
    """Return the digest of a key, `sha256:<hex>` of its DER form: `openssl pkey -pubin -outform DER | sha256sum`."""
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256:{hashlib.sha256(der).hexdigest()}"


def _has_small_order(key: Ed25519PublicKey) -> bool:
    sign_bit = 1 << 255
    return int.from_bytes(key.public_bytes_raw(), "little") & ~sign_bit in _SMALL_ORDER


def _create(path: Path, mode: int, data: bytes) -> None:
    where = printable(path.as_posix())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise InputError(where, "exists already, and a key is never overwritten; name another folder") from None
    except OSError as error:
        raise InputError(where, f"cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        path.unlink()
        raise InputError(where, f"cannot be written: {error.strerror}") from None


def _warn_of_readers(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        where = printable(path.as_posix())
        sys.stderr.write(f"warning: {where}: others than its owner may read this private key; chmod 600 hides it\n")


def _private(data: bytes, where: str) -> Ed25519PrivateKey:
    kind = _kind(data, where, _EXPECTED_PRIVATE)
    if kind == _PUBLIC:
        raise InputError(where, f"a public key, which cannot sign; {_EXPECTED_PRIVATE}")
    if kind == f"ENCRYPTED {_PRIVATE}" or b"Proc-Type: 4,ENCRYPTED" in data:
        problem = "a private key behind a passphrase; expected it without (`openssl pkey -in FILE` prints it)"
        raise InputError(where, problem)
    try:
        key = load_pem_private_key(data, password=None) if kind == _PRIVATE else None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(where, f"a private key that is damaged, or of an unknown kind; {_EXPECTED_PRIVATE}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(where, f"a key of another kind, or no key; {_EXPECTED_PRIVATE}")
    return key


def _kind(data: bytes, where: str, expected: str) -> str:
    """Return the label of the one PEM block there is."""
    if len(data) > _MAX_BYTES:
        raise InputError(where, f"larger than {_MAX_BYTES:,} bytes; {expected}")
    labels = _BEGIN.findall(data)
    if not labels:
        raise InputError(where, f"{'no PEM' if data.strip() else 'empty'}; {expected}")
    if len(labels) > 1:
        raise InputError(where, f"{len(labels)} keys or certificates; {expected}, alone")
    label: str = labels[0].decode("ascii", errors="replace")
    return label
