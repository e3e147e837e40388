"""Verdicts on disk: as many as there are, in their order, as often as is wanted."""

from __future__ import annotations

import gc
import weakref

import pytest

from gate import verdicts
from gate.verdicts import Verdicts
from policies.model import Outcome, Verdict


def verdict(number: int) -> Verdict:
    """Return a verdict with all that one can hold."""
    found = {"number": number, "é": [None, 1.5, True]}
    assuming = ("Stage is prod",)
    return Verdict("s", "r/s", Outcome.NON_COMPLIANT, "t", "c", "R", "$.p", found, "e", "m", "x", assuming, "w")


@pytest.mark.parametrize("number", [0, 1, 3, 4, 5, 8, 11])
def test_order(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """What was added is given again, before others are added and behind it, and twice at the same time."""
    monkeypatch.setattr(verdicts, "IN_MEMORY", 4)
    all_of_them = list(map(verdict, range(number)))
    kept = Verdicts(all_of_them[:3])
    assert list(kept) == all_of_them[:3]
    for one in all_of_them[3:]:
        kept.append(one)
    assert (len(kept), list(kept)) == (number, all_of_them)
    assert list(zip(kept, kept, strict=True)) == [(one, one) for one in all_of_them]


def test_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on disk is not in memory as well."""

    class Found:
        pass

    monkeypatch.setattr(verdicts, "IN_MEMORY", 2)
    monkeypatch.setattr("pickle.dump", lambda *_: None)
    found = Found()
    gone = weakref.ref(found)
    kept = Verdicts([Verdict("s", "r/s", Outcome.COMPLIANT, found=found), verdict(1)])
    del found
    gc.collect()
    assert (len(kept), gone()) == (2, None)
