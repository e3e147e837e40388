"""SARIF logs: the findings of scanners that there are, and what the standard says of each part of a log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanners.canary import canary
from scanners.model import Level
from scanners.sarif import read_sarif
from tests.scanners.logs import (
    CANARY,
    CFN_GUARD,
    CFN_LINT,
    CHECKOV,
    KICS,
    TRIVY,
    A,
    B,
    C,
    Json,
    at,
    finding,
    log,
    read,
    read_run,
    result,
    run,
    scan,
)


def test_cfn_lint() -> None:
    """Warnings have no level of their own, rules are told by id alone; the canary's finding is in no list."""
    told = finding(
        scanner="cfn-lint",
        rule="W2001",
        message="Parameter Unused not used.",
        line=2,
        column=17,
        end_line=2,
        end_column=25,
    )
    assert read(CFN_LINT) == (scan(told, name="cfn-lint", version="1.58.0", canaries={CANARY: frozenset({"E3030"})}),)


def test_checkov() -> None:
    """What the scanner suppresses is a finding like any other: only our own waivers waive."""
    told = finding(
        scanner="checkov",
        rule="CKV_AWS_28",
        level=Level.ERROR,
        message="Ensure DynamoDB point in time recovery (backup) is enabled",
        line=6,
        end_line=9,
    )
    suppressed = finding(
        B, scanner="checkov", rule=told.rule, level=Level.WARNING, message=told.message, line=6, end_line=6
    )
    assert read(CHECKOV) == (scan(told, suppressed, name="checkov", version="3.3.30"),)


def test_trivy() -> None:
    """Paths are relative to the folder that was scanned, whose name is not needed."""
    told = finding(
        scanner="trivy",
        rule="AVD-AWS-0024",
        message=f"Artifact: {A}.template.json\nMessage: Point-in-time recovery is not enabled.",
        line=6,
        column=1,
        end_line=20,
        end_column=1,
        help_uri="https://avd.aquasec.com/misconfig/avd-aws-0024",
    )
    assert read(TRIVY) == (scan(told, name="trivy", version="0.58.1"),)


def test_kics() -> None:
    """A finding may be of level none, by its rule; taxonomies are passed over."""
    told = finding(
        scanner="kics",
        rule="0f04217d-488f-4e7a-bec8-f16159686cd6",
        level=Level.NONE,
        message="It is not enabled",
        line=7,
        end_line=7,
        help_uri="https://docs.kics.io/latest/queries/",
    )
    assert read(KICS) == (scan(told, name="kics", version="v2.1.7"),)


def test_cfn_guard() -> None:
    """Its artifacts are those that fail, so they do not tell what was read; the JSON that it cites stays as it is."""
    told = finding(
        scanner="cfn-guard",
        rule="dynamodb.guard/default",
        level=Level.ERROR,
        message='property [X] is missing. Value [Path=/Resources/T[L:5,C:4] Value={"Type":"T","Properties":'
        '{"A":{"B":1}}}]. ',
        line=5,
        column=4,
        end_line=5,
    )
    assert read(CFN_GUARD) == (
        scan(told, name="cfn-guard", version="3.2.1", canaries={CANARY: frozenset({"dynamodb.guard/default"})}),
    )


def test_runs() -> None:
    """Each run is a scan, also of the same scanner; its name is brought into one form."""
    runs = [run(driver={"name": name, "version": "1"}) for name in ("AWS  Config (v2)", "one", "one")]
    names = ["aws-config-v2", "one", "one"]
    assert read(log(*runs)) == tuple(scan(name=name, version="1") for name in names)


def test_version() -> None:
    """The semantic version goes before the version."""
    assert read_run(run(driver={"version": "1.0-beta", "semanticVersion": "1.0.0"})) == scan(version="1.0.0")


def test_byte_order_mark() -> None:
    """A byte order mark of UTF-8 is none of the log's text."""
    path = Path("log.sarif")
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(log(run(result()))).encode())
    assert read_sarif(path) == (scan(finding()),)


