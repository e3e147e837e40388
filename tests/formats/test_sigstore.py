"""Signing with Sigstore and verifying what was signed: its real client, in a Sigstore of our own, without a network."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sigstore.models import ClientTrustConfig

import evidence.bundle
from evidence.bundle import sigstore
from evidence.bundle.canonical import canonical
from evidence.bundle.sigstore import MAX_BYTES, sign, verify
from evidence.bundle.statement import statement
from policies.reading import InputError
from tests.evidence.records import record
from tests.formats.sigstore_world import (
    IDENTITY,
    ISSUER,
    LIFETIME,
    SIGNED_AT,
    Services,
    World,
    key,
    services,
    text,
    token,
)

PAYLOAD = statement(record(), [("manifest.json", "ab" * 32)])
NEEDED = (
    "a job signs as itself, by an OIDC token; in GitHub Actions, give it `permissions: {id-token: write}`; "
    "in GitLab CI, `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}`"
)
WORLD = World()


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in no CI that the client knows, with nothing of its in the home, and without a proxy."""
    for variable in ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "GOOGLE_SERVICE_ACCOUNT_NAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("id._internal.oidc.ambient._GCP_PRODUCT_NAME_FILE", str(tmp_path / "none"))
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the file of the roots that are trusted."""
    path = tmp_path / "trusted_root.json"
    path.write_text(json.dumps(WORLD.trusted_root()), encoding="utf-8")
    return path


@pytest.fixture
def ci(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Run as a job in GitHub Actions that may have a token, with the services of our Sigstore."""
    with services(WORLD) as played:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{played.url}/token")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job")
        config = json.dumps(WORLD.trust_config(played.url))
        monkeypatch.setattr(ClientTrustConfig, "production", lambda: ClientTrustConfig.from_json(config))
        yield played


def refusal(data: bytes, root: Path | None, *, identity: str = IDENTITY, issuer: str = ISSUER) -> str:
    """Return why a bundle does not verify."""
    with pytest.raises(InputError) as caught:
        verify(data, identity, issuer, "attestation.sigstore.json", trusted_root=root)
    return str(caught.value)


