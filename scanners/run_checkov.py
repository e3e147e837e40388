"""checkov over a folder of templates: `python -m scanners.run_checkov DIR` writes DIR/checkov.sarif.

All of its checks of CloudFormation are on. What a template asks it to skip is a result all the same, marked so.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from scanners.running import Ran, Reading, ScanError, Scanner, main

_LOGGED = re.compile(r"^\d{4}-\d{2}-\d{2} [\d:,]+ \[[^\]]*\] \[(?P<level>[A-Z]+)\] +(?P<said>.*)$", re.MULTILINE)
_FAILURES = {"WARNI", "ERROR", "CRITI"}
_READ = re.compile(r"^\S+ \S+ \[[^\]]*\] \[INFO \] +Successfully created CloudFormation graph$", re.MULTILINE)
"""What it logs once templates are read. Before that it logs texts of theirs as they are, line breaks and all."""
_RUNNING = re.compile(r"Running check: .* on file /(?P<file>\S+)")
_NAMED = re.compile(
    r"(?P<said>Failed to run check \S+|Error in entity details extraction) (?:on|for file) /(?P<file>[^\s:]+)"
)
_IN_A_CHECK = re.compile(
    r"Failed enriching cloudsplaining evaluated keys|could not run cloudsplaining analysis on policy"
)
"""What checks of policies say of one that they cannot judge, and pass over, without telling where it is."""


def _arguments(reports: Path, _names: Sequence[str]) -> list[str]:
    return [
        *("--directory", "."),
        *("--framework", "cloudformation"),
        # Nothing from the platform, whose descriptions and severities are not ours to wait for.
        "--skip-download",
        # Findings are no failure of the scanner.
        "--soft-fail",
        "--compact",
        *("--output", "sarif", "--output", "json", "--output-file-path", str(reports)),
    ]


def _read(ran: Ran) -> Reading:
    """Return the templates of which a resource was checked, whether it passed or not, as the JSON report has it."""
    try:
        report = json.loads((ran.reports / "results_json.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ScanError(f"wrote no JSON report beside its SARIF: {error}") from None
    match report:
        case {
            "results": {
                "parsing_errors": [*unparsed],
                "passed_checks": [*passed],
                "failed_checks": [*failed],
                "skipped_checks": [*skipped],
            }
        }:
            records = (record for record in [*passed, *failed, *skipped] if isinstance(record, dict))
            read = {_name(record.get("file_path")) for record in records}
            return Reading(read, dict.fromkeys(map(_name, unparsed), "it cannot be parsed") | _failed(ran.errors))
    raise ScanError("wrote a JSON report that tells of no checks of CloudFormation")


def _failed(log: str) -> dict[str, str]:
    """Return the templates at which the log tells of a failure, with that. Raises ScanError for one that is elsewhere.

    One process runs check after check, and tells of each, before it begins, on which template it is. Some failures it
    tells to who looks for faults in it alone.
    """
    failed: dict[str, str] = {}
    running = None
    *reading, checking = _READ.split(log)
    # One that a template has written would have what was said before it passed over.
    if len(reading) > 1:
        raise ScanError("has a log in which a template's text cannot be told from what it says itself")
    for line in _LOGGED.finditer("".join(reading)):
        if line["level"] in _FAILURES:
            raise ScanError(f"failed on a template: {line['said']}")
    for line in _LOGGED.finditer(checking):
        said = line["said"]
        if begun := _RUNNING.fullmatch(said):
            running = begun["file"]
        elif named := _NAMED.match(said):
            failed.setdefault(named["file"], named["said"])
        elif running and (told := _IN_A_CHECK.match(said)):
            failed.setdefault(running, told[0])
        elif line["level"] in _FAILURES:
            raise ScanError(f"failed on a check or a template: {said}")
    return failed


def _name(path: object) -> str:
    return str(path).removeprefix("./").removeprefix("/")


CHECKOV = Scanner(
    "checkov",
    _arguments,
    "results_sarif.sarif",
    _read,
    frozenset({"CKV_AWS_18", "CKV_AWS_24", "CKV_AWS_28", "CKV2_AWS_71"}),
    # No look for a newer version; one process, whose results come in one order and none of whose workers dies unseen; a
    # log that tells on which template it is.
    environment={
        "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
        "CHECKOV_PARALLELIZATION_TYPE": "none",
        "LOG_LEVEL": "DEBUG",
    },
)

if __name__ == "__main__":
    sys.exit(main(CHECKOV, sys.argv[1:]))
