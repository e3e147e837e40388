"""Whatever is done to a good log, it is read or refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from policies.reading import InputError
from scanners.coverage import shortcomings
from scanners.model import Scan
from scanners.sarif import read_sarif
from tests.scanners.logs import CANARY, REAL, A, Json, at, log, result, run

FULL: Json = log(
    run(
        result(
            ruleIndex=0,
            rule={"id": "R", "index": 0, "guid": "ab", "toolComponent": {"index": -1, "guid": "d0"}},
            kind="fail",
            level="error",
            message={"id": "m", "arguments": ["x"]},
            locations=[at(f"{A}.template.json", index=0)[0] | {"logicalLocations": [{"index": 0}]}],
            provenance={"invocationIndex": 0},
            baselineState="new",
        ),
        result(CANARY, message={"text": "{0}{{", "arguments": ["y"]}),
        driver={
            "guid": "d0",
            "rules": [{"id": "R", "guid": "ab", "messageStrings": {"m": {"text": "{0}"}}}],
            "notifications": [{"id": "N", "defaultConfiguration": {"level": "error"}}],
            "globalMessageStrings": {"g": {"text": "t"}},
        },
        artifacts=[{"location": {"uri": f"{A}.template.json"}, "hashes": {"sha-256": A}, "roles": ["analysisTarget"]}],
        logicalLocations=[{"fullyQualifiedName": "Stack/Table"}],
        invocations=[
            {
                "executionSuccessful": False,
                "exitCode": 1,
                "toolExecutionNotifications": [{"descriptor": {"index": 0}, "message": {"id": "g"}}],
                "ruleConfigurationOverrides": [{"descriptor": {"index": 0}, "configuration": {"level": "note"}}],
            }
        ],
        conversion={"tool": {"driver": {"name": "c"}}, "invocation": {"executionSuccessful": True}},
    )
)

LOGS = [*REAL.values(), FULL]
NASTY: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 7, 2**31, 2**70, -(2**70), 1.5, 1e308, [], {}, [None], {"": None}]),
    st.sampled_from(["", "{0}", "{9}{{{", "R/R", "none", "pass", "open", "%", "%ff", "\\", "//", "\x00", "\U0001f600"]),
    st.sampled_from([f"{A}.template.json", f"{CANARY}.template.json", "http://[", "2.1.0"]),
    st.text(max_size=5),
)


def ways(value: object) -> Iterator[tuple[Any, Any]]:
    """Return each container of a document with each of its keys or indexes."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from ways(value[key])


def told(document: bytes) -> tuple[Scan, ...] | str:
    """Return what a log is read as, or why it is refused."""
    path = Path("log.sarif")
    path.write_bytes(document)
    try:
        return read_sarif(path)
    except InputError as error:
        return str(error)


quiet = hypothesis.settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)


def test_logs_are_good() -> None:
    """What is mutated is read before."""
    assert all(isinstance(told(json.dumps(one).encode()), tuple) for one in LOGS)


@quiet
@given(st.data(), st.sampled_from(LOGS), st.integers(1, 3))
def test_values(data: st.DataObject, original: Json, times: int) -> None:
    """Any value of it may be missing, be another, or stand twice; what is read can be held to templates."""
    document = copy.deepcopy(original)
    for _ in range(times):
        container, key = data.draw(st.sampled_from([*ways(document)] or [(document, "runs")]))
        match data.draw(st.sampled_from(["drop", "change", "repeat"])):
            case "drop":
                container.pop(key, None) if isinstance(container, dict) else container.pop(key)
            case "repeat" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case _:
                container[key] = data.draw(NASTY)
    scans = told(json.dumps(document).encode())
    if not isinstance(scans, str):
        assert all(isinstance(why, str) and why.isprintable() for one in scans for why in shortcomings(one, [A]))
        assert all(scan.name and finding.rule for scan in scans for finding in scan.findings)
        assert scans == told(json.dumps(document, ensure_ascii=False, indent=1).encode())


@quiet
@given(st.data(), st.sampled_from(LOGS))
def test_bytes(data: st.DataObject, original: Json) -> None:
    """Any bytes of it may be gone, or be others."""
    document = json.dumps(original).encode()
    start = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(start, min(len(document), start + 20)))
    scans = told(document[:start] + data.draw(st.binary(max_size=4)) + document[end:])
    assert isinstance(scans, tuple) or scans.startswith("log.sarif: ")
