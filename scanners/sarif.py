"""SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), the one door by which scanners' findings come.

What decides is read strictly: a log whose references lead nowhere, or that contradicts itself, is refused. What it
says of suppressions, ranks, taxa, fixes and related places is passed over: only our own waivers waive.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from policies.json_documents import parse_object, validate
from policies.reading import InputError, printable, quoted, read_file
from scanners.artifacts import Artifacts
from scanners.canary import is_canary
from scanners.errors import ContradictionError, within
from scanners.failures import failures
from scanners.messages import Messages
from scanners.model import Scan, ScannerFinding, is_name
from scanners.results import Results
from scanners.sarif_model import Log, Run

MAX_BYTES = 33_554_432
"""32 MiB."""

MAX_VALUES = 1_000_000
"""The most values of a log, reckoned by the commas and brackets outside of its strings."""

_EXPECTED = "a SARIF 2.1.0 log, as scanners write it"
_ELSEWHERE = "parts of a run that stand outside of it are not read; have the scanner write it in one piece"


def read_sarif(path: Path) -> tuple[Scan, ...]:
    """Return the runs of a SARIF 2.1.0 log, each with its findings.

    A result is a finding when its kind is "fail", or "open" or "review", of which nobody knows yet that they are none
    (section 3.27.9), unless it is no more there, with the baselineState "absent". A result with several locations is
    a finding at each. Which template it is about is told by its file's name, `<SHA-256>.template.json`, or its hash.

    Raises `InputError` for whatever is no such log, is larger than the limits, contradicts itself, keeps parts of
    itself elsewhere, or has results on files that are no templates of ours.
    """
    where = printable(path.as_posix())
    log = _log(read_file(path, max_bytes=MAX_BYTES), where)
    messages = Messages()
    try:
        return tuple(_scans(log, messages))
    except ContradictionError as error:
        raise InputError(where, f"${error}") from None


def _scans(log: Log, messages: Messages) -> Iterator[Scan]:
    if not log.runs:
        raise ContradictionError("empty: no scanner has run; see what it printed", ".runs")
    if log.inline_external_properties:
        raise ContradictionError(_ELSEWHERE, ".inlineExternalProperties")
    for number, run in enumerate(log.runs):
        with within(f".runs[{number}]"):
            yield _scan(run, messages)


def _scan(run: Run, messages: Messages) -> Scan:
    if run.external_property_file_references:
        raise ContradictionError(_ELSEWHERE, ".externalPropertyFileReferences")
    name = _name(run.tool.driver.name)
    artifacts = Artifacts(run)
    results = Results(name, run, artifacts, messages)
    findings = tuple(dict.fromkeys(results.findings()))
    of_run, of_templates = failures(run, artifacts, messages)
    return Scan(
        name=name,
        version=run.tool.driver.semantic_version or run.tool.driver.version,
        templates=artifacts.read(results.mentioned),
        canaries=_canaries(findings),
        findings=tuple(finding for finding in findings if not is_canary(finding.template or "")),
        failures=of_run,
        unread=of_templates,
    )


def _canaries(findings: Iterable[ScannerFinding]) -> dict[str, frozenset[str]]:
    """Return the rules that were found violated in each canary."""
    rules: defaultdict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.template is not None and is_canary(finding.template):
            rules[finding.template].add(finding.rule)
    return {name: frozenset(found) for name, found in rules.items()}


def _name(name: str) -> str:
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    if not is_name(plain):
        problem = "is the name of our own rules" if plain else "has no letter or digit"
        raise ContradictionError(f"{quoted(name)} {problem}; expected a scanner's name", ".tool.driver.name")
    return plain


def _log(data: bytes, where: str) -> Log:
    """Return a log that is well-formed, and has what every log has."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(where, "encoded as UTF-16; SARIF is UTF-8, so have the scanner write that")
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise InputError(where, f"empty: the scanner has printed nothing; expected {_EXPECTED}")
    document = parse_object(data, where, _EXPECTED, max_values=MAX_VALUES)
    if (version := document.get("version")) != "2.1.0":
        found = quoted(version) if isinstance(version, str) else "no string"
        raise InputError(where, f"$.version: found {found}; expected '2.1.0': {_EXPECTED}")
    return validate(Log, document, where)