def test_null() -> None:
    """What some writers spell as null is absent."""
    empty = dict.fromkeys(
        ("invocations", "artifacts", "logicalLocations", "conversion", "externalPropertyFileReferences")
    )
    driver = dict.fromkeys(("rules", "notifications", "globalMessageStrings", "version", "guid"))
    told = result(level=None, kind=None, rule=None, ruleIndex=None, baselineState=None, analysisTarget=None)
    assert read_run(run(told, driver=driver, **empty)) == scan(finding())


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"level": "note"}, Level.NOTE),
        ({"level": "none"}, Level.NONE),
        ({"kind": "fail"}, Level.WARNING),
        ({"kind": "open"}, Level.NONE),
        ({"kind": "review", "level": "none"}, Level.NONE),
        ({"kind": "pass", "level": "none"}, None),
        ({"kind": "notApplicable"}, None),
        ({"kind": "informational"}, None),
        ({"baselineState": "absent", "level": "error"}, None),
        ({"baselineState": "unchanged"}, Level.WARNING),
        ({"baselineState": "new"}, Level.WARNING),
        ({"baselineState": "updated"}, Level.WARNING),
        ({"ruleIndex": 0}, Level.ERROR),
        ({"ruleIndex": -1}, Level.WARNING),
        ({"ruleIndex": 0, "level": "note"}, Level.NOTE),
        ({"ruleIndex": 0, "kind": "open"}, Level.NONE),
        ({"ruleIndex": 0, "provenance": {"invocationIndex": 0}}, Level.NOTE),
        ({"ruleIndex": 0, "provenance": {"invocationIndex": 1}}, Level.ERROR),
        ({"ruleIndex": 0, "provenance": {"invocationIndex": -1}}, Level.ERROR),
        ({"ruleIndex": 0, "provenance": {"invocationIndex": 0}, "level": "error"}, Level.ERROR),
    ],
    ids=json.dumps,
)
def test_level(changed: Json, level: Level | None) -> None:
    """The result's level goes before an override of its run, that before the rule's; what is no failure has none."""
    rules = [{"id": "R", "defaultConfiguration": {"level": "error"}}, {"id": "R"}]
    overrides = [
        {"descriptor": {"id": "Unknown"}, "configuration": {"level": "none"}},
        {"descriptor": {"index": 0}, "configuration": {"enabled": True}},
        {"descriptor": {"index": 0}, "configuration": {"level": "note"}},
        {"descriptor": {"index": 0}, "configuration": {"level": "none"}},
    ]
    invocations = [
        {"executionSuccessful": True, "ruleConfigurationOverrides": overrides},
        {"executionSuccessful": True},
    ]
    told = read_run(run(result(**changed), driver={"rules": rules}, invocations=invocations))
    assert told == (scan() if level is None else scan(finding(level=level)))


TOOL = {
    "driver": {
        "name": "one",
        "guid": "D0",
        "rules": [{"id": "R", "helpUri": "https://r"}, {"id": "R/a", "guid": "AB", "helpUri": "https://r/a"}],
    },
    "extensions": [
        {"name": "more", "guid": "e0", "rules": [{"id": "R", "helpUri": "https://more"}]},
        {
            "name": "most",
            "rules": [{"id": "S", "helpUri": "https://s"}, {"id": "T"}, {"id": "T", "helpUri": "https://t"}],
        },
    ],
}


