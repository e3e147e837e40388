"""DSSE version 1: the envelope that carries what is signed, of what type it is, and the signature over both.

https://github.com/secure-systems-lab/dsse (protocol.md, envelope.md). Of all envelopes that DSSE allows, one form is
written and accepted: canonical JSON, standard base64 with its padding, one signature, and the id of its key.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.bundle.canonical import canonical, read_canonical
from evidence.bundle.keys import key_id
from policies.reading import InputError, quoted

_KEY_ID = re.compile(r"sha256:[0-9a-f]{64}")
_FORM = "expected a DSSE envelope: an object with payload, payloadType and signatures"
_SIGNATURE_FORM = "expected an object with keyid, which is sha256:<64 digits, a-f small>, and sig"


def sign(payload: bytes, payload_type: str, key: Ed25519PrivateKey) -> bytes:
    """Return the envelope of a payload, signed."""
    signature = {"keyid": key_id(key.public_key()), "sig": _encode(key.sign(encoded(payload, payload_type)))}
    rest = canonical({"payloadType": payload_type, "signatures": [signature]})
    # The form of the whole, of which base64 is part as it is; a payload on ten thousand templates is not copied often.
    return b"".join((b'{"payload":"', base64.b64encode(payload), b'",', memoryview(rest)[1:]))


def verify(envelope: bytes, payload_type: str, public: Ed25519PublicKey, where: str) -> bytes:
    """Return the payload of an envelope of this type that the key signed.

    Raises `policies.reading.InputError`, `where` naming the envelope, for one of another form, of another type, signed
    by another key, or not as it was when it was signed.
    """
    text, stated, signatures = _parts(envelope, where)
    if stated != payload_type:
        raise InputError(where, f"the payload's type is {quoted(stated)}; expected '{payload_type}'")
    payload = _decode(text, f"{where}: payload")
    keyid, signature = _signature(signatures, where)
    if keyid != key_id(public):
        raise InputError(where, f"signed by another key: {keyid}; the key to verify with is {key_id(public)}")
    try:
        public.verify(signature, encoded(payload, payload_type))
    except InvalidSignature:
        problem = "the signature does not verify: what was signed has been changed since, or the signature has"
        raise InputError(where, problem) from None
    return payload


def encoded(payload: bytes, payload_type: str) -> bytes:
    """Return what is signed: DSSE's pre-authentication encoding (PAE) of a payload and its type."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def stated_key(envelope: bytes, where: str) -> str:
    """Return the id of the key that an envelope says it was signed by, which nothing here verifies.

    Raises `policies.reading.InputError`, `where` naming the envelope, for one of another form.
    """
    return _signature(_parts(envelope, where)[2], where)[0]


def _parts(envelope: bytes, where: str) -> tuple[str, str, list[object]]:
    match read_canonical(envelope, where):
        case {"payload": str(payload), "payloadType": str(kind), "signatures": [*signatures], **rest} if not rest:
            return payload, kind, signatures
        case _:
            raise InputError(where, f"no envelope; {_FORM}")


def _signature(signatures: list[object], where: str) -> tuple[str, bytes]:
    """Return the id of the key and the signature."""
    if len(signatures) != 1:
        raise InputError(where, f"{len(signatures)} signatures; expected one")
    match signatures[0]:
        case {"keyid": str(stated), "sig": str(text), **rest} if not rest and _KEY_ID.fullmatch(stated):
            pass
        case _:
            raise InputError(where, f"no signature; {_SIGNATURE_FORM}")
    return stated, _decode(text, f"{where}: signature")


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str, where: str) -> bytes:
    """Return what a text stands for in base64, of which each value has one form here (RFC 4648, section 3.5)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: characters beyond ASCII
        data = None
    if data is None or _encode(data) != text:
        raise InputError(where, "not base64 in its standard form (RFC 4648, section 4: `+`, `/` and padding)")
    return data
