"""SARIF of other scanners: a run for each that was asked, what stands as it is told, what is waived suppressed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from evidence.bundle.canonical import canonical
from evidence.model import Scanned, Scanner, TracedAlert, Trouble
from evidence.record import Standing
from evidence.sarif import MAX_RUNS, render
from scanners.model import Level
from tests.evidence.records import DIGEST, PROVENANCE, TEMPLATE, alert, context, record, scanned

AT_HAND: Mapping[str, bytes] = MappingProxyType({DIGEST: TEMPLATE})
TABLE = "Storage/Storage/Table/Resource"
OTHER = "f" * 32
WAIVED = {"waived": (0, 1), "waivers": ("checkov CKV_AWS_119 on x, by Jane Doe until 2027-01-01, 40 days left: So.",)}


def runs_of(told: Scanned, templates: Mapping[str, bytes] = AT_HAND, **other: Any) -> list[dict[str, Any]]:
    """Return all runs but our own of a record in which other scanners were asked."""
    runs: list[dict[str, Any]] = render(record(Standing.COMPLIANT, scanned=told, **other), templates.get)["runs"]
    assert runs[0]["tool"]["driver"]["name"] == "storage-compliance"
    return runs[1:]


def result_of(one: TracedAlert, templates: Mapping[str, bytes] = AT_HAND) -> dict[str, Any]:
    """Return the only result of the only scanner that has found anything."""
    (result,) = runs_of(scanned(one), templates)[0]["results"]
    assert isinstance(result, dict)
    return result


def test_none_was_asked() -> None:
    """Nothing is said of scanners, least of all that they found nothing."""
    assert runs_of(Scanned()) == []


def test_a_run_for_each_scanner() -> None:
    """Each has its name, version, category, rules and results; one that has found nothing has none of the latter."""
    checkov, house_rules = runs_of(scanned(alert(resource=TABLE)))
    common = {
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The root of the repository, below which cdk.out is written."}}
        },
        "columnKind": "utf16CodeUnits",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": []}],
    }
    said = "Ensure DynamoDB Tables are encrypted using a KMS Customer Managed CMK"
    rule = {
        "id": "CKV_AWS_119",
        "shortDescription": {"text": f"CKV_AWS_119: {said}"},
        "fullDescription": {"text": said},
        "help": {"text": "A rule of another scanner than ours. See https://example.com/CKV_AWS_119"},
        "helpUri": "https://example.com/CKV_AWS_119",
    }
    result = {
        "ruleId": "CKV_AWS_119",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "error",
        "message": {
            "text": (
                f"non-compliant: {said}\n"
                f"resource: {TABLE}\n"
                "level: error\n"
                "context: dev and 1 other\n"
                "known by: 0123456789abcdef0123456789abcdef\n"
                "help: https://example.com/CKV_AWS_119"
            )
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": "cdk.out/WorthWatchStorage.template.json",
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": 3, "startColumn": 12, "endLine": 14, "endColumn": 4},
                },
                "logicalLocations": [{"name": "Table", "fullyQualifiedName": TABLE, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": "0123456789abcdef0123456789abcdef:1"},
        "suppressions": [],
        "properties": {
            "standing": "non-compliant",
            "contexts": ["dev", "prod"],
            "contextCount": 2,
            "waivedContextCount": 0,
        },
    }
    assert checkov == {
        "tool": {"driver": {"name": "checkov", "version": "3.3.30", "rules": [rule]}},
        "automationDetails": {"id": f"storage-compliance/smoke/checkov/{PROVENANCE.commit}"},
        "results": [result],
        "properties": {"standing": 1, "waived": 0},
        **common,
    }
    assert house_rules == {
        "tool": {"driver": {"name": "house-rules", "rules": []}},
        "automationDetails": {"id": f"storage-compliance/smoke/house-rules/{PROVENANCE.commit}"},
        "results": [],
        "properties": {"standing": 0, "waived": 0},
        **common,
    }


def test_what_is_waived_is_suppressed_after_what_stands() -> None:
    """Only what is waived wherever it shows: with its waivers, and after what stands."""
    everywhere = alert(rule="CKV_AWS_116", **WAIVED)
    somewhere = alert(waived=(0,), waivers=WAIVED["waivers"])
    run = runs_of(scanned(everywhere, somewhere))[0]
    justified = [{"kind": "external", "status": "accepted", "justification": WAIVED["waivers"][0]}]
    assert [(one["ruleId"], one["properties"]["standing"], one["suppressions"]) for one in run["results"]] == [
        ("CKV_AWS_119", "non-compliant", []),
        ("CKV_AWS_116", "waived", justified),
    ]
    assert run["properties"] == {"standing": 1, "waived": 1}
    told = [one["message"]["text"] for one in run["results"]]
    assert f"\ncontext: dev and 1 other\nnot waived in: prod\nwaiver: {WAIVED['waivers'][0]}\n" in told[0]
    assert f"\ncontext: dev and 1 other\nwaiver: {WAIVED['waivers'][0]}\n" in told[1]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["CKV_AWS_119", "CKV_AWS_116"]
    assert [one["ruleIndex"] for one in run["results"]] == [0, 1]


@pytest.mark.parametrize(
    ("level", "kind"),
    [(Level.ERROR, "fail"), (Level.WARNING, "fail"), (Level.NOTE, "fail"), (Level.NONE, "review")],
)
def test_levels(level: Level, kind: str) -> None:
    """Each level is the scanner's own; none of them goes with a failure by the standard."""
    result = result_of(alert(level=level))
    assert (result["level"], result["kind"]) == (str(level), kind)


