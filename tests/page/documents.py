"""Trace documents to show: of our own specs, over our own contexts, with outcomes made up for them."""

from __future__ import annotations

import hashlib
import inspect
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

from policies.catalogue import load
from policies.model import Outcome
from policies.specs import read_specs
from stack.contexts import Context, Matrix, matrix

Document = dict[str, Any]

STATES: Final = (
    "duplicate",
    "uncovered",
    "outdated",
    "error",
    "failing",
    "undetermined",
    "never-run",
    "vacuous",
    "waived",
    "covered",
)
WAIVER: Final = "policies/waivers.toml: worthwatch read-permissions-granted at *, by Jane Doe until 2026-12-31"
CONTEXT_VALIDATION: Final = "storage-hardening#context-validation/invalid-context-refused"
READ: Final = "dynamodb-storage#lambda-dynamodb-integration/read-permissions-granted"
DATA_PLANE: Final = "storage-hardening#least-privilege/data-plane-only"
NO_SORT_KEY: Final = "dynamodb-storage#table-key-schema/no-sort-key-required"
ENCRYPTION: Final = "dynamodb-storage#table-encryption/encryption-enabled"
PROTECTED: Final = "storage-hardening#production-protection/deletion-protection-enabled"
RETAIN: Final = "dynamodb-storage#table-deletion-protection/retain-option-available"

_ROOT = Path(__file__).parents[2]
_STAGE, _VPC, _POLICY = "worthwatch:stage", "worthwatch:deployVpc", "worthwatch:removalPolicy"


def green(name: Matrix = "pairwise") -> Document:
    """Return a trace in which every scenario is covered, over the contexts of a matrix."""
    return _document(name, lambda _scenario, _context: None)


def red() -> Document:
    """Return a trace in which two scenarios fail in production with a VPC, one in half of these contexts.

    A third scenario is uncovered, a fourth outdated, a test is orphaned and a result could not be read.
    """

    def fails(scenario: str, context: Context) -> Outcome | None:
        if not prod_with_vpc(context.values):
            return None
        if scenario == DATA_PLANE:
            return Outcome.NON_COMPLIANT
        return Outcome.NON_COMPLIANT if scenario == READ and context.account else None

    document = _document("pairwise", fails)
    of = {scenario["id"]: scenario for scenario in document["scenarios"]}
    for scenario, action in ((READ, "dynamodb:Query"), (DATA_PLANE, "dynamodb:DeleteTable")):
        document["findings"].append(_finding(document, scenario, action))
        failed = of[scenario]["outcomes"]["non-compliant"]
        _mark(of[scenario], "failing", f"{failed} verdicts are non-compliant")
    of[NO_SORT_KEY] |= {"rule": None, "tests": [], "outcomes": None, "reviewed": None}
    _mark(of[NO_SORT_KEY], "uncovered", "no rule enforces it; write policies/table_key_schema.py::no_sort_key_required")
    _mark(of[NO_SORT_KEY], "outdated", "it was never reviewed")
    of[ENCRYPTION]["reviewed"] = {part: _digest(f"an older {part}") for part in ("requirement", "scenario")}
    _mark(of[ENCRYPTION], "outdated", "its sentence is not the one that was reviewed; review it again")
    document["orphans"].append(
        {
            "kind": "test",
            "name": "tests/policies/test_table_streams.py::test_stream",
            "message": "no spec has dynamodb-storage#table-streams/stream-enabled",
        }
    )
    document["problems"].append({"where": "axis worthwatch:stage", "message": "no context has the value qa"})
    column = [scenario["id"] for scenario in document["scenarios"]].index(NO_SORT_KEY)
    for context in document["contexts"]:
        context["outcomes"][column] = None
    return _summed_up(document, exit_code=1)


def each_state() -> Document:
    """Return a trace in a single context in which the first scenarios are in one state each."""
    document = alone()
    for scenario, state in zip(document["scenarios"], STATES, strict=False):
        if state != "covered":
            _mark(scenario, state, f"it is {state}")
    return _summed_up(document, exit_code=2)


