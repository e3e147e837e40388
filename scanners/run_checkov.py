"""checkov over a folder of templates: `python -m scanners.run_checkov DIR` writes DIR/checkov.sarif.

All of its checks of CloudFormation are on. What a template asks it to skip is a result all the same, marked so.
"""

import json
import re
import sys
from collections.abc import Sequence, Set
from pathlib import Path

from scanners.running import Ran, ScanError, Scanner, main

_ERROR = re.compile(r"^.*\[(?:WARNI|ERROR|CRITI)\] .*$", re.MULTILINE)


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


def _read(ran: Ran) -> Set[str]:
    """Return the templates of which a resource was checked, whether it passed or not, as the JSON report has it."""
    if said := _ERROR.search(ran.errors):
        raise ScanError(f"failed on a check or a template: {said[0]}")
    try:
        report = json.loads((ran.reports / "results_json.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ScanError(f"wrote no JSON report beside its SARIF: {error}") from None
    match report:
        case {
            "results": {
                "parsing_errors": [],
                "passed_checks": [*passed],
                "failed_checks": [*failed],
                "skipped_checks": [*skipped],
            }
        }:
            records = (record for record in [*passed, *failed, *skipped] if isinstance(record, dict))
            return {str(record.get("file_path")).removeprefix("/") for record in records}
        case {"results": {"parsing_errors": [*files]}}:
            raise ScanError(f"could not parse {files}")
    raise ScanError("wrote a JSON report that tells of no checks of CloudFormation")


CHECKOV = Scanner(
    "checkov",
    _arguments,
    "results_sarif.sarif",
    _read,
    frozenset({"CKV_AWS_18", "CKV_AWS_24", "CKV_AWS_28", "CKV2_AWS_71"}),
    # No look for a newer version; one process, whose results come in one order and none of whose workers dies unseen.
    environment={"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "CHECKOV_PARALLELIZATION_TYPE": "none"},
)

if __name__ == "__main__":
    sys.exit(main(CHECKOV, sys.argv[1:]))
