"""A Sigstore of our own, without a network: its certificate authority, its logs, and a server that plays them.

Made with `cryptography` alone, from the documents that the formats are described in, so that what Sigstore's client
verifies was not made by it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID, ObjectIdentifier

IDENTITY = "https://github.com/worthwatch/storage/.github/workflows/evidence.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
SIGNED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LIFETIME = timedelta(minutes=10)

_AGES = {"start": "2020-01-01T00:00:00Z"}
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_END = datetime(2120, 1, 1, tzinfo=UTC)
_NAME = "log.worthwatch.example"


def key() -> ec.EllipticCurvePrivateKey:
    """Return a new key of the kind that Sigstore uses everywhere."""
    return ec.generate_private_key(ec.SECP256R1())


def text(data: bytes) -> str:
    """Return base64."""
    return base64.b64encode(data).decode()


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate's PEM form."""
    return certificate.public_bytes(Encoding.PEM)


@dataclass
class World:
    """One Sigstore: `ca` of Fulcio, `ct` of the log of its certificates, `rekor` of the log of its signatures."""

    ca: ec.EllipticCurvePrivateKey = field(default_factory=key)
    ct: ec.EllipticCurvePrivateKey = field(default_factory=key)
    rekor: ec.EllipticCurvePrivateKey = field(default_factory=key)

    @property
    def root(self) -> x509.Certificate:
        """The authority's own certificate."""
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "worthwatch.example")])
        public = self.ca.public_key()
        return (
            x509.CertificateBuilder(name, name, public, 1, _BEGIN, _END)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self.ca, SHA256())
        )

    def trusted_root(self) -> dict[str, Any]:
        """Return what an auditor holds (protobuf-specs, sigstore_trustroot.proto)."""
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [_log(self.rekor)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": "worthwatch.example", "commonName": ""},
                    "certChain": {"certificates": [{"rawBytes": text(self.root.public_bytes(Encoding.DER))}]},
                    "validFor": _AGES,
                }
            ],
            "ctlogs": [_log(self.ct)],
            "timestampAuthorities": [],
        }

    def trust_config(self, url: str) -> dict[str, Any]:
        """Return what a signer holds: the roots, and a server that plays the services."""
        service = {"url": url, "majorApiVersion": 1, "validFor": _AGES, "operator": "worthwatch.example"}
        return {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": self.trusted_root(),
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": [service],
                "oidcUrls": [],
                "rekorTlogUrls": [service],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaUrls": [],
                "tsaConfig": {"selector": "ANY"},
            },
        }

    def certificate(
        self,
        public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        time: datetime,
        *,
        identity: str | None = IDENTITY,
        in_ct_log: bool = True,
    ) -> x509.Certificate:
        """Return what Fulcio issues (fulcio, docs/certificate-specification.md), with an SCT (RFC 6962, 3.2)."""
        builder = (
            x509.CertificateBuilder(self.root.subject, x509.Name([]), public, 2, time, time + LIFETIME)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca.public_key()), critical=False)
            .add_extension(_extension("1.3.6.1.4.1.57264.1.1", ISSUER.encode()), critical=False)
            .add_extension(_extension("1.3.6.1.4.1.57264.1.8", _der(0x0C, ISSUER.encode())), critical=False)
        )
        if identity is not None:
            san = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)])
            builder = builder.add_extension(san, critical=True)
        if in_ct_log:
            before = builder.sign(self.ca, SHA256()).tbs_certificate_bytes
            sct = self._timestamp(before, time)
            builder = builder.add_extension(
                _extension(ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS.dotted_string, _der(0x04, sct)),
                critical=False,
            )
        return builder.sign(self.ca, SHA256())

    def entry(self, certificate: x509.Certificate, envelope: dict[str, Any], time: datetime) -> dict[str, Any]:
        """Return what Rekor answers (rekor, openapi.yaml: LogEntry) to an envelope: the second entry of two."""
        body = rfc8785.dumps(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": _hash(json.dumps(envelope).encode()),
                    "payloadHash": _hash(base64.b64decode(envelope["payload"])),
                    "signatures": [
                        {"signature": one["sig"], "verifier": text(pem(certificate))} for one in envelope["signatures"]
                    ],
                },
            }
        )
        first = hashlib.sha256(b"\0the first entry").digest()
        root = hashlib.sha256(b"\1" + first + hashlib.sha256(b"\0" + body).digest()).digest()
        entry: dict[str, Any] = {
            "body": text(body),
            "integratedTime": int(time.timestamp()),
            "logID": _log_id(self.rekor).hex(),
            "logIndex": 1,
        }
        return {
            **entry,
            "verification": {
                "signedEntryTimestamp": text(_sign(self.rekor, rfc8785.dumps(entry))),
                "inclusionProof": {
                    "checkpoint": self._checkpoint(2, root),
                    "hashes": [first.hex()],
                    "logIndex": 1,
                    "rootHash": root.hex(),
                    "treeSize": 2,
                },
            },
        }

    def bundle(
        self,
        payload: bytes,
        *,
        payload_type: str = PAYLOAD_TYPE,
        logged_at: datetime = SIGNED_AT + LIFETIME / 2,
        signer: ec.EllipticCurvePrivateKey | None = None,
        certificate: x509.Certificate | None = None,
    ) -> dict[str, Any]:
        """Return a Sigstore bundle (protobuf-specs, sigstore_bundle.proto) of a payload."""
        signer = signer or key()
        certificate = certificate or self.certificate(signer.public_key(), SIGNED_AT)
        kind = payload_type.encode()
        signature = _sign(signer, b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
        envelope = {"payload": text(payload), "payloadType": payload_type, "signatures": [{"sig": text(signature)}]}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": text(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [_kept(self.entry(certificate, envelope, logged_at))],
                "timestampVerificationData": {"rfc3161Timestamps": []},
            },
            "dsseEnvelope": envelope,
        }

    def _timestamp(self, before: bytes, time: datetime) -> bytes:
        moment = int(time.timestamp() * 1000).to_bytes(8)
        issuer = hashlib.sha256(_spki(self.ca)).digest()
        entry = b"\0\1" + issuer + len(before).to_bytes(3) + before  # precert_entry
        signature = _sign(self.ct, b"\0\0" + moment + entry + b"\0\0")
        sct = b"\0" + _log_id(self.ct) + moment + b"\0\0" + b"\4\3" + len(signature).to_bytes(2) + signature
        return (len(sct) + 2).to_bytes(2) + len(sct).to_bytes(2) + sct

    def _checkpoint(self, size: int, root: bytes) -> str:
        note = f"{_NAME} - 1\n{size}\n{text(root)}\n"
        return f"{note}\n\u2014 {_NAME} {text(_log_id(self.rekor)[:4] + _sign(self.rekor, note.encode()))}\n"