def big() -> Document:
    """Return a trace over every combination of settings, more than 2,300 contexts, in which production loses data."""

    def lost(values: Mapping[str, Any]) -> bool:
        return values.get(_STAGE) == "prod" and values.get(_POLICY) == "retain"

    return _with_failure(_document("full", _fails_where(RETAIN, lost)), RETAIN)


def waived() -> Document:
    """Return a trace in which nothing fails, as a waiver covers what production with a VPC violates."""
    document = _with_failure(_document("pairwise", _fails_where(READ, prod_with_vpc)), READ)
    column = [one["id"] for one in document["scenarios"]].index(READ)
    of, (found,) = document["scenarios"][column], document["findings"]
    for context in document["contexts"]:
        if context["outcomes"][column] == "non-compliant":
            context["outcomes"][column] = "waived"
    of["outcomes"] |= {"waived": of["outcomes"]["non-compliant"], "non-compliant": 0}
    of["problems"].clear()
    _mark(of, "waived", f"{of['outcomes']['waived']} verdicts are waived: see the findings")
    found |= {"outcome": "waived", "waiver": WAIVER}
    return _summed_up(document, exit_code=0)


SCANNERS: Final = [{"name": "checkov", "version": "3.3.30"}, {"name": "house-rules", "version": None}]


def proved() -> Document:
    """Return a trace with a proof, which found one scenario wanting, and made no mutant for another."""
    document = green("smoke")
    document["proof"] = {"state": "not-proved", "mutants": 6441, "refused": 698, "equivalent": 610, "tried": 308}
    for scenario in document["scenarios"]:
        scenario["mutants"] = {"made": 1234, "killed": 1234, "false_alarms": 0, "crashes": 0}
    of = {scenario["id"]: scenario for scenario in document["scenarios"]}
    of[ENCRYPTION]["mutants"] = {"made": 41, "killed": 38, "false_alarms": 2, "crashes": 1}
    _mark(of[ENCRYPTION], "failing", "of the 41 mutants that it has to notice it does not notice 3")
    of[NO_SORT_KEY]["mutants"] = {"made": 0, "killed": 0, "false_alarms": 0, "crashes": 0}
    _mark(of[NO_SORT_KEY], "vacuous", "no mutant was made that it has to notice")
    return _summed_up(document, exit_code=1)


def alert(number: int, contexts: Iterable[int], waived: Iterable[int] = (), **other: Any) -> Document:
    """Return what checkov has found in these contexts, and which of them a waiver is for."""
    covered = list(waived)
    name = f"checkov CKV_AWS_{number} on WorthWatchStorage/Storage/DynamoTable/Resource"
    waivers = [f"{name}, by Jane Doe until 2026-12-31, 40 days left: it is not so"] if covered else []
    return {
        "scanner": "checkov",
        "rule": f"CKV_AWS_{number}",
        "resource": "WorthWatchStorage/Storage/DynamoTable/Resource",
        "fingerprint": hashlib.sha256(str(number).encode()).hexdigest()[:32],
        "level": "warning",
        "message": f"Ensure number {number}",
        "help": f"https://example.com/{number}",
        "contexts": list(contexts),
        "waived": covered,
        "waivers": waivers,
    } | other


def with_alerts(document: Document, alerts: Sequence[Document], *, exit_code: int) -> Document:
    """Return a trace in which two other scanners were asked, one of which has found this."""
    return _summed_up(document | {"scanned": {"scanners": SCANNERS, "alerts": list(alerts)}}, exit_code=exit_code)


def scanned() -> Document:
    """Return the green trace with three alerts: one is waived, one is not in production, and one is nowhere."""
    document = green()
    everywhere = range(len(document["contexts"]))
    prod = {at for at in everywhere if document["contexts"][at]["values"].get(_STAGE) == "prod"}
    alerts = (
        alert(119, everywhere, everywhere),
        alert(28, everywhere, [at for at in everywhere if at not in prod]),
        alert(7, sorted(prod)),
    )
    return with_alerts(document, alerts, exit_code=1)


def alone() -> Document:
    """Return the green trace in a single context."""
    document = green()
    return document | {"contexts": document["contexts"][:1]}


