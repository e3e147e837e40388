"""A trace told: as JSON, as text for a terminal, as Markdown for GitHub."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from evidence import document, markdown, text
from evidence.console import Console
from evidence.model import Orphan, Scanned, Trace, Trouble
from tests.evidence.projects import (
    HELD,
    KEPT,
    SPEC,
    WAIVER,
    Project,
    fault,
    gate_results,
    killing,
    make,
    proof_results,
    ran,
    run_results,
    verdict,
    write_json,
)
from tests.evidence.records import alert, scanned

HOSTILE = (
    "<script>alert(1)</script> | `code` @team #12 [x](http://a.b) www.a.b \x1b[31m **bold** [red]r[/] \\ ~~s~~ $x$"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project in which all is covered."""
    return make(tmp_path, monkeypatch)


@pytest.fixture
def bad(project: Project) -> Trace:
    """Return a trace with something of every kind, much of it hostile."""
    project.write("specs/storage/spec.md", SPEC.replace("asked", "begged", 1))
    wrong: dict[str, Any] = {
        "message": HOSTILE,
        "path": "$.Resources.Table",
        "found": {"Ref": "A"},
        "expected": "B",
        "remedy": "set it",
        "assuming": ["x is y"],
    }
    verdicts = [
        verdict(KEPT),
        verdict(HELD, "non-compliant", **wrong),
        verdict(HELD, "non-compliant", "prod", **wrong),
        verdict(f"storage#{HOSTILE}", "compliant"),
    ]
    looked_up = {
        "verdict": 1,
        "context": {"worthwatch:stage": "prod"},
        "command": f"npx aws-cdk@2 synth {'-c x=y ' * 60}",
        "excerpt": None,
        "at": None,
    }
    problems = [{"where": HOSTILE, "message": HOSTILE}]
    gate = gate_results(verdicts, problems=problems, findings=[looked_up])
    tests = run_results([ran("test_held", 10, HELD, passed=2, skipped=1), ran("test_kept", 5, KEPT, failed=1)])
    return project.trace(write_json(Path("gate.json"), gate), write_json(Path("tests.json"), tests))


# JSON


def test_schema() -> None:
    """The published schema is one, and says what the document's name is."""
    Draft202012Validator.check_schema(document.schema())
    assert document.schema()["$id"] == document.SCHEMA_ID


def test_document(project: Project, bad: Trace) -> None:
    """What is rendered is the document, complies with the schema, and is the same each time."""
    validator = Draft202012Validator(document.schema())
    for trace in (project.trace(), bad):
        rendered = json.loads(document.render(trace))
        validator.validate(rendered)
        assert rendered == document.document(trace)
        assert document.render(trace) == document.render(trace)


def test_document_of_a_covered_project(project: Project) -> None:
    """Each part of the document, where the links alone were judged."""
    rendered = json.loads(document.render(project.trace()))
    scenarios = rendered.pop("scenarios")
    assert rendered == {
        "schema": "urn:worthwatch:storage-compliance:trace:1",
        "specs": [
            {
                "capability": "storage",
                "title": "Storage",
                "purpose": "What storage has to be, for the tests of the trace alone.",
                "path": "specs/storage/spec.md",
                "requirements": [
                    {
                        "id": "storage#table-shape",
                        "name": "Table Shape",
                        "text": "A table SHALL have a shape.",
                        "line": 8,
                        "scenarios": [KEPT, HELD],
                    }
                ],
            }
        ],
        "orphans": [],
        "contexts": [],
        "axes": [],
        "findings": [],
        "scanned": {"scanners": [], "alerts": []},
        "proof": {"state": "not-run"},
        "problems": [],
        "judged": {"gate": False, "tests": False},
        "summary": {
            "scenarios": 2,
            "states": {
                "duplicate": 0,
                "uncovered": 0,
                "outdated": 0,
                "error": 0,
                "failing": 0,
                "undetermined": 0,
                "never-run": 0,
                "vacuous": 0,
                "waived": 0,
                "covered": 2,
            },
            "orphans": 0,
            "contexts": 0,
            "templates": 0,
            "outcomes": dict.fromkeys(
                ("not-applicable", "compliant", "waived", "undetermined", "non-compliant", "error"), 0
            ),
            "alerts": {"total": 0, "standing": 0},
            "exit_code": 0,
        },
    }
    kept = scenarios[0]
    assert kept.pop("fingerprint") == kept.pop("reviewed")
    assert kept == {
        "id": KEPT,
        "name": "Shape kept",
        "line": 11,
        "steps": [{"keyword": "WHEN", "text": "asked"}, {"keyword": "THEN", "text": "it SHALL answer"}],
        "state": "covered",
        "problems": [],
        "rule": {
            "name": f"{project.package}.table_shape.shape_kept",
            "path": f"{project.package}/table_shape.py",
            "line": 5,
            "source": '@rule()\ndef shape_kept(*_):\n    """Keep."""\n    yield from ()\n',
            "page": "Keep.",
        },
        "tests": [
            {"id": "tests/test_shape.py::test_kept", "path": "tests/test_shape.py", "line": 5, "cases": None},
        ],
        "outcomes": None,
        "mutants": None,
    }