@pytest.mark.parametrize(
    ("told", "rule", "help_uri"),
    [
        ({"ruleId": "R"}, "R", "https://r"),
        ({"ruleIndex": 1}, "R/a", "https://r/a"),
        ({"ruleId": "R/b", "ruleIndex": 0}, "R/b", "https://r"),
        ({"ruleId": "R/b"}, "R/b", "https://r"),
        ({"ruleId": "R/a"}, "R/a", "https://r/a"),
        ({"ruleId": "R/a/b"}, "R/a/b", "https://r/a"),
        ({"ruleId": "Rb"}, "Rb", None),
        ({"rule": {"id": "R"}}, "R", "https://r"),
        ({"rule": {"index": 1}}, "R/a", "https://r/a"),
        ({"rule": {"guid": "ab"}}, "R/a", "https://r/a"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "R", "https://more"),
        ({"rule": {"toolComponent": {"index": 0}}, "ruleIndex": 0}, "R", "https://more"),
        ({"rule": {"toolComponent": {"guid": "E0"}}, "ruleId": "R"}, "R", "https://more"),
        ({"rule": {"toolComponent": {"guid": "d0"}}, "ruleId": "R"}, "R", "https://r"),
        ({"rule": {"toolComponent": {"name": "more"}}, "ruleId": "R"}, "R", "https://r"),
        ({"rule": {"id": "R", "index": 0}, "ruleId": "R", "ruleIndex": 0}, "R", "https://r"),
        ({"ruleId": "S"}, "S", "https://s"),
        ({"ruleId": "T"}, "T", None),
        ({"ruleId": "Unknown"}, "Unknown", None),
    ],
    ids=json.dumps,
)
def test_rule(told: Json, rule: str, help_uri: str | None) -> None:
    """A rule is told by id, by index or by guid, in the driver or in an extension; ids have components."""
    one = {key: value for key, value in result().items() if key != "ruleId"} | told
    assert read_run(run(one, tool=TOOL)) == scan(finding(rule=rule, help_uri=help_uri))


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "file:///etc/passwd", "https://a b", "rules.md"])
def test_help_uri(link: str) -> None:
    """A link that leads to no page is none."""
    assert read_run(run(result(), driver={"rules": [{"id": "R", "helpUri": link}]})) == scan(finding())


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "plain", "markdown": "**bold**"}, "plain"),
        ({"text": ""}, ""),
        ({"text": "plain", "id": "own"}, "plain"),
        ({"text": "{0} and {1} and {0}", "arguments": ["a", "{1}"]}, "a and {1} and a"),
        ({"text": "{{0}} {0} {{{0}}}", "arguments": ["a"]}, "{0} a {a}"),
        ({"text": "{2} {0}", "arguments": ["a"]}, "{2} a"),
        ({"text": "{ {0} }", "arguments": ["a"]}, "{ a }"),
        ({"text": "{{doubled}}"}, "{doubled}"),
        ({"text": '{"A":{"B":{"C":{}}}}'}, '{"A":{"B":{"C":{}}}}'),
        ({"text": "{0}"}, "{0}"),
        ({"text": "{0,64} {x}", "arguments": ["a"]}, "{0,64} {x}"),
        ({"text": "[here](1)"}, "[here](1)"),
        ({"id": "own", "arguments": ["a"]}, "own a"),
        ({"id": "both"}, "the rule's"),
        ({"id": "all"}, "everyone's"),
    ],
    ids=json.dumps,
)
def test_message(message: Json, text: str) -> None:
    """Messages are plain text; those by id are the rule's, or the tool's; placeholders are filled."""
    driver = {
        "rules": [{"id": "R", "messageStrings": {"own": {"text": "own {0}"}, "both": {"text": "the rule's"}}}],
        "globalMessageStrings": {"both": {"text": "the tool's"}, "all": {"text": "everyone's"}},
    }
    assert read_run(run(result(message=message), driver=driver)) == scan(finding(message=text))


def test_message_of_extension() -> None:
    """The message of an extension's rule is the extension's."""
    extension = {"name": "x", "rules": [{"id": "X"}], "globalMessageStrings": {"m": {"text": "the extension's"}}}
    tool = {"driver": {"name": "one"}, "extensions": [extension]}
    told = result(ruleId="X", rule={"index": 0, "toolComponent": {"index": 0}}, message={"id": "m"})
    assert read_run(run(told, tool=tool)) == scan(finding(rule="X", message="the extension's"))


@pytest.mark.parametrize(
    "uri",
    [
        f"{A}.template.json",
        f"./out//templates/{A}.template.json",
        f"../{A}.template.json",
        f"/{A}.template.json",
        f"file:///src/a%20b/{A}.template.json",
        f"file:///C:/src/{A}.template.json",
        f"out\\templates\\{A}.template.json",
        f"C:\\out\\{A}.template.json",
        f"out%5Ctemplates%2F{A}%2Etemplate.json",
        f"wei#rd?/{A}.template.json",
        f"%ff%zz%/{A}.template.json",
    ],
)
def test_uri(uri: str) -> None:
    """A file's name tells which template it is, wherever the scanner found it."""
    told = result(locations=at(uri, uriBaseId="ROOT"))
    assert read_run(run(told, originalUriBaseIds={"ROOT": {"uri": "file:///src/"}})) == scan(finding())


TARGET = ["analysisTarget"]


