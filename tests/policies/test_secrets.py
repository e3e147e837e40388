"""What a verdict shows of a template does not show the values of its NoEcho parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from policies.catalogue import Entry
from policies.judge import judge_template
from policies.model import Finding, TableRule, Verdict
from policies.specs import Scenario
from policies.template import Resource, Template
from policies.worlds import World
from tests.policies.templates import Document as Json
from tests.policies.templates import template, verdict

SCENARIO = Scenario("storage", "table-shape", "Shape kept", (), "", 1)


def found_of(value: object, **parameter: object) -> Verdict:
    """Judge a template with a parameter by a rule that finds a value, and says it."""

    def check(_table: Resource, _world: World) -> Iterator[Finding]:
        yield Finding(f"found {value}", "$.X", value)

    document: Json = {
        "Parameters": {"Secret": {"Type": "String", "Default": "hush-hush", **parameter}},
        "Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
    }
    (one,) = judge_template([Entry(SCENARIO, TableRule(check))], Template("t", document))
    return one


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("hush-hush", "(hidden)"),
        ("a-hush-hush-b", "a-(hidden)-b"),
        (["a", "hush-hush", 1, None, True], ["a", "(hidden)", 1, None, True]),
        ({"a": [{"b": "hush-hush"}], "hush-hush": 1}, {"a": [{"b": "(hidden)"}], "(hidden)": 1}),
        ({"Ref": "Secret"}, {"Ref": "Secret"}),
        (None, None),
    ],
)
def test_what_is_found(value: object, shown: object) -> None:
    """The default of a NoEcho parameter is masked wherever it stands in what is found; of another it is not."""
    assert found_of(value, NoEcho=True).found == shown
    assert found_of(value, NoEcho=True).message == f"found {shown}"
    assert found_of(value).found == value
    assert found_of(value).message == f"found {value}"


@pytest.mark.parametrize(("no_echo", "shown"), [(True, "(hidden)"), (False, "PROVISIONED")])
def test_what_a_loop_writes(no_echo: object, shown: str) -> None:
    """What a loop writes of a NoEcho parameter's default into the template is masked, too."""
    document = template(
        {
            "Transform": "AWS::LanguageExtensions",
            "Parameters.Modes": {"Type": "CommaDelimitedList", "NoEcho": no_echo, "Default": "PROVISIONED"},
        }
    )
    table = document["Resources"].pop("Table")
    table["Properties"]["BillingMode"] = "${Mode}"
    document["Resources"]["Fn::ForEach::Mode"] = ["Mode", {"Ref": "Modes"}, {"Table${Mode}": table}]
    one = verdict(document, "table-billing-mode/pay-per-request-billing")
    assert (one.path, one.found) == ("$.Resources.TablePROVISIONED.Properties.BillingMode", shown)