def crowded() -> Document:
    """Return the red trace with a table's name of its own in each context."""
    document = red()
    names = [f"table-{number}" for number, _ in enumerate(document["contexts"])]
    for context, name in zip(document["contexts"], names, strict=True):
        context["values"]["worthwatch:tableName"] = name
    next(axis for axis in document["axes"] if axis["key"] == "worthwatch:tableName")["values"] = names
    return document


def production() -> Document:
    """Return a trace in which a scenario that applies in production alone fails there with a VPC."""
    document = _document("pairwise", _fails_where(PROTECTED, prod_with_vpc))
    return _with_failure(document, PROTECTED)


def everywhere() -> Document:
    """Return a trace in which a scenario fails in every context."""
    return _with_failure(_document("pairwise", _fails_where(RETAIN, lambda _values: True)), RETAIN)


def two_findings() -> Document:
    """Return the red trace with a second finding of one scenario, in the first context in which it fails."""
    document = red()
    finding = document["findings"][1]
    spelled = [at for at in finding["contexts"] if document["contexts"][at]["values"][_VPC] is True]
    document["findings"].insert(1, finding | {"message": "only in the first of them", "contexts": spelled[:1]})
    return document


def spaced() -> Document:
    """Return the red trace with a context key that has a space."""
    document = red()
    for each in (*(context["values"] for context in document["contexts"]), *document["axes"]):
        if "worthwatch:billingMode" in each:
            each["a key & more"] = each.pop("worthwatch:billingMode")
        elif each.get("key") == "worthwatch:billingMode":
            each["key"] = "a key & more"
    return document


def named() -> Document:
    """Return the red trace with a capability called `data`, and another called `specification`."""
    document = red()
    for spec, name in zip(document["specs"], ("data", "specification"), strict=True):
        spec["capability"] = name
    return document


HOSTILE: Final = "</script><script>globalThis.hacked = 1</script><img src=x onerror='hacked=2'>\"'><!--"
"""Text that runs where it is not escaped."""

REVERSED: Final = "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd \u2028\x00\ud800"
"""Text that hides what it says: a change of direction, a line separator, a NUL, half a character."""


def hostile() -> Document:
    """Return the red trace with every text that an input can hold replaced by one that attacks its reader."""
    document = red()
    long, address = f"{HOSTILE} {REVERSED} {'long' * 200}", HOSTILE.replace(" ", "/")
    for spec in document["specs"]:
        spec |= {"title": HOSTILE, "purpose": long, "path": long}
        for requirement in spec["requirements"]:
            requirement |= {"name": long, "text": long}
    for number, scenario in enumerate(document["scenarios"]):
        scenario["name"] = f"{number} {HOSTILE}"
        scenario["steps"] = [{"keyword": "WHEN", "text": long}, {"keyword": "THEN", "text": f"`{HOSTILE}`"}]
        scenario["problems"] = [problem | {"message": long} for problem in scenario["problems"]]
        scenario["tests"] = [test | {"id": long} for test in scenario["tests"]]
        if scenario["rule"]:
            scenario["rule"] |= {"page": f"{long} https://example.com/\"onclick='hacked=3'", "source": long}
    for context in document["contexts"]:
        context["name"] += HOSTILE
        context["values"] |= {_VPC: HOSTILE} if _VPC in context["values"] else {}
    for axis in document["axes"]:
        axis["values"] += [HOSTILE]
    for finding in document["findings"]:
        finding.update(dict.fromkeys(("message", "resource", "expected", "remedy", "command", "at", "path"), long))
        finding.update(found=HOSTILE, assuming=[long], minimal={HOSTILE: HOSTILE}, excerpt={HOSTILE: long})
        finding["context"] += HOSTILE
    document["orphans"] = [orphan | {"name": long, "message": long} for orphan in document["orphans"]]
    document["problems"] = [{"where": long, "message": long}]
    texts = dict.fromkeys(("scanner", "rule", "resource", "message"), long)
    alerts = [
        alert(1, [0, 1], [0], waivers=[long], help=f"http://{address}", **texts),
        alert(2, [0], [0], waivers=[long], help=f"https://example.com/\"onclick='hacked=4'{address}", **texts),
    ]
    document["scanned"] = {"scanners": [{"name": long, "version": long}], "alerts": alerts}
    document["summary"]["alerts"] = {"total": 2, "standing": 1}
    return document


