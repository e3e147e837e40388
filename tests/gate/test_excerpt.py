"""What is shown around a finding's place: the resource that it lies in, within bounds, and no secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.excerpt import MAX_LENGTH, Excerpt, excerpt
from policies.nodes import child
from policies.template import Template

TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}}
NAME = {"Value": {"Ref": "Table"}}
DOCUMENT: dict[str, object] = {
    "Resources": {"Table": TABLE, "Tab": {"Type": "T"}, 'It\'s [a] "Table"\\': {"Type": "T"}},
    "Outputs": {"Name": NAME},
    "Transform": ["AWS::LanguageExtensions"],
}


def shown(document: dict[str, object], path: str) -> Excerpt | None:
    """Return the excerpt of a template around a path."""
    return excerpt(Template("t", document), path)


@pytest.mark.parametrize(
    ("path", "at", "value"),
    [
        ("$.Resources.Table", "$.Resources.Table", TABLE),
        ("$.Resources.Table.Properties.KeySchema[0].KeyType", "$.Resources.Table", TABLE),
        ("$.Resources.Table.Properties.BillingMode", "$.Resources.Table", TABLE),
        ("$.Resources.Tab.Type", "$.Resources.Tab", {"Type": "T"}),
        (
            child("$.Resources", 'It\'s [a] "Table"\\') + ".Type",
            child("$.Resources", 'It\'s [a] "Table"\\'),
            {"Type": "T"},
        ),
        ("$.Outputs.Name.Value", "$.Outputs.Name", NAME),
        ("$.Outputs.Other", "$.Outputs", {"Name": NAME}),
        ("$.Transform[0]", "$.Transform[0]", "AWS::LanguageExtensions"),
        ("$.Conditions.IsProd", "$", DOCUMENT),
        ("$", "$", DOCUMENT),
    ],
)
def test_the_element_that_a_path_leads_into(path: str, at: str, value: object) -> None:
    """The whole resource, output or other element, without its siblings; what is nearest where the path ends early."""
    assert shown(DOCUMENT, path) == Excerpt(at, value)


@pytest.mark.parametrize("path", ["", "(other)$.Resources.Table", "Resources.Table"])
def test_a_path_of_something_else(path: str) -> None:
    """What does not begin at the template's root is no place of it."""
    assert shown(DOCUMENT, path) is None


LONG = "x" * MAX_LENGTH


@pytest.mark.parametrize(
    ("resource", "path", "value"),
    [
        (
            {"Type": "T", "Properties": {"Mode": "on", "Code": {"a": {"b": {"c": {"d": LONG}}}}}},
            ".Properties.Mode",
            {"Type": "T", "Properties": {"Mode": "on", "Code": {"a": {"b": {"c": "…"}}}}},
        ),
        (
            {"Type": "T", "Properties": {"List": ["a", {"Mode": {"is": "on"}}, {"Code": LONG}]}},
            ".Properties.List[1].Mode",
            {"Type": "T", "Properties": {"List": ["a", {"Mode": {"is": "on"}}, "…"]}},
        ),
        (
            {"Type": "T", "Description": LONG, "Properties": {"Mode": "on", "Empty": {}}},
            ".Properties.Mode",
            {"Type": "…", "Description": "…", "Properties": {"Mode": "on", "Empty": "…"}},
        ),
        ({"Type": "T", "Mode": LONG}, ".Mode", "…"),
        ({"Type": "T", "Mode": {LONG: 1}}, ".Mode", {"Type": "T", "Mode": "…"}),
        ({"Type": "T", "List": [0] * MAX_LENGTH}, ".List[1]", "…"),
    ],
    ids=["deep", "list", "strings", "the-place-itself", "keys", "wide"],
)
def test_what_is_too_long_is_left_out(resource: dict[str, object], path: str, value: object) -> None:
    """The deepest first, what leads to the path last."""
    assert shown({"Resources": {"R": resource}}, f"$.Resources.R{path}") == Excerpt("$.Resources.R", value)


def test_what_is_deep_is_left_out() -> None:
    """Twelve levels beside and below the path, and forty on the way to it: a document of excerpts is shallow."""
    deep: Any = "bottom"
    for _ in range(90):
        deep = [deep]
    told = shown({"Resources": {"R": deep}}, "$.Resources.R")
    assert told == Excerpt("$.Resources.R", json.loads("[" * 12 + '"…"' + "]" * 12))
    told = shown({"Resources": {"R": deep}}, "$.Resources.R" + "[0]" * 90)
    assert told == Excerpt("$.Resources.R", json.loads("[" * 50 + '"…"' + "]" * 50))


@pytest.mark.parametrize(
    ("default", "value", "hidden"),
    [
        ("hush-hush", "a hush-hush b", "a (hidden) b"),
        (4711, 4711, "(hidden)"),
        ("4711", 4711, "(hidden)"),
        (4711.5, 4711.5, "(hidden)"),
        (True, True, "(hidden)"),
        ("hush-hush", None, None),
    ],
)
def test_secrets_are_hidden(default: object, value: object, hidden: object) -> None:
    """The default of a NoEcho parameter is shown neither where it is declared nor where it stands besides."""
    document: dict[str, object] = {
        "Parameters": {"Secret": {"Type": "String", "NoEcho": "true", "Default": default}},
        "Resources": {"R": {"Type": "T", "Value": value}},
    }
    assert shown(document, "$.Resources.R.Value") == Excerpt("$.Resources.R", {"Type": "T", "Value": hidden})
    told = shown(document, "$.Parameters.Secret")
    assert told is not None
    assert isinstance(told.value, dict)
    assert told.value["Default"] == "(hidden)"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=40), inner, max_size=8),
    max_leaves=200,
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(JSON, st.data())
def test_whatever_stands_there(resource: object, data: st.DataObject) -> None:
    """An excerpt never exceeds its length, and what stands at the path is in it where it is short."""
    path, here = "$.Resources.R", resource
    while isinstance(here, dict | list) and here:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        path = child(path, key) if isinstance(here, dict) else f"{path}[{key}]"
        here = here[key]
    told = shown({"Resources": {"R": resource, "Other": {}}}, path)
    assert told is not None
    assert told.at == "$.Resources.R"
    assert len(json.dumps(told.value)) <= MAX_LENGTH
    if len(json.dumps(resource)) <= MAX_LENGTH:
        assert json.dumps(here) in json.dumps(told.value)