@pytest.mark.parametrize(
    ("resource", "templates", "line", "logical"),
    [
        (TABLE, AT_HAND, 3, [{"name": "Table", "fullyQualifiedName": TABLE, "kind": "resource"}]),
        ("Table", AT_HAND, 3, [{"name": "Table", "fullyQualifiedName": "Table", "kind": "resource"}]),
        (TABLE, {}, 1, [{"name": TABLE, "fullyQualifiedName": TABLE, "kind": "resource"}]),
        ("Gone", AT_HAND, 1, [{"name": "Gone", "fullyQualifiedName": "Gone", "kind": "resource"}]),
        (TABLE, {DIGEST: b"[]"}, 1, [{"name": TABLE, "fullyQualifiedName": TABLE, "kind": "resource"}]),
        (TABLE, {DIGEST: b'{"Resources": 1}'}, 1, [{"name": TABLE, "fullyQualifiedName": TABLE, "kind": "resource"}]),
        ("template", AT_HAND, 1, None),
    ],
)
def test_where_an_alert_is(resource: str, templates: Mapping[str, bytes], line: int, logical: object) -> None:
    """At its resource, by path or logical id, in a template that is at hand; or else at a template's start."""
    (location,) = result_of(alert(resource=resource), templates)["locations"]
    assert location["physicalLocation"]["region"]["startLine"] == line
    assert location.get("logicalLocations") == logical


def test_the_template_that_is_at_hand_is_looked_into() -> None:
    """If that of the first context is not, another may be."""
    other, none = context("other", template=f"sha256:{'0' * 64}"), context("none", template=None)
    contexts = (none, other, *record().contexts)
    (run, _) = runs_of(scanned(alert(resource=TABLE, contexts=(0, 1, 2))), contexts=contexts)
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_a_scanner_that_cannot_be_relied_on_was_not_successful() -> None:
    """Its run without results is not taken for a clean one."""
    trouble = Trouble("house-rules", "read 1 of 2 templates")
    runs = runs_of(scanned(), problems=(trouble,))
    assert [one["invocations"][0]["executionSuccessful"] for one in runs] == [True, False]


def test_a_scanner_that_is_named_twice_has_one_run() -> None:
    """GitHub refuses a second run of one tool and category; both versions cannot be told."""
    twice = Scanned((Scanner("checkov", "1"), Scanner("checkov", "2")), (alert(),))
    (run,) = runs_of(twice)
    assert (run["tool"]["driver"]["version"], len(run["results"])) == ("1", 1)


def test_fingerprints_stay_when_something_else_changes() -> None:
    """Neither the template, nor contexts, nor other alerts, nor a waiver change an alert's."""
    before = result_of(alert())["partialFingerprints"]
    others = (alert(fingerprint=OTHER), alert(contexts=(1,), waived=(1,), waivers=("a",)))
    results = runs_of(scanned(*others), {})[0]["results"]
    assert before == results[1]["partialFingerprints"] != results[0]["partialFingerprints"]