def test_artifacts() -> None:
    """An artifact is told by index, by uri or by both; one of another name by its hash."""
    artifacts: list[Json] = [
        {"location": {"uri": f"t/{A}.template.json"}, "hashes": {"sha-256": A.upper(), "md5": "0"}, "roles": TARGET},
        {"location": {"uri": "mine.json", "uriBaseId": "ROOT"}, "hashes": {"SHA-256": B}},
        {"location": {"uri": "rules.rego"}, "hashes": {"sha-256": C}, "roles": ["policy"]},
        {"location": {"uri": f"t/{C}.template.json"}},
        {"description": {"text": "without location"}},
    ]
    results = [
        result(locations=[{"physicalLocation": {"artifactLocation": {"index": 0}}}]),
        result(locations=at(f"{A}.template.json", index=0), message={"text": "both"}),
        result(locations=at("mine.json", index=1)),
        result(locations=at("mine.json", uriBaseId="ROOT"), message={"text": "by uri"}),
        result(locations=at(f"{C}.template.json", index=-1)),
    ]
    findings = [finding(), finding(message="both"), finding(B), finding(B, message="by uri"), finding(C)]
    assert read_run(run(*results, artifacts=artifacts)) == scan(*findings, templates=frozenset({A, B, C}))


@pytest.mark.parametrize(
    ("results", "roles", "told"),
    [
        ([], [], {A, B}),
        ([result(CANARY), result(A)], [], {A, B}),
        ([result(CANARY), result(A), result(B)], [], None),
        ([result(CANARY), result(A), result(B, kind="pass")], [], None),
        ([result(CANARY), result(A), result(B)], TARGET, {A, B}),
        ([result(A), result(B)], [], None),
        ([result(CANARY), result(A)], ["attachment"], None),
        ([result(CANARY), result(A)], ["resultFile"], {A, B}),
    ],
)
def test_templates(results: list[Json], roles: list[str], told: set[str] | None) -> None:
    """Artifacts that are nothing but those with results do not tell what was read."""
    names = (A, B, CANARY)
    artifacts = [{"location": {"uri": f"{name}.template.json"}, "roles": roles} for name in names]
    artifacts.append({"location": {"uri": "templates/"}, "roles": ["analysisTarget", "directory"]})
    read_templates = read_run(run(*results, artifacts=artifacts)).templates
    assert read_templates == (None if told is None else frozenset(told))


@pytest.mark.parametrize("role", ["attachment", "referencedOnCommandLine", "deleted", "userSpecifiedConfiguration"])
def test_what_was_not_to_be_analysed(role: str) -> None:
    """Where a run says of some artifacts that they were to be analysed, the others were not, unless it has results."""
    roles: dict[str, list[str]] = {A: TARGET, B: [role], C: [], CANARY: TARGET}
    artifacts: list[Json] = [
        {"location": {"uri": f"{name}.template.json"}, "roles": given} for name, given in roles.items()
    ]
    assert read_run(run(result(CANARY), artifacts=artifacts)).templates == frozenset({A})
    assert read_run(run(result(CANARY), result(C), artifacts=artifacts)).templates == frozenset({A, C})


SUNG = {CANARY: frozenset({"R"})}


def test_canary_alone() -> None:
    """A scanner that was told to read nothing but the canary has read no template; one that lists it tells nothing."""
    listed: Json = {"location": {"uri": f"{CANARY}.template.json"}}
    target = listed | {"roles": TARGET}
    assert read_run(run(result(CANARY), artifacts=[target])) == scan(canaries=SUNG, templates=frozenset())
    assert read_run(run(result(CANARY), artifacts=[listed])) == scan(canaries=SUNG)


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ({"startLine": 3}, {"line": 3, "end_line": 3}),
        ({"startLine": 3.0}, {"line": 3, "end_line": 3}),
        ({"startLine": 3, "startColumn": 4}, {"line": 3, "column": 4, "end_line": 3}),
        ({"startLine": 3, "endLine": 5, "endColumn": 1}, {"line": 3, "end_line": 5, "end_column": 1}),
        ({"startLine": 3, "startColumn": 4, "endColumn": 4}, {"line": 3, "column": 4, "end_line": 3, "end_column": 4}),
        ({"charOffset": 30, "charLength": 4}, {"vague": True}),
        ({"byteOffset": 30, "endLine": 4}, {"vague": True}),
        ({}, {"vague": True}),
    ],
    ids=json.dumps,
)
def test_region(region: Json, told: Json) -> None:
    """A region without a line tells a place that we do not read; one without an end is of its line."""
    location = {"physicalLocation": {"artifactLocation": {"uri": f"{A}.template.json"}, "region": region}}
    assert read_run(run(result(locations=[location]))) == scan(finding(**told))


