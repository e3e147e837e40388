"""docs/peers.md, as `tox run -e peers` last wrote it: of the versions that are locked, the answers and the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evidence.markdown import escape
from gate.waivers import load_pairs
from policies.agreement import SHIPPED
from proof.answers import read_answers
from proof.generated import Kind, operator_of
from proof.operators import catalogue
from proof.scenarios import EVERY

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("scanner", "lock", "distribution", "before"),
    [
        ("cdk", "runtime", "aws-cdk-lib", ""),
        ("cdk-nag", "runtime", "cdk-nag", ""),
        ("cfn-guard", "cfn-guard", "cdklabs-cdk-validator-cfnguard", "3.1.1+rules."),
        ("cfn-lint", "cfn-lint", "cfn-lint", ""),
        ("checkov", "checkov", "checkov", ""),
    ],
)
def test_versions(scanner: str, lock: str, distribution: str, before: str) -> None:
    """The page is about the scanners that are locked: with another version, it has to be written anew."""
    locked = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    (version,) = re.findall(rf"^{re.escape(distribution)}==(\S+)", locked, re.MULTILINE)
    assert f"- {scanner} {before}{version}" in PAGE.splitlines()


def test_scenarios() -> None:
    """Every scenario about tables is in it, with mutants that violate it."""
    rows = re.findall(r"^\| `([^`]+)` \| ([\d,]+) \|", PAGE, re.MULTILINE)
    assert sorted(scenario for scenario, _ in rows) == sorted(EVERY)
    assert all(int(count.replace(",", "")) > 0 for _, count in rows)


def test_answers() -> None:
    """The answers are those of today."""
    for answer in read_answers():
        assert any(escape(answer.answer) in line and f"`{answer.rules[0]}`" in line for line in PAGE.splitlines())


def test_explanations() -> None:
    """What is explained of mutants is of operators that there are, and is on the page."""
    explained = [one for pair in load_pairs(SHIPPED) for one in pair.explained if one.operators]
    known = {one.name for one in catalogue()} | {operator_of(kind) for kind in Kind}
    assert {operator for one in explained for operator in one.operators} <= known
    assert [one.why for one in explained if escape(one.why) not in PAGE] == []
