"""`storage-compliance trace` as a user starts it: on this project as it is, and as six changes would leave it."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from evidence.basis import basis
from evidence.document import schema
from policies.catalogue import load
from policies.model import ContextRule
from stack.contexts import matrix
from tests.commands import invoke
from tests.evidence.projects import gate_results, present, ran, run_results, summary, verdict, write_json

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from gate.cli import main; main()", "trace")
PARTITION = "dynamodb-storage#table-key-schema/partition-key-defined"
WRITE = "dynamodb-storage#lambda-dynamodb-integration/write-permissions-granted"
SORT = "dynamodb-storage#table-key-schema/no-sort-key-required"


def start(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with what the folder holds, and the rest from here."""
    decisive = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "PY_COLORS"}
    kept = {key: value for key, value in os.environ.items() if key not in decisive}
    path = {"PYTHONPATH": os.pathsep.join([str(cwd), str(ROOT)])}
    return subprocess.run(  # noqa: S603 -- ourselves
        [*COMMAND, *arguments], cwd=cwd, env=kept | path | variables, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the specs, the rules and the tests of this project."""
    for folder in ("specs", "policies", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "corpus", "*.yaml")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def replace(file: Path, old: str, new: str) -> None:
    """Replace the one place of a file that says something."""
    source = file.read_text(encoding="utf-8")
    assert source.count(old) == 1
    file.write_text(source.replace(old, new), encoding="utf-8")


def without(source: str, name: str) -> str:
    """Return a module without one of its functions and its decorators."""
    blocks = source.split("\n\n\n")
    kept = [block for block in blocks if f"\ndef {name}(" not in f"\n{block}"]
    assert len(kept) == len(blocks) - 1
    return "\n\n\n".join(kept)


def wrong(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what a trace as text says beside its matrix and its last line, without what to do about it."""
    assert "Traceback" not in result.stderr
    _, _, below = result.stdout.partition("\n\n")
    return [line.partition(": ")[0] for line in below.splitlines()[:-1] if line]


# This project


def test_this_project(checkout: Path) -> None:
    """On this project nothing is uncovered, orphaned or outdated, and every scenario was reviewed as it stands."""
    result = start(cwd=checkout)
    count = len(load())
    judged = "judged by links and reviews alone, without results; proof not-run"
    said = f"covered: {count} scenarios: {count} covered; {judged}"
    assert (result.stdout.splitlines()[-1], result.stderr, result.returncode) == (said, "", 0)


def test_no_cdk_is_started(checkout: Path) -> None:
    """A trace imports neither the CDK nor what talks to it."""
    code = "import sys; from gate.cli import app; app(['trace']); print({'jsii', 'aws_cdk'} & {*sys.modules})"
    result = subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-c", code],
        cwd=checkout,
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines()[-1] == "set()"


def test_scenario_renamed(checkout: Path) -> None:
    """A renamed scenario is uncovered and was never reviewed; its rule, tests and review are orphaned."""
    replace(
        checkout / "specs/dynamodb-storage/spec.md", "Scenario: Partition key defined", "Scenario: Partition key named"
    )
    (checkout / "policies/nag.py").unlink()  # it is no rule, and its source names this scenario
    result = start(cwd=checkout)
    new = "dynamodb-storage#table-key-schema/partition-key-named"
    assert wrong(result) == [
        f"{new} (specs/dynamodb-storage/spec.md:23)",
        f"  uncovered {new} (dynamodb-storage/spec.md:23)",
        "  uncovered no test is written for it",
        "  outdated never reviewed",
        "orphaned rule policies.table_key_schema.partition_key_defined",
        "  policies.table_key_schema.partition_key_defined",
        *(
            line
            for name in ("test_partition_key_defined", "test_partition_key_of_each_table")
            for line in (
                f"orphaned test tests/policies/test_table_key_schema.py::{name}",
                f"  marked with {PARTITION}, which no spec has",
            )
        ),
        f"orphaned review {PARTITION}",
        "  no spec has this scenario",
    ]
    assert result.returncode == 1


def test_sentence_edited(checkout: Path) -> None:
    """A scenario whose sentence is edited is outdated until its review is recorded."""
    replace(checkout / "specs/dynamodb-storage/spec.md", "named `id` of type String", "named `key` of type String")
    result = start(cwd=checkout)
    assert wrong(result) == [
        f"{PARTITION} (specs/dynamodb-storage/spec.md:23)",
        "  outdated its text is not the reviewed one",
    ]
    assert result.returncode == 1
    review = start("review", "partition-key-defined", cwd=checkout)
    said = f"reviewed {PARTITION}\nrecorded in specs/reviewed.toml: commit it\n"
    assert (review.stdout, review.stderr, review.returncode) == (said, "", 0)
    assert start(cwd=checkout).returncode == 0


def test_rule_deleted(checkout: Path) -> None:
    """A scenario whose rule is deleted is uncovered."""
    module = checkout / "policies/table_key_schema.py"
    module.write_text(without(module.read_text(encoding="utf-8"), "no_sort_key_required"), encoding="utf-8")
    result = start(cwd=checkout)
    assert wrong(result) == [
        f"{SORT} (specs/dynamodb-storage/spec.md:27)",
        f"  uncovered {SORT} (dynamodb-storage/spec.md:27)",
    ]
    assert result.returncode == 1


def test_tests_deleted(checkout: Path) -> None:
    """A scenario whose tests are deleted is uncovered."""
    (checkout / "tests/policies/test_table_key_schema.py").unlink()
    result = start(cwd=checkout)
    assert wrong(result) == [
        f"{PARTITION} (specs/dynamodb-storage/spec.md:23)",
        "  uncovered no test is written for it",
        f"{SORT} (specs/dynamodb-storage/spec.md:27)",
        "  uncovered no test is written for it",
    ]
    assert result.returncode == 1


def test_last_test_deleted(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario whose last written test is deleted is uncovered, though a loop makes one for it that passed."""
    monkeypatch.chdir(checkout)
    module = checkout / "tests/policies/test_lambda_dynamodb_integration.py"
    module.write_text(without(module.read_text(encoding="utf-8"), "test_write_permissions_granted"), encoding="utf-8")
    made = "tests/test_scenarios.py::test_write_permissions_granted"
    tests = [
        ran("test_write_permissions_granted", 45, WRITE, passed=149) | {"id": made, "path": "tests/test_scenarios.py"}
    ]
    file = write_json(checkout / "tests.json", run_results(tests, basis=basis() | present()))
    result = start("--results", str(file), "--format", "json", cwd=checkout)
    told = {scenario["id"]: scenario for scenario in json.loads(result.stdout)["scenarios"]}[WRITE]
    assert (told["state"], [test["id"] for test in told["tests"]]) == ("uncovered", [made])
    assert [problem["message"].partition(":")[0] for problem in told["problems"]] == ["no test is written for it"]
    assert result.returncode == 1


def test_scenario_added(checkout: Path) -> None:
    """A scenario that is added without rule, test and review is uncovered."""
    spec = checkout / "specs/dynamodb-storage/spec.md"
    spec.write_text(
        spec.read_text(encoding="utf-8").rstrip("\n")
        + "\n\n#### Scenario: Deletion told\n- **WHEN** the stack is deleted\n- **THEN** its owner SHALL be told\n",
        encoding="utf-8",
    )
    result = start(cwd=checkout)
    new = "dynamodb-storage#table-deletion-protection/deletion-told"
    assert wrong(result) == [
        f"{new} (specs/dynamodb-storage/spec.md:78)",
        f"  uncovered {new} (dynamodb-storage/spec.md:78)",
        "  uncovered no test is written for it",
        "  outdated never reviewed",
    ]
    assert result.returncode == 1


@pytest.fixture(scope="module")
def pairwise() -> dict[str, object]:
    """Return results of this project's rules in the contexts of the pairwise matrix, in which all is compliant."""
    contexts = {
        context.name: {
            "values": dict(context.values),
            "account": context.account,
            "region": context.region,
            "refused": sorted(context.refused),
            "template": None,
        }
        for context in matrix("pairwise")
    }
    verdicts = [
        verdict(entry.scenario.id, context=name, resource=None if isinstance(entry.rule, ContextRule) else "Table")
        for name, context in contexts.items()
        for entry in load()
        if isinstance(entry.rule, ContextRule) or not context["refused"]
    ]
    document = gate_results() | {"contexts": contexts, "basis": basis(), "verdicts": verdicts}
    return document | {"summary": summary(document)}


def test_value_of_an_axis_dropped(pairwise: dict[str, object], checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results in which no context is of a stage any more name the key and the value."""
    monkeypatch.chdir(checkout)
    file = write_json(checkout / "gate.json", pairwise)
    assert start("--results", str(file), cwd=checkout).returncode == 0
    document = copy.deepcopy(pairwise)
    contexts = document["contexts"]
    assert isinstance(contexts, dict)
    for context in contexts.values():
        if context["values"].get("worthwatch:stage") == "staging":
            context["values"]["worthwatch:stage"] = "dev"
    result = start("--results", str(write_json(file, document)), cwd=checkout)
    assert wrong(result) == [
        "never-run worthwatch:stage",
        '  no accepted context of the results has the value "staging"',
    ]
    assert result.returncode == 1


# Formats and files


@pytest.fixture
def here(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the copy the current folder of this process, in which the rules are this project's own."""
    monkeypatch.chdir(checkout)
    return checkout


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; return its exit code, what it said, and what it complained of."""
    result = invoke(["trace", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_formats(here: Path) -> None:
    """Each format is written to stdout, or to a file while the text is printed, one and the same."""
    plain = run()[1]
    for form, looks in (
        ("text", lambda said: said == plain),
        ("markdown", lambda said: said.startswith("### ✅ Trace of the specs: covered\n")),
        ("json", lambda said: Draft202012Validator(schema()).is_valid(json.loads(said))),
        ("html", lambda said: said.lower().startswith("<!doctype html>")),
    ):
        code, said, complained = run("--format", form)
        assert (code, complained, looks(said)) == (0, "", True), form
        assert run("--format", form, "--output", "out/trace") == (0, plain, "")
        assert (here / "out/trace").read_text(encoding="utf-8") == said
        assert [file.name for file in (here / "out").iterdir()] == ["trace"]


@pytest.mark.parametrize(
    ("prepare", "arguments", "said"),
    [
        (lambda here: None, ("--output", "specs"), "specs: a folder; name a file in it\n"),
        (lambda here: None, ("--results", ""), "--results: the name is empty; name a file, or a folder of files\n"),
        (
            lambda here: None,
            ("--proof", ""),
            "--proof: the name is empty; name a file; see storage-compliance trace --help\n",
        ),
        (lambda here: None, ("--output", ""), "--output: the name is empty; name a file\n"),
        (lambda here: os.mkfifo(here / "pipe"), ("--output", "pipe"), "pipe: a link, pipe or device; name a file\n"),
        (
            lambda here: shutil.rmtree(here / "specs"),
            (),
            "specs: no such folder; trace runs in a checkout, at its root\n",
        ),
        (
            lambda here: shutil.rmtree(here / "tests"),
            ("review", "partition-key-defined"),
            "tests: no such folder; trace runs in a checkout, at its root\n",
        ),
        (
            lambda here: (here / "specs/reviewed.toml").write_text("a = 1\n", encoding="utf-8"),
            (),
            "specs/reviewed.toml: 'a': expected a table, named by the full id of a scenario in quotes\n",
        ),
        (
            lambda here: (here / "specs/dynamodb-storage/spec.md").write_text("# A\n\x1b", encoding="utf-8"),
            (),
            None,
        ),
        (
            lambda here: None,
            ("review", "partition"),
            f"no scenario is named 'partition'; there is\n  {PARTITION}\n",
        ),
    ],
)
def test_refused(prepare: Callable[[Path], object], arguments: tuple[str, ...], said: str | None, here: Path) -> None:
    """What cannot be read, written or found ends the command with exit code 2 and a message."""
    prepare(here)
    code, printed, complained = run(*arguments)
    assert (code, printed) == (2, "")
    if said is None:
        assert complained.startswith("error: the specs cannot be read:\nspecs/dynamodb-storage/spec.md:")
    else:
        assert complained.removeprefix("error: ").replace(str(here), "") == said


def test_unreadable_results(here: Path) -> None:
    """Results that cannot be read are told, with all that could be judged without them."""
    (here / "gate.json").write_text('{"schema": 1}', encoding="utf-8")
    code, printed, complained = run("--results", "gate.json")
    assert (code, complained) == (2, "")
    assert "\ncould not judge gate.json\n  $.schema: found no string; expected " in printed


def test_rules_that_are_not_installed(here: Path) -> None:
    """Rules of the checkout that are not those which judge are told: links and results would be of other ones."""
    module = here / "policies/table_key_schema.py"
    module.write_text(without(module.read_text(encoding="utf-8"), "no_sort_key_required"), encoding="utf-8")
    code, printed, complained = run()
    assert (code, complained) == (2, "")
    message = "the rules that are installed are not those of ./policies: install the checkout (pip install -e .)"
    assert f"\ncould not judge policies\n  {message}\n" in printed


def test_misuse(here: Path) -> None:
    """A review without a scenario, an unknown format and an unknown command are refused."""
    for arguments, said in (
        (("review",), "the following arguments are required: SCENARIO; see storage-compliance trace review --help"),
        (("--format", "xml"), "--format: invalid choice: 'xml' (choose from 'text', 'markdown', 'html', 'json')"),
        (("frobnicate",), "COMMAND: invalid choice: 'frobnicate' (choose from 'review', 'diff')"),
        (("--format", "json", "diff"), "diff is a command, which comes before all options"),
    ):
        code, _, complained = run(*arguments)
        assert (code, complained.startswith(f"error: {said}")) == (2, True)


def test_no_colour(checkout: Path) -> None:
    """Colour that is forced is there, and NO_COLOR takes it away."""
    assert "\x1b[3" in start(cwd=checkout, FORCE_COLOR="1").stdout
    assert "\x1b[3" not in start(cwd=checkout, FORCE_COLOR="1", NO_COLOR="1").stdout
