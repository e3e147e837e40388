"""Two traces compared, as one JSON document that `trace_diff.schema.json` describes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files

from evidence.diff.alerts import AlertChange
from evidence.diff.contexts import AxisValue, Changes, Item
from evidence.diff.model import Diff, Loss, ScenarioChange
from evidence.diff.reading import Context

SCHEMA_ID = "urn:worthwatch:storage-compliance:trace-diff:1"


def schema() -> dict[str, object]:
    """Return the JSON Schema of the document."""
    text = files("evidence.diff").joinpath("trace_diff.schema.json").read_text(encoding="utf-8")
    document: dict[str, object] = json.loads(text)
    return document


def render(diff: Diff) -> str:
    """Return the document."""
    return json.dumps(document(diff), indent=1, allow_nan=False)


def document(diff: Diff) -> dict[str, object]:
    """Return the document in plain values."""
    return {
        "schema": SCHEMA_ID,
        "losses": [_loss(loss) for loss in diff.losses],
        "scenarios": [_scenario(change) for change in diff.scenarios],
        "contexts": _sides(diff.contexts, _context),
        "axes": _sides(diff.axes, _axis_value),
        "orphans": _sides(diff.orphans, lambda orphan: orphan.model_dump()),
        "problems": _sides(diff.problems, lambda problem: problem.model_dump()),
        "scanners": _sides(diff.scanners, asdict),
        "alerts": [_alert(change) for change in diff.alerts],
        "not_compared": list(diff.not_compared),
        "summary": {"changed": not diff.is_empty, "losses": len(diff.losses), "exit_code": diff.exit_code},
    }


def _loss(loss: Loss) -> dict[str, object]:
    return {"where": loss.where, "message": " ".join((loss.message, ", ".join(loss.names))).rstrip()}


def _scenario(change: ScenarioChange) -> dict[str, object]:
    return {
        "change": change.kind,
        "before": change.before and change.before._asdict(),
        "after": change.after and change.after._asdict(),
        "newly": list(change.newly),
        "no_longer": list(change.no_longer),
        "edited": list(change.edited),
        "rules": change.rules and {"before": change.rules[0], "after": change.rules[1]},
        "tests": {
            "lost": list(change.tests_lost),
            "gained": list(change.tests_gained),
            "failing": list(change.failing),
            "fewer_passed": [each._asdict() for each in change.fewer_passed],
        },
        "outcomes": [each._asdict() for each in change.transitions],
    }


def _context(context: Context) -> dict[str, object]:
    return {
        "name": context.name,
        "values": context.values,
        "account": context.account,
        "region": context.region,
        "refused": context.refused,
    }


def _axis_value(value: AxisValue) -> dict[str, object]:
    given = {} if value.value is None else {"value": json.loads(value.value)}
    return {"key": value.key, "set": value.value is not None, **given}


def _alert(change: AlertChange) -> dict[str, object]:
    alert = change.alert
    return {
        "scanner": alert.scanner,
        "rule": alert.rule,
        "resource": alert.resource,
        "fingerprint": alert.fingerprint,
        "message": alert.message,
        "before": change.before,
        "after": change.after,
        "contexts": change.contexts,
        "first": change.first,
    }


def _sides(changes: Changes[Item], tell: Callable[[Item], dict[str, object]]) -> dict[str, object]:
    return {"lost": [tell(item) for item in changes.lost], "gained": [tell(item) for item in changes.gained]}