@pytest.mark.parametrize(("limit", "value"), [("MAX_RESULTS", 1), ("MAX_LENGTH", 2_000)])
def test_what_is_left_out_is_told(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """What stands is kept first; a notification counts the rest, as an error if any of it stands."""
    monkeypatch.setattr(f"evidence.sarif.{limit}", value)
    waived = alert(fingerprint=OTHER, **WAIVED)
    run = runs_of(scanned(waived, alert()))[0]
    assert [one["properties"]["standing"] for one in run["results"]] == ["non-compliant"]
    text = "Findings left out: 1, of which stand: 0. GitHub takes no more; the trace holds all."
    assert run["invocations"][0]["toolExecutionNotifications"] == [{"level": "warning", "message": {"text": text}}]
    assert run["properties"] == {"standing": 1, "waived": 1}
    worse = runs_of(scanned(alert(), waived, alert(fingerprint="e" * 32)))[0]
    text = "Findings left out: 2, of which stand: 1. GitHub takes no more; the trace holds all."
    assert worse["invocations"][0]["toolExecutionNotifications"] == [{"level": "error", "message": {"text": text}}]


def test_scanners_that_are_left_out_are_told() -> None:
    """GitHub takes 20 runs: those in which something stands are kept first, and our own run counts the rest."""
    scanners = tuple(Scanner(f"s{number}", None) for number in range(MAX_RUNS + 1))
    alerts = (alert(scanner="s20"), alert(scanner="s19", **WAIVED), alert(scanner="s18", **WAIVED))
    runs = render(record(Standing.COMPLIANT, scanned=Scanned(scanners, alerts)), AT_HAND.get)["runs"]
    assert [run["tool"]["driver"]["name"] for run in runs[1:]] == ["s20", *(f"s{number}" for number in range(18))]
    (told,) = runs[0]["invocations"][0]["toolExecutionNotifications"]
    text = "Scanners left out: 2, with findings: 2, of which stand: 0. GitHub takes 20 runs; the trace holds all."
    assert told == {"level": "warning", "message": {"text": text}}
    every = tuple(alert(scanner=one.name, resource=one.name) for one in scanners)
    runs = render(record(Standing.COMPLIANT, scanned=Scanned(scanners, every)), AT_HAND.get)["runs"]
    assert runs[0]["invocations"][0]["toolExecutionNotifications"][0]["level"] == "error"


def test_untrusted_text_is_text() -> None:
    """Nothing that a scanner writes is a placeholder, a link or a control character."""
    hostile = "see {0} [here](http://attacker.example)\x1b[31m\ud800\u202e"
    one = alert(rule=hostile, resource=hostile, message=hostile, help_uri="javascript:alert(1)")
    run = runs_of(Scanned((Scanner("checkov", hostile),), (one,)))[0]
    shown = "see {0} [here](http://attacker.example)\\x1b[31m\\ud800\\u202e"
    unlinked = shown.replace("](", "] (")
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule == {
        "id": shown,
        "shortDescription": {"text": f"{unlinked}: {unlinked}"},
        "fullDescription": {"text": unlinked},
        "help": {"text": "A rule of another scanner than ours."},
    }
    (result,) = run["results"]
    escaped = unlinked.replace("{0}", "{{0}}")
    assert result["message"]["text"].splitlines()[:2] == [f"non-compliant: {escaped}", f"resource: {escaped}"]
    assert run["tool"]["driver"]["version"] == result["ruleId"] == shown
    assert json.loads(canonical(run)) == run


def test_long_text_is_cut() -> None:
    """However long it is, in however many contexts: a result and its rule are short, and count what they leave out."""
    long = "x" * 1_000_000
    one = alert(
        rule=long, resource=long, message=long, contexts=tuple(range(1_000)), waived=tuple(range(999)),
        waivers=(long,) * 999, help_uri=f"https://example.com/{long}",
    )  # fmt: skip
    contexts = tuple(context(f"c{number}") for number in range(1_000))
    run = runs_of(scanned(one), contexts=contexts)[0]
    (result,) = run["results"]
    assert len(json.dumps(run)) < 20_000
    assert result["properties"] == {
        "standing": "non-compliant",
        "contexts": [f"c{number}" for number in range(20)],
        "contextCount": 1_000,
        "waivedContextCount": 999,
    }
    waived = result_of(replace(one, contexts=(0,), waived=(0,)))
    assert [len(one["justification"]) for one in waived["suppressions"]] == [1_001] * 20