def entry(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return the log entry of a bundle."""
    kept: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return kept


def test_what_is_signed_verifies(ci: Services, root: Path) -> None:
    """The job's token, a certificate, a log entry; what comes back is what was signed, and its form is canonical."""
    signed = sign(PAYLOAD)
    assert verify(signed, IDENTITY, ISSUER, "attestation.sigstore.json", trusted_root=root) == PAYLOAD
    assert canonical(json.loads(signed)) == signed
    assert ci.asked == ["/token?audience=sigstore", "/api/v2/signingCert", "/api/v1/log/entries"]


def test_a_token_of_gitlab(ci: Services, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitLab CI gives the token in the job's environment."""
    monkeypatch.delenv("GITHUB_ACTIONS")
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token(datetime.now(UTC)))
    signed = sign(PAYLOAD)
    assert verify(signed, IDENTITY, ISSUER, "attestation.sigstore.json", trusted_root=root) == PAYLOAD
    assert ci.asked == ["/api/v2/signingCert", "/api/v1/log/entries"]


def unsigned(payload: bytes = PAYLOAD) -> str:
    """Return why nothing is signed."""
    with pytest.raises(InputError) as caught:
        sign(payload)
    return str(caught.value)


def test_nothing_of_sigstore_is_imported_until_it_is_called() -> None:
    """The extra may be missing wherever nobody signs or verifies with it."""
    code = "import sys, evidence.bundle.sigstore; print([name for name in sys.modules if name.startswith('sigstore')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 -- ours
    assert (run.stdout, run.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "call", [lambda: sign(PAYLOAD), lambda: verify(b"{}", IDENTITY, ISSUER, "a")], ids=["sign", "verify"]
)
def test_the_extra_is_not_installed(monkeypatch: pytest.MonkeyPatch, call: Callable[[], bytes]) -> None:
    """The message says what to install."""
    monkeypatch.delitem(sys.modules, "evidence.bundle.sigstore_client", raising=False)
    monkeypatch.delattr(evidence.bundle, "sigstore_client", raising=False)
    monkeypatch.setitem(sys.modules, "sigstore.dsse", None)
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == "Sigstore: not installed; pip install 'worthwatch-storage-compliance[sigstore]'"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({}, f"no CI is known here; {NEEDED}; elsewhere, sign with a key"),
        (
            {"GITHUB_ACTIONS": "true"},
            "no token was to be had: GitHub: missing or insufficient OIDC token permissions, the "
            f"ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset; {NEEDED}",
        ),
        (
            {"GITLAB_CI": "true"},
            f"no token was to be had: GitLab: Environment variable SIGSTORE_ID_TOKEN not found; {NEEDED}",
        ),
        (
            {"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": "secret"},
            f"no token was to be had: Malformed token; {NEEDED}",
        ),
        (
            {"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": token(SIGNED_AT)},
            "no token was to be had: Identity token is malformed or missing claims: Signature has expired; " + NEEDED,
        ),
    ],
    ids=["nowhere", "github-without-permission", "gitlab-without-token", "no-token-at-all", "expired"],
)
def test_no_token(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problem: str) -> None:
    """The message says what to give the job; nothing of a token is in it."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert unsigned() == f"signing with Sigstore: {problem}"


@pytest.mark.parametrize(
    ("path", "status", "body", "problem"),
    [
        (
            "/token?audience=sigstore",
            403,
            b"no",
            f"no token was to be had: GitHub: OIDC token request failed (code=403, body='no'); {NEEDED}",
        ),
        (
            "/token?audience=sigstore",
            200,
            b"{}",
            f"no token was to be had: GitHub: malformed or incomplete JSON; {NEEDED}",
        ),
        (
            "/api/v2/signingCert",
            500,
            b"",
            "nothing is signed: 500 Server Error: Internal Server Error for url: {url}/api/v2/signingCert",
        ),
        ("/api/v2/signingCert", 200, b"{}", "nothing is signed: Fulcio response missing certificate chain"),
        ("/api/v2/signingCert", 200, b"<html>", "nothing is signed: Expecting value: line 1 column 1 (char 0)"),
        ("/api/v1/log/entries", 400, b'{"code": 400, "message": "too large"}', "nothing is signed: 400: too large"),
        (
            "/api/v1/log/entries",
            502,
            b"<html>",
            "nothing is signed: Rekor returned an unknown error with HTTP 502",
        ),
        ("/api/v1/log/entries", 201, b"{}", "nothing is signed: Received multiple entries in response"),
    ],
    ids=[
        "token-refused",
        "token-empty",
        "fulcio-down",
        "fulcio-empty",
        "fulcio-garbage",
        "rekor-refused",
        "rekor-down",
        "rekor-empty",
    ],
)
def test_a_service_fails(ci: Services, path: str, status: int, body: bytes, problem: str) -> None:
    """The token's, the certificate's and the log's: nothing is signed, and the message says why."""
    ci.answers = {path: (status, body)}
    assert unsigned() == f"signing with Sigstore: {problem.replace('{url}', ci.url)}"


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (
            "ca",
            "failed to build timestamp certificate chain: validation failed: candidates exhausted: "
            "signature does not match",
        ),
        ("ct", "SCT verify failed: keyring: invalid signature"),
        ("rekor", "invalid log entry: checkpoint: invalid signature: keyring: invalid signature"),
    ],
)
def test_a_service_is_another(ci: Services, other: str, problem: str) -> None:
    """An answer that would not verify is found when it is signed, not by the auditor."""
    ci.world = replace(WORLD, **{other: key()})
    assert unsigned() == f"signing with Sigstore: nothing is signed: {problem}"


def test_a_certificate_that_has_expired(ci: Services) -> None:
    """It is not signed with, and no entry is made."""
    ci.ago = 2 * LIFETIME
    assert unsigned() == "signing with Sigstore: nothing is signed: expired certificate"
    assert ci.asked == ["/token?audience=sigstore", "/api/v2/signingCert"]


def test_what_is_no_statement_is_not_signed(ci: Services) -> None:
    """Sigstore's client reads what it signs."""
    assert unsigned(b"{}") == "signing with Sigstore: nothing is signed: _type: Field required"
    assert ci.asked == ["/token?audience=sigstore", "/api/v2/signingCert"]


