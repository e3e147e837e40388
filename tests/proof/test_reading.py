"""What is noted of a template that is watched, and what rules read of the reference stack."""

from __future__ import annotations

from collections.abc import Sequence

from proof.bases import Base
from proof.making import table
from proof.places import json_path
from proof.reading import Reading, watched
from proof.scenarios import BILLING, ENCRYPTION

DOCUMENT = {"One": {"Two": [1, {"Ref": "Two"}], "Three": None}, "Four": {"Fn::Sub": ["${a}", {"a": "b"}]}}


def test_a_watched_template_is_equal_to_itself() -> None:
    """Whoever compares it, or takes it apart, finds what is there."""
    reading = Reading()
    assert watched(DOCUMENT, reading) == DOCUMENT
    match watched(DOCUMENT, reading):
        case {"One": {"Two": [first, {"Ref": name}], **rest}}:
            assert (first, name, rest) == (1, "Two", {"Three": None})


def test_what_is_taken_is_noted() -> None:
    """What is taken by key, index, as items and in a loop is noted, and nothing else; a function is one value."""
    reading = Reading()
    document = watched(DOCUMENT, reading)
    assert document["One"].get("Two")[1]["Ref"] == "Two"
    assert document["One"].get("Five", "none") == "none"
    assert document.get("Ref") is None
    assert reading == Reading({("One",), ("One", "Two"), ("One", "Two", 1)}, {("One", "Five")})
    reading.forget()
    assert [list(value) for value in document.values()] == [["Two", "Three"], ["Fn::Sub"]]
    assert list(document["One"]["Two"]) == [1, {"Ref": "Two"}]
    assert document["One"]["Two"][:1] == [1]
    assert dict(document["One"].items()) == {"Two": [1, {"Ref": "Two"}], "Three": None}
    below = {("One", "Two"), ("One", "Three"), ("One", "Two", 0), ("One", "Two", 1)}
    assert reading == Reading({("One",), ("Four",), *below}, set())


def test_what_rules_read(sound: Sequence[Base]) -> None:
    """A rule reads its property and looks for others; every rule has found the table by its type."""
    base = sound[0]
    place = json_path(table(base))
    common = {f"{place}.Type", f"{place}.Properties"}
    told = {
        scenario: [
            {json_path(one) for one in places if one[0] == "Resources"} for places in (found.present, found.absent)
        ]
        for scenario, found in base.readings.items()
    }
    assert told[BILLING] == [common | {f"{place}.Properties.BillingMode"}, {f"{place}.Condition"}]
    encryption = f"{place}.Properties.SSESpecification"
    assert told[ENCRYPTION] == [
        common | {encryption, f"{encryption}.SSEEnabled"},
        {f"{place}.Condition", f"{encryption}.KMSMasterKeyId", f"{encryption}.SSEType"},
    ]
    assert {scenario for scenario, (present, _) in told.items() if f"{place}.Type" in present} == base.outcomes.keys()
