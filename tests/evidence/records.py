"""Records of runs, each as small as its case allows: one scenario of each standing, two contexts, two findings."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.model import Scanned, Scanner, TracedAlert, TracedContext, TracedFinding
from evidence.record import JudgedScenario, Provenance, Record, Standing
from policies.model import Outcome
from policies.specs import Requirement, Scenario, Spec, Step
from scanners.model import Level

OUTCOMES = {
    Standing.COMPLIANT: Counter({Outcome.COMPLIANT: 2}),
    Standing.WAIVED: Counter({Outcome.COMPLIANT: 1, Outcome.WAIVED: 1}),
    Standing.NOT_APPLICABLE: Counter({Outcome.NOT_APPLICABLE: 2}),
    Standing.NOT_RUN: Counter[Outcome](),
    Standing.UNDETERMINED: Counter({Outcome.COMPLIANT: 1, Outcome.UNDETERMINED: 1}),
    Standing.NON_COMPLIANT: Counter({Outcome.COMPLIANT: 1, Outcome.NON_COMPLIANT: 1}),
    Standing.ERROR: Counter({Outcome.COMPLIANT: 1, Outcome.ERROR: 1}),
}

WAIVER = "policies/waivers.toml: worthwatch storage#table-keys/it-is-waived at *, by Jane Doe until 2026-12-31"

PROVENANCE = Provenance(
    commit="0123456789abcdef0123456789abcdef01234567",
    modified=False,
    time=datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC),
    version="0.1.0",
    python="3.11.7",
    node="24.18.0",
    basis={"specs": f"sha256:{'1' * 64}", "rules": f"sha256:{'2' * 64}", "stack": f"sha256:{'3' * 64}"},
    suite=f"sha256:{'4' * 64}",
    matrix="smoke",
)

TEMPLATE = b"""{
 "Resources": {
  "Table": {
   "Type": "AWS::DynamoDB::Table",
   "Properties": {
    "TableName": "or\\u0064ers",
    "SSESpecification": {
     "SSEEnabled": false
    }
   },
   "Metadata": {
    "aws:cdk:path": "Storage/Storage/Table/Resource"
   }
  }
 }
}
"""
DIGEST = f"sha256:{hashlib.sha256(TEMPLATE).hexdigest()}"


def scenario(name: str) -> Scenario:
    """Return a scenario of the requirement "Table Keys" of the spec "storage"."""
    steps = (Step("WHEN", f"the table is <{name}>"), Step("THEN", "it SHALL hold"))
    text = "\n".join(f"- **{step.keyword}** {step.text}" for step in steps)
    return Scenario("storage", "table-keys", name, steps, text, 9)


def requirement(*scenarios: Scenario) -> Requirement:
    """Return the requirement "Table Keys"."""
    return Requirement("Table Keys", "The table SHALL have keys.", scenarios, 7)


def judged(standing: Standing, **other: Any) -> JudgedScenario:
    """Return a scenario, named after the standing that its outcomes come to."""
    one = scenario(f"It is {standing}")
    return replace(JudgedScenario(one, requirement(one), "A page.", OUTCOMES[standing]), **other)


def finding(standing: Standing, **other: Any) -> TracedFinding:
    """Return a finding on the scenario of a standing."""
    return replace(
        TracedFinding(
            scenario=f"storage#table-keys/it-is-{standing}",
            outcome=Outcome(standing.value),
            template=DIGEST,
            context="prod",
            contexts=(1,),
            resource="Table",
            path="$.Resources.Table.Properties.SSESpecification.SSEEnabled",
            found=False,
            expected="encryption on",
            message="the table is encrypted with a key that AWS owns",
            remedy="set encryption",
            assuming=(),
            waiver=WAIVER if standing is Standing.WAIVED else None,
        ),
        **other,
    )


def context(name: str, *outcomes: Outcome | None, **other: Any) -> TracedContext:
    """Return a context that gave the template."""
    values = {"worthwatch:stage": name}
    return replace(TracedContext(name, values, None, None, (), DIGEST, outcomes), **other)


def record(*standings: Standing, **other: Any) -> Record:
    """Return a record of a scenario of each of the standings, all of them if none is given."""
    scenarios = tuple(judged(standing) for standing in standings or Standing)
    spec = Spec("storage", "Storage", "What it is for.", (requirement(*(one.scenario for one in scenarios)),), "")
    bad = {Standing.ERROR, Standing.NON_COMPLIANT, Standing.UNDETERMINED, Standing.WAIVED} & set(standings or Standing)
    return replace(
        Record(
            provenance=PROVENANCE,
            specs=(replace(spec, path=Path("specs", "storage", "spec.md").as_posix()),),
            scenarios=scenarios,
            contexts=tuple(
                context(name, *(max(one.outcomes, key=lambda each: each.rank, default=None) for one in scenarios))
                for name in ("dev", "prod")
            ),
            findings=tuple(finding(standing) for standing in reversed(Standing) if standing in bad),
            problems=(),
            scanned=Scanned(),
        ),
        **other,
    )


def alert(**other: Any) -> TracedAlert:
    """Return what another scanner has found in both contexts, which no waiver covers."""
    return replace(
        TracedAlert(
            scanner="checkov",
            rule="CKV_AWS_119",
            resource="WorthWatchStorage/Storage/DynamoTable/Resource",
            fingerprint="0123456789abcdef" * 2,
            level=Level.ERROR,
            message="Ensure DynamoDB Tables are encrypted using a KMS Customer Managed CMK",
            help_uri="https://example.com/CKV_AWS_119",
            contexts=(0, 1),
            waived=(),
            waivers=(),
        ),
        **other,
    )


def scanned(*alerts: TracedAlert) -> Scanned:
    """Return what one scanner has found, and that another, without a version, has found nothing."""
    return Scanned((Scanner("checkov", "3.3.30"), Scanner("house-rules", None)), alerts)
