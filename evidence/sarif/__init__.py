"""A record as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as GitHub code scanning takes it.

GitHub shows every result as an alert, whatever its `kind` says, and SARIF allows no level beside a `kind` other than
"fail". So results are findings alone, each a failure of level "error": what is undetermined, and what could not be
judged, passes no check either, and says its own word at the head of its message and as its `standing`. No severity is
told apart from another, and no `security-severity` made up: what a spec says SHALL be, is to be.

What is waived is a result as any other, with its waiver as an accepted suppression (section 3.27.23, by which all
results of a run tell of theirs or none does). GitHub leaves its alert open: to dismiss it takes an action such as
advanced-security/dismiss-alerts.

Each other scanner that was asked has a run of its own, under its name and with its own levels: one that has found
nothing has one without results, and if none was asked, there is none. GitHub refuses a file in which two runs have tool
and category in common (https://github.blog/changelog/2024-05-06-code-scanning-will-stop-combining-runs-from-a-single-upload/),
so each has a category of its own.

What GitHub demands and how much it takes is on its page "SARIF support for code scanning"
(https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning).
"""

from __future__ import annotations

from typing import Any

from evidence.alerts import Found, by_scanner
from evidence.record import Record
from evidence.sarif import ours, scanners
from evidence.sarif.parts import Json, Room, Templates, notification, sources

MAX_RUNS = 20
"""The most runs: GitHub takes no file with more."""

MAX_RESULTS = 5_000
"""The most results: GitHub shows no more of a run."""

MAX_LENGTH = 9_000_000
"""The most characters of all results, as JSON in ASCII: GitHub takes 10 MB, compressed."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(record: Record, templates: Templates) -> dict[str, Any]:
    """Return the SARIF log of a record: a run whose results are the findings, and one for each other scanner.

    `templates` need return only those that findings were first seen in; a finding on another is placed at its start.
    What GitHub has no room for is left out, of other scanners what is waived before what stands; a notification says
    how much it is.
    """
    room, source = Room(MAX_RESULTS, MAX_LENGTH), sources(templates)
    found = sorted(by_scanner(record.scanned), key=lambda one: not one.standing)
    told, left_out = found[: MAX_RUNS - 1], found[MAX_RUNS - 1 :]
    runs = [ours.run(record, room, source, [_left_out(left_out)] if left_out else [])]
    runs += (scanners.run(one, record, room, source) for one in told)
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}


def _left_out(found: list[Found]) -> Json:
    alerts, standing = sum(len(one.alerts) for one in found), sum(one.standing for one in found)
    text = f"Scanners left out: {len(found):,}, with findings: {alerts:,}, of which stand: {standing:,}."
    return notification(
        "error" if standing else "warning", f"{text} GitHub takes {MAX_RUNS} runs; the trace holds all."
    )
