"""The `synth` command: what it writes of a matrix, and when it writes none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from gate import synth_run
from gate.acknowledgements import acknowledgements
from policies.waiver_model import Waiver
from policies.waivers import SHIPPED, read_waivers, write
from scanners.canary import CANARY, canary
from scanners.sarif import read_sarif
from stack.contexts import Context, matrix
from stack.node import NodeUnusableError
from stack.settings import Problem
from stack.synth import Synthesis, synthesise
from stack.validation_report import VALIDATOR, Acknowledgement, Violation
from tests.commands import invoke
from tests.policies.waivers import CREATED, EXPIRES, waiver

TEMPLATE = b"""{
 "Parameters": {
  "Function": {
   "Type": "String"
  }
 },
 "Resources": {
  "Role": {
   "Type": "AWS::IAM::Role"
  },
  "Function": {
   "Type": "AWS::Lambda::Function"
  }
 }
}"""
MINIFIED = b'{"Resources":{"Function":{"Type":"AWS::Lambda::Function"}}}'
FIRST, SECOND = (hashlib.sha256(template).hexdigest() for template in (TEMPLATE, MINIFIED))
PATHS = {"Role": "Stack/Role", "Function": "Stack/Function"}
DLQ = Violation("Serverless", "Serverless-LambdaDLQ", "error", "no queue: {see} [here](https://x)", "Stack/Function")
KNOWN = Violation("AwsSolutions", "AwsSolutions-IAM5[Resource::*]", "warning", "wildcards", "Stack/Role", "X-Ray")
UNUSED = Violation("CloudFormation Validate", "W2001", "warning", "not used", "Stack")

Run = Callable[..., tuple[int, str]]


WHY = "The function is called synchronously: nothing is lost. (Storage team, until 2025-07-31)"
"""With what a waiver of those tests' is acknowledged."""


def synthesis(name: str, *violations: Violation, template: bytes = TEMPLATE, **settings: object) -> Synthesis:
    """Return what came of a context, with what was found in its template."""
    return Synthesis(Context(name), settings=settings, template=template, paths=PATHS, violations=violations)


