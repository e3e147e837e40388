"""What other scanners have found, in OSCAL: observed, and a risk, open or approved; nothing is satisfied by it."""

from __future__ import annotations

from dataclasses import replace

from evidence.model import Scanned
from evidence.oscal.alerts import MAX_ALERTS
from evidence.oscal.text import markup
from evidence.record import Standing
from tests.evidence.oscal.documents import HOSTILE, Json, parts, props, result, results
from tests.evidence.records import DIGEST, alert, record, scanned

NAME = markup("checkov CKV_AWS_119 on WorthWatchStorage/Storage/DynamoTable/Resource")
SAID = "Ensure DynamoDB Tables are encrypted using a KMS Customer Managed CMK"
WAIVER = "checkov CKV_AWS_119 on x, by Jane Doe until 2027-01-01, 40 days left: So."


def told(**other: object) -> Json:
    """Return the result of a record whose scenario is compliant, with one alert."""
    return result(record(Standing.COMPLIANT, scanned=scanned(alert(**other))))


def test_an_observation() -> None:
    """What was found where, in how many contexts, by which tool, with what evidence."""
    said = told(waived=(0,), waivers=(WAIVER,))
    observation = said["observations"][1]
    assert props(observation) == {
        "standing": "non-compliant",
        "scanner": "checkov",
        "scanner-rule": "CKV_AWS_119",
        "scanner-level": "error",
        "resource": "WorthWatchStorage/Storage/DynamoTable/Resource",
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "contexts": "2",
        "contexts-waived": "1",
    }
    tools = {one["title"]: one for one in said["local-definitions"]["assessment-assets"]["components"]}
    tool = {"type": "tool", "actor-uuid": tools["checkov"]["uuid"]}
    component = said["local-definitions"]["components"][0]["uuid"]
    assert {key: value for key, value in observation.items() if key not in {"uuid", "props"}} == {
        "title": NAME,
        "description": (
            f"{SAID}\n\nThe alert is non-compliant. Contexts that show it: 2; of these it is waived in: 1."
        ),
        "links": [{"href": "https://example.com/CKV_AWS_119", "rel": "reference"}],
        "methods": ["TEST"],
        "types": ["finding"],
        "origins": [{"actors": [tool]}],
        "subjects": [{"subject-uuid": component, "type": "component", "title": "WorthWatch DynamoDB storage"}],
        "relevant-evidence": [
            {"href": "../trace.json", "description": "Every scenario, context and finding of the run."},
            {
                "href": f"../templates/{DIGEST.removeprefix('sha256:')}.json",
                "description": "A template in which it was found.",
            },
        ],
        "collected": "2026-11-22T12:00:00Z",
    }


def test_a_risk() -> None:
    """It is open where the alert stands, and its deviation is approved where waivers cover it in every context."""
    counted = "The alert is {}. Contexts that show it: 2; of these it is waived in: {}."
    waivers = f"\n\nWaived where these waivers cover it:\n\n- {markup(WAIVER)}"
    cases: list[tuple[tuple[int, ...], str, str, str]] = [
        ((), "open", "non-compliant", counted.format("non-compliant", 0)),
        ((0,), "open", "non-compliant", counted.format("non-compliant", 1) + waivers),
        ((0, 1), "deviation-approved", "waived", counted.format("waived", 2) + waivers),
    ]
    for waived, status, standing, statement in cases:
        said = told(waived=waived, waivers=(WAIVER,) if waived else ())
        (risk,), observation = said["risks"], said["observations"][1]
        assert props(risk) == {"standing": standing}
        assert {key: value for key, value in risk.items() if key not in {"uuid", "props", "origins"}} == {
            "title": NAME,
            "description": SAID,
            "statement": statement,
            "status": status,
            "related-observations": [{"observation-uuid": observation["uuid"]}],
        }
        assert risk["origins"] == observation["origins"]


def test_it_is_no_finding() -> None:
    """No objective is satisfied, or not, on account of another scanner; its own risks are no scenario's."""
    before, after = result(record()), result(record(scanned=scanned(alert())))
    states = [[(one["target"], props(one)) for one in said["findings"]] for said in (before, after)]
    assert states[0] == states[1]
    related = [risk["risk-uuid"] for one in after["findings"] for risk in one.get("related-risks", [])]
    assert [props(one)["standing"] for one in after["risks"] if one["uuid"] not in related] == ["non-compliant"]
    assert before["reviewed-controls"] == after["reviewed-controls"]