@dataclass
class Services:
    """The CI's token, Fulcio and Rekor, played by a server at `url`.

    A certificate is issued as of some time `ago`. `answers` gives the status and body to answer a path with instead;
    `asked` is what was asked for, in order. Where it is `silent`, nothing is answered until all is `over`.
    """

    world: World
    url: str
    ago: timedelta = LIFETIME / 2
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    silent: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Return the status and body of an answer."""
        self.asked.append(path)
        if self.silent.is_set():
            self.over.wait()
            return 503, b""
        if path in self.answers:
            return self.answers[path]
        now = datetime.now(UTC)
        if path == "/token?audience=sigstore" and headers["Authorization"] == "bearer of-the-job":
            return 200, json.dumps({"value": token(now)}).encode()
        question = json.loads(body)
        if path == "/api/v2/signingCert":
            return 200, json.dumps(self._certificate(question, headers["Authorization"], now)).encode()
        assert path == "/api/v1/log/entries"
        proposed = question["spec"]["proposedContent"]
        certificate = x509.load_pem_x509_certificate(base64.b64decode(proposed["verifiers"][0]))
        entry = self.world.entry(certificate, json.loads(proposed["envelope"]), now)
        return 201, json.dumps({"24296fb24b8ad77a": entry}).encode()

    def _certificate(self, question: dict[str, str], authorization: str, now: datetime) -> dict[str, Any]:
        request = x509.load_pem_x509_csr(base64.b64decode(question["certificateSigningRequest"]))
        public = request.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        assert request.is_signature_valid
        claims = json.loads(base64.urlsafe_b64decode(authorization.split(".")[1] + "=="))
        identity = f"https://github.com/{claims['job_workflow_ref']}"
        certificate = self.world.certificate(public, now - self.ago, identity=identity)
        chain = [pem(one).decode() for one in (certificate, self.world.root)]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}


def token(time: datetime, *, lifetime: timedelta = LIFETIME) -> str:
    """Return an OIDC token as GitHub Actions makes it, issued at a time; nobody here verifies its signature."""
    issued = int(time.timestamp())
    claims = {
        "iss": ISSUER,
        "sub": "repo:worthwatch/storage:ref:refs/heads/main",
        "aud": "sigstore",
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "job_workflow_ref": IDENTITY.removeprefix("https://github.com/"),
    }
    parts = (json.dumps({"alg": "RS256", "typ": "JWT"}).encode(), json.dumps(claims).encode(), b"unsigned")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@contextmanager
def services(world: World) -> Iterator[Services]:
    """Start the services of a Sigstore on a port of this machine's own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Say nothing."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, said = played.answer(self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        played = Services(world, f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield played
        finally:
            played.over.set()
            server.shutdown()
            thread.join()


def _kept(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a log's answer as a bundle keeps it (protobuf-specs, sigstore_rekor.proto)."""
    proof = entry["verification"]["inclusionProof"]
    return {
        "logIndex": str(entry["logIndex"]),
        "logId": {"keyId": text(bytes.fromhex(entry["logID"]))},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(entry["integratedTime"]),
        "inclusionPromise": {"signedEntryTimestamp": entry["verification"]["signedEntryTimestamp"]},
        "inclusionProof": {
            "logIndex": str(proof["logIndex"]),
            "rootHash": text(bytes.fromhex(proof["rootHash"])),
            "treeSize": str(proof["treeSize"]),
            "hashes": [text(bytes.fromhex(one)) for one in proof["hashes"]],
            "checkpoint": {"envelope": proof["checkpoint"]},
        },
        "canonicalizedBody": entry["body"],
    }


def _log(signer: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    public = {"rawBytes": text(_spki(signer)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": _AGES}
    return {
        "baseUrl": f"https://{_NAME}",
        "hashAlgorithm": "SHA2_256",
        "publicKey": public,
        "logId": {"keyId": text(_log_id(signer))},
    }


def _log_id(signer: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_spki(signer)).digest()


def _spki(signer: ec.EllipticCurvePrivateKey) -> bytes:
    return signer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _sign(signer: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return signer.sign(data, ec.ECDSA(SHA256()))


def _hash(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}


def _extension(oid: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier(oid), value)


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    return bytes([tag, length] if length < 0x80 else [tag, 0x81, length]) + content


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
