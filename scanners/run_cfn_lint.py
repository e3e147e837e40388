"""cfn-lint over a folder of templates: `python -m scanners.run_cfn_lint DIR` writes DIR/cfn-lint.sarif.

All rules are on, informational ones too, for among them are some on stateful resources (I3011) and partitions (I3042).
Experimental rules are off: they are about comments for language models.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from scanners.running import Ran, Reading, ScanError, Scanner, file_of, main

REGIONS = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1")
"""Whose resources, values and limits templates are held to: those the matrix goes to, at least one in each partition.

Not all regions: one that lags behind, where nobody deploys, would fault every template.
"""

_READING = re.compile(r"^.* INFO - Run scan of template (?P<name>.+)$", re.MULTILINE)


def _arguments(reports: Path, names: Sequence[str]) -> list[str]:
    return [
        *("--format", "sarif", "--output-file", str(reports / "cfn-lint.sarif")),
        *("--include-checks", "I"),
        # What is mandatory no template's Metadata can ignore.
        *("--mandatory-checks", "E", "W", "I"),
        *("--regions", *REGIONS),
        # Its log tells which templates it has decoded and matches rules over.
        "--info",
        # Findings are no failure of the scanner.
        *("--non-zero-exit-code", "none"),
        *("--template", *names),
    ]


def _read(ran: Ran) -> Reading:
    failed: dict[str, str] = {}
    for result in ran.results:
        # E0000 to E0200 are about the run: a template that cannot be parsed or transformed, a rule that crashed.
        if str(result.get("ruleId")).startswith("E0"):
            failed.setdefault(file_of(result), f"{result.get('ruleId')} {json.dumps(result.get('message'))}")
    return Reading({reading["name"] for reading in _READING.finditer(ran.errors)}, failed)


def _check(name: str, data: bytes) -> None:
    """Refuse a template that configures cfn-lint: its rules, parameters or regions. What it ignores is not obeyed."""
    try:
        template = json.loads(data)
    except ValueError as error:
        raise ScanError(f"{name} is no JSON: {error}") from None
    match template:
        case {"Metadata": {"cfn-lint": {"config": dict(config)}}} if config.keys() - {"ignore_checks"}:
            raise ScanError(f"{name} configures cfn-lint, which no template may: remove Metadata.cfn-lint.config")


CFN_LINT = Scanner(
    "cfn-lint", _arguments, "cfn-lint.sarif", _read, frozenset({"E3030", "I3011", "W2001"}), check=_check
)

if __name__ == "__main__":
    sys.exit(main(CFN_LINT, sys.argv[1:]))
