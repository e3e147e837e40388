"""A trace told: as JSON, as text for a terminal, as Markdown for GitHub."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from evidence import document, markdown, text
from evidence.model import Orphan, Trace, Trouble
from tests.evidence.projects import HELD, KEPT, SPEC, Project, gate_results, make, ran, run_results, verdict, write_json

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
                "covered": 2,
            },
            "orphans": 0,
            "contexts": 0,
            "templates": 0,
            "outcomes": {"not-applicable": 0, "compliant": 0, "undetermined": 0, "non-compliant": 0, "error": 0},
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
    }


# Text


def told(trace: Trace, width: int = 160, *, colour: bool = False) -> str:
    """Return the text on a terminal."""
    console = Console(file=StringIO(), width=width, highlight=False, force_terminal=colour, _environ={})
    with console.capture() as captured:
        text.render(trace, console)
    return captured.get()


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
        "covered: 2 scenarios: 2 covered; judged by links and reviews alone, without results",
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
        "could not judge all: 2 scenarios: 1 failing, 1 outdated; 1 orphan; 1 problem; 4 contexts, 1 template",
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
            "2 scenarios: 2 covered; judged by links and reviews alone, without results",
            "",
            "| Scenario | State | Rule | Tests |",
            "| --- | --- | --- | ---: |",
            f"| <code>{KEPT}</code> | ✓ covered | <code>{rule}:5</code> | 1 |",
            f"| <code>{HELD}</code> | ✓ covered | <code>{rule}:11</code> | 1 |",
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
