"""What is signed: an in-toto Statement v1 on the bundle and its templates, with the predicate test-result v0.1.

https://github.com/in-toto/attestation, spec/v1/statement.md and spec/predicates/test-result.md. That predicate knows
what passed, warned and failed; here a test is a scenario, and it warns where a waiver covers what violates it. So that
every standing keeps its word, the predicate has a field more, `worthwatchStandings`: by id, that of each scenario.

What another scanner has found is a test, too, which warned where waivers cover it in every context, and failed
elsewhere: "checkov CKV_AWS_119 on Stack/Table/Resource", as `evidence.alerts.names` has it. The scanner's name and the
space after it tell it from a scenario's id. That a scanner has found nothing is no test: nothing here says it passed.

What kept a run from judging, or is wrong with it otherwise, is a test that failed: "problem: prod: not synthesised".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, starmap

from evidence.alerts import MAX_NAME, names
from evidence.bundle.canonical import canonical_parts, read_canonical
from evidence.model import Scanned, Trouble
from evidence.record import Provenance, Record, Standing, holds
from policies.reading import InputError, printable, quoted

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

MAX_PROBLEMS = 100
"""The most problems that are stated, beside how many others there are: of ten thousand contexts each may have one."""

_PROBLEM = "problem: "
_ALERT = re.compile(r"[a-z0-9-]+ ")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as read: the digest of each subject by its name, and what the predicate says of them.

    `result` is PASSED, WARNED or FAILED; `configuration` as `configuration` returns it; `standings` are by scenario,
    `alerts` as `alerts_stated` returns them, and `problems` as `problems_stated` does, in order.
    """

    subjects: tuple[tuple[str, str], ...]
    result: str
    configuration: list[object]
    standings: Mapping[str, Standing]
    alerts: Mapping[str, Standing]
    problems: tuple[str, ...]


def statement(record: Record, subjects: Iterable[tuple[str, str]]) -> bytes:
    """Return the statement that a record makes on subjects, each a name and the hexadecimal SHA-256 of its bytes.

    It is in canonical JSON.

    in-toto demands a subject: where there is none, it is the stack's sources, of which no template came. It has
    passed if every scenario is compliant and no other scanner has found anything, and warned if all else is waived. A
    scenario that is undetermined, not run or in error was not shown to hold: it failed, as a non-compliant one did. One
    that applied nowhere neither passed nor failed.
    """
    standings = {one.scenario.id: one.standing for one in record.scenarios}
    alerts, problems = alerts_stated(record.scanned), problems_stated(record.problems)
    stack = "stack", record.provenance.basis["stack"].removeprefix("sha256:")
    each = iter(subjects)
    stated = {
        "_type": STATEMENT_TYPE,
        "subject": starmap(_subject_as_json, chain([next(each, stack)], each)),
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _result(standings, alerts, problems),
            "configuration": configuration(record.provenance),
            **_tests(standings, alerts, problems),
            "worthwatchStandings": {scenario: str(standing) for scenario, standing in standings.items()},
        },
    }
    return b"".join(canonical_parts(stated))


def alerts_stated(scanned: Scanned) -> dict[str, Standing]:
    """Return how each alert of other scanners stands, waived or non-compliant, by its name."""
    return {
        name: Standing(alert.outcome.value) for name, alert in zip(names(scanned.alerts), scanned.alerts, strict=True)
    }


def problems_stated(problems: Sequence[Trouble]) -> tuple[str, ...]:
    """Return the names of what kept a run from judging, or is wrong with it: of the first, and how many others are."""
    names = list(dict.fromkeys(problem_stated(one.where, one.message) for one in problems))
    more = len(names) - MAX_PROBLEMS
    return (*names[:MAX_PROBLEMS], *([f"{_PROBLEM}{more:,} others"] if more > 0 else []))


def problem_stated(where: str, message: str) -> str:
    """Return the name of a problem as a test, printable and bounded: `problem: prod: not synthesised`."""
    return f"{_PROBLEM}{printable(f'{where}: {message}'[:MAX_NAME])}"[:MAX_NAME]


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
            "result": ("PASSED" | "WARNED" | "FAILED") as result,
            "configuration": [*judged_by],
            "passedTests": [*_],
            "warnedTests": [*warned],
            "failedTests": [*failed],
            "worthwatchStandings": {**stated_standings},
        }:
            pass
        case _:
            raise InputError(
                where,
                "no test result; expected a predicate with result (PASSED, WARNED or FAILED), configuration, "
                "passedTests, warnedTests, failedTests and worthwatchStandings",
            )
    standings = {str(scenario): _standing(word, where) for scenario, word in stated_standings.items()}
    alerts = dict.fromkeys(_alerts(warned), Standing.WAIVED)
    alerts |= dict.fromkeys(_alerts(failed), Standing.NON_COMPLIANT)
    problems = tuple(name for name in failed if isinstance(name, str) and name.startswith(_PROBLEM))
    tests = _tests(standings, alerts, problems)
    if {name: predicate[name] for name in tests} != tests:
        raise InputError(where, "its lists of tests are not what its standings come to; it contradicts itself")
    if result != _result(standings, alerts, problems):
        although = {
            "PASSED": "not every scenario is compliant, another scanner has found something, or a problem is told",
            "WARNED": "nothing is waived, something is neither compliant nor waived, or a problem is told",
            "FAILED": "all that it tells is compliant or waived, and no problem is told",
        }
        raise InputError(where, f"{result}, although {although[result]}; it contradicts itself")
    return Statement(tuple(_subject(one, where) for one in subjects), result, judged_by, standings, alerts, problems)


def _result(standings: Mapping[str, Standing], alerts: Mapping[str, Standing], problems: Sequence[str]) -> str:
    """Return the result that standings of scenarios, and of alerts, and problems come to."""
    came = {*standings.values(), *alerts.values()}
    if problems or not holds(standings.values()) or not holds(came):
        return "FAILED"
    return "WARNED" if Standing.WAIVED in came else "PASSED"


def _alerts(tests: Iterable[object]) -> list[str]:
    """Return those of the tests of a list that are alerts."""
    return [name for name in tests if isinstance(name, str) and _ALERT.match(name)]


def _tests(
    standings: Mapping[str, Standing], alerts: Mapping[str, Standing], problems: Iterable[str]
) -> dict[str, list[str]]:
    """Return the scenarios, alerts and problems that passed, warned and failed, as the predicate has them."""
    lists: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    each = {**alerts, **dict.fromkeys(problems, Standing.ERROR), **standings}
    for name, standing in sorted(each.items()):
        match standing:
            case Standing.COMPLIANT:
                lists["passedTests"].append(name)
            case Standing.WAIVED:
                lists["warnedTests"].append(name)
            case Standing.NOT_APPLICABLE:
                pass
            case _:
                lists["failedTests"].append(name)
    return lists


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
