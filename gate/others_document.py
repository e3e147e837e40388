"""What other scanners and the waivers come to, as `verdicts.schema.json` describes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date

from gate.agreement import Agreement
from gate.scans import Others, Reported
from policies.agreement import Pair
from policies.waiver_model import Waiver
from policies.waiving import Notice, Problem, Waived


def others_as_json(others: Others | None, contexts: Iterable[str]) -> dict[str, object]:
    """Return it in plain JSON values; alerts tell places among the names of the run's `contexts`, in sorted order."""
    if others is None:
        return {"scanners": [], "alerts": [], "waivers": None, "agreement": None}
    places = {name: place for place, name in enumerate(sorted(contexts))}
    waiving = others.waiving
    return {
        "scanners": list(_scanners(others)),
        "alerts": [_alert(reported, places, others.today) for reported in others.reported],
        "waivers": {
            "waived": [_waived(waived) for waived in waiving.waived],
            "problems": [_problem(problem) for problem in waiving.problems],
            "warnings": [_notice(notice) for notice in waiving.warnings],
            "not_asked": [_notice(notice) for notice in waiving.not_asked],
        },
        "agreement": _agreement(others.agreement, places),
    }


def _scanners(others: Others) -> Iterator[dict[str, object]]:
    found = Counter(one.alert.scanner for one in others.reported)
    standing = Counter(one.alert.scanner for one in others.standing)
    unlisted = set(others.unlisted)
    for scan in others.scanners:
        yield {
            "name": scan.name,
            "version": scan.version,
            "lists_templates": scan.name not in unlisted,
            "findings": found[scan.name],
            "not_waived": standing[scan.name],
            "problems": [said for name, said in others.problems if name == scan.name],
        }


def _alert(reported: Reported, places: Mapping[str, int], today: date) -> dict[str, object]:
    alert = reported.alert
    return {
        "scanner": alert.scanner,
        "rule": alert.rule,
        "resource": alert.resource,
        "fingerprint": alert.fingerprint,
        "level": str(alert.level),
        "message": alert.message,
        "help": alert.help_uri,
        "contexts": sorted(places[name] for name in reported.contexts),
        "waived": sorted(places[name] for name in reported.waived),
        "waivers": [asdict(cover) for cover in reported.covers(today)],
    }


def _waived(waived: Waived) -> dict[str, object]:
    return {"waiver": _waiver(waived.waiver), "days_left": waived.days_left, "findings": waived.flags}


def _problem(problem: Problem) -> dict[str, object]:
    return {"kind": str(problem.kind), "waiver": _waiver(problem.waiver), "message": problem.message}


def _notice(notice: Notice) -> dict[str, object]:
    return {"waiver": _waiver(notice.waiver), "message": notice.message}


def _waiver(waiver: Waiver) -> dict[str, object]:
    return waiver.model_dump(mode="json")


def _agreement(agreement: Agreement, places: Mapping[str, int]) -> dict[str, object]:
    return {
        "pairs": agreement.asked,
        "compared": agreement.compared,
        "disagreements": [
            {
                **_pair(one.pair),
                "side": str(one.side),
                "resource": one.resource,
                "contexts": [places[name] for name in one.contexts],
                "why": one.explanation and one.explanation.why,
            }
            for one in agreement.disagreements
        ],
        # Of contexts, which no operator of the proof has made.
        "stale": [
            {**_pair(pair), "explanation": one.model_dump(mode="json", exclude={"operators"})}
            for pair, one in agreement.stale
        ],
    }


def _pair(pair: Pair) -> dict[str, object]:
    return {"scanner": pair.scanner, "rule": pair.rule, "scenario": pair.scenario}
