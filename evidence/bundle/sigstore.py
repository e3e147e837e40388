"""Signing without a key, by Sigstore (https://docs.sigstore.dev): a job of the CI signs as itself.

The job's OIDC token buys a certificate for some minutes, and the signature becomes an entry of a public, append-only
log. What is kept is a Sigstore bundle (https://github.com/sigstore/protobuf-specs, sigstore_bundle.proto) in canonical
JSON. It is verified offline; who must have signed it, and whose roots are trusted, comes from outside of it.

Needs the extra `sigstore`, and imports it only when called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from evidence.bundle.canonical import read_canonical
from evidence.bundle.statement import PAYLOAD_TYPE
from policies.reading import InputError, printable, quoted, read_file

MAX_BYTES = 2**25
"""The most bytes of a Sigstore bundle: it holds, in base64, a statement on all templates that a bundle may have."""

MAX_ROOT_BYTES = 2**20
"""The most bytes of a trusted root; that of Sigstore's public instance has 7 KB."""

PATIENCE = 300.0
"""The most seconds that signing takes: Sigstore's client sets its services no limit."""

_SIGNING = "signing with Sigstore"
_INSTALL = "pip install 'worthwatch-storage-compliance[sigstore]'"
_NEEDED = (
    "a job signs as itself, by an OIDC token; in GitHub Actions, give it `permissions: {id-token: write}`; "
    "in GitLab CI, `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}`"
)


def sign(payload: bytes) -> bytes:
    """Return the Sigstore bundle of an in-toto statement, signed as the job of the CI that this runs in.

    Asks the CI for the token, Sigstore's public instance for the certificate and the log entry, and verifies what it
    got. Raises `policies.reading.InputError` where the extra or the token is missing, and where a service fails,
    refuses or does not answer in time.
    """
    with _extra():
        from evidence.bundle import sigstore_client as client  # noqa: PLC0415 - it needs the extra

    def signed() -> bytes:
        try:
            identity = client.credential()
        except Exception as error:
            raise InputError(_SIGNING, f"no token was to be had: {client.reason(error)}; {_NEEDED}") from None
        if identity is None:
            raise InputError(_SIGNING, f"no CI is known here; {_NEEDED}; elsewhere, sign with a key")
        try:
            return client.signed(payload, identity)
        except Exception as error:
            raise InputError(_SIGNING, f"nothing is signed: {client.reason(error)}") from None

    return _in_time(signed)


def verify(data: bytes, identity: str, issuer: str, where: str, *, trusted_root: Path | None = None) -> bytes:
    """Return the in-toto statement of a Sigstore bundle that this identity of this issuer signed. No network is used.

    `identity` is the certificate's subject alternative name (of a job in GitHub Actions: its workflow,
    `https://github.com/OWNER/REPO/.github/workflows/FILE@refs/heads/BRANCH`) and `issuer` the address of who vouched
    for it; both hold exactly. `trusted_root` is a file (sigstore_trustroot.proto); without it, the roots are those of
    Sigstore's public instance as the installed client last knew them. Raises `policies.reading.InputError`, `where`
    naming the bundle, for one that does not verify for whatever reason, and where the extra is missing.
    """
    for option, value in (("--identity", identity), ("--issuer", issuer)):
        if not value:
            raise InputError(option, "empty; who must have signed is named exactly")
    if len(data) > MAX_BYTES:
        raise InputError(where, f"larger than {MAX_BYTES:,} bytes, the limit for a Sigstore bundle")
    read_canonical(data, where)
    with _extra():
        from evidence.bundle import sigstore_client as client  # noqa: PLC0415 - it needs the extra

    root = "Sigstore's trusted root"
    if trusted_root is not None:
        root = printable(trusted_root.as_posix())
        read_file(trusted_root, max_bytes=MAX_ROOT_BYTES)
    try:
        verifier = client.verifier(trusted_root)
    except Exception as error:
        problem = "no roots to verify with; name a trusted_root.json of Sigstore, --trusted-root FILE"
        raise InputError(root, f"{problem} ({client.reason(error)})") from None
    # Whatever it is that stops the client, the bundle is not verified.
    try:
        payload_type, payload = client.verified(data, verifier, identity, issuer)
    except Exception as error:
        raise InputError(where, f"does not verify: {client.reason(error)}") from None
    if payload_type != PAYLOAD_TYPE:
        raise InputError(where, f"the payload's type is {quoted(payload_type)}; expected '{PAYLOAD_TYPE}'")
    return payload


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise InputError("Sigstore", f"not installed; {_INSTALL}") from None


def _in_time(work: Callable[[], bytes]) -> bytes:
    """Return what the work returns, or raise what it raises, in time; it is not waited for any longer."""
    result = Future[bytes]()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:
            result.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        return result.result(PATIENCE)
    except TimeoutError:
        raise InputError(_SIGNING, f"no answer in {PATIENCE:g} seconds; try again later") from None