def nag(rule: str, resource: str = "Stack/Function", scanner: str = "cdk-nag", **changes: object) -> Waiver:
    """Return a waiver of what cdk-nag finds in a resource."""
    return waiver(scanner=scanner, rule=rule, resource=resource, **changes)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command on what came of contexts, into the folder `scan`; it returns stderr.

    It is run on the last day of the `waivers`, which come to what is `acknowledged`.
    """

    def run(
        *syntheses: Synthesis,
        error: Exception | None = None,
        waivers: Iterable[Waiver] = (),
        acknowledged: Sequence[Acknowledgement] = (),
        name: str = "pairwise",
    ) -> tuple[int, str]:
        def synthesise(
            contexts: Iterable[Context], *, scanned: bool, acknowledged: Sequence[Acknowledgement]
        ) -> Iterator[Synthesis]:
            assert scanned
            assert acknowledged == expected
            assert [one.context for one in syntheses] == contexts
            if error is not None:
                raise error
            yield from syntheses

        monkeypatch.setattr(synth_run, "matrix", lambda asked: [one.context for one in syntheses if asked == name])
        expected = tuple(acknowledged)
        monkeypatch.setattr(synth_run, "synthesise", synthesise)
        monkeypatch.setattr(synth_run, "_today", lambda: EXPIRES)
        file = tmp_path / "waivers.toml"
        file.write_text(write(waivers), encoding="utf-8")
        command = ["synth", "--matrix", name, "--output", str(tmp_path / "scan"), "--waivers", str(file)]
        result = invoke(command)
        assert result.stdout == ""
        return result.exit_code, result.stderr

    return run


def written(folder: Path) -> list[str]:
    """Return the names of the files below a folder."""
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def log(driver: dict[str, str], *results: object) -> dict[str, Any]:
    """Return the log of a tool that has read both templates."""
    artifacts = [
        {
            "location": {"uri": f"templates/{digest}.template.json", "index": index},
            "roles": ["analysisTarget"],
            "hashes": {"sha-256": digest},
        }
        for index, digest in enumerate((FIRST, SECOND))
    ]
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": []}],
                "artifacts": artifacts,
                "columnKind": "utf16CodeUnits",
                "results": list(results),
            }
        ],
    }


def location(digest: str, line: int | None, construct: str) -> dict[str, Any]:
    """Return a place in a template."""
    file = {"uri": f"templates/{digest}.template.json", "index": (FIRST, SECOND).index(digest)}
    region = {} if line is None else {"region": {"startLine": line}}
    return {
        "physicalLocation": {"artifactLocation": file, **region},
        "logicalLocations": [{"fullyQualifiedName": construct}],
    }


def test_what_is_written(run: Run, tmp_path: Path) -> None:
    """Each template once; what is found in it in any context, at the line of its resource; nothing of the refused."""
    problem = Problem("worthwatch:stage", '"live"', "dev")
    refused = Synthesis(Context("refused", refused=frozenset({"worthwatch:stage"})), refused=(problem,), message="no")
    came = (synthesis("a", DLQ), synthesis("b", KNOWN, UNUSED), refused, synthesis("c", DLQ, template=MINIFIED))
    assert run(*came) == (0, "")
    folder = tmp_path / "scan"
    assert {name: (folder / name).read_bytes() for name in written(folder) if name.endswith(".json")} == {
        f"templates/{FIRST}.template.json": TEMPLATE,
        f"templates/{SECOND}.template.json": MINIFIED,
        f"templates/{canary([FIRST, SECOND])}.template.json": CANARY,
    }
    assert json.loads((folder / "cdk-nag.sarif").read_bytes()) == log(
        {"name": "cdk-nag", "semanticVersion": version("cdk-nag")},
        {
            "ruleId": "Serverless-LambdaDLQ",
            "level": "error",
            "message": {"text": "no queue: {{see}} [here] (https://x)"},
            "locations": [location(FIRST, 11, "Stack/Function"), location(SECOND, None, "Stack/Function")],
            "suppressions": [],
        },
        {
            "ruleId": "AwsSolutions-IAM5[Resource::*]",
            "level": "warning",
            "message": {"text": "wildcards"},
            "locations": [location(FIRST, 8, "Stack/Role")],
            "suppressions": [{"kind": "inSource", "justification": "X-Ray"}],
        },
    )
    assert json.loads((folder / "cdk.sarif").read_bytes()) == log(
        {"name": "cdk", "semanticVersion": version("aws-cdk-lib")},
        {
            "ruleId": "W2001",
            "level": "warning",
            "message": {"text": "not used"},
            "locations": [location(FIRST, None, "Stack")],
            "suppressions": [],
        },
    )


def sings(*rules: str, plugin: str = "Serverless") -> list[Violation]:
    """Return what a plugin finds in the canary of a context."""
    return [Violation(plugin, rule, "error", f"{rule} is violated", "Canary/Function") for rule in rules]


def test_what_sang_in_every_context(run: Run, tmp_path: Path) -> None:
    """A rule that was violated in the canary of each context is told so, once, by the name of the canary's file.

    One that was silent in a single context has not sung: it may have been silent about that template, too.
    """
    first = [*sings("Serverless-LambdaDLQ", "Serverless-Silent"), *sings("W2001", plugin=VALIDATOR)]
    second = [*sings("Serverless-LambdaDLQ", "Serverless-Late"), *sings("W2001", plugin=VALIDATOR)]
    assert run(synthesis("a", DLQ, *first), synthesis("b", *second, template=MINIFIED)) == (0, "")
    name = canary([FIRST, SECOND])
    results = json.loads((tmp_path / "scan" / "cdk-nag.sarif").read_bytes())["runs"][0]["results"]
    place = {"artifactLocation": {"uri": f"templates/{name}.template.json"}}
    assert results[1:] == [
        {
            "ruleId": "Serverless-LambdaDLQ",
            "level": "error",
            "message": {"text": "Serverless-LambdaDLQ is violated"},
            "locations": [
                {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": "Canary/Function"}]},
            ],
            "suppressions": [],
        }
    ]
    read = [read_sarif(tmp_path / "scan" / f"{tool}.sarif")[0] for tool in ("cdk-nag", "cdk")]
    assert [scan.canaries for scan in read] == [
        {name: frozenset({"Serverless-LambdaDLQ"})},
        {name: frozenset({"W2001"})},
    ]
    both = frozenset({FIRST, SECOND})
    assert [(scan.templates, len(scan.findings)) for scan in read] == [(both, 1), (both, 0)]


def test_waivers_are_acknowledged(run: Run, tmp_path: Path) -> None:
    """Those that hold today, of a rule of a pack's or the validator's, with the reason, the owner and the last day."""
    waivers = [
        nag("AwsSolutions-IAM5[Resource::*]", "Stack/Role", when={"deployVpc": [True]}),
        nag("HIPAA.Security-LambdaDLQ", "*"),
        nag("W2001", "template", "cdk"),
        # What cannot be acknowledged: every rule, an annotation, a rule of no pack; or not today; or not in the stack.
        nag("*", scanner="cdk"),
        nag("*"),
        nag("Annotation::worthwatch:added", scanner="cdk"),
        nag("WorthWatch-Encrypted"),
        nag("Serverless-Early", created=date(2025, 8, 1), expires=date(2025, 9, 1)),
        nag("Serverless-Late", created=CREATED, expires=date(2025, 7, 30)),
        nag("CKV_AWS_116", scanner="checkov"),
    ]
    expected = [
        Acknowledgement(VALIDATOR, "W2001", None, WHY),
        Acknowledgement(
            "AwsSolutions", "AwsSolutions-IAM5[Resource::*]", "Stack/Role", WHY, when={"deployVpc": (True,)}
        ),
        Acknowledgement("HIPAA.Security", "HIPAA.Security-LambdaDLQ", None, WHY),
    ]
    found = (
        Violation("AwsSolutions", "AwsSolutions-IAM5[Resource::*]", "error", "wildcards", "Stack/Role", WHY),
        Violation("HIPAA.Security", "HIPAA.Security-LambdaDLQ", "error", "no queue", "Stack/Function", WHY),
        Violation(VALIDATOR, "W2001", "warning", "not used", "Stack", WHY),
    )
    came = synthesis("a", *found[1:], deployVpc=False), synthesis("b", *found, template=MINIFIED, deployVpc=True)
    assert run(*came, waivers=waivers, acknowledged=expected) == (0, "")
    results = [
        result
        for tool in ("cdk-nag", "cdk")
        for result in json.loads((tmp_path / "scan" / f"{tool}.sarif").read_bytes())["runs"][0]["results"]
    ]
    assert [result["suppressions"] for result in results] == [[{"kind": "inSource", "justification": WHY}]] * 3


def test_the_reference_stack_acknowledges_what_is_waived() -> None:
    """All that is found in it is acknowledged with the reason of a waiver that is shipped, as long as that holds."""
    contexts = [context for context in matrix("smoke") if context.name in {"defaults", "staging-vpc-cn"}]
    acknowledged = [one for each in read_waivers(SHIPPED) for one in acknowledgements([each], each.created)]
    defaults, vpc = synthesise(contexts, workers=1, scanned=True, acknowledged=acknowledged)
    for synthesis in (defaults, vpc):
        assert synthesis.failure is None
        assert synthesis.violations
        for violation in synthesis.violations:
            assert violation.in_canary is not any(one.acknowledges(violation) for one in acknowledged)


def test_what_acknowledges_nothing_is_warned_of(run: Run, tmp_path: Path) -> None:
    """Where no context has the resource, or shows the finding; not where the settings are those of no context.

    A smoke run tells nothing of it, for it has not every value of every setting.
    """
    waivers = [
        nag("Serverless-LambdaDLQ", "Stack/Gone"),
        nag("Serverless-LambdaDLQ", "Stack/Role"),
        nag("Serverless-LambdaDLQ", when={"stage": ["prod"]}),
        nag("Serverless-LambdaTracing"),
        nag("W2001", "template", "cdk"),
    ]
    expected = [
        Acknowledgement(VALIDATOR, "W2001", None, WHY),
        Acknowledgement("Serverless", "Serverless-LambdaDLQ", "Stack/Function", WHY, when={"stage": ("prod",)}),
        Acknowledgement("Serverless", "Serverless-LambdaDLQ", "Stack/Gone", WHY),
        Acknowledgement("Serverless", "Serverless-LambdaDLQ", "Stack/Role", WHY),
        Acknowledgement("Serverless", "Serverless-LambdaTracing", "Stack/Function", WHY),
    ]
    tracing = Violation("Serverless", "Serverless-LambdaTracing", "error", "no tracing", "Stack/Function", WHY)
    came = synthesis("a", DLQ, tracing, stage="dev"), synthesis("b", stage="dev", template=MINIFIED)
    idle = "waived, and acknowledges nothing in any context, for"
    assert run(*came, waivers=waivers, acknowledged=expected) == (
        0,
        f"warning: CloudFormation-Validate::W2001 on the stack: {idle} that is not found there\n"
        f"warning: Serverless::Serverless-LambdaDLQ on Stack/Gone: {idle} no resource has that construct path\n"
        f"warning: Serverless::Serverless-LambdaDLQ on Stack/Role: {idle} that is not found there\n",
    )
    assert "cdk-nag.sarif" in written(tmp_path / "scan")
    assert run(*came, waivers=waivers, acknowledged=expected, name="smoke") == (0, "")


def test_waivers_that_are_refused(tmp_path: Path) -> None:
    """They are before anything is synthesised, or taken out of the folder."""
    folder, file = tmp_path / "scan", tmp_path / "waivers.toml"
    file.write_text(write([nag("Serverless-LambdaDLQ", when={"stage": ["live"]})]), encoding="utf-8")
    result = invoke(["synth", "--output", str(folder), "--waivers", str(file)])
    told = 'when.stage: found "live"; expected dev or staging or prod'
    assert (result.exit_code, result.stderr.strip().endswith(told), folder.exists()) == (2, True, False)


@pytest.mark.parametrize(
    ("severity", "level"),
    [("fatal", "error"), ("error", "error"), ("warning", "warning"), ("info", "note"), ("custom", "warning")],
)
def test_severities(run: Run, tmp_path: Path, severity: str, level: str) -> None:
    """Each has a level; a word of a plugin's own is SARIF's default, a warning."""
    assert run(synthesis("a", Violation("Serverless", "rule", severity, "told", "Stack"))) == (0, "")
    (result,) = json.loads((tmp_path / "scan" / "cdk-nag.sarif").read_bytes())["runs"][0]["results"]
    assert result["level"] == level


def test_a_template_that_the_validator_refuses(run: Run, tmp_path: Path) -> None:
    """That is a finding, which the gate judges, and keeps nothing from being written."""
    fatal = Violation("CloudFormation Validate", "F3003", "fatal", "required", "Stack/Role")
    refused = Synthesis(Context("a"), template=TEMPLATE, paths=PATHS, violations=(fatal,), failure="ValidationFailed")
    assert run(refused) == (0, "")
    (result,) = json.loads((tmp_path / "scan" / "cdk.sarif").read_bytes())["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("F3003", "error")


def test_contexts_that_fail(run: Run, tmp_path: Path) -> None:
    """Each failure is told once, with the first context that shows it; nothing is left that seems whole."""
    assert run(synthesis("a", DLQ)) == (0, "")
    silent = "found nothing where there is something to find, so cannot have run: Serverless"
    assert run(
        synthesis("a", DLQ),
        Synthesis(Context("b"), template=TEMPLATE, paths=PATHS, failure=silent),
        Synthesis(Context("c"), refused=(), message="The context is refused: 1 problem.\n  stage: \x1b[31mlive"),
        Synthesis(Context("d"), failure=silent),
        Synthesis(Context("e", refused=frozenset({"stage"})), failure="the process ended"),
    ) == (
        2,
        f"error: b and 1 more: {silent}\n"
        "error: c: The context is refused: 1 problem.\n    stage: \\x1b[31mlive\n"
        "error: e: the process ended\n",
    )
    assert written(tmp_path / "scan") == []


def test_very_many_failures(run: Run) -> None:
    """The first twenty are told, and how many more there are."""
    code, told = run(*(Synthesis(Context(f"c{n}"), failure=f"failure {n}") for n in range(23)))
    assert code == 2
    assert told.splitlines() == [*(f"error: c{n}: failure {n}" for n in range(20)), "error: 3 more"]


def test_no_template(run: Run) -> None:
    """A matrix of which nothing came has nothing to scan: that is no success."""
    assert run() == (2, "error: the matrix: no template came of it, so there is nothing to scan\n")


def test_no_node(run: Run, tmp_path: Path) -> None:
    """A Node.js that is unusable ends the command with a message."""
    assert run(error=NodeUnusableError("JSII_NODE names 'x'")) == (2, "error: JSII_NODE names 'x'\n")
    assert written(tmp_path / "scan") == []


def test_a_folder_that_is_refused(run: Run, tmp_path: Path) -> None:
    """It is refused before anything is synthesised."""
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "notes.txt").touch()
    code, told = run(error=AssertionError("synthesised"))
    assert (code, told.split(": not of an earlier run")[0]) == (2, f"error: {tmp_path}/scan/notes.txt")


def test_help() -> None:
    """It teaches what is written, what the exit codes are, and an example."""
    result = invoke(["synth", "--help"], env={"COLUMNS": "120"})
    told = " ".join(result.stdout.split())
    assert result.exit_code == 0
    for teaches in (
        "--matrix",
        "{smoke,pairwise,full}",
        "--output DIR",
        "--waivers FILE",
        "cdk-nag.sarif is what cdk-nag's stock packs find",
        "each waiver that holds today, of a rule of either, is an acknowledgement",
        "Exit codes: 0 all is written; 2 it could not be",
        "storage-compliance synth --matrix pairwise --output build/scan",
    ):
        assert teaches in told
