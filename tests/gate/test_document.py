"""The JSON document: one object, as its published schema describes it, with everything that a run has found."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

from jsonschema import Draft202012Validator

from evidence.basis import basis
from evidence.model import TracedContext
from gate.document import SCHEMA_ID, render, schema
from gate.run import Problem, Run
from policies.catalogue import load
from policies.model import Outcome, Verdict
from policies.template import Template

DIGEST = f"sha256:{'0' * 64}"
WHOLE = Verdict(
    "dynamodb-storage",
    "table-key-schema/partition-key-defined",
    Outcome.NON_COMPLIANT,
    DIGEST,
    "prod",
    "Table",
    "$.Resources.Table",
    {"Ref": ["é\u2028"]},
    "id",
    "no key",
    "mend it",
    ("Stage is prod",),
)
NOTHING = dict.fromkeys(map(str, Outcome), 0)


def test_the_schema_is_one() -> None:
    """It is valid under the version of JSON Schema that it names, and bears the id that documents bear."""
    Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == SCHEMA_ID
    assert files("gate").joinpath("verdicts.schema.json").is_file()


def test_a_run_is_told_whole() -> None:
    """Every field of every verdict, finding and context, problems, counts and what was judged by are in it."""
    context: dict[str, object] = {
        "values": {"worthwatch:stage": "prod"},
        "account": None,
        "region": None,
        "refused": [],
        "template": DIGEST,
    }
    prod = TracedContext("prod", {"worthwatch:stage": "prod"}, None, None, (), DIGEST, ())
    run = Run(problems=[Problem("here", "unreadable")], contexts={"prod": prod})
    run.add([WHOLE], Template(DIGEST, {"Resources": {"Table": {"Type": "é"}}}))
    ((finding,),) = run.findings()
    finding.minimal = {"worthwatch:stage": "prod"}
    finding.command = "npx aws-cdk@2 synth -c worthwatch:stage=prod"
    document = json.loads("".join(render(run)))
    Draft202012Validator(schema()).validate(document)
    assert document == {
        "schema": SCHEMA_ID,
        "verdicts": [
            {
                "spec": "dynamodb-storage",
                "scenario": "table-key-schema/partition-key-defined",
                "outcome": "non-compliant",
                "template": DIGEST,
                "context": "prod",
                "resource": "Table",
                "path": "$.Resources.Table",
                "found": {"Ref": ["é\u2028"]},
                "expected": "id",
                "message": "no key",
                "remedy": "mend it",
                "assuming": ["Stage is prod"],
                "waiver": None,
            }
        ],
        "basis": basis(),
        "findings": [
            {
                "verdict": 0,
                "context": {"worthwatch:stage": "prod"},
                "command": "npx aws-cdk@2 synth -c worthwatch:stage=prod",
                "excerpt": {"Type": "é"},
                "at": "$.Resources.Table",
            }
        ],
        "problems": [{"where": "here", "message": "unreadable"}],
        "contexts": {"prod": context},
        "scanners": [],
        "alerts": [],
        "waivers": None,
        "agreement": None,
        "summary": {
            "exit_code": 2,
            "templates": 1,
            "contexts": 1,
            "cached": 0,
            "outcomes": NOTHING | {"non-compliant": 1},
            "scenarios": {"dynamodb-storage#table-key-schema/partition-key-defined": NOTHING | {"non-compliant": 1}},
        },
    }


def test_each_finding_names_its_verdict() -> None:
    """The first of each scenario and outcome, the worst first, by their places; what nobody has looked for is null."""
    run = Run(contexts={"prod": TracedContext("prod", {}, None, None, (), None, ())})
    alike = [replace(WHOLE, outcome=Outcome.ERROR, scenario=entry.name, spec=entry.scenario.spec) for entry in load()]
    run.add([replace(WHOLE, outcome=Outcome.COMPLIANT), WHOLE, replace(WHOLE, resource="Other"), *alike])
    document = json.loads("".join(render(run)))
    Draft202012Validator(schema()).validate(document)
    unknown = {"context": None, "command": None, "excerpt": None, "at": None}
    assert document["findings"] == [{"verdict": place, **unknown} for place in (*range(3, 3 + len(alike)), 1)]


def test_an_empty_run_is_told() -> None:
    """A run without verdicts is a document, too."""
    document = json.loads("".join(render(Run())))
    Draft202012Validator(schema()).validate(document)
    assert document["findings"] == []
    assert document["summary"] == {
        "exit_code": 2,
        "templates": 0,
        "contexts": 0,
        "cached": 0,
        "outcomes": NOTHING,
        "scenarios": {},
    }


def test_a_line_for_each_verdict() -> None:
    """Whatever a verdict quotes, it stays on its line, in ASCII, so that a log or a diff can be read."""
    run = Run()
    run.add(Verdict(entry.scenario.spec, entry.name, Outcome.COMPLIANT, found="a\nb\u2028é") for entry in load())
    text = "".join(render(run))
    assert text.isascii()
    assert len(text.splitlines()) == len(load()) + 12