def test_nobody_answers(ci: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for without end."""
    ci.silent.set()
    monkeypatch.setattr(sigstore, "PATIENCE", 0.2)
    assert unsigned() == "signing with Sigstore: no answer in 0.2 seconds; try again later"


def test_there_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The roots are asked for first."""
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token(datetime.now(UTC)))
    with services(WORLD) as played:
        gone = played.url
    monkeypatch.setattr("sigstore.models.DEFAULT_TUF_URL", gone)
    said = unsigned()
    assert said.startswith("signing with Sigstore: nothing is signed: Failed to refresh TUF metadata: ")


@pytest.mark.parametrize(
    ("identity", "issuer", "problem"),
    [
        ("", ISSUER, "--identity: empty; who must have signed is named exactly"),
        (IDENTITY, "", "--issuer: empty; who must have signed is named exactly"),
        (
            f"{IDENTITY}2",
            ISSUER,
            f"attestation.sigstore.json: does not verify: Certificate's SANs do not match {IDENTITY}2; "
            f"actual SANs: {{'{IDENTITY}'}}",
        ),
        (
            ".*",
            ISSUER,
            "attestation.sigstore.json: does not verify: Certificate's SANs do not match .*; "
            f"actual SANs: {{'{IDENTITY}'}}",
        ),
        (
            IDENTITY,
            "https://gitlab.com",
            "attestation.sigstore.json: does not verify: Certificate's OIDCIssuer does not match "
            f"(got '{ISSUER}', expected 'https://gitlab.com')",
        ),
    ],
    ids=["no-identity", "no-issuer", "other-identity", "pattern", "other-issuer"],
)
def test_another_must_have_signed(root: Path, identity: str, issuer: str, problem: str) -> None:
    """Identity and issuer hold exactly, and both."""
    assert refusal(canonical(WORLD.bundle(PAYLOAD)), root, identity=identity, issuer=issuer) == problem


@pytest.mark.parametrize("moment", [timedelta(), LIFETIME / 2, LIFETIME], ids=["first", "middle", "last"])
def test_logged_while_the_certificate_held(root: Path, moment: timedelta) -> None:
    """From its first second to its last one, however long that is past."""
    bundle = canonical(WORLD.bundle(PAYLOAD, logged_at=SIGNED_AT + moment))
    assert verify(bundle, IDENTITY, ISSUER, "attestation.sigstore.json", trusted_root=root) == PAYLOAD


@pytest.mark.parametrize("moment", [timedelta(seconds=-1), LIFETIME + timedelta(seconds=1)], ids=["before", "after"])
def test_logged_at_another_time(root: Path, moment: timedelta) -> None:
    """A certificate that was not valid when the signature was logged signs nothing."""
    assert refusal(canonical(WORLD.bundle(PAYLOAD, logged_at=SIGNED_AT + moment)), root) == (
        "attestation.sigstore.json: does not verify: failed to build timestamp certificate chain: validation failed: "
        "cert is not valid at validation time (encountered processing <Certificate(subject=<Name()>, ...)>)"
    )


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (
            "ca",
            "failed to build timestamp certificate chain: validation failed: candidates exhausted: "
            "signature does not match",
        ),
        (
            "ct",
            "failed to verify SCT on signing certificate: SCT verify failed: keyring: invalid signature",
        ),
        ("rekor", "invalid log entry: checkpoint: invalid signature: keyring: invalid signature"),
    ],
)
def test_of_another_sigstore(root: Path, other: str, problem: str) -> None:
    """Another authority's certificate, or one in another log, or a signature in another log."""
    foreign = replace(WORLD, **{other: key()})
    assert refusal(canonical(foreign.bundle(PAYLOAD)), root) == f"attestation.sigstore.json: does not verify: {problem}"


def test_the_roots_of_the_public_instance_are_the_default() -> None:
    """Which is not ours: what our Sigstore signed does not verify by them; nobody is asked."""
    assert refusal(canonical(WORLD.bundle(PAYLOAD)), None) == (
        "attestation.sigstore.json: does not verify: failed to build timestamp certificate chain: validation failed: "
        "candidates exhausted: all candidates exhausted with no interior errors"
    )


