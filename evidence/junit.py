"""A record as JUnit's XML, as GitLab and Jenkins read it.

The format has no specification; the schema of Jenkins' xUnit plugin, junit-10.xsd, is what this keeps to. Both count
the elements of the cases, not the attributes of the suites:

- GitLab's parser (lib/gitlab/ci/parsers/test/junit.rb) takes a case with `failure` as failed, with `error` as error,
  with `skipped` as skipped, with none of them as passed, and two cases alike in suite, class and name as one. Where
  such an element has text, its attributes are not shown, so the text says all that the message does. A pipeline's
  tests failed if one is failed or error; skipped ones leave them green.
- Jenkins' junit plugin (hudson.tasks.junit.CaseResult) counts `skipped` as skipped, `error` and `failure` both as
  failed; the build is unstable by what failed.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from evidence.provenance import written
from evidence.record import Record, Standing
from evidence.testcases import Case, cases_of

_FAILURE, _ERROR, _SKIPPED = "failure", "error", "skipped"
_ELEMENTS: Mapping[str, str | None] = {
    Standing.COMPLIANT: None,
    Standing.WAIVED: _SKIPPED,
    Standing.NOT_APPLICABLE: _SKIPPED,
    Standing.NON_COMPLIANT: _FAILURE,
}
"""What a case holds by what it came to; by anything else it holds an error."""

_NO_TIME = {"time": "0"}


def render(record: Record) -> str:
    """Return the XML of a record: a suite for each requirement, and for each other scanner that has found something.

    The run has one, too, where there is something against it.

    The `type` of a failure, an error or what is skipped is our own word for it.
    """
    suites: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases_of(record):
        suites[case.group].append(case)
    every = [case for cases in suites.values() for case in cases]
    root = ET.Element("testsuites", {"name": "storage-compliance"} | _counts(every) | _NO_TIME)
    timestamp = written(record.provenance.time)
    for name, cases in suites.items():
        skipped = str(sum(_element(case) == _SKIPPED for case in cases))
        attributes = {"name": name} | _counts(cases) | {"skipped": skipped} | _NO_TIME | {"timestamp": timestamp}
        suite = ET.SubElement(root, "testsuite", attributes)
        for case in cases:
            _add(suite, case)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add(suite: ET.Element, case: Case) -> None:
    added = ET.SubElement(suite, "testcase", {"classname": case.group, "name": case.name} | _NO_TIME)
    element = _element(case)
    if element is not None:
        ET.SubElement(added, element, {"type": str(case.word), "message": case.message}).text = case.text


def _counts(cases: Collection[Case]) -> dict[str, str]:
    elements = Counter(map(_element, cases))
    return {"tests": str(len(cases)), "failures": str(elements[_FAILURE]), "errors": str(elements[_ERROR])}


def _element(case: Case) -> str | None:
    return _ELEMENTS.get(case.word, _ERROR)