def prod_with_vpc(values: Mapping[str, Any]) -> bool:
    """Tell whether a context's values say production within a VPC."""
    return values.get(_STAGE) == "prod" and values.get(_VPC) in {True, "true"}


def _fails_where(scenario: str, where: Callable[[Mapping[str, Any]], bool]) -> Callable[[str, Context], Outcome | None]:
    return lambda one, context: Outcome.NON_COMPLIANT if one == scenario and where(context.values) else None


def _with_failure(document: Document, scenario: str) -> Document:
    of = next(one for one in document["scenarios"] if one["id"] == scenario)
    _mark(of, "failing", f"{of['outcomes']['non-compliant']} verdicts are non-compliant")
    document["findings"].append(_finding(document, scenario, "dynamodb:DeleteTable"))
    return _summed_up(document, exit_code=1)


@cache
def _contexts(name: Matrix) -> tuple[Context, ...]:
    return tuple(matrix(name))


def _document(name: Matrix, fails: Callable[[str, Context], Outcome | None]) -> Document:
    contexts = _contexts(name)
    entries = load()
    ids = [entry.scenario.id for entry in entries]
    rows = [[_outcome(one, context, fails) for one in ids] for context in contexts]
    document = {
        "schema": "urn:worthwatch:storage-compliance:trace:1",
        "specs": [
            {
                "capability": spec.capability,
                "title": spec.title,
                "purpose": spec.purpose,
                "path": f"specs/{spec.capability}/spec.md",
                "requirements": [
                    {
                        "id": f"{spec.capability}#{requirement.scenarios[0].requirement_slug}",
                        "name": requirement.name,
                        "text": requirement.text,
                        "line": requirement.line,
                        "scenarios": [scenario.id for scenario in requirement.scenarios],
                    }
                    for requirement in spec.requirements
                ],
            }
            for spec in read_specs(_ROOT / "specs")
        ],
        "scenarios": [
            {
                "id": entry.scenario.id,
                "name": entry.scenario.name,
                "line": entry.scenario.line,
                "steps": [{"keyword": step.keyword, "text": step.text} for step in entry.scenario.steps],
                "state": "covered",
                "problems": [],
                "fingerprint": _fingerprint(entry.scenario.id),
                "reviewed": _fingerprint(entry.scenario.id),
                "rule": {
                    "name": f"{entry.rule.check.__module__}.{entry.rule.check.__name__}",
                    "path": f"{entry.rule.check.__module__.replace('.', '/')}.py",
                    "line": inspect.getsourcelines(entry.rule.check)[1],
                    "source": inspect.getsource(entry.rule.check),
                    "page": entry.page,
                },
                "tests": [_test(entry.scenario.requirement_slug, entry.scenario.slug, name) for name in _TESTS],
                "outcomes": _counts(row[place] for row in rows),
                "mutants": None,
            }
            for place, entry in enumerate(entries)
        ],
        "orphans": [],
        "contexts": [
            {
                "name": context.name,
                "values": dict(context.values),
                "account": context.account,
                "region": context.region,
                "refused": sorted(context.refused),
                "template": None if context.refused else _digest(context.name),
                "outcomes": row,
            }
            for context, row in zip(contexts, rows, strict=True)
        ],
        "axes": _axes(contexts),
        "findings": [],
        "scanned": {"scanners": [], "alerts": []},
        "proof": {"state": "not-run"},
        "problems": [],
        "judged": {"gate": True, "tests": True},
        "summary": {},
    }
    return _summed_up(document, exit_code=0)


_TESTS = ("accepts", "rejects", "does_not_apply")


def _test(requirement: str, scenario: str, name: str) -> Document:
    path = f"tests/policies/test_{requirement.replace('-', '_')}.py"
    cases = {"passed": len(name), "failed": 0, "skipped": 0, "error": 0}
    return {"id": f"{path}::test_{scenario.replace('-', '_')}_{name}", "path": path, "line": 40, "cases": cases}


