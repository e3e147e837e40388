"""Envelopes: one form is written and accepted, and what is signed is both the payload and its type."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from evidence.bundle.canonical import canonical
from evidence.bundle.dsse import encoded, sign, verify
from evidence.bundle.keys import key_id
from policies.reading import InputError
from tests.evidence.bundle.bundles import KEY, OTHER

TYPE = "application/vnd.in-toto+json"
PAYLOAD = b'{"\xc3\xa9":"???>>>"}'  # of which the base64 has + and / and padding
ENVELOPE = sign(PAYLOAD, TYPE, KEY)
PUBLIC = KEY.public_key()
BASE64 = "not base64 in its standard form (RFC 4648, section 4: `+`, `/` and padding)"


def altered(**fields: object) -> bytes:
    """Return the envelope with other fields; those that are None are left out."""
    fields = json.loads(ENVELOPE) | fields
    return canonical({name: value for name, value in fields.items() if value is not None})


def resigned(**fields: object) -> bytes:
    """Return the envelope with other fields in its signature; those that are None are left out."""
    signature = json.loads(ENVELOPE)["signatures"][0] | fields
    return altered(signatures=[{name: value for name, value in signature.items() if value is not None}])


def problem(envelope: bytes, payload_type: str = TYPE) -> str:
    """Return what is said of an envelope."""
    with pytest.raises(InputError) as error:
        verify(envelope, payload_type, PUBLIC, "a")
    return str(error.value)


def test_an_envelope() -> None:
    """It holds payload, type and one signature, by the id of its key, over DSSE's encoding of both."""
    document = json.loads(ENVELOPE)
    signature = document["signatures"][0]
    assert document == {
        "payload": base64.b64encode(PAYLOAD).decode(),
        "payloadType": TYPE,
        "signatures": [{"keyid": key_id(PUBLIC), "sig": signature["sig"]}],
    }
    PUBLIC.verify(base64.b64decode(signature["sig"]), b"DSSEv1 28 application/vnd.in-toto+json 15 " + PAYLOAD)
    assert canonical(document) == ENVELOPE
    assert verify(ENVELOPE, TYPE, PUBLIC, "a") == PAYLOAD
    assert sign(PAYLOAD, TYPE, KEY) == ENVELOPE


@pytest.mark.parametrize("payload", [b"", b"\x00\xff\n", b"x" * 100_000])
def test_any_payload(payload: bytes) -> None:
    """Bytes of any kind and number come back as they are."""
    assert verify(sign(payload, TYPE, KEY), TYPE, PUBLIC, "a") == payload


def test_the_encoding() -> None:
    """The example of DSSE's protocol.md; lengths are in bytes."""
    assert encoded(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert encoded("é".encode(), "é") == b"DSSEv1 2 \xc3\xa9 2 \xc3\xa9"


def test_another_key() -> None:
    """A signature by another key is told from one that does not verify, though it says that it is by this key."""
    by_other = sign(PAYLOAD, TYPE, OTHER)
    other = key_id(OTHER.public_key())
    assert problem(by_other) == f"a: signed by another key: {other}; the key to verify with is {key_id(PUBLIC)}"
    claimed = resigned(sig=json.loads(by_other)["signatures"][0]["sig"])
    changed = "a: the signature does not verify: what was signed has been changed since, or the signature has"
    assert problem(claimed) == changed
    assert problem(altered(payload=base64.b64encode(PAYLOAD + b" ").decode())) == changed


def test_another_type() -> None:
    """The type is signed with the payload: it must be the one expected, and cannot be put there afterwards."""
    other = sign(PAYLOAD, "text/plain\x1b", KEY)
    assert problem(other) == f"a: the payload's type is 'text/plain\\x1b'; expected '{TYPE}'"
    relabelled = canonical(json.loads(other) | {"payloadType": TYPE})
    assert problem(relabelled) == (
        "a: the signature does not verify: what was signed has been changed since, or the signature has"
    )


FORM = "a: no envelope; expected a DSSE envelope: an object with payload, payloadType and signatures"
NO_SIGNATURE = "a: no signature; expected an object with keyid, which is sha256:<64 digits, a-f small>, and sig"
SIGNATURE = json.loads(ENVELOPE)["signatures"][0]


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        (canonical([]), FORM),
        (canonical("x"), FORM),
        (altered(payload=None), FORM),
        (altered(payload=1), FORM),
        (altered(payloadType=None), FORM),
        (altered(signatures=None), FORM),
        (altered(signatures={"0": SIGNATURE}), FORM),
        (altered(more=1), FORM),
        (altered(signatures=[]), "a: 0 signatures; expected one"),
        (altered(signatures=[SIGNATURE, SIGNATURE]), "a: 2 signatures; expected one"),
        (altered(signatures=["x"]), NO_SIGNATURE),
        (resigned(sig=None), NO_SIGNATURE),
        (resigned(sig=1), NO_SIGNATURE),
        (resigned(more=1), NO_SIGNATURE),
        (resigned(keyid=None), NO_SIGNATURE),
        (resigned(keyid=""), NO_SIGNATURE),
        (resigned(keyid=key_id(PUBLIC).upper()), NO_SIGNATURE),
        (resigned(keyid=1), NO_SIGNATURE),
        (
            resigned(sig=""),
            "a: the signature does not verify: what was signed has been changed since, or the signature has",
        ),
        (b"", "a: not valid JSON at character 1: Expecting value"),
    ],
)
def test_another_form(envelope: bytes, told: str) -> None:
    """Two signatures, none, no key's id, fields that are missing or more: each is told."""
    assert problem(envelope) == told


