"""SARIF logs as scanners write them: the output of real ones, cut down, and logs of one made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scanners.canary import canary
from scanners.model import Level, Scan, ScannerFinding
from scanners.sarif import read_sarif

Json = dict[str, Any]

A, B, C = ("a" * 64, "b" * 64, "c" * 64)

CANARY = canary([A])
"""The canary beside the template A."""

CFN_LINT = {
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "cfn-lint",
                    "rules": [
                        {
                            "id": "E3030",
                            "fullDescription": {"text": "Check if properties have a valid value"},
                            "helpUri": "https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md#enum",
                            "shortDescription": {"text": "Check if properties have a valid value"},
                        },
                        {"id": "W2001", "helpUri": "", "shortDescription": {"text": "Check if Parameters are Used"}},
                    ],
                    "version": "1.58.0",
                    "informationUri": "https://github.com/aws-cloudformation/cfn-lint",
                }
            },
            "results": [
                {
                    "message": {"text": "Parameter Unused not used."},
                    "locations": [
                        {
                            "physicalLocation": {
                                "region": {"endColumn": 25, "endLine": 2, "startColumn": 17, "startLine": 2},
                                "artifactLocation": {
                                    "uri": f"out/templates/{A}.template.json",
                                    "uriBaseId": "EXECUTIONROOT",
                                },
                            }
                        }
                    ],
                    "ruleId": "W2001",
                },
                {
                    "message": {"text": "'SOMETIMES' is not one of ['PAY_PER_REQUEST', 'PROVISIONED']"},
                    "level": "error",
                    "locations": [
                        {
                            "physicalLocation": {
                                "region": {"endColumn": 73, "endLine": 6, "startColumn": 60, "startLine": 6},
                                "artifactLocation": {
                                    "uri": f"out/templates/{CANARY}.template.json",
                                    "uriBaseId": "EXECUTIONROOT",
                                },
                            }
                        }
                    ],
                    "ruleId": "E3030",
                },
            ],
            "originalUriBaseIds": {"EXECUTIONROOT": {"description": {"text": "The directory in which it was run."}}},
        }
    ],
    "version": "2.1.0",
    "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/cos02/schemas/sarif-schema-2.1.0.json",
}

CHECKOV = {
    "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "Checkov",
                    "version": "3.3.30",
                    "informationUri": "https://checkov.io",
                    "rules": [
                        {
                            "id": "CKV_AWS_28",
                            "name": "Ensure DynamoDB point in time recovery (backup) is enabled",
                            "help": {"text": "Ensure it is enabled\nResource: AWS::DynamoDB::Table.Table"},
                            "defaultConfiguration": {"level": "error"},
                        }
                    ],
                    "organization": "bridgecrew",
                }
            },
            "results": [
                {
                    "ruleId": "CKV_AWS_28",
                    "ruleIndex": 0,
                    "level": "error",
                    "attachments": [],
                    "message": {"text": "Ensure DynamoDB point in time recovery (backup) is enabled"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": f"templates/{A}.template.json"},
                                "region": {"startLine": 6, "endLine": 9, "snippet": {"text": ' "Table": {\n'}},
                            }
                        }
                    ],
                },
                {
                    "ruleId": "CKV_AWS_28",
                    "ruleIndex": 0,
                    "level": "warning",
                    "message": {"text": "Ensure DynamoDB point in time recovery (backup) is enabled"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": f"templates/{B}.template.json"},
                                "region": {"startLine": 6, "endLine": 6},
                            }
                        }
                    ],
                    "suppressions": [{"kind": "inSource", "justification": "No comment provided"}],
                },
            ],
        }
    ],
}

TRIVY = {
    "version": "2.1.0",
    "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    "runs": [
        {
            "tool": {
                "driver": {
                    "fullName": "Trivy Vulnerability Scanner",
                    "informationUri": "https://github.com/aquasecurity/trivy",
                    "name": "Trivy",
                    "rules": [
                        {
                            "id": "AVD-AWS-0024",
                            "name": "Misconfiguration",
                            "shortDescription": {"text": "Point in time recovery should be enabled"},
                            "defaultConfiguration": {"level": "warning"},
                            "helpUri": "https://avd.aquasec.com/misconfig/avd-aws-0024",
                            "properties": {"security-severity": "5.5", "tags": ["misconfiguration"]},
                        }
                    ],
                    "version": "0.58.1",
                }
            },
            "results": [
                {
                    "ruleId": "AVD-AWS-0024",
                    "ruleIndex": 0,
                    "level": "warning",
                    "message": {
                        "text": f"Artifact: {A}.template.json\nMessage: Point-in-time recovery is not enabled."
                    },
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": f"{A}.template.json", "uriBaseId": "ROOTPATH"},
                                "region": {"startLine": 6, "startColumn": 1, "endLine": 20, "endColumn": 1},
                            },
                            "message": {"text": f"{A}.template.json"},
                        }
                    ],
                }
            ],
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {"ROOTPATH": {"uri": "file:///templates/"}},
        }
    ],
}

KICS = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "KICS",
                    "version": "v2.1.7",
                    "rules": [
                        {
                            "id": "0f04217d-488f-4e7a-bec8-f16159686cd6",
                            "name": "DynamoDB Table Point In Time Recovery Disabled",
                            "defaultConfiguration": {"level": "none"},
                            "helpUri": "https://docs.kics.io/latest/queries/",
                            "relationships": [{"target": {"id": "CAT001", "index": 1, "toolComponent": {"index": 0}}}],
                        }
                    ],
                }
            },
            "results": [
                {
                    "ruleId": "0f04217d-488f-4e7a-bec8-f16159686cd6",
                    "ruleIndex": 0,
                    "kind": "fail",
                    "message": {"text": "It is not enabled", "properties": {"platform": "CloudFormation"}},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": f"../../templates/{A}.template.json"},
                                "region": {"startLine": 7},
                            }
                        }
                    ],
                }
            ],
            "taxonomies": [{"name": "Categories", "taxa": [{"id": "CAT000"}, {"id": "CAT001"}]}],
        }
    ],
}

_CITED = 'property [X] is missing. Value [Path=/Resources/T[L:5,C:4] Value={"Type":"T","Properties":{"A":{"B":1}}}]. '

CFN_GUARD = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "cfn-guard", "semanticVersion": "3.2.1", "fullName": "cfn-guard 3.2.1"}},
            "artifacts": [
                {"location": {"uri": f"templates/{A}.template.json"}},
                {"location": {"uri": f"templates/{CANARY}.template.json"}},
            ],
            "results": [
                {
                    "ruleId": "dynamodb.guard/default",
                    "level": "error",
                    "message": {"text": _CITED},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": f"templates/{name}.template.json"},
                                "region": {"startLine": 5, "startColumn": 4},
                            }
                        }
                    ],
                }
                for name in (A, CANARY)
            ],
        }
    ],
}

REAL = {"cfn-lint": CFN_LINT, "checkov": CHECKOV, "trivy": TRIVY, "kics": KICS, "cfn-guard": CFN_GUARD}


def result(template: str = A, **changed: object) -> Json:
    """Return a result of the rule R on a template."""
    location = {"physicalLocation": {"artifactLocation": {"uri": f"{template}.template.json"}}}
    return {"ruleId": "R", "message": {"text": "wrong"}, "locations": [location]} | changed


def at(uri: str, **changed: object) -> list[Json]:
    """Return the locations of a result at an artifact."""
    return [{"physicalLocation": {"artifactLocation": {"uri": uri} | changed}}]


def run(*results: Json, driver: Json | None = None, **changed: object) -> Json:
    """Return a run of the scanner "one" with these results."""
    return {"tool": {"driver": {"name": "one"} | (driver or {})}, "results": list(results)} | changed


def log(*runs: Json) -> Json:
    """Return a log of these runs."""
    return {"version": "2.1.0", "runs": list(runs)}


def read(document: object) -> tuple[Scan, ...]:
    """Write a document to a file in the current folder, and read that."""
    path = Path("log.sarif")
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_sarif(path)


def read_run(one: Json) -> Scan:
    """Return the only scan of a log of one run."""
    (scan,) = read(log(one))
    return scan


def finding(template: str | None = A, **changed: Any) -> ScannerFinding:
    """Return the finding that `result` is read as."""
    told: Json = {
        "scanner": "one",
        "rule": "R",
        "level": Level.WARNING,
        "message": "wrong",
        "template": template,
        "line": None,
        "column": None,
        "end_line": None,
        "end_column": None,
        "logical": None,
        "help_uri": None,
    }
    return ScannerFinding(**(told | changed))


def scan(*findings: ScannerFinding, **changed: Any) -> Scan:
    """Return the scan that `run` is read as."""
    told: Json = {"name": "one", "version": None, "templates": None, "canaries": {}, "failures": ()}
    return Scan(**(told | {"findings": findings} | changed))
