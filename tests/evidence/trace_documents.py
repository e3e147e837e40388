"""Trace documents to compare, each as small as its case allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from evidence.diff.comparison import compare
from evidence.diff.model import Diff
from evidence.diff.reading import parse_trace
from evidence.document import SCHEMA_ID
from evidence.model import State
from policies.model import Outcome

Json = dict[str, Any]

NONE = dict.fromkeys(map(str, Outcome), 0)
ALL_KILLED = {"made": 3, "killed": 3, "false_alarms": 0, "crashes": 0}
PROVED, NOT_RUN = {"state": "proved", "mutants": 5, "refused": 0, "equivalent": 0, "tried": 9}, {"state": "not-run"}
STAGE, VPC = "worthwatch:stage", "worthwatch:deployVpc"


def linked(id_: str, **cases: int) -> Json:
    """Return a test of a trace document; without cases it was not run."""
    counts = {"passed": 0, "failed": 0, "skipped": 0, "error": 0} | cases if cases else None
    return {"id": id_, "path": id_.partition("::")[0], "line": 1, "cases": counts}


def scenario(id_: str, *problems: str, **other: Any) -> Json:
    """Return a scenario of a trace document, covered and proved unless it has problems."""
    name = id_.rpartition("/")[2]
    return {
        "id": id_,
        "name": name,
        "line": 1,
        "steps": [{"keyword": "WHEN", "text": name}, {"keyword": "THEN", "text": "it holds"}],
        "state": problems[0] if problems else "covered",
        "problems": [{"kind": kind, "message": f"it is {kind}"} for kind in problems],
        "fingerprint": {"requirement": "sha256:r", "scenario": f"sha256:{name}"},
        "reviewed": None,
        "rule": {"name": f"policies.{name}", "path": f"policies/{name}.py", "line": 1, "source": "", "page": ""},
        "tests": [linked(f"tests/{name}.py::test_it", passed=2)],
        "outcomes": NONE | {"compliant": 2},
        "mutants": ALL_KILLED,
    } | other


def context(name: str, values: Mapping[str, object], *outcomes: str | None, **other: Any) -> Json:
    """Return a context of a trace document, in which two scenarios are compliant unless outcomes are given."""
    return {
        "name": name,
        "values": dict(values),
        "account": None,
        "region": None,
        "refused": [],
        "template": None,
        "outcomes": list(outcomes or ("compliant", "compliant")),
    } | other


KEY, SORT = "storage#keys/key", "storage#keys/sort"
DEV, PROD = context("dev", {STAGE: "dev"}), context("prod", {STAGE: "prod"})


def trace(**other: Any) -> Json:
    """Return a trace document of two covered scenarios in two contexts; what contexts show is counted in scenarios."""
    document: Json = {
        "schema": SCHEMA_ID,
        "specs": [],
        "scenarios": [scenario(KEY), scenario(SORT)],
        "orphans": [],
        "contexts": [DEV, PROD],
        "axes": [],
        "findings": [],
        "scanned": {"scanners": [], "alerts": []},
        "proof": PROVED,
        "problems": [],
        "judged": {"gate": True, "tests": True},
    } | other
    shown = [
        [context["outcomes"][place] for context in document["contexts"]] for place in range(len(document["scenarios"]))
    ]
    document["scenarios"] = [
        each | {"outcomes": each["outcomes"] and {one: max(n, held.count(one)) for one, n in each["outcomes"].items()}}
        for each, held in zip(document["scenarios"], shown, strict=True)
    ]
    document.setdefault("summary", summary(document))
    return document


def summary(document: Json) -> Json:
    """Return what a trace document comes to."""
    states = [each["state"] for each in document["scenarios"]]
    outcomes = [each["outcomes"] for each in document["scenarios"] if each["outcomes"]]
    alerts = (document["scanned"] or {}).get("alerts", ())
    return {
        "scenarios": len(states),
        "states": {str(state): states.count(state) for state in State},
        "orphans": len(document["orphans"]),
        "contexts": len(document["contexts"]),
        "templates": 0,
        "outcomes": {outcome: sum(each[outcome] for each in outcomes) for outcome in NONE},
        "alerts": {"total": len(alerts), "standing": sum(each["contexts"] != each["waived"] for each in alerts)},
        "exit_code": 0,
    }


def alert(rule: str, contexts: Sequence[int] = (0, 1), waived: Sequence[int] = (), **other: Any) -> Json:
    """Return what checkov has found in these contexts, which a waiver covers in some of them."""
    return {
        "scanner": "checkov",
        "rule": rule,
        "resource": "Storage/Table",
        "fingerprint": "0123456789abcdef" * 2,
        "level": "error",
        "message": f"Ensure {rule}",
        "help": None,
        "contexts": list(contexts),
        "waived": list(waived),
        "waivers": [f"checkov {rule} on Storage/Table, by Jane until 2026-12-31, 9 days left: so"] if waived else [],
    } | other


def scanned(*alerts: Json, **versions: str | None) -> Json:
    """Return what a trace document tells of other scanners, checkov 3 among them unless versions are given."""
    scanners = [{"name": name, "version": version} for name, version in (versions or {"checkov": "3"}).items()]
    return {"scanners": scanners, "alerts": list(alerts)}


def static(*scenarios: Json) -> Json:
    """Return the trace document of the same scenarios by links alone."""
    unjudged = deepcopy(list(scenarios))
    for each in unjudged:
        each["outcomes"] = each["mutants"] = None
        each["tests"] = [test | {"cases": None} for test in each["tests"]]
    return trace(scenarios=unjudged, contexts=[], judged={"gate": False, "tests": False}, proof=NOT_RUN)


def diff(old: Json, new: Json) -> Diff:
    """Compare two documents."""
    return compare(parse_trace(old, "old.json"), parse_trace(new, "new.json"))


def with_key(*problems: str, **other: Any) -> Json:
    """Return the trace document in which one scenario is another."""
    return trace(scenarios=[scenario(KEY, *problems, **other), scenario(SORT)])
