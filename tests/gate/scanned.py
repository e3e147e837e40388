"""Templates as scanners have read them, and contexts that were judged, for tests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from gate.exemptions import Exemptions
from gate.judged import Judged, traced
from gate.run import Run
from gate.scans import Scans
from policies.model import Outcome, Settings, Verdict
from policies.reading import read_document
from policies.template import Template
from policies.waiver_model import Waiver
from scanners.canary import canary
from scanners.model import Scan, ScannerFinding
from stack.contexts import Context
from tests.policies.waivers import CREATED, EXPIRES
from tests.scanners import logs

TODAY = date(2025, 5, 1)
assert CREATED < TODAY < EXPIRES

TABLE, FUNCTION = "WorthWatchStorage/Storage/DynamoTable/Resource", "WorthWatchStorage/Storage/LambdaFunction/Resource"
DEV: Settings = {"stage": "dev", "deployVpc": False}
PROD: Settings = {"stage": "prod", "deployVpc": True}


def source(table: str = "Table", asset: str = "a" * 64, billing: str = "PROVISIONED", above: int = 0) -> bytes:
    """Return a template with a table under this logical id, and so many parameters above it."""
    return json.dumps(
        {
            "Parameters": {f"P{number}": {"Type": "String"} for number in range(above)},
            "Resources": {
                table: {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": billing}},
                "Function": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "Code": {"S3Key": f"{asset}.zip"},
                        "Environment": {"Variables": {"NAME": {"Fn::Sub": [f"${{{table}.Arn}}", {table: "x"}]}}},
                        "Role": {"Fn::GetAtt": f"{table}.Arn"},
                    },
                    "DependsOn": [table],
                },
                "Pathless": {"Type": "AWS::SNS::Topic"},
            },
        },
        indent=1,
    ).encode()


def digest(template: bytes) -> str:
    """Return a template's digest in hexadecimal."""
    return hashlib.sha256(template).hexdigest()


def line(template: bytes, text: str) -> int:
    """Return the first line of a template that holds a text, from 1."""
    return next(number for number, told in enumerate(template.decode().splitlines(), 1) if text in told)


def paths(table: str = "Table") -> Mapping[str, str]:
    """Return the construct paths of the template with this logical id of the table."""
    return {table: TABLE, "Function": FUNCTION}


def found(template: bytes | None, **changed: Any) -> ScannerFinding:
    """Return a finding of the rule R of the scanner "one" on a template."""
    return logs.finding(None if template is None else digest(template), **changed)


def scan(*findings: ScannerFinding, read: tuple[bytes, ...] = (), **changed: Any) -> Scan:
    """Return a scan by the scanner "one", which has found something in the canary, and lists the templates, if any."""
    listed = frozenset(map(digest, read)) if read else None
    return logs.scan(*findings, **({"canaries": HERE, "templates": listed} | changed))


HERE = {"here": frozenset({"R"})}
"""What is found in the canary of a run, whichever templates it has."""


def beside(scan: Scan, templates: Iterable[str]) -> Scan:
    """Return a scan that has found in the canary of templates, by their digests, what it has found `HERE`."""
    return replace(
        scan, canaries={canary(templates) if name == "here" else name: found for name, found in scan.canaries.items()}
    )


def violated(template: bytes, /, **changed: Any) -> Verdict:
    """Return a verdict on the table of a template."""
    verdict = Verdict(
        "dynamodb-storage",
        "table-encryption/encryption-enabled",
        Outcome.NON_COMPLIANT,
        f"sha256:{digest(template)}",
        "dev",
        "Table",
        "$.Resources.Table.Properties.SSESpecification",
        None,
        "a key",
        "Table is not encrypted",
    )
    return replace(verdict, **changed)


ENCRYPTION = "dynamodb-storage#table-encryption/encryption-enabled"


def judged(template: bytes, *verdicts: Verdict, name: str = "dev", settings: Settings = DEV) -> Judged:
    """Return a context of which a template came."""
    told = f"sha256:{digest(template)}"
    given = tuple(replace(verdict, context=name) for verdict in verdicts)
    return Judged(
        Context(name),
        given,
        Template(told, read_document(template, told)),
        source=template,
        settings=settings,
        paths=paths(),
    )


def gated(*contexts: Judged, scans: tuple[Scan, ...] = (), waivers: tuple[Waiver, ...] = (), **more: Any) -> Run:
    """Return the run of a gate on contexts, in which each other scenario of the spec is taken to hold."""
    templates = [digest(context.source) for context in contexts if context.source is not None]
    heard = Scans(beside(scan, templates) for scan in scans)
    exemptions = Exemptions(waivers, heard, **({"today": TODAY} | more))
    run = Run()
    for context in contexts:
        run.add(exemptions.take(context), context.template, context.source)
        run.contexts[context.context.name] = traced(context)
        run.add([violated(context.source or b"", outcome=Outcome.COMPLIANT, context=context.context.name, message="")])
    run.others = exemptions.conclude()
    return run