def test_document_of_a_proof(project: Project) -> None:
    """What it came to as a whole, and of each scenario; one that no mutant was made for is not proved."""
    scenarios = (killing(KEPT, ("missing", 4, 3)),)
    found = proof_results(*scenarios, failures=[fault("survivor", KEPT), fault("false alarm", KEPT, HELD)])
    rendered = json.loads(document.render(project.trace(proof=write_json(Path("proof.json"), found))))
    Draft202012Validator(document.schema()).validate(rendered)
    assert rendered["proof"] == {"state": "not-proved", "mutants": 9, "refused": 1, "equivalent": 2, "tried": 7}
    assert [scenario["mutants"] for scenario in rendered["scenarios"]] == [
        {"made": 4, "killed": 3, "false_alarms": 1, "crashes": 0},
        {"made": 0, "killed": 0, "false_alarms": 1, "crashes": 0},
    ]


# Text


def told(trace: Trace, width: int = 160, *, colour: bool = False) -> str:
    """Return the text on a terminal."""
    console = Console(width=width, coloured=colour)
    text.render(trace, console)
    return f"{console.printed}\n"


def lines(trace: Trace, width: int = 160) -> list[str]:
    """Return the lines of the text without what fills them up."""
    return [line.rstrip() for line in told(trace, width).splitlines()]


def test_text_of_a_covered_project(project: Project) -> None:
    """The matrix has a row for each scenario under its requirement; the last line sums it up."""
    rule = f"{project.package}/table_shape.py"
    pad = " " * (len(rule) + 4 - len("rule"))
    assert lines(project.trace()) == [
        f"scenario             state      rule{pad} tests",
        "storage#table-shape",
        f"  shape-kept         ✓ covered  {rule}:5       1",
        f"  shape-held         ✓ covered  {rule}:11      1",
        "",
        "covered: 2 scenarios: 2 covered; judged by links and reviews alone, without results; proof not-run",
    ]


def test_text_of_a_proof(project: Project) -> None:
    """A column tells how many mutants each killed; what is wrong stands below, and the last line sums it up."""
    rule = f"{project.package}/table_shape.py"
    pad = " " * (len(rule) + 4 - len("rule"))
    head = f"scenario             state      rule{pad} tests"
    proved = project.trace(proof=write_json(Path("proof.json"), proof_results()))
    assert lines(proved) == [
        f"{head}  mutants",
        "storage#table-shape",
        f"  shape-kept         ✓ covered  {rule}:5       1      1/1",
        f"  shape-held         ✓ covered  {rule}:11      1      3/3",
        "",
        "covered: 2 scenarios: 2 covered; judged by links and reviews alone, without results; proved by 9 mutants",
    ]
    survived = proof_results(killing(KEPT, ("missing", 4, 3)), failures=[fault("survivor", KEPT)])
    trace = project.trace(proof=write_json(Path("proof.json"), survived))
    do = "mend its rule: `storage-compliance prove` shows them"
    assert lines(trace) == [
        f"{head}    mutants",
        "storage#table-shape",
        f"  shape-kept         ✗ failing  {rule}:5       1        3/4",
        f"  shape-held         ∅ vacuous  {rule}:11      1  none made",
        "",
        f"{KEPT} (specs/storage/spec.md:11)",
        f"  failing of the 4 mutants that it has to notice it does not notice 1; {do}",
        "",
        f"{HELD} (specs/storage/spec.md:15)",
        "  vacuous no mutant was made that it has to notice, so that nothing shows it can fail: add an operator",
        "",
        "not covered: 2 scenarios: 1 vacuous, 1 failing; judged by links and reviews alone, without results; "
        "not-proved by 9 mutants",
    ]