def _outcome(scenario: str, context: Context, fails: Callable[[str, Context], Outcome | None]) -> str | None:
    if context.refused:
        return "compliant" if scenario == CONTEXT_VALIDATION else None
    if scenario == CONTEXT_VALIDATION:
        return "not-applicable"
    production = scenario.startswith("storage-hardening#production-protection/")
    if production and context.values.get(_STAGE) != "prod":
        return "not-applicable"
    return str(fails(scenario, context) or Outcome.COMPLIANT)


def _axes(contexts: Sequence[Context]) -> list[Document]:
    found: dict[str, dict[str, object]] = {}
    for context in contexts:
        for key, value in context.values.items():
            found.setdefault(key, {}).setdefault(repr(value), value)
    return [{"key": key, "values": list(values.values())} for key, values in found.items()]


def _finding(document: Document, scenario: str, action: str) -> Document:
    column = [one["id"] for one in document["scenarios"]].index(scenario)
    places = [at for at, each in enumerate(document["contexts"]) if each["outcomes"][column] == "non-compliant"]
    first = document["contexts"][places[0]]
    path = "$.Resources.HandlerPolicy.Properties.PolicyDocument.Statement[1].Action"
    minimal = {key: first["values"][key] for key in (_STAGE, _VPC) if key in first["values"]}
    words = ["npx", "aws-cdk@2", "synth", *(f"-c {key}={str(value).lower()}" for key, value in minimal.items())]
    statements: list[Document] = [
        {"Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Effect": "Allow", "Resource": "*"},
        {
            "Action": ["dynamodb:GetItem", action],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": ["Table", "Arn"]},
        },
    ]
    return {
        "scenario": scenario,
        "outcome": "non-compliant",
        "template": first["template"],
        "context": first["name"],
        "contexts": places,
        "resource": "Table",
        "path": path,
        "found": statements[1]["Action"],
        "expected": "what the scenario names, and no more",
        "message": f"the role of Handler is wrong about `{action}` on the table",
        "remedy": "pass table_permissions='ReadWrite'; see https://docs.aws.amazon.com/solutions/.",
        "assuming": ["IsProd is true"],
        "minimal": minimal,
        "command": " ".join(shlex.quote(word) if "*" in word else word for word in words),
        "excerpt": {
            "Type": "AWS::IAM::Policy",
            "Properties": {"PolicyDocument": {"Statement": statements, "Version": "2012-10-17"}, "Roles": []},
        },
        "at": "$.Resources.HandlerPolicy",
        "waiver": None,
    }


def _mark(scenario: Document, kind: str, message: str) -> None:
    scenario["problems"].append({"kind": kind, "message": message})
    scenario["state"] = min((problem["kind"] for problem in scenario["problems"]), key=STATES.index)


def _summed_up(document: Document, *, exit_code: int) -> Document:
    states = Counter(scenario["state"] for scenario in document["scenarios"])
    outcomes: Counter[str] = sum((Counter(one["outcomes"] or {}) for one in document["scenarios"]), Counter())
    alerts = document["scanned"]["alerts"]
    document["summary"] = {
        "scenarios": len(document["scenarios"]),
        "states": {state: states[state] for state in STATES},
        "orphans": len(document["orphans"]),
        "contexts": len(document["contexts"]),
        "templates": len({context["template"] for context in document["contexts"]} - {None}),
        "outcomes": {str(outcome): outcomes[str(outcome)] for outcome in Outcome},
        "alerts": {
            "total": len(alerts),
            "standing": sum(len(alert["waived"]) < len(alert["contexts"]) for alert in alerts),
        },
        "exit_code": exit_code,
    }
    return deepcopy(document)


def _counts(outcomes: Iterable[str | None]) -> dict[str, int]:
    counts = Counter(outcomes)
    return {str(outcome): counts[str(outcome)] for outcome in Outcome}


def _fingerprint(scenario: str) -> dict[str, str]:
    return {"requirement": _digest(scenario.partition("/")[0]), "scenario": _digest(scenario)}


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
