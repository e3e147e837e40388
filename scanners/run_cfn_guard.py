"""cfn-guard over a folder of templates: `python -m scanners.run_cfn_guard DIR` writes DIR/cfn-guard.sarif.

All of AWS Control Tower's rules are on. One that does not apply to a template is no finding; a template can switch none
of them off.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from scanners.running import Ran, Reading, ScanError, Scanner, main


def _arguments(reports: Path, names: Sequence[str]) -> list[str]:
    return [str(reports), *names]


def _read(ran: Ran) -> Reading:
    try:
        match json.loads((ran.reports / "read.json").read_bytes()):
            case {"read": [*read], "failed": dict(failed)}:
                return Reading(set(map(str, read)), failed)
    except (OSError, ValueError) as error:
        raise ScanError(f"did not tell which templates it has judged: {error}") from None
    raise ScanError("did not tell which templates it has judged")


CFN_GUARD = Scanner(
    "cfn-guard",
    _arguments,
    "cfn-guard.sarif",
    _read,
    frozenset({"dynamodb_table_encrypted_kms_check", "dynamodb_table_pitr_enabled_check"}),
    program=Path(__file__).with_name("cfn_guard.py"),
)

if __name__ == "__main__":
    sys.exit(main(CFN_GUARD, sys.argv[1:]))