def test_text_of_a_bad_project(project: Project, bad: Trace) -> None:
    """Everything that is wrong is told by name; what is hostile is neither markup nor a terminal's command."""
    rule = f"{project.package}/table_shape.py"
    pad = " " * (len(rule) + 4 - len("rule"))
    hostile = HOSTILE.replace("\x1b", "\\x1b")
    command = f"npx aws-cdk@2 synth {'-c x=y ' * 60}".rstrip()
    review = f"read it with its rule and tests, then run `storage-compliance trace review {KEPT}`"
    assert lines(bad) == [
        f"scenario             state       rule{pad} tests  compliant  non-compliant  not-applicable",
        "storage#table-shape",
        f"  shape-kept         ↻ outdated  {rule}:5     0/1          1              ·               3",
        f"  shape-held         ✗ failing   {rule}:11    1/1          ·              2               2",
        "",
        f"{KEPT} (specs/storage/spec.md:11)",
        f"  outdated its text is not the reviewed one: {review}",
        "  failing tests/test_shape.py::test_kept failed: mend what it tests",
        "",
        f"{HELD} (specs/storage/spec.md:15)",
        "  failing 2 verdicts are non-compliant: see the findings",
        "",
        f"orphaned result storage#{hostile}",
        "  gate.json holds results of it, and no spec has it: run again",
        "",
        f"could not judge {hostile}",
        f"  {hostile}",
        "",
        f"non-compliant {HELD}",
        f"  {hostile}",
        "  resource: Table",
        "  path:     $.Resources.Table",
        '  found:    {"Ref": "A"}',
        "  expected: B",
        "  mend:     set it",
        "  assuming: x is y",
        "  context:  plain and 1 other",
        f"  see it:   {command}",
        "",
        "could not judge all: 2 scenarios: 1 failing, 1 outdated; 1 orphan; 1 problem; 4 contexts, 1 template; "
        "proof not-run",
    ]


@pytest.mark.parametrize(
    ("width", "head"),
    [
        (90, "scenario             state       tests  compliant  non-compliant  not-applicable"),
        (50, "scenario             state       tests"),
        (30, "scenario     state       tests"),
    ],
)
def test_narrow_terminal(width: int, head: str, bad: Trace) -> None:
    """What there is no room for is left out, column by column, and no cell but the name is folded."""
    told_lines = lines(bad, width)
    assert told_lines[0] == head
    states = [line.split()[1:] for line in told_lines if line.startswith("  ") and ("↻" in line or "✗" in line)]
    assert [cells[:2] for cells in states] == [["↻", "outdated"], ["✗", "failing"]]


def test_text_of_a_waived_scenario(project: Project) -> None:
    """It is counted in its own word and told with its waiver, neither covered nor in the colour of a failure."""
    waived = verdict(HELD, "waived", message="it is square")
    trace = project.trace(write_json(Path("gate.json"), gate_results([verdict(KEPT), waived])))
    assert trace.exit_code == 0
    said = [" ".join(line.split()) for line in lines(trace, 80)]
    assert said[0] == "scenario state tests compliant waived not-applicable"
    assert said[2:4] == ["shape-kept ✓ covered 1 1 · 3", "shape-held ≈ waived 1 · 1 3"]
    assert said[5:] == [
        f"{HELD} (specs/storage/spec.md:15)",
        "waived 1 verdict is waived: see the findings",
        "",
        f"waived {HELD}",
        "it is square",
        "resource: Table",
        f"waiver: {WAIVER}",
        "context: plain",
        "",
        "covered, but for what is waived: 2 scenarios: 1 covered, 1 waived; 4 contexts, 1 template; "
        "no results of tests; proof not-run",
    ]
    assert {
        line for line in told(trace, colour=True).splitlines() if "waived" in line and "\x1b[1;31m" in line
    } == set()
    rendered = markdown.render(trace)
    assert rendered.startswith("### ✅ Trace of the specs: covered, but for what is waived\n")
    assert f"- **waived** <code>{HELD}</code>: it is square" in rendered
    assert f"  - waiver: {markdown.code(WAIVER)}" in rendered
    Draft202012Validator(document.schema()).validate(json.loads(document.render(trace)))


