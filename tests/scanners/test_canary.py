"""The canary: its name, and that it violates what the agreement compares."""

from __future__ import annotations

import hashlib
import inspect
import json

import pytest

from scanners import canary as module
from scanners.canary import CANARY, canary, is_canary
from tests.scanners.logs import A, B


def test_name() -> None:
    """It is that of a set: neither the order of the templates nor how often they stand counts."""
    digest = hashlib.sha256(f"{A}\n{B}\n".encode()).hexdigest()
    assert canary([B, A, B]) == f"canary-{digest}"
    assert len({canary([]), canary([A]), canary([B]), canary([A, B])}) == 4


@pytest.mark.parametrize(
    ("name", "is_one"),
    [(canary([A]), True), (A, False), ("canary", False), (f"canary-{A.upper()}", False), (f"{canary([A])}\n", False)],
)
def test_is_canary(name: str, *, is_one: bool) -> None:
    """No template is named as a canary."""
    assert is_canary(name) is is_one


def test_tables_alone_lack_policies() -> None:
    """Of the resources that the agreement is about, others state both policies: what sings of these sings of tables."""
    resources = json.loads(CANARY)["Resources"].values()
    policies = {"DeletionPolicy", "UpdateReplacePolicy"}
    kept = {one["Type"] for one in resources if policies <= one.keys()}
    assert {"AWS::S3::Bucket", "AWS::DynamoDB::Table"} == kept
    assert sum(one["Type"] == "AWS::DynamoDB::Table" and not policies & one.keys() for one in resources) == 1


def test_needs_nothing() -> None:
    """It is read in a scanner's own environment, where nothing of ours is installed."""
    imports = [line for line in inspect.getsource(module).splitlines() if "import" in line[:6]]
    assert imports == ["import hashlib", "import json", "import re"]
