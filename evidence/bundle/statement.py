"""What is signed: an in-toto Statement v1 on the bundle and its templates, with the predicate test-result v0.1.

https://github.com/in-toto/attestation, spec/v1/statement.md and spec/predicates/test-result.md. That predicate knows
what passed, warned and failed; here a test is a scenario, and nothing passes with a warning. So that every standing
keeps its word, the predicate has a field more, `worthwatchStandings`: by id, the standing of each scenario.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.bundle.canonical import read_canonical
from evidence.record import Provenance, Record, Standing
from policies.reading import InputError, quoted

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as read: the digest of each subject by its name, and what the predicate says of them.

    `result` is PASSED or FAILED; `configuration` as `configuration` returns it; `standings` are by scenario.
    """

    subjects: tuple[tuple[str, str], ...]
    result: str
    configuration: list[object]
    standings: Mapping[str, Standing]


def statement(record: Record, subjects: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return the statement that a record makes on subjects, each a name and the hexadecimal SHA-256 of its bytes.

    in-toto demands a subject: where there is none, it is the stack's sources, of which no template came. It has
    passed if every scenario is compliant. A scenario that is undetermined, not run or in error was not shown to
    hold: it failed, as a non-compliant one did. One that applied nowhere neither passed nor failed.
    """
    standings = {one.scenario.id: one.standing for one in record.scenarios}
    passed, failed = _tests(standings)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [_subject_as_json(*subject) for subject in subjects]
        or [_subject_as_json("stack", record.provenance.basis["stack"].removeprefix("sha256:"))],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": "PASSED" if record.exit_code == 0 else "FAILED",
            "configuration": configuration(record.provenance),
            "passedTests": passed,
            "warnedTests": [],
            "failedTests": failed,
            "worthwatchStandings": {scenario: str(standing) for scenario, standing in standings.items()},
        },
    }


def _subject_as_json(name: str, digest: str) -> dict[str, object]:
    return {"name": name, "digest": {"sha256": digest}}


def configuration(made: Provenance) -> list[object]:
    """Return what a run judged by, as in-toto's resource descriptors: the commit, if there is one, and the digests."""
    commits = [{"name": "commit", "digest": {"gitCommit": made.commit}, "annotations": {"modified": made.modified}}]
    digests = [
        {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
        for name, digest in sorted({**made.basis, "suite": made.suite}.items())
    ]
    return [*(commits if made.commit else []), *digests]


def read_statement(payload: bytes, where: str) -> Statement:
    """Return the statement that a payload holds.

    Fields that are not ours are ignored, as in-toto's parsing rules demand (spec/v1/README.md). Raises
    `policies.reading.InputError`, `where` naming the statement, for one of another type or form, and for one whose
    result and lists say anything but what the standings come to.
    """
    match read_canonical(payload, where):
        case {"_type": str(kind), "predicateType": str(of), "subject": [*subjects], "predicate": {**predicate}}:
            pass
        case _:
            problem = "no in-toto statement; expected an object with _type, subject, predicateType and predicate"
            raise InputError(where, problem)
    for stated, expected in ((kind, STATEMENT_TYPE), (of, PREDICATE_TYPE)):
        if stated != expected:
            raise InputError(where, f"of the type {quoted(stated)}; expected '{expected}'")
    match predicate:
        case {
            "result": ("PASSED" | "FAILED") as result,
            "configuration": [*judged_by],
            "passedTests": [*passed],
            "warnedTests": [*warned],
            "failedTests": [*failed],
            "worthwatchStandings": {**stated_standings},
        }:
            pass
        case _:
            raise InputError(
                where,
                "no test result; expected a predicate with result (PASSED or FAILED), configuration, passedTests, "
                "warnedTests, failedTests and worthwatchStandings",
            )
    standings = {str(scenario): _standing(word, where) for scenario, word in stated_standings.items()}
    if ([*passed], [*failed], [*warned]) != (*_tests(standings), []):
        raise InputError(where, "its lists of tests are not what its standings come to; it contradicts itself")
    if result == "PASSED" and set(standings.values()) != {Standing.COMPLIANT}:
        raise InputError(where, "PASSED, although not every scenario is compliant; it contradicts itself")
    return Statement(tuple(_subject(one, where) for one in subjects), result, judged_by, standings)


def _tests(standings: Mapping[str, Standing]) -> tuple[list[str], list[str]]:
    """Return the scenarios that passed, and those that failed."""
    not_failed = {Standing.COMPLIANT, Standing.NOT_APPLICABLE}
    return (
        sorted(scenario for scenario, standing in standings.items() if standing is Standing.COMPLIANT),
        sorted(scenario for scenario, standing in standings.items() if standing not in not_failed),
    )


def _standing(word: object, where: str) -> Standing:
    if not isinstance(word, str) or word not in [*Standing]:
        raise InputError(where, f"a standing that is none; expected one of {', '.join(Standing)}")
    return Standing(word)


def _subject(item: object, where: str) -> tuple[str, str]:
    match item:
        case {"name": str(name), "digest": {"sha256": str(digest)}} if _SHA256.fullmatch(digest):
            return name, digest
        case _:
            raise InputError(where, "a subject without name or SHA-256; expected {name, digest: {sha256: <64 hex>}}")
