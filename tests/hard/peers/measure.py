"""Ask cfn-guard, checkov and cdk-nag about the hard templates, and write what they say into docs/hard-templates.md.

`python -m tests.hard.peers.measure GUARD_PYTHON CHECKOV` from the root of the repository: a Python that has
cfn_guard_rs, and checkov's command, each from an environment of its own; the versions are in the doc. cdk-nag and our
own tool are those of the environment that this runs in.

Each case is measured by one scenario, the first that it is about, or production-recovery-enabled among those: the one
question that each of the tools asks.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from policies.assembly import read_sources
from policies.cloud_assembly import Source
from policies.model import Outcome
from tests.hard.test_hard import CASES, HERE, input_of, judged

DOC = HERE.parents[1] / "docs" / "hard-templates.md"
RULES = HERE / "peers" / "guard"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"

CHECKOV_CHECKS: Mapping[str, tuple[str, ...]] = {
    "production-recovery-enabled": ("CKV_AWS_28", "CKV_AWS_165"),
    "encryption-enabled": ("CKV_AWS_119",),
}
"""checkov's own checks that ask what a scenario asks, or nearly."""

NAG_RULES: Mapping[str, str] = {"production-recovery-enabled": "AwsSolutions-DDB3"}
"""cdk-nag's own rule that asks what a scenario asks."""

NAG_SECONDS = 120
"""How long cdk-nag may take for a template; those that it answers take a few seconds."""

GUARD = """
import json, sys
from cfn_guard_rs.cfn_guard_rs import run_checks_rs
answers = {}
for case, (document, rules) in json.load(sys.stdin).items():
    try:
        answers[case] = json.loads(run_checks_rs(json.dumps(document), rules, False))["status"].lower()
    except BaseException as error:
        answers[case] = f"crash ({type(error).__name__})"
print(json.dumps(answers))
"""

_NO_GUESS = frozenset({"cannot say", "skip", "error"})

TRUE_ANSWERS: Mapping[str, frozenset[str]] = {
    "compliant": frozenset({"pass"}),
    "non-compliant": frozenset({"fail"}),
    "undetermined": _NO_GUESS,
    "error": _NO_GUESS | {"fail"},
}
"""The answers of a peer that are right; where CloudFormation refuses the template, any but a pass is."""


@dataclass(frozen=True)
class Case:
    """A hard template: its file, the scenario that it is measured by, and the truth of that."""

    name: str
    file: Path
    kind: str
    scenario: str
    truth: str
    ours: str

    @staticmethod
    def read(name: str) -> Case:
        """Read a case, and judge it with our own tool."""
        expected: dict[str, Any] = json.loads((HERE / name).read_text(encoding="utf-8"))
        asked = [one["scenario"] for one in expected["about"]]
        recovery = "production-protection/production-recovery-enabled"
        scenario = recovery if recovery in asked else asked[0]
        truth = _worst(Outcome(told[scenario]) for told in expected["outcomes"].values())
        run = judged(str(HERE / name))
        ours = _worst(verdict.outcome for verdict in run.verdicts if verdict.scenario == scenario)
        file = input_of(str(HERE / name))
        return Case(name, file, expected["kind"], scenario.partition("/")[2], truth, ours)

    @property
    def source(self) -> Source:
        """The template that a peer is asked about: of an assembly, the one with the table."""
        sources = [source for source in read_sources(self.file) if isinstance(source, Source)]
        return next(one for one in sources if len(sources) == 1 or "Watches" in json.dumps(list(one.document.values())))

    @property
    def template(self) -> Path:
        """The file of that template."""
        return Path(self.source.name).resolve()


def _worst(outcomes: Iterator[Outcome]) -> str:
    return max(outcomes, key=lambda outcome: outcome.rank).value


