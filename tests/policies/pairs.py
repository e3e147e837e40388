"""Pairs of a scanner's rule and a scenario for tests: one that says all that it must, and how to change it."""

from __future__ import annotations

from typing import Final

from policies.agreement import Pair

RECOVERY: Final = "storage-hardening#production-protection/production-recovery-enabled"
NOTE: Final = "Both ask that recovery be on, the scenario in production."
WHY: Final = "Both are right, each about another thing."

FIELDS: Final = {
    "scanner": "checkov",
    "rule": "CKV_AWS_28",
    "scenario": RECOVERY,
    "types": ["AWS::DynamoDB::Table"],
    "note": NOTE,
}


def pair(**changes: object) -> Pair:
    """Return a pair of checkov's rule on recovery and the scenario of it, changed."""
    return Pair.model_validate(FIELDS | changes)


def explained(side: str, **changes: object) -> dict[str, object]:
    """Return an explanation of a disagreement on a side, as TOML holds it."""
    return {"side": side, "why": WHY} | changes