def test_colour(bad: Trace) -> None:
    """Colour adds nothing that the words do not say."""
    coloured = told(bad, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == told(bad)


def test_many_orphans(project: Project) -> None:
    """Of very much, the first are told and the rest counted."""
    orphans = tuple(Orphan("result", f"s#r/{number}", "gone") for number in range(25))
    said = lines(replace(project.trace(), orphans=orphans))
    assert sum(line.startswith("orphaned result") for line in said) == text.SHOWN
    assert "and 5 more, which --format json tells" in said


def test_untried_value_in_text(project: Project) -> None:
    """A value that was never tried is a finding, not something that could not be judged."""
    trouble = Trouble("worthwatch:stage", "no accepted context", undecided=False)
    assert lines(replace(project.trace(), problems=(trouble,)))[5:7] == [
        "never-run worthwatch:stage",
        "  no accepted context",
    ]


# Other scanners

COVERS = "checkov CKV_AWS_119 on WorthWatchStorage/Storage/DynamoTable/Resource, by Jane Doe until 2026-12-31"


def with_alerts(project: Project, found: Scanned) -> Trace:
    """Return a trace in which all is covered, and other scanners have found this."""
    traced = project.trace(write_json(Path("gate.json"), gate_results([verdict(KEPT), verdict(HELD)])))
    return replace(traced, scanned=found)


def test_standing_alerts_in_text(project: Project) -> None:
    """They are told in full before the waived ones, which are told short; the last line counts both."""
    everywhere = alert(
        rule="A", message="one\ntwo", contexts=(0, 1), waived=(1,), waivers=(f"{COVERS}, 1 day left: x",)
    )
    waived = alert(waived=(0, 1), waivers=(f"{COVERS}, 180 days left: it is so",))
    other = alert(rule="B", waived=(0, 1), waivers=("of another name, by X",))
    trace = with_alerts(project, scanned(waived, everywhere, other))
    assert trace.exit_code == 1
    first, *_ = [context.name for context in trace.contexts]
    table = "WorthWatchStorage/Storage/DynamoTable/Resource"
    assert lines(trace)[4:] == [
        "",
        f"non-compliant checkov A on {table}",
        "  one",
        "  two",
        "  level:    error",
        f"  seen in:  1 of 4 contexts, such as {first}; waived in 1 other",
        "  known by: 0123456789abcdef0123456789abcdef",
        "  help:     https://example.com/CKV_AWS_119",
        f"  waiver:   {COVERS}, 1 day left: x",
        "",
        f"waived checkov CKV_AWS_119 on {table} in 2 of 4 contexts",
        "  by Jane Doe until 2026-12-31, 180 days left: it is so",
        f"waived checkov B on {table} in 2 of 4 contexts",
        "  of another name, by X",
        "",
        "not covered: 2 scenarios: 2 covered; 4 contexts, 1 template; no results of tests; "
        "3 findings of 2 other scanners, 1 not waived; proof not-run",
    ]


@pytest.mark.parametrize(
    ("found", "verdict", "said"),
    [
        (Scanned(), "covered", "no results of tests"),
        (scanned(), "covered", "no results of tests; 0 findings of 2 other scanners, 0 not waived"),
        (
            scanned(alert(waived=(0, 1), waivers=(COVERS,))),
            "covered, but for what is waived",
            "no results of tests; 1 finding of 2 other scanners, 0 not waived",
        ),
        (scanned(alert()), "not covered", "no results of tests; 1 finding of 2 other scanners, 1 not waived"),
    ],
)
def test_what_other_scanners_make_of_a_trace(found: Scanned, verdict: str, said: str, project: Project) -> None:
    """None that was asked is not told as one that found nothing; waived is not covered, and standing fails."""
    trace = with_alerts(project, found)
    assert lines(trace)[-1] == f"{verdict}: 2 scenarios: 2 covered; 4 contexts, 1 template; {said}; proof not-run"
    assert markdown.render(trace).splitlines()[0].endswith(f" Trace of the specs: {verdict}")
    assert (
        markdown.render(trace).splitlines()[2]
        == f"2 scenarios: 2 covered; 4 contexts, 1 template; {said}; proof not-run"
    )
    rendered = json.loads(document.render(trace))
    Draft202012Validator(document.schema()).validate(rendered)
    assert rendered["summary"]["alerts"] == {"total": len(found.alerts), "standing": len(found.standing)}


def test_document_of_alerts(project: Project) -> None:
    """All that is known of one, and which scanners were asked."""
    trace = with_alerts(project, scanned(alert(waived=(1,), waivers=(COVERS,), help_uri=None)))
    assert json.loads(document.render(trace))["scanned"] == {
        "scanners": [{"name": "checkov", "version": "3.3.30"}, {"name": "house-rules", "version": None}],
        "alerts": [
            {
                "scanner": "checkov",
                "rule": "CKV_AWS_119",
                "resource": "WorthWatchStorage/Storage/DynamoTable/Resource",
                "fingerprint": "0123456789abcdef0123456789abcdef",
                "level": "error",
                "message": "Ensure DynamoDB Tables are encrypted using a KMS Customer Managed CMK",
                "help": None,
                "contexts": [0, 1],
                "waived": [1],
                "waivers": [COVERS],
            }
        ],
    }


def test_many_alerts(project: Project) -> None:
    """Of very many, and of one with very many waivers, the first are told and the rest counted."""
    standing = [alert(rule=f"S{number}") for number in range(25)]
    waivers = tuple(f"waiver {number}" for number in range(7))
    waived = [alert(rule=f"W{number}", waived=(0, 1), waivers=waivers) for number in range(22)]
    trace = with_alerts(project, scanned(*standing, *waived))
    said = lines(trace)
    assert sum(line.startswith("non-compliant checkov S") for line in said) == text.SHOWN
    assert sum(line.startswith("waived checkov W") for line in said) == text.SHOWN
    assert [line for line in said if "which --format json tells" in line] == [
        "and 5 more, which --format json tells",
        "and 2 more, which --format json tells",
    ]
    assert said[-6:-3] == ["  waiver 4", "  and 2 others", ""]
    assert "<summary>Findings of other scanners (47)</summary>" in markdown.render(trace)
    long = [alert(message="<" * 400, rule=f"{number}") for number in range(2_000)]
    rendered = markdown.render(replace(trace, scanned=scanned(*long)))
    assert len(rendered) < 65_536
    assert "<summary>Findings of other scanners (2,000)</summary>" in rendered
    assert re.search(r"\n- and 1,9[0-9]{2} more, which `trace` prints\n\n</details>$", rendered)


def test_alerts_in_markdown(project: Project) -> None:
    """They are folded, what stands first, and nothing of them is Markdown."""
    hostile = alert(
        rule=HOSTILE, resource=HOSTILE, message=HOSTILE, help_uri=f"javascript:{HOSTILE}", contexts=(1,), waivers=()
    )
    waived = alert(waived=(0, 1), waivers=(f"{COVERS}, 9 days left: {HOSTILE}",))
    trace = with_alerts(project, scanned(waived, hostile))
    rendered = markdown.render(trace)
    named = markdown.code(f"checkov {HOSTILE} on {HOSTILE}")
    first, second, *_ = [context.name for context in trace.contexts]
    table = "WorthWatchStorage/Storage/DynamoTable/Resource"
    assert rendered.partition("<details>")[2].splitlines() == [
        "<summary>Findings of other scanners (2)</summary>",
        "",
        f"- **non-compliant** {named}: {markdown.escape(HOSTILE)}",
        "  - level: <code>error</code>",
        f"  - seen in: {markdown.code(f'1 of 4 contexts, such as {second}')}",
        "  - known by: <code>0123456789abcdef0123456789abcdef</code>",
        f"  - help: {markdown.code(f'javascript:{HOSTILE}')}",
        f"- **waived** {markdown.code(waived.name)}: {markdown.escape(waived.message)}",
        "  - level: <code>error</code>",
        f"  - seen in: {markdown.code(f'2 of 4 contexts, such as {first}')}",
        "  - known by: <code>0123456789abcdef0123456789abcdef</code>",
        f"  - help: {markdown.code('https://example.com/CKV_AWS_119')}",
        f"  - waiver: {markdown.code(f'by Jane Doe until 2026-12-31, 9 days left: {HOSTILE}')}",
        "",
        "</details>",
    ]
    assert table in shown(rendered)
    assert "\x1b" not in told(trace)
    assert "[red]r[/]" in told(trace)


# Markdown


def shown(rendered: str) -> str:
    """Return what a reader sees of Markdown with character references."""
    return html.unescape(rendered).replace("\u200b", "")


def test_markdown_of_a_covered_project(project: Project) -> None:
    """A line that sums it up and the matrix; nothing is folded where nothing is wrong."""
    rule = f"{project.package}/table_shape.py".replace("_", "&#95;")
    assert markdown.render(project.trace()) == "\n".join(
        [
            "### ✅ Trace of the specs: covered",
            "",
            "2 scenarios: 2 covered; judged by links and reviews alone, without results; proof not-run",
            "",
            "| Scenario | State | Rule | Tests |",
            "| --- | --- | --- | ---: |",
            f"| <code>{KEPT}</code> | ✓ covered | <code>{rule}:5</code> | 1 |",
            f"| <code>{HELD}</code> | ✓ covered | <code>{rule}:11</code> | 1 |",
        ]
    )


def test_markdown_of_a_proof(project: Project) -> None:
    """Beside the tests stands how many mutants each scenario killed."""
    rule = f"{project.package}/table_shape.py".replace("_", "&#95;")
    trace = project.trace(proof=write_json(Path("proof.json"), proof_results()))
    assert markdown.render(trace) == "\n".join(
        [
            "### ✅ Trace of the specs: covered",
            "",
            "2 scenarios: 2 covered; judged by links and reviews alone, without results; proved by 9 mutants",
            "",
            "| Scenario | State | Rule | Tests | Mutants |",
            "| --- | --- | --- | ---: | ---: |",
            f"| <code>{KEPT}</code> | ✓ covered | <code>{rule}:5</code> | 1 | 1/1 |",
            f"| <code>{HELD}</code> | ✓ covered | <code>{rule}:11</code> | 1 | 3/3 |",
        ]
    )


def test_markdown_of_a_bad_project(bad: Trace) -> None:
    """Everything that is wrong is folded below the matrix, and reads as it is."""
    rendered = shown(markdown.render(bad))
    hostile = HOSTILE.replace("\x1b", "\\x1b")
    review = f"read it with its rule and tests, then run `storage-compliance trace review {KEPT}`"
    assert rendered.split("\n")[9:] == [
        "<details><summary>Scenarios (3)</summary>",
        "",
        f"- **outdated** <code>{KEPT}</code> (<code>specs/storage/spec.md:11</code>): its text is not the reviewed "
        f"one: {review}",
        f"- **failing** <code>{KEPT}</code> (<code>specs/storage/spec.md:11</code>): "
        "tests/test_shape.py::test_kept failed: mend what it tests",
        f"- **failing** <code>{HELD}</code> (<code>specs/storage/spec.md:15</code>): "
        "2 verdicts are non-compliant: see the findings",
        "",
        "</details>",
        "",
        "<details><summary>Orphans (1)</summary>",
        "",
        f"- **orphaned result** <code>storage#{hostile}</code>: gate.json holds results of it, and no spec has it: "
        "run again",
        "",
        "</details>",
        "",
        "<details><summary>Problems of the run (1)</summary>",
        "",
        f"- <code>{hostile}</code>: {hostile}",
        "",
        "</details>",
        "",
        "<details><summary>Findings (1)</summary>",
        "",
        f"- **non-compliant** <code>{HELD}</code>: {hostile}",
        "  - resource: <code>Table</code>",
        "  - path: <code>$.Resources.Table</code>",
        '  - found: <code>{"Ref": "A"}</code>',
        "  - expected: <code>B</code>",
        "  - mend: <code>set it</code>",
        "  - assuming: <code>x is y</code>",
        "  - context: <code>plain and 1 other</code>",
        f"  - see it: <code>npx aws-cdk@2 synth {'-c x=y ' * 60}</code>",
        "",
        "</details>",
    ]


def test_markdown_is_inert() -> None:
    """Of hostile text nothing is left that GitHub acts on: markup, a tag, a link, a mention, a reference."""
    assert markdown.escape(HOSTILE) == (
        "&#60;script&#62;alert(1)&#60;/script&#62; &#124; &#96;code&#96; &#64;\u200bteam #\u200b12 "
        "&#91;x&#93;(http&#58;//a.b) www&#46;a.b &#92;x1b&#91;31m &#42;&#42;bold&#42;&#42; "
        "&#91;red&#93;r&#91;/&#93; &#92; &#126;&#126;s&#126;&#126; &#36;x&#36;"
    )
    assert markdown.code("a|b\n</code>@c") == "<code>a&#124;b&#92;n&#60;/code&#62;&#64;c</code>"
    assert markdown.escape("x" * 400) == "x" * 300 + "…"


def test_markdown_fits_a_comment(project: Project) -> None:
    """However much is wrong, a comment has room for it, and for nothing is there none."""
    orphans = tuple(Orphan("result", f"s#r/{number}", "<" * 400) for number in range(2000))
    problems = tuple(Trouble("somewhere", "<" * 400) for _ in range(2000))
    rendered = markdown.render(replace(project.trace(), orphans=orphans, problems=problems))
    assert len(rendered) < 65_536
    assert "<details><summary>Orphans (2,000)</summary>" in rendered
    assert (
        "<details><summary>Problems of the run (2,000)</summary>\n\n- and 2,000 more, which `trace` prints\n"
        in rendered
    )
