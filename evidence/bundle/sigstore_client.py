"""Sigstore's own client for Python, led through signing and verifying.

It needs the extra `sigstore`: `evidence.bundle.sigstore` imports it when called. What fails raises what the client and
the libraries below it raise, of which they document but a part; `reason` puts it into words.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pydantic import ValidationError
from sigstore.dsse import Statement
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.oidc import IdentityToken, detect_credential
from sigstore.sign import SigningContext
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity, OIDCIssuer

from evidence.bundle.canonical import canonical
from policies.reading import printable

_NEXT_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONGEST = 600  # two addresses of workflows, and what is said of them


def credential() -> IdentityToken | None:
    """Return the token that the CI gives the job that this runs in; None where there is no CI that the client knows."""
    token = detect_credential()
    return None if token is None else IdentityToken(token)


def signed(payload: bytes, identity: IdentityToken) -> bytes:
    """Return the Sigstore bundle of an in-toto statement in canonical JSON, signed and verified."""
    trust = ClientTrustConfig.production()
    with SigningContext.from_trust_config(trust).signer(identity) as signer:
        bundle = signer.sign_dsse(Statement(payload))
    # A log's answer is not looked into while signing, and a time that no authority stamps is only warned of.
    Verifier(trusted_root=trust.trusted_root).verify_dsse(bundle, OIDCIssuer(identity.federated_issuer))
    return _form(bundle)


def verifier(trusted_root: Path | None) -> Verifier:
    """Return what verifies by the roots of a file or, where none is named, by those that the client last knew."""
    if trusted_root is None:
        return Verifier.production(offline=True)
    return Verifier(trusted_root=TrustedRoot.from_file(str(trusted_root)))


def verified(data: bytes, verifier: Verifier, identity: str, issuer: str) -> tuple[str, bytes]:
    """Return the type and the payload of a Sigstore bundle that this identity of this issuer signed."""
    bundle = Bundle.from_json(data)
    if _form(bundle) != data:
        raise ValueError("a number, or what is in base64, is not in its one form")
    return verifier.verify_dsse(bundle, Identity(identity=identity, issuer=issuer))


def reason(error: Exception) -> str:
    """Return what an error and its cause say, in a line; of a document, which field is wrong, and how."""
    for one in (error, error.__cause__, error.__context__):
        if isinstance(one, ValidationError):
            first = one.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            return _line(f"{place}: {first['msg']}" if place else first["msg"])
    said = dict.fromkeys(str(one) for one in (error, error.__cause__) if one is not None and str(one))
    # Of some, the name is all there is: ExpiredCertificate.
    return _line(": ".join(said)) or _NEXT_WORD.sub(" ", type(error).__name__).lower()


def _form(bundle: Bundle) -> bytes:
    return canonical(json.loads(bundle.to_json()))


def _line(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
