"""Places in a template, and templates that differ in one place."""

from __future__ import annotations

import pytest

from proof.places import drop, json_path, put, value_at

DOCUMENT = {"Resources": {"Table": {"Keys": [{"Name": "id"}, {"Name": "at"}]}}}
KEYS = ("Resources", "Table", "Keys")


def test_a_place_has_a_path() -> None:
    """A place is told as JSONPath."""
    assert json_path(()) == "$"
    assert json_path((*KEYS, 1, "Fn::If")) == "$.Resources.Table.Keys[1]['Fn::If']"


def test_put() -> None:
    """A value stands at its place; objects on the way are made, a list grows by one; the template is as it was."""
    assert put(DOCUMENT, (*KEYS, 0, "Name"), "pk") == {
        "Resources": {"Table": {"Keys": [{"Name": "pk"}, {"Name": "at"}]}}
    }
    assert value_at(put(DOCUMENT, (*KEYS, 2), "more"), KEYS) == [{"Name": "id"}, {"Name": "at"}, "more"]
    assert value_at(put(DOCUMENT, ("Outputs", "Name", "Value"), 1), ("Outputs",)) == {"Name": {"Value": 1}}
    assert DOCUMENT == {"Resources": {"Table": {"Keys": [{"Name": "id"}, {"Name": "at"}]}}}


def test_drop() -> None:
    """What stands at a place is gone, from a list and from an object; where nothing stands, nothing can go."""
    assert drop(DOCUMENT, (*KEYS, 0)) == {"Resources": {"Table": {"Keys": [{"Name": "at"}]}}}
    assert drop(DOCUMENT, ("Resources", "Table")) == {"Resources": {}}
    with pytest.raises(LookupError):
        drop(DOCUMENT, ("Outputs", "Name"))
