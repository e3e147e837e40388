"""Attestations, judged by others: in-toto's own parser reads the statement, securesystemslib verifies the envelope."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError  # type: ignore[import-untyped] # it has none
from in_toto_attestation.predicates.test_result.v0 import (  # type: ignore[import-untyped] # it has none
    test_result_pb2 as results,
)
from in_toto_attestation.v1 import statement_pb2 as statements  # type: ignore[import-untyped] # it has none
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor  # type: ignore[import-untyped] # it has none
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped] # it has none
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined] # it is not listed, and documented

from evidence.bundle.canonical import canonical
from evidence.bundle.dsse import encoded, verify
from evidence.bundle.keys import key_id
from evidence.bundle.statement import PAYLOAD_TYPE, read_statement
from evidence.bundle.verify import ATTESTATION
from evidence.model import Trouble
from evidence.record import Standing
from policies.reading import InputError
from tests.evidence.bundle.bundles import KEY, OTHER, manifest, members, signed, statement_on
from tests.evidence.records import alert, record, scanned

MEMBERS = members()
PUBLIC = KEY.public_key()
OURS = "worthwatchStandings"


def stated(*standings: Standing) -> dict[str, Any]:
    """Return the statement on a record."""
    return statement_on(MEMBERS, manifest(MEMBERS), record(*standings))


def attested(*standings: Standing) -> dict[str, Any]:
    """Return the envelope on a record."""
    envelope: dict[str, Any] = json.loads(signed(MEMBERS, judged=record(*standings))[ATTESTATION])
    return envelope


def parsed(statement: dict[str, Any]) -> Statement:
    """Return what in-toto's parser reads, every field being one that it knows."""
    read = Statement.copy_from_pb(ParseDict(statement, statements.Statement()))
    read.validate()
    return read


@pytest.mark.parametrize("standings", [(), *((standing,) for standing in Standing)], ids=str)
def test_in_toto_reads_the_statement(standings: tuple[Standing, ...]) -> None:
    """Each field is one of Statement v1, and comes back as it was stated."""
    statement = stated(*standings)
    assert MessageToDict(parsed(statement).pb) == statement


@pytest.mark.parametrize("standings", [(), *((standing,) for standing in Standing)], ids=str)
def test_in_toto_reads_the_predicate(standings: tuple[Standing, ...]) -> None:
    """Each field is one of test-result v0.1 but for one, which is ours; a consumer that ignores it reads the rest."""
    predicate = stated(*standings)["predicate"]
    with pytest.raises(ParseError, match=f'has no field named "{OURS}"'):
        ParseDict(predicate, results.TestResult())
    read = ParseDict(predicate, results.TestResult(), ignore_unknown_fields=True)
    empty: dict[str, Any] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    assert empty | MessageToDict(read) == {name: value for name, value in predicate.items() if name != OURS}
    for descriptor in read.configuration:
        ResourceDescriptor.copy_from_pb(descriptor).validate()
        assert len(descriptor.digest) == 1


def test_in_toto_reads_what_other_scanners_found() -> None:
    """Alerts are tests as any other: what stands failed, and what is waived warned."""
    alerts = scanned(alert(), alert(rule="\ud800", waived=(0, 1), waivers=("a waiver",)))
    statement = statement_on(MEMBERS, manifest(MEMBERS), record(Standing.COMPLIANT, scanned=alerts))
    assert MessageToDict(parsed(statement).pb) == statement
    read = ParseDict(statement["predicate"], results.TestResult(), ignore_unknown_fields=True)
    on = "on WorthWatchStorage/Storage/DynamoTable/Resource"
    said = MessageToDict(read)
    assert {key: value for key, value in said.items() if key != "configuration"} == {
        "result": "FAILED",
        "passedTests": ["storage#table-keys/it-is-compliant"],
        "warnedTests": [rf"checkov \ud800 {on}"],
        "failedTests": [f"checkov CKV_AWS_119 {on}"],
    }