@pytest.mark.parametrize(
    ("logical", "told"),
    [
        (
            [{"fullyQualifiedName": "Stack/Table/Resource", "name": "Table", "kind": "resource"}],
            {"logical": "Stack/Table/Resource"},
        ),
        ([{"fullyQualifiedName": "First"}, {"fullyQualifiedName": "Second"}], {"logical": "First", "vague": True}),
        ([{"fullyQualifiedName": "Listed"}, {"index": 1}, {"name": "Table"}], {"logical": "Listed"}),
        ([{"index": 0}, {"index": 1}], {"logical": "Listed"}),
        ([{"index": 1}], {"logical": "Listed"}),
        ([{"index": 0}], {}),
        ([{"name": "Table"}], {}),
        ([{"name": "Table", "kind": "resource"}], {"logical": "Table"}),
        ([{"name": "Table", "kind": "property"}], {}),
        ([{"index": 2}], {"logical": "Queue"}),
        ([{"fullyQualifiedName": ""}], {}),
        ([], {}),
    ],
    ids=json.dumps,
)
def test_logical(logical: list[Json], told: Json) -> None:
    """A logical location is told in full, or by its place among the run's; by several names it is vague."""
    location = at(f"{A}.template.json")[0] | {"logicalLocations": logical}
    listed = [{"name": "unnamed"}, {"fullyQualifiedName": "Listed"}, {"name": "Queue", "kind": "resource"}]
    one = run(result(locations=[location]), logicalLocations=listed)
    assert read_run(one) == scan(finding(**told))


def test_locations() -> None:
    """A result at several places is a finding at each; one at none is about what was analysed, or no template."""
    results = [
        result(locations=[*at(f"{A}.template.json"), *at(f"{B}.template.json")]),
        result(locations=[], analysisTarget={"uri": f"{C}.template.json"}),
        result(locations=[{"logicalLocations": [{"fullyQualifiedName": "X"}]}]),
        result(locations=[]),
    ]
    findings = [finding(A), finding(B), finding(C), finding(None, logical="X"), finding(None)]
    assert read_run(run(*results)) == scan(*findings)


def test_equal_findings() -> None:
    """Of equal findings one is kept, in the place of the first."""
    results = [result(), result(B), result(), result(level="warning")]
    assert read_run(run(*results)) == scan(finding(), finding(B))


def test_canary() -> None:
    """The canary counts when something was found in it, not when it passed, or is only listed."""
    listed = [{"location": {"uri": f"{CANARY}.template.json"}}]
    assert read_run(run(result(CANARY))) == scan(canaries=SUNG)
    assert read_run(run(result(CANARY, kind="pass"), artifacts=listed)) == scan()


def test_canaries() -> None:
    """Each rule that was found violated is told once, by the canary: those of other templates have other names."""
    other = canary([A, B])
    results = [result(other), result(CANARY), result(CANARY, ruleId="S"), result(CANARY, kind="open", ruleId="T")]
    sung = {CANARY: frozenset({"R", "S", "T"}), other: frozenset({"R"})}
    assert read_run(run(*results, result(CANARY, message={"text": "again"}))) == scan(canaries=sung)


OK = {"executionSuccessful": True}


@pytest.mark.parametrize(
    ("changed", "failures"),
    [
        ({}, ()),
        ({"invocations": []}, ()),
        ({"invocations": [OK | {"exitCode": 1, "exitCodeDescription": "found something"}]}, ()),
        ({"invocations": [{"executionSuccessful": False}]}, ("it did not succeed",)),
        (
            {
                "invocations": [
                    OK,
                    {"executionSuccessful": False, "exitCode": 2, "exitCodeDescription": "bad\nflag\x1b"},
                ]
            },
            ("it did not succeed with exit code 2: bad flag\\x1b",),
        ),
        ({"invocations": [OK | {"exitSignalNumber": 9}]}, ("it was ended by the signal 9",)),
        ({"invocations": [OK | {"exitSignalName": "SIGKILL"}]}, ("it was ended by the signal SIGKILL",)),
        ({"invocations": [OK | {"processStartFailureMessage": "no"}]}, ("it was not started: no",)),
        (
            {"invocations": [{"executionSuccessful": False, "exitSignalNumber": 11, "exitSignalName": "SIGSEGV"}]},
            ("it was ended by the signal SIGSEGV", "it did not succeed"),
        ),
        (
            {
                "results": None,
                "invocations": [{"executionSuccessful": False, "processStartFailureMessage": "not found"}],
            },
            (
                "it has not begun to look: its run has no results, not even none",
                "it was not started: not found",
                "it did not succeed",
            ),
        ),
        (
            {"conversion": {"tool": {"driver": {"name": "c"}}, "invocation": {"executionSuccessful": False}}},
            ("what wrote its log failed: it did not succeed",),
        ),
        ({"conversion": {"tool": {"driver": {"name": "c"}}}}, ()),
    ],
    ids=json.dumps,
)
def test_failures(changed: Json, failures: tuple[str, ...]) -> None:
    """A scanner that says that it failed is believed, whatever else it says."""
    assert read_run(run(**changed)) == scan(failures=failures)


