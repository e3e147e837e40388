"""A folder of templates, included: what is written of it, and which of them are listed as read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from gate import included_run
from gate.included_run import scan_included
from gate.scan_folder import fill, prepared
from policies.reading import InputError
from scanners.canary import canary
from scanners.coverage import shortcomings
from scanners.model import Level
from scanners.sarif import read_sarif
from stack.included import Included
from stack.validation_report import VALIDATOR, Violation

FIRST = b"""{
 "Parameters": {
  "P": {
   "Type": "String"
  }
 },
 "Resources": {
  "Canary": {
   "Type": "T"
  }
 }
}"""
SECOND = b'{"Resources":{}}'
BROKEN = b"{}"
DIGESTS = {template: hashlib.sha256(template).hexdigest() for template in (FIRST, SECOND, BROKEN)}

TABLE = Violation("AwsSolutions", "AwsSolutions-DDB3", "error", "no recovery", "Canary")
UNUSED = Violation(VALIDATOR, "W2001", "warning", "Parameters/P: not used", "Included")
NAG = Violation("AwsSolutions", "AwsSolutions-IAM5", "error", "wildcards", "Canary/Role")
SCALING = Violation("HIPAA.Security", "HIPAA.Security-X", "error", "sung beside one alone", "Canary/Role")
CDK = Violation(VALIDATOR, "W2001", "warning", "Parameters/Unused: not used", "Canary")

RESULTS = {
    FIRST: Included(FIRST, (TABLE, UNUSED), (NAG, SCALING, CDK)),
    SECOND: Included(SECOND, (), (NAG, CDK)),
    BROKEN: Included(BROKEN, failure="the CDK includes it as another template"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of templates that are not included but said to be, with a report of an earlier run."""

    def include(templates: Iterable[bytes]) -> Iterator[Included]:
        return (RESULTS[template] for template in templates)

    monkeypatch.setattr(included_run, "include", include)
    folder = prepared(str(tmp_path / "scan"))
    fill(folder, {digest: template for template, digest in DIGESTS.items()}, {"cdk-nag": "of an earlier run"})
    return folder


def test_reports(folder: Path) -> None:
    """They tell what each tool found, by logical ids, list what was read, and are of the whole folder's canary."""
    assert scan_included(folder) == {DIGESTS[BROKEN]: "the CDK includes it as another template"}
    (nag,), (cdk,) = read_sarif(folder / "cdk-nag.sarif"), read_sarif(folder / "cdk.sarif")
    beside = canary(DIGESTS.values())
    for scan, sung in ((nag, "AwsSolutions-IAM5"), (cdk, "W2001")):
        assert scan.templates == frozenset({DIGESTS[FIRST], DIGESTS[SECOND]})
        assert scan.canaries == {beside: frozenset({sung})}
        why = "it reports an error: the CDK includes it as another template"
        assert scan.unread == {DIGESTS[BROKEN]: why}
        unread = f"it has not read {DIGESTS[BROKEN]}, 1 of 3 templates: {why}"
        assert list(shortcomings(scan, DIGESTS.values())) == [unread]
    told = [(one.rule, one.level, one.message, one.template, one.line, one.logical) for one in nag.findings]
    assert told == [("AwsSolutions-DDB3", Level.ERROR, "no recovery", DIGESTS[FIRST], 8, "Canary")]
    told = [(one.rule, one.level, one.message, one.template, one.line, one.logical) for one in cdk.findings]
    assert told == [("W2001", Level.WARNING, "Parameters/P: not used", DIGESTS[FIRST], 3, "Included")]


def test_nothing_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no template could be read there is no report, an earlier one neither."""
    failures = {template: Included(template, failure="why") for template in DIGESTS}
    monkeypatch.setattr(included_run, "include", lambda templates: map(failures.__getitem__, templates))
    assert scan_included(folder) == dict.fromkeys(DIGESTS.values(), "why")
    assert [file.name for file in folder.iterdir()] == ["templates"]


def test_no_templates(tmp_path: Path) -> None:
    """A folder without a template, without the folder of templates, or that cannot be written is refused."""
    empty = prepared(str(tmp_path / "empty"))
    fill(empty, {}, {})
    with pytest.raises(InputError, match=f"^{empty}: holds no template, so there is nothing to include$"):
        scan_included(empty)
    with pytest.raises(InputError, match=f"^{tmp_path}/nowhere: cannot be scanned: No such file or directory$"):
        scan_included(tmp_path / "nowhere")


def test_report_that_cannot_be_written(folder: Path) -> None:
    """It is told of the folder."""
    (folder / "cdk.sarif").mkdir()
    with pytest.raises(InputError, match=f"^{folder}: cannot be scanned: "):
        scan_included(folder)


def test_reports_are_json(folder: Path) -> None:
    """Each is one document, with the version of the tool's distribution."""
    scan_included(folder)
    for tool in ("cdk-nag", "cdk"):
        (run,) = json.loads((folder / f"{tool}.sarif").read_bytes())["runs"]
        assert run["tool"]["driver"]["name"] == tool
        assert [one["location"]["index"] for one in run["artifacts"]] == [0, 1]