def variants(text: str) -> Iterator[str]:
    """Return other texts that a lenient reader of base64 takes for the same."""
    yield from (text.rstrip("="), f"{text}=", f"{text}\n", f" {text}", f"{text[:8]}\r\n{text[8:]}", f"{text}====")
    yield text.replace("+", "-").replace("/", "_")
    yield text[:8] + "!" + text[8:]
    yield text[:8] + "é" + text[8:]
    last = text.rstrip("=")[-1]
    yield text.replace(f"{last}=", f"{chr(ord(last) + 1)}=")  # bits that the padding leaves over


@pytest.mark.parametrize("variant", list(variants("eyLDqSI6Ij8/Pz4+PiJ9AAA=")))
def test_another_base64(variant: str) -> None:
    """Other alphabets, padding, spaces, and bits left over: one value has one form."""
    payload = base64.b64decode("eyLDqSI6Ij8/Pz4+PiJ9AAA=")
    document: dict[str, Any] = json.loads(sign(payload, TYPE, KEY))
    assert problem(canonical(document | {"payload": variant})) == f"a: payload: {BASE64}"


@pytest.mark.parametrize("variant", list(variants(SIGNATURE["sig"])))
def test_another_base64_of_the_signature(variant: str) -> None:
    """The same holds of the signature."""
    assert problem(resigned(sig=variant)) == f"a: signature: {BASE64}"


def test_the_same_value_in_another_form() -> None:
    """JSON that is not canonical is refused before anything is made of it."""
    spaced = json.dumps(json.loads(ENVELOPE)).encode()
    twice = ENVELOPE[:-1] + b"," + ENVELOPE[1:]
    assert [
        problem(one).partition(";")[0] for one in (spaced, twice, ENVELOPE + b"\n", b"\xef\xbb\xbf" + ENVELOPE)
    ] == [
        "a: not in canonical form from byte 12 on",
        f"a: not in canonical form from byte {len(ENVELOPE)} on",
        f"a: not in canonical form from byte {len(ENVELOPE) + 1} on",
        "a: not valid JSON at character 1: Unexpected UTF-8 BOM (decode using utf-8-sig)",
    ]


def test_the_other_half_of_a_signature() -> None:
    """A signature to which the group's order is added would be a second one on the same (RFC 8032, section 8.4)."""
    order = 2**252 + 27742317777372353535851937790883648493
    data = base64.b64decode(SIGNATURE["sig"])
    scalar = int.from_bytes(data[32:], "little") + order
    second = base64.b64encode(data[:32] + scalar.to_bytes(32, "little")).decode()
    assert problem(resigned(sig=second)).startswith("a: the signature does not verify")
