"""The replicas of a global table, and where a table holds what each of them holds."""

from __future__ import annotations

import pytest

from policies.errors import MismatchError, UndeterminedError
from policies.externals import Externals
from policies.replicas import holders, local_holders, replica_regions
from policies.template import Resource, Template
from policies.values import Text
from policies.worlds import MAX_STEPS, World

AT_REPLICAS = "$.Resources.Table.Properties.Replicas"
GIVEN = {"Given": {"Type": "String"}}


def world(kind: str, properties: dict[str, object], region: str | None = None) -> tuple[Resource, World]:
    """Return a table of a type with these properties, and a world in which the stack is in a region, if it is told."""
    told = Externals({"AWS::Region": region} if region else {})
    resources = {"Table": {"Type": f"AWS::DynamoDB::{kind}", "Properties": properties}}
    template = Template("t", {"Parameters": GIVEN, "Resources": resources}, externals=told)
    return template.resources["Table"], World(template)


def replicas(*regions: object, region: str | None = None) -> tuple[Resource, World]:
    """Return a global table with a replica in each of these regions."""
    return world("GlobalTable", {"Replicas": [{"Region": one} for one in regions]}, region)


def test_a_plain_table() -> None:
    """A table holds all by itself, and has no replica, whatever it says."""
    table, here = world("Table", {"Replicas": [{"Region": "eu-west-1"}]})
    properties = [("$.Resources.Table.Properties", {"Replicas": [{"Region": "eu-west-1"}]})]
    assert [(one.path, one.raw) for one in holders(table, here)] == properties
    assert [(one.path, one.raw) for one in local_holders(table, here)] == properties
    assert replica_regions(table, here) == []


def test_a_global_table() -> None:
    """Each replica holds what is its own."""
    table, here = replicas("eu-west-1", "us-east-1")
    assert [(one.path, one.raw) for one in holders(table, here)] == [
        (f"{AT_REPLICAS}[0]", {"Region": "eu-west-1"}),
        (f"{AT_REPLICAS}[1]", {"Region": "us-east-1"}),
    ]
    assert replica_regions(table, here) == [Text.of("eu-west-1"), Text.of("us-east-1")]


@pytest.mark.parametrize(("properties", "found"), [({}, None), ({"Replicas": []}, [])])
def test_no_replica(properties: dict[str, object], found: object) -> None:
    """Nothing holds for all replicas where there is none."""
    table, here = world("GlobalTable", properties)
    for read in (holders, local_holders, replica_regions):
        with pytest.raises(MismatchError) as raised:
            read(table, here)
        error = raised.value
        assert (error.path, error.found, error.expected) == (AT_REPLICAS, found, "at least one replica")


@pytest.mark.parametrize(
    ("regions", "region", "local"),
    [
        (["eu-west-1", "us-east-1"], "eu-west-1", [0]),
        (["eu-west-1", "us-east-1"], "us-east-1", [1]),
        (["eu-west-1", {"Ref": "AWS::Region"}], "eu-west-1", [0, 1]),
        (["us-east-1", {"Ref": "AWS::Region"}], None, [1]),
        (["eu-west-1", "us-east-1"], None, [0, 1]),
        (["eu-west-1", {"Ref": "Given"}], "us-east-1", [1]),
        (["eu-west-1", {"Ref": "Given"}], "eu-west-1", [0]),
        (["eu-west-1", "us-east-1"], "eu-west-2", []),
    ],
)
def test_local_holders(regions: list[object], region: str | None, local: list[int]) -> None:
    """The replica in the stack's region, or where that is not known those that may be it, are of account."""
    table, here = replicas(*regions, region=region)
    assert [one.path for one in local_holders(table, here)] == [f"{AT_REPLICAS}[{at}]" for at in local]


def test_a_region_that_is_none() -> None:
    """A replica has to say where it is."""
    table, here = world("GlobalTable", {"Replicas": [{}]})
    for read in (local_holders, replica_regions):
        with pytest.raises(MismatchError) as raised:
            read(table, here)
        error = raised.value
        assert (error.path, error.found, error.expected) == (f"{AT_REPLICAS}[0].Region", None, "a string")


def test_replicas_that_nobody_knows() -> None:
    """Of replicas that are told at deployment nothing is known."""
    table, here = world("GlobalTable", {"Replicas": {"Ref": "Given"}})
    with pytest.raises(UndeterminedError, match=r"^parameter Given may be given any value$"):
        holders(table, here)


def test_steps_are_counted() -> None:
    """Where too much has been resolved already, it is the table that ends it."""
    table, here = replicas("eu-west-1")
    here.step("$", MAX_STEPS)
    with pytest.raises(UndeterminedError) as raised:
        local_holders(table, here)
    assert raised.value.path == "$.Resources.Table"