def test_counts() -> None:
    """The result and each scanner tell how many stand and are waived; without any scanner it says that none was."""
    waived = alert(rule="CKV_AWS_116", waived=(0, 1), waivers=(WAIVER,))
    said = result(record(Standing.COMPLIANT, scanned=scanned(waived, alert())))
    assert {name: value for name, value in props(said).items() if name.startswith("alerts")} == {
        "alerts-standing": "1",
        "alerts-waived": "1",
    }
    assert props(said)["exit-code"] == "1"
    assert said["description"].endswith(
        " Other scanners: checkov, house-rules. What they found: 1 standing, 1 waived; each is an observation and a "
        "risk, and no finding, for it names no objective."
    )
    tools = said["local-definitions"]["assessment-assets"]["components"][1:]
    assert [(one["title"], props(one)) for one in tools] == [
        ("checkov", {"version": "3.3.30", "alerts-standing": "1", "alerts-waived": "1"}),
        ("house-rules", {"alerts-standing": "0", "alerts-waived": "0"}),
    ]
    assert [props(one)["standing"] for one in said["risks"]] == ["non-compliant", "waived"]
    none = result(record(Standing.COMPLIANT, scanned=Scanned()))
    assert none["description"].endswith(" No other scanner was asked.")
    assert [name for name in props(none) if name.startswith("alerts")] == []


def test_many_alerts_are_cut() -> None:
    """What stands is told first; how many are left out, of alerts and of waivers, is told."""
    many = [alert(resource=f"r{i}", waived=(0, 1), waivers=(WAIVER,)) for i in range(MAX_ALERTS + 1)]
    said = result(record(Standing.COMPLIANT, scanned=scanned(*many, alert())))
    assert len(said["observations"]) == len(said["risks"]) + 1 == MAX_ALERTS + 1
    assert [props(one)["standing"] for one in said["risks"][:2]] == ["non-compliant", "waived"]
    assert said["description"].endswith(" Not told of here, but in trace.json: 2.")
    statement = told(waived=(0,), waivers=tuple(f"w{i}" for i in range(23)))["risks"][0]["statement"]
    assert statement.splitlines()[-1] == "- 3 more, which are in trace.json"


def test_without_template_or_link() -> None:
    """A context of which no template came is no evidence, and what is no address of the web is no link."""
    contexts = tuple(replace(one, template=None) for one in record().contexts)
    one = alert(help_uri="javascript:alert(1)")
    observation = result(record(Standing.COMPLIANT, scanned=scanned(one), contexts=contexts))["observations"][1]
    assert "links" not in observation
    assert [one["href"] for one in observation["relevant-evidence"]] == ["../trace.json"]


def test_hostile_alerts() -> None:
    """Whatever a scanner writes, each property is a line, each title one of plain text, and all of it is short."""
    for text in HOSTILE:
        one = alert(rule=text, resource=text, message=text, help_uri=text, waived=(0,), waivers=(text,) * 99)
        for part in parts(results(record(Standing.COMPLIANT, scanned=scanned(one)))):
            if "value" in part:
                assert part["value"] == part["value"].strip() != ""
                assert part["value"].isprintable()
            if "title" in part:
                assert part["title"].isprintable()
                assert "<" not in part["title"].replace("\\<", "")
            assert all(len(each) < 12_000 for each in part.values() if isinstance(each, str))


def test_other_alerts_other_document() -> None:
    """What was found is part of the run's identity; the days that a waiver has left are not."""
    one = alert(waived=(0, 1), waivers=("40 days left",))
    later = replace(one, waivers=("39 days left",))
    others = (one, later, replace(one, waived=(0,)), replace(one, fingerprint="f" * 32))
    runs = [result(record(Standing.COMPLIANT, scanned=scanned(each)))["uuid"] for each in others]
    assert runs[0] == runs[1]
    assert len(set(runs)) == 3
    assert result(record(Standing.COMPLIANT, scanned=scanned()))["uuid"] != result(record(Standing.COMPLIANT))["uuid"]