def test_results_are_absent() -> None:
    """A run that does not even say that it found nothing has not begun."""
    told = scan(failures=("it has not begun to look: its run has no results, not even none",))
    assert read_run({"tool": {"driver": {"name": "one"}}}) == told


@pytest.mark.parametrize(
    ("notification", "failure"),
    [
        ({"level": "error", "message": {"text": "crashed on {0}", "arguments": ["a"]}}, "crashed on a"),
        ({"level": "error", "message": {"text": "x" * 600}}, "x" * 497 + "..."),
        ({"level": "warning", "message": {"text": "m"}, "exception": {"kind": "E"}}, "m"),
        ({"message": {"text": "m"}}, None),
        ({"message": {"id": "said"}, "descriptor": {"index": 0}}, "by the tool"),
        ({"message": {"text": "m"}, "descriptor": {"id": "N"}}, "m"),
        ({"message": {"text": "m"}, "descriptor": {"id": "O", "index": 1}}, "m"),
        ({"message": {"text": "m"}, "level": "note", "descriptor": {"id": "N"}}, None),
        ({"message": {"text": "m"}, "descriptor": {"id": "R"}}, None),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("kind", ["toolExecutionNotifications", "toolConfigurationNotifications"])
def test_notifications(kind: str, notification: Json, failure: str | None) -> None:
    """One of level error, by itself, by an override or by its kind, or of an exception, is a failure, told once."""
    driver = {
        "rules": [{"id": "R", "defaultConfiguration": {"level": "error"}}],
        "notifications": [
            {
                "id": "N",
                "defaultConfiguration": {"level": "error"},
                "messageStrings": {"said": {"text": "by the tool"}},
            },
            {"id": "O"},
        ],
    }
    override = {"descriptor": {"id": "O"}, "configuration": {"level": "error"}}
    invocation = OK | {kind: [notification, notification], "notificationConfigurationOverrides": [override]}
    failures = () if failure is None else (f"it reports an error: {failure}",)
    assert read_run(run(driver=driver, invocations=[invocation])) == scan(failures=failures)


@pytest.mark.parametrize(
    ("locations", "told"),
    [
        (at(f"{A}.template.json"), {"unread": {A: "it reports an error: crashed"}}),
        (
            [*at(f"{A}.template.json"), *at(f"templates/{B}.template.json")],
            {"unread": dict.fromkeys((A, B), "it reports an error: crashed")},
        ),
        ([*at(f"{A}.template.json"), *at("rules.rego")], {"failures": ("it reports an error: crashed",)}),
        (at(f"{CANARY}.template.json"), {"failures": ("it reports an error: crashed",)}),
        ([{"logicalLocations": [{"fullyQualifiedName": "X"}]}], {"failures": ("it reports an error: crashed",)}),
        ([], {"failures": ("it reports an error: crashed",)}),
    ],
    ids=["one", "several", "elsewhere-as-well", "canary", "no-file", "none"],
)
def test_failures_at_templates(locations: list[Json], told: Json) -> None:
    """An error that is reported at templates of ours, and nowhere else, is told of these alone."""
    notification = {"level": "error", "message": {"text": "crashed"}, "locations": locations}
    assert read_run(run(invocations=[OK | {"toolExecutionNotifications": [notification]}])) == scan(**told)
    conversion = {"tool": {"driver": {"name": "c"}}, "invocation": OK | {"toolExecutionNotifications": [notification]}}
    wrote = "what wrote its log failed: it reports an error: crashed"
    assert read_run(run(conversion=conversion)) == scan(failures=(wrote,))
