"""Waivers for tests: one that says all that it must, and how to change it."""

from __future__ import annotations

from datetime import date
from typing import Final

from policies.waiver_model import Waiver

A, B, C = (digit * 32 for digit in "abc")
"""Fingerprints."""

PATH: Final = "WorthWatchStorage/Storage/LambdaFunction/Resource"
CREATED, EXPIRES = date(2025, 1, 31), date(2025, 7, 31)

FIELDS: Final = {
    "scanner": "checkov",
    "rule": "CKV_AWS_116",
    "resource": PATH,
    "fingerprints": [A],
    "reason": "The function is called synchronously: nothing is lost.",
    "owner": "Storage team",
    "created": CREATED,
    "expires": EXPIRES,
    "link": "https://tracker.worthwatch.io/browse/WW-12?focus=4",
}


def waiver(**changes: object) -> Waiver:
    """Return a waiver of a finding of checkov's on the function, changed."""
    return Waiver.model_validate(FIELDS | changes)