def test_a_certificate_that_lacks_something(root: Path) -> None:
    """Whose it is, that it was logged, or a key of the kind that signs: whatever stops the client is a refusal."""
    signer = key()
    public = signer.public_key()
    certificates = {
        "failed to build timestamp certificate chain: validation failed: invalid extension: 2.5.29.17: Certificate is "
        "missing required extension (encountered processing <Certificate(subject=<Name()>, ...)>)": (
            WORLD.certificate(public, SIGNED_AT, identity=None)
        ),
        "failed to verify SCT on signing certificate: Certificate does not contain a signed certificate timestamp "
        "extension": WORLD.certificate(public, SIGNED_AT, in_ct_log=False),
        "RSAPublicKey.verify() missing 1 required positional argument: 'algorithm'": (
            WORLD.certificate(rsa.generate_private_key(65537, 2048).public_key(), SIGNED_AT)
        ),
    }
    said = [
        refusal(canonical(WORLD.bundle(PAYLOAD, signer=signer, certificate=one)), root) for one in certificates.values()
    ]
    assert said == [f"attestation.sigstore.json: does not verify: {problem}" for problem in certificates]


NO_LOG = "expected exactly one log entry in bundle"
NO_FORM = "a number, or what is in base64, is not in its one form"
NO_SIGNATURE = "DSSE: invalid signature"
ONE_SIGNATURE = "envelope must contain exactly one signature"
NO_PROMISE = "invalid log entry: SET: invalid inclusion promise: keyring: invalid signature"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda it: it["verificationMaterial"].update(tlogEntries=[]), NO_LOG),
        (lambda it: it["verificationMaterial"].update(tlogEntries=[entry(it), entry(it)]), NO_LOG),
        (
            lambda it: entry(it).pop("inclusionProof"),
            "verificationMaterial.tlogEntries.0.inclusionProof: Field required",
        ),
        (
            lambda it: entry(it)["inclusionProof"].pop("checkpoint"),
            "entry must contain inclusion proof, with checkpoint",
        ),
        (
            lambda it: entry(it).pop("inclusionPromise"),
            "bundle must contain an inclusion promise or signed timestamp(s)",
        ),
        (
            lambda it: entry(it)["inclusionProof"].update(hashes=[]),
            "invalid log entry: inclusion proof has wrong size: expected 1, got 0",
        ),
        (lambda it: entry(it).update(integratedTime=str(int(SIGNED_AT.timestamp()))), NO_PROMISE),
        (lambda it: entry(it).update(integratedTime=str(2**64 - 1)), "timestamp out of range for platform time_t"),
        (lambda it: entry(it).update(logIndex="01"), NO_FORM),
        (
            lambda it: it["verificationMaterial"].update(tlogEntries=[entry(WORLD.bundle(b"{}"))]),
            "log entry payload hash does not match bundle",
        ),
        (
            lambda it: it.update(verificationMaterial=WORLD.bundle(PAYLOAD)["verificationMaterial"]),
            NO_SIGNATURE,
        ),
        (lambda it: it["dsseEnvelope"].update(payload=text(PAYLOAD + b" ")), NO_SIGNATURE),
        (lambda it: it["dsseEnvelope"].update(payload=f"*{text(PAYLOAD)}"), NO_FORM),
        (lambda it: it["dsseEnvelope"].update(payloadType="text/plain"), NO_SIGNATURE),
        (lambda it: it["dsseEnvelope"]["signatures"][0].update(sig=text(b"another")), NO_SIGNATURE),
        (lambda it: it["dsseEnvelope"].update(signatures=[]), ONE_SIGNATURE),
        (lambda it: it["dsseEnvelope"].update(signatures=it["dsseEnvelope"]["signatures"] * 2), ONE_SIGNATURE),
        (lambda it: it.update(more=1), "more: Extra inputs are not permitted"),
        (lambda it: it.pop("dsseEnvelope"), "Value error, Exactly one of messageSignature or dsseEnvelope must be set"),
    ],
    ids=[
        "no-entry",
        "two-entries",
        "no-proof",
        "no-checkpoint",
        "no-promise",
        "proof-too-short",
        "other-time",
        "endless-time",
        "other-number",
        "other-entry",
        "other-certificate",
        "other-payload",
        "loose-base64",
        "other-type",
        "other-signature",
        "no-signature",
        "two-signatures",
        "another-field",
        "no-envelope",
    ],
)
def test_changed_since_it_was_signed(root: Path, change: Callable[[dict[str, Any]], object], problem: str) -> None:
    """The payload, the signature, the certificate and the log entry belong together."""
    bundle = WORLD.bundle(PAYLOAD)
    change(bundle)
    assert refusal(canonical(bundle), root) == f"attestation.sigstore.json: does not verify: {problem}"


