"""Whether a scanner has read what it was to read."""

from __future__ import annotations

import pytest

from scanners.canary import canary
from scanners.coverage import shortcomings, sung
from scanners.model import Scan
from tests.scanners.logs import A, B, C, finding, scan

ONE, BOTH = {canary([A]): frozenset({"R"})}, {canary([A, B]): frozenset({"R", "S"})}
FIVE = [digit * 64 for digit in "98765"]

AGAIN = "run it again on the folder of templates that `storage-compliance synth` has written for this matrix"


def silent(*templates: str, other: str = "") -> str:
    """Return what is said of a scanner that has found nothing in the canary of templates, but something in others."""
    found = f"something in {other}, which is of other templates, and " if other else ""
    return (
        f"it found {found}nothing in the canary, {canary(templates)}.template.json: it may have read nothing; {AGAIN}"
    )


@pytest.mark.parametrize(
    ("one", "templates", "told"),
    [
        (scan(finding(A), canaries=BOTH), [A, B], []),
        (scan(finding(A), canaries=BOTH), [B, A, B], []),
        (scan(canaries=ONE), [A], []),
        (scan(canaries=ONE | BOTH), [A], []),
        (scan(finding(None), canaries=ONE), [A], []),
        (scan(templates=frozenset({A, B}), canaries=BOTH), [A, B], []),
        (scan(templates=frozenset({A, B})), [A, B], [silent(A, B)]),
        (scan(), [A], [silent(A)]),
        (scan(finding(A)), [A], [silent(A)]),
        (scan(canaries=BOTH), [A], [silent(A, other=canary([A, B]))]),
        (scan(canaries=ONE), [A, B], [silent(A, B, other=canary([A]))]),
        (scan(templates=frozenset(), canaries=BOTH), [A, B], [f"it has not read {A}, {B}, 2 of 2 templates"]),
        (scan(templates=frozenset({A}), canaries=BOTH), [A, B], [f"it has not read {B}, 1 of 2 templates"]),
        (
            scan(templates=frozenset({A}), canaries=BOTH, unread={B: "it broke"}),
            [A, B],
            [f"it has not read {B}, 1 of 2 templates: it broke"],
        ),
        (scan(canaries=BOTH, unread={B: "it broke"}), [A, B], [f"it has not read {B}, 1 of 2 templates: it broke"]),
        (
            scan(canaries=ONE, unread={B: "it broke"}),
            [A],
            [f"it has read {B}, 1 of other runs; run it again on the templates of this one"],
        ),
        (
            scan(templates=frozenset({A, B}), canaries=ONE),
            [A],
            [f"it has read {B}, 1 of other runs; run it again on the templates of this one"],
        ),
        (
            scan(finding(B), finding(C), canaries=ONE),
            [A],
            [f"it has read {B}, {C}, 2 of other runs; run it again on the templates of this one"],
        ),
        (
            scan(templates=frozenset(), canaries={canary(FIVE): frozenset({"R"})}),
            FIVE,
            [f"it has not read {'5' * 64}, {'6' * 64}, {'7' * 64}, …, 5 of 5 templates"],
        ),
        (scan(canaries=ONE), [], ["there are no templates that it could have read"]),
        (scan(), [], ["there are no templates that it could have read"]),
        (scan(canaries=ONE, failures=("it broke", "it fell")), [A], ["it broke", "it fell"]),
    ],
)
def test_shortcomings(one: Scan, templates: list[str], told: list[str]) -> None:
    """A scanner that failed, was silent in the run's canary, left a template out or read others, is not relied on."""
    assert list(shortcomings(one, templates)) == told


def test_sung() -> None:
    """The rules are those of the run's canary alone."""
    assert sung(scan(canaries=ONE | BOTH), [A, B]) == {"R", "S"}
    assert sung(scan(canaries=ONE), [A, B]) == frozenset()


def test_parts() -> None:
    """The canary of each part has to have been found wanting; a rule that was silent in one of them was silent."""
    parts = {canary([A]): frozenset({"R", "S"}), canary([B]): frozenset({"R"})}
    whole = scan(templates=frozenset({A, B}), canaries=parts)
    assert list(shortcomings(whole, [A], [B])) == []
    assert sung(whole, [A], [B]) == {"R"}
    half = scan(templates=frozenset({A, B}), canaries=ONE)
    assert list(shortcomings(half, [A], [B])) == [silent(B)]
    assert list(shortcomings(scan(templates=frozenset({A}), canaries=parts), [A], [B])) == [
        f"it has not read {B}, 1 of 2 templates"
    ]
    assert list(shortcomings(scan(templates=frozenset({A, B, C}), canaries=parts | BOTH), [A], [B])) == [
        f"it has read {C}, 1 of other runs; run it again on the templates of this one"
    ]