def guard(cases: list[Case], python: str) -> dict[str, str]:
    """Ask cfn-guard, by the rule written for the scenario; skip means that a rule found nothing to look at."""
    asked = {case.name: (case.source.document, (RULES / f"{case.scenario}.guard").read_text()) for case in cases}
    done = subprocess.run([python, "-c", GUARD], input=json.dumps(asked), capture_output=True, text=True, check=True)  # noqa: S603 - what the caller names
    answers: dict[str, str] = json.loads(done.stdout)
    return answers


def checkov(cases: list[Case], command: str) -> dict[str, str]:
    """Ask checkov, by its own checks; what it does not list at all, it could not read or did not look at."""
    arguments = ["--directory", str(HERE), "--framework", "cloudformation", "--skip-download", "--output", "json"]
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - what the caller names
    results = json.loads(done.stdout)["results"]
    said: dict[tuple[Path, str], set[str]] = {}
    for group in ("passed_checks", "failed_checks", "skipped_checks"):
        for one in results[group]:
            said.setdefault((Path(one["file_abs_path"]), one["check_id"]), set()).add(one["check_result"]["result"])
    unread = {Path(path).resolve() for path in results["parsing_errors"]}
    answers = {}
    for case in cases:
        checks = CHECKOV_CHECKS.get(case.scenario, ())
        found = set().union(*(said.get((case.template, check), set()) for check in checks))
        answers[case.name] = "error" if case.template in unread else _answer(checks, found)
    return answers


def _answer(checks: tuple[str, ...], found: set[str]) -> str:
    if not checks:
        return "no rule"
    if "FAILED" in found:
        return "fail"
    return "pass" if "PASSED" in found else "skip"


def nag(case: Case) -> str:
    """Ask cdk-nag's own rule, for a minute at most."""
    rule = NAG_RULES.get(case.scenario)
    if rule is None:
        return "no rule"
    arguments = [sys.executable, "-m", "tests.hard.peers.nag", str(case.template), rule]
    # A session of its own, so that the Node.js behind it ends with it.
    with subprocess.Popen(  # noqa: S603 - this Python
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as asked:
        try:
            said, _ = asked.communicate(timeout=NAG_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(asked.pid, signal.SIGKILL)
            return "hangs"
    return said.rpartition("answer: ")[2].strip() or "error"


def table(cases: list[Case], answers: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield the lines of the table, and a count of the right answers of each tool."""
    yield "| kind of case | file | scenario | truth | we | " + " | ".join(answers) + " |\n"
    yield "|---" * (5 + len(answers)) + "|\n"
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for case in cases:
        cells = []
        for tool, said in answers.items():
            answer = said[case.name]
            correct = answer in TRUE_ANSWERS[case.truth]
            if answer != "no rule":
                asked[tool] += 1
                right[tool] += correct
            cells.append(answer if correct or answer == "no rule" else f"**{answer}**")
        ours = case.ours if case.ours == case.truth else f"**{case.ours}**"
        right["we"] += case.ours == case.truth
        name = case.file.relative_to(HERE).as_posix()
        told = " | ".join(cells)
        yield f"| {case.kind} | `{name}` | {case.scenario} | {case.truth} | {ours} | {told} |\n"
    yield "\n"
    yield "Right: " + "; ".join(
        [f"we {right['we']} of {len(cases)}", *(f"{tool} {right[tool]} of the {asked[tool]} asked" for tool in answers)]
    )
    yield ".\n"


def main() -> None:
    """Measure, and put the table between the marks of the doc."""
    python, command = sys.argv[1:]
    cases = [Case.read(name) for name in CASES]
    answers = {
        "cfn-guard": guard(cases, python),
        "checkov": checkov(cases, command),
        "cdk-nag": {case.name: nag(case) for case in cases},
    }
    text = DOC.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOC.write_text(before + BEGIN + "".join(table(cases, answers)) + END + after, encoding="utf-8")
    sys.stdout.write(f"cdk-nag {version('cdk-nag')}, aws-cdk-lib {version('aws-cdk-lib')}\n")


if __name__ == "__main__":
    main()