def test_signed_as_another_type(root: Path) -> None:
    """A signature that verifies, of something that is no statement."""
    assert refusal(canonical(WORLD.bundle(PAYLOAD, payload_type="text/plain")), root) == (
        "attestation.sigstore.json: the payload's type is 'text/plain'; expected 'application/vnd.in-toto+json'"
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not valid JSON at character 1: Expecting value"),
        (b"[" * 1000, "nested deeper than 128 levels, the limit"),
        (b"\xff", "byte 1, 0xff, is not UTF-8"),
        (
            b'{"a": 1}',
            "not in canonical form from byte 6 on; expected that of RFC 8785: each key once and in order, no spaces, "
            "the shortest escapes and numbers",
        ),
        (b" " * (MAX_BYTES + 1), "larger than 33,554,432 bytes, the limit for a Sigstore bundle"),
        (b"{}", "does not verify: mediaType: Field required"),
        (b"[]", "does not verify: Input should be an object"),
    ],
    ids=["empty", "deep", "bytes", "spaces", "huge", "object", "list"],
)
def test_no_sigstore_bundle(root: Path, data: bytes, problem: str) -> None:
    """Whatever the member holds, it is refused and not worked on for long."""
    assert refusal(data, root) == f"attestation.sigstore.json: {problem}"


NO_ROOTS = "no roots to verify with; name a trusted_root.json of Sigstore, --trusted-root FILE"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", f"{NO_ROOTS} (Invalid JSON: EOF while parsing a value at line 1 column 0)"),
        (b"{}", f"{NO_ROOTS} (mediaType: Field required)"),
        (b"[" * 1000, f"{NO_ROOTS} (Invalid JSON: recursion limit exceeded at line 1 column 202)"),
        (b" " * (2**20 + 1), "larger than 1,048,576 bytes, the limit for such a file"),
        (
            json.dumps({**WORLD.trusted_root(), "tlogs": []}).encode(),
            f"{NO_ROOTS} (trusted root contains no transparency log instances)",
        ),
        (
            json.dumps({**WORLD.trusted_root(), "certificateAuthorities": []}).encode(),
            f"{NO_ROOTS} (Fulcio certificates not found in trusted root)",
        ),
        (None, "no such file; check the path"),
    ],
    ids=["empty", "object", "deep", "huge", "no-log", "no-authority", "missing"],
)
def test_no_trusted_root(root: Path, data: bytes | None, problem: str) -> None:
    """What an auditor was given is no trusted root: it is that file which the message names."""
    if data is None:
        root.unlink()
    else:
        root.write_bytes(data)
    assert refusal(canonical(WORLD.bundle(PAYLOAD)), root) == f"{root.as_posix()}: {problem}"


def test_the_client_has_no_place_for_its_roots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where its folder cannot be made, they can be named."""
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    said = refusal(canonical(WORLD.bundle(PAYLOAD)), None)
    assert said.startswith(f"Sigstore's trusted root: {NO_ROOTS} ([Errno 20] Not a directory: ")


def test_one_flipped_bit_in_each_byte(root: Path) -> None:
    """Is refused, but in the line that signs the log's checkpoint: the name in it, and spare bits, sign nothing."""
    bundle = canonical(WORLD.bundle(PAYLOAD))
    begin = bundle.index("— ".encode())
    line = range(begin, bundle.index(b'"', begin))
    for index in set(range(len(bundle))) - set(line):
        flipped = bytearray(bundle)
        flipped[index] ^= 1 << index % 8
        refusal(bytes(flipped), root)
    for index in line:
        flipped = bytearray(bundle)
        flipped[index] ^= 1 << index % 8
        with suppress(InputError):
            assert verify(bytes(flipped), IDENTITY, ISSUER, "a", trusted_root=root) == PAYLOAD
