"""The JSON document: one object, as its published schema describes it, with everything that a run has found."""

from __future__ import annotations

import json
from importlib.resources import files

from jsonschema import Draft202012Validator

from gate.document import SCHEMA_ID, render, schema
from gate.run import Problem, Run
from policies.catalogue import load
from policies.model import Outcome, Verdict

WHOLE = Verdict(
    "dynamodb-storage",
    "table-key-schema/partition-key-defined",
    Outcome.NON_COMPLIANT,
    "sha256:00",
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
    """Every field of every verdict, problems, contexts and counts are in it."""
    context: dict[str, object] = {
        "values": {"worthwatch:stage": "prod"},
        "account": None,
        "region": None,
        "refused": [],
    }
    run = Run(problems=[Problem("here", "unreadable")], contexts={"prod": context})
    run.add([WHOLE])
    document = json.loads(render(run))
    Draft202012Validator(schema()).validate(document)
    assert document == {
        "schema": SCHEMA_ID,
        "verdicts": [
            {
                "spec": "dynamodb-storage",
                "scenario": "table-key-schema/partition-key-defined",
                "outcome": "non-compliant",
                "template": "sha256:00",
                "context": "prod",
                "resource": "Table",
                "path": "$.Resources.Table",
                "found": {"Ref": ["é\u2028"]},
                "expected": "id",
                "message": "no key",
                "remedy": "mend it",
                "assuming": ["Stage is prod"],
            }
        ],
        "problems": [{"where": "here", "message": "unreadable"}],
        "contexts": {"prod": context},
        "summary": {
            "exit_code": 2,
            "templates": 1,
            "contexts": 1,
            "outcomes": NOTHING | {"non-compliant": 1},
            "scenarios": {"dynamodb-storage#table-key-schema/partition-key-defined": NOTHING | {"non-compliant": 1}},
        },
    }


def test_an_empty_run_is_told() -> None:
    """A run without verdicts is a document, too."""
    document = json.loads(render(Run()))
    Draft202012Validator(schema()).validate(document)
    assert document["summary"] == {
        "exit_code": 2,
        "templates": 0,
        "contexts": 0,
        "outcomes": NOTHING,
        "scenarios": {},
    }


def test_a_line_for_each_verdict() -> None:
    """Whatever a verdict quotes, it stays on its line, in ASCII, so that a log or a diff can be read."""
    run = Run()
    run.add(Verdict(entry.scenario.spec, entry.name, Outcome.COMPLIANT, found="a\nb\u2028é") for entry in load())
    text = render(run)
    assert text.isascii()
    assert len(text.splitlines()) == len(load()) + 6
