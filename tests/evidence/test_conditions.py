"""What waivers ask of settings: all that a condition can tell apart, and nothing else."""

from __future__ import annotations

import pytest

from evidence.conditions import Conditions
from policies.waiver_model import is_met
from tests.policies.waivers import waiver

WAIVERS = waiver(when={"stage": ["dev", "staging"]}), waiver(when={"deployVpc": [True]}), waiver(when={"capacity": [1]})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"stage": "dev", "deployVpc": True, "capacity": 1, "tableName": "orders"}, 3),
        ({"stage": "prod", "deployVpc": False, "capacity": 5}, 0),
        ({"deployVpc": 1, "capacity": True}, 0),
        ({"stage": ["dev"], "deployVpc": {}, "capacity": 1.0}, 0),
        ({"stage": None}, 0),
        ({}, 0),
    ],
)
def test_what_is_told(settings: dict[str, object], told: int) -> None:
    """What a waiver names, with its type, is; and every condition holds of it as of all settings."""
    kept = Conditions(WAIVERS).of(settings)
    assert len(kept) == told
    assert [is_met(one.when, kept) for one in WAIVERS] == [is_met(one.when, settings) for one in WAIVERS]


def test_alike() -> None:
    """Contexts that no waiver tells apart share one object."""
    conditions = Conditions(WAIVERS)
    dev, prod = ({"stage": stage, "tableName": stage} for stage in ("dev", "prod"))
    assert conditions.of(dev) is conditions.of(dev | {"tableName": "another"})
    assert conditions.of(prod) is conditions.of({})
    assert list(conditions.distinct) == [{"stage": "dev"}, {}]