def test_in_toto_reads_why_it_failed() -> None:
    """A problem is a test that failed, of no field that a consumer would ignore."""
    judged = record(Standing.COMPLIANT, problems=(Trouble("prod", "not synthesised"),))
    statement = statement_on(MEMBERS, manifest(MEMBERS), judged)
    read = ParseDict(statement["predicate"], results.TestResult(), ignore_unknown_fields=True)
    said = MessageToDict(read)
    assert (said["result"], said["failedTests"]) == ("FAILED", ["problem: prod: not synthesised"])


def test_securesystemslib_verifies_the_envelope() -> None:
    """It finds our key by its id, and the signature on what it encodes itself."""
    envelope = Envelope.from_dict(attested())
    key = SSlibKey.from_crypto(PUBLIC, keyid=key_id(PUBLIC))
    assert envelope.verify([key], 1) == {key_id(PUBLIC): key}
    assert (envelope.payload, envelope.payload_type) == (canonical(stated()), PAYLOAD_TYPE)
    assert envelope.pae() == encoded(envelope.payload, PAYLOAD_TYPE)


@pytest.mark.parametrize("name", ["payload", "payloadType", "key"])
def test_securesystemslib_refuses_what_we_refuse(name: str) -> None:
    """Another payload, type or key verifies neither there nor here."""
    document = attested()
    match name:
        case "payload":
            document["payload"] = attested(Standing.COMPLIANT)["payload"]
        case "payloadType":
            document["payloadType"] = "application/json"
    public = OTHER.public_key() if name == "key" else PUBLIC
    with pytest.raises(InputError):
        verify(canonical(document), document["payloadType"], public, "a")
    with pytest.raises(VerificationError):
        Envelope.from_dict(document).verify([SSlibKey.from_crypto(public, keyid=key_id(PUBLIC))], 1)


@pytest.mark.parametrize(
    "predicate",
    [
        {"result": "GREAT"},
        {"result": "PASSED"},
        {"result": "WARNED"},
        {"warnedTests": []},
        {"configuration": None},
        {"passedTests": ["storage#table-keys/it-is-undetermined"]},
        {"failedTests": []},
        {OURS: {}},
    ],
    ids=str,
)
def test_what_in_toto_does_not_see(predicate: dict[str, object]) -> None:
    """Its parser takes any word for a result, and lists that contradict it; our reader does not."""
    statement = stated()
    statement["predicate"] |= predicate
    parsed(statement)
    ParseDict(statement["predicate"], results.TestResult(), ignore_unknown_fields=True)
    with pytest.raises(InputError):
        read_statement(canonical(statement), "a")


@pytest.mark.parametrize("digest", ["", "0" * 63, "A" * 64, "sha256:" + "0" * 64])
def test_digests_that_in_toto_does_not_see(digest: str) -> None:
    """Its parser takes any text for a digest; our reader takes 64 hexadecimal digits in lower case."""
    statement = stated()
    statement["subject"][0]["digest"] = {"sha256": digest}
    parsed(statement)
    with pytest.raises(InputError, match=r"^a: a subject without name or SHA-256"):
        read_statement(canonical(statement), "a")


def test_what_securesystemslib_does_not_see() -> None:
    """It takes an envelope with a second signature, by anyone, or with other fields; ours has one form."""
    other = json.loads(signed(MEMBERS, key=OTHER, judged=record())[ATTESTATION])["signatures"]
    document = attested()
    key = SSlibKey.from_crypto(PUBLIC, keyid=key_id(PUBLIC))
    for changed in (document | {"signatures": [*document["signatures"], *other]}, document | {"more": 1}):
        data = canonical(changed)
        assert Envelope.from_dict(json.loads(data)).verify([key], 1) == {key_id(PUBLIC): key}
        with pytest.raises(InputError):
            verify(data, PAYLOAD_TYPE, PUBLIC, "a")
